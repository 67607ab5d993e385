"""One output file and its gzip, written in one pass.

Used by the writers of this package. Compression runs in a thread of its own, one block behind
the writing; isal leaves the GIL. Equal blocks give equal bytes: neither a name nor a time stands
in the gzip header.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from isal import isal_zlib

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_LEVEL = 2
"""The best of isal's quick levels; zlib's usual 6 takes fifteen times as long."""
_GZIP_HEADER = 31
"""The `wbits` of zlib that ask for gzip's header and the widest window."""


def gzip_beside(path: Path) -> Path:
    """Return where the gzip of an output stands: `guide.xml.gz` beside `guide.xml`."""
    return path.with_name(f"{path.name}.gz")


@contextmanager
def open_twins(path: Path) -> Iterator[Callable[[bytes], object]]:
    """Create `path` and its gzip; yield the function that writes a block to both.

    A block of a few megabytes is a good one: that much waits for the compressor.
    """
    compressor = isal_zlib.compressobj(_LEVEL, isal_zlib.DEFLATED, _GZIP_HEADER)
    with (
        path.open("wb") as plain,
        gzip_beside(path).open("wb") as packed,
        ThreadPoolExecutor(1, "gzip") as thread,
    ):
        behind: Future[int] | None = None

        def write(block: bytes) -> None:
            nonlocal behind
            plain.write(block)
            if behind:
                behind.result()
            behind = thread.submit(lambda: packed.write(compressor.compress(block)))

        yield write
        if behind:
            behind.result()
        packed.write(compressor.flush())
