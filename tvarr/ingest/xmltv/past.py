"""What has been: programmes of the snapshot before that the provider no longer lists.

Used by `tvarr.ingest.xmltv.store` while it writes a guide. Providers drop a programme when it is
over or even while it runs, and catch-up wants to show it for days. So what has begun is carried
over until it ended `retention` ago, wherever the new guide has nothing on that channel at that
time. Keys are compared as whole columns; the rows themselves pass by a few thousand at a time.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import polars as pl

from tvarr.catalog.schema import GUIDE_CHANNELS, PROGRAMMES

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

log = logging.getLogger(__name__)

CHUNK: Final = 10_000
"""Rows of the former snapshot that are read at once: a row group of it."""
BEGUN: Final = pl.Schema(
    {
        "row": pl.UInt32,
        "guide_channel": pl.String,
        "start": PROGRAMMES["start"],
        "stop": PROGRAMMES["stop"],
        "end": PROGRAMMES["stop"],
    }
)
"""A programme that has begun, and where it stands in the former snapshot."""
_SHORTEST: Final = timedelta(seconds=1)
"""How long a programme is at least, so that two that begin together overlap."""


class PastUnreadableError(Exception):
    """The former snapshot broke off while it was read; the new one can do without."""


@dataclass(frozen=True)
class Past:
    """A former snapshot of the guide, and what of it still counts."""

    folder: Path
    """Of the snapshot."""
    now: datetime
    retention: timedelta

    def begun(self) -> pl.DataFrame:
        """Return `row, guide_channel, start, stop, end` of what has begun and is not too old.

        `end` is the stop, or where there is none the next start on the channel. Nothing comes back
        where the snapshot cannot be read or was made by a version with other columns.
        """
        try:
            return self._begun()
        except (pl.exceptions.PolarsError, OSError) as error:
            log.warning("what has been is lost: the former snapshot cannot be read: %s", error)
            return pl.DataFrame(schema=BEGUN)

    def _begun(self) -> pl.DataFrame:
        scan = pl.scan_parquet(self.folder / "programmes.parquet")
        if scan.collect_schema() != pl.Schema(PROGRAMMES):
            return pl.DataFrame(schema=BEGUN)
        keys = scan.select("guide_channel", "start", "stop").with_row_index("row")
        return (
            keys.with_columns(end=_end("guide_channel"))
            .filter(pl.col("start") < self.now, pl.col("end") > self.now - self.retention)
            .select(list(BEGUN))
            .collect()
        )

    def channels(self, wanted: pl.Series) -> pl.DataFrame:
        """Return `schema.GUIDE_CHANNELS` of these channels, as far as the snapshot had them."""
        try:
            scan = pl.scan_parquet(self.folder / "channels.parquet")
            found = scan.filter(pl.col("guide_channel").is_in(wanted.implode()))
            return found.select(list(GUIDE_CHANNELS)).collect()
        except (pl.exceptions.PolarsError, OSError) as error:
            log.warning("channels of the past are lost: they cannot be read: %s", error)
            return pl.DataFrame(schema=GUIDE_CHANNELS)


def no_longer_listed(begun: pl.DataFrame, listed: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of `begun` with whose time nothing in `listed` overlaps.

    Both have `rank` (of the channel) and `start`; `begun` has `end` and `listed` has `stop`, and
    that one is sorted by rank and start.
    """
    spans = (
        listed.select("rank", "start", until=_end("rank"))
        .filter(pl.col("start") < begun["end"].max())
        .with_columns(pl.col("until").cum_max().over("rank"))
    )
    return (
        begun.sort("rank", "end", maintain_order=True)
        .join_asof(
            spans.rename({"start": "listed"}),
            left_on="end",
            right_on="listed",
            by="rank",
            strategy="backward",
            allow_exact_matches=False,
            check_sortedness=False,
        )
        .filter((pl.col("until") <= pl.col("start")).fill_null(value=True))
        .drop("listed", "until")
        .sort("row")
    )


def _end(channel: str) -> pl.Expr:
    """When a programme ends: at its stop, else at the next start on its channel, rows sorted."""
    is_last = pl.col(channel) != pl.col(channel).shift(-1)
    following = pl.when(~is_last).then(pl.col("start").shift(-1))
    return pl.max_horizontal(pl.coalesce("stop", following), pl.col("start") + _SHORTEST)


class PastRows:
    """The rows that are carried over, in their order, from the first to the last."""

    def __init__(self, past: Past, rows: pl.Series, guide: str) -> None:
        """`rows` are row numbers of the snapshot, ascending."""
        self._scan = pl.scan_parquet(past.folder / "programmes.parquet")
        self._rows = rows
        self._guide = guide
        self._ready = pl.DataFrame(schema=PROGRAMMES)

    def take(self, count: int) -> pl.DataFrame:
        """Return the next `count` rows as `schema.PROGRAMMES`."""
        while self._ready.height < count:
            self._ready = pl.concat([self._ready, self._read()])
        taken, self._ready = self._ready.head(count), self._ready.slice(count)
        return taken

    def _read(self) -> pl.DataFrame:
        """Read all that is wanted of the next part of the snapshot."""
        first = int(self._rows[0]) // CHUNK * CHUNK
        wanted = self._rows.filter(self._rows < first + CHUNK)
        self._rows = self._rows.slice(len(wanted))
        try:
            part = self._scan.slice(first, CHUNK).collect()[wanted - first]
        except (pl.exceptions.PolarsError, OSError, IndexError) as error:
            raise PastUnreadableError(str(error)) from error
        return part.with_columns(guide=pl.lit(self._guide))
