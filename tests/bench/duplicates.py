"""Numbering 100,000 channels and merging the 30,000 of them that are further streams.

Used by `tests.bench.steps`. The names are those of `tests.bench.matching` with marks of quality,
and half of the channels have a tvg-id. No guide is there, so that only these two are timed.
"""

from __future__ import annotations

import random
import statistics
import time
from typing import TYPE_CHECKING

from tests import builders
from tests.bench.matching import names

if TYPE_CHECKING:
    from pathlib import Path

CHANNELS, FURTHER = 100_000, 30_000
_TIERS = ("", " HD", " FHD", " 4K", " SD", " 1080p")


def rows(channels: int = CHANNELS, further: int = FURTHER) -> list[builders.Row]:
    """Return `channels` rows, of which `further` are other streams of the rest."""
    choose = random.Random(7)
    single = channels - further
    said = list(dict.fromkeys(names(2 * single, 3, decorated=False)))[:single]
    said += [f"Channel Number {place}" for place in range(single - len(said))]
    called = [f"UK: {name}" for name in said + choose.choices(said, k=further)]
    choose.shuffle(called)
    return [
        builders.channel(
            name + choose.choice(_TIERS),
            f"id{place}" if place % 2 else None,
            stream_url=f"http://provider.invalid/live/{place}.ts",
            group_title=f"Group {place % 50}",
        )
        for place, name in enumerate(called)
    ]


def compare(folder: Path) -> dict[str, float]:
    """Return seconds of numbering and merging, of numbering alone, and what comes of it."""
    import polars as pl

    from tvarr.pipeline import merge, order, quality
    from tvarr.pipeline.build import known_before, numbered
    from tvarr.pipeline.match import MATCHES, NEAR, Matched

    source = builders.source(folder, *rows())
    given = merge.join_sources((source,))
    listed = merge.with_guide_ids(order.with_asked(quality.with_facts(given), None))
    nothing = Matched(pl.DataFrame(schema=MATCHES), pl.DataFrame(schema=NEAR))
    found: dict[str, float] = {}
    for duplicates in ("keep", "merge"):
        build = builders.build_input(sources=(source,), duplicates=duplicates)
        took = []
        for _ in range(4):
            start = time.perf_counter()
            made = numbered(listed, nothing, known_before(build, given), build)
            took.append(time.perf_counter() - start)
        found |= {duplicates: statistics.median(took[1:]), "entries": made.channels.height}
    return found
