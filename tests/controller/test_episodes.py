"""Episodes are asked for once, kept for a while, and told while the provider is away."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from tests.provider import Panel, Provider, status
from tvarr.controller import verdict
from tvarr.controller.episodes import AT_ONCE, FRESH, MOST_SERIES, REST, Episodes
from tvarr.controller.tools import Tools
from tvarr.errors import Reason, Stalled, Transient, TvarrError
from tvarr.fetch.client import Fetcher
from tvarr.spec.manifest import Manifest
from tvarr.state.conditions import Kind, Status

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.controller.world import World


class Asked:
    """A world with one account, whose panel counts what it is asked."""

    def __init__(self, world: World, provider: Provider, panel: Panel, fetcher: Fetcher) -> None:
        self.world, self.provider, self.panel = world, provider, panel
        tools = Tools(world.data, world.path, fetcher, world.workers, world.clock)
        self.manifest: Manifest | None = self.declared()
        self.episodes = Episodes(tools, lambda: self.manifest, world.store.get)

    def declared(self, **fields: object) -> Manifest:
        login = {"username": "user", "password": "password"}
        source = {"kind": "xtream", "url": self.provider.url(), **login, **fields}
        playlist = {"kind": "m3u", "url": "uk.m3u"}
        return Manifest.model_validate({"sources": {"tv": source, "uk": playlist}})

    async def titles(self, series: str = "300001") -> list[str]:
        found = await self.episodes.of("tv", series)
        return [episode.title for episode in found or ()]


@pytest.fixture
async def asked(world: World) -> AsyncIterator[Asked]:
    panel = Panel()
    async with Provider(panel.table()) as provider, Fetcher() as fetcher:
        yield Asked(world, provider, panel, fetcher)


async def test_a_series_is_asked_for_once(asked: Asked) -> None:
    many = await asyncio.gather(*(asked.titles() for _ in range(5)))
    assert many == [["Part 1", "Part 2"]] * 5
    assert asked.panel.asked == ["get_series_info"]


async def test_another_series_is_another_question(asked: Asked) -> None:
    await asked.titles()
    await asked.titles("300002")
    assert asked.panel.asked == ["get_series_info"] * 2


async def test_after_a_while_it_is_asked_again(asked: Asked) -> None:
    await asked.titles()
    await asked.world.pass_time(FRESH)
    await asked.titles()
    assert asked.panel.asked == ["get_series_info"] * 2


async def test_while_the_provider_is_away_the_last_answer_is_told(asked: Asked) -> None:
    before = await asked.titles()
    asked.panel.says["get_series_info"] = status(404)
    await asked.world.pass_time(FRESH)
    with pytest.raises(TvarrError):  # the series itself is gone
        await asked.titles()
    asked.panel.says["get_series_info"] = status(503)
    assert await asked.titles() == before


async def test_without_an_earlier_answer_its_trouble_is_told_without_credentials(
    asked: Asked,
) -> None:
    asked.panel.says["get_series_info"] = status(503)
    with pytest.raises(TvarrError) as caught:
        await asked.titles()
    assert caught.value.reason is Reason.SERVER_ERROR
    assert "password" not in str(caught.value)


async def test_an_edited_account_is_asked_anew(asked: Asked) -> None:
    await asked.titles()
    asked.manifest = asked.declared(user_agent="other")
    await asked.titles()
    assert asked.panel.asked == ["get_series_info"] * 2


@pytest.mark.parametrize("fields", [{"content": ["live"]}, None])
async def test_a_source_without_series_has_no_episodes(
    asked: Asked, fields: dict[str, object] | None
) -> None:
    asked.manifest = asked.declared(**fields) if fields else None
    assert await asked.episodes.of("tv", "300001") is None
    assert await asked.episodes.of("uk", "300001") is None
    assert asked.panel.asked == []


async def test_a_disabled_account_is_left_alone(asked: Asked) -> None:
    asked.manifest = asked.declared(enabled=False)
    with pytest.raises(Stalled):
        await asked.titles()
    assert asked.panel.asked == []


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (Transient(Reason.AUTH_FAILED, "the panel does not know this user"), Stalled),
        (Transient(Reason.SLOTS_FULL, "all connections are in use"), Transient),
    ],
)
async def test_a_provider_that_refuses_the_account_is_not_asked_for_episodes_either(
    asked: Asked, error: Transient, kind: type[TvarrError]
) -> None:
    before = await asked.titles()
    refused = Status(kind=Kind.SOURCE, name="tv", spec_hash="same")
    for _ in range(2):
        refused = verdict.failed(refused, "same", error, None, asked.world.clock.now())
    asked.world.store.put(refused)
    with pytest.raises(kind, match=error.sentence):
        await asked.titles("300002")
    assert await asked.titles() == before
    assert asked.panel.asked == ["get_series_info"]


async def test_what_could_not_be_had_takes_no_room(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tvarr.controller.episodes.MOST_SERIES", 2)
    asked.panel.says["get_series_info"] = status(503)
    for series in range(9):
        with pytest.raises(TvarrError):
            await asked.titles(str(series))
    assert len(asked.episodes._kept) == 2  # nothing else shows it


async def test_only_so_many_series_are_kept(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tvarr.controller.episodes.MOST_SERIES", 2)
    assert MOST_SERIES > 2
    for series in ("300001", "300002", "300003", "300001"):
        await asked.titles(series)
    assert asked.panel.asked == ["get_series_info"] * 4


async def test_series_that_do_not_exist_are_not_remembered_without_an_end(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tvarr.controller.episodes.MOST_SERIES", 2)
    asked.panel.says["get_series_info"] = status(404)
    for number in range(5):
        with pytest.raises(TvarrError):
            await asked.titles(str(number))
    assert len(asked.episodes._kept) == 2


@pytest.mark.parametrize(
    ("code", "rest"), [(503, REST), (401, timedelta(minutes=5)), (458, timedelta(minutes=30))]
)
async def test_a_provider_in_trouble_is_not_asked_for_one_series_after_the_other(
    asked: Asked, code: int, rest: timedelta
) -> None:
    asked.panel.says["get_series_info"] = status(code)

    async def ask_many() -> None:
        for number in range(5):
            with pytest.raises(TvarrError) as caught:
                await asked.titles(str(number))
            assert "password" not in str(caught.value)

    await ask_many()
    assert len(asked.panel.asked) == 1
    await asked.world.pass_time(rest - timedelta(seconds=1))
    await ask_many()
    assert len(asked.panel.asked) == 1
    await asked.world.pass_time(timedelta(seconds=1))
    await ask_many()
    assert len(asked.panel.asked) == 2
    asked.manifest = asked.declared(user_agent="other")
    await ask_many()
    assert len(asked.panel.asked) == 3


async def test_only_a_few_series_are_asked_for_at_a_time(asked: Asked) -> None:
    now, most = 0, 0

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        now -= 1
        return web.Response(status=404)

    asked.panel.says["get_series_info"] = answer
    await asyncio.gather(*map(asked.titles, map(str, range(20))), return_exceptions=True)
    assert len(asked.panel.asked) == 20
    assert most <= AT_ONCE


async def test_downloads_are_removed(asked: Asked) -> None:
    await asked.titles()
    assert list((asked.world.data / "downloads").iterdir()) == []
