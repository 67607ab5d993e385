"""A proxy's rules and filters, over its channels and over its guide.

Called by `tvarr.pipeline.build.lineup` for the channels and by `tvarr.pipeline.guide` for each part
of the programmes, only where there is a step for them. All steps of a domain run as one plan of
`tvarr.expression.plan`; what comes back into the catalog's columns is what a rule has changed, on
the rows where it has, and everything else stays as the provider said it. How a programme's XML
follows is left to `tvarr.pipeline.patch`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

import polars as pl

from tvarr.catalog import schema
from tvarr.expression import plan
from tvarr.expression.fields import Domain, Field, fields, to_column, to_fields
from tvarr.expression.language import Verb
from tvarr.expression.values import Copy, Now
from tvarr.pipeline import chno, quality
from tvarr.state.conditions import StepCount

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tvarr.expression.language import Branch
    from tvarr.expression.sentence import Sentence
    from tvarr.expression.values import Value
    from tvarr.pipeline.build import BuildInput, Lineup
    from tvarr.spec.sentences import Origin, Step

_KEPT = "kept"
_CHANNEL = {
    "channel_id": "channel_id",
    "channel_name": "name",
    "channel_group": "group_title",
    "channel_number": "number",
    "source": "source",
}
"""What a programme's sentences may know of its channel, and where the lineup has it."""

_NEVER_NULL = ("name", "stream_url")
_WRITABLE_IN_AN_ADDRESS = r"[^\s\p{Cc}#]"
"""What a playlist has left of an address that is more than blanks, controls and number signs."""
_TELLING = {
    "is_adult": (
        sorted(schema.ADULT_ATTRIBUTES),
        "is-adult",
        pl.col("is_adult").cast(pl.UInt8),
    ),
    "stream_type": (["tvg-type"], "tvg-type", pl.col("stream_type")),
}
"""Columns that a playlist tells by an attribute only: the names it may have, that which is written
where the provider used none, and the value. They have no specification: `is-adult="1"` is Xtream's
`is_adult`, and `tvg-type="movie"` is what playlists with films say."""


@dataclass(frozen=True, eq=False)
class Ruled:
    """What rules and filters leave."""

    frame: pl.DataFrame
    counts: tuple[StepCount, ...]
    """One for each step, in order."""


@dataclass(frozen=True, eq=False)
class RuledChannels(Ruled):
    """Channels after rules and filters."""

    numbers: pl.Series
    """For each row the number that a rule has given it (7 or 5.1), null where none has."""
    new_logos: pl.Series
    """`channel_id` of those whose logo a rule has put in the place of the provider's."""
    without_address: int
    """Channels that the filters keep, and that a rule has left without an address."""


# --- channels ----------------------------------------------------------------------------------


def channels(frame: pl.DataFrame, build: BuildInput) -> RuledChannels:
    """Run the channel steps over `schema.CHANNELS`; the order of the rows stays.

    A channel that a rule has left without an address is taken out: nothing can play it.
    """
    work = _work(build, Domain.CHANNEL)
    outcome = _run(field_frame(frame, build), work, build)
    ruled = _tell(_written_back(frame, outcome, work.written), outcome, work.written)
    kept = ruled.with_columns(
        pl.col(_NEVER_NULL).fill_null(""),
        _numbers(outcome, work),
        new_logo=_new_logos(frame, outcome, work),
    ).filter(outcome[_KEPT])
    rows = kept.filter(_is_addressed(work.written))
    return RuledChannels(
        rows.drop("number", "new_logo"),
        work.counted(outcome),
        rows["number"],
        rows.filter("new_logo")["channel_id"],
        kept.height - rows.height,
    )


def field_frame(frame: pl.DataFrame, build: BuildInput) -> pl.LazyFrame:
    """Return the channel fields of `schema.CHANNELS`, row by row.

    What names say of quality is taken from the frame if it is there, and else read from them, as
    they came; only if something asks for it.
    """
    return fields_of_channels(frame.lazy(), build.origins)


def fields_of_channels(channels: pl.LazyFrame, origins: Collection[Origin]) -> pl.LazyFrame:
    """Return the channel fields of a frame that has the columns of `schema.CHANNELS` at least."""
    known = channels.collect_schema().names()
    said = [] if set(quality.COLUMNS) <= set(known) else quality.columns()
    return channels.with_columns(*origin_columns(origins), *said).select(to_fields(Domain.CHANNEL))


def _is_addressed(written: Collection[Field]) -> pl.Expr:
    if all(field.column != "stream_url" for field in written):
        return pl.lit(value=True)
    return pl.col("stream_url").str.contains(_WRITABLE_IN_AN_ADDRESS)


