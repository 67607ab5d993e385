"""A small world that the web looks at: statuses, a manifest, published files; and ways to ask."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web

from tvarr.errors import Reason
from tvarr.progress import Asked, Progress
from tvarr.spec.manifest import Manifest
from tvarr.state.conditions import Condition, ConditionType, Kind, Status
from tvarr.web.server import View, create_app, create_runner

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
    from pathlib import Path

    from tvarr.ingest.xtream.episodes import Episode

NOW = datetime(2026, 8, 22, 18, 30, tzinfo=UTC)


@dataclass
class World:
    """What a test changes while the server runs."""

    data: Path
    manifest: Manifest | None = None
    statuses: list[Status] = field(default_factory=list)
    now: datetime = NOW
    progress: Progress = field(default_factory=Progress)
    refresh: Callable[..., Asked] | None = None
    episodes: Callable[[str, str], Awaitable[Sequence[Episode] | None]] | None = None

    def all(self) -> list[Status]:
        return self.statuses

    def get(self, key: str) -> Status | None:
        return next((status for status in self.statuses if status.key == key), None)

    async def _episodes(self, source: str, series: str) -> Sequence[Episode] | None:
        return await self.episodes(source, series) if self.episodes else None

    @property
    def view(self) -> View:
        return View(
            data=self.data,
            store=self,
            manifest=lambda: self.manifest,
            started=NOW,
            now=lambda: self.now,
            episodes=self._episodes,
            progress=self.progress,
            refresh=self.refresh,
        )

    def declare(
        self, *proxies: str, outputs: tuple[str, ...] = ("m3u", "xmltv"), **server: object
    ) -> None:
        """Make the running manifest declare proxies that all read one source and one guide."""
        self.manifest = declared(*proxies, outputs=outputs, **server)

    def publish(self, proxy: str, revision: str, files: dict[str, bytes]) -> Path:
        """Publish files as `tvarr.outputs.publish` lays them out, and swap the pointer."""
        folder = self.data / "revisions" / proxy / revision
        folder.mkdir(parents=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
        pointer = self.data / "outputs" / proxy
        pointer.parent.mkdir(exist_ok=True)
        beside = pointer.with_name(f".{proxy}")
        beside.symlink_to(folder)
        beside.rename(pointer)
        return folder


def declared(
    *proxies: str, outputs: tuple[str, ...] = ("m3u", "xmltv"), **server: object
) -> Manifest:
    """Return a manifest with those proxies."""
    fetched = {"url": "http://provider.invalid/secret-token/list", "refresh": "6h"}
    return Manifest.model_validate(
        {
            "server": server,
            "sources": {"freeview": {"kind": "m3u", **fetched}},
            "epg": {"uk": {"kind": "xmltv", **fetched}},
            "proxies": {
                name: {"sources": ["freeview"], "epg": ["uk"], "outputs": list(outputs)}
                for name in proxies
            },
        }
    )


def condition(
    kind: ConditionType, reason: Reason, message: str = "A sentence.", *, holds: bool = True
) -> Condition:
    return Condition(type=kind, status=holds, reason=reason, message=message, since=NOW)


READY = (condition(ConditionType.READY, Reason.SUCCEEDED),)


def ready(kind: Kind, name: str, **fields: object) -> Status:
    """Return the status of a resource that is well."""
    return Status.model_validate({"kind": kind, "name": name, "conditions": READY, **fields})


@dataclass
class Client:
    """Asks one server."""

    port: int
    session: aiohttp.ClientSession

    async def get(
        self, path: str, headers: dict[str, str] | None = None, method: str = "GET"
    ) -> Answer:
        """Return the answer with its whole body; `path` is sent as it is."""
        from yarl import URL

        url = URL(f"http://127.0.0.1:{self.port}{path}", encoded=True)
        async with self.session.request(
            method, url, headers=headers, allow_redirects=False
        ) as answer:
            return Answer(answer.status, answer.headers.copy(), await answer.read())

    async def raw(self, request: bytes) -> bytes:
        """Send bytes and return what comes back until the server closes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(request)
            return await asyncio.wait_for(reader.read(), 20)
        finally:
            writer.close()
            await writer.wait_closed()


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@asynccontextmanager
async def serve(world: World) -> AsyncIterator[Client]:
    """Run the real application on a port that the system chose."""
    runner = create_runner(create_app(world.view), shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with aiohttp.ClientSession() as session:
            yield Client(runner.addresses[0][1], session)
    finally:
        await runner.cleanup()
