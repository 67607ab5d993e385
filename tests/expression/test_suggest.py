"""The word that was probably meant."""

from __future__ import annotations

import pytest

from tvarr.expression import suggest
from tvarr.expression.fields import Domain, words
from tvarr.expression.operators import SPELLINGS


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("chanel_name", "channel_name"),
        ("Channel-Name", "channel_name"),
        ("groop", "group"),
        ("tvgid", "tvg_id"),
        ("xyzzy", None),
        ("", None),
    ],
)
def test_the_nearest_field_is_found(word: str, meant: str | None) -> None:
    assert suggest.nearest(word, words(Domain.CHANNEL)) == meant


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("contians", "contains"),
        ("start_with", "starts_with"),
        ("not_contain", "not_contains"),
        ("<>", "!="),
        ("=>", ">="),
        ("===", "=="),
        ("!~", "not_matches"),
        ("IS", "equals"),
        ("like", "contains"),
        ("begins_with", "starts_with"),
        ("regexp", "matches"),
        ("not_like", "not_contains"),
    ],
)
def test_the_nearest_operator_is_found_also_by_those_of_other_languages(
    word: str, meant: str
) -> None:
    assert suggest.operator(word, SPELLINGS) == meant
    assert meant in SPELLINGS


def test_of_equally_near_words_the_first_is_taken() -> None:
    assert suggest.nearest("abx", ["abc", "abd"]) == "abc"
    assert suggest.nearest("abx", ["abd", "abc"]) == "abd"


def test_an_endless_word_takes_no_time() -> None:
    assert suggest.nearest("x" * 60_000, words(Domain.CHANNEL)) is None
