"""A sentence in its canonical form: one spelling for each meaning.

Reading what is printed gives the same tree again. Words of the language are in capitals, fields
and operators by their names, values in double quotes, parentheses only where they are needed.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from tvarr.expression.language import (
    Action,
    And,
    Branch,
    Comparison,
    Condition,
    Literal,
    Not,
    Or,
    Verb,
)
from tvarr.expression.values import Capture, Copy, Logo, Moment, Now, Part, Text, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tvarr.expression.sentence import Sentence

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_TIGHTNESS: dict[type[Condition], int] = {Or: 0, And: 1, Not: 2}
_WORDS: dict[type[Condition], str] = {Or: " OR ", And: " AND "}


def print_sentence(sentence: Sentence) -> str:
    """Return the canonical form of a sentence; empty if it is a filter that matches everything."""
    if len(sentence.branches) == 1:
        return _branch(sentence.branches[0])
    return " AND ".join(f"({_branch(branch)})" for branch in sentence.branches)


def _branch(branch: Branch) -> str:
    always = branch.condition == Literal(value=True)
    said = [] if always else [print_condition(branch.condition)]
    for verb, actions in groupby(branch.actions, key=lambda action: action.verb):
        said.append(f"{verb} {', '.join(map(_action, actions))}")
    return " ".join(said)


def print_condition(condition: Condition) -> str:
    """Return the canonical form of a condition; a deep one costs no recursion."""
    printed: list[str] = []
    waiting: list[tuple[Condition, bool]] = [(condition, False)]
    while waiting:
        node, terms_are_printed = waiting.pop()
        terms = _terms(node)
        if not terms:
            printed.append(_single(node))
        elif terms_are_printed:
            texts = printed[-len(terms) :]
            printed[-len(terms) :] = [_around(node, terms, texts)]
        else:
            waiting.append((node, True))
            waiting += [(term, False) for term in reversed(terms)]
    return printed[0]


def _terms(condition: Condition) -> tuple[Condition, ...]:
    match condition:
        case Not():
            return (condition.term,)
        case And() | Or():
            return condition.terms
        case _:
            return ()


def _around(node: Condition, terms: Sequence[Condition], texts: Sequence[str]) -> str:
    """Print a condition from its printed terms, with parentheses where they bind less tight."""
    enclosed = [
        f"({text})" if _TIGHTNESS.get(type(term), 3) <= _TIGHTNESS[type(node)] else text
        for term, text in zip(terms, texts, strict=True)
    ]
    return f"NOT {enclosed[0]}" if isinstance(node, Not) else _WORDS[type(node)].join(enclosed)


def _single(condition: Condition) -> str:
    if isinstance(condition, Comparison):
        return _comparison(condition)
    return "true" if condition == Literal(value=True) else "false"


def _comparison(comparison: Comparison) -> str:
    words = [comparison.field.name]
    words += ["case_sensitive"] * comparison.case_sensitive
    words.append(f"{'not_' * comparison.negated}{comparison.operator.value}")
    return " ".join([*words, _value(comparison.value)])


def _action(action: Action) -> str:
    if action.verb is Verb.DELETE:
        return action.field.name
    return f"{action.field.name} = {_value(action.value)}"


def _value(value: Value) -> str:
    if len(value.parts) == 1 and isinstance(only := value.parts[0], Copy):
        return f"${only.field.name}"
    texts = [
        _part(part, value.parts[index + 1] if index + 1 < len(value.parts) else None)
        for index, part in enumerate(value.parts)
    ]
    return f'"{_escaped("".join(texts))}"'


def _part(part: Part, following: Part | None) -> str:
    match part:
        case Text():
            return part.text
        case Capture():
            digit = isinstance(following, Text) and following.text[:1].isdecimal()
            braced = isinstance(part.key, str) or (part.key < 10 and digit)
            return f"${{{part.key}}}" if braced else f"${part.key}"
        case Copy():
            word = isinstance(following, Text) and re.match(r"\w", following.text, re.ASCII)
            return f"${{{part.field.name}}}" if word else f"${part.field.name}"
        case Logo():
            return f"@logo:{part.name}"
        case Now():
            return "@time:now()" if part.in_seconds else "@time:now"
        case Moment():
            return f"@time:parse('{part.written}')" if part.parsed else f"@time:{part.written}"


def _escaped(text: str) -> str:
    return "".join(_ESCAPES.get(letter, letter) for letter in text)
