"""Conditions of one piece of a sentence: from the grammar's objects to the tree.

Called by `tvarr.expression.reading`. A wrong word leaves a hole (None), and reading goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tvarr.expression import patterns, suggest
from tvarr.expression.fields import Kind
from tvarr.expression.language import And, Comparison, Condition, Not, Or
from tvarr.expression.language import Literal as Constant
from tvarr.expression.lookup import place_of
from tvarr.expression.operators import SPELLINGS, Operator
from tvarr.expression.problems import Category
from tvarr.expression.templates import read_value
from tvarr.expression.times import read_instant

if TYPE_CHECKING:
    from collections.abc import Callable

    from tvarr.expression.fields import Field
    from tvarr.expression.lookup import Lookup
    from tvarr.expression.tokens import Piece
    from tvarr.expression.values import Value


@dataclass(frozen=True)
class Conditions:
    """Reads the conditions of one piece."""

    lookup: Lookup
    piece: Piece
    inner: Callable[[int], Condition | None]
    """Gives what the parentheses at a place of the piece were read as."""

    def read(self, raw: Any) -> Condition | None:
        """Return the condition; None if nothing of it is right."""
        return self._joined(Or, [self._and(term) for term in raw.terms])

    def _and(self, raw: Any) -> Condition | None:
        return self._joined(And, [self._not(term) for term in raw.terms])

    @staticmethod
    def _joined(kind: type[And | Or], terms: list[Condition | None]) -> Condition | None:
        """Join what is whole; terms of the same kind in parentheses become its own."""
        found: list[Condition] = []
        for term in terms:
            if isinstance(term, kind):
                found += term.terms
            elif term is not None:
                found.append(term)
        if len(found) > 1:
            return kind(tuple(found))
        return found[0] if found else None

    def _not(self, raw: Any) -> Condition | None:
        term = self._atom(raw.term)
        for _ in raw.negations:
            term = Not(term) if term else None
        return term

    def _atom(self, raw: Any) -> Condition | None:
        match type(raw).__name__:
            case "Pair":
                return self.inner(raw._tx_position)  # noqa: SLF001 - textX's own name
            case "Literal":
                return Constant(raw.text.lower() == "true")
            case _:
                return self._comparison(raw)

    def _comparison(self, raw: Any) -> Condition | None:
        target = self.lookup.field(self.piece, raw.field)
        negations, case_sensitive = self._modifiers(raw)
        operator = self._operator(raw, negated=bool(negations))
        if operator is None:
            return None
        value = self._compared_value(raw, operator[0], target)
        if target is None or value is None:
            return None
        negated = operator[1] or bool(negations)
        start, _ = place_of(self.piece, raw)
        sensitive = case_sensitive and not _exact_anyway(operator[0])
        comparison = Comparison(target, operator[0], value, negated, sensitive, start)
        self._check_time(raw.value, comparison)
        return comparison

    def _check_time(self, raw: Any, comparison: Comparison) -> None:
        """A constant that a time field is ordered by must be a time."""
        text = comparison.value.as_written
        ordered = comparison.operator.orders and comparison.field.kind is Kind.TIME
        if not ordered or text is None or read_instant(text):
            return
        meant = next((text + end for end in ("Z", "T00:00:00Z") if read_instant(text + end)), None)
        message = "this is no time; write it like 2025-11-30T19:00:00Z, or in seconds since 1970"
        self._wrong(raw, Category.VALUE, message, meant)

    def _modifiers(self, raw: Any) -> tuple[list[Any], bool]:
        # in capitals, as the grammar takes "case_\u017fensitive" for the word too
        negations = [word for word in raw.modifiers if word.text.upper() != "CASE_SENSITIVE"]
        sensitive = [word for word in raw.modifiers if word.text.upper() == "CASE_SENSITIVE"]
        for word in negations[1:]:
            self._wrong(word, Category.OPERATOR, "NOT stands here twice")
        return negations, bool(raw.lead or sensitive)

    def _operator(self, comparison: Any, *, negated: bool) -> tuple[Operator, bool] | None:
        raw = comparison.operator
        found = SPELLINGS.get(raw.text.lower())
        if found is None:
            self._no_operator(raw, comparison.value)
        elif negated and found[1]:
            message = f'NOT and "{raw.text}" together say no twice'
            self._wrong(raw, Category.OPERATOR, message, found[0].value)
        return found

    def _no_operator(self, raw: Any, value: Any) -> None:
        """Tell that there is no such operator; `IS NULL` is one of two words."""
        if both := suggest.operator_in_words((raw.text, value.text), SPELLINGS):
            start, stop = place_of(self.piece, raw)[0], place_of(self.piece, value)[1]
            message = f'there is no operator "{raw.text} {value.text}"'
            self.lookup.findings.add(Category.OPERATOR, start, stop, message, both[1])
            return
        message = f'there is no operator "{raw.text[:60]}"'
        if raw.text.lower() in ("like", "ilike") and "%" in value.text:
            message += ", and % is a letter like any other"
        self._wrong(raw, Category.OPERATOR, message, suggest.operator(raw.text, SPELLINGS))

    def _compared_value(self, raw: Any, operator: Operator, target: Field | None) -> Value | None:
        role: Literal["pattern", "compared"]
        role = "pattern" if operator is Operator.MATCHES else "compared"
        start, _ = place_of(self.piece, raw.value)
        value = read_value(self.lookup, start, raw.value.text, role)
        if value is not None and role == "pattern":
            self._compile(raw, value, target)
        return value

    def _compile(self, raw: Any, value: Value, target: Field | None) -> None:
        pattern = value.constant(None, {}) or ""
        try:
            patterns.groups(pattern)
        except patterns.PatternError as error:
            meant = _said_with_not(target, error) if "look-around" in error.message else None
            place = self._place_in_pattern(raw.value, pattern, error)
            self.lookup.findings.add(Category.VALUE, *place, error.message, meant)

    def _place_in_pattern(
        self, raw: Any, pattern: str, error: patterns.PatternError
    ) -> tuple[int, int]:
        """Return the place within the pattern, or all of it where escapes moved its letters."""
        start, stop = place_of(self.piece, raw)
        if raw.text[1:-1] == pattern:
            return start + 1 + error.start, start + 1 + error.stop
        return start, stop

    def _wrong(self, raw: Any, category: Category, message: str, meant: str | None = None) -> None:
        self.lookup.wrong(self.piece, raw, category, message, meant)


def _exact_anyway(operator: Operator) -> bool:
    """Whether letter case is no matter of the operator."""
    return operator is Operator.MATCHES or operator.orders


def _said_with_not(target: Field | None, error: patterns.PatternError) -> str:
    name = target.name if target else "field"
    inside = (error.negative or "…").replace("\\", "\\\\").replace('"', '\\"')
    if error.negative is not None:
        return f'{name} matches "…" AND NOT {name} matches "{inside}"'
    return f'{name} matches "…" AND {name} matches "{inside}"'
