"""What names say: brands stay whole, and what tells channels apart is found."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvarr.pipeline import names
from tvarr.pipeline.decoration import LONGEST
from tvarr.pipeline.names import Name, read_name


def read(text: str) -> Name:
    name = read_name(text)
    assert name is not None
    return name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("BBC One", "bbc 1"),
        ("BBC One", "UK: BBC ONE FHD"),
        ("BBC One", "|UK| BBC One ᶠᴴᴰ"),
        ("BBC One", "BBC One (1080p) [Geo-blocked]"),
        ("BBC One", "🇬🇧 BBC One ®"),
        ("RTÉ One", "RTE 1"),
        ("Canal+", "Canal Plus"),
        ("CCTV-5+", "CCTV5+ HD"),
        ("R&B", "R and B"),
        ("Kanali 7 Ⓢ", "Kanali 7"),
        ("Bloomberg TV", "Bloomberg Television"),
        ("Channel 4+1", "Channel Four +1 HD"),
        ("Discovery +1", "Discovery plus 1"),
        ("ИЗВЕСТИЯ", "известия"),
        ("Grey's Anatomy", "Greys Anatomy"),
        ("ᴍᴛᴠ", "MTV"),
    ],
)
def test_two_ways_to_write_one_name_are_equal(one: str, other: str) -> None:
    first, second = read(one), read(other)
    assert (first.key, first.guard) == (second.key, second.guard)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("BBC One", "BBC Two"),
        ("Channel 4", "Channel 4 +1"),
        ("The Movie Club", "The Movie Club+2"),
        ("CCTV-5", "CCTV-5+"),
        ("CCTV-1", "CCTV-11"),
        ("HBO East", "HBO West"),
        ("HBO", "HBO Pacific"),
        ("Al Jazeera English", "Al Jazeera Arabic"),
        ("Euronews", "Euronews Albania"),
        ("1+1", "1"),
        ("1+1", "1 +1 TV"),
        ("कि", "की"),
    ],
)
def test_neighbours_are_not_equal(one: str, other: str) -> None:
    first, second = read_name(one), read_name(other)
    assert first is None or second is None or (first.key, first.guard) != (second.key, second.guard)


@pytest.mark.parametrize(
    ("text", "key", "quality"),
    [
        ("HD", "hd", ""),
        ("4K", "4k", ""),
        ("HD1", "hd1", ""),
        ("E! HD", "e", "hd"),
        ("WWE-RAW", "wweraw", ""),
        ("CBS Sports HQ", "cbssportshq", ""),
        ("ViP Sport 1", "vipsport1", ""),
        ("Love Nature 4K", "lovenature", "uhd"),
        ("Sky (576i)", "sky", "sd"),
    ],
)
def test_a_brand_is_never_stripped_to_nothing(text: str, key: str, quality: str) -> None:
    name = read(text)
    assert (name.key, name.quality) == (key, quality)


@pytest.mark.parametrize("text", ["", " ", "24/7", "7.1", "()", "►"])
def test_without_a_letter_there_is_no_name(text: str) -> None:
    assert read_name(text) is None


@pytest.mark.parametrize(
    ("text", "country", "edition"),
    [
        ("UK: BBC One", "uk", None),
        ("GB | BBC One", "uk", None),
        ("USA - ION", "us", None),
        ("🇲🇽 Azteca", "mx", None),
        ("ION US", None, "us"),
        ("Discovery (UK)", None, "uk"),
        ("Discovery (Germany)", None, "de"),
        ("TV | Foo", None, None),
        ("WATCH IT", None, None),
        ("Discovery", None, None),
    ],
)
def test_countries_before_and_behind_a_name_are_told_apart(
    text: str, country: str | None, edition: str | None
) -> None:
    name = read(text)
    assert (name.country, name.edition) == (country, edition)


def test_generic_words_are_no_part_of_the_core() -> None:
    name = read("The History Channel")
    assert (name.core, name.generic) == ("history", frozenset({"the", "channel"}))
    assert read("The Channel").core == "thechannel"


@pytest.mark.parametrize(
    ("text", "branded"),
    [("History Channel", True), ("Movie TV", False), ("Zee TV", False), ("Sport TV 1", False)],
)
def test_common_words_alone_are_no_brand(text: str, branded: bool) -> None:
    assert read(text).branded is branded


@given(st.text(max_size=3 * LONGEST))
def test_any_text_can_be_read(text: str) -> None:
    name = read_name(text)
    if name is not None:
        assert name.key
        assert name.core
        assert any(not word.isdecimal() for word in name.words.split())


LETTERS = st.text(alphabet="abcefgik ", min_size=3, max_size=20)


@given(LETTERS.filter(lambda text: text.strip()).map(lambda text: f"{text}bab"))
def test_decoration_does_not_change_a_name(text: str) -> None:
    plain, decorated = read_name(text), read_name(f"|UK| {text.upper()} (1080p)")
    assert plain is not None
    assert decorated is not None
    assert (plain.key, plain.guard) == (decorated.key, decorated.guard)


MIXED = (
    "UK: BBC One +1 FHD",
    "Film 07",
    "fox 7 news",
    "bbc1",
    "---",
    "",
    "US| Sky  East 2",
    "1",
    "É",
)


def test_what_a_name_says_does_not_depend_on_the_names_beside_it() -> None:
    together = names.read(pl.Series(MIXED))
    alone = pl.concat([names.read(pl.Series([name])) for name in MIXED])
    assert together.equals(alone)


def test_some_names_can_be_told_once_all_keys_are_known() -> None:
    spelt = names.spelt(pl.Series(MIXED))
    rows = [7, 0, 4]
    assert names.told(spelt[rows]).equals(names.read(pl.Series(MIXED))[rows])
    assert spelt["key"].equals(names.read(pl.Series(MIXED))["key"])


@given(st.text("abz 079", max_size=20))
def test_plain_names_are_read_as_all_others(text: str) -> None:
    """A point beside it is no word, but makes a name that is not plain."""
    assert read_name(text) == read_name(f"{text} .")
