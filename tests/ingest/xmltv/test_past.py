"""What has been stays for a while after the provider stopped listing it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tvarr.catalog.schema import PROGRAMMES
from tvarr.ingest.collect import Former
from tvarr.ingest.report import IngestReport
from tvarr.ingest.xmltv import XmltvOptions, ingest, past

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NOW = datetime(2026, 8, 22, 20, 30, tzinfo=UTC)
DAY = timedelta(days=1)

Row = tuple[str, str, str, str | None]
"""Title, channel, day and hour of the start, and of the stop."""


def document(rows: Sequence[Row], channels: str = "ab") -> str:
    declared = "".join(
        f'<channel id="{c}"><display-name>{c.upper()}</display-name></channel>' for c in channels
    )
    listed = "".join(
        f'<programme start="202608{start}0000 +0000"'
        f'{f""" stop="202608{stop}0000 +0000" """ if stop else " "}channel="{channel}">'
        f"<title>{title}</title></programme>"
        for title, channel, start, stop in rows
    )
    return f"<tv>{declared}{listed}</tv>"


class Guide:
    """One guide that is read again and again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self.stage: Path | None = None
        self.report = IngestReport()

    def read(self, *rows: Row, now: datetime = NOW, channels: str = "ab", **options: Any) -> Guide:
        self._count += 1
        path = self._folder / f"document{self._count}"
        path.write_text(document(rows, channels))
        former = Former(self.stage, now) if self.stage else None
        values = {"timezone": "UTC", "retention": DAY, "former": former, **options}
        self.stage = self._folder / f"stage{self._count}"
        self.stage.mkdir()
        self.report = ingest(path, self.stage, XmltvOptions("uk", max_size=1 << 30, **values))
        return self

    @property
    def files(self) -> dict[str, bytes]:
        assert self.stage is not None
        return {file.name: file.read_bytes() for file in self.stage.iterdir()}

    @property
    def programmes(self) -> pl.DataFrame:
        assert self.stage is not None
        return pl.read_parquet(self.stage / "programmes.parquet")

    @property
    def titles(self) -> list[str]:
        return self.programmes["title"].to_list()

    @property
    def channels(self) -> list[str]:
        assert self.stage is not None
        return pl.read_parquet(self.stage / "channels.parquet")["guide_channel"].to_list()


@pytest.fixture
def guide(tmp_path: Path) -> Guide:
    return Guide(tmp_path)


MORNING = ("Morning", "a", "2208", "2209")
NOON = ("Noon", "a", "2212", "2213")
TONIGHT = ("Tonight", "a", "2220", "2221")
LATER = ("Later", "a", "2221", "2222")


def test_what_is_over_and_no_longer_listed_is_carried_over(guide: Guide) -> None:
    guide.read(MORNING, NOON, LATER).read(LATER)
    assert guide.titles == ["Morning", "Noon", "Later"]
    assert guide.report.past_programmes == 2
    assert guide.report.programmes == 1
    assert guide.programmes.schema == pl.Schema(PROGRAMMES)


def test_a_row_of_the_past_is_as_it_was_read(guide: Guide) -> None:
    before = guide.read(MORNING, LATER).programmes
    after = guide.read(LATER).programmes
    assert after.equals(before)


def test_what_runs_at_the_moment_counts_as_past(guide: Guide) -> None:
    assert guide.read(TONIGHT, LATER).read(LATER).titles == ["Tonight", "Later"]


def test_what_has_not_begun_is_the_new_guides_business(guide: Guide) -> None:
    assert guide.read(TONIGHT, LATER).read(TONIGHT).titles == ["Tonight"]


@pytest.mark.parametrize(("hours", "kept"), [(8, []), (9, ["Noon"]), (13, ["Morning", "Noon"])])
def test_what_ended_longer_ago_than_the_retention_goes(
    guide: Guide, hours: int, kept: list[str]
) -> None:
    later = timedelta(minutes=30)
    guide.read(MORNING, NOON, LATER)
    guide.read(LATER, now=NOW + later, retention=timedelta(hours=hours))
    assert guide.titles == [*kept, "Later"]


def test_no_retention_switches_it_off(guide: Guide) -> None:
    guide.read(MORNING, LATER).read(LATER, retention=timedelta())
    assert guide.titles == ["Later"]
    assert guide.report.past_programmes == 0


