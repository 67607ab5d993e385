"""The body of a request that asks with POST: a JSON object, within limits of size and time.

A body is only taken as `application/json`, which no page of another site can send without asking.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

WAIT = 15.0
"""Seconds in which a body has to be there."""


async def json_object(
    request: web.Request, members: AbstractSet[str], longest: int
) -> dict[str, Any]:
    """Return the JSON object of a request's body, of at most `longest` bytes.

    Raises:
        HTTPException: it is something else, or has other members than these.
    """
    if request.content_type != "application/json" or "Content-Encoding" in request.headers:
        raise web.HTTPUnsupportedMediaType(text="Send plain JSON, as `application/json`.")
    try:
        asked = orjson.loads(await _bytes(request, longest))
    except orjson.JSONDecodeError as error:
        raise web.HTTPBadRequest(text=f"The body is not JSON: {error}.") from None
    if not isinstance(asked, dict):
        raise web.HTTPBadRequest(text="The body is not a JSON object.")
    if unknown := asked.keys() - members:
        listed = ", ".join(sorted(members))
        raise web.HTTPBadRequest(text=f"There is no {min(unknown)[:50]!r} here, but: {listed}.")
    return asked


async def _bytes(request: web.Request, longest: int) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(WAIT):
            while chunk := await request.content.readany():
                body += chunk
                if len(body) > longest:
                    raise web.HTTPRequestEntityTooLarge(
                        longest, len(body), text=f"More than {longest} bytes were sent."
                    )
    except TimeoutError:
        raise web.HTTPRequestTimeout(text="The body did not come in time.") from None
    return bytes(body)
