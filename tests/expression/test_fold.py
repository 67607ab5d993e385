"""Case folding by Polars, held against Python's."""

from __future__ import annotations

import unicodedata

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tvarr.expression.fold import fold, fold_text, is_caseless


def folded(*texts: str | None) -> list[str | None]:
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    return frame.select(fold(pl.col("text"))).to_series().to_list()


def test_every_letter_that_python_knows_is_folded_as_by_python() -> None:
    letters = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    differ = [
        letter
        for letter, ours in zip(letters, folded(*letters), strict=True)
        if ours != letter.casefold() and unicodedata.category(letter) != "Cn"
    ]
    assert differ == []


def test_letters_younger_than_pythons_unicode_are_folded_once_and_for_all() -> None:
    letters = [chr(code) for code in range(0xE000, 0x20000)]
    once = folded(*letters)
    assert folded(*once) == once


@settings(deadline=None, max_examples=50)
@given(st.lists(st.text(st.characters(exclude_categories=("Cs", "Cn"))), max_size=20))
def test_any_text_is_folded_as_by_python(texts: list[str]) -> None:
    assert folded(*texts) == [text.casefold() for text in texts]


@pytest.mark.parametrize("text", ["ΣΊΣΥΦΟΣ", "Straße", "İstanbul", "ﬁn", "ǅ", "Ꭰꭰ", "BBC", ""])
def test_one_text_is_folded_as_a_column_is(text: str) -> None:
    assert fold_text(text) == folded(text)[0] == text.casefold()


def test_what_is_missing_stays_missing() -> None:
    assert folded(None, "A") == [None, "a"]


def test_no_fold_makes_or_takes_an_ascii_sign() -> None:
    signs = {chr(code) for code in range(0x80) if not chr(code).isalpha()}
    letters = [chr(code) for code in range(0x80, 0x20000) if not 0xD800 <= code < 0xE000]
    made = {sign for text in folded(*letters) if text for sign in text if sign in signs}
    assert made == set()
    assert folded(*sorted(signs)) == sorted(signs)


@pytest.mark.parametrize(
    ("text", "caseless"),
    [("", True), ("24/7 +1", True), ("4k", False), ("ß", False), ("\u02bc", False)],
)
def test_only_ascii_without_letters_needs_no_folding(text: str, caseless: bool) -> None:
    assert is_caseless(text) is caseless
