"""The times of XMLTV: `20010829000500 BST`, `200103080930`, `20260822190000 +01:00` → UTC.

Called by `tvarr.ingest.xmltv.rows` with whole columns. The format is the XMLTV DTD's:
`YYYYMMDDhhmmss` or an initial part of it, with a zone behind it or none; which zone is meant where
none is given, the guide's `timezone` says. A zone is an offset (`+0100`, `+01:00`, `UTC+1`), an
abbreviation (`BST`), or a name of the IANA database (`Europe/London`, `EST5EDT`).

Clocks that are set forward skip an hour of local time, and clocks that are set back have one
twice. A skipped time counts from the offset before the change and one that comes twice is the
first of the two (as in RFC 5545, 3.3.5), unless the channel's programmes would run backwards.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

import polars as pl

from tvarr.catalog.schema import INSTANT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Fold = Literal[0, 1]
"""Which of two readings is meant around a clock change, as `datetime.fold` has it (PEP 495)."""
Instants = tuple[datetime | None, datetime | None]

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
_OFFSET_TEXT = r"[+-][0-9]{1,2}(?::?[0-9]{2})?"
_ZONE_TEXT = rf"(?:[A-Za-z][A-Za-z0-9_/:+-]{{0,39}}|{_OFFSET_TEXT})"
_ZONED = rf"^{_YEAR}[0-9]{{8}}[0-5][0-9][ \t]*{_ZONE_TEXT}$"
_LOCAL = rf"^{_YEAR}[0-9]{{8}}[0-5][0-9]$"
_WITHOUT_SECONDS = r"^([0-9]{12})([^0-9].*)?$"
_NO_OFFSET = r"(?:^|[^+-])[0-9]{5,}\s*$|[A-Ya-y]"
"""Found in every time whose distance from UTC may depend on the time itself."""
_TIME = re.compile(rf"\s*({_YEAR}(?:\d\d){{0,5}})\s*({_ZONE_TEXT})?\s*", re.ASCII)
_OFFSET = re.compile(r"(?:UTC|GMT|UT)?([+-])(\d{1,2}?)(?::?(\d\d))?", re.ASCII)
_FORMS = ("%Y%m%d%H%M%S", "%Y%m%d")
_FIRST_MOMENT = "00000101000000"


def spans(keys: pl.DataFrame, zone: ZoneInfo) -> tuple[pl.Series, pl.Series]:
    """Return the instants of `start` and `stop`, null where a text cannot be read.

    `keys` has start, stop and channel as they came, in the document's order. Around a clock change
    a programme is read so that it begins no earlier than the one before it on its channel and ends
    after it began, where there is such a reading.
    """
    names = ("start", "stop")
    start, stop = (instants(keys[name], zone) for name in names)
    if not any(_may_be_doubtful(keys[name], zone) for name in names):
        return start, stop
    later_start, later_stop = (instants(keys[name], zone, fold=1) for name in names)
    is_doubtful = (start != later_start).fill_null(False) | (stop != later_stop).fill_null(False)
    if not is_doubtful.any():
        return start, stop
    chosen = list(_chosen(zip(keys["channel"], start, later_start, stop, later_stop, strict=True)))
    starts, stops = zip(*chosen, strict=True)
    return pl.Series("start", starts, INSTANT), pl.Series("stop", stops, INSTANT)


def instants(texts: pl.Series, zone: ZoneInfo, fold: Fold = 0) -> pl.Series:
    """Return a column of XMLTV times as UTC instants, null where a text cannot be read.

    Times without a zone are local times of `zone`. Years before 1900 and after 2199 are mistakes
    and cannot be read.
    """
    frame = _taken_apart(texts)
    known = _with_offset(frame)
    if known.null_count() == texts.null_count():
        return known
    if texts.str.contains(_WITHOUT_SECONDS).any():
        texts = texts.str.replace(_WITHOUT_SECONDS, "${1}00${2}")
        frame = _taken_apart(texts)
        known = _with_offset(frame)
    return _fill_by_hand(_fill_local(frame, known, zone, fold), texts, zone, fold)


def instant(text: str, zone: ZoneInfo, fold: Fold = 0) -> datetime | None:
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
        clock += timedelta(days=is_midnight)
        offset = offset_of(suffix) if suffix else None
        local = zone_of(suffix) if suffix and offset is None else zone
        if offset is None and local is not None:
            offset = clock.replace(tzinfo=local, fold=fold).utcoffset()
        return None if offset is None else (clock - offset).replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=256)
def offset_of(suffix: str) -> timedelta | None:
    """Return the distance from UTC that `+0100`, `+01:00`, `UTC+1`, `Z` or `BST` means, or None."""
    suffix = suffix.strip().upper()
    if parts := _OFFSET.fullmatch(suffix):
        hours, minutes = int(parts[2]), int(parts[3] or 0)
        if hours > 15 or minutes > 59:
            return None
        return timedelta(hours=hours, minutes=minutes) * (-1 if parts[1] == "-" else 1)
    named = NAMED_ZONES.get(suffix)
    return None if named is None else timedelta(minutes=named)


@lru_cache(maxsize=256)
def zone_of(suffix: str) -> ZoneInfo | None:
    """Return the zone of the IANA database that `suffix` names, in letters of either case."""
    key = _zone_keys().get(suffix.strip().lower())
    return None if key is None else ZoneInfo(key)


@cache
def _zone_keys() -> dict[str, str]:
    return {key.lower(): key for key in available_timezones()}


def _taken_apart(texts: pl.Series) -> pl.DataFrame:
    return pl.DataFrame({"text": texts}).with_columns(
        is_zoned=pl.col("text").str.contains(_ZONED),
        clock=pl.col("text").str.head(14).str.to_datetime("%Y%m%d%H%M%S", strict=False),
        suffix=pl.col("text").str.slice(14),
    )


def _with_offset(frame: pl.DataFrame) -> pl.Series:
    """Read the times whose zone is always equally far from UTC; a guide has few different ones."""
    suffixes = frame.select(pl.when("is_zoned").then("suffix")).to_series()
    offsets = _mapped(suffixes, {s: offset_of(s) for s in suffixes.unique().drop_nulls()})
    return (frame["clock"] - offsets).dt.replace_time_zone("UTC").cast(INSTANT)


def _fill_local(frame: pl.DataFrame, known: pl.Series, zone: ZoneInfo, fold: Fold) -> pl.Series:
    """Read the local times: those of the guide's own zone, then those with the name of one."""
    is_local = frame["text"].str.contains(_LOCAL).fill_null(value=False)
    known = _fill_of_zone(frame, known, is_local, zone, fold)
    suffixes = frame.filter(known.is_null() & frame["is_zoned"])["suffix"].unique()
    for suffix in suffixes:
        if named := zone_of(suffix):
            is_there = (frame["suffix"] == suffix).fill_null(value=False)
            known = _fill_of_zone(frame, known, is_there, named, fold)
    return known


