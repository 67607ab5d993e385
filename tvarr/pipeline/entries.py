"""From rows to entries: the streams of one channel become one entry of the lineup.

Called by `tvarr.pipeline.build.lineup` where a proxy merges duplicates. Who belongs together comes
from `tvarr.pipeline.duplicates`, which stream plays first from `tvarr.pipeline.ranking`. An entry's
anchor gives what a person knows it by, and stays the anchor as long as it is there; the stream that
plays first gives all that belongs to a stream.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import polars as pl

from tvarr.catalog.schema import CANDIDATES
from tvarr.pipeline import chno, duplicates, entry_guides, ranking
from tvarr.pipeline.ledger import plan_of
from tvarr.pipeline.likeness import EQUAL
from tvarr.pipeline.marks import PARTED
from tvarr.pipeline.numbering import How
from tvarr.pipeline.order import ASKED, CHOSEN
from tvarr.pipeline.quality import COLUMNS

if TYPE_CHECKING:
    from tvarr.pipeline.build import BuildInput
    from tvarr.pipeline.match import Matched
    from tvarr.spec.lineup import Numbering


class JoinedBy(StrEnum):
    """Why a stream is one of an entry."""

    ANCHOR = "anchor"
    """It is what the entry is known by."""
    GUIDE = "guide"
    """A guide knows it as the same channel."""
    NAME = "name"
    """It is called the same, in the same country."""


OF_THE_STREAM: Final = (
    "stream_url",
    "headers",
    "options",
    "backup_urls",
    "catchup",
    "catchup_days",
    "catchup_source",
    "stream_type",
    "radio",
    "provider_id",
    "duration",
    *COLUMNS,
)
"""Columns that an entry has from the stream that plays first; the others are its anchor's."""

MEMBERS: dict[str, pl.DataType | type[pl.DataType]] = {
    "member": pl.String,  # channel_id of the row
    "channel_id": pl.String,  # of the entry
    "source": pl.String,
    "name": pl.String,
    "joined_by": pl.String,  # of `JoinedBy`
}
"""Rows that are one of several streams of an entry, an entry's together, the anchor first."""

MERGED: Final = "merged"
"""How an entry's number was carried on where its anchor is gone; beside `identity.EVIDENCE`."""


@dataclass(frozen=True, eq=False)
class Entries:
    """A lineup in which each channel is there once."""

    channels: pl.DataFrame
    """The columns that came; of each channel one row, in the place of its anchor."""
    members: pl.DataFrame
    """`MEMBERS`"""
    matched: Matched
    """The guide channels of the entries."""
    carried: pl.DataFrame
    """`tvarr.pipeline.identity.CARRIED`: entries that go on under another member."""
    candidates: pl.DataFrame
    """`schema.CANDIDATES`, of all entries."""


def merged(
    channels: pl.DataFrame, found: Matched, ledger: pl.DataFrame, build: BuildInput
) -> Entries:
    """Return the entries that `channels`, in the lineup's order, come to.

    `channels` has `schema.CHANNELS`, `tvarr.pipeline.quality.COLUMNS`, `guide_id` and what
    `tvarr.pipeline.order.with_asked` adds; `ledger` is `schema.LEDGER` with the ids of today.
    """
    together = duplicates.together(channels, found.matches)
    channels = channels.drop(PARTED, strict=False)
    rows = _anchored(together, channels, ledger)
    members = _members(rows, channels)
    ranked = _ranked(rows, members, channels, found.matches, build)
    known = _known(ledger, build.spec.numbering)
    entries = _entries(rows, channels, ranked, known)
    matched, entries = entry_guides.matched(rows, entries, channels, found, build)
    return Entries(
        entries,
        members,
        matched,
        _carried(rows, members),
        _candidates(ranked, channels),
    )


# --- anchors -----------------------------------------------------------------------------------


def _anchored(together: pl.DataFrame, channels: pl.DataFrame, ledger: pl.DataFrame) -> pl.DataFrame:
    """Return `duplicates.TOGETHER` with `anchor`, the row that stands for each group, and `before`,
    the id of the former entry that is gone and that the group goes on for; anchors first.

    Rows that were streams of other entries are there, too, if they are alone now.
    """
    known = ledger.select(
        "channel_id",
        "entry",
        was_entry=pl.col("entry").is_null() & pl.col("number").is_not_null(),
        is_absent=pl.col("absent_since").is_not_null(),
    )
    ids = channels.select("channel_id").with_row_index("row")
    told = ids.join(known, on="channel_id", how="left", maintain_order="left")
    left = told.filter(pl.col("entry").is_not_null()).join(together, on="row", how="anti")
    alone = left.select("row", key=pl.lit(None, pl.String), by_guide="row", group="row")
    rows = pl.concat([together, alone]).join(told, on="row", maintain_order="left")
    rows = rows.with_columns(
        pl.col("is_absent").fill_null(value=False),
        was_entry=pl.col("was_entry").fill_null(value=False),
    ).with_columns(is_entry=pl.col("was_entry") & ~pl.col("is_absent"))
    rows = rows.join(_heirs(rows, ledger, ids), on="row", how="left", maintain_order="left")
    ranked = rows.sort(~pl.col("is_entry"), pl.col("before").is_null(), ~pl.col("was_entry"), "row")
    first = ranked.unique("group", keep="first", maintain_order=True)
    return (
        rows.drop("before")
        .join(first.select("group", "before", anchor="row"), on="group", maintain_order="left")
        .sort("anchor", pl.col("row") != pl.col("anchor"), "row")
        .select(*duplicates.TOGETHER, "anchor", "before")
    )


