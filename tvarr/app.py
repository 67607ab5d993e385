"""Builds each part of tvarr once, puts them together, and takes them down in reverse order.

Nothing else knows how the parts are put together. The command line calls `run`, `run_demo` and
`build`, which return exit codes; what a person reads on the terminal is printed here.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import signal
import threading
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from tvarr import unchanged
from tvarr.config.watch import watch
from tvarr.controller.clock import Clock, FrozenClock, SystemClock
from tvarr.controller.loop import Controller
from tvarr.controller.tools import Tools
from tvarr.controller.workers import Workers
from tvarr.errors import Reason, Stalled
from tvarr.fetch.client import Fetcher
from tvarr.outputs import publish
from tvarr.state.conditions import Kind, Status
from tvarr.state.store import Store
from tvarr.tables import Progress, counts, print_statuses

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence
    from datetime import datetime, timedelta
    from pathlib import Path

    from tvarr.config.settings import Settings
    from tvarr.controller.turn import Done
    from tvarr.spec.manifest import Manifest

log = logging.getLogger(__name__)

STATE = "state.json"
NOTHING_TO_DO = "nothing to do, all is current"


@dataclass(frozen=True)
class BuildOptions:
    """What `tvarr build` was asked for."""

    proxy: str | None = None
    """Only this one and what it is made of."""
    moment: datetime | None = None
    """The time that is taken for now."""
    force: bool = False
    arguments: tuple[str, ...] = ()
    """The command line, by which the next run knows that it is asked the same."""


def run(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT; return the exit code."""
    with _own(settings.data):
        asyncio.run(_serve(settings))
        _end_in_time(settings.shutdown_timeout)
    return 0


def run_demo(settings: Settings) -> int:
    """Serve the demonstration, its provider included, until SIGTERM or SIGINT."""
    with _own(settings.data):
        asyncio.run(_serve_demo(settings))
        _end_in_time(settings.shutdown_timeout)
    return 0


def build(settings: Settings, options: BuildOptions) -> int:
    """Reconcile once and print what happened; return 0, 1 if something failed, 2 for a bad YAML."""
    with _own(settings.data):
        return asyncio.run(_build(settings, options))


