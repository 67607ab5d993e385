"""Drawings are rendered without anything that is not in them."""

from __future__ import annotations

import tempfile
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.logos.pictures import SVG, picture
from tvarr.errors import Reason, Transient
from tvarr.logos import font, svg

HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink" '
    'viewBox="0 0 9 9"'
)


def drawing(inside: str, attributes: str = "") -> bytes:
    return f"{HEAD} {attributes}>{inside}</svg>".encode()


def is_blank(png: bytes) -> bool:
    return Image.open(BytesIO(png)).convert("RGBA").getchannel("A").getextrema() == (0, 0)


@pytest.mark.parametrize("attribute", ["href", "x:href"])
@pytest.mark.parametrize("scheme", ["", "file://", "FILE:"])
def test_no_file_of_this_machine_is_drawn(tmp_path: Path, attribute: str, scheme: str) -> None:
    file = tmp_path / "secret.png"
    file.write_bytes(picture(9, 9))
    document = drawing(f'<image {attribute}="{scheme}{file}" width="9" height="9"/>')
    assert is_blank(svg.render(document, 64))
    inner = drawing(
        f'<image {attribute}="{file.name}" width="9" height="9"/>', f'xml:base="{file}"'
    )
    assert is_blank(svg.render(inner, 64))


@pytest.mark.parametrize(
    "inside",
    [
        "<image href='http://evil.invalid/a.png'/>",
        "<feImage href='//evil.invalid/a.png'/>",
        "<use x:href='http://evil.invalid/a.svg#b'/>",
        "<rect style='fill:url(http://evil.invalid/a)'/>",
        "<rect fill='url( &quot;http://evil.invalid/a&quot; )'/>",
        "<style>@import 'http://evil.invalid/a.css'; rect {fill: url(//evil.invalid)}</style>",
        "<style>rect {fill: u\\72l(http://evil.invalid)}</style>",
        "<script>fetch('http://evil.invalid')</script>",
        "<foreignObject><iframe src='http://evil.invalid'/></foreignObject>",
        "<rect onload='fetch(`http://evil.invalid`)'/>",
        "<image href='data:image/svg+xml;base64,aHR0cDovL2V2aWwuaW52YWxpZA=='/>",
        "<!-- http://evil.invalid --><?xml-stylesheet href='http://evil.invalid'?>",
    ],
)
def test_nothing_outside_is_spoken_of_any_more(inside: str) -> None:
    clean = svg.clean(drawing(inside))
    assert "evil" not in clean
    assert "aHR0" not in clean
    svg.render(drawing(inside), 64)


def test_what_a_drawing_has_in_itself_stays() -> None:
    own = drawing(
        '<defs><linearGradient id="g"><stop stop-color="red"/></linearGradient>'
        '<rect id="r" width="9" height="9" fill="url(#g)"/></defs><use x:href="#r"/>'
    )
    assert "url(#g)" in svg.clean(own)
    assert not is_blank(svg.render(own, 64))


def test_entities_are_not_resolved() -> None:
    declared = '<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY c SYSTEM "/etc/passwd">'
    head = f"<!DOCTYPE svg [{declared}]>"
    clean = svg.clean(head.encode() + drawing("<text>&b;&c;</text>"))
    assert "aaa" not in clean
    assert "root:" not in clean


@pytest.mark.parametrize("family", ["Arial", "serif", "monospace", "'Open Sans', cursive"])
def test_text_is_drawn_whatever_font_it_asks_for(family: str) -> None:
    words = f'<text x="1" y="7" font-size="5" font-family="{family}">TV 7</text>'
    assert not is_blank(svg.render(drawing(words), 64))


def test_text_of_other_letters_is_refused_with_its_reason() -> None:
    for words in ("<text>Köln</text>", "<text>TV <tspan>中央</tspan></text>"):
        with pytest.raises(Transient) as refused:
            svg.render(drawing(words), 64)
        assert refused.value.reason is Reason.UNSUPPORTED
    svg.render(drawing("<title>Köln</title><desc>中央</desc><text>\n\t </text>"), 64)


def test_a_book_is_no_logo() -> None:
    with pytest.raises(Transient) as refused:
        svg.render(drawing(f"<text>{'TV ' * 300_000}</text>"), 64)
    assert refused.value.reason is Reason.TOO_LARGE


def test_no_file_is_left_of_the_font(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with font.as_file() as file:
        assert Path(file).read_bytes() == font.of_size(10).font_bytes
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("size", [64, 512])
def test_every_letter_of_the_font_looks_like_no_other(size: int) -> None:
    letters = font.of_size(size)
    drawn = {letter: bytes(letters.getmask(letter)) for letter in sorted(font.LETTERS)}
    assert bytes(letters.getmask("\U0010ffff")) not in drawn.values()
    assert len(set(drawn.values())) == len(drawn)


@pytest.mark.parametrize(
    "document", [b"<svg", b"\xff\xfe<svg/>", drawing("<g>" * 300 + "</g>" * 300)]
)
def test_what_is_no_drawing_is_refused(document: bytes) -> None:
    with pytest.raises(Transient):
        svg.clean(document)


@pytest.mark.parametrize(
    ("head", "is_one"),
    [
        (SVG, True),
        (b"<?xml version='1.0'?><!DOCTYPE svg PUBLIC 'a' 'b'><svg>", True),
        (b"<!-- <html> --><svg:svg>", True),
        (b"<html><svg>", False),
        (b"<svgx>", False),
        (b"\x89PNG<svg>", False),
    ],
)
def test_a_drawing_is_known_by_its_first_element(head: bytes, is_one: bool) -> None:
    assert svg.looks_like_svg(head) is is_one
