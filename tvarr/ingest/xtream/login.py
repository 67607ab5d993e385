"""What a panel says of the account: whether it lets it in, until when, how many streams at once.

The facts are those of `player_api.php` without an action, as real panels send them: numbers as
text or not, null for what has no end, and a refusal as 200 with `auth: 0`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tvarr.errors import Reason, Transient
from tvarr.state.conditions import Account

NO_LOGIN: Final = ("invalid", "unauthori", "authentication", "access denied", "wrong")
"""Words of panels that refuse a login in plain text."""
_ENDED: Final = {"expired": "has expired", "banned": "is banned", "disabled": "is disabled"}
_STATUSES: Final = ("Active", "Expired", "Banned", "Disabled", "Trial")
_REFUSALS: Final = (Reason.AUTH_FAILED, Reason.PERMISSION_DENIED, Reason.BAD_ANSWER)
_LATEST: Final = 253402300799
"""The end of the year 9999."""
_LONGEST_INSTANT: Final = 12
"""Digits of it."""


@dataclass(frozen=True)
class Login:
    """A login that the panel took."""

    account: Account
    timezone: str
    """Of times that come without a zone."""


def read_login(answer: Any) -> Login:
    """Return the facts; raises `Transient`: `AuthFailed`, `AccountExpired`, `BadAnswer`."""
    if answer is None or answer == []:
        raise Transient(Reason.AUTH_FAILED, "the panel answers nothing to this user and password")
    if not isinstance(answer, dict):
        raise Transient(Reason.BAD_ANSWER, "the panel answers the login with something unknown")
    facts = _facts(answer)
    account = account_of(facts)
    if (status := (account.status or "").lower()) in _ENDED:
        raise Transient(
            Reason.ACCOUNT_EXPIRED,
            f"the provider says that the account {_ENDED[status]}{_since(account)}",
        )
    if not facts or is_refusal(answer):
        raise refused()
    return Login(account, _zone(answer.get("server_info")))


def is_refusal(answer: dict[str, Any]) -> bool:
    """Whether the panel says that it does not let the account in."""
    facts = _facts(answer)
    return "auth" in facts and _number(facts["auth"]) != 1 and facts["auth"] is not True


def refused() -> Transient:
    """Return the trouble that stands for a refused login."""
    return Transient(Reason.AUTH_FAILED, "the panel does not know this user and password")


def told_of_slots(error: Transient, account: Account) -> Transient:
    """Return a refusal of what comes after the login as `SlotsFull`, where the account says so.

    A panel that counts a request as a connection refuses it in many ways, and to ask on may close
    the account.
    """
    active, most = account.active, account.connections
    if error.reason not in _REFUSALS or active is None or most is None or active < most:
        return error
    sentence = f"{error.sentence}; {active} of {most} connections of the account are in use"
    return Transient(Reason.SLOTS_FULL, sentence, error.retry_after)


def account_of(facts: dict[str, Any]) -> Account:
    """Return the account's facts, without its user."""
    trial = _number(facts.get("is_trial"))
    return Account(
        status=_status(facts.get("status")),
        expires=_instant(facts.get("exp_date")),
        trial=None if trial is None else trial == 1,
        active=_number(facts.get("active_cons")),
        connections=_number(facts.get("max_connections")) or None,
    )


def _facts(answer: dict[str, Any]) -> dict[str, Any]:
    facts = answer.get("user_info")
    if isinstance(facts, dict):
        return facts
    return answer if "auth" in answer else {}


def _status(value: Any) -> str | None:
    """Return one of the words that panels are known for, and no text of their own making."""
    word = value.strip().capitalize() if isinstance(value, str) else ""
    return word if word in _STATUSES else None


def _number(value: Any) -> int | None:
    """Read a number of at most nine digits, or a text of one; anything else says nothing."""
    text = _text(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def _text(value: Any) -> str:
    """Return a text or a number as text; nothing of what may be nested without an end."""
    return str(value).strip() if isinstance(value, str | int | float) else ""


def _instant(value: Any) -> datetime | None:
    """Read Unix seconds, or a date; 0 and nonsense are no end."""
    text = _text(value)
    if text.isascii() and text.isdigit():
        seconds = int(text) if len(text) <= _LONGEST_INSTANT else 0
        return datetime.fromtimestamp(seconds, UTC) if 0 < seconds <= _LATEST else None
    try:
        date = datetime.fromisoformat(text)
        return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # of a day that is not in the years 1 to 9999 in UTC
        return None


def _since(account: Account) -> str:
    return f" ({account.expires:%Y-%m-%d})" if account.expires else ""


def _zone(server: Any) -> str:
    name = server.get("timezone") if isinstance(server, dict) else None
    try:
        return ZoneInfo(name).key if isinstance(name, str) else "UTC"
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"
