"""Logos from a provider to what players read, over a small world with a real server."""

from __future__ import annotations

import asyncio
import errno
import re
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from PIL import Image

from tests.controller.world import World, eventually
from tests.logos.pictures import SVG, picture
from tests.provider.behaviours import document, silent, status
from tests.provider.server import Provider
from tvarr.catalog import logo_ids
from tvarr.controller import logos
from tvarr.controller.tools import Tools
from tvarr.fetch.client import Fetcher
from tvarr.logos import cache
from tvarr.logos.cache import Cache

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tvarr.logos.cache import Sidecar

BASE = "http://tv.lan:8888"
NOW = datetime(2026, 8, 22, 18, 0, tzinfo=UTC)


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with Provider() as provider:
        yield provider


class Town(World):
    """A world whose fetcher is a real one."""

    provider: Provider

    def serve(self, channels: dict[str, str]) -> None:
        """Let the provider's playlist have these channels, by name, with these logos."""
        entries = (
            f'#EXTINF:-1 tvg-logo="{logo}",{name}\nhttp://stream.invalid/{name}.ts\n'
            for name, logo in channels.items()
        )
        playlist = "#EXTM3U\n" + "".join(entries)
        self.provider.table["/tv.m3u"] = document(playlist.encode())

    def declare_proxy(self, more: str = "logos: cache", top: str = "") -> None:
        self.declare(
            f"server: {{base_url: '{BASE}'}}\n"
            f"sources: {{uk: {{kind: m3u, url: '{self.provider.url('/tv.m3u')}'}}}}\n"
            f"proxies: {{family: {{sources: [uk], {more}}}}}\n{top}"
        )

    def asked(self) -> list[str]:
        """Return what the provider was asked for, but its playlist."""
        return [seen.target for seen in self.provider.seen if seen.target != "/tv.m3u"]

    def logo_of(self, name: str) -> str:
        """Return the address that the published playlist has for a channel."""
        found = re.search(rf'tvg-logo="([^"]*)"[^,]*,{name}\n', self.file("family"))
        return found[1] if found else ""

    def kept(self, address: str) -> Image.Image:
        """Return the picture behind one of tvarr's own addresses."""
        identity = address.rpartition("/")[2].removesuffix(".png")
        file = self.data / "logos" / identity[:2] / f"{identity}.png"
        return Image.open(BytesIO(file.read_bytes()))

    def sidecar(self, url: str) -> Sidecar:
        identity = logo_ids.logo_id(url)
        assert identity is not None
        found = Cache(self.data / "logos").sidecar(identity)
        assert found is not None
        return found


@pytest.fixture
async def town(tmp_path: Path, provider: Provider) -> AsyncIterator[Town]:
    town = Town(tmp_path)
    town.provider = provider
    async with town.workers, Fetcher() as fetcher:
        town.tools = Tools(town.data, town.path, fetcher, town.workers, town.clock)
        yield town


async def test_a_logo_is_linked_at_the_build_after_it_came(town: Town) -> None:
    logo = town.provider.url("/one.png")
    town.provider.table["/one.png"] = document(picture(800, 400))
    town.serve({"One": logo})
    town.declare_proxy()
    await town.build()
    assert town.logo_of("One") == logo
    await town.build()
    address = town.logo_of("One")
    assert address == f"{BASE}/logos/{logo_ids.logo_id(logo)}.png"
    assert town.kept(address).size == (256, 128)


async def test_once_all_logos_are_kept_nothing_is_downloaded(town: Town) -> None:
    channels = {f"C{n}": town.provider.url(f"/{n}.png") for n in range(20)}
    for n in range(20):
        town.provider.table[f"/{n}.png"] = document(picture(colour=(n, n, n)))
    town.serve(channels)
    town.declare_proxy()
    await town.build()
    assert len(town.asked()) == 20
    town.provider.seen.clear()
    await town.build()
    published = town.status("proxy/family")
    await town.build()
    assert town.asked() == []
    assert town.status("proxy/family").revision == published.revision
    assert town.status("proxy/family").counts["logos"] == 20
    assert not (await town.build()).logos.changed


