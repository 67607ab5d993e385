"""Channel numbers follow the order of the lineup."""

from __future__ import annotations

import polars as pl

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
