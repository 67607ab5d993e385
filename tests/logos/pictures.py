"""Pictures made for tests, as bytes."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

from PIL import Image

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10">'
    b'<rect width="20" height="10" fill="#f00"/></svg>'
)


def picture(
    width: int = 40,
    height: int = 20,
    kind: str = "PNG",
    mode: str = "RGB",
    colour: object = "red",
    **saved: object,
) -> bytes:
    """Return a picture of one colour."""
    stream = BytesIO()
    image = Image.new(mode, (width, height), colour)  # type: ignore[arg-type]
    image.save(stream, kind, **saved)
    return stream.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    """Return a PNG whose head says a size that its few bytes do not have."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", zlib.compress(bytes(1000)))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + checksum
