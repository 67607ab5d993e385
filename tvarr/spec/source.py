"""The kinds of sources: where channels come from."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from tvarr.spec import plugins
from tvarr.spec.addresses import (
    HeaderName,
    HeaderValue,
    HostUrl,
    Line,
    PanelUrl,
    PictureUrl,
    SecretLine,
    StreamUrl,
)
from tvarr.spec.declared import Declared
from tvarr.spec.fetched import (
    Addressed,
    MaxSize,
    MaybeAddress,
    Refreshed,
    Remote,
    Scheduled,
    Timeout,
)
from tvarr.spec.guide import GuideOfSource, LinkedGuide
from tvarr.spec.kinds import ByKind, OrWord
from tvarr.spec.values import ChannelNumber, EachOnce, Schedule

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_CHANNELS = 10_000
"""Of one manual source."""

MaybePanel = Annotated[
    PanelUrl | None,
    Field(description="The panel's address: http or https, host and port. It is never shown."),
]
Panels = Annotated[
    tuple[PanelUrl, ...],
    EachOnce,
    Field(min_length=1, max_length=100, description="Several hosts, in the place of `url`."),
]
GuideOfItsOwn = Annotated[
    GuideOfSource | None,
    OrWord(
        {"auto": GuideOfSource(), "none": None},
        otherwise="a guide with an address of its own is declared under epg:",
    ),
    Field(
        description="Whether its provider's guide is taken, under the name of the source: `auto`"
        " or `none`; a map takes it, too, and says how."
    ),
]


class M3uSource(Addressed):
    """A playlist."""

    kind: Literal["m3u"] = Field(examples=["m3u"])
    """The kind of source: m3u is a playlist."""

    url: MaybeAddress = Field(default=None, examples=["https://example.org/uk.m3u"])
    refresh: Refreshed = Schedule(every=timedelta(hours=6))
    timeout: Timeout = timedelta(seconds=30)
    max_size: MaxSize = 256 * 2**20

    combine: Literal["join", "mirrors"] = "join"
    """Several `urls` are parts of one list (`join`), or the same list at several places."""

    guide: GuideOfItsOwn = None


class XtreamSource(Addressed):
    """An account of a provider with an Xtream Codes panel."""

    kind: Literal["xtream"] = Field(examples=["xtream"])
    """The kind of source: xtream is an account at a panel."""

    url: MaybePanel = Field(default=None, examples=["http://tv.example.org:8080"])
    urls: Panels = ()
    refresh: Refreshed = Schedule(every=timedelta(hours=6))
    timeout: Timeout = timedelta(seconds=30)
    max_size: MaxSize = 256 * 2**20

    username: SecretLine = Field(examples=["!secret provider_user"])
    """The account's user; never shown."""

    password: SecretLine = Field(examples=["!secret provider_password"])
    """The account's password; never shown."""

    connections: int | None = Field(default=None, ge=1, le=1000)
    """Streams that may run at once; without it, what the account allows."""

    content: Annotated[
        tuple[Literal["live", "vod", "series"], ...], Field(min_length=1), EachOnce
    ] = ("live", "vod", "series")
    """What is taken of the account."""

    stream_format: Literal["ts", "m3u8"] = "ts"
    """How live streams are asked for: MPEG-TS or HLS."""

    guide: GuideOfItsOwn = None


class ManualChannel(Declared):
    """One channel that is declared in the YAML itself."""

    name: Line = Field(examples=["Front door"])
    """What it is called."""

    url: StreamUrl = Field(examples=['"rtsp://camera.lan/1"'])
    """The address of its stream, such as http, rtsp or udp; it may hold credentials."""

    backup_urls: Annotated[tuple[StreamUrl, ...], Field(max_length=20), EachOnce] = ()
    """Addresses of the same stream elsewhere, best one first, for when the first one fails."""

    group: Line | None = None
    """The group it belongs to."""

    logo: PictureUrl | None = None
    """The address of its picture."""

    number: ChannelNumber | None = None
    """Its number, such as 7 or 5.1."""

    tvg_id: Line | None = None
    """Its id in the guide."""

    headers: dict[HeaderName, HeaderValue] = Field(default_factory=dict)
    """HTTP headers that its stream wants, such as a Referer."""


class ManualSource(Declared):
    """Channels that are declared in the YAML itself."""

    kind: Literal["manual"] = Field(examples=["manual"])
    """The kind of source: manual lists its channels here."""

    enabled: bool = True
    """With `false` it takes part in no proxy."""

    channels: Annotated[
        tuple[ManualChannel, ...], Field(min_length=1, max_length=MOST_CHANNELS)
    ] = Field(examples=['[{name: Front door, url: "rtsp://camera.lan/1"}]'])
    """The channels, in their order."""


class HdhomerunSource(Remote):
    """A tuner of the HDHomeRun family, or a program that behaves like one."""

    kind: Literal["hdhomerun"] = Field(examples=["hdhomerun"])
    """The kind of source: hdhomerun is a tuner in the house."""

    address: HostUrl = Field(examples=["192.168.1.20"])
    """Its address: a host, with a port if it is not 80, or http://host:port."""

    refresh: Refreshed = Schedule(every=timedelta(hours=24))
    timeout: Timeout = timedelta(seconds=10)
    max_size: MaxSize = 16 * 2**20


class FilesSource(Scheduled):
    """A folder of films and episodes on this machine."""

    kind: Literal["files"] = Field(examples=["files"])
    """The kind of source: files is a folder of media files."""

    path: Line = Field(examples=["/media/films"])
    """The folder, with all folders in it; relative to the YAML file, or from ~."""

    refresh: Refreshed = Schedule(every=timedelta(hours=1))


Source = Annotated[
    M3uSource | XtreamSource | ManualSource | HdhomerunSource | FilesSource,
    ByKind(
        "source",
        M3uSource,
        XtreamSource,
        ManualSource,
        HdhomerunSource,
        FilesSource,
        more=plugins.readers,
    ),
]


def declared_connections(sources: Mapping[str, Source]) -> dict[str, int]:
    """Return how many streams may run at once, by source, of those whose declaration says it."""
    return {
        name: source.connections
        for name, source in sources.items()
        if isinstance(source, XtreamSource) and source.connections is not None
    }


WITH_GUIDE = ("m3u", "xtream")
"""Kinds of sources whose providers may have a guide."""


def guide_of(name: str, source: Source) -> LinkedGuide | None:
    """Return the guide that comes with the source `name`, if its declaration wants it."""
    if not isinstance(source, M3uSource | XtreamSource) or source.guide is None:
        return None
    shared = ("timeout", "user_agent", "headers", "verify_tls", "enabled", "on_shrink")
    return LinkedGuide(
        source=name,
        **{field: getattr(source, field) for field in shared},
        **{field: getattr(source.guide, field) for field in type(source.guide).model_fields},
    )