def _new_logos(frame: pl.DataFrame, outcome: pl.DataFrame, work: _Work) -> pl.Series:
    """Return where the provider had a logo and a rule has set another one."""
    had_one = frame["tvg_logo"].fill_null("").str.strip_chars() != ""
    if all(field.column != "tvg_logo" for field in work.written):
        return had_one & False
    return had_one & outcome[_differs("tvg_logo")]


def origin_columns(origins: Collection[Origin]) -> list[pl.Expr]:
    """Return `source_type` and `source_url` by the column `source`."""
    types = {origin.name: origin.type for origin in origins}
    urls = {origin.name: origin.url for origin in origins}
    return [_by_source(types).alias("source_type"), _by_source(urls).alias("source_url")]


def _by_source(texts: dict[str, str]) -> pl.Expr:
    return pl.col("source").replace_strict(texts, default=None, return_dtype=pl.String)


def _numbers(outcome: pl.DataFrame, work: _Work) -> pl.Series:
    """Return the numbers from 1 that rules have set, also where it was the provider's own."""
    nothing = pl.repeat(None, outcome.height, dtype=pl.String, eager=True).alias("number")
    if all(field.column != "channel_number" for field in work.written):
        return nothing
    given = [pl.col(_differs("channel_number"))]
    for index, sentence in enumerate(work.sentences):
        if sentence.actions and all(map(_numbers_every_row, sentence.branches)):
            given.append(pl.col(plan.matched(index)))
    number = chno.keys(outcome["channel_number"])
    chosen = pl.when(reduce(or_, given)).then(chno.texts(number))
    return outcome.select(chosen.alias("number")).to_series()


def _numbers_every_row(branch: Branch) -> bool:
    """Whether a branch says of each row that it applies to which number it has."""
    return any(
        action.field.column == "channel_number" and action.verb is not Verb.SET_IF_EMPTY
        for action in branch.actions
    )


def _tell(frame: pl.DataFrame, outcome: pl.DataFrame, written: Collection[Field]) -> pl.DataFrame:
    """Have the attributes agree with what rules have changed, and with nothing else."""
    told = [column for column in _TELLING if any(field.column == column for field in written)]
    for column in told:
        names, name, value = _TELLING[column]
        named = pl.element().struct.field("name").str.to_lowercase().is_in(names)
        others = pl.col("attributes").list.eval(pl.element().filter(~named))
        own = pl.col("attributes").list.eval(pl.element().struct.field("name").filter(named))
        telling = pl.struct(
            name=own.list.first().fill_null(pl.lit(name)), value=value.cast(pl.String)
        )
        said = pl.when(value.is_null()).then(others).otherwise(pl.concat_list(others, telling))
        differs = outcome[_differs(column)]
        frame = frame.with_columns(
            attributes=pl.when(differs).then(said).otherwise(pl.col("attributes"))
        )
    return frame


# --- programmes --------------------------------------------------------------------------------


def programmes(part: pl.DataFrame, lineup: Lineup, build: BuildInput) -> Ruled:
    """Run the programme steps over a part of the guide.

    `part` has `guide_id` and the columns of `needed`; where it has `inner`, that is made to say
    what the rules have set. A programme's channel is the lineup's first one with its `guide_id`.
    """
    work = _work(build, Domain.PROGRAMME)
    joined = part.lazy().join(
        _channels_of(part, lineup, build), on="guide_id", how="left", maintain_order="left"
    )
    exprs = zip(fields(Domain.PROGRAMME), to_fields(Domain.PROGRAMME), strict=True)
    outcome = _run(
        joined.select([expr for field, expr in exprs if field in work.fields]), work, build
    )
    ruled = _written_back(part, outcome, work.written)
    if "inner" in part.columns and work.written:
        ruled = _patched(part, ruled, outcome, work.written)
    return Ruled(ruled.filter(outcome[_KEPT]), work.counted(outcome))


def needed(build: BuildInput) -> tuple[str, ...]:
    """Return the columns of `schema.PROGRAMMES` that the programme steps read or write."""
    columns = {field.column for field in _work(build, Domain.PROGRAMME).fields}
    times = ("start", "stop")
    return tuple(name for name in schema.PROGRAMMES if name in columns and name not in times)


def _channels_of(part: pl.DataFrame, lineup: Lineup, build: BuildInput) -> pl.LazyFrame:
    """Return `guide_id` and what sentences may know of its channel."""
    first = lineup.channels.filter(
        pl.col("guide_id").is_in(part["guide_id"].unique().implode())
    ).unique("guide_id", keep="first", maintain_order=True)
    told = [pl.col(column).alias(name) for name, column in _CHANNEL.items()]
    return first.lazy().select("guide_id", *told).with_columns(origin_columns(build.origins))


