"""Where a letter of a text stands in the YAML that the text was written in.

A sentence that is wrong is wrong at some letter, but YAML has many ways to write a text: plain, in
quotes with escapes, in blocks, over several lines. `tvarr.config.load` asks here for the place of
that letter in the file. The scalar is read once more, letter by letter; should that give another
text than the YAML parser's, only the beginning of the scalar is known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tvarr.config.document import Spot, spot_of
from tvarr.logs import redact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ruamel.yaml.nodes import ScalarNode

_BREAK = re.compile(r"\r\n|\r|\n")
_PROPERTIES = re.compile(r"(?:[!&][^\s]*(?:\s+(?:\#[^\r\n]*\s*)?)?)*")
"""Tag and anchor, which stand before a scalar; a plain one begins with neither sign."""
_HEADER = re.compile(r"[|>]([+-]?)([1-9]?)[+-]?[^\r\n]*(?:\r\n|\r|\n|$)")
_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f",
    "r": "\r", "e": "\x1b", " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0",
    "L": "\u2028", "P": "\u2029",
}  # fmt: skip
_DIGITS = {"x": 2, "u": 4, "U": 8}
_WIDTH = 100
"""Letters of an excerpt."""

_Letters = list[tuple[str, int]]
"""Each letter of a text and where it stands in the source."""


@dataclass(frozen=True)
class Located:
    """Where letters of a text stand."""

    spot: Spot
    excerpt: str
    """The line they stand in, and under it a line with carets."""


def locate(node: ScalarNode, file: str, start: int, length: int) -> Located:
    """Return the place of `length` letters of the scalar's value, from its letter `start` on.

    `start` may be the end of the value, where something is missing. The excerpt has nothing but
    the scalar itself, so that no other value of that line is shown.
    """
    places = source_places(node)
    if places is None:
        return Located(spot_of(node.start_mark, file), _in_value(node.value, start, length))
    source = node.start_mark.buffer
    at = places[start]
    beyond = places[min(start + length, len(places) - 1)]
    first, last = _bounds(source, at, places[0], places[-1])
    covered = min(max(beyond - at, 1), max(last - at, 1))
    return Located(_spot(node, at, file), _excerpt(source[first:last], at - first, covered))


def source_places(node: ScalarNode) -> list[int] | None:
    """Return the offset of each letter of the value in the source, and that of the end.

    None if the source cannot be read in the way the YAML parser did.
    """
    source, value = node.start_mark.buffer, str(node.value)
    if source is None:
        return None
    begin = _PROPERTIES.match(source, node.start_mark.pointer)
    start = begin.end() if begin else node.start_mark.pointer
    for letters, end in _readings(source, start, node.end_mark.pointer, node.style):
        if "".join(letter for letter, _ in letters[: len(value)]) == value:
            places = [place for _, place in letters]
            return [*places, end][: len(value) + 1]
    return None


def _readings(
    source: str, start: int, end: int, style: str | None
) -> Iterator[tuple[_Letters, int]]:
    """Yield what the scalar may be read as, and where it ends."""
    if style in ("|", ">"):
        header = _HEADER.match(source, start)
        if header:
            lines = list(_lines(source, header.end(), end))
            for indent in _indents(lines, known=not header[2]):
                yield _block(lines, indent, folded=style == ">"), end
    elif style in ("'", '"'):
        yield _flow(source, start + 1, end - 1, style), end - 1
    else:
        yield _flow(source, start, end, ""), end


# --- blocks ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Line:
    """One line of a block: its text, and where text and line break stand."""

    text: str
    start: int
    broken: bool
    """Whether a line break follows; a file's last line may lack it."""

    @property
    def stop(self) -> int:
        return self.start + len(self.text)

    def is_blank(self, indent: int) -> bool:
        return len(self.text) <= indent and not self.text.strip(" ")


def _lines(source: str, start: int, end: int) -> Iterator[_Line]:
    while start < end:
        found = _BREAK.search(source, start, end)
        stop = found.start() if found else end
        yield _Line(source[start:stop], start, found is not None)
        start = found.end() if found else end


def _indents(lines: list[_Line], *, known: bool) -> Iterator[int]:
    """Yield how far a block may be indented; a number in its header counts from its parent."""
    widths = [len(line.text) - len(line.text.lstrip(" ")) for line in lines if line.text.strip(" ")]
    blank = max((len(line.text) for line in lines), default=0)
    if known:
        yield widths[0] if widths else blank
    else:
        yield from range(min(widths, default=blank), -1, -1)


