"""One piece of a guide → its channels, and what is needed to sort its programmes.

The second step of `tvarr.ingest.xmltv`, run for several pieces at a time in threads. A programme's
text stays where it is in the piece; only its key is read here (channel, start, stop), and where
its text stands. The fields are read later, in the final order, by `tvarr.ingest.xmltv.columns`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import accumulate
from typing import TYPE_CHECKING, Final

import polars as pl

from tvarr.ingest.tally import Tally
from tvarr.ingest.xmltv import plain
from tvarr.ingest.xmltv.cut import ELEMENT_LIMIT, END
from tvarr.ingest.xmltv.encoding import Fallback, recode
from tvarr.ingest.xmltv.odd import BLANKS, EXCERPT, OddReader, Problem
from tvarr.ingest.xmltv.times import spans

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    from tvarr.ingest.xmltv.cut import Piece
    from tvarr.ingest.xmltv.odd import Channel, Programme

NO_START: Final = "programme without a readable start"
NO_CHANNEL: Final = "programme without a channel"
NO_STOP: Final = "programme without a readable stop"
STOP_BEFORE_START: Final = "stop that is not after the start"
RECODED: Final = "letters that are not UTF-8"

SAMPLES_OF_A_KIND: Final = 3
"""Bad rows of one kind that are shown from one piece."""

_KEYS: Final[dict[str, type[pl.DataType]]] = {
    "start": pl.String,
    "stop": pl.String,
    "channel": pl.String,
    "order": pl.UInt32,  # the row of the piece
    "offset": pl.Int64,
    "length": pl.Int64,
    "plain": pl.Boolean,
}


@dataclass(frozen=True)
class RowOptions:
    """What all pieces of one guide have in common."""

    zone: ZoneInfo
    """Of times that come without one."""
    shift: timedelta = timedelta()
    """What is added to every time."""
    fallback: Fallback = field(default_factory=Fallback)
    """The encoding of rows that are not UTF-8."""
    namespaces: Mapping[str, str] = field(default_factory=dict)
    """Prefixes that the root element declares."""


@dataclass(frozen=True)
class Rows:
    """What one piece holds."""

    data: bytes
    """The programmes' texts, each from its start tag to before its end tag."""
    keys: pl.DataFrame
    """channel, start, stop, offset and length in `data`, plain; in the document's order."""
    channels: tuple[tuple[int, Channel], ...]
    """Each with the offset in `piece` of the row that it stands in."""
    piece: Piece
    tally: Tally


def read_piece(piece: Piece, options: RowOptions) -> Rows:
    """Read the channels and the programmes' keys of a piece."""
    tally = Tally()
    piece, rows = _split(piece, options.fallback, tally)
    is_plain = _find_plain(rows)
    odd = OddReader(options.namespaces)
    odd.read(_odd_rows(rows, is_plain))
    canonical, data = _appended(odd.programmes, piece.data)
    keys = pl.concat([_plain_keys(rows.filter(is_plain)), canonical])
    keys = _with_times(keys.sort("order", maintain_order=True), options)
    _report(odd.problems, piece, rows["offset"], tally)
    keys = _without_unusable(keys, piece, rows, tally)
    offsets = rows["offset"]
    channels = tuple((offsets[order], channel) for order, channel in odd.channels)
    return Rows(data, keys, channels, piece, tally)


def _split(piece: Piece, fallback: Fallback, tally: Tally) -> tuple[Piece, pl.DataFrame]:
    """Split a piece at its end tags; the last row is what stands behind the last of them."""
    try:
        text = pl.Series([piece.data]).cast(pl.String)
    except (pl.exceptions.ComputeError, pl.exceptions.InvalidOperationError):
        piece = _recoded(piece, fallback, tally)
        text = pl.Series([piece.data]).cast(pl.String)
    rows = text.str.split(END.decode()).explode().alias("row").to_frame().with_row_index("order")
    length = pl.col("row").str.len_bytes().cast(pl.Int64)
    return piece, plain.split_head(rows, "row").with_columns(
        length=length,
        offset=(length + len(END)).cum_sum() - (length + len(END)),
        is_ended=pl.col("order") < rows.height - 1,
    )


def _recoded(piece: Piece, fallback: Fallback, tally: Tally) -> Piece:
    """Return the piece as UTF-8, its rows judged one by one."""
    rows = piece.data.split(END)
    mended = []
    for number, row in enumerate(rows):
        try:
            row.decode()
        except UnicodeDecodeError:
            rows[number] = recode(row, fallback)
            mended.append(Problem(number, RECODED, rows[number].decode(), repaired=True))
    piece = replace(piece, data=END.join(rows))
    if not fallback.is_declared:
        offsets = list(accumulate((len(row) + len(END) for row in rows), initial=0))
        _report(mended, piece, offsets, tally)
    return piece


