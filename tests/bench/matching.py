"""Matching 5,000 lineup channels with 20,000 guide channels, against `rapidfuzz.process.cdist`.

The names are made of the words of real ones, so that many begin alike and differ in one word. The
comparison is given the same names with all cores. Used by `tests.bench.steps`.
"""

from __future__ import annotations

import random
import resource
import time
from typing import TYPE_CHECKING

from tests import builders

if TYPE_CHECKING:
    from pathlib import Path

LINEUP, GUIDE = 5_000, 20_000

_BRANDS = (
    "Sky Discovery Fox Canal Star Sony Zee Nova Rai Kanal Antena Premier Euro Global National City "
    "Prime Vision Atlas Aurora Polar Meridian Delta Orion Vega Lyra Corona Phoenix Sirius Titan"
)
_KINDS = (
    "Sports News Cinema Movies Kids Music Drama Comedy Action Nature History Science Travel Food "
    "Family Classics Crime Reality Fashion Gaming Documentary Life Style Home Garden Business"
)


def names(count: int, seed: int, decorated: bool) -> list[str]:
    """Return names; a third of them with a number, some with +1, all different but for luck."""
    choose = random.Random(seed)
    brands, kinds = _BRANDS.split(), _KINDS.split()
    return [_name(choose, brands, kinds, decorated=decorated) for _ in range(count)]


def _name(choose: random.Random, brands: list[str], kinds: list[str], *, decorated: bool) -> str:
    words = choose.sample(brands, choose.choice((1, 2, 2))) + choose.sample(kinds, 2)
    if choose.random() < 0.3:
        words.append(str(choose.randrange(1, 30)))
    if choose.random() < 0.05:
        words.append("+1")
    if not decorated:
        return " ".join(words)
    if choose.random() < 0.1:
        words[0] = words[0][:2] + words[0][3:]
    return f"{choose.choice(('', 'UK: ', 'US| '))}{' '.join(words)}{choose.choice(('', ' HD'))}"


def compare(folder: Path) -> dict[str, float]:
    """Return seconds of both sides, and MB that matching took above what was there before."""
    from rapidfuzz import process

    from tvarr.pipeline import match, merge
    from tvarr.spec.matching import Matching

    lineup, known = names(LINEUP, 1, decorated=True), names(GUIDE, 2, decorated=False)
    channels = merge.with_guide_ids(builders.channels(*map(builders.channel, lineup)))
    declared = tuple(
        builders.guide_channel(f"g{place}.example", name) for place, name in enumerate(known)
    )
    guide = builders.guide(folder, declared=declared)
    match.match(channels.head(1), [guide])  # what is imported once
    process.cdist(lineup[:2], known[:2])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    found = match.search(channels, [guide], Matching())
    ours = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    process.cdist(lineup, known, workers=-1)
    return {
        "match": ours,
        "cdist": time.perf_counter() - start,
        "memory": (after - before) / 1024,
        "found": found.matches.height,
        "near": found.near["guide_id"].n_unique(),
    }
