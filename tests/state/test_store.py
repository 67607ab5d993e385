"""The status documents survive kills, full disks and damaged files."""

from __future__ import annotations

import errno
import logging
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import orjson
import pytest

from tvarr.errors import Reason
from tvarr.state.conditions import Condition, ConditionType, Kind, Status
from tvarr.state.store import AtomicStorage, Store, replace_file

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 8, 22, 18, 30, tzinfo=UTC)


def a_status(name: str = "freeview", **changes: object) -> Status:
    return Status(kind=Kind.SOURCE, name=name).model_copy(update=changes)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.json"


class TestReadingAndWriting:
    def test_a_status_comes_back_as_it_was_put(self, path: Path) -> None:
        condition = Condition(
            type=ConditionType.READY,
            status=True,
            reason=Reason.SUCCEEDED,
            message="24 channels",
            since=NOW,
        )
        status = a_status(conditions=(condition,), counts={"channels": 24}, next_due=NOW)
        Store(path).put(status)
        assert Store(path).get("source/freeview") == status

    def test_a_second_put_replaces_the_first(self, path: Path) -> None:
        store = Store(path)
        store.put(a_status(counts={"channels": 1}, etag="old"))
        store.put(a_status(counts={"groups": 2}))
        assert store.all() == [a_status(counts={"groups": 2})]
        assert Store(path).all() == store.all()

    def test_kinds_of_the_same_name_are_kept_apart(self, path: Path) -> None:
        store = Store(path)
        store.put(a_status("uk"))
        store.put(Status(kind=Kind.EPG, name="uk"))
        store.delete("source/uk")
        assert [status.key for status in store.all()] == ["epg/uk"]
        assert [status.key for status in Store(path).all()] == ["epg/uk"]

    def test_the_order_of_the_first_put_is_kept(self, path: Path) -> None:
        store = Store(path)
        for name in ("c", "a", "b", "a"):
            store.put(a_status(name))
        assert [status.name for status in Store(path).all()] == ["c", "a", "b"]

    def test_an_update_starts_from_what_is_there_and_reaches_the_disk(self, path: Path) -> None:
        store = Store(path)
        store.put(a_status(failures=1, etag="kept"))
        changed = store.update(
            "source/freeview", lambda status: status.model_copy(update={"failures": 2})
        )
        assert changed == a_status(failures=2, etag="kept")
        assert Store(path).all() == [changed]

    def test_updating_what_is_not_there_is_no_trouble(self, path: Path) -> None:
        assert Store(path).update("proxy/nobody", lambda status: status) is None
        assert not path.exists()

    def test_deleting_what_is_not_there_is_no_trouble(self, path: Path) -> None:
        Store(path).delete("proxy/nobody")
        assert not path.exists()

    def test_nothing_is_written_before_the_first_put(self, path: Path) -> None:
        assert Store(path).all() == []
        assert not path.exists()

    def test_a_passing_state_is_seen_but_not_kept(self, path: Path) -> None:
        store = Store(path)
        store.put(a_status(failures=1))
        store.show(a_status(failures=2))
        assert store.get("source/freeview") == a_status(failures=2)
        store.put(a_status("other"))
        assert Store(path).get("source/freeview") == a_status(failures=1)

    def test_the_file_is_for_its_owner_only(self, path: Path) -> None:
        Store(path).put(a_status())
        assert path.stat().st_mode & 0o777 == 0o600

    def test_what_tinydb_changes_in_its_copy_does_not_change_the_memory(self, path: Path) -> None:
        storage = AtomicStorage(path)
        storage.write({"status": {"1": {"name": "freeview"}}})
        tables = storage.read()
        assert tables is not None
        tables["status"]["1"]["name"] = "changed"
        tables["status"]["2"] = {}
        assert storage.read() == {"status": {"1": {"name": "freeview"}}}


