"""The emblem of each invented channel, drawn with a handful of strokes.

`drawing` puts them on logos and pictures. Coordinates run from 0 to 100 in both directions, the
`Pen` brings them to the size at hand.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.ImageDraw import ImageDraw

Point = tuple[float, float]
_LIGHT = "#fffaf0"


class Pen:
    """Draws on a square of 100 by 100 in three colours.

    They are light, ink (the darker of the channel's two colours) and shade (half way between light
    and the brighter one).
    """

    def __init__(self, draw: ImageDraw, size: int, colours: tuple[str, str]) -> None:
        self._draw, self._scale = draw, size / 100
        self.light, self.shade, self.ink = _LIGHT, _between(_LIGHT, colours[0]), colours[1]

    def _at(self, *points: Point) -> list[Point]:
        return [(x * self._scale, y * self._scale) for x, y in points]

    def disc(self, x: float, y: float, radius: float, colour: str) -> None:
        """Fill a circle around a point."""
        box = self._at((x - radius, y - radius), (x + radius, y + radius))
        self._draw.ellipse(box, fill=colour)

    def oval(self, left: float, top: float, right: float, bottom: float, colour: str) -> None:
        """Fill an ellipse."""
        self._draw.ellipse(self._at((left, top), (right, bottom)), fill=colour)

    def box(
        self, left: float, top: float, right: float, bottom: float, colour: str, radius: float = 0
    ) -> None:
        """Fill a rectangle, rounded if so wished."""
        corners = self._at((left, top), (right, bottom))
        self._draw.rounded_rectangle(corners, radius * self._scale, fill=colour)

    def shape(self, colour: str, *points: Point) -> None:
        """Fill a polygon."""
        self._draw.polygon(self._at(*points), fill=colour)

    def line(self, colour: str, width: float, *points: Point) -> None:
        """Draw through points, with round ends and corners."""
        self._draw.line(self._at(*points), colour, round(width * self._scale), joint="curve")
        for x, y in (points[0], points[-1]):
            self.disc(x, y, width / 2, colour)

    def wave(self, colour: str, width: float, y: float, left: float, right: float) -> None:
        """Draw three waves around a height."""
        for step in range(181):
            x = left + (right - left) * step / 180
            self.disc(x, y + 3 * math.sin(step * math.pi / 30), width / 2, colour)

    def arc(
        self, x: float, y: float, radius: float, start: float, end: float, colour: str, width: float
    ) -> None:
        """Draw a part of a circle; angles in degrees, clockwise from three o'clock."""
        box = self._at((x - radius, y - radius), (x + radius, y + radius))
        self._draw.arc(box, start, end, colour, round(width * self._scale))

    def half(self, x: float, y: float, radius: float, start: float, colour: str) -> None:
        """Fill half a circle that begins at the angle `start`."""
        box = self._at((x - radius, y - radius), (x + radius, y + radius))
        self._draw.pieslice(box, start, start + 180, fill=colour)


