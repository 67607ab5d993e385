"""Which channel of one guide is meant by a name: equal names first, then names that are alike.

Called by `tvarr.pipeline.match` for channels whose ids a guide does not know. Guards come before
any likeness: numbers, hours late, directions, languages and countries must agree, and what they
refuse is never taken, whatever the threshold. Between what is left, rapidfuzz measures how alike
two spellings are, block by block, so that memory stays bounded.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple

from tvarr.pipeline.called import Entry, Index, block_of, index_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tvarr.catalog.snapshots import Snapshot
    from tvarr.pipeline.names import Name

EQUAL: Final = 96
"""Confidence, in percent, of names that are equal once their decoration is off."""
GENERIC_APART: Final = 93
"""Of names that differ in words such as `TV` and `Channel` only."""
OTHER_QUALITY: Final = 1
"""Taken off where one says HD and the other does not; `4K` four times that."""
UNTOLD: Final = 10
"""Taken off where a channel does not tell its country, as others of its guide do."""
MOST_ALIKE: Final = 94
"""Of names that are alike but not equal."""
FLOOR: Final = 60
"""Below it names are not even told as near misses."""
NEAREST: Final = 3
"""Near misses of one channel in one guide."""
_REFUSED: Final = 0.75
"""What a likeness counts where other words differ."""
_APART: Final = 80
"""Below it names differ by more than a misspelling."""
_CELLS: Final = 4_000_000
"""Pairs that are measured at once: 4 MB."""
_ALL_CELLS: Final = 400_000_000
"""Pairs of one guide that are measured at all: half a minute. Beyond it names have to be equal."""


class Wanted(NamedTuple):
    """A channel of the lineup that a guide is searched for."""

    guide_id: str
    names: tuple[Name, ...]
    """What its name and its tvg-name say; guards of all are equal."""
    country: str | None
    """Where it is at home."""
    edition: str | None
    """The country that its name ends with."""
    tvg_id: str = ""


class Like(NamedTuple):
    """A guide channel that may be meant."""

    guide_channel: str
    display_name: str
    confidence: int
    """In percent."""
    why: str
    taken: bool
    """Whether guards allow it and no other one is as likely."""


# --- equal names -------------------------------------------------------------------------------


def equal(
    guide: Snapshot, wanted: Iterable[Wanted], country: str | None
) -> dict[str, tuple[Like, ...]]:
    """Return, by guide_id, the guide channels whose name is equal, the likeliest first.

    `country` is the guide's, for channels that do not tell theirs. The first is `taken` unless
    another is as likely.
    """
    index = index_of(guide)
    likes: dict[str, tuple[Like, ...]] = {}
    known: dict[object, tuple[Like, ...]] = {}  # many channels may be called the same
    for one in wanted:
        said = (one.names, one.country, one.edition)
        if said not in known:
            pairs = [(name, entry) for name in one.names for entry in _of_equal_name(index, name)]
            known[said] = _equal(one, pairs, country, all_tell=index.all_tell)
        if known[said]:
            likes[one.guide_id] = known[said]
    return likes


def _equal(
    wanted: Wanted, pairs: Iterable[tuple[Name, Entry]], country: str | None, *, all_tell: bool
) -> tuple[Like, ...]:
    found: dict[str, tuple[tuple[int, bool, bool], Entry, str]] = {}
    for name, entry in pairs:
        there = entry.country or country or entry.name.edition
        if not _agree(wanted, entry, there):
            continue
        certain, why = _confidence(name, entry.name), _why_equal(name, entry.name)
        if _untold(wanted, there, all_tell=all_tell):
            certain, why = certain - UNTOLD, f"{why}; which country's is not told"
        rank = (certain, wanted.country == there, entry.has_programmes)
        if entry.guide_channel not in found or rank > found[entry.guide_channel][0]:
            found[entry.guide_channel] = rank, entry, why
    return _likeliest(list(found.values()))


def _likeliest(found: list[tuple[tuple[int, bool, bool], Entry, str]]) -> tuple[Like, ...]:
    """Return the first few; the very first is taken if none is as likely."""
    found.sort(key=lambda one: (*(-int(part) for part in one[0]), one[1].place))
    firsts = [rank for rank, _, _ in found].count(found[0][0]) if found else 0
    several = f"{firsts} of its channels are called so" if firsts > 1 else ""
    return tuple(
        Like(entry.guide_channel, entry.said, rank[0], several or why, firsts == 1 and not at)
        for at, (rank, entry, why) in enumerate(found[:NEAREST])
    )


def _untold(wanted: Wanted, there: str | None, *, all_tell: bool) -> bool:
    """Whether a channel tells no country though its neighbours do, or the name looked for does."""
    return there is None and bool(wanted.edition or (all_tell and wanted.country))


def _agree(wanted: Wanted, entry: Entry, there: str | None) -> bool:
    """Whether countries agree, as far as they are known; so must what the names end with."""
    here, of_other = wanted.edition, entry.name.edition
    return (
        _same(wanted.country, there)
        and _same(here or wanted.country, of_other)
        and _same(here, of_other or there)
    )


def _same(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other


def _of_equal_name(index: Index, name: Name) -> Iterable[Entry]:
    same = index.by_key.get((name.key, name.guard), ())
    if not name.branded:
        return same
    others = index.by_core.get((name.core, name.guard), ())
    if name.generic:
        others = [*others, *index.by_key.get((name.core, name.guard), ())]
    if not others:
        return same
    return [*same, *(entry for entry in others if _differ_in_one(name, entry.name))]


def _differ_in_one(one: Name, other: Name) -> bool:
    """Whether one has generic words that the other lacks, and not each its own."""
    return one.key != other.key and (one.generic <= other.generic or other.generic <= one.generic)


def _confidence(one: Name, other: Name) -> int:
    certain = EQUAL if one.key == other.key else GENERIC_APART
    if one.quality == other.quality:
        return certain
    return certain - OTHER_QUALITY * (4 if "uhd" in (one.quality, other.quality) else 1)


def _why_equal(one: Name, other: Name) -> str:
    return "is called so" if one.key == other.key else "is called so but for general words"


# --- names that are alike ----------------------------------------------------------------------


def alike(
    guide: Snapshot, wanted: Sequence[Wanted], country: str | None
) -> dict[str, tuple[Like, ...]]:
    """Return, by guide_id, the guide channels whose names are most alike, likeliest first."""
    index = index_of(guide)
    asked: dict[tuple[str, str], list[tuple[Wanted, Name]]] = defaultdict(list)
    for one in wanted:
        for name in one.names:
            if (block := block_of(name)) in index.blocks:
                asked[block].append((one, name))
    found: dict[str, dict[str, Like]] = defaultdict(dict)
    for block in _affordable(asked, index.blocks):
        for one, like in _in_block(asked[block], index.blocks[block], country, index.all_tell):
            kept = found[one.guide_id].get(like.guide_channel)
            if kept is None or like.confidence > kept.confidence:
                found[one.guide_id][like.guide_channel] = like
    return {guide_id: _ranked(likes.values()) for guide_id, likes in found.items()}


_Block = tuple[str, str]


def _affordable(
    asked: Mapping[_Block, Sequence[tuple[Wanted, Name]]], known: Mapping[_Block, Sequence[Entry]]
) -> list[_Block]:
    """Return the blocks to compare, small ones first where all would be too much.

    A pair of long names counts as several: rapidfuzz goes by machine words of 64 letters.
    """
    cells = {
        block: _words(name for _, name in names) * _words(entry.name for entry in known[block])
        for block, names in asked.items()
    }
    if sum(cells.values()) <= _ALL_CELLS:
        return list(cells)
    smallest = sorted(cells, key=cells.__getitem__)
    sums = accumulate(cells[block] for block in smallest)
    return [block for block, together in zip(smallest, sums, strict=True) if together <= _ALL_CELLS]


def _words(names: Iterable[Name]) -> int:
    return sum(len(name.core) // 64 + 1 for name in names)


def _in_block(
    asked: list[tuple[Wanted, Name]], entries: list[Entry], country: str | None, all_tell: bool
) -> Iterator[tuple[Wanted, Like]]:
    """Yield the most alike pairs; each name's `NEAREST` at least, where there are so many."""
    import numpy as np
    from rapidfuzz import fuzz, process

    cores = [entry.name.core for entry in entries]
    rows = max(1, _CELLS // len(cores))
    for first in range(0, len(asked), rows):
        part = asked[first : first + rows]
        scores = process.cdist(
            [name.core for _, name in part],
            cores,
            scorer=fuzz.ratio,
            score_cutoff=FLOOR,
            dtype=np.uint8,
            workers=-1 if len(part) * len(cores) > _CELLS // 100 else 1,
        )
        for row in np.flatnonzero(scores.max(axis=1)).tolist():
            one, name = part[row]
            best = np.argsort(scores[row], kind="stable")[::-1][: 4 * NEAREST]
            for place, column in enumerate(best.tolist()):
                score, entry = int(scores[row, column]), entries[column]
                if place >= NEAREST and score < _APART:
                    break
                there = entry.country or country or entry.name.edition
                if score and _agree(one, entry, there):
                    untold = _untold(one, there, all_tell=all_tell)
                    yield one, _like(name, entry, score, untold=untold)


def _like(name: Name, entry: Entry, score: int, *, untold: bool) -> Like:
    near = score >= _APART and _may_be_misspelt(name, entry.name)
    if near and aligned(name.words.split(), entry.name.words.split()):
        confidence = min(score, MOST_ALIKE) - (UNTOLD if untold else 0)
        return Like(entry.guide_channel, entry.said, confidence, "is spelt much alike", taken=True)
    confidence = round(score * _REFUSED)
    return Like(entry.guide_channel, entry.said, confidence, "has other words", taken=False)


def _may_be_misspelt(one: Name, other: Name) -> bool:
    """Whether both are brands, and generic words do not tell them apart."""
    together = one.generic <= other.generic or other.generic <= one.generic
    return one.core != other.core and one.branded and other.branded and together


def _ranked(likes: Iterable[Like]) -> tuple[Like, ...]:
    ranked = sorted(likes, key=lambda like: (-like.confidence, not like.taken, like.guide_channel))
    first, *others = ranked[:NEAREST]
    if any(like.taken and like.confidence == first.confidence for like in others):
        why = "is one of several that are as likely"
        first = Like(first.guide_channel, first.display_name, first.confidence, why, taken=False)
    return first, *others


def aligned(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether each word of one has its word in the other, at most some of them misspelt.

    A misspelt word has its first letter right and is long enough that a letter more or less makes
    no other word of it; beside it stands another that is right, unless it is long itself.
    """
    left, right = _without(one, other), _without(other, one)
    if len(left) != len(right):
        return False
    right_ones = len(one) - len(left)
    return all(
        _misspelt(word, its, alone=not right_ones)
        for word, its in zip(sorted(left), sorted(right), strict=True)
    )


def _without(words: Sequence[str], others: Sequence[str]) -> list[str]:
    left = list(words)
    for word in others:
        if word in left:
            left.remove(word)
    return left


def _misspelt(word: str, other: str, *, alone: bool) -> bool:
    from rapidfuzz.distance import Levenshtein

    shorter = min(len(word), len(other))
    if word[0] != other[0] or word.isdigit() or other.isdigit():
        return False
    if not alone and word.rstrip("s") == other.rstrip("s") and shorter >= 4:
        return True
    if shorter < (8 if alone else 6):
        return False
    return bool(Levenshtein.distance(word, other) <= (1 if shorter < 9 else 2))
