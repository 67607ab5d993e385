"""What the channels of one guide are called, to look names up in.

Used by `tvarr.pipeline.likeness`. However many channels a guide has, and however many of them are
called alike, what is kept is bounded.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

import polars as pl

from tvarr.pipeline.decoration import LONGEST
from tvarr.pipeline.ids import read_id
from tvarr.pipeline.names import Name, read_names
from tvarr.pipeline.spans import spans_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tvarr.catalog.snapshots import Snapshot

NAMES_OF_ALL: Final = 200_000
"""Display-names of one guide that are looked at: 200 MB."""
NAMES_OF_ONE: Final = 12
"""Display-names of one guide channel that are looked at."""
NAMESAKES: Final = 100
"""Channels of one guide with one name that are looked at."""
_MOST: Final = 2 / 3


class Entry(NamedTuple):
    """One display-name of a guide channel."""

    place: int
    """Of the channel in the guide."""
    guide_channel: str
    said: str
    name: Name
    country: str | None
    has_programmes: bool


@dataclass(frozen=True, slots=True)
class Index:
    """All of them, by what they are looked for."""

    by_key: dict[tuple[str, str], list[Entry]]
    by_core: dict[tuple[str, str], list[Entry]]
    """Those with generic words; of the others the core is the key."""
    all_tell: bool
    """Whether most channels tell a country, and not all the same."""
    blocks: dict[tuple[str, str], list[Entry]]
    """By guard and first letter: only within a block are names compared."""


@lru_cache(maxsize=8)
def index_of(guide: Snapshot) -> Index:
    """Return what the channels of a guide are called; read once for each snapshot."""
    entries = list(islice(_without_crowds(_entries(guide)), NAMES_OF_ALL))
    told = [entry.country for entry in entries if entry.country]
    all_tell = len(set(told)) > 1 and len(told) >= _MOST * len(entries)
    index = Index(defaultdict(list), defaultdict(list), all_tell, defaultdict(list))
    for entry in entries:
        name = entry.name
        index.by_key[name.key, name.guard].append(entry)
        if name.generic:
            index.by_core[name.core, name.guard].append(entry)
        index.blocks[block_of(name)].append(entry)
    return index


def _entries(guide: Snapshot) -> Iterator[Entry]:
    names = pl.col("names").list.head(NAMES_OF_ONE).list.eval(pl.element().str.head(LONGEST))
    channels = guide.scan_channels().select("guide_channel", names).head(NAMES_OF_ALL).collect()
    with_programmes = set(spans_of(guide)["guide_channel"])
    read = read_names(channels["names"].explode())
    for place, (guide_channel, said) in enumerate(channels.iter_rows()):
        of_id = read_id(guide_channel).country
        for text in dict.fromkeys(said or ()):
            if text and (name := read.get(text)):
                country = name.country or of_id
                known = guide_channel in with_programmes
                yield Entry(place, guide_channel, text, name, country, known)


def _without_crowds(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Leave out what comes after many of the same name: none of them would be taken."""
    counts: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        counts[entry.name.core, entry.name.guard] += 1
        if counts[entry.name.core, entry.name.guard] <= NAMESAKES:
            yield entry


def block_of(name: Name) -> tuple[str, str]:
    """Return the block of names that one is compared with."""
    return name.guard, name.core[0]