def _between(one: str, other: str) -> str:
    """Return the colour half way between two `#rrggbb`."""
    pairs = zip(bytes.fromhex(one[1:]), bytes.fromhex(other[1:]), strict=True)
    return "#" + bytes((a + b) // 2 for a, b in pairs).hex()


def _kettle(pen: Pen) -> None:
    pen.arc(48, 46, 19, 180, 360, pen.light, 5)
    pen.shape(pen.light, (70, 58), (88, 44), (92, 49), (74, 72))
    pen.shape(pen.light, (28, 46), (68, 46), (77, 78), (19, 78))
    pen.box(19, 74, 77, 80, pen.light, 3)
    pen.line(pen.ink, 3, (30, 56), (64, 56))
    for x in (80, 90):
        pen.line(pen.shade, 3.5, (x, 36), (x + 3, 31), (x - 2, 24), (x + 1, 18))


def _bridge(pen: Pen) -> None:
    pen.box(10, 44, 90, 70, pen.light)
    for x in (24, 50, 76):
        pen.half(x, 70, 10, 180, pen.ink)
    pen.line(pen.light, 4, (10, 41), (90, 41))
    pen.disc(50, 26, 8, pen.shade)
    for y in (77, 85):
        pen.line(pen.shade, 3, (18, y), (38, y))
        pen.line(pen.shade, 3, (48, y), (82, y))


def _vane(pen: Pen) -> None:
    pen.line(pen.light, 4, (50, 30), (50, 84))
    pen.line(pen.light, 5, (20, 36), (72, 36))
    pen.shape(pen.light, (70, 24), (90, 36), (70, 48))
    pen.shape(pen.light, (12, 25), (28, 25), (36, 36), (28, 47), (12, 47), (20, 36))
    pen.line(pen.shade, 4, (34, 62), (66, 62))
    pen.disc(50, 20, 6, pen.light)
    pen.line(pen.light, 5, (36, 85), (64, 85))


def _fern(pen: Pen) -> None:
    pen.line(pen.light, 4, (50, 90), (50, 14))
    for step in range(6):
        y, reach = 76 - step * 11, 31 - step * 4.2
        colour = pen.shade if step % 2 else pen.light
        for side in (-1, 1):
            pen.line(colour, 6.5, (50 + side * 5, y - 3), (50 + side * reach, y - 3 - reach * 0.45))


def _owl(pen: Pen) -> None:
    pen.shape(pen.light, (22, 14), (44, 30), (22, 58))
    pen.shape(pen.light, (78, 14), (56, 30), (78, 58))
    pen.box(22, 26, 78, 88, pen.light, 27)
    for x in (37, 63):
        pen.disc(x, 45, 13, pen.ink)
        pen.disc(x, 45, 9.5, pen.light)
        pen.disc(x, 45, 5.5, pen.ink)
    pen.shape(pen.ink, (45, 55), (55, 55), (50, 65))
    for x in (38, 50, 62):
        pen.arc(x, 70, 5, 0, 180, pen.ink, 2.5)


def _river(pen: Pen) -> None:
    pen.disc(70, 28, 11, pen.shade)
    pen.shape(pen.light, (12, 52), (36, 20), (48, 37), (56, 28), (76, 52))
    for y, colour in ((61, pen.light), (72, pen.shade), (83, pen.light)):
        pen.wave(colour, 5, y, 14, 86)


def _trees(pen: Pen) -> None:
    for x, y, radius, colour in (
        (27, 46, 17, pen.shade),
        (75, 50, 15, pen.shade),
        (50, 37, 23, pen.light),
    ):
        pen.line(pen.light, 5, (x, y), (x, 86))
        pen.disc(x, y, radius, colour)
    for x in (42, 58):
        pen.disc(x, 33, 3.2, pen.ink)
    pen.arc(50, 37, 10, 20, 160, pen.ink, 3)
    pen.line(pen.light, 4, (12, 86), (88, 86))


def _boat(pen: Pen) -> None:
    pen.shape(pen.light, (50, 14), (50, 54), (30, 54))
    pen.shape(pen.shade, (50, 14), (70, 54), (50, 54))
    pen.shape(pen.light, (10, 46), (32, 58), (68, 58), (90, 46), (72, 74), (28, 74))
    pen.line(pen.ink, 1.5, (31, 58), (50, 73))
    pen.line(pen.ink, 1.5, (69, 58), (50, 73))
    pen.wave(pen.shade, 4.5, 84, 12, 88)


def _acorn(pen: Pen) -> None:
    pen.line(pen.light, 5, (50, 24), (53, 12))
    pen.shape(pen.light, (44, 82), (56, 82), (50, 91))
    pen.oval(26, 14, 74, 86, pen.light)
    pen.half(50, 46, 32, 180, pen.light)
    pen.line(pen.ink, 3, (20, 47), (80, 47))
    for y, xs in ((36, (32, 44, 56, 68)), (26, (38, 50, 62))):
        for x in xs:
            pen.arc(x, y, 5, 20, 160, pen.ink, 2.5)


def _teapot(pen: Pen) -> None:
    pen.arc(76, 52, 13, 250, 110, pen.light, 5)
    pen.shape(pen.light, (30, 62), (10, 40), (17, 35), (36, 48))
    pen.oval(24, 34, 76, 82, pen.light)
    pen.box(36, 80, 64, 86, pen.light, 3)
    pen.half(50, 35, 15, 180, pen.light)
    pen.disc(50, 17, 4.5, pen.light)
    pen.line(pen.ink, 2.5, (32, 37), (68, 37))
    pen.disc(45, 66, 5, pen.ink)
    pen.line(pen.ink, 3, (49, 65), (49, 48), (58, 51))


def _guitar(pen: Pen) -> None:
    pen.line(pen.light, 6, (56, 46), (84, 16))
    pen.line(pen.light, 9, (80, 20), (88, 12))
    pen.disc(38, 64, 23, pen.light)
    pen.disc(54, 49, 16, pen.light)
    pen.disc(45, 58, 8, pen.ink)
    pen.line(pen.ink, 4, (26, 68), (35, 77))
    pen.line(pen.ink, 1, (32, 71), (78, 22))


def _tram(pen: Pen) -> None:
    pen.disc(78, 20, 10, pen.shade)
    pen.line(pen.light, 2.5, (8, 24), (60, 24))
    pen.line(pen.light, 3, (36, 25), (46, 36))
    pen.box(18, 36, 82, 78, pen.light, 9)
    for x in (25, 44, 63):
        pen.box(x, 44, x + 13, 58, pen.ink, 2.5)
    pen.line(pen.ink, 2, (24, 66), (76, 66))
    for x in (34, 66):
        pen.disc(x, 79, 7, pen.light)
        pen.disc(x, 79, 3, pen.ink)
    pen.line(pen.shade, 3, (8, 89), (92, 89))


EMBLEMS: dict[str, Callable[[Pen], None]] = {
    "tin-kettle-news": _kettle,
    "nine-bridges-today": _bridge,
    "weathervane": _vane,
    "moss-and-fern": _fern,
    "owl-hours": _owl,
    "slow-river": _river,
    "wobblewood": _trees,
    "paper-boats": _boat,
    "petits-ecureuils": _acorn,
    "velvet-teapot": _teapot,
    "copper-string": _guitar,
    "night-tram": _tram,
}
"""By the channel's slug."""
