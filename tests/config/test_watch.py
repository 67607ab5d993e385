"""Watching: every way in which files change, on a real file system."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tvarr.config.watch import fingerprint, folders_of, watch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

SOON = timedelta(milliseconds=30)
LONG = 30
"""Seconds after which a test fails; nothing waits that long when all is well."""


def save(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")


class Turns:
    """Counts the turns of a loop over `watch`, as the controller's would."""

    def __init__(self, *files: Path) -> None:
        self.files = list(files)
        self.asked = 0
        self.count = 0
        self._turned = asyncio.Condition()
        self._looked = asyncio.Event()

    def paths(self) -> list[Path]:
        self.asked += 1
        self._looked.set()
        return self.files

    async def follow(self, *, force_polling: bool, stop: asyncio.Event) -> None:
        async for _ in watch(
            self.paths,
            force_polling=force_polling,
            debounce=SOON,
            safety=timedelta(milliseconds=200),
            stop=stop,
        ):
            async with self._turned:
                self.count += 1
                self._turned.notify_all()

    async def next(self) -> None:
        """Wait for one more turn."""
        async with asyncio.timeout(LONG), self._turned:
            before = self.count
            await self._turned.wait_for(lambda: self.count > before)

    async def rounds(self, number: int = 3) -> None:
        """Wait until the files were looked at so many times more."""
        goal = self.asked + number * 4
        async with asyncio.timeout(LONG):
            while self.asked < goal:
                self._looked.clear()
                await self._looked.wait()


@asynccontextmanager
async def watched(*files: Path, force_polling: bool = False) -> AsyncIterator[Turns]:
    turns, stop = Turns(*files), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(turns.follow(force_polling=force_polling, stop=stop))
        await turns.rounds(1)
        yield turns
        stop.set()


