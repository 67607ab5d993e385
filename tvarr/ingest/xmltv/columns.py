"""The programmes' texts → `schema.PROGRAMMES`, one part of the guide at a time.

The last step of `tvarr.ingest.xmltv`, called by `tvarr.ingest.xmltv.store` with texts in their
final order. Plain texts are read by whole columns, the others element by element; both give the
same fields for the same programme.
"""

from __future__ import annotations

import polars as pl

from tvarr.catalog.schema import PROGRAMMES
from tvarr.ingest.xmltv import plain
from tvarr.ingest.xmltv.fields import fields, season
from tvarr.ingest.xmltv.odd import END, Fields, fields_of, parse

_FIELDS = {
    name: PROGRAMMES[name]
    for name in (
        "title", "subtitle", "description", "categories", "episode", "season", "icon", "rating",
        "language",
    )
}  # fmt: skip
_ODD_FIELDS = {
    **{name: kind for name, kind in _FIELDS.items() if name not in ("episode", "season")},
    "counted": pl.String,
    "shown": pl.String,
}


def columns_of(texts: pl.Series, keys: pl.DataFrame, guide: str) -> pl.DataFrame:
    """Return the frame of `schema.PROGRAMMES`.

    `texts` are start tags with their content; `keys` has their guide_channel, start, stop and
    plain (whether the text is written plainly), row by row.
    """
    rows = plain.split_head(keys.with_columns(texts.alias("text")), "text")
    rows = rows.with_columns(plain.further_attributes(rows), guide=pl.lit(guide))
    return rows.hstack(_fields(rows)).select(list(PROGRAMMES))


def _fields(rows: pl.DataFrame) -> pl.DataFrame:
    if rows["plain"].all():
        return fields(rows)
    placed = rows.select("text", "inner", "plain").with_row_index("place")
    parts = [
        part.select("place").hstack(read(part))
        for part, read in (
            (placed.filter(pl.col("plain")), fields),
            (placed.filter(~pl.col("plain")), odd_fields),
        )
    ]
    return pl.concat(parts).sort("place").drop("place")


def odd_fields(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the fields from title to language, read by libxml2 from each `text`."""
    root = parse("<tv>" + "".join(text + END for text in rows["text"]) + "</tv>")
    read = [] if root is None else [fields_of(programme) for programme in root]
    frame = pl.DataFrame(
        read, schema=[(name, _ODD_FIELDS[name]) for name in Fields._fields], orient="row"
    )
    return frame.with_columns(
        episode=pl.coalesce("counted", "shown"),
        season=season(pl.col("counted"), pl.col("shown")),
    ).select(list(_FIELDS))
