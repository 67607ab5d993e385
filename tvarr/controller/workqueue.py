"""The work queue: one resource, one task at a time; each when it is due, within the lanes' limits.

`loop` puts in what `plan` says and what follows from finished work. The queue knows keys and
times; what is done is the `handle` that it was given, which returns when the resource is next due.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from tvarr.controller.plan import Task, Work

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping
    from datetime import datetime

    from tvarr.controller.clock import Clock

log = logging.getLogger(__name__)

LIMITS: Mapping[Task, int] = {Task.FETCH: 4, Task.BUILD: 1, Task.PRUNE: 1}
"""How many of each task run at once."""

PATIENCE = timedelta(seconds=60)
"""How long a dependant that is due waits for what it depends on."""


AGAIN = timedelta(minutes=15)
"""When work is tried again that ended in an error nobody handles."""


@dataclass
class WorkQueue:
    """What is due when. Lives as long as the controller; everything happens in its event loop."""

    handle: Callable[[Work], Awaitable[Work | None]]
    """Does the work and returns what is to be done to the resource next."""
    clock: Clock
    patience: timedelta | None = PATIENCE
    """None: dependants wait for as long as it takes."""
    limits: Mapping[Task, int] = field(default_factory=lambda: LIMITS)
    _waiting: dict[str, Work] = field(default_factory=dict, init=False)
    _running: dict[str, Work] = field(default_factory=dict, init=False)
    _forgotten: set[str] = field(default_factory=set, init=False)
    """Of the running ones: not to be done again."""
    _changed: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def add(self, work: Work) -> None:
        """Put in work; of two for one resource, the earlier one counts.

        Work for a resource that is being worked on runs once more when that has ended.
        """
        waiting = self._waiting.get(work.key)
        if waiting is None or work.due < waiting.due or work.task is not waiting.task:
            self._waiting[work.key] = work
        else:
            self._waiting[work.key] = replace(waiting, after=work.after)
        self._forgotten.discard(work.key)
        self._changed.set()

    def keep_only(self, keys: Iterable[str]) -> None:
        """Forget the work of all other resources; what is running comes to its end."""
        kept = set(keys)
        self._waiting = {key: work for key, work in self._waiting.items() if key in kept}
        self._forgotten |= self._running.keys() - kept
        self._changed.set()

    def due(self, key: str) -> datetime | None:
        """Return when the resource is next worked on, or None."""
        work = self._waiting.get(key)
        return work.due if work else None

    @property
    def running(self) -> frozenset[str]:
        """Keys that are being worked on."""
        return frozenset(self._running)

    async def run(self, *, until_idle: bool = False) -> None:
        """Work until cancelled; with `until_idle`, until nothing is running and nothing is due."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._changed.clear()
                for work in self._startable():
                    self._start(work, tasks)
                if until_idle and not self._running and not self._due_now():
                    return
                await self.clock.wait(self._changed, self._next_moment())

    def _start(self, work: Work, tasks: asyncio.TaskGroup) -> None:
        del self._waiting[work.key]
        self._running[work.key] = work
        tasks.create_task(self._do(work), name=f"{work.task} {work.key}")

    async def _do(self, work: Work) -> None:
        try:
            following = await self.handle(work)
        except Exception:  # whatever it is, everything else goes on
            log.exception("%s of %s failed where nothing should", work.task, work.key)
            following = replace(work, due=self.clock.now() + AGAIN)
        del self._running[work.key]
        if following is not None and self._goes_on(following):
            self.add(following)
        self._forgotten.discard(work.key)
        self._changed.set()

    def _goes_on(self, following: Work) -> bool:
        """Whether the resource is still wanted, and for the same task as before."""
        waiting = self._waiting.get(following.key)
        if waiting is not None:
            return waiting.task is following.task
        return following.key not in self._forgotten

    def _startable(self) -> list[Work]:
        """What can start now, longest due first, as far as the lanes have room."""
        room = dict(self.limits)
        for work in self._running.values():
            room[work.task] -= 1
        chosen = []
        for work in self._due_now():
            if work.key in self._running or room[work.task] <= 0 or self._has_to_wait(work):
                continue
            room[work.task] -= 1
            chosen.append(work)
        return chosen

    def _due_now(self) -> list[Work]:
        now = self.clock.now()
        due = [work for work in self._waiting.values() if work.due <= now]
        return sorted(due, key=lambda work: work.due)

    def _has_to_wait(self, work: Work) -> bool:
        if self.patience is not None and self.clock.now() - work.due >= self.patience:
            return False
        return any(key in self._running or self._is_due(key) for key in work.after)

    def _is_due(self, key: str) -> bool:
        work = self._waiting.get(key)
        return work is not None and work.due <= self.clock.now()

    def _next_moment(self) -> datetime | None:
        """When something may start without anything else happening first."""
        now = self.clock.now()
        moments = [work.due for work in self._waiting.values() if work.due > now]
        if self.patience is not None:
            ends = (work.due + self.patience for work in self._waiting.values() if work.after)
            moments += [end for end in ends if end > now]
        return min(moments, default=None)
