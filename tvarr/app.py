"""The whole put together: each part is built once here, and ends in reverse order.

Called by the command line. `run` serves until it is told to stop; `build` reconciles once, and
`refresh` one source or guide. What the parts are is theirs to say; who gets what is said here only.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import threading
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from tvarr.config.watch import watch
from tvarr.controller import fingerprint, lastbuild, serving
from tvarr.controller.clock import FrozenClock, SystemClock
from tvarr.controller.episodes import Episodes
from tvarr.controller.lock import locked
from tvarr.controller.loop import Controller
from tvarr.controller.plan import has_no_guide, was_disabled
from tvarr.controller.resources import Document, declared
from tvarr.controller.tools import Tools
from tvarr.controller.workers import Workers
from tvarr.errors import CannotStartError, MisusedError
from tvarr.fetch.client import Fetcher
from tvarr.progress import Asked, Progress
from tvarr.spec.declared import did_you_mean
from tvarr.state.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from aiohttp import web

    from tvarr.config.settings import Settings
    from tvarr.controller.clock import Clock
    from tvarr.controller.fingerprint import Inputs
    from tvarr.controller.resources import Resource
    from tvarr.controller.turn import Done
    from tvarr.spec.manifest import Manifest
    from tvarr.state.conditions import Problem, Status

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Built:
    """What a build came to."""

    problems: tuple[Problem, ...]
    """Of the YAML; if there are any, nothing was done."""
    done: tuple[Done, ...]
    """Every piece of work, in the order in which it ended."""
    statuses: tuple[Status, ...]
    """Of all that was to be reconciled, sources first."""

    @property
    def succeeded(self) -> bool:
        """Whether everything is as declared."""
        well = all(s.ready or was_disabled(s) or has_no_guide(s) for s in self.statuses)
        return well and not self.problems


@dataclass(frozen=True)
class Refreshed:
    """What a refresh came to."""

    asked: Asked | None
    """None where the YAML has problems, and nothing was done."""
    built: Built


async def build(
    settings: Settings,
    inputs: Inputs,
    *,
    only: str | None = None,
    force: bool = False,
    now: datetime | None = None,
    progress: Progress | None = None,
) -> Built:
    """Reconcile once: all that is due or has changed.

    `only` is a proxy, which is built with what it depends on; `force` does everything anew; `now`
    stops the clock at that moment; `progress` is told of every operation. Raises
    `CannotStartError`.
    """
    clock = FrozenClock(now) if now else SystemClock()
    since = clock.now()
    done: list[Done] = []
    with data_folder(settings.data):
        async with _parts(settings, clock, progress, children=False) as (store, tools):
            controller = _controller(settings, store, tools, done.append)
            contents = await lastbuild.read_steadily(controller)
            _check_declared(controller, only)
            await controller.build(only=only, force=force)
            problems = controller.loaded.problems if controller.loaded else ()
            built = Built(problems, tuple(done), _statuses(controller, store))
            fingerprint.forget(settings.data)
            whole = built.succeeded and only is None and not controller.logos.changed
            if whole and contents is not None:
                lastbuild.remember(controller, tools, store.all(), inputs, contents, since)
    return built


async def refresh(
    settings: Settings,
    name: str,
    *,
    accept: bool = False,
    force: bool = False,
    progress: Progress | None = None,
) -> Refreshed:
    """Refresh one source or guide and build what it changes, where no other tvarr is at work.

    `name` is one of the YAML, or `source/NAME`, `epg/NAME`. Raises `CannotStartError`.
    """
    done: list[Done] = []
    with data_folder(settings.data):
        async with _parts(settings, SystemClock(), progress, children=False) as (store, tools):
            controller = _controller(settings, store, tools, done.append)
            loaded = await controller.read()
            if loaded.manifest is None:
                return Refreshed(None, Built(loaded.problems, (), ()))
            port = _port(settings, loaded.manifest)
            key = _key_of(name, declared(loaded.manifest, port).values())
            fingerprint.forget(settings.data)
            asked = await controller.refresh_once(key, accept=accept, force=force)
            touched = {turn.status.key: store.get(turn.status.key) for turn in done}
            statuses = tuple(status for status in touched.values() if status is not None)
    return Refreshed(asked, Built((), tuple(done), statuses))


async def run(
    settings: Settings,
    *,
    on_serving: Callable[[int, Manifest | None], None] | None = None,
    on_done: Callable[[Done], None] | None = None,
    stop: asyncio.Event | None = None,
) -> None:
    """Serve and reconcile until SIGTERM, SIGINT or `stop`; SIGHUP reads the YAML again.

    `on_serving` is told the port and what is declared. Raises `CannotStartError`.
    """
    stop = stop or asyncio.Event()
    with data_folder(settings.data), _signals(stop, settings.shutdown_timeout.total_seconds()):
        async with _parts(settings, SystemClock(), children=True) as (store, tools):
            controller = _controller(settings, store, tools, on_done)
            await controller.read()
            async with _listening(settings, controller, store, tools) as listener:
                log.info("serving on port %d; the data folder is %s", listener.port, settings.data)
                if on_serving is not None:
                    on_serving(listener.port, controller.manifest)
                await _reconcile_until(stop, settings, controller, listener)
            log.info("stopping")


async def demonstrate(
    settings: Settings,
    *,
    on_serving: Callable[[int, Manifest | None], None] | None = None,
    stop: asyncio.Event | None = None,
) -> None:
    """Serve the demonstration: a provider of invented channels beside an ordinary `run`.

    The YAML is written if there is none. Raises what `run` does.
    """
    from tvarr.demo import pictures, provider

    folder = settings.config.parent
    ffmpeg = await asyncio.to_thread(pictures.find_ffmpeg)
    if ffmpeg is None:
        log.warning("no ffmpeg with H.264 was found: all works but the pictures")
    port = await asyncio.to_thread(provider.provider_port, folder)
    async with AsyncExitStack() as stack:
        try:
            url = await stack.enter_async_context(provider.serve(port, ffmpeg=ffmpeg))
        except OSError as error:
            raise CannotStartError(error.strerror or str(error)) from error
        await asyncio.to_thread(provider.write_yaml, folder, url)
        await run(settings, on_serving=on_serving, stop=stop)


@contextmanager
def data_folder(data: Path) -> Iterator[None]:
    """Make the data folder ready and hold it.

    Snapshots and downloads have the providers' addresses, so they are for their owner's eyes;
    what is published may be read by other programs of this machine.
    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        for private in ("snapshots", "downloads"):
            (data / private).mkdir(mode=0o700, exist_ok=True)
        (data / ".lock").touch(0o600)
    except OSError as error:
        raise CannotStartError(
            f"the data folder {data} cannot be written: {error.strerror}; choose one with --data"
        ) from error
    with locked(data):
        serving.forget(data)
        for left in (data / "downloads").iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        yield


