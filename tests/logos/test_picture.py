"""Any bytes come to a small PNG, or to the reason why not."""

from __future__ import annotations

import gzip
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.logos.pictures import SVG, picture, png_that_claims
from tvarr.errors import Reason, Transient
from tvarr.logos.picture import FORMATS, convert

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(tmp_path)


class Made:
    """Converts bytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def of(self, content: bytes, size: int = 64) -> Image.Image:
        document, into = self.folder / "document", self.folder / "made.png"
        document.write_bytes(content)
        converted = convert(document, into, size)
        image = Image.open(BytesIO(into.read_bytes()))
        assert image.format == "PNG"
        assert (converted.width, converted.height) == image.size
        assert converted.bytes == into.stat().st_size
        return image

    def refused(self, content: bytes) -> Reason:
        with pytest.raises(Transient) as refused:
            self.of(content)
        return refused.value.reason


@pytest.mark.parametrize("kind", FORMATS)
def test_every_kind_of_the_web_is_read(made: Made, kind: str) -> None:
    assert made.of(picture(40, 20, kind)).size[0] >= 16


def test_a_large_picture_becomes_small_and_a_small_one_stays(made: Made) -> None:
    assert made.of(picture(1000, 500)).size == (64, 32)
    assert made.of(picture(1000, 500), 512).size == (512, 256)
    assert made.of(picture(7, 5)).size == (7, 5)
    assert made.of(picture(4000, 1)).size == (64, 1)


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("RGBA", (10, 20, 30, 128), (10, 20, 30, 128)),
        ("LA", (100, 7), (100, 100, 100, 7)),
        ("L", 100, (100, 100, 100)),
        ("1", 1, (255, 255, 255)),
        ("RGB", (1, 2, 3), (1, 2, 3)),
        ("I;16", 65535, (255, 255, 255)),
    ],
)
def test_colours_and_alpha_are_kept(
    made: Made, mode: str, colour: object, expected: tuple[int, ...]
) -> None:
    assert made.of(picture(mode=mode, colour=colour)).getpixel((3, 3)) == expected


def test_a_palette_with_a_colour_to_see_through(made: Made) -> None:
    image = made.of(picture(mode="P", colour=0, transparency=0))
    assert image.mode == "RGBA"
    pixel = image.getpixel((0, 0))
    assert isinstance(pixel, tuple)
    assert pixel[3] == 0


def test_the_colours_of_print(made: Made) -> None:
    pixel = made.of(picture(kind="JPEG", mode="CMYK", colour=(0, 255, 255, 0))).getpixel((0, 0))
    assert isinstance(pixel, tuple)
    assert pixel[0] > 200
    assert max(pixel[1:]) < 60


def test_a_photograph_is_turned_upright(made: Made) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    image = made.of(picture(40, 20, "JPEG", exif=exif))
    assert image.size == (20, 40)
    assert not image.getexif()


def test_of_moving_pictures_the_first_is_taken(made: Made) -> None:
    for kind in ("GIF", "WEBP", "PNG"):
        frames = [Image.new("RGB", (9, 9), "blue")]
        moving = picture(9, 9, kind, colour="red", save_all=True, append_images=frames)
        pixel = made.of(moving).convert("RGB").getpixel((4, 4))
        assert isinstance(pixel, tuple)
        assert pixel[0] > 250
        assert pixel[2] < 5


def test_a_drawing_is_as_large_as_is_wanted(made: Made) -> None:
    image = made.of(SVG, 128)
    assert image.size == (128, 64)
    assert image.getpixel((5, 5)) in ((255, 0, 0), (255, 0, 0, 255))
    assert made.of(gzip.compress(SVG)).size == (64, 32)
    assert made.of(b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a -->\n" + SVG).size == (64, 32)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", Reason.EMPTY_ANSWER),
        (b" \n", Reason.EMPTY_ANSWER),
        (b"<!DOCTYPE html><html></html>", Reason.HTML_ANSWER),
        (b"  <html><svg></svg></html>", Reason.HTML_ANSWER),
        (b'{"error": "no"}', Reason.UNSUPPORTED),
        (b"#EXTM3U", Reason.UNSUPPORTED),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", Reason.UNSUPPORTED),
        (picture(40, 20, "TIFF"), Reason.UNSUPPORTED),
        (picture(400, 200, "JPEG", mode="RGB")[:-300], Reason.TRUNCATED),
        (png_that_claims(60_000, 60_000), Reason.TOO_LARGE),
        (png_that_claims(5_000, 5_000), Reason.TOO_LARGE),
        (png_that_claims(40_000, 1), Reason.TOO_LARGE),
        (png_that_claims(0, 9), Reason.UNSUPPORTED),
        (gzip.compress(bytes(10 << 20)), Reason.TOO_LARGE),
        (gzip.compress(SVG)[:-9], Reason.TRUNCATED),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><g>", Reason.PARSE_ERROR),
        (bytes(9 << 20), Reason.TOO_LARGE),
    ],
)
def test_what_is_no_picture_has_a_reason(made: Made, content: bytes, reason: Reason) -> None:
    assert made.refused(content) == reason


def test_a_picture_in_an_icon_is_judged_like_any_other(made: Made) -> None:
    inside = png_that_claims(50_000, 50_000)
    entry = bytes([0, 0, 0, 0]) + b"\1\0\x20\0" + len(inside).to_bytes(4, "little") + b"\x16\0\0\0"
    assert made.refused(b"\0\0\1\0\1\0" + entry + inside) in (
        Reason.TOO_LARGE,
        Reason.PARSE_ERROR,
        Reason.UNSUPPORTED,
    )


def test_bytes_at_random_never_raise_anything_else(made: Made) -> None:
    for kind in FORMATS:
        whole = bytearray(picture(40, 20, kind))
        for place in range(0, len(whole), 1 + len(whole) // 40):
            broken = whole.copy()
            broken[place] ^= 0xFF
            with suppress(Transient):
                made.of(bytes(broken))
