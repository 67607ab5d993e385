"""A guide's bytes as UTF-8, whatever they are declared to be.

Called by `tvarr.ingest.xmltv.cut` (`utf8_blocks`, at the front of the stream) and
`tvarr.ingest.xmltv.rows` (`recode`, for the few rows that are not UTF-8). Declarations are often
wrong: bytes that are valid UTF-8 are UTF-8 in spite of them. Aggregated guides mix encodings, so
the encodings of one byte a letter are judged row by row; the others are transcoded as a stream.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tvarr.ingest.document import byte_order_mark, unmarked_utf16

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_DECLARED = re.compile(rb"""\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})""")
_BYTE_A_LETTER = re.compile(
    r"iso8859-(?!1$)\d+|cp(?:437|85\d|86\d|874|125\d)|koi8-\w|mac-\w+|tis-620"
)
_SEVERAL_BYTES: Final = {
    "gb2312", "gbk", "gb18030", "hz", "big5", "big5hkscs", "cp950", "shift_jis", "cp932",
    "euc_jp", "iso2022_jp", "euc_kr", "cp949", "johab", "iso2022_kr",
}  # fmt: skip
WESTERN: Final = "cp1252"
"""What undeclared bytes are in, and those declared Latin-1 (as in WHATWG's Encoding Standard)."""


@dataclass(frozen=True)
class Fallback:
    """What rows that are not UTF-8 are in."""

    encoding: str = WESTERN
    is_declared: bool = False


def utf8_blocks(head: bytes, read: Callable[[], bytes]) -> tuple[Iterator[bytes], Fallback]:
    r"""Return the document as blocks in UTF-8 with `\n` line ends, and the fallback encoding.

    `head` is the document's beginning and `read` returns what follows, `b""` at the end. Where
    the document has one byte a letter, the blocks are as they came, and the fallback is what rows
    that are not UTF-8 are in.
    """
    mark, encoding = byte_order_mark(head)
    encoding = encoding or unmarked_utf16(head)
    fallback, declared = Fallback(), declared_encoding(head)
    if declared == "iso8859-1":
        fallback = Fallback(WESTERN, is_declared=True)
    elif declared and _BYTE_A_LETTER.fullmatch(declared):
        fallback = Fallback(declared, is_declared=True)
    elif declared in _SEVERAL_BYTES and not _is_utf8(head):
        encoding = encoding or declared
    blocks = _following(head[len(mark) :], read)
    if encoding not in (None, "utf-8"):
        blocks = _transcoded(blocks, encoding)
    return _with_unix_line_ends(blocks), fallback


def declared_encoding(head: bytes) -> str | None:
    """Return the encoding that the XML declaration names, in Python's spelling, if it is known."""
    declaration = _DECLARED.match(head.removeprefix(codecs.BOM_UTF8))
    if not declaration:
        return None
    try:
        return codecs.lookup(declaration[1].decode()).name
    except LookupError:
        return None


def recode(row: bytes, fallback: Fallback) -> bytes:
    """Return a row that is not valid UTF-8 as UTF-8.

    Where most letters beyond ASCII are whole, it is UTF-8 with a letter cut in two (a description
    shortened by bytes), else it is in the `fallback`'s encoding.
    """
    text = row.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(letter > "\x7f" for letter in text) - broken
    return (text if whole > broken else row.decode(fallback.encoding, "replace")).encode()


def _is_utf8(head: bytes) -> bool:
    """Whether `head` has letters beyond ASCII, and all of them are UTF-8 (the last may be cut)."""
    try:
        return not codecs.getincrementaldecoder("utf-8")().decode(head).isascii()
    except UnicodeDecodeError:
        return False


def _following(head: bytes, read: Callable[[], bytes]) -> Iterator[bytes]:
    yield head
    yield from iter(read, b"")


def _transcoded(blocks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for block in blocks:
        yield decoder.decode(block).encode("utf-8", "replace")


def _with_unix_line_ends(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the blocks as XML 1.0 (2.11) wants line ends to be read."""
    half = b""  # a return that may be the first half of a line end
    for block in blocks:
        data = half + block
        half = b"\r" if data.endswith(b"\r") else b""
        if b"\r" in data:
            data = data[: len(data) - len(half)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        yield data
    if half:
        yield b"\n"
