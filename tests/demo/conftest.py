"""Real and pretended ffmpegs for the demonstration's tests."""

from __future__ import annotations

import asyncio
import shutil
import stat
import sys
from typing import TYPE_CHECKING, Any

import imageio_ffmpeg  # type: ignore[import-untyped]  # it ships no types
import pytest

from tvarr.demo import pictures

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Callable
    from pathlib import Path

ENDLESS = "while True: out.write(b'G' * 1880); out.flush(); time.sleep(0.005)"
SILENT = "time.sleep(600)"
BROKEN = "sys.exit('cannot open the camera')"

Pretend = "Callable[[str], str]"


def _system() -> str | None:
    return shutil.which("ffmpeg")


def _packaged() -> str | None:
    try:
        program: str = imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError:
        return None
    return None if program == "ffmpeg" else program


@pytest.fixture(params=[_system, _packaged], ids=["system", "packaged"])
def each_ffmpeg(request: pytest.FixtureRequest) -> str:
    """Return the system's ffmpeg, then the one that imageio-ffmpeg carries."""
    program: str | None = request.param()
    if program is None:
        pytest.skip("this ffmpeg is not on this machine")
    return program


@pytest.fixture(scope="session")
def ffmpeg() -> str:
    """Return the ffmpeg that the demonstration would take."""
    program = pictures.find_ffmpeg()
    if program is None:
        pytest.skip("there is no ffmpeg with H.264 on this machine")
    return program


@pytest.fixture
def pretend(tmp_path: Path) -> Callable[[str], str]:
    """Return what makes a program that behaves as the given line of Python says."""

    def make(behaviour: str) -> str:
        program = tmp_path / "ffmpeg"
        program.write_text(
            f"#!{sys.executable}\nimport sys, time\nout = sys.stdout.buffer\n{behaviour}\n"
        )
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        return str(program)

    return make


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Process]:
    """Return a list in which every process appears that is started."""
    processes: list[Process] = []
    start = asyncio.create_subprocess_exec

    async def record(*args: Any, **kwargs: Any) -> Process:
        process = await start(*args, **kwargs)
        processes.append(process)
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", record)
    return processes
