"""One tvarr a data folder: two would prune each other's snapshots.

Standard library only, since `tvarr build` takes the lock before it loads anything heavy.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tvarr.errors import CannotStartError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def locked(data: Path) -> Iterator[None]:
    """Hold the data folder, which is there, for as long as the block runs.

    The kernel lets go of it when the process ends, however it ends. Raises `CannotStartError`, and
    OSError where the folder cannot be written.
    """
    handle = os.open(data / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStartError(
                f"another tvarr is at work in {data}: stop it first, or choose another folder "
                "with --data"
            ) from None
        yield
    finally:
        os.close(handle)
