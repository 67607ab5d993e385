"""One turn of one resource: whatever happens, one status is written and the log says it once."""

from __future__ import annotations

import asyncio
import errno
import logging
from typing import TYPE_CHECKING

import pytest

from tests.controller.fake_clock import START
from tests.controller.world import World, eventually
from tvarr.controller.plan import Task, Why, Work
from tvarr.controller.resources import Resources, declared
from tvarr.controller.turn import Done, take_turn
from tvarr.errors import Reason, Stalled, Transient
from tvarr.spec.manifest import Manifest
from tvarr.state.conditions import ConditionType, Status
from tvarr.state.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

WORK = Work("source/uk", Task.FETCH, START, Why.DUE)
TIMEOUT = Transient(Reason.TIMEOUT, "no answer")


@pytest.fixture(autouse=True)
def _all_log_lines(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "tvarr.controller.turn")


def resources() -> Resources:
    manifest = {
        "sources": {"uk": {"kind": "m3u", "url": "uk.m3u", "refresh": "6h"}},
        "proxies": {"family": {"sources": ["uk"]}},
    }
    return declared(Manifest.model_validate(manifest), 8888)


async def turn(world: World, work: Work = WORK) -> Done:
    return await take_turn(work, resources()[work.key], world.store, world.tools)


def lines(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(record.levelname, record.getMessage()) for record in caplog.records]


class TestStatus:
    async def test_it_is_written_once_and_reaches_the_disk(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.declare()
        written: list[Status | None] = []
        update = world.store.update

        def noted(key: str, change: Callable[[Status], Status]) -> Status | None:
            written.append(update(key, change))
            return written[-1]

        monkeypatch.setattr(world.store, "update", noted)
        done = await turn(world)
        assert written == [done.status]
        assert Store(world.data / "state.json").get("source/uk") == done.status

    async def test_while_it_lasts_the_resource_is_reconciling(self, world: World) -> None:
        world.declare()
        world.fetcher.held["uk.m3u"] = asyncio.Event()
        running = asyncio.create_task(turn(world))
        await eventually(lambda: world.fetcher.asked)
        shown = world.status("source/uk").condition(ConditionType.RECONCILING)
        assert shown is not None
        assert (shown.status, shown.message) == (True, "its time has come")
        assert Store(world.data / "state.json").get("source/uk") is None
        world.fetcher.held["uk.m3u"].set()
        await running

    async def test_it_says_how_long_work_took_and_forgets_idle_looks(self, world: World) -> None:
        world.declare()
        first = await turn(world)
        assert first.status.seconds is not None
        assert (await turn(world)).status.seconds == first.status.seconds

    async def test_a_mark_of_removal_set_meanwhile_is_kept(self, world: World) -> None:
        world.declare()
        world.fetcher.held["uk.m3u"] = asyncio.Event()
        running = asyncio.create_task(turn(world))
        await eventually(lambda: world.fetcher.asked)
        status = world.status("source/uk").model_copy(update={"removed_at": START})
        world.store.put(status)
        world.fetcher.held["uk.m3u"].set()
        assert (await running).status.removed_at == START

    async def test_what_follows_is_a_refresh_or_a_retry(self, world: World) -> None:
        world.declare()
        following = (await turn(world)).following()
        assert following is not None
        assert (following.why, following.task) == (Why.DUE, Task.FETCH)
        world.fetcher.answers["uk.m3u"] = TIMEOUT
        following = (await turn(world)).following()
        assert following is not None
        assert following.why is Why.RETRY

    async def test_a_proxy_without_a_window_has_nothing_to_follow(self, world: World) -> None:
        world.declare()
        await turn(world)
        done = await turn(world, Work("proxy/family", Task.BUILD, START, Why.NEW))
        assert done.status.ready
        assert done.following() is None


class TestForced:
    async def test_a_forced_document_is_fetched_without_conditions(self, world: World) -> None:
        world.declare()
        await turn(world)
        await turn(world, Work("source/uk", Task.FETCH, START, Why.FORCED))
        assert [request.file_stamp for request in world.fetcher.asked] == [None, None]

    async def test_a_forced_proxy_is_built_although_nothing_changed(self, world: World) -> None:
        world.declare()
        await turn(world)
        build = Work("proxy/family", Task.BUILD, START, Why.NEW)
        first = await turn(world, build)
        assert not (await turn(world, build)).changed
        forced = await turn(world, Work("proxy/family", Task.BUILD, START, Why.FORCED))
        assert forced.changed
        assert forced.status.revision == first.status.revision


class TestLog:
    async def test_a_failure_is_one_line_when_it_begins_and_one_when_it_ends(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        world.declare()
        world.fetcher.answers["uk.m3u"] = [TIMEOUT, TIMEOUT, TIMEOUT]
        for _ in range(4):
            await turn(world)
        told = [line for line in lines(caplog) if line[0] != "DEBUG"]
        assert told == [
            ("WARNING", "source/uk: no answer"),
            ("INFO", "source/uk is well again: 2 channels"),
        ]

    async def test_a_change_is_told_and_no_change_is_not(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        world.declare()
        await turn(world)
        await turn(world)
        assert lines(caplog) == [
            ("INFO", "source/uk: 2 channels"),
            ("DEBUG", "source/uk: 2 channels"),
        ]


class TestTheUnforeseen:
    async def test_it_is_retried_and_its_traceback_is_logged_once(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        world.declare()
        world.fetcher.answers["uk.m3u"] = [ZeroDivisionError("x"), ZeroDivisionError("x")]
        first = await turn(world)
        second = await turn(world)
        assert first.status.condition(ConditionType.READY) is not None
        assert second.status.failures == 2
        assert second.status.next_due is not None
        assert "unexpected ZeroDivisionError" in world.message("source/uk")
        assert world.reason("source/uk") is Reason.INTERNAL_ERROR
        assert sum(record.exc_info is not None for record in caplog.records) == 1

    async def test_a_full_disk_has_a_reason_of_its_own(self, world: World) -> None:
        world.declare()
        world.fetcher.answers["uk.m3u"] = OSError(errno.ENOSPC, "no room")
        await turn(world)
        assert world.reason("source/uk") is Reason.DISK_FULL

    async def test_a_stall_is_shown_as_one(self, world: World) -> None:
        world.declare()
        world.fetcher.answers["uk.m3u"] = Stalled(Reason.UNSUPPORTED_URL, "not that")
        status = (await turn(world)).status
        stalled = status.condition(ConditionType.STALLED)
        assert stalled is not None
        assert stalled.status

    async def test_cancelling_writes_nothing(self, world: World) -> None:
        world.declare()
        world.fetcher.held["uk.m3u"] = asyncio.Event()
        running = asyncio.create_task(turn(world))
        await eventually(lambda: world.fetcher.asked)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert Store(world.data / "state.json").all() == []