@asynccontextmanager
async def _parts(
    settings: Settings, clock: Clock, progress: Progress | None = None, *, children: bool
) -> AsyncIterator[tuple[Store, Tools]]:
    store = Store(settings.data / "state.json")
    async with AsyncExitStack() as stack:
        stack.callback(store.close)
        fetcher = await stack.enter_async_context(Fetcher())
        workers = await stack.enter_async_context(Workers(children=children))
        base = settings.config.absolute().parent
        yield store, Tools(settings.data, base, fetcher, workers, clock, progress or Progress())


def _controller(
    settings: Settings, store: Store, tools: Tools, on_done: Callable[[Done], None] | None
) -> Controller:
    return Controller(
        settings.config,
        store,
        tools,
        partial(_port, settings),
        on_done=on_done,
        fetches=settings.fetches,
        per_host=settings.fetches_per_host,
    )


# --- serving ------------------------------------------------------------------------------------


class Listener:
    """The public port, which moves when the YAML names another one.

    Where it is stands in the data folder, for commands that want something of this process.
    """

    def __init__(self, runner: web.AppRunner, host: str, data: Path) -> None:
        self._runner = runner
        self._host = host
        self._data = data
        self._site: web.TCPSite | None = None
        self._wanted: int | None = None

    @property
    def port(self) -> int:
        """The port that is listened on."""
        port: int = self._runner.addresses[0][1]
        return port

    async def move_to(self, port: int) -> None:
        """Listen on `port`, then no longer on the one before. Raises OSError, and then stays."""
        from aiohttp import web

        if port == self._wanted:
            return
        site, before = web.TCPSite(self._runner, self._host, port), self._site
        await site.start()
        self._site, self._wanted = site, port
        if before is not None:
            await before.stop()
        await asyncio.to_thread(serving.remember, self._data, self._host, self.port)


