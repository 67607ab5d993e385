"""The tree of a sentence: the classes of the grammar, and the Polars expressions they stand for.

Built by `tvarr.expression.reading`. Equal trees mean equal sentences; places in the text do not
count. Every condition has `expr`, a Boolean expression over a field frame that is never null, and
`over`, the same over any `Columns`.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING

import polars as pl

from tvarr.expression.columns import Inline
from tvarr.expression.fields import SEPARATOR, Field, Kind
from tvarr.expression.fold import fold, fold_text, is_caseless
from tvarr.expression.operators import Operator
from tvarr.expression.times import read_instant, read_number, to_instant, to_number
from tvarr.expression.values import NOTHING, Copy, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from tvarr.expression.columns import Columns

_MANY_TERMS = 50
"""From here on terms are combined by one wide step, since deep expressions are slow to plan."""


@dataclass(frozen=True)
class Condition:
    """Base of all conditions."""

    @property
    def expr(self) -> pl.Expr:
        """The condition over a field frame.

        Raises:
            ValueError: it depends on the time of the build; see `over`.
        """
        return self.over(Inline())

    @property
    def depth(self) -> int:
        """How deep conditions are nested; 1 for a single one."""
        return 1

    def over(self, columns: Columns) -> pl.Expr:
        """Return the condition over `columns`."""
        raise NotImplementedError


@dataclass(frozen=True)
class Literal(Condition):
    """`true` or `false`."""

    value: bool

    def over(self, columns: Columns) -> pl.Expr:  # noqa: ARG002 - the shape of every condition
        """Return the literal, one for all rows."""
        return pl.lit(self.value)


@dataclass(frozen=True)
class Not(Condition):
    """The opposite."""

    term: Condition
    _depth: int = dataclasses.field(init=False, compare=False, repr=False, default=0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_depth", self.term.depth + 1)

    @property
    def depth(self) -> int:
        """How deep conditions are nested."""
        return self._depth

    def over(self, columns: Columns) -> pl.Expr:
        """Return where the term does not hold."""
        return ~self.term.over(columns)


@dataclass(frozen=True)
class _Joined(Condition):
    terms: tuple[Condition, ...]
    _depth: int = dataclasses.field(init=False, compare=False, repr=False, default=0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_depth", max(term.depth for term in self.terms) + 1)

    @property
    def depth(self) -> int:
        """How deep conditions are nested."""
        return self._depth


class And(_Joined):
    """Holds where all terms hold."""

    def over(self, columns: Columns) -> pl.Expr:
        """Return where all terms hold."""
        found = []
        for term in self.terms:
            found.append(term.over(columns))  # noqa: PERF401 - a comprehension doubles the depth
        return pl.all_horizontal(found) if len(found) > _MANY_TERMS else reduce(and_, found)


class Or(_Joined):
    """Holds where any term holds."""

    def over(self, columns: Columns) -> pl.Expr:
        """Return where any term holds."""
        found = []
        for term in self.terms:
            found.append(term.over(columns))  # noqa: PERF401 - a comprehension doubles the depth
        return pl.any_horizontal(found) if len(found) > _MANY_TERMS else reduce(or_, found)


@dataclass(frozen=True)
class Comparison(Condition):
    """A field compared with a value."""

    field: Field
    operator: Operator
    value: Value
    negated: bool = False
    case_sensitive: bool = False
    start: int = dataclasses.field(default=0, compare=False)

    def over(self, columns: Columns) -> pl.Expr:
        """Return where the comparison holds."""
        holds = self.plain(columns)
        return ~holds if self.negated else holds

    def plain(self, columns: Columns) -> pl.Expr:
        """Return where it holds without its negation."""
        if self.operator is Operator.MATCHES:
            return self._matches(columns)
        if self.operator.orders:
            return self._orders(columns)
        return self._compares_text(columns)

    @property
    def pattern(self) -> str:
        """The regular expression of a `matches`."""
        return self.value.constant(None, {}) or ""

    def _matches(self, columns: Columns) -> pl.Expr:
        text, pattern = columns.text(self.field), self.pattern
        if self.field.many:
            return _any(text, lambda each: each.str.contains(pattern))
        return text.str.contains(pattern)

    def _compares_text(self, columns: Columns) -> pl.Expr:
        constant = self.value.constant(columns.now, columns.logos)
        exact = self.case_sensitive or (constant is not None and is_caseless(constant))
        left = columns.text(self.field) if exact else columns.derived(self.field, "folded")
        right = self._folded_value(columns)
        if self.field.many:
            return _among(left, self.operator, right)
        return _TEXT_OPERATORS[self.operator](left, right)

    def _folded_value(self, columns: Columns) -> pl.Expr:
        constant = self.value.constant(columns.now, columns.logos)
        if self.case_sensitive:
            return self.value.over(columns)
        if constant is not None:
            return pl.lit(fold_text(constant))
        if isinstance(copy := self.value.parts[0], Copy) and not copy.field.many:
            return columns.derived(copy.field, "folded")
        return fold(self.value.over(columns))

    def _orders(self, columns: Columns) -> pl.Expr:
        compare = _ORDERS[self.operator]
        what = "instant" if self._is_of_time else "number"
        right = self._ordered_value(columns, what)
        if right is None:
            return pl.lit(value=False)
        left = (
            _extreme(columns.text(self.field), self.operator)
            if self.field.many
            else columns.derived(self.field, what)
        )
        return compare(left, right).fill_null(value=False)

    @property
    def _is_of_time(self) -> bool:
        copied = [part.field for part in self.value.parts if isinstance(part, Copy)]
        return any(field.kind is Kind.TIME for field in (self.field, *copied))

    def _ordered_value(self, columns: Columns, what: str) -> pl.Expr | None:
        """Return the right side as number or instant; None if it is constant and is none."""
        constant = self.value.constant(columns.now, columns.logos)
        if constant is None:
            copy = self.value.parts[0]
            if isinstance(copy, Copy) and not copy.field.many:
                return columns.derived(copy.field, what)
            read = to_instant if what == "instant" else to_number
            return read(self.value.over(columns))
        known: float | datetime | None = read_number(constant)
        if what == "instant":
            known = read_instant(constant)
        return None if known is None else pl.lit(known)


def _any(text: pl.Expr, holds: Callable[[pl.Expr], pl.Expr]) -> pl.Expr:
    """Return whether one of several texts fulfils `holds`."""
    each = text.str.split(SEPARATOR).list.eval(holds(pl.element()).fill_null(value=False))
    return each.list.any().fill_null(value=False)


def _extreme(text: pl.Expr, operator: Operator) -> pl.Expr:
    """Return the one of several numbers that compares so if any of them does."""
    numbers = text.str.split(SEPARATOR).list.eval(to_number(pl.element()))
    greatest = operator in (Operator.GREATER, Operator.GREATER_OR_EQUAL)
    return numbers.list.max() if greatest else numbers.list.min()


def _among(texts: pl.Expr, operator: Operator, value: pl.Expr) -> pl.Expr:
    """Return whether one of several texts compares so, by the separators around it."""
    edge = pl.lit(SEPARATOR)
    before = operator in (Operator.EQUALS, Operator.STARTS_WITH)
    after = operator in (Operator.EQUALS, Operator.ENDS_WITH)
    needle = pl.concat_str([edge] * before + [value] + [edge] * after)
    return pl.concat_str([edge, texts, edge]).str.contains(needle, literal=True)


_TEXT_OPERATORS: dict[Operator, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    Operator.EQUALS: lambda left, right: left == right,
    Operator.CONTAINS: lambda left, right: left.str.contains(right, literal=True),
    Operator.STARTS_WITH: lambda left, right: left.str.starts_with(right),
    Operator.ENDS_WITH: lambda left, right: left.str.ends_with(right),
}
_ORDERS: dict[Operator, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    Operator.GREATER: lambda left, right: left > right,
    Operator.GREATER_OR_EQUAL: lambda left, right: left >= right,
    Operator.LESS: lambda left, right: left < right,
    Operator.LESS_OR_EQUAL: lambda left, right: left <= right,
}


# --- actions ---------------------------------------------------------------------------------


class Verb(StrEnum):
    """What an action does; the value is its keyword."""

    SET = "SET"
    SET_IF_EMPTY = "SET_IF_EMPTY"
    APPEND = "APPEND"
    REMOVE = "REMOVE"
    DELETE = "DELETE"


@dataclass(frozen=True)
class Action:
    """One change of one field."""

    verb: Verb
    field: Field
    value: Value = NOTHING


@dataclass(frozen=True)
class Branch:
    """A condition and what is done where it holds; a sentence has one, or one a group."""

    condition: Condition
    actions: tuple[Action, ...] = ()


def comparisons(condition: Condition) -> Iterator[Comparison]:
    """Yield the comparisons of a condition, from left to right."""
    waiting = [condition]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Comparison):
            yield node
        elif isinstance(node, Not):
            waiting.append(node.term)
        elif isinstance(node, And | Or):
            waiting += reversed(node.terms)


# --- captures --------------------------------------------------------------------------------


@dataclass(frozen=True)
class CaptureSource:
    """A `matches` that captures on the rows where it and all of `within` hold."""

    comparison: Comparison
    within: tuple[Condition, ...]
    """The alternatives of OR that it stands in, outermost first."""


def capture_sources(condition: Condition) -> list[CaptureSource]:
    """Return the `matches` of `condition` that can capture, from left to right.

    On a row the first of them that holds does. What is negated captures nothing.
    """
    found: list[CaptureSource] = []
    waiting: list[tuple[Condition, tuple[Condition, ...]]] = [(condition, ())]
    while waiting:
        node, within = waiting.pop()
        if isinstance(node, Comparison):
            if node.operator is Operator.MATCHES and not node.negated:
                found.append(CaptureSource(node, within))
        elif isinstance(node, And):
            waiting += [(term, within) for term in reversed(node.terms)]
        elif isinstance(node, Or):
            waiting += [(term, (*within, term)) for term in reversed(node.terms)]
    return found
