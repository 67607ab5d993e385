"""What matching finds on the labelled set, and whether it is right.

Used by `__main__` and by `tests/pipeline/test_labelled.py`.
"""

from __future__ import annotations

import gzip
import shutil
import tempfile
import unicodedata
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from tests import builders
from tests.labelled.rows import REAL, Real
from tests.labelled.traps import TRAPS, Trap
from tvarr.catalog.snapshots import Snapshot
from tvarr.ingest import m3u, xmltv
from tvarr.pipeline import match, merge
from tvarr.spec.matching import Matching

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST = 1 << 30


@dataclass(frozen=True)
class Verdict:
    """How many were right; sums by `+`."""

    pairs: int = 0
    """Channels of which one guide channel is the right one."""
    traps: int = 0
    """Channels of which none is."""
    right: int = 0
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def __add__(self, other: Verdict) -> Verdict:
        return Verdict(
            self.pairs + other.pairs,
            self.traps + other.traps,
            self.right + other.right,
            self.wrong + other.wrong,
            self.missed + other.missed,
        )

    @property
    def precision(self) -> float:
        """Return the share of what was taken that is right."""
        return self.right / max(1, self.right + len(self.wrong))

    @property
    def recall(self) -> float:
        """Return the share of the pairs that was found."""
        return self.right / max(1, self.pairs)


# --- pairs written by hand ---------------------------------------------------------------------


def judge_traps(threshold: int) -> Verdict:
    """Match each trap's channel with its own small guide."""
    verdict = Verdict()
    with tempfile.TemporaryDirectory() as folder:
        for number, trap in enumerate(TRAPS):
            verdict += _judge_trap(trap, Path(folder) / str(number), threshold)
    return verdict


def _judge_trap(trap: Trap, folder: Path, threshold: int) -> Verdict:
    declared = tuple(builders.guide_channel(known, *names) for known, names in trap.guide)
    guide = builders.guide(folder, declared=declared)
    row = builders.channel(trap.name, trap.tvg_id, tvg_name=trap.tvg_name, group_title=trap.group)
    channels = merge.with_guide_ids(builders.channels(row))
    found = match.search(channels, [guide], Matching(threshold=threshold)).matches
    taken = found["guide_channel"].item(0) if found.height else None
    line = f"{trap.name!r}: {taken!r}, not {trap.right!r}"
    return Verdict(
        pairs=int(trap.right is not None),
        traps=int(trap.right is None),
        right=int(taken is not None and taken == trap.right),
        wrong=[line] if taken is not None and taken != trap.right else [],
        missed=[line] if taken is None and trap.right is not None else [],
    )


# --- rows of real documents --------------------------------------------------------------------


def judge_real(data: Path, threshold: int) -> Verdict:
    """Match the playlists of the data pack with their guides, most ids hidden."""
    verdict = Verdict()
    for real in REAL:
        with tempfile.TemporaryDirectory() as folder:
            verdict += _judge(real, data, Path(folder), threshold)
    return verdict


def _judge(real: Real, data: Path, folder: Path, threshold: int) -> Verdict:
    channels = _channels(data / real.playlist, folder)
    guides = [_guide(data / path, country, folder) for path, country in real.guides]
    known = {
        guide_channel: place
        for place, guide in enumerate(guides)
        for guide_channel in guide.scan_channels().collect()["guide_channel"]
    }
    roles = {guide_channel: _digest(guide_channel) for guide_channel in known}
    gone = {guide_channel for guide_channel, role in roles.items() if role % 4 == _GONE}
    guides = [_without(guide, gone, folder / f"less{place}") for place, guide in enumerate(guides)]
    hidden, truth, traps = _hide(channels, real, known, gone)
    lineup = merge.with_guide_ids(hidden)
    found = match.search(lineup, guides, Matching(threshold=threshold)).matches
    return _compare(lineup, found, truth, traps, [guide.name for guide in guides])


_KEPT, _GONE = 0, 3
"""Of four ids one is left visible, as a provider knows some; of four guide channels one is gone."""


