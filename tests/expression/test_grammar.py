"""Pieces that do not fit the grammar, and the words for that."""

from __future__ import annotations

import pytest

from tvarr.expression import grammar
from tvarr.expression.problems import Findings
from tvarr.expression.tokens import Piece, cut


def piece(text: str) -> Piece:
    return cut(text, Findings(text))[-1]


def misfit(text: str) -> tuple[str, str, str | None]:
    """Return what is said, the word it is said of, and what is suggested."""
    whole = piece(text)
    with pytest.raises(grammar.MisfitError) as refused:
        grammar.read(whole)
    error = refused.value
    return error.message, whole.text[error.start : error.stop], error.suggestion


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("a = 1 b = 2", 1),
        ("a = 1, b = 2", 1),
        ("a ?= 1", 1),
        ("SET a = 1 DELETE b, c APPEND d = 1", 3),
        ("a = 1 SET b = 2", 1),
        ("a = 1 AND b != 2", 0),
    ],
)
def test_the_condition_ends_where_actions_begin(text: str, clauses: int) -> None:
    assert len(grammar.read(piece(text)).clauses) == clauses


@pytest.mark.parametrize("text", ["a = 1, b = 2", "a ?= 1", "SET a = 1", "DELETE a"])
def test_actions_may_stand_alone(text: str) -> None:
    assert grammar.read(piece(text)).condition is None


@pytest.mark.parametrize(
    ("text", "message", "word"),
    [
        ("name", 'an operator is missing after "name"', ""),
        ('name "x"', 'an operator is missing after "name"', '"x"'),
        ("name contains", 'a value is missing after "contains"', ""),
        ("name NOT contains", 'a value is missing after "contains"', ""),
        ("name contains AND a = 1", 'a text that is "AND" needs quotes', "AND"),
        ("name = a AND", 'a condition is missing after "AND"', ""),
        ("name = a OR OR b = c", 'a condition is missing after "OR"', "OR"),
        ("NOT", 'a condition is missing after "NOT"', ""),
        ("AND a = b", '"AND" begins no condition', "AND"),
        ("name = a SET", 'a field is missing after "SET"', ""),
        ("name = a SET b", '"=", "?=", "+=" or "-=" is missing after "b"', ""),
        ("name = a SET b =", 'a value is missing after "="', ""),
        ("SET a = 1,", 'a field is missing after ","', ""),
        ("name contains a, b", "a comma stands only between actions", ","),
        ("name = http://x?a=b", "text with signs in it needs quotes", "="),
        ("name = a & b", '"&" joins nothing', "&"),
        ("name = a (b = c)", "does not fit here", "("),
        ("name contains (a = b)", "parentheses hold conditions, not values", "("),
        ('name = a OR "b"', 'a condition is missing after "OR"', '"b"'),
        ('"name" contains b', '"name" begins no condition', '"name"'),
        ('"a\nb"', '"a b" begins no condition', '"a\nb"'),
        ("IF name contains b SET group = c", '"IF" begins no condition', "IF"),
        ("name contains a SET group = b AND url = c", "joined by commas", "AND"),
        ('SET group = a name contains "b"', "conditions stand first", "name"),
        ('name = a DELETE logo = ""', "DELETE takes names of fields only", "="),
        ("name contains Sky Sports", "a text of several words needs quotes", "Sports"),
    ],
)
def test_what_is_missing_is_said_in_words(text: str, message: str, word: str) -> None:
    said, of, _ = misfit(text)
    assert message in said
    assert of == word


@pytest.mark.parametrize(
    ("text", "word", "suggestion"),
    [
        ("a = 1 ADN b = 2", "ADN", "AND"),
        ("a = 1 orr b = 2", "orr", "OR"),
        ("a = 1 SETT b = 2", "SETT", "SET"),
        ("a = 1 DELET b", "DELET", "DELETE"),
        ("a = b | c = d", "|", "||"),
        ('name contains "a" OR "b"', '"b"', 'name contains "b"'),
        ("name contains Sky Sports", "Sports", '"Sky Sports"'),
        ("name = a THEN group = b", "THEN", "SET"),
        ("SET name = a AND group = b", "AND", ","),
        ('SET name = "a"; group = b', ";", ","),
        ("$name = a", "$name", "name"),
    ],
)
def test_a_word_near_to_one_of_the_language_is_suggested(
    text: str, word: str, suggestion: str
) -> None:
    assert misfit(text)[1:] == (word, suggestion)


def test_places_hold_after_quoted_lines() -> None:
    assert misfit('a = "x\ny\nz" ADN b = 1')[1] == "ADN"


@pytest.mark.parametrize(
    ("text", "words", "suggestion"),
    [
        ('name starts with "x"', "starts with", "starts_with"),
        ('NOT name begins with "x"', "begins with", "starts_with"),
        ('name is not "x"', "is not", "not_equals"),
        ('name does not contain "x"', "does not contain", "not_contains"),
        ("number is greater than 5", "is greater than", "greater_than"),
        ("name is not null", "is not null", 'not_equals ""'),
        ('name not in ("a", "b")', "in", "equals"),
        ("number between 1 and 5", "between", None),
        ("number ≥ 5", "≥", ">="),
        ('name = a AND name ends with "x"', "ends with", "ends_with"),
    ],
)
def test_words_that_are_no_operator_are_told_before_what_follows_them(
    text: str, words: str, suggestion: str | None
) -> None:
    message, of, meant = misfit(text)
    assert message.startswith(f'there is no operator "{words}"')
    assert (of, meant) == (words, suggestion)


@pytest.mark.parametrize("text", ['group title = "x"', 'name = a OR group title contains "x"'])
def test_a_field_of_two_words_is_told_as_one(text: str) -> None:
    assert misfit(text) == ('there is no field "group title"', "group title", "group_title")
