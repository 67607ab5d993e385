"""One source or guide, as a list of steps: fetch, read into a snapshot, keep.

Called by `loop`, which has decided that it is time and writes the status that comes of it. The
snapshot that is there stays current until a new one is whole.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tvarr.catalog.snapshots import Snapshots
from tvarr.controller.credentials import NOTHING_SECRET, Credentials, credentials_of
from tvarr.controller.schedule import local_zone, next_regular
from tvarr.controller.verdict import Outcome, counted
from tvarr.errors import Transient, TvarrError
from tvarr.fetch.client import Fetched, NotModified, Request
from tvarr.fetch.local import is_local
from tvarr.spec.source import XmltvGuide
from tvarr.state.conditions import Kind, Sample, Status

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from tvarr.controller.resources import Document
    from tvarr.controller.tools import Tools
    from tvarr.ingest.report import IngestReport

PACKED_RATIO = 8
"""How much a packed playlist or guide grows, roughly; only to tell light work from heavy."""


@dataclass(frozen=True)
class Reading:
    """What the reader of a document is told; goes to a child process as it is."""

    kind: Kind
    name: str
    base_url: str | None = field(repr=False)
    """Where the document came from, for relative addresses in it; may hold credentials."""
    timezone: str
    max_size: int
    credentials: Credentials = NOTHING_SECRET
    """What must not be found in the report."""


@dataclass(frozen=True)
class Kept:
    """A document that has been read and is a snapshot now."""

    digest: str
    report: IngestReport


async def reconcile(document: Document, before: Status, tools: Tools) -> Outcome:
    """Bring the snapshot up to date; raises `Transient` or `Stalled`, and then nothing changed."""
    try:
        return await _refresh(document, before, tools)
    except TvarrError as error:
        credentials_of(document.spec).hide_in_error(error)
        raise


async def _refresh(document: Document, before: Status, tools: Tools) -> Outcome:
    request = await asyncio.to_thread(request_for, document, before, tools)
    answer = await tools.fetcher.fetch(request)
    if isinstance(answer, NotModified):
        return _unchanged(document, before, tools)
    try:
        kept = await _read(document, answer, before, tools)
    finally:
        request.into.unlink(missing_ok=True)
    return _refreshed(document, before, answer, kept, tools)


def request_for(document: Document, before: Status, tools: Tools) -> Request:
    """Return what to ask for: conditionally, if the snapshot is what it would be today."""
    spec = document.spec
    current = before.spec_hash == document.digest and has_snapshot(before, tools.snapshots)
    return Request(
        url=spec.url.get_secret_value(),
        base=tools.base,
        into=tools.downloads / f"{document.kind}-{document.name}",
        timeout=spec.timeout,
        max_size=spec.max_size,
        headers={name: value.get_secret_value() for name, value in spec.headers.items()},
        user_agent=spec.user_agent,
        verify_tls=spec.verify_tls,
        etag=before.etag if current else None,
        last_modified=before.last_modified if current else None,
        file_stamp=before.file_stamp if current else None,
    )


def has_snapshot(status: Status, snapshots: Snapshots) -> bool:
    """Whether the status speaks of a snapshot and that is on the disk. Looks at the disk."""
    try:
        return bool(status.snapshot and snapshots.get(status.kind, status.name, status.snapshot))
    except Transient:
        return False


def next_refresh(document: Document, now: datetime) -> datetime:
    """Return when the document is due after a success now."""
    return next_regular(document.spec.refresh, now, local_zone())


def describe(status: Status) -> str:
    """Return the counts in words: `24 channels, 1,204 programmes, 3 rows left out`."""
    parts = [counted(count, name.removesuffix("s")) for name, count in status.counts.items()]
    if left_out := sum(status.rejected.values()):
        parts.append(f"{counted(left_out, 'row')} left out")
    return ", ".join(parts)


def facts(report: IngestReport, kind: Kind) -> dict[str, object]:
    """Return the fields of a status that tell what a reader reported."""
    counts = {"channels": report.channels}
    if kind is Kind.EPG:
        counts["programmes"] = report.programmes
    return {
        "counts": counts,
        "rejected": report.rejected,
        "repaired": report.repaired,
        "samples": tuple(Sample(**row.model_dump()) for row in report.samples),
    }


def read_document(root: Path, document: Path, reading: Reading, previous: str | None) -> Kept:
    """Read a document into a snapshot under `root`; runs in a thread or a child process.

    The `previous` snapshot stays, for a build that may be reading it; older ones go.
    """
    snapshots = Snapshots(root)
    with snapshots.stage(reading.kind, reading.name) as stage:
        report = reading.credentials.hide_in(_ingest(document, stage, reading))
        (stage / "report.json").write_text(report.model_dump_json(indent=1), encoding="utf-8")
        digest = snapshots.commit(reading.kind, reading.name, stage).digest
    if digest != previous:
        snapshots.prune(reading.kind, reading.name, keep={digest, previous or digest})
    return Kept(digest, report)


def _ingest(document: Path, stage: Path, reading: Reading) -> IngestReport:
    from tvarr.ingest import m3u, xmltv

    if reading.kind is Kind.EPG:
        guide = xmltv.XmltvOptions(reading.name, reading.timezone, reading.max_size)
        return xmltv.ingest(document, stage, guide)
    playlist = m3u.M3uOptions(reading.name, reading.base_url, reading.max_size)
    return m3u.ingest(document, stage, playlist)


async def _read(document: Document, answer: Fetched, before: Status, tools: Tools) -> Kept:
    url = document.spec.url.get_secret_value()
    reading = Reading(
        kind=document.kind,
        name=document.name,
        base_url=None if is_local(url) else url,
        timezone=document.spec.timezone if isinstance(document.spec, XmltvGuide) else "UTC",
        max_size=document.spec.max_size,
        credentials=credentials_of(document.spec),
    )
    root = tools.snapshots.root
    weight = await asyncio.to_thread(_weight, answer)
    return await tools.workers.run(
        read_document, root, answer.path, reading, before.snapshot, weight=weight
    )


def _weight(answer: Fetched) -> int:
    """Return about how many bytes the document has when it is unpacked."""
    with answer.path.open("rb") as stream:
        plain = stream.read(1) in (b"#", b"<", b"\xef", b" ", b"\n", b"\r", b"")
    return answer.bytes if plain else answer.bytes * PACKED_RATIO


def _unchanged(document: Document, before: Status, tools: Tools) -> Outcome:
    return Outcome(
        before, describe(before), next_refresh(document, tools.clock.now()), changed=False
    )


def _refreshed(
    document: Document, before: Status, answer: Fetched, kept: Kept, tools: Tools
) -> Outcome:
    status = before.model_copy(
        update={
            **facts(kept.report, document.kind),
            "spec_hash": document.digest,
            "snapshot": kept.digest,
            "etag": answer.etag,
            "last_modified": answer.last_modified,
            "file_stamp": answer.file_stamp,
        }
    )
    return Outcome(
        status,
        describe(status),
        next_refresh(document, tools.clock.now()),
        changed=kept.digest != before.snapshot,
    )
