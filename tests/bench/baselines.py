"""What the guide's reader is measured against: a loop over `lxml.iterparse`.

It does what a plain program does, an element at a time, and builds the same columns of the same
programmes; sorting, repairs and a writer that keeps memory small are left out.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl
from lxml import etree

from tvarr.catalog.schema import PROGRAMMES

if TYPE_CHECKING:
    from pathlib import Path

_OWN = ("start", "stop", "channel")


def lxml_loop(document: Path, out: Path) -> None:
    """Read a guide (plain or gzip) into one Parquet file of `schema.PROGRAMMES`."""
    rows: list[tuple[Any, ...]] = []
    parts: list[pl.DataFrame] = []
    for _, programme in etree.iterparse(str(document), tag="programme", huge_tree=True):
        rows.append(_row(programme))
        programme.clear()
        while programme.getprevious() is not None:
            del programme.getparent()[0]
        if len(rows) == 50_000:
            parts.append(pl.DataFrame(rows, schema=PROGRAMMES, orient="row"))
            rows = []
    parts.append(pl.DataFrame(rows, schema=PROGRAMMES, orient="row"))
    pl.concat(parts).write_parquet(out, compression="zstd", compression_level=1)


def _row(programme: Any) -> tuple[Any, ...]:
    texts: dict[str, str] = {}
    categories: list[str] = []
    language = icon = rating = counted = shown = None
    for child in programme:
        name = child.tag
        if name == "category":
            categories.append(child.text or "")
        elif name == "episode-num":
            if child.get("system") == "xmltv_ns":
                counted = counted or child.text
            else:
                shown = shown or child.text
        elif name == "icon":
            icon = icon or child.get("src")
        elif name == "rating":
            rating = rating or child.findtext("value")
        elif name in ("title", "sub-title", "desc") and name not in texts:
            texts[name] = child.text or ""
            if name == "title":
                language = child.get("lang")
    inner = "".join(etree.tostring(child, encoding="unicode") for child in programme)
    extra = "".join(f' {k}="{v}"' for k, v in programme.attrib.items() if k not in _OWN)
    season = int(counted.split(".")[0]) + 1 if counted else None
    return (
        "bench", programme.get("channel"), _time(programme.get("start")),
        _time(programme.get("stop")), texts.get("title"), texts.get("sub-title"),
        texts.get("desc"), categories, counted or shown, season, icon, rating, language, extra,
        inner,
    )  # fmt: skip


def _time(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%d%H%M%S %z")
