"""Intervals, cron lines in the local zone, and the ladder of retries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from tvarr.controller.schedule import (
    CRON_SPREAD,
    JITTER,
    LADDER,
    LONGEST_SPREAD,
    LONGEST_WAIT,
    SPREAD,
    backoff,
    local_zone,
    next_regular,
    next_retry,
    spread,
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

    def test_a_cron_line_in_the_hour_that_winter_time_repeats_comes_once(self) -> None:
        schedule = Schedule(cron="30 1 * * *")
        first = next_regular(schedule, moment("2026-10-24T12:00:00+01:00"), LONDON)
        assert first == moment("2026-10-25T01:30:00+01:00")
        assert next_regular(schedule, first, LONDON) == moment("2026-10-26T01:30:00+00:00")

    @pytest.mark.parametrize("after", ["2026-10-25T01:10:00+00:00", "2026-10-25T01:40:00+01:00"])
    def test_it_is_never_due_in_the_past_in_that_hour(self, after: str) -> None:
        following = next_regular(Schedule(cron="30 1 * * *"), moment(after), LONDON)
        assert following == moment("2026-10-26T01:30:00+00:00")

    def test_a_line_for_every_half_hour_comes_in_both_of_the_repeated_hours(self) -> None:
        at, found = moment("2026-10-25T00:45:00+01:00"), []
        for _ in range(5):
            at = next_regular(Schedule(cron="*/30 * * * *"), at, LONDON)
            found.append(at)
        steps = {later - earlier for earlier, later in pairwise(found)}
        assert steps == {timedelta(minutes=30)}

    @pytest.mark.parametrize("zone", ["Europe/London", "America/St_Johns", "Australia/Lord_Howe"])
    @pytest.mark.parametrize("line", ["30 1 * * *", "0 2 * * *", "*/20 * * * *", "45 1 * * 0"])
    def test_through_a_year_each_moment_is_later_than_the_one_before(
        self, zone: str, line: str
    ) -> None:
        schedule, place = Schedule(cron=line), ZoneInfo(zone)
        at = moment("2026-01-01T00:00:00+00:00")
        while at < moment("2027-01-01T00:00:00+00:00"):
            for step in (timedelta(), timedelta(minutes=13)):
                assert next_regular(schedule, at + step, place) > at + step
            at += timedelta(minutes=30) if _changes_clocks(at, place) else timedelta(days=1)

    def test_the_moment_is_in_utc(self) -> None:
        assert next_regular(Schedule(cron="0 0 * * *"), NOW, LONDON).tzinfo is UTC


def _changes_clocks(at: datetime, place: ZoneInfo) -> bool:
    offsets = {
        (at + days).astimezone(place).utcoffset()
        for days in (timedelta(days=-1), timedelta(days=1))
    }
    return len(offsets) > 1


class TestSpread:
    SIX_HOURS = timedelta(hours=6)

    def test_an_interval_becomes_a_little_longer_and_never_shorter(self) -> None:
        for number in range(200):
            assert timedelta() <= spread(f"source/{number}", self.SIX_HOURS) <= LONGEST_SPREAD

    def test_a_short_interval_by_a_tenth_at_most(self) -> None:
        short = timedelta(seconds=30)
        waits = {spread(f"source/{number}", short) for number in range(200)}
        assert len(waits) > 1
        assert max(waits) <= short * SPREAD

    def test_that_of_a_resource_is_always_the_same(self) -> None:
        every = Schedule(every=self.SIX_HOURS)
        first = next_regular(every, NOW, UTC, "source/a")
        assert first == NOW + self.SIX_HOURS + spread("source/a", self.SIX_HOURS)
        assert next_regular(every, first, UTC, "source/a") - first == first - NOW

    def test_sources_of_one_interval_that_began_together_come_apart(self) -> None:
        due = [
            next_regular(Schedule(every=self.SIX_HOURS), NOW, UTC, f"source/{number}")
            for number in range(100)
        ]
        assert len(set(due)) > 80
        busiest = max(sum(abs(one - other) < timedelta(seconds=10) for one in due) for other in due)
        assert busiest < 20

    def test_a_cron_line_keeps_its_minute_and_is_never_early(self) -> None:
        sharp = moment("2026-08-23T04:15:00+01:00")
        due = {
            next_regular(Schedule(cron="15 4 * * *"), NOW, LONDON, f"source/{number}")
            for number in range(100)
        }
        assert len(due) > 20
        assert all(timedelta() <= one - sharp <= CRON_SPREAD for one in due)

    def test_a_cron_line_s_next_moment_is_the_next_day_s(self) -> None:
        schedule = Schedule(cron="15 4 * * *")
        first = next_regular(schedule, NOW, LONDON, "source/a")
        assert next_regular(schedule, first, LONDON, "source/a") == first + timedelta(days=1)


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
