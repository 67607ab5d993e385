"""The work queue: one resource, one task at a time; each when it is due, within the lanes' limits.

Nothing starts while what it depends on is at work or about to be: a proxy is not built from a
source that is being refreshed. It waits for that, but not for ever, and is then told of what it did
not wait for. No host is asked for more than a few documents at once.

`loop` puts in what `plan` says and what follows from finished work. The queue knows keys and
times; what is done is the `handle` that it was given, which returns when the resource is next due.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from tvarr.controller.plan import BY_A_PERSON, Task, Work

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
    from datetime import datetime

    from tvarr.controller.clock import Clock
    from tvarr.controller.plan import Why

log = logging.getLogger(__name__)

LIMITS: Mapping[Task, int] = {Task.FETCH: 4, Task.BUILD: 1, Task.PRUNE: 1}
"""How many of each task run at once."""

PER_HOST = 2
"""How many documents are fetched from one host at once."""

PATIENCE = timedelta(seconds=60)
"""How long a dependant that could start waits for what it depends on."""

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
    hosts: Callable[[str], Collection[str]] = lambda _: ()
    """Tells from which hosts a resource is fetched."""
    per_host: int = PER_HOST
    _waiting: dict[str, Work] = field(default_factory=dict, init=False)
    _running: dict[str, Work] = field(default_factory=dict, init=False)
    _forgotten: set[str] = field(default_factory=set, init=False)
    """Of the running ones: not to be done again."""
    _held_up: dict[str, datetime] = field(default_factory=dict, init=False)
    """Since when dependants that could start have been waiting for what they depend on."""
    _changed: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def add(self, work: Work) -> None:
        """Put in work; of two for one resource, the earlier one counts.

        Work for a resource that is being worked on runs once more when that has ended.
        """
        waiting = self._waiting.get(work.key)
        if waiting is None or work.task is not waiting.task:
            self._waiting[work.key] = work
        else:
            self._waiting[work.key] = _both(waiting, work)
        self._forgotten.discard(work.key)
        self._changed.set()

    def keep_only(self, keys: Iterable[str]) -> None:
        """Forget the work of all other resources; what is running comes to its end."""
        kept = set(keys)
        self._waiting = {key: work for key, work in self._waiting.items() if key in kept}
        self._held_up = {key: since for key, since in self._held_up.items() if key in kept}
        self._forgotten |= self._running.keys() - kept
        self._changed.set()

    def due(self, key: str) -> datetime | None:
        """Return when the resource is next worked on, or None."""
        work = self._waiting.get(key)
        return work.due if work else None

    def asked_for(self, key: str) -> Why | None:
        """Return why the resource is worked on as soon as it can be, None where it is not yet."""
        return self._waiting[key].why if self._is_due(key) else None

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
        self._held_up.pop(work.key, None)
        work = replace(work, unawaited=self._dependencies_at_work(work))
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
        """What can start now, longest due first, as far as lanes and hosts have room."""
        room = _Room(self)
        for work in self._running.values():
            room.take(work)
        chosen = []
        for work in self._due_now():
            if work.key in self._running or not room.has(work) or self._has_to_wait(work):
                continue
            room.take(work)
            chosen.append(work)
        return chosen

    def _due_now(self) -> list[Work]:
        now = self.clock.now()
        due = [work for work in self._waiting.values() if work.due <= now]
        return sorted(due, key=lambda work: work.due)

    def _has_to_wait(self, work: Work) -> bool:
        """Whether what it depends on is at work; patience counts from when it could have begun."""
        if not self._dependencies_at_work(work):
            return False
        now = self.clock.now()
        since = self._held_up.setdefault(work.key, now)
        return self.patience is None or now - since < self.patience

    def _dependencies_at_work(self, work: Work) -> tuple[str, ...]:
        """Return what the work depends on and is being worked on, or is about to be."""
        return tuple(key for key in work.after if key in self._running or self._is_due(key))

    def _is_due(self, key: str) -> bool:
        work = self._waiting.get(key)
        return work is not None and work.due <= self.clock.now()

    def _next_moment(self) -> datetime | None:
        """When something may start without anything else happening first."""
        now = self.clock.now()
        moments = [work.due for work in self._waiting.values() if work.due > now]
        if self.patience is not None:
            ends = (since + self.patience for since in self._held_up.values())
            moments += [end for end in ends if end > now]
        return min(moments, default=None)


class _Room:
    """How much may still start in each lane, and with each host."""

    def __init__(self, queue: WorkQueue) -> None:
        self._queue = queue
        self._lanes = Counter(queue.limits)
        self._hosts: Counter[str] = Counter()

    def has(self, work: Work) -> bool:
        hosts = self._queue.hosts(work.key)
        free = all(self._hosts[host] < self._queue.per_host for host in hosts)
        return self._lanes[work.task] > 0 and (free or work.task is not Task.FETCH)

    def take(self, work: Work) -> None:
        self._lanes[work.task] -= 1
        if work.task is Task.FETCH:
            self._hosts.update(self._queue.hosts(work.key))


def _both(waiting: Work, work: Work) -> Work:
    """Return one piece of work in the place of two: the earlier one, for the stronger reason."""
    earlier = work if work.due < waiting.due else waiting
    asked = [why for why in BY_A_PERSON if why in (work.why, waiting.why)]
    return replace(earlier, after=work.after, why=asked[0] if asked else earlier.why)
