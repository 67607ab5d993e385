"""The demonstration's provider: a web server on loopback that behaves like a television provider.

`tvarr demo` runs `serve` beside the controller and writes the first YAML file with `write_yaml`.
The server answers with a playlist, a guide, logos and streams; what they hold is made by `lineup`,
`guide`, `drawing` and `pictures`.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import logging
import re
import socket
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from importlib.resources import files
from typing import TYPE_CHECKING, TypeVar, cast

from aiohttp import web

from tvarr.demo import drawing, guide, lineup, pictures

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Iterator
    from pathlib import Path

    from tvarr.demo.lineup import Channel

T = TypeVar("T")
logger = logging.getLogger(__name__)

PORT = 8889
"""Where the provider listens unless the folder's YAML says otherwise."""
VIEWERS = 4
"""Streams at once: each costs a quarter of a core."""
_HOST = "127.0.0.1"
_BLOCK = 64 * 1024
_PATIENCE = 20.0
"""Seconds for ffmpeg to give the next block, and for a viewer to take it."""
_ADDRESS = re.compile(
    rf"http://{re.escape(_HOST)}:(\d{{1,5}})(?=/(?:playlist\.m3u|guide\.xml\.gz)\b)"
)
"""The provider's, not tvarr's own, which has a proxy's name before the file's."""


@asynccontextmanager
async def serve(port: int = 0, *, ffmpeg: str | None) -> AsyncIterator[str]:
    """Serve on loopback while the block runs; yields the base URL, without a slash at its end.

    `port` 0 takes any free one. `ffmpeg` is what `pictures.find_ffmpeg` returns; with None the
    streams answer 503 and all else works. Raises OSError with a sentence if the port is taken.
    """
    runner = web.AppRunner(application(ffmpeg), access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, _HOST, port)
        await _start(site, port)
        address = runner.addresses[0]
        yield f"http://{address[0]}:{address[1]}"
    finally:
        await runner.cleanup()


async def _start(site: web.TCPSite, port: int) -> None:
    try:
        await site.start()
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise OSError(
            errno.EADDRINUSE,
            f"port {port} of {_HOST}, where the demonstration's provider belongs, is taken: "
            "stop the other program, or write another port into the addresses in tvarr.yaml",
        ) from error


def provider_port(folder: Path) -> int:
    """Return the port to serve on: the one that the folder's tvarr.yaml names.

    Without that file, or if it names none, `PORT`, or 0 (any) if that is taken just now. So the
    addresses in a YAML that was once written stay right.
    """
    with suppress(OSError, UnicodeDecodeError):
        text = (folder / "tvarr.yaml").read_text(encoding="utf-8")
        if (match := _ADDRESS.search(text)) and int(match[1]) < 2**16:
            return int(match[1])
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, PORT))
        except OSError:
            return 0
    return PORT


def write_yaml(folder: Path, provider_url: str) -> Path:
    """Write the demonstration's tvarr.yaml, unless there is one; returns its path.

    What the person has edited is never touched.
    """
    path = folder / "tvarr.yaml"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    text = files("tvarr.demo").joinpath("tvarr.yaml").read_text(encoding="utf-8")
    beside = folder / ".tvarr.yaml.new"
    beside.write_text(_ADDRESS.sub(provider_url, text), encoding="utf-8")
    return beside.replace(path)


def application(ffmpeg: str | None) -> web.Application:
    """Return the provider's web application."""
    studio = Studio(ffmpeg)
    app = web.Application()
    app.add_routes([
        web.get("/playlist.m3u", _playlist),
        web.get("/guide.xml.gz", _guide),
        web.get("/logos/{slug}.png", _logo),
        web.get("/live/{slug}.ts", studio.live),
    ])  # fmt: skip
    app.on_shutdown.append(studio.close)
    return app


async def _playlist(request: web.Request) -> web.StreamResponse:
    body = lineup.playlist(_base_url(request)).encode()
    return _document(request, body, "audio/x-mpegurl")


