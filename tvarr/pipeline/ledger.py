"""What a proxy's ledger says for a build, and the ledger that comes of the build.

Called by `tvarr.pipeline.build.lineup`; reading and storing the file is `tvarr.catalog.ledger`'s.
A channel that is in no lineup any more keeps its number for `KEPT_FOR`. A build of the same
snapshots with the ledger that came of it has the same lineup, so that nothing is ever due only
because a ledger was written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from tvarr.catalog.schema import LEDGER
from tvarr.pipeline import chno
from tvarr.pipeline.identity import EVIDENCE, carried, identities
from tvarr.pipeline.numbering import How

if TYPE_CHECKING:
    from collections.abc import Collection

    from tvarr.pipeline.numbering import Numbered
    from tvarr.spec.lineup import Numbering

KEPT_FOR = timedelta(days=30)
"""How long the number of a channel that is not there any more is given to no other."""

MOST_ABSENT = 200_000
"""Channels that are not there of which numbers are kept; the first to go are forgotten first."""

MOVES: dict[str, pl.DataType | type[pl.DataType]] = {
    "channel_id": pl.String,
    "name": pl.String,
    "before": pl.String,
    "number": pl.String,
}
"""Channels that do not have the number that they had."""

_NEVER = date(1970, 1, 1)


@dataclass(frozen=True, eq=False)
class Known:
    """The ledger as a build finds it, with the ids that channels have now."""

    rows: pl.DataFrame
    """`LEDGER`."""
    carried: pl.DataFrame
    """`tvarr.pipeline.identity.CARRIED`."""
    identities: pl.DataFrame
    """As `tvarr.pipeline.identity.identities`, of all channels of the sources."""
    plan: str
    unread: tuple[str, ...]
    """Sources of the proxy that cannot be read now, of which nothing can be said."""

    @property
    def kept(self) -> pl.DataFrame:
        """The numbers in it that still hold, as `tvarr.pipeline.numbering.KEPT`."""
        numbered = self.rows.filter(pl.col("number").is_not_null())
        return numbered.filter(pl.col("plan") == self.plan).select(
            "channel_id",
            "number",
            "how",
            "wanted",
            is_absent=pl.col("absent_since").is_not_null(),
        )


def known(
    rows: pl.DataFrame, given: pl.DataFrame, numbering: Numbering, unread: Collection[str] = ()
) -> Known:
    """Return what `rows`, a ledger, says of the channels that the sources have.

    `given` is `schema.CHANNELS` of all sources that could be read; the `unread` ones could not.
    """
    now = identities(given)
    carry = carried(rows.filter(~pl.col("source").is_in(unread)), now)
    ids = dict(carry.select("before", "channel_id").iter_rows())
    return Known(_renamed(rows, ids), carry, now, plan_of(numbering), tuple(unread))


def gone_on(before: Known, carry: pl.DataFrame, entries: pl.DataFrame) -> Known:
    """Return what is known once entries go on under another of their streams, as `carry` tells.

    The stream has the entry's number from then on, whatever number it has from its provider
    (`channel_number` of `entries`); what was known of it as a stream is forgotten.
    """
    if carry.is_empty():
        return before
    rows = before.rows.join(carry, on="channel_id", how="anti")
    ids = dict(carry.select("before", "channel_id").iter_rows())
    rows = _wanting_what_is_said(_renamed(rows, ids), carry, entries)
    return replace(before, rows=rows, carried=pl.concat([before.carried, carry]))


def _wanting_what_is_said(
    rows: pl.DataFrame, carry: pl.DataFrame, entries: pl.DataFrame
) -> pl.DataFrame:
    """Let the provider's numbers of `carry` be given for what these say now, so that they hold."""
    heirs = entries.join(carry, on="channel_id", how="semi")
    said = heirs.select("channel_id", said=chno.texts(chno.keys(heirs["channel_number"])))
    told = rows.join(said, on="channel_id", how="left", maintain_order="left")
    by_provider = pl.col("how").is_in([How.PROVIDER, How.MOVED_UP])
    wanted = pl.when(by_provider).then(pl.coalesce("said", "wanted")).otherwise("wanted")
    is_other = by_provider & (pl.col("said") != pl.col("wanted"))
    how = pl.when(is_other).then(pl.lit(str(How.PROVIDER))).otherwise("how")
    return told.with_columns(wanted=wanted, how=how).drop("said")


