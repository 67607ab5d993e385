"""Channel numbers.

Called by `tvarr.pipeline.build.lineup` when the lineup's order is settled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from tvarr.spec.proxy import Numbering


def number(channels: pl.DataFrame, numbering: Numbering) -> pl.DataFrame:
    """Add `number`: 1, 2, 3 … from `numbering.start` in the order of the rows."""
    first = numbering.start
    numbers = pl.int_range(first, first + channels.height, dtype=pl.UInt32, eager=True)
    return channels.with_columns(numbers.alias("number"))
