"""The words of a sentence looked up, and what is wrong with them noted.

Shared by all that reads parts of one sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tvarr.expression import fields, suggest
from tvarr.expression.fields import Domain, Field
from tvarr.expression.problems import Category

if TYPE_CHECKING:
    from collections.abc import Collection

    from tvarr.expression.problems import Findings
    from tvarr.expression.tokens import Piece


@dataclass(frozen=True)
class Lookup:
    """What the words of one sentence are looked up in, and where problems go."""

    domain: Domain
    logos: Collection[str]
    findings: Findings

    def field(self, piece: Piece, raw: Any) -> Field | None:
        """Return the field that one of the grammar's names is; None, and a problem, if none is."""
        found = fields.resolve(raw.text, self.domain)
        if found is None:
            message, meant = unknown_field(raw.text, self.domain)
            self.wrong(piece, raw, Category.FIELD, message, meant)
        return found

    def wrong(
        self, piece: Piece, raw: Any, category: Category, message: str, meant: str | None = None
    ) -> None:
        """Note a problem with the whole of one of the grammar's objects."""
        self.findings.add(category, *place_of(piece, raw), message, meant)


def place_of(piece: Piece, raw: Any) -> tuple[int, int]:
    """Return where one of the grammar's objects begins and ends in the sentence."""
    start = piece.offset(raw._tx_position)  # noqa: SLF001 - textX has no other name for it
    return start, start + len(getattr(raw, "text", " "))


_SAME_BY_DOMAIN: dict[Domain, dict[str, str]] = {
    Domain.CHANNEL: {"channel_id": "tvg_id", "channel_group_title": "group_title"},
    Domain.PROGRAMME: {
        "name": "channel_name",
        "group": "channel_group",
        "category": "programme_category",
        "number": "channel_number",
        "chno": "channel_number",
        "tvg_chno": "channel_number",
        "tvg_language": "programme_language",
    },
}
"""What is meant by a field of the other domain; a word that only looks alike would mislead."""


def unknown_field(word: str, domain: Domain) -> tuple[str, str | None]:
    """Return what is to be said of a word that is no field of `domain`."""
    (other,) = (kind for kind in Domain if kind is not domain)
    if fields.resolve(word, other):
        plural = {Domain.CHANNEL: "channels", Domain.PROGRAMME: "programmes"}
        message = f'"{word}" is a field of {plural[other]}, and this is about {plural[domain]}'
        return message, _alike(word, domain)
    return f'there is no field "{word[:60]}"', suggest.nearest(word, fields.words(domain))


def _alike(word: str, domain: Domain) -> str | None:
    """Return the field of `domain` that is what `word` is in the other one, where there is one."""
    return _SAME_BY_DOMAIN[domain].get(word.lower())
