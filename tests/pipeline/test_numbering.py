"""Channel numbers follow the order of the lineup."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tests import builders
from tests.builders import channel
from tvarr.pipeline.numbering import number
from tvarr.spec.proxy import Numbering


def test_numbers_begin_where_the_proxy_says_and_leave_no_gap() -> None:
    rows = builders.channels(*(channel(name) for name in "CAB"))
    numbered = number(rows, Numbering(start=100))
    assert numbered.select("name", "number").rows() == [("C", 100), ("A", 101), ("B", 102)]
    assert numbered.schema["number"] == pl.UInt32


def test_numbers_begin_at_one_unless_the_proxy_says_otherwise() -> None:
    assert number(builders.channels(channel("A")), Numbering())["number"].to_list() == [1]


def test_the_providers_own_number_stays_beside() -> None:
    rows = builders.channels(channel("A", channel_number="5.1"))
    assert number(rows, Numbering())["channel_number"].to_list() == ["5.1"]


def test_an_empty_lineup_has_no_numbers() -> None:
    numbered = number(builders.channels(), Numbering())
    assert numbered.is_empty()
    assert numbered.schema["number"] == pl.UInt32


def test_a_chosen_number_is_the_rows_and_the_others_go_around_it() -> None:
    rows = builders.channels(*(channel(name) for name in "ABCDE"))
    chosen = pl.Series([None, 11, None, 11, 500], dtype=pl.UInt32)
    numbers = number(rows, Numbering(start=10), chosen)["number"]
    assert numbers.to_list() == [10, 11, 12, 13, 500]
    assert numbers.dtype == pl.UInt32


def test_without_a_chosen_number_nothing_is_different() -> None:
    rows = builders.channels(channel("A"), channel("B"))
    chosen = pl.Series([None, None], dtype=pl.UInt32)
    assert number(rows, Numbering(), chosen).equals(number(rows, Numbering()))


@given(st.lists(st.none() | st.integers(1, 12)), st.integers(1, 9))
def test_no_number_comes_twice(chosen: list[int | None], start: int) -> None:
    rows = builders.channels(*(channel(str(place)) for place in range(len(chosen))))
    asked = pl.Series(chosen, dtype=pl.UInt32)
    numbers = number(rows, Numbering(start=start), asked)["number"].to_list()
    assert len(set(numbers)) == len(chosen)
    for wanted in {wish for wish in chosen if wish}:
        assert numbers[chosen.index(wanted)] == wanted
