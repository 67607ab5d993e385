"""Any stored document as a stream of plain bytes, whatever it was packed with.

Called by the ingesters with the file that `tvarr.fetch.client` stored (or a local file). The
packing is recognised by its first bytes, since providers name files as they please: gzip, bzip2,
xz, lzma, zstd and zip, also one inside another (a `.xml.gz` in a zip, or a `.gz` that the web
server packed once more). What comes out is bounded, and so is the memory that it takes. What the
plain bytes mean is for others to judge.
"""

from __future__ import annotations

import bz2
import io
import lzma
import os
import re
import shutil
import stat
import struct
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from isal import igzip_lib, isal_zlib

from tvarr.errors import Reason, Transient

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from typing_extensions import Buffer

BLOCK: Final = 1 << 18
"""Bytes of plain document that are made at a time."""
PACKED_BLOCK: Final = 1 << 16
"""Bytes of packed document that are read at a time. Small, because what follows the end of a member
is copied, and a hostile file has an end every twenty bytes."""
MEMBERS: Final = 100_000
"""Most gzip members, xz streams or zstd frames in a row; a blocked gzip of 6 GB has as many."""
DEPTH: Final = 2
"""Most packings around one document."""
WINDOW_LOG: Final = 27
"""Widest zstd window as a power of two: 128 MiB, what `zstd --long` makes."""
MEMORY: Final = 1 << WINDOW_LOG
"""Most memory for unpacking xz; `xz -9` needs half of it."""
DIRECTORY: Final = 1 << 20
"""Most bytes of a zip archive's table of contents."""
RETRY_TOO_LARGE: Final = 6 * 3600.0
"""Seconds until something too large is tried again: the provider may mend it, but the same gigabyte
should not be fetched every few minutes. An edit of `max_size` is acted upon at once."""


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


def too_large(max_size: int, what: str = "the document") -> Transient:
    """Return the error for something of more than `max_size` bytes."""
    limit = readable_size(max_size)
    return Transient(
        Reason.TOO_LARGE,
        f"{what} is larger than max_size ({limit}): raise max_size if it should be that large",
        RETRY_TOO_LARGE,
    )


def readable_size(size: int) -> str:
    """Return a number of bytes as it may be written in the YAML (`64MiB`)."""
    for unit, name in ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
        if size >= unit:
            return f"{size / unit:.4g}{name}"
    return f"{size}B"


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
    head = stream.peek(_LONGEST_MAGIC)
    if head.startswith(_ZIP_MAGIC):
        return _open_member(_seekable(stream), max_size), True
    for packing in _PACKINGS:
        if head.startswith(packing.magic):
            return _buffered(_Unpacked(stream, max_size, packing)), True
    return _buffered(_Plain(stream, max_size)), False


def _refuse_deeper(stream: io.BufferedReader) -> None:
    known = (*_ZIP_MAGIC, *(magic for packing in _PACKINGS for magic in packing.magic))
    if stream.peek(_LONGEST_MAGIC).startswith(known):
        raise Transient(Reason.PARSE_ERROR, f"the document is packed more than {DEPTH} times over")


def _buffered(layer: io.RawIOBase) -> io.BufferedReader:
    return io.BufferedReader(layer, BLOCK)


# --- packings ---------------------------------------------------------------------------------


_ERRORS: Final[tuple[type[Exception], ...]] = (
    igzip_lib.IsalError,  # type: ignore[assignment]  # its stub says instance where it is a class
    lzma.LZMAError,
    zstd.ZstdError,
    OSError,  # bz2
    ValueError,
)


