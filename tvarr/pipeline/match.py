"""Which guide channels belong to a channel of the lineup, and how certain that is.

Called by `tvarr.pipeline.build.lineup`. Each guide is asked in order of evidence: what the YAML
pins, the tvg-id letter for letter, the same without blanks and letter case, the same without
country and quality, and then names (`tvarr.pipeline.likeness`). The first that is certain enough
counts; what falls short is a near miss. A channel that is found by its name keeps its own id. What
is then done with several guides for one channel is decided in `tvarr.pipeline.guide`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import polars as pl

from tvarr.pipeline import guide_ids, likeness, names, spelling
from tvarr.pipeline.countries import CODES
from tvarr.pipeline.ids import edition_of
from tvarr.pipeline.likeness import Like, Wanted
from tvarr.pipeline.marks import PARTED
from tvarr.pipeline.pins import PINNED, pins_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tvarr.catalog.snapshots import Snapshot
    from tvarr.pipeline.names import Name
    from tvarr.spec.matching import Matching


class Evidence(StrEnum):
    """Why a guide channel was taken, the strongest first."""

    PINNED = PINNED
    ID = "id"
    ALIKE = "alike"
    """The id, letter case and blanks aside."""
    BASE = "base"
    """The id, country and quality aside."""
    NAME = "name"
    """A display-name, once decoration is off."""
    SIMILAR = "similar"
    """A display-name that is spelt much alike."""


CERTAIN: Final = {Evidence.PINNED: 100, Evidence.ID: 100, Evidence.ALIKE: 99}
"""Percent."""

MATCHES: dict[str, pl.DataType | type[pl.DataType]] = {
    "guide_id": pl.String,
    "guide": pl.String,
    "guide_channel": pl.String,
    "priority": pl.UInt32,  # place of the guide in the proxy's list, from 0
    "evidence": pl.String,  # of `Evidence`
    "confidence": pl.UInt8,  # percent
}
"""One row per guide_id and guide that knows it."""

NEAR: dict[str, pl.DataType | type[pl.DataType]] = {
    "guide_id": pl.String,
    "guide": pl.String,
    "guide_channel": pl.String,
    "display_name": pl.String,
    "confidence": pl.UInt8,  # percent
    "why": pl.String,
}
"""What was not taken, for channels that no guide knows; the likeliest first."""

_ENOUGH: Final = 10
"""Channels found by id after which a guide may be said to be of one country."""
_NEARLY_ALL: Final = 0.95

_MOST_ASKED: Final = 2_000
"""Channels that are asked for their country."""

_READ: Final = ("guide_id", "tvg_id", "name", "tvg_name", "tvg_country", "group_title")


@dataclass(frozen=True, eq=False)
class Matched:
    """What was found."""

    matches: pl.DataFrame
    """`MATCHES`, in the lineup's order, then the guides'."""
    near: pl.DataFrame
    """`NEAR`, in the lineup's order."""


def match(channels: pl.DataFrame, guides: Sequence[Snapshot]) -> pl.DataFrame:
    """Return `MATCHES` by the ids alone, case and blanks aside: what is quick and certain.

    `channels` needs `guide_id` and `tvg_id`. Where a guide has several channels that differ only
    in blanks and letter case, the one written exactly so is taken, else the document's first.
    """
    return _joined(_by_id(_wanted(channels), guides))


def search(
    channels: pl.DataFrame,
    guides: Sequence[Snapshot],
    matching: Matching,
    among: pl.DataFrame | None = None,
) -> Matched:
    """Return what all kinds of evidence come to, and what was near.

    `channels` has `guide_id, tvg_id` and `schema.CHANNELS`. `among` is the whole lineup, where
    `channels` is a part of it only: from it follows which country a guide is of.
    """
    if not guides:
        return Matched(pl.DataFrame(schema=MATCHES), pl.DataFrame(schema=NEAR))
    wanted = _wanted(channels)
    pinned = pins_of(channels, matching.pins)
    free = wanted.filter(~pl.col("guide_id").is_in(list(pinned)))
    found = [_pinned(wanted, pinned, guides), *_by_id(free, guides)]
    near: list[tuple[str, int, str, Like]] = []
    asked = _asked(channels, _unknown(free, found[1:]))
    of_all = found[1:] if among is None else _by_id(_wanted(among), guides)
    whole = channels if among is None else among
    for priority, (guide, by_id) in enumerate(zip(guides, found[1:], strict=True)):
        known = set(by_id["guide_id"])
        rest = [one for one in asked if one.guide_id not in known]
        country = _country_of(of_all[priority], whole) if rest else None
        rows, misses = _by_other_evidence(rest, guide, country, matching.threshold)
        found.append(_rows(rows, guide, priority, wanted))
        near += [(guide_id, priority, guide.name, like) for guide_id, like in misses]
    matches = _joined(found).filter(pl.col("confidence") >= matching.threshold)
    return Matched(matches, _near(near, matches, wanted))


