"""Logging set-up, and the one place that hides credentials in text.

Called by the command line at start (`configure`) and by whoever puts a URL into a sentence, a
log line or a sample (`redact`). The formatter redacts every finished record once more, exceptions
included, so that a forgotten call does not leak.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import Literal

LogLevel = Literal["debug", "info", "warning", "error"]

HIDDEN = "***"
_USERINFO = re.compile(r"(?i)([a-z][a-z0-9+.-]*://)[^/\s\"'<>]*@")
_QUERY_VALUE = re.compile(r"([?&;][^=&\s\"']*=)[^&\s\"'|]+")
_XTREAM_PATH = re.compile(
    r"(?i)(https?://[^/\s\"']+/(?:(?:live|movie|series|timeshift)/)?)[^/\s\"']+/[^/\s\"']+(?=/[^/\s\"']+)"
)


def redact(text: str) -> str:
    """Return `text` with the credentials of every URL in it replaced by `***`.

    Hidden: user and password before an `@`, every query value, and the two path parts before the
    last ones in the form of an Xtream stream (`http://host/live/USER/PASSWORD/1.ts`).
    """
    text = _USERINFO.sub(rf"\1{HIDDEN}@", text)
    text = _XTREAM_PATH.sub(rf"\1{HIDDEN}/{HIDDEN}", text)
    return _QUERY_VALUE.sub(rf"\1{HIDDEN}", text)


class RedactingFormatter(logging.Formatter):
    """Formats a record, its exception and its stack, and redacts the whole."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the finished, redacted text of the record."""
        return redact(super().format(record))


def configure(level: LogLevel = "info") -> None:
    """Log to standard error in one line a record; the level applies to tvarr's own loggers."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        RedactingFormatter(
            "%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S%z"
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("tvarr").setLevel(level.upper())
