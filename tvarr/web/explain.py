"""Why a channel is as it is, as JSON: the story that `tvarr explain channel` tells.

One route; what is told comes from `tvarr.pipeline.explain`, made in a thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from aiohttp import web

from tvarr.web.errors import known_proxies
from tvarr.web.threads import in_thread
from tvarr.web.view import VIEW

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tvarr.pipeline.story import Candidate, ChannelStory
    from tvarr.spec.manifest import Manifest
    from tvarr.web.view import View

MOST_LISTED = 20
_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS


class UnknownChannelError(Exception):
    """No channel, or more than one, is meant; the text is a sentence."""

    def __init__(self, sentence: str, *, several: bool = False) -> None:
        super().__init__(sentence)
        self.several = several


def routes() -> Iterable[web.RouteDef]:
    """Return the route of this module."""
    return [web.get("/api/v1/proxies/{proxy}/channels/{id}/explain", explain)]


async def explain(request: web.Request) -> web.Response:
    """Answer the story of one channel: its channel id, or a tvg-id or name that only it has.

    404 for what is not there, 409 where several channels are called so.
    """
    proxy, wanted, view = request.match_info["proxy"], request.match_info["id"], request.app[VIEW]
    manifest = view.manifest()
    if manifest is None or proxy not in manifest.proxies:
        raise web.HTTPNotFound(text=f"There is no proxy {proxy}. {known_proxies(request)}")
    try:
        story = await in_thread(request, _story, view, manifest, proxy, wanted, _base(request))
    except UnknownChannelError as error:
        refusal = web.HTTPConflict if error.several else web.HTTPNotFound
        raise refusal(text=str(error)) from None
    return web.Response(
        body=orjson.dumps(story, option=_OPTIONS),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def _story(view: View, manifest: Manifest, proxy: str, wanted: str, base_url: str) -> ChannelStory:
    from tvarr.outputs.standing import stands
    from tvarr.pipeline import explain
    from tvarr.pipeline.streams_told import meant

    standing = stands(manifest, proxy, view.store.get, view.data, base_url, view.now())
    found = meant(explain.find(standing.build, wanted), standing.made.candidates)
    if not found:
        raise UnknownChannelError(_unknown(proxy, wanted, explain.nearest(standing.build, wanted)))
    if len(found) > 1:
        raise UnknownChannelError(_several(proxy, wanted, found), several=True)
    return explain.channel(
        standing.build,
        found[0].channel_id,
        standing.lineup,
        published=standing.published,
        made=standing.made,
    )


def _unknown(proxy: str, wanted: str, names: tuple[str, ...]) -> str:
    hint = f" Did you mean: {', '.join(names)}?" if names else ""
    return f"No source of {proxy} has a channel {wanted}.{hint}"


def _several(proxy: str, wanted: str, found: tuple[Candidate, ...]) -> str:
    ids = ", ".join(one.channel_id for one in found[:MOST_LISTED])
    more = ", …" if len(found) > MOST_LISTED else ""
    return f"{len(found)} channels of {proxy} are called {wanted}; ask by id: {ids}{more}."


def _base(request: web.Request) -> str:
    """Return what the published files call this server, as the controller has it."""
    declared = request.app[VIEW].base_url()
    if declared:
        return declared
    name = request.transport.get_extra_info("sockname") if request.transport else None
    return f"http://127.0.0.1:{name[1]}" if isinstance(name, tuple) else ""
