"""Draws `icon.png` and `logo.png`: `python docs/artwork.py`, from the project's folder.

Both are in the style of the demonstration's logos: a television whose aerial is a branch, since
one file in git is what it receives.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from tvarr.demo.drawing import rounded, shaded
from tvarr.demo.emblems import Pen

ROOT = Path(__file__).resolve().parents[1]
COLOURS = ("#2dd4bf", "#134074")
FINER = 4


def television(pen: Pen) -> None:
    """Draw the emblem on the pen's square."""
    for x, y in ((27, 15), (71, 20)):
        pen.line(pen.light, 4.5, (50, 37), (x, y))
        pen.disc(x, y, 7.5, pen.light)
        pen.disc(x, y, 3.5, pen.ink)
    pen.line(pen.light, 5, (34, 82), (30, 89))
    pen.line(pen.light, 5, (66, 82), (70, 89))
    pen.box(13, 36, 87, 84, pen.light, 9)
    pen.box(20, 43, 80, 77, pen.ink, 5)
    pen.shape(pen.light, (42, 50), (42, 70), (60, 60))


def icon(size: int) -> Image.Image:
    """Return the emblem on its tile, `size` pixels wide."""
    large = size * FINER
    image = shaded(COLOURS, large)
    television(Pen(ImageDraw.Draw(image), large, COLOURS))
    image = image.resize((size, size), Image.Resampling.LANCZOS)
    image.putalpha(rounded((size, size), size // 5))
    return image


def logo(width: int, height: int) -> Image.Image:
    """Return the icon with the name beside it, readable on light and on dark ground."""
    image = Image.new("RGBA", (width * FINER, height * FINER), "#2a9fb500")
    tile = height - 8
    image.alpha_composite(icon(tile * FINER), (4 * FINER, 4 * FINER))
    ImageDraw.Draw(image).text(
        ((tile + 16) * FINER, height * FINER * 0.47),
        "tvarr",
        "#2a9fb5",
        ImageFont.load_default(56 * FINER),
        "lm",
        stroke_width=FINER,
    )
    return image.resize((width, height), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    icon(128).save(ROOT / "icon.png", optimize=True)
    logo(250, 100).save(ROOT / "logo.png", optimize=True)
