"""When something is looked at again: intervals, cron lines and the ladder of retries. Pure.

Called at the end of every reconcile. A cron line is read in the machine's own zone, so that
`15 4 * * *` stays a quarter past four through summer and winter.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta, tzinfo
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim

if TYPE_CHECKING:
    from tvarr.spec.values import Schedule

LADDER = (
    timedelta(),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
)
"""How long to wait after the first, second, … failure in a row."""

JITTER = 0.1
"""Share by which a wait is made longer or shorter, always the same for the same resource."""

LONGEST_WAIT = timedelta(hours=24)
"""The most that a server's `Retry-After` is believed, and the pause of what waits for an edit."""


def next_regular(schedule: Schedule, after: datetime, zone: tzinfo) -> datetime:
    """Return the first moment of `schedule` later than `after`, in UTC."""
    if schedule.cron is not None:
        return next(CronSim(schedule.cron, after.astimezone(zone))).astimezone(UTC)
    return after + (schedule.every or LONGEST_WAIT)


def next_retry(key: str, failures: int, now: datetime, retry_after: float | None) -> datetime:
    """Return when to try again after the `failures`-th failure in a row (1-based).

    `retry_after` (seconds, from the server) is obeyed where it asks for more than the ladder,
    up to `LONGEST_WAIT`.
    """
    wait = backoff(key, failures)
    if retry_after is not None:
        wait = max(wait, min(timedelta(seconds=retry_after), LONGEST_WAIT))
    return now + wait


def backoff(key: str, failures: int) -> timedelta:
    """Return the ladder's step for the `failures`-th failure, with the jitter of that resource."""
    step = LADDER[min(failures, len(LADDER)) - 1]
    return step * (1 + JITTER * _lean(f"{key} {failures}"))


def local_zone() -> tzinfo:
    """Return the machine's zone: `TZ`, else what `/etc/localtime` is, else UTC."""
    name = os.environ.get("TZ", "").removeprefix(":") or _name_of(Path("/etc/localtime"))
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return datetime.now().astimezone().tzinfo or UTC


def _name_of(localtime: Path) -> str:
    """`/usr/share/zoneinfo/Europe/London` → `Europe/London`."""
    return str(localtime.resolve()).rpartition("zoneinfo/")[2]


def _lean(text: str) -> float:
    """Return a number from -1 to 1 that is always the same for the same text."""
    number = int.from_bytes(blake2b(text.encode(), digest_size=4).digest(), "big")
    return number / (2**32 - 1) * 2 - 1
