"""What the names of a lineup say, and which countries its channels are of, for whole columns.

Used by `tvarr.pipeline.match` and by `tvarr.pipeline.duplicates`, which compares all channels of a
lineup with each other. What names say is told in `tvarr.pipeline.names`.
"""

from __future__ import annotations

import polars as pl

from tvarr.pipeline import countries
from tvarr.pipeline import names as names_of
from tvarr.pipeline.ids import read_id

SAID: dict[str, type[pl.DataType]] = {
    "key": pl.String,  # all words without blanks between them
    "guard": pl.String,  # numbers, hours late, directions, languages and countries in words
    "branded": pl.Boolean,
    "country": pl.String,
    "edition": pl.String,
}

_MAY_TELL_A_COUNTRY = r"\.[A-Za-z]{2}(?:[^A-Za-z]|$|[A-Z]{2,3})"
"""An id with a code of two letters, before quality, feed or the end."""


def read(names: pl.Series) -> pl.DataFrame:
    """Return `SAID` of each name, as in `tvarr.pipeline.names.Name`.

    A name without a letter has no key; its guard is made of its numbers.
    """
    return names_of.read(names.fill_null("")).select(SAID.keys())


def countries_of(channels: pl.DataFrame, said: pl.DataFrame) -> pl.Series:
    """Return the country of each channel: by its name, id, attribute, group, or its name's end.

    `said` is what `read` returns for their names. Null where nothing tells it.
    """
    told = said.select("country", "edition").hstack(
        channels.select("tvg_id", "tvg_country", "group_title")
    )
    for column, tell in (
        ("tvg_id", _of_id),
        ("tvg_country", _of_code),
        ("group_title", countries.of_group),
    ):
        untold = told.filter(pl.col("country").is_null())[column].drop_nulls().unique()
        if column == "tvg_id":
            untold = untold.filter(untold.str.contains(_MAY_TELL_A_COUNTRY))
        codes = {text: code for text in untold if (code := tell(text))}
        found = pl.col(column).replace_strict(codes, default=None, return_dtype=pl.String)
        told = told.with_columns(pl.col("country").fill_null(found))
    return told.select(pl.coalesce("country", "edition").alias("country")).to_series()


def _of_id(tvg_id: str) -> str | None:
    return read_id(tvg_id).country


def _of_code(said: str) -> str | None:
    return countries.code_of(said.strip())
