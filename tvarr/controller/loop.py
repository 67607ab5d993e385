"""The control loop: watch → load → plan → enqueue; and what becomes of each piece of work.

`app` runs a `Controller` for as long as the process lives, `tvarr build` lets one reconcile once.
Everything here happens in the event loop, so it needs no locks; what waits for disks or parsers is
handed to threads. The last good manifest goes on running while the YAML is broken.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tvarr.config.load import Loaded, load_manifest
from tvarr.controller import asking, logos, manifest, observe, sources, verdict
from tvarr.controller.plan import (
    GRACE,
    Observed,
    Task,
    Why,
    Work,
    bring_along,
    is_paused,
    mark_removed,
    plan,
    was_disabled,
)
from tvarr.controller.recover import recovered
from tvarr.controller.resources import (
    DeclaredProxy,
    Document,
    Resource,
    Resources,
    declared,
    linked_to,
)
from tvarr.controller.turn import Done, take_turn
from tvarr.controller.workqueue import LIMITS, PATIENCE, PER_HOST, WorkQueue
from tvarr.outputs import publish
from tvarr.progress import Answer, Asked
from tvarr.state.conditions import Kind, Status

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from datetime import datetime, timedelta
    from pathlib import Path

    from tvarr.controller.tools import Tools
    from tvarr.spec.manifest import Manifest
    from tvarr.state.store import Store

log = logging.getLogger(__name__)


class Environment(Mapping[str, str]):
    """The process's environment, which remembers what the YAML asked it for."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._environ = environ
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self._environ[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._environ)

    def __len__(self) -> int:
        return len(self._environ)


