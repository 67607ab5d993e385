"""Every refusal is one sentence: plain for players, a page for browsers, JSON under `/api/`."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import orjson
from aiohttp import web

from tvarr.web.view import VIEW

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

log = logging.getLogger(__name__)

_METHODS = ("GET", "HEAD")


@web.middleware
async def one_sentence(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever goes wrong below into an answer that a person can read.

    A refused peer or a refused method ends its connection, so that it costs nothing more.
    """
    try:
        return await handler(request)
    except web.HTTPException as error:
        return _answer(request, error.status, _sentence(request, error), _kept_headers(error))
    except Exception:
        log.exception("a request for %s failed", request.path)
        return _answer(request, 500, "Something is wrong inside tvarr; its log says what.", {})


@web.middleware
async def read_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse every method but GET and HEAD, and POST where a route asks with it."""
    asks = request.method == "POST" and request.match_info.http_exception is None
    if request.method not in _METHODS and not asks:
        raise web.HTTPMethodNotAllowed(
            request.method,
            _METHODS,
            text="Everything here is read-only; the YAML file changes what is served.",
        )
    return await handler(request)


def _sentence(request: web.Request, error: web.HTTPException) -> str:
    """Return the error's own sentence, or one for errors that aiohttp raised by itself."""
    if error.text and error.text != f"{error.status}: {error.reason}":
        return error.text
    if error.status == web.HTTPNotFound.status_code:
        return f"There is nothing at this address. {known_proxies(request)}"
    return f"{error.reason}."


def known_proxies(request: web.Request) -> str:
    """Return a sentence that names the declared proxies."""
    manifest = request.app[VIEW].manifest()
    names = ", ".join(manifest.proxies) if manifest else ""
    return f"The proxies are: {names}." if names else "No proxy is declared."


def _kept_headers(error: web.HTTPException) -> dict[str, str]:
    return {
        name: value
        for name, value in error.headers.items()
        if name in ("Allow", "Retry-After", "Content-Range", "Location")
    }


def _answer(
    request: web.Request, status: int, sentence: str, headers: dict[str, str]
) -> web.StreamResponse:
    headers["Cache-Control"] = "no-store"
    if request.path.startswith("/api/"):
        body, kind = orjson.dumps({"error": sentence}), "application/json"
    elif "text/html" in request.headers.get("Accept", ""):
        from tvarr.web.panel import render_error

        body, kind = render_error(status, sentence, request.path).encode(), "text/html"
    else:
        body, kind = f"{sentence}\n".encode(), "text/plain"
    answer = web.Response(
        status=status, body=body, content_type=kind, charset="utf-8", headers=headers
    )
    if status in (403, 405, 408, 413, 415, 421):  # what was sent is not read
        answer.force_close()
    return answer
