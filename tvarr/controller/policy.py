"""What follows a failure: one table from reason to policy, and when it is tried again. Pure.

Called by `verdict` at the end of a reconcile that failed. `docs/troubleshooting.md` repeats the
table, and a test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from tvarr.controller.schedule import LONGEST_WAIT, next_retry
from tvarr.errors import Reason, Stalled, Transient, TvarrError
from tvarr.state.conditions import ConditionType

if TYPE_CHECKING:
    from tvarr.state.conditions import Status

SHORTEST_LADDER: Final = timedelta(hours=1)
"""How far retries move apart even where refreshes are closer: nobody is helped by hammering."""


@dataclass(frozen=True)
class Policy:
    """How often something is tried again that failed."""

    words: str
    """As the documentation has it."""
    pause: timedelta | None = None
    """How long to wait, the same after each failure; None: the ladder."""
    tries: int | None = None
    """How many failures in a row for this reason it takes to wait for an edit: 1 or 2."""
    least: timedelta = timedelta()
    """Shortest step of the ladder, where the server does not name a time itself."""
    regular: bool = False
    """Whether it is tried at its ordinary time: the provider answers, and that is no trouble."""


ON_LADDER: Final = Policy("on the ladder")
WHEN_TOLD: Final = Policy(
    "when the server says; on the ladder from 5 minutes on, if it does not",
    least=timedelta(minutes=5),
)
FREE_SLOT: Final = Policy("every 30 minutes", timedelta(minutes=30))
NETWORK: Final = Policy("every 30 seconds", timedelta(seconds=30))
EACH_DAY: Final = Policy("every 24 hours", timedelta(hours=24))
HEAVY: Final = Policy("every 6 hours", timedelta(hours=6))
AT_ITS_TIME: Final = Policy("at its ordinary time", regular=True)
TWO_TRIES: Final = Policy(
    "once, 5 minutes later; then it waits for your edit", timedelta(minutes=5), tries=2
)
AN_EDIT: Final = Policy("it waits for your edit", timedelta(hours=24), tries=1)

POLICIES: Final = {
    Reason.CONNECT_FAILED: ON_LADDER,
    Reason.CONNECT_TIMEOUT: ON_LADDER,
    Reason.NETWORK_DOWN: NETWORK,
    Reason.DNS_FAILED: ON_LADDER,
    Reason.TLS_FAILED: ON_LADDER,
    Reason.TIMEOUT: ON_LADDER,
    Reason.SERVER_ERROR: ON_LADDER,
    Reason.RATE_LIMITED: WHEN_TOLD,
    Reason.SLOTS_FULL: FREE_SLOT,
    Reason.AUTH_FAILED: TWO_TRIES,
    Reason.ACCOUNT_EXPIRED: TWO_TRIES,
    Reason.PERMISSION_DENIED: EACH_DAY,
    Reason.GEO_BLOCKED: EACH_DAY,
    Reason.GONE: ON_LADDER,
    Reason.BAD_ANSWER: ON_LADDER,
    Reason.TOO_MANY_REDIRECTS: ON_LADDER,
    Reason.UNSAFE_REDIRECT: ON_LADDER,
    Reason.UNSUPPORTED_URL: AN_EDIT,
    Reason.UNSUPPORTED: EACH_DAY,
    Reason.FILE_MISSING: ON_LADDER,
    Reason.TRUNCATED: ON_LADDER,
    Reason.TOO_LARGE: HEAVY,
    Reason.DISK_FULL: ON_LADDER,
    Reason.EMPTY_ANSWER: ON_LADDER,
    Reason.HTML_ANSWER: ON_LADDER,
    Reason.JSON_ANSWER: ON_LADDER,
    Reason.NOT_A_PLAYLIST: ON_LADDER,
    Reason.HLS_PLAYLIST: ON_LADDER,
    Reason.NOT_XMLTV: ON_LADDER,
    Reason.PARSE_ERROR: ON_LADDER,
    Reason.PLUGIN_FAILED: AN_EDIT,
    Reason.SHRUNK: AT_ITS_TIME,
    Reason.DEPENDENCY_NOT_READY: ON_LADDER,
    Reason.BUILD_FAILED: ON_LADDER,
    Reason.CONFIG_INVALID: AN_EDIT,
    Reason.SNAPSHOT_LOST: ON_LADDER,
    Reason.INTERNAL_ERROR: ON_LADDER,
}
"""Of every reason that a failure may have."""


@dataclass(frozen=True)
class Next:
    """What is done about a failure."""

    due: datetime | None
    """When it is tried again; None: not before an edit, a secret or a person asks for it."""
    stalled: bool


def after_failure(
    before: Status, spec_hash: str, error: TvarrError, regular: datetime | None, now: datetime
) -> Next:
    """Return what follows `error`; `regular` is when the resource would be due without it.

    `spec_hash` is that of the declaration that failed: an edited one has all its tries again.
    """
    policy = POLICIES.get(error.reason, ON_LADDER)
    if isinstance(error, Stalled) or policy.tries == 1:
        # the world may have changed: it is looked at once a day all the same
        return Next(now + LONGEST_WAIT, stalled=True)
    if policy.tries is not None and before.spec_hash == spec_hash and _is_the_same(before, error):
        return Next(None, stalled=True)
    return Next(_due(before, error, policy, regular, now), stalled=False)


def _is_the_same(before: Status, error: TvarrError) -> bool:
    """Whether the attempt before failed for this very reason."""
    ready = before.condition(ConditionType.READY)
    return before.failures > 0 and ready is not None and ready.reason is error.reason


def _due(
    before: Status,
    error: TvarrError,
    policy: Policy,
    regular: datetime | None,
    now: datetime,
) -> datetime:
    """Return when to try again; on the ladder hardly later than an ordinary refresh."""
    asked = error.retry_after if isinstance(error, Transient) else None
    if policy.regular:
        return regular or now + LONGEST_WAIT
    if policy.pause is not None:
        pause = timedelta(seconds=asked or 0)
        return now + max(policy.pause, min(pause, LONGEST_WAIT))
    retry = next_retry(before.key, before.failures + 1, now, asked)
    if asked is None:
        retry = max(retry, now + policy.least)
    if regular is None or asked is not None:
        return retry
    return min(retry, max(regular, now + SHORTEST_LADDER))