def _fill_of_zone(
    frame: pl.DataFrame, known: pl.Series, which: pl.Series, zone: ZoneInfo, fold: Fold
) -> pl.Series:
    """Read local times of one zone; many programmes begin at the same minute."""
    minutes = frame["clock"].set(~which, None).dt.truncate("1m")
    offsets = {m: _offset_at(m, zone, fold) for m in minutes.unique().drop_nulls()}
    local = (frame["clock"] - _mapped(minutes, offsets)).dt.replace_time_zone("UTC")
    return pl.select(pl.coalesce(known, local.cast(INSTANT))).to_series()


@lru_cache(maxsize=1 << 16)
def _offset_at(local: datetime, zone: ZoneInfo, fold: Fold) -> timedelta | None:
    return local.replace(tzinfo=zone, fold=fold).utcoffset()


def _mapped(keys: pl.Series, offsets: Mapping[Any, timedelta | None]) -> pl.Series:
    if not offsets:
        return pl.repeat(None, len(keys), dtype=pl.Duration("us"), eager=True)
    return keys.replace_strict(
        list(offsets), list(offsets.values()), default=None, return_dtype=pl.Duration("us")
    )


def _fill_by_hand(known: pl.Series, texts: pl.Series, zone: ZoneInfo, fold: Fold) -> pl.Series:
    """Read single texts: short forms, hour 24, blanks around a time."""
    left = texts.filter(known.is_null() & texts.is_not_null()).unique()
    if left.is_empty():
        return known
    by_hand = texts.replace_strict(
        left, [instant(text, zone, fold) for text in left], default=None, return_dtype=INSTANT
    )
    return pl.select(pl.coalesce(known, by_hand)).to_series()


def _may_be_doubtful(texts: pl.Series, zone: ZoneInfo) -> bool:
    """Whether a clock change may touch any of the times; most guides give offsets."""
    changes = zone.utcoffset(None) is None
    return bool(texts.str.contains(_NO_OFFSET if changes else "[A-Ya-y]").any())


def _chosen(
    rows: Iterable[
        tuple[str | None, datetime | None, datetime | None, datetime | None, datetime | None]
    ],
) -> Iterable[Instants]:
    """Yield start and stop of each row: the first reading that fits the channel's last start."""
    last: dict[str | None, datetime] = {}
    for channel, start, later_start, stop, later_stop in rows:
        found = _choose(last.get(channel), (start, later_start), (stop, later_stop))
        if found[0] is not None:
            last[channel] = found[0]
        yield found


def _choose(last: datetime | None, starts: Instants, stops: Instants) -> Instants:
    given = [start for start in starts if start is not None]
    fitting = [s for s in given if any(stop > s for stop in stops if stop)] or given
    if not fitting:
        return None, stops[0]
    start = next((s for s in fitting if last is None or s >= last), fitting[0])
    return start, next((stop for stop in stops if stop and stop > start), stops[0])
