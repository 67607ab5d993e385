"""The font of all that is written into pictures: the one that comes with Pillow.

Used by `tvarr.logos.placeholder` and `tvarr.logos.svg`, so that a picture is the same on every
machine, also where no fonts are installed. It is Aileron (CC0), cut down to the letters of
`LETTERS`; for all others it has the same crossed box, which nobody wants to see.
"""

from __future__ import annotations

from contextlib import contextmanager
from string import ascii_letters, digits, punctuation
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.ImageFont import FreeTypeFont

FAMILY: Final = "Aileron"
_OTHERS: Final = "©«°±´·»‘’“”…‹›⁄™"  # noqa: RUF001 - these very ones
LETTERS: Final = frozenset(ascii_letters + digits + punctuation + _OTHERS)
"""What it can draw."""
BLANKS: Final = frozenset(" \t\r\n")


def can_draw(text: str) -> bool:
    """Whether every letter of a text is there."""
    return set(text) <= LETTERS | BLANKS


def of_size(size: float) -> FreeTypeFont:
    """Return the font at a size in pixels."""
    from PIL import ImageFont

    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("Pillow was built without FreeType")
    return font


@contextmanager
def as_file() -> Iterator[str]:
    """Lend the font as a file for libraries that want a path; one that no kill leaves behind."""
    with TemporaryFile() as file:
        file.write(of_size(10).font_bytes)
        file.flush()
        file.seek(0)
        yield f"/dev/fd/{file.fileno()}"
