r"""Cuts the byte stream of a guide into pieces that hold whole programmes and whole channels.

The first step of `tvarr.ingest.xmltv`. What would make cutting at `</programme>` unsafe is
settled here: bytes become UTF-8, line ends become `\n`, comments, processing instructions and the
DOCTYPE (with every entity it declares) are taken out, CDATA becomes escaped text. So no reader
behind this one ever sees a DTD, and a `</programme>` is always an end tag. Memory is bounded by
the size of a piece and the largest element, whatever the document does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tvarr.errors import Reason, Transient
from tvarr.ingest.document import HEAD, refuse
from tvarr.ingest.xmltv.encoding import Fallback, utf8_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

PIECE: Final = 2 << 20
"""Bytes read at once; enough that the cost of a call does not count."""
ELEMENT_LIMIT: Final = 1 << 20
"""Bytes of the largest programme, and of a DOCTYPE. Real programmes stay under 100 KB."""
END: Final = b"</programme>"

_SECTION = re.compile(
    rb"""<(?:
         (?P<comment> !--.*?(?:-->|\Z) )
       | (?P<cdata> !\[CDATA\[ (?P<text>.*?) (?:\]\]>|\Z) )
       | (?P<instruction> \?.*?(?:\?>|\Z) )
       | (?P<doctype> !DOCTYPE
            (?: [^\[<>"'] | "[^"]*" | '[^']*' )*+
            (?: \[ (?: [^\]"'<] | "[^"]*" | '[^']*' | <!--.*?--> | <\?.*?\?> | <(?!!--|\?) )*+ \]
                [ \t\n]* )?
            > )
       | (?P<unfinished> !DOCTYPE .* | (?:![\[A-Z-]{0,8})?\Z ) )""",
    re.DOTALL | re.VERBOSE,
)
_OPENING = re.compile(rb"<[!?]")
_OPENINGS: Final = {"comment": b"<!--", "instruction": b"<?", "cdata": b"<![CDATA["}
_CLOSINGS: Final = {"comment": b"-->", "instruction": b"?>", "cdata": b"]]>"}
_ROOT = re.compile(
    rb"""[ \t\n]* <(?:[\w.-]+:)?tv (?P<attributes> (?:[ \t\n/](?:[^>"']|"[^"]*"|'[^']*')*+)? ) >""",
    re.IGNORECASE | re.VERBOSE,
)
_ROOT_END = re.compile(rb"</(?:[\w.-]+:)?tv[ \t\n]*>", re.IGNORECASE)
_ELEMENT_END = re.compile(
    rb"""</(?:programme|channel)[ \t\n]*>
       | <channel[ \t\n](?:[^<>"'/]|/(?!>)|"[^"]*"|'[^']*')*+/>""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Piece:
    """Some whole elements of the guide, in its order."""

    data: bytes
    """UTF-8, but for rows that `encoding.recode` mends."""
    line: int
    """The line of the document on which `data` begins, 1-based."""
    hidden: tuple[tuple[int, int], ...] = ()
    """Where lines were taken out: the offset in `data`, and how many."""

    def line_at(self, offset: int) -> int:
        """Return the line of the document on which the byte at `offset` stands."""
        hidden = sum(lines for place, lines in self.hidden if place <= offset)
        return self.line + self.data.count(b"\n", 0, offset) + hidden


@dataclass
class Cutter:
    """One document on its way into pieces: iterate once, then read what was learnt."""

    stream: BinaryIO
    size: int = PIECE
    limit: int = ELEMENT_LIMIT
    header: bytes | None = None
    """The attributes of the root element, as written."""
    fallback: Fallback = field(default_factory=Fallback)
    """The encoding of what is not UTF-8."""
    closed: bool = False
    """Whether the root element's end tag is the last of the document."""
    leftover: bool = False
    """Whether the document breaks off inside an element."""
    oversize: list[int] = field(default_factory=list)
    """The lines on which skipped elements over the limit begin."""
    taken: int = 0
    """Bytes read from the stream."""

    _buffer: bytes = b""
    _pending: bytes = b""  # the beginning of a section whose end is not read yet
    _skip_to: bytes = b""  # the end of a section whose content does not matter
    _inside_oversize: bool = False
    _line: int = 1
    _hidden: list[tuple[int, int]] = field(default_factory=list)

    def __iter__(self) -> Iterator[Piece]:
        """Yield the pieces; raises what `refuse` raises where this is no guide."""
        head = self._read(max(self.size, HEAD))
        refuse(head[:HEAD], "xmltv")
        blocks, self.fallback = utf8_blocks(head, lambda: self._read(self.size))
        for block in blocks:
            self._buffer += self._without_sections(self._pending + block)
            self._find_root()
            if self._inside_oversize:
                self._leave_oversize()
            if end := self._last_end():
                yield self._take(end)
            elif len(self._buffer) > self.limit:
                self._enter_oversize()
        yield self._take(self._root_end())

    def _read(self, size: int) -> bytes:
        """Read `size` bytes unless the stream ends, so that pieces do not depend on its chunks."""
        parts: list[bytes] = []
        while size and (part := self.stream.read(size)):
            parts.append(part)
            size -= len(part)
            self.taken += len(part)
        return b"".join(parts)

    # sections: comments, CDATA, instructions, DOCTYPE

    def _without_sections(self, data: bytes) -> bytes:
        """Return `data` with its sections resolved; an unfinished one waits for the next block."""
        self._pending = b""
        if self._skip_to:
            data = self._skip(data)
        if not _OPENING.search(data) and not data.endswith(b"<"):
            return data
        shift = len(self._buffer)

        def resolve(section: re.Match[bytes]) -> bytes:
            nonlocal shift
            text = self._resolved(section)
            kept = text.count(b"\n") + self._pending.count(b"\n")
            self._hide(section.start() + shift, section[0].count(b"\n") - kept)
            shift += len(text) - len(section[0])
            return text

        return _SECTION.sub(resolve, data)

    def _resolved(self, section: re.Match[bytes]) -> bytes:
        kind = str(section.lastgroup)
        if kind == "doctype":
            return b""
        if kind == "unfinished" or not _is_finished(section[0], kind):
            return self._unfinished(section[0], kind)
        return _escaped(section["text"]) if kind == "cdata" else b""

    def _unfinished(self, text: bytes, kind: str) -> bytes:
        """Return what counts of a section whose end is not in sight; remember the rest."""
        if kind in ("comment", "instruction"):
            self._skip_to = _CLOSINGS[kind]
            self._pending = text[len(_OPENINGS[kind]) :][1 - len(self._skip_to) :]
            return b""
        if len(text) <= self.limit:
            self._pending = text
            return b""
        if kind == "cdata":  # the programme is too large already: its row is refused later
            self._skip_to = _CLOSINGS[kind]
            return _escaped(text[len(_OPENINGS[kind]) :])
        raise Transient(Reason.PARSE_ERROR, "the guide's DOCTYPE does not end")

    def _skip(self, data: bytes) -> bytes:
        """Return what follows the end of the section that is skipped."""
        end = data.find(self._skip_to)
        if end < 0:
            self._pending = data[1 - len(self._skip_to) :]
            end = len(data) - len(self._pending)
            self._hide(len(self._buffer), data.count(b"\n", 0, end))
            return b""
        end += len(self._skip_to)
        self._skip_to = b""
        self._hide(len(self._buffer), data.count(b"\n", 0, end))
        return data[end:]

    def _hide(self, place: int, lines: int) -> None:
        if lines and self._hidden and self._hidden[-1][0] == place:  # a million comments in a row
            self._hidden[-1] = (place, self._hidden[-1][1] + lines)
        elif lines:
            self._hidden.append((place, lines))

    # elements

    def _find_root(self) -> None:
        """Take note of the root element's attributes, once."""
        if self.header is None and (root := _ROOT.match(self._buffer)):
            self.header = root["attributes"]
            self.closed = self.header.endswith(b"/")

    def _last_end(self) -> int:
        """Return where the last whole element of the buffer ends, 0 for nowhere."""
        end = self._buffer.rfind(END)
        if end >= 0:
            return end + len(END)
        if len(self._buffer) < min(self.size, self.limit):
            return 0
        return max((match.end() for match in _ELEMENT_END.finditer(self._buffer)), default=0)

    def _root_end(self) -> int:
        """Return where the last elements end, at the end of the document; judge how it ends."""
        found = list(_ROOT_END.finditer(self._buffer))
        self.closed = self.closed or bool(found)
        unread = self._pending or self._skip_to or self._inside_oversize
        self.leftover = not self.closed and bool(self._buffer.strip() or unread)
        return found[-1].start() if found else len(self._buffer)

    def _take(self, end: int) -> Piece:
        """Take the buffer up to `end` as a piece."""
        if self.header is None:
            raise Transient(Reason.NOT_XMLTV, "the guide does not begin with a <tv> element")
        here = tuple((place, lines) for place, lines in self._hidden if place < end)
        piece = Piece(self._buffer[:end], self._line, here)
        self._hidden = [(place - end, lines) for place, lines in self._hidden if place >= end]
        self._line = piece.line_at(end)
        self._buffer = self._buffer[end:]
        return piece

    def _enter_oversize(self) -> None:
        if not self._inside_oversize:
            self._inside_oversize = True
            self.oversize.append(self._line)
        self._take(len(self._buffer) - 2 * len(END))  # an end tag may be cut in two

    def _leave_oversize(self) -> None:
        if end := _ELEMENT_END.search(self._buffer):
            self._inside_oversize = False
            self._take(end.end())


def _is_finished(text: bytes, kind: str) -> bool:
    opening, closing = _OPENINGS[kind], _CLOSINGS[kind]
    return len(text) >= len(opening) + len(closing) and text.endswith(closing)


def _escaped(text: bytes) -> bytes:
    return text.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")
