"""Which pictures the channels of a proxy have: a table that a build takes as it takes snapshots.

The controller writes it from what `tvarr.logos` has gathered; `tvarr.pipeline.gather` reads it for
a build and `tvarr.outputs.logos` looks up in it what is written out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Final

import polars as pl

from tvarr.errors import Panic, without_panic

if TYPE_CHECKING:
    from pathlib import Path

LINKS: Final = {"logo": pl.String, "name": pl.String, "id": pl.String}
"""The table of one proxy. With `logo`: that address has the picture `id`, or is known to have none
where `id` is null. With `name`: a channel of that name without a logo has the placeholder `id`."""


@dataclass(frozen=True)
class Links:
    """The table of one proxy as a build takes it."""

    digest: str
    table: bytes = field(repr=False)
    """Parquet of `LINKS`."""

    def frame(self) -> pl.DataFrame:
        """Return the table; raises `PolarsError` or `Panic` for what is none."""
        table = without_panic(pl.read_parquet, BytesIO(self.table))
        return table.select(pl.col(name).cast(kind) for name, kind in LINKS.items())


def folder_beside(snapshots: Path) -> Path:
    """Return the folder of the logos, which lies beside that of the snapshots."""
    return snapshots.with_name("logos")


def read_links(logos: Path, proxy: str) -> Links | None:
    """Return what is known of the proxy's logos; None where nothing is."""
    try:
        table = links_file(logos, proxy).read_bytes()
    except OSError:
        return None
    links = Links(sha256(table).hexdigest()[:32], table)
    try:
        links.frame()
    except (pl.exceptions.PolarsError, Panic):
        return None  # damaged: it is written anew, until then nothing is known
    return links


def links_file(logos: Path, proxy: str) -> Path:
    """Return where the table of a proxy lies."""
    return logos / "links" / f"{proxy}.parquet"
