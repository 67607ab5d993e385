"""The tree's own properties: depth, captures, constants."""

from __future__ import annotations

import polars as pl
import pytest

from tvarr.expression.fields import Domain
from tvarr.expression.language import And, Comparison, Literal, Not, Or, capture_sources
from tvarr.expression.sentence import Sentence, parse


def read(text: str, domain: Domain = Domain.CHANNEL) -> Sentence:
    return parse(text, domain, kind="filter")


def condition(text: str) -> object:
    return read(text).branches[0].condition


def patterns_of(text: str) -> list[tuple[str, int]]:
    """Return the patterns that can capture, and in how many alternatives each stands."""
    found = capture_sources(read(text).branches[0].condition)
    return [(source.comparison.pattern, len(source.within)) for source in found]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("name = a AND group = b OR url = c", "((name = a) AND (group = b)) OR (url = c)"),
        ("name = a OR group = b AND url = c", "name = a OR (group = b AND url = c)"),
        ("NOT name = a AND group = b", "(NOT name = a) && group = b"),
        ("name = a AND (group = b AND url = c)", "name = a AND group = b AND url = c"),
        ("((name = a))", "name = 'a'"),
        ("name not_contains a", "name ! contains a"),
        ("case_sensitive name NOT = a", "channel_name not case_sensitive == a"),
        ("name case_sensitive > 5", "name > 5"),
        ("name case_sensitive matches a", "name =~ a"),
        ("TRUE", "true"),
    ],
)
def test_equal_meanings_are_equal_trees(text: str, same: str) -> None:
    assert condition(text) == condition(same)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("name = a AND (group = b OR url = c)", "name = a AND group = b OR url = c"),
        ("NOT (name = a AND group = b)", "NOT name = a AND group = b"),
        ("name = a", "name case_sensitive = a"),
        ("name = a", "name = b"),
        ("name = a", "name contains a"),
    ],
)
def test_other_meanings_are_other_trees(text: str, other: str) -> None:
    assert condition(text) != condition(other)


def test_each_kind_of_condition_has_its_class() -> None:
    tree = condition("name = a AND NOT (group = b OR false)")
    assert isinstance(tree, And)
    assert isinstance(tree.terms[0], Comparison)
    assert isinstance(tree.terms[1], Not)
    assert isinstance(tree.terms[1].term, Or)
    assert tree.terms[1].term.terms[1] == Literal(value=False)
    assert tree.depth == 4


def test_expr_is_a_boolean_over_a_field_frame_and_never_null() -> None:
    frame = pl.DataFrame({"channel_name": ["BBC", None, ""]})
    for text, held in [
        ('name contains "b"', [True, False, False]),
        ('name not_contains "b"', [False, True, True]),
        ("name > 5", [False, False, False]),
        ("NOT name > 5", [True, True, True]),
        ('name =~ "^$"', [False, True, True]),
        ("name = $name", [True, True, True]),
    ]:
        sentence = read(text)
        assert frame.select(held=sentence.branches[0].condition.expr)["held"].to_list() == held


def test_expr_needs_the_time_of_the_build_where_the_sentence_does() -> None:
    sentence = read("start > @time:now", Domain.PROGRAMME)
    with pytest.raises(ValueError, match="needs the time of the build"):
        _ = sentence.branches[0].condition.expr


def test_many_terms_are_one_wide_step() -> None:
    names = [f"n{number}" for number in range(3000)]
    frame = pl.DataFrame({"channel_name": ["n2999", "x"]})
    any_of = read(" OR ".join(f"name = {name}" for name in names))
    none_of = read(" AND ".join(f"name != {name}" for name in names))
    assert frame.select(held=any_of.condition)["held"].to_list() == [True, False]
    assert frame.select(held=none_of.condition)["held"].to_list() == [False, True]


# --- captures --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('name =~ "a" AND group =~ "b"', [("a", 0), ("b", 0)]),
        ('name =~ "a" OR group =~ "b"', [("a", 1), ("b", 1)]),
        ('url = x AND (name =~ "a" OR group =~ "b")', [("a", 1), ("b", 1)]),
        ('(name =~ "a" AND (url =~ "b" OR url =~ "c")) OR url =~ "d"',
         [("a", 1), ("b", 2), ("c", 2), ("d", 1)]),
        ('NOT name =~ "a" AND NOT (NOT name =~ "b") AND name not =~ "c"', []),
        ('name not_matches "a" OR name =~ "b"', [("b", 1)]),
        ("name = a", []),
    ],
)  # fmt: skip
def test_captures_come_from_what_is_not_negated_from_left_to_right(
    text: str, found: list[tuple[str, int]]
) -> None:
    assert patterns_of(text) == found
