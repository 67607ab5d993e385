"""The control loop: edits, refreshes, failures and removals, with days that pass in no time."""

from __future__ import annotations

import asyncio
import logging
import shutil
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.controller.fake_clock import settle
from tests.controller.world import PLAYLIST, YAML, World, eventually, playlist
from tvarr.controller.loop import Environment
from tvarr.controller.plan import GRACE
from tvarr.controller.schedule import spread
from tvarr.controller.workqueue import PATIENCE
from tvarr.errors import Reason, Stalled, Transient
from tvarr.progress import Answer
from tvarr.state.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tvarr.controller.loop import Controller

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SIX_HOURS = 6 * HOUR + spread("source/uk", 6 * HOUR)
"""When the source that is refreshed every six hours is due again."""
TWO_PROXIES = YAML + "      kids: {sources: [uk], numbering: {start: 500}}\n"
WITHOUT_PROXY = YAML.replace("      family: {sources: [uk], epg: [guide]}\n", "      {}\n")
TWO_SOURCES = """
    sources:
      uk: {kind: m3u, url: uk.m3u, refresh: 6h}
      de: {kind: m3u, url: de.m3u, refresh: 6h}
    proxies:
      both: {sources: [uk, de]}
"""
BROKEN = YAML.replace("sources: [uk]", "sourcs: [uk]")
TIMEOUT = Transient(Reason.TIMEOUT, "no answer")


@pytest.fixture
async def running(world: World) -> AsyncIterator[Controller]:
    """A controller whose first YAML has become a playlist."""
    world.declare()
    async with world.running() as controller:
        await eventually(lambda: world.ready("proxy/family") and "proxy/family" in world.turns())
        yield controller


class TestBegin:
    async def test_a_yaml_becomes_a_playlist_and_a_guide(
        self, world: World, running: Controller
    ) -> None:
        assert sorted(world.turns()) == ["epg/guide", "proxy/family", "source/uk"]
        assert world.turns()[-1] == "proxy/family"
        assert world.file("family").count("#EXTINF") == 2
        assert "<title>News</title>" in world.file("family", "guide.xml")

    async def test_before_their_turn_resources_are_waiting(self, world: World) -> None:
        world.declare()
        world.fetcher.held["uk.m3u"] = asyncio.Event()
        async with world.running():
            await eventually(lambda: world.fetcher.asked)
            assert world.reason("proxy/family") is Reason.WAITING
            world.fetcher.held["uk.m3u"].set()
            await eventually(lambda: world.ready("proxy/family"))

    async def test_the_yaml_has_a_status_of_its_own(
        self, world: World, running: Controller
    ) -> None:
        assert world.message("manifest/tvarr") == "1 source, 1 guide, 1 proxy"
        assert world.status("manifest/tvarr").counts == {"sources": 1, "guides": 1, "proxies": 1}

    async def test_a_restart_with_nothing_new_reads_nothing(self, world: World) -> None:
        world.declare()
        await world.build()
        world.fetcher.asked.clear()
        async with world.running():
            await eventually(lambda: world.turns().count("proxy/family") == 2)
        assert world.fetcher.asked == []

    async def test_a_broken_yaml_at_the_start_leaves_what_was_published(self, world: World) -> None:
        world.declare()
        await world.build()
        world.declare(BROKEN)
        async with world.running() as controller:
            await eventually(lambda: world.reason("manifest/tvarr") is Reason.CONFIG_INVALID)
            assert controller.manifest is None
            assert world.file("family").count("#EXTINF") == 2
            assert world.status("proxy/family").removed_at is None
            await world.edit(TWO_PROXIES)
            await eventually(lambda: world.ready("proxy/kids"))


