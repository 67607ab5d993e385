"""The HTTP server: one application whose routes declare nothing, its limits and its health.

`app.py` fills a `View`, calls `create_app` and `create_runner`, and gives the runner a port.
Files are in `outputs`, JSON in `api`, pages in `panel`; who is answered is decided in `access`.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import orjson
from aiohttp import web
from aiohttp.http import HttpProcessingError

from tvarr import __version__
from tvarr.web import (
    access,
    api,
    errors,
    explain,
    expressions,
    logos,
    operations,
    outputs,
    panel,
    progress,
    series,
    sources,
)
from tvarr.web.threads import in_thread, own_threads
from tvarr.web.view import VIEW, View

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["View", "create_app", "create_runner"]

IDLE = 75.0
"""Seconds that a connection may wait for a whole request, the first one as well as the next."""

_HEADERS = {
    "Server": f"tvarr/{__version__}",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Nothing on a page changes anything, so dashboards (Home Assistant's and others) may frame it.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
        " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"
    ),
}


def create_app(view: View) -> web.Application:
    """Return the application that answers every route from `view`."""
    app = web.Application(middlewares=[errors.one_sentence, access.local_only, errors.read_only])
    app[VIEW] = view
    app.cleanup_ctx.extend([own_threads, expressions.own_bench])
    app.on_response_prepare.append(_add_headers)
    progress.add_to(app)
    app.add_routes(
        [
            *outputs.routes(),
            *logos.routes(),
            *api.routes(),
            *explain.routes(),
            *expressions.routes(),
            *progress.routes(),
            *operations.routes(),
            *series.routes(),
            *sources.routes(),
            *panel.routes(),
            *_health_routes(),
        ]
    )
    return app


def create_runner(app: web.Application, shutdown_timeout: float = 10.0) -> web.AppRunner:
    """Return a runner with limits on headers, on silence and on the time to finish.

    A request line or a header over 8,190 bytes and more than 64 headers are answered with 400; a
    connection without a whole request after `IDLE` seconds is closed, however slowly it drips.
    """
    return web.AppRunner(
        app,
        access_log=None,
        logger=_quiet_about_malformed_requests(),
        keepalive_timeout=IDLE,
        lingering_time=1.0,
        max_line_size=8190,
        max_field_size=8190,
        max_headers=64,
        shutdown_timeout=shutdown_timeout,
    )


def _quiet_about_malformed_requests() -> logging.Logger:
    """Return aiohttp's logger without its traceback for every scanner that knocks."""
    logger = logging.getLogger(f"{__name__}.http")
    logger.addFilter(_is_ours)
    return logger


def _is_ours(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)
    if request.path.startswith(logos.PREFIX):  # pages of players show them
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"


def _health_routes() -> Iterable[web.RouteDef]:
    return [
        web.get("/live", live),
        web.get("/ready", ready),
        web.get("/health", health),
        web.get("/healthz", health),
    ]


async def live(_request: web.Request) -> web.Response:
    """Answer 200 for as long as the event loop runs."""
    return web.Response(text="alive\n")


async def ready(request: web.Request) -> web.Response:
    """Answer 200 once every declared proxy has something published, else 503 with what lacks."""
    missing = await _missing(request)
    if missing:
        raise web.HTTPServiceUnavailable(text=missing, headers={"Retry-After": "5"})
    return web.Response(text="ready\n")


async def health(request: web.Request) -> web.Response:
    """Answer 200 with a summary: a container's restart mends a dead loop, not a dead provider."""
    missing = await _missing(request)
    body = {"status": "degraded" if missing else "ok", "version": __version__, "missing": missing}
    return web.Response(body=orjson.dumps(body), content_type="application/json")


async def _missing(request: web.Request) -> str | None:
    """Return a sentence about what is not served yet, or None."""
    view = request.app[VIEW]
    manifest = view.manifest()
    if manifest is None:
        return "The YAML file has not been read without problems yet."
    unbuilt = await in_thread(request, outputs.unpublished, view.data, tuple(manifest.proxies))
    return f"Nothing is published yet for: {', '.join(unbuilt)}." if unbuilt else None
