from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

from tests.builders import build_input, channel, guide, programme, source
from tests.web.world import Client, World, ready
from tvarr.catalog import schema
from tvarr.outputs import publish
from tvarr.spec.manifest import Manifest
from tvarr.state.conditions import Kind

if TYPE_CHECKING:
    from tvarr.catalog.snapshots import Snapshot

EXPLAIN = "/api/v1/proxies/family/channels/{}/explain"


@pytest.fixture
def told(world: World) -> None:
    """A proxy with a rule and a filter over three channels, two of one name."""
    rows = (
        channel("UK: One", "one", stream_url="http://user:hunter2@p.invalid/hunter2/1"),
        channel("Two", group_title="Adult"),
        channel("Same"),
        channel("Same"),
    )
    snapshots = (
        source(world.data, *rows, name="freeview"),
        guide(world.data, programme("one", "18:00", "19:00")),
    )
    world.statuses = [_ready(snapshot) for snapshot in snapshots]
    world.manifest = Manifest.model_validate(
        {
            "sources": {"freeview": {"kind": "m3u", "url": "list.m3u"}},
            "epg": {"uk": {"kind": "xmltv", "url": "guide.xml"}},
            "rules": {"prefix": {"do": 'name matches "^UK: (.*)$" SET name = "$1"'}},
            "filters": {"adult": 'group_title = "Adult"'},
            "proxies": {
                "family": {
                    "sources": ["freeview"],
                    "epg": ["uk"],
                    "rules": ["prefix"],
                    "filters": [{"exclude": "adult"}],
                }
            },
        }
    )


def _ready(snapshot: Snapshot) -> Any:
    return ready(Kind(snapshot.kind), snapshot.name, snapshot=snapshot.digest)


async def ask(client: Client, channel: str, status: int = 200) -> Any:
    answer = await client.get(EXPLAIN.format(channel))
    assert answer.status == status, answer.text
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.headers["Cache-Control"] == "no-store"
    return orjson.loads(answer.body)


@pytest.mark.usefixtures("told")
async def test_a_channel_tells_its_story(client: Client) -> None:
    story = await ask(client, "one")
    assert (story["proxy"], story["name"], story["in_lineup"]) == ("family", "One", True)
    assert story["published"] is False
    assert story["beginning"]["name"] == "UK: One"
    (rule,) = story["steps"]["rules"]
    assert rule["changes"] == [{"field": "channel_name", "before": "UK: One", "after": "One"}]
    assert story["guide"]["guides"][0]["found"] == "exact"
    assert "hunter2" not in str(story)


@pytest.fixture
def merged(world: World) -> None:
    """A published proxy in which two rows are one entry."""
    rows = (
        channel("One HD", "one", stream_url="http://user:hunter2@p.invalid/hunter2/1"),
        channel("One FHD", "one", stream_url="http://user:hunter2@p.invalid/hunter2/2"),
        channel("Two"),
    )
    snapshots = (
        source(world.data, *rows, name="freeview"),
        guide(world.data, programme("one", "18:00", "19:00")),
    )
    world.statuses = [_ready(snapshot) for snapshot in snapshots]
    world.manifest = Manifest.model_validate(
        {
            "sources": {"freeview": {"kind": "m3u", "url": "list.m3u"}},
            "epg": {"uk": {"kind": "xmltv", "url": "guide.xml"}},
            "proxies": {"family": {"sources": ["freeview"], "epg": ["uk"], "duplicates": "merge"}},
        }
    )
    build = build_input(snapshots[1], sources=snapshots[:1], duplicates="merge")
    publish.build_and_publish(build, world.data, "http://tv.lan")


@pytest.mark.usefixtures("merged")
@pytest.mark.parametrize("wanted", ["one", "One%20HD", "One%20FHD"])
async def test_an_entry_is_found_by_each_of_its_rows_and_tells_its_streams(
    client: Client, wanted: str
) -> None:
    story = await ask(client, wanted)
    streams = story["streams"]
    assert [one["name"] for one in streams["streams"]] == ["One FHD", "One HD"]
    assert streams["streams"][1]["why"] == "HD, and 1080p is better"
    assert (story["number"]["number"], streams["name"]) == ("1", "One HD")
    assert "hunter2" not in str(story)


@pytest.mark.usefixtures("merged")
async def test_channels_tell_how_many_streams_they_have_and_which_without_addresses(
    client: Client,
) -> None:
    listed = await client.get("/api/v1/proxies/family/channels")
    channels = orjson.loads(listed.body)["channels"]
    assert [(one["name"], one["streams"]) for one in channels] == [("One HD", 2), ("Two", 1)]
    for row in (channels[0]["id"], schema.channel_id("freeview", "One FHD", 2)):
        answer = await client.get(f"/api/v1/proxies/family/channels/{row}/streams")
        told = orjson.loads(answer.body)["channel"]
        assert (told["entry"], told["name"]) == (channels[0]["id"], "One HD")
        assert [(one["place"], one["quality"]) for one in told["streams"]] == [
            (1, ["1080p"]),
            (2, ["HD"]),
        ]
        assert told["streams"][0]["why_joined"] == "uk has it as the same channel (100%)"
        assert "hunter2" not in answer.text
    missing = await client.get("/api/v1/proxies/family/channels/nobody/streams")
    assert missing.status == 404


@pytest.mark.usefixtures("told")
async def test_it_is_asked_by_channel_id_too(client: Client) -> None:
    story = await ask(client, "UK:%20One")
    assert await ask(client, story["channel_id"]) == story


@pytest.mark.usefixtures("told")
async def test_a_channel_that_a_filter_dropped_is_explained(client: Client) -> None:
    story = await ask(client, "two")
    assert story["in_lineup"] is False
    assert story["number"] == {"number": None, "why": "filter adult takes it out"}


@pytest.mark.usefixtures("told")
async def test_an_unknown_channel_is_not_there(client: Client) -> None:
    answer = await ask(client, "Tow", 404)
    assert answer == {"error": "No source of family has a channel Tow. Did you mean: Two?"}
    assert (await ask(client, "%3Cscript%3E", 404))["error"].endswith("channel <script>.")


@pytest.mark.usefixtures("told")
async def test_a_name_of_several_channels_is_refused_with_their_ids(client: Client) -> None:
    error = (await ask(client, "same", 409))["error"]
    assert error.startswith("2 channels of family are called same; ask by id: freeview.")


async def test_an_unknown_proxy_is_not_there(client: Client) -> None:
    answer = await ask(client, "one", 404)
    assert answer["error"].startswith("There is no proxy family.")


async def test_a_proxy_of_which_nothing_was_read_has_no_channel(
    world: World, client: Client
) -> None:
    world.declare("family")
    assert (await ask(client, "one", 404))["error"] == "No source of family has a channel one."