class TestEdits:
    async def test_a_new_proxy_is_built_without_fetching_again(
        self, world: World, running: Controller
    ) -> None:
        world.fetcher.asked.clear()
        await world.edit(TWO_PROXIES)
        await eventually(lambda: world.ready("proxy/kids"))
        assert world.fetcher.asked == []
        assert 'tvg-chno="500"' in world.file("kids")

    async def test_a_bad_edit_leaves_everything_and_names_the_place(
        self, world: World, running: Controller, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO, "tvarr")
        before = running.manifest
        await world.edit(BROKEN)
        await eventually(lambda: not world.ready("manifest/tvarr"))
        problem = world.status("manifest/tvarr").problems[-1]
        assert (problem.line, problem.where) == (7, "proxies.family")
        assert 'did you mean "sources"' in problem.message
        assert running.manifest is before
        assert world.ready("proxy/family")
        assert "the last good version goes on running" in caplog.text
        assert ":7:" in caplog.text

    async def test_mending_it_recovers(self, world: World, running: Controller) -> None:
        await world.edit(BROKEN)
        await eventually(lambda: not world.ready("manifest/tvarr"))
        await world.edit(YAML)
        await eventually(lambda: world.ready("manifest/tvarr"))
        assert world.status("manifest/tvarr").problems == ()

    async def test_a_refresh_comes_while_the_yaml_is_broken(
        self, world: World, running: Controller
    ) -> None:
        await world.edit(BROKEN)
        await eventually(lambda: not world.ready("manifest/tvarr"))
        world.write("uk.m3u", playlist("Only"))
        await world.pass_time(SIX_HOURS)
        await eventually(lambda: world.file("family").count("#EXTINF") == 1)

    async def test_a_local_document_that_changes_is_read_at_once(
        self, world: World, running: Controller
    ) -> None:
        assert world.path / "uk.m3u" in running.watched()
        world.write("uk.m3u", playlist("Only"))
        world.hear_of_a_change()
        await eventually(lambda: world.file("family").count("#EXTINF") == 1)

    async def test_a_missing_local_document_is_read_when_it_comes(self, world: World) -> None:
        world.declare()
        (world.path / "uk.m3u").unlink()
        async with world.running():
            await eventually(lambda: world.reason("source/uk") is Reason.FILE_MISSING)
            world.write("uk.m3u", PLAYLIST)
            world.hear_of_a_change()
            await eventually(lambda: world.ready("proxy/family"))

    async def test_a_changed_source_is_fetched_without_conditions(
        self, world: World, running: Controller
    ) -> None:
        world.fetcher.asked.clear()
        await world.edit(YAML.replace("url: uk.m3u", "url: uk.m3u, user_agent: player"))
        await eventually(lambda: world.fetcher.asked and world.ready("source/uk"))
        assert world.fetcher.asked[0].file_stamp is None

    async def test_an_edit_while_a_source_is_fetched_makes_it_run_once_more(
        self, world: World, running: Controller
    ) -> None:
        world.fetcher.held["uk.m3u"] = asyncio.Event()
        world.fetcher.asked.clear()
        await world.edit(YAML.replace("url: uk.m3u", "url: uk.m3u, user_agent: one"))
        await eventually(lambda: world.fetcher.times("uk.m3u") == 1)
        await world.edit(YAML.replace("url: uk.m3u", "url: uk.m3u, user_agent: two"))
        await eventually(lambda: "two" in str(running.manifest))
        world.fetcher.held["uk.m3u"].set()
        await eventually(lambda: world.fetcher.times("uk.m3u") == 2)
        assert [request.user_agent for request in world.fetcher.asked] == ["one", "two"]

    async def test_another_port_stands_in_the_files(
        self, world: World, running: Controller
    ) -> None:
        assert "http://127.0.0.1:8888/family/guide.xml.gz" in world.file("family")
        await world.edit(YAML + "    server: {port: 9999}\n")
        await eventually(lambda: "http://127.0.0.1:9999/" in world.file("family"))

    async def test_the_app_hears_of_every_edit(self, world: World, running: Controller) -> None:
        news = running.adopted()
        await anext(news)
        await world.edit(TWO_PROXIES)
        await asyncio.wait_for(anext(news), 30)
        await news.aclose()  # type: ignore[attr-defined]


