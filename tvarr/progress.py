"""What is going on at the moment: operations, each with its owner, its state and how far it is.

The controller begins an operation for every piece of work and hands it to those who do it; the web
and the command line look on. Nothing here is kept: what came of an operation stands in a status.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
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


@dataclass
class Handle:
    """One running operation, for those who do the work. May be used from any thread."""

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
            self._operation = replace(
                now, items=now.items + items, bytes=now.bytes + size, updated=self._clock()
            )
            self._publish(self._operation)

    def end(self, state: State) -> None:
        """Come to the end: completed, error or cancelled."""
        self._change(state=state, message=self.message)

    def _change(self, **fields: object) -> None:
        with self._lock:
            self._operation = replace(self._operation, **fields, updated=self._clock())  # type: ignore[arg-type]
            self._publish(self._operation)


class Progress:
    """All operations that run, and the last one of each owner that has ended."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._clock = clock
        self._operations: dict[str, Operation] = {}
        self._count = 0

    @contextmanager
    def operation(self, owner: str, kind: Kind) -> Iterator[Handle]:
        """Begin an operation, which ends with the block and as the block ends."""
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
        handle.end(State.COMPLETED)

    def _begin(self, owner: str, kind: Kind) -> Handle:
        self._count += 1
        now = self._clock()
        operation = Operation(self._count, owner, kind, State.PREPARING, "", 0, 0, None, now, now)
        self._publish(operation)
        return Handle(self._publish, operation, self._clock)

    def operations(self) -> tuple[Operation, ...]:
        """Return the operations, the latest of each owner, in the order in which they began."""
        return tuple(sorted(self._operations.values(), key=lambda operation: operation.id))

    def _publish(self, operation: Operation) -> None:
        self._operations[operation.owner] = operation
