"""The guides that the head of a playlist names."""

from __future__ import annotations

import csv
import stat
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvarr.errors import TvarrError
from tvarr.ingest.m3u import M3uOptions, ingest
from tvarr.ingest.named_guides import LONGEST, MOST, keep, kept, merged, named

if TYPE_CHECKING:
    from pathlib import Path

A, B, C = (f"http://guide.invalid/{name}.xml.gz" for name in "abc")


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (A, (A,)),
        (f"{A},{B}", (A, B)),
        (f"{A}, {B}", (A, B)),
        (f"{A} {B}", (A, B)),
        (f" {A}\t{B} ,,; {C};", (A, B, C)),
        (f"{A};{B}", (A, B)),
        (f"{A},{A}", (A,)),
        (f"{A}?ids=1,2,3", (f"{A}?ids=1,2,3",)),
        (f"{A}?ids=1,2,{B}", (f"{A}?ids=1,2", B)),
        (f"{A},file:///etc/passwd", (A, "file:///etc/passwd")),
        ("guide.xml", ("guide.xml",)),
        ("", ()),
        (" , ; ", ()),
    ],
)
def test_a_list_is_split_where_one_address_ends(value: str, found: tuple[str, ...]) -> None:
    assert named({"x-tvg-url": value}) == found


def test_every_attribute_counts_and_each_address_once() -> None:
    assert named({"X-TVG-URL": f"{B},{A}", "url-tvg": A, "tvg-url": C}) == (A, B, C)


def test_a_head_without_them_names_none() -> None:
    assert named({"url-logos": A, "tvg-shift": "+3"}) == ()


def test_of_two_playlists_that_are_one_list_the_guides_add_up() -> None:
    header = merged({"url-tvg": A, "PLAYLIST": "One"}, {"url-tvg": B, "PLAYLIST": "Two", "x": "y"})
    assert header == {"url-tvg": f"{A}, {B}", "PLAYLIST": "One", "x": "y"}
    assert named(header) == (A, B)


def test_there_is_an_end_to_how_many_and_how_long() -> None:
    many = named({"url-tvg": ",".join(f"http://guide.invalid/{n}" for n in range(MOST + 50))})
    assert len(many) == MOST
    assert named({"url-tvg": f"http://guide.invalid/{'x' * LONGEST} {A}"}) == (A,)


def test_what_is_kept_comes_back_and_is_for_nobody_else(tmp_path: Path) -> None:
    secret = f"{A}?username=ann&password=hunter22"
    keep({"url-tvg": f"{secret}, {B}"}, tmp_path)
    assert kept(tmp_path) == (secret, B)
    [file] = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_where_none_is_named_nothing_is_kept(tmp_path: Path) -> None:
    keep({}, tmp_path)
    assert kept(tmp_path) == ()
    assert list(tmp_path.iterdir()) == []


@given(st.text(st.sampled_from("ah:/., ;\t?=é"), max_size=60))
def test_no_address_has_a_blank_in_it(value: str) -> None:
    assert all(len(address.split()) == 1 for address in named({"url-tvg": value}))


def test_the_guides_of_real_playlists_are_found(real_data: Path, tmp_path: Path) -> None:
    with (real_data / "MANIFEST.csv").open(newline="", encoding="utf-8") as file:
        paths = [real_data / row["path"] for row in csv.DictReader(file)]
    found = 0
    for path in paths:
        if "m3u" not in path.parts or b"tvg" not in path.read_bytes()[:400]:
            continue
        try:
            header = ingest(path, tmp_path, M3uOptions("tv", None, 1 << 30)).header
        except TvarrError:  # other tests say which ones cannot be read
            continue
        addresses = named(header)
        assert all("://" in address and "," not in address for address in addresses)
        found += len(addresses)
    assert found > 10
