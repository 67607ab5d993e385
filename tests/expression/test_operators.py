"""Every way to write an operator."""

from __future__ import annotations

import pytest

from tvarr.expression.operators import SPELLINGS, Operator


@pytest.mark.parametrize("operator", Operator)
def test_every_operator_has_its_opposite(operator: Operator) -> None:
    assert SPELLINGS[operator.value] == (operator, False)
    assert SPELLINGS[f"not_{operator.value}"] == (operator, True)


@pytest.mark.parametrize(
    ("operator", "written"),
    [
        (Operator.EQUALS, "= == eq"),
        (Operator.MATCHES, "=~"),
        (Operator.GREATER, "> gt"),
        (Operator.GREATER_OR_EQUAL, ">= gte"),
        (Operator.LESS, "< lt"),
        (Operator.LESS_OR_EQUAL, "<= lte"),
    ],
)
def test_synonyms_mean_the_same(operator: Operator, written: str) -> None:
    assert {SPELLINGS[word] for word in written.split()} == {(operator, False)}


@pytest.mark.parametrize("word", ["!=", "neq", "not_eq", "not_equals"])
def test_unequal_is_the_opposite_of_equal(word: str) -> None:
    assert SPELLINGS[word] == (Operator.EQUALS, True)


@pytest.mark.parametrize("word", ["not_neq", "not_not_equals", "not_=", "is"])
def test_nothing_else_is_an_operator(word: str) -> None:
    assert word not in SPELLINGS


def test_four_operators_compare_numbers_and_times() -> None:
    assert [operator.value for operator in Operator if operator.orders] == [
        "greater_than",
        "greater_than_or_equal",
        "less_than",
        "less_than_or_equal",
    ]
