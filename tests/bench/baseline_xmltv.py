"""What the guide's writer is measured against: a loop over rows. And the writer, run alike.

The loop does what a plain program does: a row at a time, times by `strftime`, the parts of a line
put together by Python, one `write` each. Both read the same snapshot and write the same document,
without gzip.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

import polars as pl

from tests.builders import build_input
from tvarr.catalog.snapshots import Snapshot
from tvarr.outputs import xmltv
from tvarr.pipeline import guide
from tvarr.pipeline.build import Lineup
from tvarr.pipeline.match import match

if TYPE_CHECKING:
    from pathlib import Path

_PART = 50_000


def loop_writer(channels: Path, programmes: Path, out: Path) -> None:
    """Write every channel and programme of a guide with a Python loop."""
    with out.open("w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE tv SYSTEM "xmltv.dtd">\n')
        file.write('<tv generator-info-name="tvarr">\n')
        for row in pl.read_parquet(channels).iter_rows(named=True):
            file.write(f"<channel id={quoteattr(row['guide_channel'])}>{row['inner']}</channel>\n")
        rows = pl.scan_parquet(programmes).select("guide_channel", "start", "stop", *guide.WRITTEN)
        for first in range(0, rows.select(pl.len()).collect().item(), _PART):
            for row in rows.slice(first, _PART).collect().iter_rows(named=True):
                file.write(_programme(row))
        file.write("</tv>\n")


def _programme(row: dict[str, object]) -> str:
    stop = f' stop="{row["stop"]:%Y%m%d%H%M%S +0000}"' if row["stop"] else ""
    return (
        f'<programme start="{row["start"]:%Y%m%d%H%M%S +0000}"{stop}'
        f' channel="{escape(str(row["guide_channel"]))}"{row["extra"]}>{row["inner"]}</programme>\n'
    )


def tvarr_writer(channels: Path, programmes: Path, out: Path) -> None:
    """Write the same guide as a build does, overlaps resolved, for a lineup of all its channels."""
    snapshot = Snapshot("epg", "bench", "", programmes.parent)
    known = pl.read_parquet(channels).select(
        pl.col("guide_channel").alias("guide_id"),
        pl.col("guide_channel").alias("tvg_id"),
        pl.col("names").list.first().alias("name"),
        pl.lit(None, pl.String).alias("tvg_logo"),
    )
    lineup = Lineup(known, match(known, [snapshot]))
    parts = guide.programmes(lineup, build_input(snapshot))
    with out.open("wb") as file:
        for block in xmltv.document(xmltv.guide_channels(lineup, [snapshot]), parts):
            file.write(block)
