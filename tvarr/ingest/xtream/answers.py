"""A panel's JSON as rows, whatever shape it comes in.

Lists of a hundred thousand streams are read in pieces of some megabytes, so that only the columns
made of them stay in memory. A piece ends where one row ends and the next one begins; whether a
place that looks so is one shows when the piece is read: cut inside a text or a nested value, it is
never valid JSON. Used by all that reads a panel's answers; what the rows mean is left to them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import orjson

from tvarr.errors import Reason, Transient
from tvarr.fetch.decompress import open_document
from tvarr.fetch.sizes import readable_size, too_many
from tvarr.ingest.document import excerpt, told
from tvarr.ingest.xtream.login import NO_LOGIN, is_refusal, refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

Row = dict[str, Any]

MOST_ROWS: Final = 2_000_000
"""The largest accounts have some two hundred thousand films."""
LARGEST_WHOLE: Final = 64 * 2**20
"""Bytes that are read at once: a login, a guide of one channel, a map of rows, one row."""
MOST_VALUES: Final = 1_000_000
"""In an answer that is read at once, which as lists of nothing would take thirty times its size."""
MOST_IN_PIECE: Final = 4_000_000
"""In what is read at once of a long list: more than a map of all the rows that fit has."""
PIECE: Final = 4 * 2**20
_TRIES: Final = 1000
"""Opening braces looked at, from the end of a piece backwards."""

_CONTROLS = re.compile(rb"[\x00-\x1f]+")
_HIGH, _LOW = rb"[89abAB][0-9a-fA-F]{2}", rb"[c-fC-F][0-9a-fA-F]{2}"
# all begins with one text, which is found many times faster than one of several
_LONE_SURROGATE = re.compile(
    rb"\\u[dD](?:%b(?!\\u[dD][c-fC-F])|%b(?<!\\u[dD]%b\\u[dD]%b))" % (_HIGH, _LOW, _HIGH, _LOW)
)


def rows_of(path: Path, max_size: int) -> Iterator[list[Any]]:
    """Yield the rows of a list, some thousand at a time; nothing for an empty answer.

    Besides a list, what PHP makes of one with gaps is read (`{"0": {…}, "2": {…}}`), a list under
    a name of its own (`{"info": []}`), and the account's facts in the place of an action that the
    panel does not know, as no rows. Raises `Transient`: what `open_document` does, `HtmlAnswer`,
    `Truncated`, `ParseError`, `BadAnswer` for other JSON, `AuthFailed`, `TooLarge`.
    """
    count = 0
    with open_document(path, max_size) as stream:
        for rows in _rows(stream):
            count += len(rows)
            if count > MOST_ROWS:
                raise too_many(MOST_ROWS, "entries")
            yield rows


def load(path: Path) -> Any:
    """Return a small answer as it is; None where it is empty. Raises as `rows_of` does."""
    with open_document(path, LARGEST_WHOLE) as stream:
        return _whole(_start(stream) + stream.read(), MOST_VALUES)


def _rows(stream: BinaryIO) -> Iterator[list[Any]]:
    start = _start(stream)
    if start.startswith(b"["):
        yield from _pieces(stream, start[1:])
        return
    rows = rows_in(_whole(start + stream.read(LARGEST_WHOLE), MOST_IN_PIECE))
    if rows:
        yield rows


def rows_in(answer: Any) -> list[Any]:
    """Return the rows that an answer has in one of its shapes."""
    if not answer:
        return []
    if isinstance(answer, list):
        return answer
    if isinstance(answer, dict):
        if is_refusal(answer):
            raise refused()
        values = list(answer.values())
        if all(isinstance(value, dict) for value in values) and "user_info" not in answer:
            return values
        if len(values) == 1 and isinstance(values[0], list):
            return values[0]
        if "user_info" in answer:
            return []
    said = excerpt(_as_json(answer))
    raise Transient(Reason.BAD_ANSWER, f"the panel answers with something else than a list: {said}")


def _as_json(answer: Any) -> str:
    try:
        return orjson.dumps(answer, default=str).decode()
    except orjson.JSONEncodeError:  # what is read may be nested deeper than what is written
        return told(answer)


# --- pieces -------------------------------------------------------------------------------------


def _pieces(stream: BinaryIO, text: bytes) -> Iterator[list[Any]]:
    """Yield the rows of a list whose bracket was taken off."""
    size = PIECE
    while True:
        block = stream.read(max(size - len(text), 1))
        text += block
        if not block:
            break
        if len(text) < size:
            continue
        cut = _last_row(text)
        rows = _parsed(b"[" + text[:cut].rstrip(b", \t\r\n") + b"]", MOST_IN_PIECE) if cut else None
        if rows is None:
            if size >= LARGEST_WHOLE:
                raise _too_long()
            size = min(size * 2, LARGEST_WHOLE)
            continue
        yield rows
        text, size = text[cut:], PIECE
    rows = _parsed(b"[" + text, MOST_IN_PIECE)
    if rows is None:
        raise _unreadable(b"[" + text)
    if rows:
        yield rows


def _too_long() -> Transient:
    return Transient(
        Reason.TOO_LARGE, f"one entry is larger than {readable_size(LARGEST_WHOLE)}, which is none"
    )


def _last_row(text: bytes) -> int:
    """Return where the last row seems to begin, 0 where none does behind another one."""
    at = len(text)
    for _ in range(_TRIES):
        at = text.rfind(b"{", 0, at)
        if at <= 0:
            return 0
        before = text[max(0, at - 64) : at].rstrip()
        if before.endswith(b",") and before[:-1].rstrip().endswith(b"}"):
            return at
    return 0


def _parsed(text: bytes, most: int) -> Any:
    """Return the value, read after repairs if need be; None where it is no JSON (or null).

    Raises `Transient(TooLarge)` for what has more than `most` values.
    """
    if text.count(b",") > most:
        raise too_many(most, "values in one entry")
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        mended = _mended(text)
    if mended == text:
        return None
    try:
        return orjson.loads(mended)
    except orjson.JSONDecodeError:
        return None


def _mended(text: bytes) -> bytes:
    """Return the text without what JSON forbids and panels send: names cut in mid-letter."""
    text = text.decode("utf-8", "replace").encode()
    return _LONE_SURROGATE.sub(rb"\\ufffd", _CONTROLS.sub(b" ", text))


# --- whole answers ------------------------------------------------------------------------------


def _start(stream: BinaryIO) -> bytes:
    """Return the first bytes, from the first one that counts."""
    return stream.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()


def _whole(text: bytes, most: int) -> Any:
    text = text.strip()
    if not text or text in (b"null", b'""'):
        return None
    answer = _parsed(text, most)
    if answer is None:
        raise _unreadable(text)
    return answer


def _unreadable(text: bytes) -> Transient:
    """Return the trouble that stands for what is no JSON."""
    said = text[:2048].decode("utf-8", "replace").strip()
    if said.startswith("<"):
        return Transient(
            Reason.HTML_ANSWER, f"the panel answers with a web page (HTML): {excerpt(said)}"
        )
    if said.startswith(("{", "[")):
        if _breaks_off(text):
            return Transient(Reason.TRUNCATED, "the panel's answer breaks off")
        return Transient(Reason.PARSE_ERROR, "the panel's answer is damaged JSON")
    if any(word in said.lower() for word in NO_LOGIN):
        return Transient(Reason.AUTH_FAILED, f"the panel refuses the login: {excerpt(said)}")
    return Transient(
        Reason.PARSE_ERROR, f"the panel's answer cannot be read as JSON: {excerpt(said)}"
    )


def _breaks_off(text: bytes) -> bool:
    """Whether more would have to come for the text to be JSON."""
    try:
        orjson.loads(_mended(text))
    except orjson.JSONDecodeError as error:
        return error.pos >= len(error.doc)
    return False
