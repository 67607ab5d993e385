"""The fields of plainly written programmes, read by whole columns.

Called by `tvarr.ingest.xmltv.columns`. The content is split at every `<` into a long frame of
elements, one row each, and a field is the first element of its name. That is only right for what
`tvarr.ingest.xmltv.plain` accepts: no other `<`, no `>` but a tag's own, the DTD's order.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from tvarr.ingest.xmltv.plain import BLANKS, unescape

_RATINGS: Final = ("rating", "star-rating")
_COUNTED = pl.col("tag").str.contains(' system="xmltv_ns"', literal=True)
_SHOWN = pl.col("tag").str.contains(' system="onscreen"', literal=True) | ~pl.col(
    "tag"
).str.contains(" system=", literal=True)  # the DTD's default


def fields(rows: pl.DataFrame) -> pl.DataFrame:
    """Return `schema.PROGRAMMES`' columns from title to language, read from each `inner`.

    Texts are without the blanks around them; '' for an empty element, null for a missing one.
    """
    elements = _elements(rows)
    every = pl.DataFrame({"row": pl.int_range(rows.height, dtype=pl.UInt32, eager=True)})

    def first(condition: pl.Expr) -> pl.DataFrame:
        return _first(elements.filter(condition), every)

    title = first(_is("title"))
    numbers = elements.filter(_is("episode-num"))
    found = pl.DataFrame(
        {
            "title": title["text"],
            "subtitle": first(_is("sub-title"))["text"],
            "description": first(_is("desc"))["text"],
            "categories": _categories(elements, every),
            "counted": _first(numbers.filter(_COUNTED), every)["text"],
            "shown": _first(numbers.filter(_SHOWN), every)["text"],
            "number": _first(numbers, every)["text"],
            "icon": _icon(first(_is("icon") | _is(*_RATINGS))),
            "rating": first(_is("value") & pl.col("tag").shift(1).str.starts_with("rating"))[
                "text"
            ],
            "lang": title.select(_attribute("lang")).to_series(),
            "language": _language(first(_is("language", "subtitles"))),
        }
    )
    shown = pl.coalesce("shown", "number")
    return found.select(
        "title",
        "subtitle",
        "description",
        "categories",
        pl.coalesce("counted", shown).alias("episode"),
        season(pl.col("counted"), shown).alias("season"),
        "icon",
        "rating",
        pl.coalesce("lang", "language").alias("language"),
    )


def season(counted: pl.Expr, shown: pl.Expr) -> pl.Expr:
    """Return the season, 1-based: of `1 . 4 . 0/1` (xmltv_ns counts from 0), else of `S02E05`."""
    from_zero = counted.str.extract(r"^\s*([0-9]{1,6})\s*(?:[/.]|$)").cast(pl.Int32)
    named = shown.str.extract(r"(?i)\bS\s*([0-9]{1,6})\s*[.,:-]?\s*E\s*[0-9]").cast(pl.Int32)
    return pl.coalesce(from_zero + 1, named)


def _elements(rows: pl.DataFrame) -> pl.DataFrame:
    """Return every element of every row: `row`, `tag` (name and attributes), `text`."""
    parts = pl.col("part").str.splitn(">", 2).struct.rename_fields(["tag", "text"])
    return (
        rows.select(part=pl.col("inner").str.split("<"))
        .with_row_index("row")
        .explode("part")
        .filter(~pl.col("part").str.starts_with("/"))
        .select("row", parts.alias("parts"))
        .unnest("parts")
        .with_columns(unescape(pl.col("text").str.strip_chars(BLANKS)))
    )


def _first(found: pl.DataFrame, every: pl.DataFrame) -> pl.DataFrame:
    """Return for each row of `every` the first that was found for it, else nulls."""
    is_first = (pl.col("row") != pl.col("row").shift(1)).fill_null(value=True)
    return every.join(found.filter(is_first), on="row", how="left", maintain_order="left")


def _is(*names: str) -> pl.Expr:
    return pl.any_horizontal(pl.col("tag").str.starts_with(name) for name in names)


def _attribute(name: str) -> pl.Expr:
    return unescape(pl.col("tag").str.extract(f' {name}="([^"]*)"'))


def _categories(elements: pl.DataFrame, every: pl.DataFrame) -> pl.Series:
    texts = elements.filter(_is("category")).group_by("row", maintain_order=True).agg("text")
    lists = every.join(texts, on="row", how="left", maintain_order="left")["text"]
    return lists.fill_null([])


def _icon(first: pl.DataFrame) -> pl.Series:
    """Return the address of the programme's own icon; one behind a rating is the rating's."""
    source = unescape(pl.col("tag").str.split_exact('"', 1).struct.field("field_1"))
    return first.select(pl.when(_is("icon")).then(source.str.strip_chars(BLANKS))).to_series()


def _language(first: pl.DataFrame) -> pl.Series:
    """Return the text of the programme's own language; one behind subtitles is theirs."""
    return first.select(pl.when(_is("language")).then("text")).to_series()