def _patched(
    part: pl.DataFrame, ruled: pl.DataFrame, outcome: pl.DataFrame, written: Collection[Field]
) -> pl.DataFrame:
    """Have the XML of the rows that a rule has changed say what the columns say."""
    from tvarr.pipeline import patch

    columns = [field.column for field in written]
    differs = outcome.select(pl.any_horizontal(map(_differs, columns))).to_series()
    rows = (differs & outcome[_KEPT]).arg_true()
    if rows.is_empty():
        return ruled
    old = part[rows].select(pl.col(columns).name.prefix("old."))
    inner = patch.patched(ruled[rows].select("inner", *columns).hstack(old), columns)
    return ruled.with_columns(ruled["inner"].clone().scatter(rows, inner))


# --- one plan ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Work:
    """The steps of one domain, and their sentences."""

    steps: tuple[Step, ...]
    sentences: tuple[Sentence, ...]

    @property
    def fields(self) -> frozenset[Field]:
        """All fields that are read or written."""
        return frozenset(field for sentence in self.sentences for field in _fields(sentence))

    @property
    def written(self) -> tuple[Field, ...]:
        """The fields that a rule may change, each once."""
        written = [action.field for sentence in self.sentences for action in sentence.actions]
        return tuple(dict.fromkeys(written))

    @property
    def kept(self) -> pl.Expr:
        """Which rows the filters keep."""
        return plan.selected(
            (step.verdict, pl.col(plan.matched(index)))
            for index, step in enumerate(self.steps)
            if step.verdict != "rule"
        )

    def counted(self, outcome: pl.DataFrame) -> tuple[StepCount, ...]:
        """Return how many rows each step was about."""
        return tuple(
            _count(step).model_copy(
                update={
                    "matched": outcome[plan.matched(index)].sum(),
                    "changed": outcome[plan.changed(index)].sum(),
                }
            )
            for index, step in enumerate(self.steps)
        )


def uncounted(build: BuildInput, domain: Domain) -> tuple[StepCount, ...]:
    """Return the counts of a domain's steps before any row."""
    return tuple(_count(step) for step in build.steps if step.domain is domain)


def reads_now(build: BuildInput) -> bool:
    """Whether any sentence asks for the time of the build."""
    return any(
        isinstance(part, Now)
        for domain in Domain
        for sentence in _work(build, domain).sentences
        for value in _values(sentence)
        for part in value.parts
    )


def _count(step: Step) -> StepCount:
    return StepCount(name=step.name, verdict=step.verdict, domain=step.domain)


def _work(build: BuildInput, domain: Domain) -> _Work:
    names = [name for name, _ in build.logos]
    steps = tuple(step for step in build.steps if step.domain is domain)
    return _Work(steps, tuple(step.sentence(names) for step in steps))


def _run(frame: pl.LazyFrame, work: _Work, build: BuildInput) -> pl.DataFrame:
    """Run all steps over a field frame, at once.

    Returns the written columns of the catalog, `differs.COLUMN` for each, the columns that count,
    and `kept`.
    """
    names = [field.name for field in work.written]
    before = [pl.col(name).alias(f"was.{name}") for name in names]
    after = plan.apply(
        frame.with_columns(before),
        work.sentences,
        build.now,  # type: ignore[arg-type]  # None only where no sentence asks
        dict(build.logos),
    )
    differs = [
        (pl.col(field.name).fill_null("") != pl.col(f"was.{field.name}").fill_null("")).alias(
            _differs(field.column)
        )
        for field in work.written
    ]
    counting = [f(index) for index in range(len(work.steps)) for f in (plan.matched, plan.changed)]
    return after.select(
        *map(to_column, work.written), *differs, *counting, work.kept.alias(_KEPT)
    ).collect()


def _differs(column: str) -> str:
    return f"differs.{column}"


def _written_back(
    frame: pl.DataFrame, outcome: pl.DataFrame, written: Collection[Field]
) -> pl.DataFrame:
    """Return the frame with what rules have changed, where they have."""
    columns = [field.column for field in written]
    return frame.with_columns(
        outcome[column].zip_with(outcome[_differs(column)], frame[column]) for column in columns
    )


# --- what a sentence speaks of -----------------------------------------------------------------


def _fields(sentence: Sentence) -> Iterator[Field]:
    yield from (action.field for action in sentence.actions)
    yield from (comparison.field for comparison in sentence.comparisons)
    for value in _values(sentence):
        yield from (part.field for part in value.parts if isinstance(part, Copy))


def _values(sentence: Sentence) -> Iterator[Value]:
    yield from (action.value for action in sentence.actions)
    yield from (comparison.value for comparison in sentence.comparisons)
