"""The present hour, as the controller sees it: the system's, or one fixed by `--now`.

Everything in this package that asks what time it is, or waits for a time, asks a clock that it
was given. Tests give one that is moved by hand, so that days pass in no time.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Protocol

LONGEST_SLEEP = timedelta(minutes=1)
"""Wall clocks are set and machines are suspended: look at the clock again at least this often."""


class Clock(Protocol):
    """What time it is, and how to wait for a moment."""

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        ...

    async def wait(self, event: asyncio.Event, until: datetime | None) -> None:
        """Return when `event` is set or `until` has come; None waits for the event alone."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        return datetime.now(UTC)

    async def wait(self, event: asyncio.Event, until: datetime | None) -> None:
        """Return when `event` is set or `until` has come."""
        while not event.is_set():
            left = LONGEST_SLEEP if until is None else min(until - self.now(), LONGEST_SLEEP)
            if left <= timedelta():
                return
            try:
                async with asyncio.timeout(left.total_seconds()):
                    await event.wait()
            except TimeoutError:
                continue


class FrozenClock:
    """A clock that stands still, for `tvarr build --now`: a later moment never comes."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment.astimezone(UTC)

    def now(self) -> datetime:
        """Return the moment it was given, in UTC."""
        return self._moment

    async def wait(self, event: asyncio.Event, until: datetime | None) -> None:
        """Return when `event` is set, or at once if `until` is not in the future."""
        if until is None or until > self._moment:
            await event.wait()
