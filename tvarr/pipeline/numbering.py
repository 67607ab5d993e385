"""Channel numbers.

Called by `tvarr.pipeline.build.lineup` when the lineup's order is settled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from tvarr.spec.proxy import Numbering


def number(
    channels: pl.DataFrame, numbering: Numbering, chosen: pl.Series | None = None
) -> pl.DataFrame:
    """Add `number`: 1, 2, 3 … from `numbering.start` in the order of the rows.

    `chosen` (UInt32) has for each row the number that a rule has given it, or null. The first
    row to ask for a number has it; the others are numbered around those.
    """
    if chosen is None or chosen.null_count() == channels.height:
        return channels.with_columns(_sequence(numbering.start, channels.height))
    asked = channels.select(number=chosen)
    own = asked.select(pl.when(pl.col("number").is_first_distinct()).then("number")).to_series()
    taken = own.drop_nulls()
    others = own.is_null().arg_true()
    free = _sequence(numbering.start, channels.height)
    free = free.filter(~free.is_in(taken.implode())).head(others.len())
    return channels.with_columns(own.scatter(others, free))


def _sequence(first: int, rows: int) -> pl.Series:
    return pl.int_range(first, first + rows, dtype=pl.UInt32, eager=True).alias("number")
