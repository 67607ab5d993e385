"""Refreshes that somebody asks for, linked guides, and what the YAML disables."""

from __future__ import annotations

import asyncio
import logging
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.controller.fake_clock import settle
from tests.controller.world import GUIDE, PLAYLIST, YAML, World, eventually, playlist
from tvarr.catalog import ledger
from tvarr.controller.schedule import LONGEST_SPREAD
from tvarr.errors import Reason, Stalled, Transient
from tvarr.outputs import publish
from tvarr.progress import Answer, State
from tvarr.web.status import State as Shown
from tvarr.web.status import state_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tvarr.controller.loop import Controller

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
OFF = YAML.replace("url: uk.m3u", "url: uk.m3u, enabled: false")
LINKED = """
    sources:
      uk: {kind: m3u, url: uk.m3u, refresh: 6h, guide: auto}
    proxies:
      family: {sources: [uk], epg: [uk]}
"""
NAMES_A_GUIDE = PLAYLIST.replace("#EXTM3U", '#EXTM3U url-tvg="http://guide.invalid/named.xml"')


@pytest.fixture
async def running(world: World) -> AsyncIterator[Controller]:
    """A controller whose first YAML has become a playlist."""
    world.declare()
    async with world.running() as controller:
        await eventually(lambda: world.ready("proxy/family") and "proxy/family" in world.turns())
        world.done.clear()
        world.fetcher.asked.clear()
        yield controller