# --- pins --------------------------------------------------------------------------------------


def _pinned(
    wanted: pl.DataFrame, pinned: Mapping[str, str], guides: Sequence[Snapshot]
) -> pl.DataFrame:
    """A pin counts in all guides that have the channel, and in them only; an empty one nowhere."""
    pins = pl.DataFrame(
        {"guide_id": list(pinned), "key": list(pinned.values())},
        schema={"guide_id": pl.String, "key": pl.String},
    )
    rows = wanted.drop("key").join(pins, on="guide_id", maintain_order="left")
    found = _by_id(rows.filter(pl.col("key").str.strip_chars() != ""), guides)
    return pl.concat([_nothing(), *found]).with_columns(
        evidence=pl.lit(str(Evidence.PINNED)),
        confidence=pl.lit(CERTAIN[Evidence.PINNED], pl.UInt8),
    )


# --- ids ---------------------------------------------------------------------------------------


def _wanted(channels: pl.DataFrame) -> pl.DataFrame:
    """Each guide_id once, with the text that guides are searched for: the provider's own tvg-id."""
    tvg_id = pl.col("tvg_id")
    blank = tvg_id.str.strip_chars().fill_null("") == ""
    return (
        channels.select("guide_id", key=pl.when(blank).then("guide_id").otherwise(tvg_id))
        .unique("guide_id", keep="first", maintain_order=True)
        .with_row_index("place")
    )


def _nothing() -> pl.DataFrame:
    return pl.DataFrame(schema={"place": pl.UInt32, **MATCHES})


