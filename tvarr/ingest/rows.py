"""Playlist entries become the catalog's channel rows.

`tvarr.ingest.m3u` adds one entry after the other; every `BATCH` entries the collected lists turn
into a frame, so that the words of a large playlist do not stay as Python objects. Which attribute
is which column, and what identifies a channel, is settled here.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import polars as pl

from tvarr.catalog import schema
from tvarr.ingest import request_headers
from tvarr.ingest.extinf import SHAPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tvarr.ingest.extinf import Extinf
    from tvarr.ingest.request_headers import Header

BATCH: Final = 20_000

# the reader takes these out of every line, so no value holds them
_BETWEEN, _INSIDE = "\x1f", "\x1e"

_COLUMN_OF: Final = {
    "tvg-id": "tvg_id",
    "tvg-name": "tvg_name",
    "tvg-logo": "tvg_logo",
    "group-title": "group_title",
    "tvg-chno": "channel_number",
    "ch-number": "channel_number",  # Kodi
    "channel-number": "channel_number",  # Channels DVR
    "tvg-shift": "tvg_shift",
    "tvg-language": "tvg_language",
    "tvg-country": "tvg_country",
    "radio": "radio",
    "catchup": "catchup",
    "catchup-days": "catchup_days",
    "catchup-source": "catchup_source",
}
_ADULT: Final = frozenset({"is-adult", "is_adult", "adult", "censored"})
_TEXTS: Final = (
    "name", "stream_url", "duration", "is_adult", "headers", "options", "attributes",
    *dict.fromkeys(_COLUMN_OF.values()),
)  # fmt: skip
_TRUE: Final = ("true", "1", "yes")
_INHERITED: Final = ("catchup", "catchup-days", "catchup-source", "tvg-shift")
"""Attributes of #EXTM3U that hold for every entry without its own, as Kodi's IPTV Simple has it."""

_XTREAM_KIND = r"^(?i)https?://[^/]+/(movie|series)/"
_FILE = r"(?i)^[^?#]*\.(?:mp4|mkv|avi|mov|m4v|wmv|mpe?g|webm)(?:[?#]|$)"
_ABSOLUTE = r"^\s*$|^//|^[A-Za-z][A-Za-z0-9+.-]*:"


@dataclass(frozen=True)
class _Layout:
    """Where the values of a sequence of attribute names go, as (position, …)."""

    columns: tuple[tuple[int, str], ...]
    kept: tuple[tuple[int, str], ...]
    headers: tuple[tuple[int, str], ...]
    repeated: bool
    """Whether an attribute that has a column comes twice; the first counts."""


@lru_cache(maxsize=SHAPES)
def _layout_of(names: tuple[str, ...]) -> _Layout:
    columns: dict[str, int] = {}
    kept = []
    headers = []
    repeated = False
    for position, name in enumerate(names):
        lower = name.lower()
        column = _COLUMN_OF.get(lower)
        if column is not None:
            repeated |= column in columns
            columns.setdefault(column, position)
            continue
        kept.append((position, name))
        if lower in _ADULT:
            columns.setdefault("is_adult", position)
        elif lower in request_headers.ATTRIBUTES:
            headers.append((position, request_headers.ATTRIBUTES[lower]))
    places = tuple((position, column) for column, position in columns.items())
    return _Layout(places, tuple(kept), tuple(headers), repeated)


