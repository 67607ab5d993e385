"""A panel, and an account at it that is collected and read as the controller does it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
import polars as pl
import pytest

from tests.provider import Panel, Provider, document
from tests.provider.panel import LISTS
from tvarr.catalog.snapshots import Snapshot
from tvarr.fetch.client import Fetcher, NotModified
from tvarr.ingest.collect import Collected, Collecting
from tvarr.ingest.kinds import ingester_for
from tvarr.progress import Kind, Progress
from tvarr.spec.source import XtreamSource, guide_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tvarr.ingest.report import IngestReport

USER, PASSWORD = "ann.user", "secret/pass word"
"""The password has characters that have to be encoded, in a query as in a path."""

NOW = datetime(2026, 8, 22, 18, 30, tzinfo=UTC)


@dataclass
class Account:
    """An account at a panel."""

    path: Path
    panel: Panel
    provider: Provider
    fetcher: Fetcher
    declared: dict[str, Any] = field(default_factory=dict)
    """What the YAML says besides the address and the credentials."""

    def says(self, **answers: Any) -> None:
        """Let the panel answer an action, or `login`, with a value, bytes or a behaviour."""
        for action, answer in answers.items():
            body = (
                answer
                if isinstance(answer, bytes)
                else b""
                if callable(answer)
                else orjson.dumps(answer)
            )
            behaviour = answer if callable(answer) else document(body, etag=None)
            self.panel.says["" if action == "login" else action] = behaviour

    @property
    def spec(self) -> XtreamSource:
        given = {"url": self.provider.url()} | self.declared
        if "urls" in given:
            del given["url"]
        return XtreamSource.model_validate(
            {"kind": "xtream", "username": USER, "password": PASSWORD, "guide": "auto"} | given
        )

    @contextmanager
    def collecting(self, source: XtreamSource | None = None) -> Iterator[Collecting]:
        """Yield the means of a refresh; of the guide that comes with `source`, if given."""
        folder = self.path / "collected"
        folder.mkdir(exist_ok=True)
        with Progress(lambda: NOW).operation("source/tv", Kind.INGESTION) as handle:
            yield Collecting("tv", self.path, folder, self.fetcher, handle, source=source)

    async def collect(self, spec: Any = None, source: XtreamSource | None = None) -> Collected:
        """Collect the source, or the guide `spec` of `source`."""
        with self.collecting(source) as collecting:
            found = await ingester_for(spec or self.spec).collect(spec or self.spec, collecting)
        assert not isinstance(found, NotModified)
        return found

    async def ingest(self) -> tuple[Snapshot, IngestReport]:
        """Collect and read the source."""
        return self._read(await self.collect(), self.spec)

    async def ingest_guide(self) -> tuple[Snapshot, IngestReport]:
        """Collect and read the guide that comes with the source."""
        spec = guide_of("tv", self.spec)
        return self._read(await self.collect(spec, self.spec), spec)

    async def channels(self) -> pl.DataFrame:
        """Return what became of the live streams."""
        snapshot, _ = await self.ingest()
        return pl.read_parquet(snapshot.channels)

    async def vod(self) -> pl.DataFrame:
        """Return what became of films and series."""
        snapshot, _ = await self.ingest()
        return snapshot.scan_vod().collect()

    def asked(self) -> list[str]:
        """Return the actions that the panel was asked for, and its pages by name."""
        targets = (seen.target.partition("?") for seen in self.provider.seen)
        return [
            query.partition("action=")[2].partition("&")[0] or page.strip("/")
            for page, _, query in targets
        ]

    def _read(self, collected: Collected, spec: Any) -> tuple[Snapshot, IngestReport]:
        stage = self.path / "stage"
        stage.mkdir(exist_ok=True)
        report = ingester_for(spec).read(collected, stage, "tv", spec)
        return Snapshot("source", "tv", "stage", stage), report


@pytest.fixture
async def account(tmp_path: Path) -> AsyncIterator[Account]:
    panel = Panel(USER, PASSWORD, lists={key: [] for key in LISTS})
    async with Provider(panel.table()) as provider, Fetcher() as fetcher:
        yield Account(tmp_path, panel, provider, fetcher)
