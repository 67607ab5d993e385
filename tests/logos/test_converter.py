"""A picture may cost its own process, and nothing else."""

from __future__ import annotations

import asyncio
import gzip
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.logos.pictures import SVG, picture, png_that_claims
from tvarr.errors import Reason, Transient
from tvarr.logos import converter
from tvarr.logos.converter import Converter

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Callable

BOMB = (
    b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink">'
    b'<defs><g id="a0"><rect width="9" height="9"/></g>'
    + b"".join(
        b'<g id="a%d">%s</g>' % (n, b'<use x:href="#a%d"/>' % (n - 1) * 10) for n in range(1, 12)
    )
    + b'</defs><use x:href="#a11"/></svg>'
)
"""A drawing of 100,000,000,000 squares."""

MOST_MB = 500
"""A picture of 16 million pixels, with its alpha, takes 64 MB each time that it is copied."""


def moving(kind: str) -> bytes:
    frames = [Image.new("RGB", (1000, 1000), (n, n, n)) for n in range(12)]
    return picture(1000, 1000, kind, save_all=True, append_images=frames)


BOMBS: dict[str, Callable[[], bytes]] = {
    "the largest picture": lambda: picture(4000, 4000, mode="RGBA"),
    "the largest of 16 bits": lambda: picture(4000, 4000, mode="I;16", colour=65_535),
    "the largest for print": lambda: picture(4000, 4000, "JPEG", mode="CMYK", colour=(0, 9, 9, 9)),
    "a flat one": lambda: picture(16_000, 1000, "WEBP"),
    "what claims to be larger": lambda: png_that_claims(60_000, 60_000),
    "many frames": lambda: moving("GIF"),
    "many frames of another kind": lambda: moving("WEBP"),
    "a packed drawing": lambda: gzip.compress(b"<svg>" + bytes(200 << 20)),
    "a drawing of squares": lambda: BOMB,
    "a drawing of large filters": lambda: (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><filter id="f" x="-9999" '
        b'y="-9999" width="99999" height="99999"><feTurbulence numOctaves="99"/>'
        b'<feGaussianBlur stdDeviation="5000"/></filter><rect width="9" height="9" '
        b'filter="url(#f)"/></svg>'
    ),
    "a drawing within itself": lambda: (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><pattern id="p" '
        b'width="0.00001" height="0.00001"><rect width="9" height="9" fill="url(#p)"/></pattern>'
        b'<rect width="9" height="9" fill="url(#p)"/></svg>'
    ),
    "a drawing of much text": lambda: (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><text>'
        + b"TV " * 300_000
        + b"</text></svg>"
    ),
}


async def test_pictures_come_one_after_the_other(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(picture(800, 400))
    async with Converter() as convert:
        made = await convert.convert(tmp_path / "a", tmp_path / "a.png", 100)
        drawn = await convert.draw("BC", 3, tmp_path / "b.png", 64)
    assert (made.width, made.height, made.kind) == (100, 50, "png")
    assert (drawn.width, drawn.height, drawn.kind) == (64, 64, "drawn")


async def test_why_there_is_no_picture_comes_back(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"<html>")
    async with Converter() as convert:
        with pytest.raises(Transient) as refused:
            await convert.convert(tmp_path / "a", tmp_path / "a.png", 100)
    assert refused.value.reason is Reason.HTML_ANSWER


async def test_a_drawing_without_end_costs_only_itself(tmp_path: Path) -> None:
    (tmp_path / "bomb").write_bytes(BOMB)
    (tmp_path / "good").write_bytes(SVG)
    async with Converter() as convert:
        with pytest.raises(Transient):
            await convert.convert(tmp_path / "bomb", tmp_path / "a.png", 100)
        assert (await convert.convert(tmp_path / "good", tmp_path / "b.png", 100)).kind == "svg"


async def test_a_picture_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "endless")
    async with Converter(longest=0.2) as convert:
        with pytest.raises(Transient) as refused:
            await convert.convert(tmp_path / "endless", tmp_path / "a.png", 100)
        assert refused.value.reason is Reason.TOO_LARGE
        assert convert._child is None


