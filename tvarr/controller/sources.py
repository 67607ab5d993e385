"""One source or guide, as a list of steps: collect, read into a snapshot, keep.

Called by `loop`, which has decided that it is time and writes the status that comes of it. How a
kind collects and reads is in `tvarr.ingest.kinds`. The snapshot that is there stays current until
a new one is whole.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tvarr import progress
from tvarr.catalog.snapshots import Snapshots
from tvarr.controller.credentials import NOTHING_SECRET, Credentials, credentials_of
from tvarr.controller.linked import Named, named_for
from tvarr.controller.plan import BY_A_PERSON, Why
from tvarr.controller.schedule import local_zone, next_regular
from tvarr.controller.shrink import hold_back
from tvarr.controller.verdict import Outcome, asked_as, counted
from tvarr.errors import Reason, Transient
from tvarr.fetch.client import NotModified
from tvarr.ingest import named_guides
from tvarr.ingest.collect import Collecting, Former
from tvarr.ingest.kinds import ingester_for
from tvarr.progress import State
from tvarr.spec.fetched import OnShrink, Scheduled
from tvarr.spec.plugins import plugin_of
from tvarr.state.conditions import Kind, Sample, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from tvarr.controller.linked import Look
    from tvarr.controller.resources import Document
    from tvarr.controller.tools import Tools
    from tvarr.ingest.collect import Collected, Part
    from tvarr.ingest.kinds import Read
    from tvarr.ingest.report import IngestReport
    from tvarr.progress import Handle

PAST = "past_programmes"
"""The count of what a guide kept of what has been; no sign of what the provider has."""

TO_COME = "programmes_to_come"
"""The count of a guide's programmes that are not over when it is read."""

LOOK_AGAIN = timedelta(minutes=5)
"""How often a guide looks whether its source has come; no one is asked for that."""

PACKED_RATIO = 8
"""How much a packed playlist or guide grows, roughly; only to tell light work from heavy."""


def nothing_else(_key: str) -> Status | None:
    """Stand for statuses that nobody needs."""
    return None


@dataclass(frozen=True)
class Reading:
    """What is to be read, by whom; goes to a child process as it is."""

    kind: Kind
    name: str
    spec: Any
    read: Read
    credentials: Credentials = NOTHING_SECRET
    """What must not be found in the report."""
    counts_before: Mapping[str, int] = field(default_factory=dict)
    """Of the snapshot that is there, unless anything may follow it."""
    may_be_missing: int = 100
    """Percent of them."""


@dataclass(frozen=True)
class Kept:
    """What was collected has been read and is a snapshot now."""

    digest: str
    report: IngestReport


async def reconcile(
    document: Document, before: Status, tools: Tools, why: Why = Why.DUE, look: Look = nothing_else
) -> Outcome:
    """Bring the snapshot up to date; raises `Transient` or `Stalled`, and then nothing changed.

    With `Why.ACCEPTED` an answer that holds much less than the one before is taken all the same.
    `look` returns the status of another resource: of the source that a guide comes with.
    """
    named = await asyncio.to_thread(named_for, document, look, tools.snapshots)
    if named.lacking:
        return _lacking(document, before, named, tools)
    credentials = credentials_of(document.spec, document.source)
    credentials = await asyncio.to_thread(credentials.and_of, named.addresses)
    with (
        tools.progress.operation(document.key, progress.Kind.INGESTION) as handle,
        credentials.kept_out_of_errors(),
        _folder(tools.downloads, document) as folder,
    ):
        collecting = await asyncio.to_thread(
            _collecting, document, before, tools, handle, folder, named.addresses
        )
        collecting = replace(collecting, insist=why in BY_A_PERSON)
        reading = _reading(document, before, why, credentials)
        outcome = await _refresh(document, before, tools, collecting, reading)
        handle.message = outcome.message
    return outcome


async def _refresh(
    document: Document, before: Status, tools: Tools, collecting: Collecting, reading: Reading
) -> Outcome:
    try:
        collected = await ingester_for(document.spec).collect(document.spec, collecting)
    except Transient as error:
        if error.reason is not Reason.NO_GUIDE:
            raise
        named = Named(lacking=Reason.NO_GUIDE, sentence=error.sentence)
        return _lacking(document, before, named, tools)
    if isinstance(collected, NotModified):
        return _unchanged(document, before, tools)
    collecting.progress.to(State.PROCESSING)
    kept = await _read(reading, collected, before, tools)
    collecting.progress.to(State.SAVING)
    outcome = _refreshed(document, before, collected, kept, tools)
    collecting.progress.count(items=sum(outcome.status.counts.values()))
    return outcome


