"""Channel numbers as text, 7 or 5.1, and as integers that can be sorted and counted.

A number with a point has two parts, as in ATSC's virtual channels (A/65, section 6.3.2): 5.10 is
the tenth of channel 5, not 5.1. Zeros in front of a part do not count.
"""

from __future__ import annotations

import polars as pl

PITCH = 10_000
"""How far two whole numbers are apart in the integers."""

LAST = 2**32 - 1
"""The highest whole number that anybody may ask for."""

HIGHEST = 2 * LAST
"""The highest that is given: channels that all ask for the last one move up beyond it."""


def key_of(column: str) -> pl.Expr:
    """Return the integer of a text, null where that is no number from 1 on."""
    text = pl.col(column).str.strip_chars()
    parts = text.str.splitn(".", 2).struct
    whole = parts.field("field_0").cast(pl.Int64, strict=False)
    behind = parts.field("field_1")
    part = pl.when(behind.is_null()).then(0).otherwise(behind.cast(pl.Int64, strict=False))
    is_plain = ~text.str.contains("+", literal=True)
    is_number = whole.is_between(1, LAST) & part.is_between(0, PITCH - 1) & is_plain
    return pl.when(is_number).then(whole * PITCH + part)


def text_of(column: str) -> pl.Expr:
    """Return the text of an integer that `key_of` made."""
    whole = (pl.col(column) // PITCH).cast(pl.String)
    part = pl.col(column) % PITCH
    with_part = pl.concat_str(whole, pl.lit("."), part.cast(pl.String))
    return pl.when(part == 0).then(whole).otherwise(with_part)


def keys(texts: pl.Series, last: int = LAST) -> pl.Series:
    """Return the integers of texts, as `key_of` does, and quicker: few have two parts.

    `last` is the highest whole number without a part.
    """
    rows = texts.to_frame("text").select(
        "text",
        key=pl.col("text").cast(pl.Int64, strict=False),
        is_plain=pl.col("text").str.contains(r"^[0-9]+$"),
    )
    whole = rows.select(
        pl.when(pl.col("is_plain") & pl.col("key").is_between(1, last)).then(pl.col("key") * PITCH)
    ).to_series()
    odd = rows.select(pl.col("is_plain").not_().fill_null(value=False)).to_series().arg_true()
    return whole.scatter(odd, rows[odd].select(key_of("text")).to_series())


def texts(keys: pl.Series) -> pl.Series:
    """Return the texts of integers."""
    return keys.to_frame("key").select(text_of("key")).to_series()
