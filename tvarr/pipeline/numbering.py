"""Channel numbers: pinned, given by rules, kept, the provider's own, by groups, in sequence.

Called by `tvarr.pipeline.build.lineup` when the lineup's order is settled. Whoever comes first in
the list above has a number, and nobody else then: two channels never have the same. What was given
before comes from `tvarr.pipeline.ledger`, which also writes down what is given here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import polars as pl

from tvarr.expression.fold import fold
from tvarr.pipeline import chno
from tvarr.pipeline.chno import PITCH
from tvarr.pipeline.order import group_keys, titles_in_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tvarr.spec.lineup import Group, Numbering


class How(StrEnum):
    """Where a channel's number comes from."""

    PINNED = "pinned"
    RULE = "rule"
    PROVIDER = "provider"
    """The provider's own."""
    MOVED_UP = "moved up"
    """The next free one, since another channel has the provider's own."""
    GROUP = "group"
    SEQUENCE = "sequence"


KEPT: dict[str, pl.DataType | type[pl.DataType]] = {
    "channel_id": pl.String,
    "number": pl.String,
    "how": pl.String,
    "wanted": pl.String,
    "is_absent": pl.Boolean,
}
"""Numbers that channels have had, those of the ledger."""

CONFLICTS: dict[str, pl.DataType | type[pl.DataType]] = {
    "channel_id": pl.String,
    "name": pl.String,
    "wanted": pl.String,
    "number": pl.String,
    "holder": pl.String,  # name of the channel that has it; null: it is kept for one not there
}
"""Channels that do not have the number that a rule or the provider says."""


@dataclass(frozen=True, eq=False)
class Numbered:
    """A lineup with its numbers."""

    channels: pl.DataFrame
    """With `number` (7 or 5.1, each once) and `numbered` (`How`)."""
    wanted: pl.Series
    """For each row what its number was given for: the pin, the provider's number, the group."""
    conflicts: pl.DataFrame


def number(
    channels: pl.DataFrame,
    numbering: Numbering,
    chosen: pl.Series | None = None,
    kept: pl.DataFrame | None = None,
    groups: Mapping[str, Group] | None = None,
    members: pl.DataFrame | None = None,
) -> Numbered:
    """Number the channels, which come in the order of the lineup.

    `chosen` has for each row the number that a rule has given it, or null. `kept` is `KEPT`; a
    number in it that belongs to no row is given to none, unless a rule or the provider says so.
    Where streams of one channel are one row, `members` (`tvarr.pipeline.entries.MEMBERS`) tells
    what else a row may be pinned by.
    """
    work = _Work(channels, numbering, chosen, kept, groups or {})
    work.give_pinned(members)
    work.give_chosen()
    work.give_kept()
    if numbering.mode == "preserve":
        work.give_providers()
    if numbering.mode == "group":
        work.give_by_group()
    else:
        work.give_in_sequence()
    return work.done()


def unused_pins(channels: pl.DataFrame, pinned: Mapping[str, str]) -> tuple[str, ...]:
    """Return the pins that no channel is meant by; their numbers are nobody else's."""
    given = set(channels["number"])
    return tuple(pin for pin, number in pinned.items() if number not in given)


