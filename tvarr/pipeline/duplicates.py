"""Which rows of the lineup are one channel: the same guide channel, or the same name and country.

Called by `tvarr.pipeline.entries` where a proxy merges duplicates. What both rows say must agree
first: the numbers, hours, directions and languages of their names, their kind, and countries that
both tell. Where a row could belong to either of two channels it stays by itself. Who is with whom
does not depend on the order of the rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from tvarr.pipeline import names, spelling
from tvarr.pipeline.marks import PARTED

if TYPE_CHECKING:
    from collections.abc import Iterable

TOGETHER: Final[dict[str, type[pl.DataType]]] = {
    "row": pl.UInt32,  # place in the lineup, from 0
    "key": pl.String,  # the name, normalised
    "by_guide": pl.UInt32,  # the same for all rows that guides alone make one channel
    "group": pl.UInt32,  # the same for all rows of one channel: the first one's place
}
"""Rows that are not alone, in their order."""

_KINDS: Final = ("stream_type", "radio", "is_adult")
_ROWS: Final = ("row", "key", "hold", "country", "branded")


def together(channels: pl.DataFrame, matches: pl.DataFrame) -> pl.DataFrame:
    """Return `TOGETHER`: the rows of which two or more are one channel.

    `channels` has `schema.CHANNELS` and `guide_id`; `matches` is `tvarr.pipeline.match.MATCHES`.
    """
    known = _known(channels, matches)
    rows = _rows(channels, known)
    rows = _by_guides(rows, known)
    rows = _by_names(rows, known)
    return (
        rows.with_columns(group=pl.col("row").min().over("group"))
        .filter(pl.len().over("group") > 1)
        .select(pl.col(name).cast(kind) for name, kind in TOGETHER.items())
        .sort("row")
    )


def _known(channels: pl.DataFrame, matches: pl.DataFrame) -> pl.DataFrame:
    """Return `row, guide, guide_channel`, guides in their order: what they know of which row."""
    places = channels.select("guide_id").with_row_index("row")
    return (
        matches.sort("priority", maintain_order=True)
        .select("guide_id", "guide", "guide_channel")
        .join(places, on="guide_id", maintain_order="left")
        .select("row", "guide", "guide_channel")
    )


def _rows(channels: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Return `_ROWS` of those that may have company."""
    parted = channels.get_column(PARTED, default=None)
    spelt = names.spelt(channels["name"].fill_null(""), parted)
    named = spelt.select("key").with_row_index("row")
    shared = known.filter(pl.len().over("guide", "guide_channel") > 1)["row"].unique()
    is_shared = pl.col("row").is_in(shared.implode())
    some = named.filter(is_shared | (pl.col("key").is_not_null() & (pl.len().over("key") > 1)))
    told = channels.select(*_KINDS, *spelling.TELLING)[some["row"]]
    said = names.told(spelt[some["row"]])
    kinds = [pl.col(name).fill_null(_USUAL[name]) for name in _KINDS]
    holds = told.select(kinds).with_columns(said["guard"], some["row"])
    return some.select("row", "key").with_columns(
        said["branded"].fill_null(value=False),
        country=spelling.countries_of(told, said),
        hold=holds.select(_first_of("guard", *_KINDS)).to_series(),
    )


_USUAL: Final = {"stream_type": "live", "radio": False, "is_adult": False}
"""What is not said of a row."""


# --- guides ------------------------------------------------------------------------------------


