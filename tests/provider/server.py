"""The server: a table from path to behaviour, on a port of loopback, and all that it was asked."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from aiohttp import web

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

Behaviour = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Seen:
    """One request that came in."""

    method: str
    target: str
    """Path and query exactly as they stood in the request line."""
    headers: dict[str, str]
    """Names in lower case."""


@dataclass
class Provider:
    """The server; running between `start` and `stop`, or inside `async with`."""

    table: dict[str, Behaviour] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    seen: list[Seen] = field(default_factory=list)
    port: int = 0
    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen on `port`, or on one that the system chooses."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        # handlers that never end are cancelled when the provider stops; a timeout of 0 means never
        self._runner = web.AppRunner(app, shutdown_timeout=0.01, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=self.tls)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close all connections."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def url(self, path: str = "/", userinfo: str = "") -> str:
        """Return the address of a path, with `user:password` if given."""
        scheme = "https" if self.tls else "http"
        return f"{scheme}://{userinfo and userinfo + '@'}127.0.0.1:{self.port}{path}"

    @property
    def place(self) -> str:
        """`host:port`."""
        return f"127.0.0.1:{self.port}"

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.seen.append(Seen(request.method, request.raw_path, headers))
        behaviour = self.table.get(request.path, _missing)
        return await behaviour(request)


async def _missing(request: web.Request) -> web.StreamResponse:
    return web.Response(status=404)


@contextlib.contextmanager
def in_thread(provider: Provider) -> Iterator[Provider]:
    """Run a provider beside synchronous code, such as a command under test."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="provider")
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(provider.start(), loop).result(10)
        yield provider
    finally:
        asyncio.run_coroutine_threadsafe(provider.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
