"""Pairs that were labelled before the matcher saw them, from documents that its rules never did.

`held_out.txt` refers to rows of the data pack, and never copies them: a line of a playlist, a
`stream_id` of a panel's answer, a line of a guide. Of playlists that stand for a guide each entry
is a channel of its own, but for those with the same id and name. Ids are left as they are.
"""

from __future__ import annotations

import json
import re
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from tests import builders
from tests.labelled.judge import Verdict
from tvarr.catalog.snapshots import Snapshot
from tvarr.ingest import m3u, xmltv
from tvarr.pipeline import match, merge
from tvarr.spec.matching import Matching

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST = 1 << 30


@dataclass
class Labelled:
    """One guide and the rows of one lineup, each with its line in the guide; None: it has none."""

    guide: str
    lineup: str
    lines: dict[int, int | None] = field(default_factory=dict)


def _read(text: str) -> Iterator[Labelled]:
    guide, labelled = "", Labelled("", "")
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        if word == "guide":
            guide = rest
        elif word == "from":
            labelled = Labelled(guide, rest)
            yield labelled
        elif line and word != "#":
            pairs = (pair.split("=") for pair in line.split())
            labelled.lines |= {int(row): None if to == "-" else int(to) for row, to in pairs}


def _table(name: str) -> tuple[Labelled, ...]:
    return tuple(_read(Path(__file__).with_name(name).read_text(encoding="utf-8")))


HELD_OUT = _table("held_out.txt")
LATER = _table("held_out_later.txt")
"""Labelled after the mistakes were mended that the first had shown."""


def judge_held_out(data: Path, threshold: int, table: tuple[Labelled, ...] = HELD_OUT) -> Verdict:
    """Match each lineup with its guide; needs the data pack."""
    verdict = Verdict()
    with tempfile.TemporaryDirectory() as folder:
        for number, labelled in enumerate(table):
            verdict += _judge(labelled, data, Path(folder) / str(number), threshold)
    return verdict


def _judge(labelled: Labelled, data: Path, folder: Path, threshold: int) -> Verdict:
    guide, at_line = _guide(data / labelled.guide, folder)
    rows = {line: _rows(data / labelled.lineup)[line] for line in labelled.lines}
    lineup = merge.with_guide_ids(builders.channels(*rows.values()))
    ids = dict(zip(labelled.lines, lineup["channel_id"], strict=True))
    alone = lineup.with_columns(guide_id="channel_id")
    found = match.search(alone, [guide], Matching(threshold=threshold)).matches
    taken = dict(found.select("guide_id", "guide_channel").iter_rows())
    verdict = Verdict()
    for line, right in labelled.lines.items():
        known = None if right is None else at_line[right]
        verdict += _of_one(rows[line]["name"], taken.get(ids[line]), known)
    return verdict


def _of_one(name: str, taken: str | None, right: str | None) -> Verdict:
    line = f"{name!r}: {taken!r}, not {right!r}"
    return Verdict(
        pairs=int(right is not None),
        traps=int(right is None),
        right=int(taken is not None and taken == right),
        wrong=[line] if taken is not None and taken != right else [],
        missed=[line] if taken is None and right is not None else [],
    )


# --- what the lines say --------------------------------------------------------------------------


@cache
def _rows(path: Path) -> dict[int, dict[str, Any]]:
    """Return entries by line, or by `stream_id`."""
    return _of_panel(path) if path.suffix == ".json" else _of_playlist(path)


def _of_panel(path: Path) -> dict[int, dict[str, Any]]:
    groups = json.loads(path.with_name("get_live_categories.json").read_bytes())
    titles = {group["category_id"]: group["category_name"] for group in groups}
    return {
        row["stream_id"]: builders.channel(
            row["name"].strip(),
            row["epg_channel_id"] or None,
            group_title=titles.get(row["category_id"]),
        )
        for row in json.loads(path.read_bytes())
    }


def _of_playlist(path: Path) -> dict[int, dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        options = m3u.M3uOptions(source="real", base_url=None, max_size=_MOST)
        m3u.ingest(path, Path(folder), options)
        rows = pl.read_parquet(Path(folder) / "channels.parquet").select(
            "line", "name", "tvg_id", "tvg_name", "tvg_country", "group_title"
        )
    return {row.pop("line"): builders.channel(**row) for row in rows.to_dicts()}


def _guide(path: Path, folder: Path) -> tuple[Snapshot, dict[int, str]]:
    """Return the guide, and its channels by their lines."""
    return _of_document(path, folder) if path.suffix == ".xml" else _of_entries(path, folder)


def _of_document(path: Path, folder: Path) -> tuple[Snapshot, dict[int, str]]:
    folder.mkdir()
    xmltv.ingest(path, folder, xmltv.XmltvOptions(guide="g", timezone="UTC", max_size=_MOST))
    lines = path.read_text(encoding="utf-8").splitlines()
    at_line = {
        number: found[1].replace("&amp;", "&")
        for number, line in enumerate(lines, 1)
        if (found := re.search(r'<channel id="([^"]*)"', line))
    }
    return Snapshot("epg", "g", str(folder), folder), at_line


def _of_entries(path: Path, folder: Path) -> tuple[Snapshot, dict[int, str]]:
    """Two entries with one id are one channel where their names, but for circles, are one too."""
    declared: dict[str, tuple[str, str]] = {}
    at_line = {}
    for line, row in _rows(path).items():
        known, name = row["tvg_id"] or f"row {line}", row["name"]
        bare = re.sub(r"[\sⓈⒼⓎ]+$", "", name)
        if declared.setdefault(known, (name, bare))[1] != bare:
            known = f"row {line}"
            declared[known] = (name, bare)
        at_line[line] = known
    channels = (builders.guide_channel(known, name) for known, (name, _) in declared.items())
    return builders.guide(folder, name=folder.name, declared=tuple(channels)), at_line
