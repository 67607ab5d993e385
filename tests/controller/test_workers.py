"""Bulk work in threads and child processes: answers, errors, kills."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.builders import panic
from tvarr.controller import workers
from tvarr.controller.workers import HEAVY, Workers
from tvarr.errors import Panic, Reason, Stalled, Transient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ROOT = Path(__file__).parents[2]


def where(word: str) -> tuple[str, int, str]:
    return word, os.getpid(), threading.current_thread().name


def refuse() -> None:
    raise Transient(Reason.TRUNCATED, "it was cut", retry_after=7)


def stall() -> None:
    raise Stalled(Reason.UNSUPPORTED_URL, "no such thing")


def divide() -> float:
    return 1 / 0


class Awkward(Exception):  # noqa: N818 - it is awkward
    def __init__(self, one: str, two: str) -> None:
        super().__init__(f"{one} and {two}")


def be_awkward() -> None:
    raise Awkward("this", "that")


def chatter() -> str:
    print("a library talks")
    os.write(1, b"so does its C code\n")
    return "answer"


def be_killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def log_level() -> int:
    return logging.getLogger("tvarr").getEffectiveLevel()


def sleep_long(sign: str) -> None:
    Path(sign).write_text(str(os.getpid()))
    time.sleep(600)


@pytest.fixture(autouse=True)
def _children_find_this_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.fixture
async def team() -> AsyncIterator[Workers]:
    async with Workers() as team:
        yield team


def wait_for_pid(sign: Path) -> int:
    while not sign.is_file() or not sign.read_text():
        time.sleep(0.02)
    return int(sign.read_text())


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


class TestWhere:
    async def test_light_work_runs_in_a_thread_of_this_process(self, team: Workers) -> None:
        word, pid, thread = await team.run(where, "light", weight=HEAVY - 1)
        assert (word, pid) == ("light", os.getpid())
        assert thread.startswith("bulk")

    async def test_heavy_work_runs_in_a_child_of_its_own(self, team: Workers) -> None:
        first = await team.run(where, "heavy", weight=HEAVY)
        second = await team.run(where, "heavy", weight=HEAVY)
        assert first[0] == "heavy"
        assert len({first[1], second[1], os.getpid()}) == 3

    async def test_code_of_others_runs_in_a_child_however_light_it_is(self, team: Workers) -> None:
        assert (await team.run(where, "light", foreign=True))[1] != os.getpid()

    async def test_code_of_others_that_never_ends_keeps_nobody_from_working(
        self, team: Workers, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        endless = [asyncio.create_task(team.run(time.sleep, 3600, foreign=True)) for _ in range(3)]
        async with asyncio.timeout(60):
            await team.run(where, "light")
            await team.run(where, "heavy", weight=HEAVY)
        assert not any(task.done() for task in endless)
        for task in endless:
            task.cancel()
        await asyncio.gather(*endless, return_exceptions=True)
        monkeypatch.setattr(workers, "LONGEST_FOREIGN", 0.1)
        with pytest.raises(Transient, match="given up"):
            await team.run(time.sleep, 3600, foreign=True)

    async def test_without_children_heavy_work_runs_in_a_thread_too(self) -> None:
        async with Workers(children=False) as team:
            assert (await team.run(where, "heavy", weight=HEAVY))[1] == os.getpid()

    async def test_only_one_child_works_at_a_time(
        self, team: Workers, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        working, most = 0, 0

        async def count(*_: object) -> None:
            nonlocal working, most
            working += 1
            most = max(most, working)
            await asyncio.sleep(0)
            working -= 1

        monkeypatch.setattr(workers, "_run_in_child", count)
        await asyncio.gather(*(team.run(where, "x", weight=HEAVY) for _ in range(5)))
        assert most == 1

    async def test_the_child_logs_at_the_parent_s_level(
        self, team: Workers, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG, "tvarr")
        assert await team.run(log_level, weight=HEAVY) == logging.DEBUG


@pytest.mark.parametrize("weight", [0, HEAVY])
class TestErrors:
    async def test_our_own_errors_come_back_whole(self, team: Workers, weight: int) -> None:
        with pytest.raises(Transient) as caught:
            await team.run(refuse, weight=weight)
        assert caught.value.reason is Reason.TRUNCATED
        assert caught.value.sentence == "it was cut"
        assert caught.value.retry_after == 7
        with pytest.raises(Stalled, match="no such thing"):
            await team.run(stall, weight=weight)

    async def test_unexpected_errors_come_back_too(self, team: Workers, weight: int) -> None:
        with pytest.raises(ZeroDivisionError):
            await team.run(divide, weight=weight)

    async def test_what_is_printed_does_not_spoil_the_answer(
        self, team: Workers, weight: int
    ) -> None:
        assert await team.run(chatter, weight=weight) == "answer"


class TestTroubleInTheChild:
    async def test_the_traceback_of_the_child_comes_along(self, team: Workers) -> None:
        with pytest.raises(ZeroDivisionError) as caught:
            await team.run(divide, weight=HEAVY)
        assert "in divide" in caught.value.__notes__[0]

    async def test_an_error_that_cannot_travel_is_told_in_words(self, team: Workers) -> None:
        with pytest.raises(RuntimeError, match="Awkward: this and that"):
            await team.run(be_awkward, weight=HEAVY)

    async def test_a_killed_child_is_a_passing_trouble(self, team: Workers) -> None:
        with pytest.raises(Transient, match="-9") as caught:
            await team.run(be_killed, weight=HEAVY)
        assert caught.value.reason is Reason.INTERNAL_ERROR
        assert (await team.run(where, "again", weight=HEAVY))[0] == "again"

    async def test_a_child_that_never_ends_is_given_up(
        self, team: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(workers, "LONGEST", 1.5)
        with pytest.raises(Transient, match="given up"):
            await team.run(sleep_long, str(tmp_path / "pid"), weight=HEAVY)
        sign = tmp_path / "pid"
        assert not sign.is_file() or not is_alive(int(sign.read_text()))


class TestEnding:
    async def test_cancelling_ends_the_child(self, team: Workers, tmp_path: Path) -> None:
        sign = tmp_path / "pid"
        work = asyncio.create_task(team.run(sleep_long, str(sign), weight=HEAVY))
        pid = await asyncio.to_thread(wait_for_pid, sign)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        assert not is_alive(pid)

    def test_a_child_dies_with_a_parent_that_is_killed(self, tmp_path: Path) -> None:
        sign = tmp_path / "pid"
        script = (
            "import asyncio\n"
            "from tests.controller.test_workers import sleep_long\n"
            "from tvarr.controller.workers import HEAVY, Workers\n"
            f"asyncio.run(Workers().run(sleep_long, {str(sign)!r}, weight=HEAVY))\n"
        )
        with subprocess.Popen([sys.executable, "-c", script]) as parent:
            pid = wait_for_pid(sign)
            parent.kill()
        while is_alive(pid):
            time.sleep(0.02)

    def test_a_child_whose_parent_is_gone_already_does_nothing(self) -> None:
        orphan = subprocess.run(
            [sys.executable, "-m", "tvarr.controller.child", "1"],
            input=b"",
            capture_output=True,
            check=False,
        )
        assert (orphan.returncode, orphan.stdout, orphan.stderr) == (0, b"", b"")


async def test_a_panic_of_a_library_is_an_error_like_others(team: Workers) -> None:
    with pytest.raises(Panic, match="out of bounds"):
        await team.run(panic)
    with pytest.raises(Transient, match="ended early"):
        await team.run(panic, weight=HEAVY)
