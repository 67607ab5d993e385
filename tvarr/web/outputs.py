"""Published files over HTTP: playlists and guides, plain and gzip.

A request opens the file in the revision that is current at that moment and is answered from that
open file to its end, so a swap in between never mixes two revisions. aiohttp's own `FileResponse`
is not used: its ETag is not the revision, it swaps in `.gz` neighbours by itself, and it reads an
`If-Range` with an ETag as if there were none.

Types: `audio/x-mpegurl` is what VLC's playlist module looks for (modules/demux/playlist/m3u.c);
`application/vnd.apple.mpegurl` would announce an HLS stream (RFC 8216, section 4). A `.gz` is
`application/gzip` without `Content-Encoding`, so that it arrives as the file its name promises:
Jellyfin unpacks by the URL's ending.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO

from aiohttp import web
from isal import isal_zlib

from tvarr.outputs import publish
from tvarr.outputs.report import read_report
from tvarr.web.errors import known_proxies
from tvarr.web.threads import in_thread
from tvarr.web.transfer import Document, send, unchanged
from tvarr.web.view import VIEW, View, reached_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

TYPES = {
    "playlist.m3u": "audio/x-mpegurl; charset=utf-8",
    "playlist.m3u.gz": "application/gzip",
    "guide.xml": "application/xml; charset=utf-8",
    "guide.xml.gz": "application/gzip",
}

_PLACEHOLDER = re.compile(rb'(?<==")http://127\.0\.0\.1(?::[0-9]+)?(?=/)')
"""The base of the guide's address as a build writes it where no `base_url` is declared."""

_OURS = re.compile(
    rb"http://127\.0\.0\.1(?::[0-9]+)?(?=/(?:logos/[0-9a-f]{64}\.png|[a-z0-9][a-z0-9_-]*/guide\.xml\.gz\"))"
)
"""The same, and before the addresses of logos that tvarr serves."""

_FIRST_LINE = 1 << 16
"""Bytes after which the first line is taken as it is."""

_GZIP_LEVEL = 2
_GZIP_HEADER = 31
"""The `wbits` of zlib that ask for gzip's header and the widest window."""
_BLOCK = 1 << 20


def routes() -> Iterable[web.RouteDef]:
    """Return the routes of published files."""
    names = "|".join(re.escape(name) for name in TYPES)
    return [web.get(rf"/{{proxy:[a-z0-9][a-z0-9_-]*}}/{{file:{names}}}", serve)]


def unpublished(data: Path, proxies: Iterable[str]) -> list[str]:
    """Return those of `proxies` that have no published revision. Reads the disk."""
    return [proxy for proxy in proxies if publish.current(data, proxy) is None]


async def serve(request: web.Request) -> web.StreamResponse:
    """Answer a published file; 404 for what is not declared, 503 for what is not built yet."""
    view, proxy, name = request.app[VIEW], request.match_info["proxy"], request.match_info["file"]
    _check_declared(request, view, proxy, name)
    base = None if view.base_url() else reached_at(request)
    document = await in_thread(request, _open, view.data, proxy, name, base)
    if document is None:
        raise web.HTTPServiceUnavailable(
            text=f"{name} of {proxy} is not built yet; try again in a moment.",
            headers={"Retry-After": "5"},
        )
    with document.file:
        if (short := unchanged(request, document)) is not None:
            return short
        is_packed = name.endswith(".gz")
        if document.base is not None:
            made = await in_thread(request, partial(_rewritten, packed=is_packed), document)
        elif document.head and is_packed:
            made = await in_thread(request, _pack, document)
        else:
            return await send(request, document)
        with made.file:
            return await send(request, made)


def _check_declared(request: web.Request, view: View, proxy: str, name: str) -> None:
    """Raise 404 where the running manifest does not declare this file.

    Without a manifest (the YAML could not be read since the start) whatever an earlier run
    published is answered: the last good thing goes on being served.
    """
    manifest = view.manifest()
    if manifest is None:
        return
    declared = manifest.proxies.get(proxy)
    if declared is None:
        raise web.HTTPNotFound(text=f"There is no proxy {proxy}. {known_proxies(request)}")
    output = "m3u" if name.startswith("playlist") else "xmltv"
    if output not in declared.outputs:
        raise web.HTTPNotFound(text=f"{output} is not among the outputs of {proxy}.")


