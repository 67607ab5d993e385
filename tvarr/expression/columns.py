"""What conditions read: a field's text, folded, as a number, as an instant.

`Columns` tells how each is derived from the text. `Inline` derives in place, which is what a
single `expr` needs; `tvarr.expression.plan` derives each once and keeps it in a column.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import polars as pl

from tvarr.expression.fields import BLANKS
from tvarr.expression.fold import fold
from tvarr.expression.times import to_instant, to_number
from tvarr.expression.values import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from tvarr.expression.fields import Field
    from tvarr.expression.values import Key


def is_blank(text: pl.Expr) -> pl.Expr:
    """Return whether there is nothing but blanks."""
    return text.str.strip_chars(BLANKS) == ""


DERIVED: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "folded": fold,
    "number": to_number,
    "instant": to_instant,
    "blank": is_blank,
}
"""What is derived from a text that is not null."""


class Columns(Source, Protocol):
    """A frame as conditions see it."""

    def derived(self, field: Field, what: str) -> pl.Expr:
        """Return one of `DERIVED` of the field's text."""
        ...


@dataclass(frozen=True)
class Inline:
    """Everything derived where it is used, from a field frame; nothing is captured."""

    now: datetime | None = None
    logos: Mapping[str, str] = field(default_factory=dict)

    def text(self, field: Field) -> pl.Expr:
        """Return the field's text."""
        return pl.col(field.name).fill_null("")

    def derived(self, field: Field, what: str) -> pl.Expr:
        """Return one of `DERIVED` of the field's text."""
        return DERIVED[what](self.text(field))

    def capture(self, key: Key) -> pl.Expr:
        """Refuse: conditions have no captures.

        Raises:
            LookupError: always.
        """
        raise LookupError(f"no capture {key} in a condition")
