"""Sources: where channels come from. This slice knows M3U playlists."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tvarr.spec.values import Declared, Duration, Schedule, Secret, Size


class Fetched(Declared):
    """What every resource that is fetched from elsewhere may say."""

    url: Secret
    """http, https, file: or a path relative to the YAML. May hold credentials, so it has no repr."""
    refresh: Schedule
    user_agent: str | None = None
    headers: dict[str, Secret] = {}
    timeout: Duration
    """For connecting and for each wait on the network, not for the whole transfer."""
    max_size: Size
    """Of the decompressed document."""
    verify_tls: bool = True


class M3uSource(Fetched):
    """A playlist."""

    kind: Literal["m3u"]


Source = M3uSource  # a union discriminated by `kind` once there are several


class XmltvGuide(Fetched):
    """A guide in XMLTV."""

    kind: Literal["xmltv"]
    timezone: str = Field(default="UTC")
    """IANA name of the zone for times that come without one."""


Guide = XmltvGuide
