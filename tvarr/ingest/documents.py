"""Playlists and guides that are documents at an address, or at several.

Called by way of `tvarr.ingest.kinds`; reading what was collected is left to `tvarr.ingest.m3u` and
`tvarr.ingest.xmltv`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tvarr.fetch.client import NotModified
from tvarr.ingest.collect import Collected

if TYPE_CHECKING:
    from pathlib import Path

    from tvarr.ingest.collect import Collecting, Part
    from tvarr.ingest.report import IngestReport
    from tvarr.spec.guide import LinkedGuide, XmltvGuide
    from tvarr.spec.source import M3uSource

DOCUMENT = "document"


async def collect(spec: M3uSource | XmltvGuide, collecting: Collecting) -> Collected | NotModified:
    """Fetch the document, if it has changed."""
    part = await collecting.get(DOCUMENT, spec.addresses[0].get_secret_value(), spec)
    return Collected((part,)) if part else NotModified()


def read_playlists(collected: Collected, stage: Path, name: str, spec: M3uSource) -> IngestReport:
    """Read the playlist into a staged snapshot; raises what `m3u.ingest` does."""
    from tvarr.ingest import m3u

    part = _only(collected)
    return m3u.ingest(part.path, stage, m3u.M3uOptions(name, part.url, spec.max_size))


def read_guides(
    collected: Collected,
    stage: Path,
    name: str,
    spec: XmltvGuide | LinkedGuide,
    *,
    lenient: bool = False,
) -> IngestReport:
    """Read one or several guides into a staged snapshot; raises what `xmltv.ingest` does."""
    from tvarr.ingest import xmltv

    options = xmltv.XmltvOptions(
        name,
        spec.timezone,
        spec.max_size,
        shift=spec.shift,
        retention=spec.retention,
        former=collected.former,
        lenient=lenient,
        missing=collected.missing,
    )
    return xmltv.ingest([part.path for part in collected.parts], stage, options)


def _only(collected: Collected) -> Part:
    (part,) = collected.parts
    return part
