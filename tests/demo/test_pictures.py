from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import imageio_ffmpeg  # type: ignore[import-untyped]  # it ships no types
import pytest

from tests.demo.conftest import BROKEN, ENDLESS, SILENT
from tvarr.demo import pictures
from tvarr.demo.drawing import FRAME
from tvarr.demo.lineup import CHANNELS, Channel, find

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Callable

TELEVISION = [channel for channel in CHANNELS if not channel.radio]
PACKET = 188
"""Bytes of one MPEG-TS packet; each begins with 0x47."""


def channel(slug: str) -> Channel:
    found = find(slug)
    assert found
    return found


def decode(ffmpeg: str, media: bytes, *options: str) -> list[str]:
    """Return ffmpeg's list of what is in there: headers, then one line with a hash per frame."""
    command = [ffmpeg, "-v", "error", "-i", "pipe:0", *options, "-f", "framemd5", "pipe:1"]
    done = subprocess.run(command, input=media, capture_output=True, check=True, timeout=60)
    return done.stdout.decode().splitlines()


def test_the_command_for_television_in_whole() -> None:
    assert pictures.command("/usr/bin/ffmpeg", channel("paper-boats")) == (
        "/usr/bin/ffmpeg", "-hide_banner", "-nostats", "-loglevel", "error",
        "-f", "lavfi", "-i",
        "gradients=s=240x136:r=25:type=radial:seed=21:speed=0.02:nb_colors=3"
        ":c0=#e8fbff:c1=#4cc9f0:c2=#3a56c5",
        "-probesize", "32", "-analyzeduration", "0", "-thread_queue_size", "1",
        "-f", "rawvideo", "-pix_fmt", "rgba", "-video_size", "1280x720", "-framerate", "1",
        "-i", "pipe:0",
        "-f", "lavfi", "-i",
        "aevalsrc=0.04*((0.6+0.4*sin(0.7*t))*sin(2*PI*294*t)+(0.6+0.4*sin(1.1*t))*sin(2*PI*370*t)"
        "+(0.6+0.4*sin(1.7*t))*sin(2*PI*466*t)):s=44100",
        "-filter_complex_threads", "1",
        "-filter_complex",
        "[0:v]format=yuv420p,scale=1280:720:flags=fast_bilinear,setsar=1,fps=25[scene];"
        "[scene][1:v]overlay=eof_action=endall[picture]",
        "-map", "[picture]", "-map", "2:a", "-shortest",
        "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-threads", "1",
        "-crf", "27", "-maxrate", "3M", "-bufsize", "3M", "-pix_fmt", "yuv420p",
        "-g", "25", "-keyint_min", "25", "-sc_threshold", "0",
        "-c:a", "aac", "-b:a", "96k", "-ac", "2",
        "-metadata", "service_name=Paper Boats",
        "-metadata", "service_provider=tvarr demonstration",
        "-f", "mpegts", "-muxdelay", "0", "-flush_packets", "1", "pipe:1",
    )  # fmt: skip


def test_the_command_for_radio_in_whole() -> None:
    assert pictures.command("ffmpeg", channel("night-tram")) == (
        "ffmpeg", "-hide_banner", "-nostats", "-loglevel", "error",
        "-re", "-f", "lavfi", "-i",
        "aevalsrc=0.04*((0.6+0.4*sin(0.7*t))*sin(2*PI*147*t)+(0.6+0.4*sin(1.1*t))*sin(2*PI*175*t)"
        "+(0.6+0.4*sin(1.7*t))*sin(2*PI*220*t)):s=44100",
        "-c:a", "aac", "-b:a", "96k", "-ac", "2",
        "-metadata", "service_name=Night Tram Radio",
        "-metadata", "service_provider=tvarr demonstration",
        "-f", "mpegts", "-muxdelay", "0", "-flush_packets", "1", "pipe:1",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("slug", "scaling"),
    [("wobblewood", "neighbor"), ("copper-string", "neighbor"), ("owl-hours", "fast_bilinear")],
)
def test_cells_stay_square_and_colours_flow(slug: str, scaling: str) -> None:
    assert f":flags={scaling}," in " ".join(pictures.command("ffmpeg", channel(slug)))


