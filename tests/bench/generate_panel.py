"""The answers of a big invented Xtream panel: 100,000 live streams, 100,000 films, 20,000 series.

One file an action, in the form of real panels: PHP's compact JSON with escaped slashes, numbers as
text, categories apart. The same arguments give the same bytes.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LIVE = 100_000
FILMS = 100_000
SERIES = 20_000
CATEGORIES = 200

_HOST = "http://panel.example.invalid:8080"
_WORDS = str.split(
    "the of and a to in is you that it he was for on are as with his they at be this have from "
    "one had by word but not what all were we when your can said there use an each which she café"
)


def write_answers(folder: Path, live: int = LIVE, films: int = FILMS, series: int = SERIES) -> None:
    """Write `get_live_streams.json` and so on."""
    folder.mkdir(parents=True, exist_ok=True)
    lists = {
        "live_streams": _live(live),
        "vod_streams": _films(films),
        "series": _series(series),
    } | {f"{kind}_categories": _categories(kind) for kind in ("live", "vod", "series")}
    for name, rows in lists.items():
        body = orjson.dumps(list(rows)).replace(b"/", b"\\/")
        (folder / f"get_{name}.json").write_bytes(body)


def _live(count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        archive = number % 10 == 0
        yield {
            "num": number + 1,
            "name": f"UK: Channel {number} (HD)",
            "stream_type": "live",
            "stream_id": 100_000 + number,
            "stream_icon": f"{_HOST}/images/{number:08}.png",
            "epg_channel_id": f"channel{number}.uk" if number % 3 == 0 else None,
            "added": str(1_512_103_894 + number),
            "is_adult": "0",
            "category_id": str(number % CATEGORIES),
            "category_ids": [number % CATEGORIES],
            "custom_sid": "",
            "tv_archive": int(archive),
            "direct_source": "",
            "tv_archive_duration": "3" if archive else 0,
        }


def _films(count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        yield {
            "num": number + 1,
            "name": f"Film {number} ({1950 + number % 75})",
            "stream_type": "movie",
            "stream_id": 300_000 + number,
            "stream_icon": f"{_HOST}/images/{number:08}_small.jpg",
            "rating": str(number % 100 / 10),
            "rating_5based": number % 50 / 10,
            "tmdb_id": str(1_000 + number),
            "trailer": "",
            "added": str(1_535_126_376 + number),
            "is_adult": "0",
            "category_id": str(number % CATEGORIES),
            "category_ids": [number % CATEGORIES],
            "container_extension": "mkv",
            "custom_sid": "",
            "direct_source": "",
        }


def _series(count: int) -> Iterator[dict[str, Any]]:
    pick = random.Random(7).choice
    for number in range(count):
        yield {
            "num": number + 1,
            "name": f"Series {number}",
            "series_id": 1 + number,
            "cover": f"{_HOST}/images/{number:08}.jpg",
            "plot": " ".join(pick(_WORDS) for _ in range(50)).capitalize() + ".",
            "cast": "Ann Bell, Carl Dorn, Eve Fox, Gus Hill",
            "director": "Ida Jones",
            "genre": "Crime / Drama",
            "releaseDate": f"{1990 + number % 35}-09-22",
            "last_modified": str(1_530_000_000 + number),
            "rating": str(number % 11),
            "rating_5based": number % 11 / 2,
            "backdrop_path": [f"{_HOST}/images/{number:08}_back.jpg"],
            "youtube_trailer": "",
            "episode_run_time": "45",
            "category_id": str(number % CATEGORIES),
        }


def _categories(kind: str) -> Iterator[dict[str, Any]]:
    for number in range(CATEGORIES):
        yield {"category_id": str(number), "category_name": f"{kind} {number}", "parent_id": 0}
