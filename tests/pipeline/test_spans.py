"""Reading a guide's programmes by row number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from tests.builders import guide, programme
from tvarr.pipeline.spans import read_rows, spans_of

if TYPE_CHECKING:
    from pathlib import Path

    from tvarr.catalog.snapshots import Snapshot

HOURS = [f"{hour:02}:00" for hour in range(24)]


@pytest.fixture
def long_guide(tmp_path: Path) -> Snapshot:
    """Return a guide of 24,000 programmes, which are titled by their row."""
    rows = [
        programme(f"channel {day:04}", clock, title=str(24 * day + hour))
        for day in range(1_000)
        for hour, clock in enumerate(HOURS)
    ]
    return guide(tmp_path, *rows, row_group=1_000)


def titles(snapshot: Snapshot, *rows: int) -> list[str]:
    wanted = pl.Series(rows, dtype=pl.UInt32)
    return read_rows(snapshot, wanted, ["title"])["title"].to_list()


def test_a_channel_is_one_span_of_rows(tmp_path: Path) -> None:
    snapshot = guide(
        tmp_path,
        programme("itv", "18:00"),
        programme("bbc1", "19:00"),
        programme("itv", "17:00"),
    )
    assert spans_of(snapshot).rows() == [("bbc1", 0, 1), ("itv", 1, 2)]


def test_a_guide_without_programmes_has_no_spans(tmp_path: Path) -> None:
    assert spans_of(guide(tmp_path)).columns == ["guide_channel", "first", "rows"]
    assert spans_of(guide(tmp_path)).is_empty()


def test_only_the_columns_asked_for_are_read(long_guide: Snapshot) -> None:
    rows = read_rows(long_guide, pl.Series([3], dtype=pl.UInt32), ["inner", "extra"])
    assert rows.rows() == [("<title>3</title>", "")]


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([5, 6, 7], id="neighbours"),
        pytest.param([5, 9, 4_000], id="with gaps"),
        pytest.param([0, 1, 11_000, 11_001, 23_999], id="far apart"),
        pytest.param([11_000, 5, 23_999, 6], id="in any order"),
        pytest.param([7, 7, 20_000, 7], id="more than once"),
    ],
)
def test_rows_come_as_they_are_asked_for(long_guide: Snapshot, rows: list[int]) -> None:
    assert titles(long_guide, *rows) == [str(row) for row in rows]


def test_no_rows_asked_for_gives_none(long_guide: Snapshot) -> None:
    assert titles(long_guide) == []
