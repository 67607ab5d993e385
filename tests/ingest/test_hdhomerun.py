"""A tuner's lineup becomes rows; what is no tuner, or misbehaves, is told apart."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from tests.ingest.refreshing import Refreshing
from tvarr.errors import Reason, Transient
from tvarr.ingest import hdhomerun
from tvarr.state.conditions import Account

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

ONE = {"GuideNumber": "5.1", "GuideName": "WXYZ-HD", "URL": "http://tuner.invalid:5004/auto/v5.1"}


@dataclass
class Tuner:
    """A device on loopback, with a lineup as a test wants it."""

    lineup: Any = field(default_factory=lambda: [ONE])
    facts: dict[str, Any] = field(default_factory=dict)
    address: str = ""
    asked: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        if request.path == "/discover.json":
            usual = {
                "FriendlyName": "HDHomeRun DUAL",
                "ModelNumber": "HDHR5-4US",
                "DeviceID": "10A1B2C3",
                "DeviceAuth": "an-auth-word",
                "TunerCount": 4,
                "BaseURL": self.address,
                "LineupURL": f"{self.address}/lineup.json",
            }
            return web.json_response(usual | self.facts)
        if isinstance(self.lineup, str):
            return web.Response(text=self.lineup)
        return web.Response(text=json.dumps(self.lineup), content_type="application/json")


@asynccontextmanager
async def running(tuner: Tuner) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/{path:.*}", tuner.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    tuner.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield tuner.address
    finally:
        await runner.cleanup()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Refreshing]:
    refreshing = Refreshing(tmp_path)
    async with refreshing.fetcher:
        yield refreshing


async def channels(world: Refreshing, tuner: Tuner) -> list[dict[str, Any]]:
    async with running(tuner) as address:
        rows = await world.refresh(kind="hdhomerun", address=address.removeprefix("http://"))
    assert rows is not None
    return rows


async def test_a_channel_has_the_tuner_s_number_name_and_address(world: Refreshing) -> None:
    [row] = await channels(world, Tuner())

    assert row["name"] == "WXYZ-HD"
    assert row["channel_number"] == row["provider_id"] == "5.1"
    assert row["stream_url"] == ONE["URL"]
    assert row["group_title"] is None
    assert row["attributes"] == []


async def test_hd_favourites_and_codecs_are_told(world: Refreshing) -> None:
    [row] = await channels(
        world,
        Tuner([ONE | {"HD": 1, "Favorite": 1, "VideoCodec": "MPEG2", "AudioCodec": "AC3"}]),
    )

    assert row["group_title"] == "Favourites"
    assert {pair["name"]: pair["value"] for pair in row["attributes"]} == {
        "hd": "1",
        "favorite": "1",
        "video-codec": "MPEG2",
        "audio-codec": "AC3",
    }


@pytest.mark.parametrize("mark", [{"DRM": 1}, {"DRM": "1"}, {"DRM": True}, {"Tags": "hd, drm"}])
async def test_a_protected_channel_is_left_out_and_counted(
    world: Refreshing, mark: dict[str, Any]
) -> None:
    rows = await channels(world, Tuner([ONE | mark | {"GuideNumber": "6"}, ONE]))

    assert [row["channel_number"] for row in rows] == ["5.1"]
    assert world.report.rejected == {hdhomerun.PROTECTED: 1}


@pytest.mark.parametrize("mark", [{"DRM": 0}, {"DRM": "0"}, {"DRM": False}, {"Favorite": 0}])
async def test_a_mark_that_is_not_set_changes_nothing(
    world: Refreshing, mark: dict[str, Any]
) -> None:
    [row] = await channels(world, Tuner([ONE | mark]))

    assert row["group_title"] is None


async def test_what_cannot_be_used_is_counted_by_its_reason(world: Refreshing) -> None:
    nameless = {"URL": ONE["URL"]}
    rows = await channels(
        world,
        Tuner(["x", ONE, nameless, ONE | {"URL": ""}, ONE | {"URL": "file:///etc/passwd"}]),
    )

    assert len(rows) == 1
    assert world.report.rejected == {
        hdhomerun.NO_CHANNEL: 1,
        hdhomerun.NO_NAME: 1,
        hdhomerun.NO_URL: 2,
    }
    assert set(world.report.rejected) <= set(hdhomerun.REJECTED)


async def test_a_number_may_come_as_a_number_and_stand_for_the_name(world: Refreshing) -> None:
    [row] = await channels(world, Tuner([{"GuideNumber": 7, "URL": ONE["URL"]}]))

    assert (row["name"], row["channel_number"]) == ("7", "7")


async def test_a_channel_stays_the_same_one_at_another_address(world: Refreshing) -> None:
    [before] = await channels(world, Tuner())
    moved = Tuner([ONE | {"GuideNumber": "4"}, ONE | {"URL": "http://elsewhere.invalid/v5.1"}])
    [_, after] = await channels(world, moved)

    assert after["channel_id"] == before["channel_id"]


async def test_the_tuners_are_the_streams_that_may_run_at_once(world: Refreshing) -> None:
    await channels(world, Tuner())

    assert world.collected is not None
    assert world.collected.account == Account(connections=4)


@pytest.mark.parametrize("count", [0, "many", None, -1, 10**6])
async def test_a_senseless_number_of_tuners_says_nothing(world: Refreshing, count: object) -> None:
    await channels(world, Tuner(facts={"TunerCount": count}))

    assert world.collected is not None
    assert world.collected.account == Account(connections=None)


async def test_the_lineup_is_where_the_device_says(world: Refreshing) -> None:
    tuner = Tuner(facts={"LineupURL": "/device/lineup.json"})
    await channels(world, tuner)

    assert tuner.asked == ["/discover.json", "/device/lineup.json"]


@pytest.mark.parametrize(
    "said", [None, 7, "http://elsewhere.invalid/lineup.json", "file:///etc/passwd", "http://[::"]
)
async def test_a_lineup_on_another_machine_is_not_asked_for(
    world: Refreshing, said: object
) -> None:
    tuner = Tuner(facts={"LineupURL": said})
    await channels(world, tuner)

    assert tuner.asked == ["/discover.json", "/lineup.json"]


@pytest.mark.parametrize(
    ("lineup", "reason"),
    [
        ("[]", Reason.EMPTY_ANSWER),
        ("", Reason.EMPTY_ANSWER),
        ([ONE | {"DRM": 1}], Reason.EMPTY_ANSWER),
        ("<html><body>Log in</body></html>", Reason.HTML_ANSWER),
        ("[{", Reason.PARSE_ERROR),
        pytest.param("[" * 10_000, Reason.PARSE_ERROR, id="deep"),
        pytest.param("[" + "{}," * hdhomerun.MOST_CHANNELS + "{}]", Reason.TOO_LARGE, id="long"),
        pytest.param("[" + "1," * 5_000_000 + "1]", Reason.TOO_LARGE, id="many values"),
        ('{"error": 1}', Reason.PARSE_ERROR),
    ],
)
async def test_a_lineup_that_is_none_is_refused(
    world: Refreshing, lineup: Any, reason: Reason
) -> None:
    with pytest.raises(Transient) as caught:
        await channels(world, Tuner(lineup))

    assert caught.value.reason is reason


async def test_what_is_no_tuner_is_told_so(world: Refreshing) -> None:
    async with running(Tuner()) as address:  # it answers every other path with a list
        with pytest.raises(Transient, match="no tuner of the HDHomeRun family"):
            await world.refresh(kind="hdhomerun", address=f"{address}/other")
