"""One #EXTINF line, in every way that people write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvarr.ingest.extinf import names_between, parse, parse_attributes

READINGS: dict[str, tuple[str, dict[str, str], str]] = {
    '#EXTINF:-1 tvg-id="a" x-y="b",Name': ("-1", {"tvg-id": "a", "x-y": "b"}, "Name"),
    "#EXTINF:-1,Name": ("-1", {}, "Name"),
    "#EXTINF:0,Name": ("0", {}, "Name"),
    "#EXTINF:123.5 , Name ": ("123.5", {}, "Name"),
    "#EXTINF: -1,Name": ("-1", {}, "Name"),
    "#extinf:-1,Name": ("-1", {}, "Name"),
    "#EXTINF -1,Name": ("-1", {}, "Name"),
    '#EXTINF:tvg-id="a",Name': ("", {"tvg-id": "a"}, "Name"),
    '#EXTINF:-1 tvg-id="a", Name': ("-1", {"tvg-id": "a"}, "Name"),
    '#EXTINF:-1 tvg-id="a" ,Name': ("-1", {"tvg-id": "a"}, "Name"),
    '#EXTINF:-1 tvg-id="a"  tvg-name = "b",Name': ("-1", {"tvg-id": "a", "tvg-name": "b"}, "Name"),
    '#EXTINF:-1 tvg-id="a"tvg-name="b",Name': ("-1", {"tvg-id": "a", "tvg-name": "b"}, "Name"),
    '#EXTINF:-1\ttvg-id="a"\ttvg-name="b",Name': ("-1", {"tvg-id": "a", "tvg-name": "b"}, "Name"),
    '#EXTINF:-1 tvg-id="",Name': ("-1", {"tvg-id": ""}, "Name"),
    '#EXTINF:-1 tvg-id="a",': ("-1", {"tvg-id": "a"}, ""),
    # quotes of other kinds, or none
    "#EXTINF:-1 tvg-id='a b' tvg-name='c',Name": ("-1", {"tvg-id": "a b", "tvg-name": "c"}, "Name"),
    "#EXTINF:-1 tvg-name='Children's TV',Name": ("-1", {"tvg-name": "Children's TV"}, "Name"),
    "#EXTINF:-1 tvg-name='a \"b\"',Name": ("-1", {"tvg-name": 'a "b"'}, "Name"),
    "#EXTINF:-1 tvg-id=a tvg-name=b,Name": ("-1", {"tvg-id": "a", "tvg-name": "b"}, "Name"),
    '#EXTINF:-1 tvg-id= tvg-name="b",Name': ("-1", {"tvg-id": "", "tvg-name": "b"}, "Name"),
    "#EXTINF:-1 tvg-name=O'Brien,Name": ("-1", {"tvg-name": "O'Brien"}, "Name"),
    "#EXTINF:-1 tvg-id=a,Name, the second": ("-1", {"tvg-id": "a"}, "Name, the second"),
    # commas
    '#EXTINF:-1 tvg-logo="http://x/a,1",Name': ("-1", {"tvg-logo": "http://x/a,1"}, "Name"),
    '#EXTINF:-1 tvg-id="a",One, two, three': ("-1", {"tvg-id": "a"}, "One, two, three"),
    "#EXTINF:-1,One, two": ("-1", {}, "One, two"),
    "#EXTINF:-1 tvg-logo=http://x/a,1,Name": ("-1", {"tvg-logo": "http://x/a,1"}, "Name"),
    "#EXTINF:-1 tvg-logo=http://x/a,1.png tvg-id=b,Name": (
        "-1", {"tvg-logo": "http://x/a,1.png", "tvg-id": "b"}, "Name",
    ),
    "#EXTINF:-1 tvg-logo=http://x/a,1,The Name": ("-1", {"tvg-logo": "http://x/a,1"}, "The Name"),
    # names that look like something else
    '#EXTINF:-1 tvg-id="a",The "Big" Show': ("-1", {"tvg-id": "a"}, 'The "Big" Show'),
    '#EXTINF:-1 tvg-id="a",12" Vinyl': ("-1", {"tvg-id": "a"}, '12" Vinyl'),
    '#EXTINF:-1 tvg-id="a",Name tvg-logo="x",y': ("-1", {"tvg-id": "a"}, 'Name tvg-logo="x",y'),
    "#EXTINF:-1,A=B": ("-1", {}, "A=B"),
    '#EXTINF:-1,"Name"': ("-1", {}, '"Name"'),
    '#EXTINF:-1,x="1",y': ("-1", {}, 'x="1",y'),
}  # fmt: skip

BROKEN: dict[str, tuple[dict[str, str], str]] = {
    '#EXTINF:-1 tvg-id="hd" hd" tvg-name="b",Name': ({"tvg-id": "hd", "tvg-name": "b"}, "Name"),
    '#EXTINF:-1 tvg-id="a" junk,Name': ({"tvg-id": "a"}, "Name"),
    '#EXTINF:-1 tvg-id="a group-title="b",Name': ({"tvg-id": "a group-title="}, "Name"),
    '#EXTINF:-1 tvg-name="The "Big, Bad" Show" tvg-id="b",Name': (
        {"tvg-name": "The ", "tvg-id": "b"}, "Name",
    ),
    '#EXTINF:-1 tvg-id="a" Name': ({"tvg-id": "a"}, "Name"),
    "#EXTINF:-1 Name": ({}, "Name"),
    "#EXTINF:-1": ({}, ""),
    "#EXTINF": ({}, ""),
}  # fmt: skip


@pytest.mark.parametrize("line", READINGS)
def test_a_line_is_read_as_its_writer_meant_it(line: str) -> None:
    entry = parse(line)
    duration, attributes, name = READINGS[line]
    assert entry.duration == duration
    assert dict(zip(entry.names, entry.values, strict=True)) == attributes
    assert entry.name == name
    assert not entry.broken


@pytest.mark.parametrize("line", BROKEN)
def test_a_broken_line_gives_what_can_be_guessed_and_says_so(line: str) -> None:
    entry = parse(line)
    attributes, name = BROKEN[line]
    assert dict(zip(entry.names, entry.values, strict=True)) == attributes
    assert entry.name == name
    assert entry.broken


def test_attributes_keep_their_order_their_letter_case_and_their_repetitions() -> None:
    entry = parse('#EXTINF:-1 B="1" a="2" tvg-ID="3" a="4",Name')
    assert entry.names == ("B", "a", "tvg-ID", "a")
    assert entry.values == ("1", "2", "3", "4")


def test_the_header_line_has_attributes_and_whatever_else_people_put_there() -> None:
    text = ' url-tvg="http://x/a.xml, http://x/b.xml" refresh=3600 hello tvg-shift="+3"'
    assert parse_attributes(text) == [
        ("url-tvg", "http://x/a.xml, http://x/b.xml"),
        ("refresh", "3600"),
        ("tvg-shift", "+3"),
    ]


def test_texts_between_quotes_are_names_or_the_line_is_no_usual_one() -> None:
    assert names_between(("#EXTINF:-1 tvg-id=", " tvg-name=")) == ("-1", ("tvg-id", "tvg-name"))
    assert names_between(("#EXTINF:-1,Name tvg-id=",)) is None
    assert names_between(("#EXTINF:-1 tvg-id=", ",Name x=")) is None
    assert names_between(("#EXTINF:-1 tvg-id=", " hd")) is None
    assert names_between(()) is None


@given(st.text(max_size=80))
def test_no_text_at_all_makes_the_reader_fail(text: str) -> None:
    entry = parse(f"#EXTINF:-1 {text}")
    assert len(entry.names) == len(entry.values)


@given(
    st.lists(st.tuples(st.from_regex(r"[A-Za-z][\w.-]{0,20}", fullmatch=True), st.text())),
    st.text(),
)
def test_what_is_properly_quoted_is_read_back(pairs: list[tuple[str, str]], name: str) -> None:
    pairs = [(key, value.replace('"', "'")) for key, value in pairs]
    attributes = "".join(f' {key}="{value}"' for key, value in pairs)
    entry = parse(f"#EXTINF:-1{attributes},{name}")
    assert list(zip(entry.names, entry.values, strict=True)) == pairs
    assert entry.name == name.strip()


@pytest.mark.parametrize(
    "unit", [" ", "=", '"', "'", ",", "a", "a=", 'a="', "a='", " a=b", ' a="b"', "a=,", ' "', "\t,"]
)
def test_a_long_line_takes_time_in_proportion_to_its_length(unit: str) -> None:
    # a line of 1 MiB read in squared time would take hours, and this test its time limit
    parse("#EXTINF:-1 " + unit * (1_000_000 // len(unit)))
