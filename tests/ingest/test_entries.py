"""A column at a time or line by line: the readings are the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvarr.ingest import entries as module
from tvarr.ingest import extinf
from tvarr.ingest.entries import (
    COLUMN_OF,
    SCHEMA,
    join_pairs,
    layout_of,
    parse_entries,
    split_pairs,
)


def test_columns_are_found_in_any_letter_case_and_the_rest_is_kept_as_it_came() -> None:
    row = parse_entries(['#EXTINF:-1 Tvg-ID="a" tvg-chno="5" Channel-ID="c" x="y",N']).row(
        0, named=True
    )
    assert row["tvg_id"] == "a"
    assert row["channel_number"] == "5"
    assert split_pairs(row["attributes"]) == [("Channel-ID", "c"), ("x", "y")]


def test_what_is_missing_is_null_and_what_is_empty_is_empty() -> None:
    row = parse_entries(['#EXTINF:-1 tvg-id="",N']).row(0, named=True)
    assert row["tvg_id"] == ""
    assert row["tvg_name"] is None
    assert row["attributes"] is None


def test_of_an_attribute_that_comes_twice_the_first_counts() -> None:
    row = parse_entries(['#EXTINF:-1 tvg-id="a" TVG-ID="b",N']).row(0, named=True)
    assert row["tvg_id"] == "a"
    assert row["attributes"] is None
    assert row["repeated"]


def test_numbers_of_other_players_are_the_channel_number() -> None:
    frame = parse_entries([f'#EXTINF:-1 {name}="7",N' for name in ("ch-number", "channel-number")])
    assert frame["channel_number"].to_list() == ["7", "7"]


def test_an_adult_mark_is_read_and_kept() -> None:
    row = parse_entries(['#EXTINF:-1 adult="1",N']).row(0, named=True)
    assert row["is_adult"] == "1"
    assert split_pairs(row["attributes"]) == [("adult", "1")]


def test_headers_among_the_attributes_are_asked_for_and_kept() -> None:
    row = parse_entries(['#EXTINF:-1 http-user-agent="A, b" http-referrer="r",N']).row(
        0, named=True
    )
    assert split_pairs(row["asked"]) == [("User-Agent", "A, b"), ("Referer", "r")]
    assert split_pairs(row["attributes"]) == [("http-user-agent", "A, b"), ("http-referrer", "r")]


def test_rows_stand_in_the_order_of_the_lines() -> None:
    lines = [
        '#EXTINF:-1 tvg-id="a",usual',
        "#EXTINF:-1,bare",
        '#EXTINF:-1 tvg-id="b" odd",odd',
        '#EXTINF:0 tvg-name="c",of another shape',
        '#EXTINF:-1 tvg-id="d",usual again',
    ]
    frame = parse_entries(lines)
    assert frame["at"].to_list() == [0, 1, 2, 3, 4]
    assert frame["name"].to_list() == ["usual", "bare", "odd", "of another shape", "usual again"]
    assert frame["broken"].to_list() == [False, False, True, False, False]


def test_more_shapes_than_are_read_by_columns_are_read_all_the_same() -> None:
    lines = [f'#EXTINF:-1 a{n}="v" tvg-id="{n}",N{n}' for n in range(200)]
    assert parse_entries(lines)["tvg_id"].to_list() == [str(n) for n in range(200)]


def test_no_lines_are_no_rows() -> None:
    frame = parse_entries([])
    assert frame.is_empty()
    assert frame.schema == SCHEMA


def test_pairs_come_out_of_one_text_as_they_went_in() -> None:
    pairs = [("a", ""), ("b", 'x="y", z'), ("a", "again")]
    assert split_pairs(join_pairs(pairs)) == pairs
    assert join_pairs([]) is None
    assert split_pairs(None) == []


NAMES = st.sampled_from([*COLUMN_OF, "TVG-ID", "adult", "http-user-agent", "x", "channel-id"])
VALUES = st.text("ab,=' \"é\u2028\t", max_size=6)
PIECES = st.one_of(
    st.builds('{}="{}"'.format, NAMES, VALUES.map(lambda text: text.replace('"', ""))),
    st.builds("{}={}".format, NAMES, VALUES),
    VALUES,
)
LINES = st.builds(
    "#EXTINF:{}{}{}{}".format,
    st.sampled_from(["-1", "0", "", "1.5", " -1"]),
    st.lists(PIECES, max_size=4).map(lambda pieces: "".join(f" {piece}" for piece in pieces)),
    st.sampled_from([",", ",", ",", " ,", ""]),
    VALUES,
).map(str.strip)


@given(st.lists(LINES, max_size=12))
def test_reading_by_columns_and_line_by_line_agree(lines: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        together = parse_entries(lines)
        patch.setattr(module, "_usual_shapes", lambda lines: [])
        patch.setattr(module, "_BARE", "^never$")
        singly = parse_entries(lines)
    assert together.schema == singly.schema == SCHEMA
    assert together.rows() == singly.rows()


@given(st.lists(LINES, min_size=1, max_size=12))
def test_nothing_of_a_line_is_lost_but_repetitions(lines: list[str]) -> None:
    for line, row in zip(lines, parse_entries(lines).iter_rows(named=True), strict=True):
        entry = extinf.parse(line)
        assert row["name"] == entry.name
        kept = {*split_pairs(row["attributes"])}
        columns = {row[column] for column in COLUMN_OF.values()}
        for name, value in zip(entry.names, entry.values, strict=True):
            assert (name, value) in kept or value in columns or layout_of(entry.names).repeated
