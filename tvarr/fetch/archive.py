"""The one document in a zip archive.

Used by `tvarr.fetch.decompress`. The standard library reads the archive's table of contents; the
file itself is unpacked by our own layers, which bound their memory for every method.
"""

from __future__ import annotations

import re
import struct
import zipfile
from typing import TYPE_CHECKING, Final

from isal import isal_zlib

from tvarr.errors import Reason, Transient
from tvarr.fetch.layers import Layer, Slice, Unpacked, cut, damaged
from tvarr.fetch.packings import BZIP2, DEFLATE, XZ, ZSTD

if TYPE_CHECKING:
    import io

MAGIC: Final = (b"PK\x03\x04", b"PK\x05\x06")  # APPNOTE.TXT 6.3.10, 4.3.7 and 4.3.16
TABLE: Final = 1 << 20
"""Most bytes of a table of contents."""
_METHODS: Final = {8: DEFLATE, 12: BZIP2, 93: ZSTD, 95: XZ}  # APPNOTE.TXT, 4.4.5
_STORED: Final = 0
_ENCRYPTED: Final = 0x1
_LOCAL_HEADER = struct.Struct("<4s22xHH")  # signature, then lengths of the name and the extra field
_DOCUMENT_NAME = re.compile(r"(?i)\.(xml|xmltv|m3u8?)(\.(gz|bz2|xz|zst))?$")


def open_member(archive: io.BufferedReader, max_size: int) -> io.BufferedReader:
    """Open the one document of an archive that can be read from its end.

    The result owns `archive`, which is closed also where this fails. Raises like `open_document`.
    """
    try:
        members = _members(archive)
        member = _choose(members)
        _refuse_unreadable(member, members)
        archive.seek(_payload(archive, member))
    except BaseException:
        archive.close()
        raise
    stream = Slice(archive, member.compress_size).buffered()
    if member.compress_type != _STORED:
        stream = Unpacked(stream, max_size, _METHODS[member.compress_type]).buffered()
    return _Checked(stream, max_size, member).buffered()


class _Shelf:
    """An archive as `zipfile` sees it while it reads the table of contents, in bounded bites."""

    def __init__(self, archive: io.BufferedReader) -> None:
        self._archive = archive
        self.seek = archive.seek
        self.tell = archive.tell

    def read(self, size: int = -1) -> bytes:
        wanted = TABLE + 1 if size < 0 else min(size, TABLE + 1)
        data = self._archive.read(wanted)
        if len(data) > TABLE:
            raise damaged("zip", "its table of contents is too large")
        return data


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
        raise cut("zip") from error


def _choose(members: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    """Return the first member named like a playlist or a guide, else the largest."""
    if not members:
        raise Transient(Reason.EMPTY_ANSWER, "the zip archive holds no file")
    named = (member for member in members if _DOCUMENT_NAME.search(member.filename))
    return next(named, None) or max(members, key=lambda member: member.file_size)


def _refuse_unreadable(member: zipfile.ZipInfo, members: list[zipfile.ZipInfo]) -> None:
    if member.flag_bits & _ENCRYPTED:
        raise Transient(Reason.UNSUPPORTED, "the zip archive wants a password")
    if member.compress_type not in _METHODS and member.compress_type != _STORED:
        raise Transient(
            Reason.UNSUPPORTED,
            f"the zip archive is packed by a method that is not read ({member.compress_type})",
        )
    end = member.header_offset + member.compress_size
    if any(member.header_offset < other.header_offset < end for other in members):
        raise damaged("zip", "its files overlap")


def _payload(archive: io.BufferedReader, member: zipfile.ZipInfo) -> int:
    """Return where a member's bytes begin."""
    try:
        archive.seek(member.header_offset)
    except (OSError, ValueError, OverflowError) as error:  # before the beginning, or absurd
        raise damaged("zip", "its table of contents points to nothing") from error
    header = archive.read(_LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size or not header.startswith(MAGIC):
        raise damaged("zip", "its table of contents points to nothing")
    _, name_length, extra_length = _LOCAL_HEADER.unpack(header)
    return member.header_offset + _LOCAL_HEADER.size + int(name_length) + int(extra_length)


class _Checked(Layer):
    """A member's bytes, which must have the size and checksum that the archive promises."""

    def __init__(self, below: io.BufferedReader, max_size: int, member: zipfile.ZipInfo) -> None:
        super().__init__(below, max_size)
        self._promised = member.CRC
        self._left = member.file_size
        self._crc = 0

    def _fill(self, buffer: memoryview) -> int:
        count = self._below.readinto(buffer)
        self._crc = isal_zlib.crc32(buffer[:count], self._crc)
        self._left -= count
        if not count and (self._left or self._crc != self._promised):
            raise damaged("zip", "size or checksum differ from what the archive says")
        return count
