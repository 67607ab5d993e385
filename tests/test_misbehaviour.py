"""Providers that misbehave: for each, the reason, the next try, what is served, the recovery.

A real provider, fetcher and controller; only the clock is moved by hand. Everything is fetched well
once before the provider begins to misbehave, and the very retry that the status announces has to
find that the provider is well again.
"""

from __future__ import annotations

import contextlib
import logging
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.controller.world import World, eventually
from tests.misbehaviours import (
    DAY,
    HOUR,
    PLAYLIST,
    RECOVERED,
    SENTENCES,
    SMALL,
    UNTIL_AN_EDIT,
    Case,
    Place,
    cases,
)
from tests.provider import Panel, Provider, document
from tests.provider.panel import BEGIN, film, guide, live
from tvarr.controller.policy import POLICIES
from tvarr.controller.schedule import JITTER
from tvarr.errors import Reason
from tvarr.fetch.breaker import Breakers
from tvarr.fetch.client import Fetcher, Limits
from tvarr.state.conditions import ConditionType

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tvarr.controller.turn import Done
    from tvarr.state.conditions import Status

LIMITS = Limits(head=30, pace_bytes=1000, pace_window=3, total=60)
CASES = list(cases())
SERVING = "serving the snapshot of 2026-08-22 18:30 UTC"
USER, PASSWORD = "ann-7", "sesame-7"
LATER = BEGIN + 3 * DAY
"""When the guide's programmes are, so that they do not pass while time does."""


@dataclass
class Live(World):
    """A small world whose documents come from a real provider."""

    provider: Provider = field(default_factory=Provider)
    panel: Panel = field(default_factory=Panel)
    key: str = "source/tv"
    """What is to misbehave."""

    def yaml(self, more: str = "") -> str:
        """Declare what is to misbehave and what it takes to make a proxy of it."""
        url = self.provider.url
        fetched = f"refresh: 24h, timeout: 3s, max_size: {SMALL // 2**20}MiB{more}"
        login = f"username: {USER}, password: {PASSWORD}"
        source, guides = "tv", "guide" if self.key == "epg/guide" else ""
        declared = f'{{kind: m3u, url: "{url("/tv.m3u")}", refresh: 100d}}'
        if self.key == "source/tv":
            declared = f'{{kind: m3u, url: "{url("/tv.m3u")}", {fetched}}}'
        if self.key == "source/panel":
            source, declared = "panel", f'{{kind: xtream, url: "{url()}", {login}, {fetched}}}'
        lines = ["sources:", f"  {source}: {declared}"]
        if guides:
            lines += ["epg:", f'  guide: {{kind: xmltv, url: "{url("/guide.xml")}", {fetched}}}']
        lines += ["proxies:", f"  family: {{sources: [{source}], epg: [{guides}]}}"]
        return "\n".join(lines) + "\n"

    def be_well(self) -> None:
        """Let the provider give what it gave at first."""
        self.panel = Panel(USER, PASSWORD)
        self.provider.table = {
            "/tv.m3u": document(PLAYLIST),
            "/guide.xml": document(guide(10, LATER)),
            **self.panel.table(),
        }

    def recover(self) -> None:
        """Let the provider give something newer."""
        self.be_well()
        self.provider.table["/tv.m3u"] = document(RECOVERED)
        self.provider.table["/guide.xml"] = document(guide(10, LATER + HOUR))
        self.panel.lists["get_live_streams"].append(live(11))
        self.panel.lists["get_vod_streams"].append(film(6))

    async def come_to(self, key: str) -> None:
        """Move the clock to the moment at which the resource is due."""
        due = self.status(key).next_due
        assert due is not None
        await self.pass_time(max(due - self.clock.now(), timedelta()))

    def failures_of(self, key: str) -> list[Done]:
        return [done for done in self.done if done.status.key == key and done.status.failures]

    async def have_failed(self, key: str, times: int) -> None:
        await eventually(lambda: len(self.failures_of(key)) >= times)

    def has_built(self) -> bool:
        return any(done.status.ready for done in self.done if done.status.key == "proxy/family")

    def served(self) -> tuple[str, str]:
        return self.file("family"), self.file("family", "guide.xml")


@asynccontextmanager
async def well(path: Path, key: str) -> AsyncIterator[Live]:
    """Yield a world in which everything was fetched once."""
    async with Provider() as provider:
        world = Live(path, provider=provider, key=key)
        now = world.clock.now
        async with Fetcher(LIMITS, Breakers(lambda: now().timestamp())) as fetcher, world.workers:
            world.tools = replace(world.tools, fetcher=fetcher)
            world.be_well()
            world.declare(world.yaml())
            async with world.running():
                await eventually(world.has_built)
                yield world


def wait_after(done: Done) -> timedelta | None:
    status = done.status
    assert status.last_attempt is not None
    return None if status.next_due is None else status.next_due - status.last_attempt


def is_stalled(status: Status) -> bool:
    condition = status.condition(ConditionType.STALLED)
    return condition is not None and condition.status


