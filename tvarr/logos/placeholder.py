"""What a channel without a logo has: its initials on a colour that follows from its name.

Called by `tvarr.logos.convert`. A name without letters that the font has, such as one in Chinese,
has a small screen in their place.
"""

from __future__ import annotations

import colorsys
from typing import TYPE_CHECKING

from tvarr.catalog.logo_ids import hue
from tvarr.logos import font

if TYPE_CHECKING:
    from PIL import Image
    from PIL.ImageDraw import ImageDraw as Pen

_WHITE = (255, 255, 255, 255)


def draw(initials: str, colour: int, size: int) -> Image.Image:
    """Return a square of `size` pixels with round corners; without letters it shows a screen."""
    from PIL import Image, ImageDraw

    red, green, blue = colorsys.hls_to_rgb(hue(colour), 0.38, 0.45)
    fill = (round(red * 255), round(green * 255), round(blue * 255), 255)
    picture = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((0, 0, size - 1, size - 1), radius=size // 6, fill=fill)
    if initials:
        letters = font.of_size(size * 0.46)
        pen.text((size / 2, size / 2), initials, font=letters, fill=_WHITE, anchor="mm")
    else:
        _screen(pen, size)
    return picture


def _screen(pen: Pen, size: int) -> None:
    """Draw a television set on its foot."""
    left, top, right, bottom = (round(size * part) for part in (0.22, 0.28, 0.78, 0.64))
    line = max(size // 24, 2)
    pen.rounded_rectangle((left, top, right, bottom), radius=size // 16, outline=_WHITE, width=line)
    foot = round(size * 0.74)
    pen.rectangle((round(size * 0.38), foot - line + 1, round(size * 0.62), foot), fill=_WHITE)
