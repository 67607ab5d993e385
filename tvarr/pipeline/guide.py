"""The programmes of a lineup, part by part: overlaps resolved, gaps filled, cut to the window.

Called by `tvarr.outputs.publish` for the whole guide and by the web for one channel. Which rows
stay and when they end is decided on their times alone, which are small; only then is the text of
the rows that stay read. So a part is bounded, however many programmes a guide or one of its
channels has. Writing is left to `tvarr.outputs.xmltv`.

Within one guide, of two programmes that start together the document's first stays; one that runs
into the next is cut there; one without an end lasts until the next. Across guides, in the order
of the proxy's list, a later guide fills gaps with whole programmes and nothing else. Then rules and
filters for programmes run over each part, so that they see what would be served.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from tvarr.pipeline.spans import read_rows, spans_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from tvarr.catalog.snapshots import Snapshot
    from tvarr.pipeline.build import BuildInput, Lineup, Window
    from tvarr.state.conditions import StepCount

PART = 25_000
"""Rows of a part at most; about 17 MB of text. Twice as many took longer and 50 MB more."""
_BATCH = 20_000
"""Rows after which channels wait for the next batch; the last one may run over. A row group's."""

WRITTEN = ("extra", "inner")
"""What the XMLTV writer needs besides the times."""
SHOWN = (
    "title",
    "subtitle",
    "description",
    "categories",
    "episode",
    "season",
    "icon",
    "rating",
    "language",
)
"""What a person is shown."""


_RUNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "guide_id": pl.String,
    "priority": pl.UInt32,
    "first": pl.UInt32,
    "rows": pl.UInt32,
}


@dataclass(frozen=True)
class GuideReport:
    """What became of the guides' programmes; sums over parts by `+`."""

    programmes: int = 0
    """Rows in the parts."""
    duplicates: int = 0
    """Left out: another programme of the same guide starts at the same time."""
    trimmed: int = 0
    """Ended earlier, where the next one begins."""
    dropped: int = 0
    """Left out: an earlier guide has something on then."""
    dummies: int = 0
    """Made up for channels without any; these are not among `programmes`."""

    def __add__(self, other: GuideReport) -> GuideReport:
        return GuideReport(
            self.programmes + other.programmes,
            self.duplicates + other.duplicates,
            self.trimmed + other.trimmed,
            self.dropped + other.dropped,
            self.dummies + other.dummies,
        )


@dataclass(frozen=True, eq=False)
class Part:
    """Some channels' programmes and what was done to get them."""

    frame: pl.DataFrame
    """`guide_id, start, stop` (null: unknown) and the columns asked for."""
    report: GuideReport
    steps: tuple[StepCount, ...] = ()
    """What the rules and filters for programmes came to in this part."""
    dummy: bool = False
    """Whether these are made up, see `tvarr.pipeline.dummy`."""
    by_guide: Mapping[str, int] = field(default_factory=dict)
    """How many of the frame's programmes are from which guide."""


def programmes(
    lineup: Lineup,
    build: BuildInput,
    guide_ids: Collection[str] | None = None,
    columns: Sequence[str] = WRITTEN,
) -> Iterator[pl.DataFrame]:
    """Yield the frames of `parts`."""
    for part in parts(lineup, build, guide_ids, columns):
        yield part.frame


def parts(
    lineup: Lineup,
    build: BuildInput,
    guide_ids: Collection[str] | None = None,
    columns: Sequence[str] = WRITTEN,
) -> Iterator[Part]:
    """Yield the programmes of the lineup (or of `guide_ids` only), at most `PART` rows at a time.

    Rows are sorted by start within a channel, a channel's rows follow each other (over the border
    of two parts too), and none overlap. `columns` are any text of `schema.PROGRAMMES`. A part can
    be empty.
    """
    read = _read_for(build, columns)
    with_programmes: set[str] = set()
    for batch in _batches(_runs(lineup, build, guide_ids)):
        schedule, report = _schedule(batch, build.guides)
        for piece in _pieces(inside(schedule, build.window)):
            part = _named(_with_text(piece, build.guides, read), batch)
            if build.spec.guide.fill == "dummy":
                with_programmes.update(part["guide_id"].unique())
            ruled, steps = _ruled(part, lineup, build)
            frame = ruled.select("guide_id", "start", "stop", *columns)
            told = report + GuideReport(programmes=frame.height)
            yield Part(frame, told, steps, by_guide=_by_guide(ruled, build.guides))
            report = GuideReport()
    yield from _dummies(lineup, build, with_programmes, guide_ids, columns)


