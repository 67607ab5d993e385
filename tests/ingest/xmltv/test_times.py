from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvarr.ingest.xmltv.times import NAMED_ZONES, instant, instants

UTC_ZONE = ZoneInfo("UTC")
PARIS = ZoneInfo("Europe/Paris")


def read(text: str | None, zone: ZoneInfo = UTC_ZONE) -> datetime | None:
    """Read one time the way a whole column is read."""
    moments: list[datetime | None] = instants(pl.Series([text], dtype=pl.String), zone).to_list()
    return moments[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20260822190000 +0000", "2026-08-22T19:00:00"),
        ("20260822190000 +0130", "2026-08-22T17:30:00"),
        ("20260822190000 +01:30", "2026-08-22T17:30:00"),
        ("20260822190000 -0500", "2026-08-23T00:00:00"),
        ("20260822190000+0100", "2026-08-22T18:00:00"),
        ("20260822190000Z", "2026-08-22T19:00:00"),
        ("20010829000500 BST", "2001-08-28T23:05:00"),
        ("20010829000500 est", "2001-08-29T05:05:00"),
        ("20260822190000", "2026-08-22T19:00:00"),
        ("202608221900", "2026-08-22T19:00:00"),
        ("202608221900 +0100", "2026-08-22T18:00:00"),
        ("2026082219", "2026-08-22T19:00:00"),
        ("20260822", "2026-08-22T00:00:00"),
        ("200209", "2002-09-01T00:00:00"),
        ("2002", "2002-01-01T00:00:00"),
        ("  20260822190000   +0100 ", "2026-08-22T18:00:00"),
        ("20260822240000 +0000", "2026-08-23T00:00:00"),
    ],
)
def test_every_form_of_the_dtd_is_read(text: str, expected: str) -> None:
    moment = datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert read(text) == moment
    assert instant(text, UTC_ZONE) == moment


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "soon", "20261322190000 +0000", "20260230190000", "20260822250000",
        "20260822190000 XYZ", "20260822190000 +9900", "20260822190000 +0075", "2026082219000",
        "20260822190000 +00000", "\uff12026082219000", "20260822190060", "-0260822190000",
        "00000101000000 +0100", "18991231000000 +0000", "99991231000000 -0100", None,
    ],
)  # fmt: skip
def test_what_is_no_time_is_null(text: str | None) -> None:
    assert read(text) is None


def test_a_time_without_a_zone_is_a_local_one_in_summer_and_winter() -> None:
    assert read("20260822190000", PARIS) == datetime(2026, 8, 22, 17, tzinfo=UTC)
    assert read("20260122190000", PARIS) == datetime(2026, 1, 22, 18, tzinfo=UTC)


def test_an_hour_that_comes_twice_is_its_first() -> None:
    assert read("20261025023000", PARIS) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_an_hour_that_is_skipped_counts_from_the_time_before_the_change() -> None:
    assert read("20260329023000", PARIS) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_a_zone_in_the_time_wins_over_the_guides() -> None:
    assert read("20260822190000 +0000", PARIS) == datetime(2026, 8, 22, 19, tzinfo=UTC)


def test_a_named_zone_means_what_the_xmltv_tools_take_it_for() -> None:
    assert NAMED_ZONES["CET"] == 60
    assert NAMED_ZONES["CST"] == -360
    assert all(-12 * 60 <= minutes <= 14 * 60 for minutes in NAMED_ZONES.values())


_MOMENTS = st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1))  # noqa: DTZ001 -- local times
_ZONES = st.one_of(
    st.sampled_from(["", " ", "Z", " GMT", " BST", " XYZ", " +00:00", " -1200"]),
    st.integers(-1600, 1600).map(lambda n: f" {n:+05d}"),
)


@given(st.lists(st.tuples(_MOMENTS, st.sampled_from((14, 12, 10, 8, 13)), _ZONES), max_size=30))
def test_a_column_reads_like_its_single_times(times: list[tuple[datetime, int, str]]) -> None:
    texts = [f"{moment:%Y%m%d%H%M%S}"[:digits] + zone for moment, digits, zone in times]
    column = instants(pl.Series(texts, dtype=pl.String), PARIS)
    assert column.to_list() == [instant(text, PARIS) for text in texts]
