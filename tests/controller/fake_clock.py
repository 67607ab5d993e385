"""A clock that is moved by hand."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

START = datetime(2026, 8, 22, 18, 30, tzinfo=UTC)


class FakeClock:
    """Stands still until `advance`; whoever waits for a moment wakes when it comes."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start
        self._moved = asyncio.Event()

    def now(self) -> datetime:
        return self._now

    async def wait(self, event: asyncio.Event, until: datetime | None) -> None:
        while not event.is_set() and (until is None or self._now < until):
            moved = asyncio.ensure_future(self._moved.wait())
            told = asyncio.ensure_future(event.wait())
            try:
                await asyncio.wait((moved, told), return_when=asyncio.FIRST_COMPLETED)
            finally:
                moved.cancel()
                told.cancel()
                await asyncio.gather(moved, told, return_exceptions=True)

    async def advance(self, step: timedelta = timedelta()) -> None:
        """Move on by `step` and let everything happen that is due by then."""
        self._now += step
        self._moved.set()
        self._moved = asyncio.Event()
        await settle()


async def settle() -> None:
    """Let every task run until all of them wait for something else than their turn."""
    for _ in range(50):
        await asyncio.sleep(0)
