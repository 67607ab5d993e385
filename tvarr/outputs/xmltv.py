"""The guide as clients read it: XMLTV, plain and gzip.

Called by `tvarr.outputs.publish` with what `tvarr.pipeline.guide` resolved. What a provider put
into an element is copied as it stands in the snapshot (`inner`, well-formed by the reader's word),
so nothing of it is lost; only the element itself, with its times in UTC and the lineup's id, is
made here. Nothing in the file tells when it was made or by which version: equal input, equal
bytes.

Elements and their order are those of the XMLTV project's DTD,
https://github.com/XMLTV/xmltv/blob/master/xmltv.dtd.
"""

from __future__ import annotations

import html
import re
from types import MappingProxyType
from typing import TYPE_CHECKING

import polars as pl

from tvarr.outputs.twins import open_twins

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tvarr.catalog.snapshots import Snapshot
    from tvarr.pipeline.build import Lineup

_HEAD = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b'<!DOCTYPE tv SYSTEM "xmltv.dtd">\n'
    b'<tv generator-info-name="tvarr">\n'
)
_FOOT = b"</tv>\n"

_BLOCK = 5_000
"""Rows that become one block of text: some 3 MB, the size at which joining is quickest."""

_NOT_XML = r"[\x00-\x08\x0b\x0c\x0e-\x1f\u{fffe}\u{ffff}]"
"""Characters that XML 1.0 does not allow, however escaped (section 2.2)."""

_ICON = re.compile(r"<icon[\s/>]")
_WHOLE_ICON = re.compile(
    r"<icon(?:\s+[^\s=<>/]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*\s*(?:/>|>[^<]*</icon\s*>)\s*"
)
_SOURCE = re.compile(r"\ssrc\s*=\s*([\"'])(.*?)\1", re.DOTALL)
_AS_THEY_ARE: Mapping[str, str | None] = MappingProxyType({})
_BEHIND_THE_NAMES = re.compile(r"<(?:icon|url)[\s/>]")
_DISPLAY_NAME = re.compile(r"<display-name(?:\s[^<>]*)?>([^<]*)</display-name>\s*")


def write(channels: pl.DataFrame, parts: Iterable[pl.DataFrame], path: Path) -> None:
    """Write the document and its gzip; the arguments are those of `document`."""
    with open_twins(path) as put:
        for block in document(channels, parts):
            put(block)


def document(channels: pl.DataFrame, parts: Iterable[pl.DataFrame]) -> Iterator[bytes]:
    """Yield the whole text, block by block.

    `channels` is what `guide_channels` returns. A part has `guide_id, start, stop, extra, inner`
    and is used up before the next is asked for.
    """
    yield _HEAD
    yield from _lines(channels, _channel_line())
    for part in parts:
        yield from _lines(part, _programme_line())
    yield _FOOT


def guide_channels(
    lineup: Lineup,
    guides: Sequence[Snapshot],
    icons: Mapping[str, str | None] | None = _AS_THEY_ARE,
) -> pl.DataFrame:
    """Return `guide_id, inner`: the <channel> elements, each guide_id once, in the lineup's order.

    The first display-name is the lineup's name; then comes all that the first guide which
    declares the channel says of it. The lineup's logo is there where that guide has no icon, and
    before its icons where a rule has put it in the place of the provider's. What the guide says of
    icons is written as `icons` has it by their addresses, and left out where that is None.
    """
    new_logo = pl.lit(value=False)
    if lineup.new_logos is not None:
        new_logo = pl.col("channel_id").is_in(lineup.new_logos.implode())
    named = lineup.channels.unique("guide_id", keep="first", maintain_order=True).select(
        "guide_id", name=_name_element(), logo=_logo_element(), new_logo=new_logo
    )
    declared = named.join(_declared(lineup.matches, guides), on="guide_id", maintain_order="left")
    content = [
        _name_first(name, _with_logo(logo, _with_icons(inner, icons), comes_first=new))
        for name, logo, new, inner in declared.select(
            "name", "logo", "new_logo", "inner"
        ).iter_rows()
    ]
    described = declared.select("guide_id", said=pl.Series(content, dtype=pl.String))
    return named.join(described, on="guide_id", how="left", maintain_order="left").select(
        "guide_id", inner=pl.coalesce("said", pl.concat_str("name", "logo"))
    )


