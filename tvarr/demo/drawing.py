"""Paints logos and the panel that lies over a channel's moving picture, with Pillow alone.

`provider` serves the logos, `pictures` pipes the panels into ffmpeg: not every ffmpeg can write
text, and not every machine has a font. Pillow carries one, with the letters of ASCII and few more.
"""

from __future__ import annotations

import io
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from tvarr.demo.emblems import EMBLEMS, Pen

if TYPE_CHECKING:
    from datetime import datetime

    from tvarr.demo.guide import Programme
    from tvarr.demo.lineup import Channel

FRAME = (1280, 720)
"""Width and height of a panel in pixels: the whole picture, mostly transparent."""
_FINER = 4
"""Emblems are drawn so many times larger and then reduced, for smooth edges."""
_LIGHT, _FAINT, _TRACK, _DARK = "#ffffff", "#c9cedb", "#3b455e", "#0b1020"
_TILE = 300


@lru_cache(maxsize=64)
def tile(channel: Channel, size: int) -> Image.Image:
    """Return the channel's square logo with round corners, `size` pixels wide, RGBA."""
    large = size * _FINER
    image = shaded(channel.colours, large)
    EMBLEMS[channel.slug](Pen(ImageDraw.Draw(image), large, channel.colours))
    image = image.resize((size, size), Image.Resampling.LANCZOS)
    image.putalpha(rounded((size, size), size // 5))
    return image


def shaded(colours: tuple[str, str], size: int) -> Image.Image:
    """Return a square that goes from the first colour at the top to the second, RGB."""
    above, below = (Image.new("RGB", (size, size), colour) for colour in colours)
    return Image.composite(below, above, Image.linear_gradient("L").resize((size, size)))


def rounded(size: tuple[int, int], radius: int) -> Image.Image:
    """Return a mask of that width and height that keeps a box with round, smooth corners."""
    width, height = (side * _FINER for side in size)
    mask = Image.new("L", (width, height), 0)
    box = (0, 0, width - 1, height - 1)
    ImageDraw.Draw(mask).rounded_rectangle(box, radius * _FINER, fill=255)
    return mask.resize(size, Image.Resampling.LANCZOS)


@lru_cache(maxsize=64)
def logo_png(channel: Channel) -> bytes:
    """Return the logo as a PNG of 400 by 400 pixels."""
    file = io.BytesIO()
    tile(channel, 400).save(file, "PNG", optimize=True)
    return file.getvalue()


def panel(channel: Channel, at: datetime, programme: Programme | None) -> bytes:
    """Return the panel for one second: `FRAME` in raw RGBA, 3.7 MB.

    Shows the logo, the channel, what is on and how far it has come, and the time in `at`'s zone.
    """
    caption = _caption(programme, at) if programme else channel.motto
    image = _backdrop(channel, caption, f"{at:%A} {at.day} {at:%B}").copy()
    draw = ImageDraw.Draw(image)
    _clock(draw, f"{at:%H:%M:%S}")
    if programme:
        _progress(draw, (at - programme.start) / (programme.stop - programme.start))
    return image.tobytes()


def legible(text: str) -> str:
    """Return the text in letters that Pillow's own font has: accents are left off."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def _caption(programme: Programme, at: datetime) -> str:
    start, stop = (moment.astimezone(at.tzinfo) for moment in (programme.start, programme.stop))
    return f"{start:%H:%M} - {stop:%H:%M}   {programme.show.title}"


@lru_cache(maxsize=16)
def _backdrop(channel: Channel, caption: str, day: str) -> Image.Image:
    """Return all of the panel that does not change from one second to the next."""
    image = Image.new("RGBA", FRAME, "#00000000")
    left, top = (FRAME[0] - _TILE) // 2, 120
    shadow = Image.new("L", FRAME, 0)
    shadow.paste(130, (left, top + 12), rounded((_TILE, _TILE), _TILE // 5))
    image.putalpha(shadow.filter(ImageFilter.GaussianBlur(18)))
    image.alpha_composite(tile(channel, _TILE), (left, top))
    _plate(image, (40, 530), (1200, 160), 22)
    image.alpha_composite(tile(channel, 120), (60, 550))
    _plate(image, (40, 36), (242, 38), 19)
    draw = ImageDraw.Draw(image)
    _write(draw, (208, 574), channel.name, 44, bold=True)
    _write(draw, (208, 624), caption, 27)
    _write(draw, (1214, 646), day, 22, anchor="rm")
    _write(draw, (161, 55), "tvarr demonstration", 22, anchor="mm")
    return image


def _plate(image: Image.Image, at: tuple[int, int], size: tuple[int, int], radius: int) -> None:
    """Lay a dark, slightly see-through plate on which text can be read."""
    plate = Image.new("RGBA", size, _DARK)
    plate.putalpha(rounded(size, radius).point([level * 208 // 255 for level in range(256)]))
    image.alpha_composite(plate, at)


def _write(
    draw: ImageDraw.ImageDraw,
    at: tuple[int, int],
    text: str,
    size: int,
    *,
    bold: bool = False,
    anchor: str = "lm",
) -> None:
    colour = _LIGHT if bold else _FAINT
    draw.text(at, legible(text), colour, _font(size), anchor, stroke_width=1 if bold else 0)


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _clock(draw: ImageDraw.ImageDraw, text: str) -> None:
    """Write the time with each digit in a place of its own, so that it does not tremble."""
    right = 1214
    for letter in reversed(text):
        width = 18 if letter == ":" else 38
        draw.text((right - width / 2, 592), letter, _LIGHT, _font(62), "mm")
        right -= width


def _progress(draw: ImageDraw.ImageDraw, part: float) -> None:
    draw.rounded_rectangle((208, 656, 888, 664), 4, fill=_TRACK)
    draw.rounded_rectangle((208, 656, 208 + max(8, round(680 * part)), 664), 4, fill=_LIGHT)
