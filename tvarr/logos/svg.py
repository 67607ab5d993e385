"""SVG drawings: cleaned of all that reaches beyond the drawing, then rendered.

Called by `tvarr.logos.picture`. The renderer (resvg, a static subset of SVG: no scripts, no
animation, no network) would still read files that a drawing names, so every reference is taken out
but those within the drawing and pictures it carries itself. Text is drawn with a font of ours
(`tvarr.logos.font`), and a drawing with letters that it does not have is refused, since half a logo
is worse than the initials that stand in for it. A drawing can ask for endless work;
time and memory are bounded by the process that this runs in.
"""

from __future__ import annotations

import gzip
import re
from contextlib import nullcontext
from io import BytesIO
from typing import TYPE_CHECKING, Final

from tvarr.errors import Reason, Transient
from tvarr.logos import font

if TYPE_CHECKING:
    from lxml import etree

MOST: Final = 8 * 2**20
"""Bytes of an unpacked drawing."""
MOST_TEXT: Final = 2_000
"""Characters that a drawing writes; real ones write some ten."""
DEEPEST: Final = 200
"""Elements inside each other; real drawings have some ten."""

_OWN: Final = re.compile(r"\s*(?:#|data:image/(?:png|jpe?g|gif|webp);base64,)", re.IGNORECASE)
_BEYOND: Final = re.compile(r"(?i)url\(\s*[\"']?\s*(?!#)[^)]*\)?|@import[^;]*;?")
_ESCAPED: Final = re.compile(r"\\")
_NOT_DRAWN: Final = frozenset({"script", "foreignObject", "iframe", "audio", "video", "handler"})


def looks_like_svg(head: bytes) -> bool:
    """Whether a document that begins with `head` is an SVG drawing, by its first element."""
    text = head.removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"")  # UTF-16 as well
    text = re.sub(
        rb"<!--.*?(?:-->|$)|<\?.*?\?>|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", b"", text, flags=re.DOTALL
    )
    return re.match(rb"[\s\xff\xfe]*<(?:[\w.-]+:)?svg[\s>/]", text) is not None


def unpacked(document: bytes) -> bytes:
    """Return a drawing that came as `.svgz` as the text it is; others as they are.

    Raises `Transient(TOO_LARGE)` and `Transient(TRUNCATED)`.
    """
    if not document.startswith(b"\x1f\x8b"):
        return document
    try:
        with gzip.GzipFile(fileobj=BytesIO(document)) as stream:
            text = stream.read(MOST + 1)
    except (OSError, EOFError) as error:
        raise Transient(Reason.TRUNCATED, "the packed drawing is cut off or damaged") from error
    if len(text) > MOST:
        raise Transient(Reason.TOO_LARGE, "the packed drawing is too large")
    return text


def render(document: bytes, size: int) -> bytes:
    """Return the drawing as a PNG that fits a square of `size` pixels.

    Raises `Transient`: `PARSE_ERROR` for what is no drawing, `UNSUPPORTED` for text that no font is
    there for, `TOO_LARGE` for very much of it.
    """
    import resvg_py

    root = cleaned(document)
    text = _text(root)
    if len(text) > MOST_TEXT:
        raise Transient(Reason.TOO_LARGE, "the SVG drawing has more text than a logo has")
    if not font.can_draw(text):
        raise Transient(
            Reason.UNSUPPORTED, "the SVG drawing has text in letters that no font is there for"
        )
    fonts = font.as_file() if text.strip() else nullcontext("")
    with fonts as file:
        try:
            return resvg_py.svg_to_bytes(
                svg_string=_as_text(root),
                width=size,
                height=size,
                skip_system_fonts=True,
                font_files=[file] if file else None,
                font_family=font.FAMILY,
                serif_family=font.FAMILY,
                sans_serif_family=font.FAMILY,
                cursive_family=font.FAMILY,
                fantasy_family=font.FAMILY,
                monospace_family=font.FAMILY,
            )
        except ValueError as error:
            raise Transient(Reason.PARSE_ERROR, "the SVG drawing cannot be rendered") from error


def clean(document: bytes) -> str:
    """Return the drawing as `cleaned` leaves it."""
    return _as_text(cleaned(document))


def cleaned(document: bytes) -> etree._Element:
    """Return the drawing without anything that refers to what is not in it.

    Raises `Transient(PARSE_ERROR)` for what is no XML, declares entities or is nested too deeply.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Transient(Reason.PARSE_ERROR, "the SVG drawing is not well-formed XML") from error
    _strip(root, 0)
    return root


def _as_text(root: etree._Element) -> str:
    from lxml import etree

    return etree.tostring(root, encoding="unicode", with_tail=False)


def _text(root: etree._Element) -> str:
    """Return all that the drawing writes."""
    return "".join(
        str(piece)
        for element in root.iter()
        if _local(element.tag) == "text"
        for piece in element.itertext(with_tail=False)
    )


def _strip(element: etree._Element, depth: int) -> None:
    if depth > DEEPEST:
        raise Transient(Reason.PARSE_ERROR, "the SVG drawing is nested too deeply")
    for name, value in ((str(name), str(text)) for name, text in element.attrib.items()):
        local = _local(name)
        if (local in ("href", "base") and not _OWN.match(value)) or local.startswith("on"):
            del element.attrib[name]
        else:
            element.attrib[name] = _within(value)
    if _local(element.tag) == "style":
        element.text = _within(element.text or "")
    for child in list(element):
        if not isinstance(child.tag, str) or _local(child.tag) in _NOT_DRAWN:
            element.remove(child)  # an entity is no element, and nobody here knows what it means
        else:
            _strip(child, depth + 1)


def _local(name: str | bytes) -> str:
    return str(name).rpartition("}")[2]


def _within(text: str) -> str:
    """Return a value or a style without references beyond the drawing, however they are spelt."""
    if _ESCAPED.search(text) and re.search(r"(?i)url|import|u\\|i\\", text):
        return ""
    return _BEYOND.sub("none", text)
