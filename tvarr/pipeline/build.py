"""One proxy's build: what goes in, what it is called, and the lineup that comes out.

The controller makes a `BuildInput` from the manifest and the current snapshots, compares its
`build_key` with that of the last build, and otherwise calls `lineup` here, `tvarr.pipeline.guide`
for the programmes and `tvarr.outputs` for the files. Everything in this package is pure: the same
input gives the same frames, in this process or another.
"""

from __future__ import annotations

import json
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import polars as pl

from tvarr.catalog.ledger import empty
from tvarr.pipeline import ledger, marks, match, merge, numbering, order, pins, quality
from tvarr.spec.values import spec_hash

if TYPE_CHECKING:
    from tvarr.catalog.ledger import Ledger
    from tvarr.catalog.logos import Links
    from tvarr.catalog.snapshots import Snapshot
    from tvarr.pipeline.rules import RuledChannels
    from tvarr.spec.proxy import GuideWindow, Proxy
    from tvarr.spec.sentences import Origin, Step
    from tvarr.state.conditions import StepCount

REVISION_OF_THE_BUILD = 3
"""Raised whenever a step of the pipeline or a writer changes what comes out of an equal input."""

STEP = timedelta(hours=6)
"""The guide's window moves in steps, so that an unchanged input keeps its key for hours."""

HOUR = timedelta(hours=1)
"""Where a sentence asks for the time of the build, that is looked at anew each hour."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Window:
    """The time that a guide covers: programmes that touch [start, stop), both in UTC."""

    start: datetime
    stop: datetime


@dataclass(frozen=True)
class AccountNow:
    """What is known of the account of one source."""

    source: str
    healthy: bool = True
    """Whether the provider takes it now."""
    slots: int | None = None
    """Streams that may run at once, as declared or else as it allows; None: no limit is known."""


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
    accounts: tuple[AccountNow, ...] = ()
    """Of the sources that were ever tried, by name; only where duplicates are merged."""
    steps: tuple[Step, ...] = ()
    """The rules, then the filters, for channels and programmes."""
    logos: tuple[tuple[str, str], ...] = ()
    """Name and address of each that a sentence may speak of."""
    origins: tuple[Origin, ...] = ()
    """What sentences may know of the sources."""
    links: Links | None = None
    """Which pictures its channels have, where it has them from tvarr and some are there."""
    ledger: Ledger | None = None
    """Which numbers its channels had before; None: it was never built."""
    now: datetime | None = None
    """When it is built (aware); None only if no sentence asks for it."""

    def has_steps(self, domain: str) -> bool:
        """Whether there is a rule or a filter for `channel` or `programme`."""
        return any(step.domain == domain for step in self.steps)


@dataclass(frozen=True, eq=False)
class Lineup:
    """The channels of one proxy in their order, and where their programmes come from."""

    channels: pl.DataFrame
    """`schema.CHANNELS`, `tvarr.pipeline.quality.COLUMNS`, then `number` (7 or 5.1), `numbered`
    (`tvarr.pipeline.numbering.How`) and `guide_id` (the tvg-id written out), all of them text."""
    matches: pl.DataFrame
    """`tvarr.pipeline.match.MATCHES`: which guide channels, why, and how certain that is."""
    steps: tuple[StepCount, ...] = ()
    """What the rules and filters for channels came to."""
    new_logos: pl.Series | None = None
    """`channel_id` of those whose logo a rule has put in the place of the provider's."""
    without_address: int = 0
    """Channels left out since a rule has taken their address away."""
    candidates: pl.DataFrame | None = None
    """`schema.CANDIDATES`: the streams of each entry; None where duplicates are kept."""
    merged: int = 0
    """Channels that are streams of an entry and no entry of their own."""
    hidden: int = 0
    """Channels left out with the groups that the YAML hides."""
    near: pl.DataFrame | None = None
    """`tvarr.pipeline.match.NEAR`: guide channels that were not certain enough."""
    unused_pins: tuple[str, ...] = ()
    """Pins of the YAML that no channel is meant by, or to what no guide has."""
    numbers: Numbers | None = None
    """How its numbers came about; None where a lineup is not being built."""


@dataclass(frozen=True, eq=False)
class Numbers:
    """What the numbers of a lineup came to."""

    ledger: pl.DataFrame
    """`tvarr.catalog.ledger.LEDGER`, for the next build."""
    carried: pl.DataFrame
    """`tvarr.pipeline.identity.CARRIED`: channels that go on under another id; and `name` and
    `number`, null where they are in no lineup."""
    moves: pl.DataFrame
    """`tvarr.pipeline.ledger.MOVES`: channels that have another number than before."""
    conflicts: pl.DataFrame
    """`tvarr.pipeline.numbering.CONFLICTS`."""


def hour_at(now: datetime) -> datetime:
    """Return the beginning of the hour that `now` (aware) is in, in UTC."""
    return _EPOCH + (now - _EPOCH) // HOUR * HOUR


def window_at(now: datetime, guide: GuideWindow) -> Window:
    """Return the guide's window at `now` (aware), rounded outwards to steps of six hours in UTC."""
    floor = _EPOCH + (now - _EPOCH) // STEP * STEP
    return Window(floor - guide.past, floor + STEP + guide.future)


