"""Guides that come with a playlist, and what guides keep of the past, in the running controller."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest

from tests.controller.world import PLAYLIST, World, eventually
from tvarr.errors import Reason, Transient
from tvarr.fetch.client import NotModified

if TYPE_CHECKING:
    from pathlib import Path

YAML = """
    sources:
      uk: {kind: m3u, url: uk.m3u, guide: auto}
    proxies:
      family: {sources: [uk], epg: [uk]}
"""
SECRET = "http://epg.invalid/get?username=annabel&password=hunter22&name=one.xml"
ONE, TWO = "http://epg.invalid/one.xml", "http://epg.invalid/two.xml"
HOUR = timedelta(hours=1)


def naming(*addresses: str) -> str:
    return PLAYLIST.replace("#EXTM3U", f'#EXTM3U x-tvg-url="{", ".join(addresses)}"')


def guide(*programmes: tuple[str, str, int]) -> bytes:
    """Title, channel and hour of the day on which the clock starts (18:30)."""
    rows = "".join(
        f'<programme start="20260822{hour:02}0000 +0000" stop="20260822{hour + 1:02}0000 +0000"'
        f' channel="{channel}"><title>{title}</title></programme>'
        for title, channel, hour in programmes
    )
    channels = "".join(
        f'<channel id="{name}"><display-name>{name}</display-name></channel>'
        for name in sorted({channel for _, channel, _ in programmes})
    )
    return f"<tv>{channels}{rows}</tv>".encode()


def titles(world: World, name: str = "uk") -> list[str]:
    digest = world.status(f"epg/{name}").snapshot
    assert digest is not None
    path = world.data / "snapshots" / "epg" / name / digest / "programmes.parquet"
    return pl.read_parquet(path)["title"].to_list()


def source_snapshot(world: World) -> Path:
    return world.data / "snapshots" / "source" / "uk" / str(world.status("source/uk").snapshot)


class TestGuideOfAPlaylist:
    async def test_what_the_head_names_becomes_the_guide_of_the_source(self, world: World) -> None:
        world.write("uk.m3u", naming(ONE, TWO))
        world.fetcher.answers = {
            "one.xml": guide(("News", "one", 18)),
            "two.xml": guide(("Film", "two", 19), ("Other news", "one", 18)),
        }
        world.declare(YAML)
        await world.build()
        assert titles(world) == ["News", "Film"]
        assert world.status("epg/uk").counts == {"channels": 2, "programmes": 2}
        assert "<title>Film</title>" in world.file("family", "guide.xml")

    async def test_one_broken_address_costs_itself_and_is_told(self, world: World) -> None:
        world.write("uk.m3u", naming(ONE, TWO))
        gone = Transient(Reason.GONE, "epg.invalid answered 404")
        world.fetcher.answers = {"one.xml": gone, "two.xml": guide(("Film", "two", 19))}
        world.declare(YAML)
        await world.build()
        status = world.status("epg/uk")
        assert status.ready
        assert titles(world) == ["Film"]
        assert status.rejected == {"guide that cannot be had": 1}
        assert status.samples[0].excerpt == "epg.invalid answered 404"

    async def test_the_addresses_are_kept_for_nobody_elses_eyes(self, world: World) -> None:
        world.write("uk.m3u", naming(SECRET))
        world.fetcher.answers = {f"{SECRET.rpartition('/')[2]}": guide(("News", "one", 18))}
        world.declare(YAML)
        await world.build()
        assert titles(world) == ["News"]
        for path in (world.data / "snapshots").rglob("*"):
            if path.is_file() and b"hunter22" in path.read_bytes():
                assert path.name == "guides.json"
                assert stat.S_IMODE(path.stat().st_mode) == 0o600
        report = json.loads((source_snapshot(world) / "report.json").read_text())
        assert "x-tvg-url" in report["header"]
        assert "hunter22" not in (world.data / "state.json").read_text()

    async def test_a_page_that_repeats_the_address_does_not_tell_it(self, world: World) -> None:
        world.write("uk.m3u", naming(SECRET, TWO))
        page = b"<html>no guide for annabel with hunter22</html>"
        world.fetcher.answers = {
            f"{SECRET.rpartition('/')[2]}": page,
            "two.xml": guide(("Film", "two", 19)),
        }
        world.declare(YAML)
        await world.build()
        [sample] = world.status("epg/uk").samples
        assert "no guide for *** with ***" in sample.excerpt

    async def test_it_waits_for_the_first_snapshot_of_its_source(self, world: World) -> None:
        world.declare(YAML)
        world.fetcher.answers = {
            "uk.m3u": Transient(Reason.CONNECT_FAILED, "no"),
            "one.xml": guide(("News", "one", 18)),
        }
        async with world.running():
            await eventually(lambda: world.reason("epg/uk") is Reason.WAITING)
            await eventually(lambda: world.failures("source/uk") >= 1)
            await eventually(lambda: "source/uk" in world.message("epg/uk"))
            assert world.failures("epg/uk") == 0
            world.fetcher.answers["uk.m3u"] = naming(ONE).encode()
            await world.pass_time(timedelta(minutes=2))
            await eventually(lambda: world.ready("epg/uk"))
        assert titles(world) == ["News"]

    async def test_a_head_without_a_guide_is_said_and_nobody_is_asked(self, world: World) -> None:
        world.declare(YAML)
        await world.build()
        assert world.reason("epg/uk") is Reason.NO_GUIDE
        assert "names no guide" in world.message("epg/uk")
        assert world.failures("epg/uk") == 0
        assert [request.url for request in world.fetcher.asked] == ["uk.m3u"]
        assert world.ready("proxy/family")

    async def test_a_head_that_names_one_later_brings_it(self, world: World) -> None:
        world.declare(YAML)
        world.fetcher.answers = {"one.xml": guide(("News", "one", 18))}
        async with world.running():
            await eventually(lambda: world.reason("epg/uk") is Reason.NO_GUIDE)
            await world.pass_time(2 * HOUR)
            world.write("uk.m3u", naming(ONE))
            world.hear_of_a_change()
            await eventually(lambda: world.ready("epg/uk"))
        assert titles(world) == ["News"]

    async def test_a_build_of_one_proxy_fetches_the_source_of_its_guide(self, world: World) -> None:
        world.write("uk.m3u", naming(ONE))
        world.fetcher.answers = {"one.xml": guide(("News", "one", 18))}
        world.declare(
            """
            sources:
              uk: {kind: m3u, url: uk.m3u, guide: auto}
              de: {kind: m3u, url: de.m3u}
            proxies:
              family: {sources: [de], epg: [uk]}
            """
        )
        await world.build(only="family")
        assert titles(world) == ["News"]

    async def test_where_no_address_may_be_fetched_it_waits_for_an_edit(self, world: World) -> None:
        world.write("uk.m3u", naming("file:///etc/passwd", "guide.xml"))
        world.declare(YAML)
        await world.build()
        assert world.reason("epg/uk") is Reason.UNSUPPORTED_URL
        assert [request.url for request in world.fetcher.asked] == ["uk.m3u"]


class TestPast:
    """The clock starts at 18:30; retention is a day unless the YAML says otherwise."""

    DECLARED = "epg: {{guide: {{kind: xmltv, url: guide.xml, refresh: 1h{more}}}}}\n"

    async def refreshed(self, world: World, *documents: bytes, more: str = "") -> None:
        world.write("tvarr.yaml", self.DECLARED.format(more=more))
        for document in documents:
            world.fetcher.answers["guide.xml"] = document
            await world.build()
            await world.pass_time(2 * HOUR)

    async def test_what_has_been_stays_over_a_refresh_and_is_counted(self, world: World) -> None:
        both = guide(("Noon", "one", 12), ("Late", "one", 21))
        await self.refreshed(world, both, guide(("Late", "one", 21)))
        assert titles(world, "guide") == ["Noon", "Late"]
        status = world.status("epg/guide")
        assert status.counts == {"channels": 1, "programmes": 1, "past_programmes": 1}
        assert world.message("epg/guide") == "1 channel, 1 programme, 1 past programme"

    async def test_a_proxy_publishes_what_its_window_has_of_it(self, world: World) -> None:
        world.write("uk.m3u", PLAYLIST)
        world.write(
            "tvarr.yaml",
            """
            sources: {uk: {kind: m3u, url: uk.m3u}}
            epg: {guide: {kind: xmltv, url: guide.xml, refresh: 1h, on_shrink: {action: accept}}}
            proxies: {family: {sources: [uk], epg: [guide], guide: {past: 12h}}}
            """,
        )
        morning, noon, late = ("Morning", "one", 4), ("Noon", "one", 12), ("Late", "one", 21)
        for document in (guide(morning, noon, late), guide(late)):
            world.fetcher.answers["guide.xml"] = document
            await world.build()
            await world.pass_time(2 * HOUR)
        assert titles(world, "guide") == ["Morning", "Noon", "Late"]
        published = world.file("family", "guide.xml")
        assert "<title>Noon</title>" in published
        assert "<title>Morning</title>" not in published

    async def test_no_retention_switches_it_off(self, world: World) -> None:
        both = guide(("Noon", "one", 12), ("Late", "one", 21))
        await self.refreshed(world, both, guide(("Late", "one", 21)), more=", retention: 0s")
        assert titles(world, "guide") == ["Late"]

    async def test_a_guide_that_has_not_changed_keeps_its_snapshot(self, world: World) -> None:
        both = guide(("Noon", "one", 12), ("Late", "one", 21))
        await self.refreshed(world, both, guide(("Late", "one", 21)))
        before = world.status("epg/guide").snapshot
        world.fetcher.answers["guide.xml"] = NotModified()
        await world.build()
        assert world.status("epg/guide").snapshot == before
        assert world.ready("epg/guide")

    async def test_the_same_document_again_is_no_change(self, world: World) -> None:
        both = guide(("Noon", "one", 12), ("Late", "one", 21))
        await self.refreshed(world, both, guide(("Late", "one", 21)))
        before = world.status("epg/guide").snapshot
        await self.refreshed(world, guide(("Late", "one", 21)))
        assert world.status("epg/guide").snapshot == before

    async def test_the_past_is_no_measure_of_what_a_provider_has(self, world: World) -> None:
        many = [(f"Old {hour}", "one", hour) for hour in range(10, 17)]
        late = [(f"Late {hour}", "one", hour) for hour in (20, 21, 22)]
        await self.refreshed(
            world,
            guide(*many, *late),
            guide(*many[:2], *late),
            more=", on_shrink: {threshold: 100%}",
        )
        assert world.status("epg/guide").counts["past_programmes"] == 5
        before = world.status("epg/guide")
        edited = ", on_shrink: {threshold: 10%}"
        await self.refreshed(world, guide(*many[:2], *late), more=edited)
        assert world.status("epg/guide").counts["past_programmes"] == 5
        await world.pass_time(timedelta(days=2))
        await self.refreshed(world, guide(*many[:2], *late), more=edited)
        status = world.status("epg/guide")
        assert status.ready
        assert "past_programmes" not in status.counts
        assert status.snapshot != before.snapshot

    async def test_what_is_shifted_is_shifted_in_what_is_published(self, world: World) -> None:
        world.write(
            "tvarr.yaml",
            """
            sources: {uk: {kind: m3u, url: uk.m3u}}
            epg: {guide: {kind: xmltv, url: guide.xml, shift: -90m}}
            proxies: {family: {sources: [uk], epg: [guide]}}
            """,
        )
        world.write("uk.m3u", PLAYLIST)
        world.fetcher.answers["guide.xml"] = guide(("Late", "one", 21))
        await world.build()
        assert 'start="20260822193000 +0000"' in world.file("family", "guide.xml")

    @pytest.mark.parametrize("name", ["programmes.parquet", "report.json"])
    async def test_a_damaged_snapshot_costs_its_past(self, world: World, name: str) -> None:
        await self.refreshed(world, guide(("Noon", "one", 12), ("Late", "one", 21)))
        digest = str(world.status("epg/guide").snapshot)
        (world.data / "snapshots" / "epg" / "guide" / digest / name).write_bytes(b"damaged")
        await self.refreshed(world, guide(("Late", "one", 21)))
        assert titles(world, "guide") == ["Late"]