def _heirs(rows: pl.DataFrame, ledger: pl.DataFrame, ids: pl.DataFrame) -> pl.DataFrame:
    """Return `row, before`: the first stream of an entry that is gone, where its group has none
    that is there. A group goes on for one entry, and an entry is gone on with in one group.
    """
    numbered = ledger.filter(pl.col("entry").is_null(), pl.col("number").is_not_null())
    gone = numbered.join(ids, on="channel_id", how="anti").select(entry="channel_id")
    orphans = (
        rows.filter(~pl.col("is_entry").any().over("group"))
        .join(gone, on="entry", how="semi")
        .sort("row")
    )
    heirs: dict[str, int] = {}
    groups: set[int] = set()
    for row, group, entry in orphans.select("row", "group", "entry").iter_rows():
        if entry not in heirs and group not in groups:
            heirs[entry] = row
            groups.add(group)
    return pl.DataFrame(
        {"row": list(heirs.values()), "before": list(heirs)},
        schema={"row": pl.UInt32, "before": pl.String},
    )


def _members(rows: pl.DataFrame, channels: pl.DataFrame) -> pl.DataFrame:
    told = channels.select("source", "name", member="channel_id")[rows["row"]]
    anchors = channels.select("channel_id")[rows["anchor"]]
    return told.hstack(anchors).hstack(rows.select(joined_by=_joined_by())).select(MEMBERS.keys())


def _joined_by() -> pl.Expr:
    is_anchor = pl.col("row") == pl.col("anchor")
    of_anchor = pl.col("by_guide").filter(is_anchor).first().over("group")
    by = pl.when(pl.col("by_guide") == of_anchor).then(pl.lit(str(JoinedBy.GUIDE)))
    return (
        pl.when(is_anchor)
        .then(pl.lit(str(JoinedBy.ANCHOR)))
        .otherwise(by.otherwise(pl.lit(str(JoinedBy.NAME))))
    )


