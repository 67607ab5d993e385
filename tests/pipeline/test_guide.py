"""The programmes of a lineup: duplicates, overlaps, gaps, the window, and the size of parts."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import DAY, Row, at, build_input, guide, guide_channel, programme, window
from tvarr.catalog import schema
from tvarr.pipeline import guide as guides
from tvarr.pipeline.build import Lineup
from tvarr.pipeline.guide import SHOWN, WRITTEN, GuideReport, parts, programmes
from tvarr.pipeline.match import match

if TYPE_CHECKING:
    from pathlib import Path

    from tvarr.catalog.snapshots import Snapshot
    from tvarr.pipeline.build import Window

Line = tuple[str, str, str, str]
"""guide_id, start, stop, title."""


def lineup(ids: tuple[str, ...], *snapshots: Snapshot) -> Lineup:
    channels = pl.DataFrame({"guide_id": ids, "tvg_id": ids})
    return Lineup(channels, match(channels, snapshots))


def clock(time: object) -> str:
    return "?" if time is None else f"{time:%H:%M}"


def resolve(
    *snapshots: Snapshot, ids: tuple[str, ...] = ("bbc1",), within: Window | None = None
) -> tuple[list[Line], GuideReport]:
    """Return the programmes as `guide_id, start, stop, title`, and the report."""
    build = build_input(*snapshots, window=within)
    report, rows = GuideReport(), list[Line]()
    for part in parts(lineup(ids, *snapshots), build, columns=["title"]):
        report += part.report
        rows += [(id_, clock(start), clock(stop), t) for id_, start, stop, t in part.frame.rows()]
    return rows, report


def bbc1(start: str, stop: str | None = None, title: str = "News") -> Row:
    return programme("bbc1", start, stop, title)


# within one guide


def test_programmes_that_follow_each_other_stay_as_they_are(tmp_path: Path) -> None:
    uk = guide(tmp_path, bbc1("18:00", "18:30"), bbc1("18:30", "19:00", "Weather"))
    assert resolve(uk) == (
        [("bbc1", "18:00", "18:30", "News"), ("bbc1", "18:30", "19:00", "Weather")],
        GuideReport(programmes=2),
    )


def test_a_gap_stays_a_gap(tmp_path: Path) -> None:
    uk = guide(tmp_path, bbc1("18:00", "18:30"), bbc1("20:00", "21:00"))
    assert [line[2] for line in resolve(uk)[0]] == ["18:30", "21:00"]


def test_of_equal_starts_the_first_of_the_document_stays(tmp_path: Path) -> None:
    uk = guide(
        tmp_path,
        bbc1("18:00", "18:30", "first"),
        bbc1("18:00", "19:00", "second"),
        bbc1("18:00", "18:10", "third"),
    )
    assert resolve(uk) == (
        [("bbc1", "18:00", "18:30", "first")],
        GuideReport(programmes=1, duplicates=2),
    )


def test_a_programme_that_runs_into_the_next_ends_there(tmp_path: Path) -> None:
    uk = guide(tmp_path, bbc1("18:00", "19:00"), bbc1("18:30", "19:30"))
    assert resolve(uk) == (
        [("bbc1", "18:00", "18:30", "News"), ("bbc1", "18:30", "19:30", "News")],
        GuideReport(programmes=2, trimmed=1),
    )


def test_a_programme_around_others_ends_where_the_first_of_them_begins(tmp_path: Path) -> None:
    uk = guide(tmp_path, bbc1("18:00", "23:00"), bbc1("19:00", "20:00"), bbc1("20:00", "21:00"))
    lines, report = resolve(uk)
    assert [line[2] for line in lines] == ["19:00", "20:00", "21:00"]
    assert report.trimmed == 1


def test_a_missing_end_is_the_next_start(tmp_path: Path) -> None:
    uk = guide(tmp_path, bbc1("18:00"), bbc1("19:00", "20:00"))
    assert resolve(uk)[0][0] == ("bbc1", "18:00", "19:00", "News")


def test_the_last_programme_without_an_end_stays_without(tmp_path: Path) -> None:
    uk = guide(tmp_path, bbc1("18:00"))
    assert resolve(uk)[0] == [("bbc1", "18:00", "?", "News")]


def test_channels_do_not_touch_each_other(tmp_path: Path) -> None:
    uk = guide(
        tmp_path,
        programme("a", "18:00"),
        programme("b", "18:00", "23:00"),
        programme("c", "18:30", "19:00"),
    )
    lines, report = resolve(uk, ids=("a", "b", "c"))
    assert [line[:3] for line in lines] == [
        ("a", "18:00", "?"),
        ("b", "18:00", "23:00"),
        ("c", "18:30", "19:00"),
    ]
    assert report == GuideReport(programmes=3)


# across guides


def test_a_later_guide_fills_gaps(tmp_path: Path) -> None:
    first = guide(tmp_path, bbc1("18:00", "19:00"), bbc1("20:00", "21:00"), name="first")
    second = guide(tmp_path, bbc1("19:00", "20:00", "filler"), name="second")
    assert resolve(first, second) == (
        [
            ("bbc1", "18:00", "19:00", "News"),
            ("bbc1", "19:00", "20:00", "filler"),
            ("bbc1", "20:00", "21:00", "News"),
        ],
        GuideReport(programmes=3),
    )


@pytest.mark.parametrize(
    ("start", "stop"),
    [
        pytest.param("18:00", "19:00", id="the same time"),
        pytest.param("17:30", "18:01", id="runs into it"),
        pytest.param("18:59", "19:30", id="begins in it"),
        pytest.param("18:10", "18:20", id="inside"),
        pytest.param("17:00", "20:00", id="around"),
        pytest.param("18:00", None, id="the same start, no end"),
        pytest.param("18:30", None, id="begins in it, no end"),
    ],
)
def test_what_overlaps_an_earlier_guide_is_dropped_as_a_whole(
    tmp_path: Path, start: str, stop: str | None
) -> None:
    first = guide(tmp_path, bbc1("18:00", "19:00"), name="first")
    second = guide(tmp_path, bbc1(start, stop, "filler"), name="second")
    assert resolve(first, second) == (
        [("bbc1", "18:00", "19:00", "News")],
        GuideReport(programmes=1, dropped=1),
    )


@pytest.mark.parametrize(("start", "stop"), [("17:00", "18:00"), ("19:00", "20:00")])
def test_what_only_touches_an_earlier_guide_is_kept(tmp_path: Path, start: str, stop: str) -> None:
    first = guide(tmp_path, bbc1("18:00", "19:00"), name="first")
    second = guide(tmp_path, bbc1(start, stop), name="second")
    assert resolve(first, second)[1] == GuideReport(programmes=2)


def test_an_open_end_does_not_keep_out_another_guides_tomorrow(tmp_path: Path) -> None:
    first = guide(tmp_path, bbc1("22:00", None, "last"), name="first")
    second = guide(
        tmp_path,
        bbc1("22:00", "23:00", "same"),
        bbc1("+1 18:00", "+1 19:00", "next"),
        name="second",
    )
    assert resolve(first, second) == (
        [("bbc1", "22:00", "18:00", "last"), ("bbc1", "18:00", "19:00", "next")],
        GuideReport(programmes=2, dropped=1),
    )


def test_the_third_guide_gives_way_to_the_second(tmp_path: Path) -> None:
    first = guide(tmp_path, bbc1("18:00", "19:00", "1"), name="first")
    second = guide(tmp_path, bbc1("19:00", "20:00", "2"), name="second")
    third = guide(tmp_path, bbc1("19:30", "20:30", "3"), bbc1("20:30", "21:00", "3"), name="third")
    lines, report = resolve(first, second, third)
    assert [line[3] for line in lines] == ["1", "2", "3"]
    assert report.dropped == 1


def test_a_channel_that_only_a_later_guide_knows_is_complete(tmp_path: Path) -> None:
    first = guide(tmp_path, bbc1("18:00", "19:00"), name="first")
    second = guide(tmp_path, programme("itv", "18:00", "19:00"), name="second")
    lines, report = resolve(first, second, ids=("itv", "bbc1"))
    assert sorted(line[0] for line in lines) == ["bbc1", "itv"]
    assert report == GuideReport(programmes=2)


def test_a_later_guide_is_tidied_before_it_fills(tmp_path: Path) -> None:
    """Cut to its own next programme, the filler fits before the one that is there."""
    first = guide(tmp_path, bbc1("19:00", "20:00"), name="first")
    second = guide(
        tmp_path, bbc1("18:00", "19:30", "filler"), bbc1("18:30", "18:45", "filler"), name="second"
    )
    lines, report = resolve(first, second)
    assert [line[1:3] for line in lines][:2] == [("18:00", "18:30"), ("18:30", "18:45")]
    assert report == GuideReport(programmes=3, trimmed=1)


# the lineup


def test_only_the_lineups_channels_are_there(tmp_path: Path) -> None:
    uk = guide(tmp_path, bbc1("18:00"), programme("itv", "18:00"))
    assert [line[0] for line in resolve(uk)[0]] == ["bbc1"]


def test_one_guide_channel_can_serve_several_entries(tmp_path: Path) -> None:
    uk = guide(tmp_path, bbc1("18:00", "19:00", "a"), bbc1("19:00", "20:00", "b"))
    lines, report = resolve(uk, ids=("bbc1", "BBC1"))
    assert [(line[0], line[3]) for line in lines] == [
        ("BBC1", "a"),
        ("BBC1", "b"),
        ("bbc1", "a"),
        ("bbc1", "b"),
    ]
    assert report.programmes == 4


def test_without_guides_there_is_nothing() -> None:
    assert resolve() == ([], GuideReport())


def test_a_guide_without_programmes_gives_nothing(tmp_path: Path) -> None:
    assert resolve(guide(tmp_path, declared=(guide_channel("bbc1", "BBC One"),)))[0] == []


def test_one_channel_can_be_asked_for(tmp_path: Path) -> None:
    uk = guide(tmp_path, bbc1("18:00"), programme("itv", "18:00"))
    asked = programmes(lineup(("bbc1", "itv"), uk), build_input(uk), {"itv"})
    assert pl.concat(asked)["guide_id"].to_list() == ["itv"]


def test_asking_for_an_unknown_channel_gives_nothing(tmp_path: Path) -> None:
    uk = guide(tmp_path, bbc1("18:00"))
    assert list(programmes(lineup(("bbc1",), uk), build_input(uk), {"itv"})) == []


@pytest.mark.parametrize("columns", [WRITTEN, SHOWN])
def test_the_columns_asked_for_come_after_id_and_times(
    tmp_path: Path, columns: tuple[str, ...]
) -> None:
    uk = guide(tmp_path, bbc1("18:00"))
    frame = next(programmes(lineup(("bbc1",), uk), build_input(uk), columns=columns))
    types = {name: schema.PROGRAMMES[name] for name in ("start", "stop", *columns)}
    assert frame.schema == pl.Schema({"guide_id": pl.String, **types})


# the window


@pytest.mark.parametrize(
    ("start", "stop", "inside"),
    [
        pytest.param("17:00", "18:00", False, id="ends as it begins"),
        pytest.param("17:00", "18:01", True, id="on as it begins"),
        pytest.param("18:00", "19:00", True, id="begins with it"),
        pytest.param("19:59", "21:00", True, id="on as it ends"),
        pytest.param("20:00", "21:00", False, id="begins as it ends"),
        pytest.param("17:00", "21:00", True, id="on throughout"),
        pytest.param("18:00", None, True, id="begins with it, no end"),
        pytest.param("17:00", None, False, id="began before, no end"),
        pytest.param("20:00", None, False, id="begins as it ends, no end"),
    ],
)
def test_what_is_on_within_the_window_is_kept(
    tmp_path: Path, start: str, stop: str | None, inside: bool
) -> None:
    lines, report = resolve(guide(tmp_path, bbc1(start, stop)), within=window("18:00", "20:00"))
    assert bool(lines) is inside
    assert report.programmes == inside


def test_what_lies_outside_the_window_still_shapes_what_lies_inside(tmp_path: Path) -> None:
    """The same programme has the same times, whatever window it is seen through."""
    uk = guide(tmp_path, bbc1("19:00", "22:00"), bbc1("21:00", "23:00"))
    assert resolve(uk, within=window("18:00", "20:00")) == (
        [("bbc1", "19:00", "21:00", "News")],
        GuideReport(programmes=1, trimmed=1),
    )


# parts


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guides, "PART", 10)
    monkeypatch.setattr(guides, "_BATCH", 8)


def hourly(channel: str, count: int) -> list[Row]:
    starts = [DAY + timedelta(hours=hour) for hour in range(count)]
    return [
        programme(channel, "0:00", title=f"{channel} {place}") | {"start": start}
        for place, start in enumerate(starts)
    ]


def test_parts_have_a_limit_and_leave_nothing_out(tmp_path: Path, small_parts: None) -> None:
    ids = tuple("abcdefgh")
    rows = [row for place, name in enumerate(ids, 1) for row in hourly(name, place)]
    uk = guide(tmp_path, *rows)
    frames = list(programmes(lineup(ids, uk), build_input(uk), columns=["title"]))
    assert len(frames) > 3
    assert max(frame.height for frame in frames) <= 10
    assert pl.concat(frames)["title"].to_list() == [row["title"] for row in rows]


def test_even_one_channel_is_cut_into_parts(tmp_path: Path, small_parts: None) -> None:
    uk = guide(tmp_path, *hourly("bbc1", 35))
    frames = list(programmes(lineup(("bbc1",), uk), build_input(uk)))
    assert [frame.height for frame in frames] == [10, 10, 10, 5]
    rows = pl.concat(frames)
    assert rows["stop"].to_list() == [*rows["start"][1:], None]


def test_the_report_survives_parts_that_the_window_empties(
    tmp_path: Path, small_parts: None
) -> None:
    uk = guide(tmp_path, bbc1("18:00"), bbc1("18:00"), programme("itv", "20:00", "21:00"))
    lines, report = resolve(uk, ids=("bbc1", "itv"), within=window("20:00", "21:00"))
    assert [line[0] for line in lines] == ["itv"]
    assert report == GuideReport(programmes=1, duplicates=1)


# against a plain reading of the rules


def plainly(*guides_of_one_channel: list[Row]) -> tuple[list[tuple[Any, ...]], GuideReport]:
    """Resolve one channel's programmes one by one, as the rules say it."""
    there: list[Row] = []
    report = GuideReport()
    for rows in guides_of_one_channel:
        tidy, seen = _tidy_plainly(rows)
        fitting = [row for row in tidy if not any(_overlap(row, other) for other in there)]
        there = sorted([*there, *fitting], key=lambda row: row["start"])
        report += seen + GuideReport(dropped=len(tidy) - len(fitting))
        for row, following in pairwise(there):
            row["stop"] = row["stop"] or following["start"]
    lines = [(row["start"], row["stop"], row["title"]) for row in there]
    return lines, report + GuideReport(programmes=len(lines))