def _open(data: Path, proxy: str, name: str, base: str | None) -> Document | None:
    """Open a file of the current revision, None where there is none.

    A revision may be pruned between the look at the pointer and the opening; then the pointer
    has moved on and is looked at again.
    """
    for _attempt in range(3):
        revision = publish.current(data, proxy)
        if revision is None:
            return None
        with contextlib.suppress(FileNotFoundError):
            if base is not None and _names_server(revision):
                return _named_throughout(revision, name, base)
            if base is not None and name.startswith("playlist"):
                return _readdressed(revision, name, base)
            return _stored(revision, name)
    return None


def _stored(revision: Path, name: str) -> Document:
    """Open a file of a revision.

    It was modified when its revision became public, which is the folder's time: an older content
    that comes back is news to a client that asks by date.
    """
    file = (revision / name).open("rb", buffering=0)
    modified = datetime.fromtimestamp(int(revision.stat().st_mtime), UTC)
    return Document(file, os.fstat(file.fileno()).st_size, revision.name, modified, TYPES[name])


def _readdressed(revision: Path, name: str, base: str) -> Document:
    """Open a playlist whose first line names its guide under `base`; the rest is byte for byte.

    For the `.gz` this is the plain file too, still to be packed: to put a gzip member of its own
    before the rest would end the playlist there for readers that stop after one member, as Kodi's
    IPTV Simple does.
    """
    plain = _stored(revision, "playlist.m3u")
    first = plain.file.readline(_FIRST_LINE)
    head, replaced = _PLACEHOLDER.subn(base.encode(), first)
    if not replaced:
        plain.file.close()
        return _stored(revision, name)
    return replace(
        plain,
        head=head,
        skip=len(first),
        size=plain.size - len(first) + len(head),
        etag=f"{plain.etag}-{sha256(base.encode()).hexdigest()[:8]}",
        content_type=TYPES[name],
    )


def _names_server(revision: Path) -> bool:
    """Whether a revision has addresses of logos as well; one without a report has none."""
    try:
        return read_report(revision).names_server
    except (OSError, ValueError):
        return False


def _named_throughout(revision: Path, name: str, base: str) -> Document:
    """Open a file in which the guide and all logos of ours are still to be named under `base`."""
    plain = _stored(revision, name.removesuffix(".gz"))
    etag = f"{plain.etag}-{sha256(base.encode()).hexdigest()[:8]}"
    return replace(plain, base=base.encode(), etag=etag, content_type=TYPES[name])


def _rewritten(document: Document, *, packed: bool) -> Document:
    """Return the document with its base put in, in a file without a name."""
    packer = isal_zlib.compressobj(_GZIP_LEVEL, isal_zlib.DEFLATED, _GZIP_HEADER)
    written = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    for lines in _by_lines(document.file):
        text = _OURS.sub(document.base or b"", lines)
        written.write(packer.compress(text) if packed else text)
    if packed:
        written.write(packer.flush())
    written.flush()
    return replace(document, file=written, size=written.tell(), base=None)


def _by_lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield whole lines, some at a time, so that no address is cut in two."""
    rest = b""
    while block := file.read(_BLOCK):
        whole, newline, rest = (rest + block).rpartition(b"\n")
        yield whole + newline
    yield rest


def _pack(document: Document) -> Document:
    """Return the document gzipped into a file without a name; the same document, the same bytes."""
    compressor = isal_zlib.compressobj(_GZIP_LEVEL, isal_zlib.DEFLATED, _GZIP_HEADER)
    packed = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    packed.write(compressor.compress(document.head))
    document.file.seek(document.skip)
    while block := document.file.read(_BLOCK):
        packed.write(compressor.compress(block))
    packed.write(compressor.flush())
    packed.flush()
    return replace(document, file=packed, size=packed.tell(), head=b"", skip=0)
