"""What somebody may set going over HTTP: a refresh, or the build of a proxy. No configuration.

A refresh asks a provider for documents, so it is for people of the local network, whatever
`access` says of the files, and for no page of another site: the body has to be JSON, which such a
page cannot send without asking, the browser must not name another origin, and the server has to be
called by a name that only the local network can give out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import orjson
from aiohttp import web

from tvarr.logs import redact
from tvarr.progress import Answer, Asked
from tvarr.web.access import is_local, is_local_name
from tvarr.web.body import json_object
from tvarr.web.view import VIEW, address, host_name

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_BODY = 1024
"""Bytes; there are two words to say."""

_STATUS = {
    Answer.ACCEPTED: 202,
    Answer.RUNNING: 409,
    Answer.DISABLED: 409,
    Answer.PAUSED: 429,
    Answer.UNKNOWN: 404,
}


def routes() -> Iterable[web.RouteDef]:
    """Return the routes of operations."""
    return [
        web.post("/api/v1/sources/{name}/refresh", refresh_source),
        web.post("/api/v1/epg/{name}/refresh", refresh_guide),
        web.post("/api/v1/proxies/{name}/build", build_proxy),
    ]


async def refresh_source(request: web.Request) -> web.Response:
    """Have a source refreshed; see `_refresh`."""
    return await _refresh(request, "source")


async def refresh_guide(request: web.Request) -> web.Response:
    """Have a guide refreshed, also one that comes with a source; see `_refresh`."""
    return await _refresh(request, "epg")


async def build_proxy(request: web.Request) -> web.Response:
    """Have a proxy built of what is there; see `_refresh`."""
    return await _refresh(request, "proxy")


async def _refresh(request: web.Request, kind: str) -> web.Response:
    """Answer 202 and where the operation is to be seen, or why it is refused.

    The body is `{accept, force}`, both false where they are not said. 404: there is none of that
    name; 409: it is being refreshed, or disabled; 429: the server asked for a pause.
    """
    _refuse_strangers(request)
    asked = await json_object(request, {"accept", "force"}, LONGEST_BODY)
    accept, force = (_said(asked, word) for word in ("accept", "force"))
    refresh = request.app[VIEW].refresh
    if refresh is None:
        raise web.HTTPServiceUnavailable(text="Nothing can be refreshed here.")
    key = f"{kind}/{request.match_info['name']}"
    return _answer(request, refresh(key, accept=accept, force=force))


def _refuse_strangers(request: web.Request) -> None:
    view = request.app[VIEW]
    if not is_local(request.remote):
        raise web.HTTPForbidden(text="Only the local network may have something refreshed.")
    name = host_name(request)
    if not (name and is_local_name(name, view.base_url())):
        raise web.HTTPMisdirectedRequest(
            text="This is not a name of the local network; if it is this server's, put it into"
            " `base_url` under `server:` in the YAML."
        )
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    foreign = origin is not None and not _is_ours(request, origin)
    if foreign or site in ("cross-site", "same-site"):
        raise web.HTTPForbidden(text="A page of another site may not have anything refreshed.")


def _is_ours(request: web.Request, origin: str) -> bool:
    """Whether an Origin header names this very server: as it was called, or by `base_url`."""
    try:
        called = urlsplit(origin).netloc.lower()
    except ValueError:
        return False
    hosts = (request.headers.get("Host", ""), urlsplit(address(request)).netloc)
    return bool(called) and called in (host.lower() for host in hosts)


def _said(asked: dict[str, object], word: str) -> bool:
    value = asked.get(word, False)
    if not isinstance(value, bool):
        raise web.HTTPBadRequest(text=f"`{word}` is neither true nor false.")
    return value


def _answer(request: web.Request, asked: Asked) -> web.Response:
    status = _STATUS[asked.answer]
    headers = {"Cache-Control": "no-store"}
    sentence = redact(f"{asked.sentence}.")
    body: dict[str, object] = {"owner": asked.key, "answer": asked.answer, "after": asked.after}
    if asked.answer is not Answer.UNKNOWN:
        place = f"/api/v1/progress?owner={quote(asked.key)}"
        body |= {"operation": place, "events": place.replace("?", "/events?")}
        headers["Location"] = place
    if asked.until is not None:
        left = asked.until - request.app[VIEW].now()
        headers["Retry-After"] = str(max(1, round(left.total_seconds())))
        body["until"] = asked.until
    body["message" if asked.answer is Answer.ACCEPTED else "error"] = sentence
    return web.Response(
        body=orjson.dumps(body, option=orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS),
        status=status,
        content_type="application/json",
        headers=headers,
    )
