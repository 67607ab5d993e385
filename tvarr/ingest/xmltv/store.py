"""The programmes of a guide on their way from the documents' order to the snapshot's.

Used by `tvarr.ingest.xmltv`. The texts wait in an unnamed file on disk, the keys (some 40 bytes a
programme) in memory; `write` sorts the keys and reads the texts in that order, a row group at a
time. Guides are usually grouped by channel, so the texts are read in long runs; one sorted by time
takes a read for each programme, and the same memory. What is carried over from the past
(`tvarr.ingest.xmltv.past`) is merged in on the way.
"""

from __future__ import annotations

import logging
import os
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import polars as pl
from polars.io.plugins import register_io_source

from tvarr.catalog.schema import INSTANT, PROGRAMMES
from tvarr.ingest.ahead import map_ahead
from tvarr.ingest.xmltv.columns import columns_of
from tvarr.ingest.xmltv.cut import END
from tvarr.ingest.xmltv.past import BEGUN, PastRows, PastUnreadableError, no_longer_listed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from tvarr.ingest.xmltv.past import Past
    from tvarr.ingest.xmltv.rows import Rows

log = logging.getLogger(__name__)

ROW_GROUP: Final = 10_000
"""Rows that are unpacked together, so one channel's evening wants few; of half as many each, the
file grows and its footer takes longer to read than is saved."""
ROW_GROUP_BYTES: Final = 64 << 20
"""Bytes of text in a row group, about; it has fewer rows where programmes are very large."""
PART: Final = 1 << 20
"""Bytes of text that are read at once."""
USUAL: Final = 600
"""Bytes of text that a programme of the past is taken for."""

_CODE: Final = {"channel": pl.UInt32}
_KEYS: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "start": INSTANT,
    "stop": INSTANT,
    "channel": pl.UInt32,
    "offset": pl.Int64,
    "length": pl.Int64,
    "plain": pl.Boolean,
    "document": pl.UInt16,
}
_OF_THE_PAST: Final = -1
"""The offset of a row that is carried over."""


@dataclass(frozen=True)
class Written:
    """What became of the programmes."""

    programmes: int
    """Of the documents."""
    repeated: int
    """Left out, since an earlier document has one of that channel and start."""
    past: pl.Series
    """The channel of each programme that was carried over."""


