"""From the pieces of a sentence to its branches.

Called by `tvarr.expression.sentence`. Each piece is read by the grammar, its words are looked up,
and what is wrong is noted while reading goes on, so that all problems are told at once; the tree
that a wrong sentence leaves behind is never used.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tvarr.expression import captures, grammar
from tvarr.expression.assignments import Written, read_actions, read_assignment
from tvarr.expression.conditions import Conditions
from tvarr.expression.language import Action, Branch, Condition
from tvarr.expression.language import Literal as Constant
from tvarr.expression.lookup import place_of
from tvarr.expression.problems import MAX_PROBLEMS, Category
from tvarr.expression.tokens import MAX_BYTES

if TYPE_CHECKING:
    from tvarr.expression.lookup import Lookup
    from tvarr.expression.tokens import Piece

MAX_PIECES = 2000
"""How many pairs of parentheses are read; each costs a run of the grammar."""

MAX_DEPTH = 400
"""How deep conditions may be nested; each level costs a step of recursion and of planning."""

_JOINING = ("and", "or", "&&", "||")
_MISPLACED = "actions stand last, or in groups that only AND and OR join"


@dataclass(frozen=True)
class Part:
    """What a piece was read as."""

    piece: Piece
    condition: Condition | None = None
    """None if there is none, or it is wrong."""
    actions: tuple[Action, ...] = ()
    acts: bool = False
    """Whether it has actions, be they right or wrong."""
    fits: bool = True
    """Whether it fits the grammar."""


@dataclass
class Reader:
    """Reads the pieces of one sentence, inner ones first."""

    lookup: Lookup
    kind: Literal["filter", "rule"]
    first_action: int = MAX_BYTES
    """Where the first action stands, if there is any."""
    _pieces_read: int = 0
    _parts: dict[int, Part] = field(default_factory=dict)
    """By the offset of the opening parenthesis."""

    def read(self, pieces: list[Piece]) -> tuple[Branch, ...]:
        """Return the branches of the sentence whose pieces these are, the whole of it last."""
        for piece in pieces:
            self._parts[piece.start] = self._part(piece)
        whole = self._parts[-1]
        groups = [self._parts[inner.start] for inner in whole.piece.pairs.values()]
        if whole.fits and any(part.acts for part in groups):
            self._check_groups(whole, groups)
            return tuple(_branch(part) for part in groups)
        return (_branch(whole),)

    def _part(self, piece: Piece) -> Part:
        if _is_wrapper(piece):
            (inner,) = piece.pairs.values()
            return self._parts[inner.start]
        if self._is_too_much():
            return Part(piece, fits=False)
        try:
            raw = grammar.read(piece)
        except grammar.MisfitError as misfit:
            start, stop = piece.offset(misfit.start), piece.offset(misfit.stop - 1) + 1
            found = misfit.category, start, stop, misfit.message, misfit.suggestion
            self.lookup.findings.add(*found)
            return Part(piece, fits=False)
        if piece.words:
            return self._read(piece, raw.condition, raw.clauses)
        if piece.start >= 0:
            self._note(piece.start, piece.stop + 1, "there is nothing in it")
        return Part(piece)

    def _read(self, piece: Piece, raw: Any, clauses: list[Any]) -> Part:
        """Read what a piece has: a condition, clauses, or both."""
        only = _assignment_in(raw) if self._is_bare(piece, clauses) else None
        if only is not None:
            written = [read_assignment(self.lookup, piece, only)]
            return self._with_actions(piece, None, [one for one in written if one])
        wrong_before = len(self.lookup.findings)
        condition = self._condition(piece, raw) if raw else None
        is_right = len(self.lookup.findings) == wrong_before
        if not clauses:
            return Part(piece, condition)
        self.first_action = min(self.first_action, place_of(piece, clauses[0])[0])
        written_by_clause = read_actions(self.lookup, piece, clauses)
        if not is_right:  # what it captures is not known
            return Part(piece, condition, acts=True)
        return self._with_actions(piece, condition, written_by_clause)

    def _with_actions(
        self, piece: Piece, condition: Condition | None, written: list[Written]
    ) -> Part:
        actions = captures.settle(self.lookup, condition, written)
        return Part(piece, condition, actions, acts=True)

    def _condition(self, piece: Piece, raw: Any) -> Condition | None:
        def inner(place: int) -> Condition | None:
            part = self._parts[piece.pairs[place].start]
            if part.acts and piece.start >= 0:
                self._misplaced(part, _MISPLACED)
            return part.condition

        condition = Conditions(self.lookup, piece, inner).read(raw)
        if condition is None or condition.depth <= MAX_DEPTH:
            return condition
        self._note(piece.start, piece.start + 1, f"this is nested more than {MAX_DEPTH} deep")
        return None

    def _is_bare(self, piece: Piece, clauses: list[Any]) -> bool:
        """Whether a lone `field = value` would be an action here."""
        return self.kind == "rule" and piece.start < 0 and not clauses

    def _is_too_much(self) -> bool:
        """Whether reading on would take long, and tell nothing more of use."""
        self._pieces_read += 1
        if self._pieces_read > MAX_PIECES:
            self._note(0, 1, f"more than {MAX_PIECES} parentheses are too many for one sentence")
        return self._pieces_read > MAX_PIECES or len(self.lookup.findings) > 2 * MAX_PROBLEMS

    def _check_groups(self, whole: Part, groups: list[Part]) -> None:
        """Conditional groups have actions, and nothing but AND and OR between them."""
        plain = all(
            token.kind == "pair" or token.text.lower() in _JOINING for token in whole.piece.words
        )
        for part in groups:
            if plain and part.fits and not part.acts:
                self._misplaced(part, "this group has no action")
            if not plain and part.acts:
                self._misplaced(part, _MISPLACED)

    def _misplaced(self, part: Part, message: str) -> None:
        self._note(part.piece.start, part.piece.start + 1, message)

    def _note(self, start: int, stop: int, message: str, meant: str | None = None) -> None:
        self.lookup.findings.add(Category.SYNTAX, start, stop, message, meant)


def _branch(part: Part) -> Branch:
    return Branch(part.condition or Constant(value=True), part.actions)


def _is_wrapper(piece: Piece) -> bool:
    """Whether there is nothing in it but one pair of parentheses."""
    return piece.start >= 0 and len(piece.words) == 2 and len(piece.pairs) == 1


def _assignment_in(raw: Any) -> Any:
    """Return the `field = value` that is all of a condition, which in a rule is an action."""
    if raw is None or len(raw.terms) > 1 or len(raw.terms[0].terms) > 1:
        return None
    negation = raw.terms[0].terms[0]
    term = negation.term
    if type(term).__name__ != "Comparison" or negation.negations or term.lead or term.modifiers:
        return None
    return term if term.operator.text == "=" else None
