"""A round against a real server: politely, once, and with a reason for what failed."""

from __future__ import annotations

import asyncio
import errno
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from tests.controller.world import eventually
from tests.logos.pictures import picture
from tests.provider.behaviours import document, silent, status
from tests.provider.server import Provider
from tvarr.catalog.logo_ids import logo_id
from tvarr.errors import Reason, Transient
from tvarr.fetch.client import Fetcher
from tvarr.logos import round as rounds
from tvarr.logos.cache import Cache
from tvarr.logos.converter import Converter
from tvarr.logos.hosts import Hosts
from tvarr.logos.round import Round, Wanted, is_due

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from tests.provider.server import Behaviour

NOW = datetime(2026, 8, 22, 18, 0, tzinfo=UTC)


class Yard:
    """All that a round needs."""

    def __init__(self, folder: Path, fetcher: Fetcher, converter: Converter) -> None:
        self.folder, self.fetcher, self.converter = folder, fetcher, converter
        self.cache, self.hosts = Cache(folder / "logos"), Hosts(folder / "hosts.json")
        self.cache.load()
        self.now = NOW

    def round(self) -> Round:
        return Round(
            self.cache,
            self.hosts,
            self.fetcher,
            self.converter,
            self.folder,
            self.folder,
            lambda: self.now,
        )

    async def get(
        self, *urls: str, until: datetime | None = None, size: int = 64, original: bool = False
    ) -> Round:
        """Get what is due of these."""
        wanted = [Wanted(identity(url), url, size, True, original) for url in urls]
        now = int(self.now.timestamp())
        due = [one for one in wanted if is_due(one, self.cache.entry(one.identity), now)]
        made = self.round()
        await made.get(due, until)
        return made

    def reason(self, url: str) -> Reason | None:
        found = self.cache.sidecar(identity(url))
        return found.reason if found else None


def identity(url: str) -> str:
    found = logo_id(url)
    assert found is not None
    return found


@pytest.fixture
async def yard(tmp_path: Path) -> AsyncIterator[Yard]:
    async with Fetcher() as fetcher, Converter() as converter:
        yield Yard(tmp_path, fetcher, converter)


async def test_real_logos_come_to_a_picture_or_a_reason_and_only_once(
    yard: Yard, real_data: Path
) -> None:
    files = sorted(file for file in (real_data / "logos").rglob("*.*") if file.is_file())
    table = {f"/{number}": document(file.read_bytes()) for number, file in enumerate(files)}
    async with Provider(table) as provider:
        urls = [provider.url(path) for path in table]
        first = await yard.get(*urls)
        assert len(provider.seen) == len(files)
        assert first.tally.downloaded == len(files)
        again = await yard.get(*urls)
        assert len(provider.seen) == len(files)
        assert again.tally.downloaded == 0
    failed = {}
    for url, file in zip(urls, files, strict=True):
        entry = yard.cache.entry(identity(url))
        assert entry is not None
        if not entry.there:
            failed[file.name] = yard.reason(url)
    assert failed == {
        "broken.png": Reason.UNSUPPORTED,
        "decompression_bomb.gif": Reason.TOO_LARGE,
        "truncated_jpeg.jpg": Reason.TRUNCATED,
        "zero_width.gif": Reason.UNSUPPORTED,
    }
    assert not list(yard.folder.glob("logo-*"))


async def test_never_more_than_two_at_once_from_one_host(yard: Yard) -> None:
    at_once, most = 0, 0

    async def slow(request: web.Request) -> web.StreamResponse:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.02)
        at_once -= 1
        return web.Response(body=picture())

    async with Provider({f"/{n}": slow for n in range(12)}) as provider:
        await yard.get(*(provider.url(f"/{n}") for n in range(12)))
    assert most == 2


@pytest.mark.parametrize(
    ("answer", "asked"), [(status(503), 3), (status(429), 1), (silent(), 1), (status(404), 20)]
)
async def test_a_host_in_trouble_is_left_alone_until_tomorrow(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, answer: Behaviour, asked: int
) -> None:
    monkeypatch.setattr(rounds, "TIMEOUT", timedelta(seconds=0.3))
    monkeypatch.setattr(rounds, "PER_HOST", 1)
    async with Provider({f"/{n}": answer for n in range(20)}) as provider:
        urls = [provider.url(f"/{n}") for n in range(20)]
        await yard.get(*urls)
        assert len(provider.seen) == asked
        await yard.get(*urls)
        assert len(provider.seen) == asked
        yard.hosts.save(int(yard.now.timestamp()))
        async with Fetcher() as fetcher:
            again = Yard(yard.folder, fetcher, yard.converter)
            again.hosts.load()
            await again.get(*urls)
            assert len(provider.seen) == asked, "the next process knows it too"
            again.now += timedelta(days=1, minutes=1)
            await again.get(*urls)
        assert len(provider.seen) == 2 * asked


async def test_a_picture_that_is_gone_is_asked_for_ever_less_often(yard: Yard) -> None:
    async with Provider() as provider:
        url = provider.url("/gone")
        asked: list[int] = []
        for day in range(30):
            await yard.get(url)
            if len(provider.seen) > len(asked):
                asked.append(day)
            yard.now += timedelta(days=1, seconds=1)
    assert asked == [0, 1, 3, 6, 10, 15, 21, 28]


