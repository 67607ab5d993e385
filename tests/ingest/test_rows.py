"""A channel's identity, kind and flags, from what its entry says."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvarr.ingest.rows import channel_ids, fold, stream_types


def ids(*channels: tuple[str | None, str], source: str = "tv") -> list[str]:
    tvg_ids = pl.Series([tvg_id for tvg_id, _ in channels], dtype=pl.String)
    names = pl.Series([name for _, name in channels], dtype=pl.String)
    return channel_ids(source, tvg_ids, names, {}).to_list()


def test_two_entries_that_share_a_tvg_id_are_two_channels() -> None:
    first, second = ids(("bbc1.uk", "BBC One"), ("bbc1.uk", "BBC One HD"))
    assert first != second


def test_entries_that_are_quite_equal_are_told_apart_by_their_order() -> None:
    assert len(set(ids(*[("bbc1.uk", "BBC One")] * 3))) == 3


@pytest.mark.parametrize(
    "name", ["bbc one", "BBC  ONE", " BBC\tOne ", "\uff22\uff22\uff23 One", "BBC\xa0One"]
)
def test_letter_case_blanks_and_wide_letters_do_not_change_an_identity(name: str) -> None:
    assert ids((None, name)) == ids((None, "BBC One"))


def test_no_tvg_id_and_an_empty_one_are_the_same() -> None:
    assert ids((None, "BBC One")) == ids(("", "BBC One")) == ids((" ", "BBC One"))


def test_the_letter_case_of_a_tvg_id_counts() -> None:
    assert ids(("BBC1.uk", "BBC One")) != ids(("bbc1.uk", "BBC One"))


def test_an_identity_stays_the_same_from_one_version_to_the_next() -> None:
    # numbers and favourites hang on these: change one and everybody's channel 7 moves
    assert ids(("bbc1.uk", "BBC One"), ("bbc1.uk", "BBC One"), (None, "Größe 世界")) == [
        "tv.750865e7e6dd6191",
        "tv.172e3362004a00d0",
        "tv.d96f7080d26f20b9",
    ]


@given(st.lists(st.tuples(st.none() | st.text("ab ", max_size=2), st.text("aB \té", max_size=3))))
def test_identities_are_unique(channels: list[tuple[str | None, str]]) -> None:
    found = ids(*channels)
    assert len(set(found)) == len(found) == len(channels)


@given(st.text())
def test_folding_a_folded_name_changes_nothing(name: str) -> None:
    assert fold(fold(name)) == fold(name)


@given(st.text("aB \t\n\r", max_size=8))
def test_names_in_ascii_fold_alike_in_a_column_and_alone(name: str) -> None:
    assert ids((None, name)) == ids((None, fold(name)))


@pytest.mark.parametrize(
    ("url", "stream_type"),
    [
        ("http://h/live/u/p/1.ts", "live"),
        ("http://h:80/u/p/1", "live"),
        ("http://h/movie/u/p/1.mkv", "movie"),
        ("http://h/MOVIE/u/p/1", "movie"),
        ("http://h/series/u/p/1.mp4", "series"),
        ("http://h/tv/series/news.m3u8", "live"),
        ("http://h/film.mp4", "movie"),
        ("http://h/film.MKV?token=1", "movie"),
        ("http://h/film.mp4/playlist.m3u8", "live"),
        ("http://h/play?file=film.mp4", "live"),
        ("rtsp://h/cam.avi", "movie"),
        ("http://h/radio.mp3", "live"),
    ],
)
def test_films_and_series_are_told_by_their_url(url: str, stream_type: str) -> None:
    assert stream_types(pl.Series([url])).to_list() == [stream_type]


def test_kinds_stand_in_the_order_of_the_urls() -> None:
    urls = pl.Series(["http://h/1.ts", "http://h/2.mp4", "http://h/3.ts", "http://h/series/u/p/4"])
    assert stream_types(urls).to_list() == ["live", "movie", "live", "series"]
