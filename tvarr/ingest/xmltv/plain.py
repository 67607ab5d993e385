"""The plain programme, which one regular expression recognises.

Nearly every programme of a real guide is written plainly: known elements in the order of the
XMLTV DTD, attributes in double quotes, the five entities. `tvarr.ingest.xmltv.rows` asks
`is_plain` for whole columns, and sends every other row through libxml2 (`odd`). The grammar
is a subset of well-formed XML, so a row that it accepts would read the same there, which a
permanent test checks. The fields of plain rows are read by `fields`.
"""

from __future__ import annotations

from itertools import permutations
from typing import Final

import polars as pl

from tvarr.ingest.xmltv.order import CREDITS

BLANKS: Final = " \t\n\r"
"""Blanks around text, which the XMLTV DTD calls not significant."""

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
_HEAD_VALUE = rf'"(?:[^<>&"=\t\n\r{_ILLEGAL}]|{_ENTITY})*"'
_OWN = ("start", "stop", "channel")
_USUAL_HEADS = "|".join(
    "".join(f"(?:[ \t\n]+{name}={_HEAD_VALUE})?" for name in order) for order in permutations(_OWN)
)
_USUAL_HEAD = f"^{_B}<programme(?:{_USUAL_HEADS}){_B}$"
_HEAD = f"^{_B}<programme(?:[ \t\n]+[A-Za-z_][A-Za-z0-9_.-]*={_HEAD_VALUE})*{_B}$"
_HEAD_ATTRIBUTE = r'[A-Za-z_:][A-Za-z0-9_.:-]*="[^"]*"'
_USUAL_ORDERS: Final = (("start", "stop", "channel"), ("channel", "start", "stop"))

_ENTITIES: Final = ["&amp;", "&lt;", "&gt;", "&quot;", "&apos;"]
_CHARACTERS: Final = ["&", "<", ">", '"', "'"]


def split_head(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return `rows` with `head` (up to the first `>` of the column) and `inner` (after it)."""
    parts = pl.col(name).str.splitn(">", 2).struct.rename_fields(["head", "inner"])
    return rows.with_columns(parts.alias("parts")).unnest("parts")


def is_plain(rows: pl.DataFrame) -> pl.Series:
    """Whether each row's `head` and `inner` are written plainly."""
    is_usual = rows["head"].str.contains(_USUAL_HEAD).fill_null(value=False)
    is_known = is_plain_inner(rows)
    if not (is_known & ~is_usual).any():
        return is_known & is_usual
    heads = rows.select("head").with_row_index("at").filter(is_known & ~is_usual)
    good = heads.filter(_has_plain_attributes())["at"]
    is_good = pl.int_range(rows.height, dtype=pl.UInt32, eager=True).is_in(good.implode())
    return is_known & (is_usual | is_good)


def is_plain_inner(rows: pl.DataFrame) -> pl.Series:
    """Whether each `inner` is written plainly, whatever its `head` is like."""
    return rows.select(pl.col("inner").str.contains(_INNER).fill_null(value=False)).to_series()


def _has_plain_attributes() -> pl.Expr:
    """Whether a `head` is plain and gives no attribute twice."""
    name = pl.element().str.splitn("=", 2).struct.field("field_0")
    names = pl.col("head").str.extract_all(_HEAD_ATTRIBUTE).list.eval(name)
    return pl.col("head").str.contains(_HEAD) & (names.list.n_unique() == names.list.len())


def head_values(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the texts of `start`, `stop` and `channel` of plain heads, null where missing."""
    values = _values_in_one_order(rows)
    if values is None:
        values = rows.select(
            pl.col("head").str.extract(rf'[ \t\n]{name}="([^"]*)"').alias(name) for name in _OWN
        )
    return values.select(unescape(pl.col(name)) for name in _OWN)


def _values_in_one_order(rows: pl.DataFrame) -> pl.DataFrame | None:
    """Return the same where all heads have the three attributes in one usual order, else None.

    Splitting at the quotes is three times as fast as looking for each.
    """
    parts = rows.select(pl.col("head").str.split_exact('"', 6).alias("parts")).unnest("parts")
    for order in _USUAL_ORDERS:
        names = zip((0, 2, 4), order, strict=True)
        is_so = (pl.col(f"field_{at}").str.ends_with(f" {name}=") for at, name in names)
        if parts.select(pl.all_horizontal(is_so).fill_null(value=False).all()).item():
            return parts.select(
                pl.col(f"field_{2 * n + 1}").alias(name) for n, name in enumerate(order)
            )
    return None


def further_attributes(frame: pl.DataFrame) -> pl.Series:
    """Return the further attributes of each `head` as XML text, a blank before each; else ''."""
    if frame.select(pl.col("head").str.contains(_USUAL_HEAD).all()).item():
        return pl.repeat("", frame.height, dtype=pl.String, eager=True).alias("extra")
    attribute = pl.element()
    others = attribute.filter(~attribute.str.contains("^(?:start|stop|channel)="))
    return frame.select(
        extra=pl.col("head")
        .str.extract_all(_HEAD_ATTRIBUTE)
        .list.eval(pl.lit(" ") + others)
        .list.join("")
    ).to_series()


def unescape(text: pl.Expr) -> pl.Expr:
    """Return text with the five entities resolved."""
    return text.str.replace_many(_ENTITIES, _CHARACTERS)
