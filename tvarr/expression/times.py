"""Numbers and times: how text is read as one, and how an instant is written.

A number is decimal, with an optional sign and fraction and any zeros in front; blanks around it
do not count. It is held as a 64-bit float, exact to 15 digits. A time is RFC 3339 text with its
zone, or a number of seconds since 1970. Text that is neither is null here, and a comparison with
null does not hold.
"""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from tvarr.expression.fields import BLANKS, TIME_FORMAT

_NUMBER = r"^[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)$"
_RFC3339 = r"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$"
_INSTANT = pl.Datetime("us", "UTC")
_EARLIEST, _LATEST = -62135596800, 253402300800
"""The years 1 and 10000 in seconds since 1970."""


def to_number(text: pl.Expr) -> pl.Expr:
    """Return `text` as Float64, null where it is no decimal number."""
    bare = text.str.strip_chars(BLANKS)
    return pl.when(bare.str.contains(_NUMBER)).then(bare).cast(pl.Float64, strict=False)


def to_instant(text: pl.Expr) -> pl.Expr:
    """Return `text` as an instant in UTC, null where it is no time."""
    bare = text.str.strip_chars(BLANKS)
    written = pl.when(bare.str.contains(_RFC3339)).then(bare.str.to_uppercase())
    named = written.str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
    seconds = to_number(text)
    possible = seconds.is_between(_EARLIEST, _LATEST, closed="left")
    counted = (pl.when(possible).then(seconds) * 1_000_000).cast(pl.Int64).cast(_INSTANT)
    return pl.coalesce(named, counted)


def read_number(text: str) -> float | None:
    """Read one text as `to_number` does."""
    number = pl.select(to_number(pl.lit(text))).item()
    return None if number is None else float(number)


def read_instant(text: str) -> datetime | None:
    """Read one text as `to_instant` does; a time outside of the years 1 to 9999 in UTC is none."""
    instant = to_instant(pl.lit(text))
    possible = instant.dt.epoch("s").is_between(_EARLIEST, _LATEST, closed="left")
    found = pl.select(pl.when(possible).then(instant)).item()
    return found if isinstance(found, datetime) else None


def write_instant(instant: datetime) -> str:
    """Return RFC 3339 in UTC, whole seconds."""
    return instant.astimezone(UTC).strftime(TIME_FORMAT)


def write_seconds(instant: datetime) -> str:
    """Return the whole seconds since 1970."""
    return str(int(instant.timestamp() // 1))