@pytest.mark.parametrize("shown", TELEVISION, ids=lambda channel: channel.slug)
def test_each_ffmpeg_makes_every_channel_and_ends_with_its_panels(
    shown: Channel, each_ffmpeg: str
) -> None:
    panels = bytes(FRAME[0] * FRAME[1] * 4) * 2
    done = subprocess.run(
        pictures.command(each_ffmpeg, shown),
        input=panels,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(done.stdout) % PACKET == 0
    assert set(done.stdout[::PACKET]) == {0x47}
    frames = [line for line in decode(each_ffmpeg, done.stdout) if line.startswith("0,")]
    # the last panel stands for a second of its own: some ffmpegs still give it, some do not
    assert len(frames) in (25, 26, 50)
    assert len({line.rsplit(",", 1)[1] for line in frames[:25]}) >= 3, "the scene moves"


async def test_a_stream_is_h264_and_aac_that_a_player_can_show_at_once(ffmpeg: str) -> None:
    async with asyncio.timeout(60), pictures.stream(ffmpeg, channel("owl-hours")) as output:
        media = await output.readexactly(PACKET * 800)
    headers = decode(ffmpeg, media, "-c", "copy", "-map", "0")
    assert "#codec_id 0: h264" in headers
    assert "#dimensions 0: 1280x720" in headers
    assert "#sar 0: 1/1" in headers
    assert "#codec_id 1: aac" in headers
    assert "#sample_rate 1: 44100" in headers
    pictures_seen = [line for line in decode(ffmpeg, media) if line.startswith("0,")]
    assert len(pictures_seen) > 20
    assert len({line.rsplit(",", 1)[1] for line in pictures_seen}) > 20, "moving pictures"


async def test_radio_is_aac_alone(ffmpeg: str) -> None:
    async with asyncio.timeout(60), pictures.stream(ffmpeg, channel("night-tram")) as output:
        media = await output.readexactly(PACKET * 60)
    headers = decode(ffmpeg, media, "-c", "copy", "-map", "0")
    assert [line for line in headers if line.startswith("#codec_id")] == ["#codec_id 0: aac"]


@pytest.mark.parametrize("slug", ["tin-kettle-news", "night-tram"])
@pytest.mark.parametrize("behaviour", [ENDLESS, SILENT, BROKEN])
async def test_when_the_block_ends_the_process_is_gone(
    slug: str, behaviour: str, pretend: Callable[[str], str], started: list[Process]
) -> None:
    async with pictures.stream(pretend(behaviour), channel(slug)):
        await asyncio.sleep(0.05)
    assert [process.returncode is not None for process in started] == [True]


async def test_being_cancelled_twice_does_not_leave_a_process(
    pretend: Callable[[str], str], started: list[Process]
) -> None:
    playing = asyncio.Event()

    async def watch() -> None:
        async with pictures.stream(pretend(ENDLESS), channel("night-tram")) as output:
            await output.read(1)
            playing.set()
            await asyncio.sleep(600)

    viewer = asyncio.create_task(watch())
    await playing.wait()
    viewer.cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    viewer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await viewer
    assert [process.returncode for process in started] == [-signal.SIGKILL]


async def test_what_ffmpeg_complains_about_is_logged(
    pretend: Callable[[str], str], caplog: pytest.LogCaptureFixture
) -> None:
    async with pictures.stream(pretend(BROKEN), channel("night-tram")) as output:
        assert await output.read() == b""
    assert [r for r in caplog.record_tuples if r[0] != "asyncio"] == [
        (
            "tvarr.demo.pictures",
            logging.WARNING,
            "night-tram: ffmpeg says: cannot open the camera",
        )
    ]


async def test_many_complaints_do_not_stop_a_stream(pretend: Callable[[str], str]) -> None:
    program = pretend("sys.stderr.write('no ' * 300_000); sys.stderr.flush(); out.write(b'done')")
    async with asyncio.timeout(60), pictures.stream(program, channel("night-tram")) as output:
        assert await output.read() == b"done"


async def test_a_program_that_is_not_there_is_an_os_error() -> None:
    with pytest.raises(FileNotFoundError):
        async with pictures.stream("/nowhere/ffmpeg", channel("owl-hours")):
            pass


@pytest.mark.parametrize("slug", ["owl-hours", "night-tram"])
def test_ffmpeg_ends_when_this_process_is_killed(slug: str, ffmpeg: str) -> None:
    """No orphan goes on encoding for nobody."""
    script = Path(__file__).with_name("play_until_killed.py")
    with subprocess.Popen(
        [sys.executable, str(script), ffmpeg, slug], stdout=subprocess.PIPE, text=True
    ) as player:
        assert player.stdout
        orphan = int(player.stdout.readline())
        player.kill()
    wait_until_gone(orphan)


def wait_until_gone(pid: int) -> None:
    """Wait until the process has ended; one that nobody reaps counts too."""
    for _ in range(600):
        try:
            os.kill(pid, 0)
            if ") Z " in Path(f"/proc/{pid}/stat").read_text():
                return
        except (ProcessLookupError, FileNotFoundError):
            return
        time.sleep(0.1)
    os.kill(pid, signal.SIGKILL)
    pytest.fail("ffmpeg goes on although nobody watches")


def test_the_systems_ffmpeg_is_taken_first(
    monkeypatch: pytest.MonkeyPatch, pretend: Callable[[str], str]
) -> None:
    program = pretend("print(' V....D libx264              H.264')")
    monkeypatch.setenv("PATH", f"{Path(program).parent}{os.pathsep}{os.environ['PATH']}")
    assert pictures.find_ffmpeg() == program


@pytest.mark.parametrize(
    "behaviour", ["print(' V....D mpeg2video   MPEG-2')", "sys.exit(1)", "print('libx264rgb')"]
)
def test_an_ffmpeg_that_cannot_encode_h264_is_passed_over(
    behaviour: str, monkeypatch: pytest.MonkeyPatch, pretend: Callable[[str], str]
) -> None:
    useless = pretend(behaviour)
    monkeypatch.setattr(shutil, "which", lambda name: useless)
    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", lambda: "/nowhere/ffmpeg")
    assert pictures.find_ffmpeg() is None


def test_without_any_ffmpeg_none_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing() -> str:
        raise RuntimeError

    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", nothing)
    assert pictures.find_ffmpeg() is None


def test_the_packaged_ffmpeg_is_taken_where_the_system_has_none(
    monkeypatch: pytest.MonkeyPatch, pretend: Callable[[str], str]
) -> None:
    program = pretend("print(' V....D libx264              H.264')")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", lambda: program)
    assert pictures.find_ffmpeg() == program