def _dummies(
    lineup: Lineup,
    build: BuildInput,
    done: Collection[str],
    guide_ids: Collection[str] | None,
    columns: Sequence[str],
) -> Iterator[Part]:
    """Yield what is made up for channels of which no guide has anything in the window."""
    if build.spec.guide.fill != "dummy" or build.window is None:
        return
    from tvarr.pipeline import dummy

    channels = lineup.channels.select("guide_id", "name")
    if guide_ids is not None:
        channels = channels.filter(pl.col("guide_id").is_in(list(guide_ids)))
    for frame in dummy.frames(channels, done, build.spec.guide.dummy, build.window, PART):
        made = frame.select("guide_id", "start", "stop", *columns)
        yield Part(made, GuideReport(dummies=made.height), dummy=True)


def _read_for(build: BuildInput, columns: Sequence[str]) -> Sequence[str]:
    """Return `columns` and those that the steps for programmes need."""
    if not build.has_steps("programme"):
        return columns
    from tvarr.pipeline import rules

    return list(dict.fromkeys([*columns, *rules.needed(build)]))


def _ruled(
    part: pl.DataFrame, lineup: Lineup, build: BuildInput
) -> tuple[pl.DataFrame, tuple[StepCount, ...]]:
    if not build.has_steps("programme"):
        return part, ()
    from tvarr.pipeline import rules

    ruled = rules.programmes(part, lineup, build)
    return ruled.frame, ruled.counts


def _runs(lineup: Lineup, build: BuildInput, guide_ids: Collection[str] | None) -> pl.DataFrame:
    """Return `guide_id, priority, first, rows`: where each guide has each channel's programmes.

    In the order of the first guide that has something, so that its file is read front to back.
    """
    matches = lineup.matches
    if guide_ids is not None:
        matches = matches.filter(pl.col("guide_id").is_in(list(guide_ids)))
    found = [
        matches.filter(pl.col("priority") == priority).join(spans_of(guide), on="guide_channel")
        for priority, guide in enumerate(build.guides)
    ]
    if not found:
        return pl.DataFrame(schema=_RUNS)
    return pl.concat(found).select(_RUNS.keys()).sort("priority", "first", "guide_id")


