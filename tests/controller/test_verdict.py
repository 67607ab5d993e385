"""How a reconcile ended, as conditions."""

from __future__ import annotations

import errno
import os
from datetime import timedelta
from typing import Any

import pytest

from tests.controller.fake_clock import START as NOW
from tvarr.controller import verdict
from tvarr.controller.verdict import Outcome
from tvarr.errors import Reason, Stalled, Transient
from tvarr.state.conditions import Condition, ConditionType, Kind, Status

HOUR = timedelta(hours=1)
READY, RECONCILING, STALLED, *_ = ConditionType

TIMEOUT = Transient(Reason.TIMEOUT, "no answer")


def a_status(**changes: Any) -> Status:
    return Status(kind=Kind.SOURCE, name="uk").model_copy(update=changes)


def well(**changes: Any) -> Status:
    return verdict.succeeded(
        a_status(), Outcome(a_status(snapshot="abc", **changes), "2 channels", NOW + HOUR), NOW
    )


def failing(times: int = 1, error: Transient | Stalled = TIMEOUT) -> Status:
    status = well()
    for _ in range(times):
        status = verdict.failed(status, "spec", error, NOW + 6 * HOUR, NOW + HOUR)
    return status


def condition(status: Status, kind: ConditionType) -> Condition:
    found = status.condition(kind)
    assert found is not None
    return found


class TestSuccess:
    def test_it_is_ready_and_nothing_else(self) -> None:
        status = well()
        assert [(c.type, c.status) for c in status.conditions] == [
            (READY, True),
            (RECONCILING, False),
            (STALLED, False),
        ]
        assert condition(status, READY).message == "2 channels"
        assert (status.last_attempt, status.last_success) == (NOW, NOW)
        assert status.next_due == NOW + HOUR

    def test_it_ends_a_row_of_failures(self) -> None:
        before = failing(3)
        after = verdict.succeeded(before, Outcome(before, "2 channels", None), NOW + 2 * HOUR)
        assert after.failures == 0
        assert after.ready
        assert condition(after, READY).since == NOW + 2 * HOUR

    def test_ready_since_does_not_move_while_it_stays_ready(self) -> None:
        later = verdict.succeeded(well(), Outcome(well(), "3 channels", None), NOW + HOUR)
        assert condition(later, READY).since == NOW
        assert condition(later, READY).message == "3 channels"

    def test_having_to_wait_is_neither_success_nor_failure(self) -> None:
        outcome = Outcome(well(), "waits for source/de", None, Reason.WAITING)
        status = verdict.succeeded(well(), outcome, NOW + HOUR)
        assert not status.ready
        assert status.failures == 0
        assert status.last_success == NOW


