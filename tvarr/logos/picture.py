"""One picture, as it came, to a PNG of bounded size.

Called by `tvarr.logos.convert` in a process of its own. What a picture claims of its dimensions is
judged before a pixel is decoded. Raises `Transient` with the reason why there is no picture; the
sentence holds nothing of the document.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Final

from tvarr.errors import Reason, Transient
from tvarr.logos import svg

if TYPE_CHECKING:
    from pathlib import Path

    from PIL import Image

MOST_BYTES: Final = 8 * 2**20
"""Of a picture as it comes."""
MOST_PIXELS: Final = 16_000_000
"""Of a picture as it is decoded: 64 MB with its alpha."""
LONGEST_EDGE: Final = 16_384

FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP", "ICO", "BMP", "AVIF")
"""Those that are meant for the web. Others need programs or hide in each other."""

_HEAD: Final = 4096
_HTML = re.compile(
    rb"(?i)[\s\xef\xbb\xbf]*(?:<!--.{0,200}?-->\s*)?<(?:!doctype\s+html|html|head|body|script|title|meta)\b",
    re.DOTALL,
)


@dataclass(frozen=True)
class Converted:
    """A PNG that was written."""

    width: int
    height: int
    bytes: int
    kind: str
    """What it was: `png`, `svg` …"""


def convert(document: Path, into: Path, size: int) -> Converted:
    """Write the picture in `document` to `into` as a PNG that fits a square of `size` pixels.

    It is never enlarged (a drawing has no size of its own), and of moving pictures the first is
    taken. Raises `Transient`: `EMPTY_ANSWER`, `HTML_ANSWER`, `TOO_LARGE`, `TRUNCATED`,
    `PARSE_ERROR` or `UNSUPPORTED`.
    """
    if document.stat().st_size > MOST_BYTES:
        raise Transient(Reason.TOO_LARGE, f"the picture has more than {MOST_BYTES >> 20} MB")
    content = svg.unpacked(document.read_bytes())
    if not content.strip():
        raise Transient(Reason.EMPTY_ANSWER, "the answer is empty")
    if svg.looks_like_svg(content[:_HEAD]):
        return write(decoded(BytesIO(svg.render(content, size)), size)[0], into, "svg")
    if _HTML.match(content[:_HEAD]):
        raise Transient(Reason.HTML_ANSWER, "the answer is a web page, not a picture")
    picture, kind = decoded(BytesIO(content), size)
    return write(picture, into, kind)


def decoded(stream: BytesIO, size: int) -> tuple[Image.Image, str]:
    """Return the picture upright, in RGBA or RGB, within `size` pixels, and what it was."""
    from PIL import Image, ImageFile, UnidentifiedImageError

    ImageFile.LOAD_TRUNCATED_IMAGES = False
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS  # for the pictures inside an ICO
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(stream, formats=FORMATS) as opened:
                _refuse_by_dimensions(opened)
                kind = str(opened.format or "").lower()
                return _upright(opened, size), kind
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except UnidentifiedImageError as error:
        raise Transient(Reason.UNSUPPORTED, "the answer is no picture of a known kind") from error
    except MemoryError as error:
        raise Transient(Reason.TOO_LARGE, "the picture needs too much memory") from error
    except Transient:
        raise
    except Exception as error:  # decoders raise whatever comes to them
        cut = isinstance(error, OSError | EOFError) and "trunc" in str(error).lower()
        reason = Reason.TRUNCATED if cut else Reason.PARSE_ERROR
        words = "the picture is cut off" if cut else "the picture is damaged"
        raise Transient(reason, words) from error


def _refuse_by_dimensions(opened: Image.Image) -> None:
    width, height = opened.size
    if width <= 0 or height <= 0:
        raise Transient(Reason.PARSE_ERROR, "the picture has no width or no height")
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_EDGE:
        raise _too_many_pixels()


def _too_many_pixels() -> Transient:
    return Transient(
        Reason.TOO_LARGE, f"the picture has more than {MOST_PIXELS // 1_000_000} million pixels"
    )


def _upright(opened: Image.Image, size: int) -> Image.Image:
    """Decode the first frame, make it small, then turn it as its EXIF says."""
    from PIL import Image, ImageOps

    opened.draft("RGB", (size, size))  # a JPEG is decoded small at once
    opened.load()
    _refuse_by_dimensions(opened)  # an ICO has told its size only now
    picture = _with_plain_colours(opened)
    picture.thumbnail((size, size), Image.Resampling.LANCZOS)
    return ImageOps.exif_transpose(picture)


def _with_plain_colours(opened: Image.Image) -> Image.Image:
    """Return RGBA where something may be seen through, else RGB; 16 bits of grey become 8."""
    if opened.mode in ("I;16", "I;16B", "I;16L", "I", "F"):
        most = opened.getextrema()[1]
        scale = 1 / 257 if isinstance(most, int | float) and most > 255 else 1.0
        plain = opened.point(lambda grey: grey * scale).convert("L").convert("RGB")
    else:
        plain = opened.convert("RGBA" if opened.has_transparency_data else "RGB")
    plain.info = {key: opened.info[key] for key in ("exif",) if key in opened.info}
    return plain


def write(picture: Image.Image, into: Path, kind: str) -> Converted:
    """Write the PNG, with nothing in it but pixels."""
    picture.info = {}
    if picture.width == 0 or picture.height == 0:
        raise Transient(Reason.PARSE_ERROR, "the picture has no width or no height")
    picture.save(into, "PNG", optimize=False, compress_level=6, exif=b"")
    return Converted(picture.width, picture.height, into.stat().st_size, kind)
