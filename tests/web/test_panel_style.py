from __future__ import annotations

import re
from pathlib import Path

import pytest

from tvarr.web import panel

STYLE = (Path(panel.__file__).parent / "static" / "panel.css").read_text()
STATES = ("good", "busy", "warn", "bad")

PAIRS = [
    *((text, ground) for text in ("ink", "muted") for ground in ("ground", "card", "field")),
    *(("link", ground) for ground in ("card", "field", "ground")),
    *((state, ground) for state in STATES for ground in (f"{state}-ground", "card")),
    *((state, "ground") for state in STATES),
    ("ink", "bad-ground"),
]


def themes() -> dict[str, dict[str, str]]:
    light, dark = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    colours = {
        name: dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", block))
        for name, block in (("light", light), ("dark", dark))
    }
    return {"light": colours["light"], "dark": colours["light"] | colours["dark"]}


def luminance(colour: str) -> float:
    """Relative luminance, https://www.w3.org/TR/WCAG21/#dfn-relative-luminance."""
    digits = colour[1:] if len(colour) == 7 else "".join(d * 2 for d in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stands_out_as_wcag_aa_asks(theme: str, text: str, ground: str) -> None:
    colours = themes()[theme]
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["ground", "card", "field"])
def test_the_keyboards_focus_can_be_seen(theme: str, ground: str) -> None:
    colours = themes()[theme]
    assert contrast(colours["focus"], colours[ground]) >= 3
    assert ":focus-visible" in STYLE


def test_nothing_is_fetched_from_elsewhere() -> None:
    files = list((Path(panel.__file__).parent / "static").iterdir())
    assert files
    for file in files:
        text = file.read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|@import|url\((?!#)", text), file.name
