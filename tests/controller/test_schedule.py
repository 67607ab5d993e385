"""Intervals, cron lines in the local zone, and the ladder of retries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tvarr.controller.schedule import (
    JITTER,
    LADDER,
    LONGEST_WAIT,
    backoff,
    local_zone,
    next_regular,
    next_retry,
)
from tvarr.spec.values import Schedule

NOW = datetime(2026, 8, 22, 18, 30, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


class TestRegularTimes:
    def test_an_interval_counts_from_the_last_time(self) -> None:
        assert next_regular(Schedule(every=timedelta(hours=6)), NOW, UTC) == NOW + timedelta(
            hours=6
        )

    @pytest.mark.parametrize(
        ("after", "following"),
        [
            ("2026-07-01T00:00:00+00:00", "2026-07-01T04:15:00+01:00"),
            ("2026-07-01T04:15:00+01:00", "2026-07-02T04:15:00+01:00"),
            ("2026-01-01T12:00:00+00:00", "2026-01-02T04:15:00+00:00"),
            ("2026-10-24T12:00:00+01:00", "2026-10-25T04:15:00+00:00"),
        ],
    )
    def test_a_cron_line_keeps_the_hour_of_the_local_clock(
        self, after: str, following: str
    ) -> None:
        schedule = Schedule(cron="15 4 * * *")
        assert next_regular(schedule, moment(after), LONDON) == moment(following)

    def test_a_cron_line_in_the_hour_that_summer_time_skips_still_comes(self) -> None:
        following = next_regular(
            Schedule(cron="30 1 * * *"), moment("2026-03-28T12:00:00+00:00"), LONDON
        )
        assert following == moment("2026-03-29T01:00:00+00:00")

    def test_the_moment_is_in_utc(self) -> None:
        assert next_regular(Schedule(cron="0 0 * * *"), NOW, LONDON).tzinfo is UTC


class TestRetries:
    def test_the_first_retry_follows_at_once(self) -> None:
        assert next_retry("source/a", 1, NOW, None) == NOW

    @pytest.mark.parametrize("failures", range(2, 15))
    def test_each_step_of_the_ladder_is_met_within_the_jitter(self, failures: int) -> None:
        step = LADDER[min(failures, len(LADDER)) - 1]
        for name in ("a", "b", "c"):
            wait = backoff(f"source/{name}", failures)
            assert step * (1 - JITTER) <= wait <= step * (1 + JITTER)

    def test_the_jitter_of_a_resource_is_always_the_same(self) -> None:
        assert backoff("source/a", 5) == backoff("source/a", 5)

    def test_resources_that_failed_together_come_back_apart(self) -> None:
        assert len({backoff(f"source/{number}", 5) for number in range(100)}) == 100

    def test_a_server_that_asks_for_more_time_gets_it(self) -> None:
        assert next_retry("source/a", 2, NOW, 3600) == NOW + timedelta(hours=1)

    def test_a_server_that_asks_for_less_than_the_ladder_does_not_shorten_it(self) -> None:
        assert next_retry("source/a", 6, NOW, 1) == NOW + backoff("source/a", 6)

    def test_a_server_that_asks_for_a_year_gets_a_day(self) -> None:
        assert next_retry("source/a", 1, NOW, 365 * 86400) == NOW + LONGEST_WAIT


class TestLocalZone:
    @pytest.fixture(autouse=True)
    def _zone_of_the_machine(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("TZ", raising=False)

    @pytest.mark.parametrize("name", ["Europe/London", ":Europe/London"])
    def test_tz_names_the_zone(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TZ", name)
        assert local_zone() == LONDON

    @pytest.mark.parametrize("name", ["Middle/Earth", "../etc/passwd", "\0"])
    def test_a_zone_that_nobody_knows_does_no_harm(
        self, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tvarr.controller.schedule.os.environ", {"TZ": name})
        assert datetime.now(local_zone()).utcoffset() is not None

    def test_without_tz_there_is_a_zone_too(self) -> None:
        assert datetime.now(local_zone()).utcoffset() is not None
