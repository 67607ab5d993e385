"""The file of a proxy's numbers."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

import polars as pl
import pytest

from tests.builders import panic
from tvarr.catalog.ledger import Ledger, empty, find, path_of, remove, store
from tvarr.catalog.schema import LEDGER

if TYPE_CHECKING:
    from pathlib import Path


def rows(*numbers: str) -> pl.DataFrame:
    listed = [{"channel_id": f"tv.{number}", "number": number} for number in numbers]
    return pl.DataFrame(listed, schema=LEDGER)


def test_what_is_stored_is_found(tmp_path: Path) -> None:
    assert find(tmp_path, "family") is None
    stored = store(tmp_path, "family", rows("1", "5.1"), None)
    assert stored is not None
    assert find(tmp_path, "family") == stored
    assert stored.read().equals(rows("1", "5.1"))
    assert [path.name for path in (tmp_path / "numbers").iterdir()] == ["family.parquet"]


def test_the_same_again_leaves_the_file_alone(tmp_path: Path) -> None:
    stored = store(tmp_path, "family", rows("1"), None)
    before = path_of(tmp_path, "family").stat().st_mtime_ns
    assert store(tmp_path, "family", rows("1"), stored) == stored
    assert path_of(tmp_path, "family").stat().st_mtime_ns == before


def test_who_set_the_numbers_back_meanwhile_is_heard(tmp_path: Path) -> None:
    stored = store(tmp_path, "family", rows("1"), None)
    assert remove(tmp_path, "family")
    assert store(tmp_path, "family", rows("1", "2"), stored) is None
    assert find(tmp_path, "family") is None


def test_nothing_to_remove_is_said(tmp_path: Path) -> None:
    assert not remove(tmp_path, "family")


@pytest.mark.parametrize("content", [b"", b"PAR1", b"no parquet at all" * 50])
def test_a_damaged_ledger_is_told_and_counts_as_empty(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    store(tmp_path, "family", rows("1"), None)
    path_of(tmp_path, "family").write_bytes(content)
    found = find(tmp_path, "family")
    assert found is not None
    with caplog.at_level(logging.WARNING):
        assert found.read().equals(empty())
    assert "numbers are given anew" in caplog.text
    assert store(tmp_path, "family", rows("2"), found) is not None


def test_a_ledger_of_other_columns_counts_as_empty(tmp_path: Path) -> None:
    path_of(tmp_path, "family").parent.mkdir()
    pl.DataFrame({"number": [7]}).write_parquet(path_of(tmp_path, "family"))
    found = find(tmp_path, "family")
    assert found is not None
    assert found.read().equals(empty())


@pytest.mark.parametrize("ids", [("tv.1", "tv.1"), ("tv.1", None)])
def test_a_ledger_with_a_channel_twice_or_without_id_counts_as_empty(
    tmp_path: Path, ids: tuple[str | None, ...], caplog: pytest.LogCaptureFixture
) -> None:
    odd = pl.DataFrame([{"channel_id": one, "number": "1"} for one in ids], schema=LEDGER)
    stored = store(tmp_path, "family", odd, None)
    assert stored is not None
    assert stored.read().equals(empty())
    assert "numbers are given anew" in caplog.text


def test_a_ledger_that_polars_panics_over_counts_as_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = store(tmp_path, "family", rows("1"), None)
    assert stored is not None
    monkeypatch.setattr(pl, "read_parquet", panic)
    assert stored.read().equals(empty())


def test_what_is_no_file_is_no_ledger_and_nobody_waits_for_it(tmp_path: Path) -> None:
    (tmp_path / "numbers").mkdir()
    os.mkfifo(path_of(tmp_path, "family"))
    assert find(tmp_path, "family") is None
    assert store(tmp_path, "family", rows("1"), None) is not None


def test_a_folder_in_its_place_is_told_and_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = path_of(tmp_path, "family")
    path.mkdir(parents=True)
    (path / "file").touch()
    assert find(tmp_path, "family") is None
    assert "no file, and is left aside" in caplog.text
    assert store(tmp_path, "family", rows("1"), None) is None
    assert "is a folder, so that numbers are not kept" in caplog.text
    assert not remove(tmp_path, "family")
    assert [one.name for one in path.parent.iterdir()] == ["family.parquet"]


def test_a_link_to_itself_is_told_and_the_next_ledger_takes_its_place(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = path_of(tmp_path, "family")
    path.parent.mkdir()
    path.symlink_to(path)
    assert find(tmp_path, "family") is None
    assert "cannot be read and is left aside" in caplog.text
    stored = store(tmp_path, "family", rows("1"), None)
    assert stored is not None
    assert find(tmp_path, "family") == stored
    path.unlink()
    path.symlink_to(path)
    assert remove(tmp_path, "family")
    assert not path.is_symlink()


def test_a_ledger_that_was_replaced_is_not_taken_for_the_one_that_was_found(tmp_path: Path) -> None:
    store(tmp_path, "family", rows("1"), None)
    with pytest.raises(FileNotFoundError):
        Ledger(path_of(tmp_path, "family"), "0" * 32).read()
