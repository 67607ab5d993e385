"""Many sentences over one frame, as one lazy plan.

Called by the pipeline, and by `Sentence.apply` for one. What is read more than once - a field
folded, or as a number - is derived once, and after a rule only for the rows that it changed. Steps
that do not wait for each other share one `with_columns`, which Polars spreads over the cores, and
what is no longer read is dropped on the way.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

import polars as pl

from tvarr.expression import patterns
from tvarr.expression.columns import DERIVED
from tvarr.expression.fields import BLANKS, FALSE, SEPARATOR, TRUE, Field, Kind
from tvarr.expression.language import (
    Action,
    Branch,
    CaptureSource,
    Comparison,
    Condition,
    Verb,
    capture_sources,
)
from tvarr.expression.values import Capture

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from tvarr.expression.sentence import Sentence
    from tvarr.expression.values import Key


def matched(index: int) -> str:
    """Return the name of the column that tells where the sentence at `index` applied."""
    return f"matched.{index}"


def changed(index: int) -> str:
    """Return the name of the column that tells which rows the sentence at `index` changed."""
    return f"changed.{index}"


def apply(
    frame: pl.LazyFrame,
    sentences: Sequence[Sentence],
    now: datetime,
    logos: Mapping[str, str] | None = None,
) -> pl.LazyFrame:
    """Run `sentences` over a field frame, in order; nothing is collected.

    Returns the frame with its fields as the rules leave them, and for each sentence the Boolean
    columns `matched.N` and `changed.N`, never null, N counting from 0: the frame that a sentence
    sees is that which those before it leave. A filter changes nothing; what its verdict means is
    seen to by `selected`. `logos` has the addresses of logos by name; where it lacks one, the text
    `@logo:NAME` stays for the step that knows.
    """
    plan = _Plan(now, logos or {})
    for index, sentence in enumerate(sentences):
        plan.add_sentence(index, sentence)
    plan.finish()
    return plan.over(frame)


def selected(verdicts: Iterable[tuple[str, pl.Expr]]) -> pl.Expr:
    """Return which rows a list of filters keeps: `("include" or "exclude", where it applies)`.

    The selection starts with everything, or with nothing if the first filter is an `include`;
    each filter then adds or takes out what it applies to.
    """
    kept: pl.Expr | None = None
    for verdict, applies in verdicts:
        if verdict == "include":
            kept = applies if kept is None else kept | applies
        else:
            kept = ~applies if kept is None else kept & ~applies
    return pl.lit(value=True) if kept is None else kept


@dataclass(frozen=True)
class _Version:
    """What a field is after some action: the version before, and what differs."""

    text: str
    """The column of its text, never null."""
    before: _Version | None = None
    differs: str = ""
    """The column that tells where it differs from the version before."""
    new: pl.Expr | None = None
    """The text there; anything elsewhere."""


@dataclass
class _Plan:
    """Collects steps; each goes to the first layer in which all that it reads is there."""

    now: datetime | None
    logos: Mapping[str, str]
    _versions: dict[str, _Version] = field(default_factory=dict)
    _derived: dict[tuple[str, str], str] = field(default_factory=dict)
    _layers: dict[int, list[pl.Expr]] = field(default_factory=lambda: defaultdict(list))
    _layer_of: dict[str, int] = field(default_factory=dict)
    _last_use: dict[str, int] = field(default_factory=dict)
    _kept: dict[str, str] = field(default_factory=dict)
    """Columns of the outcome: the name they get, and the one they have meanwhile."""
    _captures: dict[Key, str] = field(default_factory=dict)

    # --- steps and layers --------------------------------------------------------------------

    def add(self, step: pl.Expr) -> str:
        """Take in a step and return the name of the column it makes."""
        name = f"~{len(self._layer_of)}"
        reads = step.meta.root_names()
        layer = 1 + max((self._layer_of.get(column, 0) for column in reads), default=0)
        for column in reads:
            self._last_use[column] = max(layer, self._last_use.get(column, 0))
        self._layers[layer].append(step.alias(name))
        self._layer_of[name] = self._last_use[name] = layer
        return name

    def over(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """Return the frame with all steps done and only what was asked for kept."""
        needed = set(self._kept.values())
        done: dict[int, list[str]] = defaultdict(list)
        for column in self._layer_of.keys() - needed:
            done[self._last_use[column]].append(column)
        for layer in range(1, 1 + max(self._layers, default=0)):
            frame = frame.with_columns(self._layers[layer])
            if done[layer]:
                frame = frame.drop(sorted(done[layer]))
        results = [pl.col(column).alias(name) for name, column in self._kept.items()]
        return frame.with_columns(results).drop(sorted(needed & self._layer_of.keys()))

    # --- what conditions and values read (`Columns`) ------------------------------------------

    def text(self, field: Field) -> pl.Expr:
        """Return the field's text as it is by now."""
        return pl.col(self._version(field.name).text)

    def derived(self, field: Field, what: str) -> pl.Expr:
        """Return one of `DERIVED` of the field's text as it is by now."""
        return self._derive(self._version(field.name), what)

    def capture(self, key: Key) -> pl.Expr:
        """Return what the condition of the branch at hand captured."""
        return pl.col(self._captures[key])

    def _version(self, name: str) -> _Version:
        if name not in self._versions:
            self._versions[name] = _Version(self.add(pl.col(name).fill_null("")))
        return self._versions[name]

    def _derive(self, version: _Version, what: str) -> pl.Expr:
        key = version.text, what
        if key not in self._derived:
            self._derived[key] = self.add(self._derivation(version, what))
        return pl.col(self._derived[key])

    def _derivation(self, version: _Version, what: str) -> pl.Expr:
        """Derive from the text; where an earlier version has it, only what differs since."""
        differs: list[pl.Expr] = []
        known: _Version | None = version
        while known is not None and (known.text, what) not in self._derived:
            differs.append(pl.col(known.differs) if known.differs else pl.lit(value=True))
            known = known.before
        if known is None:
            return DERIVED[what](pl.col(version.text))
        here = pl.any_horizontal(differs)
        new = _only(here, pl.col(version.text))
        if len(differs) == 1 and version.new is not None:
            new = version.new
        before = pl.col(self._derived[known.text, what])
        return pl.when(here).then(DERIVED[what](new)).otherwise(before)

    # --- sentences ---------------------------------------------------------------------------

    def add_sentence(self, index: int, sentence: Sentence) -> None:
        """Add the steps of one sentence, and the columns that count it."""
        at_first = {
            action.field.name: self._version(action.field.name) for action in sentence.actions
        }
        applied = [self._add_branch(branch) for branch in sentence.branches]
        self._kept[matched(index)] = self.add(reduce(or_, map(pl.col, applied)))
        self._kept[changed(index)] = self._changed_since(at_first)

    def _changed_since(self, at_first: Mapping[str, _Version]) -> str:
        """Add the column that tells where any field differs from what it was."""
        differs = []
        for name, first in at_first.items():
            version = self._version(name)
            once = version.before is first
            differs.append(
                pl.col(version.differs) if once else pl.col(version.text) != pl.col(first.text)
            )
        return self.add(reduce(or_, differs) if differs else pl.lit(value=False))

    def finish(self) -> None:
        """Add the fields that were written, as they are at last.

        What a rule has emptied is missing; what no rule has changed stays as it came, be it
        missing or empty.
        """
        for name, version in self._versions.items():
            differs, text = [], pl.col(version.text)
            earlier: _Version | None = version
            while earlier is not None and earlier.before is not None:
                differs.append(pl.col(earlier.differs))
                earlier = earlier.before
            if differs:
                untouched = ~pl.any_horizontal(differs) & pl.col(name).is_not_null()
                self._kept[name] = self.add(pl.when((text != "") | untouched).then(text))

    def _add_branch(self, branch: Branch) -> str:
        """Add a condition, what it captures, and its actions; return where it applies."""
        applies = self.add(branch.condition.over(self))
        wanted = {key for action in branch.actions for key in action.value.captures}
        self._captures = self._capture(branch.condition, applies, wanted) if wanted else {}
        for action in branch.actions:
            self._act(action, pl.col(applies))
        return applies

    # --- captures ----------------------------------------------------------------------------

    def _capture(self, condition: Condition, applies: str, wanted: set[Key]) -> dict[Key, str]:
        """Add a column for each capture wanted: of the first pattern that held on the row."""
        sources = capture_sources(condition)
        first = sources[0]
        if not first.within:  # it holds wherever the condition does, so the others never come
            captured = self._captured(first.comparison, pl.col(applies), wanted)
            return {key: self.add(text.fill_null("")) for key, text in captured.items()}
        found: dict[Key, list[pl.Expr]] = {key: [] for key in wanted}
        alternatives: dict[int, pl.Expr] = {}
        for source in sources:
            held = self._held(source, applies, alternatives)
            captured = self._captured(source.comparison, held, wanted)
            for key in wanted:  # side by side: one inside the other, many would exhaust the stack
                found[key].append(pl.when(held).then(captured[key].fill_null("")))
        return {key: self.add(pl.coalesce(*texts, pl.lit(""))) for key, texts in found.items()}

    def _held(
        self, source: CaptureSource, applies: str, alternatives: dict[int, pl.Expr]
    ) -> pl.Expr:
        """Return where a pattern held, in alternatives that held, each of which is judged once."""
        for term in (*source.within, source.comparison):
            if id(term) not in alternatives:
                alternatives[id(term)] = pl.col(self.add(term.over(self)))
        needed = dict.fromkeys(map(id, (*source.within, source.comparison)))
        held = pl.all_horizontal(pl.col(applies), *(alternatives[term] for term in needed))
        return pl.col(self.add(held))

    def _captured(
        self, comparison: Comparison, held: pl.Expr, wanted: set[Key]
    ) -> dict[Key, pl.Expr]:
        """Run a pattern over the rows where it held, once for all groups."""
        pattern, text = comparison.pattern, _only(held, self.text(comparison.field))
        if comparison.field.many:
            holding = pl.element().filter(pl.element().str.contains(pattern))
            text = text.str.split(SEPARATOR).list.eval(holding).list.first()
        names = patterns.groups(pattern)
        groups = {key: _group(key, names) for key in wanted}
        captured = {key: pl.lit("") for key in wanted}
        if 0 in wanted:
            captured[0] = text.str.extract(pattern, 0)
        if any(groups.values()):
            together = pl.col(self.add(text.str.extract_groups(pattern)))
            captured |= {
                key: together.struct.field(group) for key, group in groups.items() if group
            }
        return captured

    # --- actions -----------------------------------------------------------------------------

    def _act(self, action: Action, applies: pl.Expr) -> None:
        """Add the next version of a field: new text where the action applies and differs."""
        before = self._version(action.field.name)
        old = pl.col(before.text)
        if action.verb is Verb.SET_IF_EMPTY:
            applies = applies & self._derive(before, "blank")
        new = self._new_text(action, applies, old)
        if action.field.kind is Kind.FLAG:
            new = _as_flag(new)
        differs = self.add(applies & (new != old))
        text = self.add(pl.when(differs).then(new).otherwise(old))
        self._versions[action.field.name] = _Version(text, before, differs, new)

    def _new_text(self, action: Action, applies: pl.Expr, old: pl.Expr) -> pl.Expr:
        """Return the text to be; where it is not the same for all rows, of those it applies to."""
        constant = action.value.constant(self.now, self.logos)
        if constant is not None and action.verb not in (Verb.APPEND, Verb.REMOVE):
            return pl.lit(constant)
        value = pl.lit(constant) if constant is not None else action.value.over(self)
        if action.verb is Verb.APPEND:
            new = _appended(_only(applies, old), value, many=action.field.many)
        elif action.verb is Verb.REMOVE:
            new = _removed(_only(applies, old), value, constant, many=action.field.many)
        elif len(action.value.parts) == 1 and isinstance(action.value.parts[0], Capture):
            return value  # empty where the condition does not hold
        else:
            new = _only(applies, value)
        return pl.col(self.add(new))


