"""An Xtream panel for tests: what `tests.provider.Provider` serves below its `.php` pages.

    panel = Panel()
    async with Provider(panel.table()) as provider:
        panel.answers["get_live_streams"] = [live(1, "News")]

An answer is a value (sent as JSON), bytes (sent as they are) or a behaviour. What was asked for is
seen by the provider; credentials are checked as panels do it, with 200 and `auth: 0`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web

if TYPE_CHECKING:
    from pathlib import Path

    from tests.provider import Behaviour

USER, PASSWORD = "ann.user", "secret/pass word"
"""The password has characters that have to be encoded, in a query as in a path."""

Answer = Any
"""A value, bytes or a behaviour."""


def account(**facts: Any) -> dict[str, Any]:
    """Return the answer to a login."""
    user = {
        "username": USER,
        "password": PASSWORD,
        "auth": 1,
        "status": "Active",
        "exp_date": "1893456000",
        "is_trial": "0",
        "active_cons": "1",
        "max_connections": "2",
    }
    server = {"url": "panel.invalid", "port": "8080", "timezone": "Europe/Paris"}
    return {"user_info": user | facts, "server_info": server}


def live(number: int, name: str | None = None, **facts: Any) -> dict[str, Any]:
    """Return a live stream as panels list it."""
    return {
        "num": number,
        "name": name or f"Channel {number}",
        "stream_type": "live",
        "stream_id": 100 + number,
        "stream_icon": "",
        "epg_channel_id": None,
        "added": "1512103894",
        "category_id": "1",
        "custom_sid": None,
        "tv_archive": 0,
        "direct_source": "",
        "tv_archive_duration": 0,
    } | facts


def film(number: int, name: str = "Film", **facts: Any) -> dict[str, Any]:
    """Return a film as panels list it."""
    return {
        "num": number,
        "name": name,
        "stream_type": "movie",
        "stream_id": 300 + number,
        "stream_icon": "",
        "rating": "",
        "rating_5based": 0,
        "added": "1535126376",
        "category_id": "2",
        "container_extension": "mkv",
    } | facts


def series(number: int, name: str = "Series", **facts: Any) -> dict[str, Any]:
    """Return a series as panels list it."""
    return {
        "num": number,
        "name": name,
        "series_id": number,
        "cover": "",
        "plot": "",
        "releaseDate": "",
        "last_modified": "1530000000",
        "rating": "8",
        "category_id": "3",
    } | facts


def category(number: int, name: str) -> dict[str, Any]:
    return {"category_id": str(number), "category_name": name, "parent_id": 0}


@dataclass
class Panel:
    """What the panel knows; every list is empty until a test says more."""

    login: Answer = field(default_factory=account)
    answers: dict[str, Answer] = field(default_factory=dict)
    """By action."""
    guide: Answer = b""
    user: str = USER
    password: str = PASSWORD

    @classmethod
    def of(cls, folder: Path) -> Panel:
        """Return a panel with real answers: `auth.json`, `get_live_streams.json` and so on."""
        answers = {path.stem: path.read_bytes() for path in folder.glob("get_*.json")}
        return cls(login=(folder / "auth.json").read_bytes(), answers=answers)

    def table(self) -> dict[str, Behaviour]:
        """Return what a provider serves."""
        return {"/player_api.php": self._api, "/xmltv.php": self._xmltv}

    async def _api(self, request: web.Request) -> web.StreamResponse:
        if not self._knows(request):
            return _json({"user_info": {"auth": 0}})
        action = request.query.get("action")
        answer = self.login if action is None else self.answers.get(action, [])
        return await _send(answer, request)

    async def _xmltv(self, request: web.Request) -> web.StreamResponse:
        if not self._knows(request):
            return web.Response(status=401)
        return await _send(self.guide, request)

    def _knows(self, request: web.Request) -> bool:
        given = request.query.get("username"), request.query.get("password")
        return request.method == "GET" and given == (self.user, self.password)


async def _send(answer: Answer, request: web.Request) -> web.StreamResponse:
    if callable(answer):
        response: web.StreamResponse = await answer(request)
        return response
    return web.Response(body=answer) if isinstance(answer, bytes) else _json(answer)


def _json(answer: Any) -> web.Response:
    return web.Response(body=orjson.dumps(answer), content_type="application/json")


def only_ranges(body: bytes) -> Behaviour:
    """Serve `body`, and its beginning with 206 to those who ask for a range."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if "Range" not in request.headers:
            return web.Response(body=body)
        last = int(request.headers["Range"].rpartition("-")[2])
        return web.Response(status=206, body=body[: last + 1])

    return answer