class TestFailure:
    def test_the_snapshot_stays_and_the_message_says_which_is_served(self) -> None:
        status = failing()
        assert status.snapshot == "abc"
        assert not status.ready
        assert condition(status, READY).reason is Reason.TIMEOUT
        assert condition(status, READY).message == (
            "no answer; serving the snapshot of 2026-08-22 18:30 UTC"
        )

    def test_a_proxy_says_that_its_files_are_served(self) -> None:
        proxy = Status(kind=Kind.PROXY, name="p", revision="r", last_success=NOW)
        status = verdict.failed(proxy, "spec", TIMEOUT, None, NOW)
        assert condition(status, READY).message.endswith(
            "; serving the files of 2026-08-22 18:30 UTC"
        )

    def test_without_anything_to_serve_the_message_is_the_error_s(self) -> None:
        status = verdict.failed(a_status(), "spec", TIMEOUT, None, NOW)
        assert condition(status, READY).message == "no answer"

    def test_the_message_does_not_grow_from_failure_to_failure(self) -> None:
        assert condition(failing(1), READY).message == condition(failing(9), READY).message

    def test_failures_in_a_row_are_counted_and_climb_the_ladder(self) -> None:
        waits = [failing(times).next_due for times in (1, 2, 3, 4, 5)]
        assert waits[0] == NOW + HOUR
        assert waits == sorted(waits, key=lambda due: due or NOW)
        assert failing(5).failures == 5

    def test_a_retry_is_never_later_than_the_ordinary_refresh(self) -> None:
        assert failing(20).next_due == NOW + 6 * HOUR

    def test_a_refresh_more_frequent_than_the_ladder_does_not_undo_it(self) -> None:
        soon = NOW + timedelta(seconds=10)
        status = verdict.failed(failing(8), "spec", TIMEOUT, soon, NOW)
        assert status.next_due == NOW + HOUR

    def test_a_server_s_pause_is_obeyed_beyond_the_ordinary_refresh(self) -> None:
        error = Transient(Reason.RATE_LIMITED, "too often", retry_after=12 * 3600)
        assert failing(1, error).next_due == NOW + 13 * HOUR

    def test_the_failed_declaration_counts_as_tried(self) -> None:
        assert failing().spec_hash == "spec"

    def test_what_waits_for_an_edit_is_stalled_and_looked_at_once_a_day(self) -> None:
        status = failing(1, Stalled(Reason.UNSUPPORTED_URL, "no such address"))
        assert condition(status, STALLED).status
        assert condition(status, STALLED).message.startswith("no such address")
        assert status.next_due == NOW + 25 * HOUR

    def test_a_passing_trouble_after_a_stall_is_not_stalled(self) -> None:
        stalled = failing(1, Stalled(Reason.UNSUPPORTED_URL, "no such address"))
        assert not condition(verdict.failed(stalled, "s", TIMEOUT, None, NOW), STALLED).status


class TestInProgress:
    def test_ready_stays_what_it_was(self) -> None:
        status = verdict.in_progress(well(), "its time has come", NOW + HOUR)
        assert status.ready
        assert condition(status, RECONCILING).status
        assert condition(status, RECONCILING).reason is Reason.PROGRESSING
        assert condition(status, RECONCILING).since == NOW + HOUR

    def test_a_stall_stays_until_it_is_proved_otherwise(self) -> None:
        stalled = failing(1, Stalled(Reason.UNSUPPORTED_URL, "no such address"))
        assert condition(verdict.in_progress(stalled, "retry", NOW), STALLED).status

    def test_what_had_no_turn_yet_is_waiting(self) -> None:
        status = verdict.in_progress(a_status(), "it is new", NOW)
        assert condition(status, READY).reason is Reason.WAITING
        assert not status.ready

    def test_a_first_turn_is_waited_for(self) -> None:
        status = verdict.waiting(a_status(), "waits for its first turn", NOW)
        assert verdict.message(status) == "waits for its first turn"
        assert condition(status, READY).reason is Reason.WAITING


class TestErrorsOfTheSystem:
    @pytest.mark.parametrize(
        "error",
        [
            OSError(errno.ENOSPC, "no room"),
            OSError(errno.EDQUOT, "quota"),
            RuntimeError(f"sink failed: {os.strerror(errno.ENOSPC)} (os error 28)"),
        ],
    )
    def test_a_full_disk_is_recognised_also_in_another_library_s_words(
        self, error: Exception
    ) -> None:
        assert verdict.is_disk_full(error)
        assert verdict.disk_full().reason is Reason.DISK_FULL

    def test_other_errors_are_not_a_full_disk(self) -> None:
        assert not verdict.is_disk_full(OSError(errno.EIO, "bad sector"))
        assert not verdict.is_disk_full(ValueError("no"))

    def test_an_unforeseen_error_shows_its_kind_and_never_its_text(self) -> None:
        trouble = verdict.unexpected(ValueError("http://user:secret@host/"))
        assert trouble.reason is Reason.INTERNAL_ERROR
        assert "ValueError" in trouble.sentence
        assert "secret" not in trouble.sentence


def test_counts_are_told_in_words() -> None:
    assert verdict.counted(1, "channel") == "1 channel"
    assert verdict.counted(0, "row") == "0 rows"
    assert verdict.counted(24294, "channel") == "24,294 channels"


def test_a_status_without_conditions_has_no_message() -> None:
    assert verdict.message(a_status()) == ""