async def _guide(request: web.Request) -> web.StreamResponse:
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    body = await asyncio.to_thread(guide.compressed_document, _base_url(request), hour)
    return _document(request, body, "application/gzip")


async def _logo(request: web.Request) -> web.StreamResponse:
    body = await asyncio.to_thread(drawing.logo_png, _channel(request))
    return _document(request, body, "image/png")


def _base_url(request: web.Request) -> str:
    return f"http://{request.host}"


def _channel(request: web.Request) -> Channel:
    if channel := lineup.find(request.match_info["slug"]):
        return channel
    raise web.HTTPNotFound(text="There is no such channel.\n")


def _document(request: web.Request, body: bytes, content_type: str) -> web.StreamResponse:
    """Answer with the body, or 304 to whoever has it."""
    revision = hashlib.sha256(body).hexdigest()[:16]
    known = {tag.value for tag in request.if_none_match or ()}
    if known & {revision, "*"}:
        raise web.HTTPNotModified(headers={"ETag": f'"{revision}"'})
    return web.Response(body=body, content_type=content_type, headers={"ETag": f'"{revision}"'})


class Studio:
    """Plays the channels: one ffmpeg for each viewer, for at most `VIEWERS` of them."""

    def __init__(self, ffmpeg: str | None) -> None:
        self._ffmpeg = ffmpeg
        self._viewers: set[asyncio.Task[object]] = set()

    async def live(self, request: web.Request) -> web.StreamResponse:
        """Answer one viewer, until that viewer leaves; HEAD starts nothing."""
        channel = _channel(request)
        response = web.StreamResponse(headers={"Cache-Control": "no-store"})
        response.content_type = "video/mp2t"
        if request.method == "HEAD":
            return response
        ffmpeg = self._admit()
        with self._a_place():
            await _play(ffmpeg, channel, request, response)
        if not response.prepared:
            raise web.HTTPServiceUnavailable(text="ffmpeg made no picture; the log says why.\n")
        return response

    async def close(self, _app: web.Application) -> None:
        """End every stream; returns when all processes are gone."""
        viewers = tuple(self._viewers)
        for viewer in viewers:
            viewer.cancel()
        await asyncio.gather(*viewers, return_exceptions=True)

    def _admit(self) -> str:
        """Return the program to play with, or refuse the viewer in a sentence."""
        if self._ffmpeg is None:
            raise web.HTTPServiceUnavailable(
                text="The demonstration's pictures are made by ffmpeg, and none with H.264 was "
                "found. Install ffmpeg and start again.\n"
            )
        if len(self._viewers) >= VIEWERS:
            raise web.HTTPServiceUnavailable(
                text=f"All {VIEWERS} places are taken. Stop one of the streams and try again.\n",
                headers={"Retry-After": "10"},
            )
        return self._ffmpeg

    @contextmanager
    def _a_place(self) -> Iterator[None]:
        """Hold one of the places, until the process is gone too."""
        viewer = cast("asyncio.Task[object]", asyncio.current_task())
        self._viewers.add(viewer)
        try:
            yield
        finally:
            self._viewers.discard(viewer)


async def _play(
    ffmpeg: str, channel: Channel, request: web.Request, response: web.StreamResponse
) -> None:
    """Send the stream until the viewer leaves or ffmpeg ends; nothing, if it cannot start."""
    try:
        async with pictures.stream(ffmpeg, channel) as output:
            await _pump(output, request, response)
    except OSError as error:
        logger.warning("%s: cannot start %s: %s", channel.slug, ffmpeg, error)


async def _pump(
    output: asyncio.StreamReader, request: web.Request, response: web.StreamResponse
) -> None:
    with suppress(ConnectionError, TimeoutError):  # the viewer has left, or sleeps
        while block := await _within_patience(output.read(_BLOCK)):
            if not response.prepared:
                await response.prepare(request)
            await _within_patience(response.write(block))


async def _within_patience(step: Awaitable[T]) -> T:
    async with asyncio.timeout(_PATIENCE):
        return await step