class _Decompressor(Protocol):
    """What the decompressors of isal, bz2, lzma and zstd have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


@dataclass(frozen=True)
class _Packing:
    """One way of packing: how to recognise it (without magic: never) and how to undo it."""

    name: str
    magic: tuple[bytes, ...]
    create: Callable[[], _Decompressor]


def _create_zstd() -> _Decompressor:
    return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: WINDOW_LOG})


_GZIP = _Packing(
    "gzip",
    (b"\x1f\x8b\x08",),  # RFC 1952, 2.3.1
    lambda: igzip_lib.IgzipDecompressor(igzip_lib.DECOMP_GZIP),
)
_BZIP2 = _Packing("bzip2", tuple(b"BZh%d" % level for level in range(1, 10)), bz2.BZ2Decompressor)
_XZ = _Packing(
    "xz",
    (b"\xfd7zXZ\x00",),  # The .xz File Format 1.2.1, 2.1.1.1
    lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MEMORY),
)
_LZMA = _Packing(
    "lzma",
    (
        b"\x5d\x00\x00",
    ),  # lc=3, lp=0, pb=2 and a dictionary of 64 KiB or more, as all encoders write
    lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=MEMORY),
)
_ZSTD = _Packing(
    "zstd",
    (
        b"\x28\xb5\x2f\xfd",
        *(bytes((0x50 + n, 0x2A, 0x4D, 0x18)) for n in range(16)),
    ),  # RFC 8878, 3.1
    _create_zstd,
)
_DEFLATE = _Packing("zip", (), lambda: igzip_lib.IgzipDecompressor(igzip_lib.DECOMP_DEFLATE))
_PACKINGS: Final = (_GZIP, _BZIP2, _XZ, _LZMA, _ZSTD)
_ZIP_MAGIC: Final = (b"PK\x03\x04", b"PK\x05\x06")  # APPNOTE.TXT 6.3.10, 4.3.7 and 4.3.16
_IN_ZIP: Final = {8: _DEFLATE, 12: _BZIP2, 93: _ZSTD, 95: _XZ}  # APPNOTE.TXT 4.4.5
_STORED: Final = 0
_LONGEST_MAGIC: Final = 6


# --- layers -----------------------------------------------------------------------------------


class _Layer(io.RawIOBase):
    """A stream made from the stream below it, bounded in size; closing it closes the one below."""

    def __init__(self, below: io.BufferedReader, max_size: int) -> None:
        self._below = below
        self._max_size = max_size
        self._size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        """Fill the whole of `buffer`, unless the stream ends."""
        view = memoryview(buffer)
        filled = 0
        while filled < len(view):
            count = self._fill(view[filled:])
            if not count:
                break
            filled += count
        self._size += filled
        if self._size > self._max_size:
            raise too_large(self._max_size)
        return filled

    def _fill(self, buffer: memoryview) -> int:
        """Put at least one byte into `buffer` and return how many; 0 at the end."""
        raise NotImplementedError

    def close(self) -> None:
        self._below.close()
        super().close()


class _Plain(_Layer):
    """The stream below as it is."""

    def _fill(self, buffer: memoryview) -> int:
        return self._below.readinto(buffer)


class _Unpacked(_Layer):
    """What a compressed stream holds: one member after the other."""

    def __init__(self, below: io.BufferedReader, max_size: int, packing: _Packing) -> None:
        super().__init__(below, max_size)
        self._packing = packing
        self._decompressor = packing.create()
        self._members = 1
        self._packed = b""
        """Read from below, not yet given to the decompressor."""

    def _fill(self, buffer: memoryview) -> int:
        while not self._decompressor.eof or self._next_member():
            block = self._decompress(self._take_packed(), len(buffer))
            if block:
                buffer[: len(block)] = block
                return len(block)
        return 0

    def _take_packed(self) -> bytes:
        if not self._decompressor.needs_input:
            return b""
        packed = self._packed or self._below.read(PACKED_BLOCK)
        self._packed = b""
        if not packed:
            raise _cut(self._packing.name)
        return packed

    def _decompress(self, packed: bytes, size: int) -> bytes:
        try:
            return self._decompressor.decompress(packed, size)
        except _ERRORS as error:
            raise _damaged(self._packing.name, str(error)) from error

    def _next_member(self) -> bool:
        """Begin the member after the one that ended; False at the end of all.

        Zeros between and after members are padding, and other bytes after the last one are ignored,
        as the command-line tools do.
        """
        rest = self._skip_padding(self._decompressor.unused_data)
        if not rest.startswith(self._packing.magic):
            if rest and any(magic.startswith(rest) for magic in self._packing.magic):
                raise _cut(self._packing.name)
            return False
        self._members += 1
        if self._members > MEMBERS:
            raise _damaged(self._packing.name, f"more than {MEMBERS} parts")
        self._packed = rest
        self._decompressor = self._packing.create()
        return True

    def _skip_padding(self, rest: bytes) -> bytes:
        rest = rest.lstrip(b"\0")
        while self._packing.magic and len(rest) < _LONGEST_MAGIC:
            more = self._below.read(PACKED_BLOCK)
            if not more:
                break
            rest = (rest + more).lstrip(b"\0")
        return rest


class _Slice(_Layer):
    """So many bytes of the stream below, from where it stands."""

    def __init__(self, below: io.BufferedReader, size: int) -> None:
        super().__init__(below, size)
        self._left = size

    def _fill(self, buffer: memoryview) -> int:
        count = self._below.readinto(buffer[: self._left])
        self._left -= count
        return count


class _Checked(_Layer):
    """A zip member's bytes, which must have the size and checksum that the archive promises."""

    def __init__(self, below: io.BufferedReader, max_size: int, member: zipfile.ZipInfo) -> None:
        super().__init__(below, max_size)
        self._member = member
        self._crc = 0
        self._left = member.file_size

    def _fill(self, buffer: memoryview) -> int:
        count = self._below.readinto(buffer)
        self._crc = isal_zlib.crc32(buffer[:count], self._crc)
        self._left -= count
        if not count and (self._left or self._crc != self._member.CRC):
            raise _damaged("zip", "size or checksum differ from what the archive says")
        return count


