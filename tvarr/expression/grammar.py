"""The textX grammar at work on one piece of a sentence.

`read` gives the grammar's own objects, whose places count letters of the piece; `explain` finds
words for a piece that does not fit the grammar. What the words mean is seen to in `reading`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tvarr.expression import fields, suggest
from tvarr.expression.operators import SPELLINGS
from tvarr.expression.problems import Category

if TYPE_CHECKING:
    from tvarr.expression.tokens import Piece, Token

_GRAMMAR = Path(__file__).with_name("grammar.tx")

JOINING = ("AND", "OR")
KEYWORDS = ("SET", "SET_IF_EMPTY", "APPEND", "REMOVE", "DELETE")
_WORDS = {"and", "or", "not", "case_sensitive", *(word.lower() for word in KEYWORDS)}
_JOIN_SYMBOLS = ("&&", "||")
_SHORT = ("+=", "-=", "?=")
_CONDITION_STARTS = {"not", "case_sensitive"}


@dataclass(eq=False)
class MisfitError(Exception):
    """Where a piece stops to fit the grammar, and why; places count letters of the piece."""

    message: str
    start: int
    stop: int
    suggestion: str | None = None
    category: Category = Category.SYNTAX


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
    if (begun := _wrongly_begun(piece.words, len(before))) is not None:
        return begun
    wanted = _wanted_after(before)
    found = rest[0] if rest else None
    start = found.start if found else len(piece.text)
    stop = found.stop if found else start + 1
    message, suggestion = _words_for(wanted, before, found)
    return MisfitError(message, start, stop, suggestion)


def _wrongly_begun(words: list[Token], fitting: int) -> MisfitError | None:
    """Return what is wrong with the comparison that the misfit is in, if its first words are.

    In `name starts with "x"` it is `"x"` that does not fit, but `starts with` that is wrong.
    """
    wanted, at = "condition", fitting
    for index, token in enumerate(words[:fitting]):
        before, wanted = wanted, _next_wanted(wanted, token)
        if before == "condition" and wanted == "operator":
            at = index
    if at == fitting or words[at].kind != "word" or _clause(words[:fitting]):
        return None
    return _wrong_field(words[at : at + 2]) or _wrong_operator(words[at + 1 :])


def _wrong_field(begun: list[Token]) -> MisfitError | None:
    """Return what is wrong with a field if two words stand where one should."""
    if [token.kind for token in begun] != ["word", "word"]:
        return None
    first, second = begun
    if _is_field(joined := f"{first.text}_{second.text}"):
        message = f'there is no field "{first.text} {second.text}"'
        return MisfitError(message, first.start, second.stop, joined.lower(), Category.FIELD)
    if _is_field(second.text) and not _is_field(first.text):
        message = f"{_shown(first)} begins no condition and no action"
        return MisfitError(message, first.start, first.stop)
    return None


def _wrong_operator(words: list[Token]) -> MisfitError | None:
    while words and words[0].text.lower() in ("not", "!", "case_sensitive"):
        words = words[1:]
    if not words or words[0].kind != "word" or words[0].text.lower() in _WORDS | set(SPELLINGS):
        return None
    if not words[0].text[0].isalpha() and suggest.operator(words[0].text, ()) is None:
        return None
    told = [token.text for token in _leading_words(words)]
    count, meant = suggest.operator_in_words(told, SPELLINGS) or (1, None)
    shown = " ".join(told[:count])
    meant = meant or suggest.operator(shown, SPELLINGS)
    message = f'there is no operator "{shown[:60]}"'
    first, last = words[0], words[count - 1]
    if last is not words[-1] and words[count].text == "(":
        message += "; it takes one value, and OR joins conditions, each with its field"
    return MisfitError(message, first.start, last.stop, meant, Category.OPERATOR)


def _leading_words(tokens: list[Token]) -> list[Token]:
    return list(takewhile(lambda token: token.kind == "word", tokens))


def _is_field(word: str) -> bool:
    return any(fields.resolve(word, domain) for domain in fields.Domain)


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


def _words_for(wanted: str, before: list[Token], found: Token | None) -> tuple[str, str | None]:
    last = before[-1] if before else None
    after = f" after {_shown(last)}" if last else ""
    shown = _shown(found) if found else "the end"
    if found and found.text in ("&", "|"):
        return f"{shown} joins nothing", found.text * 2
    if wanted == "condition" and last is None and found:
        bare = found.text.strip("${}'\"[]@")
        return f"{shown} begins no condition and no action", bare if _is_field(bare) else None
    if wanted == "condition":
        return f"a condition is missing{after}", _in_full(before, found)
    if wanted == "operator":
        return _operator_missing(after, found)
    if wanted == "target":
        return f"a field is missing{after}", None
    if wanted == "sign" and _clause(before) == "delete":
        return "DELETE takes names of fields only, with commas between them", None
    if wanted == "sign":
        return f'"=", "?=", "+=" or "-=" is missing{after}', "="
    if wanted == "value":
        return f"a value is missing{after}{_about_values(found)}", None
    return _join_missing(before, found)


def _about_values(found: Token | None) -> str:
    """Return what is to be known of values by who wrote `found` where one should stand."""
    if found is None:
        return ""
    if found.kind == "word" and found.text.lower() in _WORDS:
        return f"; a text that is {_shown(found)} needs quotes"
    if found.kind == "pair":
        return "; parentheses hold conditions, not values"
    return "; text with signs in it needs quotes"


def _shown(token: Token) -> str:
    """Return the token as it is told, in one line; a text has its own quotes."""
    text = " ".join(token.text.split())
    text = text if len(text) <= 60 else f"{text[:60]}…"
    return text if token.kind == "text" else f'"{text}"'


def _clause(before: list[Token]) -> str:
    """Return the keyword that actions before a place began with, "set" for those without any."""
    for token in reversed(before):
        if token.text.upper() in KEYWORDS:
            return token.text.lower()
    acting = any(token.kind == "comma" or token.text in _SHORT for token in before)
    return "set" if acting else ""


def _in_full(before: list[Token], found: Token | None) -> str | None:
    """Return the condition that a lone value after AND or OR is meant to be."""
    if found is None or found.kind != "text" or len(before) < 4:
        return None
    field, operator, value, joint = before[-4:]
    if joint.text.lower() not in ("and", "or") or value.kind not in ("text", "word"):
        return None
    known = _is_field(field.text) and operator.text.lower() in SPELLINGS
    return f"{field.text} {operator.text} {found.text}" if known else None


def _operator_missing(after: str, found: Token | None) -> tuple[str, str | None]:
    if found and found.text in _SHORT:
        return f'an operator is missing{after}; actions such as "{found.text}" stand last', None
    meant = suggest.operator(found.text, SPELLINGS) if found and found.kind == "word" else None
    return f"an operator is missing{after}", meant


def _join_missing(before: list[Token], found: Token | None) -> tuple[str, str | None]:
    if found is None:
        return "the sentence is not complete", None
    misfit = f"{_shown(found)} does not fit here"
    acting = _clause(before)
    if acting and found.text.lower() in ("and", "&&", ";"):
        return f"{misfit}; actions are joined by commas", ","
    if found.kind == "comma":
        return "a comma stands only between actions", None
    if found.kind == "symbol":
        return f"{misfit}; text with signs in it needs quotes", None
    if found.text.lower() in _WORDS or (acting and _is_field(found.text)):
        return f"{misfit}; conditions stand first, then actions", None
    meant = suggest.nearest(found.text, (*JOINING, *KEYWORDS)) if found.kind == "word" else None
    if meant is None and {before[-1].kind, found.kind} == {"word"} and _is_plain(found.text):
        return (
            f"{misfit}; a text of several words needs quotes",
            f'"{before[-1].text} {found.text}"',
        )
    if found.text.lower() == "then":
        meant = "SET"
    if acting:
        return f"{misfit}; actions are joined by commas", meant
    return f"{misfit}; conditions are joined by AND or OR", meant


def _is_plain(word: str) -> bool:
    return word.isalnum() and word.lower() not in ("then", "if", "where", "when", "xor")