class Controller:
    """Makes the world match the YAML file, once or for ever."""

    def __init__(
        self,
        config: Path,
        store: Store,
        tools: Tools,
        port: Callable[[Manifest], int],
        *,
        on_done: Callable[[Done], None] | None = None,
        fetches: int = LIMITS[Task.FETCH],
        per_host: int = PER_HOST,
    ) -> None:
        """`port` says where this process is reached under a manifest.

        `fetches` documents are fetched at once, `per_host` of them from one host.
        """
        self.manifest: Manifest | None = None
        """The one that is running: the last one without problems."""
        self.loaded: Loaded | None = None
        """The outcome of reading the file last."""
        self.environment = Environment()
        self.resources: Resources = {}
        self._config = config
        self._store = store
        self._tools = tools
        self._on_done = on_done
        self._port = port
        self._stamps: observe.Stamps | None = None
        self._reload = asyncio.Event()
        self._adopting = asyncio.Lock()
        self._adopted = asyncio.Event()
        self._limits = {**LIMITS, Task.FETCH: fetches}
        self._per_host = per_host
        self._outrun: dict[str, frozenset[str]] = {}
        """Proxies that were built while these sources or guides were at work."""
        self._queue = self._new_queue()
        self.logos = logos.Logos(
            tools, lambda: self.resources, lambda: self.manifest, self._wake_for_logos
        )

    async def read(self) -> Loaded:
        """Read the YAML; a manifest without problems becomes the running one."""
        self.loaded = await asyncio.to_thread(load_manifest, self._config, self.environment)
        if self.loaded.manifest is not None:
            self.manifest = self.loaded.manifest
        return self.loaded

    async def run(self, edits: Callable[[], AsyncIterator[None]]) -> None:
        """Reconcile until cancelled, after `read`. `edits` yields when the watched files change."""
        await self._recover()
        await self._adopt(first_look=True)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._queue.run(), name="work queue")
            tasks.create_task(self.logos.run(), name="logos")
            tasks.create_task(self._follow_edits(edits), name="edits")
            tasks.create_task(self._follow_reloads(), name="reloads")

    async def build(self, *, only: str | None = None, force: bool = False) -> None:
        """Reconcile once, after `read` of a YAML without problems.

        `only` is a proxy: the others are left alone. `force` fetches and builds everything anew.
        What failed is tried again even if its time has not come, since somebody asks for it.
        """
        self._queue = self._new_queue(patience=None)
        await self._recover()
        await self._adopt(first_look=True, only=only, force=force, insist=True)
        await self._queue.run(until_idle=True)
        await self.logos.once()

    async def refresh_once(self, key: str, *, accept: bool = False, force: bool = False) -> Asked:
        """Refresh one source or guide and what follows from it, after `read`; nothing else.

        `accept` and `force` as for `refresh`.
        """
        self._queue = self._new_queue(patience=None)
        await self._recover()
        if self.manifest is not None:
            self.resources = declared(self.manifest, self._port(self.manifest))
        await self._tell_disabled()
        asked = self.refresh(key, accept=accept, force=force)
        await self._queue.run(until_idle=True)
        return asked

    def refresh(self, key: str, *, accept: bool = False, force: bool = False) -> Asked:
        """Make a source, guide or proxy due at once, also one that waits for an edit.

        Nothing is waited. `accept` takes over an answer that is held back; `force` asks a server
        that wanted a pause. A proxy that is being built is built once more then.
        """
        resource, now = self.resources.get(key), self._tools.clock.now()
        asked = asking.answer(
            key,
            resource,
            self._store.get(key),
            self._tools.progress.latest(key),
            now,
            running=key in self._queue.running,
            force=force,
        )
        if asked.answer is Answer.ACCEPTED and resource is not None:
            why = Why.ACCEPTED if accept else Why.ASKED
            is_news = self._queue.asked_for(key) is not why
            self._queue.add(_asked_for(resource, why, now))
            if is_news:  # whoever asks a thousand times is told of once
                log.info("%s: %s", asked.sentence, why)
        return asked

    def _new_queue(self, patience: timedelta | None = PATIENCE) -> WorkQueue:
        return WorkQueue(
            self._handle,
            self._tools.clock,
            patience,
            self._limits,
            self._hosts_of,
            self._per_host,
        )

    def _hosts_of(self, key: str) -> frozenset[str]:
        resource = self.resources.get(key)
        return resource.hosts if isinstance(resource, Document) else frozenset()

    def reload(self) -> None:
        """Read the YAML again and try what failed, as `SIGHUP` asks for."""
        self._reload.set()

    async def adopted(self) -> AsyncIterator[None]:
        """Yield after each edit that was taken over."""
        while True:
            await self._adopted.wait()
            self._adopted.clear()
            yield

    def watched(self) -> list[Path]:
        """Return the files whose change matters: the YAML's own, and local documents."""
        files = list(self.loaded.files) if self.loaded else [self._config]
        return [*files, *observe.local_paths(self.resources, self._tools.base)]

    async def _follow_edits(self, edits: Callable[[], AsyncIterator[None]]) -> None:
        async for _ in edits():
            async with self._adopting:
                await self.read()
                await self._adopt()

    async def _follow_reloads(self) -> None:
        while True:
            await self._reload.wait()
            self._reload.clear()
            log.info("reading the YAML again, and trying what failed")
            async with self._adopting:
                await self.read()
                await self._adopt(insist=True)

    # --- from the YAML to the queue -----------------------------------------------------------

    async def _recover(self) -> None:
        known = {status.key for status in self._store.all()}
        data, now = self._tools.data, self._tools.clock.now()
        for status in await asyncio.to_thread(lambda: list(recovered(data, known))):
            log.info("the state knew nothing of %s; found in the data folder", status.key)
            await self._put(verdict.waiting(status, "found in the data folder", now))

    async def _adopt(
        self,
        *,
        first_look: bool = False,
        only: str | None = None,
        force: bool = False,
        insist: bool = False,
    ) -> None:
        """Take over what was read last, and enqueue what follows from it."""
        loaded = self.loaded or await self.read()
        await self._report(loaded)
        if self.manifest is None:
            return
        everything = declared(self.manifest, self._port(self.manifest))
        self.resources = everything if only is None else _restricted(everything, only)
        await self._tell_disabled()
        now = self._tools.clock.now()
        if only is None:
            for status in list(mark_removed(everything, self._store.all(), now)):
                mark = partial(_marked, status.removed_at)
                await asyncio.to_thread(self._store.update, status.key, mark)
        observed = replace(await self._observe(insist=insist, force=force), first_look=first_look)
        works = plan(self.resources, self._store.all(), now, observed)
        if only is not None:
            works = [work for work in works if work.task is not Task.PRUNE]
        self._enqueue(works, now)
        self.logos.tell()
        self._adopted.set()

    async def _report(self, loaded: Loaded) -> None:
        """Write what was found in the YAML into its own status, if that is news."""
        before = self._store.get(manifest.KEY)
        status = manifest.judge(before, loaded, self._tools.clock.now())
        if status != before:
            manifest.announce(before, status, running=self.manifest is not None)
            await self._put(status)

    async def _tell_disabled(self) -> None:
        """Write it into the statuses of what the YAML disables."""
        for resource in self.resources.values():
            if isinstance(resource, Document) and not resource.enabled:
                await self._disable(resource)

    async def _disable(self, document: Document) -> None:
        status = self._store.get(document.key) or Status(kind=document.kind, name=document.name)
        if not was_disabled(status):
            log.info("%s is disabled in the YAML; what was read of it is kept", document.key)
            await self._put(verdict.disabled(status, self._tools.clock.now()))

    async def _observe(self, *, insist: bool, force: bool) -> Observed:
        statuses = {status.key: status for status in self._store.all()}
        before = self._stamps
        if before is None:
            before = {key: observe.stamp_of(status) for key, status in statuses.items()}
        resources, tools = self.resources, self._tools
        self._stamps = await asyncio.to_thread(observe.stamps, resources, tools)
        changed = {key for key, stamp in self._stamps.items() if stamp != before.get(key)}
        lost = await asyncio.to_thread(observe.lost, resources, statuses, tools)
        now = tools.clock.now()
        failing = {key for key, status in statuses.items() if _may_be_tried(status, now)}
        return Observed(
            lost=lost,
            changed=frozenset(changed),
            asked=frozenset(failing if insist else ()),
            forced=frozenset(resources if force else ()),
        )

    def _enqueue(self, works: list[Work], now: datetime) -> None:
        # what waits for nothing but a person keeps that person's work, and what follows from it
        able = (r.key for r in self.resources.values() if isinstance(r, DeclaredProxy) or r.enabled)
        self._queue.keep_only({*(work.key for work in works), *able})
        for work in works:
            if self._store.get(work.key) is None:
                self._introduce(work.key, now)
            self._queue.add(work)
            if work.due <= now:
                log.debug("%s is due: %s", work.key, work.why)

    def _introduce(self, key: str, now: datetime) -> None:
        resource = self.resources[key]
        status = Status(kind=resource.kind, name=resource.name)
        self._store.show(verdict.waiting(status, "waits for its first turn", now))

    # --- from the queue to the status ---------------------------------------------------------

    async def _handle(self, work: Work) -> Work | None:
        """Do one piece of work and write its status; the queue's handler."""
        if work.task is Task.PRUNE:
            return await self._prune(work)
        resource = self.resources.get(work.key)
        if resource is None:
            return None
        if isinstance(resource, DeclaredProxy):
            self._fetch_lost(resource)
        done = await take_turn(work, resource, self._store, self._tools)
        if self._on_done is not None:
            self._on_done(done)
        if isinstance(resource, DeclaredProxy):
            self._outrun[work.key] = frozenset(work.unawaited if done.changed else ())
            if done.changed:
                self.logos.tell()
        else:
            self._wake_linked(done)
            self._wake_dependants(done)
        return await self._following(done)

    async def _following(self, done: Done) -> Work | None:
        """Return what comes next; the YAML may have changed while the work was done."""
        resource = self.resources.get(done.status.key)
        following = done.following()
        if isinstance(resource, DeclaredProxy):
            return following and replace(following, after=resource.depends_on)
        if isinstance(resource, Document) and not resource.enabled:
            await self._disable(resource)
            return None
        return following

    def _wake_linked(self, done: Done) -> None:
        """Bring along the guide that comes with a source, or the source of such a guide."""
        document = self.resources.get(done.status.key)
        linked = linked_to(document, self.resources) if isinstance(document, Document) else None
        if linked is None or linked.key in self._queue.running:
            return
        now = self._tools.clock.now()
        recovered = done.before.failures > 0
        status = self._store.get(linked.key)
        work = bring_along(done.status, status, linked, now, recovered=recovered)
        if work is not None:
            self._queue.add(work)

    def _fetch_lost(self, proxy: DeclaredProxy) -> None:
        """Have snapshots fetched again that somebody removed from the disk.

        What is in trouble of its own keeps to its own time.
        """
        for key in proxy.depends_on:
            status = self._store.get(key)
            if (
                status
                and status.snapshot
                and not status.failures
                and not sources.has_snapshot(status, self._tools.snapshots)
            ):
                self._queue.add(Work(key, Task.FETCH, self._tools.clock.now(), Why.LOST))

    async def _prune(self, work: Work) -> Work | None:
        """Delete what a removed resource left; where that fails, it is tried again tomorrow."""
        if work.key in self.resources:  # it came back at this moment
            return None
        try:
            await asyncio.to_thread(_delete_data, work.key, self._tools)
        except OSError as error:
            log.warning("%s: its data cannot be deleted: %s", work.key, error.strerror)
            return replace(work, due=self._tools.clock.now() + GRACE)
        await asyncio.to_thread(self._store.delete, work.key)
        log.info("%s was removed from the YAML a while ago; its data is deleted", work.key)
        return None

    def _wake_dependants(self, done: Done) -> None:
        """Enqueue the proxies to which it matters: a new snapshot, or the end of their waiting."""
        now, before, status = self._tools.clock.now(), done.before, done.status
        new = status.snapshot != before.snapshot
        ends_a_wait = status.ready or before.last_attempt is None
        for proxy in self.resources.values():
            if not isinstance(proxy, DeclaredProxy) or status.key not in proxy.depends_on:
                continue
            outran = status.key in self._outrun.get(proxy.key, ())
            if new or outran or (ends_a_wait and not self._is_ready(proxy)):
                work = Work(proxy.key, Task.BUILD, now, Why.DEPENDENCY, proxy.depends_on)
                self._queue.add(work)

    def _wake_for_logos(self, proxy: DeclaredProxy, moment: datetime) -> None:
        self._queue.add(Work(proxy.key, Task.BUILD, moment, Why.LOGOS, proxy.depends_on))

    def _is_ready(self, resource: Resource) -> bool:
        status = self._store.get(resource.key)
        return status is not None and status.ready

    async def _put(self, status: Status) -> None:
        await asyncio.to_thread(self._store.put, status)


