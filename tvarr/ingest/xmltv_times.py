"""The times of XMLTV: `20010829000500 BST`, `200103080930`, `20260822190000 +01:00` → UTC.

Called by `tvarr.ingest.xmltv_rows` with whole columns. The format is the XMLTV DTD's:
`YYYYMMDDhhmmss` or an initial part of it, with a zone behind it or none; which zone is meant where
none is given, the guide's `timezone` says.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import polars as pl

from tvarr.catalog.schema import INSTANT

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

# As Date::Manip 6, which the XMLTV project's own tools use, reads them (Date::Manip::Zones);
# abbreviations that several parts of the world share (CST, PST, IST) have its first meaning.
# fmt: off
NAMED_ZONES: dict[str, int] = {
    "Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 60, "BST": 60,
    "CET": 60, "MET": 60, "CEST": 120, "MEST": 120, "EET": 120, "SAST": 120, "EEST": 180,
    "MSK": 180, "MSD": 240, "PKT": 300, "IST": 330, "HKT": 480, "AWST": 480, "JST": 540, "KST": 540,
    "ACST": 570, "AEST": 600, "ACDT": 630, "AEDT": 660, "NZST": 720, "NZDT": 780,
    "NDT": -150, "ADT": -180, "NST": -210, "AST": -240, "EDT": -240, "EST": -300, "CDT": -300,
    "CST": -360, "MDT": -360, "MST": -420, "PDT": -420, "PST": -480, "AKDT": -480, "AKST": -540,
    "HST": -600,
}
# fmt: on
"""Zone abbreviations and their distance from UTC in minutes."""

_ZONED = r"^[0-9]{12}[0-5][0-9][ \t]*(?:[A-Za-z]{1,5}|[+-][0-9]{2}:?[0-9]{2})$"
_LOCAL = r"^[0-9]{12}[0-5][0-9]$"
_TIME = re.compile(r"\s*(\d{4}(?:\d\d){0,5})\s*([A-Za-z]{1,5}|[+-]\d\d:?\d\d)?\s*", re.ASCII)
_FORMS = ("%Y%m%d%H%M%S", "%Y%m%d")
_FIRST_MOMENT = "00000101000000"


def instants(texts: pl.Series, zone: ZoneInfo) -> pl.Series:
    """Return a column of XMLTV times as UTC instants, null where a text cannot be read.

    Times without a zone are local times of `zone`; one that a clock change skips counts from the
    offset before the change, one that comes twice is the first of the two.
    """
    frame = pl.DataFrame({"text": texts.cast(pl.String)}).with_columns(
        zoned=pl.col("text").str.contains(_ZONED),
        local=pl.col("text").str.contains(_LOCAL),
        clock=pl.col("text").str.head(14).str.to_datetime("%Y%m%d%H%M%S", strict=False),
    )
    known = frame.select(
        instant=pl.when("zoned")
        .then(pl.col("clock") - _offsets_by_suffix(frame))
        .when("local")
        .then(pl.col("clock") - _offsets_by_place(frame, zone))
    ).to_series()
    return _fill_by_hand(known.dt.replace_time_zone("UTC").cast(INSTANT), texts, zone)


def instant(text: str, zone: ZoneInfo) -> datetime | None:
    """Return one XMLTV time as an instant in UTC; None where it cannot be read."""
    parts = _TIME.fullmatch(text)
    if not parts:
        return None
    digits, suffix = parts[1] + _FIRST_MOMENT[len(parts[1]) :], parts[2]
    is_midnight = digits[8:] == "240000"  # of the day's end
    try:
        clock = datetime.strptime(  # noqa: DTZ007 -- its zone follows
            digits[:8] if is_midnight else digits, _FORMS[is_midnight]
        )
        clock = clock.replace(tzinfo=UTC) + timedelta(days=is_midnight)
        if suffix is None:
            return clock.replace(tzinfo=zone).astimezone(UTC)
        offset = offset_of(suffix)
        return None if offset is None else clock - offset
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=256)
def offset_of(suffix: str) -> timedelta | None:
    """Return the distance from UTC that `+0100`, `+01:00`, `Z` or `BST` means, None if unknown."""
    suffix = suffix.strip().upper()
    if suffix[:1] in ("+", "-"):
        hours, minutes = int(suffix[1:3]), int(suffix[-2:])
        if hours > 15 or minutes > 59:
            return None
        return timedelta(hours=hours, minutes=minutes) * (-1 if suffix[0] == "-" else 1)
    named = NAMED_ZONES.get(suffix)
    return None if named is None else timedelta(minutes=named)


def _offsets_by_suffix(frame: pl.DataFrame) -> pl.Series:
    """Each zoned row's distance from UTC; a guide has few different suffixes."""
    suffixes = frame.select(
        pl.when("zoned").then(pl.col("text").str.slice(14)).alias("suffix")
    ).to_series()
    return _mapped(suffixes, {s: offset_of(s) for s in suffixes.unique().drop_nulls()})


def _offsets_by_place(frame: pl.DataFrame, zone: ZoneInfo) -> pl.Series:
    """Each local row's distance from UTC, looked up once a minute of the guide."""
    minutes = frame.select(
        pl.when("local").then(pl.col("clock").dt.truncate("1m")).alias("minute")
    ).to_series()
    return _mapped(minutes, {m: _offset_at(m, zone) for m in minutes.unique().drop_nulls()})


@lru_cache(maxsize=1 << 16)
def _offset_at(local: datetime, zone: ZoneInfo) -> timedelta | None:
    return local.replace(tzinfo=zone).utcoffset()


def _mapped(keys: pl.Series, offsets: dict[str, timedelta | None]) -> pl.Series:
    return keys.replace_strict(
        list(offsets), list(offsets.values()), default=None, return_dtype=pl.Duration("us")
    )


def _fill_by_hand(known: pl.Series, texts: pl.Series, zone: ZoneInfo) -> pl.Series:
    """Read what is left (short forms, hour 24, blanks around it) one text at a time."""
    left = texts.filter(known.is_null() & texts.is_not_null()).unique()
    if left.is_empty():
        return known
    by_hand = texts.replace_strict(
        left, [instant(t, zone) for t in left], default=None, return_dtype=INSTANT
    )
    return pl.select(pl.coalesce(known, by_hand)).to_series()
