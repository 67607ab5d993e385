"""Any source as a playlist: what its provider said, to whoever may read playlists."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import polars as pl
import pytest

from tests import builders
from tests.builders import channel
from tests.web.world import Answer, condition, declared, ready
from tvarr.errors import Reason
from tvarr.ingest.m3u import M3uOptions, ingest
from tvarr.state.conditions import ConditionType, Kind, Status
from tvarr.web.access import is_local

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web.world import Client, World
    from tvarr.catalog.snapshots import Snapshot

PATH = "/api/v1/sources/freeview/channels.m3u"
ONE = channel(
    "BBC One",
    "bbc1.uk",
    group_title="UK",
    channel_number="5.10",
    tvg_logo="http://logo.invalid/1.png",
    stream_url="http://user:secret@stream.invalid/1.ts",
    options=["#EXTVLCOPT:http-user-agent=VLC"],
    headers=[{"name": "User-Agent", "value": "VLC"}],
    attributes=[{"name": "channel-id", "value": "x"}],
)


def store(world: World, *rows: builders.Row) -> Snapshot:
    """Let the source called freeview have these channels."""
    snapshot = builders.source(world.data, *rows, name="freeview")
    world.statuses = [ready(Kind.SOURCE, "freeview", snapshot=snapshot.digest)]
    world.manifest = declared("family")
    return snapshot


async def test_a_source_is_told_as_its_provider_has_it(world: World, client: Client) -> None:
    store(world, ONE, channel("Nameless"))
    answer = await client.get(PATH)

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "audio/x-mpegurl; charset=utf-8"
    assert answer.text == (
        "#EXTM3U\n"
        '#EXTINF:-1 tvg-id="bbc1.uk" tvg-logo="http://logo.invalid/1.png" group-title="UK"'
        ' tvg-chno="5.10" radio="false" channel-id="x",BBC One\n'
        "#EXTVLCOPT:http-user-agent=VLC\n"
        "http://user:secret@stream.invalid/1.ts\n"
        '#EXTINF:-1 radio="false",Nameless\n'
        "http://stream.invalid/1.ts\n"
    )


async def test_what_is_exported_can_be_read_again(
    world: World, client: Client, tmp_path: Path
) -> None:
    snapshot = store(world, ONE, channel("Two", "two"), channel("Two", "two"))
    (tmp_path / "list.m3u").write_bytes((await client.get(PATH)).body)
    ingest(tmp_path / "list.m3u", tmp_path, M3uOptions("freeview", None, 1 << 20))

    said = ["name", "tvg_id", "group_title", "channel_number", "stream_url", "options", "headers"]
    again = pl.read_parquet(tmp_path / "channels.parquet").select(said)
    assert again.equals(snapshot.scan_channels().select(said).collect())


async def test_an_unchanged_source_is_not_sent_again(world: World, client: Client) -> None:
    snapshot = store(world, ONE)
    first = await client.get(PATH)
    assert first.headers["ETag"] == f'"{snapshot.digest}"'

    again = await client.get(PATH, {"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")


async def test_a_part_of_it_may_be_asked_for(world: World, client: Client) -> None:
    store(world, ONE)

    assert (await client.get(PATH, {"Range": "bytes=0-6"})).body == b"#EXTM3U"
    head = await client.get(PATH, method="HEAD")
    assert (head.status, head.body) == (200, b"")


async def test_a_source_without_channels_is_an_empty_playlist(world: World, client: Client) -> None:
    store(world)

    assert (await client.get(PATH)).text == "#EXTM3U\n"


async def test_a_source_that_is_not_declared_is_not_told(world: World, client: Client) -> None:
    store(world, ONE)
    answer = await client.get("/api/v1/sources/other/channels.m3u")

    assert answer.status == 404
    assert "There is no source other. The sources are: freeview." in answer.text


async def test_a_source_that_is_no_longer_declared_is_not_told(
    world: World, client: Client
) -> None:
    store(world, ONE)
    world.manifest = declared().model_copy(update={"sources": {}})
    answer = await client.get(PATH)

    assert (answer.status, "No source is declared" in answer.text) == (404, True)


async def test_without_a_manifest_the_last_good_thing_is_told(world: World, client: Client) -> None:
    store(world, ONE)
    world.manifest = None

    assert (await client.get(PATH)).status == 200


async def unread(world: World, client: Client) -> Answer:
    answer = await client.get(PATH)
    assert answer.headers["Retry-After"] == "5"
    return answer


async def test_a_source_that_was_not_read_yet_is_told_so(world: World, client: Client) -> None:
    world.manifest = declared("family")
    assert (await unread(world, client)).status == 503

    world.statuses = [ready(Kind.SOURCE, "freeview")]
    assert (await unread(world, client)).status == 503


async def test_why_a_source_was_never_read_is_told(world: World, client: Client) -> None:
    world.manifest = declared("family")
    words = "it wants a password"
    refused = condition(ConditionType.READY, Reason.AUTH_FAILED, words, holds=False)
    world.statuses = [Status(kind=Kind.SOURCE, name="freeview", conditions=(refused,))]

    assert "not been read yet: it wants a password." in (await unread(world, client)).text


async def test_a_snapshot_that_is_lost_is_told_so(world: World, client: Client) -> None:
    shutil.rmtree(store(world, ONE).folder)

    assert "has not been read yet" in (await unread(world, client)).text


@pytest.mark.parametrize(
    "path", ["..%2f..%2fetc/channels.m3u", "%2e%2e/channels.m3u", "A/channels.m3u"]
)
async def test_only_names_are_looked_for(world: World, client: Client, path: str) -> None:
    store(world, ONE)

    assert (await client.get(f"/api/v1/sources/{path}")).status == 404


async def test_it_is_answered_to_whoever_is_answered_playlists(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(world, ONE)
    world.publish("family", "r1", {"playlist.m3u": b"#EXTM3U\n"})
    paths = (PATH, "/family/playlist.m3u")
    assert is_local("127.0.0.1")
    assert [(await client.get(path)).status for path in paths] == [200, 200]

    monkeypatch.setattr("tvarr.web.access.is_local", lambda address: False)
    refused = [await client.get(path) for path in paths]
    assert [answer.status for answer in refused] == [403, 403]
    assert all("secret" not in answer.text for answer in refused)


async def test_nothing_of_it_stays_on_the_disk(
    world: World, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(world, ONE)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    await client.get(PATH)

    assert list(scratch.iterdir()) == []