def _renamed(rows: pl.DataFrame, ids: dict[str, str]) -> pl.DataFrame:
    return rows.with_columns(pl.col("channel_id", "entry").replace(ids)) if ids else rows


def plan_of(numbering: Numbering) -> str:
    """Return what numbers depend on as a whole: where it changes, they are given anew."""
    if numbering.mode == "group":
        return f"group {numbering.start} {numbering.group_size}"
    return f"{numbering.mode} {numbering.start}"


def moves(before: Known, numbered: Numbered) -> pl.DataFrame:
    """Return `MOVES` in the order of the lineup."""
    had = before.kept.select("channel_id", before="number")
    return (
        numbered.channels.select("channel_id", "name", "number")
        .join(had, on="channel_id", maintain_order="left")
        .filter(pl.col("number") != pl.col("before"))
        .select(MOVES.keys())
    )


def following(
    before: Known,
    numbered: Numbered,
    now: datetime | None,
    members: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return the ledger after a build at `now`.

    `members` is `tvarr.pipeline.entries.MEMBERS`, where streams of one channel are one entry.
    """
    today = _NEVER if now is None else now.astimezone(UTC).date()
    there = numbered.channels.select(
        "channel_id",
        "source",
        "name",
        "number",
        how="numbered",
        wanted=numbered.wanted,
        plan=pl.lit(before.plan),
        absent_since=pl.lit(None, pl.Date),
        entry=pl.lit(None, pl.String),
    )
    if members is not None:
        there = pl.concat([there, _streams(members, before)])
    rows = pl.concat([_identified(there, before), _absent(before, there, today)])
    return rows.sort("channel_id")


def _streams(members: pl.DataFrame, before: Known) -> pl.DataFrame:
    """Return the rows of streams, which have no number of their own."""
    nothing = pl.lit(None, pl.String)
    return (
        members.filter(pl.col("member") != pl.col("channel_id"))
        .select(
            "source",
            "name",
            channel_id="member",
            number=nothing,
            how=nothing,
            wanted=nothing,
            plan=pl.lit(before.plan),
            absent_since=pl.lit(None, pl.Date),
            entry="channel_id",
        )
        .select(
            "channel_id",
            "source",
            "name",
            "number",
            "how",
            "wanted",
            "plan",
            "absent_since",
            "entry",
        )
    )


def _absent(before: Known, there: pl.DataFrame, today: date) -> pl.DataFrame:
    """Return the rows of channels that are not in the lineup, as long as they are kept."""
    rows = before.rows.filter(pl.col("plan") == before.plan)
    rows = rows.join(there, on="channel_id", how="anti")
    is_unread = pl.col("source").is_in(before.unread)
    rest = rows.filter(is_unread)
    gone = rows.filter(~is_unread).with_columns(pl.col("absent_since").fill_null(today))
    kept = gone.filter(pl.col("absent_since") >= _first_day_kept(today))
    listed = pl.concat([rest, _identified(kept, before)])
    return listed.sort("absent_since", "channel_id", descending=[True, False]).head(MOST_ABSENT)


def _first_day_kept(today: date) -> date:
    return today - KEPT_FOR if today > date.min + KEPT_FOR else date.min


def _identified(rows: pl.DataFrame, before: Known) -> pl.DataFrame:
    """Tell who the channels are; of those that the source does not have, what was known last."""
    now = before.identities.select(
        "channel_id",
        pl.col(EVIDENCE).name.suffix(".now"),
        is_there=pl.lit(value=True),
    )
    joined = rows.join(now, on="channel_id", how="left", maintain_order="left")
    is_there = pl.col("is_there").fill_null(value=False)
    last = {name: pl.col(name) if name in rows.columns else None for name in EVIDENCE}
    return joined.with_columns(
        pl.when(is_there).then(pl.col(f"{name}.now")).otherwise(last[name]).alias(name)
        for name in EVIDENCE
    ).select(is_there.alias(name) if name == "in_source" else pl.col(name) for name in LEDGER)
