"""The plain programme: one regular expression recognises it, and its fields are cut out.

Nearly every programme of a real guide is written plainly: known elements in the order of the
XMLTV DTD, attributes in double quotes, the five entities. Such rows are recognised (`is_plain`)
and read (`fields`) by whole columns, called by `tvarr.ingest.xmltv_rows`; every other row goes
through libxml2 (`tvarr.ingest.xmltv_odd`). The grammar is a subset of well-formed XML, so a row
that it accepts would read the same there, which a permanent test checks.
"""

from __future__ import annotations

from itertools import permutations
from typing import Final

import polars as pl

from tvarr.ingest.xmltv_order import CREDITS

BLANKS: Final = " \t\n\r"
"""Blanks around text, which the XMLTV DTD calls not significant; `fields` leaves them out."""

_ILLEGAL = r"\x00-\x08\x0B\x0C\x0E-\x1F\x{FFFE}\x{FFFF}"  # XML 1.0, 2.2
_ENTITY = "&(?:amp|lt|gt|quot|apos);"
_TEXT = rf"(?:[^<>&\r{_ILLEGAL}]|{_ENTITY})*"
_VALUE = rf'"(?:[^<>&"\t\n\r{_ILLEGAL}]|{_ENTITY})*"'
_B = "[ \t\n]*"


def _attributes(*names: str) -> str:
    return "".join(f"(?: {name}={_VALUE})?" for name in names)


def _element(name: str, *attributes: str) -> str:
    return f"<{name}{_attributes(*attributes)}{_B}(?:/>|>{_TEXT}</{name}>){_B}"


def _parent(name: str, content: str, *attributes: str) -> str:
    return f"<{name}{_attributes(*attributes)}{_B}(?:/>|>{_B}{content}</{name}>){_B}"


def _any(element: str) -> str:
    return f"(?:{element})*"


_ICON = f"<icon src={_VALUE}{_attributes('width', 'height')}{_B}/>{_B}"
_RATED = f"<value>{_TEXT}</value>{_B}{_any(_ICON)}"
_RATING, _STARS = (
    f"<{name}{_attributes('system')}{_B}>{_B}{_RATED}</{name}>{_B}"
    for name in ("rating", "star-rating")
)
_PERSONS = "".join(
    _any(_element(name, *(("role", "guest") if name == "actor" else ()))) for name in CREDITS
)
_PICTURE = "".join(f"(?:{_element(name)})?" for name in ("present", "colour", "aspect", "quality"))
_SOUND = "".join(f"(?:{_element(name)})?" for name in ("present", "stereo"))
_INNER = "".join(
    (
        "^",
        _B,
        *(_any(_element(name, "lang")) for name in ("title", "sub-title", "desc")),
        f"(?:{_parent('credits', _PERSONS)})?",
        f"(?:{_element('date')})?",
        *(_any(_element(name, "lang")) for name in ("category", "keyword")),
        *(f"(?:{_element(name, 'lang')})?" for name in ("language", "orig-language")),
        f"(?:{_element('length', 'units')})?",
        _any(_ICON),
        _any(_element("url", "system")),
        _any(_element("country", "lang")),
        _any(_element("episode-num", "system")),
        f"(?:{_parent('video', _PICTURE)})?",
        f"(?:{_parent('audio', _SOUND)})?",
        f"(?:<previously-shown{_attributes('start', 'channel')}{_B}/>{_B})?",
        *(f"(?:{_element(name, 'lang')})?" for name in ("premiere", "last-chance")),
        f"(?:<new{_B}/>{_B})?",
        _any(_parent("subtitles", f"(?:{_element('language', 'lang')})?", "type")),
        _any(_RATING),
        _any(_STARS),
        _any(_element("review", "type", "source", "reviewer", "lang")),
        _any(_element("image", "type", "size", "orient", "system")),
        "$",
    )
)
# No "=" in a value: ` start="` is then always an attribute, wherever it stands.
_HEAD = (
    f'^{_B}<programme(?:[ \t\n]+[A-Za-z_][A-Za-z0-9_.-]*="'
    rf'(?:[^<>&"=\t\n\r{_ILLEGAL}]|{_ENTITY})*")*{_B}$'
)
_HEAD_ATTRIBUTE = r'[A-Za-z_:][A-Za-z0-9_.:-]*="[^"]*"'
_OWN = ("start", "stop", "channel")
# Each of its own attributes at most once, in any order.
_USUAL_HEAD = (
    f"^{_B}<programme(?:"
    + "|".join(
        "".join(f'(?:[ \t\n]+{name}="[^"]*")?' for name in order) for order in permutations(_OWN)
    )
    + f"){_B}$"
)

# Elements that come before in the DTD's order keep what is nested in later ones from matching.
_ONSCREEN = '<episode-num(?: system="onscreen")?[ \t\n]*>([^<]*)'  # the DTD's default system
_FIRST_ICON = '<(?:star-)?rating|<icon src="([^"]*)"'
_LANGUAGE = "<subtitles|<language[^>]*>([^<]*)"

_ENTITIES: Final = ["&amp;", "&lt;", "&gt;", "&quot;", "&apos;"]
_CHARACTERS: Final = ["&", "<", ">", '"', "'"]


