"""Statuses from what lies in the data folder, where the state has none.

Called by `loop` at start: after a damaged state was set aside, a snapshot goes on being served and
a published proxy goes on being known, and what nobody declares any more is found and pruned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from tvarr.controller import proxies, sources
from tvarr.ingest.report import IngestReport
from tvarr.outputs import publish
from tvarr.state.conditions import Kind, Status

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path


def recovered(data: Path, known: Collection[str]) -> Iterator[Status]:
    """Yield a status for everything on the disk whose key is not `known`. Looks at the disk.

    Their `spec_hash` is empty, so that each is reconciled as soon as it is declared.
    """
    for kind in (Kind.SOURCE, Kind.EPG):
        for folder in _folders(data / "snapshots" / kind):
            if f"{kind}/{folder.name}" not in known:
                yield _document(kind, folder)
    for folder in _folders(data / "revisions"):
        if f"{Kind.PROXY}/{folder.name}" not in known:
            yield _proxy(data, folder.name)


def _document(kind: Kind, folder: Path) -> Status:
    """Take the newest snapshot whose report can be read."""
    newest_first = sorted(_folders(folder), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for snapshot in newest_first:
        try:
            report = IngestReport.model_validate_json((snapshot / "report.json").read_bytes())
        except (OSError, ValidationError):
            continue
        status = Status(kind=kind, name=folder.name, snapshot=snapshot.name)
        return status.model_copy(update=sources.facts(report, kind))
    return Status(kind=kind, name=folder.name)


def _proxy(data: Path, name: str) -> Status:
    status, published = Status(kind=Kind.PROXY, name=name), publish.published(data, name)
    return status.model_copy(update=proxies.facts(published)) if published else status


def _folders(parent: Path) -> list[Path]:
    """Return the folders inside, without half-written ones."""
    if not parent.is_dir():
        return []
    return sorted(p for p in parent.iterdir() if p.is_dir() and not p.name.startswith("."))
