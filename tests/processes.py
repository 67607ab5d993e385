"""`tvarr` as a process of its own, whose memory is watched: for tests of the whole.

A `Folder` holds one YAML with its documents and data. `build` runs to its end, `serving` runs
beside the test. Only the working folder and the arguments are given, nothing of the test's own.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

NOW = "2026-08-22T18:30:00Z"
PATIENCE = 240.0
"""Seconds for things that take one or two, on a machine that is busy."""
TVARR = (sys.executable, "-m", "tvarr")


@dataclass(frozen=True)
class Result:
    """A command that has ended."""

    code: int
    out: str
    err: str
    peak: int
    """The most memory (resident set, bytes) that one of its processes had."""


@dataclass(frozen=True)
class Folder:
    """A YAML, its documents, and `DATA` below it."""

    path: Path

    @property
    def data(self) -> Path:
        return self.path / "data"

    @property
    def yaml(self) -> Path:
        return self.path / "tvarr.yaml"

    def command(self, *arguments: str) -> list[str]:
        """Return a command line that works in this folder."""
        return [*TVARR, *arguments, "--config", str(self.yaml), "--data", str(self.data)]

    def build(self, *arguments: str, patience: float = PATIENCE) -> Result:
        """Run `tvarr build` to its end."""
        process = self.start("build", "--now", NOW, *arguments)
        with Memory(process.pid) as memory:
            out, err = process.communicate(timeout=patience)
        return Result(process.returncode, out, err, memory.peak)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command; it has a process group of its own."""
        return subprocess.Popen(
            self.command(*arguments),
            cwd=self.path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def statuses(self) -> dict[str, dict[str, Any]]:
        """Return what `state.json` says, by `kind/name`."""
        tables = json.loads((self.data / "state.json").read_bytes())
        return {f"{one['kind']}/{one['name']}": one for one in tables["status"].values()}

    def published(self, proxy: str) -> dict[str, bytes]:
        """Return the public files of a proxy by name."""
        return {file.name: file.read_bytes() for file in (self.data / "outputs" / proxy).iterdir()}

    def everything(self) -> Iterator[Path]:
        """Yield every file, folder and link of the data folder."""
        for folder, folders, files in os.walk(self.data):
            yield from (Path(folder, name) for name in (*folders, *files))

    @contextlib.contextmanager
    def serving(self, *arguments: str) -> Iterator[Served]:
        """Run `tvarr run` on a free port; it has to end well when it is told to."""
        log = self.path / "tvarr.log"
        command = self.command("run", "--host", "127.0.0.1", "--port", "0", *arguments)
        with log.open("ab") as stream:
            process = subprocess.Popen(
                command, cwd=self.path, stdout=stream, stderr=stream, start_new_session=True
            )
        try:
            with Memory(process.pid) as memory:
                served = Served(process, log, memory)
                served.wait_until_it_listens()
                yield served
                process.send_signal(signal.SIGTERM)
                assert process.wait(PATIENCE) == 0, log.read_text()
        finally:
            process.kill()
            process.wait(PATIENCE)


@dataclass
class Served:
    """A `tvarr run` that is up."""

    process: subprocess.Popen[bytes]
    log: Path
    memory: Memory
    port: int = 0

    def wait_until_it_listens(self) -> None:
        """Learn the port from the log."""

        def told() -> re.Match[str] | None:
            assert self.process.poll() is None, self.log.read_text()
            return re.search(r"serving on port (\d+)", self.log.read_text())

        self.port = int(until(told)[1])

    def reload(self) -> None:
        """Have the YAML read again, and what failed tried again."""
        self.process.send_signal(signal.SIGHUP)

    def get(self, path: str) -> bytes:
        """Return what is served under a path; an error's text counts as well."""
        address = f"http://127.0.0.1:{self.port}{path}"
        try:
            with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.read()

    def resources(self) -> dict[str, dict[str, Any]]:
        """Return what the status says, by `kind/name`."""
        report = json.loads(self.get("/api/v1/status"))
        every = (*report["sources"], *report["guides"], *report["proxies"])
        return {f"{one['kind']}/{one['name']}": one for one in every}

    def files(self, proxy: str) -> dict[str, bytes]:
        """Return the served files of a proxy by name."""
        names = ("playlist.m3u", "playlist.m3u.gz", "guide.xml", "guide.xml.gz")
        return {name: self.get(f"/{proxy}/{name}") for name in names}


@dataclass
class Memory:
    """The peak memory of a process and its children, looked at from outside; a context manager.

    The kernel keeps the peak of each process, so that a look now and then is enough.
    """

    pid: int
    peak: int = 0
    """Bytes of the one process that had most."""
    arguments: set[str] = field(default_factory=set)
    """The command lines that were seen, as `ps` would show them."""
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Memory:
        self._thread = threading.Thread(target=self._watch, name="memory")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        assert self._thread is not None
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.02):
            for pid in (self.pid, *_children(self.pid)):
                with contextlib.suppress(OSError):
                    self._look_at(Path("/proc", str(pid)))

    def _look_at(self, folder: Path) -> None:
        found = re.search(r"VmHWM:\s+(\d+) kB", (folder / "status").read_text())
        if found:
            self.peak = max(self.peak, int(found[1]) * 1024)
        self.arguments.add((folder / "cmdline").read_text().replace("\0", " "))


def _children(parent: int) -> list[int]:
    """Return the processes that `parent` started; there are no grandchildren."""
    found = []
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            pid = int(folder.name)
            after_the_name = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(after_the_name[1]) == parent:
                found.append(pid)
    return found


def until(look: Callable[[], T | None], patience: float = PATIENCE) -> T:
    """Look again and again until there is something, and return it."""
    end = time.monotonic() + patience
    while not (found := look()):
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.05)
    return found
