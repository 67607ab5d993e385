"""The order of the lineup, and its groups: renamed, merged, hidden, put in order.

Called by `tvarr.pipeline.build.lineup` after rules and filters. Numbers are given in this order by
`tvarr.pipeline.numbering`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from tvarr.pipeline.chno import key_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from tvarr.spec.lineup import Group, Key
    from tvarr.spec.proxy import Proxy

UNCATEGORIZED = "Uncategorized"
"""What the channels without a group are called together."""


CHOSEN, ASKED = "number.chosen", "number.asked"
"""Columns of the lineup on its way: the number of a rule; that, or else the provider's own."""


def with_asked(channels: pl.DataFrame, chosen: pl.Series | None) -> pl.DataFrame:
    """Add `CHOSEN` and `ASKED`; `chosen` has for each row the number of a rule, or null."""
    given = pl.lit(None, pl.String) if chosen is None else chosen
    return channels.with_columns(given.alias(CHOSEN)).with_columns(
        pl.coalesce(CHOSEN, "channel_number").alias(ASKED)
    )


def group_name(column: str = "group_title") -> pl.Expr:
    """Return the group of each channel; blank counts as `UNCATEGORIZED`."""
    name = pl.col(column).str.strip_chars().fill_null("")
    return pl.when(name == "").then(pl.lit(UNCATEGORIZED)).otherwise(name)


def group_keys(channels: pl.DataFrame) -> pl.Series:
    """Return what tells each channel's group from others: letter case and blanks do not."""
    titles = channels.select("group_title")
    known = titles.unique().with_columns(key=_fold(group_name()))
    told = titles.join(known, on="group_title", how="left", nulls_equal=True, maintain_order="left")
    return told["key"]


def regroup(channels: pl.DataFrame, groups: Mapping[str, Group]) -> pl.DataFrame:
    """Give the channels of declared groups their title, and leave out those that are hidden."""
    if not groups:
        return channels
    titles = {
        _folded(said): group.title or name
        for name, group in groups.items()
        for said in (name, *group.merge)
    }
    hidden = [_folded(said) for n, g in groups.items() if g.hide for said in (n, *g.merge)]
    keys = group_keys(channels)
    title = keys.replace_strict(titles, default=None, return_dtype=pl.String)
    titled = channels.with_columns(group_title=title.fill_null(channels["group_title"]))
    return titled.filter(~keys.is_in(hidden))


def entitled(channels: pl.DataFrame, groups: Mapping[str, Group]) -> pl.DataFrame:
    """Give the channels of a group, which come in the lineup's order, one title.

    It is the declared one, else the first channel's; what has none goes without.
    """
    titles = channels.select("group_title").with_row_index("place")
    named = titles.filter(pl.col("group_title").str.strip_chars() != "")
    spelt = named.group_by("group_title").agg(pl.col("place").min()).sort("place")
    first = pl.col("group_title").first().over(_fold(pl.col("group_title")))
    chosen = spelt.with_columns(title=_declared(groups).fill_null(first))
    other = chosen.filter(pl.col("title") != pl.col("group_title"))
    if other.is_empty():
        return channels
    titled = dict(other.select("group_title", "title").iter_rows())
    return channels.with_columns(pl.col("group_title").replace(titled))


def _declared(groups: Mapping[str, Group]) -> pl.Expr:
    """Return the title of `groups` that a group has, however it is written."""
    titles = [group.title or name for name, group in groups.items()]
    told = {_folded(title): title for title in reversed(titles)}
    return _fold(pl.col("group_title")).replace_strict(told, default=None, return_dtype=pl.String)


def hides(group: str | None, groups: Mapping[str, Group]) -> str | None:
    """Return the name of the declared group that a channel is hidden with."""
    own = _folded(group or "") or _folded(UNCATEGORIZED)
    for name, declared in groups.items():
        if declared.hide and own in {_folded(said) for said in (name, *declared.merge)}:
            return name
    return None


def titles_in_order(names: Collection[str], groups: Mapping[str, Group]) -> list[str]:
    """Return names of groups: first those that are declared, in that order, then by name."""
    declared = [_folded(group.title or name) for name, group in groups.items()]
    place = {name: rank for rank, name in reversed(list(enumerate(declared)))}
    return sorted(
        set(names), key=lambda name: (place.get(_folded(name), len(place)), _folded(name), name)
    )


def arrange(channels: pl.DataFrame, spec: Proxy, number: str) -> pl.DataFrame:
    """Return the channels in the declared order; what is equal by it stays as it was.

    `number` is the column that has a channel's number as text; those without are the last.
    """
    if spec.order == ("source",):
        return channels
    keys = [_key(key, channels, spec, number).alias(key) for key in spec.order]
    places = channels.select(keys).with_row_index("place")
    return channels[places.sort(spec.order, nulls_last=True, maintain_order=True)["place"]]


def follow(rows: pl.DataFrame, channels: pl.DataFrame, column: str) -> pl.DataFrame:
    """Return the rows of these channels, by `column`, in the order of `channels`.

    Rows of one channel stay as they were among themselves.
    """
    if rows.is_empty():
        return rows
    places = channels.select(column).unique(keep="first", maintain_order=True)
    here = rows.select(column).with_row_index("row")
    placed = here.join(places.with_row_index("place"), on=column)
    return rows[placed.sort("place", "row")["row"]]


def _key(key: Key, channels: pl.DataFrame, spec: Proxy, number: str) -> pl.Expr:
    if key == "source":
        return _ranked(pl.col("source"), spec.sources)
    if key == "name":
        return _fold(pl.col("name").str.strip_chars())
    if key == "number":
        return key_of(number)
    keys = group_keys(channels)
    return _ranked(pl.lit(keys), titles_in_order(keys.unique().to_list(), spec.groups))


def _ranked(text: pl.Expr, order: Sequence[str]) -> pl.Expr:
    ranks = {name: rank for rank, name in enumerate(order)}
    return text.replace_strict(ranks, default=None, return_dtype=pl.UInt32)


def _folded(name: str) -> str:
    from tvarr.expression.fold import fold_text

    return fold_text(" ".join(name.split()))


def _fold(text: pl.Expr) -> pl.Expr:
    from tvarr.expression.fold import fold

    return fold(text.str.strip_chars().str.replace_all(r"\s+", " "))
