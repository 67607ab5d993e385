"""Full Unicode case folding as a Polars expression.

Equal to `str.casefold` for every letter that Python knows; letters of a younger Unicode than
Python's are lowered as Polars knows them. Polars lowers text in Rust, and the few letters whose
folded form is not their lowered one (ß, final sigma, Cherokee …) are replaced afterwards.
Source: Unicode 15, section 3.13 "Default Case Algorithms", toCasefold(X).
"""

from __future__ import annotations

from functools import cache

import polars as pl

_PLANES = 0x20000
"""No letter above has a case."""


@cache
def _special() -> tuple[list[str], list[str]]:
    """Return the letters that lowering leaves and folding does not, and their folded forms."""
    letters = map(chr, range(0x80, _PLANES))
    folded = {
        letter: letter.casefold()
        for letter in letters
        if letter.casefold() != letter and letter.lower() == letter
    }
    return list(folded), list(folded.values())


def fold(text: pl.Expr) -> pl.Expr:
    """Return `text` folded; null stays null."""
    return text.str.to_lowercase().str.replace_many(*_special())


def fold_text(text: str) -> str:
    """Return one text folded exactly as `fold` does."""
    if text.isascii():
        return text.lower()
    return str(pl.select(fold(pl.lit(text))).item())


def is_caseless(text: str) -> bool:
    """Return whether a text is found in folded texts exactly where it is in the texts themselves.

    Folding neither makes nor changes an ASCII sign that is no letter.
    """
    return text.isascii() and not any(letter.isalpha() for letter in text)
