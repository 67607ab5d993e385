"""The status page: complete without JavaScript, and with it fresh every few seconds.

It is drawn from the same report that `/api/v1/status` returns. Its own addresses are relative,
so that it works behind any path prefix; only those that people copy into players are absolute.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tvarr.web.status import report
from tvarr.web.threads import in_thread
from tvarr.web.view import VIEW, View, address

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tvarr.web.status import Resource

_HERE = Path(__file__).parent
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_HEADLINES = {
    "channels": "channels",
    "entries": "channels",
    "with_programmes": "with programmes",
    "programmes": "programmes",
    "merged": "merged",
    "hidden": "hidden",
}
"""Counts that are seen at once, and their words; the others stand among the details."""
_ON_DEMAND = {"films": "films", "series": "series"}
"""What is seen at once of a source without channels, such as a folder."""

_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


def routes() -> Iterable[web.RouteDef]:
    """Return the routes of the page and of the files it loads."""
    return [web.get("/", page), web.get("/static/{name}", static)]


async def page(request: web.Request) -> web.Response:
    """Answer the status page."""
    return _html(await in_thread(request, render_page, request.app[VIEW], address(request)))


async def static(request: web.Request) -> web.Response:
    """Answer a style sheet, a script or a picture; its address carries the digest of its bytes."""
    asset = _assets().get(request.match_info["name"])
    if asset is None:
        raise web.HTTPNotFound
    body, content_type, _digest = asset
    return web.Response(
        body=body,
        content_type=content_type,
        charset="utf-8",
        headers={"Cache-Control": "public, max-age=31536000, immutable"},
    )


def render_page(view: View, base_url: str) -> str:
    """Return the status page as HTML."""
    current = report(view, base_url)
    return _templates().get_template("panel.html").render(report=current, now=current.now, root="")


def render_error(status: int, sentence: str, path: str) -> str:
    """Return the page that tells a browser why `path` was not answered."""
    root = "../" * max(path.count("/") - 1, 0)
    return (
        _templates().get_template("error.html").render(status=status, sentence=sentence, root=root)
    )


def relative(when: datetime, now: datetime) -> str:
    """Return `5 minutes ago`, `in 3 hours`, `just now` or `in a moment`, rounded to one unit."""
    seconds = (when - now).total_seconds()
    for size, unit in _UNITS:
        if abs(seconds) >= size:
            words = _count_noun(round(abs(seconds) / size), unit)
            return f"in {words}" if seconds > 0 else f"{words} ago"
    return "in a moment" if seconds > 0 else "just now"


def _headlines(resource: Resource) -> dict[str, str]:
    """Return which counts are seen at once, and their words."""
    on_demand = any(resource.counts.get(name) for name in _ON_DEMAND)
    return _ON_DEMAND if on_demand and not resource.counts.get("channels") else _HEADLINES


def _minor_counts(resource: Resource) -> dict[str, int]:
    hidden = {*_headlines(resource), *_HEADLINES}
    counts = resource.counts.items()
    return {name.replace("_", " "): count for name, count in counts if name not in hidden}


def _exact(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _count_noun(count: int, one: str, many: str | None = None) -> str:
    """Return `1 row` or `1,200 rows`."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def _html(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/html", headers={"Cache-Control": "no-store"})


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(relative=relative, exact=_exact, count_noun=_count_noun)
    templates.globals.update(
        asset=_asset_address, headlines_of=_headlines, minor_counts=_minor_counts
    )
    return templates


@cache
def _assets() -> dict[str, tuple[bytes, str, str]]:
    """Return name → bytes, type and digest of everything in `static/`. They are few and small."""
    return {
        path.name: (body := path.read_bytes(), _TYPES[path.suffix], sha256(body).hexdigest()[:12])
        for path in (_HERE / "static").iterdir()
        if path.suffix in _TYPES
    }


def _asset_address(name: str) -> str:
    return f"static/{name}?{_assets()[name][2]}"
