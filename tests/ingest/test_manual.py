"""Channels that are declared in the YAML become rows, and stay themselves while they are edited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.ingest.refreshing import Refreshing

if TYPE_CHECKING:
    from pathlib import Path

RADIO = {
    "name": "Radio Example",
    "url": "https://user:secret@radio.invalid/live.mp3",
    "backup_urls": ["https://radio-2.invalid/live.mp3", "https://radio-3.invalid/live.mp3"],
    "group": "Radio",
    "logo": "https://radio.invalid/logo.png",
    "number": 5.1,
    "tvg_id": "radio.example",
    "headers": {"Referer": "https://radio.invalid/", "X-Key": "k"},
}
CAMERA = {"name": "Front door", "url": "rtsp://camera.invalid/1"}


@pytest.fixture
def world(tmp_path: Path) -> Refreshing:
    return Refreshing(tmp_path)


async def channels(world: Refreshing, *declared: dict[str, Any]) -> list[dict[str, Any]]:
    world.current = False
    rows = await world.refresh(kind="manual", channels=declared)
    assert rows is not None
    return rows


async def test_a_channel_has_all_that_is_declared(world: Refreshing) -> None:
    [row] = await channels(world, RADIO)

    assert row["name"] == "Radio Example"
    assert row["stream_url"] == "https://user:secret@radio.invalid/live.mp3"
    assert row["backup_urls"] == RADIO["backup_urls"]
    assert row["group_title"] == "Radio"
    assert row["tvg_logo"] == "https://radio.invalid/logo.png"
    assert row["channel_number"] == "5.1"
    assert row["tvg_id"] == "radio.example"
    assert row["source"] == "tv"
    assert row["stream_type"] == "live"


async def test_a_channel_s_headers_are_kept_and_told_to_players(world: Refreshing) -> None:
    [row] = await channels(world, RADIO)

    assert row["headers"] == [
        {"name": "Referer", "value": "https://radio.invalid/"},
        {"name": "X-Key", "value": "k"},
    ]
    assert row["options"] == [
        "#EXTVLCOPT:http-referrer=https://radio.invalid/",
        '#EXTHTTP:{"X-Key":"k"}',
    ]


async def test_what_is_not_declared_is_not_known(world: Refreshing) -> None:
    [row] = await channels(world, CAMERA)

    said = {name for name, value in row.items() if value not in (None, [])}
    assert said == {
        *("channel_id", "source", "name", "stream_url", "stream_type", "duration", "line"),
    }


async def test_channels_stand_in_the_order_of_the_yaml(world: Refreshing) -> None:
    rows = await channels(world, RADIO, CAMERA)

    assert [(row["line"], row["name"]) for row in rows] == [(1, "Radio Example"), (2, "Front door")]


@pytest.mark.parametrize(
    "edit",
    [
        {"url": "https://elsewhere.invalid/"},
        {"tvg_id": "other"},
        {"number": 7},
        {"group": "Music"},
        {"headers": {}},
        {"name": "radio  EXAMPLE"},
    ],
)
async def test_an_edit_leaves_the_channel_the_same_one(
    world: Refreshing, edit: dict[str, Any]
) -> None:
    [before] = await channels(world, RADIO)
    [_, after] = await channels(world, CAMERA, RADIO | edit)

    assert after["channel_id"] == before["channel_id"]


async def test_another_name_is_another_channel(world: Refreshing) -> None:
    one, two = await channels(world, RADIO, RADIO | {"name": "Radio Example 2"})

    assert one["channel_id"] != two["channel_id"]


async def test_channels_of_one_name_are_told_apart_by_their_order(world: Refreshing) -> None:
    one, two = await channels(world, CAMERA, CAMERA | {"url": "rtsp://camera.invalid/2"})
    again = await channels(world, CAMERA | {"url": "rtsp://camera.invalid/3"}, CAMERA)

    assert [row["channel_id"] for row in again] == [one["channel_id"], two["channel_id"]]


async def test_what_has_been_read_is_not_read_again(world: Refreshing) -> None:
    await channels(world, CAMERA)

    assert await world.refresh(kind="manual", channels=[CAMERA]) is None


async def test_the_same_channels_give_the_same_bytes(world: Refreshing) -> None:
    files = []
    for _ in range(2):
        await channels(world, RADIO, CAMERA)
        files.append((world.stage / "channels.parquet").read_bytes())

    assert files[0] == files[1]
