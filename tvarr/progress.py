"""What is going on at the moment: operations, each with its owner, its state and how far it is.

The controller begins an operation for every piece of work and hands it to those who do it, in
whatever thread; the web and the command line look on, each at its own pace. Nothing here is kept:
what came of an operation stands in a status.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from tvarr.errors import TvarrError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class State(StrEnum):
    """Where an operation stands."""

    PREPARING = "preparing"
    CONNECTING = "connecting"
    DOWNLOADING = "downloading"
    PROCESSING = "processing"
    SAVING = "saving"
    COMPLETED = "completed"
    ERROR = "error"
    CANCELLED = "cancelled"


class Kind(StrEnum):
    """What an operation does."""

    INGESTION = "ingestion"
    BUILD = "build"
    LOGOS = "logos"


ENDED = (State.COMPLETED, State.ERROR, State.CANCELLED)

MOST_ENDED = 1_000
"""Ended operations that are remembered; those of resources that are gone make room."""


@dataclass(frozen=True)
class Operation:
    """How far one piece of work is."""

    id: int
    owner: str
    """Key of the resource, such as `source/freeview`; one operation an owner at a time."""
    kind: Kind
    state: State
    stage: str
    """What is being done, in a few words: `live streams`, `guide`."""
    items: int
    """Rows, so far."""
    bytes: int
    """Read from the network or the disk, so far."""
    bytes_total: int | None
    """None where nobody said how much will come."""
    started: datetime
    updated: datetime
    message: str = ""
    """The sentence it ended with."""

    @property
    def ended(self) -> bool:
        """Whether nothing more comes of it."""
        return self.state in ENDED


class Answer(StrEnum):
    """What is said to somebody who asks for a refresh."""

    ACCEPTED = "accepted"
    RUNNING = "running"
    """It is being refreshed at this moment."""
    UNKNOWN = "unknown"
    DISABLED = "disabled"
    PAUSED = "paused"
    """The server asked for a pause, which is not over."""


@dataclass(frozen=True)
class Asked:
    """What came of asking for a refresh."""

    key: str
    answer: Answer
    sentence: str
    after: int = 0
    """Operations of that owner with a higher id are what was asked for."""
    until: datetime | None = None
    """The end of a pause."""


@dataclass
class Handle:
    """One running operation, for those who do the work. May be used from any thread.

    What is told after the end, by a thread that nobody waits for any more, is not heard.
    """

    _publish: Callable[[Operation], None]
    _operation: Operation
    _clock: Callable[[], datetime]
    message: str = ""
    """A sentence to end with."""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def to(self, state: State, stage: str | None = None, *, bytes_total: int | None = None) -> None:
        """Enter a state, and a stage; without one, the stage stays what it is."""
        named = {} if stage is None else {"stage": stage}
        self._change(state=state, bytes_total=bytes_total, **named)

    def count(self, *, items: int = 0, size: int = 0) -> None:
        """Add rows and bytes."""
        with self._lock:
            now = self._operation
            self._tell(replace(now, items=now.items + items, bytes=now.bytes + size))

    def end(self, state: State) -> None:
        """Come to the end: completed, error or cancelled."""
        self._change(state=state, message=self.message)

    def _change(self, **fields: object) -> None:
        with self._lock:
            self._tell(replace(self._operation, **fields))  # type: ignore[arg-type]

    def _tell(self, operation: Operation) -> None:
        if not self._operation.ended:
            self._operation = replace(operation, updated=self._clock())
            self._publish(self._operation)


class Follower:
    """One who looks on: is told of each operation that has changed, as it is by then.

    However slow it is, nothing is stored for it: it knows how far it has seen, and what has
    happened in between to one operation comes to it as one change.
    """

    def __init__(self, progress: Progress, seen: int) -> None:
        self.seen = seen
        """The version of the progress that has been looked at."""
        self._progress = progress
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._news.set()
        self._told = True
        self._closed = False

    async def changes(self) -> tuple[Operation, ...] | None:
        """Wait for something new and return the operations that changed; None after `close`."""
        while not self._closed:
            await self._news.wait()
            self._news.clear()
            self._told = False
            self.seen, changed = self._progress.since(self.seen)
            if changed:
                return changed
        return None

    def close(self) -> None:
        """Let `changes` return None. Called in the event loop."""
        self._closed = True
        self._news.set()

    def tell(self) -> None:
        """Say that there is something new; from any thread."""
        if not self._told:
            self._told = True
            with suppress(RuntimeError):  # the loop has been closed
                self._loop.call_soon_threadsafe(self._news.set)


class Progress:
    """All operations that run, and the last one of each owner that has ended."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._clock = clock
        self._operations: dict[str, tuple[int, Operation]] = {}
        """By owner, with the version at which it changed; the latest change is the last one."""
        self._count = 0
        self._version = 0
        self._followers: set[Follower] = set()
        self._lock = threading.Lock()

    @contextmanager
    def operation(self, owner: str, kind: Kind) -> Iterator[Handle]:
        """Begin an operation, which ends with the block and as the block ends.

        One operation an owner at a time: a second one is a mistake of the program, RuntimeError.
        """
        handle = self._begin(owner, kind)
        try:
            yield handle
        except asyncio.CancelledError:
            handle.end(State.CANCELLED)
            raise
        except Exception as error:
            handle.message = error.sentence if isinstance(error, TvarrError) else ""
            handle.end(State.ERROR)
            raise
        except BaseException:  # the process is told to end
            handle.end(State.CANCELLED)
            raise
        handle.end(State.COMPLETED)

    @contextmanager
    def following(self, seen: int = 0) -> Iterator[Follower]:
        """Look on from within the event loop; `seen` is the version that is known already."""
        follower = Follower(self, seen)
        with self._lock:
            self._followers.add(follower)
        try:
            yield follower
        finally:
            with self._lock:
                self._followers.discard(follower)

    @property
    def version(self) -> int:
        """A number that grows with every change."""
        return self._version

    def operations(self) -> tuple[Operation, ...]:
        """Return the operations, the latest of each owner, in the order in which they began."""
        return self.since(0)[1]

    def latest(self, owner: str) -> Operation | None:
        """Return the operation of that owner that runs, or else the last one."""
        found = self._operations.get(owner)
        return found[1] if found else None

    def since(self, version: int) -> tuple[int, tuple[Operation, ...]]:
        """Return the version, and what changed after `version`, in the order of beginning."""
        with self._lock:
            changed = [one for at, one in self._operations.values() if at > version]
            return self._version, tuple(sorted(changed, key=lambda operation: operation.id))

    def _begin(self, owner: str, kind: Kind) -> Handle:
        now = self._clock()
        with self._lock:
            latest = self.latest(owner)
            if latest is not None and not latest.ended:
                raise RuntimeError(f"{owner} is at work already")
            self._count += 1
            begun = Operation(self._count, owner, kind, State.PREPARING, "", 0, 0, None, now, now)
            self._forget_old_ones()
        self._publish(begun)
        return Handle(self._publish, begun, self._clock)

    def _forget_old_ones(self) -> None:
        ended = [owner for owner, (_, one) in self._operations.items() if one.ended]
        for owner in ended[: max(0, len(ended) - MOST_ENDED)]:
            del self._operations[owner]

    def _publish(self, operation: Operation) -> None:
        with self._lock:
            self._version += 1
            self._operations.pop(operation.owner, None)
            self._operations[operation.owner] = (self._version, operation)
            for follower in self._followers:
                follower.tell()
