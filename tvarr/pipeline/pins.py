"""Which guide channels the YAML pins to which channels: `matching.pins` of a proxy.

Called by `tvarr.pipeline.build.lineup` before guides are searched, by `tvarr.pipeline.match`, and
by `tvarr.pipeline.entry_guides` for the streams of an entry. A pin is by channel id or by name,
letter case aside; the guide channel that it names may be blank, which means none.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

import polars as pl

from tvarr.expression.fold import fold_text
from tvarr.pipeline.guide_ids import fold_ids, known_alike

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tvarr.catalog.snapshots import Snapshot

PINNED: Final = "pinned"
"""How matches say that the YAML has pinned them."""


def pins_of(channels: pl.DataFrame, pins: Mapping[str, str]) -> dict[str, str]:
    """Return the pinned guide channel by guide_id; a pin is by channel id or by name.

    One that only some of those mean who share a guide_id is not theirs.
    """
    if not pins:
        return {}
    agreed: dict[str, str | None] = {}
    for row, pin in _pinned_rows(channels, pins):
        if agreed.setdefault(row["guide_id"], pin) != pin:
            agreed[row["guide_id"]] = None
    return {guide_id: pin for guide_id, pin in agreed.items() if pin is not None}


def of_use(pins: Mapping[str, str], guides: Iterable[Snapshot]) -> dict[str, str]:
    """Return the pins without those to guide channels that none of the guides has."""
    known = {""}.union(*(known_alike(guide)["key"] for guide in guides)) if pins else set()
    return {pin: named for pin, named in pins.items() if named.strip().casefold() in known}


def set_apart(channels: pl.DataFrame, pins: Mapping[str, str]) -> pl.DataFrame:
    """Give a pinned channel its own `guide_id` where it shares one with others not pinned so."""
    if not pins:
        return channels
    wishes = defaultdict(set)
    rows = list(_pinned_rows(channels, pins))
    for row, pin in rows:
        wishes[row["guide_id"]].add(pin)
    own = [
        row["channel_id"]
        if pin is not None and len(wishes[row["guide_id"]]) > 1
        else row["guide_id"]
        for row, pin in rows
    ]
    return channels.with_columns(guide_id=pl.Series(own, dtype=pl.String))


def unused_pins(
    channels: pl.DataFrame, pins: Mapping[str, str], matches: pl.DataFrame
) -> tuple[str, ...]:
    """Return the pins that no channel is meant by, or whose guide channel no guide has."""
    there = {fold_text(name.strip()) for name in channels["name"].drop_nulls()}
    there.update(channels["channel_id"])
    by_pin = matches.filter(pl.col("evidence") == PINNED)["guide_channel"]
    known = {"", *fold_ids(by_pin)}
    return tuple(
        pin
        for pin, guide_channel in pins.items()
        if (pin not in there and fold_text(pin.strip()) not in there)
        or guide_channel.strip().casefold() not in known
    )


def _pinned_rows(
    channels: pl.DataFrame, pins: Mapping[str, str]
) -> Iterator[tuple[dict[str, str], str | None]]:
    by_name = {fold_text(key.strip()): pin for key, pin in pins.items()}
    for row in channels.select("channel_id", "guide_id", "name").iter_rows(named=True):
        name = fold_text((row["name"] or "").strip())
        yield row, pins.get(row["channel_id"], by_name.get(name))
