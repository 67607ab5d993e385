"""One policy for every reason, told in the documentation as it is."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.controller.fake_clock import START as NOW
from tvarr.controller import verdict
from tvarr.controller.policy import POLICIES, after_failure
from tvarr.controller.schedule import LADDER, LONGEST_WAIT, backoff
from tvarr.errors import HeldBackError, Reason, Stalled, Transient, TvarrError
from tvarr.state.conditions import Kind, Status

PAGE = Path(__file__).parents[2] / "docs" / "troubleshooting.md"
HOUR = timedelta(hours=1)
REGULAR = timedelta(hours=12)

WELL = {
    Reason.SUCCEEDED,
    Reason.PROGRESSING,
    Reason.WAITING,
    Reason.NO_GUIDE,
    Reason.DISABLED,
    Reason.ACCOUNT_EXPIRING,
}


def waits(error: TvarrError, times: int = 1) -> list[timedelta | None]:
    """Return how long is waited after each of so many failures in a row; None: for an edit."""
    status, found = Status(kind=Kind.SOURCE, name="uk", spec_hash="spec"), []
    for _ in range(times):
        status = verdict.failed(status, "spec", error, NOW + REGULAR, NOW)
        found.append(None if status.next_due is None else status.next_due - NOW)
    return found


def next_due(status: Status, error: TvarrError, regular: datetime | None = None) -> datetime | None:
    return after_failure(status, "spec", error, regular, NOW).due


def test_every_reason_of_a_failure_has_a_policy() -> None:
    assert set(POLICIES) == set(Reason) - WELL


def test_the_documentation_has_the_same_table() -> None:
    rows = re.findall(r"^\| \[(\w+)\]\(#(\w+)\) \| (.+) \|$", PAGE.read_text(), re.MULTILINE)
    assert [(reason, words) for reason, _, words in rows] == [
        (str(reason), policy.words) for reason, policy in POLICIES.items()
    ]
    assert all(link == reason.lower() for reason, link, _ in rows)


def test_the_documentation_tells_the_steps_of_the_ladder() -> None:
    minutes = [int(step.total_seconds() // 60) for step in LADDER]
    assert minutes == [0, 1, 5, 15, 30, 60, 3 * 60, 6 * 60, 12 * 60, 24 * 60]
    assert "0, 1, 5, 15 and 30 minutes, then 1, 3, 6, 12 and 24 hours" in PAGE.read_text()


@pytest.mark.parametrize("reason", [r for r, p in POLICIES.items() if p.words == "on the ladder"])
def test_the_ladder_makes_the_waits_longer(reason: Reason) -> None:
    found = waits(Transient(reason, "no"), 6)
    assert found == [backoff("source/uk", failures) for failures in range(1, 7)]


def test_the_ladder_ends_at_an_ordinary_refresh() -> None:
    assert waits(Transient(Reason.TIMEOUT, "no"), 20)[-1] == REGULAR


@pytest.mark.parametrize(
    ("reason", "pause"),
    [
        (Reason.NETWORK_DOWN, timedelta(seconds=30)),
        (Reason.SLOTS_FULL, timedelta(minutes=30)),
        (Reason.TOO_LARGE, timedelta(hours=6)),
        (Reason.PERMISSION_DENIED, timedelta(hours=24)),
        (Reason.GEO_BLOCKED, timedelta(hours=24)),
        (Reason.UNSUPPORTED, timedelta(hours=24)),
    ],
)
def test_a_pause_is_the_same_each_time(reason: Reason, pause: timedelta) -> None:
    assert waits(Transient(reason, "no"), 20) == [pause] * 20


def test_a_pause_is_made_longer_by_a_server_that_asks_for_it() -> None:
    assert waits(Transient(Reason.SLOTS_FULL, "no", retry_after=7200)) == [2 * HOUR]
    assert waits(Transient(Reason.SLOTS_FULL, "no", retry_after=10)) == [HOUR / 2]
    assert waits(Transient(Reason.SLOTS_FULL, "no", retry_after=1e9)) == [LONGEST_WAIT]


class TestRateLimits:
    def test_the_server_names_the_time(self) -> None:
        error = Transient(Reason.RATE_LIMITED, "too often", retry_after=90)
        assert waits(error) == [timedelta(seconds=90)]

    def test_a_server_that_names_none_is_not_asked_again_at_once(self) -> None:
        error = Transient(Reason.RATE_LIMITED, "too often")
        least = timedelta(minutes=5)
        expected = [max(least, backoff("source/uk", failures)) for failures in range(1, 6)]
        assert waits(error, 5) == expected


class TestAccounts:
    @pytest.mark.parametrize("reason", [Reason.AUTH_FAILED, Reason.ACCOUNT_EXPIRED])
    def test_two_tries_and_then_nothing_until_an_edit(self, reason: Reason) -> None:
        error = Transient(reason, "no")
        assert waits(error, 4) == [timedelta(minutes=5), None, None, None]

    def test_only_the_second_one_is_stalled(self) -> None:
        error = Transient(Reason.AUTH_FAILED, "no")
        fresh = Status(kind=Kind.SOURCE, name="uk")
        once = verdict.failed(fresh, "spec", error, None, NOW)
        assert not after_failure(fresh, "spec", error, None, NOW).stalled
        assert after_failure(once, "spec", error, None, NOW).stalled

    def test_an_edited_declaration_has_both_tries_again(self) -> None:
        error = Transient(Reason.AUTH_FAILED, "no")
        once = verdict.failed(Status(kind=Kind.SOURCE, name="uk"), "spec", error, None, NOW)
        assert not after_failure(once, "edited", error, None, NOW).stalled

    def test_another_trouble_in_between_begins_the_row_anew(self) -> None:
        error = Transient(Reason.AUTH_FAILED, "no")
        status = Status(kind=Kind.SOURCE, name="uk", spec_hash="spec")
        for trouble in (error, Transient(Reason.TIMEOUT, "no")):
            status = verdict.failed(status, "spec", trouble, None, NOW)
        assert next_due(status, error) == NOW + timedelta(minutes=5)


def test_what_is_held_back_is_looked_at_at_its_ordinary_time() -> None:
    assert waits(HeldBackError("less", {"channels": 1}), 3) == [REGULAR] * 3
    assert next_due(Status(kind=Kind.EPG, name="g"), HeldBackError("", {})) == NOW + LONGEST_WAIT


@pytest.mark.parametrize(
    "error",
    [Stalled(Reason.UNSUPPORTED_URL, "no"), Transient(Reason.CONFIG_INVALID, "no")],
)
def test_what_waits_for_an_edit_is_looked_at_once_a_day(error: TvarrError) -> None:
    assert waits(error, 3) == [LONGEST_WAIT] * 3
    assert after_failure(Status(kind=Kind.EPG, name="g"), "", error, None, NOW).stalled
