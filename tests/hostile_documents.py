"""Documents made to do harm, small on the wire, and behaviours of a provider that send them.

Used by `tests.test_hostile`. Everything is made here; the largest one weighs some ten megabytes.
"""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING, Final

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.provider import Behaviour

GOOD_PLAYLIST: Final = (
    b"#EXTM3U\n"
    b'#EXTINF:-1 tvg-id="one.example" group-title="News",One\nhttp://127.0.0.1/one.ts\n'
    b'#EXTINF:-1 tvg-id="two.example" group-title="Films",Two\nhttp://127.0.0.1/two.ts\n'
)
GOOD_GUIDE: Final = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<tv>\n'
    b'<channel id="one.example"><display-name>One</display-name></channel>\n'
    b'<programme start="20260822180000 +0000" stop="20260822190000 +0000" channel="one.example">'
    b"<title>An evening</title></programme>\n</tv>\n"
)
_PROGRAMME: Final = (
    '<programme start="20260822180000 +0000" stop="20260822190000 +0000" channel="one.example">{}'
    "</programme>"
)
MIB: Final = 1 << 20


def guide(inside: str, before: str = "") -> bytes:
    """Return a guide with one programme that holds `inside`, and `before` in front of the root."""
    return f'<?xml version="1.0"?>\n{before}<tv>{_PROGRAMME.format(inside)}</tv>\n'.encode()


# --- bombs --------------------------------------------------------------------------------------


def gzip_of(block: bytes, times: int, start: bytes = b"") -> bytes:
    """Return a gzip of `start` and then `times` times the same block, without packing them all.

    A deflate stream is cut by a full flush into parts that mean the same wherever they stand; the
    checksum at the end is wrong, but nobody ought to come that far.
    """
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = deflate.compress(start) + deflate.flush(zlib.Z_FULL_FLUSH)
    repeated = deflate.compress(block) + deflate.flush(zlib.Z_FULL_FLUSH)
    header = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
    size = (len(start) + len(block) * times) % 2**32
    return header + first + repeated * times + deflate.flush() + struct.pack("<II", 0, size)


def ten_gigabytes_of_one_line(start: bytes) -> bytes:
    """Return ten megabytes of gzip that are one line of ten gigabytes."""
    return gzip_of(b"x" * (16 * MIB), 640, start)


def zip_of(content: bytes, name: str = "tv.m3u") -> bytes:
    """Return a zip archive with one member."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def zip_bomb(block: bytes, times: int, claimed: int = 1000) -> bytes:
    """Return a zip whose member says that it is small, and is not."""
    packed = gzip_of(block, times)[10:-8]
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 0, 0, len(packed), claimed, 6, 0)
    central = struct.pack(
        "<4s6H3I5H2I",
        *(b"PK\x01\x02", 20, 20, 0, 8, 0, 0, 0, len(packed), claimed, 6, 0, 0, 0, 0, 0, 0),
    )
    offset = len(local) + 6 + len(packed)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(central) + 6, offset, 0)
    return local + b"tv.m3u" + packed + central + b"tv.m3u" + end


def nested(content: bytes, depth: int, wrap: Callable[[bytes], bytes] = gzip.compress) -> bytes:
    """Return `content` packed `depth` times over."""
    for _ in range(depth):
        content = wrap(content)
    return content


def many_members(count: int) -> bytes:
    """Return a gzip of so many members that hold nothing."""
    return gzip.compress(b"#EXTM3U\n") + gzip.compress(b"") * count


# --- XML ----------------------------------------------------------------------------------------


def laughs(root: str = "tv") -> bytes:
    """Return a billion laughs, in a guide or in a document of another kind."""
    entities = ['<!ENTITY lol0 "lol">']
    entities += [f'<!ENTITY lol{level} "{f"&lol{level - 1};" * 10}">' for level in range(1, 10)]
    doctype = f"<!DOCTYPE {root} [\n" + "\n".join(entities) + "\n]>\n"
    if root == "tv":
        return guide("<title>&lol9;</title>", doctype)
    return f'<?xml version="1.0"?>\n{doctype}<{root}>&lol9;</{root}>'.encode()


def entity(address: str) -> bytes:
    """Return a guide whose title is an external entity."""
    doctype = f'<!DOCTYPE tv [ <!ENTITY secret SYSTEM "{address}"> ]>\n'
    return guide("<title>&secret;</title>", doctype)


def parameter_entity(address: str) -> bytes:
    """Return a guide that wants its DTD, and entities for the DTD, from elsewhere."""
    doctype = f'<!DOCTYPE tv SYSTEM "{address}" [ <!ENTITY % all SYSTEM "{address}"> %all; ]>\n'
    return guide("<title>Plain</title>", doctype)


# --- behaviours ---------------------------------------------------------------------------------


def sent(body: bytes, headers: dict[str, str] | None = None) -> Behaviour:
    """Send the body whatever is asked, without a validator."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, headers=headers)

    return answer
