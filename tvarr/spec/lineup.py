"""The lineup of a proxy: the numbers of its channels, their order, their groups."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, PlainSerializer, field_validator

from tvarr.spec.declared import Declared, refuse_one_name_twice, shorten
from tvarr.spec.values import ChannelNumber, EachOnce

Key = Literal["source", "group", "name", "number"]


def _one_way_of_writing(number: str) -> str:
    """Return a number without zeros in front; 5.10 is not 5.1, see `tvarr.pipeline.chno`."""
    whole, _, part = number.partition(".")
    if not int(whole):
        raise ValueError("a channel's number is 1 or above")
    return f"{int(whole)}.{int(part)}" if part and int(part) else str(int(whole))


PinnedNumber = Annotated[ChannelNumber, AfterValidator(_one_way_of_writing)]


class Numbering(Declared):
    """How channel numbers are given."""

    mode: Literal["sequential", "preserve", "group"] = "sequential"
    """`sequential`: one after the other, in the order of the lineup. `preserve`: the provider's
    own, the others around them. `group`: each group begins at a number of its own."""

    start: int = Field(default=1, ge=1, le=1_000_000)
    """The number of the first channel."""

    group_size: int = Field(default=100, ge=1, le=100_000)
    """How far the groups are apart, in the mode `group`."""

    pinned: dict[str, PinnedNumber] = Field(
        default_factory=dict, max_length=100_000, examples=["{BBC One: 101}"]
    )
    """Numbers of channels, such as 7 or 5.1, by their name in the lineup (letter case aside) or
    their channel id."""

    @field_validator("pinned")
    @classmethod
    def _once(cls, pinned: dict[str, str]) -> dict[str, str]:
        """Refuse a number for two channels: none of both could be refused it later."""
        refuse_one_name_twice(pinned)
        holders: dict[str, str] = {}
        for name, number in pinned.items():
            first = holders.setdefault(number, name)
            if first != name:
                names = f'"{shorten(first)}" and "{shorten(name)}"'
                raise ValueError(f"{number} is pinned twice, for {names}; each is one channel's")
        return pinned


class Group(Declared):
    """What becomes of a group of channels."""

    title: str | None = Field(default=None, max_length=200)
    """What it is called in the outputs; where it is not given, as it is called here."""

    merge: Annotated[tuple[str, ...], Field(max_length=10_000), EachOnce] = ()
    """Other groups of the sources that are part of it."""

    hide: bool = False
    """Whether its channels are left out."""


def _each_in_one(groups: dict[str, Group]) -> dict[str, Group]:
    """Refuse a group of the sources that would be part of two."""
    said = [word for name, group in groups.items() for word in (name, *group.merge)]
    firsts: dict[str, str] = {}
    for word in said:
        folded = " ".join(word.split()).casefold()
        if folded in firsts:
            first = shorten(firsts[folded])
            same = "" if first == word else f', as "{shorten(word)}" the second time'
            raise ValueError(f'"{first}" is named twice{same}; a group is part of one only')
        firsts[folded] = word
    return groups


def _in_their_order(groups: dict[str, Group]) -> list[tuple[str, dict[str, Any]]]:
    """Keep the order, which counts here, apart from all other maps of the YAML."""
    return [(name, group.model_dump()) for name, group in groups.items()]


Groups = Annotated[dict[str, Group], AfterValidator(_each_in_one), PlainSerializer(_in_their_order)]
"""Groups by name, in the order of the YAML."""