def _name_element() -> pl.Expr:
    """The DTD wants a name, so a channel without one is called by its id."""
    name = pl.when(_blank("name")).then(_escaped("guide_id")).otherwise(_escaped("name"))
    return pl.concat_str(pl.lit("<display-name>"), name, pl.lit("</display-name>"))


def _logo_element() -> pl.Expr:
    logo = pl.concat_str(pl.lit('<icon src="'), _escaped("tvg_logo"), pl.lit('"/>'))
    return pl.when(_blank("tvg_logo")).then(pl.lit("")).otherwise(logo)


def _declared(matches: pl.DataFrame, guides: Sequence[Snapshot]) -> pl.DataFrame:
    """Return `guide_id, inner` of the first <channel> that a guide has for each guide_id."""
    found = [
        matches.lazy()
        .filter(pl.col("priority") == priority)
        .join(_first_of_each(guide), on="guide_channel", maintain_order="left")
        .select("guide_id", "inner")
        for priority, guide in enumerate(guides)
    ]
    none = pl.LazyFrame(schema={"guide_id": pl.String, "inner": pl.String})
    return pl.concat([none, *found]).unique("guide_id", keep="first", maintain_order=True).collect()


def _first_of_each(guide: Snapshot) -> pl.LazyFrame:
    return guide.scan_channels().unique("guide_channel", keep="first", maintain_order=True)


def _name_first(name: str, inner: str) -> str:
    """Put the lineup's <display-name> first; a guide that says the same keeps its own element."""
    text = _text_of(name)
    for said in _DISPLAY_NAME.finditer(inner):
        if _text_of(said[0]) == text:
            before, after = inner[: said.start()], inner[said.end() :]
            return said[0] + before + after if before.strip() else inner
    return name + inner


def _with_logo(logo: str, inner: str, *, comes_first: bool) -> str:
    """Put the lineup's <icon> where the DTD wants it: after the names, before all <url>."""
    if not comes_first and _ICON.search(inner):
        return inner
    behind = _BEHIND_THE_NAMES.search(inner)
    at = behind.start() if behind else len(inner)
    return inner[:at] + logo + inner[at:]


def _with_icons(inner: str, icons: Mapping[str, str | None] | None) -> str:
    """Write the guide's icons as `icons` has them: elsewhere, or not at all."""

    def written(icon: re.Match[str]) -> str:
        source = _SOURCE.search(icon[0])
        if icons is None or source is None:
            return "" if icons is None else icon[0]
        address = html.unescape(source[2]).strip()
        if address not in icons:
            return icon[0]
        other = icons[address]
        return "" if other is None else f'<icon src="{html.escape(other)}"/>'

    return inner if icons is not None and not icons else _WHOLE_ICON.sub(written, inner)


def _text_of(display_name: str) -> str:
    return html.unescape(_DISPLAY_NAME.sub(r"\1", display_name)).strip()


def _lines(rows: pl.DataFrame, line: pl.Expr) -> Iterator[bytes]:
    for block in rows.iter_slices(_BLOCK):
        yield block.select(line.str.join("").cast(pl.Binary)).item()


def _channel_line() -> pl.Expr:
    return pl.concat_str(
        pl.lit('<channel id="'),
        _escaped("guide_id"),
        pl.lit('">'),
        "inner",
        pl.lit("</channel>\n"),
    )


def _programme_line() -> pl.Expr:
    return pl.concat_str(
        pl.lit('<programme start="'),
        _instant("start"),
        pl.concat_str(pl.lit('" stop="'), _instant("stop")).fill_null(""),
        pl.lit('" channel="'),
        _escaped("guide_id"),
        pl.lit('"'),
        "extra",
        pl.lit(">"),
        "inner",
        pl.lit("</programme>\n"),
    )


def _instant(column: str) -> pl.Expr:
    return pl.col(column).dt.strftime("%Y%m%d%H%M%S +0000")


def _blank(column: str) -> pl.Expr:
    return pl.col(column).fill_null("").str.strip_chars() == ""


def _escaped(column: str) -> pl.Expr:
    """Text that may stand between tags and between double quotes."""
    return (
        pl.col(column)
        .str.replace_all(_NOT_XML, "")
        .str.replace_many({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})
    )
