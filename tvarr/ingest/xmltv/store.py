"""The programmes of a guide on their way from the document's order to the snapshot's.

Used by `tvarr.ingest.xmltv`. The texts wait in an unnamed file on disk, the keys (some 40 bytes a
programme) in memory; `write` sorts the keys and reads the texts in that order, a row group at a
time. Guides are usually grouped by channel, so the texts are read in long runs; one sorted by time
takes a read for each programme, and the same memory.
"""

from __future__ import annotations

import os
import tempfile
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import polars as pl
from polars.io.plugins import register_io_source

from tvarr.catalog.schema import INSTANT, PROGRAMMES
from tvarr.ingest.ahead import map_ahead
from tvarr.ingest.xmltv.columns import columns_of
from tvarr.ingest.xmltv.cut import END

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from tvarr.ingest.xmltv.rows import Rows

ROW_GROUP: Final = 10_000
"""Rows that are unpacked together, so one channel's evening wants few; of half as many each, the
file grows and its footer takes longer to read than is saved."""
ROW_GROUP_BYTES: Final = 64 << 20
"""Bytes of text in a row group, about; it has fewer rows where programmes are very large."""
PART: Final = 1 << 20
"""Bytes of text that are read at once."""

_CODE: Final = {"channel": pl.UInt32}
_KEYS: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "start": INSTANT,
    "stop": INSTANT,
    "channel": pl.UInt32,
    "offset": pl.Int64,
    "length": pl.Int64,
    "plain": pl.Boolean,
}


class ProgrammeStore:
    """All programmes read so far; leaving the `with` block gives the disk back."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 -- closed by __exit__
        self._size = 0
        self._codes: dict[str, int] = {}
        self._keys: list[pl.DataFrame] = []

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
            )
        )
        self._file.write(rows.data)
        self._size += len(rows.data)

    def write(self, path: Path, guide: str) -> None:
        """Write `schema.PROGRAMMES`, sorted by channel, start and place in the document."""
        self._file.flush()
        names = pl.Series("guide_channel", sorted(self._codes), pl.String)
        keys, order = self._ordered_keys(names)

        def read(part: tuple[int, int]) -> pl.DataFrame:
            rows = keys[order[slice(*part)]]
            rows = rows.with_columns(names.gather(rows["rank"]))
            return columns_of(self._texts(rows), rows, guide)

        def parts(*_: object) -> Iterator[pl.DataFrame]:
            yield pl.DataFrame(schema=PROGRAMMES)  # also where there are no programmes
            yield from map_ahead(read, pairwise(_bounds(keys["length"].gather(order))))

        register_io_source(parts, schema=pl.Schema(PROGRAMMES)).sink_parquet(
            path,
            compression="zstd",
            compression_level=1,
            row_group_size=_row_group(keys["length"]),
            maintain_order=True,
        )

    def _ordered_keys(self, names: pl.Series) -> tuple[pl.DataFrame, pl.Series]:
        """Return all keys, with the channel's `rank` among `names`, and their final order."""
        codes = pl.DataFrame({"channel": [self._codes[name] for name in names]}, schema=_CODE)
        ranks = codes.with_row_index("rank").sort("channel")["rank"]
        keys = pl.concat([pl.DataFrame(schema=_KEYS), *self._keys])
        self._keys.clear()
        keys = keys.with_columns(rank=ranks.gather(keys["channel"])).drop("channel")
        order = keys.select(pl.arg_sort_by("rank", "start", maintain_order=True)).to_series()
        return keys, order

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


def _bounds(lengths: pl.Series) -> list[int]:
    """Return where parts of about `PART` bytes begin and end, by the rows' lengths."""
    part = lengths.cum_sum() // PART
    begins = (part != part.shift(1)).fill_null(value=True).arg_true()
    return [*begins, len(lengths)]


def _row_group(lengths: pl.Series) -> int:
    fitting = ROW_GROUP_BYTES * len(lengths) // max(1, int(lengths.sum()))
    return max(1, min(ROW_GROUP, fitting))
