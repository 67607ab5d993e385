"""The textX grammar at work on one piece of a sentence.

`read` gives the grammar's own objects, whose places count letters of the piece; `explain` finds
words for a piece that does not fit the grammar. What the words mean is seen to in `reading`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tvarr.expression import suggest

if TYPE_CHECKING:
    from tvarr.expression.tokens import Piece, Token

_GRAMMAR = Path(__file__).with_name("grammar.tx")

JOINING = ("AND", "OR")
KEYWORDS = ("SET", "SET_IF_EMPTY", "APPEND", "REMOVE", "DELETE")
_WORDS = {"and", "or", "not", "case_sensitive", *(word.lower() for word in KEYWORDS)}
_JOIN_SYMBOLS = ("&&", "||")
_CONDITION_STARTS = {"not", "case_sensitive"}


@dataclass(eq=False)
class MisfitError(Exception):
    """Where a piece stops to fit the grammar, and why; places count letters of the piece."""

    message: str
    start: int
    stop: int
    suggestion: str | None = None


@cache
def _metamodel() -> Any:
    # textX has no types, and takes a quarter of a second that only those with rules should pay
    from textx import metamodel_from_file  # type: ignore[import-untyped]

    return metamodel_from_file(_GRAMMAR, debug=False)


def read(piece: Piece) -> Any:
    """Return the grammar's object for a piece: `condition` (or None) and `clauses`.

    Raises:
        MisfitError: it does not fit the grammar.
    """
    from textx.exceptions import TextXSyntaxError  # type: ignore[import-untyped]

    metamodel = _metamodel()
    try:
        return metamodel.model_from_str(piece.text)
    except TextXSyntaxError as error:
        raise explain(piece, _offset(piece.text, error.line, error.col)) from None


def _offset(text: str, line: int, column: int) -> int:
    """Return the offset of a place; quoted texts may have several lines."""
    begin = 0
    for _ in range(line - 1):
        begin = text.find("\n", begin) + 1
    return begin + column - 1


# --- words for what does not fit -------------------------------------------------------------


def explain(piece: Piece, place: int) -> MisfitError:
    """Return in words why `piece` does not fit the grammar at `place`."""
    before = [token for token in piece.words if token.stop <= place]
    rest = [token for token in piece.words if token.stop > place]
    if _is_stray(before):
        rest.insert(0, before.pop())  # it was taken for the field of an action
    wanted = _wanted_after(before)
    found = rest[0] if rest else None
    last = before[-1] if before else None
    start = found.start if found else len(piece.text)
    stop = found.stop if found else start + 1
    message, suggestion = _words_for(wanted, last, found)
    return MisfitError(message, start, stop, suggestion)


def _is_stray(before: list[Token]) -> bool:
    """Whether the last word stands where only a word of the language can."""
    if not before or before[-1].kind != "word" or before[-1].text.lower() in _WORDS:
        return False
    return _wanted_after(before[:-1]) == "join"


def _wanted_after(before: list[Token]) -> str:
    """Walk over the tokens that fit and tell what may follow them."""
    wanted = "condition"
    for token in before:
        wanted = _next_wanted(wanted, token)
    return wanted


def _next_wanted(wanted: str, token: Token) -> str:
    word = token.text.lower()
    if word in _JOIN_SYMBOLS or word in ("and", "or"):
        return "condition"
    if word.upper() in KEYWORDS:
        return "target"
    if token.kind == "comma":
        return "target"
    if word in _CONDITION_STARTS or not word.strip("!"):
        return wanted
    if token.kind == "pair" or (wanted == "condition" and word in ("true", "false")):
        return "join"
    steps = {"condition": "operator", "operator": "value", "target": "sign", "sign": "value"}
    return steps.get(wanted, "join" if wanted == "value" else "operator")


def _words_for(wanted: str, last: Token | None, found: Token | None) -> tuple[str, str | None]:
    after = f' after "{last.text}"' if last else ""
    shown = f'"{found.text}"' if found else "the end"
    if found and found.text in ("&", "|"):
        return f"{shown} joins nothing", found.text * 2
    if wanted == "condition" and last is None and found and _is_word(found):
        return f"{shown} begins no condition and no action", None
    if wanted == "condition":
        return f"a condition is missing{after}", None
    if wanted == "operator":
        return _operator_missing(after, found)
    if wanted == "target":
        return f"a field is missing{after}", None
    if wanted == "sign":
        return f'"=", "?=", "+=" or "-=" is missing{after}', "="
    if wanted == "value":
        if found and found.kind == "word" and found.text.lower() in _WORDS:
            return f"a value is missing{after}; a text that is {shown} needs quotes", None
        return f"a value is missing{after}; text with signs in it needs quotes", None
    return _join_missing(found)


def _is_word(token: Token) -> bool:
    return token.kind in ("comma", "text", "symbol") or token.text.lower() in ("and", "or")


def _operator_missing(after: str, found: Token | None) -> tuple[str, str | None]:
    if found and found.text in ("+=", "-=", "?="):
        return f'an operator is missing{after}; actions such as "{found.text}" stand last', None
    return f"an operator is missing{after}", None


def _join_missing(found: Token | None) -> tuple[str, str | None]:
    if found is None:
        return "the sentence is not complete", None
    if found.kind == "comma":
        return "a comma stands only between actions", None
    if found.kind == "symbol":
        return f'"{found.text}" does not fit here; text with signs in it needs quotes', None
    if found.text.lower() in _WORDS:
        return f'"{found.text}" does not fit here; conditions stand first, then actions', None
    meant = suggest.nearest(found.text, (*JOINING, *KEYWORDS)) if found.kind == "word" else None
    return f'"{found.text[:60]}" does not fit here; conditions are joined by AND or OR', meant
