"""Actions of one piece of a sentence: from the grammar's objects to the tree.

Called by `tvarr.expression.reading`. Whether a capture is possible is seen to in `captures`, since
it takes the condition to know.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tvarr.expression.fields import FALSE, STREAM_TYPES, TRUE, Kind
from tvarr.expression.language import Action, Verb
from tvarr.expression.lookup import place_of
from tvarr.expression.problems import Category
from tvarr.expression.templates import read_value

if TYPE_CHECKING:
    from tvarr.expression.fields import Field
    from tvarr.expression.lookup import Lookup
    from tvarr.expression.tokens import Piece

_SIGNS = {"?=": Verb.SET_IF_EMPTY, "+=": Verb.APPEND, "-=": Verb.REMOVE}


@dataclass(frozen=True)
class Written:
    """An action, and where its value stands in the sentence."""

    action: Action
    place: tuple[int, int]


def read_actions(lookup: Lookup, piece: Piece, clauses: list[Any]) -> list[Written]:
    """Return the actions of some clauses, in order, without those that are wrong."""
    found: list[Written | None] = []
    for clause in clauses:
        if type(clause).__name__ == "Deletion":
            found += [_deletion(lookup, piece, name) for name in clause.fields]
        else:
            verb = Verb(getattr(clause, "keyword", "set").upper())
            found += [read_assignment(lookup, piece, raw, verb) for raw in clause.assignments]
    return [written for written in found if written]


def read_assignment(
    lookup: Lookup, piece: Piece, raw: Any, verb: Verb = Verb.SET
) -> Written | None:
    """Return the action of `field = value`; a sign such as `+=` overrules the verb."""
    target = _target(lookup, piece, raw.field)
    place = place_of(piece, raw.value)
    value = read_value(lookup, place[0], raw.value.text, "assigned")
    if target is None or value is None:
        return None
    action = Action(_SIGNS.get(raw.operator, verb), target, value)
    misfit = _misfit(action)
    if misfit:
        lookup.findings.add(Category.VALUE, *place, misfit)
    return Written(action, place)


def _deletion(lookup: Lookup, piece: Piece, raw: Any) -> Written | None:
    target = _target(lookup, piece, raw)
    return Written(Action(Verb.DELETE, target), place_of(piece, raw)) if target else None


def _target(lookup: Lookup, piece: Piece, raw: Any) -> Field | None:
    target = lookup.field(piece, raw)
    if target and not target.writable:
        lookup.wrong(piece, raw, Category.FIELD, f'"{target.name}" can only be read')
    return target


def _misfit(action: Action) -> str | None:
    """Return what is wrong with a constant that the field cannot hold."""
    text = action.value.as_written
    if action.verb not in (Verb.SET, Verb.SET_IF_EMPTY) or text is None or not text.strip():
        return None
    word = text.strip().lower()
    if action.field.kind is Kind.FLAG and word not in TRUE + FALSE:
        return f'"{action.field.name}" is true or false'
    if action.field.name == "stream_type" and word not in STREAM_TYPES:
        return f'"{action.field.name}" is live, movie or series'
    if action.field.column == "season" and not word.isdecimal():
        return f'"{action.field.name}" is a whole number'
    return None
