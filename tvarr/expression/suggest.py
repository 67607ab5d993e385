"""The word that was probably meant."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

_NEAR = 0.6
_LONGEST = 64
_MEANT = {
    "<>": "!=",
    "=>": ">=",
    "=<": "<=",
    "===": "==",
    "!==": "!=",
    "~": "=~",
    "~=": "=~",
    "==~": "=~",
    "!~": "not_matches",
    "≠": "!=",
    "≥": ">=",
    "≤": "<=",
    "is": "equals",
    "is_not": "not_equals",
    "is_null": 'equals ""',
    "is_empty": 'equals ""',
    "is_not_null": 'not_equals ""',
    "is_not_empty": 'not_equals ""',
    "equal_to": "equals",
    "isnt": "not_equals",
    "like": "contains",
    "ilike": "contains",
    "not_like": "not_contains",
    "has": "contains",
    "includes": "contains",
    "does_not_contain": "not_contains",
    "does_not_equal": "not_equals",
    "does_not_match": "not_matches",
    "begins_with": "starts_with",
    "beginswith": "starts_with",
    "in": "equals",
    "not_in": "not_equals",
    "regex": "matches",
    "regexp": "matches",
    "rlike": "matches",
}
"""What people bring along from other languages, and from their own; `_` stands for a blank."""
_WORDS_OF_ONE = 4


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the one of `known` that is nearest to `word`, the first of equals; None if none is."""
    wanted = word.lower()[:_LONGEST]
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)
    best, likeness = None, _NEAR
    for candidate in known:
        matcher.set_seq1(candidate.lower())
        if matcher.quick_ratio() > likeness and (ratio := matcher.ratio()) > likeness:
            best, likeness = candidate, ratio
    return best


def operator_in_words(words: Sequence[str], known: Collection[str]) -> tuple[int, str] | None:
    """Return how many of the first `words` are one operator, as in `starts with`, and which.

    None if they are none.
    """
    for count in range(min(_WORDS_OF_ONE, len(words)), 1, -1):
        joined = "_".join(words[:count]).lower()
        for word in (joined, joined.removeprefix("is_")):
            if word in known or word in _MEANT:
                return count, _MEANT.get(word, word)
    return None


def operator(word: str, known: Iterable[str]) -> str | None:
    """Return the operator that was probably meant, also where another language writes it so."""
    return _MEANT.get(word.lower()) or nearest(word, known)
