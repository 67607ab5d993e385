"""The kinds of guides: where programmes come from."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from tvarr.spec.declared import Declared
from tvarr.spec.fetched import Addressed, MaxSize, MaybeAddress, Refreshed, Remote, Timeout
from tvarr.spec.kinds import ByKind
from tvarr.spec.values import Duration, Name, Offset, Schedule, Timezone, within


class GuideTime(Declared):
    """How a guide's times are read, and how long its programmes are kept."""

    timezone: Timezone = "UTC"
    """IANA name of the time zone of times that are given without one, such as Europe/London."""

    shift: Offset = timedelta()
    """What is added to every time, such as 1h or -30m, where a provider's clock is wrong."""

    retention: Annotated[Duration, within("0s", "30d")] = timedelta(days=1)
    """How long programmes of the past are kept that the provider no longer lists, for catch-up."""


class XmltvGuide(Addressed, GuideTime):
    """A guide in XMLTV."""

    kind: Literal["xmltv"] = Field(examples=["xmltv"])
    """The kind of guide: xmltv is an XMLTV document."""

    url: MaybeAddress = Field(default=None, examples=["https://example.org/uk.xml.gz"])
    refresh: Refreshed = Schedule(every=timedelta(hours=12))
    timeout: Timeout = timedelta(seconds=60)
    max_size: MaxSize = 4 * 2**30

    combine: Literal["join", "mirrors"] = "join"
    """Several `urls` are parts of one guide (`join`), or the same guide at several places."""


class LinkedGuide(Remote, GuideTime):
    """The guide that comes with a source; made from its `guide:`, not written by anybody."""

    kind: Literal["linked"] = "linked"

    source: Name
    """The source whose provider, account and headers it shares."""

    refresh: Refreshed = Schedule(every=timedelta(hours=12))
    timeout: Timeout = timedelta(seconds=60)
    max_size: MaxSize = 4 * 2**30


class GuideOfSource(GuideTime):
    """What may be said of the guide that comes with a source."""

    refresh: Refreshed = Schedule(every=timedelta(hours=12))
    max_size: MaxSize = 4 * 2**30


Guide = Annotated[XmltvGuide, ByKind("guide", XmltvGuide)]
