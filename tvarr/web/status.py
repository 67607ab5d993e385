"""The present state in one frozen report, which the API writes as JSON and the panel as a page.

Pure functions from the running manifest and the stored status documents; nothing here reads a
file or holds a secret. Text that came from providers is redacted once more.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tvarr import __version__
from tvarr.errors import Reason
from tvarr.logs import redact
from tvarr.spec.source import guide_of
from tvarr.state.conditions import (
    Account,
    Condition,
    ConditionType,
    Kind,
    Problem,
    Sample,
    Status,
    StepCount,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from tvarr.spec.manifest import Manifest
    from tvarr.spec.proxy import Proxy
    from tvarr.web.view import View


class State(StrEnum):
    """How a resource, or everything together, is doing. One word for pages and scripts."""

    READY = "ready"
    UPDATING = "updating"
    """Ready, and being refreshed."""
    WAITING = "waiting"
    """Not there yet, and nothing has gone wrong; so is a guide that its provider does not have."""
    FAILING = "failing"
    """The last try failed; it is tried again."""
    STALLED = "stalled"
    """Nothing happens until somebody edits the YAML or mends what it names."""
    DISABLED = "disabled"
    """Not fetched, as the YAML says so."""
    EMPTY = "empty"
    """Nothing is declared."""


TROUBLED = (State.FAILING, State.STALLED)


@dataclass(frozen=True)
class Links:
    """Where a proxy's files are, as absolute addresses; None for what it does not write."""

    playlist: str | None
    playlist_gz: str | None
    guide: str | None
    guide_gz: str | None


@dataclass(frozen=True)
class Resource:
    """One declared source, guide or proxy."""

    kind: Kind
    name: str
    state: State
    message: str
    """A sentence for the reader; never empty."""
    conditions: tuple[Condition, ...]
    counts: dict[str, int]
    rejected: dict[str, int]
    repaired: dict[str, int]
    samples: tuple[Sample, ...]
    account: Account | None
    """Of a source with one, as its provider tells."""
    held: dict[str, int] | None
    """Counts of an answer that is held back; `counts` are those of what is served."""
    steps: tuple[StepCount, ...]
    """What a proxy's rules and filters came to."""
    qualities: dict[str, int]
    """A proxy's channels by their resolution, the best first."""
    from_guides: dict[str, int]
    """A proxy's programmes by the guide that they are from, in its order."""
    has_content: bool
    """Whether a snapshot or a revision is there, be it an older one."""
    revision: str | None
    last_attempt: datetime | None
    last_success: datetime | None
    next_due: datetime | None
    failures: int
    seconds: float | None
    links: Links | None


@dataclass(frozen=True)
class ManifestReport:
    """The YAML file itself."""

    state: State
    message: str
    problems: tuple[Problem, ...]
    running: bool
    """Whether some version of the file runs, the present one or the last good one."""
    last_success: datetime | None


@dataclass(frozen=True)
class Report:
    """Everything the status shows."""

    version: str
    started: datetime
    now: datetime
    state: State
    message: str
    manifest: ManifestReport
    proxies: tuple[Resource, ...]
    sources: tuple[Resource, ...]
    guides: tuple[Resource, ...]


def report(view: View, base_url: str) -> Report:
    """Return the report; `base_url` stands before every link, without a slash at its end."""
    manifest, stored = view.manifest(), {status.key: status for status in view.store.all()}
    file = _manifest_report(stored.get(f"{Kind.MANIFEST}/tvarr"), manifest)
    by_kind = {
        kind: tuple(
            _resource(status, _links(manifest, status, base_url))
            for status in _declared(kind, manifest, stored)
        )
        for kind in (Kind.PROXY, Kind.SOURCE, Kind.EPG)
    }
    everything = [resource for resources in by_kind.values() for resource in resources]
    state, message = _overall(file, everything)
    return Report(
        version=__version__,
        started=view.started,
        now=view.now(),
        state=state,
        message=message,
        manifest=file,
        proxies=by_kind[Kind.PROXY],
        sources=by_kind[Kind.SOURCE],
        guides=by_kind[Kind.EPG],
    )


def _declared(kind: Kind, manifest: Manifest | None, stored: dict[str, Status]) -> Iterator[Status]:
    """Yield statuses in the YAML's order; without a manifest, whatever an earlier run left."""
    if manifest is None:
        left = (status for status in stored.values() if status.removed_at is None)
        yield from (status for status in left if status.kind is kind)
        return
    names: dict[Kind, Iterable[str]] = {
        Kind.SOURCE: manifest.sources,
        Kind.EPG: (*manifest.epg, *_linked(manifest)),
        Kind.PROXY: manifest.proxies,
    }
    for name in names[kind]:
        yield stored.get(f"{kind}/{name}") or Status(kind=kind, name=name)


def _linked(manifest: Manifest) -> Iterator[str]:
    """Yield the names of guides that come with sources; each has the name of its source."""
    return (name for name, source in manifest.sources.items() if guide_of(name, source))


