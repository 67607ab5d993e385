"""What a channel without a logo has: its initials on a colour that follows from its name.

Called by `tvarr.logos.picture`. The letters are drawn with the font that comes with Pillow, so
that one name has one picture on every machine.
"""

from __future__ import annotations

import colorsys
from typing import TYPE_CHECKING

from tvarr.catalog.logo_ids import hue

if TYPE_CHECKING:
    from PIL import Image


def draw(initials: str, colour: int, size: int) -> Image.Image:
    """Return a square of `size` pixels with round corners; without letters it is a plain one."""
    from PIL import Image, ImageDraw, ImageFont

    red, green, blue = colorsys.hls_to_rgb(hue(colour), 0.38, 0.45)
    fill = (round(red * 255), round(green * 255), round(blue * 255), 255)
    picture = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((0, 0, size - 1, size - 1), radius=size // 6, fill=fill)
    font = ImageFont.load_default(size * (0.5 if len(initials) < 3 else 0.36))
    middle = (size / 2, size / 2)
    pen.text(middle, initials, font=font, fill=(255, 255, 255, 255), anchor="mm")
    return picture
