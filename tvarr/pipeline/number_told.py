"""Why a channel has its number, in words. Called by `tvarr.pipeline.explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from tvarr.pipeline import chno
from tvarr.pipeline.numbering import How
from tvarr.pipeline.order import group_name
from tvarr.pipeline.retell import text_of
from tvarr.pipeline.story import NumberTold, discreet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tvarr.pipeline.retell import Retold
    from tvarr.spec.lineup import Numbering


def number_told(
    lineup: pl.DataFrame, there: pl.DataFrame, retold: Retold, numbering: Numbering
) -> NumberTold:
    """Return the number of the one channel that is `there`, a row of the `lineup`, and why."""
    number, how = there["number"].item(0), there["numbered"].item(0)
    place = lineup["channel_id"].index_of(there["channel_id"].item(0)) or 0
    nth = f"{_ordinal(place + 1)} of {lineup.height:,} channels"
    if how == How.RULE:
        rule = f"rule {_rule(retold)} gives it" if _rule(retold) else "a rule gives it to a stream"
        return NumberTold(number, f"{rule}; {nth}")
    if how == How.PINNED:
        return NumberTold(number, f"pinned in the YAML; {nth}")
    refused = _refused(lineup, retold)
    if how == How.SEQUENCE:
        return NumberTold(number, nth + _counted(number, place, numbering) + refused)
    if how == How.GROUP:
        return NumberTold(number, f"{_in_block(there, numbering)}; {nth}{refused}")
    own = _providers(there) if how == How.PROVIDER else _moved_up(lineup, there, numbering.pinned)
    return NumberTold(number, f"{own}; {nth}{refused}")


def _rule(retold: Retold) -> str:
    return retold.setters.get("channel_number", "")


def _counted(number: str, place: int, numbering: Numbering) -> str:
    if number == str(numbering.start + place):
        return f", counted from {numbering.start}"
    return f"; the lowest that was free from {numbering.start} on when it came"


def _providers(there: pl.DataFrame) -> str:
    """Tell of the provider's number, which may be that of a row that the entry was known by."""
    said = chno.texts(chno.keys(there["channel_number"])).item(0)
    if said is None or said == there["number"].item(0):
        return "the provider's own"
    return f"the provider's of the row that it was known by; this one's is {said}"


def _moved_up(lineup: pl.DataFrame, there: pl.DataFrame, pinned: Mapping[str, str]) -> str:
    own = there.select(chno.key_of("channel_number")).to_series()
    wanted = chno.texts(own).item(0)
    if wanted is None:
        return "the next that was free when the provider gave one that was taken"
    holder = _holder(lineup, wanted)
    return f"the next free one after the provider's {wanted}, {_whose(wanted, holder, pinned)}"


def _whose(wanted: str, holder: str | None, pinned: Mapping[str, str]) -> str:
    if holder is not None:
        return f"which {holder!r} has"
    for pin, number in pinned.items():
        if number == wanted:
            return f"which is pinned for {discreet(pin)!r}, and nobody is called so"
    return "which was taken when it came"


def _in_block(there: pl.DataFrame, numbering: Numbering) -> str:
    group = there.select(group_name()).item(0, 0)
    return f"in a block of {numbering.group_size:,} of the group {discreet(group)!r}"


def _refused(lineup: pl.DataFrame, retold: Retold) -> str:
    """Tell of a rule that asks for another number; empty where none does."""
    asked = text_of(retold.row, "channel_number")
    if not _rule(retold) or not asked.strip():
        return ""
    wanted = chno.texts(chno.keys(pl.Series([asked]))).item(0)
    if wanted is None:
        why = "which is no number from 1 on"
    elif _holder(lineup, wanted) is not None:
        why = "which another channel has"
    else:
        why = "which is pinned for another channel"
    return f"; rule {_rule(retold)} asks for {asked!r}, {why}"


def _holder(lineup: pl.DataFrame, number: str) -> str | None:
    names = lineup.filter(pl.col("number") == number)["name"]
    return None if names.is_empty() else discreet(names.item(0))


def _ordinal(number: int) -> str:
    teens = number % 100 in (11, 12, 13)
    ending = "th" if teens else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"
