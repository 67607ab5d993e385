"""Many sources become one lineup, and each channel gets the id that its guide channel will have.

Called by `tvarr.pipeline.build.lineup`. Nothing is left out or joined here: two rows that share a
tvg-id stay two channels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from tvarr.catalog import schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tvarr.catalog.snapshots import Snapshot

_UNWRITABLE = r"[\x00-\x1f\x7f-\x9f\u{2028}\u{2029}\u{fffe}\u{ffff}]"
"""What XML does not allow, what it does not keep in an attribute, and what ends a line."""


def join_sources(sources: Sequence[Snapshot]) -> pl.DataFrame:
    """Return the rows of all sources (`schema.CHANNELS`), one source after the other."""
    frames = [pl.read_parquet(source.channels) for source in sources]
    return pl.concat([pl.DataFrame(schema=schema.CHANNELS), *frames])


def with_guide_ids(channels: pl.DataFrame) -> pl.DataFrame:
    """Add `guide_id`: the provider's tvg-id where it is not blank, else the channel's own id.

    The id stands in an attribute of both outputs and must read the same there: a double quote
    (no playlist can hold one) becomes a single one, control characters become blanks. Blanks
    around an id stay, as XML keeps them.
    """
    legible = (
        pl.col("tvg_id").str.replace_all(_UNWRITABLE, " ").str.replace_all('"', "'", literal=True)
    )
    blank = legible.str.strip_chars().fill_null("") == ""
    return channels.with_columns(guide_id=pl.when(blank).then("channel_id").otherwise(legible))