async def test_the_icon_of_a_guide_is_kept_and_stands_for_a_missing_logo(town: Town) -> None:
    """A guide may name pictures of its own host, though that is inside the network."""
    async with Provider({"/icon.png": document(picture(30, 30))}) as guide:
        icon = guide.url("/icon.png")
        guide.table["/guide.xml"] = document(
            '<tv><channel id="c"><display-name>Discovery Channel</display-name>'
            f'<icon src="{icon}"/></channel></tv>'.encode()
        )
        town.serve({"Discovery Channel": "", "Two": guide.url("/other.png")})
        town.declare(
            f"server: {{base_url: '{BASE}'}}\n"
            f"sources: {{uk: {{kind: m3u, url: '{town.provider.url('/tv.m3u')}'}}}}\n"
            f"epg: {{g: {{kind: xmltv, url: '{guide.url('/guide.xml')}'}}}}\n"
            "proxies: {family: {sources: [uk], epg: [g], logos: cache}}\n"
        )
        await town.build()
        assert town.logo_of("Discovery Channel") == icon
        await town.build()
        kept = f"{BASE}/logos/{logo_ids.logo_id(icon)}.png"
        assert town.logo_of("Discovery Channel") == kept
        assert town.kept(kept).size == (30, 30)
        assert f'<icon src="{kept}"/>' in town.file("family", "guide.xml")
        assert icon not in town.file("family", "guide.xml")
        assert town.status("proxy/family").counts["guide_logos"] == 1
        assert "/other.png" not in [seen.target for seen in guide.seen], "not the list's own host"


async def test_a_lineup_of_an_older_version_is_read(town: Town) -> None:
    town.serve({"One": ""})
    town.declare_proxy()
    await town.build()
    file = next((town.data / "revisions" / "family").glob("*/lineup.parquet"))
    pl.read_parquet(file).drop("guide_icon").write_parquet(file)
    controller = town.controller()
    await controller.read()
    assert await controller.logos.gather() is not None


async def test_a_damaged_lineup_keeps_the_logos_of_no_other_proxy(town: Town) -> None:
    town.provider.table["/one.png"] = document(picture(80, 40))
    town.serve({"One": town.provider.url("/one.png")})
    town.declare_proxy("logos: cache}, kids: {sources: [uk], logos: cache")
    controller = town.controller()
    await controller.read()
    await controller.build()
    links = town.data / "logos" / "links"
    before = (links / "kids.parquet").read_bytes()
    file = next((town.data / "revisions" / "kids").glob("*/lineup.parquet"))
    file.write_bytes(b"PAR1" + bytes(40) + b"PAR1")
    (links / "family.parquet").unlink()
    assert await controller.logos.gather() is not None
    assert (links / "family.parquet").read_bytes() == before
    assert (links / "kids.parquet").read_bytes() == before


async def test_a_running_controller_links_what_has_come(town: Town) -> None:
    town.provider.table["/one.svg"] = document(SVG)
    town.serve({"One": town.provider.url("/one.svg"), "Two": ""})
    town.declare_proxy("logos: cache, logo_size: 64")
    async with town.running():
        await eventually(lambda: town.ready("proxy/family") and BASE in town.logo_of("One"))
        assert town.kept(town.logo_of("One")).size == (64, 32)
        assert town.kept(town.logo_of("Two")).size == (64, 64)


async def test_a_channel_without_a_picture_has_its_initials(town: Town) -> None:
    gone, page = town.provider.url("/gone.png"), town.provider.url("/page.png")
    town.provider.table["/page.png"] = document(b"<!DOCTYPE html><title>x</title>")
    town.serve({"Big Cat": gone, "Page": page, "None": ""})
    town.declare_proxy()
    await town.build()
    await town.build()
    for name in ("Big Cat", "Page", "None"):
        assert town.logo_of(name) == f"{BASE}/logos/{logo_ids.placeholder_id(name)}.png"
    assert town.sidecar(gone).reason == "Gone"
    assert town.sidecar(page).reason == "HtmlAnswer"


async def test_a_host_in_trouble_costs_one_try_a_day(town: Town) -> None:
    dead = "http://dead.invalid/"
    town.serve({f"C{n}": f"{dead}{n}.png" for n in range(30)})
    town.declare_proxy()
    await town.build()
    assert len(list((town.data / "logos").glob("??/*.json"))) == 1
    await town.build()
    assert len(list((town.data / "logos").glob("??/*.json"))) == 1
    assert town.logo_of("C1") == f"{dead}1.png"


async def test_a_playlist_cannot_have_the_network_inside_asked(town: Town) -> None:
    """Only the host that the list itself is from, which the user has named."""
    async with Provider({"/router.png": document(picture())}) as router:
        town.serve({"One": router.url("/router.png")})
        town.declare_proxy()
        await town.build()
        await town.build()
        assert router.seen == []
        assert town.logo_of("One") == router.url("/router.png")
        assert town.sidecar(router.url("/router.png")).reason == "UnsupportedUrl"


