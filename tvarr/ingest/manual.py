"""Channels that the YAML itself declares.

Called by way of `tvarr.ingest.kinds`. There is nothing to fetch: an edit of the declaration is the
only thing that makes another snapshot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tvarr.fetch.client import NotModified
from tvarr.ingest.collect import Collected
from tvarr.ingest.listed import Listed, write_channels
from tvarr.ingest.report import IngestReport
from tvarr.ingest.rows import fold

if TYPE_CHECKING:
    from pathlib import Path

    from tvarr.ingest.collect import Collecting
    from tvarr.spec.source import ManualChannel, ManualSource


async def collect(_spec: ManualSource, collecting: Collecting) -> Collected | NotModified:
    """Return nothing to read besides the declaration, unless it has been read already."""
    return NotModified() if collecting.current else Collected()


def read(_collected: Collected, stage: Path, name: str, spec: ManualSource) -> IngestReport:
    """Write the declared channels into a staged snapshot."""
    return IngestReport(channels=write_channels(name, map(_listed, spec.channels), stage))


def _listed(channel: ManualChannel) -> Listed:
    """Return the channel; it is known by its name, so that its address may change."""
    return Listed(
        key=fold(channel.name),
        name=channel.name,
        stream_url=channel.url.get_secret_value(),
        backup_urls=tuple(url.get_secret_value() for url in channel.backup_urls),
        tvg_id=channel.tvg_id,
        tvg_logo=channel.logo,
        group_title=channel.group,
        channel_number=channel.number,
        headers=tuple((n, value.get_secret_value()) for n, value in channel.headers.items()),
    )
