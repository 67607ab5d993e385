"""Playlist entries become the catalog's channel rows.

`tvarr.ingest.m3u` adds one entry after the other and calls `flush` now and then; then the
collected lines turn into a frame, so that a large playlist does not stay as Python objects. What
identifies a channel is settled here.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final, NamedTuple

import polars as pl

from tvarr.catalog import schema
from tvarr.ingest import request_headers
from tvarr.ingest.entries import BETWEEN, COLUMN_OF, INSIDE, join_pairs, parse_entries, split_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tvarr.ingest.request_headers import Header
    from tvarr.ingest.tally import Tally

BROKEN: Final = "broken attributes"
REPEATED: Final = "attribute given twice"
OTHER_GROUP: Final = "#EXTGRP differs from group-title"

_TRUE: Final = ("true", "1", "yes")
_INHERITED: Final = ("catchup", "catchup-days", "catchup-source", "tvg-shift")
"""Attributes of #EXTM3U that hold for every entry without its own, as Kodi's IPTV Simple has it."""

_FILES: Final = ("mp4", "mkv", "avi", "mov", "m4v", "wmv", "mpg", "mpeg", "webm")
_FILE_MARKS: Final = ("/movie/", "/series/", *(f".{ending}" for ending in _FILES))
_FILE_ENDING = rf"(?i)^[^?#]*\.(?:{'|'.join(_FILES)})(?:[?#]|$)"
_XTREAM_PATH = r"(?i)^https?://[^/]+/(movie|series)/"
_ABSOLUTE = r"^\s*$|^//|^[A-Za-z][A-Za-z0-9+.-]*:"
_ODD_BLANKS = r"\s\s|[\t-\r]"
_UNGROUPED = pl.col("group_title").fill_null("").str.strip_chars() == ""


class _Besides(NamedTuple):
    """What few entries have besides their two lines."""

    options: Sequence[str]
    group: str | None
    suffix: Sequence[Header]


_NOTHING = _Besides((), None, ())


class Rows:
    """The rows of one document, in its order."""

    def __init__(self, source: str, tally: Tally, seen: dict[str, int] | None = None) -> None:
        """`seen` counts the channels of documents before this one, and then those of this one."""
        self._source = source
        self._tally = tally
        self._defaults: dict[str, str] = {}
        self._logos: str | None = None
        self._seen = {} if seen is None else seen
        self._frames: list[pl.DataFrame] = []
        self._clear()

    def __len__(self) -> int:
        return sum(frame.height for frame in self._frames) + len(self._urls)

    def apply_header(self, header: dict[str, str]) -> None:
        """Take from the attributes of #EXTM3U (names in lower case) what concerns every entry."""
        self._defaults = {COLUMN_OF[name]: header[name] for name in _INHERITED if header.get(name)}
        self._logos = header.get("url-logos") or header.get("url-logo")

    def add(self, entry: str, line: int, url: str) -> None:
        """Add an entry: its #EXTINF line, the number of that line, and its URL."""
        self._entries.append(entry)
        self._lines.append(line)
        self._urls.append(url)

    def add_besides(
        self, options: Sequence[str], group: str | None, suffix: Sequence[Header]
    ) -> None:
        """Say of the entry added last: its option lines, #EXTGRP, and headers behind its URL."""
        self._besides[len(self._urls) - 1] = _Besides(options, group, suffix)

    def flush(self) -> None:
        """Turn what was added so far into rows."""
        if not self._urls:
            return
        rows = self._with_besides(parse_entries(self._entries))
        self._note_repairs(rows)
        channels = self._as_channels(rows)
        ids = channel_ids(self._source, channels["tvg_id"], channels["name"], self._seen)
        self._frames.append(channels.with_columns(ids))
        self._clear()

    def finish(self) -> pl.DataFrame:
        """Return all rows as `schema.CHANNELS`."""
        self.flush()
        return pl.concat([pl.DataFrame(schema=schema.CHANNELS), *self._frames])

    def _clear(self) -> None:
        self._entries: list[str] = []
        self._lines: list[int] = []
        self._urls: list[str] = []
        self._besides: dict[int, _Besides] = {}

    def _with_besides(self, parsed: pl.DataFrame) -> pl.DataFrame:
        """Add what #EXTGRP, options and header suffixes say: `extgrp`, `options`, `headers`."""
        asking = parsed.filter(pl.col("asked").is_not_null())["at"]
        if not self._besides and asking.is_empty():
            nothing = pl.lit(None, pl.String)
            return parsed.with_columns(extgrp=nothing, options=nothing, headers=nothing)
        groups: list[str | None] = [None] * parsed.height
        options: list[str | None] = [None] * parsed.height
        headers: list[str | None] = parsed["asked"].to_list()
        for at in sorted({*self._besides, *asking}):
            besides = self._besides.get(at, _NOTHING)
            groups[at] = besides.group
            lines = _option_lines(besides)
            options[at] = "\n".join(lines) or None
            asked = split_pairs(headers[at])
            headers[at] = join_pairs(
                request_headers.tidy((*request_headers.of_options(lines), *asked))
            )
        return parsed.with_columns(
            pl.Series("extgrp", groups, pl.String),
            pl.Series("options", options, pl.String),
            pl.Series("headers", headers, pl.String),
        )

    def _note_repairs(self, rows: pl.DataFrame) -> None:
        other_group = (pl.col("extgrp") != pl.col("group_title").str.strip_chars()) & ~_UNGROUPED
        kinds = {BROKEN: pl.col("broken"), REPEATED: pl.col("repeated"), OTHER_GROUP: other_group}
        found = rows.select(
            condition.arg_true().implode().alias(p) for p, condition in kinds.items()
        )
        for problem in kinds:
            for at in found[problem][0]:
                self._tally.repair(self._lines[at], problem, self._entries[at])

    def _as_channels(self, rows: pl.DataFrame) -> pl.DataFrame:
        urls = pl.Series("stream_url", self._urls, pl.String)
        inherited = [pl.col(name).fill_null(value) for name, value in self._defaults.items()]
        return (
            rows.with_columns(
                *inherited,
                urls,
                stream_types(urls).alias("stream_type"),
                pl.Series("line", self._lines, pl.UInt32),
                pl.lit(self._source).alias("source"),
                pl.lit(None, pl.String).alias("provider_id"),
                pl.lit(None, pl.List(pl.String)).alias("backup_urls"),
                _name().alias("name"),
                _group().alias("group_title"),
                _absolute_logo(self._logos).alias("tvg_logo"),
                _flag("radio"),
                _flag("is_adult"),
                _pairs("headers"),
                _pairs("attributes"),
                pl.col("options").str.split("\n").fill_null([]),
            )
            .with_columns(channel_id=pl.lit(""))
            .select(*schema.CHANNELS)
        )