def agrees(found: timedelta | None, wanted: timedelta | None) -> bool:
    """Whether a wait is as long as it should be; the ladder and refreshes lean a little."""
    if found is None or wanted is None:
        return found is wanted
    return abs(found - wanted) <= wanted * JITTER


def plain(sentence: str) -> str:
    """Return a sentence without the ports, which the system chose."""
    return re.sub(r"127\.0\.0\.1:\d{2,}", "HOST", sentence)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_a_misbehaviour(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with well(tmp_path, case.of) as world:
        good, served = world.status(case.of), world.served()
        with contextlib.ExitStack() as closing, monkeypatch.context() as patch:
            case.misbehave(Place(world.provider, world.panel, patch, closing))
            await _fail_twice(case, world)
            _judge(case, world, good)
            assert world.served() == served
        world.recover()
        await _recover(case, world)
        assert world.status(case.of).snapshot != good.snapshot
        await eventually(lambda: world.served() != served)


async def _fail_twice(case: Case, world: Live) -> None:
    """Come to the next refresh, and to the retry after it."""
    await world.come_to(case.of)
    await world.have_failed(case.of, 1)
    if case.waits[0]:  # else it comes at once
        await world.come_to(case.of)
    await world.have_failed(case.of, 2)


def _judge(case: Case, world: Live, good: Status) -> None:
    first, second = world.failures_of(case.of)
    assert first.status.condition(ConditionType.READY)
    assert world.reason(case.of) is case.reason
    said = SENTENCES[case.name].replace("NAME", case.of.removeprefix("source/"))
    assert plain(world.message(case.of)) == f"{said}; {SERVING}"
    assert agrees(wait_after(first), case.waits[0])
    assert agrees(wait_after(second), case.waits[1])
    assert is_stalled(first.status) is case.stalled
    assert is_stalled(second.status) is (case.stalled or case.waits[1] is UNTIL_AN_EDIT)
    assert world.status(case.of).snapshot == good.snapshot


async def _recover(case: Case, world: Live) -> None:
    """Come to the announced moment, not earlier; or edit what waits for an edit."""
    asked = len(world.provider.seen)
    if case.waits[1] is UNTIL_AN_EDIT:
        await world.pass_time(100 * DAY)
        assert len(world.provider.seen) == asked
        await world.edit(world.yaml(", user_agent: another"))
    else:
        due = world.status(case.of).next_due
        assert due is not None
        await world.pass_time(due - world.clock.now() - timedelta(seconds=1))
        assert len(world.provider.seen) == asked
        await world.come_to(case.of)
    await eventually(lambda: world.ready(case.of))
    assert world.failures(case.of) == 0


def test_there_are_as_many_cases_as_were_promised() -> None:
    assert len(CASES) >= 30
    assert len({case.name for case in CASES}) == len(CASES)
    assert set(SENTENCES) == {case.name for case in CASES}


def test_every_reason_of_fetching_and_reading_has_a_case() -> None:
    elsewhere = {
        Reason.UNSUPPORTED_URL,  # tests/fetch/test_http.py
        Reason.FILE_MISSING,  # tests/fetch/test_local.py
        Reason.DEPENDENCY_NOT_READY,  # tests/controller/test_proxies.py
        Reason.BUILD_FAILED,
        Reason.CONFIG_INVALID,  # tests/controller/test_loop.py
        Reason.SNAPSHOT_LOST,
        Reason.INTERNAL_ERROR,  # tests/controller/test_turn.py
        Reason.PLUGIN_FAILED,  # tests/test_plugins.py
    }
    assert {case.reason for case in CASES} == set(POLICIES) - elsewhere


class TestADayOfTrouble:
    """A source that fails for a day is one line in the log when it begins, one when it ends."""

    @pytest.mark.parametrize("name", ["500", "nobody listens", "458", "no network", "web page"])
    async def test_is_two_lines_in_the_log(
        self,
        name: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        case = next(case for case in CASES if case.name == name)
        async with well(tmp_path, case.of) as world:
            with contextlib.ExitStack() as closing, monkeypatch.context() as patch:
                case.misbehave(Place(world.provider, world.panel, patch, closing))
                await world.come_to(case.of)
                caplog.clear()
                caplog.set_level(logging.INFO, "tvarr")
                time = HOUR if case.reason is Reason.NETWORK_DOWN else DAY
                attempts = await _live_through(world, case.of, time)
                assert len(caplog.records) == 1
            world.be_well()
            await world.come_to(case.of)
            await eventually(lambda: len(caplog.records) >= 2)
        told = [record.getMessage() for record in caplog.records]
        assert attempts > 5
        assert len(told) == 2, told
        assert told[0].startswith("source/tv: ")
        assert told[0].endswith(f"; {SERVING}")
        assert told[1] == "source/tv is well again: 10 channels"


async def _live_through(world: Live, key: str, time: timedelta) -> int:
    """Let time pass from one attempt to the next; return how many there were."""
    end, attempts = world.clock.now() + time, 0
    while world.clock.now() < end:
        if attempts:
            await world.come_to(key)
        attempts += 1
        await world.have_failed(key, attempts)
    return attempts