def _batches(runs: pl.DataFrame) -> list[pl.DataFrame]:
    """Cut between channels after about `_BATCH` rows; adds `channel`, its place in the guide."""
    channels = (
        runs.group_by("guide_id", maintain_order=True)
        .agg(pl.col("rows").sum().alias("total"))
        .with_row_index("channel")
        .select("guide_id", "channel", batch=_rows_before("total") // _BATCH)
    )
    return runs.join(channels, on="guide_id", maintain_order="left").partition_by(
        "batch", maintain_order=True
    )


def _rows_before(rows: str) -> pl.Expr:
    return pl.col(rows).cum_sum() - pl.col(rows)


def _schedule(batch: pl.DataFrame, guides: Sequence[Snapshot]) -> tuple[pl.DataFrame, GuideReport]:
    """Decide what is on when: `channel, priority, row, start, stop`, no text yet."""
    first, *later = batch.partition_by("priority", maintain_order=True)
    schedule, report = _tidy(_times(first, guides))
    for runs in later:
        fillers, seen = _tidy(_times(runs, guides))
        schedule, dropped = _fill_gaps(schedule, fillers)
        report += seen + GuideReport(dropped=dropped)
    return schedule, report


def _times(runs: pl.DataFrame, guides: Sequence[Snapshot]) -> pl.DataFrame:
    """Read when the programmes of one guide start and stop, channel by channel."""
    guide = guides[runs["priority"][0]]
    end = pl.col("first") + pl.col("rows")
    rows = (
        runs.sort("channel")
        .select("channel", "priority", row=pl.int_ranges("first", end, dtype=pl.UInt32))
        .explode("row")
    )
    return rows.hstack(read_rows(guide, rows["row"], ["start", "stop"]))


def _tidy(times: pl.DataFrame) -> tuple[pl.DataFrame, GuideReport]:
    """Make one guide's programmes follow each other: equal starts once, ends where the next begins.

    The rows come sorted, so each is only compared with its neighbour.
    """
    begins_again = (pl.col("channel") == pl.col("channel").shift()) & (
        pl.col("start") == pl.col("start").shift()
    )
    once = times.filter(~begins_again.fill_null(value=False))
    trimmed = once.select((pl.col("stop") > _next_start()).sum()).item()
    tidy = once.with_columns(stop=pl.min_horizontal("stop", _next_start()))
    return tidy, GuideReport(duplicates=times.height - once.height, trimmed=trimmed)


def _next_start() -> pl.Expr:
    """When the next programme of the same channel starts; null for the last."""
    same = pl.col("channel") == pl.col("channel").shift(-1)
    return pl.when(same).then(pl.col("start").shift(-1))


def _fill_gaps(schedule: pl.DataFrame, fillers: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Add those fillers that overlap nothing; return the new schedule and how many did not fit.

    A programme without an end stands for its first moment only, so that a guide which ends today
    does not keep out another one's tomorrow.
    """
    both = pl.concat([schedule.with_columns(there=True), fillers.with_columns(there=False)]).sort(
        "channel", "start", "priority"
    )
    there, start, stop = pl.col("there"), pl.col("start"), pl.coalesce("stop", "start")
    before = pl.when(there).then(start).forward_fill().over("channel")
    busy_until = pl.when(there).then(stop).forward_fill().over("channel")
    after = pl.when(there).then(start).backward_fill().over("channel")
    overlaps = (before == start) | (busy_until > start) | (after < stop)
    filled = both.filter(there | ~overlaps.fill_null(value=False)).drop("there")
    return (
        filled.with_columns(pl.col("stop").fill_null(_next_start())),
        both.height - filled.height,
    )


def inside(schedule: pl.DataFrame, window: Window | None) -> pl.DataFrame:
    """Keep what is on within the window, from beginning to end; `start` and `stop` are needed."""
    if window is None or schedule.is_empty():
        return schedule
    ends_later = (pl.col("stop") > window.start) | (
        pl.col("stop").is_null() & (pl.col("start") >= window.start)
    )
    return schedule.filter((pl.col("start") < window.stop) & ends_later)


def _pieces(schedule: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """At least one, though it be empty, since it carries the report."""
    for first in range(0, max(schedule.height, 1), PART):
        yield schedule.slice(first, PART)


def _with_text(
    piece: pl.DataFrame, guides: Sequence[Snapshot], columns: Sequence[str]
) -> pl.DataFrame:
    """Read `columns` of the rows that stayed."""
    placed = piece.with_row_index("place")
    frames = [
        rows.hstack(read_rows(guide, rows["row"], columns))
        for priority, guide in enumerate(guides)
        if (rows := placed.filter(pl.col("priority") == priority)).height or priority == 0
    ]
    return frames[0] if len(frames) == 1 else pl.concat(frames).sort("place")


def _named(frame: pl.DataFrame, batch: pl.DataFrame) -> pl.DataFrame:
    """Put the guide_id in front, and leave out what only the resolving needed but the guide."""
    names = batch.select("channel", "guide_id").unique()
    named = frame.join(names, on="channel", how="left", maintain_order="left")
    return named.select("guide_id", pl.exclude("guide_id", "place", "channel", "row"))


def _by_guide(frame: pl.DataFrame, guides: Sequence[Snapshot]) -> dict[str, int]:
    counts = dict(frame["priority"].value_counts().iter_rows())
    return {guides[place].name: counts[place] for place in sorted(counts)}
