"""The ways in which a stream of bytes is packed: how to recognise each, and what undoes it.

The table of `tvarr.fetch.layers` and `tvarr.fetch.archive`. All decompressors have one interface,
so that one loop drives them. Each is bounded in the memory that it may take.
"""

from __future__ import annotations

import bz2
import lzma
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from isal import igzip_lib

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable

WINDOW_LOG: Final = 27
"""Widest zstd window as a power of two: 128 MiB, what `zstd --long` makes."""
MEMORY: Final = 1 << WINDOW_LOG
"""Most memory for unpacking xz; `xz -9` needs half of it."""


class Decompressor(Protocol):
    """What the decompressors of isal, bz2, lzma and zstd have in common."""

    @property
    def eof(self) -> bool:
        """Whether the packed stream has come to its end."""
        ...

    @property
    def needs_input(self) -> bool:
        """Whether nothing more comes out without more packed bytes."""
        ...

    @property
    def unused_data(self) -> bytes:
        """What was given beyond the end."""
        ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """Take `data` and return at most `max_length` bytes; the rest comes with later calls."""
        ...


@dataclass(frozen=True)
class Packing:
    """One way of packing."""

    name: str
    magic: tuple[bytes, ...]
    """How it may begin; without any, it is told from elsewhere and one stream is all."""
    create: Callable[[], Decompressor]


def _create_zstd() -> Decompressor:
    return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: WINDOW_LOG})


GZIP = Packing(
    "gzip",
    (b"\x1f\x8b\x08",),  # RFC 1952, 2.3.1
    lambda: igzip_lib.IgzipDecompressor(igzip_lib.DECOMP_GZIP),
)
BZIP2 = Packing("bzip2", tuple(b"BZh%d" % level for level in range(1, 10)), bz2.BZ2Decompressor)
XZ = Packing(
    "xz",
    (b"\xfd7zXZ\x00",),  # The .xz File Format 1.2.1, 2.1.1.1
    lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MEMORY),
)
# it has no magic; all encoders write these properties, and a dictionary of 64 KiB or more
LZMA = Packing(
    "lzma",
    (b"\x5d\x00\x00",),
    lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=MEMORY),
)
_SKIPPABLE = tuple(bytes((0x50 + n, 0x2A, 0x4D, 0x18)) for n in range(16))
ZSTD = Packing("zstd", (b"\x28\xb5\x2f\xfd", *_SKIPPABLE), _create_zstd)  # RFC 8878, 3.1
DEFLATE = Packing("zip", (), lambda: igzip_lib.IgzipDecompressor(igzip_lib.DECOMP_DEFLATE))

PACKINGS: Final = (GZIP, BZIP2, XZ, LZMA, ZSTD)
"""Those that are recognised by their first bytes."""
LONGEST_MAGIC: Final = 6
ERRORS: Final[tuple[type[Exception], ...]] = (
    igzip_lib.IsalError,  # type: ignore[assignment]  # its stub says instance where it is a class
    lzma.LZMAError,
    zstd.ZstdError,
    OSError,  # bz2
    ValueError,
)
"""What the decompressors raise for damaged input."""