@pytest.fixture
def main(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    folder.mkdir()
    file = folder / "tvarr.yaml"
    save(file, "{}")
    return file


@pytest.mark.parametrize("force_polling", [False, True], ids=["by notice", "by polling"])
async def test_a_save_is_noticed(main: Path, force_polling: bool) -> None:
    async with watched(main, force_polling=force_polling) as turns:
        save(main, "a: 1")
        await turns.next()
        save(main, "a: 12")
        await turns.next()

    assert turns.count == 2


async def test_an_editor_that_renames_is_noticed(main: Path) -> None:
    async with watched(main) as turns:
        beside = main.with_suffix(".tmp")
        save(beside, "{}")
        beside.rename(main)
        await turns.next()


async def test_many_writes_in_a_row_are_one_change(main: Path) -> None:
    async with watched(main) as turns:
        for number in range(100):
            save(main, f"a: {number}" + "x" * number)
        await turns.next()
        await turns.rounds()

    assert turns.count == 1


async def test_other_files_in_the_folder_do_not_count(main: Path) -> None:
    async with watched(main) as turns:
        save(main.parent / "notes.txt", "x")
        save(main.parent / ".tvarr.yaml.swp", "x")
        (main.parent / "folder").mkdir()
        await turns.rounds()

    assert turns.count == 0


async def test_a_file_that_comes_and_goes_is_noticed(main: Path) -> None:
    secrets = main.with_name("secrets.yaml")
    async with watched(main, secrets) as turns:
        save(secrets, "a: b")
        await turns.next()
        secrets.unlink()
        await turns.next()


async def test_a_folder_that_vanishes_and_comes_back_is_noticed(main: Path) -> None:
    async with watched(main) as turns:
        shutil.rmtree(main.parent)
        await turns.next()
        main.parent.mkdir()
        save(main, "back: 1")
        await turns.next()
        save(main, "again: 12")
        await turns.next()


async def test_a_file_in_a_folder_that_is_not_there_yet_is_noticed(tmp_path: Path) -> None:
    later = tmp_path / "not" / "yet" / "tvarr.yaml"
    async with watched(later) as turns:
        later.parent.mkdir(parents=True)
        save(later, "{}")
        await turns.next()


async def test_a_config_map_that_is_swapped_is_noticed(tmp_path: Path) -> None:
    """Kubernetes: the file leads over `..data` to a folder of its time; `..data` is swapped."""
    for version in ("v1", "v2"):
        (tmp_path / version).mkdir()
        save(tmp_path / version / "tvarr.yaml", version)
    (tmp_path / "..data").symlink_to("v1")
    (tmp_path / "tvarr.yaml").symlink_to("..data/tvarr.yaml")

    async with watched(tmp_path / "tvarr.yaml") as turns:
        (tmp_path / "..next").symlink_to("v2")
        (tmp_path / "..next").rename(tmp_path / "..data")
        shutil.rmtree(tmp_path / "v1")
        await turns.next()
        save(tmp_path / "v2" / "tvarr.yaml", "v2, edited")
        await turns.next()


async def test_a_checkout_that_is_swapped_above_is_noticed(tmp_path: Path) -> None:
    """git-sync: the folder itself is the link."""
    for version in ("v1", "v2"):
        (tmp_path / version).mkdir()
        save(tmp_path / version / "tvarr.yaml", version)
    (tmp_path / "current").symlink_to("v1")

    async with watched(tmp_path / "current" / "tvarr.yaml") as turns:
        (tmp_path / "next").symlink_to("v2")
        (tmp_path / "next").rename(tmp_path / "current")
        await turns.next()


async def test_a_new_file_in_an_included_folder_is_noticed(main: Path) -> None:
    folder = main.parent / "sources"
    folder.mkdir()
    async with watched(main, folder) as turns:
        save(folder / "uk.yaml", "{}")
        await turns.next()
        save(folder / "uk.yaml~", "an editor's copy")
        save(folder / ".uk.yaml", "another")
        await turns.rounds()

    assert turns.count == 1


async def test_files_found_by_a_load_are_watched_from_then_on(main: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "more.yaml"
    other.parent.mkdir()
    save(other, "1")
    async with watched(main) as turns:
        turns.files = [main, other]
        save(main, "a: !include ../elsewhere/more.yaml")
        await turns.next()
        await turns.rounds()
        save(other, "22")
        await turns.next()


async def test_a_change_while_the_caller_is_busy_is_not_lost(main: Path) -> None:
    seen = 0
    async with asyncio.timeout(LONG):
        loop = watch(lambda: [main], debounce=SOON, safety=timedelta(milliseconds=200))
        waiting = asyncio.create_task(anext(loop))
        while not waiting.done():
            await asyncio.sleep(0.05)
            seen += 1
            save(main, "x" * seen)
            await asyncio.sleep(0.2)
        await waiting
        save(main, "while busy")
        await asyncio.sleep(0.05)
        await anext(loop)
    await loop.aclose()


async def test_watching_ends_when_it_is_cancelled(main: Path) -> None:
    turns, stop = Turns(main), asyncio.Event()
    task = asyncio.create_task(turns.follow(force_polling=False, stop=stop))
    await turns.rounds(1)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(LONG):
            await task

    assert turns.count == 0


async def test_watching_ends_at_once_when_it_is_stopped_beforehand(main: Path) -> None:
    stop = asyncio.Event()
    stop.set()

    assert [turn async for turn in watch(lambda: [main], stop=stop)] == []


async def test_files_are_still_seen_where_the_system_gives_no_notice(
    main: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system's count of watches may be used up."""

    async def refuse(*folders: Path, **options: object) -> AsyncIterator[object]:
        if folders:
            raise OSError(28, "No space left on device")
        yield None

    monkeypatch.setattr("watchfiles.awatch", refuse)
    async with watched(main) as turns:
        save(main, "a: 1")
        await turns.next()


def test_the_folders_of_a_file_are_those_of_its_name_and_of_what_it_leads_to(
    tmp_path: Path,
) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "tvarr.yaml").touch()
    (tmp_path / "named").mkdir()
    link = tmp_path / "named" / "tvarr.yaml"
    link.symlink_to("../real/tvarr.yaml")

    assert folders_of([link]) == {
        tmp_path / name: (tmp_path / name).stat().st_ino for name in ("named", "real")
    }


def test_the_nearest_folder_stands_for_a_missing_one(tmp_path: Path) -> None:
    assert list(folders_of([tmp_path / "a" / "b" / "c.yaml"])) == [tmp_path]


@pytest.mark.parametrize("name", ["loop.m3u", "n" * 300, "nul\0byte.m3u", "deep/" * 2000])
def test_a_name_that_no_file_can_have_is_watched_without_harm(tmp_path: Path, name: str) -> None:
    (tmp_path / "loop.m3u").symlink_to("loop.m3u")
    path = tmp_path / name

    assert list(fingerprint([path]).values()) == [("missing",)]
    assert tmp_path in folders_of([path, tmp_path / "tvarr.yaml"])


async def test_asked_for_it_yields_at_once_for_what_was_saved_before_it_began(
    tmp_path: Path,
) -> None:
    yaml = tmp_path / "tvarr.yaml"
    yaml.write_text("server: {}")

    changes = watch(lambda: [yaml], at_once=True)

    async with asyncio.timeout(5):
        await anext(changes)
    await changes.aclose()
