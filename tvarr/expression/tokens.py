"""A sentence cut into tokens, and its parentheses taken apart.

Called by `reading`. Quotes, comments and parentheses are recognised here, before anything else
looks at the text, so that nothing inside quotes is ever rewritten, and an unclosed one is
reported where it opened. Each pair of parentheses becomes a piece of its own, in which the pairs
inside it are left as `()`: nesting costs no recursion, and a piece is short.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from tvarr.expression.problems import Category

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tvarr.expression.problems import Findings

MAX_BYTES = 64 * 1024
_MOST_UNCLOSED = 10
"""So often an unclosed quote is looked for; each time takes a reading of the rest."""

_QUOTED = r""""(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+'"""
_TOKEN = re.compile(
    rf"""
      (?P<blank>\s+|\#[^\n]*)
    | (?P<text>{_QUOTED})
    | (?P<unclosed>["'])
    | (?P<open>\()
    | (?P<close>\))
    | (?P<comma>,)
    | (?P<helper>@[A-Za-z_]+:[\w.-]*(?:\(\s*+(?:{_QUOTED}|[^()"'\s\#]*+)\s*+\))?)
    | (?P<symbol>[?+\-]=|[=!<>~]+|&&|\|\||[&|])
    | (?P<word>(?:[^\s"'(),\#=!<>&|~?+\-]|[?+\-](?!=))
        (?:[^\s"'(),\#=!<>&|?+\-]|[?+\-](?!=)|!(?![=~])|&(?!&)|\|(?!\|))*|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_QUOTE_MARKS = "\u201c\u201d\u201e\u2018\u2019\xab\xbb`"
"""Those of typesetting, which editors put in by themselves."""


@dataclass(frozen=True)
class Token:
    """One token and its place in the text it was cut from."""

    kind: str
    text: str
    start: int

    @property
    def stop(self) -> int:
        """The offset after its last letter."""
        return self.start + len(self.text)


def tokens(text: str, begin: int = 0) -> Iterator[Token]:
    """Cut `text` from `begin` on, without blanks and comments; an unclosed quote takes the rest."""
    for match in _TOKEN.finditer(text, begin):
        kind = match.lastgroup or ""
        if kind == "unclosed":
            yield Token(kind, text[match.start() :], match.start())
            return
        if kind != "blank":
            yield Token(kind, match[0], match.start())


def _with_quotes_closed(text: str) -> list[Token]:
    """Cut `text`; a quote that only the next line's quote closes counts as unclosed on its line.

    Of `name = "a`, a line end and `SET url = "b"` it is the first quote that misses its other half,
    not the last, and the text after it is read as it is meant.
    """
    found: list[Token] = []
    begin = 0
    for _ in range(_MOST_UNCLOSED):
        rest = list(tokens(text, begin))
        unclosed = bool(found) or bool(rest and rest[-1].kind == "unclosed")
        at = _swallowing(rest) if unclosed else None
        if at is None:
            return [*found, *rest]
        wrong = rest[at]
        begin = text.index("\n", wrong.start)
        found += [*rest[:at], Token("unclosed", text[wrong.start : begin], wrong.start)]
    return [*found, *tokens(text, begin)]


def _swallowing(found: list[Token]) -> int | None:
    """Return which text goes on to the quote that opens another one; None if none does."""
    for at, (token, following) in enumerate(pairwise(found)):
        touches = token.stop == following.start and following.kind not in ("close", "comma")
        if token.kind == "text" and "\n" in token.text and touches:
            return at
    return None


@dataclass
class Piece:
    """What stands between two parentheses, or the whole sentence, with inner pairs as `()`.

    `text` has single blanks between tokens; `offset` finds a letter of it in the sentence.
    """

    start: int
    """Where its parenthesis opened; -1 for the whole sentence."""
    stop: int = 0
    """The offset after its last letter."""
    pairs: dict[int, Piece] = field(default_factory=dict)
    """The inner pairs, by where their `(` stands in `text`."""
    words: list[Token] = field(default_factory=list)
    """Tokens with their places in `text`."""
    _texts: list[str] = field(default_factory=list)
    _from: list[int] = field(default_factory=list)
    _to: list[int] = field(default_factory=list)
    _length: int = 0

    @property
    def text(self) -> str:
        """The tokens, with blanks where the sentence has some."""
        return "".join(self._texts)

    def add(self, token: Token) -> None:
        """Take in the next token."""
        touches = not self._to or self._to[-1] + len(self.words[-1].text) == token.start
        if not touches and token.text != ")":
            self._texts.append(" ")
            self._length += 1
        self._from.append(self._length)
        self._to.append(token.start)
        self.words.append(Token(token.kind, token.text, self._length))
        self._texts.append(token.text)
        self._length += len(token.text)

    def open(self, token: Token) -> Piece:
        """Begin a piece inside this one."""
        self.add(Token("pair", "(", token.start))
        return self.pairs.setdefault(self._from[-1], Piece(token.start))

    def close(self, inner: Piece, stop: int) -> None:
        """End a piece inside this one, at a parenthesis that stands at `stop`."""
        inner.stop = stop
        self.add(Token("pair", ")", stop))

    def offset(self, place: int) -> int:
        """Return where the letter at `place` of `text` stands in the sentence."""
        index = bisect_right(self._from, place) - 1
        if index < 0:
            return self.start + 1
        within = min(place - self._from[index], len(self.words[index].text))
        return self._to[index] + within


def cut(text: str, findings: Findings) -> list[Piece]:
    """Return the pieces of `text`, each after those inside it, the whole sentence last.

    What is not closed, or not opened, is noted and goes on as if it were.
    """
    open_pieces, done = [Piece(-1)], []
    for token in _with_quotes_closed(text):
        piece = open_pieces[-1]
        if token.kind == "open":
            open_pieces.append(piece.open(token))
        elif token.kind == "close" and len(open_pieces) > 1:
            done.append(open_pieces.pop())
            open_pieces[-1].close(piece, token.start)
        else:
            _check(token, findings)
            if token.kind != "close":
                piece.add(Token("text", '""', token.start) if token.kind == "unclosed" else token)
    while len(open_pieces) > 1:
        _unclosed(open_pieces[-1].start, "parenthesis", findings)
        done.append(open_pieces.pop())
        open_pieces[-1].close(done[-1], len(text))
    open_pieces[0].stop = len(text)
    return [*done, open_pieces[0]]


def _check(token: Token, findings: Findings) -> None:
    if token.kind == "close":
        findings.add(
            Category.SYNTAX, token.start, token.stop, "this parenthesis closes nothing; take it out"
        )
    elif token.kind == "unclosed":
        _unclosed(token.start, "quote", findings)
    elif token.kind == "word" and token.text[0] in _QUOTE_MARKS:
        message = "these are not the quotes of this language"
        findings.add(Category.SYNTAX, token.start, token.start + 1, message, '"')


def _unclosed(start: int, what: str, findings: Findings) -> None:
    findings.add(Category.SYNTAX, start, start + 1, f"this {what} is never closed")
