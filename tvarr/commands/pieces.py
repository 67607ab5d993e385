"""Lines of text in several tones: quiet colours at a terminal, plain text in a pipe.

Called by `tvarr.commands.telling`, which makes such lines of stories.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tvarr import printing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


class Tone(StrEnum):
    """How a piece of text is meant; the value is rich's style for it."""

    PLAIN = ""
    HEAD = "bold"
    QUIET = "dim"
    GOOD = "green"
    BAD = "red"


@dataclass(frozen=True)
class Piece:
    """Text of one tone."""

    text: str
    tone: Tone = Tone.PLAIN


Line = tuple[Piece, ...]

_LONGEST = 300
"""Letters of a text that are shown; JSON has all."""


def show(lines: Iterable[Line]) -> None:
    """Print the lines."""
    if not sys.stdout.isatty():
        for line in lines:
            printing.say("".join(piece.text for piece in line).rstrip())
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for line in lines:
        pieces = [(piece.text, str(piece.tone)) for piece in line]
        console.print(Text.assemble(*pieces), soft_wrap=True)


def table(pairs: Sequence[tuple[str, str]]) -> Iterator[Line]:
    """Yield a line for each name and its text, the texts below each other."""
    width = max((len(name) for name, _ in pairs), default=0)
    for name, text in pairs:
        yield Piece(f"  {name.ljust(width)}  ", Tone.QUIET), Piece(visible(text))


def visible(text: str, longest: int = _LONGEST) -> str:
    """Return a provider's text in one line, without what a terminal would obey."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"
