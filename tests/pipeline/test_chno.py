"""Channel numbers as text and as integers."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvarr.pipeline.chno import LAST, PITCH, keys, texts


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("7", "7"),
        (" 007 ", "7"),
        ("5.1", "5.1"),
        ("5.10", "5.10"),
        ("5.0", "5"),
        ("4294967295", "4294967295"),
        *((text, None) for text in ("0", "0.5", "-1", "+5", "5.", ".5", "5.-1", "5.10000", "1e3")),
        *((text, None) for text in ("", " ", "x", "5.1.2", "4294967296", "9" * 30, "٣", "5 1")),
    ],
)
def test_a_text_is_a_number_or_none(text: str, written: str | None) -> None:
    assert texts(keys(pl.Series([text]))).to_list() == [written]


def test_nothing_said_is_no_number() -> None:
    assert keys(pl.Series([None], dtype=pl.String)).to_list() == [None]
    assert texts(pl.Series([None], dtype=pl.Int64)).to_list() == [None]


@given(st.integers(1, LAST), st.integers(0, PITCH - 1))
def test_what_is_written_reads_the_same(whole: int, part: int) -> None:
    written = texts(pl.Series([whole * PITCH + part]))
    assert keys(written).to_list() == [whole * PITCH + part]


def test_numbers_sort_as_people_count() -> None:
    order = pl.Series(["10", "9", "5.10", "5.9", "5"])
    assert order.gather(keys(order).arg_sort()).to_list() == ["5", "5.9", "5.10", "9", "10"]
