"""Guides that come with a source: what the source is decides how they are found.

Called by way of `tvarr.ingest.kinds`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tvarr.spec.source import XtreamSource

if TYPE_CHECKING:
    from pathlib import Path

    from tvarr.fetch.client import NotModified
    from tvarr.ingest.collect import Collected, Collecting
    from tvarr.ingest.report import IngestReport
    from tvarr.spec.guide import LinkedGuide


async def collect(spec: LinkedGuide, collecting: Collecting) -> Collected | NotModified:
    """Fetch the guide of `collecting.source`, if it has changed."""
    from tvarr.ingest.xtream import guide

    match collecting.source:
        case XtreamSource() as source:
            return await guide.collect(spec, source, collecting)
    raise NotImplementedError(type(collecting.source).__name__)


def read(collected: Collected, stage: Path, name: str, spec: LinkedGuide) -> IngestReport:
    """Read the guide into a staged snapshot; raises what `xmltv.ingest` does."""
    from tvarr.ingest.xtream import guide

    return guide.read(collected, stage, name, spec)
