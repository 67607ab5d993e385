"""What the steps of a reconcile work with; put together by `app`, given to every step list."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tvarr.catalog.snapshots import Snapshots
from tvarr.progress import Progress

if TYPE_CHECKING:
    from pathlib import Path

    from tvarr.controller.clock import Clock
    from tvarr.controller.workers import Workers
    from tvarr.fetch.client import Fetcher


@dataclass(frozen=True)
class Tools:
    """The means of `sources` and `proxies`."""

    data: Path
    """The data folder."""
    base: Path
    """The folder of the YAML; relative addresses start there."""
    fetcher: Fetcher
    workers: Workers
    clock: Clock
    progress: Progress = field(default_factory=Progress)
    """What is going on, for those who look on."""

    @property
    def snapshots(self) -> Snapshots:
        """The folder of all snapshots."""
        return Snapshots(self.data / "snapshots")

    @property
    def downloads(self) -> Path:
        """The folder in which documents lie between fetching and reading."""
        return self.data / "downloads"