async def test_a_logo_of_the_yaml_may_be_inside_the_network_or_a_file(town: Town) -> None:
    (town.path / "two.png").write_bytes(picture(10, 10))
    async with Provider({"/nas.png": document(picture())}) as nas:
        town.serve({"One": "", "Two": ""})
        town.declare_proxy(
            "logos: cache, rules: [one, two]",
            f"""
rules:
  one: {{do: 'name == "One" SET tvg_logo = "@logo:one"'}}
  two: {{do: 'name == "Two" SET tvg_logo = "@logo:two"'}}
logos: {{one: '{nas.url("/nas.png")}', two: two.png}}
""",
        )
        await town.build()
        await town.build()
        assert [seen.target for seen in nas.seen] == ["/nas.png"]
        assert town.kept(town.logo_of("One")).size == (40, 20)
        assert town.logo_of("Two") == f"{BASE}/logos/{logo_ids.declared_id('two')}.png"
        assert town.kept(town.logo_of("Two")).size == (10, 10)


async def test_builds_never_wait_for_a_host_that_does_not_answer(town: Town) -> None:
    table = {f"/{n}.png": silent() for n in range(300)}
    town.provider.table.update(table)
    town.serve({f"C{n}": town.provider.url(f"/{n}.png") for n in range(300)})
    town.declare_proxy()
    async with town.running():
        await eventually(lambda: town.ready("proxy/family") and bool(town.asked()))
        town.serve({"New": town.provider.url("/0.png")})
        town.declare_proxy("logos: cache, numbering: {start: 500}")
        town.hear_of_a_change()
        await eventually(lambda: 'tvg-chno="500"' in town.file("family"))
        assert town.asked() == [town.asked()[0]], "one picture tells of all that a host has"


