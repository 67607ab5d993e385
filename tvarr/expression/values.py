"""The right side of conditions and actions: text with captures, copied fields and helpers in it.

A value is a tuple of parts, each of which yields a text for every row. What a row's captures,
fields and build time are is told by a `Source` (see `tvarr.expression.columns`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import polars as pl

from tvarr.expression.fields import SEPARATOR
from tvarr.expression.times import write_instant, write_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tvarr.expression.fields import Field

Key = int | str
"""A capture: its number or name."""


class Source(Protocol):
    """What values are made from."""

    @property
    def now(self) -> datetime | None:
        """The time of the build; None if a sentence may not ask for it."""

    @property
    def logos(self) -> Mapping[str, str]:
        """The addresses of logos by name."""
        ...

    def text(self, field: Field) -> pl.Expr:
        """Return the field's text, never null."""
        ...

    def capture(self, key: Key) -> pl.Expr:
        """Return what was captured, never null."""
        ...


@dataclass(frozen=True)
class Text:
    """Text that means itself."""

    text: str

    def over(self, source: Source) -> pl.Expr:  # noqa: ARG002 - the shape of every part
        """Return the text for every row."""
        return pl.lit(self.text)


@dataclass(frozen=True)
class Capture:
    """`$1` or `${name}`."""

    key: Key

    def over(self, source: Source) -> pl.Expr:
        """Return what the row captured."""
        return source.capture(self.key)


@dataclass(frozen=True)
class Copy:
    """`$field`; the texts of a field that has several are joined by commas."""

    field: Field

    def over(self, source: Source) -> pl.Expr:
        """Return the field's text."""
        text = source.text(self.field)
        if self.field.many:
            return text.str.replace_all(SEPARATOR, ", ", literal=True)
        return text


@dataclass(frozen=True)
class Logo:
    """`@logo:NAME`. Where no address is known yet, the helper stays for the step that knows."""

    name: str

    def over(self, source: Source) -> pl.Expr:
        """Return the logo's address."""
        return pl.lit(source.logos.get(self.name, f"@logo:{self.name}"))


@dataclass(frozen=True)
class Now:
    """`@time:now`, and `@time:now()` in seconds since 1970."""

    in_seconds: bool

    def text(self, now: datetime | None) -> str:
        """Return the time of the build as text.

        Raises:
            ValueError: it was not given.
        """
        if now is None:
            raise ValueError("a sentence with @time:now needs the time of the build")
        return write_seconds(now) if self.in_seconds else write_instant(now)

    def over(self, source: Source) -> pl.Expr:
        """Return the time of the build."""
        return pl.lit(self.text(source.now))


@dataclass(frozen=True)
class Moment:
    """`@time:parse("…")` and `@time:<epoch>`, in seconds since 1970."""

    written: str
    """What stood in the parentheses, or the seconds themselves."""
    seconds: str
    parsed: bool

    def over(self, source: Source) -> pl.Expr:  # noqa: ARG002 - the shape of every part
        """Return the seconds."""
        return pl.lit(self.seconds)


Part = Text | Capture | Copy | Logo | Now | Moment


@dataclass(frozen=True)
class Value:
    """Text made of parts; without any it is empty."""

    parts: tuple[Part, ...] = ()

    @property
    def captures(self) -> tuple[Key, ...]:
        """The captures it needs."""
        return tuple(part.key for part in self.parts if isinstance(part, Capture))

    @property
    def as_written(self) -> str | None:
        """The text if it is nothing but text, without captures, fields and helpers."""
        if any(not isinstance(part, Text) for part in self.parts):
            return None
        return self.constant(None, {})

    def constant(self, now: datetime | None, logos: Mapping[str, str]) -> str | None:
        """Return the text if it is the same for every row, else None."""
        text = ""
        for part in self.parts:
            match part:
                case Text():
                    text += part.text
                case Logo():
                    text += logos.get(part.name, f"@logo:{part.name}")
                case Now():
                    text += part.text(now)
                case Moment():
                    text += part.seconds
                case _:
                    return None
        return text

    def over(self, source: Source) -> pl.Expr:
        """Return the text of every row, never null."""
        text = self.constant(source.now, source.logos)
        if text is not None:
            return pl.lit(text)
        if len(self.parts) == 1:
            return self.parts[0].over(source)
        return pl.concat_str([part.over(source) for part in self.parts])


NOTHING = Value()
