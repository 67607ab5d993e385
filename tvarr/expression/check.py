"""What is to be told of one sentence: all its problems, or its canonical form and its tree.

Called by `tvarr expression check` and by the HTTP validator, which give the same answer. Whether
it is a filter or a rule may be left open here; in the YAML that is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tvarr.expression.canonical import print_sentence
from tvarr.expression.problems import ExpressionError, ExpressionProblem
from tvarr.expression.sentence import Sentence, parse
from tvarr.expression.tree import draw

if TYPE_CHECKING:
    from collections.abc import Collection

    from tvarr.expression.fields import Domain
    from tvarr.expression.sentence import SentenceKind


@dataclass(frozen=True)
class Checked:
    """A sentence that is right, or what is wrong with it."""

    text: str
    domain: Domain
    kind: SentenceKind
    sentence: Sentence | None
    """None if there are problems."""
    problems: tuple[ExpressionProblem, ...] = ()


def check(
    text: str, domain: Domain, kind: SentenceKind | None = None, logos: Collection[str] = ()
) -> Checked:
    """Read `text`; if no `kind` is given, a condition alone is a filter, and a rule has actions."""
    checked = _read(text, domain, kind or "filter", logos)
    if kind is None and checked.problems:
        as_rule = _read(text, domain, "rule", logos)
        if as_rule.sentence or _says_more(as_rule, checked):
            return as_rule
    return checked


def document(checked: Checked) -> dict[str, object]:
    """Return the answer of `--json` and of the HTTP validator."""
    sentence = checked.sentence
    return {
        "valid": sentence is not None,
        "domain": checked.domain.value,
        "kind": checked.kind,
        "canonical": print_sentence(sentence) if sentence else None,
        "tree": draw(sentence) if sentence else None,
        "errors": [problem_document(problem) for problem in checked.problems],
    }


def problem_document(problem: ExpressionProblem) -> dict[str, object]:
    """Return a problem as JSON has it; line and column are counted from 1."""
    return {
        "category": problem.category.value,
        "message": problem.message,
        "line": problem.line,
        "column": problem.column,
        "length": problem.length,
        "suggestion": problem.suggestion,
    }


def _read(text: str, domain: Domain, kind: SentenceKind, logos: Collection[str]) -> Checked:
    try:
        return Checked(text, domain, kind, parse(text, domain, kind=kind, logos=logos))
    except ExpressionError as error:
        return Checked(text, domain, kind, None, error.problems)


def _says_more(as_rule: Checked, as_filter: Checked) -> bool:
    """Whether it is a wrong rule: it has actions, and nothing else is wrong with it as a filter.

    An action in a filter is told only where all else is right.
    """
    return len(as_filter.problems) == 1 and as_rule.problems != as_filter.problems
