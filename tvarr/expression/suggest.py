"""The word that was probably meant."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

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
    "is": "equals",
    "like": "contains",
    "has": "contains",
    "includes": "contains",
    "in": "equals",
    "regex": "matches",
}
"""What people bring along from other languages."""


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


def operator(word: str, known: Iterable[str]) -> str | None:
    """Return the operator that was probably meant, also where another language writes it so."""
    return _MEANT.get(word.lower()) or nearest(word, known)