def _asked_for(resource: Resource, why: Why, now: datetime) -> Work:
    if isinstance(resource, DeclaredProxy):
        return Work(resource.key, Task.BUILD, now, why, resource.depends_on)
    return Work(resource.key, Task.FETCH, now, why, resource.after)


def _delete_data(key: str, tools: Tools) -> None:
    kind, name = key.split("/", 1)
    if kind == Kind.PROXY:
        publish.withdraw(tools.data, name)
        logos.forget(tools.data, name)
    else:
        tools.snapshots.prune(kind, name, keep=set())


def _marked(removed_at: datetime | None, status: Status) -> Status:
    return status.model_copy(update={"removed_at": removed_at})


def _restricted(resources: Resources, proxy: str) -> Resources:
    """Return one proxy and what it depends on; nothing for a proxy that is not declared."""
    wanted = resources.get(f"{Kind.PROXY}/{proxy}")
    keys = {wanted.key, *wanted.depends_on} if isinstance(wanted, DeclaredProxy) else set()
    for key in tuple(keys):
        if isinstance(document := resources.get(key), Document):
            keys.update(document.after)
    return {key: resource for key, resource in resources.items() if key in keys}


def _may_be_tried(status: Status, now: datetime) -> bool:
    """Whether somebody's asking is reason enough: not if the server asked for a pause."""
    return status.failures > 0 and not is_paused(status, now)
