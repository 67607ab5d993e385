from __future__ import annotations

import gzip
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tvarr.demo.guide import (
    FUTURE,
    PAST,
    compressed_document,
    document,
    on_air,
    programmes,
    schedule,
)
from tvarr.demo.lineup import CHANNELS, Channel, find
from tvarr.demo.shows import SHOWS

if TYPE_CHECKING:
    from pathlib import Path

BASE = "http://127.0.0.1:8889"
NOW = datetime(2026, 8, 22, 18, 30, tzinfo=UTC)
GUIDED = [channel for channel in CHANNELS if channel.guide_id]
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1), timezones=st.timezones())  # noqa: DTZ001 - the strategy adds the zone


def channel(slug: str) -> Channel:
    found = find(slug)
    assert found
    return found


def written(now: datetime = NOW) -> etree._Element:
    return etree.fromstring(document(BASE, now))


def moment(text: str | None) -> datetime:
    return datetime.strptime(text or "", "%Y%m%d%H%M%S %z")


@settings(deadline=None)
@given(MOMENTS)
def test_every_guided_channel_has_something_on_air_at_any_moment(now: datetime) -> None:
    for guided in GUIDED:
        programme = on_air(guided, now)
        assert programme
        assert programme.start <= now < programme.stop


def test_a_channel_without_a_guide_has_nothing_on_air() -> None:
    assert on_air(channel("slow-river"), NOW) is None
    assert schedule(channel("slow-river"), NOW.date()) == ()


@settings(deadline=None)
@given(st.dates(date(2000, 1, 1), date(2099, 1, 1)))
def test_a_day_is_filled_from_midnight_to_midnight_without_gap_or_overlap(day: date) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    for guided in GUIDED:
        shown = schedule(guided, day)
        assert shown[0].start == midnight
        assert shown[-1].stop == midnight + timedelta(days=1)
        assert all(one.stop == next_.start for one, next_ in pairwise(shown))


def test_programmes_start_on_the_quarter_hour() -> None:
    starts = {p.start.minute % 15 for guided in GUIDED for p in schedule(guided, NOW.date())}
    assert starts == {0}
    assert all(show.minutes % 15 == 0 for shows in SHOWS.values() for show in shows)


def test_days_differ_and_the_same_day_is_always_the_same() -> None:
    schedule.cache_clear()
    first = schedule(GUIDED[0], date(2026, 8, 22))
    schedule.cache_clear()
    assert schedule(GUIDED[0], date(2026, 8, 22)) == first
    next_day = schedule(GUIDED[0], date(2026, 8, 23))
    assert [p.show for p in next_day] != [p.show for p in first]


def test_programmes_are_those_that_overlap_the_time_asked_for() -> None:
    kettle = channel("tin-kettle-news")
    start, stop = (
        datetime(2026, 8, 22, 23, 50, tzinfo=UTC),
        datetime(2026, 8, 23, 0, 10, tzinfo=UTC),
    )
    before, after = programmes(kettle, start, stop)
    assert before.start < start
    assert before.stop == after.start == datetime(2026, 8, 23, tzinfo=UTC)
    assert programmes(kettle, before.stop, before.stop) == []


def test_a_moment_in_another_zone_is_the_same_moment() -> None:
    kettle, tokyo = channel("tin-kettle-news"), timezone(timedelta(hours=9))
    assert on_air(kettle, NOW.astimezone(tokyo)) == on_air(kettle, NOW)


@settings(deadline=None)
@given(st.dates(date(2000, 1, 1), date(2099, 1, 1)))
def test_a_series_says_which_episode_it_is(day: date) -> None:
    for programme in schedule(channel("moss-and-fern"), day):
        season, episode = programme.season_and_episode
        assert 0 <= season < 9
        assert 0 <= episode < 12
        assert (programme.subtitle in programme.show.episodes) or not programme.show.episodes


def test_the_document_covers_half_a_day_before_and_two_days_after() -> None:
    for guided in GUIDED:
        found = written().findall(f"programme[@channel='{guided.guide_id}']")
        assert moment(found[0].get("start")) <= NOW - PAST < moment(found[0].get("stop"))
        assert moment(found[-1].get("start")) < NOW + FUTURE <= moment(found[-1].get("stop"))


def test_the_document_knows_the_guided_channels_and_no_others() -> None:
    root = written()
    ids = [element.get("id") for element in root.findall("channel")]
    assert ids == [guided.guide_id for guided in GUIDED]
    assert {element.get("channel") for element in root.findall("programme")} == set(ids)


def test_the_document_says_what_is_on_air() -> None:
    """The picture's panel asks `on_air`, so a viewer sees the same title in both."""
    root = written()
    for guided in GUIDED:
        now = [
            element
            for element in root.findall(f"programme[@channel='{guided.guide_id}']")
            if moment(element.get("start")) <= NOW < moment(element.get("stop"))
        ]
        expected = on_air(guided, NOW)
        assert expected
        assert [element.findtext("title") for element in now] == [expected.show.title]


def test_a_programme_is_written_with_all_its_parts() -> None:
    root = written()
    element = next(
        e for e in root.iter("programme")
        if e.get("channel") == "moss-and-fern.demo" and e.findtext("title") == "One Square Metre"
    )  # fmt: skip
    assert [child.tag for child in element] == [
        "title", "sub-title", "desc", "credits", "category", "icon", "episode-num", "episode-num",
    ]  # fmt: skip
    assert element.findtext("credits/presenter") == "Fern Okoro"
    assert element.findtext("category") == "Nature"
    icon = element.find("icon")
    assert icon is not None
    assert icon.get("src") == f"{BASE}/logos/moss-and-fern.png"
    numbers = {e.get("system"): e.text for e in element.findall("episode-num")}
    season, episode = (int(part) for part in (numbers["xmltv_ns"] or "").split(".")[:2])
    assert numbers["onscreen"] == f"S{season + 1:02}E{episode + 1:02}"


def test_one_channel_writes_its_times_in_another_zone() -> None:
    offsets = {(e.get("channel"), (e.get("start") or "")[-5:]) for e in written().iter("programme")}
    assert ("petits-ecureuils.demo", "+0100") in offsets
    assert {offset for id_, offset in offsets if id_ != "petits-ecureuils.demo"} == {"+0000"}


def test_an_hour_later_the_guide_says_the_same_about_the_hours_that_both_cover() -> None:
    later = NOW + timedelta(hours=1)
    now = {etree.tostring(e) for e in written().iter("programme")}
    then = {
        etree.tostring(e)
        for e in written(later).iter("programme")
        if moment(e.get("start")) < NOW + FUTURE
    }
    assert then <= now


def test_the_compressed_document_is_the_document_in_the_same_bytes_each_time() -> None:
    first = compressed_document(BASE, NOW)
    compressed_document.cache_clear()
    assert compressed_document(BASE, NOW) == first
    assert gzip.decompress(first) == document(BASE, NOW)


@pytest.mark.parametrize("now", [NOW, datetime(2027, 1, 1, tzinfo=UTC)])
def test_the_document_is_valid_by_the_dtd(now: datetime, real_data: Path) -> None:
    with (real_data / "ref" / "xmltv.dtd").open("rb") as file:
        dtd = etree.DTD(file)
    assert dtd.validate(written(now)), dtd.error_log
