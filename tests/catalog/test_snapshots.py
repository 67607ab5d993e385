"""A snapshot is whole or not there, and its name is its content."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tvarr.catalog.snapshots import Snapshot, Snapshots
from tvarr.errors import Reason, Transient

if TYPE_CHECKING:
    from pathlib import Path


def commit(snapshots: Snapshots, content: bytes, name: str = "one") -> Snapshot:
    with snapshots.stage("source", name) as stage:
        (stage / "channels.parquet").write_bytes(content)
        return snapshots.commit("source", name, stage)


def test_equal_content_has_one_name_and_one_folder(tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path)

    first, second = commit(snapshots, b"same"), commit(snapshots, b"same")

    assert first == second
    assert first.channels.read_bytes() == b"same"
    assert [p.name for p in (tmp_path / "source" / "one").iterdir()] == [first.digest]


def test_other_content_has_another_name_and_the_old_one_stays(tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path)

    old, new = commit(snapshots, b"old"), commit(snapshots, b"new")

    assert old.digest != new.digest
    assert old.channels.read_bytes() == b"old"


def test_the_name_depends_on_the_content_and_not_on_the_resource(tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path)

    assert commit(snapshots, b"x", "one").digest == commit(snapshots, b"x", "two").digest


def test_a_stage_that_was_not_committed_leaves_nothing(tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path)

    def stage_and_fail() -> None:
        with snapshots.stage("source", "one") as stage:
            (stage / "channels.parquet").write_bytes(b"half")
            raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        stage_and_fail()
    assert list((tmp_path / "source" / "one").iterdir()) == []


def test_a_lost_snapshot_is_said_to_be_fetched_again(tmp_path: Path) -> None:
    with pytest.raises(Transient, match="fetched again") as caught:
        Snapshots(tmp_path).get("source", "one", "0" * 32)
    assert caught.value.reason is Reason.SNAPSHOT_LOST


def test_a_process_that_is_killed_again_and_again_leaves_one_stage_at_most(tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path)
    kept = commit(snapshots, b"one")
    left = tmp_path / "source" / "one" / ".stage-left"
    left.mkdir()
    (left / "channels.parquet").write_bytes(b"half")
    with snapshots.stage("source", "one") as stage:
        assert set(kept.folder.parent.iterdir()) == {kept.folder, stage}


def test_pruning_keeps_what_is_named_and_removes_abandoned_stages(tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path)
    old, new = commit(snapshots, b"old"), commit(snapshots, b"new")
    (tmp_path / "source" / "one" / ".stage-left").mkdir()

    snapshots.prune("source", "one", {new.digest})

    assert not old.folder.exists()
    assert [p.name for p in (tmp_path / "source" / "one").iterdir()] == [new.digest]


def test_pruning_everything_removes_the_resources_folder(tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path)
    commit(snapshots, b"x")

    snapshots.prune("source", "one", set())

    assert not (tmp_path / "source" / "one").exists()
    snapshots.prune("source", "one", set())  # and again: nothing to do, no error
