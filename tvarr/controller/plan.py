"""What has to be done, and when: declared resources against their statuses. Pure.

Called by `loop` after every load of the YAML and at start; what it returns goes into the work
queue. It looks at no disk: what is to be seen there comes in as `Observed`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from tvarr.controller.resources import DeclaredProxy, Document, Resource
from tvarr.controller.schedule import LONGEST_WAIT
from tvarr.errors import Reason
from tvarr.state.conditions import ConditionType, Kind, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

GRACE = timedelta(days=1)
"""How long the data of a removed resource is kept, for the edit that brings it back."""

PAUSES = (Reason.RATE_LIMITED, Reason.SLOTS_FULL)
"""Reasons by which a server asks not to be asked for a while."""

LINKED_REST = timedelta(minutes=5)
"""How recently a linked guide or its source may have been tried not to be brought along."""


class Task(StrEnum):
    """What is done to a resource; each has a lane of its own in the work queue."""

    FETCH = "fetch"  # a source or guide: fetch, read, keep
    BUILD = "build"  # a proxy: gather, build, publish
    PRUNE = "prune"  # a removed resource: delete its data


class Why(StrEnum):
    """What made the work due; for the log."""

    NEW = "it is new"
    CHANGED = "its declaration changed"
    LOST = "its stored data is gone"
    DOCUMENT_CHANGED = "its local document changed"
    DEPENDENCY = "what it depends on is refreshed"
    FIRST_LOOK = "tvarr has just started"
    DUE = "its time has come"
    RETRY = "the last attempt failed"
    LINKED = "what it belongs to was refreshed"
    ENABLED = "it is no longer disabled"
    LOGOS = "logos have come"
    ASKED = "somebody asked to try again"
    ACCEPTED = "somebody asked to take the answer that is held back"
    FORCED = "somebody asked for everything anew"
    REMOVED = "it is no longer declared"


BY_A_PERSON = (Why.ACCEPTED, Why.FORCED, Why.ASKED)
"""Work that is done because somebody wants it now; what asks for most comes first."""


@dataclass(frozen=True)
class Work:
    """One thing to do to one resource."""

    key: str
    task: Task
    due: datetime
    why: Why
    after: tuple[str, ...] = ()
    """Keys whose work of the same time is done first."""
    unawaited: tuple[str, ...] = ()
    """Of these, the ones that took too long: they were still at work when this began."""


@dataclass(frozen=True)
class Observed:
    """What was seen on the disk, and what was asked for."""

    lost: frozenset[str] = frozenset()
    """Resources whose snapshot or published folder is gone; counts for those in no trouble."""
    changed: frozenset[str] = frozenset()
    """Documents that are local files and have changed since they were last seen."""
    asked: frozenset[str] = frozenset()
    """Resources that are tried although their time has not come."""
    forced: frozenset[str] = frozenset()
    """Resources that are fetched or built anew although nothing has changed."""
    first_look: bool = False
    """At start every proxy is looked at once; its build key says whether there is work."""


def plan(
    resources: Mapping[str, Resource],
    statuses: Iterable[Status],
    now: datetime,
    observed: Observed = Observed(),
) -> list[Work]:
    """Return the work of all resources: what is due first, dependants after dependencies.

    An item may lie in the future (`due > now`). A proxy that waits for nothing has no item.
    """
    by_key = {status.key: status for status in statuses}
    documents = [
        work
        for resource in resources.values()
        if isinstance(resource, Document) and resource.enabled
        for work in [_fetch(resource, by_key.get(resource.key), now, observed)]
        if work is not None
    ]
    refreshed = {work.key for work in documents if work.due <= now}
    builds = [
        _build(resource, by_key.get(resource.key), now, observed, refreshed)
        for resource in resources.values()
        if isinstance(resource, DeclaredProxy)
    ]
    return [*documents, *filter(None, builds), *_prunes(resources, by_key.values())]


def mark_removed(
    resources: Mapping[str, Resource], statuses: Iterable[Status], now: datetime
) -> Iterator[Status]:
    """Yield the statuses that change because a resource has gone from the YAML, or come back."""
    for status in statuses:
        if status.kind is Kind.MANIFEST:
            continue
        if status.key not in resources and status.removed_at is None:
            yield status.model_copy(update={"removed_at": now})
        if status.key in resources and status.removed_at is not None:
            yield status.model_copy(update={"removed_at": None})


def _fetch(
    document: Document, status: Status | None, now: datetime, observed: Observed
) -> Work | None:
    """Return when it is fetched; None where nothing but its own declaration changes it.

    What waits for an edit waits for one of its own declaration: other edits, changed documents and
    restarts are not reason enough to ask a provider that may lock the account.
    """
    why = _why_at_once(document, status, observed)
    if why is None and document.key in observed.changed:
        why = Why.DOCUMENT_CHANGED
    if why is None and status is not None and was_disabled(status):
        why = Why.ENABLED
    after = document.after
    if why is not None or status is None:
        return Work(document.key, Task.FETCH, now, why or Why.NEW, after)
    if status.next_due is None and status.last_attempt is not None:
        return None
    again = Why.RETRY if status.failures else Why.DUE
    return Work(document.key, Task.FETCH, _due_again(status, now), again, after)


def is_paused(status: Status, now: datetime) -> bool:
    """Whether the server asked for a pause that is not over yet."""
    ready = status.condition(ConditionType.READY)
    asked = ready is not None and ready.reason in PAUSES and status.failures > 0
    return asked and status.next_due is not None and status.next_due > now


def is_left_alone(status: Status) -> bool:
    """Whether nothing is asked of the provider before an edit, or before a person wants it."""
    return status.failures > 0 and status.next_due is None


def is_waiting(status: Status) -> bool:
    """Whether the status says that the resource waits for another."""
    return _says(status, Reason.WAITING)


def was_disabled(status: Status) -> bool:
    """Whether the status says that the resource is disabled."""
    return _says(status, Reason.DISABLED)


def has_no_guide(status: Status) -> bool:
    """Whether the status says that a source comes without a guide, which is no failure."""
    return _says(status, Reason.NO_GUIDE)


def _says(status: Status, reason: Reason) -> bool:
    ready = status.condition(ConditionType.READY)
    return ready is not None and ready.reason is reason


def _build(
    proxy: DeclaredProxy,
    status: Status | None,
    now: datetime,
    observed: Observed,
    refreshed: set[str],
) -> Work | None:
    why = _why_at_once(proxy, status, observed)
    if why is None and not refreshed.isdisjoint(proxy.depends_on):
        why = Why.DEPENDENCY
    if why is None and observed.first_look:
        why = Why.FIRST_LOOK
    if why is not None:
        return Work(proxy.key, Task.BUILD, now, why, proxy.depends_on)
    if status is None or status.next_due is None:
        return None
    again = Why.RETRY if status.failures else Why.DUE
    return Work(proxy.key, Task.BUILD, _due_again(status, now), again, proxy.depends_on)


def _why_at_once(resource: Resource, status: Status | None, observed: Observed) -> Why | None:
    if status is None:
        return Why.NEW
    if status.spec_hash != resource.digest:
        return Why.CHANGED
    if resource.key in observed.forced:
        return Why.FORCED
    if resource.key in observed.lost and not status.failures:
        return Why.LOST
    if resource.key in observed.asked:
        return Why.ASKED
    return None


def bring_along(
    done: Status,
    linked: Status | None,
    resource: Document,
    now: datetime,
    *,
    recovered: bool = False,
) -> Work | None:
    """Return work for a source's linked guide, or for its source, after a refresh of the other.

    One that was tried lately, is in trouble of its own, or disabled, keeps to its own time. But
    where the account that they share was refused and the other one has `recovered`, it comes too.
    """
    if done.failures or not resource.enabled or linked is None:
        return None
    if recovered and is_left_alone(linked):
        return Work(resource.key, Task.FETCH, now, Why.LINKED, resource.after)
    if linked.failures:
        return None
    tried = linked.last_attempt if not is_waiting(linked) else None
    if tried is not None and now - tried < LINKED_REST:
        return None
    return Work(resource.key, Task.FETCH, now, Why.LINKED, resource.after)


def _due_again(status: Status, now: datetime) -> datetime:
    """Return `next_due`, or now where it cannot be right.

    A clock that was wrong when it was written (a board without a battery starts in 1970, or a
    wrong year was set) must not stop the refreshes for years.
    """
    if status.next_due is None:
        return now
    if status.last_attempt is not None and status.last_attempt > now + LONGEST_WAIT:
        return now
    return status.next_due


def _prunes(resources: Mapping[str, Resource], statuses: Iterable[Status]) -> Iterator[Work]:
    for status in statuses:
        if status.key not in resources and status.removed_at is not None:
            due = status.removed_at + GRACE
            yield Work(status.key, Task.PRUNE, due, Why.REMOVED)
