"""An open file on its way to one client: conditions, ranges, and bytes with bounded memory.

`tvarr.web.outputs` decides which file; nothing here knows what is in it.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from email.utils import format_datetime
from typing import TYPE_CHECKING, BinaryIO

from aiohttp import hdrs, web

from tvarr.web.conditional import precondition, wanted_bytes

if TYPE_CHECKING:
    from datetime import datetime

log = logging.getLogger(__name__)

PIECE = 1 << 20
"""Bytes that the operating system is asked to send at once."""

STALL = 120.0
"""Seconds in which a client has to take one piece; one that does not is let go."""


@dataclass(frozen=True)
class Document:
    """What is sent: `head`, then the open file from byte `skip` to its end."""

    file: BinaryIO
    size: int
    """Bytes of head and file together."""
    etag: str
    modified: datetime
    """In whole seconds, UTC."""
    content_type: str
    head: bytes = b""
    skip: int = 0
    base: bytes | None = None
    """What has to be put into it first, in the place of the server's own address."""
    keep: str = "no-cache"
    """What `Cache-Control` says."""


def unchanged(request: web.Request, document: Document) -> web.StreamResponse | None:
    """Return the short answer (304 or 412) where the request's conditions ask for one."""
    status = precondition(request, document.etag, document.modified)
    return web.Response(status=status, headers=_headers(document)) if status else None


async def send(request: web.Request, document: Document) -> web.StreamResponse:
    """Answer with the document, or with the part of it that the request asks for.

    The file stays the caller's to close. A client that leaves or stalls loses its connection; as
    the headers are gone by then, there is nobody to tell.
    """
    part = wanted_bytes(request, document.etag, document.size)
    if part is not None and not part:
        raise web.HTTPRequestRangeNotSatisfiable(
            text=f"The file has {document.size} bytes.",
            headers={hdrs.CONTENT_RANGE: f"bytes */{document.size}"},
        )
    answer = web.StreamResponse(headers=_headers(document))
    answer.headers[hdrs.CONTENT_TYPE] = document.content_type
    if part is None:
        part = range(document.size)
    else:
        answer.set_status(206)
        answer.headers[hdrs.CONTENT_RANGE] = f"bytes {part[0]}-{part[-1]}/{document.size}"
    answer.content_length = len(part)
    await answer.prepare(request)
    if request.method == hdrs.METH_GET and part:
        await _send_part(request, answer, document, part)
    return answer


def _headers(document: Document) -> dict[str, str]:
    return {
        hdrs.ETAG: f'"{document.etag}"',
        hdrs.LAST_MODIFIED: format_datetime(document.modified, usegmt=True),
        hdrs.CACHE_CONTROL: document.keep,
        hdrs.ACCEPT_RANGES: "bytes",
    }


async def _send_part(
    request: web.Request, answer: web.StreamResponse, document: Document, part: range
) -> None:
    moved = document.skip - len(document.head)
    try:
        async with asyncio.timeout(STALL):
            await answer.write(document.head[part.start : part.stop])
        await _send_file(
            request, document.file, range(max(part.start + moved, document.skip), part.stop + moved)
        )
    except (ConnectionError, TimeoutError) as error:
        log.debug("%s did not take all of %s: %s", request.remote, request.path, error)
        if request.transport is not None:
            request.transport.abort()


async def _send_file(request: web.Request, file: BinaryIO, part: range) -> None:
    """Let the operating system send a part of the file, a piece at a time."""
    loop = asyncio.get_running_loop()
    for offset in range(part.start, part.stop, PIECE):
        if request.transport is None or request.transport.is_closing():
            raise ConnectionResetError("the client has left")
        async with asyncio.timeout(STALL):
            count = min(PIECE, part.stop - offset)
            await loop.sendfile(request.transport, file, offset, count)
