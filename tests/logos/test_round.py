"""A round against a real server: politely, once, and with a reason for what failed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from tests.logos.pictures import picture
from tests.provider.behaviours import document, silent, status
from tests.provider.server import Provider
from tvarr.catalog.logo_ids import logo_id
from tvarr.errors import Reason
from tvarr.fetch.client import Fetcher
from tvarr.logos import round as rounds
from tvarr.logos.cache import Cache
from tvarr.logos.converter import Converter
from tvarr.logos.hosts import Hosts
from tvarr.logos.round import Round, Wanted, is_due

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
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

    async def get(self, *urls: str, until: datetime | None = None) -> Round:
        """Get what is due of these."""
        wanted = [Wanted(identity(url), url, 64, trusted=True) for url in urls]
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
        yard.now += timedelta(days=1, minutes=1)
        await yard.get(*urls)
        assert len(provider.seen) > asked


async def test_a_round_ends_when_its_time_is_over_and_goes_on_later(yard: Yard) -> None:
    table = {f"/{n}": document(picture()) for n in range(6)}
    async with Provider(table) as provider:
        urls = [provider.url(path) for path in table]
        await yard.get(*urls, until=NOW)
        assert provider.seen == []
        await yard.get(*urls, until=NOW + timedelta(minutes=3))
        assert len(provider.seen) == 6


async def test_a_body_over_the_limit_is_not_read_to_its_end(yard: Yard) -> None:
    async with Provider({"/a": document(bytes(9 << 20))}) as provider:
        await yard.get(url := provider.url("/a"))
    assert yard.reason(url) is Reason.TOO_LARGE