class _Work:
    """The numbers as they are given, one kind after the other."""

    def __init__(
        self,
        channels: pl.DataFrame,
        numbering: Numbering,
        chosen: pl.Series | None,
        kept: pl.DataFrame | None,
        groups: Mapping[str, Group],
    ) -> None:
        self.channels = channels
        self.numbering = numbering
        self.groups = groups
        known = pl.DataFrame(schema=KEPT) if kept is None else kept
        self.kept = known.with_columns(key=chno.keys(known["number"], chno.HIGHEST))
        self.chosen = _nulls(pl.Int64, channels) if chosen is None else chno.keys(chosen)
        self.keys = _nulls(pl.Int64, channels)
        self.how = _nulls(pl.String, channels)
        self.pin = _nulls(pl.String, channels)
        self.pins = chno.keys(pl.Series([*numbering.pinned.values()], dtype=pl.String))
        self.wanted = self._wanted()

    def _wanted(self) -> pl.Series:
        if self.numbering.mode == "preserve":
            return chno.texts(chno.keys(self.channels["channel_number"]))
        if self.numbering.mode == "group":
            return group_keys(self.channels)
        return _nulls(pl.String, self.channels)

    def give_pinned(self, members: pl.DataFrame | None = None) -> None:
        """Give what the YAML says, first by id, then to the first channel of a name, letter case
        aside.

        A pin that nobody is called by stays with the channel that had it. What a channel's streams
        are called counts after what it is called itself.
        """
        pinned = self.numbering.pinned
        if not pinned:
            return
        table = pl.DataFrame(
            {"pin": [*pinned], "key": self.pins}, schema_overrides={"pin": pl.String}
        ).with_columns(name=_folded("pin"))
        for said in self._said(members):
            free = said.filter(self.keys.gather(said["row"]).is_null())
            found = free.join(table, on=said.columns[1], maintain_order="left")
            found = found.unique("pin", keep="first", maintain_order=True)
            found = found.unique("row", keep="first", maintain_order=True)
            table = table.join(found, on="pin", how="anti")
            self._give(found["row"], found["key"], How.PINNED)
            self.pin = self.pin.scatter(found["row"], found["pin"])

    def _said(self, members: pl.DataFrame | None) -> Iterator[pl.DataFrame]:
        """Yield `row` and what it may be pinned by, `pin` or (folded) `name`; what counts most
        first.
        """
        rows = self.channels.select("channel_id", _folded("name")).with_row_index("row")
        streams = (
            None
            if members is None
            else members.join(
                rows.select("channel_id", "row"), on="channel_id", maintain_order="left"
            )
        )
        yield rows.select("row", pin="channel_id")
        if streams is not None:
            yield streams.select("row", pin="member")
        yield rows.select("row", "name")
        if streams is not None:
            yield streams.select("row", _folded("name"))
        yield rows.select("row", self._pinned_before())

    def _pinned_before(self) -> pl.Expr:
        """Return what each channel was pinned by, which it may not be called any more."""
        before = self.kept.filter(pl.col("how") == How.PINNED)
        pins = dict(before.select("channel_id", "wanted").iter_rows())
        pin = pl.col("channel_id").replace_strict(pins, default=None, return_dtype=pl.String)
        return fold(pin.str.strip_chars()).alias("name")

    def give_chosen(self) -> None:
        """Give what rules say; of several channels with one number the first has it."""
        if self.chosen.null_count() == self.chosen.len():
            return
        rows = self._todo()
        asked = rows.with_columns(key=self.chosen.gather(rows["row"])).drop_nulls("key")
        first = asked.filter(~pl.col("key").is_in(self.pins.implode())).unique(
            "key", keep="first", maintain_order=True
        )
        self._give(first["row"], first["key"], How.RULE)

    def give_kept(self) -> None:
        """Give what channels had before, as long as it was given for what is still so."""
        if self.kept.is_empty():
            return
        before = self.kept.filter(~pl.col("how").is_in([How.PINNED, How.RULE]))
        rows = self._todo("channel_id")
        rows = rows.with_columns(now=self.wanted.gather(rows["row"]))
        found = rows.join(before, on="channel_id", maintain_order="left").filter(
            pl.col("now").is_null() | pl.col("now").eq_missing(pl.col("wanted")),
            ~pl.col("key").is_in(self._taken().implode()),
        )
        found = found.sort("is_absent", maintain_order=True).unique(
            "key", keep="first", maintain_order=True
        )
        self._give(found["row"], found["key"], found["how"])

    def give_providers(self) -> None:
        """Give the provider's own in the order of the lineup; a taken one moves up.

        What is kept for a channel that is not there is the provider's to give, but nobody moves
        up to it.
        """
        rows = self._todo()
        asked = rows.with_columns(key=chno.keys(self.wanted).gather(rows["row"])).drop_nulls("key")
        own = asked["key"]
        taken = self._taken()
        if own.is_unique().all() and not own.is_in(taken.implode()).any():
            self._give(asked["row"], own, How.PROVIDER)
            return
        numbers = _moved_up(own.to_list(), set(taken.to_list()), set(self._absent().to_list()))
        given = pl.Series(list(numbers), dtype=pl.Int64)
        how = pl.select(
            pl.when(given == own).then(pl.lit(How.PROVIDER)).otherwise(pl.lit(How.MOVED_UP))
        )
        self._give(asked["row"], given, how.to_series())

    def give_in_sequence(self) -> None:
        """Give the lowest that are free, from the start."""
        rows = self._todo()["row"]
        taken = self._whole_numbers_taken()
        start = self.numbering.start
        free = pl.int_range(start, start + rows.len() + taken.len(), dtype=pl.Int64, eager=True)
        free = free.filter(~free.is_in(taken.implode())).head(rows.len())
        self._give(rows, free * PITCH, How.SEQUENCE)

    def give_by_group(self) -> None:
        """Give the lowest that are free in the blocks of each channel's group."""
        rows = self._todo()
        rows = rows.with_columns(group=self.wanted.gather(rows["row"]))
        rows = rows.with_columns(nth=pl.int_range(pl.len()).over("group"))
        needed = dict(rows.group_by("group").len().iter_rows())
        taken = self._whole_numbers_taken()
        blocks = self._blocks(needed, taken)
        size = self.numbering.group_size
        most = max(needed.values(), default=0)
        inside = (taken - self.numbering.start) // size
        full = _counted(inside)
        listed = [
            (group, self.numbering.start + block * size, min(size, most + full.get(block, 0)))
            for group, owned in blocks.items()
            if group in needed
            for block in owned
        ]
        schema = {"group": pl.String, "first": pl.Int64, "rows": pl.Int64}
        slots = (
            pl.DataFrame(listed, schema=schema, orient="row")
            .select("group", number=pl.int_ranges("first", pl.col("first") + pl.col("rows")))
            .explode("number")
            .filter(~pl.col("number").is_in(taken.implode()))
            .with_columns(nth=pl.int_range(pl.len()).over("group"))
        )
        given = rows.join(slots, on=["group", "nth"], maintain_order="left")
        self._give(given["row"], given["number"] * PITCH, How.GROUP)

    def _blocks(self, needed: Mapping[str, int], taken: pl.Series) -> dict[str, list[int]]:
        """Return which blocks are whose, enough for all that need a number."""
        size, start = self.numbering.group_size, self.numbering.start
        full: Counter[int] = Counter(_counted((taken - start) // size))
        blocks = self._blocks_before()
        owned = {block for listed in blocks.values() for block in listed}
        finder = _Next(owned)
        groups = titles_in_order(self.wanted.unique().to_list(), self.groups)
        for place, group in enumerate(groups):
            if group not in blocks:
                blocks[group].append(finder.take(place))
        for group in groups:
            mine = blocks[group]
            lacking = needed.get(group, 0) - sum(size - full[block] for block in mine)
            while lacking > 0:
                mine.append(finder.take(mine[-1] + 1))  # they grow
                lacking -= size - full[mine[-1]]
        return blocks

    def _blocks_before(self) -> defaultdict[str, list[int]]:
        """Return which blocks groups had, those of channels that are not there included."""
        size, start = self.numbering.group_size, self.numbering.start
        before = (
            self.kept.filter(pl.col("how") == How.GROUP)
            .with_columns(whole=pl.col("key") // PITCH)
            .filter(pl.col("whole") >= start, pl.col("wanted").is_not_null())
            .with_columns(block=(pl.col("whole") - start) // size)
            .sort("is_absent", "whole")
            .unique("block", keep="first", maintain_order=True)
            .sort("block")
        )
        blocks: defaultdict[str, list[int]] = defaultdict(list)
        for group, block in before.select("wanted", "block").iter_rows():
            blocks[group].append(block)
        return blocks

    def _todo(self, *columns: str) -> pl.DataFrame:
        """Return the rows without a number: `row` and the given columns."""
        rows = pl.DataFrame({"row": pl.int_range(self.keys.len(), eager=True)})
        return rows.hstack(self.channels.select(columns)).filter(self.keys.is_null())

    def _taken(self) -> pl.Series:
        """Return the numbers that somebody has, and those that are pinned for whoever comes."""
        return pl.concat([self.keys.drop_nulls(), self.pins])

    def _whole_numbers_taken(self) -> pl.Series:
        """Return those and what is kept for channels that are not there, without parts."""
        taken = pl.concat([self._taken(), self._absent()]).unique()
        return taken.filter(taken % PITCH == 0) // PITCH

    def _absent(self) -> pl.Series:
        """Return the numbers that are kept for channels that are not there."""
        return self.kept.join(self.channels, on="channel_id", how="anti")["key"].drop_nulls()

    def _give(self, rows: pl.Series, keys: pl.Series, how: str | pl.Series) -> None:
        if rows.len():
            self.keys = self.keys.scatter(rows, keys)
            said = (
                how
                if isinstance(how, pl.Series)
                else pl.Series([str(how)]).new_from_index(0, rows.len())
            )
            self.how = self.how.scatter(rows, said)

    def done(self) -> Numbered:
        """Return the channels with their numbers."""
        named = chno.texts(self.keys).alias("number"), self.how.alias("numbered")
        channels = self.channels.with_columns(*named)
        wanted = self.pin.zip_with(self.pin.is_not_null(), self.wanted)
        return Numbered(channels, wanted, self._conflicts(channels))

    def _conflicts(self, channels: pl.DataFrame) -> pl.DataFrame:
        asked = self.chosen
        if self.numbering.mode == "preserve":
            # an entry may keep that of the row that it was known by, whatever its row of now says
            has_one = self.how == How.PROVIDER
            own = _nulls(pl.Int64, channels).zip_with(has_one, chno.keys(self.wanted))
            asked = asked.zip_with(asked.is_not_null(), own)
        if asked.null_count() == asked.len():
            return pl.DataFrame(schema=CONFLICTS)
        refused = (asked != self.keys) & (self.how != How.PINNED)
        rows = channels.select("channel_id", "name", "number", wanted=asked)
        rows = rows.filter(refused.fill_null(value=False))
        holders = channels.select("number", holder="name")
        return (
            rows.with_columns(wanted=chno.text_of("wanted"))
            .join(holders, left_on="wanted", right_on="number", how="left", maintain_order="left")
            .select(CONFLICTS.keys())
        )


class _Next:
    """Finds the next free one of growing integers, in a few steps however many are taken."""

    def __init__(self, taken: set[int], pitch: int = 1) -> None:
        self.taken = taken
        self.pitch = pitch
        self._jumps: dict[int, int] = {}

    def take(self, wanted: int) -> int:
        """Take `wanted`, or the next free one above it; a whole number moves to whole numbers."""
        passed = []
        while wanted in self.taken:
            passed.append(wanted)
            step = 1 if wanted % self.pitch else self.pitch
            wanted = self._jumps.get(wanted, wanted + step)
        self._jumps.update(dict.fromkeys(passed, wanted))
        self.taken.add(wanted)
        return wanted


def _counted(numbers: pl.Series) -> dict[int, int]:
    return dict(numbers.value_counts().iter_rows())


def _moved_up(wanted: Iterable[int], taken: set[int], absent: set[int]) -> Iterator[int]:
    """Yield the wanted numbers; in place of a taken one the next that is nobody's, kept or not."""
    finder = _Next(taken | absent, PITCH)
    for number in wanted:
        given = finder.take(number) if number in taken else number
        finder.taken.add(given)
        taken.add(given)
        yield given


def _folded(column: str) -> pl.Expr:
    return fold(pl.col(column).str.strip_chars())


def _nulls(kind: pl.DataType | type[pl.DataType], channels: pl.DataFrame) -> pl.Series:
    return pl.repeat(None, channels.height, dtype=kind, eager=True)
