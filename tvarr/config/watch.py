"""When the YAML file, a secret or an included file changes.

The controller loops over `watch` and loads again at each turn. The folders are watched, not the
files: editors write beside and rename. What counts is a fingerprint of the files behind all
symbolic links, so that a Kubernetes ConfigMap or a git checkout that is swapped by a link is
noticed, and what else happens in the folder is not.
"""

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable

log = logging.getLogger(__name__)

SAFETY = timedelta(seconds=2)
"""How often the files are looked at even if nothing was heard: a folder may be gone or swapped."""
LONGEST_UNREST = 25
"""Rounds of waiting for files that keep changing; then they are read as they are."""

Marks = dict[Path, tuple[object, ...]]
"""What tells one content of a file or folder from another."""


async def watch(
    files: Callable[[], Iterable[Path]],
    *,
    force_polling: bool = False,
    debounce: timedelta = timedelta(milliseconds=200),
    safety: timedelta = SAFETY,
    at_once: bool = False,
    stop: asyncio.Event | None = None,
) -> AsyncGenerator[None]:
    """Yield once after each change of the files, when they have lain still for `debounce`.

    With `at_once` also when watching begins, for what was saved between the caller's first look
    and now.

    `files` is asked when iteration begins and after each turn of the caller's loop, since a load
    may find other includes. Files that do not exist are watched for their coming. Ends when
    `stop` is set; cancelling sets it, too.
    """
    stop = stop or asyncio.Event()
    seen = await asyncio.to_thread(fingerprint, files())
    if at_once:
        yield
        seen = await _marks_now(files, seen)
    while not stop.is_set():
        folders = await asyncio.to_thread(folders_of, files())
        async with aclosing(_ticks(list(folders), force_polling, safety, stop)) as ticks:
            async for _ in ticks:
                now = await _settled(files, seen, debounce)
                if now != seen:
                    seen = now
                    yield
                    seen = await _marks_now(files, seen)
                if await asyncio.to_thread(folders_of, files()) != folders:
                    break


async def _settled(files: Callable[[], Iterable[Path]], seen: Marks, debounce: timedelta) -> Marks:
    """Return the fingerprint: at once if it is the one seen, else when it has stopped changing."""
    before, now = seen, await _marks_now(files, {})
    for _ in range(LONGEST_UNREST):
        if now == before:
            break
        await asyncio.sleep(debounce.total_seconds())
        before, now = now, await _marks_now(files, {})
    return now


async def _marks_now(files: Callable[[], Iterable[Path]], seen: Marks) -> Marks:
    """Return the marks of today's files: those seen before, and fresh ones of the others."""
    fresh = await asyncio.to_thread(fingerprint, files())
    return {path: seen.get(path, mark) for path, mark in fresh.items()}


def fingerprint(files: Iterable[Path]) -> Marks:
    """Return time, size and inode of each file, or its absence; of a folder, its YAML files."""
    return {path: _mark(path) for path in files}


def _mark(path: Path) -> tuple[object, ...]:
    try:
        if path.is_dir():
            return tuple(sorted(inside.name for inside in path.iterdir() if _counts(inside)))
        stat = path.stat()
    except (OSError, ValueError):
        return ("missing",)
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _counts(inside: Path) -> bool:
    """Whether a name in a folder may be read: editors leave all sorts of others for a moment."""
    return not inside.name.startswith(".") and (inside.suffix == ".yaml" or inside.is_dir())


async def _ticks(
    folders: list[Path], force_polling: bool, safety: timedelta, stop: asyncio.Event
) -> AsyncGenerator[None]:
    """Yield when something happens in a folder, and after each time of `safety` without."""
    from watchfiles import awatch

    events = awatch(
        *folders,
        watch_filter=None,
        debounce=500,
        step=50,
        rust_timeout=round(safety.total_seconds() * 1000),
        yield_on_timeout=True,
        force_polling=force_polling,
        recursive=False,
        stop_event=stop,
    )
    try:
        async with aclosing(events):
            async for _ in events:
                yield
    except (OSError, RuntimeError) as error:  # gone in the meantime, or no watches left
        log.debug("cannot watch %s, looking again soon: %s", folders, error)
        await asyncio.sleep(safety.total_seconds())
        yield


def folders_of(files: Iterable[Path]) -> dict[Path, int]:
    """Return the folders in which a change of the files shows, with their inodes.

    For each file: the folder of its name and the one it leads to; for each folder, itself as
    well; in place of a missing one, the nearest above it.
    """
    ends = {end for path in files for end in (path, _resolved(path))}
    wanted = {end.parent for end in ends} | {end for end in ends if _is_folder(end)}
    there = {_nearest(folder) for folder in wanted}
    return {folder: _inode(folder) for folder in sorted(there)}


def _nearest(folder: Path) -> Path:
    return next((above for above in (folder, *folder.parents) if _is_folder(above)), Path("/"))


def _resolved(path: Path) -> Path:
    """Return what is behind all links; the path itself where they go round or it cannot be."""
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):
        return path


def _is_folder(path: Path) -> bool:
    """Whether there is a folder that can be looked into; any name may stand in a YAML."""
    try:
        return path.is_dir() and os.access(path, os.R_OK | os.X_OK)
    except (OSError, ValueError):
        return False


def _inode(folder: Path) -> int:
    try:
        return folder.stat().st_ino
    except OSError:
        return 0
