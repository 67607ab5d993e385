"""Rows of a panel's JSON as columns of clean text.

Panels send numbers as text and text as numbers, null and "" for nothing, names with HTML entities,
and now and then a line break where a playlist can have none. Used by `live` and `vod`, which give
the columns their meaning.
"""

from __future__ import annotations

import html
import re
from itertools import repeat
from operator import contains
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from tvarr.catalog import schema
from tvarr.ingest.document import told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tvarr.ingest.tally import Tally
    from tvarr.ingest.xtream.answers import Row

NO_OBJECT: Final = "entry that is no object"
NO_ID: Final = "entry without an id"
REJECTED: Final = (NO_OBJECT, NO_ID)
"""Why an entry of a panel is left out."""

_NOTHING: Final = {type(None)}
_SIMPLE: Final = {str, int, float, bool, *_NOTHING}
_TRUE: Final = ("1", "true", "yes", "1.0")
_CONTROLS: Final = r"[\x00-\x1f\x7f\x{2028}\x{2029}]+"
_ENTITY: Final = r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
_ID: Final = r"^[A-Za-z0-9_-]{1,64}$"
_ABSOLUTE: Final = r"^//|^[A-Za-z][A-Za-z0-9+.-]*:"


def column(rows: Sequence[Row], *keys: str) -> pl.Series:
    """Return the text under the first of the keys that has one, null for none."""
    # most panels know few of the keys, and looking for one is cheaper than taking it
    known = [key for key in keys if any(map(contains, rows, repeat(key)))]
    values: list[Any] = [row.get(known[0]) for row in rows] if known else [None] * len(rows)
    for key in known[1:]:
        values = [
            row.get(key) if value is None or value == "" else value
            for value, row in zip(values, rows, strict=True)
        ]
    kinds = set(map(type, values))
    if kinds <= _NOTHING:
        return pl.repeat(None, len(values), dtype=pl.String, eager=True)
    if not kinds <= _SIMPLE:
        values = [_simple(value) for value in values]
    texts = pl.Series(values, dtype=pl.String, strict=False).str.strip_chars()
    return texts.set(texts == "", None)


def _simple(value: Any) -> Any:
    """Return a list as one text, and nothing for a map."""
    if isinstance(value, list):
        return ", ".join(str(item) for item in value if isinstance(item, str | int | float))
    return value if type(value) in _SIMPLE else None


def clean(texts: pl.Series) -> pl.Series:
    """Return texts for people: entities resolved, in one line each."""
    if texts.null_count() == len(texts):
        return texts
    escaped = texts.str.contains(_ENTITY).fill_null(value=False).arg_true()
    if not escaped.is_empty():
        resolved = [html.unescape(text) for text in texts.gather(escaped)]
        texts = texts.scatter(escaped, resolved)
    if not texts.str.contains(_CONTROLS).any():
        return texts
    texts = texts.str.replace_all(_CONTROLS, " ").str.strip_chars()
    return texts.set(texts == "", None)


def flag(texts: pl.Series) -> pl.Series:
    """Return whether the text says yes."""
    return texts.str.to_lowercase().is_in(_TRUE).fill_null(value=False)


def pictures(addresses: pl.Series, base: str) -> pl.Series:
    """Return absolute addresses of pictures; relative ones are the panel's."""
    addresses = addresses.str.replace_all(_CONTROLS, "")
    relative = (~addresses.str.contains(_ABSOLUTE)).fill_null(value=False).arg_true()
    if relative.is_empty():
        return addresses
    root = base.rstrip("/")
    absolute = [f"{root}/{path.lstrip('/')}" for path in addresses.gather(relative)]
    return addresses.scatter(relative, absolute)


def usable(rows: Sequence[Any], key: str, line: int, tally: Tally) -> tuple[list[Row], list[int]]:
    """Return the entries with an id under `key`, and the place of each, counted from `line`."""
    placed = [(place, row) for place, row in enumerate(rows, line) if isinstance(row, dict)]
    if len(placed) < len(rows):
        for place, row in enumerate(rows, line):
            if not isinstance(row, dict):
                tally.reject(place, NO_OBJECT, told(row))
    found = [row for _, row in placed]
    has_id = column(found, key).str.contains(_ID).fill_null(value=False)
    if has_id.all():
        return found, [place for place, _ in placed]
    for at in (~has_id).arg_true():
        place, row = placed[at]
        tally.reject(place, NO_ID, told(row.get("name")))
    kept = [placed[at] for at in has_id.arg_true()]
    return [row for _, row in kept], [place for place, _ in kept]


def is_id(text: str | None) -> bool:
    """Whether it can stand for a stream in an address."""
    return text is not None and re.fullmatch(_ID, text) is not None


def ids(source: str, kind: str, keys: pl.Series, seen: dict[str, int]) -> pl.Series:
    """Return stable ids made of the provider's; `seen` counts those that come again."""
    found = []
    for key in keys.to_list():
        occurrence = seen.get(key, 0)
        seen[key] = occurrence + 1
        found.append(schema.channel_id(source, f"{kind}\0{key}", occurrence))
    return pl.Series(found, dtype=pl.String)


def category(rows: Sequence[Row], names: Mapping[str, str]) -> pl.Series:
    """Return the names of the entries' categories, null for what is in none that is listed."""
    if not names:
        return pl.repeat(None, len(rows), dtype=pl.String, eager=True)
    numbers = column(rows, "category_id")
    lacking = (numbers.is_null() | (numbers == "0")).arg_true()
    if not lacking.is_empty():
        several = column([_first_category(rows[at]) for at in lacking], "category_id")
        numbers = numbers.scatter(lacking, several)
    return numbers.replace_strict(dict(names), default=None, return_dtype=pl.String)


def _first_category(row: Row) -> Row:
    """Return what says the category of an entry where only a list does, or a 0 that counts."""
    several = row.get("category_ids")
    if isinstance(several, list) and several:
        return {"category_id": several[0]}
    return {"category_id": row.get("category_id")}
