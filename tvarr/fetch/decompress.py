"""Any stored document as a stream of plain bytes, whatever it was packed with.

Called by the ingesters with the file that `tvarr.fetch.client` stored (or a local file). The
packing is recognised by its first bytes, since providers name files as they please: gzip, bzip2,
xz, lzma, zstd and zip, also one inside another (a `.xml.gz` in a zip, or a `.gz` that the web
server packed once more). What comes out is bounded, and so is the memory that it takes. What the
plain bytes mean is for others to judge.
"""

from __future__ import annotations

import errno
import io
import os
import shutil
import stat
import tempfile
from typing import IO, TYPE_CHECKING, Final

from tvarr.errors import Reason, Transient
from tvarr.fetch import archive
from tvarr.fetch.layers import BLOCK, PACKED_BLOCK, Plain, Unpacked
from tvarr.fetch.packings import LONGEST_MAGIC, PACKINGS

if TYPE_CHECKING:
    from pathlib import Path

DEPTH: Final = 2
"""Most packings around one document."""


def open_document(path: Path, max_size: int) -> io.BufferedReader:
    """Open the document in `path` for reading its plain bytes, from its start to its end.

    Opening and reading raise `Transient`: `TOO_LARGE` once more than `max_size` bytes come out,
    `TRUNCATED` where the packed file stops too early, `PARSE_ERROR` where it is damaged or packed
    in a way that is not read, `EMPTY_ANSWER` for an archive without files, `FILE_MISSING` where the
    file cannot be opened. Closing the result closes the file.
    """
    stream = _open_file(path)
    try:
        for _ in range(DEPTH):
            stream, packed = _unpack_once(stream, max_size)
            if not packed:
                return stream
        _refuse_deeper(stream)
    except BaseException:
        stream.close()
        raise
    return stream


def _open_file(path: Path) -> io.BufferedReader:
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for its other end
            raise Transient(Reason.FILE_MISSING, f"{path.name} is not a regular file")
        return io.BufferedReader(path.open("rb", buffering=0), PACKED_BLOCK)
    except OSError as error:
        raise Transient(
            Reason.FILE_MISSING, f"{path.name} cannot be read: {error.strerror}"
        ) from error


def _unpack_once(stream: io.BufferedReader, max_size: int) -> tuple[io.BufferedReader, bool]:
    """Return the bytes inside `stream`, and whether they were packed; the result owns `stream`."""
    head = stream.peek(LONGEST_MAGIC)
    if head.startswith(archive.MAGIC):
        return archive.open_member(_seekable(stream), max_size), True
    for packing in PACKINGS:
        if head.startswith(packing.magic):
            return Unpacked(stream, max_size, packing).buffered(), True
    return Plain(stream, max_size).buffered(), False


def _refuse_deeper(stream: io.BufferedReader) -> None:
    known = (*archive.MAGIC, *(magic for packing in PACKINGS for magic in packing.magic))
    if stream.peek(LONGEST_MAGIC).startswith(known):
        raise Transient(Reason.PARSE_ERROR, f"the document is packed more than {DEPTH} times over")


def _seekable(stream: io.BufferedReader) -> io.BufferedReader:
    """Return `stream`, or an unnamed copy on disk if it cannot be read from its end."""
    if stream.seekable():
        return stream
    with stream, tempfile.TemporaryFile() as copy:
        _copy(stream, copy)
        return io.BufferedReader(io.FileIO(os.dup(copy.fileno())), PACKED_BLOCK)


def _copy(stream: io.BufferedReader, copy: IO[bytes]) -> None:
    try:
        shutil.copyfileobj(stream, copy, BLOCK)
        copy.seek(0)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise Transient(Reason.DISK_FULL, "no room for unpacking on the disk") from error
