"""Pictures of channels over HTTP: `/logos/ID.png`, and nothing but what tvarr keeps.

An id is 64 hex digits, so that no path but that of a picture can be asked for. The bytes of a
picture rarely change and its address never does: clients keep it for days, and ask with its ETag
after that.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from aiohttp import web

from tvarr.logos.cache import picture_file
from tvarr.web.threads import in_thread
from tvarr.web.transfer import Document, send, unchanged
from tvarr.web.view import VIEW

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

PREFIX = "/logos/"
KEEP = "public, max-age=259200"
"""Three days: a changed logo is a matter of days for those who show it."""


def routes() -> Iterable[web.RouteDef]:
    """Return the route of the pictures."""
    return [web.get(rf"{PREFIX}{{identity:[0-9a-f]{{64}}}}.png", serve)]


async def serve(request: web.Request) -> web.StreamResponse:
    """Answer a picture; 404 for one that is not kept."""
    root = request.app[VIEW].data / "logos"
    document = await in_thread(request, _open, root, request.match_info["identity"])
    if document is None:
        raise web.HTTPNotFound(text="There is no such logo here.")
    with document.file:
        return unchanged(request, document) or await send(request, document)


def _open(root: Path, identity: str) -> Document | None:
    try:
        file = picture_file(root, identity).open("rb", buffering=0)
    except OSError:
        return None
    found = os.fstat(file.fileno())
    modified = datetime.fromtimestamp(int(found.st_mtime), UTC)
    etag = f"{found.st_mtime_ns:x}-{found.st_size:x}"
    return Document(file, found.st_size, etag, modified, "image/png", keep=KEEP)
