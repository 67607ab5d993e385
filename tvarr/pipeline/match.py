"""Which guide channels belong to a channel of the lineup, by its tvg-id.

Called by `tvarr.pipeline.build.lineup`. A tvg-id that a guide has letter for letter is that
channel; else blanks around it and letter case do not count. What is then done with several guides
for one channel is decided in `tvarr.pipeline.guide`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import polars as pl

from tvarr.pipeline.spans import spans_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tvarr.catalog.snapshots import Snapshot

MATCHES: dict[str, pl.DataType | type[pl.DataType]] = {
    "guide_id": pl.String,
    "guide": pl.String,
    "guide_channel": pl.String,
    "priority": pl.UInt32,  # place of the guide in the proxy's list, from 0
}
"""One row per guide_id and guide that knows it."""


def match(channels: pl.DataFrame, guides: Sequence[Snapshot]) -> pl.DataFrame:
    """Return `MATCHES` in the lineup's order, then the guides'.

    `channels` needs `guide_id` and `tvg_id`. Where a guide has several channels that differ only
    in blanks and letter case, the one written exactly so is taken, else the document's first.
    """
    wanted = _wanted(channels)
    found = [
        _match_in(wanted, snapshot).select(
            "place",
            "guide_id",
            "guide_channel",
            guide=pl.lit(snapshot.name),
            priority=pl.lit(priority, pl.UInt32),
        )
        for priority, snapshot in enumerate(guides)
    ]
    if not found:
        return pl.DataFrame(schema=MATCHES)
    return pl.concat(found).sort("place", "priority").select(MATCHES.keys())


def _wanted(channels: pl.DataFrame) -> pl.DataFrame:
    """Each guide_id once, with the text that guides are searched for: the provider's own tvg-id."""
    tvg_id = pl.col("tvg_id")
    blank = tvg_id.str.strip_chars().fill_null("") == ""
    return (
        channels.select("guide_id", key=pl.when(blank).then("guide_id").otherwise(tvg_id))
        .unique("guide_id", keep="first", maintain_order=True)
        .with_row_index("place")
    )


def _match_in(wanted: pl.DataFrame, guide: Snapshot) -> pl.DataFrame:
    """Add `guide_channel` to the rows that one guide knows; the others are left out."""
    exactly = wanted.join(_known(guide).with_columns(key="guide_channel"), on="key")
    rest = wanted.join(exactly, on="guide_id", how="anti")
    if rest.is_empty():
        return exactly
    alike = rest.with_columns(key=_fold(rest["key"])).join(_known_alike(guide), on="key")
    return pl.concat([exactly, alike])


@lru_cache(maxsize=8)
def _known(guide: Snapshot) -> pl.DataFrame:
    """Return `guide_channel`: the ids of the <channel> elements, in the document's order, first.

    Some guides have programmes of channels that they never declare; these follow.
    """
    declared = guide.scan_channels().select("guide_channel").collect()
    with_programmes = spans_of(guide).select("guide_channel")
    return pl.concat([declared, with_programmes]).unique(maintain_order=True)


@lru_cache(maxsize=8)
def _known_alike(guide: Snapshot) -> pl.DataFrame:
    """Return `key, guide_channel`: by folded id, the first of those that fold to the same."""
    known = _known(guide)["guide_channel"]
    folded = pl.DataFrame({"key": _fold(known), "guide_channel": known})
    return folded.unique("key", keep="first", maintain_order=True)


def _fold(ids: pl.Series) -> pl.Series:
    """Without blanks around and differences of case, as Unicode's case folding sees them."""
    return pl.Series([text.strip().casefold() for text in ids], dtype=pl.String)
