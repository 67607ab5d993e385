"""What the playlist reader and writer are measured against: the plain way of doing the same.

Nothing here knows a dialect, survives a broken line or makes a value safe; a reader or writer that
is slower than this would have to explain itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from pathlib import Path

_LINE = re.compile(r"#EXTINF:(-?\d+)(.*),(.*)$")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


def regex_line_loop(document: Path) -> list[dict[str, str]]:
    """Read a playlist line by line with two regular expressions, one dictionary per entry."""
    entries = []
    entry: dict[str, str] = {}
    with document.open(encoding="utf-8") as lines:
        for raw in lines:
            line = raw.strip()
            if line.startswith("#EXTINF"):
                match = _LINE.match(line)
                if match:
                    entry = dict(_ATTRIBUTE.findall(match[2]))
                    entry["duration"], entry["name"] = match[1], match[3].strip()
            elif line and not line.startswith("#"):
                entry["url"] = line
                entries.append(entry)
    return entries


def regex_ingest(document: Path, snapshot: Path) -> int:
    """Read a playlist with `regex_line_loop` and store it as Parquet; return the entries."""
    entries = regex_line_loop(document)
    frame = pl.DataFrame(entries, infer_schema_length=1000)
    frame.write_parquet(snapshot, compression="zstd", compression_level=1)
    return frame.height


def python_loop_writer(channels: pl.DataFrame, path: Path) -> None:
    """Write a lineup as a playlist, row by row."""
    columns = {
        "tvg-id": "guide_id", "tvg-name": "tvg_name", "tvg-logo": "tvg_logo",
        "group-title": "group_title", "tvg-chno": "number", "tvg-shift": "tvg_shift",
        "tvg-language": "tvg_language", "tvg-country": "tvg_country", "catchup": "catchup",
        "catchup-days": "catchup_days", "catchup-source": "catchup_source",
    }  # fmt: skip
    with path.open("w", encoding="utf-8") as file:
        file.write("#EXTM3U\n")
        for row in channels.iter_rows(named=True):
            texts = [
                f' {name}="{_safe(str(row[column]))}"'
                for name, column in columns.items()
                if row[column] is not None
            ]
            texts += [f' {pair["name"]}="{_safe(pair["value"])}"' for pair in row["attributes"]]
            file.write(f"#EXTINF:{row['duration']}{''.join(texts)},{_one_line(row['name'])}\n")
            for option in row["options"]:
                file.write(f"{_one_line(option)}\n")
            file.write(f"{_one_line(row['stream_url'])}\n")


def _safe(text: str) -> str:
    return _one_line(text.replace('"', "'"))


def _one_line(text: str) -> str:
    return text.replace("\r", " ").replace("\n", " ")
