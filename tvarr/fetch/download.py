"""A body from the network into a file: bounded in size and pace, whole or not at all.

Called by `tvarr.fetch.http` once an answer has proved to be a document.
"""

from __future__ import annotations

import asyncio
import errno
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO, Final

from tvarr.errors import Reason, Transient
from tvarr.fetch.sizes import readable_size, too_large

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from tvarr.fetch.request import Limits

BLOCK: Final = 1 << 20
"""Bytes written at a time, each in a thread, so that a slow disk never holds up the event loop."""
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


async def store(body: AsyncIterator[bytes], into: Path, max_size: int, limits: Limits) -> int:
    """Write `body` to `into` and return its size in bytes.

    The bytes go to `into` with `.part` added, which takes the final name once all have come and is
    removed otherwise. Raises `Transient`: `TOO_LARGE`, `TIMEOUT` for a body below the least pace,
    `DISK_FULL`; what `body` itself raises passes through.
    """
    part = into.with_name(into.name + ".part")
    pace = Pace(limits, asyncio.get_running_loop().time)
    with _disk_trouble():
        file = await _created(part)
    try:
        size = await _pour(body, file, max_size, pace)
        with _disk_trouble():
            await asyncio.to_thread(_finish, file, part, into)
    except BaseException:
        # not awaited, so that it happens under cancellation too; close() waits for a write that
        # is still under way in its thread
        with suppress(OSError):
            file.close()
        part.unlink(missing_ok=True)
        raise
    return size


async def _pour(body: AsyncIterator[bytes], file: BinaryIO, max_size: int, pace: Pace) -> int:
    size = 0
    block = bytearray()
    async for chunk in body:
        size += len(chunk)
        if size > max_size:
            raise too_large(max_size)
        pace.check(size)
        block += chunk
        if len(block) >= BLOCK:
            await _write(file, block)
            block = bytearray()
    await _write(file, block)
    return size


async def _write(file: BinaryIO, block: bytearray) -> None:
    with _disk_trouble():
        await asyncio.to_thread(file.write, block)


class Pace:
    """Gives up a body that only drips: the wait for each piece is short, and yet it never ends."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self._least = limits.pace_bytes
        self._window = limits.pace_window
        self._clock = clock
        self._since = clock()
        self._size = 0

    def check(self, size: int) -> None:
        """Look at the size so far; raise where a window has passed that brought too little."""
        now = self._clock()
        if now < self._since + self._window:
            return
        if size < self._size + self._least:
            raise Transient(
                Reason.TIMEOUT,
                f"the document comes too slowly: less than {readable_size(self._least)} "
                f"in {self._window:g} seconds",
            )
        self._since, self._size = now, size


async def _created(part: Path) -> BinaryIO:
    """Create the temporary file in a thread; when cancelled meanwhile, it goes once it is there."""
    creating = asyncio.get_running_loop().run_in_executor(None, _create, part)
    try:
        return await asyncio.shield(creating)
    except asyncio.CancelledError:
        creating.add_done_callback(lambda done: _discard(done, part))
        raise


def _discard(created: asyncio.Future[BinaryIO], part: Path) -> None:
    if created.cancelled() or created.exception() is not None:
        return
    created.result().close()
    part.unlink(missing_ok=True)


def _create(part: Path) -> BinaryIO:
    """Open the temporary file, for nobody else's eyes: documents hold credentials."""
    part.parent.mkdir(parents=True, exist_ok=True)
    return os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _finish(file: BinaryIO, part: Path, into: Path) -> None:
    """Swap the file in. Not synced to the disk: after a power cut it is fetched again."""
    file.close()
    part.replace(into)


@contextmanager
def _disk_trouble() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise Transient(
                Reason.DISK_FULL, "the disk is full: make room in the data folder"
            ) from error
        raise Transient(
            Reason.INTERNAL_ERROR, f"the data folder cannot be written: {error.strerror}"
        ) from error