async def _serve(settings: Settings, ready: Callable[[int], None] = lambda _port: None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with _parts(settings, SystemClock()) as (controller, store):
        loop.add_signal_handler(signal.SIGHUP, controller.reload)
        await controller.read()
        async with _listening(settings, controller, store) as port, asyncio.TaskGroup() as tasks:
            edits = partial(
                watch,
                controller.watched,
                force_polling=settings.force_polling,
                debounce=settings.debounce,
            )
            work = tasks.create_task(controller.run(port, edits), name="controller")
            ready(port)
            await stop.wait()
            log.info("stopping")
            work.cancel()


async def _serve_demo(settings: Settings) -> None:
    from tvarr.demo import pictures, provider

    folder = settings.config.parent
    ffmpeg = await asyncio.to_thread(pictures.find_ffmpeg)
    port = provider.provider_port(folder)
    try:
        async with provider.serve(port, ffmpeg=ffmpeg) as url:
            yaml = provider.write_yaml(folder, url)
            await _serve(settings, partial(_greet, yaml, ffmpeg))
    except OSError as error:
        raise Stalled(Reason.CONFIG_INVALID, error.strerror or str(error)) from error


async def _build(settings: Settings, options: BuildOptions) -> int:
    clock = FrozenClock(options.moment) if options.moment else SystemClock()
    done: list[Done] = []
    with Progress() as progress:

        def note(one: Done) -> None:
            done.append(one)
            progress.advance(one.status)

        async with _parts(settings, clock, on_done=note, children=False) as (controller, store):
            loaded = await controller.read()
            manifest = loaded.manifest
            if manifest is None:
                raise Stalled(Reason.CONFIG_INVALID, "\n".join(map(str, loaded.problems)))
            _refuse_unknown(options.proxy, manifest)
            port = _port(settings, manifest)
            await controller.build(port, only=options.proxy, force=options.force)
            statuses = [
                status
                for key in controller.resources
                if (status := store.get(key)) is not None and status.removed_at is None
            ]
    changed = [one for one in done if one.changed]
    if changed or not all(status.ready for status in statuses):
        print_statuses(statuses, clock.now())
    else:
        print("\n".join(_nothing_to_do(statuses)))  # noqa: T201 - the command's output
    if not all(status.ready for status in statuses):
        unchanged.forget(settings.data)
        return 1
    _remember(settings, options, controller, statuses)
    return 0


def _refuse_unknown(proxy: str | None, manifest: Manifest) -> None:
    if proxy is not None and proxy not in manifest.proxies:
        known = ", ".join(manifest.proxies) or "none"
        sentence = f"--proxy: there is no proxy {proxy!r}; declared are: {known}"
        raise Stalled(Reason.CONFIG_INVALID, sentence)


def _nothing_to_do(statuses: Sequence[Status]) -> list[str]:
    """Return what a build says that did nothing; the quick answer says the same."""
    proxies = [status for status in statuses if status.kind is Kind.PROXY]
    return [NOTHING_TO_DO, *(f"proxy {status.name}: {counts(status)}" for status in proxies)]


def _remember(
    settings: Settings, options: BuildOptions, controller: Controller, statuses: Sequence[Status]
) -> None:
    """Note all that this build looked at, so that the next one can see that nothing changed."""
    if options.force:
        return
    folders = [
        folder
        for status in statuses
        if status.kind is Kind.PROXY
        and (folder := publish.current(settings.data, status.name)) is not None
    ]
    links = [settings.data / "outputs" / folder.parent.name / folder.name for folder in folders]
    snapshots = [
        settings.data / "snapshots" / status.key / status.snapshot
        for status in statuses
        if status.snapshot is not None
    ]
    files = [file for folder in (*folders, *snapshots) for file in folder.iterdir()]
    config = controller.loaded.files if controller.loaded else ()
    due = [status.next_due for status in statuses if status.next_due is not None]
    unchanged.remember(
        settings.data,
        options.arguments,
        variables=controller.environment.asked,
        contents=config,
        stamps=[*controller.watched(), settings.data / STATE, *files, *links],
        until=None if options.moment else min(due, default=None),
        says=_nothing_to_do(statuses),
    )


@asynccontextmanager
async def _parts(
    settings: Settings,
    clock: Clock,
    *,
    on_done: Callable[[Done], None] | None = None,
    children: bool = True,
) -> AsyncIterator[tuple[Controller, Store]]:
    """Yield a controller with all it needs; everything is closed in reverse order."""
    async with AsyncExitStack() as parts:
        store = await asyncio.to_thread(Store, settings.data / STATE)
        parts.callback(store.close)
        tools = Tools(
            data=settings.data,
            base=settings.config.absolute().parent,
            fetcher=await parts.enter_async_context(Fetcher()),
            workers=await parts.enter_async_context(Workers(children=children)),
            clock=clock,
        )
        yield Controller(settings.config, store, tools, on_done=on_done), store


@asynccontextmanager
async def _listening(
    settings: Settings, controller: Controller, store: Store
) -> AsyncIterator[int]:
    """Yield the port on which everything is served."""
    from aiohttp import web

    from tvarr.web.server import View, create_app, create_runner

    now = SystemClock().now
    view = View(settings.data, store, lambda: controller.manifest, now(), now)
    runner = create_runner(create_app(view), settings.shutdown_timeout.total_seconds())
    await runner.setup()
    try:
        wanted = _port(settings, controller.manifest)
        try:
            await web.TCPSite(runner, settings.host, wanted).start()
        except OSError as error:
            sentence = f"cannot listen on {settings.host} port {wanted}: {error.strerror}"
            raise Stalled(Reason.CONFIG_INVALID, sentence) from error
        port: int = runner.addresses[0][1]
        log.info("serving on port %d", port)
        yield port
    finally:
        await runner.cleanup()


def _port(settings: Settings, manifest: Manifest | None) -> int:
    """Return the port: a flag, a variable or an option, else the YAML's, else the default."""
    declared = manifest.server.port if manifest else None
    if "port" in settings.model_fields_set or declared is None:
        return settings.port
    return declared


def _greet(yaml: Path, ffmpeg: str | None, port: int) -> None:
    here = f"http://localhost:{port}"
    lines = [
        "",
        "  tvarr is running on invented channels.",
        "",
        f"  Look at it     {here}/",
        f"  Play it        {here}/family/playlist.m3u   (VLC, mpv, Kodi …)",
        f"  Its guide      {here}/family/guide.xml.gz",
        f"  Change it      {yaml}   (every save takes effect at once)",
        "",
        "  Ctrl-C ends it.",
        "",
    ]
    if ffmpeg is None:
        lines.insert(-2, "  There is no ffmpeg with x264 here, so the channels have no picture.\n")
    print("\n".join(lines), flush=True)  # noqa: T201 - the command's output


@contextmanager
def _own(data: Path) -> Iterator[None]:
    """Hold the data folder's lock: two processes would undo each other's work."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock = (data / ".lock").open("w")
    except OSError as error:
        sentence = f"the data folder {data} cannot be used: {error.strerror}"
        raise Stalled(Reason.CONFIG_INVALID, sentence) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            sentence = f"another tvarr is using {data}; stop it, or name another folder with --data"
            raise Stalled(Reason.CONFIG_INVALID, sentence) from None
        yield


def _end_in_time(limit: timedelta) -> None:
    """Give threads that cannot be interrupted until `limit`, then end the process all the same."""
    timer = threading.Timer(limit.total_seconds(), os._exit, (0,))
    timer.daemon = True
    timer.start()
