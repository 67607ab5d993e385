"""The times of XMLTV: `20010829000500 BST`, `200103080930`, `20260822190000 +01:00` → UTC.

Called by `tvarr.ingest.xmltv.rows` with whole columns. The format is the XMLTV DTD's:
`YYYYMMDDhhmmss` or an initial part of it, with a zone behind it or none; which zone is meant where
none is given, the guide's `timezone` says.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import polars as pl

from tvarr.catalog.schema import INSTANT

if TYPE_CHECKING:
    from collections.abc import Mapping
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

_YEAR = "(?:19|20|21)[0-9]{2}"
_ZONED = rf"^{_YEAR}[0-9]{{8}}[0-5][0-9][ \t]*(?:[A-Za-z]{{1,5}}|[+-][0-9]{{2}}:?[0-9]{{2}})$"
_LOCAL = rf"^{_YEAR}[0-9]{{8}}[0-5][0-9]$"
_TIME = re.compile(rf"\s*({_YEAR}(?:\d\d){{0,5}})\s*([A-Za-z]{{1,5}}|[+-]\d\d:?\d\d)?\s*", re.ASCII)
_FORMS = ("%Y%m%d%H%M%S", "%Y%m%d")
_FIRST_MOMENT = "00000101000000"


def instants(texts: pl.Series, zone: ZoneInfo) -> pl.Series:
    """Return a column of XMLTV times as UTC instants, null where a text cannot be read.

    Times without a zone are local times of `zone`; one that a clock change skips counts from the
    offset before the change, one that comes twice is the first of the two. Years before 1900 and
    after 2199 are mistakes and cannot be read.
    """
    frame = pl.DataFrame({"text": texts}).with_columns(
        is_zoned=pl.col("text").str.contains(_ZONED),
        clock=pl.col("text").str.head(14).str.to_datetime("%Y%m%d%H%M%S", strict=False),
        suffix=pl.col("text").str.slice(14),
    )
    zoned = frame.select(pl.when("is_zoned").then(pl.col("clock") - pl.lit(_offsets(frame))))
    known = zoned.to_series().dt.replace_time_zone("UTC").cast(INSTANT)
    if known.null_count() == texts.null_count():
        return known
    return _without_zone(frame, known, zone)


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


def _offsets(frame: pl.DataFrame) -> pl.Series:
    """Each row's distance from UTC, by the zone behind the time; a guide has few different ones."""
    suffixes = frame.select(pl.when("is_zoned").then("suffix")).to_series()
    return _mapped(suffixes, {s: offset_of(s) for s in suffixes.unique().drop_nulls()})


def _without_zone(frame: pl.DataFrame, known: pl.Series, zone: ZoneInfo) -> pl.Series:
    """Read what is left: times without a zone, then the rest one by one."""
    is_local = frame["text"].str.contains(_LOCAL).fill_null(value=False)
    minutes = frame["clock"].set(~is_local, None).dt.truncate("1m")
    offsets = _mapped(minutes, {m: _offset_at(m, zone) for m in minutes.unique().drop_nulls()})
    local = (frame["clock"] - offsets).dt.replace_time_zone("UTC").cast(INSTANT)
    known = pl.select(pl.coalesce(known, local)).to_series()
    return _fill_by_hand(known, frame["text"], zone)


@lru_cache(maxsize=1 << 16)
def _offset_at(local: datetime, zone: ZoneInfo) -> timedelta | None:
    return local.replace(tzinfo=zone).utcoffset()


def _mapped(keys: pl.Series, offsets: Mapping[Any, timedelta | None]) -> pl.Series:
    if not offsets:
        return pl.repeat(None, len(keys), dtype=pl.Duration("us"), eager=True)
    return keys.replace_strict(
        list(offsets), list(offsets.values()), default=None, return_dtype=pl.Duration("us")
    )


def _fill_by_hand(known: pl.Series, texts: pl.Series, zone: ZoneInfo) -> pl.Series:
    """Read single texts: short forms, hour 24, blanks around a time."""
    left = texts.filter(known.is_null() & texts.is_not_null()).unique()
    if left.is_empty():
        return known
    by_hand = texts.replace_strict(
        left, [instant(text, zone) for text in left], default=None, return_dtype=INSTANT
    )
    return pl.select(pl.coalesce(known, by_hand)).to_series()
