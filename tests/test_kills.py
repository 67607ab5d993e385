"""`tvarr build` killed at random moments, and what is there after each kill.

Before each run the playlist (over HTTP) and the guide (a file) change together, to one of a few
contents that came up before, so that every run has work to do. What may be public at any moment
is one of the outputs that undisturbed builds made in folders of their own, whole.
"""

from __future__ import annotations

import random
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.processes import NOW, PATIENCE, Folder
from tests.provider import Provider, document, in_thread
from tvarr.state.store import Store

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

CONTENTS = range(4)
"""More than the revisions that are kept, so that some are removed and come back."""

YAML = """
server: {{base_url: http://tv.invalid}}
sources:
  tv: {{kind: m3u, url: "{url}", user_agent: agent-{number}}}
epg:
  uk: {{kind: xmltv, url: guide.xml, retention: 0s}}
proxies:
  family: {{sources: [tv], epg: [uk]}}
  kids: {{sources: [tv], epg: [uk], numbering: {{start: 100}}}}
"""
PROXIES = ("family", "kids")
Public = dict[str, dict[str, bytes]]


@pytest.fixture
def provider() -> Iterator[Provider]:
    with in_thread(Provider()) as provider:
        yield provider


class World:
    """A folder in which builds are killed, and what builds in other folders made."""

    def __init__(self, path: Path, provider: Provider) -> None:
        self.folder = Folder(path / "killed")
        self._path = path
        self._provider = provider
        self.fresh = {number: self._build_afresh(number) for number in CONTENTS}
        self.expected = {number: public(folder) for number, folder in self.fresh.items()}

    def _build_afresh(self, number: int) -> Folder:
        folder = Folder(self._path / f"fresh-{number}")
        self.change(folder, number)
        result = folder.build()
        assert result.code == 0, result.err
        return folder

    def change(self, folder: Folder, number: int) -> None:
        """Put another playlist at the provider, another guide into the folder, and edit the YAML.

        The edit makes the playlist be fetched at once.
        """
        folder.path.mkdir(exist_ok=True)
        folder.yaml.write_text(YAML.format(url=self._provider.url("/tv.m3u"), number=number))
        self._provider.table["/tv.m3u"] = document(_playlist(number))
        (folder.path / "guide.xml").write_bytes(_guide(number))

    def time_a_build(self, number: int) -> float:
        """Let a build come to its end; return the seconds that its work took."""
        self.change(self.folder, number)
        process = self._start()
        begun = time.monotonic()
        process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
        return time.monotonic() - begun

    def kill_a_build(self, number: int, after: float, writes: int) -> bool:
        """Kill a build of content `number`; return whether it was still at work.

        The kill comes `after` seconds behind the so many-th write of the state, or behind the
        beginning.
        """
        self.change(self.folder, number)
        process = self._start()
        for _ in range(writes):
            self._wait_for_a_write(process)
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=PATIENCE)
        return process.returncode == -signal.SIGKILL

    def _start(self) -> subprocess.Popen[str]:
        """Start a build, and return once it has begun its work, which takes a lock first."""
        lock = self.folder.data / ".lock"
        lock.unlink(missing_ok=True)
        process = self.folder.start("build", "--now", NOW)
        end = time.monotonic() + PATIENCE
        while not lock.exists():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < end, "the build does not begin"
            time.sleep(0.002)
        return process

    def _wait_for_a_write(self, process: subprocess.Popen[str]) -> None:
        before = self._stamp()
        while process.poll() is None and self._stamp() == before:
            time.sleep(0.001)

    def _stamp(self) -> tuple[int, int] | None:
        try:
            status = (self.folder.data / "state.json").stat()
        except FileNotFoundError:
            return None
        return status.st_ino, status.st_mtime_ns

    def look(self) -> int | None:
        """Look at all that is public and at the state; return the content that was found."""
        found = public(self.folder)
        for proxy, files in found.items():
            outputs = [number for number in CONTENTS if files == self.expected[number][proxy]]
            assert outputs or not files, f"what is public for {proxy} was never built"
        _read_state(self.folder)
        numbers = [n for n in CONTENTS if found["family"] == self.expected[n]["family"]]
        return numbers[0] if numbers else None