def build_key(build: BuildInput, base_url: str | None) -> str:
    """Return 32 hex digits that change when anything changes which the outputs depend on."""
    concerned = build.guides or build.spec.guide.fill == "dummy"
    window = build.window if concerned else None  # it concerns nothing but programmes
    parts = [
        REVISION_OF_THE_BUILD,
        build.proxy,
        spec_hash(build.spec),
        [[snapshot.name, snapshot.digest] for snapshot in build.sources],
        [[snapshot.name, snapshot.digest] for snapshot in build.guides],
        [window.start.isoformat(), window.stop.isoformat()] if window else None,
        base_url,
    ]
    if build.steps:
        parts.append(_key_of_the_steps(build))
    if build.accounts:
        parts.append({"accounts": [astuple(account) for account in build.accounts]})
    if build.links is not None:
        parts.append({"links": build.links.digest})
    if build.ledger is not None:
        parts.append({"ledger": build.ledger.digest})
    return sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _key_of_the_steps(build: BuildInput) -> list[object]:
    from tvarr.pipeline import rules

    hour = hour_at(build.now) if build.now and rules.reads_now(build) else None
    return [
        [astuple(step) for step in build.steps],
        build.logos,
        [astuple(origin) for origin in build.origins],
        hour and hour.isoformat(),
    ]


def lineup(build: BuildInput) -> Lineup:
    """Join the sources, run rules and filters, find guide channels, merge, number the channels."""
    given = merge.join_sources(build.sources)
    channels = quality.with_facts(given)
    ruled: RuledChannels | None = None
    if build.has_steps("channel"):
        from tvarr.pipeline import rules

        ruled = rules.channels(channels, build)
        channels = ruled.frame
    asked = order.with_asked(channels, ruled.numbers if ruled else None)
    shown = order.regroup(asked, build.spec.groups)
    listed = merge.with_guide_ids(order.arrange(shown, build.spec, order.ASKED))
    pinned = build.spec.matching.pins
    are_read = len(build.guides) == len(build.spec.epg)
    listed = pins.set_apart(listed, pins.of_use(pinned, build.guides) if are_read else pinned)
    found = match.search(listed, build.guides, build.spec.matching)
    made = numbered(listed, found, known_before(build, given), build)
    made = replace(
        made,
        unused_pins=(
            *pins.unused_pins(listed, pinned, found.matches),
            *numbering.unused_pins(made.channels, build.spec.numbering.pinned),
        ),
        hidden=asked.height - shown.height,
    )
    if ruled is None:
        return made
    return replace(
        made,
        steps=ruled.counts,
        new_logos=ruled.new_logos,
        without_address=ruled.without_address,
    )


def known_before(build: BuildInput, given: pl.DataFrame) -> ledger.Known:
    """Return what the ledger says of the channels that the sources have."""
    rows = empty() if build.ledger is None else build.ledger.read()
    unread = set(build.spec.sources) - {source.name for source in build.sources}
    return ledger.known(rows, given, build.spec.numbering, unread)


def numbered(
    rows: pl.DataFrame, found: match.Matched, known: ledger.Known, build: BuildInput
) -> Lineup:
    """Return the lineup that rows come to: entries with numbers, candidates, a ledger.

    The rows are in their order, with their `guide_id`s and what `order.with_asked` adds; `known` is
    what `known_before` returns.
    """
    spec, listed, members, candidates = build.spec, rows, None, None
    if spec.duplicates == "merge":
        from tvarr.pipeline import entries

        made = entries.merged(rows, found, known.rows, build)
        members, candidates, found = made.members, made.candidates, made.matched
        known = ledger.gone_on(known, made.carried, made.channels)
        listed = order.arrange(made.channels, spec, order.ASKED)
    given = numbering.number(
        listed.drop(order.ASKED, order.CHOSEN).drop(marks.PARTED, strict=False),
        spec.numbering,
        listed[order.CHOSEN],
        known.kept,
        spec.groups,
        members,
    )
    arranged = order.arrange(given.channels, spec, "number")
    channels = order.entitled(arranged, spec.groups)
    return Lineup(
        channels.select(pl.exclude("guide_id"), "guide_id"),
        order.follow(found.matches, channels, "guide_id"),
        near=order.follow(found.near, channels, "guide_id"),
        numbers=_numbers(known, given, members, build),
        candidates=_follow(candidates, channels),
        merged=rows.height - channels.height,
    )


def _follow(candidates: pl.DataFrame | None, channels: pl.DataFrame) -> pl.DataFrame | None:
    return None if candidates is None else order.follow(candidates, channels, "channel_id")


def _numbers(
    known: ledger.Known,
    numbered: numbering.Numbered,
    members: pl.DataFrame | None,
    build: BuildInput,
) -> Numbers:
    """Return what the numbers come to."""
    return Numbers(
        ledger.following(known, numbered, build.now, members),
        known.carried.join(
            numbered.channels.select("channel_id", "name", "number"),
            on="channel_id",
            how="left",
            maintain_order="left",
        ),
        ledger.moves(known, numbered),
        numbered.conflicts,
    )
