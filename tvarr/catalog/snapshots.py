"""Immutable snapshots: a folder of Parquet files and a report, named by the digest of its bytes.

    DATA/snapshots/source/freeview/3f6c…/channels.parquet, report.json
    DATA/snapshots/epg/uk/91ab…/channels.parquet, programmes.parquet, report.json

Readers stage files into a folder beside, `commit` names it by content and moves it into place
with one rename, so a snapshot is whole or not there. Which snapshot is current stands in the
resource's status document; an old one stays until `prune`.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tvarr.disk import sync
from tvarr.errors import Reason, Transient

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl


_STAGE: Final = ".stage-"


@dataclass(frozen=True)
class Snapshot:
    """One immutable state of one source or guide."""

    kind: str  # source | epg
    name: str
    digest: str
    folder: Path

    @property
    def channels(self) -> Path:
        """Parquet of `schema.CHANNELS` (a source) or `schema.GUIDE_CHANNELS` (a guide)."""
        return self.folder / "channels.parquet"

    @property
    def programmes(self) -> Path:
        """Parquet of `schema.PROGRAMMES`; guides only."""
        return self.folder / "programmes.parquet"

    @property
    def vod(self) -> Path:
        """Parquet of `schema.VOD`; only there for sources with films or series."""
        return self.folder / "vod.parquet"

    def scan_channels(self) -> pl.LazyFrame:
        """Return the channels, lazily."""
        import polars as pl

        return pl.scan_parquet(self.channels)

    def scan_programmes(self) -> pl.LazyFrame:
        """Return the programmes, lazily, sorted by guide_channel and start."""
        import polars as pl

        return pl.scan_parquet(self.programmes)

    def scan_vod(self) -> pl.LazyFrame:
        """Return the films and series, lazily; no rows where the source has none."""
        import polars as pl

        from tvarr.catalog import schema

        return pl.scan_parquet(self.vod) if self.vod.exists() else pl.LazyFrame(schema=schema.VOD)


class Snapshots:
    """The folder of all snapshots."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @contextmanager
    def stage(self, kind: str, name: str) -> Iterator[Path]:
        """Yield a new empty folder to write into; whatever `commit` did not take is removed.

        So are the stages that killed processes left behind: one that is killed each time, as for
        want of memory, must not fill the disk. One stage of a resource at a time.
        """
        parent = self.root / kind / name
        parent.mkdir(parents=True, exist_ok=True)
        for left in parent.glob(f"{_STAGE}*"):
            shutil.rmtree(left, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=_STAGE, dir=parent))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def commit(self, kind: str, name: str, stage: Path) -> Snapshot:
        """Name the staged folder by its content and move it into place; same content, same name."""
        digest = _digest_of(stage)
        final = self.root / kind / name / digest
        if not final.exists():
            for file in stage.iterdir():
                sync(file)
            sync(stage)
            stage.chmod(0o755)
            stage.rename(final)
            sync(final.parent)
        return Snapshot(kind, name, digest, final)

    def get(self, kind: str, name: str, digest: str) -> Snapshot:
        """Return the snapshot; `Transient(SnapshotLost)` where its folder is gone."""
        folder = self.root / kind / name / digest
        if not folder.is_dir():
            raise Transient(
                Reason.SNAPSHOT_LOST,
                f"the stored snapshot of {kind}/{name} is gone; it will be fetched again",
            )
        return Snapshot(kind, name, digest, folder)

    def prune(self, kind: str, name: str, keep: set[str]) -> None:
        """Remove what is not in `keep`, and stages that a killed process left behind.

        Only call while nothing is being staged for this resource.
        """
        parent = self.root / kind / name
        if not parent.is_dir():
            return
        for folder in parent.iterdir():
            if folder.name not in keep:
                shutil.rmtree(folder, ignore_errors=True)
        if not keep:
            parent.rmdir()


def _digest_of(folder: Path) -> str:
    """SHA-256 over the files' names and bytes, 32 hex digits of it."""
    digest = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        digest.update(f"{file.name}\0{file.stat().st_size}\0".encode())
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()[:32]
