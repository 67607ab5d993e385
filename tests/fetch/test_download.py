from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, BinaryIO

import pytest

from tvarr.errors import Reason, Transient
from tvarr.fetch import download
from tvarr.fetch.download import BLOCK, Pace, store
from tvarr.fetch.request import Limits

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

LIMITS = Limits()


async def body(*chunks: bytes, wait: float = 0) -> AsyncIterator[bytes]:
    for chunk in chunks:
        await asyncio.sleep(wait)
        yield chunk


async def trouble(
    into: Path, *chunks: bytes, limits: Limits = LIMITS, wait: float = 0
) -> Transient:
    with pytest.raises(Transient) as caught:
        await store(body(*chunks, wait=wait), into, 1 << 30, limits)
    return caught.value


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_a_body_in_any_pieces_is_stored_whole(tmp_path: Path) -> None:
    pieces = [b"a" * (BLOCK - 1), b"", b"b", b"c" * (2 * BLOCK + 1), b"d"]
    into = tmp_path / "new" / "folder" / "tv"
    assert await store(body(*pieces), into, 1 << 30, LIMITS) == 3 * BLOCK + 2
    assert into.read_bytes() == b"".join(pieces)


async def test_the_event_loop_writes_nothing_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writers = set()
    create = download._create

    class Watched:
        def __init__(self, path: Path) -> None:
            self._file = create(path)
            self.close = self._file.close

        def write(self, data: bytes) -> int:
            writers.add(threading.current_thread())
            return self._file.write(data)

    monkeypatch.setattr(download, "_create", Watched)
    await store(body(b"x" * BLOCK, b"y"), tmp_path / "tv", 1 << 30, LIMITS)
    assert writers
    assert threading.main_thread() not in writers


async def test_cancelled_while_the_file_is_made_nothing_stays_open_or_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on, made = threading.Event(), threading.Event(), []
    create = download._create

    def slowly(part: Path) -> BinaryIO:
        begun.set()
        assert go_on.wait(10)
        made.append(create(part))
        return made[0]

    monkeypatch.setattr(download, "_create", slowly)
    storing = asyncio.create_task(store(body(b"x"), tmp_path / "tv", 1 << 30, LIMITS))
    await asyncio.to_thread(begun.wait, 10)
    storing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await storing
    go_on.set()
    async with asyncio.timeout(10):
        while not made or not made[0].closed or names(tmp_path):  # noqa: ASYNC110 - no event tells
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("size", [1, BLOCK, 3 * BLOCK])
async def test_a_full_disk_is_told_and_the_old_document_stays(size: int, tmp_path: Path) -> None:
    into = tmp_path / "tv"
    into.write_bytes(b"old")
    (tmp_path / "tv.part").symlink_to("/dev/full")
    error = await trouble(into, b"x" * size)
    assert (error.reason, "full" in error.sentence) == (Reason.DISK_FULL, True)
    assert names(tmp_path) == ["tv"]
    assert into.read_bytes() == b"old"


async def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    error = await trouble(tmp_path / "file" / "tv", b"x")
    assert (error.reason, "data folder" in error.sentence) == (Reason.INTERNAL_ERROR, True)


async def test_what_was_left_by_a_kill_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "tv.part").write_bytes(b"left over, and longer")
    await store(body(b"new"), tmp_path / "tv", 10, LIMITS)
    assert names(tmp_path) == ["tv"]
    assert (tmp_path / "tv").read_bytes() == b"new"


async def test_the_largest_size_passes_and_one_more_byte_does_not(tmp_path: Path) -> None:
    assert await store(body(b"123", b"45"), tmp_path / "tv", 5, LIMITS) == 5
    with pytest.raises(Transient) as caught:
        await store(body(b"123", b"456"), tmp_path / "new", 5, LIMITS)
    assert caught.value.reason is Reason.TOO_LARGE
    assert names(tmp_path) == ["tv"]


async def test_what_the_body_raises_passes_through(tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x"
        raise Transient(Reason.TRUNCATED, "cut")

    with pytest.raises(Transient, match="cut"):
        await store(broken(), tmp_path / "tv", 5, LIMITS)
    assert names(tmp_path) == []


def seconds_until_given_up(sizes: list[int]) -> int:
    """Let one second pass with each size; return how many passed (10 bytes are due in 5 s)."""
    seconds = iter(range(1_000))
    pace = Pace(Limits(pace_bytes=10, pace_window=5), lambda: next(seconds))
    for passed, size in enumerate(sizes):
        try:
            pace.check(size)
        except Transient:
            return passed
    return len(sizes)


def test_a_body_must_bring_enough_in_every_window() -> None:
    steady, drip = list(range(0, 300, 3)), list(range(100))
    assert seconds_until_given_up(steady) == 100
    assert seconds_until_given_up(drip) == 4
    assert seconds_until_given_up([*steady, *([300] * 50)]) in range(100, 110)
