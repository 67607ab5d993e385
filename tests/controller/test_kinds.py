"""Sources of every kind that is no panel, from the YAML to a playlist, in one small world."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest

from tests.controller.world import PLAYLIST, World, eventually, playlist
from tvarr.catalog.snapshots import Snapshots
from tvarr.errors import Reason, Transient
from tvarr.state.conditions import Kind

if TYPE_CHECKING:
    from tvarr.catalog.snapshots import Snapshot

YAML = """
    sources:
      house:
        kind: manual
        channels:
          - {name: Front door, url: "rtsp://camera.invalid/1", backup_urls: ["rtsp://camera.invalid/2"]}
          - {name: Radio, url: "https://ann:hunter22@radio.invalid/live", headers: {X-Key: k}}
      lists: {kind: m3u, urls: [uk.m3u, de.m3u]}
      antenna: {kind: hdhomerun, address: tuner.invalid}
      films: {kind: files, path: media}
    proxies:
      family: {sources: [house, lists, antenna, films]}
"""
LINEUP = [
    {"GuideNumber": "7", "GuideName": "Seven", "URL": "http://tuner.invalid:5004/auto/v7"},
    {"GuideNumber": "8", "GuideName": "Eight", "URL": "http://tuner.invalid/auto/v8", "DRM": 1},
]
KEYS = ("source/house", "source/lists", "source/antenna", "source/films")


@pytest.fixture
def kinds(world: World) -> World:
    """Return a world in which all that the YAML speaks of is there."""
    world.declare(YAML)
    world.fetcher.answers["discover.json"] = b'{"DeviceID": "10A1B2C3", "TunerCount": 2}'
    world.fetcher.answers["lineup.json"] = json.dumps(LINEUP).encode()
    (world.path / "media" / "Show").mkdir(parents=True)
    for name in ("Metropolis (1927).mkv", "Show/S01E01.mkv"):
        (world.path / "media" / name).touch()
    return world


def snapshot(world: World, name: str) -> Snapshot:
    digest = world.status(f"source/{name}").snapshot
    assert digest is not None
    return Snapshots(world.data / "snapshots").get(Kind.SOURCE, name, digest)


async def test_every_kind_comes_out_in_the_playlist(kinds: World) -> None:
    await kinds.build()

    assert {key: kinds.reason(key) for key in KEYS} == dict.fromkeys(KEYS, Reason.SUCCEEDED)
    lines = kinds.file("family").splitlines()
    assert [line for line in lines if not line.startswith("#")] == [
        "rtsp://camera.invalid/1",
        "https://ann:hunter22@radio.invalid/live",
        "http://stream.invalid/1.ts",
        "http://stream.invalid/2.ts",
        "http://stream.invalid/Eins.ts",
        "http://tuner.invalid:5004/auto/v7",
    ]
    assert '#EXTHTTP:{"X-Key":"k"}' in lines


async def test_films_are_catalogued_and_not_put_into_playlists(kinds: World) -> None:
    await kinds.build()

    assert "file:" not in kinds.file("family")
    vod = pl.read_parquet(snapshot(kinds, "films").vod)
    assert vod["name"].to_list() == ["Metropolis", "Show"]
    counts = kinds.status("source/films").counts
    assert (counts["films"], counts["series"]) == (1, 1)
    assert kinds.message("source/films") == "1 film, 1 series"


async def test_the_tuner_tells_what_it_left_out_and_how_many_may_watch(kinds: World) -> None:
    await kinds.build()

    status = kinds.status("source/antenna")
    assert status.rejected == {"channel with copy protection": 1}
    assert status.account is not None
    assert status.account.connections == 2


async def test_a_manual_source_is_due_when_it_is_edited_only(kinds: World) -> None:
    await kinds.build()
    assert kinds.status("source/house").next_due is None

    before = kinds.status("source/house").snapshot
    kinds.write("tvarr.yaml", YAML.replace("rtsp://camera.invalid/1", "rtsp://camera.invalid/9"))
    await kinds.build()

    assert kinds.status("source/house").snapshot != before
    assert "rtsp://camera.invalid/9" in kinds.file("family")


async def test_a_manual_source_may_lose_most_of_its_channels_by_an_edit(kinds: World) -> None:
    many = "".join(f"{{name: A{n}, url: 'http://s.invalid/{n}'}}, " for n in range(20))
    one = (
        "sources: {house: {kind: manual, channels: [%s]}}\nproxies: {family: {sources: [house]}}\n"
    )
    kinds.write("tvarr.yaml", one % many)
    await kinds.build()
    kinds.write("tvarr.yaml", one % "{name: A0, url: 'http://s.invalid/0'}")
    await kinds.build()

    assert kinds.reason("source/house") is Reason.SUCCEEDED
    assert kinds.status("source/house").counts == {"channels": 1}


async def test_its_addresses_are_in_no_status(kinds: World) -> None:
    await kinds.build()

    assert "hunter22" not in (kinds.data / "state.json").read_text()


async def test_a_new_film_is_noticed_at_the_next_refresh(kinds: World) -> None:
    async with kinds.running():
        await eventually(lambda: kinds.ready("source/films"))
        (kinds.path / "media" / "Nosferatu (1922).mkv").touch()
        await kinds.pass_time(timedelta(hours=2))
        await eventually(lambda: kinds.status("source/films").counts["films"] == 2)


async def test_a_folder_that_is_not_there_leaves_what_was_read(kinds: World) -> None:
    await kinds.build()
    (kinds.path / "media").rename(kinds.path / "elsewhere")
    await kinds.build(force=True)

    assert kinds.reason("source/films") is Reason.FILE_MISSING
    assert snapshot(kinds, "films").vod.exists()


async def test_one_of_several_lists_that_fails_leaves_what_was_read(kinds: World) -> None:
    await kinds.build()
    kinds.fetcher.answers["de.m3u"] = Transient(Reason.GONE, "there is no such document")
    kinds.write("uk.m3u", PLAYLIST + playlist("Three").removeprefix("#EXTM3U\n"))
    await kinds.build(force=True)

    assert kinds.message("source/lists").startswith("address 2 of 2: there is no such document")
    assert "Eins" in kinds.file("family")
    assert "Three" not in kinds.file("family")
