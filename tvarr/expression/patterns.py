"""Regular expressions: compiled when the file is loaded, in the syntax of Rust's `regex`.

Linear in time, so without look-around and back-references.
Source: https://docs.rs/regex/latest/regex/#syntax
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

_NOTHING = pl.LazyFrame({"text": [""]})
_LOOKAROUND = re.compile(r"\(\?(<?[=!])")


@dataclass(eq=False)
class PatternError(Exception):
    """A pattern that does not compile, in one line, and where in it."""

    message: str
    start: int
    stop: int
    negative: str | None = None
    """What stands inside of a negative look-around, if that is what is wrong."""


@lru_cache(maxsize=4096)
def groups(pattern: str) -> tuple[str, ...]:
    """Compile `pattern` and return its groups in order: a name, or the number as text.

    Raises:
        PatternError: it does not compile.
    """
    try:
        captured = pl.col("text").str.extract_groups(pattern)
        (kind,) = _NOTHING.select(captured).collect_schema().dtypes()
    except pl.exceptions.PolarsError as error:
        raise _explained(pattern, str(error)) from None
    return tuple(part.name for part in kind.fields) if isinstance(kind, pl.Struct) else ()


def _explained(pattern: str, report: str) -> PatternError:
    said = re.search(r"error: (?!regex parse)(.*)", report.split("\n\nThis error", maxsplit=1)[0])
    message = said[1] if said else report.splitlines()[0].removeprefix("regex error: ")
    start, stop = _marked(pattern, report)
    if "(?P=" in pattern[start : start + 4] or "(?P=" in pattern[max(0, start - 3) : stop + 1]:
        message = "backreferences"
    if "look-around" in message:
        found = _LOOKAROUND.search(pattern)
        start, stop = found.span() if found else (start, stop)
        negative = _inside(pattern, stop) if found and found[1].endswith("!") else None
        return PatternError("look-around is not possible in a pattern", start, stop, negative)
    if "backreferences" in message:
        message = "back-references are not possible in a pattern"
    elif "size limit" in message:
        message = "this pattern is too large"
    else:
        message = f"this pattern does not compile: {message}"
    return PatternError(message, start, stop)


def _marked(pattern: str, report: str) -> tuple[int, int]:
    """Read off the carets below a pattern of one line; else the whole pattern is marked."""
    lines = report.splitlines()
    if "\n" not in pattern and len(lines) > 2 and lines[1].strip() == pattern.strip():
        carets = re.search(r"\^+", lines[2])
        if carets:
            return carets.start() - 4, carets.end() - 4
    return 0, len(pattern)


def _inside(pattern: str, start: int) -> str | None:
    """Return what stands from `start` to the parenthesis that closes there."""
    depth = 1
    for found in re.finditer(r"\\.|[()]", pattern[start:], re.DOTALL):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if depth == 0:
            return pattern[start : start + found.start()]
    return None