def _joined(found: Iterable[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat([_nothing(), *found]).sort("place", "priority").select(MATCHES.keys())


def _by_id(wanted: pl.DataFrame, guides: Sequence[Snapshot]) -> list[pl.DataFrame]:
    """Return, guide by guide, `place` and `MATCHES` of those that the id finds."""
    return [
        _match_in(wanted, snapshot)
        .select(
            "place",
            "guide_id",
            "guide_channel",
            "evidence",
            guide=pl.lit(snapshot.name),
            priority=pl.lit(priority, pl.UInt32),
            confidence=pl.col("evidence").replace_strict(
                {str(kind): percent for kind, percent in CERTAIN.items()}, return_dtype=pl.UInt8
            ),
        )
        .select("place", *MATCHES)
        for priority, snapshot in enumerate(guides)
    ]


def _match_in(wanted: pl.DataFrame, guide: Snapshot) -> pl.DataFrame:
    """Add `guide_channel` to the rows that one guide knows; the others are left out."""
    exactly = wanted.join(guide_ids.known(guide).with_columns(key="guide_channel"), on="key")
    exactly = exactly.with_columns(evidence=pl.lit(str(Evidence.ID)))
    rest = wanted.join(exactly, on="guide_id", how="anti")
    if rest.is_empty():
        return exactly
    alike = rest.with_columns(key=guide_ids.fold_ids(rest["key"])).join(
        guide_ids.known_alike(guide), on="key"
    )
    return pl.concat([exactly, alike.with_columns(evidence=pl.lit(str(Evidence.ALIKE)))])


# --- what else speaks for a guide channel ------------------------------------------------------


def _unknown(free: pl.DataFrame, by_id: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return those whose id some guide does not have."""
    first, *others = by_id
    everywhere = first.select("guide_id")
    for other in others:
        everywhere = everywhere.join(other, on="guide_id", how="semi")
    return free.join(everywhere, on="guide_id", how="anti")


def _asked(channels: pl.DataFrame, free: pl.DataFrame) -> list[Wanted]:
    """Return each guide_id with its names; none where channels of different names share it."""
    firsts: dict[str, Wanted] = {}
    for asked in _told(channels.join(free.select("guide_id"), on="guide_id", how="semi")):
        before = firsts.setdefault(asked.guide_id, asked)
        if before is not asked and not _same_name(before, asked):
            firsts[asked.guide_id] = before._replace(names=(), edition=None)
    return list(firsts.values())


def _told(channels: pl.DataFrame) -> Iterator[Wanted]:
    """Yield what each row tells; a lineup may lack some of `_READ`."""
    none = pl.lit(None, pl.String)
    frame = channels.select(
        pl.col(name) if name in channels.columns else none.alias(name) for name in _READ
    )
    said = names.read(frame["name"].fill_null(""), channels.get_column(PARTED, default=None))
    seconds = names.read_names(
        frame["tvg_name"].filter(frame["tvg_name"].ne_missing(frame["name"]))
    )
    rows = frame.select("guide_id", "tvg_id", "tvg_name").fill_null("").iter_rows()
    homes = spelling.homes_of(frame, said)
    for row, name, country in zip(rows, names.names_of(said), homes, strict=True):
        guide_id, tvg_id, tvg_name = row
        edition = (name.edition if name else None) or _country_of_edition(tvg_id)
        yield Wanted(guide_id, _both(name, seconds.get(tvg_name)), country, edition, tvg_id)


def _country_of_edition(tvg_id: str) -> str | None:
    told = edition_of(tvg_id) if tvg_id else None
    return told if told in CODES else None


def _both(first: Name | None, second: Name | None) -> tuple[Name, ...]:
    """Return what name and tvg-name say; of the second nothing where its guard is another."""
    if first is None:
        return () if second is None else (second,)
    if second is None or second == first or second.guard != first.guard:
        return (first,)
    return first, second


def _same_name(one: Wanted, other: Wanted) -> bool:
    first, second = one.names[:1], other.names[:1]
    return [(n.key, n.guard) for n in first] == [(n.key, n.guard) for n in second]


def _country_of(by_id: pl.DataFrame, channels: pl.DataFrame) -> str | None:
    """Return the country that nearly all channels are of which a guide knows by their ids."""
    known = channels.join(by_id.select("guide_id"), on="guide_id", how="semi").head(_MOST_ASKED)
    told = Counter(filter(None, (one.country for one in _told(known))))
    for country, count in told.most_common(1):
        if count >= max(_ENOUGH, _NEARLY_ALL * told.total()):
            return country
    return None


_Found = tuple[str, Evidence, Like]


def _by_other_evidence(
    asked: Sequence[Wanted], guide: Snapshot, country: str | None, threshold: int
) -> tuple[list[_Found], list[tuple[str, Like]]]:
    """Return what one guide has for these by their ids' bases and by their names."""
    found: list[_Found] = []
    near: list[tuple[str, Like]] = []
    bases = guide_ids.known_bases(guide)
    by_name: list[Wanted] = []
    for one in asked:
        base = guide_ids.by_base(one, bases) if one.tvg_id else None
        if base is not None and base.confidence >= threshold:
            found.append((one.guide_id, Evidence.BASE, base))
        else:
            by_name.append(one)
    equal = likeness.equal(guide, by_name, country)
    for guide_id, likes in equal.items():
        if likes[0].taken and likes[0].confidence >= threshold:
            found.append((guide_id, Evidence.NAME, likes[0]))
        else:
            near += [(guide_id, like) for like in likes]
    rest = [one for one in by_name if one.guide_id not in equal]
    for guide_id, likes in likeness.alike(guide, rest, country).items():
        if likes[0].taken and likes[0].confidence >= threshold:
            found.append((guide_id, Evidence.SIMILAR, likes[0]))
        else:
            near += [(guide_id, like) for like in likes]
    return found, near


def _rows(
    found: Sequence[_Found], guide: Snapshot, priority: int, wanted: pl.DataFrame
) -> pl.DataFrame:
    rows = [
        (guide_id, guide.name, like.guide_channel, priority, str(evidence), like.confidence)
        for guide_id, evidence, like in found
    ]
    frame = pl.DataFrame(rows, schema=MATCHES, orient="row")
    return frame.join(wanted.select("guide_id", "place"), on="guide_id").select("place", *MATCHES)


def _near(
    near: Sequence[tuple[str, int, str, Like]], matches: pl.DataFrame, wanted: pl.DataFrame
) -> pl.DataFrame:
    known = set(matches["guide_id"])
    rows = [
        (guide_id, guide, like.guide_channel, like.display_name, like.confidence, like.why)
        for guide_id, _, guide, like in near
        if guide_id not in known
    ]
    frame = pl.DataFrame(rows, schema=NEAR, orient="row")
    placed = frame.join(wanted.select("guide_id", "place"), on="guide_id", maintain_order="left")
    return placed.sort("place", "confidence", descending=[False, True], maintain_order=True).select(
        NEAR.keys()
    )
