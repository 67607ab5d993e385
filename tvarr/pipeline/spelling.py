"""Which countries the channels of a lineup are of, for whole columns.

Used by `tvarr.pipeline.duplicates` and `tvarr.pipeline.match`. What the names themselves say is
told in `tvarr.pipeline.names`. Each different text is looked at once.
"""

from __future__ import annotations

import polars as pl

from tvarr.pipeline import countries
from tvarr.pipeline.ids import edition_of, read_id

TELLING = ("tvg_id", "tvg_country", "group_title")
"""Columns that may tell a country."""

_MAY_TELL_A_COUNTRY = r"\.[A-Za-z]{2}(?:[^A-Za-z]|$|[A-Z]{2,3})"
"""An id with a code of two letters, before quality, feed or the end."""

_MAY_TELL_AN_EDITION = r"@[A-Za-z]{2}|[A-Z][a-z]{4}"
"""An id with a feed, or with words written together."""

_LANGUAGE = rf" (?:{'|'.join(sorted(countries.WORDS))}) "
_COUNTRY = rf" (?:{'|'.join(sorted(countries.NAME_WORDS))}) "
"""Such words in a guard."""

_REGIONS = {"ar": "arab", "la": "latin"}
"""What a code in front of a name means where the group says so: a region, and no country."""


def countries_of(channels: pl.DataFrame, said: pl.DataFrame) -> pl.Series:
    """Return the country that each channel is of, to tell duplicates by: as `homes_of` does.

    The edition of another country, `Red Bull TV BR` with the id of Austria's, is of both: `at/br`.
    Where the name does not tell for whom it is, the id does: `Catfish.de@FR`, `France24English.fr`.
    """
    home = homes_of(channels, said)
    edition = said["edition"].fill_null(_editions_of_ids(channels["tvg_id"], said["guard"]))
    both = (home != edition).fill_null(value=False)
    return (home + "/" + edition).zip_with(both, home).alias("country")


def _editions_of_ids(ids: pl.Series, guards: pl.Series) -> pl.Series:
    """Return for whom ids say that a channel is, null where its name's guard has such a word."""
    telling = ids.drop_nulls().unique()
    telling = telling.filter(telling.str.contains(_MAY_TELL_AN_EDITION))
    told = {text: edition_of(text) for text in telling}
    found = ids.replace_strict(told, default=None, return_dtype=pl.String)
    is_country = found.str.len_chars() == 2
    by_name = guards.str.contains(_LANGUAGE) | (is_country & guards.str.contains(_COUNTRY))
    nothing = pl.Series([None], dtype=pl.String)
    return nothing.zip_with(by_name.fill_null(value=False), found)


def homes_of(channels: pl.DataFrame, said: pl.DataFrame) -> pl.Series:
    """Return the country of each channel: by its name, id, attribute, group, or its name's end.

    `said` is what `tvarr.pipeline.names.read` returns for their names. Null where nothing tells it.
    """
    told = said.select("country", "edition").hstack(channels.select(TELLING))
    for code, region in _REGIONS.items():
        meant = (pl.col("country") == code) & pl.col("group_title").str.contains(f"(?i){region}")
        told = told.with_columns(country=pl.when(meant.not_().fill_null(True)).then("country"))
    for column, tell in (
        ("tvg_id", _of_id),
        ("tvg_country", _of_code),
        ("group_title", countries.of_group),
    ):
        untold = told.filter(pl.col("country").is_null())[column].drop_nulls().unique()
        if column == "tvg_id":
            untold = untold.filter(untold.str.contains(_MAY_TELL_A_COUNTRY))
        codes = {text: tell(text) for text in untold}
        found = pl.col(column).replace_strict(codes, default=None, return_dtype=pl.String)
        told = told.with_columns(pl.col("country").fill_null(found))
    return told.select(pl.coalesce("country", "edition").alias("country")).to_series()


def _of_id(tvg_id: str) -> str | None:
    return read_id(tvg_id).country


def _of_code(said: str) -> str | None:
    return countries.code_of(said.strip())
