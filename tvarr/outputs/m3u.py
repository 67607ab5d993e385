"""The lineup as players read it: an M3U playlist, plain and gzip.

    #EXTM3U url-tvg="…/guide.xml.gz" x-tvg-url="…/guide.xml.gz"
    #EXTINF:-1 tvg-id="bbc1.uk" tvg-name="BBC One" … tvg-chno="7" channel-id="a1",BBC One
    #EXTVLCOPT:http-user-agent=VLC
    http://host/bbc1.ts

Called by `tvarr.outputs.revision`. All that the provider said of an entry comes out again, but
the id and the number are the lineup's. A playlist knows no escapes: a double quote in an
attribute becomes a single one, and what some player takes for the end of a line a blank. Equal
input gives equal bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from tvarr.outputs.twins import open_twins

if TYPE_CHECKING:
    from pathlib import Path

    from tvarr.pipeline.build import Lineup

_BLOCK: Final = 10_000
"""Entries that become one block of text: some 3 MB."""

_ATTRIBUTES: Final = {
    "tvg-id": "guide_id",
    "tvg-name": "tvg_name",
    "tvg-logo": "tvg_logo",
    "group-title": "group_title",
    "tvg-chno": "number",
    "tvg-shift": "tvg_shift",
    "tvg-language": "tvg_language",
    "tvg-country": "tvg_country",
    "radio": "radio",
    "catchup": "catchup",
    "catchup-days": "catchup_days",
    "catchup-source": "catchup_source",
}
"""What tvarr sets, in the order of writing; a column that is null is not written."""
_SET: Final = (*_ATTRIBUTES, "ch-number", "channel-number")
"""Not written from the other attributes; the last two would be read in place of `tvg-chno`."""

_BREAKS = r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u{2028}\u{2029}]"
"""What ends a line by somebody's rules (`str.splitlines` knows ten), and all controls but tabs."""
_NOT_IN_A_NAME = r"[\s=,\"']"
_NUMBER = r"^-?[0-9]+(?:\.[0-9]+)?$"
_NOT_AN_OPTION = r"(?i)^#EXT(?:INF|M3U)|^[^#]|^$"


def write(lineup: Lineup, path: Path, guide_url: str | None) -> None:
    """Write `path` and its gzip; the header names the guide, if there is one."""
    entry = _entry()
    with open_twins(path) as put:
        put(_header(guide_url).encode())
        for block in lineup.channels.iter_slices(_BLOCK):
            put(block.select(entry.str.join("").cast(pl.Binary)).item())


def _header(guide_url: str | None) -> str:
    if guide_url is None:
        return "#EXTM3U\n"
    return f'#EXTM3U url-tvg="{guide_url}" x-tvg-url="{guide_url}"\n'


def _entry() -> pl.Expr:
    return pl.concat_str(
        _one_line(
            pl.concat_str(pl.lit("#EXTINF:"), _duration(), _attributes(), pl.lit(","), "name")
        ),
        pl.lit("\n"),
        _options(),
        _url(),
        pl.lit("\n"),
    )


def _duration() -> pl.Expr:
    duration = pl.col("duration")
    return pl.when(duration.str.contains(_NUMBER)).then(duration).otherwise(pl.lit("-1"))


def _attributes() -> pl.Expr:
    ours = [
        pl.concat_str(pl.lit(f' {name}="'), _quotable(column), pl.lit('"')).fill_null("")
        for name, column in _ATTRIBUTES.items()
    ]
    return pl.concat_str(*ours, _others())


def _quotable(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String).str.replace_all('"', "'", literal=True)


def _others() -> pl.Expr:
    """The provider's other attributes, in its order."""
    pair = pl.element().struct
    name = pair.field("name").str.replace_all(_NOT_IN_A_NAME, "")
    value = pair.field("value").str.replace_all('"', "'", literal=True)
    is_set = name.str.to_lowercase().is_in(_SET) | (name == "")
    text = pl.concat_str(pl.lit(" "), name, pl.lit('="'), value, pl.lit('"'))
    written = pl.when(is_set).then(pl.lit("")).otherwise(text)
    return pl.col("attributes").list.eval(written).list.join("")


def _options() -> pl.Expr:
    line = _one_line(pl.element())
    written = pl.when(line.str.contains(_NOT_AN_OPTION)).then(pl.lit("")).otherwise(line + "\n")
    return pl.col("options").list.eval(written).list.join("")


def _url() -> pl.Expr:
    return pl.col("stream_url").str.replace_all(_BREAKS, "").str.strip_chars_start("# ")


def _one_line(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(_BREAKS, " ")
