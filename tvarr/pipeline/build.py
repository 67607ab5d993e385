"""One proxy's build: what goes in, what it is called, and the lineup that comes out.

The controller makes a `BuildInput` from the manifest and the current snapshots, compares its
`build_key` with that of the last build, and otherwise calls `lineup` here, `tvarr.pipeline.guide`
for the programmes and `tvarr.outputs` for the files. Everything in this package is pure: the same
input gives the same frames, in this process or another.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from tvarr.pipeline import match, merge, numbering
from tvarr.spec.values import spec_hash

if TYPE_CHECKING:
    import polars as pl

    from tvarr.catalog.snapshots import Snapshot
    from tvarr.spec.proxy import GuideWindow, Proxy

REVISION_OF_THE_BUILD = 1
"""Raised whenever a step of the pipeline or a writer changes what comes out of an equal input."""

STEP = timedelta(hours=6)
"""The guide's window moves in steps, so that an unchanged input keeps its key for hours."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Window:
    """The time that a guide covers: programmes that touch [start, stop), both in UTC."""

    start: datetime
    stop: datetime


@dataclass(frozen=True)
class BuildInput:
    """All that a build of one proxy depends on, besides the address it is served from."""

    proxy: str
    spec: Proxy
    sources: tuple[Snapshot, ...]
    """In the proxy's order, which is priority."""
    guides: tuple[Snapshot, ...]
    """In the proxy's order, which is priority."""
    window: Window | None
    """None: every programme there is."""


@dataclass(frozen=True, eq=False)
class Lineup:
    """The channels of one proxy in their order, and where their programmes come from."""

    channels: pl.DataFrame
    """`schema.CHANNELS`, then `number: UInt32` and `guide_id: String` (the tvg-id written out)."""
    matches: pl.DataFrame
    """`guide_id, guide, guide_channel, priority`; see `tvarr.pipeline.match.match`."""


def window_at(now: datetime, guide: GuideWindow) -> Window:
    """Return the guide's window at `now` (aware), rounded outwards to steps of six hours in UTC."""
    floor = _EPOCH + (now - _EPOCH) // STEP * STEP
    return Window(floor - guide.past, floor + STEP + guide.future)


def build_key(build: BuildInput, base_url: str | None) -> str:
    """Return 32 hex digits that change when anything changes which the outputs depend on."""
    window = build.window if build.guides else None  # it concerns nothing but programmes
    parts = [
        REVISION_OF_THE_BUILD,
        build.proxy,
        spec_hash(build.spec),
        [[snapshot.name, snapshot.digest] for snapshot in build.sources],
        [[snapshot.name, snapshot.digest] for snapshot in build.guides],
        [window.start.isoformat(), window.stop.isoformat()] if window else None,
        base_url,
    ]
    return sha256(json.dumps(parts).encode()).hexdigest()[:32]


def lineup(build: BuildInput) -> Lineup:
    """Join the sources, number the channels and find each one's guide channels."""
    channels = merge.join_sources(build.sources)
    channels = numbering.number(channels, build.spec.numbering)
    channels = merge.with_guide_ids(channels)
    return Lineup(channels, match.match(channels, build.guides))
