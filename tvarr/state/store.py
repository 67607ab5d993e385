"""The status documents on disk: one TinyDB file, replaced whole at every write.

`tvarr.controller` is the one writer; `tvarr.web` and `tvarr status` read. TinyDB's own storage
rewrites its file in place, so a kill in the middle would destroy it. The storage here writes
beside, syncs and renames: whenever the process or the machine stops, the file is the old one or
the new one.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from typing import TYPE_CHECKING, Any

import orjson
from pydantic import ValidationError
from tinydb import TinyDB, where
from tinydb.storages import Storage

from tvarr.disk import sync
from tvarr.state.conditions import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from tinydb.queries import QueryInstance

_log = logging.getLogger(__name__)

Tables = dict[str, dict[str, dict[str, Any]]]
"""What TinyDB hands to a storage: table → document number → document."""


class AtomicStorage(Storage):
    """Keeps all documents in memory and replaces the file at every write.

    After a failed write (`OSError`) memory is ahead of the file; the next write carries everything.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._path = path
        self._read_only = read_only
        self._tables = self._load()

    def read(self) -> Tables | None:
        """Return a copy of all tables, which TinyDB may change as it likes."""
        return {
            table: {number: dict(document) for number, document in documents.items()}
            for table, documents in self._tables.items()
        }

    def write(self, data: Tables) -> None:
        """Remember `data` and bring it to the disk before returning."""
        if self._read_only:
            raise PermissionError("the state was opened for reading only")
        self._tables = data
        replace_file(self._path, orjson.dumps(data))

    def _load(self) -> Tables:
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return {}
        try:
            return _tables_in(content)
        except ValueError as error:
            self._set_aside(error)
            return {}

    def _set_aside(self, error: ValueError) -> None:
        if self._read_only:
            _log.warning("%s is damaged (%s)", self._path, error)
            return
        aside = self._path.with_name(f"{self._path.name}.damaged-{time.time_ns() // 1_000_000}")
        self._path.rename(aside)
        _log.warning(
            "%s was damaged (%s); it is kept as %s, and the state is built again from the YAML "
            "and the snapshots",
            self._path,
            error,
            aside.name,
        )


class Store:
    """One `Status` per resource. Reads come from memory; `put` and `delete` wait for the disk.

    Safe to read from the event loop while another thread writes: a reader sees the whole set
    before or after a write.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._path = path
        self._database = TinyDB(path, storage=AtomicStorage, read_only=read_only)
        self._table = self._database.table("status", cache_size=0)  # reads come from `_statuses`
        self._writing = threading.Lock()
        self._remembering = threading.Lock()  # never held during a write: the event loop takes it
        self._disk_fails = False
        self._statuses = _statuses_in(list(self._table))

    def get(self, key: str) -> Status | None:
        """Return the status of `kind/name`, or None."""
        return self._statuses.get(key)

    def all(self) -> list[Status]:
        """Return every status, in the order in which they were first put."""
        return list(self._statuses.values())

    def put(self, status: Status) -> None:
        """Add or replace one status. A full disk is logged, once, and mended by the next put."""
        with self._writing:
            self._remember(status)
            self._save(lambda: self._write(status))

    def update(self, key: str, change: Callable[[Status], Status]) -> Status | None:
        """Replace one status by what `change` makes of it, and return that.

        Nothing else is written in between. Unknown keys are no trouble: whoever deleted the
        status meant it.
        """
        with self._writing:
            with self._remembering:
                before = self._statuses.get(key)
                if before is None:
                    return None
                status = change(before)
                self._statuses = {**self._statuses, key: status}
            self._save(lambda: self._write(status))
        return status

    def show(self, status: Status) -> None:
        """Let readers see a passing state, such as work in progress, that no restart needs."""
        self._remember(status)

    def delete(self, key: str) -> None:
        """Forget one status; unknown keys are no trouble."""
        with self._writing:
            status = self._statuses.get(key)
            if status is None:
                return
            with self._remembering:
                self._statuses = {k: v for k, v in self._statuses.items() if k != key}
            self._save(lambda: self._table.remove(_is(status)))

    def close(self) -> None:
        """Let go of the file; everything is on the disk already."""
        self._database.close()

    def _remember(self, status: Status) -> None:
        with self._remembering:
            self._statuses = {**self._statuses, status.key: status}

    def _write(self, status: Status) -> None:
        """Update or insert; TinyDB's own `upsert` would write the file twice."""
        document = status.model_dump(mode="json")
        if self._table.contains(_is(status)):
            self._table.update(document, _is(status))
        else:
            self._table.insert(document)

    def _save(self, write: Callable[[], object]) -> None:
        try:
            write()
        except OSError as error:
            if not self._disk_fails:
                _log.error("%s cannot be written: %s", self._path, error.strerror or error)
            self._disk_fails = True
        else:
            if self._disk_fails:
                _log.info("%s can be written again", self._path)
            self._disk_fails = False


def replace_file(path: Path, content: bytes) -> None:
    """Put `content` at `path` so that a stop at any moment leaves the old or the new file.

    One writer at a time: the file written beside has a fixed name, so that a killed process
    leaves at most one behind, which the next write takes over.
    """
    beside = path.with_name(f".{path.name}.new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(handle)
    beside.replace(path)
    sync(path.parent)


def _tables_in(content: bytes) -> Tables:
    """Read the file's JSON; `ValueError` unless it is tables of documents."""
    tables = orjson.loads(content)
    shaped = isinstance(tables, dict) and all(
        isinstance(documents, dict)
        and all(
            number.isdecimal() and isinstance(document, dict)
            for number, document in documents.items()
        )
        for documents in tables.values()
    )
    if not shaped:
        raise ValueError("it is JSON, but not a set of documents")
    return tables  # type: ignore[no-any-return]  # its shape has just been looked at


def _statuses_in(documents: Iterable[Mapping[str, Any]]) -> dict[str, Status]:
    """Read the documents; one that this version does not understand is left out."""
    statuses: dict[str, Status] = {}
    for document in documents:
        try:
            status = Status.model_validate(dict(document))
        except ValidationError:
            _log.warning(
                "the state holds a status that this version cannot read (%s/%s); it is built again",
                document.get("kind"),
                document.get("name"),
            )
            continue
        statuses[status.key] = status
    return statuses


def _is(status: Status) -> QueryInstance:
    query: QueryInstance = (where("kind") == status.kind.value) & (where("name") == status.name)
    return query