async def test_there_is_a_rest_between_two_pictures_of_a_host(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    rests, sleep = [], asyncio.sleep

    async def noted(seconds: float) -> None:
        rests.append(seconds)
        await sleep(seconds)

    monkeypatch.setattr(asyncio, "sleep", noted)
    async with Provider({f"/{n}": document(picture()) for n in range(7)}) as provider:
        await yard.get(*(provider.url(f"/{n}") for n in range(7)))
    assert rests.count(rounds.GAP) >= 6


async def test_a_host_that_takes_its_time_holds_up_no_other(yard: Yard) -> None:
    async with (
        Provider({f"/{n}": silent() for n in range(50)}) as slow,
        Provider({f"/{n}": document(picture()) for n in range(5)}) as quick,
    ):
        there = [quick.url(f"/{n}") for n in range(5)]
        task = asyncio.create_task(yard.get(*(slow.url(f"/{n}") for n in range(50)), *there))
        pictures = [yard.cache.picture(identity(url)) for url in there]
        await eventually(lambda: all(file.exists() for file in pictures))
        assert len(slow.seen) <= 1
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    assert not list(yard.folder.glob("logo-*"))


async def test_only_some_hosts_are_asked_at_once(yard: Yard) -> None:
    asked, gate = 0, asyncio.Event()

    async def held(_: web.Request) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        await gate.wait()
        return web.Response(body=picture())

    async with AsyncExitStack() as stack:
        hosts = [await stack.enter_async_context(Provider({"/a": held})) for _ in range(9)]
        task = asyncio.create_task(yard.get(*(host.url("/a") for host in hosts)))
        await eventually(lambda: asked >= rounds.HOSTS)
        await asyncio.sleep(0.1)
        assert asked == rounds.HOSTS
        gate.set()
        await task
    assert asked == len(hosts)


@pytest.mark.parametrize("where", ["put", "fetch"])
async def test_a_full_disk_says_nothing_of_a_picture(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    if where == "put":
        monkeypatch.setattr(Cache, "put", raising(full))
    else:
        disk = Transient(Reason.DISK_FULL, "the disk is full")
        monkeypatch.setattr(yard.fetcher, "fetch", raising(disk))
    async with Provider({f"/{n}": document(picture()) for n in range(99)}) as provider:
        with pytest.raises(ExceptionGroup):
            await yard.get(*(provider.url(f"/{n}") for n in range(99)))
        assert len(provider.seen) <= 2, "the others are not got for nothing"
    assert len(yard.cache) == 0
    assert not list(yard.folder.glob("logo-*"))


def raising(error: Exception) -> Callable[..., Any]:
    def fail(*_: object) -> Any:
        raise error

    return fail


async def test_a_round_ends_when_its_time_is_over_and_goes_on_later(yard: Yard) -> None:
    table = {f"/{n}": document(picture()) for n in range(6)}
    async with Provider(table) as provider:
        urls = [provider.url(path) for path in table]
        await yard.get(*urls, until=NOW)
        assert provider.seen == []
        await yard.get(*urls, until=NOW + timedelta(minutes=3))
        assert len(provider.seen) == 6


async def test_an_original_is_kept_where_it_is_wanted(yard: Yard) -> None:
    content = picture(400, 200, "JPEG")
    async with Provider({"/a": document(content)}) as provider:
        url = provider.url("/a")
        await yard.get(url)
        assert not yard.cache.original(identity(url)).exists()
        await yard.get(url, original=True)
        assert yard.cache.original(identity(url)).read_bytes() == content
        await yard.get(url, original=True)
        assert len(provider.seen) == 2
        yard.now += timedelta(days=9)
        await yard.get(url, original=True)
        assert "if-none-match" in provider.seen[2].headers
        assert yard.cache.original(identity(url)).read_bytes() == content


async def test_a_file_of_this_machine_needs_no_second_copy(yard: Yard) -> None:
    (yard.folder / "a.png").write_bytes(content := picture())
    wanted = Wanted("3f" * 32, "a.png", 64, trusted=True, original=True)
    await yard.round().get([wanted])
    assert yard.cache.picture("3f" * 32).exists()
    assert not yard.cache.original("3f" * 32).exists()
    assert (yard.folder / "a.png").read_bytes() == content


@pytest.mark.parametrize("more", [{"size": 128}, {"original": True}])
async def test_what_could_not_be_got_in_another_way_is_tried_again_tomorrow_and_whole(
    yard: Yard, more: dict[str, Any]
) -> None:
    async with Provider({"/a": document(picture(400, 200))}) as provider:
        url = provider.url("/a")
        await yard.get(url)
        provider.table["/a"] = status(404)
        for _ in range(2):
            await yard.get(url, **more)
            assert len(provider.seen) == 2
        provider.table["/a"] = document(picture(400, 200))
        yard.now += timedelta(days=1, minutes=1)
        await yard.get(url, **more)
        assert "if-none-match" not in provider.seen[2].headers
        found = yard.cache.sidecar(identity(url))
        assert found is not None
        assert found.width == more.get("size", 64)
        assert yard.cache.original(identity(url)).exists() is ("original" in more)


async def test_a_body_over_the_limit_is_not_read_to_its_end(yard: Yard) -> None:
    async with Provider({"/a": document(bytes(9 << 20))}) as provider:
        await yard.get(url := provider.url("/a"))
    assert yard.reason(url) is Reason.TOO_LARGE
