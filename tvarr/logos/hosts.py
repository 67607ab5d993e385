"""Which hosts are left alone for a day: one try tells of all pictures that a dead host has.

Asked by `tvarr.logos.round` before each picture. What is known outlives the process.
"""

from __future__ import annotations

import json
import os
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from tvarr.errors import Reason
from tvarr.fetch import address

if TYPE_CHECKING:
    from pathlib import Path

MOST: Final = 10_000
REST: Final = 86_400
"""Seconds that a dead host is left alone."""

DEAD: Final = frozenset(
    {
        Reason.CONNECT_FAILED,
        Reason.CONNECT_TIMEOUT,
        Reason.DNS_FAILED,
        Reason.TLS_FAILED,
        Reason.TIMEOUT,
    }
)
"""What a host comes to that will not give its other pictures either."""


_AUTHORITY = re.compile(r"[^/?#]*//[^/?#]*")


def place_of(url: str) -> str | None:
    """Return `host` or `host:port`, None for what is no http or https address."""
    authority = _AUTHORITY.match(url)
    return _place(authority[0] if authority else url)


@lru_cache(maxsize=1_000)
def _place(authority: str) -> str | None:
    """A hundred thousand pictures are from few hosts, and taking an address apart takes a while."""
    try:
        return address.parse(authority).place
    except ValueError:
        return None


class Hosts:
    """The hosts that are left alone, and until when, in seconds since 1970."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._until: dict[str, int] = {}

    def load(self) -> None:
        """Read what an earlier process has found out."""
        try:
            found = json.loads(self._file.read_bytes())
            self._until = {str(host): int(until) for host, until in found.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            self._until = {}

    def save(self, now: int) -> None:
        """Write down who is still left alone at `now`."""
        rest = {host: until for host, until in self._until.items() if until > now}
        self._until = dict(sorted(rest.items(), key=lambda item: item[1])[-MOST:])
        beside = self._file.with_name(f".{self._file.name}")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(self._until, stream)
        beside.replace(self._file)

    def until(self, host: str, now: int) -> int | None:
        """Return until when a host is left alone, None where it may be asked."""
        until = self._until.get(host)
        return until if until is not None and until > now else None

    def leave_alone(self, host: str, until: int) -> None:
        """Ask nothing of the host before `until`."""
        self._until[host] = until