def public(folder: Folder) -> Public:
    """Return every public file by proxy and name; none for a proxy that has none."""
    there = [proxy for proxy in PROXIES if (folder.data / "outputs" / proxy).exists()]
    return {proxy: folder.published(proxy) if proxy in there else {} for proxy in PROXIES}


def _read_state(folder: Folder) -> None:
    """Load the state, which may not be there yet but is never damaged."""
    path = folder.data / "state.json"
    before = path.read_bytes() if path.exists() else None
    store = Store(path, read_only=True)
    statuses = store.all()
    store.close()
    assert statuses or before is None
    for status in statuses:
        if status.snapshot is not None:
            kept = folder.data / "snapshots" / status.key / status.snapshot
            assert (kept / "report.json").is_file(), status.key


def _playlist(number: int) -> bytes:
    entries = [
        f'#EXTINF:-1 tvg-id="c{channel}.example" group-title="G{number}",Channel {channel}\n'
        f"http://tv.invalid/{number}/{channel}.ts\n"
        for channel in range(200 + 50 * number)
    ]
    return ("#EXTM3U\n" + "".join(entries)).encode()


def _guide(number: int) -> bytes:
    channels = range(200 + 50 * number)
    declared = [
        f'<channel id="c{channel}.example"><display-name>{channel}</display-name></channel>\n'
        for channel in channels
    ]
    programmes = [
        f'<programme start="20260822{hour}0000 +0000" stop="20260822{hour + 1}0000 +0000"'
        f' channel="c{channel}.example"><title>Part {number} of {hour}</title></programme>\n'
        for channel in channels
        for hour in range(18, 23)
    ]
    return ("<tv>\n" + "".join(declared + programmes) + "</tv>\n").encode()


def _told(folder: Folder) -> dict[str, dict[str, Any]]:
    """Return the state without what differs from run to run: stamps of files, seconds of work.

    A build's key too, since numbers are kept for channels that were there in between.
    """
    told = folder.statuses()
    for status in told.values():
        del status["validators"], status["seconds"], status["build_key"]
    return told


def _snapshots(folder: Folder) -> set[str]:
    """Return the snapshots that the state speaks of."""
    return {str(one["snapshot"]) for one in folder.statuses().values()}


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kills", [10, pytest.param(200, marks=pytest.mark.slow)])
def test_whenever_a_build_is_killed_all_that_is_public_is_whole(
    kills: int, tmp_path: Path, provider: Provider
) -> None:
    chance = random.Random(kills)
    world = World(tmp_path, provider)
    longest = world.time_a_build(CONTENTS[0])
    seen, killed = set(), 0
    for _ in range(kills):
        number, writes = chance.choice(CONTENTS), chance.randrange(5)
        after = chance.uniform(0, 0.05 if writes else longest)
        killed += world.kill_a_build(number, after, writes)
        seen.add(world.look())
    assert killed, "no build was killed at work"
    assert len(seen) > 1, "no kill came after a change"

    last = chance.choice(CONTENTS)
    world.change(world.folder, last)
    result = world.folder.build()
    assert result.code == 0, result.err
    fresh = world.fresh[last]
    assert public(world.folder) == public(fresh)
    assert _told(world.folder) == _told(fresh)
    assert _snapshots(world.folder) == _snapshots(fresh)
    assert _half_written(world.folder) == []


def _half_written(folder: Folder) -> list[str]:
    """Return names of what a killed process may leave for the next one to remove."""
    names = [path.name for path in folder.everything()]
    hidden = [name for name in names if name.startswith(".") and name != ".lock"]
    return hidden + [path.name for path in (folder.data / "downloads").iterdir()]