def _resource(status: Status, links: Links | None) -> Resource:
    state = state_of(status)
    return Resource(
        kind=status.kind,
        name=status.name,
        state=state,
        message=_message(status, state),
        conditions=tuple(_redacted(condition) for condition in status.conditions),
        counts=status.counts,
        rejected=status.rejected,
        repaired=status.repaired,
        samples=tuple(
            sample.model_copy(update={"excerpt": redact(sample.excerpt)})
            for sample in status.samples
        ),
        account=status.account,
        held=status.held,
        steps=status.steps,
        qualities=status.qualities,
        from_guides=status.from_guides,
        has_content=(status.snapshot or status.revision) is not None,
        revision=status.revision or status.snapshot,
        last_attempt=status.last_attempt,
        last_success=status.last_success,
        next_due=status.next_due,
        failures=status.failures,
        seconds=status.seconds,
        links=links,
    )


def state_of(status: Status) -> State:
    """Return the one word for a resource's conditions."""
    if _holds(status, ConditionType.STALLED):
        return State.STALLED
    reconciling = _holds(status, ConditionType.RECONCILING)
    if status.ready:
        return State.UPDATING if reconciling else State.READY
    ready = status.condition(ConditionType.READY)
    if ready is not None and ready.reason is Reason.DISABLED:
        return State.DISABLED
    well = ready is None or ready.reason in (Reason.WAITING, Reason.PROGRESSING, Reason.NO_GUIDE)
    return State.WAITING if well else State.FAILING


def _holds(status: Status, kind: ConditionType) -> bool:
    condition = status.condition(kind)
    return condition is not None and condition.status


def _message(status: Status, state: State) -> str:
    """Return the sentence of the condition that decided the state."""
    decisive = ConditionType.STALLED if state is State.STALLED else ConditionType.READY
    condition = status.condition(decisive) or status.condition(ConditionType.RECONCILING)
    message = condition.message if condition and condition.message else "Waits for its turn."
    if status.warning and status.warning not in message:
        message = f"{message.removesuffix('.')}; {status.warning}"
    return redact(message)


def _redacted(condition: Condition) -> Condition:
    return condition.model_copy(update={"message": redact(condition.message)})


def _links(manifest: Manifest | None, status: Status, base_url: str) -> Links | None:
    if status.kind is not Kind.PROXY:
        return None
    declared: Proxy | None = manifest.proxies.get(status.name) if manifest else None
    outputs = declared.outputs if declared else ("m3u", "xmltv")
    at = f"{base_url}/{status.name}"
    return Links(
        playlist=f"{at}/playlist.m3u" if "m3u" in outputs else None,
        playlist_gz=f"{at}/playlist.m3u.gz" if "m3u" in outputs else None,
        guide=f"{at}/guide.xml" if "xmltv" in outputs else None,
        guide_gz=f"{at}/guide.xml.gz" if "xmltv" in outputs else None,
    )


def _manifest_report(status: Status | None, manifest: Manifest | None) -> ManifestReport:
    running = manifest is not None
    problems = tuple(
        problem.model_copy(update={"message": redact(problem.message)})
        for problem in (status.problems if status else ())
    )
    if status is not None and (problems or state_of(status) in TROUBLED):
        state, message = State.STALLED, _message(status, state_of(status))
    elif running:
        state, message = State.READY, "The YAML file is read and runs."
    else:
        state, message = State.WAITING, "The YAML file has not been read yet."
    return ManifestReport(
        state, message, problems, running, status.last_success if status else None
    )


def _is_on_the_way(resource: Resource) -> bool:
    """Whether it will be there soon; a guide that its provider does not have will not."""
    no_guide = any(condition.reason is Reason.NO_GUIDE for condition in resource.conditions)
    return resource.state is State.WAITING and not no_guide


def _overall(file: ManifestReport, resources: list[Resource]) -> tuple[State, str]:
    """Return one word and one sentence for everything together."""
    if file.state is State.STALLED and file.running:
        problems = "a problem" if len(file.problems) < 2 else f"{len(file.problems)} problems"
        return (
            State.STALLED,
            f"The YAML file has {problems}; the last good version goes on running.",
        )
    if file.state is State.STALLED:
        return State.STALLED, "The YAML file has to be mended before anything runs."
    if file.state is not State.READY:
        return file.state, file.message
    if not resources:
        return State.EMPTY, "Nothing is declared yet."
    troubled = sum(resource.state in TROUBLED for resource in resources)
    if troubled:
        verb = "needs" if troubled == 1 else "need"
        return State.FAILING, f"{troubled} of {len(resources)} {verb} a look."
    waiting = sum(_is_on_the_way(resource) for resource in resources)
    if waiting:
        verb = "is" if waiting == 1 else "are"
        return State.WAITING, f"{waiting} of {len(resources)} {verb} on the way."
    return State.READY, "Everything is up to date."
