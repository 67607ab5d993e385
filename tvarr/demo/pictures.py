"""Turns a channel into MPEG-TS: ffmpeg makes the moving picture and the sound, we paint the panel.

`provider` plays one `stream` per viewer. The panels go into ffmpeg's standard input, one for each
second, and ffmpeg makes no more picture than it has panels for. That is the stream's clock: a few
panels at once let a player start immediately, then one a second. It is also the leash: when this
process dies, in whatever way, the input ends and ffmpeg with it.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import subprocess
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, cast

import imageio_ffmpeg  # type: ignore[import-untyped]  # it ships no types

from tvarr.demo.drawing import FRAME, panel
from tvarr.demo.guide import on_air

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Iterator

    from tvarr.demo.lineup import Channel

logger = logging.getLogger(__name__)

AHEAD = 3
"""Seconds of picture that a viewer gets at once, so that the player's buffer is full."""
_RATE = 25
_WAIT = 5.0
"""Seconds that a killed process is waited for, and that a question to ffmpeg may take."""


def find_ffmpeg() -> str | None:
    """Return an ffmpeg that can encode H.264: the system's, else the one of imageio-ffmpeg.

    imageio-ffmpeg carries the program inside its package; nothing is downloaded. None if there is
    no ffmpeg at all or none with libx264 (some distributions leave it out). Takes up to a second.
    """
    return next((program for program in _candidates() if _encodes_h264(program)), None)


def _candidates() -> Iterator[str]:
    if system := shutil.which("ffmpeg"):
        yield system
    with suppress(RuntimeError):
        yield imageio_ffmpeg.get_ffmpeg_exe()


def _encodes_h264(program: str) -> bool:
    try:
        answer = subprocess.run(  # noqa: S603 - a program of this machine, no words from outside
            [program, "-hide_banner", "-encoders"],
            stdin=DEVNULL,
            capture_output=True,
            timeout=_WAIT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return b" libx264 " in answer.stdout


def command(ffmpeg: str, channel: Channel) -> tuple[str, ...]:
    """Return the whole command line that plays a channel to standard output, without an end.

    Television expects panels (`FRAME`, raw RGBA, one a second) on standard input; radio nothing.
    """
    return (
        ffmpeg, "-hide_banner", "-nostats", "-loglevel", "error",
        *(_sound_only(channel) if channel.radio else _picture_and_sound(channel)),
        "-c:a", "aac", "-b:a", "96k", "-ac", "2",
        "-metadata", f"service_name={channel.name}",
        "-metadata", "service_provider=tvarr demonstration",
        "-f", "mpegts", "-muxdelay", "0", "-flush_packets", "1", "pipe:1",
    )  # fmt: skip


def _sound_only(channel: Channel) -> tuple[str, ...]:
    # -re: no panels set the pace here; a viewer who is gone ends it by the closed output
    return ("-re", "-f", "lavfi", "-i", _sound(channel))


def _picture_and_sound(channel: Channel) -> tuple[str, ...]:
    width, height = FRAME
    return (
        "-f", "lavfi", "-i", channel.scene,
        # panels are taken as they come: ffmpeg would otherwise wait for six to guess their rate
        "-probesize", "32", "-analyzeduration", "0", "-thread_queue_size", "1",
        "-f", "rawvideo", "-pix_fmt", "rgba", "-video_size", f"{width}x{height}",
        "-framerate", "1", "-i", "pipe:0",
        "-f", "lavfi", "-i", _sound(channel),
        "-filter_complex_threads", "1",
        "-filter_complex",
        f"[0:v]format=yuv420p,scale={width}:{height}:flags={_scaling(channel)},setsar=1,"
        f"fps={_RATE}[scene];"
        "[scene][1:v]overlay=eof_action=endall[picture]",
        "-map", "[picture]", "-map", "2:a", "-shortest",
        # one thread and the quickest preset: a viewer costs a quarter of a core, not all of them
        "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-threads", "1",
        "-crf", "27", "-maxrate", "3M", "-bufsize", "3M", "-pix_fmt", "yuv420p",
        # a key frame every second: players show a picture as soon as they join
        "-g", str(_RATE), "-keyint_min", str(_RATE), "-sc_threshold", "0",
    )  # fmt: skip


def _scaling(channel: Channel) -> str:
    """Keep the cells of automata square and sharp; let colours flow."""
    cells = channel.scene.startswith(("life", "cellauto"))
    return "neighbor" if cells else "fast_bilinear"


def _sound(channel: Channel) -> str:
    """Describe a quiet chord whose tones swell and fade, each at its own pace."""
    tones = "+".join(
        f"(0.6+0.4*sin({pace}*t))*sin(2*PI*{tone}*t)"
        for tone, pace in zip(channel.chord, (0.7, 1.1, 1.7), strict=True)
    )
    return f"aevalsrc=0.04*({tones}):s=44100"


@asynccontextmanager
async def stream(ffmpeg: str, channel: Channel) -> AsyncIterator[asyncio.StreamReader]:
    """Play a channel: yields what to read MPEG-TS from; the process is gone when the block ends.

    Reading returns empty bytes if ffmpeg ends by itself; what it complained about is logged.
    Raises OSError if the program cannot be started.
    """
    process = await asyncio.create_subprocess_exec(
        *command(ffmpeg, channel),
        stdin=DEVNULL if channel.radio else PIPE,
        stdout=PIPE,
        stderr=PIPE,
    )
    async with asyncio.TaskGroup() as helpers:
        complaints = cast("asyncio.StreamReader", process.stderr)
        helpers.create_task(_log_complaints(complaints, channel))
        feeding = helpers.create_task(_feed(process.stdin, channel))
        output = cast("asyncio.StreamReader", process.stdout)
        try:
            yield output
        finally:
            feeding.cancel()
            await _end(process, output)


async def _feed(panels: asyncio.StreamWriter | None, channel: Channel) -> None:
    """Write one panel for every second, `AHEAD` seconds early; a slow viewer slows this down."""
    if panels is None:
        return
    loop = asyncio.get_running_loop()
    begun, clock = loop.time(), datetime.now().astimezone()
    with suppress(ConnectionError):  # ffmpeg has ended
        for second in count():
            at = clock + timedelta(seconds=second)
            panels.write(await asyncio.to_thread(panel, channel, at, on_air(channel, at)))
            await panels.drain()
            await asyncio.sleep(begun + second + 1 - AHEAD - loop.time())


async def _log_complaints(complaints: asyncio.StreamReader, channel: Channel) -> None:
    """Read what ffmpeg says until it ends; unread, it would stop when the pipe is full."""
    while text := await complaints.read(4096):
        if words := text.decode(errors="replace").strip():
            logger.warning("%s: ffmpeg says: %s", channel.slug, words)


async def _end(process: Process, output: asyncio.StreamReader) -> None:
    """Kill and reap. There is nothing that ffmpeg would have to save or close in good order.

    Being cancelled meanwhile (the viewer left just when the server stops) does not shorten it.
    """
    with suppress(ProcessLookupError):
        process.kill()
    reaping = asyncio.create_task(_reap(process, output))
    try:
        await asyncio.shield(reaping)
    except asyncio.CancelledError:
        await reaping
        raise


async def _reap(process: Process, output: asyncio.StreamReader) -> None:
    async with asyncio.timeout(_WAIT):
        await output.read()  # asyncio sees the end of a process only behind its last output
        await process.wait()
