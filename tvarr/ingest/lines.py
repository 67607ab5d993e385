"""A document's bytes as lines of text, in bounded memory.

Called by `tvarr.ingest.m3u`. One encoding is settled for the whole document: what its byte order
mark says, else UTF-8, else Windows-1252. All three kinds of line end are read; control characters
besides tab, which no playlist needs, are taken out.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO, Final

from tvarr.ingest.document import byte_order_mark, unmarked_utf16

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BLOCK: Final = 1 << 21
"""Bytes that are read at a time."""
MAX_LINE: Final = 1 << 20
"""Bytes of the longest line that is read."""
TOO_LONG: Final = "\0"
"""Stands for a line of more than `MAX_LINE` bytes; no other line holds this character."""

_CONTROLS: Final = bytes({*range(32), 127} - set(b"\t\r\n"))
_MARK: Final = codecs.BOM_UTF8


@dataclass(frozen=True)
class Encoding:
    """How the bytes of a document are read, and what becomes of those that do not fit."""

    name: str
    errors: str = "replace"


STRICT: Final = Encoding("utf-8", "strict")


def encoding_of(head: bytes) -> Encoding:
    """Return what the document's first bytes say; without a mark UTF-8, to be read strictly."""
    name = byte_order_mark(head)[1] or unmarked_utf16(head)
    return Encoding(name) if name and name != "utf-8" else STRICT


def settle_encoding(document: BinaryIO) -> Encoding:
    """Return the encoding of a document that is no clean UTF-8; reads all of it.

    Lists in UTF-8 with a name cut in the middle of a letter are common, and must not be taken for
    Windows-1252: what there is more of, good letters or bad bytes, decides.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    good = bad = 0
    for block in blocks(document):
        text = decoder.decode(block)
        wrong = text.count("\ufffd")
        good += len(text) - len(text.encode("ascii", "ignore")) - wrong
        bad += wrong
    return Encoding("utf-8") if good >= bad else Encoding("cp1252")


def blocks(document: BinaryIO, head: bytes = b"") -> Iterator[bytes]:
    """Yield `head`, then the rest of the document block by block."""
    return chain([head] if head else [], iter(lambda: document.read(BLOCK), b""))


def read_lines(document: BinaryIO, head: bytes, encoding: Encoding) -> Iterator[list[str]]:
    """Yield the lines of `head` and what follows it, many at a time, without their line ends.

    `UnicodeDecodeError` where the encoding is strict and the bytes are not so.
    """
    rest = b""
    skipping = False
    for block in _utf8(blocks(document, head), encoding.name):
        whole, rest = _cut(rest + block)
        if whole:
            lines = _split(whole, encoding.errors)
            if skipping:
                lines[0], skipping = TOO_LONG, False
            yield lines
        if len(rest) > MAX_LINE:
            rest, skipping = b"", True
    if skipping:
        yield [TOO_LONG]
    elif rest:
        yield _split(rest + b"\n", encoding.errors)


def _utf8(document: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Yield the document's blocks in UTF-8, without the mark at its beginning."""
    if encoding != "utf-8":
        decoder = codecs.getincrementaldecoder(encoding)("replace")
        document = (decoder.decode(block).encode() for block in document)
    following = iter(document)
    yield next(following, b"").removeprefix(_MARK)
    yield from following


def _cut(data: bytes) -> tuple[bytes, bytes]:
    """Cut behind the last line end; a return that comes last may be half of one."""
    end = data.rfind(b"\n") + 1 or data.rfind(b"\r", 0, -1) + 1
    return data[:end], data[end:]


def _split(whole: bytes, errors: str) -> list[str]:
    """Return the lines of `whole`, which ends with a line end."""
    whole = whole.translate(None, _CONTROLS)
    if b"\r" in whole:
        whole = whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if not whole.isascii():
        whole = whole.replace(b"\n" + _MARK, b"\n")
    lines = whole.decode("utf-8", errors).split("\n")
    del lines[-1]
    if len(whole) > MAX_LINE:
        return [TOO_LONG if len(line) > MAX_LINE else line for line in lines]
    return lines
