"""Clocks: the machine's, and one that stands still."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from tvarr.controller.clock import FrozenClock, SystemClock

if TYPE_CHECKING:
    import pytest

MOMENT = datetime(2026, 8, 22, 20, 30, tzinfo=timezone(timedelta(hours=2)))


class TestSystemClock:
    async def test_it_wakes_for_an_event_before_the_moment(self) -> None:
        clock, event = SystemClock(), asyncio.Event()
        asyncio.get_running_loop().call_soon(event.set)
        await clock.wait(event, clock.now() + timedelta(days=1))
        assert event.is_set()

    async def test_it_wakes_at_the_moment_without_the_event(self) -> None:
        clock, event = SystemClock(), asyncio.Event()
        moment = clock.now() + timedelta(milliseconds=20)
        await clock.wait(event, moment)
        assert clock.now() >= moment

    async def test_a_moment_that_has_passed_is_not_waited_for(self) -> None:
        clock = SystemClock()
        await clock.wait(asyncio.Event(), clock.now() - timedelta(days=1))

    async def test_a_machine_that_was_asleep_is_noticed(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The wall clock jumps a day while the loop's own clock hardly moves."""
        monkeypatch.setattr("tvarr.controller.clock.LONGEST_SLEEP", timedelta(milliseconds=10))
        clock, start = SystemClock(), datetime.now(UTC)
        moments = iter([start, start, start + timedelta(days=1)])
        monkeypatch.setattr(clock, "now", lambda: next(moments))
        await clock.wait(asyncio.Event(), start + timedelta(hours=3))
        assert next(moments, None) is None

    def test_it_tells_the_time_in_utc(self) -> None:
        assert SystemClock().now().tzinfo is UTC


class TestFrozenClock:
    def test_it_stands_still_and_tells_the_time_in_utc(self) -> None:
        clock = FrozenClock(MOMENT)
        assert clock.now() == MOMENT
        assert clock.now().tzinfo is UTC

    async def test_a_later_moment_never_comes(self) -> None:
        clock, event = FrozenClock(MOMENT), asyncio.Event()
        waiting = asyncio.create_task(clock.wait(event, MOMENT + timedelta(seconds=1)))
        await asyncio.sleep(0.02)
        assert not waiting.done()
        event.set()
        await waiting

    async def test_the_present_moment_is_there_already(self) -> None:
        await FrozenClock(MOMENT).wait(asyncio.Event(), MOMENT)
