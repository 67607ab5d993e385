"""Guides that come with a source: what the source is decides how they are found.

Called by way of `tvarr.ingest.kinds`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tvarr.ingest import playlist_guide
from tvarr.spec.source import M3uSource, XtreamSource

if TYPE_CHECKING:
    from pathlib import Path

    from tvarr.fetch.client import NotModified
    from tvarr.ingest.collect import Collected, Collecting
    from tvarr.ingest.report import IngestReport
    from tvarr.spec.guide import LinkedGuide


async def collect(spec: LinkedGuide, collecting: Collecting) -> Collected | NotModified:
    """Fetch the guide of `collecting.source`, if it has changed."""
    match collecting.source:
        case XtreamSource() as source:
            from tvarr.ingest.xtream import guide

            return await guide.collect(spec, source, collecting)
        case M3uSource() as source:
            return await playlist_guide.collect(spec, source, collecting)
    raise NotImplementedError(type(collecting.source).__name__)


def read(collected: Collected, stage: Path, name: str, spec: LinkedGuide) -> IngestReport:
    """Read the guide into a staged snapshot; raises what `xmltv.ingest` does."""
    if playlist_guide.collected_here(collected):
        return playlist_guide.read(collected, stage, name, spec)
    from tvarr.ingest.xtream import guide

    return guide.read(collected, stage, name, spec)
