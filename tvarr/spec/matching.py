"""How a channel's programmes are found, and what stands in the place of missing ones."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Final

from pydantic import Field, field_validator

from tvarr.spec.declared import Declared, did_you_mean, refuse_one_name_twice, shorten
from tvarr.spec.values import Duration, Percent, within

FILLED_IN: Final = ("channel", "start", "stop")
"""What a made-up programme can say, in braces."""


class Matching(Declared):
    """How a channel's guide channels are found."""

    threshold: Percent = 90
    """How certain a guide channel must be to be taken; what is less so is listed as a near miss."""

    pins: Annotated[dict[str, str], Field(max_length=10_000)] = Field(default_factory=dict)
    """Guide channel ids by a channel's name or channel id; `""`: none at all."""

    @field_validator("pins")
    @classmethod
    def _once(cls, pins: dict[str, str]) -> dict[str, str]:
        refuse_one_name_twice(pins)
        return pins


class DummyProgramme(Declared):
    """What stands in the guide of a channel without programmes."""

    title: Annotated[str, Field(min_length=1, max_length=500)] = "{channel}"
    """The title; {channel}, {start} and {stop} are filled in, times in UTC."""

    description: Annotated[str, Field(max_length=5_000)] | None = None
    """The description, filled in likewise; without one there is none."""

    block: Annotated[Duration, within("5m", "1d")] = timedelta(hours=4)
    """How long one programme is; they begin at multiples of it since midnight UTC."""

    @field_validator("title", "description")
    @classmethod
    def _is_filled_in(cls, text: str | None) -> str | None:
        """Refuse `{chanel}`; other words in braces stay as they are."""
        for word in re.findall(r"\{([A-Za-z_]+)\}", text or ""):
            meant = did_you_mean(word, FILLED_IN)
            if meant and word not in FILLED_IN:
                raise ValueError(f'"{{{shorten(word)}}}" is not filled in{meant}')
        return text

    @field_validator("block")
    @classmethod
    def _fits_a_day(cls, block: timedelta) -> timedelta:
        if timedelta(days=1) % block:
            raise ValueError("a day must be made of whole blocks, like 30m, 2h, 4h or 1d")
        return block
