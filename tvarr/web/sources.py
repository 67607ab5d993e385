"""What a source has, as the playlist it could have come from.

The export of a source holds stream addresses by its nature, and with them whatever credentials they
have, exactly like a published playlist; so it is answered to whoever is answered those (`access`).
"""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from tvarr.catalog.snapshots import Snapshots
from tvarr.errors import Reason, Transient
from tvarr.state.conditions import ConditionType, Kind
from tvarr.web.outputs import TYPES
from tvarr.web.threads import in_thread
from tvarr.web.transfer import Document, send, unchanged
from tvarr.web.view import VIEW

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tvarr.catalog.snapshots import Snapshot
    from tvarr.web.view import View


def routes() -> Iterable[web.RouteDef]:
    """Return the route below `/api/v1/sources/`."""
    return [web.get("/api/v1/sources/{source:[a-z0-9][a-z0-9_-]*}/channels.m3u", channels)]


async def channels(request: web.Request) -> web.StreamResponse:
    """Answer a source's channels as M3U; 404 for what is not declared, 503 before it is read."""
    view, source = request.app[VIEW], request.match_info["source"]
    _check_declared(view, source)
    document = await in_thread(request, _export, view, source)
    if document is None:
        raise web.HTTPServiceUnavailable(text=_not_read(view, source), headers={"Retry-After": "5"})
    with document.file:
        return unchanged(request, document) or await send(request, document)


def _check_declared(view: View, source: str) -> None:
    """Raise 404 where the running manifest has no such source."""
    manifest = view.manifest()
    if manifest is None or source in manifest.sources:
        return
    known = ", ".join(manifest.sources)
    raise web.HTTPNotFound(
        text=f"There is no source {source}. "
        + (f"The sources are: {known}." if known else "No source is declared.")
    )


def _not_read(view: View, source: str) -> str:
    """Return why there is nothing yet: what the status says, if an attempt was made."""
    status = view.store.get(f"{Kind.SOURCE}/{source}")
    ready = status.condition(ConditionType.READY) if status is not None else None
    if ready is None or ready.reason in (Reason.WAITING, Reason.SUCCEEDED):
        return f"{source} has not been read yet; try again in a moment."
    return f"{source} has not been read yet: {ready.message}."


def _export(view: View, source: str) -> Document | None:
    """Write the current snapshot into a file without a name; None where there is none."""
    status = view.store.get(f"{Kind.SOURCE}/{source}")
    if status is None or status.snapshot is None:
        return None
    try:
        snapshot = Snapshots(view.data / "snapshots").get(Kind.SOURCE, source, status.snapshot)
        modified = datetime.fromtimestamp(int(snapshot.folder.stat().st_mtime), UTC)
        return _written(snapshot, modified)
    except (Transient, FileNotFoundError):  # lost, or pruned at this moment
        return None


def _written(snapshot: Snapshot, modified: datetime) -> Document:
    """Return the channels as the provider has them: its own ids and numbers, no guide."""
    import polars as pl

    from tvarr.outputs import m3u
    from tvarr.pipeline.build import Lineup

    rows = pl.read_parquet(snapshot.channels)
    lineup = Lineup(
        rows.with_columns(guide_id=pl.col("tvg_id"), number=pl.col("channel_number")),
        pl.DataFrame(),
    )
    with tempfile.TemporaryDirectory(prefix="tvarr-export-") as folder:
        path = Path(folder) / "playlist.m3u"
        m3u.write(lineup, path, None)
        file = path.open("rb", buffering=0)
    size = os.fstat(file.fileno()).st_size
    return Document(file, size, snapshot.digest, modified, TYPES["playlist.m3u"])
