"""A sentence: parsed and checked at load, then applied to frames.

`parse` is called while the YAML is validated, and by the command line and the HTTP validator.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Literal

from tvarr.expression import plan
from tvarr.expression.columns import Inline
from tvarr.expression.language import Verb, comparisons
from tvarr.expression.lookup import Lookup
from tvarr.expression.problems import Category, Findings
from tvarr.expression.reading import Reader
from tvarr.expression.tokens import MAX_BYTES, cut
from tvarr.expression.values import Capture, Copy

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    import polars as pl

    from tvarr.expression.fields import Domain
    from tvarr.expression.language import Action, Branch, Comparison
    from tvarr.expression.values import Key

SentenceKind = Literal["filter", "rule"]

MOST_COPIES = 1000
"""How many texts of a row one text may be made of; `name += $name` doubles it every time."""


@dataclass(frozen=True)
class Sentence:
    """A filter or a rule that is right."""

    domain: Domain
    kind: SentenceKind
    branches: tuple[Branch, ...]
    """One, or one for each conditional group, in order."""

    @property
    def condition(self) -> pl.Expr:
        """Where the sentence applies: Boolean, never null, over a field frame.

        Raises:
            ValueError: it depends on the time of the build; see `condition_at`.
        """
        return self.condition_at(None)

    def condition_at(self, now: datetime | None, logos: Mapping[str, str] | None = None) -> pl.Expr:
        """Return `condition` for a build at `now`, with the addresses of logos by name.

        Of several groups it is where any applies, each judged on the frame as it is.
        """
        columns = Inline(now, logos or {})
        return reduce(or_, [branch.condition.over(columns) for branch in self.branches])

    def apply(
        self, frame: pl.LazyFrame, now: datetime, logos: Mapping[str, str] | None = None
    ) -> pl.LazyFrame:
        """Return a field frame with the sentence done, `matched.0` and `changed.0` added.

        See `tvarr.expression.plan.apply`, which does many at once.
        """
        return plan.apply(frame, [self], now, logos)

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """All comparisons, from left to right."""
        return tuple(found for branch in self.branches for found in comparisons(branch.condition))

    @property
    def captures(self) -> tuple[Key, ...]:
        """The captures that its actions use, each once, in order."""
        keys = [key for action in self.actions for key in action.value.captures]
        return tuple(dict.fromkeys(keys))

    @property
    def actions(self) -> tuple[Action, ...]:
        """All actions, in order."""
        return tuple(action for branch in self.branches for action in branch.actions)


def parse(
    text: str, domain: Domain, *, kind: SentenceKind, logos: Collection[str] = ()
) -> Sentence:
    """Return the sentence that `text` is.

    Raises:
        ExpressionError: it is wrong, with all problems that can be told at once.
    """
    findings = Findings(text)
    _check_size(text, findings)
    findings.refuse()
    reader = Reader(Lookup(domain, logos, findings), kind)
    branches = reader.read(cut(text, findings))
    if not findings:
        _check_kind(branches, kind, reader.first_action, findings)
        _check_growth(branches, reader.first_action, findings)
    findings.refuse()
    return Sentence(domain, kind, branches)


def _check_size(text: str, findings: Findings) -> None:
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        findings.add(Category.SYNTAX, error.start, error.end, "this is no letter of Unicode")
        return
    if size > MAX_BYTES:
        message = f"this is too long: {size} bytes, and {MAX_BYTES} are possible"
        findings.add(Category.SYNTAX, 0, 1, message)


def _check_kind(
    branches: tuple[Branch, ...], kind: SentenceKind, first_action: int, findings: Findings
) -> None:
    """Check that a rule has actions and a filter has none."""
    acts = any(branch.actions for branch in branches)
    if kind == "filter" and acts:
        message = "a filter only says which rows it is about; actions belong in a rule"
        findings.add(Category.SYNTAX, first_action, first_action + 1, message)
    if kind == "rule" and not acts:
        findings.at_the_end(Category.SYNTAX, 'a rule needs an action, such as SET field = "text"')


def _check_growth(branches: tuple[Branch, ...], first_action: int, findings: Findings) -> None:
    """Check that no text is made of so many others that memory could not hold it."""
    copies: dict[str, int] = {}
    for branch in branches:
        captured = max(copies.values(), default=1)
        for action in branch.actions:
            number = _copies_in(action, copies, captured)
            if number > MOST_COPIES:
                message = f"more than {MOST_COPIES} texts of a row are too many for one text"
                findings.add(Category.VALUE, first_action, first_action + 1, message)
                return
            copies[action.field.name] = number


def _copies_in(action: Action, copies: Mapping[str, int], captured: int) -> int:
    """Return how many texts of a row the field may be made of after an action."""
    before, number = copies.get(action.field.name, 1), 0
    for part in action.value.parts:
        if isinstance(part, Copy):
            number += copies.get(part.field.name, 1)
        elif isinstance(part, Capture):
            number += captured
    if action.verb is Verb.APPEND:
        return before + number
    return number if action.verb is Verb.SET else max(before, number)
