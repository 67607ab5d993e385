"""Many #EXTINF lines at once: what `tvarr.ingest.extinf` says of each, as a frame.

Called by `tvarr.ingest.rows`. A playlist is written by a program, so nearly all of its lines have
the same attributes in the same order, all in double quotes. Such lines are split at the quotes by
Polars, a whole column at a time; the rest go one by one through `extinf.parse`, which reads the
usual form no differently. Here is also settled which attribute is which column.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import polars as pl

from tvarr.catalog.schema import ADULT_ATTRIBUTES
from tvarr.ingest import extinf
from tvarr.ingest.request_headers import ATTRIBUTES as HEADER_ATTRIBUTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# the reader takes these out of every line, so no value holds them
BETWEEN, INSIDE = "\x1f", "\x1e"

COLUMN_OF: Final = {
    "tvg-id": "tvg_id",
    "tvg-name": "tvg_name",
    "tvg-logo": "tvg_logo",
    "group-title": "group_title",
    "tvg-chno": "channel_number",
    "ch-number": "channel_number",  # Kodi
    "channel-number": "channel_number",  # Channels DVR
    "tvg-shift": "tvg_shift",
    "tvg-language": "tvg_language",
    "tvg-country": "tvg_country",
    "radio": "radio",
    "catchup": "catchup",
    "catchup-days": "catchup_days",
    "catchup-source": "catchup_source",
}
"""Attributes in lower case that have a column; of two for one column, the first counts."""

TEXTS: Final = (
    "duration", "name", *dict.fromkeys(COLUMN_OF.values()), "is_adult", "attributes", "asked",
)  # fmt: skip
SCHEMA: Final = {
    "at": pl.UInt32(),
    **dict.fromkeys(TEXTS, pl.String()),
    "broken": pl.Boolean(),
    "repeated": pl.Boolean(),
}

_USUAL_SHAPES: Final = 16
_SAMPLE: Final = 256
_BARE = r"^#EXTINF:(-?[0-9]+(?:\.[0-9]+)?)[ \t]*,(.*)$"
_NO_TEXT = pl.lit(None, pl.String)


@dataclass(frozen=True)
class _Layout:
    """Where the values of a sequence of attributes go, by position."""

    columns: dict[str, int]
    kept: tuple[tuple[str, int], ...]
    asked: tuple[tuple[str, int], ...]
    """Request headers, by their own names."""
    repeated: bool
    """Whether an attribute that has a column comes twice."""


def parse_entries(lines: Sequence[str]) -> pl.DataFrame:
    """Return `SCHEMA`, one row per line, in the order of `lines` (`at` counts them from 0).

    `attributes` and `asked` (request headers) are pairs in one text: name, `INSIDE`, value, with
    `BETWEEN` between them. The texts of flags are as they came.
    """
    left = pl.DataFrame({"line": lines}, schema={"line": pl.String}).with_row_index("at")
    left = left.with_columns(parts=pl.col("line").str.split('"'))
    done = []
    for shape in _usual_shapes(lines):
        fitting, left = _divide(left, _fits(shape))
        done.append(_read_shape(fitting, shape))
        if left.is_empty():
            break
    else:
        bare, left = _divide(left, pl.col("line").str.contains(_BARE))
        done += [_read_bare(bare), _read_singly(left)]
    return pl.concat(done).sort("at") if len(done) > 1 else done[0]


def join_pairs(pairs: Iterable[tuple[str, str]]) -> str | None:
    """Return pairs as one text; None for no pair."""
    return BETWEEN.join([name + INSIDE + value for name, value in pairs]) or None


def split_pairs(text: str | None) -> list[tuple[str, str]]:
    """Undo `join_pairs`."""
    if text is None:
        return []
    return [(name, value) for name, _, value in (p.partition(INSIDE) for p in text.split(BETWEEN))]


@lru_cache(maxsize=extinf.SHAPES)
def layout_of(names: tuple[str, ...]) -> _Layout:
    """Return where the values of these attributes go."""
    columns: dict[str, int] = {}
    kept, asked = [], []
    repeated = False
    for position, name in enumerate(names):
        lower = name.lower()
        column = COLUMN_OF.get(lower)
        if column is not None:
            repeated |= column in columns
            columns.setdefault(column, position)
            continue
        kept.append((name, position))
        if lower in ADULT_ATTRIBUTES:
            columns.setdefault("is_adult", position)
        elif lower in HEADER_ATTRIBUTES:
            asked.append((HEADER_ATTRIBUTES[lower], position))
    return _Layout(columns, tuple(kept), tuple(asked), repeated)


def _divide(rows: pl.DataFrame, condition: pl.Expr) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows for which the condition holds, and the others."""
    holds = rows.select(condition).to_series()
    if holds.all():  # as it mostly is; filtering would copy every line
        return rows, rows.clear()
    return rows.filter(holds), rows.filter(~holds)


