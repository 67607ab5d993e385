"""What a path of the provider may do: bring a document, refuse, waste time, break HTTP."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gzip
import hashlib
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tests.provider.server import Behaviour

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