async def test_a_picture_outlives_a_process_that_somebody_ends(tmp_path: Path) -> None:
    (tmp_path / "good").write_bytes(SVG)
    async with Converter() as convert:
        await convert.convert(tmp_path / "good", tmp_path / "a.png", 100)
        await ended(convert)
        assert (await convert.convert(tmp_path / "good", tmp_path / "b.png", 100)).kind == "svg"


async def test_a_process_that_is_ended_over_a_picture_is_followed_by_one_more(
    tmp_path: Path,
) -> None:
    os.mkfifo(slow := tmp_path / "slow")
    async with Converter() as convert:
        task = asyncio.create_task(convert.convert(slow, tmp_path / "a.png", 100))
        await ended(convert)
        await asyncio.to_thread(slow.write_bytes, picture(40, 20))
        assert (await task).kind == "png"


async def test_a_picture_that_two_processes_die_of_is_given_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "deadly")
    async with Converter() as convert:
        task = asyncio.create_task(convert.convert(tmp_path / "deadly", tmp_path / "a.png", 100))
        first = await ended(convert)
        assert await ended(convert, first) != first
        with pytest.raises(Transient) as refused:
            await task
    assert refused.value.reason is Reason.TOO_LARGE


async def test_a_round_that_is_cancelled_leaves_no_process(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "slow")
    async with Converter() as convert:
        task = asyncio.create_task(convert.convert(tmp_path / "slow", tmp_path / "a.png", 100))
        child = await started(convert)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        assert child.returncode is not None


async def ended(convert: Converter, but: int = 0) -> int:
    """End the process, once it is there and another than `but`; return which one that was."""
    child = await started(convert, but)
    child.kill()
    await child.wait()
    return child.pid


async def started(convert: Converter, but: int = 0) -> Process:
    async with asyncio.timeout(60):
        while (child := convert._child) is None or child.pid == but:  # noqa: ASYNC110 - no event
            await asyncio.sleep(0.01)
    return child


def test_the_process_ends_with_whoever_has_started_it() -> None:
    command = [sys.executable, "-m", "tvarr.logos.convert"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, timeout=60, check=True)
    assert done.returncode == 0


def test_the_process_cannot_have_more_memory_than_it_should() -> None:
    greedy = "from tvarr.logos import convert as c; c._bound(); bytearray(c.MEMORY)"
    done = subprocess.run([sys.executable, "-c", greedy], capture_output=True, check=False)
    assert b"MemoryError" in done.stderr


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
@pytest.mark.parametrize("name", BOMBS)
async def test_a_bomb_takes_no_more_memory_than_a_large_picture(tmp_path: Path, name: str) -> None:
    (tmp_path / "bomb").write_bytes(BOMBS[name]())
    most = 0.0
    async with Converter(longest=4) as convert:
        await convert.draw("A", 1, tmp_path / "a.png", 64)
        bomb = asyncio.create_task(convert.convert(tmp_path / "bomb", tmp_path / "b.png", 512))
        while not bomb.done():
            with suppress(OSError, IndexError, AttributeError):  # it is ended meanwhile
                most = max(most, peak(convert._child.pid))  # type: ignore[union-attr]
            await asyncio.wait([bomb], timeout=0.02)
        with suppress(Transient):
            await bomb
    assert 10 < most < MOST_MB


def peak(pid: int) -> float:
    """Return the most memory that a process has had, in MB."""
    return int(Path(f"/proc/{pid}/status").read_text().split("VmHWM:")[1].split()[0]) / 1024


async def test_a_process_is_replaced_after_many_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(converter, "MOST_PICTURES", 1)
    async with Converter() as convert:
        await convert.draw("A", 1, tmp_path / "a.png", 64)
        first = convert._child
        await convert.draw("A", 1, tmp_path / "a.png", 64)
        assert convert._child is not first
