"""The operators of conditions, their other spellings and their opposites."""

from __future__ import annotations

from enum import StrEnum


class Operator(StrEnum):
    """How a field is compared; the value is the canonical word."""

    EQUALS = "equals"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"
    MATCHES = "matches"
    GREATER = "greater_than"
    GREATER_OR_EQUAL = "greater_than_or_equal"
    LESS = "less_than"
    LESS_OR_EQUAL = "less_than_or_equal"

    @property
    def orders(self) -> bool:
        """Whether it compares numbers and times."""
        return self in _ORDERING


_ORDERING = frozenset(
    {Operator.GREATER, Operator.GREATER_OR_EQUAL, Operator.LESS, Operator.LESS_OR_EQUAL}
)
SYNONYMS = {
    Operator.EQUALS: ("=", "==", "eq"),
    Operator.MATCHES: ("=~",),
    Operator.GREATER: (">", "gt"),
    Operator.GREATER_OR_EQUAL: (">=", "gte"),
    Operator.LESS: ("<", "lt"),
    Operator.LESS_OR_EQUAL: ("<=", "lte"),
}
NEGATED_SYNONYMS = {Operator.EQUALS: ("!=", "neq")}


def _spellings() -> dict[str, tuple[Operator, bool]]:
    known: dict[str, tuple[Operator, bool]] = {}
    for operator in Operator:
        for word in (operator.value, *SYNONYMS.get(operator, ())):
            known[word] = operator, False
            if word.isidentifier():
                known[f"not_{word}"] = operator, True
        known |= dict.fromkeys(NEGATED_SYNONYMS.get(operator, ()), (operator, True))
    return known


SPELLINGS = _spellings()
"""Every way to write an operator, with the operator and whether it is negated."""
