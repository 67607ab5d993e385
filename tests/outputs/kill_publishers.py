"""Kills publishers at random moments and looks at what is public then: DATA ROUNDS.

Run by `test_publish` in a process of its own, with one thread, because it forks: the interpreter's
start is paid once for all rounds. Ends with a traceback if ever something but one whole revision
is public.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from functools import partial
from pathlib import Path

from tvarr.outputs import publish
from tvarr.outputs.report import BuildReport

PROXY = "family"
FILES = ("playlist.m3u", "guide.xml", "lineup.parquet", "report.json")
CONTENTS = 6
"""More than are kept, so that revisions are removed and come back."""


def kill_publishers(data: Path, rounds: int) -> None:
    """Start a publisher, kill it, look at what is public; `rounds` times."""
    chance = random.Random(rounds)
    seen = set()
    publish.publish(data, PROXY, partial(_write, 0))
    for _ in range(rounds):
        _publish_and_kill(data, chance.randrange(CONTENTS), after=chance.uniform(0, 0.05))
        seen.add(_public_content(data))
    assert len(seen) > 1, "no kill came after a change"
    publish.publish(data, PROXY, partial(_write, 0))
    left = [folder.name for folder in (data / "revisions" / PROXY).iterdir()]
    assert len(left) == 1 + publish.KEPT, left


def _publish_and_kill(data: Path, first: int, after: float) -> None:
    child = os.fork()
    if child == 0:
        try:
            _publish_for_ever(data, first)
        finally:
            os._exit(1)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the publisher gave up by itself"


def _publish_for_ever(data: Path, first: int) -> None:
    """Publish one content after the other, as they come round."""
    number = first
    while True:
        publish.publish(data, PROXY, partial(_write, number))
        number = (number + 1) % CONTENTS


def _write(number: int, folder: Path) -> BuildReport:
    """Write files that all tell the same number, each of a length of its own."""
    for length, name in enumerate(FILES, start=1):
        (folder / name).write_bytes(_text(number, length))
    return BuildReport(entries=number)


def _text(number: int, length: int) -> bytes:
    return str(number).encode() * (10_000 * length + 7 * number)


def _public_content(data: Path) -> int:
    """Return the number that all public files tell; each must be whole, and none missing."""
    folder = data / "outputs" / PROXY
    number = int((folder / FILES[0]).read_bytes()[:1])
    for length, name in enumerate(FILES, start=1):
        assert (folder / name).read_bytes() == _text(number, length), (name, number)
    assert publish.current(data, PROXY) == folder.resolve()
    return number


if __name__ == "__main__":
    kill_publishers(Path(sys.argv[1]), int(sys.argv[2]))