class TestRefreshes:
    async def test_a_source_is_refreshed_when_its_time_has_come(
        self, world: World, running: Controller
    ) -> None:
        world.fetcher.asked.clear()
        await world.pass_time(SIX_HOURS - timedelta(seconds=1))
        assert world.fetcher.times("uk.m3u") == 0
        await world.pass_time(timedelta(seconds=1))
        await eventually(lambda: world.fetcher.times("uk.m3u") == 1)

    async def test_a_new_snapshot_is_built_into_its_proxies(
        self, world: World, running: Controller
    ) -> None:
        world.write("uk.m3u", playlist("Only"))
        await world.pass_time(SIX_HOURS)
        await eventually(lambda: world.file("family").count("#EXTINF") == 1)

    async def test_the_guide_s_window_moves_on_by_itself(
        self, world: World, running: Controller
    ) -> None:
        before = world.status("proxy/family").build_key
        await world.pass_time(timedelta(hours=5, minutes=30))
        await eventually(lambda: world.status("proxy/family").build_key != before)
        assert world.fetcher.times("uk.m3u") == 1

    async def test_a_week_of_refreshes_passes(self, world: World, running: Controller) -> None:
        world.fetcher.asked.clear()
        for day in range(28):
            await world.pass_time(SIX_HOURS)
            await eventually(partial(_has_had_turns, world, "source/uk", day + 2))
        assert world.fetcher.times("guide.xml") in (13, 14)


def _has_had_turns(world: World, key: str, times: int) -> bool:
    return world.turns().count(key) == times


