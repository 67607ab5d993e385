"""An account at an Xtream Codes panel: what `player_api.php` and the pages around it answer.

The answers have the shapes of real panels (Xtream Codes 2.x, XUI.one): numbers as text, empty lists
as `[]`, an unknown action as the login. A test changes the account while the provider runs, and
`says` puts any behaviour in the place of one action:

    panel = Panel("ann", "secret")
    provider.table |= panel.table()
    panel.status = "Expired"
    panel.says["get_live_streams"] = status(509)
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from aiohttp import web

from tests.provider.behaviours import document

if TYPE_CHECKING:
    from pathlib import Path

    from tests.provider.server import Behaviour

Row = dict[str, Any]

LISTS = (
    "get_live_categories",
    "get_live_streams",
    "get_vod_categories",
    "get_vod_streams",
    "get_series_categories",
    "get_series",
)
BEGIN = datetime(2026, 8, 22, 18, 0, tzinfo=UTC)
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c02"
    "0000000b4944415478da636460000000060002308dd1120000000049454e44ae426082"
)
"""A PNG of one pixel."""


def live(number: int, **fields: Any) -> Row:
    """Return a live stream as the list has it."""
    usual = {
        "num": number,
        "name": f"Channel {number}",
        "stream_type": "live",
        "stream_id": 1000 + number,
        "stream_icon": "",
        "epg_channel_id": f"channel{number}.example",
        "added": "1512103894",
        "category_id": "1",
        "category_ids": [1],
        "custom_sid": None,
        "tv_archive": 0,
        "direct_source": "",
        "tv_archive_duration": 0,
    }
    return usual | fields


def film(number: int, **fields: Any) -> Row:
    """Return a film as the list has it."""
    usual = {
        "num": number,
        "name": f"Film {number} ({1950 + number % 70})",
        "stream_type": "movie",
        "stream_id": 200_000 + number,
        "stream_icon": "",
        "rating": "6.5",
        "rating_5based": 3.3,
        "tmdb_id": str(5000 + number),
        "added": "1512103894",
        "category_id": "2",
        "container_extension": "mkv",
        "custom_sid": "",
        "direct_source": "",
    }
    return usual | fields


def series(number: int, **fields: Any) -> Row:
    """Return a series as the list has it."""
    usual = {
        "num": number,
        "name": f"Series {number}",
        "series_id": 300_000 + number,
        "cover": "",
        "plot": "",
        "genre": "Drama",
        "releaseDate": "2019-03-01",
        "last_modified": "1535230019",
        "rating": "",
        "rating_5based": 0,
        "backdrop_path": [],
        "episode_run_time": "0",
        "category_id": "3",
    }
    return usual | fields


def episodes(number: int) -> Row:
    """Return what `get_series_info` tells of a series: one season of two episodes."""
    season = [
        {
            "id": str(400_000 + number * 10 + episode),
            "episode_num": episode,
            "title": f"Part {episode}",
            "container_extension": "mp4",
            "season": 1,
            "added": "1535230019",
            "custom_sid": "",
            "direct_source": "",
            "info": {"duration_secs": 2700, "duration": "00:45:00"},
        }
        for episode in (1, 2)
    ]
    return {
        "seasons": [{"season_number": 1, "name": "Season 1"}],
        "info": {"name": f"Series {number}"},
        "episodes": {"1": season},
    }


def guide(channels: int, begin: datetime = BEGIN) -> bytes:
    """Return an XMLTV guide of the panel's channels, four programmes of an hour each."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<tv>"]
    for number in range(1, channels + 1):
        name = f"<display-name>Channel {number}</display-name>"
        lines.append(f'<channel id="channel{number}.example">{name}</channel>')
    for number in range(1, channels + 1):
        for hour in range(4):
            start, stop = (begin + timedelta(hours=hour + more) for more in (0, 1))
            lines.append(
                f'<programme start="{start:%Y%m%d%H%M%S} +0000" stop="{stop:%Y%m%d%H%M%S} +0000" '
                f'channel="channel{number}.example"><title>Hour {hour}</title></programme>'
            )
    return "\n".join([*lines, "</tv>\n"]).encode()


def _usual() -> dict[str, list[Row]]:
    return {
        "get_live_categories": [{"category_id": "1", "category_name": "News", "parent_id": 0}],
        "get_live_streams": [live(number) for number in range(1, 11)],
        "get_vod_categories": [{"category_id": "2", "category_name": "Films", "parent_id": 0}],
        "get_vod_streams": [film(number) for number in range(1, 6)],
        "get_series_categories": [{"category_id": "3", "category_name": "Drama", "parent_id": 0}],
        "get_series": [series(number) for number in range(1, 4)],
    }


