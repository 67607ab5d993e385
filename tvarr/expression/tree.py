"""A sentence drawn as a tree, one node a line: what a person looks at who wonders how it is read.

Called by `tvarr.expression.check`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tvarr.expression.canonical import print_condition, print_sentence
from tvarr.expression.language import And, Branch, Literal, Not, Or
from tvarr.expression.sentence import Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tvarr.expression.language import Action, Condition

_INDENT = "  "


def draw(sentence: Sentence) -> tuple[str, ...]:
    """Return the lines of the tree: under `where` the condition, under `then` the actions.

    Of several groups each has its own `where` and `then`, in order.
    """
    return tuple(line for branch in sentence.branches for line in _branch(sentence, branch))


def _branch(sentence: Sentence, branch: Branch) -> Iterator[str]:
    yield "where"
    yield from _condition(branch.condition)
    if branch.actions:
        yield "then"
    for action in branch.actions:
        yield f"{_INDENT}{_print_action(sentence, action)}"


def _condition(condition: Condition) -> Iterator[str]:
    """Yield the lines of a condition; a deep one costs no recursion."""
    waiting = [(condition, 1)]
    while waiting:
        node, depth = waiting.pop()
        yield f"{_INDENT * depth}{_label(node)}"
        waiting += [(term, depth + 1) for term in reversed(_terms(node))]


def _terms(node: Condition) -> tuple[Condition, ...]:
    if isinstance(node, Not):
        return (node.term,)
    return node.terms if isinstance(node, And | Or) else ()


def _label(node: Condition) -> str:
    if isinstance(node, Not | And | Or):
        return type(node).__name__.upper()
    return print_condition(node)


def _print_action(sentence: Sentence, action: Action) -> str:
    alone = Branch(Literal(value=True), (action,))
    return print_sentence(Sentence(sentence.domain, "rule", (alone,)))