class TestFailures:
    async def test_retries_climb_the_ladder_and_the_playlist_stays(
        self, world: World, running: Controller
    ) -> None:
        world.fetcher.answers["uk.m3u"] = TIMEOUT
        world.fetcher.asked.clear()
        await world.pass_time(SIX_HOURS)
        await eventually(lambda: world.failures("source/uk") == 2)
        assert world.fetcher.times("uk.m3u") == 2
        await world.pass_time(timedelta(seconds=66))
        await eventually(lambda: world.failures("source/uk") == 3)
        await world.pass_time(timedelta(seconds=66))
        assert world.failures("source/uk") == 3
        assert "no answer; serving the snapshot of" in world.message("source/uk")
        assert world.file("family").count("#EXTINF") == 2
        assert world.ready("proxy/family")

    async def test_its_return_ends_the_row(self, world: World, running: Controller) -> None:
        world.fetcher.answers["uk.m3u"] = [TIMEOUT]
        await world.pass_time(SIX_HOURS)
        await eventually(lambda: world.ready("source/uk") and world.fetcher.times("uk.m3u") == 3)
        assert world.failures("source/uk") == 0

    async def test_a_server_s_pause_is_obeyed(self, world: World, running: Controller) -> None:
        world.fetcher.answers["uk.m3u"] = Transient(Reason.RATE_LIMITED, "slowly", 7200)
        await world.pass_time(SIX_HOURS)
        await eventually(lambda: world.failures("source/uk") == 1)
        await world.pass_time(2 * HOUR - timedelta(seconds=1))
        assert world.failures("source/uk") == 1
        await world.pass_time(timedelta(seconds=1))
        await eventually(lambda: world.failures("source/uk") == 2)

    async def test_a_stalled_source_waits_for_an_edit(
        self, world: World, running: Controller
    ) -> None:
        world.fetcher.answers["uk.m3u"] = [Stalled(Reason.UNSUPPORTED_URL, "not that")]
        await world.pass_time(SIX_HOURS)
        await eventually(lambda: world.failures("source/uk") == 1)
        await world.pass_time(12 * HOUR)
        assert world.failures("source/uk") == 1
        await world.edit(YAML.replace("url: uk.m3u", "url: uk.m3u, user_agent: player"))
        await eventually(lambda: world.ready("source/uk"))

    async def test_an_account_that_was_refused_is_left_alone_over_other_edits_and_restarts(
        self, world: World
    ) -> None:
        far = YAML.replace("url: uk.m3u", "url: http://tv.invalid/uk.m3u")
        world.declare(far)
        refused = Transient(Reason.AUTH_FAILED, "the panel does not know this user")
        world.fetcher.answers["uk.m3u"] = refused
        async with world.running():
            await eventually(lambda: world.failures("source/uk") == 1)
            await world.pass_time(timedelta(minutes=5))
            await eventually(lambda: world.failures("source/uk") == 2)
            assert world.message("source/uk") == (
                "the panel does not know this user; the provider is not asked again until this "
                "declaration or its secret changes, or you say `tvarr refresh uk`"
            )
            await eventually(lambda: world.turns().count("epg/guide") == 1)
            await world.edit(far.replace("url: guide.xml", "url: guide.xml, refresh: 2h"))
            await eventually(lambda: world.turns().count("epg/guide") == 2)
        async with world.running():
            await world.pass_time(SIX_HOURS)
            await eventually(lambda: world.turns().count("epg/guide") == 3)
            assert world.fetcher.times("uk.m3u") == 2

    async def test_somebody_s_refresh_of_one_survives_an_edit_of_another(
        self, world: World
    ) -> None:
        world.declare()
        world.fetcher.answers["uk.m3u"] = Transient(Reason.AUTH_FAILED, "not you")
        async with world.running() as controller:
            await eventually(lambda: world.failures("source/uk") == 1)
            await world.pass_time(timedelta(minutes=5))
            await eventually(lambda: world.failures("source/uk") == 2)
            del world.fetcher.answers["uk.m3u"]
            world.fetcher.held["uk.m3u"] = asyncio.Event()
            await eventually(lambda: controller.refresh("source/uk").answer is Answer.ACCEPTED)
            await eventually(lambda: world.fetcher.times("uk.m3u") == 3)
            await world.edit(YAML.replace("url: guide.xml", "url: guide.xml, refresh: 2h"))
            await eventually(lambda: world.turns().count("epg/guide") == 2)
            world.fetcher.held.pop("uk.m3u").set()
            await eventually(lambda: world.ready("source/uk"))
            await world.pass_time(DAY)
            await eventually(lambda: world.fetcher.times("uk.m3u") == 4)

    async def test_a_reload_tries_at_once_what_failed(
        self, world: World, running: Controller
    ) -> None:
        world.fetcher.answers["uk.m3u"] = [TIMEOUT, TIMEOUT, TIMEOUT]
        await world.pass_time(SIX_HOURS)
        await eventually(lambda: world.failures("source/uk") == 2)
        running.reload()
        await eventually(lambda: world.failures("source/uk") == 3)
        running.reload()
        await eventually(lambda: world.ready("source/uk"))

    async def test_a_reload_does_not_break_a_server_s_pause(
        self, world: World, running: Controller
    ) -> None:
        world.fetcher.answers["uk.m3u"] = Transient(Reason.RATE_LIMITED, "slowly", 7200)
        await world.pass_time(SIX_HOURS)
        await eventually(lambda: world.failures("source/uk") == 1)
        asked = world.fetcher.times("uk.m3u")
        news = running.adopted()
        await anext(news)
        running.reload()
        await asyncio.wait_for(anext(news), 30)
        await news.aclose()  # type: ignore[attr-defined]
        assert world.fetcher.times("uk.m3u") == asked

    async def test_a_lost_snapshot_is_fetched_again(
        self, world: World, running: Controller
    ) -> None:
        shutil.rmtree(world.data / "snapshots" / "source" / "uk")
        world.hear_of_a_change()
        await eventually(lambda: list((world.data / "snapshots" / "source").glob("uk/*/*.parquet")))
        await eventually(lambda: world.ready("proxy/family"))

    async def test_one_that_is_refused_is_not_asked_for_at_every_build(
        self, world: World, running: Controller
    ) -> None:
        world.fetcher.answers["uk.m3u"] = Transient(Reason.RATE_LIMITED, "slowly", 7200)
        shutil.rmtree(world.data / "snapshots" / "source" / "uk")
        world.hear_of_a_change()
        await eventually(lambda: world.failures("source/uk") == 1)
        asked = world.fetcher.times("uk.m3u")
        for past in ("1h", "2h"):
            await world.edit(
                YAML.replace("epg: [guide]}", f"epg: [guide], guide: {{past: {past}}}}}")
            )
            await eventually(lambda: not world.ready("proxy/family"))
            await settle()
        assert world.fetcher.times("uk.m3u") == asked

    async def test_a_damaged_state_is_rebuilt_from_the_data_folder(self, world: World) -> None:
        world.declare()
        await world.build()
        (world.data / "state.json").write_text("{")
        again = World(world.path)
        again.fetcher.answers.update({"uk.m3u": TIMEOUT, "guide.xml": TIMEOUT})
        async with again.workers, again.running():
            await eventually(lambda: again.failures("source/uk") > 0)
            await eventually(lambda: again.ready("proxy/family"))
            assert again.message("proxy/family") == "2 channels, 1 with programmes"
            assert again.file("family").count("#EXTINF") == 2


