"""Programmes for channels that have none: blocks that say what channel it is.

Called by `tvarr.pipeline.guide` behind the programmes of the guides, where the proxy's YAML says
`guide: {fill: dummy}`. A channel is filled as a whole or not at all; gaps of a channel that has
programmes stay. Blocks begin at multiples of their length since midnight UTC, so that they stand
where they stood at the last build.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from tvarr.catalog import schema

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tvarr.pipeline.build import Window
    from tvarr.spec.matching import DummyProgramme

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLACEHOLDER = re.compile(r"\{(channel|start|stop)\}")
_NOT_XML = r"[\x00-\x08\x0b\x0c\x0e-\x1f\u{fffe}\u{ffff}]"


def frames(
    channels: pl.DataFrame, done: Collection[str], dummy: DummyProgramme, window: Window, rows: int
) -> Iterator[pl.DataFrame]:
    """Yield `guide_id` and `schema.PROGRAMMES` for each guide_id that is not `done`.

    `channels` has `guide_id, name`; of several with one guide_id the first gives its name. A
    frame has some `rows` at most, but always whole channels.
    """
    lacking = channels.select("guide_id", channel="name").unique(
        "guide_id", keep="first", maintain_order=True
    )
    lacking = lacking.filter(~pl.col("guide_id").is_in(list(done)))
    blocks = _blocks(dummy.block, window)
    for some in lacking.iter_slices(max(1, rows // max(1, blocks.height))):
        yield _filled(some.join(blocks, how="cross", maintain_order="left"), dummy)


def _blocks(length: timedelta, window: Window) -> pl.DataFrame:
    """Return `start, stop` of all blocks that touch the window."""
    first = _EPOCH + (window.start - _EPOCH) // length * length
    starts = pl.datetime_range(
        first, window.stop, length, closed="left", time_zone="UTC", time_unit="us", eager=True
    )
    return pl.DataFrame({"start": starts, "stop": starts + length})


def _filled(rows: pl.DataFrame, dummy: DummyProgramme) -> pl.DataFrame:
    title = _told(dummy.title)
    told = rows.with_columns(
        title=title, description=_told(dummy.description or ""), extra=pl.lit("")
    )
    none = pl.lit(None, pl.String)
    description = pl.when(pl.col("description") != "").then("description").otherwise(none)
    inner = pl.concat_str(_element("title"), _element("description", "desc"))
    told = told.with_columns(inner=inner, description=description)
    missing = [
        pl.lit(None, kind).alias(column)
        for column, kind in schema.PROGRAMMES.items()
        if column not in told.columns
    ]
    return told.with_columns(missing).drop("channel")


def _told(template: str) -> pl.Expr:
    """Fill in a template; braces in a channel's name are its own."""
    fillings = {
        "channel": pl.col("channel").fill_null(""),
        "start": pl.col("start").dt.strftime("%H:%M"),
        "stop": pl.col("stop").dt.strftime("%H:%M"),
    }
    pieces = _PLACEHOLDER.split(template)
    return pl.concat_str(
        fillings[piece] if place % 2 else pl.lit(piece) for place, piece in enumerate(pieces)
    )


def _element(column: str, tag: str = "") -> pl.Expr:
    """The element, or nothing where its text would be empty."""
    text = (
        pl.col(column)
        .str.replace_all(_NOT_XML, "")
        .str.replace_many({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
    )
    tag = tag or column
    element = pl.concat_str(pl.lit(f"<{tag}>"), text, pl.lit(f"</{tag}>"))
    return pl.when(pl.col(column) != "").then(element).otherwise(pl.lit(""))
