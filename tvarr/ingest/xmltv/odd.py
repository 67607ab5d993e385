"""What is not written plainly, read by libxml2 and written again in canonical form.

Called by `tvarr.ingest.xmltv.rows` with the rows that `tvarr.ingest.xmltv.plain` does not
recognise: other quotes, unknown elements, another order, mistakes. Nothing is left out: unknown
elements and attributes stay, in DTD order with the unknown ones last. Mistakes that have one
sensible meaning (`R&B`, `&nbsp;`, control characters) are mended; what libxml2 then refuses costs
that row only. No DTD is ever read here: the cutter has taken it out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.entities import html5
from typing import TYPE_CHECKING, Final, NamedTuple
from xml.sax.saxutils import quoteattr

from lxml import etree

from tvarr.ingest.xmltv.cut import ELEMENT_LIMIT
from tvarr.ingest.xmltv.order import sort_children

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lxml.etree import _Element

END: Final = "</programme>"

BROKEN: Final = "programme that is not well-formed"
BROKEN_CHANNEL: Final = "channel that is not well-formed"
OVERSIZE: Final = "programme that is too large"
NO_ID: Final = "channel without an id"
STRAY: Final = "element that is neither channel nor programme"

MENDED_MARKUP: Final = "bare & or <"
MENDED_ENTITY: Final = "entity that XML does not know"
MENDED_CONTROL: Final = "control character"
MENDED_PREFIX: Final = "namespace prefix that is not declared"

BLANKS: Final = " \t\n\r"
EXCERPT: Final = 1000
"""Letters of a bad row that are kept to find and show it."""

_PARSER = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    dtd_validation=False,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
)
_START = re.compile(r"<programme(?=[\s/>])")
_ROOTS = re.compile(r"""</?(?:[\w.-]+:)?tv(?:[\s/](?:[^>"']|"[^"]*"|'[^']*')*+)?>""", re.IGNORECASE)
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_REFERENCE = re.compile(
    r"&(?:#(?:x([0-9A-Fa-f]{1,7})|([0-9]{1,8}));|([A-Za-z][A-Za-z0-9]{0,40});)?"
)
_DEFAULT_NAMESPACE = re.compile(
    r"""(<(?:programme|channel)\b[^>]*?)\sxmlns\s*=\s*(?:"[^"<]*"|'[^'<]*')"""
)
_BARE_LESS = re.compile(r"<(?![A-Za-z_/:])")
_PREFIX = re.compile(r"[</\s]([A-Za-z_][\w.-]*):[A-Za-z_][\w.-]*(?=[\s=/>])")
_XML_ENTITIES: Final = frozenset(("amp", "lt", "gt", "quot", "apos"))


@dataclass(frozen=True)
class Channel:
    """One `<channel>`."""

    id: str
    names: tuple[str, ...]
    icon: str | None
    inner: str


@dataclass(frozen=True)
class Programme:
    """One `<programme>` in canonical form."""

    order: int
    """The row that it stands in."""
    start: str | None
    stop: str | None
    channel: str | None
    text: str
    """Start tag and content, without the end tag."""


class Fields(NamedTuple):
    """What `schema.PROGRAMMES` has from title to language, with both kinds of episode number."""

    title: str | None
    subtitle: str | None
    description: str | None
    categories: list[str]
    counted: str | None
    """The episode number in the system xmltv_ns."""
    shown: str | None
    """The one in the system onscreen, else the first."""
    icon: str | None
    rating: str | None
    language: str | None


@dataclass(frozen=True)
class Problem:
    """One thing that was wrong with a row."""

    order: int
    name: str
    excerpt: str
    repaired: bool = False


@dataclass
class OddReader:
    """Collects what it finds in the rows that it is given."""

    namespaces: Mapping[str, str] = field(default_factory=dict)
    """Prefixes that the guide's root declares."""
    limit: int = ELEMENT_LIMIT
    """Letters of the longest programme."""
    programmes: list[Programme] = field(default_factory=list)
    channels: list[tuple[int, Channel]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def read(self, rows: Iterable[tuple[int, str, bool]]) -> None:
        """Read rows: where they stand, their text, and whether `</programme>` followed it."""
        whole = []
        for order, raw, is_ended in rows:
            text = _DEFAULT_NAMESPACE.sub(r"\1", raw) if "xmlns" in raw else raw
            start = _last_start(text) if is_ended else len(text)
            if text[:start].strip(BLANKS):
                self._read_beside(order, text[:start])
            if is_ended and len(text) - start > self.limit:
                self.problems.append(Problem(order, OVERSIZE, text[start : start + EXCERPT]))
            elif is_ended and start < len(text):
                whole.append((order, text[start:] + END))
        self._read_programmes(whole)

    def _read_programmes(self, rows: list[tuple[int, str]]) -> None:
        """Read all at once, which is several times as fast; one by one if one of them is broken."""
        root = parse("<tv>" + "".join(text for _, text in rows) + "</tv>")
        if root is not None and len(root) == len(rows):
            self._keep_programmes([order for order, _ in rows], root)
            return
        for order, text in rows:
            element = self._parse(order, text)
            if element is None:
                self.problems.append(Problem(order, BROKEN, text))
            else:
                self._keep_programmes([order], _wrapped(element))

    def _keep_programmes(self, orders: list[int], root: _Element) -> None:
        for element in root:
            sort_children(element)
            if not len(element) and not element.text:
                element.text = ""  # so that it is written with an end tag
        texts = etree.tostring(root, encoding="unicode").removeprefix("<tv>").split(END)
        self.programmes.extend(
            Programme(
                order, element.get("start"), element.get("stop"), element.get("channel"), text
            )
            for order, element, text in zip(orders, root, texts, strict=False)
        )

    def _read_beside(self, order: int, text: str) -> None:
        """Read what stands before a programme: channels, or programmes without an end tag."""
        text = _ROOTS.sub("", text)
        root = parse(f"<tv>{text}</tv>")
        if root is not None:
            self._keep_beside(order, root)
            return
        for part in re.split(r"(?<=</channel>)", text):
            if part.strip(BLANKS):
                self._read_broken(order, part)

    def _read_broken(self, order: int, text: str) -> None:
        root = self._parse(order, f"<tv>{text}</tv>")
        if root is not None:
            self._keep_beside(order, root)
            return
        channel = text.find("<channel")
        if channel > 0 and text[:channel].strip(BLANKS):
            self._read_broken(order, text[:channel])
            self._read_broken(order, text[channel:])
            return
        name = BROKEN_CHANNEL if channel >= 0 else BROKEN
        self.problems.append(Problem(order, name, text.strip(BLANKS)))

    def _keep_beside(self, order: int, root: _Element) -> None:
        for element in list(root):
            if element.tag == "programme":
                element.tail = None
                self._keep_programmes([order], _wrapped(element))
            elif element.tag == "channel":
                self._keep_channel(order, element)
            else:
                self.problems.append(Problem(order, STRAY, _written(element)))

    def _keep_channel(self, order: int, element: _Element) -> None:
        identity = element.get("id", "")
        if not identity.strip(BLANKS):
            self.problems.append(Problem(order, NO_ID, _written(element)))
            return
        sort_children(element)
        names = tuple(text_of(name) for name in element.iterfind("display-name"))
        channel = Channel(identity, names, _icon_of(element), inner_of(element))
        self.channels.append((order, channel))

    def _parse(self, order: int, text: str) -> _Element | None:
        """Parse one row, mended if it needs that; None if nothing helps."""
        element = parse(text)
        if element is not None:
            return element
        mended, repairs = mend(text)
        element = parse(mended)
        if element is None:
            mended, prefix = self._declare_prefixes(mended)
            repairs += prefix
            element = parse(mended)
        if element is not None:
            self.problems.extend(Problem(order, name, text, repaired=True) for name in repairs)
        return element

    def _declare_prefixes(self, text: str) -> tuple[str, list[str]]:
        """Declare the namespace prefixes in `text` where it begins, as the root does or anew."""
        prefixes = sorted(set(_PREFIX.findall(text)) - {"xml", "xmlns"})
        declared = "".join(
            f" xmlns:{p}={quoteattr(self.namespaces.get(p, f'urn:undeclared:{p}'))}"
            for p in prefixes
            if f"xmlns:{p}=" not in text
        )
        text = re.sub(r"^<[\w.-]+", lambda start: start[0] + declared, text)
        is_new = any(prefix not in self.namespaces for prefix in prefixes)
        return text, [MENDED_PREFIX] if is_new else []


def root_of(header: bytes) -> _Element:
    """Return the root element with the attributes of `header`; with none if that is broken."""
    text = f"<tv{header.decode('utf-8', 'replace').rstrip('/')}/>"
    root = parse(text)
    root = parse(mend(text)[0]) if root is None else root
    return etree.Element("tv") if root is None else root


def parse(text: str) -> _Element | None:
    """Return the element, or None where libxml2 does not call it well-formed."""
    try:
        return etree.fromstring(text, _PARSER)
    except (etree.XMLSyntaxError, ValueError):
        return None


def mend(text: str) -> tuple[str, list[str]]:
    """Return `text` with the mistakes mended that have one sensible meaning, and their names."""
    repairs = set()

    def reference(match: re.Match[str]) -> str:
        name = match[3]
        if name in _XML_ENTITIES:
            return match[0]
        if name:
            repairs.add(MENDED_ENTITY)
            meant = html5.get(f"{name};")
            return f"&amp;{name};" if meant is None else _escaped(meant)
        if match[1] or match[2]:
            return _number(match)
        repairs.add(MENDED_MARKUP)
        return "&amp;"

    def _number(match: re.Match[str]) -> str:
        code = int(match[1], 16) if match[1] else int(match[2])
        if code <= 0x10FFFF and not _ILLEGAL.match(chr(code)):
            return match[0]
        repairs.add(MENDED_CONTROL)
        return ""

    text, controls = _ILLEGAL.subn("", text)
    text, less = _BARE_LESS.subn("&lt;", text)
    if controls:
        repairs.add(MENDED_CONTROL)
    if less:
        repairs.add(MENDED_MARKUP)
    text = _REFERENCE.sub(reference, text)
    return text, sorted(repairs)


def inner_of(element: _Element) -> str:
    """Return what stands between the element's tags, as XML text."""
    return _escaped(element.text or "") + "".join(_written(child, tail=True) for child in element)


def text_of(element: _Element) -> str:
    """Return the text inside an element without the blanks around it."""
    return "".join(map(str, element.itertext())).strip(BLANKS)


def fields_of(programme: _Element) -> Fields:
    """Return the fields of one element, as `plain.fields` reads them from plain text."""
    numbers = programme.findall("episode-num")
    counted = _first(n for n in numbers if n.get("system") == "xmltv_ns")
    shown = _first(n for n in numbers if n.get("system", "onscreen") == "onscreen")
    shown = shown if shown is not None else _first(numbers)
    title, rating = programme.find("title"), programme.find("rating/value")
    language = None if title is None else title.get("lang")
    return Fields(
        title=_text_or_none(title),
        subtitle=_text_or_none(programme.find("sub-title")),
        description=_text_or_none(programme.find("desc")),
        categories=[text_of(category) for category in programme.iterfind("category")],
        counted=_text_or_none(counted),
        shown=_text_or_none(shown),
        icon=_icon_of(programme),
        rating=_text_or_none(rating),
        language=_text_or_none(programme.find("language")) if language is None else language,
    )


def _first(elements: Iterable[_Element]) -> _Element | None:
    return next(iter(elements), None)


def _text_or_none(element: _Element | None) -> str | None:
    return None if element is None else text_of(element)


def _icon_of(element: _Element) -> str | None:
    """Return the address of the first icon that has one."""
    sources = (icon.get("src") for icon in element.iterfind("icon"))
    return next((source.strip(BLANKS) for source in sources if source is not None), None)


def _last_start(text: str) -> int:
    """Return where the last `<programme` of a row begins, its length if there is none."""
    start = text.rfind("<programme")
    while start >= 0 and not _START.match(text, start):
        start = text.rfind("<programme", 0, start)
    return start if start >= 0 else len(text)


def _wrapped(element: _Element) -> _Element:
    root = etree.Element("tv")
    root.append(element)
    return root


def _written(element: _Element, *, tail: bool = False) -> str:
    return str(etree.tostring(element, encoding="unicode", with_tail=tail))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