# --- lines of a usual shape ---------------------------------------------------------------------


def _usual_shapes(lines: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the commonest texts between quoted values, judged by a sample of the lines."""
    sample = lines[:: max(1, len(lines) // _SAMPLE)]
    found = Counter(tuple(line.split('"')[:-1:2]) for line in sample)
    shapes = (shape for shape, _ in found.most_common(_USUAL_SHAPES))
    return [shape for shape in shapes if extinf.names_between(shape) is not None]


def _fits(shape: tuple[str, ...]) -> pl.Expr:
    parts = pl.col("parts")
    return pl.all_horizontal(
        parts.list.len() == 2 * len(shape) + 1,
        parts.list.last().str.starts_with(","),
        *(parts.list.get(2 * i, null_on_oob=True) == text for i, text in enumerate(shape)),
    ).fill_null(False)


def _read_shape(rows: pl.DataFrame, shape: tuple[str, ...]) -> pl.DataFrame:
    duration, names = extinf.names_between(shape) or ("", ())
    layout = layout_of(names)
    parts = pl.col("parts")
    values = [parts.list.get(2 * i + 1, null_on_oob=True) for i in range(len(shape))]
    texts = {column: values[position] for column, position in layout.columns.items()}
    texts["duration"] = pl.lit(duration)
    texts["name"] = parts.list.last().str.slice(1).str.strip_chars()
    texts["attributes"] = _joined(layout.kept, values)
    texts["asked"] = _joined(layout.asked, values)
    return _in_order(rows, texts, broken=False, repeated=layout.repeated)


def _joined(pairs: Sequence[tuple[str, int]], values: Sequence[pl.Expr]) -> pl.Expr:
    if not pairs:
        return _NO_TEXT
    texts: list[pl.Expr] = []
    for name, position in pairs:
        texts += [pl.lit((BETWEEN if texts else "") + name + INSIDE), values[position]]
    return pl.concat_str(texts)


def _read_bare(rows: pl.DataFrame) -> pl.DataFrame:
    """Read the lines that have a duration and a name only."""
    texts = {
        "duration": pl.col("line").str.extract(_BARE, 1),
        "name": pl.col("line").str.extract(_BARE, 2).str.strip_chars(),
    }
    return _in_order(rows, texts, broken=False, repeated=False)


def _in_order(
    rows: pl.DataFrame, texts: dict[str, pl.Expr], *, broken: bool, repeated: bool
) -> pl.DataFrame:
    return rows.select(
        "at",
        *(texts.get(name, _NO_TEXT).alias(name) for name in TEXTS),
        pl.lit(broken).alias("broken"),
        pl.lit(repeated).alias("repeated"),
    )


# --- all others ---------------------------------------------------------------------------------


def _read_singly(rows: pl.DataFrame) -> pl.DataFrame:
    texts: dict[str, list[str | None]] = {name: [None] * rows.height for name in TEXTS}
    broken, repeated = [], []
    for at, line in enumerate(rows["line"]):
        entry = extinf.parse(line)
        layout = layout_of(entry.names)
        for column, position in layout.columns.items():
            texts[column][at] = entry.values[position]
        texts["duration"][at] = entry.duration
        texts["name"][at] = entry.name
        texts["attributes"][at] = join_pairs((n, entry.values[p]) for n, p in layout.kept)
        texts["asked"][at] = join_pairs((n, entry.values[p]) for n, p in layout.asked)
        broken.append(entry.broken)
        repeated.append(layout.repeated)
    return pl.DataFrame(
        {"at": rows["at"], **texts, "broken": broken, "repeated": repeated}, schema=SCHEMA
    )
