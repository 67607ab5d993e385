"""When something is looked at again: intervals, cron lines and the ladder of retries. Pure.

Called at the end of every reconcile. A cron line is read in the machine's own zone, so that
`15 4 * * *` stays a quarter past four through summer and winter: a time that the spring skips comes
when the clocks have gone forward, and one that the autumn repeats comes once.

Resources of the same interval are spread, each by a share of its own that is always the same, so
that they do not all start at once for ever because they did so once.
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

SPREAD = 0.1
"""Most by which an interval is made longer, as a share of it."""

LONGEST_SPREAD = timedelta(minutes=5)
"""Most by which an interval is made longer."""

CRON_SPREAD = timedelta(seconds=30)
"""Most by which a cron line's moment comes later: it keeps its minute."""

LONGEST_WAIT = timedelta(hours=24)
"""The most that a server's `Retry-After` is believed, and the pause of what waits for an edit."""


def next_regular(schedule: Schedule, after: datetime, zone: tzinfo, key: str = "") -> datetime:
    """Return the first moment of `schedule` later than `after`, in UTC.

    It comes a little later than declared, never earlier, by a time that belongs to the resource
    `key`; exactly then for no key.
    """
    if schedule.cron is not None:
        return _next_in(schedule.cron, after, zone) + timedelta(
            seconds=int(_share(key) * CRON_SPREAD.total_seconds())
        )
    every = schedule.every or LONGEST_WAIT
    return after + every + spread(key, every)


def _next_in(cron: str, after: datetime, zone: tzinfo) -> datetime:
    """Return the first moment of a cron line later than `after`.

    In the second of two hours that have the same name, cronsim begins with the first one, and a
    moment of the past would be due at once, again and again until the hour is over.
    """
    moments = (found.astimezone(UTC) for found in CronSim(cron, after.astimezone(zone)))
    return next(moment for moment in moments if moment > after)


def spread(key: str, every: timedelta) -> timedelta:
    """Return by how much the interval of that resource is made longer, in whole seconds."""
    most = min(every * SPREAD, LONGEST_SPREAD)
    return timedelta(seconds=int(_share(key) * most.total_seconds()))


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
    return _share(text) * 2 - 1


def _share(text: str) -> float:
    """Return a number from 0 to 1 that is always the same for the same text; 0 for none."""
    if not text:
        return 0.0
    number = int.from_bytes(blake2b(text.encode(), digest_size=4).digest(), "big")
    return number / (2**32 - 1)
