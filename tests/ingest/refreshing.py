"""One source on its own: collected with a real fetcher, read into a folder, the rows looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl
from pydantic import TypeAdapter

from tvarr.catalog import schema
from tvarr.fetch.client import Fetcher, NotModified
from tvarr.ingest.collect import Collected, Collecting
from tvarr.ingest.kinds import ingester_for
from tvarr.ingest.report import IngestReport
from tvarr.progress import Kind, Progress
from tvarr.spec.source import Source

if TYPE_CHECKING:
    from pathlib import Path

    from tvarr.state.conditions import Validators

Row = dict[str, Any]


@dataclass
class Refreshing:
    """Refreshes the sources of a test and remembers what a controller would."""

    base: Path
    fetcher: Any = field(default_factory=Fetcher)
    known: dict[str, Validators] = field(default_factory=dict)
    current: bool = False
    collected: Collected | None = None
    report: IngestReport = field(default_factory=IngestReport)
    _count: int = 0

    async def refresh(self, **fields: Any) -> list[Row] | None:
        """Return the channels of the source called tv; None if nothing has changed."""
        return await self.refresh_spec(declared(**fields))

    async def refresh_spec(self, spec: Source) -> list[Row] | None:
        """Do the same for a source that is declared already."""
        ingester = ingester_for(spec)
        found = await ingester.collect(spec, self._means())
        if isinstance(found, NotModified):
            return None
        self.collected = found
        self.report = ingester.read(found, self.stage, "tv", spec)
        self.known = {part.name: part.validators for part in found.parts}
        self.current = True
        frame = pl.read_parquet(self.stage / "channels.parquet")
        assert frame.schema == schema.CHANNELS
        assert frame["channel_id"].n_unique() == frame.height == self.report.channels
        return frame.to_dicts()

    @property
    def stage(self) -> Path:
        """The folder of the last snapshot."""
        return self.base / "stages" / str(self._count)

    def _means(self) -> Collecting:
        self._count += 1
        folder = self.base / "collected" / str(self._count)
        folder.mkdir(parents=True)
        self.stage.mkdir(parents=True)
        with Progress().operation("source/tv", Kind.INGESTION) as handle:
            return Collecting(
                name="tv",
                base=self.base,
                folder=folder,
                fetcher=self.fetcher,
                progress=handle,
                known=self.known,
                current=self.current,
            )


def declared(**fields: Any) -> Source:
    """Return the source that a YAML with these fields declares."""
    source: Source = TypeAdapter(Source).validate_python(fields)
    return source
