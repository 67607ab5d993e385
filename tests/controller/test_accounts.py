"""The condition of an account: from seven days before its end, and after it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tvarr.controller import verdict
from tvarr.controller.accounts import account_condition
from tvarr.controller.verdict import Outcome
from tvarr.errors import Reason, Transient
from tvarr.state.conditions import Account, Condition, ConditionType, Kind, Status

NOW = datetime(2026, 8, 22, 18, 30, tzinfo=UTC)
DAY = timedelta(days=1)
NOTHING = Status(kind=Kind.SOURCE, name="tv")


def ending(after: timedelta) -> Account:
    return Account(status="Active", expires=NOW + after, connections=2, active=1)


def condition_of(status: Status) -> Condition:
    found = status.condition(ConditionType.ACCOUNT_EXPIRING)
    assert found is not None
    return found


def succeeded(account: Account | None, before: Status = NOTHING, now: datetime = NOW) -> Status:
    status = before.model_copy(update={"account": account})
    return verdict.succeeded(before, Outcome(status, "24 channels", None), now)


@pytest.mark.parametrize(
    ("after", "holds", "reason"),
    [
        (30 * DAY, False, Reason.SUCCEEDED),
        (7 * DAY + timedelta(seconds=1), False, Reason.SUCCEEDED),
        (7 * DAY, True, Reason.ACCOUNT_EXPIRING),
        (timedelta(seconds=1), True, Reason.ACCOUNT_EXPIRING),
        (timedelta(), True, Reason.ACCOUNT_EXPIRED),
        (-30 * DAY, True, Reason.ACCOUNT_EXPIRED),
    ],
)
def test_an_account_is_spoken_of_from_seven_days_before_its_end(
    after: timedelta, holds: bool, reason: Reason
) -> None:
    condition = condition_of(succeeded(ending(after)))
    assert (condition.status, condition.reason) == (holds, reason)
    assert f"{NOW + after:%Y-%m-%d}" in condition.message


def test_an_account_without_an_end_is_fine() -> None:
    assert not condition_of(succeeded(Account(status="Active"))).status


def test_a_tuner_has_connections_and_no_account_that_could_end() -> None:
    assert succeeded(Account(connections=2)).condition(ConditionType.ACCOUNT_EXPIRING) is None


def test_a_source_without_an_account_has_no_such_condition() -> None:
    assert succeeded(None).condition(ConditionType.ACCOUNT_EXPIRING) is None


def test_the_source_is_ready_all_the_same() -> None:
    assert succeeded(ending(DAY)).ready


def test_a_provider_may_say_that_the_account_ended_and_nothing_more() -> None:
    error = Transient(Reason.ACCOUNT_EXPIRED, "the account has expired")
    status = verdict.failed(NOTHING, "1", error, None, NOW)
    assert condition_of(status).reason is Reason.ACCOUNT_EXPIRED
    assert status.warning == "the account has expired"


def test_it_is_known_for_how_long_and_while_a_refresh_runs() -> None:
    first = succeeded(ending(DAY))
    running = verdict.in_progress(first, "refreshes", NOW + DAY / 2)
    again = succeeded(ending(DAY), running, NOW + DAY / 2)
    assert condition_of(running) == condition_of(first)
    assert condition_of(again).since == NOW


def test_another_failure_leaves_what_is_known_of_the_account() -> None:
    error = Transient(Reason.TIMEOUT, "no answer")
    found = account_condition(NOTHING, ending(DAY), NOW, error)
    assert [condition.reason for condition in found] == [Reason.ACCOUNT_EXPIRING]


@pytest.mark.parametrize(
    ("account", "words"),
    [
        (Account(), ""),
        (Account(status="Active", connections=1), "Active, 1 connection"),
        (Account(active=0), "0 of its connections in use"),
        (ending(DAY), "Active, ends on 2026-08-23, 1 of 2 connections in use"),
        (Account(status="Active", trial=True, connections=3), "Active, trial, 3 connections"),
    ],
)
def test_the_facts_are_told_in_words(account: Account, words: str) -> None:
    assert str(account) == words
