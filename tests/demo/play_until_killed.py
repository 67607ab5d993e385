"""Plays a channel until somebody kills it, to see what becomes of ffmpeg; prints ffmpeg's pid."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from tvarr.demo import pictures
from tvarr.demo.lineup import find


async def play(ffmpeg: str, slug: str) -> None:
    """Play, and tell the pid once the first bytes are there."""
    start = asyncio.create_subprocess_exec
    pids: list[int] = []

    async def record(*args: Any, **kwargs: Any) -> asyncio.subprocess.Process:
        process = await start(*args, **kwargs)
        pids.append(process.pid)
        return process

    asyncio.create_subprocess_exec = record
    channel = find(slug)
    assert channel
    async with pictures.stream(ffmpeg, channel) as output:
        await output.readexactly(188)
        print(pids[0], flush=True)
        while await output.read(65536):
            pass


if __name__ == "__main__":
    asyncio.run(play(sys.argv[1], sys.argv[2]))