class TestAsked:
    async def test_it_is_due_at_once_and_its_proxies_after_it(
        self, world: World, running: Controller
    ) -> None:
        world.write("uk.m3u", playlist("Only"))
        asked = running.refresh("source/uk")
        assert asked.answer is Answer.ACCEPTED
        await eventually(lambda: world.turns() == ["source/uk", "proxy/family"])
        assert world.file("family").count("#EXTINF") == 1

    async def test_what_comes_of_it_is_an_operation_after_the_one_it_names(
        self, world: World, running: Controller
    ) -> None:
        asked = running.refresh("source/uk")
        await eventually(lambda: world.turns() == ["source/uk"])
        operation = world.tools.progress.latest("source/uk")
        assert operation is not None
        assert operation.id > asked.after
        assert operation.state is State.COMPLETED

    async def test_the_next_one_comes_an_interval_later(
        self, world: World, running: Controller
    ) -> None:
        await world.pass_time(HOUR)
        running.refresh("source/uk")
        await eventually(lambda: world.turns() == ["source/uk"])
        due = world.status("source/uk").next_due
        assert due is not None
        assert timedelta() <= due - world.clock.now() - 6 * HOUR <= LONGEST_SPREAD

    async def test_a_proxy_is_looked_at_when_somebody_asks(
        self, world: World, running: Controller
    ) -> None:
        asked = running.refresh("proxy/family")
        assert asked.answer is Answer.ACCEPTED
        await eventually(lambda: world.turns() == ["proxy/family"])
        assert not world.done[0].changed

    async def test_numbers_that_were_set_back_are_given_anew_though_a_build_was_running(
        self, world: World, running: Controller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = ledger.find(world.data, "family")
        assert before is not None
        begun, go_on = threading.Event(), threading.Event()
        build = publish.build_and_publish

        def held_up(*given: Any) -> Any:
            begun.set()
            assert go_on.wait(30)
            return build(*given)

        monkeypatch.setattr(publish, "build_and_publish", held_up)
        world.write("uk.m3u", playlist("Only"))
        running.refresh("source/uk")
        await eventually(begun.is_set)
        assert ledger.remove(world.data, "family")
        assert running.refresh("proxy/family").answer is Answer.ACCEPTED
        go_on.set()
        await eventually(lambda: world.turns() == ["source/uk", "proxy/family", "proxy/family"])
        assert world.done[-1].changed
        after = ledger.find(world.data, "family")
        assert after is not None
        assert set(after.read()["name"]) == {"Only"}

    async def test_who_asks_a_thousand_times_has_one_build_more_and_one_line_in_the_log(
        self,
        world: World,
        running: Controller,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        begun, go_on = threading.Event(), threading.Event()
        build = publish.build_and_publish

        def held_up(*given: Any) -> Any:
            begun.set()
            assert go_on.wait(30)
            return build(*given)

        monkeypatch.setattr(publish, "build_and_publish", held_up)
        world.write("uk.m3u", playlist("Only"))
        running.refresh("source/uk")
        await eventually(begun.is_set)
        with caplog.at_level(logging.INFO):
            for _ in range(1_000):
                assert running.refresh("proxy/family").answer is Answer.ACCEPTED
        assert caplog.text.count("is built now") == 1
        go_on.set()
        await eventually(lambda: world.turns() == ["source/uk", "proxy/family", "proxy/family"])

    async def test_what_waits_for_an_edit_can_be_asked_for(
        self, world: World, running: Controller
    ) -> None:
        world.fetcher.answers["uk.m3u"] = [Stalled(Reason.UNSUPPORTED_URL, "not that")]
        running.refresh("source/uk")
        await eventually(lambda: world.turns() == ["source/uk"])
        assert running.refresh("source/uk").answer is Answer.ACCEPTED
        await eventually(lambda: world.turns() == ["source/uk"] * 2)
        assert world.ready("source/uk")

    @pytest.mark.parametrize("key", ["source/de", "epg/uk", "proxy/uk", "manifest/tvarr", ""])
    async def test_what_is_not_declared_is_unknown(self, running: Controller, key: str) -> None:
        assert running.refresh(key).answer is Answer.UNKNOWN

    async def test_what_runs_is_not_begun_again(self, world: World, running: Controller) -> None:
        world.fetcher.held["uk.m3u"] = asyncio.Event()
        running.refresh("source/uk")
        await eventually(lambda: world.fetcher.times("uk.m3u") == 1)
        asked = running.refresh("source/uk")
        assert asked.answer is Answer.RUNNING
        world.fetcher.held["uk.m3u"].set()
        await eventually(lambda: world.turns() == ["source/uk"])
        operation = world.tools.progress.latest("source/uk")
        assert operation is not None
        assert operation.id == asked.after + 1
        assert world.fetcher.times("uk.m3u") == 1

    @pytest.mark.parametrize("reason", [Reason.RATE_LIMITED, Reason.SLOTS_FULL])
    async def test_a_server_s_pause_is_told_and_broken_by_force_only(
        self, world: World, running: Controller, reason: Reason
    ) -> None:
        world.fetcher.answers["uk.m3u"] = [Transient(reason, "slowly", 7200)]
        running.refresh("source/uk")
        await eventually(lambda: world.turns() == ["source/uk"])
        asked = running.refresh("source/uk")
        assert asked.answer is Answer.PAUSED
        assert asked.until == world.status("source/uk").next_due
        assert (
            asked.sentence == "the server of source/uk asked for a pause until 2026-08-22 20:30 UTC"
        )
        assert world.fetcher.times("uk.m3u") == 1
        assert running.refresh("source/uk", force=True).answer is Answer.ACCEPTED
        await eventually(lambda: world.ready("source/uk"))

    async def test_a_pause_that_is_over_hinders_nobody(
        self, world: World, running: Controller
    ) -> None:
        world.fetcher.answers["uk.m3u"] = [Transient(Reason.RATE_LIMITED, "slowly", 7200)]
        running.refresh("source/uk")
        await eventually(lambda: world.turns() == ["source/uk"])
        await world.pass_time(2 * HOUR)
        assert running.refresh("source/uk").answer is not Answer.PAUSED

    async def test_without_a_running_controller_it_is_done_once(self, world: World) -> None:
        world.declare()
        await world.build()
        world.done.clear()
        world.write("uk.m3u", playlist("Only"))
        controller = world.controller()
        await controller.read()
        asked = await controller.refresh_once("source/uk")
        assert asked.answer is Answer.ACCEPTED
        assert world.turns() == ["source/uk", "proxy/family"]


class TestHeldBack:
    async def test_accepting_takes_the_answer_over(self, world: World, running: Controller) -> None:
        names = [f"Channel {number}" for number in range(40)]
        world.write("uk.m3u", playlist(*names))
        running.refresh("source/uk")
        await eventually(lambda: world.turns() == ["source/uk", "proxy/family"])
        world.write("uk.m3u", playlist("Only"))
        running.refresh("source/uk")
        await eventually(lambda: world.turns().count("source/uk") == 2)
        assert world.reason("source/uk") is Reason.SHRUNK
        assert world.file("family").count("#EXTINF") == 40
        running.refresh("source/uk", accept=True)
        await eventually(lambda: world.ready("source/uk"))
        await eventually(lambda: world.file("family").count("#EXTINF") == 1)


class TestLinked:
    @pytest.fixture
    async def linked(self, world: World) -> AsyncIterator[Controller]:
        world.declare(LINKED)
        world.write("uk.m3u", NAMES_A_GUIDE)
        world.fetcher.answers["named.xml"] = GUIDE.encode()
        async with world.running() as controller:
            await eventually(lambda: world.ready("epg/uk") and world.ready("proxy/family"))
            yield controller

    async def test_a_guide_follows_its_source(self, world: World, linked: Controller) -> None:
        turns = world.turns()
        assert turns.index("source/uk") < turns.index("epg/uk")

    @pytest.mark.parametrize(("one", "other"), [("source", "epg"), ("epg", "source")])
    async def test_a_refresh_of_one_side_brings_the_other_along(
        self, world: World, linked: Controller, one: str, other: str
    ) -> None:
        await world.pass_time(5 * MINUTE)
        world.done.clear()
        linked.refresh(f"{one}/uk")
        await eventually(lambda: f"{other}/uk" in world.turns())
        await asyncio.sleep(0.1)
        assert [key for key in world.turns() if "proxy" not in key] == [f"{one}/uk", f"{other}/uk"]

    async def test_but_not_one_that_was_refreshed_in_the_last_five_minutes(
        self, world: World, linked: Controller
    ) -> None:
        await world.pass_time(5 * MINUTE - timedelta(seconds=1))
        world.done.clear()
        linked.refresh("source/uk")
        await eventually(lambda: "source/uk" in world.turns())
        await asyncio.sleep(0.1)
        assert "epg/uk" not in world.turns()

    async def test_a_renewed_account_has_its_guide_refreshed_with_it(
        self, world: World, linked: Controller
    ) -> None:
        answers, refused = world.fetcher.answers, Transient(Reason.ACCOUNT_EXPIRED, "it has ended")
        well = dict(answers)
        answers |= {"uk.m3u": refused, "named.xml": refused}
        await eventually(lambda: linked.refresh("epg/uk").answer is Answer.ACCEPTED)
        await eventually(lambda: linked.refresh("source/uk").answer is Answer.ACCEPTED)
        await eventually(lambda: world.failures("epg/uk") == world.failures("source/uk") == 1)
        await world.pass_time(5 * MINUTE)
        await eventually(lambda: world.failures("epg/uk") == world.failures("source/uk") == 2)
        answers.clear()
        answers |= well
        await eventually(lambda: linked.refresh("source/uk").answer is Answer.ACCEPTED)
        await eventually(lambda: world.ready("source/uk") and world.ready("epg/uk"))

    async def test_nor_when_it_failed_itself(self, world: World, linked: Controller) -> None:
        await world.pass_time(5 * MINUTE)
        world.done.clear()
        world.fetcher.answers["uk.m3u"] = Transient(Reason.RATE_LIMITED, "slowly", 7200)
        linked.refresh("source/uk")
        await eventually(lambda: world.failures("source/uk") == 1)
        await asyncio.sleep(0.1)
        assert "epg/uk" not in world.turns()


class TestDisabled:
    async def test_it_is_not_fetched_and_says_so(self, world: World) -> None:
        world.declare(OFF)
        async with world.running():
            await eventually(lambda: "epg/guide" in world.turns())
            await eventually(lambda: "proxy/family" in world.turns())
        assert world.fetcher.times("uk.m3u") == 0
        assert world.reason("source/uk") is Reason.DISABLED
        assert world.message("source/uk") == "is disabled in the YAML"
        assert state_of(world.status("source/uk")) is Shown.DISABLED

    async def test_disabling_it_takes_it_out_of_its_proxies_and_keeps_its_data(
        self, world: World, running: Controller
    ) -> None:
        both = YAML.replace("url: uk.m3u}", "url: uk.m3u}\n      de: {kind: m3u, url: de.m3u}")
        both = both.replace("sources: [uk]", "sources: [uk, de]")
        await world.edit(both)
        await eventually(lambda: world.file("family").count("#EXTINF") == 3)
        await world.edit(both.replace("url: uk.m3u}", "url: uk.m3u, enabled: false}"))
        await eventually(lambda: world.file("family").count("#EXTINF") == 1)
        status = world.status("source/uk")
        assert state_of(status) is Shown.DISABLED
        assert "; what was read at 2026-08-22 18:30 UTC is kept" in world.message("source/uk")
        assert (status.failures, status.next_due) == (0, None)
        await world.pass_time(timedelta(days=3))
        assert (world.data / "snapshots" / "source" / "uk" / str(status.snapshot)).is_dir()
        assert world.fetcher.times("uk.m3u") == 0

    async def test_enabling_it_takes_effect_at_once(
        self, world: World, running: Controller
    ) -> None:
        await world.edit(OFF)
        await eventually(lambda: world.reason("source/uk") is Reason.DISABLED)
        world.write("uk.m3u", playlist("Only"))
        await world.edit(YAML)
        await eventually(lambda: world.file("family").count("#EXTINF") == 1)
        assert world.ready("source/uk")

    async def test_one_that_is_disabled_while_it_is_fetched_ends_disabled(
        self, world: World, running: Controller
    ) -> None:
        world.fetcher.held["uk.m3u"] = asyncio.Event()
        running.refresh("source/uk")
        await eventually(lambda: world.fetcher.times("uk.m3u") == 1)
        await world.edit(OFF)
        await eventually(lambda: world.reason("source/uk") is Reason.DISABLED)
        world.fetcher.held["uk.m3u"].set()
        await eventually(lambda: "source/uk" in world.turns())
        await eventually(lambda: world.reason("source/uk") is Reason.DISABLED)
        await world.pass_time(timedelta(days=1))
        assert world.fetcher.times("uk.m3u") == 1

    async def test_a_proxy_of_disabled_sources_alone_keeps_its_files(
        self, world: World, running: Controller
    ) -> None:
        await world.edit(OFF)
        await eventually(lambda: world.reason("proxy/family") is Reason.DISABLED)
        assert "all of its sources are disabled in the YAML" in world.message("proxy/family")
        assert world.file("family").count("#EXTINF") == 2

    async def test_it_cannot_be_refreshed(self, world: World, running: Controller) -> None:
        await world.edit(OFF)
        await eventually(lambda: world.reason("source/uk") is Reason.DISABLED)
        assert running.refresh("source/uk").answer is Answer.DISABLED


class TestCatchUp:
    async def test_runs_that_were_missed_are_one_run_at_the_start(self, world: World) -> None:
        world.declare()
        await world.build()
        world.fetcher.asked.clear()
        await world.pass_time(timedelta(days=3))
        async with world.running():
            await eventually(lambda: world.fetcher.times("uk.m3u") == 1)
            await eventually(lambda: "proxy/family" in world.turns()[3:])
            await asyncio.sleep(0.1)
        assert world.fetcher.times("uk.m3u") == 1


class TestWhileRefreshed:
    async def test_a_build_that_went_on_without_it_says_so_until_it_has_come(
        self, world: World, running: Controller
    ) -> None:
        world.fetcher.held["uk.m3u"] = asyncio.Event()
        running.refresh("source/uk")
        await eventually(lambda: world.fetcher.times("uk.m3u") == 1)
        news = running.adopted()
        await anext(news)
        await world.edit(YAML.replace("epg: [guide]", "epg: [guide], numbering: {start: 7}"))
        await asyncio.wait_for(anext(news), 30)
        await news.aclose()  # type: ignore[attr-defined]
        await settle()
        await world.pass_time(MINUTE)
        words = "; built while source/uk was being refreshed"
        await eventually(lambda: world.message("proxy/family").endswith(words))
        assert 'tvg-chno="7"' in world.file("family")
        world.fetcher.held["uk.m3u"].set()
        await eventually(lambda: words not in world.message("proxy/family"))