async def test_a_folder_that_cannot_be_written_stops_no_build_and_is_told_once(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    town.provider.table["/one.png"] = document(picture())
    town.serve({"One": (logo := town.provider.url("/one.png"))})
    town.declare_proxy()
    (town.data / "logos").write_text("a file in its place")
    await town.build()
    assert town.logo_of("One") == logo
    caplog.clear()
    async with town.running():
        for _ in range(3):
            await eventually(lambda: "the logos are not gathered" in caplog.text)
            await town.pass_time(timedelta(minutes=16))
        assert caplog.text.count("the logos are not gathered") == 1
        assert "Traceback" not in caplog.text
        (town.data / "logos").unlink()
        await town.pass_time(timedelta(minutes=16))
        await eventually(lambda: BASE in town.logo_of("One"))


async def test_a_full_disk_is_met_with_patience(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for n in range(40):
        town.provider.table[f"/{n}.png"] = document(picture(colour=(n, n, n)))
    town.serve({f"C{n}": town.provider.url(f"/{n}.png") for n in range(40)})
    town.declare_proxy()
    with monkeypatch.context() as full:
        full.setattr(Cache, "put", no_room)
        await town.build()
    assert "No space left on device" in caplog.text
    assert len(town.asked()) <= 2
    await town.build()
    await town.build()
    assert all(BASE in town.logo_of(f"C{n}") for n in range(40))


def no_room(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


async def test_a_process_that_is_ended_in_the_middle_costs_no_picture(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    spawned: list[Process] = []
    spawn = asyncio.create_subprocess_exec

    async def dying(*command: Any, **options: Any) -> Process:
        spawned.append(await spawn(*command, **options))
        if len(spawned) == 1:
            spawned[0].kill()
        return spawned[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", dying)
    town.provider.table["/one.png"] = document(picture())
    town.serve({"One": town.provider.url("/one.png")})
    town.declare_proxy()
    await town.build()
    await town.build()
    assert len(spawned) == 2
    assert BASE in town.logo_of("One")


def test_builds_for_logos_become_rarer_while_they_go_on_coming() -> None:
    """A host with many pictures takes days, and a build of many channels takes a minute."""
    now, woken, moments = NOW, None, []
    for _ in range(24 * 20):
        woken = logos._next_build(woken, now)
        moments.append(woken.moment)
        now += logos.REST
    gaps = [(b - a) // timedelta(minutes=1) for a, b in pairwise(sorted(set(moments)))]
    assert gaps[:5] == [3, 6, 12, 24, 48]
    assert set(gaps[5:]) == {60}
    assert woken is not None
    later = woken.moment + timedelta(hours=3)
    assert logos._next_build(woken, later) == logos._Woken(later, logos.REST)


@pytest.mark.parametrize(("mode", "logo"), [("link", True), ("none", False)])
async def test_without_a_cache_nothing_is_gathered(town: Town, mode: str, logo: bool) -> None:
    url = town.provider.url("/one.png")
    town.serve({"One": url})
    town.declare_proxy(f"logos: {mode}")
    await town.build()
    assert town.asked() == []
    assert town.logo_of("One") == (url if logo else "")
    assert not (town.data / "logos").exists()


async def test_another_size_is_got_anew(town: Town) -> None:
    town.provider.table["/one.png"] = document(picture(800, 400))
    town.serve({"One": town.provider.url("/one.png")})
    town.declare_proxy("logos: cache, logo_size: 64")
    await town.build()
    town.declare_proxy("logos: cache, logo_size: 512")
    await town.build()
    assert town.kept(town.logo_of("One")).size == (512, 256)


async def test_originals_are_kept_while_a_proxy_wants_them(town: Town) -> None:
    town.provider.table["/one.png"] = document(content := picture(800, 400))
    town.serve({"One": town.provider.url("/one.png")})
    for wanted, kept in (("false", []), ("true", [content]), ("false", [])):
        town.declare_proxy(f"logos: cache, logo_originals: {wanted}")
        await town.build()
        files = (town.data / "logos").glob("??/*.orig")
        assert [file.read_bytes() for file in files] == kept
    assert town.asked() == ["/one.png"] * 2


async def test_a_logo_is_looked_at_again_after_a_week(town: Town) -> None:
    town.provider.table["/one.png"] = document(picture())
    town.serve({"One": town.provider.url("/one.png")})
    town.declare_proxy()
    await town.build()
    await town.pass_time(timedelta(days=9))
    town.provider.table["/one.png"] = document(picture())
    await town.build()
    assert town.asked() == ["/one.png", "/one.png"]
    assert "if-none-match" in town.provider.seen[-1].headers


async def test_a_picture_stays_while_its_host_is_away(town: Town) -> None:
    town.provider.table["/one.png"] = document(picture())
    town.serve({"One": town.provider.url("/one.png")})
    town.declare_proxy()
    await town.build()
    await town.pass_time(timedelta(days=9))
    town.provider.table["/one.png"] = status(404)
    await town.build()
    assert town.kept(town.logo_of("One")).size == (40, 20)
    assert town.sidecar(town.provider.url("/one.png")).failures == 1


async def test_a_picture_that_nobody_wants_is_removed_after_a_month(town: Town) -> None:
    town.provider.table["/one.png"] = document(picture())
    town.serve({"One": town.provider.url("/one.png")})
    town.declare_proxy()
    await town.build()
    town.serve({"One": ""})
    await town.pass_time(timedelta(days=29))
    await town.build()
    assert town.sidecar(town.provider.url("/one.png"))
    await town.pass_time(timedelta(days=2))
    await town.build()
    assert not list(
        (town.data / "logos").glob(f"??/{logo_ids.logo_id(town.provider.url('/one.png'))}*")
    )


async def test_initials_stay_for_as_long_as_they_are_used(town: Town) -> None:
    town.serve({"One": ""})
    town.declare_proxy()
    await town.build()
    await town.build()
    for _ in range(3):
        await town.pass_time(timedelta(days=25))
        await town.build()
        town.kept(town.logo_of("One"))


async def test_no_more_are_got_than_may_be_kept(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "MOST", 3)
    for n in range(8):
        town.provider.table[f"/{n}.png"] = document(picture())
    town.serve({f"C{n}": town.provider.url(f"/{n}.png") for n in range(5)})
    town.declare_proxy()
    await town.build()
    assert len(town.asked()) == 3
    town.serve({f"C{n}": town.provider.url(f"/{n}.png") for n in range(5, 8)})
    await town.pass_time(timedelta(days=1))
    await town.build()
    assert sorted(town.asked()[3:]) == ["/5.png", "/6.png", "/7.png"]


async def test_pictures_go_in_time_when_no_proxy_keeps_any_more(town: Town) -> None:
    town.provider.table["/one.png"] = document(picture())
    town.serve({"One": town.provider.url("/one.png")})
    town.declare_proxy()
    await town.build()
    town.declare_proxy("logos: link")
    await town.pass_time(timedelta(days=31))
    await town.build()
    assert not list((town.data / "logos").glob("??/*"))
    assert town.logo_of("One") == town.provider.url("/one.png")


async def test_a_proxy_that_is_removed_leaves_no_table(town: Town) -> None:
    town.provider.table["/one.png"] = document(picture())
    town.serve({"One": town.provider.url("/one.png")})
    town.declare_proxy()
    await town.build()
    table = town.data / "logos" / "links" / "family.parquet"
    assert table.exists()
    town.declare("sources: {uk: {kind: m3u, url: uk.m3u}}")
    await town.build()
    await town.pass_time(timedelta(days=2))
    await town.build()
    assert not table.exists()


async def test_no_secret_of_an_address_is_on_the_disk_for_others(town: Town) -> None:
    town.provider.table["/one.png"] = document(picture())
    town.serve({"One": town.provider.url("/one.png?token=hunter2", "user:hunter3")})
    town.declare_proxy()
    await town.build()
    for file in (town.data / "logos").rglob("*"):
        if file.is_file():
            assert file.stat().st_mode & 0o077 == 0
        if file.suffix == ".json":
            assert b"hunter" not in file.read_bytes()
    assert (town.data / "logos").stat().st_mode & 0o077 == 0
