"""Proxies: which sources and guides become one playlist and one guide."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from tvarr.spec.declared import Declared
from tvarr.spec.lineup import Groups, Key, Numbering
from tvarr.spec.matching import DummyProgramme, Matching
from tvarr.spec.quality import Quality
from tvarr.spec.sentences import Selection
from tvarr.spec.values import Duration, EachOnce, within

Output = Literal["m3u", "xmltv"]
Logos = Literal["cache", "link", "none"]


class GuideWindow(Declared):
    """How much of the guide is written, and what of a channel without programmes."""

    past: Annotated[Duration, within("0s", "30d")] = timedelta(days=1)
    """How far back programmes are kept."""

    future: Annotated[Duration, within("0s", "30d")] = timedelta(days=7)
    """How far ahead programmes are written."""

    fill: Literal["none", "dummy"] = "none"
    """`dummy`: a channel without programmes gets some that say what it is."""

    dummy: DummyProgramme = DummyProgramme()
    """What these say."""


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

    matching: Matching = Matching()
    """How its channels' guide channels are found."""

    duplicates: Literal["keep", "merge"] = "keep"
    """`merge`: several streams of one channel are one entry, and the best of them plays first."""

    quality: Quality = Quality()
    """Which of them is the best."""

    order: Annotated[tuple[Key, ...], Field(min_length=1), EachOnce] = ("source",)
    """The order of its channels: by the first, and what is equal by that by the next."""

    groups: Groups = Field(default_factory=dict, max_length=10_000)
    """What becomes of groups, by name; their order is the lineup's order of groups."""

    guide: GuideWindow = GuideWindow()
    """How much of the guide is written, and what of a channel without programmes."""

    outputs: Annotated[tuple[Output, ...], Field(min_length=1), EachOnce] = ("m3u", "xmltv")
    """What is published: playlist.m3u, guide.xml, or both."""

    logos: Logos = "link"
    """How players get the channels' logos: `link` writes the provider's own addresses, `cache`
    those of pictures that tvarr keeps, `none` writes no logo."""

    logo_size: int = Field(default=256, ge=64, le=512)
    """The square in pixels that a kept picture fits."""

    logo_originals: bool = False
    """Whether kept pictures are kept as they came as well, beside what is made of them."""

    delivery: Literal["direct"] = "direct"
    """How players get a stream: `direct` writes the provider's own stream URLs."""