def _cut(name: str) -> Transient:
    return Transient(Reason.TRUNCATED, f"the {name} document is cut: it stops before its end")


def _damaged(name: str, detail: str) -> Transient:
    return Transient(Reason.PARSE_ERROR, f"the {name} document cannot be unpacked: {detail}")


# --- zip --------------------------------------------------------------------------------------

_DOCUMENT_NAME = re.compile(r"(?i)\.(xml|xmltv|m3u8?)(\.(gz|bz2|xz|zst))?$")
_LOCAL_HEADER = struct.Struct("<4s22xHH")  # signature, then lengths of the name and the extra field
_ENCRYPTED: Final = 0x1


class _Shelf:
    """An archive as `zipfile` sees it while it reads the table of contents, in bounded bites."""

    def __init__(self, archive: io.BufferedReader) -> None:
        self._archive = archive
        self.seek = archive.seek
        self.tell = archive.tell

    def read(self, size: int = -1) -> bytes:
        wanted = DIRECTORY + 1 if size < 0 else min(size, DIRECTORY + 1)
        data = self._archive.read(wanted)
        if len(data) > DIRECTORY:
            raise _damaged("zip", "its table of contents is too large")
        return data


def _seekable(stream: io.BufferedReader) -> io.BufferedReader:
    """Return `stream`, or an unnamed copy on disk if it cannot be read from its end."""
    if stream.seekable():
        return stream
    with stream, tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(stream, copy, BLOCK)
        copy.seek(0)
        return io.BufferedReader(io.FileIO(os.dup(copy.fileno())), PACKED_BLOCK)


def _open_member(archive: io.BufferedReader, max_size: int) -> io.BufferedReader:
    """Open the one document of an archive; the result owns `archive`."""
    try:
        members = _members(archive)
        member = _choose(members)
        _refuse_unreadable(member, members)
        archive.seek(_payload(archive, member))
    except BaseException:
        archive.close()
        raise
    stream = _buffered(_Slice(archive, member.compress_size))
    if member.compress_type != _STORED:
        stream = _buffered(_Unpacked(stream, max_size, _IN_ZIP[member.compress_type]))
    return _buffered(_Checked(stream, max_size, member))


def _members(archive: io.BufferedReader) -> list[zipfile.ZipInfo]:
    """Read the table of contents: files only, in its order."""
    shelf = _Shelf(archive)
    try:
        with zipfile.ZipFile(shelf) as listing:
            return [
                member
                for member in listing.infolist()
                if not member.is_dir() and not member.filename.startswith("__MACOSX/")
            ]
    except (zipfile.BadZipFile, struct.error, ValueError, OSError, NotImplementedError) as error:
        # the table stands at the end, so a cut archive has none
        raise _cut("zip") from error


def _choose(members: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    """Return the first member named like a playlist or a guide, else the largest."""
    if not members:
        raise Transient(Reason.EMPTY_ANSWER, "the zip archive holds no file")
    named = (member for member in members if _DOCUMENT_NAME.search(member.filename))
    return next(named, None) or max(members, key=lambda member: member.file_size)


def _refuse_unreadable(member: zipfile.ZipInfo, members: list[zipfile.ZipInfo]) -> None:
    if member.flag_bits & _ENCRYPTED:
        raise _damaged("zip", "it is encrypted")
    if member.compress_type not in _IN_ZIP and member.compress_type != _STORED:
        raise _damaged("zip", f"compression method {member.compress_type} is not read")
    end = member.header_offset + member.compress_size
    if any(member.header_offset < other.header_offset < end for other in members):
        raise _damaged("zip", "its files overlap")


def _payload(archive: io.BufferedReader, member: zipfile.ZipInfo) -> int:
    """Return where a member's bytes begin."""
    archive.seek(member.header_offset)
    header = archive.read(_LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size or not header.startswith(_ZIP_MAGIC):
        raise _damaged("zip", "its table of contents points to nothing")
    _, name_length, extra_length = _LOCAL_HEADER.unpack(header)
    return member.header_offset + _LOCAL_HEADER.size + int(name_length) + int(extra_length)