def _by_guides(rows: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Add `by_guide`, and give rows of one channel the country that one of them tells."""
    rows = rows.with_columns(by_guide="row", is_known=pl.lit(value=False))
    for of_guide in known.partition_by("guide", maintain_order=True):
        rows = _by_guide(rows, of_guide.select("row", "guide_channel"))
    return rows.drop("is_known")


def _by_guide(rows: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Join what one guide knows as one channel, unless guides before it say otherwise.

    What they made one channel is joined only with what this one knows by a single channel too.
    """
    here = rows.join(known, on="row", maintain_order="left")
    country = pl.when(_countries("guide_channel", "hold") > 1).then("country")
    here = here.with_columns(bucket=_first_of("guide_channel", "hold", country))
    before = here.filter("is_known").select("bucket", "by_guide").unique()
    single = before.filter(pl.len().over("bucket") == 1, pl.len().over("by_guide") == 1).rename(
        {"by_guide": "joins"}
    )
    here = here.join(single, on="bucket", how="left", maintain_order="left")
    new = pl.col("row").filter(~pl.col("is_known")).min().over("bucket")
    own = pl.when("is_known").then("by_guide").otherwise(pl.coalesce("joins", new))
    joined = here.select("row", joined=own)
    rows = rows.join(joined, on="row", how="left", maintain_order="left")
    return rows.with_columns(
        by_guide=pl.coalesce("joined", "by_guide"),
        is_known=pl.col("is_known") | pl.col("joined").is_not_null(),
    ).select(
        pl.exclude("country", "joined"),
        country=pl.col("country").drop_nulls().first().over("by_guide"),
    )


def _first_of(*columns: str | pl.Expr) -> pl.Expr:
    """Return for each row the first row that is equal to it in these, which stands for all."""
    return pl.col("row").min().over(columns)


def _countries(*columns: str) -> pl.Expr:
    """Return how many countries are told among the rows that are equal in these."""
    return pl.col("country").drop_nulls().n_unique().over(columns)


# --- names -------------------------------------------------------------------------------------


def _by_names(rows: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Add `group`: what guides join, and what is called the same in one country.

    Nothing is joined that some guide knows as two channels, nor what tells two countries.
    """
    edges = _called_the_same(rows)
    guides = rows.select("row", "by_guide").join(known, on="row").select("by_guide", "guide")
    edges = _unless_apart(edges, guides.unique(), "bucket")
    edges = edges.with_columns(union=_unions(edges))
    edges = _unless_apart(edges, guides.unique(), "union")
    told = edges.group_by("union").agg(group=pl.col("by_guide").min())
    found = edges.join(told, on="union").select("by_guide", "group").unique()
    return rows.join(found, on="by_guide", how="left", maintain_order="left").with_columns(
        pl.coalesce("group", "by_guide").alias("group")
    )


def _called_the_same(rows: pl.DataFrame) -> pl.DataFrame:
    """Return `by_guide, bucket, country`: of each name which of `by_guide` are called so.

    A name of common words means a channel only together with its country. A row that tells none
    is taken for one of the only country that others of the name tell.
    """
    several = _countries("key", "hold") > 1
    by_country = several | ~pl.col("branded")
    named = rows.filter(pl.col("key").is_not_null())
    named = named.filter(~by_country | pl.col("country").is_not_null())
    country = pl.when(by_country).then("country")
    buckets = _first_of("key", "hold", country)
    return named.select("by_guide", "country", bucket=buckets).unique()


def _unless_apart(edges: pl.DataFrame, guides: pl.DataFrame, column: str) -> pl.DataFrame:
    """Leave out what a guide knows as two channels, or tells two countries, by `column`."""
    twice = (
        edges.join(guides, on="by_guide")
        .group_by(column, "guide")
        .agg(apart=pl.col("by_guide").n_unique() > 1)
        .filter("apart")
    )
    torn = edges.group_by(column).agg(apart=pl.col("country").drop_nulls().n_unique() > 1)
    apart = pl.concat([twice.select(column), torn.filter("apart").select(column)])
    return edges.join(apart, on=column, how="anti", maintain_order="left")


def _unions(edges: pl.DataFrame) -> pl.Series:
    """Return for each edge which buckets it hangs together with, by the least of them."""
    linking = edges.filter(pl.col("bucket").n_unique().over("by_guide") > 1)
    links = linking.group_by("by_guide").agg(pl.col("bucket").unique())["bucket"]
    unions = _united(links)
    if not unions:
        return edges["bucket"]
    return edges["bucket"].replace(list(unions), list(unions.values()))


def _united(links: Iterable[Iterable[int]]) -> dict[int, int]:
    """Return for each number of the lists the one that stands for all that hang together."""
    above: dict[int, int] = {}

    def root(one: int) -> int:
        while above.setdefault(one, one) != one:
            above[one] = one = above[above[one]]
        return one

    for linked in links:
        first, *others = sorted(linked)
        for other in others:
            here, there = sorted((root(first), root(other)))
            above[there] = here
    return {one: root(one) for one in tuple(above)}
