"""An account that is about to end, or has ended, as a condition of its source. Pure.

Called by `verdict` at the end of a reconcile; the facts are what the provider said last.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from tvarr.errors import Reason, TvarrError
from tvarr.state.conditions import Account, Condition, ConditionType

if TYPE_CHECKING:
    from datetime import datetime

    from tvarr.state.conditions import Status

WARNING: Final = timedelta(days=7)
"""How long before its end an account is spoken of."""

Finding = tuple[bool, Reason, str]


def account_condition(
    before: Status, account: Account | None, now: datetime, error: TvarrError | None = None
) -> tuple[Condition, ...]:
    """Return the condition `AccountExpiring`; none for what has no account.

    `error` is what the reconcile failed with: a provider may say that the account has ended, and
    nothing more.
    """
    found = _finding(account, now, error)
    if found is None:
        return ()
    holds, reason, message = found
    earlier = before.condition(ConditionType.ACCOUNT_EXPIRING)
    since = earlier.since if earlier is not None and earlier.status is holds else now
    kind = ConditionType.ACCOUNT_EXPIRING
    return (Condition(type=kind, status=holds, reason=reason, message=message, since=since),)


def _finding(account: Account | None, now: datetime, error: TvarrError | None) -> Finding | None:
    if error is not None and error.reason is Reason.ACCOUNT_EXPIRED:
        return True, Reason.ACCOUNT_EXPIRED, error.sentence
    if account is None or account == Account(connections=account.connections):
        return None  # a tuner has as many connections as tuners, and no account that could end
    if account.expires is None:
        return False, Reason.SUCCEEDED, "the account has no end that the provider tells of"
    day = f"{account.expires:%Y-%m-%d}"
    if account.expires <= now:
        return True, Reason.ACCOUNT_EXPIRED, f"the account ended on {day}"
    if account.expires <= now + WARNING:
        return True, Reason.ACCOUNT_EXPIRING, f"the account ends on {day}"
    return False, Reason.SUCCEEDED, f"the account ends on {day}"
