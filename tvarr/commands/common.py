"""What the commands share: options, settings, and how a call that goes wrong ends.

Used by `tvarr.cli` and the modules beside this one. Nothing heavy is loaded here.
"""

# no `from __future__ import annotations`: typer reads the annotations when a command is called

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tvarr import printing
from tvarr.errors import CannotStartError, MisusedError

if TYPE_CHECKING:
    from tvarr.config.settings import Settings

FAILED, MISUSED, INTERRUPTED = 1, 2, 130


class Level(StrEnum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


Config = Annotated[
    Path | None, typer.Option("--config", "-c", help="The YAML file [TVARR_CONFIG].")
]
Data = Annotated[Path | None, typer.Option("--data", "-d", help="The data folder [TVARR_DATA].")]
Port = Annotated[
    int | None,
    typer.Option("--port", "-p", help="The port, whatever the YAML says [TVARR_PORT]."),
]
Host = Annotated[str | None, typer.Option("--host", help="The address to listen on [TVARR_HOST].")]
LogLevel = Annotated[
    Level | None, typer.Option("--log-level", help="How much is logged [TVARR_LOG_LEVEL].")
]


def given_flags(**given: object) -> dict[str, object]:
    """Return what the command line gave, by the name of the setting."""
    return {name: value for name, value in given.items() if value is not None}


def read_settings(flags: Mapping[str, Any]) -> "Settings":
    """Return the settings; where one is wrong, say so and end the command."""
    from tvarr.config.settings import load_settings
    from tvarr.errors import Stalled

    try:
        return load_settings(**flags)
    except Stalled as error:
        printing.complain(error.sentence)
        raise SystemExit(MISUSED) from None


def log_at(level: Any) -> None:
    """Log to standard error from `level` on."""
    from tvarr import logs

    logs.configure(str(level))  # type: ignore[arg-type]  # one of the four, settings made sure


@contextmanager
def one_sentence() -> Iterator[None]:
    """Turn whatever ends a command into one sentence and an exit code (a SystemExit)."""
    try:
        yield
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
    except BrokenPipeError:  # `tvarr schema | head`: nobody listens any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(FAILED) from None
    except Exception as error:  # noqa: BLE001 - no traceback for whoever typed a command
        printing.complain(_sentence(error))
        raise SystemExit(MISUSED if isinstance(error, MisusedError) else FAILED) from None


def _sentence(error: Exception) -> str:
    """Return what the user reads; an error of no kind of ours is told with its name."""
    from tvarr.errors import TvarrError

    if isinstance(error, CannotStartError | TvarrError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'the system'}: {error.strerror}"
    import logging

    logging.getLogger("tvarr").debug("unexpected error", exc_info=error)
    return f"unexpected {type(error).__name__}: {error}; --log-level debug tells more"


def read_moment(text: str | None, option: str = "--now") -> datetime | None:
    """Read a moment, such as `--now`; one without a zone is meant in UTC."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise MisusedError(
            f"{option}: {text!r} is not a moment; write it like 2026-08-22T18:30:00Z"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