class TestDependencies:
    async def test_a_proxy_waits_for_all_its_sources_and_is_built_once(self, world: World) -> None:
        world.declare(TWO_SOURCES)
        world.fetcher.held["de.m3u"] = asyncio.Event()
        async with world.running():
            await eventually(lambda: world.ready("source/uk"))
            await world.pass_time(PATIENCE - timedelta(seconds=1))
            assert "proxy/both" not in world.turns()
            world.fetcher.held["de.m3u"].set()
            await eventually(lambda: world.turns().count("proxy/both") == 1)
            assert world.message("proxy/both") == "3 channels"

    async def test_after_a_minute_it_is_built_with_what_there_is(self, world: World) -> None:
        world.declare(TWO_SOURCES)
        world.fetcher.held["de.m3u"] = asyncio.Event()
        async with world.running():
            await eventually(lambda: "source/uk" in world.turns())
            await world.pass_time(PATIENCE)
            await eventually(lambda: world.ready("proxy/both"))
            assert world.message("proxy/both") == (
                "2 channels; without source/de; built while source/de was being refreshed"
            )
            world.fetcher.held["de.m3u"].set()
            await eventually(lambda: world.message("proxy/both") == "3 channels")

    async def test_one_dead_source_does_not_keep_the_other_from_being_served(
        self, world: World
    ) -> None:
        world.declare(TWO_SOURCES)
        world.fetcher.answers["de.m3u"] = TIMEOUT
        async with world.running():
            await eventually(lambda: world.ready("proxy/both"))
            assert world.message("proxy/both") == "2 channels; without source/de"

    async def test_a_proxy_whose_sources_all_fail_is_not_ready_and_not_hammered(
        self, world: World
    ) -> None:
        world.declare()
        world.fetcher.answers["uk.m3u"] = TIMEOUT
        async with world.running():
            await eventually(lambda: "proxy/family" in world.turns())
            assert world.reason("proxy/family") is Reason.DEPENDENCY_NOT_READY
            turns = world.turns().count("proxy/family")
            await world.pass_time(2 * HOUR)
            await eventually(lambda: world.failures("source/uk") > 2)
            assert world.turns().count("proxy/family") == turns


