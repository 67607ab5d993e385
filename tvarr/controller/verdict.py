"""How a reconcile ended, as conditions on its status. Pure.

`sources` and `proxies` return an `Outcome` or raise; `loop` turns either into the one status that
is written at the end. Ready means that the last attempt succeeded, as in Flux: while a refresh
fails, Ready is false and its message says what is still being served.
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tvarr.controller.accounts import account_condition
from tvarr.controller.policy import after_failure
from tvarr.errors import HeldBackError, Reason, Transient, TvarrError
from tvarr.state.conditions import Condition, ConditionType, Kind, Status

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

NOT_ASKED = "the provider is not asked again until this declaration or its secret changes"


@dataclass(frozen=True)
class Outcome:
    """What a list of steps came to, when nothing went wrong."""

    status: Status
    """With new facts; conditions, times and failures are filled in here."""
    message: str
    """A sentence without a full stop, for the Ready condition."""
    next_due: datetime | None
    """None: nothing but an edit or a dependency makes it due again."""
    reason: Reason = Reason.SUCCEEDED
    """Other than `Succeeded`: it has to wait, which is no failure."""
    changed: bool = True
    """Whether anything was done that somebody may want to hear of."""


def succeeded(before: Status, outcome: Outcome, now: datetime) -> Status:
    """Return the status after steps that came to their end."""
    done = outcome.reason is Reason.SUCCEEDED
    account = account_condition(before, outcome.status.account, now)
    return outcome.status.model_copy(
        update={
            "conditions": (
                *_conditions(before, now, ready=(done, outcome.reason, outcome.message)),
                *account,
            ),
            "last_attempt": now,
            "last_success": now if done else before.last_success,
            "next_due": outcome.next_due,
            "held": None,
            "failures": 0,
        }
    )


def failed(
    before: Status, spec_hash: str, error: TvarrError, regular: datetime | None, now: datetime
) -> Status:
    """Return the status after `error`; `regular` is when it would be due without trouble."""
    following = after_failure(before, spec_hash, error, regular, now)
    sentence = error.sentence if following.due else _left_alone(error.sentence, before)
    ready = (False, error.reason, _with_last_good(sentence, before))
    return before.model_copy(
        update={
            "spec_hash": spec_hash,
            "conditions": (
                *_conditions(before, now, ready=ready, stalled=following.stalled),
                *account_condition(before, before.account, now, error),
            ),
            "held": error.counts if isinstance(error, HeldBackError) else before.held,
            "last_attempt": now,
            "next_due": following.due,
            "failures": before.failures + 1,
        }
    )


def in_progress(before: Status, words: str, now: datetime) -> Status:
    """Return the status while the steps run: Ready stays what it was."""
    ready = before.condition(ConditionType.READY)
    kept = (ready.status, ready.reason, ready.message) if ready else waiting_words(words)
    stalled = before.condition(ConditionType.STALLED)
    return before.model_copy(
        update={
            "conditions": (
                *_conditions(
                    before,
                    now,
                    ready=kept,
                    stalled=stalled is not None and stalled.status,
                    reconciling=words,
                ),
                *(c for c in before.conditions if c.type is ConditionType.ACCOUNT_EXPIRING),
            )
        }
    )


def waiting(status: Status, words: str, now: datetime) -> Status:
    """Return a status that says what it waits for before its first attempt."""
    conditions = _conditions(status, now, ready=waiting_words(words))
    return status.model_copy(update={"conditions": conditions})


def disabled(status: Status, now: datetime) -> Status:
    """Return the status of what is not fetched because the YAML says so; facts are kept."""
    words = "is disabled in the YAML"
    if status.snapshot is not None and status.last_success is not None:
        words += f"; what was read at {in_words(status.last_success)} is kept"
    conditions = (
        *_conditions(status, now, ready=(False, Reason.DISABLED, words)),
        *account_condition(status, status.account, now),
    )
    update = {"conditions": conditions, "next_due": None, "failures": 0, "held": None}
    return status.model_copy(update=update)


def waiting_words(words: str) -> tuple[bool, Reason, str]:
    """Return the Ready condition of what has not had its turn."""
    return False, Reason.WAITING, words


def is_disk_full(error: Exception) -> bool:
    """Whether there was no room to write; Polars wraps the system's error into one of its own."""
    full = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return getattr(error, "errno", None) in full or os.strerror(errno.ENOSPC) in str(error)


def disk_full() -> Transient:
    """Return the trouble that stands for a full disk."""
    return Transient(Reason.DISK_FULL, "the disk is full: make room in the data folder")


def unexpected(error: Exception) -> Transient:
    """Return the trouble that stands for an error nobody foresaw; the log has its traceback."""
    return Transient(
        Reason.INTERNAL_ERROR, f"unexpected {type(error).__name__}; the log has the details"
    )


def message(status: Status) -> str:
    """Return the sentence of the Ready condition."""
    ready = status.condition(ConditionType.READY)
    return ready.message if ready else ""


def counted(count: int, noun: str) -> str:
    """Return `1 channel`, `24,294 channels`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def in_words(moment: datetime) -> str:
    """Return `2026-08-22 18:03 UTC`."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _conditions(
    before: Status,
    now: datetime,
    *,
    ready: tuple[bool, Reason, str],
    stalled: bool = False,
    reconciling: str | None = None,
) -> tuple[Condition, ...]:
    """Return the three conditions; each one's `since` moves only when its status changes."""
    holds, reason, message = ready
    wanted: Iterable[tuple[ConditionType, bool, Reason, str]] = (
        (ConditionType.READY, holds, reason, message),
        (
            ConditionType.RECONCILING,
            reconciling is not None,
            Reason.PROGRESSING if reconciling is not None else reason,
            reconciling or "",
        ),
        (ConditionType.STALLED, stalled, reason, message if stalled else ""),
    )
    return tuple(
        Condition(type=kind, status=status, reason=why, message=text, since=since)
        for kind, status, why, text in wanted
        for since in [_since(before.condition(kind), status, now)]
    )


def asked_as(kind: str, name: str) -> str:
    """Return how a person asks for a source or guide; a bare name is the source's first."""
    return f"tvarr refresh {name if kind == Kind.SOURCE else f'{kind}/{name}'}"


def _left_alone(sentence: str, before: Status) -> str:
    return f"{sentence}; {NOT_ASKED}, or you say `{asked_as(before.kind, before.name)}`"


def _since(before: Condition | None, status: bool, now: datetime) -> datetime:
    return before.since if before is not None and before.status is status else now


def _with_last_good(sentence: str, before: Status) -> str:
    there = before.revision if before.kind is Kind.PROXY else before.snapshot
    if there is None or before.last_success is None:
        return sentence
    what = "files" if before.kind is Kind.PROXY else "snapshot"
    return f"{sentence}; serving the {what} of {in_words(before.last_success)}"