def _tidy_plainly(rows: list[Row]) -> tuple[list[Row], GuideReport]:
    first_of: dict[Any, Row] = {}
    for row in rows:
        first_of.setdefault(row["start"], dict(row))
    tidy = [first_of[start] for start in sorted(first_of)]
    trimmed = 0
    for row, following in pairwise(tidy):
        trimmed += bool(row["stop"] and row["stop"] > following["start"])
        row["stop"] = min(row["stop"] or following["start"], following["start"])
    return tidy, GuideReport(duplicates=len(rows) - len(tidy), trimmed=trimmed)


def _overlap(one: Row, other: Row) -> bool:
    if one["start"] == other["start"]:
        return True
    earlier, later = sorted((one, other), key=lambda row: row["start"])
    return bool(earlier["stop"] and earlier["stop"] > later["start"])


@st.composite
def one_guide(draw: st.DrawFn) -> list[Row]:
    minutes = st.integers(0, 40)
    spans = draw(st.lists(st.tuples(minutes, st.none() | st.integers(1, 12)), max_size=12))
    return [
        programme("bbc1", "0:00", title=str(place))
        | {
            "start": at("18:00") + timedelta(minutes=start),
            "stop": length and at("18:00") + timedelta(minutes=start + length),
        }
        for place, (start, length) in enumerate(spans)
    ]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(one_guide(), min_size=1, max_size=3))
def test_any_guides_resolve_as_the_plain_rules_say(
    tmp_path_factory: pytest.TempPathFactory, several: list[list[Row]]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    snapshots = [guide(folder, *rows, name=f"g{place}") for place, rows in enumerate(several)]
    report, found = GuideReport(), list[tuple[Any, ...]]()
    build = build_input(*snapshots)
    for part in parts(lineup(("bbc1",), *snapshots), build, columns=["title"]):
        report += part.report
        found += part.frame.drop("guide_id").rows()
    assert (found, report) == plainly(*several)