@dataclass
class Panel:
    """One account, and what the panel has for it."""

    username: str = "user"
    password: str = "password"
    lists: dict[str, Any] = field(default_factory=_usual)
    """What each action answers, written as JSON; bytes are sent as they are."""
    guide: bytes = field(default_factory=lambda: guide(10))
    status: str = "Active"
    expires: datetime | None = None
    trial: bool = False
    active: int = 0
    connections: int = 1
    message: str = ""
    refusal: int = 200
    """What a wrong login is answered with: 200 and `auth: 0`, or a status."""
    agent: str = ""
    """The only user agent that is answered, if any."""
    says: dict[str, Behaviour] = field(default_factory=dict)
    """What is done in the place of an action, or of the login (`""`)."""
    asked: list[str] = field(default_factory=list)
    """The actions, in the order in which they came; the login is `""`."""

    @classmethod
    def of(cls, folder: Path, **fields: Any) -> Self:
        """Return a panel that gives the answers stored in a folder, one file an action."""
        lists = {action: (folder / f"{action}.json").read_bytes() for action in LISTS}
        return cls(lists=lists, **fields)

    def table(self, at: str = "") -> dict[str, Behaviour]:
        """Return the paths of the panel, below `at`."""
        return {
            f"{at}/player_api.php": self.answer,
            f"{at}/panel_api.php": self.answer,
            f"{at}/xmltv.php": self._knowing(self._guide),
            f"{at}/get.php": self._knowing(self._playlist),
            f"{at}/logo.png": document(PICTURE, headers={"Content-Type": "image/png"}),
        }

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer `player_api.php`."""
        action = request.query.get("action", "")
        self.asked.append(action)
        if action in self.says:
            return await self.says[action](request)
        if not self._is_known(request):
            return self._refuse(request)
        return await _sent(self._found(action, request))(request)

    def login(self) -> Row:
        """Return the account's facts, as panels send them: numbers as text."""
        expires = None if self.expires is None else str(int(self.expires.timestamp()))
        return {
            "user_info": {
                "username": self.username,
                "password": self.password,
                "message": self.message,
                "auth": 1,
                "status": self.status,
                "exp_date": expires,
                "is_trial": str(int(self.trial)),
                "active_cons": str(self.active),
                "created_at": "1526616000",
                "max_connections": str(self.connections),
                "allowed_output_formats": ["m3u8", "ts", "rtmp"],
            },
            "server_info": {
                "url": "127.0.0.1",
                "port": "80",
                "https_port": "443",
                "server_protocol": "http",
                "rtmp_port": "25462",
                "timezone": "Europe/London",
                "timestamp_now": int(BEGIN.timestamp()),
                "time_now": "2026-08-22 19:00:00",
                "process": True,
            },
        }

    def _found(self, action: str, request: web.Request) -> Any:
        if action == "get_series_info":
            return episodes(int(request.query.get("series_id", 300_001)) - 300_000)
        if action in ("get_short_epg", "get_simple_data_table"):
            return {"epg_listings": []}
        return self.lists.get(action, self.login())

    def _is_known(self, request: web.Request) -> bool:
        given = request.query.get("username"), request.query.get("password")
        agent = request.headers.get("User-Agent", "")
        return given == (self.username, self.password) and self.agent in ("", agent)

    def _refuse(self, request: web.Request) -> web.Response:
        if self.refusal != 200:
            return web.Response(status=self.refusal)
        return web.json_response({"user_info": {"auth": 0}})

    def _knowing(self, inner: Behaviour) -> Behaviour:
        async def answer(request: web.Request) -> web.StreamResponse:
            return await inner(request) if self._is_known(request) else self._refuse(request)

        return answer

    async def _guide(self, request: web.Request) -> web.StreamResponse:
        return await document(self.guide, etag=None)(request)

    async def _playlist(self, request: web.Request) -> web.StreamResponse:
        here = f"http://{request.host}/live/{self.username}/{self.password}"
        rows = self.lists["get_live_streams"]
        rows = json.loads(rows) if isinstance(rows, bytes) else rows
        entries = (
            f'#EXTINF:-1 tvg-id="{row["epg_channel_id"] or ""}",{row["name"]}\n'
            f"{here}/{row['stream_id']}.ts\n"
            for row in rows
        )
        return await document(("#EXTM3U\n" + "".join(entries)).encode(), etag=None)(request)


def _sent(answer: Any) -> Behaviour:
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return document(body, etag=None, headers={"Content-Type": "application/json"})
