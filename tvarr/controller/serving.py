"""Where the tvarr that holds a data folder is reached: a small file in it, for other commands.

`app.run` writes it while it serves; `tvarr refresh` reads it. Standard library only.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FILE = "serving.json"

_EVERYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read, not bound
"""What listens on all addresses is asked on loopback."""


@dataclass(frozen=True)
class Served:
    """Where a tvarr of this machine answers."""

    host: str
    port: int


def remember(data: Path, host: str, port: int) -> None:
    """Write down where this process listens; for its user's eyes only.

    A folder that cannot be written to costs the command that would have read this, nothing else.
    """
    served = json.dumps({"host": _EVERYWHERE.get(host, host), "port": port})
    beside = data / f".{FILE}.new"
    with suppress(OSError):
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(served)
        beside.replace(data / FILE)


def forget(data: Path) -> None:
    """Remove what a process left that listens no more."""
    with suppress(OSError):
        (data / FILE).unlink(missing_ok=True)


def recall(data: Path) -> Served | None:
    """Return where a tvarr answers, or None where nobody said so."""
    try:
        content = json.loads((data / FILE).read_bytes())
        return Served(str(content["host"]), int(content["port"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