def _block(lines: list[_Line], indent: int, *, folded: bool) -> _Letters:
    letters: _Letters = []
    breaks: _Letters = []
    before: _Line | None = None
    for line in lines:
        if line.is_blank(indent):
            breaks += [("\n", line.stop)] * line.broken
            continue
        if before is not None:
            letters += _between(before, line, indent, breaks if folded else None)
        letters += breaks
        letters += [(letter, line.start + at) for at, letter in enumerate(line.text)][indent:]
        before, breaks = line, []
    if before is not None and before.broken:
        letters.append(("\n", before.stop))
    return letters + breaks


def _between(before: _Line, line: _Line, indent: int, folded: _Letters | None) -> _Letters:
    """Return what the line break after `before` is read as; `folded` has the breaks that follow."""
    lies_deeper = any(one.text[indent : indent + 1] in (" ", "\t") for one in (before, line))
    if folded is None or lies_deeper:
        return [("\n", before.stop)]
    return [] if folded else [(" ", before.stop)]


# --- plain and in quotes ---------------------------------------------------------------------


def _flow(source: str, start: int, end: int, quote: str) -> _Letters:
    letters: _Letters = []
    at = start
    while at < end:
        sign = source[at]
        if quote == '"' and sign == "\\":
            letter, at_next = _escape(source, at, end)
            if letter:
                letters.append((letter, at))
            at = at_next
            if not letter:
                breaks, at = _breaks(source, at, end)
                letters += breaks
        elif quote == "'" and sign == "'":
            letters.append((sign, at))
            at += 2
        elif sign in " \t\r\n":
            blanks, at = _blanks(source, at, end)
            letters += blanks
        else:
            letters.append((sign, at))
            at += 1
    return letters


def _escape(source: str, at: int, end: int) -> tuple[str, int]:
    """Return the letter that an escape is, and where it ends; no letter for an escaped line end."""
    sign = source[at + 1 : at + 2]
    if sign in _DIGITS:
        stop = at + 2 + _DIGITS[sign]
        return chr(int(source[at + 2 : stop], 16)), stop
    if sign in ("\r", "\n"):
        found = _BREAK.match(source, at + 1, end)
        return "", found.end() if found else at + 2
    return _ESCAPES.get(sign, sign), at + 2


def _blanks(source: str, at: int, end: int) -> tuple[_Letters, int]:
    """Return what blanks are read as, and where they end; those round a line break are dropped."""
    stop = at
    while stop < end and source[stop] in " \t":
        stop += 1
    broken = _BREAK.match(source, stop, end)
    if not broken:
        return [(source[place], place) for place in range(at, stop)], stop
    breaks, after = _breaks(source, broken.end(), end)
    return breaks or [(" ", stop)], after


def _breaks(source: str, at: int, end: int) -> tuple[_Letters, int]:
    """Return a letter for each empty line, and where the next text begins."""
    letters: _Letters = []
    while True:
        while at < end and source[at] in " \t":
            at += 1
        broken = _BREAK.match(source, at, end)
        if not broken:
            return letters, at
        letters.append(("\n", at))
        at = broken.end()


# --- what is shown ---------------------------------------------------------------------------


def _spot(node: ScalarNode, at: int, file: str) -> Spot:
    mark = node.start_mark
    before = mark.buffer[mark.pointer : at]
    breaks = list(_BREAK.finditer(before))
    if not breaks:
        return Spot(file, mark.line + 1, mark.column + len(before) + 1)
    return Spot(file, mark.line + len(breaks) + 1, len(before) - breaks[-1].end() + 1)


def _bounds(source: str, at: int, begin: int, end: int) -> tuple[int, int]:
    """Return which part of the line of `at` belongs to the scalar, without its indentation."""
    first = max(source.rfind("\n", begin, at), source.rfind("\r", begin, at)) + 1 or begin
    found = _BREAK.search(source, at, max(end, at))
    last = found.start() if found else max(end, at)
    while first < at and source[first] in " \t":
        first += 1
    return first, last


def _in_value(value: str, start: int, length: int) -> str:
    begin = value.rfind("\n", 0, start) + 1
    end = value.find("\n", start)
    return _excerpt(value[begin : len(value) if end < 0 else end], start - begin, length)


def _excerpt(line: str, at: int, length: int) -> str:
    """Return the line, or the part of it round `at`, and carets below.

    Where a credential stands before the place, it is hidden and the carets are left out.
    """
    safe = _redacted(line)
    if not safe.startswith(line[: at + length]):
        return _visible(safe[:_WIDTH])
    begin = max(0, at - _WIDTH // 2) if len(safe) > _WIDTH else 0
    shown = safe[begin : begin + _WIDTH]
    carets = "^" * max(1, min(length, len(shown) - (at - begin)))
    return f"{_visible(shown)}\n{' ' * (at - begin)}{carets}"


def _redacted(line: str) -> str:
    """Return the line without credentials; `(?=` is part of a pattern, not of an address."""
    return "(?".join(redact(part) for part in line.split("(?"))


def _visible(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)
