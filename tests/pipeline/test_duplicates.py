"""Which rows are one channel, and which look like one and are not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import builders
from tests.builders import channel
from tvarr.pipeline import merge
from tvarr.pipeline.duplicates import TOGETHER, together
from tvarr.pipeline.match import MATCHES

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence


def groups(rows: Sequence[builders.Row], known: Any = None) -> set[frozenset[int]]:
    """Return which rows (from 0) are together; `known` has guide → row → guide channel."""
    channels = merge.with_guide_ids(builders.channels(*rows)).with_columns(
        guide_id=pl.int_range(pl.len()).cast(pl.String)
    )
    matches = [
        (str(row), guide, guide_channel, priority, "id", 100)
        for priority, (guide, theirs) in enumerate((known or {}).items())
        for row, guide_channel in theirs.items()
    ]
    found = together(channels, pl.DataFrame(matches, schema=MATCHES, orient="row"))
    assert found.schema == TOGETHER
    lists = found.group_by("group").agg("row")["row"].to_list()
    return {frozenset(one) for one in lists}


def names(*said: str | None, **columns: Any) -> set[frozenset[int]]:
    return groups([channel(name, **columns) for name in said])  # type: ignore[arg-type]


ALL = {frozenset({0, 1})}


# --- by name -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("BBC One", "BBC One HD"),
        ("UK: BBC One FHD", "uk| bbc 1"),
        ("BBC One", "UK: BBC One"),
        ("Télé Sud", "Tele Sud ᴴᴰ"),
        ("Sky Sports F1 4K", "SkySports F1 (1080p)"),
        ("US: CNN", "US| CNN HD"),
    ],
)
def test_what_is_called_the_same_is_one_channel(one: str, other: str) -> None:
    assert names(one, other) == ALL


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("BBC One", "BBC Two"),
        ("UK: Discovery", "DE: Discovery"),
        ("Sky Atlantic", "Sky Atlantic +1"),
        ("HBO East", "HBO West"),
        ("Eurosport 1", "Eurosport 2"),
        ("Sports", "Sports HD"),
        ("US: News", "News"),
        ("Cartoon Network English", "Cartoon Network Arabic"),
        ("", ""),
        (" ", ""),
        ("101", "101"),
        ("###", "###"),
    ],
)
def test_what_may_be_another_channel_stays_apart(one: str, other: str) -> None:
    assert names(one, other) == set()


def test_a_name_of_common_words_means_a_channel_with_its_country() -> None:
    assert names("UK: News", "UK: News HD", "US: News") == ALL


def test_a_row_of_unknown_country_joins_the_only_one_that_is_known() -> None:
    assert names("Discovery", "UK: Discovery", "UK: Discovery HD") == {frozenset({0, 1, 2})}


def test_a_row_of_unknown_country_stays_alone_where_it_could_be_of_two() -> None:
    assert names("Discovery", "UK: Discovery", "DE: Discovery", "DE: Discovery HD") == {
        frozenset({2, 3})
    }


def test_a_country_is_known_by_id_attribute_and_group_as_well() -> None:
    rows = [
        channel("Discovery", "Discovery.de"),
        channel("Discovery HD", tvg_country="DE"),
        channel("Discovery FHD", group_title="Germany | Docs"),
        channel("Discovery SD", group_title="UK | Docs"),
    ]
    assert groups(rows) == {frozenset({0, 1, 2})}


@pytest.mark.parametrize(
    ("column", "one", "other"),
    [("stream_type", "live", "movie"), ("radio", True, False), ("is_adult", True, False)],
)
def test_what_is_of_another_kind_is_another_channel(column: str, one: Any, other: Any) -> None:
    rows = [channel("BBC One", **{column: kind}) for kind in (one, other, one)]
    assert groups(rows) == {frozenset({0, 2})}


def test_an_edition_for_another_country_is_a_channel_of_its_own() -> None:
    rows = [
        channel("Red Bull TV", "RedBullTV.at"),
        channel("Red Bull TV BR", "RedBullTV.at"),
        channel("Red Bull TV DE", "RedBullTV.at"),
        channel("AT: Red Bull TV HD"),
    ]
    assert groups(rows) == {frozenset({0, 3})}


def test_an_edition_that_only_the_id_tells_is_a_channel_of_its_own() -> None:
    rows = [
        channel("MTV Rocks", "MTVRocks.us@BR"),
        channel("MTV Rocks (720p)", "MTVRocks.us@LatAm"),
        channel("MTV Rocks", "MTVRocks.us@US"),
        channel("MTV Rocks HD", "MTVRocks.us@HD"),
    ]
    assert groups(rows) == {frozenset({2, 3})}


def test_editions_in_two_languages_are_two_channels_though_names_do_not_tell() -> None:
    rows = [
        channel("France 24", "France24English.fr"),
        channel("France 24", "France24French.fr"),
        channel("France 24 HD", "France24.fr@English"),
    ]
    assert groups(rows) == {frozenset({0, 2})}


def test_a_language_that_names_tell_needs_no_id_that_tells_it_too() -> None:
    rows = [
        channel("France 24 Español", "France24Espanol.fr"),
        channel("France 24 Español", "France24.fr@Spanish"),
        channel("France 24 Español", "France24.fr"),
    ]
    assert groups(rows) == {frozenset({0, 1, 2})}


def test_a_guide_that_knows_one_channel_does_not_join_editions_for_two_countries() -> None:
    rows = [
        channel("Catfish", "Catfish.de@FR"),
        channel("Catfish", "Catfish.de@GB"),
        channel("Catfish HD", "Catfish.de@FR"),
    ]
    known = {"uk": {0: "catfish", 1: "catfish", 2: "catfish"}}
    assert groups(rows, known) == {frozenset({0, 2})}


def test_a_row_that_does_not_say_its_kind_is_live() -> None:
    assert groups([channel("BBC One", stream_type="live"), channel("BBC One")]) == ALL


def test_a_row_without_a_name_stays_alone() -> None:
    assert names(None, None, "BBC One") == set()


# --- by guide ----------------------------------------------------------------------------------


def test_what_a_guide_knows_as_one_channel_is_one_whatever_it_is_called() -> None:
    rows = [channel("Das Erste"), channel("ARD"), channel("ZDF")]
    assert groups(rows, {"de": {0: "ard", 1: "ard", 2: "zdf"}}) == ALL


@pytest.mark.parametrize(
    ("one", "other"),
    [("ITV 1", "ITV 1 +1"), ("Sky 1", "Sky 2"), ("UK: Fox", "US: Fox"), ("1", "2")],
)
def test_a_guide_does_not_join_what_names_tell_apart(one: str, other: str) -> None:
    assert groups([channel(one), channel(other)], {"uk": {0: "x", 1: "x"}}) == set()


def test_nameless_rows_are_joined_by_a_guide() -> None:
    assert groups([channel(""), channel("")], {"uk": {0: "x", 1: "x"}}) == ALL


def test_two_channels_of_one_guide_are_two_however_they_are_called() -> None:
    rows = [channel("ITV Regional"), channel("ITV Regional HD"), channel("ITV Regional SD")]
    assert groups(rows, {"uk": {0: "north", 1: "south"}}) == set()
    assert groups(rows, {"uk": {0: "north", 1: "north"}}) == {frozenset({0, 1, 2})}


def test_guides_join_further_rows_and_the_first_guide_is_right() -> None:
    rows = [channel(name) for name in ("Alpha", "Beta", "Gamma", "Delta")]
    first = {0: "x", 1: "x"}
    assert groups(rows, {"a": first, "b": {1: "y", 2: "y"}}) == {frozenset({0, 1, 2})}
    assert groups(rows, {"a": first | {2: "z"}, "b": {1: "y", 2: "y"}}) == ALL


def test_a_row_that_two_channels_of_a_guide_could_claim_stays_apart() -> None:
    rows = [channel(name) for name in ("Alpha", "Beta", "Gamma")]
    assert groups(rows, {"a": {0: "x", 1: "z"}, "b": {0: "y", 1: "y", 2: "y"}}) == set()


def test_what_one_guide_tells_apart_draws_no_rows_of_both_together() -> None:
    rows = [channel(name) for name in ("Alpha", "Beta", "Gamma", "Delta")]
    known = {"a": {0: "x", 1: "x"}, "b": {0: "p", 2: "p", 1: "q", 3: "q"}}
    assert groups(rows, known) == ALL


def test_names_do_not_join_through_a_third_what_a_guide_tells_apart() -> None:
    rows = [channel("Alpha One"), channel("Beta One"), channel("Alpha One"), channel("Beta One")]
    known = {"a": {0: "x", 1: "y"}, "b": {2: "z", 3: "z"}}
    assert groups(rows, known) == {frozenset({2, 3})}


def test_names_do_not_join_through_a_third_two_countries() -> None:
    rows = [channel("UK: Alpha"), channel("DE: Beta"), channel("Alpha"), channel("Beta")]
    assert groups(rows, {"a": {2: "z", 3: "z"}}) == {frozenset({2, 3})}


def test_a_name_joins_what_two_guides_know() -> None:
    rows = [channel("Das Erste"), channel("ARD"), channel("Das Erste HD"), channel("Erstes")]
    known = {"a": {0: "x", 1: "x"}, "b": {2: "y", 3: "y"}}
    assert groups(rows, known) == {frozenset({0, 1, 2, 3})}


# --- all together ------------------------------------------------------------------------------

NAME = st.sampled_from(
    ["Alpha", "UK: Alpha", "DE: Alpha", "Alpha HD", "Beta", "UK: Beta", "News", "UK: News", "", "7"]
)
CHANNEL = st.none() | st.sampled_from("xyz")


@given(st.lists(st.tuples(NAME, CHANNEL, CHANNEL), max_size=12), st.randoms(use_true_random=False))
def test_who_is_together_does_not_depend_on_the_order_of_the_rows(
    said: list[tuple[str, str | None, str | None]], shuffle: random.Random
) -> None:
    def grouped(places: list[int]) -> set[frozenset[int]]:
        known = {
            guide: {row: got for row, place in enumerate(places) if (got := said[place][at])}
            for at, guide in ((1, "a"), (2, "b"))
        }
        found = groups([channel(said[place][0]) for place in places], known)
        return {frozenset(places[row] for row in one) for one in found}

    places = list(range(len(said)))
    first = grouped(places)
    shuffle.shuffle(places)
    assert grouped(places) == first
    assert sum(map(len, first)) == len(frozenset().union(*first)) if first else True
    for one in first:
        countries = {said[place][0][:3] for place in one} & {"UK:", "DE:"}
        assert len(countries) < 2


def test_many_rows_of_one_name_are_one_channel() -> None:
    assert len(groups([channel("No event")] * 5_000).pop()) == 5_000


def test_a_long_chain_of_names_between_channels_of_one_guide_joins_none_of_them() -> None:
    names_in_chain = [f"Chain{chr(97 + link // 26)}{chr(97 + link % 26)}" for link in range(201)]
    rows = [channel(names_in_chain[(place + 1) // 2]) for place in range(400)]
    known = {"a": {place: str(place // 2) for place in range(400)}}
    assert groups(rows, known) == {frozenset({place, place + 1}) for place in range(0, 400, 2)}