@contextmanager
def _folder(downloads: Path, document: Document) -> Iterator[Path]:
    """Make a folder for what is collected, for nobody else's eyes, and remove it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=f"{document.kind}-{document.name}-", dir=downloads))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _collecting(
    document: Document,
    before: Status,
    tools: Tools,
    handle: Handle,
    folder: Path,
    named: tuple[str, ...],
) -> Collecting:
    """Return the means of a refresh: a conditional one, if the snapshot is what it would be."""
    same = before.spec_hash == before.made_from == document.digest
    current = same and has_snapshot(before, tools.snapshots)
    return Collecting(
        name=document.name,
        base=tools.base,
        folder=folder,
        fetcher=tools.fetcher,
        progress=handle,
        known=before.validators if current else {},
        current=current,
        source=document.source,
        named=named,
    )


def has_snapshot(status: Status, snapshots: Snapshots) -> bool:
    """Whether the status speaks of a snapshot and that is on the disk. Looks at the disk."""
    try:
        return bool(status.snapshot and snapshots.get(status.kind, status.name, status.snapshot))
    except Transient:
        return False


def next_refresh(document: Document, now: datetime) -> datetime | None:
    """Return when the document is due after a success now; None where only an edit changes it."""
    if not isinstance(document.spec, Scheduled):
        return None
    return next_regular(document.spec.refresh, now, local_zone(), document.key)


def describe(status: Status) -> str:
    """Return the counts in words: `24 channels, 1,204 programmes, 3 rows left out`."""
    parts = [
        # the word for one series ends as that for several
        f"{count:,} series" if name == "series" else counted(count, _one_of(name))
        for name, count in seen_counts(status.counts).items()
    ]
    if left_out := sum(status.rejected.values()):
        parts.append(f"{counted(left_out, 'row')} left out")
    return ", ".join(parts)


def seen_counts(counts: Mapping[str, int]) -> dict[str, int]:
    """Return the counts without the channels of what has none by its nature, such as a folder."""
    on_demand = counts.get("films", 0) or counts.get("series", 0)
    hidden = "channels" if on_demand and not counts.get("channels") else None
    return {name: count for name, count in counts.items() if name != hidden}


def _one_of(name: str) -> str:
    return name.removesuffix("s").replace("_", " ")


def facts(report: IngestReport, kind: Kind) -> dict[str, object]:
    """Return the fields of a status that tell what a reader reported."""
    past = {PAST: report.past_programmes} if report.past_programmes else {}
    return {
        "counts": counts_of(report, kind) | past,
        "rejected": report.rejected,
        "repaired": report.repaired,
        "samples": tuple(Sample(**row.model_dump()) for row in report.samples),
    }


def counts_of(report: IngestReport, kind: Kind) -> dict[str, int]:
    """Return how much a reader found, by what it is called in a status."""
    counts = {"channels": report.channels}
    if kind is Kind.EPG:
        counts["programmes"] = report.programmes
    return counts | {name: n for name in ("films", "series") if (n := getattr(report, name))}


def read_collected(
    root: Path, collected: Collected, reading: Reading, previous: str | None
) -> Kept:
    """Read what was collected into a snapshot under `root`; runs in a thread or a child process.

    The `previous` snapshot stays, for a build that may be reading it; older ones go.
    """
    snapshots = Snapshots(root)
    with snapshots.stage(reading.kind, reading.name) as stage:
        report = reading.read(collected, stage, reading.name, reading.spec)
        if reading.kind is Kind.SOURCE:
            named_guides.keep(report.header, stage)
        report = reading.credentials.hide_in(report)
        counts = counts_of(report, reading.kind)
        _judge(reading, counts, collected.former, stage)
        (stage / "report.json").write_text(report.model_dump_json(indent=1), encoding="utf-8")
        digest = snapshots.commit(reading.kind, reading.name, stage).digest
    if digest != previous:
        snapshots.prune(reading.kind, reading.name, keep={digest, previous or digest})
    return Kept(digest, report)


def _judge(reading: Reading, counts: Mapping[str, int], former: Former | None, stage: Path) -> None:
    """Raise `HeldBackError` for an answer that holds much less than there was.

    Of a guide's programmes those still to come count: at night, one that only lists today has few
    of them, and had.
    """
    before, found = dict(reading.counts_before), dict(counts)
    if former is not None and before.pop("programmes", 0):
        before[TO_COME] = to_come(former.folder, former.now)
        found[TO_COME] = to_come(stage, former.now)
    asked = asked_as(reading.kind, reading.name)
    hold_back(asked, before, found, reading.may_be_missing)


def to_come(snapshot: Path, now: datetime) -> int:
    """Return how many programmes are not over; none where the snapshot cannot be read."""
    import polars as pl

    is_to_come = pl.coalesce("stop", "start") > now
    try:
        scan = pl.scan_parquet(snapshot / "programmes.parquet")
        return int(scan.select(is_to_come.sum()).collect().item())
    except (pl.exceptions.PolarsError, OSError):
        return 0


def _reading(document: Document, before: Status, why: Why, credentials: Credentials) -> Reading:
    """Return what is to be read, and held against what is there if that was declared alike."""
    read = ingester_for(document.spec).read
    reading = Reading(document.kind, document.name, document.spec, read, credentials)
    limit = _on_shrink(document)
    same = before.made_from == document.digest
    if not same or why is Why.ACCEPTED or limit.action == "accept":
        return reading
    counts = {kind: count for kind, count in before.counts.items() if kind != PAST}
    return replace(reading, counts_before=counts, may_be_missing=limit.threshold)


def _on_shrink(document: Document) -> OnShrink:
    for spec in (document.spec, document.source):
        if isinstance(spec, Scheduled):
            return spec.on_shrink
    return OnShrink()


async def _read(reading: Reading, collected: Collected, before: Status, tools: Tools) -> Kept:
    former = await asyncio.to_thread(_former, before, tools)
    collected = replace(collected, former=former)
    if former is None:  # there is nothing to keep in the place of an answer
        reading = replace(reading, counts_before={})
    weight = await asyncio.to_thread(lambda: sum(_weight(part) for part in collected.parts))
    return await tools.workers.run(
        read_collected,
        tools.snapshots.root,
        collected,
        reading,
        before.snapshot,
        weight=weight,
        foreign=plugin_of(reading.spec) is not None,
    )


def _former(before: Status, tools: Tools) -> Former | None:
    """Return the snapshot that is there, if it is. Looks at the disk."""
    if before.snapshot is None:
        return None
    try:
        folder = tools.snapshots.get(before.kind, before.name, before.snapshot).folder
    except Transient:
        return None
    return Former(folder, tools.clock.now())


def _weight(part: Part) -> int:
    """Return about how many bytes the document has when it is unpacked."""
    with part.path.open("rb") as stream:
        plain = stream.read(1) in (b"#", b"<", b"{", b"[", b"\xef", b" ", b"\n", b"\r", b"")
    return part.bytes if plain else part.bytes * PACKED_RATIO


def _lacking(document: Document, before: Status, named: Named, tools: Tools) -> Outcome:
    """Say that there is nothing to fetch; what is there stays."""
    now = tools.clock.now()
    status = before.model_copy(update={"spec_hash": document.digest})
    is_waiting = named.lacking is Reason.WAITING
    next_due = now + LOOK_AGAIN if is_waiting else next_refresh(document, now)
    reason = named.lacking or Reason.WAITING
    return Outcome(status, named.sentence, next_due, reason, changed=False)


def _unchanged(document: Document, before: Status, tools: Tools) -> Outcome:
    return Outcome(
        before, describe(before), next_refresh(document, tools.clock.now()), changed=False
    )


def _refreshed(
    document: Document, before: Status, collected: Collected, kept: Kept, tools: Tools
) -> Outcome:
    status = before.model_copy(
        update={
            **facts(kept.report, document.kind),
            "spec_hash": document.digest,
            "made_from": document.digest,
            "snapshot": kept.digest,
            "validators": {part.name: part.validators for part in collected.parts},
            "account": collected.account,
        }
    )
    return Outcome(
        status,
        describe(status),
        next_refresh(document, tools.clock.now()),
        changed=kept.digest != before.snapshot,
    )
