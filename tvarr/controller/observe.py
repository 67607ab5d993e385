"""What is to be seen on the disk before planning: lost data, and local documents that changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tvarr.controller import sources
from tvarr.controller.resources import DeclaredProxy, Document
from tvarr.errors import TvarrError
from tvarr.fetch.client import Fetched
from tvarr.fetch.local import is_local, locate, look
from tvarr.outputs import publish
from tvarr.state.conditions import Status

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tvarr.controller.resources import Resources
    from tvarr.controller.tools import Tools

Stamps = dict[str, str | None]
"""Resource key → stamp of its local document; None where that cannot be read."""


def local_paths(resources: Resources, base: Path) -> list[Path]:
    """Return where the documents lie that are files of this machine."""
    paths = []
    for document in _local_documents(resources):
        try:
            paths.append(locate(document.spec.url.get_secret_value(), base))
        except TvarrError:  # of another machine; the fetch will say so
            continue
    return paths


def stamps(resources: Resources, tools: Tools) -> Stamps:
    """Return the stamp of each local document, by resource key. Looks at the disk."""
    return {document.key: _stamp(document, tools) for document in _local_documents(resources)}


def _stamp(document: Document, tools: Tools) -> str | None:
    unread = Status(kind=document.kind, name=document.name)
    try:
        found = look(sources.request_for(document, unread, tools))
    except TvarrError:
        return None
    return found.file_stamp if isinstance(found, Fetched) else None


def lost(resources: Resources, statuses: Mapping[str, Status], tools: Tools) -> frozenset[str]:
    """Return keys whose snapshot or published files are gone from the disk. Looks at the disk."""
    gone = set()
    for key, resource in resources.items():
        status = statuses.get(key)
        if status is None:
            continue
        if isinstance(resource, DeclaredProxy):
            published = publish.published(tools.data, resource.name)
            there = published.revision if published else None
            if status.revision is not None and there != status.revision:
                gone.add(key)
        elif status.snapshot is not None and not sources.has_snapshot(status, tools.snapshots):
            gone.add(key)
    return frozenset(gone)


def _local_documents(resources: Resources) -> list[Document]:
    documents = [resource for resource in resources.values() if isinstance(resource, Document)]
    return [document for document in documents if is_local(document.spec.url.get_secret_value())]