def _as_flag(text: pl.Expr) -> pl.Expr:
    """Return `true`, `false` or nothing."""
    word = text.str.strip_chars(BLANKS).str.to_lowercase()
    known = pl.when(word.is_in(TRUE)).then(pl.lit("true"))
    return known.when(word.is_in(FALSE)).then(pl.lit("false")).otherwise(pl.lit(""))


def _only(here: pl.Expr, text: pl.Expr) -> pl.Expr:
    """Return the text of some rows; the others are empty, not null, which costs less to go over."""
    return pl.when(here).then(text).otherwise(pl.lit(""))


def _group(key: Key, names: Sequence[str]) -> str | None:
    """Return what Polars calls the group, if the pattern has it and it is not the whole match."""
    if isinstance(key, int):
        return names[key - 1] if 0 < key <= len(names) else None
    return key if key in names else None


def _appended(text: pl.Expr, value: pl.Expr, *, many: bool) -> pl.Expr:
    """Add a value at the end of the text, of each where there are several."""
    if many:
        text = text.str.replace_all(SEPARATOR, value + SEPARATOR, literal=True)
    return pl.concat_str([text, value])


def _removed(text: pl.Expr, value: pl.Expr, constant: str | None, *, many: bool) -> pl.Expr:
    """Take every occurrence of a value out; of several texts, those left empty go."""
    if constant == "":
        return text
    if constant is not None:
        text = text.str.replace_all(constant, "", literal=True)
    else:
        text = text.str.split(value).list.join("")  # Polars replaces no text that differs by row
    if many:
        text = text.str.replace_all(f"{SEPARATOR}+", SEPARATOR).str.strip_chars(SEPARATOR)
    return text