@asynccontextmanager
async def _listening(
    settings: Settings, controller: Controller, store: Store, tools: Tools
) -> AsyncIterator[Listener]:
    from tvarr.web.server import View, create_app, create_runner

    now = tools.clock.now
    episodes = Episodes(tools, lambda: controller.manifest, store.get)
    view = View(
        settings.data,
        store,
        lambda: controller.manifest,
        now(),
        now,
        episodes=episodes.of,
        progress=tools.progress,
        refresh=controller.refresh,
    )
    runner = create_runner(create_app(view), settings.shutdown_timeout.total_seconds())
    await runner.setup()
    try:
        listener = Listener(runner, settings.host, settings.data)
        await _listen(listener, settings, controller)
        yield listener
    finally:
        serving.forget(settings.data)
        await runner.cleanup()


async def _listen(listener: Listener, settings: Settings, controller: Controller) -> None:
    port = _port(settings, controller.manifest)
    try:
        await listener.move_to(port)
    except OSError as error:
        raise CannotStartError(
            f"port {port} of {settings.host} cannot be listened on: "
            f"{os.strerror(error.errno) if error.errno else error}; choose another with --port, "
            "or with server.port in the YAML"
        ) from error


def _port(settings: Settings, manifest: Manifest | None) -> int:
    return settings.port_for(manifest.server.port if manifest else None)


async def _reconcile_until(
    stop: asyncio.Event, settings: Settings, controller: Controller, listener: Listener
) -> None:
    def edits() -> AsyncIterator[None]:
        polling, debounce = settings.force_polling, settings.debounce
        return watch(controller.watched, force_polling=polling, debounce=debounce, at_once=True)

    async with asyncio.TaskGroup() as tasks:
        work = (
            tasks.create_task(controller.run(edits), name="controller"),
            tasks.create_task(_follow_port(settings, controller, listener), name="port"),
        )
        with suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, controller.reload)
        await stop.wait()
        for task in work:
            task.cancel()


async def _follow_port(settings: Settings, controller: Controller, listener: Listener) -> None:
    async for _ in controller.adopted():
        before = listener.port
        try:
            await _listen(listener, settings, controller)
        except CannotStartError as error:
            log.error("%s; still serving on port %d", error, before)  # noqa: TRY400 - told in full
        else:
            if listener.port != before:
                log.info("serving on port %d", listener.port)


@contextmanager
def _signals(stop: asyncio.Event, patience: float) -> Iterator[None]:
    """Set `stop` at SIGTERM and SIGINT, and see to it that the process then ends in time."""
    loop = asyncio.get_running_loop()

    def begin_to_stop() -> None:
        stop.set()
        last_resort = threading.Timer(patience, _end_now)
        last_resort.daemon = True
        last_resort.start()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, begin_to_stop)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.remove_signal_handler(number)


def _end_now() -> None:
    """End although something still runs; every file is whole at every moment."""
    log.warning("something did not stop in time and is cut off")
    os._exit(0)


# --- building once ------------------------------------------------------------------------------


def _check_declared(controller: Controller, proxy: str | None) -> None:
    manifest = controller.loaded.manifest if controller.loaded else None
    if proxy is None or manifest is None or proxy in manifest.proxies:
        return
    near = did_you_mean(proxy, manifest.proxies)
    known = f"; declared are: {', '.join(manifest.proxies) or 'none'}"
    raise MisusedError(f'there is no proxy "{proxy}"{near or known}')


def _key_of(name: str, resources: Iterable[Resource]) -> str:
    """Return the key of the source or guide that is meant; of two of one name, the source."""
    keys = [resource.key for resource in resources if isinstance(resource, Document)]
    meant = [key for key in keys if name in (key, key.partition("/")[2])]
    if meant:
        return meant[0]
    names = dict.fromkeys(key.partition("/")[2] for key in keys)
    near = did_you_mean(name, names)
    known = f"; declared are: {', '.join(names) or 'none'}"
    raise MisusedError(f'there is no source or guide "{name}"{near or known}')


def _statuses(controller: Controller, store: Store) -> tuple[Status, ...]:
    statuses = (store.get(key) for key in controller.resources)
    return tuple(status for status in statuses if status is not None)