class TestRemoval:
    async def test_data_stays_for_the_grace_time_and_then_goes(
        self, world: World, running: Controller, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO, "tvarr")
        await world.edit(WITHOUT_PROXY)
        await eventually(lambda: world.status("proxy/family").removed_at)
        await world.pass_time(GRACE - timedelta(seconds=1))
        assert world.file("family").count("#EXTINF") == 2
        await world.pass_time(timedelta(seconds=1))
        await eventually(lambda: world.store.get("proxy/family") is None)
        assert not (world.data / "outputs" / "family").exists()
        assert list((world.data / "revisions").iterdir()) == []
        await eventually(lambda: "its data is deleted" in caplog.text)

    async def test_a_removed_source_s_snapshots_go_too(
        self, world: World, running: Controller
    ) -> None:
        await world.edit("sources: {}\n")
        await eventually(lambda: world.status("source/uk").removed_at)
        await world.pass_time(GRACE)
        await eventually(lambda: world.store.get("source/uk") is None)
        assert not (world.data / "snapshots" / "source" / "uk").exists()

    async def test_what_comes_back_in_time_is_served_without_a_fetch(
        self, world: World, running: Controller
    ) -> None:
        await world.edit(WITHOUT_PROXY)
        await eventually(lambda: world.status("proxy/family").removed_at)
        world.fetcher.asked.clear()
        await world.edit(YAML)
        await eventually(lambda: world.status("proxy/family").removed_at is None)
        await world.pass_time(GRACE)
        assert world.file("family").count("#EXTINF") == 2

    async def test_data_that_cannot_be_deleted_is_tried_again(
        self,
        world: World,
        running: Controller,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        def refuse(*_: object) -> None:
            raise PermissionError(13, "Permission denied")

        await world.edit(WITHOUT_PROXY)
        await eventually(lambda: world.status("proxy/family").removed_at)
        with monkeypatch.context() as disk:
            disk.setattr("tvarr.outputs.publish.withdraw", refuse)
            await world.pass_time(GRACE)
            await eventually(lambda: "cannot be deleted" in caplog.text)
        await world.pass_time(GRACE)
        await eventually(lambda: world.store.get("proxy/family") is None)


class TestBuildOnce:
    async def test_it_ends_when_everything_is_done(self, world: World) -> None:
        world.declare()
        await world.build()
        assert world.turns()[-1] == "proxy/family"
        assert world.file("family").count("#EXTINF") == 2

    async def test_a_second_one_only_looks_at_the_proxies(self, world: World) -> None:
        world.declare()
        await world.build()
        world.done.clear()
        await world.build()
        assert [(done.status.key, done.changed) for done in world.done] == [("proxy/family", False)]

    async def test_what_failed_is_tried_again_although_its_time_has_not_come(
        self, world: World
    ) -> None:
        world.declare()
        world.fetcher.answers["uk.m3u"] = [TIMEOUT, TIMEOUT]
        await world.build()
        assert not world.ready("source/uk")
        await world.build()
        assert world.ready("source/uk")
        assert world.ready("proxy/family")

    async def test_the_first_retry_follows_at_once(self, world: World) -> None:
        world.declare()
        world.fetcher.answers["uk.m3u"] = [TIMEOUT]
        await world.build()
        assert world.ready("source/uk")
        assert world.fetcher.times("uk.m3u") == 2

    async def test_force_does_everything_anew(self, world: World) -> None:
        world.declare()
        await world.build()
        before = world.status("proxy/family").revision
        world.done.clear()
        world.fetcher.asked.clear()
        await world.build(force=True)
        assert {done.status.key for done in world.done} == {
            "source/uk",
            "epg/guide",
            "proxy/family",
        }
        assert all(request.file_stamp is None for request in world.fetcher.asked)
        assert world.status("proxy/family").revision == before

    async def test_only_one_proxy_leaves_the_others_alone(self, world: World) -> None:
        world.declare(TWO_SOURCES + "      small: {sources: [de]}\n")
        controller = await world.build(only="small")
        assert world.turns() == ["source/de", "proxy/small"]
        assert list(controller.resources) == ["source/de", "proxy/small"]
        assert world.store.get("proxy/both") is None

    async def test_only_one_proxy_removes_nothing(self, world: World) -> None:
        world.declare()
        await world.build()
        world.declare(TWO_SOURCES)
        await world.build(only="both")
        assert world.status("proxy/family").removed_at is None

    async def test_a_changed_local_document_is_due(self, world: World) -> None:
        world.declare()
        await world.build()
        world.write("uk.m3u", playlist("Only"))
        await world.build()
        assert world.file("family").count("#EXTINF") == 1

    async def test_a_broken_yaml_changes_nothing(self, world: World) -> None:
        world.declare()
        await world.build()
        world.done.clear()
        world.declare(BROKEN)
        await world.build()
        assert world.turns() == []
        assert len(world.status("manifest/tvarr").problems) == 1

    async def test_the_same_problems_are_told_once(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        world.declare(BROKEN)
        await world.build()
        await world.build()
        assert caplog.text.count("did you mean") == 1

    async def test_the_state_is_on_the_disk_when_it_ends(self, world: World) -> None:
        world.declare()
        await world.build()
        stored = {status.key for status in Store(world.data / "state.json").all()}
        assert stored == {"manifest/tvarr", "source/uk", "epg/guide", "proxy/family"}


def test_the_environment_remembers_what_it_was_asked_for() -> None:
    environment = Environment({"TOKEN": "secret", "OTHER": "x"})
    assert environment.get("TOKEN") == "secret"
    assert environment.get("MISSING") is None
    assert sorted(environment) == ["OTHER", "TOKEN"]
    assert len(environment) == 2
    assert environment.asked == {"TOKEN", "MISSING"}
