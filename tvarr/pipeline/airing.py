"""What is on a channel at a moment, and why that: guides, overlaps, rules and filters.

Called by the command line and the web, for one channel and one moment at a time. Beside
`tvarr.pipeline.explain`, which tells of the channel itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from tvarr.catalog import schema
from tvarr.expression.fields import Domain, fields, to_fields
from tvarr.pipeline import guide as schedule
from tvarr.pipeline import rules
from tvarr.pipeline.build import Lineup
from tvarr.pipeline.explain import (
    KEPT,
    Made,
    final_entry,
    retell_entry,
    source_row,
    why_dropped,
)
from tvarr.pipeline.guides_told import found_for
from tvarr.pipeline.retell import retell, text_of
from tvarr.pipeline.spans import read_rows, spans_of
from tvarr.pipeline.story import Airing, FieldText, GuideAiring, ProgrammeStory, Steps, discreet
from tvarr.pipeline.streams_told import entry_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tvarr.catalog.snapshots import Snapshot
    from tvarr.pipeline.build import BuildInput

_AIRING = ("start", "stop", "title")
_MOST_ON = 5
"""Programmes of one guide that are told; more at a time are a guide gone wrong."""
_OWN = tuple(field for field in fields(Domain.PROGRAMME) if field.name.startswith("programme_"))
_NO_STEPS = Steps((), 0, (), kept=True)


@dataclass(frozen=True, eq=False)
class _Channel:
    """The channel, and what its guides are asked for."""

    name: str
    in_lineup: bool
    row: pl.DataFrame
    """One row of the lineup: the first with this tvg-id, which programme rules know."""
    matches: pl.DataFrame

    @property
    def guide_id(self) -> str:
        return str(self.row["guide_id"].item())


def programme(
    build: BuildInput,
    channel_id: str,
    lineup: pl.DataFrame,
    at: datetime,
    made: Made = KEPT,
) -> ProgrammeStory:
    """Return what is on the channel at `at` (aware), and why.

    `lineup` is that of the build, with the columns of `Lineup.channels`, `made` what it has of it
    besides. Of a channel that was merged away, its entry is told. Raises KeyError where no source
    has the channel.
    """
    channel_id = entry_of(made.candidates, channel_id)
    channel = _channel(build, channel_id, lineup, made.matches)
    shown = _on_at(_resolved(channel, build), at)
    chosen = None if shown.is_empty() else _guide_of(shown, channel, build)
    guides = tuple(_guides(channel, build, shown, chosen, at))
    row = None if shown.is_empty() else _fields(shown, channel, build)
    retold = None if row is None else retell(row, build, Domain.PROGRAMME)
    steps = _NO_STEPS if retold is None else retold.steps
    return ProgrammeStory(
        proxy=build.proxy,
        channel_id=channel_id,
        name=channel.name,
        at=at,
        in_lineup=channel.in_lineup,
        on=None if retold is None else _airing(shown, text_of(retold.row, "programme_title")),
        guides=guides,
        beginning=() if row is None else tuple(_beginning(row)),
        steps=steps,
        why=_why(channel, build, steps, guides, shown),
    )


# --- the channel -------------------------------------------------------------------------------


def _channel(
    build: BuildInput, channel_id: str, lineup: pl.DataFrame, matches: pl.DataFrame | None
) -> _Channel:
    own = lineup.filter(pl.col("channel_id") == channel_id)
    if own.is_empty():
        row = _dropped(build, channel_id)
    else:
        row = lineup.filter(pl.col("guide_id") == own["guide_id"].item(0)).head(1)
    name = (row if own.is_empty() else own)["name"].item(0)
    among = lineup if set(schema.CHANNELS) <= set(lineup.columns) else None
    known = None if matches is None or own.is_empty() else matches
    if known is None:
        known = found_for(row, build, among).matches
    known = known.filter(pl.col("guide_id") == row["guide_id"].item())
    return _Channel(discreet(name), not own.is_empty(), row, known)


def _dropped(build: BuildInput, channel_id: str) -> pl.DataFrame:
    """Return the row that a channel would have if it were in the lineup; it has no number."""
    entry = source_row(build, channel_id)
    after = retell_entry(entry, build).row
    return final_entry(entry, build).with_columns(
        name=after["channel_name"].fill_null(""),
        group_title=after["group_title"],
        number=pl.lit(None, pl.String),
    )


# --- what is on --------------------------------------------------------------------------------


def _resolved(channel: _Channel, build: BuildInput, guides: int | None = None) -> pl.DataFrame:
    """Return all programmes of the channel before rules and filters, by the first `guides`."""
    taken = build.guides[:guides]
    matches = channel.matches.filter(pl.col("priority") < len(taken))
    plain = replace(build, guides=taken, window=None, steps=())
    parts = schedule.programmes(
        Lineup(channel.row, matches), plain, [channel.guide_id], schedule.SHOWN
    )
    return pl.concat(list(parts)) if taken and matches.height else _nothing()


def _nothing() -> pl.DataFrame:
    columns = ("start", "stop", *schedule.SHOWN)
    return pl.DataFrame(schema={name: schema.PROGRAMMES[name] for name in columns})


def _on_at(programmes: pl.DataFrame, at: datetime) -> pl.DataFrame:
    """Return the one that is on; of no known end, until the next one."""
    begun = programmes.filter(pl.col("start") <= at).tail(1)
    return begun.filter((pl.col("stop") > at).fill_null(value=True))


def _guide_of(shown: pl.DataFrame, channel: _Channel, build: BuildInput) -> int:
    """Return the place of the guide that a programme comes from: the first one that brings it."""
    start = shown["start"].item()
    for count in range(1, len(build.guides)):
        if (_resolved(channel, build, count)["start"] == start).any():
            return count - 1
    return len(build.guides) - 1


def _guides(
    channel: _Channel, build: BuildInput, shown: pl.DataFrame, chosen: int | None, at: datetime
) -> Iterator[GuideAiring]:
    read = {guide.name: place for place, guide in enumerate(build.guides)}
    for name in build.spec.epg:
        if name not in read:
            yield GuideAiring(name, None, (), chosen=False, why="has not been read yet")
            continue
        place = read[name]
        known = channel.matches.filter(pl.col("priority") == place)["guide_channel"]
        if known.is_empty():
            yield GuideAiring(name, None, (), chosen=False, why="has no such channel")
            continue
        told = _programmes_of(build.guides[place], known.item(0))
        on = told.filter(pl.col("start") <= at, _until() > at).head(_MOST_ON)
        if place == chosen:
            why = _why_chosen(told, shown, first=place == 0)
        elif on.is_empty():
            why = "has nothing on then"
        else:
            why = "left out: it overlaps what a guide before it has"
        airings = tuple(_airing(row) for row in on.iter_slices(1))
        yield GuideAiring(name, discreet(known.item(0)), airings, place == chosen, why)


def _programmes_of(guide: Snapshot, guide_channel: str) -> pl.DataFrame:
    """Return when what is on, as the guide says it, sorted by start."""
    span = spans_of(guide).filter(pl.col("guide_channel") == guide_channel)
    rows = span.select(pl.int_ranges("first", pl.col("first") + pl.col("rows"))).to_series()
    return read_rows(guide, rows.explode().drop_nulls(), _AIRING)


def _until() -> pl.Expr:
    later = pl.col("start").shift(-1)
    return pl.coalesce("stop", later, pl.col("start").dt.offset_by("1d"))


def _why_chosen(told: pl.DataFrame, shown: pl.DataFrame, *, first: bool) -> str:
    start, stop = shown["start"].item(), shown["stop"].item()
    same = told.filter(pl.col("start") == start)
    words = ["chosen: the first of the list" if first else "chosen: it fills a gap"]
    if same.height > 1:
        words.append(f"the document's first of {same.height} that start then")
    said = same["stop"].item(0)
    if said is not None and stop is not None and stop < said:
        words.append("cut where the next one begins")
    if said is None and stop is not None:
        words.append("without an end of its own, so until the next one")
    return ", ".join(words)


def _airing(row: pl.DataFrame, title: str | None = None) -> Airing:
    start, stop, own = row.select(_AIRING).row(0)
    return Airing(start, stop, discreet((own or "") if title is None else title))


# --- what became of it -------------------------------------------------------------------------


def _fields(shown: pl.DataFrame, channel: _Channel, build: BuildInput) -> pl.DataFrame:
    """Return the field frame of one programme, with what it knows of its channel."""
    row = channel.row
    of_channel = rules.field_frame(row, build).collect()
    return shown.with_columns(
        channel_id=row["channel_id"],
        channel_name=row["name"],
        channel_group=row["group_title"],
        channel_number=row["number"],
        source=row["source"],
        source_type=of_channel["source_type"],
        source_url=of_channel["source_url"],
    ).select(to_fields(Domain.PROGRAMME))


def _beginning(row: pl.DataFrame) -> Iterator[FieldText]:
    for field in _OWN:
        if text := text_of(row, field.name):
            yield FieldText(field.name, discreet(text, field.name))


def _why(
    channel: _Channel,
    build: BuildInput,
    steps: Steps,
    guides: tuple[GuideAiring, ...],
    shown: pl.DataFrame,
) -> str:
    if shown.is_empty():
        why = _why_nothing(guides)
        return f"{why}; a made-up one says what it is" if _is_made_up(channel, build) else why
    if not channel.in_lineup:
        return "the channel is not in the lineup, so none of its programmes is in the guide"
    if not steps.kept:
        return why_dropped(steps)
    if "xmltv" not in build.spec.outputs:
        return "the proxy publishes no guide"
    if not _is_inside(shown, build):
        return "it is outside of the time that the guide covers"
    return "it is in the guide"


def _is_made_up(channel: _Channel, build: BuildInput) -> bool:
    """Whether the channel's programmes are those of `tvarr.pipeline.dummy`."""
    if build.spec.guide.fill != "dummy" or not channel.in_lineup:
        return False
    return schedule.inside(_resolved(channel, build), build.window).is_empty()


def _why_nothing(guides: tuple[GuideAiring, ...]) -> str:
    if not guides:
        return "the proxy has no guides"
    if all(guide.guide_channel is None for guide in guides):
        return "no guide knows the channel"
    return "no guide has anything on then"


def _is_inside(shown: pl.DataFrame, build: BuildInput) -> bool:
    if build.window is None:
        return True
    start, stop = shown["start"].item(), shown["stop"].item() or shown["start"].item()
    return bool(start < build.window.stop and stop >= build.window.start)
