"""What is to be seen on the disk before planning: lost data, and local documents that changed."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from tvarr.controller import sources
from tvarr.controller.resources import DeclaredProxy, Document
from tvarr.errors import TvarrError
from tvarr.fetch.local import is_local, locate, stamp
from tvarr.outputs import publish
from tvarr.spec.fetched import Addressed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from tvarr.controller.resources import Resources
    from tvarr.controller.tools import Tools
    from tvarr.state.conditions import Status

Stamps = dict[str, str | None]
"""Resource key → stamp of its local document; None where that cannot be read."""


def local_paths(resources: Resources, base: Path) -> list[Path]:
    """Return where the documents lie that are files of this machine."""
    return [path for document in _documents(resources) for path in _paths(document, base)]


def stamps(resources: Resources, tools: Tools) -> Stamps:
    """Return the stamps of each resource's local documents, by its key. Looks at the disk."""
    found = {}
    for document in _documents(resources):
        if paths := _paths(document, tools.base):
            found[document.key] = _joined(_stamp(path) for path in paths)
    return found


def stamp_of(status: Status) -> str | None:
    """Return what `stamps` said when the resource's documents were read."""
    known = [validators.file_stamp for validators in status.validators.values()]
    return _joined(stamp for stamp in known if stamp is not None)


def _joined(stamps: Iterable[str | None]) -> str | None:
    """Return one stamp for several documents; None where one of them cannot be read."""
    found = list(stamps)
    return None if None in found else " ".join(sorted(map(str, found))) or None


def _paths(document: Document, base: Path) -> list[Path]:
    """Return where the documents of a resource lie that are files of this machine."""
    if not isinstance(document.spec, Addressed):
        return []
    addresses = [address.get_secret_value() for address in document.spec.addresses]
    paths = []
    for address in filter(is_local, addresses):
        with suppress(TvarrError):  # of another machine; the fetch will say so
            paths.append(locate(address, base))
    return paths


def _stamp(path: Path) -> str | None:
    try:
        return stamp(path)
    except TvarrError:
        return None


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


def _documents(resources: Resources) -> list[Document]:
    return [resource for resource in resources.values() if isinstance(resource, Document)]