def channel_ids(
    source: str, tvg_ids: pl.Series, names: pl.Series, seen: dict[str, int]
) -> pl.Series:
    """Return stable ids: of tvg-id and folded name, and a counter where the pair comes again.

    The URL has no part in it, since it carries tokens; nor has the entry's place. `seen` counts
    the pairs from one call for a source to the next.
    """
    keys = tvg_ids.fill_null("").str.strip_chars() + "\0" + _folded(names)
    ids = []
    for key in keys.to_list():
        occurrence = seen.get(key, 0)
        seen[key] = occurrence + 1
        ids.append(schema.channel_id(source, key, occurrence))
    return pl.Series("channel_id", ids, pl.String)


def fold(name: str) -> str:
    """Return a name as it counts for identity: compatibility forms, letter case, blanks folded."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join(folded.split())


def _folded(names: pl.Series) -> pl.Series:
    """Return the folded names; those that need no more than small letters as one column."""
    is_plain = (names.str.len_bytes() == names.str.len_chars()) & ~names.str.contains(_ODD_BLANKS)
    others = (~is_plain).arg_true()
    folded = names.str.strip_chars().str.to_lowercase()
    return folded.scatter(others, [fold(name) for name in names.gather(others).to_list()])


def _option_lines(besides: _Besides) -> list[str]:
    """Return the option lines; a header suffix becomes the first of them, to come out again."""
    suffix = request_headers.tidy(besides.suffix)
    return [*request_headers.as_options(suffix), *besides.options]


def _name() -> pl.Expr:
    name = pl.col("name")
    instead = pl.coalesce("tvg_name", "tvg_id", pl.lit(""))
    return pl.when(name == "").then(instead.str.strip_chars()).otherwise(name)


def _group() -> pl.Expr:
    return pl.when(_UNGROUPED).then(pl.coalesce("extgrp", "group_title")).otherwise("group_title")


def _flag(column: str) -> pl.Expr:
    return pl.col(column).str.strip_chars().str.to_lowercase().is_in(_TRUE)


def stream_types(urls: pl.Series) -> pl.Series:
    """Tell films and series from live streams by the URL: Xtream's paths, endings of files."""
    types = pl.repeat("live", urls.len(), dtype=pl.String, eager=True)
    others = urls.str.contains_any(list(_FILE_MARKS), ascii_case_insensitive=True).arg_true()
    url = pl.col("url")
    type_ = pl.coalesce(
        url.str.extract(_XTREAM_PATH).str.to_lowercase(),
        pl.when(url.str.contains(_FILE_ENDING)).then(pl.lit("movie")),
        pl.lit("live"),
    )
    found = urls.gather(others).to_frame("url").select(type_).to_series()
    return types.scatter(others, found)


def _absolute_logo(base: str | None) -> pl.Expr:
    """Put the header's `url-logos` before logos that are no URL."""
    logo = pl.col("tvg_logo")
    if not base:
        return logo
    absolute = pl.lit(base.rstrip("/") + "/") + logo.str.strip_chars_start("/")
    return pl.when(logo.str.contains(_ABSOLUTE)).then(logo).otherwise(absolute)


def _pairs(column: str) -> pl.Expr:
    pair = pl.element().str.splitn(INSIDE, 2).struct.rename_fields(["name", "value"])
    return pl.col(column).str.split(BETWEEN).list.eval(pair).fill_null([])
