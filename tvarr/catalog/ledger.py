"""Which channel has which number: a proxy's ledger, one Parquet file in the data folder.

    DATA/numbers/PROXY.parquet

`tvarr.pipeline` reads it as an input of a build and works out the next one, `tvarr.outputs.publish`
stores that once the build is public, and `tvarr numbers` shows it and sets it back. The digest of
its bytes stands for it in a build's key.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from hashlib import sha256
from stat import S_ISREG
from typing import TYPE_CHECKING

from tvarr.disk import sync
from tvarr.errors import Panic, without_panic

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

log = logging.getLogger(__name__)

_MOST_BYTES = 256 << 20


@dataclass(frozen=True)
class Ledger:
    """One state of a proxy's ledger."""

    path: Path
    digest: str

    def read(self) -> pl.DataFrame:
        """Return `schema.LEDGER`; one that cannot be read is told in the log and counts as empty.

        Raises FileNotFoundError where the file is not what it was when it was found.
        """
        import polars as pl

        from tvarr.catalog.schema import LEDGER

        content = self.path.read_bytes()
        if _digest(content) != self.digest:
            raise FileNotFoundError(f"{self.path} was replaced meanwhile")
        try:
            frame = without_panic(pl.read_parquet, content)
        except (pl.exceptions.PolarsError, OSError, Panic) as error:
            log.warning("%s cannot be read, so numbers are given anew: %s", self.path, error)
            return empty()
        if frame.schema != LEDGER:
            log.warning("%s has other columns, so numbers are given anew", self.path)
            return empty()
        if not _has_each_once(frame):
            log.warning(
                "%s has a channel twice or without id, so numbers are given anew", self.path
            )
            return empty()
        return frame


def empty() -> pl.DataFrame:
    """Return the ledger of a proxy that was never built."""
    import polars as pl

    from tvarr.catalog.schema import LEDGER

    return pl.DataFrame(schema=LEDGER)


def path_of(data: Path, proxy: str) -> Path:
    """Return where a proxy's ledger lies."""
    return data / "numbers" / f"{proxy}.parquet"


def find(data: Path, proxy: str) -> Ledger | None:
    """Return the ledger as it is now, None where there is none that can be read."""
    path = path_of(data, proxy)
    try:
        found = path.stat()
        if found.st_size > _MOST_BYTES or not S_ISREG(found.st_mode):
            log.warning("%s is too large to be a ledger, or no file, and is left aside", path)
            return None
        return Ledger(path, _digest(path.read_bytes()))
    except FileNotFoundError:
        return None
    except OSError as error:
        log.warning("%s cannot be read and is left aside: %s", path, error.strerror)
        return None


def store(data: Path, proxy: str, rows: pl.DataFrame, instead_of: Ledger | None) -> Ledger | None:
    """Put `rows` in the place of `instead_of`; None, and nothing is done, if that is not there.

    Somebody has set the numbers back then while a build was running, and means it. The file is
    there whole or not at all, and is left alone where it would be the same. Where a folder is in
    its way, that is told in the log, and None, too.
    """
    if find(data, proxy) != instead_of:
        return None
    path = path_of(data, proxy)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}")
    rows.write_parquet(beside, compression="zstd", compression_level=1)
    new = Ledger(path, _digest(beside.read_bytes()))
    if new == instead_of:
        beside.unlink()
        return new
    sync(beside)
    try:
        beside.replace(path)
    except IsADirectoryError:
        log.warning("%s is a folder, so that numbers are not kept", path)
        beside.unlink()
        return None
    sync(path.parent)
    return new


def remove(data: Path, proxy: str) -> bool:
    """Forget a proxy's numbers; return whether there were any. A folder in their place stays."""
    path = path_of(data, proxy)
    try:
        path.unlink()
    except (FileNotFoundError, IsADirectoryError):
        return False
    sync(path.parent)
    return True


def _has_each_once(frame: pl.DataFrame) -> bool:
    ids = frame["channel_id"]
    return ids.null_count() == 0 and ids.n_unique() == ids.len()


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()[:32]
