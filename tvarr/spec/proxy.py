"""Proxies: which sources and guides become one playlist and one guide."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field

from tvarr.spec.values import Declared, Duration, Name


class Numbering(Declared):
    """How channel numbers are given."""

    mode: Literal["sequential"] = "sequential"
    start: int = Field(default=1, ge=1)


class GuideWindow(Declared):
    """How much of the guide is written, seen from the time of the build."""

    past: Duration = timedelta(days=1)
    future: Duration = timedelta(days=7)


class Proxy(Declared):
    """One playlist with its guide."""

    sources: tuple[Name, ...]
    epg: tuple[Name, ...] = ()
    numbering: Numbering = Numbering()
    guide: GuideWindow = GuideWindow()
    outputs: tuple[Literal["m3u", "xmltv"], ...] = ("m3u", "xmltv")
    delivery: Literal["direct"] = "direct"
