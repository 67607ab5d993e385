"""What goes into a build, what it is called by, and the lineup that comes out."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import builders
from tests.builders import channel, guide_channel, programme
from tvarr.catalog import schema
from tvarr.catalog.snapshots import Snapshots
from tvarr.ingest.m3u import M3uOptions, ingest
from tvarr.pipeline import build as module
from tvarr.pipeline.build import STEP, BuildInput, build_key, lineup, window_at
from tvarr.pipeline.quality import SCHEMA
from tvarr.spec.proxy import GuideWindow, Proxy

if TYPE_CHECKING:
    from pathlib import Path

    from tvarr.catalog.snapshots import Snapshot

BASE = "http://tvarr.invalid:8888"


# --- the window ---------------------------------------------------------------------------------


def test_the_window_reaches_from_the_past_to_the_future_in_steps_of_six_hours() -> None:
    guide = GuideWindow(past=timedelta(days=1), future=timedelta(days=7))
    window = window_at(datetime(2026, 8, 22, 18, 30, tzinfo=UTC), guide)
    assert window.start == datetime(2026, 8, 21, 18, 0, tzinfo=UTC)
    assert window.stop == datetime(2026, 8, 30, 0, 0, tzinfo=UTC)


def test_the_window_moves_only_when_a_step_is_over() -> None:
    before = datetime(2026, 8, 22, 23, 59, 59, tzinfo=UTC)
    assert window_at(before, GuideWindow()) == window_at(before - STEP / 2, GuideWindow())
    assert window_at(before, GuideWindow()) != window_at(
        before + timedelta(seconds=1), GuideWindow()
    )


def test_the_zone_of_the_clock_makes_no_difference() -> None:
    # 02:30 on this day comes twice in Berlin
    berlin = datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Berlin"))
    assert window_at(berlin, GuideWindow()) == window_at(berlin.astimezone(UTC), GuideWindow())
    assert window_at(berlin, GuideWindow()).start.tzinfo is UTC


@given(st.datetimes(timezones=st.just(timezone(timedelta(hours=5, minutes=30)))))
def test_the_window_holds_all_that_was_asked_for_and_a_step_more_at_most(now: datetime) -> None:
    try:
        window = window_at(now, GuideWindow(past=timedelta(hours=2), future=timedelta(hours=3)))
    except OverflowError:  # in the year 1 or 9999
        return
    assert now - timedelta(hours=2) - STEP < window.start <= now - timedelta(hours=2)
    assert now + timedelta(hours=3) < window.stop <= now + timedelta(hours=3) + STEP


# --- the key ------------------------------------------------------------------------------------


@pytest.fixture
def build(tmp_path: Path) -> BuildInput:
    sources = tuple(builders.source(tmp_path, channel(n, n), name=n) for n in ("one", "two"))
    guides = tuple(
        builders.guide(tmp_path, programme(n, "18:00"), name=n, declared=(guide_channel(n, n),))
        for n in ("uk", "de")
    )
    return BuildInput(
        "family",
        Proxy(sources=("one", "two"), epg=("uk", "de")),
        sources,
        guides,
        builders.window("18:00", "20:00"),
    )


def test_the_same_input_has_the_same_key(build: BuildInput) -> None:
    key = build_key(build, BASE)
    assert key == build_key(pickle.loads(pickle.dumps(build)), BASE)
    assert len(key) == 32


def other_digest(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, digest="0" * 32)


CHANGES: dict[str, Any] = {
    "proxy": lambda b: replace(b, proxy="other"),
    "spec": lambda b: replace(
        b, spec=Proxy(sources=("one", "two"), epg=("uk", "de"), outputs=("m3u",))
    ),
    "source": lambda b: replace(b, sources=(b.sources[0], other_digest(b.sources[1]))),
    "order of sources": lambda b: replace(b, sources=b.sources[::-1]),
    "guide": lambda b: replace(b, guides=(other_digest(b.guides[0]), b.guides[1])),
    "order of guides": lambda b: replace(b, guides=b.guides[::-1]),
    "one guide less": lambda b: replace(b, guides=b.guides[:1]),
    "window": lambda b: replace(b, window=builders.window("18:00", "21:00")),
    "no window": lambda b: replace(b, window=None),
}


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_of_the_input_changes_the_key(build: BuildInput, change: str) -> None:
    assert build_key(CHANGES[change](build), BASE) != build_key(build, BASE)


def test_the_address_it_is_served_from_changes_the_key(build: BuildInput) -> None:
    keys = {build_key(build, base) for base in (BASE, "http://other.invalid", None)}
    assert len(keys) == 3


def test_a_new_way_of_writing_changes_the_key(
    build: BuildInput, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = build_key(build, BASE)
    monkeypatch.setattr(module, "REVISION_OF_THE_BUILD", 10**6)
    assert build_key(build, BASE) != before


def test_where_snapshots_are_stored_does_not_change_the_key(
    build: BuildInput, tmp_path: Path
) -> None:
    moved = tuple(replace(snapshot, folder=tmp_path / "moved") for snapshot in build.sources)
    assert build_key(replace(build, sources=moved), BASE) == build_key(build, BASE)


def test_the_window_does_not_concern_a_proxy_without_a_guide(build: BuildInput) -> None:
    alone = replace(build, guides=())
    later = replace(alone, window=builders.window("19:00", "21:00"))
    assert build_key(alone, BASE) == build_key(later, BASE)


# --- the lineup ---------------------------------------------------------------------------------


def test_a_lineup_is_the_sources_channels_with_numbers_and_guide_ids(build: BuildInput) -> None:
    channels = lineup(build).channels
    assert list(channels.schema) == [*schema.CHANNELS, *SCHEMA, "number", "numbered", "guide_id"]
    assert channels.select("source", "name", "number", "guide_id").rows() == [
        ("one", "one", "1", "one"),
        ("two", "two", "2", "two"),
    ]


def test_a_lineup_knows_the_guide_channels_of_its_channels(tmp_path: Path) -> None:
    tv = builders.source(tmp_path, channel("BBC One", "BBC1.uk"), channel("Nobody", "no.uk"))
    uk = builders.guide(tmp_path, programme("bbc1.uk", "18:00"))
    found = lineup(builders.build_input(uk, sources=(tv,)))
    assert found.matches.rows() == [("BBC1.uk", "uk", "bbc1.uk", 0, "alike", 99)]


def test_the_same_input_gives_the_same_lineup(build: BuildInput) -> None:
    first, second = lineup(build), lineup(pickle.loads(pickle.dumps(build)))
    assert first.channels.equals(second.channels)
    assert first.matches.equals(second.matches)


def test_the_real_playlists_make_one_lineup(real_data: Path, tmp_path: Path) -> None:
    snapshots = []
    for name in ("fast/plex_all.m3u", "fast/samsungtvplus_all.m3u", "iptv-org_all-streams.m3u",
                 "freetv_all.m3u8", "cn_burningc4.m3u"):  # fmt: skip
        store = Snapshots(tmp_path)
        source = name.rpartition("/")[2].partition("_")[0].lower()
        with store.stage("source", source) as stage:
            ingest(real_data / "m3u" / name, stage, M3uOptions(source, None, 1 << 26))
            snapshots.append(store.commit("source", source, stage))
    channels = lineup(builders.build_input(sources=tuple(snapshots))).channels
    # of the manifest's 24,294 entries nine have a remark in place of a URL
    assert channels.height == 24_294 - 9
    assert channels["channel_id"].n_unique() == channels.height
    assert channels["number"].to_list() == [str(n) for n in range(1, channels.height + 1)]
    assert channels["guide_id"].null_count() == 0
    assert channels.select(pl.col("source").rle().struct.field("value")).height == 5
