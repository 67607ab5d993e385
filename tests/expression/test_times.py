"""Texts read as numbers and times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tvarr.expression.times import read_instant, read_number, write_instant, write_seconds

SEVEN = datetime(2025, 11, 30, 19, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5", 5.0),
        ("007", 7.0),
        ("-1", -1.0),
        ("+1", 1.0),
        ("5.1", 5.1),
        (".5", 0.5),
        (" 5\u00a0", 5.0),
        ("9" * 400, float("inf")),
    ],
)
def test_a_decimal_number_is_read(text: str, number: float) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize(
    "text", ["", " ", "x", "5.", "1e3", "0x5", "inf", "nan", "1,5", "5 6", "\u0665"]
)
def test_anything_else_is_no_number(text: str) -> None:
    assert read_number(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "2025-11-30T19:00:00Z",
        "2025-11-30t19:00:00z",
        "2025-11-30 19:00:00Z",
        " 2025-11-30T20:00:00+01:00 ",
        "2025-11-30T17:30:00.000-01:30",
        "1764529200",
        "1764529200.0",
    ],
)
def test_a_time_is_read_in_each_of_its_forms(text: str) -> None:
    assert read_instant(text) == SEVEN


@pytest.mark.parametrize(
    "text",
    [
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "253402300800",
    ],
)
def test_a_time_outside_of_the_years_1_to_9999_is_none(text: str) -> None:
    assert read_instant(text) is None


def test_parts_of_a_second_count() -> None:
    assert read_instant("2025-11-30T19:00:00.25Z") == SEVEN + timedelta(milliseconds=250)
    assert read_instant("1764529200.25") == SEVEN + timedelta(milliseconds=250)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tonight",
        "2025-11-30",
        "2025-11-30T19:00:00",
        "2025-11-30T19:00Z",
        "2025-13-30T19:00:00Z",
        "2025-11-30T25:00:00Z",
        "20251130190000 +0000",
        "9" * 30,
        "-99999999999999",
    ],
)
def test_anything_else_is_no_time(text: str) -> None:
    assert read_instant(text) is None


def test_an_instant_is_written_in_utc() -> None:
    local = datetime(2025, 11, 30, 20, 0, 0, 900_000, tzinfo=timezone(timedelta(hours=1)))
    assert write_instant(local) == "2025-11-30T19:00:00Z"
    assert write_seconds(local) == "1764529200"