def split_head(row: pl.Expr) -> list[pl.Expr]:
    """Return `head` (up to the first `>`) and `inner` (after it) of each row."""
    parts = row.str.splitn(">", 2)
    return [
        parts.struct.field("field_0").alias("head"),
        parts.struct.field("field_1").alias("inner"),
    ]


def is_plain() -> pl.Expr:
    """Whether a row's `head` and `inner` are written plainly."""
    return (pl.col("head").str.contains(_HEAD) & pl.col("inner").str.contains(_INNER)).fill_null(
        value=False
    )


def is_plain_inner() -> pl.Expr:
    """Whether a row's `inner`, as libxml2 wrote it, can be read by `fields`."""
    return pl.col("inner").str.contains(_INNER).fill_null(value=False)


def head_values() -> list[pl.Expr]:
    """Return the texts of `start`, `stop` and `channel` of a plain `head`, null where missing."""
    return [
        unescape(pl.col("head").str.extract(rf'[ \t\n]{name}="([^"]*)"')).alias(name)
        for name in _OWN
    ]


def has_repeated_attribute(rows: pl.DataFrame, is_plain: pl.Series) -> pl.Series:
    """Whether a plain row's `head` gives an attribute twice, which is not well-formed.

    Only heads with something besides one start, one stop and one channel are searched.
    """
    name = pl.element().str.splitn("=", 2).struct.field("field_0")
    names = pl.col("head").str.extract_all(_HEAD_ATTRIBUTE).list.eval(name)
    suspects = rows.select("head").with_row_index("at").filter(is_plain & ~_is_usual(rows))
    repeated = suspects.filter(names.list.n_unique() < names.list.len())["at"]
    return pl.int_range(rows.height, dtype=pl.UInt32, eager=True).is_in(repeated.implode())


def _is_usual(rows: pl.DataFrame) -> pl.Series:
    return rows.select(pl.col("head").str.contains(_USUAL_HEAD).fill_null(value=False)).to_series()


def further_attributes(frame: pl.DataFrame) -> pl.Series:
    """Return the further attributes of each `head` as XML text, a blank before each; else ''."""
    if _is_usual(frame).all():
        return pl.repeat("", frame.height, dtype=pl.String, eager=True).alias("extra")
    attribute = pl.element()
    others = attribute.filter(~attribute.str.contains("^(?:start|stop|channel)="))
    return frame.select(
        extra=pl.col("head")
        .str.extract_all(_HEAD_ATTRIBUTE)
        .list.eval(pl.lit(" ") + others)
        .list.join("")
    ).to_series()


def fields(frame: pl.DataFrame) -> pl.DataFrame:
    """Return `schema.PROGRAMMES`' columns from title to language, read from plain `inner`."""
    return (
        frame.lazy()
        .with_columns(_title=_after("<title"), _numbers=_after("<episode-num"))
        .with_columns(
            ns=_text_of(_after('<episode-num system="xmltv_ns"')),
            onscreen=_text(pl.col("inner").str.extract(_ONSCREEN)),
        )
        .select(
            title=_text_of(pl.col("_title")),
            subtitle=_text_of(_after("<sub-title")),
            description=_text_of(_after("<desc")),
            categories=_categories(),
            episode=pl.coalesce("ns", "onscreen", _text_of(pl.col("_numbers"))),
            season=season(pl.col("ns"), pl.coalesce("onscreen", _text_of(pl.col("_numbers")))),
            icon=_text(pl.col("inner").str.extract(_FIRST_ICON)),
            rating=_text_of(_after("<rating").str.splitn("<value", 2).struct.field("field_1")),
            language=pl.coalesce(_title_language(), _text(pl.col("inner").str.extract(_LANGUAGE))),
        )
        .collect()
    )


def season(numbers: pl.Expr, onscreen: pl.Expr) -> pl.Expr:
    """Return the season, 1-based: of `1 . 4 . 0/1` (xmltv_ns counts from 0), else of `S02E05`."""
    counted = numbers.str.extract(r"^\s*([0-9]{1,6})\s*(?:[/.]|$)").cast(pl.Int32) + 1
    named = onscreen.str.extract(r"(?i)\bS\s*([0-9]{1,6})\s*[.,:-]?\s*E\s*[0-9]").cast(pl.Int32)
    return pl.coalesce(counted, named)


def unescape(text: pl.Expr) -> pl.Expr:
    """Return text with the five entities resolved."""
    return text.str.replace_many(_ENTITIES, _CHARACTERS)


def _after(start: str) -> pl.Expr:
    """Return what follows the first `start`: faster than an expression with a group."""
    return pl.col("inner").str.splitn(start, 2).struct.field("field_1")


def _text_of(opened: pl.Expr) -> pl.Expr:
    """Return the text of the element whose start tag `opened` begins within; '' for `<a/>`."""
    content = opened.str.splitn(">", 2).struct.field("field_1")
    return _text(content.str.splitn("<", 2).struct.field("field_0"))


def _text(written: pl.Expr) -> pl.Expr:
    return unescape(written.str.strip_chars(BLANKS))


def _title_language() -> pl.Expr:
    tag = pl.col("_title").str.splitn(">", 2).struct.field("field_0")
    return _text(tag.str.extract('lang="([^"]*)"'))


def _categories() -> pl.Expr:
    content = pl.element().str.splitn(">", 2).struct.field("field_1")
    return pl.col("inner").str.extract_all("<category[^>]*>[^<]*").list.eval(_text(content))
