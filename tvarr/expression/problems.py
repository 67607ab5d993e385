"""What is wrong with a sentence, and how it is shown to the person who wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MAX_PROBLEMS = 50
"""More are not listed."""


class Category(StrEnum):
    """What part of a sentence a problem is about."""

    SYNTAX = "syntax"
    FIELD = "field"
    OPERATOR = "operator"
    VALUE = "value"
    HELPER = "helper"


@dataclass(frozen=True)
class ExpressionProblem:
    """One thing wrong in a sentence; line and column are counted from 1, in its own text."""

    category: Category
    message: str
    line: int
    column: int
    length: int
    """How many letters of the line the problem covers; 1 or more."""
    suggestion: str | None = None
    """What to write instead of the letters covered, or in words how to say it."""

    def __str__(self) -> str:
        """Return message and suggestion as one line."""
        hint = f'; did you mean "{self.suggestion}"?' if self.suggestion else ""
        return f"{self.line}:{self.column} {self.message}{hint}"


class ExpressionError(Exception):
    """A sentence is wrong; `problems` has all of it, in the order of the text."""

    def __init__(self, problems: tuple[ExpressionProblem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True)
class _Finding:
    category: Category
    start: int
    stop: int
    message: str
    suggestion: str | None


class Findings:
    """Collects what is found wrong in one text, by offsets; `sorted` tells it in lines."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: dict[tuple[int, str], _Finding] = {}

    def __len__(self) -> int:
        return len(self._found)

    def add(
        self, category: Category, start: int, stop: int, message: str, suggestion: str | None = None
    ) -> None:
        """Note a problem with the letters from `start` up to `stop`.

        One misfit at a place leads to others, so only the first one there is kept.
        """
        start = max(0, min(start, len(self._text)))
        kind = category if category is Category.SYNTAX else message
        self._found.setdefault((start, kind), _Finding(category, start, stop, message, suggestion))

    def at_the_end(self, category: Category, message: str) -> None:
        """Note that something is missing after the text."""
        end = len(self._text.rstrip())
        self.add(category, end, end + 1, message)

    def sorted(self) -> tuple[ExpressionProblem, ...]:
        """Return the problems in the order of the text, `MAX_PROBLEMS` at most."""
        ordered = sorted(self._found.values(), key=lambda finding: finding.start)
        return tuple(self._in_lines(finding) for finding in ordered[:MAX_PROBLEMS])

    def _in_lines(self, found: _Finding) -> ExpressionProblem:
        line = self._text.count("\n", 0, found.start) + 1
        begin = self._text.rfind("\n", 0, found.start) + 1
        end = self._text.find("\n", found.start)
        stop = min(found.stop, len(self._text) if end < 0 else end)
        return ExpressionProblem(
            found.category,
            found.message,
            line,
            found.start - begin + 1,
            max(1, stop - found.start),
            found.suggestion,
        )

    def refuse(self) -> None:
        """Raise `ExpressionError` if anything was found."""
        if self._found:
            raise ExpressionError(self.sorted())


_WIDTH = 100


def render(problem: ExpressionProblem, text: str) -> str:
    """Return the problem in a few lines: message, the offending line with a caret, suggestion."""
    lines = text.split("\n")
    line = lines[problem.line - 1] if problem.line <= len(lines) else ""
    begin = max(0, problem.column - 1 - _WIDTH // 2) if len(line) > _WIDTH else 0
    shown = line[begin : begin + _WIDTH]
    visible = "".join(letter if letter.isprintable() else " " for letter in shown)
    at = problem.column - 1 - begin
    carets = "^" * max(1, min(problem.length, len(shown) - at))
    said = [problem.message, f"    {visible}", f"    {' ' * at}{carets}"]
    return "\n".join([*said, f"try: {problem.suggestion}"] if problem.suggestion else said)
