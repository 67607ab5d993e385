"""The expression language read a second time, in plain Python, from its description alone.

`tests.expression.reference` walks these trees row by row. Nothing here is shared with
`tvarr.expression`: two readings that agree on everything are worth more than one. It stops at the
first problem and knows its category, but has no words or places for it. Patterns go through
Python's `re`, so only those may be tried that mean the same there as in Rust.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from tests.expression.reference_words import (
    ASSIGN,
    DOMAINS,
    FLAG_WORDS,
    FLAGS,
    KEYWORDS,
    NUMERIC,
    OPERATORS,
    READ_ONLY,
    RESERVED,
    TIMES,
    WHITE,
    Token,
    Wrong,
    read_time,
    strip,
    tokenise,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

# --- the tree ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Piece:
    """One piece of a value."""

    kind: str  # text | capture | field | now | epoch_now
    text: str


Value = tuple[Piece, ...]


@dataclass(frozen=True)
class Literal:
    holds: bool


@dataclass(frozen=True)
class Comparison:
    field: str
    operator: str
    negated: bool
    exact: bool
    value: Value


@dataclass(frozen=True)
class Not:
    term: Condition


@dataclass(frozen=True)
class Joined:
    word: str  # and | or
    terms: tuple[Condition, ...]


Condition = Literal | Comparison | Not | Joined


@dataclass(frozen=True)
class Action:
    field: str
    operator: str  # = ?= += -= delete
    value: Value


@dataclass(frozen=True)
class Group:
    """A condition with the actions that it decides on."""

    condition: Condition
    actions: tuple[Action, ...]


def parse(text: str, domain: str, kind: str, logos: Collection[str]) -> tuple[Group, ...]:
    """Return the groups of a sentence: one, unless it is made of conditional groups.

    Raises:
        Wrong: there is a problem.
    """
    return _Parser(tokenise(text), domain, kind, logos).sentence()


# --- the parser -------------------------------------------------------------------------------


class _Parser:
    def __init__(self, tokens: list[Token], domain: str, kind: str, logos: Collection[str]) -> None:
        self.tokens, self.at = tokens, 0
        self.domain, self.kind, self.logos = domain, kind, logos

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    @property
    def after(self) -> Token:
        return self.tokens[min(self.at + 1, len(self.tokens) - 1)]

    def take(self) -> Token:
        token = self.token
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def took(self, *words: str) -> bool:
        if self.token.means(*words):
            self.take()
            return True
        return False

    def wrong(self, category: str = "syntax") -> NoReturn:
        raise Wrong(category, self.token.place)

    # sentences

    def sentence(self) -> tuple[Group, ...]:
        groups = self.groups() if self.begins_group() else (self.group(),)
        if self.token.kind != "end":
            self.wrong()
        if any(not group.actions for group in groups) != (self.kind == "filter"):
            self.wrong()
        return groups

    def begins_group(self) -> bool:
        """Look behind an opening parenthesis for actions on its own level."""
        start = self.at
        if not self.took("("):
            return False
        found = self.begins_action(first=True) or self.only_assigns()
        if not found:
            self.any_of()
            found = self.begins_action()
        self.at = start
        return found

    def only_assigns(self) -> bool:
        """Look whether a rule is, or begins with, `f = v` and either nothing more or a comma."""
        if self.token.kind != "word" or not self.after.means("="):
            return False
        rest = self.tokens[self.at + 3 : self.at + 4]
        ends = bool(rest) and rest[0].kind == "end" and self.at == 0 and self.kind == "rule"
        return ends or (bool(rest) and rest[0].means(","))

    def groups(self) -> tuple[Group, ...]:
        groups = []
        while True:
            self.expect("(")
            groups.append(self.group())
            self.expect(")")
            if not groups[-1].actions:
                self.wrong()
            if not self.took("and", "or", "&&", "||"):
                return tuple(groups)

    def group(self) -> Group:
        everything = (
            self.token.kind == "end" or self.begins_action(first=True) or self.only_assigns()
        )
        condition = Literal(holds=True) if everything else self.any_of()
        actions = tuple(self.actions(condition))
        return Group(condition, actions)

    def expect(self, symbol: str) -> None:
        if not self.took(symbol):
            self.wrong()

    # conditions

    def any_of(self) -> Condition:
        return self.joined("or", "||", self.all_of)

    def all_of(self) -> Condition:
        return self.joined("and", "&&", self.term)

    def joined(self, word: str, symbol: str, part: Callable[[], Condition]) -> Condition:
        terms = [part()]
        while self.took(word, symbol):
            terms.append(part())
        return terms[0] if len(terms) == 1 else Joined(word, tuple(terms))

    def term(self) -> Condition:
        if self.took("not", "!"):
            return Not(self.term())
        if self.took("("):
            inner = self.any_of()
            self.expect(")")
            return inner
        if self.token.word() in ("true", "false"):
            return Literal(self.take().word() == "true")
        return self.comparison()

    def comparison(self) -> Comparison:
        exact = self.took("case_sensitive")
        field = self.field()
        negated = False
        while self.token.means("not", "!", "case_sensitive"):
            if self.take().means("case_sensitive"):
                exact = True
            elif negated:
                self.wrong("operator")
            else:
                negated = True
        operator, opposite = self.operator()
        if negated and opposite:
            self.wrong("operator")
        value = self.compared_value(field, operator)
        return Comparison(field, operator, negated or opposite, exact, value)

    def field(self, category: str = "field") -> str:
        word = self.token.word()
        if not re.match(r"[^\W\d]", word) or word in RESERVED:
            self.wrong()
        name = self.known(word)
        if name is None:
            self.wrong(category)
        self.take()
        return name

    def known(self, word: str) -> str | None:
        for name, aliases in DOMAINS[self.domain].items():
            if word.lower() in (name, *aliases) or word.lower() == name.replace("mme_", "m_", 1):
                return name
        return None

    def operator(self) -> tuple[str, bool]:
        token = self.token
        if token.kind == "quoted" or token.text.lower() not in OPERATORS:
            self.wrong(
                "operator"
                if token.kind != "quoted" and re.match(r"[^\W\d]|[=<>~!]", token.text)
                else "syntax"
            )
        return OPERATORS[self.take().text.lower()]

    def compared_value(self, field: str, operator: str) -> Value:
        token = self.value()
        if token.kind == "word" and (reference := _COMPARED.match(token.text)):
            return (self.compared_field(operator, reference[1]),)
        if operator == "matches":
            check_pattern(token.text)
            return (Piece("text", token.text),)
        pieces = self.template(token, dollars=False)
        if operator in NUMERIC and field in TIMES and not _may_be_time(pieces):
            self.wrong("value")
        return pieces

    def compared_field(self, operator: str, word: str | None) -> Piece:
        if word is None:
            self.wrong("value")
        name = self.known(word)
        if name is None:
            self.wrong("field")
        if operator == "matches":
            self.wrong("value")
        return Piece("field", name)

    def value(self) -> Token:
        token = self.token
        if token.kind not in ("word", "quoted") or token.word() in RESERVED:
            self.wrong()
        if token.kind == "word" and token.text.startswith("@") and not _HELPER.match(token.text):
            self.wrong("helper")
        return self.take()

    # actions

    def begins_action(self, *, first: bool = False) -> bool:
        if self.token.word() in KEYWORDS:
            return True
        named = self.token.kind == "word" and self.token.word() not in RESERVED
        return named and self.after.means(*(ASSIGN - {"="} if first else ASSIGN))

    def actions(self, condition: Condition) -> list[Action]:
        patterns = supplying(condition)
        actions: list[Action] = []
        while self.begins_action() or (not actions and self.only_assigns()):
            word = self.token.word()
            if word in KEYWORDS:
                self.take()
            actions += self.clause(KEYWORDS.get(word, "="), patterns)
        return actions

    def clause(self, keyword: str, patterns: list[str]) -> list[Action]:
        actions = [self.action(keyword, patterns)]
        while self.took(","):
            actions.append(self.action(keyword, patterns))
        return actions

    def action(self, keyword: str, patterns: list[str]) -> Action:
        field = self.field()
        if field in READ_ONLY[self.domain]:
            self.wrong("field")
        if keyword == "delete":
            if self.token.means(*ASSIGN):
                self.wrong()
            return Action(field, "delete", ())
        if not self.token.means(*ASSIGN):
            self.wrong()
        written = self.take().text
        value = self.template(self.value(), dollars=True, patterns=patterns)
        operator = keyword if written == "=" else written
        if operator in ("=", "?="):
            _check_constant(field, value)
        return Action(field, operator, value)

    # values

    def template(self, token: Token, *, dollars: bool, patterns: list[str] | None = None) -> Value:
        """Cut a value into its pieces."""
        pieces, place, text = [], 0, token.text
        while found := _SPECIAL.search(text, place):
            pieces.append(Piece("text", text[place : found.start()]))
            piece, length = self.special(found, dollars, token.kind == "word", patterns or [])
            pieces.append(piece)
            place = found.start() + length
        pieces.append(Piece("text", text[place:]))
        return tuple(piece for piece in pieces if piece != Piece("text", ""))

    def special(
        self, found: re.Match[str], dollars: bool, bare: bool, patterns: list[str]
    ) -> tuple[Piece, int]:
        text = found.string[found.start() :]
        if text[0] == "@":
            helper = _HELPER.match(text)
            if helper is None:
                self.wrong("helper")
            return self.helper(helper), helper.end()
        reference = _REFERENCE.match(text)
        if not dollars or reference is None:
            if dollars and text.startswith("${"):
                self.wrong("value")
            return Piece("text", "$"), 1
        return self.reference(reference, bare, patterns), reference.end()

    def reference(self, found: re.Match[str], bare: bool, patterns: list[str]) -> Piece:
        number, braced, word = found.groups()
        if word:
            name = self.known(word)
            if name is None and bare:
                self.wrong("field")
            return Piece("field", name) if name else Piece("text", found[0])
        key = number or braced
        if re.fullmatch("[0-9]+", key):
            if any(int(key) <= re.compile(pattern).groups for pattern in patterns):
                return Piece("capture", str(int(key)))
        elif any(key in re.compile(pattern).groupindex for pattern in patterns):
            return Piece("capture", key)
        elif name := self.known(key):
            return Piece("field", name)
        return self.wrong("value")

    def helper(self, found: re.Match[str]) -> Piece:
        logo, now, parsed, epoch = found["logo"], found["now"], found["parsed"], found["epoch"]
        if logo is not None:
            if logo not in self.logos:
                self.wrong("helper")
            return Piece("logo", logo)
        if now is not None:
            return Piece("epoch_now" if now.endswith("()") else "now", "")
        if epoch is not None:
            return Piece("text", epoch)
        moment = read_time(parsed[1:-1])
        if moment is None:
            self.wrong("helper")
        return Piece("text", str(moment // 1_000_000))


_COMPARED = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)\Z|\$[0-9{]")
_SPECIAL = re.compile(r"\$|@(?i:logo|time):")
_REFERENCE = re.compile(r"\$(?:([0-9]{1,2})|\{([^}]*)\}|([A-Za-z_][A-Za-z0-9_]*))")
_HELPER = re.compile(
    rf"""@(?:(?i:logo):(?P<logo>[A-Za-z0-9_-]+)
    |(?i:time):(?:(?P<now>(?i:now)\(\)|(?i:now)(?![\w(]))
    |(?i:parse)\([{WHITE}]*(?P<parsed>"[^"]*"|'[^']*')[{WHITE}]*\)
    |(?P<epoch>-?[0-9]+)(?!\w)))""",
    re.VERBOSE,
)


def supplying(condition: Condition) -> list[str]:
    """Return the patterns that can supply captures."""
    if isinstance(condition, Joined):
        return [pattern for term in condition.terms for pattern in supplying(term)]
    if isinstance(condition, Comparison) and condition.operator == "matches":
        return [] if condition.negated else [pattern_of(condition)]
    return []


def pattern_of(comparison: Comparison) -> str:
    """Return the pattern, for Python: `$` there also holds before a last line end."""
    written = "".join(piece.text for piece in comparison.value)
    return re.sub(r"(\\.)|\$", lambda m: m[1] or r"\Z", written, flags=re.DOTALL)


def check_pattern(pattern: str) -> None:
    """Refuse what neither engine knows, and what only a backtracking one does."""
    if re.search(r"\(\?<?[=!]|\(\?P=|\\[1-9]", pattern):
        raise Wrong("value")
    try:
        re.compile(pattern)
    except re.error:
        raise Wrong("value") from None


def _check_constant(field: str, value: Value) -> None:
    if any(piece.kind != "text" for piece in value):
        return
    text = "".join(piece.text for piece in value).lower()
    if field in FLAGS and text not in (*FLAG_WORDS, ""):
        raise Wrong("value")
    if field == "programme_season" and not re.fullmatch("[0-9]*", strip(text)):
        raise Wrong("value")
    if field == "stream_type" and text not in ("live", "movie", "series", ""):
        raise Wrong("value")


def _may_be_time(value: Value) -> bool:
    if any(piece.kind != "text" for piece in value):
        return True
    return read_time("".join(piece.text for piece in value)) is not None
