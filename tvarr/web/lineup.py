"""Reads of a published lineup: its channels by page, one channel's programmes. Run in threads.

Stream addresses are left out on purpose: they may hold a provider's credentials, and whoever may
have them reads the playlist.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypedDict

from tvarr.catalog.snapshots import Snapshots
from tvarr.errors import Transient
from tvarr.spec.sentences import logo_addresses, origin, steps_of
from tvarr.state.conditions import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    import polars as pl

    from tvarr.catalog.snapshots import Snapshot
    from tvarr.pipeline.build import Window
    from tvarr.pipeline.story import StreamsTold
    from tvarr.spec.proxy import Proxy
    from tvarr.spec.quality import Quality
    from tvarr.spec.sentences import Origin, Step
    from tvarr.web.view import View

MOST_PROGRAMMES = 5_000
"""Programmes in one answer."""


@dataclass(frozen=True, eq=False)
class Page:
    """Some rows out of many."""

    rows: pl.DataFrame
    total: int


def channels(revision: Path, offset: int, limit: int, query: str) -> Page:
    """Return channels in the lineup's order: `number, id, name, tvg_id, group, quality, streams`.

    `quality` has the facts of `tvarr.pipeline.quality`, null where nothing is said. `streams` is
    how many there are for the channel. `query` is looked for in names and groups, letter case
    aside; empty finds everything.
    """
    import polars as pl

    lineup = pl.scan_parquet(revision / "lineup.parquet")
    found = lineup.select(
        *(pl.col("number").cast(pl.String), pl.col("channel_id").alias("id"), "name"),
        *(pl.col("guide_id").alias("tvg_id"), pl.col("group_title").alias("group")),
        _quality(lineup).alias("quality"),
    )
    if query:
        found = found.filter(
            pl.any_horizontal(
                pl.col("name", "group").str.to_lowercase().str.contains(query.lower(), literal=True)
            )
        )
    total = found.select(pl.len()).collect().item()
    return Page(_with_streams(found.slice(offset, limit).collect(), revision), total)


def _with_streams(rows: pl.DataFrame, revision: Path) -> pl.DataFrame:
    """Add how many streams each channel has: one, unless duplicates are merged."""
    import polars as pl

    candidates = revision / "candidates.parquet"
    if not candidates.exists():
        return rows.with_columns(streams=pl.lit(1, pl.UInt32))
    counts = pl.scan_parquet(candidates).group_by(id="channel_id").agg(streams=pl.len())
    found = rows.lazy().join(counts, on="id", how="left", maintain_order="left").collect()
    return found.with_columns(pl.col("streams").fill_null(1))


def streams(revision: Path, channel_id: str, profile: Quality) -> StreamsTold | None:
    """Return the streams of one channel, by its id or that of a row that was merged into it.

    None: there is no such channel, or its proxy keeps duplicates.
    """
    import polars as pl

    from tvarr.pipeline.streams_told import entry_of, streams_told

    candidates = revision / "candidates.parquet"
    if not candidates.exists():
        return None
    streams = pl.read_parquet(candidates)
    channels = _channels(revision)
    entry = channels.filter(pl.col("channel_id") == entry_of(streams, channel_id))
    matches = pl.scan_parquet(revision / "matches.parquet").join(entry.lazy(), on="guide_id")
    guides = matches.select("guide").collect()["guide"].to_list()
    return streams_told(streams, channel_id, channels, profile, guides)


def _quality(lineup: pl.LazyFrame) -> pl.Expr:
    """Return the facts as one object; a revision that an older tvarr wrote has none."""
    import polars as pl

    from tvarr.pipeline.quality import COLUMNS

    there = lineup.collect_schema().names()
    return pl.struct(
        (pl.col(column) if column in there else pl.lit(None, pl.String)).alias(
            column.removeprefix("quality_")
        )
        for column in COLUMNS
    )


def programmes(
    view: View, proxy: str, spec: Proxy, revision: Path, channel: str, window: Window
) -> Page | None:
    """Return what is on one channel within `window`, None where the lineup has no such channel.

    `channel` is a tvg-id of the playlist or a channel id. The columns are those of
    `tvarr.pipeline.guide.SHOWN`, after `start` and `stop` (null: unknown), as the proxy's rules
    and filters leave them, and the `guide` that each is from (null: it is made up).
    """
    import polars as pl

    from tvarr.pipeline import build, guide

    found = _channels(revision).filter(
        (pl.col("guide_id") == channel) | (pl.col("channel_id") == channel)
    )
    if found.is_empty():
        return None
    guides = tuple(_current_guides(view, spec))
    whole = _whole(window, spec, view.now())
    given = build.BuildInput(proxy, spec, (), guides, whole, **_sentences(view, spec))
    lineup = build.Lineup(_channels(revision), _matches(revision, guides))
    parts = guide.programmes(lineup, given, found["guide_id"].unique(), (*guide.SHOWN, "guide"))
    if whole is window:
        rows = next(parts, pl.DataFrame())
    else:
        rows = guide.inside(pl.concat([*parts] or [pl.DataFrame()]), window)
    return Page(rows.drop("guide_id", strict=False).head(MOST_PROGRAMMES), rows.height)


def _whole(window: Window, spec: Proxy, now: datetime) -> Window:
    """Return the time that is looked at: what is made up depends on all that the guide covers."""
    from tvarr.pipeline.build import Window as Time
    from tvarr.pipeline.build import window_at

    if spec.guide.fill != "dummy":
        return window
    covered = window_at(now, spec.guide)
    return Time(min(window.start, covered.start), max(window.stop, covered.stop))


class _Sentences(TypedDict):
    steps: tuple[Step, ...]
    logos: tuple[tuple[str, str], ...]
    origins: tuple[Origin, ...]
    now: datetime


def _sentences(view: View, spec: Proxy) -> _Sentences:
    """Return what a build is given for rules and filters, by the manifest that runs now."""
    manifest, now = view.manifest(), view.now()
    steps = steps_of(manifest, spec) if manifest else ()
    if not manifest or not steps:
        return _Sentences(steps=(), logos=(), origins=(), now=now)
    sources = [(name, manifest.sources.get(name)) for name in spec.sources]
    origins = tuple(origin(name, source) for name, source in sources if source)
    logos = tuple(logo_addresses(manifest).items())
    return _Sentences(steps=steps, logos=logos, origins=origins, now=now)


@lru_cache(maxsize=4)
def _channels(revision: Path) -> pl.DataFrame:
    """Remembered, since a revision never changes: 20 MB for 100,000 channels."""
    import polars as pl

    columns = ["channel_id", "guide_id", "tvg_id", "name", "group_title", "number", "source"]
    return pl.read_parquet(revision / "lineup.parquet", columns=columns)


@lru_cache(maxsize=4)
def _matches(revision: Path, guides: tuple[Snapshot, ...]) -> pl.DataFrame:
    """Return what the build found, of the guides that are there now; by ids where it did not say.

    Remembered too: each small step on a frame costs a quarter of a millisecond.
    """
    import polars as pl

    from tvarr.pipeline import match

    try:
        found = pl.read_parquet(revision / "matches.parquet")
    except OSError:
        return match.match(_channels(revision), guides)
    places = {guide.name: place for place, guide in enumerate(guides)}
    there = found.filter(pl.col("guide").is_in(list(places)))
    placed = pl.col("guide").replace_strict(places, return_dtype=pl.UInt32)
    return there.with_columns(priority=placed)


def _current_guides(view: View, spec: Proxy) -> Iterator[Snapshot]:
    """Yield the snapshots of the proxy's guides in its order, without those not read yet."""
    snapshots = Snapshots(view.data / "snapshots")
    for name in spec.epg:
        status = view.store.get(f"{Kind.EPG}/{name}")
        if status is None or status.snapshot is None:
            continue
        try:
            yield snapshots.get(Kind.EPG, name, status.snapshot)
        except Transient:  # lost from the disk; the controller fetches it again
            continue
