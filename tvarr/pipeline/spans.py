"""Where each channel's programmes stand in a guide's snapshot, and reading them from there.

`programmes.parquet` is sorted by channel and start, so a channel is one span of rows. Reading by
row number needs neither a filter nor a sort and opens only the row groups it must. Used by
`tvarr.pipeline.match` (which channels have programmes) and `tvarr.pipeline.guide`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, cast

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tvarr.catalog.snapshots import Snapshot

_GAP = 5_000
"""So many unwanted rows are sooner read than jumped over: half a row group."""


@lru_cache(maxsize=8)
def spans_of(snapshot: Snapshot) -> pl.DataFrame:
    """Return `guide_channel, first, rows`: one row per channel that has programmes.

    Remembered, since a snapshot never changes and every request for a channel asks.
    """
    runs = snapshot.scan_programmes().select(pl.col("guide_channel").rle()).unnest("guide_channel")
    return runs.select(
        guide_channel="value", first=pl.col("len").cum_sum() - pl.col("len"), rows="len"
    ).collect()


@lru_cache(maxsize=8)
def _scan(snapshot: Snapshot) -> pl.LazyFrame:
    """Remembered with what it has read of the file's footer, which else takes a millisecond."""
    return snapshot.scan_programmes()


def read_rows(snapshot: Snapshot, rows: pl.Series, columns: Sequence[str]) -> pl.DataFrame:
    """Return `columns` of the programmes with these row numbers, in their order, repeats too."""
    scan = _scan(snapshot).select(columns)
    if rows.is_empty():
        return scan.head(0).collect()
    first, last = cast("int", rows.min()), cast("int", rows.max())
    if last - first < len(rows) + _GAP:
        stretch = scan.slice(first, last - first + 1).collect()
        return stretch[rows - first]
    return _read_stretches(scan, rows)


def _read_stretches(scan: pl.LazyFrame, rows: pl.Series) -> pl.DataFrame:
    """Jump over what is far from every wanted row."""
    stretches = _stretches(rows.unique().sort())
    frames = [
        scan.slice(first, last - first + 1).collect() for first, last in stretches.iter_rows()
    ]
    before = stretches["first"].search_sorted(rows, side="right") - 1
    lengths = stretches["last"] - stretches["first"] + 1
    skipped = stretches["first"] - (lengths.cum_sum() - lengths)
    return pl.concat(frames, rechunk=False)[rows - skipped.gather(before)]


def _stretches(ascending: pl.Series) -> pl.DataFrame:
    """Return `first, last`: runs of row numbers without a gap that is worth jumping."""
    begins = (ascending.diff() > _GAP).fill_null(value=True)
    ends = begins.shift(-1, fill_value=True)
    return pl.DataFrame({"first": ascending.filter(begins), "last": ascending.filter(ends)})
