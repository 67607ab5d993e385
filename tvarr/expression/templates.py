"""A value as it is written, read into the parts of `tvarr.expression.values`.

Escapes are undone first; then `$…` and `@helper:…` are found in what is left. A pattern has
neither, and a text in quotes that is compared has helpers only.
"""

from __future__ import annotations

import re
from datetime import UTC
from typing import TYPE_CHECKING, Literal

from tvarr.expression import fields, suggest
from tvarr.expression.problems import Category
from tvarr.expression.times import read_instant
from tvarr.expression.values import Capture, Copy, Logo, Moment, Now, Part, Text, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tvarr.expression.lookup import Lookup

Role = Literal["pattern", "compared", "assigned"]

_ESCAPE = re.compile(r"\\([\"'\\ntr])")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}
_REFERENCE = re.compile(
    r"\$(?:\{(?P<braced>\w+)\}|(?P<broken>\{)|(?P<number>[0-9]{1,2})"
    r"|(?P<field>[A-Za-z_][A-Za-z0-9_]*))"
    r"|(?P<helper>(?i:@(?:logo|time):))"
)
_LOGO = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_TIME = re.compile(
    r"""(?ix) now\(\s*\) | now(?![\w(])
      | parse\(\s*+(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^()"'\s]*+))\s*+\)
      | (?P<epoch>-?[0-9]+(?:\.[0-9]+)?)(?!\w)"""
)
_HELPERS = ("@logo:", "@time:now", "@time:now()", "@time:parse(")


def read_value(lookup: Lookup, place: int, written: str, role: Role) -> Value | None:
    """Return the value that is `written` at `place` of the sentence; None if it is wrong."""
    quoted = written[:1] in ('"', "'")
    text = _ESCAPE.sub(_unescape, written[1:-1]) if quoted else written
    where = _Where(lookup, place, written)
    if role == "pattern":
        return _pattern(text, quoted=quoted, where=where)
    if not quoted and text.startswith("@") and not _REFERENCE.match(text):
        where.wrong_helper(text)
        return None
    if not quoted and text.startswith("$"):
        return _reference(text, role, where)
    return _value(text, where, with_references=role == "assigned")


def _unescape(found: re.Match[str]) -> str:
    return _ESCAPED.get(found[1], found[1])


class _Where:
    """The place of a value, and the words for what is wrong with it or with a part of it."""

    def __init__(self, lookup: Lookup, start: int, written: str) -> None:
        self.lookup = lookup
        self._start, self._written = start, written

    def wrong(
        self,
        category: Category,
        message: str,
        meant: str | None = None,
        part: tuple[int, int] | None = None,
    ) -> None:
        """Note a problem with the whole value, or with a part of its text."""
        start, stop = map(self._place, part) if part else (0, len(self._written))
        self.lookup.findings.add(category, self._start + start, self._start + stop, message, meant)

    def wrong_helper(self, text: str, start: int = 0) -> None:
        """Note that the part of the text that begins at `start` is no helper."""
        meant = suggest.nearest(text, _HELPERS)
        message = f'there is no helper "{text[:60]}"'
        self.wrong(Category.HELPER, message, meant, (start, start + len(text)))

    def _place(self, offset: int) -> int:
        """Return where a letter of the text stands in what is written; escapes have two there."""
        if self._written[:1] not in ('"', "'"):
            return offset
        place = offset + 1
        for escape in _ESCAPE.finditer(self._written, 1, len(self._written) - 1):
            if escape.start() >= place:
                break
            place += 1
        return place


def _pattern(text: str, *, quoted: bool, where: _Where) -> Value | None:
    if not quoted and text.startswith("$") and len(text) > 1:
        where.wrong(Category.VALUE, "a pattern is a text in quotes, the same for every row")
        return None
    return Value((Text(text),) if text else ())


