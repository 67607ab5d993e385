from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvarr.ingest.xmltv.times import NAMED_ZONES, instant, instants, spans

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
        ("20260822190000 CET", "2026-08-22T18:00:00"),
        ("20260822190000 Europe/London", "2026-08-22T18:00:00"),
        ("20260122190000 europe/london", "2026-01-22T19:00:00"),
        ("20260822190000 EST5EDT", "2026-08-22T23:00:00"),
        ("20260122190000 EST5EDT", "2026-01-23T00:00:00"),
        ("20260822190000 Etc/GMT+1", "2026-08-22T20:00:00"),
        ("20260822190000 UTC+1", "2026-08-22T18:00:00"),
        ("20260822190000 GMT-03:30", "2026-08-22T22:30:00"),
        ("20260822190000 +1", "2026-08-22T18:00:00"),
        ("20260822190000 +01", "2026-08-22T18:00:00"),
        ("202608221900Z", "2026-08-22T19:00:00"),
        ("202608221900+01:00", "2026-08-22T18:00:00"),
        ("202608221900 Europe/London", "2026-08-22T18:00:00"),
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
        "20260822190000 XYZ", "20260822190000 Europe/Nowhere", "20260822190000 ../../etc/passwd",
        "20260822190000 UTC+99", "20260822190000 +9900", "20260822190000 +0075", "2026082219000",
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
    st.sampled_from(["", " ", "Z", " GMT", " BST", " XYZ", " +00:00", " -1200", " +2", " UTC+2"]),
    st.sampled_from([" Europe/London", " EST5EDT", " Asia/Tehran", " No/Where"]),
    st.integers(-1600, 1600).map(lambda n: f" {n:+05d}"),
)


@given(st.lists(st.tuples(_MOMENTS, st.sampled_from((14, 12, 10, 8, 13)), _ZONES), max_size=30))
def test_a_column_reads_like_its_single_times(times: list[tuple[datetime, int, str]]) -> None:
    texts = [f"{moment:%Y%m%d%H%M%S}"[:digits] + zone for moment, digits, zone in times]
    for fold in (0, 1):
        column = instants(pl.Series(texts, dtype=pl.String), PARIS, fold)
        assert column.to_list() == [instant(text, PARIS, fold) for text in texts]


# --- around a clock change --------------------------------------------------------------------

Clock = tuple[str, str | None]
"""Of the start and the stop: hours and minutes of UTC, after a `-` if they are the day before."""


def on_one_channel(day: str, *times: tuple[str, str | None], zone: ZoneInfo = PARIS) -> list[Clock]:
    """Read a channel's local starts and stops of one night, as `0130`."""
    return [clock for _, clock in on_channels(day, *(("a", *time) for time in times), zone=zone)]


def on_channels(
    day: str, *times: tuple[str, str, str | None], zone: ZoneInfo = PARIS
) -> list[tuple[str, Clock]]:
    rows = [(channel, f"{day}{a}00", b and f"{day}{b}00") for channel, a, b in times]
    keys = pl.DataFrame(rows, schema=["channel", "start", "stop"], orient="row")
    columns = spans(keys, zone)
    shown = [[moment and f"{moment:%H%M}" for moment in column] for column in columns]
    return [(c, (a, b)) for (c, *_), a, b in zip(rows, *shown, strict=True)]


def test_the_hour_that_comes_twice_runs_forward_on_a_channel() -> None:
    night = on_one_channel(
        "20261025",
        ("0130", "0200"), ("0200", "0230"), ("0230", "0200"), ("0200", "0230"), ("0230", "0300"),
        ("0300", "0400"),
    )  # fmt: skip
    assert night == [
        ("2330", "0000"), ("0000", "0030"), ("0030", "0100"), ("0100", "0130"), ("0130", "0200"),
        ("0200", "0300"),
    ]  # fmt: skip


def test_each_channel_has_its_own_night() -> None:
    night = on_channels("20261025", ("a", "0245", "0215"), ("b", "0215", "0245"))
    assert night == [("a", ("0045", "0115")), ("b", ("0015", "0045"))]


def test_a_stop_in_the_hour_that_comes_twice_is_the_first_one_after_the_start() -> None:
    assert on_one_channel("20261025", ("0130", "0230")) == [("2330", "0030")]
    assert on_one_channel("20261025", ("0245", "0230")) == [("0045", "0130")]


def test_a_programme_of_the_skipped_hour_still_ends_after_it_began() -> None:
    night = on_one_channel("20260329", ("0100", "0230"), ("0230", "0300"), ("0300", "0400"))
    assert night == [("0000", "0130"), ("0030", "0100"), ("0100", "0200")]


def test_a_night_in_the_wrong_order_is_read_as_single_times_are() -> None:
    night = on_one_channel("20261025", ("0500", "0600"), ("0215", "0230"))
    assert night == [("0400", "0500"), ("0015", "0030")]


def test_a_stop_that_is_missing_or_no_time_is_null_in_such_a_night_too() -> None:
    assert on_one_channel("20261025", ("0230", None), ("02xx", "0230"), ("0215", "0100")) == [
        ("0030", None),
        (None, "0030"),
        ("0115", "2300"),
    ]


def test_a_guide_with_offsets_is_never_in_doubt() -> None:
    keys = pl.DataFrame(
        {
            "channel": ["a", "a"],
            "start": ["20261025023000 +0200", "20261025023000 +0100"],
            "stop": ["20261025023000 +0100", "20261025030000 +0100"],
        }
    )
    start, stop = spans(keys, PARIS)
    assert [f"{moment:%H%M}" for moment in start] == ["0030", "0130"]
    assert [f"{moment:%H%M}" for moment in stop] == ["0130", "0200"]


@given(st.lists(st.integers(0, 24 * 60 - 1), min_size=2, max_size=40, unique=True), st.booleans())
def test_true_times_written_as_local_ones_come_back_in_their_order(
    minutes: list[int], autumn: bool
) -> None:
    midnight = (
        datetime(2026, 10, 24, 22, tzinfo=UTC) if autumn else datetime(2026, 3, 28, tzinfo=UTC)
    )
    moments = [midnight + timedelta(minutes=minute) for minute in sorted(minutes)]
    local = [f"{moment.astimezone(PARIS):%Y%m%d%H%M%S}" for moment in moments]
    keys = pl.DataFrame(
        {"channel": ["a"] * (len(local) - 1), "start": local[:-1], "stop": local[1:]}
    )
    start, stop = spans(keys, PARIS)
    found = start.to_list()
    assert found == sorted(found)
    assert all(b is None or a < b for a, b in zip(start, stop, strict=True))
