"""What is fetched: sources, where channels come from, and guides, where programmes come from."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from tvarr.spec.addresses import HeaderName, HeaderValue, Line, Url
from tvarr.spec.declared import Declared
from tvarr.spec.values import Duration, Refresh, Schedule, Size, Timezone, sized, within

Address = Annotated[
    Url,
    Field(
        description="The address: http, https, file: or a path relative to the YAML file."
        " It may hold credentials, so it is never shown."
    ),
]
Refreshed = Annotated[
    Refresh,
    Field(description='How often it is fetched: an interval (6h) or a cron line ("15 4 * * *").'),
]
Timeout = Annotated[
    Duration,
    within("1s", "10m"),
    Field(description="For connecting and for each wait on the network, not for all of it."),
]
MaxSize = Annotated[
    Size,
    sized("1KiB", "64GiB"),
    Field(description="The largest document that is taken, before and after decompression."),
]


class Fetched(Declared):
    """What every resource that is fetched from elsewhere may say."""

    url: Address
    refresh: Refreshed
    timeout: Timeout
    max_size: MaxSize

    user_agent: Line | None = None
    """The name that the provider is told; without it, tvarr's own."""

    headers: dict[HeaderName, HeaderValue] = Field(default_factory=dict)
    """HTTP headers sent along, such as a token."""

    verify_tls: bool = True
    """Whether the certificate of an https address must be valid."""


class M3uSource(Fetched):
    """A playlist."""

    kind: Literal["m3u"] = Field(examples=["m3u"])
    """The kind of source: m3u is a playlist."""

    url: Address = Field(examples=["https://example.org/uk.m3u"])
    refresh: Refreshed = Schedule(every=timedelta(hours=6))
    timeout: Timeout = timedelta(seconds=30)
    max_size: MaxSize = 256 * 2**20


Source = M3uSource  # a union discriminated by `kind` once there are several


class XmltvGuide(Fetched):
    """A guide in XMLTV."""

    kind: Literal["xmltv"] = Field(examples=["xmltv"])
    """The kind of guide: xmltv is an XMLTV document."""

    url: Address = Field(examples=["https://example.org/uk.xml.gz"])
    refresh: Refreshed = Schedule(every=timedelta(hours=12))
    timeout: Timeout = timedelta(seconds=60)
    max_size: MaxSize = 4 * 2**30

    timezone: Timezone = "UTC"
    """IANA name of the time zone of times that are given without one, such as Europe/London."""


Guide = XmltvGuide
