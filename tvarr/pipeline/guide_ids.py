"""The ids that a guide has for its channels: as they are, folded, without country and quality.

Called by `tvarr.pipeline.match`, which asks them in this order. Each guide is read once.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import polars as pl

from tvarr.pipeline.ids import read_id
from tvarr.pipeline.likeness import Like
from tvarr.pipeline.spans import spans_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tvarr.catalog.snapshots import Snapshot
    from tvarr.pipeline.likeness import Wanted

BASE_SAME_COUNTRY: Final = 97
BASE: Final = 95
"""Percent, where only one of two ids tells a country."""

NAMESAKES: Final = 100
"""Channels of one guide that are looked at for one base."""


@lru_cache(maxsize=8)
def known(guide: Snapshot) -> pl.DataFrame:
    """Return `guide_channel`: the ids of the <channel> elements, in the document's order, first.

    Some guides have programmes of channels that they never declare; these follow.
    """
    declared = guide.scan_channels().select("guide_channel").collect()
    with_programmes = spans_of(guide).select("guide_channel")
    return pl.concat([declared, with_programmes]).unique(maintain_order=True)


@lru_cache(maxsize=8)
def known_alike(guide: Snapshot) -> pl.DataFrame:
    """Return `key, guide_channel`: by folded id, the first of those that fold to the same."""
    ids = known(guide)["guide_channel"]
    folded = pl.DataFrame({"key": fold_ids(ids), "guide_channel": ids})
    return folded.unique("key", keep="first", maintain_order=True)


def fold_ids(ids: pl.Series) -> pl.Series:
    """Return ids without blanks around and differences of case, by Unicode's case folding."""
    return pl.Series([text.strip().casefold() for text in ids], dtype=pl.String)


@lru_cache(maxsize=8)
def known_bases(guide: Snapshot) -> dict[str, list[str]]:
    """Return, by base (`tvarr.pipeline.ids`), the ids that have it, in the document's order."""
    bases: dict[str, list[str]] = defaultdict(list)
    for guide_channel in known(guide)["guide_channel"]:
        base = read_id(guide_channel).base
        if base and len(bases[base]) < NAMESAKES:
            bases[base].append(guide_channel)
    return bases


def by_base(one: Wanted, bases: Mapping[str, Sequence[str]]) -> Like | None:
    """Return the guide channel whose id is the same, country and quality aside.

    Countries that both are known must agree; several that are as likely are none.
    """
    mine = read_id(one.tvg_id)
    ranked = []
    for guide_channel in bases.get(mine.base, ()):
        other = read_id(guide_channel)
        home = mine.country or one.country
        if home and other.country and home != other.country:
            continue
        same = home == other.country and home is not None
        ranked.append((same, mine.quality == other.quality, not other.quality, guide_channel))
    if not ranked:
        return None
    best = max(rank[:3] for rank in ranked)
    firsts = [rank for rank in ranked if rank[:3] == best]
    if len({read_id(rank[3]).country for rank in firsts}) > 1:
        return None
    confidence = BASE_SAME_COUNTRY if best[0] else BASE
    return Like(firsts[0][3], "", confidence, "", taken=True)
