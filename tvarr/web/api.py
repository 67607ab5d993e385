"""JSON for scripts and dashboards: the status, and the channels and programmes of a proxy.

Every answer is one object; times are UTC in RFC 3339. What is asked for wrongly is refused with a
sentence, `{"error": …}`, as everywhere.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import orjson
from aiohttp import web
from pydantic import BaseModel

from tvarr.outputs import publish
from tvarr.outputs.revision import UnreadableError, reading
from tvarr.pipeline.build import Window
from tvarr.web import lineup
from tvarr.web.errors import known_proxies
from tvarr.web.status import report
from tvarr.web.threads import in_thread
from tvarr.web.view import VIEW, address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tvarr.spec.proxy import Proxy

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger(__name__)

MOST_CHANNELS = 1_000
LONGEST_WINDOW = timedelta(days=31)
EVENING = timedelta(hours=24)
"""How far programmes reach where no `to` is given."""

_YEARS = range(1970, 3000)
"""Years that can be reckoned with in every zone."""


def routes() -> Iterable[web.RouteDef]:
    """Return the routes below `/api/v1/`."""
    return [
        web.get("/api/v1/status", status),
        web.get("/api/v1/proxies/{proxy}/channels", channels),
        web.get("/api/v1/proxies/{proxy}/channels/{id}/streams", streams),
        web.get("/api/v1/proxies/{proxy}/programmes", programmes),
    ]


async def status(request: web.Request) -> web.Response:
    """Answer the report of `tvarr.web.status` as it is."""
    return _json(await in_thread(request, report, request.app[VIEW], address(request)))


async def channels(request: web.Request) -> web.Response:
    """Answer a page of a proxy's channels: `offset`, `limit` (at most 1,000), `q` to search."""
    proxy, _spec = _declared(request)
    offset = _parameter(request, "offset", _natural, 0)
    limit = min(_parameter(request, "limit", _natural, 100), MOST_CHANNELS)
    revision = await _revision(request, proxy)
    query = request.query.get("q", "").strip()
    page = await _read(request, revision, lineup.channels, revision, offset, limit, query)
    return _json(
        {
            "proxy": proxy,
            "revision": revision.name,
            "total": page.total,
            "offset": offset,
            "limit": limit,
            "channels": page.rows.to_dicts(),
        }
    )


async def streams(request: web.Request) -> web.Response:
    """Answer the streams of one channel in the order of playing, and why each stands there.

    By its channel id, or that of a row that was merged into it. Addresses are left out.
    """
    proxy, spec = _declared(request)
    channel_id = request.match_info["id"]
    revision = await _revision(request, proxy)
    told = await _read(request, revision, lineup.streams, revision, channel_id, spec.quality)
    if told is None:
        kept = " It keeps duplicates." if spec.duplicates == "keep" else ""
        raise web.HTTPNotFound(text=f"{proxy} has no streams of a channel {channel_id}.{kept}")
    return _json({"proxy": proxy, "revision": revision.name, "channel": told})


async def programmes(request: web.Request) -> web.Response:
    """Answer what is on one channel: `channel` (tvg-id or channel id), `from`, `to`."""
    proxy, spec = _declared(request)
    channel = request.query.get("channel")
    if not channel:
        raise web.HTTPBadRequest(text="`channel` is missing: the tvg-id of one channel.")
    window = _window(request)
    revision = await _revision(request, proxy)
    view = request.app[VIEW]
    page = await _read(
        request, revision, lineup.programmes, view, proxy, spec, revision, channel, window
    )
    if page is None:
        raise web.HTTPNotFound(text=f"{proxy} has no channel {channel}.")
    return _json(
        {
            "proxy": proxy,
            "channel": channel,
            "from": window.start,
            "to": window.stop,
            "total": page.total,
            "programmes": page.rows.to_dicts(),
        }
    )


def _declared(request: web.Request) -> tuple[str, Proxy]:
    name = request.match_info["proxy"]
    manifest = request.app[VIEW].manifest()
    spec = manifest.proxies.get(name) if manifest else None
    if spec is None:
        raise web.HTTPNotFound(text=f"There is no proxy {name}. {known_proxies(request)}")
    return name, spec


async def _revision(request: web.Request, proxy: str) -> Path:
    revision = await in_thread(request, publish.current, request.app[VIEW].data, proxy)
    if revision is None:
        raise web.HTTPServiceUnavailable(
            text=f"{proxy} is not built yet; try again in a moment.", headers={"Retry-After": "5"}
        )
    return revision


async def _read(
    request: web.Request,
    revision: Path,
    function: Callable[P, T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Return what `function` reads in a thread; 503 where a table of the revision is damaged."""
    try:
        return await in_thread(request, partial(reading, function, *args, **kwargs))
    except UnreadableError as error:
        _tell_once(revision, str(error))
    proxy = request.match_info["proxy"]
    raise web.HTTPServiceUnavailable(
        text=f"What is published of {proxy} cannot be read; its next build mends that.",
        headers={"Retry-After": "60"},
    )


@lru_cache(maxsize=64)
def _tell_once(revision: Path, why: str) -> None:
    log.warning("%s cannot be read: %s", revision, why)


def _window(request: web.Request) -> Window:
    start = _parameter(request, "from", _instant, request.app[VIEW].now())
    stop = _parameter(request, "to", _instant, start + EVENING)
    if not start < stop <= start + LONGEST_WINDOW:
        raise web.HTTPBadRequest(text="`to` has to be after `from`, by at most 31 days.")
    return Window(start, stop)


def _parameter(request: web.Request, name: str, read: Callable[[str], T], default: T) -> T:
    text = request.query.get(name)
    if text is None:
        return default
    try:
        return read(text)
    except ValueError as error:
        raise web.HTTPBadRequest(text=f"`{name}`: {error}.") from None


def _natural(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise ValueError("a number from 0 on is wanted")
    return int(text)


def _instant(text: str) -> datetime:
    """Read a time with an offset. A `+` in an address reads as a blank, so a blank is a `+`."""
    try:
        instant = datetime.fromisoformat(text.strip().replace(" ", "+"))
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None or instant.year not in _YEARS:
        raise ValueError("a time like 2026-08-22T18:30:00Z is wanted")
    return instant.astimezone(UTC)


def _json(content: object) -> web.Response:
    body = orjson.dumps(
        content, default=_as_fields, option=orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS
    )
    return web.Response(
        body=body, content_type="application/json", headers={"Cache-Control": "no-store"}
    )


def _as_fields(value: object) -> object:
    """Tell orjson how a pydantic model is written."""
    if isinstance(value, BaseModel):
        return value.model_dump()
    raise TypeError(f"no JSON for {type(value).__name__}")
