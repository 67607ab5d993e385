"""What the guide of a playlist is made from: the addresses that its source's snapshot names.

Called by `sources` before anything is fetched. Without such a snapshot the guide waits for it; a
playlist that names no guide has none, which is said, and nobody is asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tvarr.errors import Reason, Transient
from tvarr.ingest import named_guides
from tvarr.spec.source import M3uSource
from tvarr.state.conditions import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from tvarr.catalog.snapshots import Snapshots
    from tvarr.controller.resources import Document
    from tvarr.state.conditions import Status

    Look = Callable[[str], Status | None]


@dataclass(frozen=True)
class Named:
    """The addresses of guides; none for documents of other kinds."""

    addresses: tuple[str, ...] = field(default=(), repr=False)
    lacking: Reason | None = None
    """Why there is nothing to fetch: `Waiting` or `NoGuide`."""
    sentence: str = ""


def named_for(document: Document, look: Look, snapshots: Snapshots) -> Named:
    """Return what the document's source names. Looks at the disk."""
    if document.kind is not Kind.EPG or not isinstance(document.source, M3uSource):
        return Named()
    key = f"{Kind.SOURCE}/{document.name}"
    status = look(key)
    waiting = Named(lacking=Reason.WAITING, sentence=f"waits for the first snapshot of {key}")
    if status is None or status.snapshot is None:
        return waiting
    try:
        folder = snapshots.get(Kind.SOURCE, document.name, status.snapshot).folder
        addresses = named_guides.kept(folder)
    except Transient:
        return waiting
    if addresses:
        return Named(addresses)
    return Named(
        lacking=Reason.NO_GUIDE,
        sentence=f"the playlist of {key} names no guide (url-tvg, x-tvg-url); declare one under "
        "epg, or write guide: none",
    )