class Rows:
    """The rows of one document, in its order."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._defaults: dict[str, str] = {}
        self._logos: str | None = None
        self._seen: dict[str, int] = {}
        self._frames: list[pl.DataFrame] = []
        self._clear()

    def __len__(self) -> int:
        return sum(frame.height for frame in self._frames) + len(self._lines)

    def apply_header(self, header: dict[str, str]) -> None:
        """Take from the attributes of #EXTM3U (names in lower case) what concerns every entry."""
        self._defaults = {_COLUMN_OF[name]: header[name] for name in _INHERITED if header.get(name)}
        self._logos = header.get("url-logos") or header.get("url-logo")

    def add(
        self,
        entry: Extinf,
        url: str,
        line: int,
        options: Sequence[str] = (),
        group: str | None = None,
        suffix: Sequence[Header] = (),
    ) -> bool:
        """Add an entry; return whether one of its attributes came twice.

        `group` is what #EXTGRP says, `suffix` the headers that stood behind the URL.
        """
        at = len(self._lines)
        self._lines.append(line)
        texts = self._texts
        values = entry.values
        layout = _layout_of(entry.names)
        for position, column in layout.columns:
            texts[column][at] = values[position]
        if layout.kept:
            texts["attributes"][at] = _BETWEEN.join(
                [name + _INSIDE + values[position] for position, name in layout.kept]
            )
        if group is not None and texts["group_title"][at] is None:
            texts["group_title"][at] = group
        if options or suffix or layout.headers:
            self._put_options(at, options, suffix, [(n, values[p]) for p, n in layout.headers])
        texts["name"][at] = entry.name or texts["tvg_name"][at] or texts["tvg_id"][at] or ""
        texts["stream_url"][at] = url
        texts["duration"][at] = entry.duration
        if at + 1 == BATCH:
            self._flush()
        return layout.repeated

    def finish(self) -> pl.DataFrame:
        """Return all rows as `schema.CHANNELS`."""
        self._flush()
        return pl.concat([pl.DataFrame(schema=schema.CHANNELS), *self._frames])

    def _put_options(
        self, at: int, options: Sequence[str], suffix: Sequence[Header], attributes: list[Header]
    ) -> None:
        """Keep the option lines and read the headers out of them.

        A header suffix becomes option lines too, the first of them, so that it comes out again.
        """
        lines = [*request_headers.as_options(request_headers.unique(suffix)), *options]
        headers = request_headers.unique((*request_headers.of_options(lines), *attributes))
        self._texts["options"][at] = "\n".join(lines) if lines else None
        self._texts["headers"][at] = (
            _BETWEEN.join([name + _INSIDE + value for name, value in headers]) or None
        )

    def _clear(self) -> None:
        self._lines: list[int] = []
        self._texts: dict[str, list[str | None]] = {name: [None] * BATCH for name in _TEXTS}

    def _flush(self) -> None:
        count = len(self._lines)
        texts = {name: values[:count] for name, values in self._texts.items()}
        ids = self._channel_ids(texts["tvg_id"], texts["name"])
        raw = pl.DataFrame(
            {"channel_id": ids, "line": self._lines, **texts},
            schema={"channel_id": pl.String, "line": pl.UInt32, **dict.fromkeys(texts, pl.String)},
        )
        self._frames.append(self._as_channels(raw))
        self._clear()

    def _channel_ids(self, tvg_ids: Iterable[str | None], names: Iterable[str | None]) -> list[str]:
        """Return stable ids: tvg-id and folded name, and a counter where the pair comes again.

        The URL has no part in it, since it carries tokens; nor has the entry's place.
        """
        seen = self._seen
        ids = []
        for tvg_id, name in zip(tvg_ids, names, strict=True):
            key = f"{(tvg_id or '').strip()}\0{fold(name or '')}"
            occurrence = seen.get(key, 0)
            seen[key] = occurrence + 1
            ids.append(schema.channel_id(self._source, key, occurrence))
        return ids

    def _as_channels(self, raw: pl.DataFrame) -> pl.DataFrame:
        defaults = [pl.col(name).fill_null(value) for name, value in self._defaults.items()]
        return raw.with_columns(
            *defaults,
            pl.lit(self._source).alias("source"),
            pl.lit(None, pl.String).alias("provider_id"),
            _flag("radio"),
            _flag("is_adult"),
            _kind().alias("stream_type"),
            _absolute_logo(self._logos),
            _pairs("headers"),
            _pairs("attributes"),
            pl.col("options").str.split("\n").fill_null([]),
        ).select(*schema.CHANNELS)


def fold(name: str) -> str:
    """Return a name as it counts for identity: compatibility forms, letter case, blanks folded."""
    if not name.isascii():
        name = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join(name.casefold().split())


def _flag(column: str) -> pl.Expr:
    return pl.col(column).str.strip_chars().str.to_lowercase().is_in(_TRUE)


def _kind() -> pl.Expr:
    """Tell films and series from live streams by the URL: Xtream's paths, endings of files."""
    url = pl.col("stream_url")
    kind = url.str.extract(_XTREAM_KIND).str.to_lowercase()
    ending = pl.when(url.str.contains(_FILE)).then(pl.lit("movie")).otherwise(pl.lit("live"))
    return pl.coalesce(kind, ending)


def _absolute_logo(base: str | None) -> pl.Expr:
    """Put the header's `url-logos` before logos that are no URL."""
    logo = pl.col("tvg_logo")
    if not base:
        return logo
    return (
        pl.when(logo.str.contains(_ABSOLUTE))
        .then(logo)
        .otherwise(base.rstrip("/") + "/" + logo.str.strip_chars_start("/"))
    )


def _pairs(column: str) -> pl.Expr:
    pair = pl.element().str.splitn(_INSIDE, 2).struct.rename_fields(["name", "value"])
    return pl.col(column).str.split(_BETWEEN).list.eval(pair).fill_null([])