def _reference(text: str, role: Role, where: _Where) -> Value | None:
    """Read a bare `$…`, which is a field or a capture, never text."""
    found = _REFERENCE.match(text)
    if found and found["field"] and found.end() == len(text):
        field = fields.resolve(found["field"], where.lookup.domain)
        if field:
            return Value((Copy(field),))
        meant = suggest.nearest(found["field"], fields.words(where.lookup.domain))
        message = f'there is no field "{found["field"][:60]}" to copy'
        where.wrong(Category.FIELD, message, f"${meant}" if meant else None)
        return None
    if role == "compared" and found and not found["field"]:
        where.wrong(Category.VALUE, "captures are there for actions, not for conditions")
        return None
    return _value(text, where, with_references=role == "assigned")


def _value(text: str, where: _Where, *, with_references: bool) -> Value | None:
    parts = list(_parts(text, where, with_references=with_references))
    whole = [part for part in parts if part is not None]
    return Value(tuple(_merged(whole))) if len(whole) == len(parts) else None


def _parts(text: str, where: _Where, *, with_references: bool) -> Iterator[Part | None]:
    """Yield the parts of `text` in order, None for one that is wrong."""
    done = at = 0
    while found := _REFERENCE.search(text, at):
        at = found.end()
        if found["helper"]:
            part, at = _helper(text, found, where)
        elif with_references:
            part = _dollar(found, where)
            if isinstance(part, Text):
                continue
        else:
            continue
        if found.start() > done:
            yield Text(text[done : found.start()])
        yield part
        done = at
    if done < len(text):
        yield Text(text[done:])


def _dollar(found: re.Match[str], where: _Where) -> Part | None:
    if found["broken"]:
        message = "${ begins a name and } ends it, like ${title}"
        where.wrong(Category.VALUE, message, part=found.span())
        return None
    if found["number"]:
        return Capture(int(found["number"]))
    if found["braced"]:
        braced = found["braced"]
        return Capture(int(braced) if braced.isdecimal() and braced.isascii() else braced)
    field = fields.resolve(found["field"], where.lookup.domain)
    return Copy(field) if field else Text(found[0])


def _helper(text: str, found: re.Match[str], where: _Where) -> tuple[Part | None, int]:
    """Return the helper that begins at `found`, and where it ends."""
    at = found.end()
    if found["helper"].lower() == "@logo:":
        name = _LOGO.match(text, at)
        end = name.end() if name else at
        return _logo(text[at:end], (found.start(), end), where), end
    form = _TIME.match(text, at)
    if form is None:
        rest = text[at:].split(maxsplit=1)[0] if text[at:].strip() else ""
        where.wrong_helper(found[0] + rest, found.start())
        return None, at + len(rest)
    return _time(form, (found.start(), form.end()), where), form.end()


def _logo(name: str, part: tuple[int, int], where: _Where) -> Part | None:
    if name in where.lookup.logos:
        return Logo(name)
    meant = suggest.nearest(name, sorted(where.lookup.logos))
    message = f'there is no logo "{name[:60]}"' if name else "@logo: needs the name of a logo"
    where.wrong(Category.HELPER, message, f"@logo:{meant}" if meant else None, part)
    return None


def _time(form: re.Match[str], part: tuple[int, int], where: _Where) -> Part | None:
    if form[0].lower().startswith("now"):
        return Now(in_seconds=form[0].endswith(")"))
    if form["epoch"]:
        return Moment(form["epoch"], form["epoch"], parsed=False)
    written = next(
        text for text in (form["double"], form["single"], form["bare"]) if text is not None
    )
    instant = read_instant(written)
    if instant is None:
        message = f'"{written[:60]}" is no time; write it like 2025-11-30T19:00:00Z'
        where.wrong(Category.HELPER, message, part=part)
        return None
    seconds = f"{instant.astimezone(UTC).timestamp():.6f}".rstrip("0").rstrip(".")
    return Moment(written, seconds, parsed=True)


def _merged(parts: list[Part]) -> Iterator[Part]:
    """Join texts that stand side by side."""
    held = ""
    for part in parts:
        if isinstance(part, Text):
            held += part.text
            continue
        if held:
            yield Text(held)
        held = ""
        yield part
    if held:
        yield Text(held)
