"""The guide channels of entries: of each guide the one that a stream is most certainly.

Called by `tvarr.pipeline.entries` once streams have become entries. An entry keeps its anchor's
`guide_id`, unless other entries go by it and have other guide channels; then it gets its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from tvarr.pipeline.match import MATCHES, Evidence, Matched
from tvarr.pipeline.pins import pins_of

if TYPE_CHECKING:
    from tvarr.pipeline.build import BuildInput


def matched(
    rows: pl.DataFrame,
    entries: pl.DataFrame,
    channels: pl.DataFrame,
    found: Matched,
    build: BuildInput,
) -> tuple[Matched, pl.DataFrame]:
    """Return the guide channels of the entries, and the entries with the ids that these go by."""
    if found.matches.is_empty():
        return found, entries
    ids = channels.select("channel_id", "guide_id")
    told = rows.select(anchor=ids["channel_id"].gather(rows["anchor"])).with_columns(
        ids["guide_id"].gather(rows["row"]), place=pl.int_range(rows.height)
    )
    pins = pins_of(channels, build.spec.matching.pins)
    best = _best_of_each(told, found.matches, pins)
    shared = entries.filter(pl.col("guide_id").is_duplicated())["guide_id"].unique()
    theirs = entries.select("channel_id", "guide_id").join(
        told.select(channel_id="anchor").unique(), on="channel_id", how="semi"
    )
    changed = _differing(theirs, best, found.matches)
    apart = changed.filter(pl.col("guide_id").is_in(shared.implode()))["channel_id"]
    entries = entries.with_columns(
        guide_id=pl.when(pl.col("channel_id").is_in(apart.implode()))
        .then("channel_id")
        .otherwise("guide_id")
    )
    new_ids = entries.select("guide_id", anchor="channel_id")
    new = changed.select(anchor="channel_id").join(new_ids, on="anchor").join(best, on="anchor")
    untouched = entries.filter(~pl.col("channel_id").is_in(changed["channel_id"].implode()))
    old = found.matches.join(untouched.select("guide_id"), on="guide_id", how="semi")
    matches = pl.concat([old, new.select(MATCHES.keys())])
    return Matched(matches, found.near.join(matches, on="guide_id", how="anti")), entries


def _best_of_each(told: pl.DataFrame, matches: pl.DataFrame, pins: dict[str, str]) -> pl.DataFrame:
    """Return `anchor` and `MATCHES` without `guide_id`: of each guide the most certain one.

    What is pinned comes first; there is none if one stream is pinned to nothing and none otherwise.
    """
    none = [guide_id for guide_id, pin in pins.items() if not pin.strip()]
    pinned = [guide_id for guide_id, pin in pins.items() if pin.strip()]
    to_none = pl.col("guide_id").is_in(none).any() & ~pl.col("guide_id").is_in(pinned).any()
    free = told.filter(~to_none.over("anchor"))
    return (
        free.join(matches, on="guide_id", maintain_order="left")
        .sort(
            pl.col("evidence") != str(Evidence.PINNED),
            -pl.col("confidence").cast(pl.Int16),
            "place",
        )
        .unique(["anchor", "guide"], keep="first", maintain_order=True)
        .sort("anchor", "priority")
        .drop("guide_id", "place")
    )


def _differing(theirs: pl.DataFrame, best: pl.DataFrame, matches: pl.DataFrame) -> pl.DataFrame:
    """Return those of `theirs` (`channel_id, guide_id`) that have other guide channels now."""
    key = ["guide", "guide_channel", "evidence", "confidence"]
    now = theirs.join(best, left_on="channel_id", right_on="anchor")
    before = theirs.join(matches, on="guide_id")
    both = ["channel_id", *key]
    other = pl.concat(
        [
            now.join(before, on=both, how="anti").select("channel_id"),
            before.join(now, on=both, how="anti").select("channel_id"),
        ]
    )
    return theirs.join(other, on="channel_id", how="semi")
