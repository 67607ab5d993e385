"""One turn of one resource: run its steps, turn the outcome into a status, write it once.

Called by `loop` for each piece of work; `sources` and `proxies` have the steps.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from tvarr.controller import proxies, sources, verdict
from tvarr.controller.plan import Why, Work
from tvarr.controller.resources import DeclaredProxy, Document, Resource
from tvarr.errors import TvarrError
from tvarr.state.conditions import Status

if TYPE_CHECKING:
    from tvarr.controller.tools import Tools
    from tvarr.controller.verdict import Outcome
    from tvarr.state.store import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Done:
    """One turn that has come to its end."""

    work: Work
    before: Status
    status: Status
    changed: bool
    """Whether there is a new snapshot or new published files."""
    seconds: float

    def following(self) -> Work | None:
        """Return what is to be done to the resource next, and when."""
        if self.status.next_due is None:
            return None
        why = Why.RETRY if self.status.failures else Why.DUE
        return replace(self.work, due=self.status.next_due, why=why)


async def take_turn(work: Work, resource: Resource, store: Store, tools: Tools) -> Done:
    """Reconcile the resource and write its status, whatever happens."""
    before = store.get(resource.key) or Status(kind=resource.kind, name=resource.name)
    store.show(verdict.in_progress(before, str(work.why), tools.clock.now()))
    started = time.monotonic()
    try:
        outcome = await _reconcile(work, resource, _known_to(work, before), store, tools)
        outcome = _with_what_was_missed(outcome, work)
    except TvarrError as error:
        status, changed = _failed(resource, before, error, tools), False
    else:
        status, changed = verdict.succeeded(before, outcome, tools.clock.now()), outcome.changed
    seconds = time.monotonic() - started
    if changed:
        status = status.model_copy(update={"seconds": round(seconds, 3)})
    kept = await asyncio.to_thread(store.update, status.key, partial(_still_removed, status))
    status = kept or status
    _announce(before, status, changed=changed)
    return Done(work, before, status, changed, seconds)


async def _reconcile(
    work: Work, resource: Resource, before: Status, store: Store, tools: Tools
) -> Outcome:
    """Run the list of steps; whatever goes wrong comes out as a `TvarrError`."""
    try:
        if isinstance(resource, DeclaredProxy):
            return await proxies.reconcile(resource, before, store.get, tools)
        return await sources.reconcile(resource, before, tools, work.why, store.get)
    except TvarrError:
        raise
    except Exception as error:
        if verdict.is_disk_full(error):
            raise verdict.disk_full() from error
        if before.failures == 0:
            log.exception("%s: unexpected error", resource.key)
        raise verdict.unexpected(error) from error


def _known_to(work: Work, before: Status) -> Status:
    """Let work that was forced know nothing of what would make it needless."""
    if work.why is not Why.FORCED:
        return before
    return before.model_copy(update={"spec_hash": "", "build_key": None})


def _with_what_was_missed(outcome: Outcome, work: Work) -> Outcome:
    """Say of a build which of its sources it did not wait for any longer."""
    if not (outcome.changed and work.unawaited):
        return outcome
    were = "was" if len(work.unawaited) == 1 else "were"
    words = f"built while {', '.join(work.unawaited)} {were} being refreshed"
    return replace(outcome, message=f"{outcome.message}; {words}")


def _failed(resource: Resource, before: Status, error: TvarrError, tools: Tools) -> Status:
    now = tools.clock.now()
    regular = sources.next_refresh(resource, now) if isinstance(resource, Document) else None
    return verdict.failed(before, resource.digest, error, regular, now)


def _still_removed(status: Status, current: Status) -> Status:
    """Keep the mark of a resource that was removed from the YAML while it was worked on."""
    return status.model_copy(update={"removed_at": current.removed_at})


def _announce(before: Status, status: Status, *, changed: bool) -> None:
    """Log it: a failure is one line when it begins and one when it ends."""
    failing, was_failing = status.failures > 0, before.failures > 0
    words = verdict.message(status)
    if failing and not was_failing:
        log.warning("%s: %s", status.key, words)
    elif was_failing and not failing:
        log.info("%s is well again: %s", status.key, words)
    elif changed:
        log.info("%s: %s", status.key, words)
    else:
        log.debug("%s: %s", status.key, words)