def _hide(
    channels: pl.DataFrame, real: Real, known: dict[str, int], gone: set[str]
) -> tuple[pl.DataFrame, dict[str, tuple[int, str]], set[str]]:
    """Return the playlist with ids hidden, the truth by channel id, and who has none."""
    rows, truth, traps = channels.to_dicts(), {}, set()
    homes = {country for _, country in real.guides}
    for row in rows:
        tvg_id = row["tvg_id"] or ""
        if tvg_id in known and _digest(tvg_id) % 4 == _KEPT:
            continue
        if tvg_id in known and tvg_id not in gone:
            truth[row["channel_id"]] = known[tvg_id], tvg_id
            place = known[tvg_id]
            row["name"] = _decorated(row["name"], tvg_id, real.guides[place][1])
        elif tvg_id in known or (row["group_title"] or "") not in homes:
            traps.add(row["channel_id"])
        row["tvg_id"], row["tvg_name"] = None, None
    return pl.DataFrame(rows, schema=channels.schema), truth, traps


def _compare(
    lineup: pl.DataFrame,
    found: pl.DataFrame,
    truth: dict[str, tuple[int, str]],
    traps: set[str],
    guides: list[str],
) -> Verdict:
    names = dict(lineup.select("guide_id", "name").iter_rows())
    groups = dict(lineup.select("guide_id", "group_title").iter_rows())
    right, wrong, hit = 0, [], set()
    for row in found.iter_rows(named=True):
        guide_id = row["guide_id"]
        if guide_id in truth and truth[guide_id] == (row["priority"], row["guide_channel"]):
            right += 1
            hit.add(guide_id)
        elif guide_id in truth or guide_id in traps:
            wrong.append(
                f"{names[guide_id]!r} of {groups[guide_id]!r}: {row['guide_channel']!r} of "
                f"{row['guide']} by {row['evidence']} {row['confidence']}%"
            )
    missed = [
        f"{names[key]!r}, {truth[key][1]!r} of {guides[truth[key][0]]}"
        for key in truth
        if key not in hit
    ]
    return Verdict(len(truth), len(traps), right, wrong, missed)


def _digest(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=4).digest())


def _decorated(name: str, key: str, country: str) -> str:
    """Write a name as a reseller would; half of them stay as they are."""
    ways: tuple[Callable[[str], str], ...] = (
        lambda text: f"{_CODES.get(country, '')}{text} FHD",
        lambda text: f"{text} (1080p)",
        str.upper,
        lambda text: f"{text} ᴴᴰ",
        lambda text: text.replace("&", "and").replace(":", " -"),
        lambda text: _without_accents(text).lower(),
        lambda text: f"{text} [Geo-blocked]",
        lambda text: f"{_CODES.get(country, '')}{text}",
    )
    place = _digest(key) // 4 % (2 * len(ways))
    return ways[place](name) if place < len(ways) else name


_CODES = {
    "United States": "US| ",
    "United Kingdom": "UK: ",
    "Mexico": "|MX| ",
    "India": "IN - ",
    "South Korea": "KR: ",
}


def _without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    plain = "".join(c for c in decomposed if not "\u0300" <= c <= "\u036f")
    return unicodedata.normalize("NFC", plain)


def _channels(playlist: Path, folder: Path) -> pl.DataFrame:
    stage = folder / "playlist"
    stage.mkdir()
    m3u.ingest(playlist, stage, m3u.M3uOptions(source="real", base_url=None, max_size=_MOST))
    return merge.join_sources([Snapshot("source", "real", "real", stage)])


def _guide(document: Path, country: str, folder: Path) -> Snapshot:
    name = document.name.partition(".")[0].replace("_", "-")
    stage = folder / name
    stage.mkdir()
    plain = document
    if document.suffix == ".gz":
        plain = folder / f"{name}.xml"
        with gzip.open(document) as packed, plain.open("wb") as out:
            shutil.copyfileobj(packed, out)
    xmltv.ingest(plain, stage, xmltv.XmltvOptions(guide=name, timezone="UTC", max_size=_MOST))
    return Snapshot("epg", name, f"whole-{folder.name}", stage)


def _without(guide: Snapshot, gone: set[str], folder: Path) -> Snapshot:
    """Return the guide without some of its channels."""
    folder.mkdir()
    keep = ~pl.col("guide_channel").is_in(list(gone))
    for table in ("channels", "programmes"):
        frame = pl.scan_parquet(guide.folder / f"{table}.parquet").filter(keep)
        frame.collect().write_parquet(folder / f"{table}.parquet")
    return Snapshot("epg", guide.name, f"{guide.digest}-less", folder)
