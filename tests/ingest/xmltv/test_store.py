from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from tvarr.ingest.xmltv import store
from tvarr.ingest.xmltv.cut import Piece
from tvarr.ingest.xmltv.rows import RowOptions, read_piece
from tvarr.ingest.xmltv.store import PART, ROW_GROUP, ROW_GROUP_BYTES, ProgrammeStore

if TYPE_CHECKING:
    from pathlib import Path

OPTIONS = RowOptions(ZoneInfo("UTC"))


def stored(stage: Path, *pieces: list[tuple[str, str, str]]) -> pl.DataFrame:
    """Return what comes out for pieces of (title, day, channel)."""
    with ProgrammeStore(stage) as store:
        for piece in pieces:
            text = "".join(
                f'<programme start="202608{day}" channel="{channel}">'
                f"<title>{title}</title></programme>"
                for title, day, channel in piece
            )
            store.add(read_piece(Piece(text.encode(), 1), OPTIONS))
        assert len(store) == sum(len(piece) for piece in pieces)
        store.write(stage / "programmes.parquet", "uk")
    return pl.read_parquet(stage / "programmes.parquet")


def test_programmes_of_many_pieces_are_sorted_with_equals_in_the_documents_order(
    tmp_path: Path,
) -> None:
    found = stored(
        tmp_path,
        [("5", "21", "b"), ("2", "20", "b"), ("6", "19", "c")],
        [],
        [("3", "20", "b"), ("1", "22", "a"), ("4", "20", "b")],
    )
    assert found["title"].to_list() == ["1", "2", "3", "4", "5", "6"]


def test_parts_of_one_row_give_the_same_as_one_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [(str(n), str(10 + n * 7 % 20), "abc"[n % 3]) for n in range(50)]
    (tmp_path / "one").mkdir()
    (tmp_path / "many").mkdir()
    one = stored(tmp_path / "one", rows)
    monkeypatch.setattr(store, "PART", 1)
    many = stored(tmp_path / "many", rows[:20], rows[20:])
    assert one.equals(many)
    assert (tmp_path / "one" / "programmes.parquet").read_bytes() == (
        tmp_path / "many" / "programmes.parquet"
    ).read_bytes()


def test_no_programmes_are_an_empty_file_with_all_columns(tmp_path: Path) -> None:
    found = stored(tmp_path)
    assert found.is_empty()
    assert "inner" in found.columns


def test_nothing_but_the_result_is_left_on_disk(tmp_path: Path) -> None:
    stored(tmp_path, [("1", "20", "a")])
    assert [file.name for file in tmp_path.iterdir()] == ["programmes.parquet"]


def test_parts_are_bounded_by_bytes_not_by_rows() -> None:
    lengths = pl.Series([PART // 2] * 5 + [PART * 3] + [1] * 10_000)
    bounds = store._bounds(lengths)
    sizes = [lengths[a:b].sum() for a, b in pairwise(bounds)]
    assert bounds[0] == 0
    assert bounds[-1] == len(lengths)
    assert max(sizes) < PART * 4


@pytest.mark.parametrize(
    ("lengths", "rows"),
    [([700] * 10, ROW_GROUP), ([], 1), ([ROW_GROUP_BYTES // 10] * 100, 10), ([1 << 40], 1)],
)
def test_a_row_group_of_large_programmes_has_fewer_rows(lengths: list[int], rows: int) -> None:
    assert store._row_group(pl.Series(lengths, dtype=pl.Int64)) == rows