def test_it_goes_on_over_many_refreshes_until_its_time_is_up(guide: Guide) -> None:
    guide.read(MORNING, LATER)
    for hour in range(12):
        assert guide.read(LATER, now=NOW + timedelta(hours=hour)).titles == ["Morning", "Later"]
    assert guide.read(LATER, now=NOW + timedelta(hours=12, minutes=31)).titles == ["Later"]


@pytest.mark.parametrize(
    ("start", "stop", "kept"),
    [
        ("2212", "2213", False),
        ("2211", "2213", False),
        ("2212", "2214", False),
        ("2211", "2214", False),
        ("2211", None, False),  # until the next one begins
        ("2213", "2214", True),
        ("2211", "2212", True),
    ],
)
def test_the_new_guide_wins_wherever_it_has_anything(
    guide: Guide, start: str, stop: str | None, kept: bool
) -> None:
    guide.read(NOON, LATER).read(("Changed", "a", start, stop), ("Next", "a", "2219", "2220"))
    assert ("Noon" in guide.titles) is kept


def test_a_long_programme_that_began_early_wins_over_all_that_it_covers(guide: Guide) -> None:
    guide.read(MORNING, NOON)
    guide.read(("All day", "a", "2200", "2223"), ("Short", "a", "2201", "2202"))
    assert guide.titles == ["All day", "Short"]


def test_another_channel_does_not_matter(guide: Guide) -> None:
    guide.read(NOON).read(("Other", "b", "2212", "2213"))
    assert guide.titles == ["Noon", "Other"]


def test_a_channel_that_vanished_keeps_its_past_and_its_name(guide: Guide) -> None:
    guide.read(NOON, ("Gone", "c", "2212", "2213"), channels="abc").read(LATER)
    assert guide.titles == ["Noon", "Later", "Gone"]
    assert guide.channels == ["a", "b", "c"]
    assert guide.report.channels == 2
    assert guide.read(LATER, now=NOW + DAY).channels == ["a", "b"]


def test_a_channel_that_was_never_declared_stays_so(guide: Guide) -> None:
    guide.read(("Gone", "z", "2212", "2213")).read(LATER)
    assert guide.titles == ["Later", "Gone"]
    assert guide.channels == ["a", "b"]


@pytest.mark.parametrize(
    ("start", "titles"), [("2214", ["Open", "New", "Later"]), ("2213", ["New", "Later"])]
)
def test_a_past_programme_without_a_stop_ends_at_the_next_start(
    guide: Guide, start: str, titles: list[str]
) -> None:
    guide.read(("Open", "a", "2212", None), ("Next", "a", "2214", "2215"))
    assert guide.read(("New", "a", start, "2215"), LATER).titles == titles


def test_the_same_document_gives_the_same_bytes_until_something_is_too_old(guide: Guide) -> None:
    guide.read(MORNING, NOON, TONIGHT, ("Open", "b", "2210", None), channels="abc")
    first = guide.read(LATER).files
    assert guide.read(LATER, now=NOW + timedelta(hours=2)).files == first
    assert guide.read(LATER, now=NOW + timedelta(hours=12)).files == first
    assert guide.read(LATER, now=NOW + timedelta(hours=13)).files != first


def test_with_nothing_to_carry_over_the_bytes_are_those_of_the_document_alone(
    guide: Guide, tmp_path: Path
) -> None:
    (tmp_path / "alone").mkdir()
    alone = Guide(tmp_path / "alone").read(MORNING, LATER).files
    assert guide.read(MORNING, LATER).read(MORNING, LATER).files == alone
    assert guide.read(MORNING, LATER, retention=timedelta(days=7)).files == alone


@pytest.mark.parametrize("change", [{"timezone": "Europe/Paris"}, {"shift": timedelta(hours=1)}])
def test_times_that_were_read_in_another_way_are_not_carried_over(
    guide: Guide, change: dict[str, Any]
) -> None:
    guide.read(MORNING, LATER).read(LATER, **change)
    assert guide.titles == ["Later"]


def test_a_shift_moves_every_time_and_leaves_the_text_alone(guide: Guide) -> None:
    plain = guide.read(NOON).programmes
    shifted = guide.read(NOON, shift=timedelta(minutes=-90)).programmes
    for column in ("start", "stop"):
        assert (plain[column] - shifted[column]).to_list() == [timedelta(minutes=90)]
    assert shifted["inner"].equals(plain["inner"])


def test_a_former_snapshot_that_is_gone_costs_the_past_only(guide: Guide, tmp_path: Path) -> None:
    guide.read(MORNING, LATER)
    guide.stage = tmp_path / "nowhere"
    assert guide.read(LATER).titles == ["Later"]


