"""Proxies: which sources and guides become one playlist and one guide."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from tvarr.spec.declared import Declared
from tvarr.spec.sentences import Selection
from tvarr.spec.values import Duration, EachOnce, within

Output = Literal["m3u", "xmltv"]


class Numbering(Declared):
    """How channel numbers are given."""

    mode: Literal["sequential"] = "sequential"
    """`sequential`: one after the other, in the order of the lineup."""

    start: int = Field(default=1, ge=1, le=1_000_000)
    """The number of the first channel."""


class GuideWindow(Declared):
    """How much of the guide is written, seen from the time of the build."""

    past: Annotated[Duration, within("0s", "30d")] = timedelta(days=1)
    """How far back programmes are kept."""

    future: Annotated[Duration, within("0s", "30d")] = timedelta(days=7)
    """How far ahead programmes are written."""


class Proxy(Declared):
    """One playlist with its guide."""

    sources: Annotated[tuple[str, ...], Field(min_length=1), EachOnce] = Field(
        examples=["[freeview]"]
    )
    """Names of the sources whose channels it has; the order is their priority."""

    epg: Annotated[tuple[str, ...], EachOnce] = ()
    """Names of the guides that its programmes come from; the order is their priority."""

    rules: Annotated[tuple[str, ...], EachOnce] = ()
    """Names of the rules that change its channels and programmes, in their order."""

    filters: tuple[Selection, ...] = ()
    """What it includes and excludes, by names of filters; they work down the list."""

    numbering: Numbering = Numbering()
    """How channel numbers are given."""

    guide: GuideWindow = GuideWindow()
    """How much of the guide is written."""

    outputs: Annotated[tuple[Output, ...], Field(min_length=1), EachOnce] = ("m3u", "xmltv")
    """What is published: playlist.m3u, guide.xml, or both."""

    delivery: Literal["direct"] = "direct"
    """How players get a stream: `direct` writes the provider's own stream URLs."""
