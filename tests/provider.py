"""A provider of playlists and guides that is as slow, wrong, rate-limited or cut as a test wants.

It is a real HTTP server on a port of loopback, with a table from path to behaviour:

    async with Provider({"/tv.m3u": document(b"#EXTM3U")}) as provider:
        provider.url("/tv.m3u")
        provider.table["/tv.m3u"] = status(503)
        provider.seen[-1].headers

A behaviour answers one request; those that wrap another one (`delayed`, `guarded`) say so. Tests of
synchronous code use `in_thread`. By hand, `python -m tests.provider` serves one of each.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gzip
import hashlib
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING, Self

from aiohttp import web

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator, Mapping
    from datetime import datetime

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
        behaviour = self.table.get(request.path, status(404))
        return await behaviour(request)


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


# --- behaviours that bring a document ---------------------------------------------------------


def document(
    body: bytes,
    *,
    etag: str | None = "auto",
    modified: datetime | None = None,
    packed: bool = False,
    headers: Mapping[str, str] | None = None,
) -> Behaviour:
    """Serve `body` with validators, and 304 to those who have it.

    `packed` means gzip on the wire for clients that accept it. The ETag is made of the bytes unless
    one is given; None sends none.
    """
    if etag == "auto":
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    validators = {"ETag": etag} if etag else {}
    if modified:
        validators["Last-Modified"] = format_datetime(modified, usegmt=True)

    async def answer(request: web.Request) -> web.StreamResponse:
        if _is_fresh(request, etag, modified):
            return web.Response(status=304, headers=validators)
        response = web.Response(body=body, headers={**validators, **(headers or {})})
        if packed and "gzip" in request.headers.get("Accept-Encoding", ""):
            response.body = gzip.compress(body)
            response.headers["Content-Encoding"] = "gzip"
        return response

    return answer


def _is_fresh(request: web.Request, etag: str | None, modified: datetime | None) -> bool:
    """Judge by If-None-Match if there is one, else by If-Modified-Since (RFC 9110, 13.2.2)."""
    if "If-None-Match" in request.headers:
        return request.headers["If-None-Match"] == etag
    since = request.headers.get("If-Modified-Since")
    return bool(since and modified and modified <= parsedate_to_datetime(since))


def guarded(user: str, password: str, inner: Behaviour) -> Behaviour:
    """Want Basic authentication before `inner` answers."""
    token = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != token:
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="tv"'})
        return await inner(request)

    return answer


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """Answer each request by the next behaviour; the last one stays."""
    left = list(behaviours)

    async def answer(request: web.Request) -> web.StreamResponse:
        return await (left.pop(0) if len(left) > 1 else left[0])(request)

    return answer


# --- behaviours that refuse or send elsewhere -------------------------------------------------


def status(code: int, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Behaviour:
    """Answer with a status, such as 429 with `Retry-After`."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=code, headers=headers, body=body)

    return answer


def redirect(location: str, code: int = 302) -> Behaviour:
    """Send elsewhere; a place of this server may be named by its path."""
    return status(code, {"Location": location})


# --- behaviours that waste time ---------------------------------------------------------------


def silent() -> Behaviour:
    """Take the request and never answer."""

    async def answer(request: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError("nobody sets that event")

    return answer


def delayed(seconds: float, inner: Behaviour) -> Behaviour:
    """Let `inner` answer after a while."""

    async def answer(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return await inner(request)

    return answer


def stuck(start: bytes) -> Behaviour:
    """Begin a document and then send nothing more, with the connection open."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = await _begin(request)
        await response.write(start)
        await asyncio.Event().wait()
        return response

    return answer


def endless(
    block: bytes,
    every: float = 0.0,
    start: bytes = b"",
    code: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Behaviour:
    """Send `start` and then the same block for ever: one endless line, or with `every` a drip."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = await _begin(request, code, headers)
        with contextlib.suppress(ConnectionResetError):  # they have had enough
            await response.write(start)
            while True:
                await response.write(block)
                await asyncio.sleep(every)
        return response

    return answer


async def _begin(
    request: web.Request, code: int = 200, headers: Mapping[str, str] | None = None
) -> web.StreamResponse:
    response = web.StreamResponse(status=code, headers=headers)
    await response.prepare(request)
    return response


# --- behaviours that break HTTP ---------------------------------------------------------------


def cut(body: bytes, missing: int = 1, *, chunked: bool = False) -> Behaviour:
    """Promise `missing` bytes more than are sent, then hang up."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        if chunked:
            response.enable_chunked_encoding()
        else:
            response.content_length = len(body) + missing
        await response.prepare(request)
        await response.write(body)
        _hang_up(request)
        return response

    return answer


def raw(data: bytes) -> Behaviour:
    """Write bytes to the connection as they are, then hang up; none at all is a dropped request."""

    async def answer(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.write(data)
        _hang_up(request)
        await asyncio.Event().wait()
        raise AssertionError("nobody sets that event")

    return answer


def _hang_up(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.close()


# --- by hand ----------------------------------------------------------------------------------

_PLAYLIST = b'#EXTM3U\n#EXTINF:-1 tvg-id="one.example",One\nhttp://127.0.0.1/one.ts\n'

SHOWCASE: dict[str, Behaviour] = {
    "/good.m3u": document(_PLAYLIST),
    "/packed.m3u": document(_PLAYLIST, packed=True),
    "/guarded.m3u": guarded("user", "password", document(_PLAYLIST)),
    "/slow.m3u": delayed(5, document(_PLAYLIST)),
    "/moved.m3u": redirect("/good.m3u"),
    "/loop.m3u": redirect("/loop.m3u"),
    "/file.m3u": redirect("file:///etc/passwd"),
    "/busy.m3u": status(429, {"Retry-After": "60"}),
    "/broken.m3u": status(500),
    "/silent.m3u": silent(),
    "/stuck.m3u": stuck(_PLAYLIST),
    "/endless.m3u": endless(b"x" * 65536, start=_PLAYLIST),
    "/drip.m3u": endless(b"x", every=1, start=_PLAYLIST),
    "/cut.m3u": cut(_PLAYLIST, missing=100),
    "/nonsense.m3u": raw(b"this is not HTTP\r\n\r\n"),
}


async def _serve_by_hand() -> None:
    async with Provider(SHOWCASE) as provider:
        for path in provider.table:
            print(provider.url(path))
        await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve_by_hand())