@pytest.mark.parametrize("name", ["programmes.parquet", "report.json"])
def test_a_former_snapshot_that_is_damaged_costs_the_past_only(guide: Guide, name: str) -> None:
    guide.read(MORNING, LATER)
    assert guide.stage is not None
    (guide.stage / name).write_bytes(b"not what it was")
    assert guide.read(LATER).titles == ["Later"]


def test_pages_that_are_damaged_are_found_while_they_are_read(
    guide: Guide, caplog: pytest.LogCaptureFixture
) -> None:
    guide.read(*(MORNING,), ("Long " + "x" * 5000, "a", "2210", "2211"), LATER)
    assert guide.stage is not None
    path = guide.stage / "programmes.parquet"
    scan = pl.scan_parquet(path)
    keys = scan.select("guide_channel", "start", "stop").collect()
    data = bytearray(path.read_bytes())
    at = data.index(b"Long") if b"Long" in data else len(data) // 2
    for place in range(at, at + 200):
        data[place] ^= 0xFF
    path.write_bytes(data)
    assert pl.scan_parquet(path).select("guide_channel", "start", "stop").collect().equals(keys)
    assert guide.read(LATER).titles == ["Later"]
    assert "what has been is lost" in caplog.text


def test_a_former_snapshot_with_other_columns_costs_the_past_only(guide: Guide) -> None:
    programmes = guide.read(MORNING, LATER).programmes
    assert guide.stage is not None
    programmes.drop("extra").write_parquet(guide.stage / "programmes.parquet")
    assert guide.read(LATER).titles == ["Later"]


def test_small_parts_give_the_same_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hours = [f"22{hour:02}" for hour in range(20)]
    rows = [(f"{channel}{a}", channel, a, b) for channel in "abc" for a, b in pairwise(hours)]
    found = []
    for name in ("one", "many"):
        (tmp_path / name).mkdir()
        guide = Guide(tmp_path / name).read(*rows).read(*rows[7:9], *rows[30:], LATER)
        found.append(guide.files)
        assert guide.report.past_programmes == 28
        monkeypatch.setattr(past, "CHUNK", 3)
        monkeypatch.setattr("tvarr.ingest.xmltv.store.PART", 1)
    assert found[0] == found[1]


_ROWS = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 23), st.one_of(st.none(), st.integers(0, 23))),
    max_size=12,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(_ROWS, _ROWS, st.integers(1, 24))
def test_what_is_carried_over_is_what_a_plain_loop_carries_over(
    tmp_path_factory: pytest.TempPathFactory,
    before: list[tuple[str, int, int | None]],
    after: list[tuple[str, int, int | None]],
    hours: int,
) -> None:
    guide = Guide(tmp_path_factory.mktemp("guide"))
    old = guide.read(*_rows(before, "old"), ("Last", "d", "2223", None)).programmes
    new = guide.read(*_rows(after, "new"), LATER, retention=timedelta(hours=hours)).programmes
    listed = new.filter(~pl.col("title").str.starts_with("old"))
    carried = new.filter(pl.col("title").str.starts_with("old"))
    assert sorted(carried["title"]) == sorted(_expected(old, listed, timedelta(hours=hours)))
    assert new.equals(new.sort("guide_channel", "start", maintain_order=True))


def _rows(rows: list[tuple[str, int, int | None]], name: str) -> list[Row]:
    return [
        (f"{name} {n}", channel, f"22{start:02}", None if stop is None else f"22{stop:02}")
        for n, (channel, start, stop) in enumerate(rows)
    ]


def _spans(frame: pl.DataFrame) -> list[tuple[str, str, datetime, datetime]]:
    rows = frame.select("title", "guide_channel", "start", "stop").rows()
    spans = []
    for (title, channel, start, stop), following in zip(rows, [*rows[1:], None], strict=True):
        end = stop
        if end is None and following and following[1] == channel:
            end = following[2]
        spans.append((title, channel, start, max(end or start, start + timedelta(seconds=1))))
    return spans


def _expected(old: pl.DataFrame, new: pl.DataFrame, retention: timedelta) -> list[str]:
    listed = _spans(new)
    return [
        title
        for title, channel, start, end in _spans(old)
        if title.startswith("old")
        and start < NOW
        and end > NOW - retention
        and not any(c == channel and s < end and start < e for _, c, s, e in listed)
    ]