class ProgrammeStore:
    """All programmes read so far; leaving the `with` block gives the disk back."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 -- closed by __exit__
        self._size = 0
        self._codes: dict[str, int] = {}
        self._keys: list[pl.DataFrame] = []
        self._document = 0
        self._begin = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def __len__(self) -> int:
        return sum(keys.height for keys in self._keys)

    def begin_document(self) -> None:
        """Take note that what is added from now on is of another document."""
        self._document += 1
        self._begin = len(self._keys)

    def drop_document(self) -> None:
        """Forget what was added since the document began."""
        del self._keys[self._begin :]

    def add(self, rows: Rows) -> None:
        """Keep a piece's programmes; pieces come in the document's order."""
        if rows.keys.is_empty():
            return
        channels = rows.keys["channel"]
        known = channels.unique()
        codes = [self._codes.setdefault(channel, len(self._codes)) for channel in known]
        self._keys.append(
            rows.keys.with_columns(
                channel=channels.replace_strict(known, codes, return_dtype=pl.UInt32),
                offset=pl.col("offset") + self._size,
                document=pl.lit(self._document, pl.UInt16),
            ).select(list(_KEYS))
        )
        self._file.write(rows.data)
        self._size += len(rows.data)

    def write(self, path: Path, guide: str, past: Past | None = None) -> Written:
        """Write `schema.PROGRAMMES`, sorted by channel, start and place in the documents.

        With `past`, what has been and is in no document is written, too.
        """
        self._file.flush()
        begun = past.begun() if past else pl.DataFrame(schema=BEGUN)
        names = pl.Series("guide_channel", sorted({*self._codes, *begun["guide_channel"]}))
        names = names.cast(pl.String)  # of no names, too
        listed, repeated = self._sorted_keys(names)
        begun = _left_over(begun, names, listed)
        if past is not None and not begun.is_empty():
            rows = PastRows(past, begun["row"], guide)
            try:
                self._sink(path, guide, names, _merged(listed, begun), rows)
                return Written(listed.height, repeated, begun["guide_channel"])
            except PastUnreadableError as error:
                log.warning("what has been is lost: the former snapshot is damaged: %s", error)
        self._sink(path, guide, names, listed)
        return Written(listed.height, repeated, begun["guide_channel"].clear())

    def _sink(
        self,
        path: Path,
        guide: str,
        names: pl.Series,
        keys: pl.DataFrame,
        past: PastRows | None = None,
    ) -> None:
        """Write the rows of `keys`, a part after the other."""

        def read(part: tuple[pl.DataFrame, pl.DataFrame | None]) -> pl.DataFrame:
            rows, carried = part
            if carried is None:
                return self._columns(rows, names, guide)
            is_new = rows["offset"] != _OF_THE_PAST
            new = self._columns(rows.filter(is_new), names, guide)
            return _interleaved(new, carried, is_new)

        def parts(*_: object) -> Iterator[pl.DataFrame]:
            yield pl.DataFrame(schema=PROGRAMMES)  # also where there are no programmes
            yield from map_ahead(read, _parts(keys, past))

        register_io_source(parts, schema=pl.Schema(PROGRAMMES)).sink_parquet(
            path,
            compression="zstd",
            compression_level=1,
            row_group_size=_row_group(keys["length"]),
            maintain_order=True,
        )

    def _columns(self, keys: pl.DataFrame, names: pl.Series, guide: str) -> pl.DataFrame:
        """Read the texts of one part."""
        if keys.is_empty():
            return pl.DataFrame(schema=PROGRAMMES)
        keys = keys.with_columns(names.gather(keys["rank"]))
        return columns_of(self._texts(keys), keys, guide)

    def _sorted_keys(self, names: pl.Series) -> tuple[pl.DataFrame, int]:
        """Return all keys in their final order, with the channel's `rank` among `names`.

        The number is that of programmes which an earlier document has; they are left out.
        """
        codes = pl.DataFrame({"channel": [self._codes.get(name) for name in names]}, schema=_CODE)
        ranks = codes.with_row_index("rank").drop_nulls().sort("channel")["rank"]
        keys = pl.concat([pl.DataFrame(schema=_KEYS), *self._keys])
        self._keys.clear()
        keys = keys.with_columns(rank=ranks.gather(keys["channel"])).drop("channel")
        keys = keys.sort("rank", "start", maintain_order=True)
        if self._document <= 1:
            return keys, 0
        kept = keys.filter(pl.col("document") == pl.col("document").first().over("rank", "start"))
        return kept, keys.height - kept.height

    def _texts(self, keys: pl.DataFrame) -> pl.Series:
        """Read the texts from disk; those that stand one behind the other in one go."""
        runs = (
            keys.lazy()
            .select("offset", end=pl.col("offset") + pl.col("length") + len(END))
            .with_columns(
                run=(pl.col("offset") != pl.col("end").shift(1)).fill_null(True).cum_sum()
            )
            .group_by("run", maintain_order=True)
            .agg(pl.col("offset").first(), pl.col("end").last())
            .select("offset", "end")
            .collect()
        )
        parts = [self._bytes(offset, end) for offset, end in runs.iter_rows()]
        text = pl.Series([b"".join(parts)]).cast(pl.String)
        return text.str.split(END.decode()).explode().head(keys.height)

    def _bytes(self, offset: int, end: int) -> bytes:
        data = os.pread(self._file.fileno(), end - offset, offset)
        if len(data) < end - offset:
            raise OSError("the temporary file of the guide is shorter than what was written")
        return data


def _left_over(begun: pl.DataFrame, names: pl.Series, listed: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of `begun` that are carried over, with their channel's `rank`."""
    if begun.is_empty():
        return begun
    ranked = names.to_frame().with_row_index("rank")
    return no_longer_listed(begun.join(ranked, on="guide_channel"), listed)


def _parts(
    keys: pl.DataFrame, past: PastRows | None
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame | None]]:
    """Yield the keys by parts, each with those of its rows that are carried over."""
    for begin, end in pairwise(_bounds(keys["length"])):
        rows = keys[begin:end]
        carried = int((rows["offset"] == _OF_THE_PAST).sum()) if past else 0
        yield rows, past.take(carried) if past and carried else None


def _merged(listed: pl.DataFrame, begun: pl.DataFrame) -> pl.DataFrame:
    """Return the keys of both, in their final order."""
    carried = begun.select(
        "rank",
        "start",
        "stop",
        offset=pl.lit(_OF_THE_PAST, pl.Int64),
        length=pl.lit(USUAL, pl.Int64),
    )
    return pl.concat([listed, carried], how="diagonal").sort("rank", "start", maintain_order=True)


def _interleaved(new: pl.DataFrame, carried: pl.DataFrame, is_new: pl.Series) -> pl.DataFrame:
    """Return the rows of both, by runs: what is over mostly stands before all that is new."""
    runs, begun = [], {True: 0, False: 0}
    for length, of_new in is_new.rle().struct.unnest().iter_rows():
        runs.append((new if of_new else carried).slice(begun[of_new], length))
        begun[of_new] += length
    return pl.concat(runs)


def _bounds(lengths: pl.Series) -> list[int]:
    """Return where parts of about `PART` bytes begin and end, by the rows' lengths."""
    part = lengths.cum_sum() // PART
    begins = (part != part.shift(1)).fill_null(value=True).arg_true()
    return [*begins, len(lengths)]


def _row_group(lengths: pl.Series) -> int:
    fitting = ROW_GROUP_BYTES * len(lengths) // max(1, int(lengths.sum()))
    return max(1, min(ROW_GROUP, fitting))