def _carried(rows: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    heirs = members.with_columns(rows["before"]).filter(
        pl.col("before").is_not_null(), pl.col("member") == pl.col("channel_id")
    )
    return heirs.select("before", "channel_id", by=pl.lit(MERGED))


# --- streams -----------------------------------------------------------------------------------


def _ranked(
    rows: pl.DataFrame,
    members: pl.DataFrame,
    channels: pl.DataFrame,
    matches: pl.DataFrame,
    build: BuildInput,
) -> pl.DataFrame:
    """Return all streams with what they are compared by, the first of each entry first."""
    joined = rows.select("row").hstack(members.select("channel_id", "joined_by"))
    joined = joined.with_columns(confidence=_confidence(rows, members, channels, matches))
    refused = [account.source for account in build.accounts if not account.healthy]
    slots = {account.source: account.slots for account in build.accounts if account.slots}
    places = {name: place for place, name in enumerate(build.spec.sources)}
    streams = (
        channels.with_row_index("row")
        .select("row", "source", "stream_url", *COLUMNS, member="channel_id")
        .join(joined, on="row", how="left", maintain_order="left")
        .with_columns(
            pl.col("channel_id").fill_null(pl.col("member")),
            pl.col("joined_by").fill_null(pl.lit(str(JoinedBy.ANCHOR))),
            pl.col("confidence").fill_null(100),
            healthy=~pl.col("source").is_in(refused),
            priority=pl.col("source").replace_strict(places, return_dtype=pl.UInt32),
            free_slots=pl.col("source").replace_strict(slots, default=None, return_dtype=pl.UInt32),
        )
    )
    return _each_once(ranking.rank(streams, build.spec.quality))


def _confidence(
    rows: pl.DataFrame, members: pl.DataFrame, channels: pl.DataFrame, matches: pl.DataFrame
) -> pl.Series:
    """Return, in percent, how certain it is that each row is the channel of its anchor."""
    best = matches.group_by("guide_id").agg(pl.col("confidence").max())
    ids = channels.select("guide_id")[rows["row"]]
    known = ids.join(best, on="guide_id", how="left", maintain_order="left")["confidence"]
    is_anchor = pl.col("joined_by") == str(JoinedBy.ANCHOR)
    told = rows.hstack(members.select("joined_by")).with_columns(known=known)
    called_so = pl.col("key").eq(pl.col("key").filter(is_anchor).first().over("group"))
    by_name = pl.when(called_so | (pl.col("joined_by") == str(JoinedBy.NAME))).then(EQUAL)
    by_guide = pl.when(pl.col("joined_by") == str(JoinedBy.GUIDE)).then("known")
    return told.select(
        pl.when(is_anchor).then(100).otherwise(pl.max_horizontal(by_name, by_guide)).cast(pl.UInt8)
    ).to_series()


def _each_once(ranked: pl.DataFrame) -> pl.DataFrame:
    """Take each address of an entry once, and add `also`: the rows that have it, too."""
    keys = ["channel_id", "stream_url"]
    alike = ranked.filter(pl.col("stream_url").is_duplicated())
    grouped = alike.group_by(keys, maintain_order=True).agg("member")
    several = grouped.filter(pl.col("member").list.len() > 1)
    others = several.select("channel_id", "stream_url", also=pl.col("member").list.slice(1))
    once = ranked.join(others.explode("also"), left_on="member", right_on="also", how="anti")
    return once.join(others, on=keys, how="left", maintain_order="left").with_columns(
        pl.col("also").fill_null(pl.lit([], pl.List(pl.String))),
        rank=ranking.counted(once["channel_id"]),
    )


def _candidates(ranked: pl.DataFrame, channels: pl.DataFrame) -> pl.DataFrame:
    rest = [name for name in CANDIDATES if name not in ranked.columns]
    streams = channels.select(rest)[ranked["row"]]
    return ranked.hstack(streams).select(CANDIDATES.keys())


# --- entries -----------------------------------------------------------------------------------


def _entries(
    rows: pl.DataFrame, channels: pl.DataFrame, ranked: pl.DataFrame, known: pl.DataFrame
) -> pl.DataFrame:
    """Return the anchors, with the stream that plays first, in the order of `channels`."""
    away = rows.filter(pl.col("row") != pl.col("anchor"))["row"]
    anchors = channels.with_row_index("row").filter(~pl.col("row").is_in(away.implode()))
    primary = ranked.filter(pl.col("rank") == 0).select("channel_id", primary="row")
    primary = anchors.select("channel_id").join(primary, on="channel_id", maintain_order="left")
    streams = channels.select(OF_THE_STREAM)[primary["primary"]]
    numbers = _numbers(rows, channels, known)
    return (
        anchors.with_columns(streams)
        .join(numbers, on="row", how="left", maintain_order="left")
        .with_columns(
            pl.coalesce(f"{name}.first", name).alias(name) for name in (CHOSEN, "channel_number")
        )
        .with_columns(pl.coalesce(CHOSEN, "channel_number").alias(ASKED))
        .select(channels.columns)
    )


def _numbers(rows: pl.DataFrame, channels: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Return `row` of anchors, and a number that their streams have: its own, else the first.

    An entry that is `known` has none but its own and the one that it was numbered by, so that it
    stays where it is whoever comes or goes.
    """
    entries = rows.hstack(channels.select("channel_id")[rows["anchor"]]).select(
        row="anchor", channel_id=pl.coalesce("before", "channel_id")
    )
    told = channels.select(
        pl.when(pl.col(name).str.strip_chars() != "").then(pl.col(name))
        for name in (CHOSEN, "channel_number")
    )[rows["row"]]
    numbered = pl.any_horizontal(pl.col(CHOSEN, "channel_number").is_not_null())
    telling = entries.hstack(told).filter(numbered.any().over("row"))
    said = telling.join(known, on="channel_id", how="left", maintain_order="left")
    agree = {
        name: (chno.texts(chno.keys(said[name])) == said[by]).alias(f"{name}.agrees")
        for name, by in ((CHOSEN, "number"), ("channel_number", "wanted"))
    }
    chosen, given = (
        (pl.col(name), pl.col(name).filter(f"{name}.agrees"), pl.col(name).drop_nulls())
        for name in agree
    )
    is_new = pl.col("number").first().is_null()
    return (
        said.with_columns(agree.values())
        .group_by("row", maintain_order=True)
        .agg(
            pl.coalesce(one.first() for one in chosen).alias(f"{CHOSEN}.first"),
            pl.coalesce(
                given[0].first(),
                given[1].first(),
                pl.when(is_new).then(given[2].first()),
            ).alias("channel_number.first"),
        )
    )


def _known(ledger: pl.DataFrame, numbering: Numbering) -> pl.DataFrame:
    """Return `channel_id, number, wanted` of the entries that are numbered as `preserve` does."""
    holds = ledger.filter(
        pl.col("number").is_not_null(),
        pl.col("plan") == plan_of(numbering),
        pl.col("how") != str(How.PINNED),
        numbering.mode == "preserve",
    )
    return holds.select("channel_id", "number", "wanted")
