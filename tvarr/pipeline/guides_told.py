"""How each guide of a proxy knows one channel, in words, and what was near where none does.

Called by `tvarr.pipeline.explain`, and by `tvarr.pipeline.airing` for what a guide has on. It
searches as a build of the whole lineup does (`tvarr.pipeline.match`), for one channel.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from tvarr.pipeline import guide as schedule
from tvarr.pipeline import match
from tvarr.pipeline.build import Lineup
from tvarr.pipeline.near import near_misses
from tvarr.pipeline.pins import pins_of
from tvarr.pipeline.spans import spans_of
from tvarr.pipeline.story import Found, GuidesTold, GuideTold, NearTold, discreet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tvarr.catalog.snapshots import Snapshot
    from tvarr.pipeline.build import BuildInput


def guides_of(
    final: pl.DataFrame,
    build: BuildInput,
    lineup: pl.DataFrame | None = None,
    matches: pl.DataFrame | None = None,
) -> GuidesTold:
    """Return how each guide of the proxy knows the channel, `tvg_id` and `guide_id` at hand.

    `lineup` tells which country a guide is of, and which entries share the channel's id. `matches`
    is what the build has found for entries, by any of their streams.
    """
    found = found_for(final, build, lineup)
    known = _known_by_a_stream(final, matches)
    if known.height:
        found = match.Matched(known, found.near.clear())
    whole = lineup is not None and {"guide_id", "name"} <= {*lineup.columns}
    near = near_misses(lineup if lineup is not None and whole else final, found.near)
    guides = tuple(_guides(build, found.matches, near, _taken(final, found.matches, build)))
    if found.matches["evidence"].eq(str(match.Evidence.PINNED)).any():
        pinned = discreet(found.matches["guide_channel"].item(0))
        return GuidesTold(pinned, "which the YAML pins", guides)
    pins = pins_of(final, build.spec.matching.pins)
    if pins and found.matches.is_empty():
        pin = next(iter(pins.values()))
        why = "which the YAML pins" if pin.strip() else "the YAML pins it to nothing"
        return GuidesTold(discreet(pin.strip()), why, guides)
    tvg_id = final["tvg_id"].item() or ""
    blank = not tvg_id.strip()
    key = final["guide_id"].item() if blank else tvg_id
    why = "its channel id, since it has no tvg-id" if blank else "its tvg-id"
    return GuidesTold(discreet(key), why, guides)


def _known_by_a_stream(final: pl.DataFrame, matches: pl.DataFrame | None) -> pl.DataFrame:
    if matches is None:
        return pl.DataFrame(schema=match.MATCHES)
    return matches.filter(pl.col("guide_id") == final["guide_id"].item())


def found_for(final: pl.DataFrame, build: BuildInput, lineup: pl.DataFrame | None) -> match.Matched:
    """Search the guides for one channel as a build of the whole lineup does."""
    if lineup is None or not set(final.columns) <= {*lineup.columns}:
        return match.search(final, build.guides, build.spec.matching)
    shared = lineup.filter(
        pl.col("guide_id") == final["guide_id"].item(),
        pl.col("channel_id") != final["channel_id"].item(),
    )
    rows = pl.concat([final, shared.select(final.columns)], how="vertical_relaxed")
    return match.search(rows, build.guides, build.spec.matching, lineup)


def _taken(final: pl.DataFrame, found: pl.DataFrame, build: BuildInput) -> Counter[str] | None:
    """Return how many programmes are from which guide, before rules and filters, of all times."""
    matches = found.filter(pl.col("guide_id") == final["guide_id"].item())
    if matches.height < 2:
        return None
    plain = replace(build, window=None, steps=())
    taken: Counter[str] = Counter()
    for part in schedule.parts(Lineup(final, matches), plain, columns=("title",)):
        taken.update(part.by_guide)
    return taken


def _guides(
    build: BuildInput, found: pl.DataFrame, near: pl.DataFrame, taken: Counter[str] | None
) -> Iterator[GuideTold]:
    read = {guide.name: guide for guide in build.guides}
    for name in build.spec.epg:
        if name not in read:
            yield GuideTold(name, Found.UNREAD, None, 0, "has not been read yet")
            continue
        matches = found.filter(pl.col("guide") == name)
        if matches.is_empty():
            misses = tuple(_near(near.filter(pl.col("guide") == name)))
            yield GuideTold(name, Found.NONE, None, 0, "has no such channel", None, misses)
            continue
        yield _guide(read[name], matches, None if taken is None else taken[name])


_FOUND = {
    match.Evidence.PINNED: (Found.PINNED, "has {!r}, which is pinned"),
    match.Evidence.ID: (Found.EXACT, "has it exactly so"),
    match.Evidence.ALIKE: (Found.ALIKE, "has it as {!r}, letter case and blanks aside"),
    match.Evidence.BASE: (Found.BASE, "has it as {!r}, country and quality aside"),
    match.Evidence.NAME: (Found.NAME, "has {!r}, which is called so"),
    match.Evidence.SIMILAR: (Found.SIMILAR, "has {!r}, which is called much alike"),
}


def _guide(guide: Snapshot, matches: pl.DataFrame, taken: int | None) -> GuideTold:
    guide_channel, confidence = matches["guide_channel"].item(0), matches["confidence"].item(0)
    evidence = match.Evidence(matches["evidence"].item(0))
    found, words = _FOUND[evidence]
    known, count = discreet(guide_channel), _programmes(guide, guide_channel)
    certain = "" if confidence >= match.CERTAIN[match.Evidence.ALIKE] else f" ({confidence}%)"
    why = f"{words.format(known)}{certain}; {_counted(count)}{_of_which(taken, count)}"
    return GuideTold(guide.name, found, known, count, why, confidence, taken=taken)


def _of_which(taken: int | None, programmes: int) -> str:
    """Tell how many were taken, where another guide has some, too."""
    if taken is None or not programmes:
        return ""
    if taken == programmes:
        return ", taken" if taken == 1 else ", all taken"
    return (
        f", {taken:,} taken" if taken else ", none taken: they overlap what guides before it have"
    )


def _near(near: pl.DataFrame) -> Iterator[NearTold]:
    for row in near.iter_rows(named=True):
        yield NearTold(
            discreet(row["guide_channel"]),
            discreet(row["display_name"]),
            row["confidence"],
            row["why"],
            discreet(row["pin"]),
        )


def _programmes(guide: Snapshot, guide_channel: str) -> int:
    rows = spans_of(guide).filter(pl.col("guide_channel") == guide_channel)["rows"]
    return int(rows.sum())


def _counted(programmes: int) -> str:
    if not programmes:
        return "no programmes"
    return f"{programmes:,} programme{'' if programmes == 1 else 's'}"
