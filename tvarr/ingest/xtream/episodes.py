"""The episodes of one series, asked for when somebody wants to see them.

Called by `tvarr.controller.episodes`, which keeps what came for a while. `get_series_info` has the
episodes by season, as a map of lists, as a list of lists, as one list, or not at all.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from tvarr.errors import Reason, Transient
from tvarr.ingest.xtream import answers, texts
from tvarr.ingest.xtream.login import is_refusal, refused
from tvarr.ingest.xtream.source import at_first_host
from tvarr.ingest.xtream.vod import USUAL_CONTAINER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import polars as pl

    from tvarr.ingest.collect import Collecting
    from tvarr.ingest.xtream.answers import Row
    from tvarr.ingest.xtream.panel import Panel
    from tvarr.spec.source import XtreamSource

MOST_EPISODES: Final = 20_000
"""Of one series; the longest daily ones have some fifteen thousand."""
_DEPTH: Final = 3
_CLOCK: Final = re.compile(r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})")
_NUMBER: Final = re.compile(r"\d{1,6}")
_CONTAINER: Final = re.compile(r"[A-Za-z0-9]{1,8}")


@dataclass(frozen=True)
class Episode:
    """One episode of a series."""

    id: str
    """The provider's own key."""
    season: int
    """0 for specials."""
    number: int | None
    title: str
    container: str
    seconds: int | None
    """How long it is."""
    plot: str | None
    released: str | None
    picture: str | None
    """Absolute address."""
    tmdb: str | None
    stream_url: str = field(repr=False)
    """Holds the account's credentials."""


async def episodes(
    spec: XtreamSource, series_id: str, collecting: Collecting
) -> tuple[Episode, ...]:
    """Return the episodes of a series by season and number.

    Raises what `Collecting.get` and `answers.load` do, and `Transient(Gone)` where the panel knows
    no such series.
    """
    return await at_first_host(spec, lambda panel: _at(panel, spec, series_id, collecting))


async def _at(
    panel: Panel, spec: XtreamSource, series_id: str, collecting: Collecting
) -> tuple[Episode, ...]:
    url = panel.api("get_series_info", series_id=series_id)
    part = await collecting.get_anew(f"series-{series_id}", url, spec, stage="episodes")
    try:
        return await asyncio.to_thread(_read, part.path, panel)
    finally:
        part.path.unlink(missing_ok=True)


def _read(path: Path, panel: Panel) -> tuple[Episode, ...]:
    answer = answers.load(path)
    if isinstance(answer, dict) and is_refusal(answer):
        raise refused()
    if not isinstance(answer, dict) or not (answer.get("info") or answer.get("episodes")):
        raise Transient(Reason.GONE, "the panel has no such series")
    rows = list(islice(_rows(answer.get("episodes"), 0), MOST_EPISODES))
    found = _episodes(rows, panel)
    return tuple(sorted(found, key=lambda e: (e.season, e.number is None, e.number or 0)))


def _rows(value: Any, season: int, depth: int = _DEPTH) -> Iterator[Row]:
    """Yield the episodes below a value, each with the season it is listed under."""
    if isinstance(value, dict) and "id" in value:
        said = value.get("season")
        yield {**value, "season": season if said is None or said == "" else said}
    elif isinstance(value, dict | list) and depth:
        inside = value.items() if isinstance(value, dict) else ((season, item) for item in value)
        for key, item in inside:
            yield from _rows(item, _number(key) or 0, depth - 1)


def _episodes(rows: list[Row], panel: Panel) -> Iterator[Episode]:
    told = [row["info"] if isinstance(row.get("info"), dict) else {} for row in rows]
    ids = texts.column(rows, "id")
    titles = texts.clean(texts.column(rows, "title", "name"))
    plots = texts.clean(texts.column(told, "plot", "overview"))
    dates = texts.clean(texts.column(told, "release_date", "releasedate", "air_date"))
    pictures = texts.pictures(texts.column(told, "movie_image", "cover_big"), panel.base)
    tmdb = texts.column(told, "tmdb_id").str.extract(r"^([1-9][0-9]*)$")
    columns: list[pl.Series] = [ids, titles, plots, dates, pictures, tmdb]
    for row, info, (id_, title, plot, date, picture, known) in zip(
        rows, told, zip(*columns, strict=True), strict=True
    ):
        if not texts.is_id(id_):
            continue
        number = _number(row.get("episode_num"))
        container = _text(row.get("container_extension")).lstrip(".").lower()
        if not _CONTAINER.fullmatch(container):
            container = USUAL_CONTAINER
        yield Episode(
            id=id_,
            season=_number(row.get("season")) or 0,
            number=number,
            title=title or (f"Episode {number}" if number is not None else f"Episode {id_}"),
            container=container,
            seconds=_seconds(info),
            plot=plot,
            released=date,
            picture=picture,
            tmdb=known,
            stream_url=f"{panel.stream('series')}{id_}.{container}",
        )


def _text(value: Any) -> str:
    """Return a text or a number as text; nothing of what may be nested without an end."""
    return str(value).strip() if isinstance(value, str | int | float) else ""


def _number(value: Any) -> int | None:
    text = _text(value)
    return int(text) if text.isascii() and _NUMBER.fullmatch(text) else None


def _seconds(info: Row) -> int | None:
    """Return the length: in seconds, else on a clock (`00:45:00`)."""
    if seconds := _number(info.get("duration_secs")):
        return seconds
    clock = _CLOCK.fullmatch(_text(info.get("duration")))
    if clock is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in clock.groups())
    return hours * 3600 + minutes * 60 + seconds or None