def _find_plain(rows: pl.DataFrame) -> pl.Series:
    is_small = (pl.col("length") <= ELEMENT_LIMIT) & pl.col("is_ended")
    return rows.select(is_small.alias("plain")).to_series() & plain.is_plain(rows)


def _odd_rows(rows: pl.DataFrame, is_plain: pl.Series) -> list[tuple[int, str, bool]]:
    return rows.filter(~is_plain).select("order", "row", "is_ended").rows()


def _plain_keys(rows: pl.DataFrame) -> pl.DataFrame:
    places = rows.select("order", "offset", "length", plain=pl.lit(value=True))
    return plain.head_values(rows).hstack(places).select(list(_KEYS))


def _appended(programmes: list[Programme], data: bytes) -> tuple[pl.DataFrame, bytes]:
    """Append canonical texts to a piece's data; return their keys and the longer data."""
    texts = [programme.text.encode() for programme in programmes]
    lengths = [len(text) for text in texts]
    offsets = accumulate((length + len(END) for length in lengths), initial=len(data))
    written = pl.Series("text", [programme.text for programme in programmes], pl.String)
    is_plain = plain.is_plain_inner(plain.split_head(written.to_frame(), "text"))
    keys = pl.DataFrame(
        [
            (p.start, p.stop, p.channel, p.order, *place)
            for p, *place in zip(programmes, offsets, lengths, is_plain, strict=False)
        ],
        schema=_KEYS,
        orient="row",
    )
    return keys, b"".join((data, *(text + END for text in texts)))


def _with_times(keys: pl.DataFrame, options: RowOptions) -> pl.DataFrame:
    """Read the times; a stop that is not after the start is none."""
    start, stop = spans(keys, options.zone)
    return keys.with_columns(
        start=start + options.shift,
        stop=pl.when(stop > start).then(stop + options.shift),
        is_backward=(stop <= start).fill_null(value=False),
    )


def _without_unusable(
    keys: pl.DataFrame, piece: Piece, rows: pl.DataFrame, tally: Tally
) -> pl.DataFrame:
    """Count what is wrong with the keys, and leave out what cannot be placed."""
    has_channel = pl.col("channel").str.strip_chars(BLANKS).str.len_bytes() > 0
    judged = keys.with_columns(
        problem=pl.when(pl.col("start").is_null())
        .then(pl.lit(NO_START))
        .when(~has_channel.fill_null(value=False))
        .then(pl.lit(NO_CHANNEL))
        .when("is_backward")
        .then(pl.lit(STOP_BEFORE_START))
        .when(pl.col("stop").is_null())
        .then(pl.lit(NO_STOP))
    )
    wrong = judged.filter(pl.col("problem").is_not_null())
    if wrong.is_empty():
        return keys.drop("order", "is_backward")
    texts = rows["row"].gather(wrong["order"])
    problems = [
        Problem(order, name, text, repaired=name in (STOP_BEFORE_START, NO_STOP))
        for order, name, text in zip(wrong["order"], wrong["problem"], texts, strict=True)
    ]
    _report(problems, piece, rows["offset"], tally)
    is_unusable = judged["problem"].is_in([NO_START, NO_CHANNEL]).fill_null(value=False)
    return keys.filter(~is_unusable).drop("order", "is_backward")


def _report(
    problems: list[Problem], piece: Piece, offsets: Sequence[int] | pl.Series, tally: Tally
) -> None:
    """Count problems, and show the first of each kind with the line it stands on."""
    for name, group in _by_name(problems).items():
        for problem in group[:SAMPLES_OF_A_KIND]:
            count = tally.repair if problem.repaired else tally.reject
            text = problem.excerpt.strip(BLANKS)[:EXCERPT]
            begin = offsets[problem.order]
            place = piece.data.find(text.encode(), begin)
            count(piece.line_at(begin if place < 0 else place), name, text)
        counts = tally.repaired if group[0].repaired else tally.rejected
        counts[name] += max(0, len(group) - SAMPLES_OF_A_KIND)


def _by_name(problems: list[Problem]) -> dict[str, list[Problem]]:
    groups: dict[str, list[Problem]] = {}
    for problem in problems:
        groups.setdefault(problem.name, []).append(problem)
    return groups