class TestReadOnly:
    def test_it_reads_what_another_store_wrote(self, path: Path) -> None:
        Store(path).put(a_status())
        assert Store(path, read_only=True).all() == [a_status()]

    def test_it_never_writes(self, path: Path, caplog: pytest.LogCaptureFixture) -> None:
        Store(path).put(a_status())
        before = path.read_bytes()
        Store(path, read_only=True).put(a_status("other"))
        assert path.read_bytes() == before
        assert "opened for reading only" in caplog.text

    def test_it_leaves_a_damaged_file_where_it_is(
        self, path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        path.write_bytes(b"{")
        assert Store(path, read_only=True).all() == []
        assert path.read_bytes() == b"{"
        assert "damaged" in caplog.text


class TestDamage:
    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"{",
            b"\x00" * 512,
            b"\xff\xfe",
            b"[]",
            b"null",
            b'{"status": []}',
            b'{"status": {"one": {}}}',
            b'{"status": {"1": 7}}',
            b'{"status": {"1": {"kind": "source", "name": "a"}}}{"stat',
        ],
    )
    def test_a_damaged_file_is_set_aside_with_a_warning(
        self, path: Path, content: bytes, caplog: pytest.LogCaptureFixture
    ) -> None:
        path.write_bytes(content)
        store = Store(path)
        assert store.all() == []
        [aside] = path.parent.glob("state.json.damaged-*")
        assert aside.read_bytes() == content
        assert aside.name in caplog.text
        store.put(a_status())
        assert Store(path).all() == [a_status()]

    def test_a_status_of_another_version_is_left_out_and_the_rest_read(
        self, path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        Store(path).put(a_status())
        tables = orjson.loads(path.read_bytes())
        tables["status"]["2"] = {"kind": "hologram", "name": "future"}
        path.write_bytes(orjson.dumps(tables))
        assert Store(path).all() == [a_status()]
        assert "hologram/future" in caplog.text

    def test_what_a_killed_writer_left_beside_is_taken_over(self, path: Path) -> None:
        beside = path.with_name(".state.json.new")
        beside.write_bytes(b'{"half')
        Store(path).put(a_status())
        assert not beside.exists()
        assert Store(path).all() == [a_status()]


class TestFullDisk:
    def test_it_is_logged_once_and_the_next_write_carries_everything(
        self, path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO, "tvarr")
        store = Store(path)

        def no_space(_path: Path, _content: bytes) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        with monkeypatch.context() as disk:
            disk.setattr("tvarr.state.store.replace_file", no_space)
            store.put(a_status("one"))
            store.put(a_status("two"))
        assert [record.levelname for record in caplog.records] == ["ERROR"]
        assert [status.name for status in store.all()] == ["one", "two"]
        assert not path.exists()

        store.put(a_status("three"))
        assert [status.name for status in Store(path).all()] == ["one", "two", "three"]
        assert "can be written again" in caplog.text

    def test_a_failed_write_leaves_the_old_file(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        replace_file(path, b"old")

        def broken(_handle: int) -> None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        monkeypatch.setattr("tvarr.state.store.os.fsync", broken)
        with pytest.raises(OSError, match="Input/output"):
            replace_file(path, b"new")
        assert path.read_bytes() == b"old"


class TestReadersBesideAWriter:
    def test_a_reader_never_sees_a_set_that_was_never_put(self, path: Path) -> None:
        store = Store(path)
        names = [f"s{number}" for number in range(20)]
        for name in names:
            store.put(a_status(name))
        stop = threading.Event()

        def write() -> None:
            number = 0
            while not stop.is_set():
                number += 1
                store.put(a_status(names[number % 20], failures=number))

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for _ in range(300):
                assert [status.name for status in store.all()] == names
        finally:
            stop.set()
            writer.join()


class TestKill:
    @pytest.mark.parametrize("rounds", [60, pytest.param(200, marks=pytest.mark.slow)])
    @pytest.mark.timeout(600)
    def test_a_kill_at_any_moment_leaves_the_old_or_the_new_state(
        self, path: Path, rounds: int
    ) -> None:
        """See `kill_writers`: a process of its own, because it forks."""
        killer = subprocess.run(
            [sys.executable, "-m", "tests.state.kill_writers", str(path), str(rounds)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (killer.returncode, killer.stderr) == (0, "")
        assert {status.name for status in Store(path).all()} == {"a", "b"}
        assert not list(path.parent.glob("*.damaged-*"))
