"""The episodes of one series, for whoever shows what a source has.

The web asks the callable in `View`, which asks the provider if need be. The addresses of streams
hold the account's credentials, so they are not told.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Final

import orjson
from aiohttp import web

from tvarr.errors import Reason, Stalled, TvarrError
from tvarr.logs import redact
from tvarr.web.view import VIEW

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tvarr.ingest.xtream.episodes import Episode

_SECRET: Final = ("stream_url",)


def routes() -> Iterable[web.RouteDef]:
    """Return the route below `/api/v1/sources/`."""
    return [
        web.get("/api/v1/sources/{source}/series/{series:[A-Za-z0-9_-]{1,64}}/episodes", episodes)
    ]


async def episodes(request: web.Request) -> web.Response:
    """Answer the episodes of a source's series, named by the provider's own key."""
    source, series = request.match_info["source"], request.match_info["series"]
    found = await _found(request, source, series)
    if found is None:
        raise web.HTTPNotFound(text=f"There is no source {source} with series.")
    listed = [_as_fields(episode) for episode in found]
    return web.Response(
        body=orjson.dumps({"source": source, "series": series, "episodes": listed}),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


async def _found(request: web.Request, source: str, series: str) -> Sequence[Episode] | None:
    ask = request.app[VIEW].episodes
    try:
        return await ask(source, series) if ask else None
    except TvarrError as error:
        text = f"{redact(error.sentence)}."
        if error.reason is Reason.GONE:
            raise web.HTTPNotFound(text=text) from None
        if isinstance(error, Stalled):
            raise web.HTTPConflict(text=text) from None
        raise web.HTTPServiceUnavailable(text=text, headers={"Retry-After": "60"}) from None


def _as_fields(episode: Episode) -> dict[str, object]:
    names = (field.name for field in fields(episode))
    return {name: getattr(episode, name) for name in names if name not in _SECRET}
