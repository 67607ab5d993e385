"""A small world for the controller: a YAML, documents beside it, a data folder, a moved clock."""

from __future__ import annotations

import asyncio
import os
import textwrap
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from tests.controller.fake_clock import FakeClock
from tvarr.controller.loop import Controller
from tvarr.controller.tools import Tools
from tvarr.controller.workers import Workers
from tvarr.fetch.client import Fetched, Fetcher, NotModified, Request
from tvarr.state.conditions import Condition, ConditionType, Status
from tvarr.state.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import timedelta
    from pathlib import Path

    from tvarr.controller.turn import Done
    from tvarr.errors import Reason

PLAYLIST = (
    "#EXTM3U\n"
    '#EXTINF:-1 tvg-id="one" group-title="News",One\nhttp://stream.invalid/1.ts\n'
    '#EXTINF:-1 tvg-id="two",Two\nhttp://stream.invalid/2.ts\n'
)
GUIDE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<tv>'
    '<channel id="one"><display-name>One</display-name></channel>'
    '<programme start="20260822180000 +0000" stop="20260822190000 +0000" channel="one">'
    "<title>News</title></programme></tv>\n"
)
YAML = """
    sources:
      uk: {kind: m3u, url: uk.m3u}
    epg:
      guide: {kind: xmltv, url: guide.xml}
    proxies:
      family: {sources: [uk], epg: [guide]}
"""

Answer = Fetched | NotModified | Exception | bytes
"""Bytes are stored as if they had been downloaded."""


def playlist(*names: str) -> str:
    """Return a playlist of channels with these names."""
    entries = (f"#EXTINF:-1,{name}\nhttp://stream.invalid/{name}.ts\n" for name in names)
    return "#EXTM3U\n" + "".join(entries)


class ScriptedFetcher:
    """Answers as a test says, by the last part of the address; reads files where it says nothing.

    What was asked is kept.
    """

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.answers: dict[str, list[Answer] | Answer] = {}
        self.held: dict[str, asyncio.Event] = {}
        """Fetches that wait for the test."""
        self._real = Fetcher()

    async def fetch(self, request: Request) -> Fetched | NotModified:
        self.asked.append(request)
        name = request.url.rpartition("/")[2]
        if name in self.held:
            await self.held[name].wait()
        answer = self.answers.get(name)
        if isinstance(answer, list):
            answer = answer.pop(0) if answer else None
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, bytes):
            request.into.write_bytes(answer)
            return Fetched(request.into, len(answer), etag='"1"')
        return answer or await self._real.fetch(request)

    def times(self, name: str) -> int:
        """Return how often the document was asked for."""
        return sum(request.url.endswith(name) for request in self.asked)


@dataclass
class World:
    """What a test writes into and looks at."""

    path: Path
    clock: FakeClock = field(default_factory=FakeClock)
    fetcher: ScriptedFetcher = field(default_factory=ScriptedFetcher)
    done: list[Done] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.data = self.path / "data"
        for folder in (self.data, self.data / "snapshots", self.data / "downloads"):
            folder.mkdir(exist_ok=True)
        self.store = Store(self.data / "state.json")
        self.workers = Workers(children=False)
        self.tools = Tools(
            self.data, self.path, cast("Fetcher", self.fetcher), self.workers, self.clock
        )
        self._edits: asyncio.Queue[None] = asyncio.Queue()

    # --- the folder of the YAML

    def write(self, name: str, text: str) -> Path:
        """Write a file as an editor does: whole, with a new inode."""
        path = self.path / name
        beside = path.with_name(f".{path.name}.beside")
        beside.write_text(textwrap.dedent(text), encoding="utf-8")
        os.replace(beside, path)  # noqa: PTH105 - what editors call
        return path

    def declare(self, yaml: str = YAML) -> None:
        """Write the YAML, and documents for its usual names."""
        self.write("tvarr.yaml", yaml)
        for name, text in (
            ("uk.m3u", PLAYLIST),
            ("de.m3u", playlist("Eins")),
            ("guide.xml", GUIDE),
        ):
            if not (self.path / name).exists():
                self.write(name, text)

    async def edit(self, yaml: str) -> None:
        """Write another YAML and let the controller hear of it."""
        self.declare(yaml)
        self.hear_of_a_change()

    def hear_of_a_change(self) -> None:
        """Tell the controller that a watched file changed."""
        self._edits.put_nowait(None)

    async def edits(self) -> AsyncIterator[None]:
        """Stand in for `config.watch`."""
        while True:
            await self._edits.get()
            yield

    # --- the controller

    def controller(self) -> Controller:
        """Return one that has not begun."""
        return Controller(
            self.path / "tvarr.yaml",
            self.store,
            self.tools,
            lambda manifest: manifest.server.port or 8888,
            on_done=self.done.append,
        )

    async def build(self, *, only: str | None = None, force: bool = False) -> Controller:
        """Reconcile once."""
        controller = self.controller()
        await controller.read()
        await controller.build(only=only, force=force)
        return controller

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Controller]:
        """Let a controller run beside the test."""
        controller = self.controller()
        await controller.read()
        task = asyncio.create_task(controller.run(self.edits))
        try:
            yield controller
            assert not task.done(), task.exception()
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def pass_time(self, step: timedelta) -> None:
        """Move the clock."""
        await self.clock.advance(step)

    # --- what came of it

    def status(self, key: str) -> Status:
        status = self.store.get(key)
        assert status is not None, f"there is no {key}"
        return status

    def ready(self, key: str) -> bool:
        status = self.store.get(key)
        return status is not None and status.ready

    def message(self, key: str) -> str:
        ready = self._condition(key)
        return ready.message if ready else ""

    def reason(self, key: str) -> Reason | None:
        ready = self._condition(key)
        return ready.reason if ready else None

    def failures(self, key: str) -> int:
        status = self.store.get(key)
        return status.failures if status else 0

    def _condition(self, key: str) -> Condition | None:
        status = self.store.get(key)
        return status.condition(ConditionType.READY) if status else None

    def file(self, proxy: str, name: str = "playlist.m3u") -> str:
        """Return a published file."""
        return (self.data / "outputs" / proxy / name).read_text(encoding="utf-8")

    def turns(self) -> list[str]:
        """Return the keys of the work that was done, in order."""
        return [done.status.key for done in self.done]


async def eventually(condition: Callable[[], object], patience: float = 30.0) -> None:
    """Wait until `condition` holds; work in threads takes its own time."""
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        await asyncio.sleep(0.005)
