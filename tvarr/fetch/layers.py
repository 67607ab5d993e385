"""Streams made from streams: plain bytes out of packed ones, a piece at a time.

`tvarr.fetch.decompress` and `tvarr.fetch.archive` stack them; each bounds what comes out of it.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from tvarr.errors import Reason, Transient
from tvarr.fetch.packings import ERRORS, LONGEST_MAGIC
from tvarr.fetch.sizes import too_large

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from tvarr.fetch.packings import Packing

BLOCK: Final = 1 << 17
"""Bytes of plain document that are made at a time."""
PACKED_BLOCK: Final = 1 << 16
"""Bytes of packed document that are read at a time. Small, because what follows the end of a member
is copied, and a hostile file has an end every twenty bytes."""
MEMBERS: Final = 100_000
"""Most gzip members, xz streams or zstd frames in a row; a blocked gzip of 6 GB has as many."""


class Layer(io.RawIOBase):
    """A stream made from the stream below it, bounded in size; closing it closes the one below."""

    def __init__(self, below: io.BufferedReader, max_size: int) -> None:
        self._below = below
        self._max_size = max_size
        self._size = 0

    def readable(self) -> bool:
        """Return True."""
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

    def buffered(self) -> io.BufferedReader:
        """Return the layer as a file that can be peeked into and read by the line."""
        return io.BufferedReader(self, BLOCK)

    def close(self) -> None:
        """Close everything below as well."""
        self._below.close()
        super().close()


class Plain(Layer):
    """The stream below as it is."""

    def _fill(self, buffer: memoryview) -> int:
        return self._below.readinto(buffer)


class Slice(Layer):
    """So many bytes of the stream below, from where it stands."""

    def __init__(self, below: io.BufferedReader, size: int) -> None:
        super().__init__(below, size)
        self._left = size

    def _fill(self, buffer: memoryview) -> int:
        count = self._below.readinto(buffer[: self._left])
        self._left -= count
        return count


class Unpacked(Layer):
    """What a compressed stream holds: one member after the other."""

    def __init__(self, below: io.BufferedReader, max_size: int, packing: Packing) -> None:
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
            raise cut(self._packing.name)
        return packed

    def _decompress(self, packed: bytes, size: int) -> bytes:
        try:
            return self._decompressor.decompress(packed, size)
        except ERRORS as error:
            raise damaged(self._packing.name, str(error)) from error

    def _next_member(self) -> bool:
        """Begin the member after the one that ended; False at the end of all.

        Zeros between and after members are padding, and other bytes after the last one are ignored,
        as the command-line tools do.
        """
        rest = self._skip_padding(self._decompressor.unused_data)
        if not rest.startswith(self._packing.magic):
            if rest and any(magic.startswith(rest) for magic in self._packing.magic):
                raise cut(self._packing.name)
            return False
        self._members += 1
        if self._members > MEMBERS:
            raise damaged(self._packing.name, f"it has more than {MEMBERS} parts")
        self._packed = rest
        self._decompressor = self._packing.create()
        return True

    def _skip_padding(self, rest: bytes) -> bytes:
        rest = rest.lstrip(b"\0")
        while self._packing.magic and len(rest) < LONGEST_MAGIC:
            more = self._below.read(PACKED_BLOCK)
            if not more:
                break
            rest = (rest + more).lstrip(b"\0")
        return rest


def cut(name: str) -> Transient:
    """Return the error for a packed document that stops too early."""
    return Transient(Reason.TRUNCATED, f"the {name} document is cut: it stops before its end")


def damaged(name: str, detail: str) -> Transient:
    """Return the error for a packed document that cannot be read."""
    return Transient(Reason.PARSE_ERROR, f"the {name} document cannot be unpacked: {detail}")
