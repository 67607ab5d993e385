"""Whole processes, measured from outside: wall time, processor time and peak memory.

The operating system's own accounting of each finished child (`wait4`) is used, so imports,
garbage and threads all count. Medians of several runs are quoted; a comparison takes its sides in
turn (A B A B …), so that a machine whose speed drifts does not favour one.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LIMIT = 900.0
"""Seconds after which a run is given up."""


@dataclass(frozen=True)
class Run:
    """One finished process."""

    wall: float
    cpu: float
    peak: float
    """MiB, of the process itself; the largest of its children is not in it."""


@dataclass(frozen=True)
class Figure:
    """Medians over several runs of one command."""

    wall: float
    cpu: float
    peak: float

    @classmethod
    def of(cls, runs: Sequence[Run]) -> Figure:
        """Return the medians."""
        return cls(
            statistics.median(r.wall for r in runs),
            statistics.median(r.cpu for r in runs),
            statistics.median(r.peak for r in runs),
        )


def once(command: Sequence[str | Path], environment: dict[str, str] | None = None) -> Run:
    """Run a command to its end; RuntimeError with its last words where it fails."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [str(part) for part in command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, **(environment or {})},
    )
    assert process.stderr is not None
    words = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    if process.returncode:
        raise RuntimeError(f"{command} ended with {process.returncode}: {words.decode()[-2000:]}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def in_turn(*commands: Sequence[str | Path], runs: int = 2) -> list[Figure]:
    """Measure several commands, each once a round, after one round that is not counted."""
    rounds = [[once(command) for command in commands] for _ in range(runs + 1)][1:]
    return [Figure.of(column) for column in zip(*rounds, strict=True)]
