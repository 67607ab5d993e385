"""Kills writers of the state at random moments and looks at what is left: STATE ROUNDS.

Run by `test_store` in a process of its own, with one thread, because it forks: the interpreter's
start is paid once for all rounds. Ends with a traceback if anything but the old or the new state
is ever found.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from pathlib import Path

from tvarr.state.conditions import Kind, Status
from tvarr.state.store import Store


def kill_writers(path: Path, rounds: int) -> None:
    """Start a writer, kill it, read the state; `rounds` times."""
    chance = random.Random(rounds)
    _write_round(Store(path), 0)
    for _ in range(rounds):
        acknowledged = _write_and_kill(path, after=chance.uniform(0, 0.03))
        _look_at(Store(path), acknowledged)


def _look_at(store: Store, acknowledged: int) -> None:
    a, b = store.all()
    assert (a.name, b.name) == ("a", "b")
    assert a.snapshot == _text(a.failures)
    assert b.snapshot == _text(b.failures)
    assert b.failures >= acknowledged
    assert a.failures - b.failures in (0, 1)


def _write_and_kill(path: Path, after: float) -> int:
    """Kill a writer `after` seconds of writing; return the last round that it finished."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _write_for_ever(path, writing)
        finally:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading, "rb") as answers:
        rounds = answers.read(4)
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        rounds += answers.read()
    return int.from_bytes(rounds[-4:], "big")


def _write_for_ever(path: Path, answers: int) -> None:
    store = Store(path)
    number = store.all()[1].failures
    while True:
        os.write(answers, number.to_bytes(4, "big"))
        number += 1
        _write_round(store, number)


def _write_round(store: Store, number: int) -> None:
    for name in ("a", "b"):
        store.put(Status(kind=Kind.SOURCE, name=name, failures=number, snapshot=_text(number)))


def _text(number: int) -> str:
    """A text whose length changes, so that a file that is half old and half new shows."""
    return "x" * (number % 900)


if __name__ == "__main__":
    kill_writers(Path(sys.argv[1]), int(sys.argv[2]))
