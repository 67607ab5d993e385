"""Rules and filters one after the other over a single row, to see what each one did.

A build runs them as one plan over everything; here each is run alone, so the row can be looked at
in between. Called by `tvarr.pipeline.explain` and `tvarr.pipeline.airing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from tvarr.expression import canonical, plan
from tvarr.expression.fields import fields
from tvarr.expression.language import Verb
from tvarr.pipeline.story import Change, FilterTold, RuleTold, Steps, discreet

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from tvarr.expression.fields import Domain
    from tvarr.expression.sentence import Sentence
    from tvarr.pipeline.build import BuildInput
    from tvarr.spec.sentences import Step

NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for the time of a build where none is known."""


@dataclass(frozen=True, eq=False)
class Retold:
    """One row's way through the steps of a build."""

    steps: Steps
    row: pl.DataFrame
    """The field frame of the row as the rules leave it."""
    setters: Mapping[str, str]
    """For each field that rules have set, be it to what it was, the last one's name."""


def retell(row: pl.DataFrame, build: BuildInput, domain: Domain) -> Retold:
    """Run the steps of `domain` over the field frame of one row, one by one."""
    steps = [step for step in build.steps if step.domain is domain]
    rules: list[RuleTold] = []
    setters: dict[str, str] = {}
    for step in steps:
        if step.verdict == "rule":
            sentence, matched, after = _run(step, row, build)
            if matched:
                text = discreet(canonical.print_sentence(sentence))
                changes = _changes(row, after, domain)
                rules.append(RuleTold(step.name, text, changes))
                setters |= dict.fromkeys(_set_by(sentence, changes), step.name)
            row = after
    filters = _verdicts([step for step in steps if step.verdict != "rule"], row, build)
    unmatched = sum(step.verdict == "rule" for step in steps) - len(rules)
    kept = filters[-1].kept if filters else True
    return Retold(Steps(tuple(rules), unmatched, filters, kept), row, setters)


def text_of(row: pl.DataFrame, field: str) -> str:
    """Return the text of a field of the one row; missing is empty."""
    text = row[field].item()
    return str(text) if text is not None else ""


def _run(step: Step, row: pl.DataFrame, build: BuildInput) -> tuple[Sentence, bool, pl.DataFrame]:
    """Return the sentence, whether it applied, and the row after it."""
    logos = dict(build.logos)
    sentence = step.sentence(logos.keys())
    after = plan.apply(row.lazy(), [sentence], build.now or NO_TIME, logos).collect()
    return sentence, after[plan.matched(0)].item(), after.select(row.columns)


def _verdicts(steps: list[Step], row: pl.DataFrame, build: BuildInput) -> tuple[FilterTold, ...]:
    """Work down the list: it starts with everything unless it begins with an `include`."""
    told: list[FilterTold] = []
    kept = not steps or steps[0].verdict == "exclude"
    for step in steps:
        sentence, matched, _ = _run(step, row, build)
        if matched:
            kept = step.verdict == "include"
        text = discreet(canonical.print_sentence(sentence))
        verdict: Literal["include", "exclude"] = (
            "include" if step.verdict == "include" else "exclude"
        )
        told.append(FilterTold(step.name, verdict, text, matched, kept))
    return tuple(told)


def _set_by(sentence: Sentence, changes: tuple[Change, ...]) -> list[str]:
    """Return the fields that were changed, or set outright to what they were."""
    outright = [action.field.name for action in sentence.actions if action.verb is Verb.SET]
    return [*outright, *(change.field for change in changes)]


def _changes(before: pl.DataFrame, after: pl.DataFrame, domain: Domain) -> tuple[Change, ...]:
    names = [field.name for field in fields(domain) if field.writable]
    texts = [(name, text_of(before, name), text_of(after, name)) for name in names]
    return tuple(
        Change(name, discreet(old, name), discreet(new, name))
        for name, old, new in texts
        if old != new
    )
