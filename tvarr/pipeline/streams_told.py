"""Which streams an entry of the lineup has, and why each stands where it stands, in words.

Called by `tvarr.pipeline.explain` and by the web where a proxy merges duplicates. What streams
there are and their order come from `tvarr.pipeline.entries`, as `schema.CANDIDATES`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from tvarr.pipeline import quality, ranking
from tvarr.pipeline.story import StreamsTold, StreamTold, discreet

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from tvarr.pipeline.story import Candidate
    from tvarr.spec.quality import Quality


def entry_of(candidates: pl.DataFrame | None, channel_id: str) -> str:
    """Return the id of the entry that a row is a stream of; its own, where it is none."""
    found = _of(candidates, channel_id)
    return channel_id if found is None or found.is_empty() else str(found["channel_id"].item(0))


def meant(found: Iterable[Candidate], candidates: pl.DataFrame | None) -> tuple[Candidate, ...]:
    """Return one for all that are streams of one entry: the one that it is known by."""
    chosen: dict[str, Candidate] = {}
    for one in found:
        entry = entry_of(candidates, one.channel_id)
        if entry not in chosen or one.channel_id == entry:
            chosen[entry] = one
    return tuple(chosen.values())


def streams_told(
    candidates: pl.DataFrame | None,
    channel_id: str,
    lineup: pl.DataFrame,
    profile: Quality,
    guides: Collection[str] = (),
) -> StreamsTold | None:
    """Return the streams of the entry that has this row; None where there is no such entry.

    `guides` are the names of those that know the entry.
    """
    own = _of(candidates, channel_id)
    if candidates is None or own is None or own.is_empty():
        return None
    entry = own["channel_id"].item(0)
    names = lineup.filter(pl.col("channel_id") == entry)["name"]
    if names.is_empty():
        return None
    streams = candidates.filter(pl.col("channel_id") == entry).sort("rank")
    return StreamsTold(
        entry,
        discreet(names.item(0)),
        int(own["rank"].item(0)) + 1,
        tuple(_streams(streams, profile, guides)),
    )


def _of(candidates: pl.DataFrame | None, channel_id: str) -> pl.DataFrame | None:
    if candidates is None:
        return None
    has_it = (pl.col("member") == channel_id) | pl.col("also").list.contains(channel_id)
    return candidates.filter(has_it)


def _streams(
    streams: pl.DataFrame, profile: Quality, guides: Collection[str]
) -> Iterator[StreamTold]:
    before: Mapping[str, Any] | None = None
    for row in streams.iter_rows(named=True):
        why = "it plays first" if before is None else ranking.why(row, before, profile)
        yield _stream(row, discreet(why), _why_joined(row, guides))
        before = row


def _stream(row: Mapping[str, Any], why: str, why_joined: str) -> StreamTold:
    facts = (row[f"quality_{fact}"] for fact in quality.FACTS)
    fps = row["quality_fps"]
    told = [f"{fact} fps" if fact is fps else fact for fact in facts if fact]
    return StreamTold(
        place=row["rank"] + 1,
        channel_id=row["member"],
        source=row["source"],
        name=discreet(row["name"]),
        quality=tuple(told),
        joined_by=row["joined_by"],
        why_joined=why_joined,
        why=why,
        also=tuple(row["also"]),
        healthy=row["healthy"],
        allowed=row["allowed"],
        confidence=row["confidence"],
        profile=row["profile"],
        priority=row["priority"],
        free_slots=row["free_slots"],
        reliability=row["reliability"],
        bitrate=row["bitrate"],
    )


def _why_joined(row: Mapping[str, Any], guides: Collection[str]) -> str:
    sure = f"({row['confidence']}%)"
    if row["channel_id"] in (row["member"], *row["also"]):
        words = "the entry is known by it"
    elif row["joined_by"] == "guide":
        guide = next(iter(guides)) if len(guides) == 1 else "a guide"
        words = f"{guide} has it as the same channel {sure}"
    else:
        words = f"it is called the same {sure}"
    same = len(row["also"])
    if not same:
        return words
    return f"{words}; {same:,} more {'row has' if same == 1 else 'rows have'} this very stream"
