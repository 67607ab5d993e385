"""Programmes of many shapes for hypothesis: well-formed ones, and ones with a mistake in them."""

from __future__ import annotations

from xml.sax.saxutils import escape

from hypothesis import strategies as st

from tvarr.ingest.xmltv.order import CREDITS, PROGRAMME

_BLANK = st.sampled_from(["", "", "", " ", "\n", "\n    ", "\t"])
_TEXT = st.text(
    st.sampled_from([*"ab <>&\"'/;=#]!?-[\n\té中🎬", "\u00a0", "\u2028", "\u0085", "\u200b"]),
    max_size=8,
)


@st.composite
def _written_text(draw: st.DrawFn) -> str:
    """Return text as a provider may write it: escaped, by number, or as CDATA."""
    text = draw(_TEXT)
    form = draw(st.integers(0, 9))
    if form == 0 and "]]>" not in text:
        return f"<![CDATA[{text}]]>"
    if form == 1:
        return "".join(f"&#{ord(letter)};" for letter in text)
    if form == 2:
        return f"{escape(text)}<!-- a > b -->{escape(text)}"
    return escape(text, draw(st.sampled_from([{}, {"'": "&apos;", '"': "&quot;"}])))


@st.composite
def _attribute(draw: st.DrawFn, name: str, values: st.SearchStrategy[str] = _TEXT) -> str:
    quote = draw(st.sampled_from(['"', '"', '"', "'"]))
    entities = {quote: "&quot;" if quote == '"' else "&apos;"}
    value = escape(draw(values), entities)
    if draw(st.booleans()):
        value = value.replace("&gt;", ">")
    blank = draw(st.sampled_from([" ", " ", " ", "  ", "\n"]))
    return f"{blank}{name}={quote}{value}{quote}"


@st.composite
def _leaf(draw: st.DrawFn, name: str, *attributes: str) -> str:
    """Return an element of text, with some of the attributes in any order."""
    names = draw(st.permutations(attributes))[: draw(st.integers(0, len(attributes)))]
    tag = name + "".join(draw(_attribute(attribute)) for attribute in names)
    if draw(st.integers(0, 5)) == 0:
        return f"<{tag}{draw(st.sampled_from(['', ' ']))}/>"
    return f"<{tag}>{draw(_written_text())}</{name}>"


@st.composite
def _parent(draw: st.DrawFn, name: str, children: st.SearchStrategy[str], *attributes: str) -> str:
    tag = name + "".join(draw(_attribute(a)) for a in attributes if draw(st.booleans()))
    inside = "".join(draw(children) + draw(_BLANK) for _ in range(draw(st.integers(0, 3))))
    return f"<{tag}>{draw(_BLANK)}{inside}</{name}>"


_ICON = _leaf("icon", "src", "width", "height")
_LANGUAGE = _leaf("language", "lang")
_VALUE = st.one_of(_leaf("value"), _ICON)
_PERSON = st.one_of(
    st.sampled_from(CREDITS).flatmap(_leaf),
    _leaf("actor", "role", "guest"),
    _parent("actor", st.one_of(_leaf("image", "type"), _leaf("url", "system"))),
)
_SPECIAL: dict[str, st.SearchStrategy[str]] = {
    "credits": _parent("credits", _PERSON),
    "icon": _ICON,
    "video": _parent("video", st.sampled_from(["present", "aspect"]).flatmap(_leaf)),
    "audio": _parent("audio", st.sampled_from(["present", "stereo"]).flatmap(_leaf)),
    "subtitles": _parent("subtitles", _LANGUAGE, "type"),
    "rating": _parent("rating", _VALUE, "system"),
    "star-rating": _parent("star-rating", _VALUE, "system"),
    "episode-num": st.one_of(
        _leaf("episode-num", "system"),
        st.sampled_from(
            [
                '<episode-num system="xmltv_ns">1.2.</episode-num>',
                '<episode-num system="xmltv_ns"> . 4 . 0/2</episode-num>',
                '<episode-num system="onscreen">S03E07</episode-num>',
                "<episode-num>s2 e9</episode-num>",
            ]
        ),
    ),
}


def _element(name: str) -> st.SearchStrategy[str]:
    return _SPECIAL[name] if name in _SPECIAL else _leaf(name, "lang")


@st.composite
def _content(draw: st.DrawFn) -> str:
    names = draw(st.lists(st.sampled_from(PROGRAMME), max_size=7))
    if draw(st.integers(0, 3)):
        names.sort(key=PROGRAMME.index)
    if draw(st.integers(0, 5)) == 0:
        names.append(draw(st.sampled_from(["x-more", "titles", "icons", "lcn"])))
    return draw(_BLANK) + "".join(draw(_element(name)) + draw(_BLANK) for name in names)


@st.composite
def programmes(draw: st.DrawFn) -> str:
    """Return one well-formed `<programme>` with a start, a channel and nearly anything else."""
    times = st.sampled_from(["20260822190000 +0000", "202608221930 BST", "20260822203000"])
    attributes = [
        draw(_attribute("start", times)),
        draw(_attribute("channel", st.sampled_from(["a", "b.c", "A&E", "d e"]))),
        draw(_attribute("stop", times)) if draw(st.booleans()) else "",
        draw(_attribute("showview")) if draw(st.integers(0, 4)) == 0 else "",
        draw(_attribute("catchup-id")) if draw(st.integers(0, 4)) == 0 else "",
    ]
    return f"<programme{''.join(draw(st.permutations(attributes)))}>{draw(_content())}</programme>"


@st.composite
def slips(draw: st.DrawFn) -> str:
    """Return a programme with some letters put in or taken out, mostly not well-formed."""
    text = draw(programmes()).removesuffix("</programme>")
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(len("<programme"), len(text)))
        more = draw(
            st.sampled_from(
                [
                    *"<>&\"'/=;!? \n\t\r\x00\x01\x0b\x1f\x7f\x85\ufffe\uffff", "]]>", "&amp",
                    "&lt;", "&#0;", "&#x41;", "&nbsp;", "<title>", "</title>", "<icon/>",
                    ' start="1"',
                    ' lang="en"', "<a:b/>", "</desc>", "<!--", "-->", "x",
                ]
            )
        )  # fmt: skip
        text = text[:at] + more + text[at + draw(st.integers(0, 2)) :]
    return text + "</programme>"
