"""What every model of the YAML has in common."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import Field, ValidationError

from tvarr.spec.declared import (
    MISSING_FIELD,
    UNKNOWN_FIELD,
    Declared,
    did_you_mean,
    refuse,
    sentence,
    shorten,
)


class Inner(Declared):
    size: int = Field(examples=[5])
    colour: str = "red"


class Outer(Declared):
    inner: Inner = Inner(size=1)
    many: dict[str, Inner] = Field(default_factory=dict)
    needed: str


def errors(given: object) -> list[tuple[tuple[int | str, ...], str, str]]:
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate(given)
    return [(error["loc"], error["type"], error["msg"]) for error in caught.value.errors()]


def test_a_model_cannot_be_changed() -> None:
    inner = Inner(size=1)

    with pytest.raises(ValidationError, match="frozen"):
        inner.size = 2  # type: ignore[misc]


def test_a_key_with_nothing_after_it_counts_as_not_written() -> None:
    given: dict[str, Any] = {"inner": None, "many": None, "needed": "x"}

    assert Outer.model_validate(given) == Outer(needed="x")


def test_an_unknown_key_with_nothing_after_it_is_still_unknown() -> None:
    assert errors({"needed": "x", "iner": None}) == [
        (("iner",), UNKNOWN_FIELD, 'unknown field "iner", did you mean "inner"?')
    ]


def test_an_unknown_key_far_from_all_others_is_answered_with_all_others() -> None:
    assert errors({"needed": "x", "zzz": 1}) == [
        (("zzz",), UNKNOWN_FIELD, 'unknown field "zzz"; known here: inner, many, needed')
    ]


def test_a_missing_key_is_answered_with_an_example_where_there_is_one() -> None:
    assert errors({"inner": {}}) == [
        (("inner", "size"), MISSING_FIELD, '"size" is missing; write for example `size: 5`'),
        (("needed",), MISSING_FIELD, '"needed" is missing'),
    ]


def test_errors_of_all_depths_come_at_once() -> None:
    found = errors({"many": {"a": {"sise": 1}, "b": {"size": "x"}, "c": 5}})

    assert [(place, kind) for place, kind, _ in found] == [
        (("many", "a", "sise"), UNKNOWN_FIELD),  # and so it is not missing
        (("many", "b", "size"), "int_parsing"),
        (("many", "c"), "model_type"),
        (("needed",), MISSING_FIELD),
    ]


def test_a_long_unknown_key_is_cut() -> None:
    ((_, _, said),) = errors({"needed": "x", "y" * 1000: 1})

    assert len(said) < 150


def test_nothing_is_refused_without_errors() -> None:
    refuse([])


def test_all_errors_are_refused_together() -> None:
    with pytest.raises(ValidationError) as caught:
        refuse([sentence((0,), "first {x}", "rule"), sentence((1,), "second", "rule")])

    assert [error["msg"] for error in caught.value.errors()] == ["first {x}", "second"]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("freevew", ', did you mean "freeview"?'),
        ("FREEVIEW", ', did you mean "freeview"?'),
        ("uk-tv", ', did you mean "UK_TV"?'),
        ("something", ""),
        ("", ""),
        ("x" * 100_000, ""),
    ],
)
def test_the_nearest_word_is_suggested_if_it_is_near(word: str, said: str) -> None:
    assert did_you_mean(word, ["freeview", "UK_TV"]) == said


def test_a_shortened_text_is_printable() -> None:
    assert shorten("a\r\nb\x1b[31m") == "a  b [31m"
    assert shorten("x" * 61) == "x" * 59 + "…"
    assert shorten("x" * 60) == "x" * 60
