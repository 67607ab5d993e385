"""What became of one channel or one programme, told step by step.

Made by `tvarr.pipeline.explain` and `tvarr.pipeline.airing`, printed by `tvarr.commands.explain`,
and answered as JSON by `tvarr.web.explain`. All texts are fit to be shown: addresses are cut
short, see `discreet`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from tvarr.expression.fields import SEPARATOR
from tvarr.logs import redact

if TYPE_CHECKING:
    from datetime import datetime

PICTURES = frozenset({"tvg_logo", "programme_icon"})
"""Fields whose addresses are told with their path, since a person wants to look at them."""

_ADDRESS = re.compile(r"(?i)([a-z][a-z0-9+.-]*://)(?:[^/\s\"'<>]*@)?([^/\s\"'<>?#|]*)([^\s\"'<>]*)")


def discreet(text: str, field: str = "") -> str:
    """Return a field's text without what may be a credential.

    Of an address only scheme and host are left; a picture's keeps its path.
    """
    text = text.replace(SEPARATOR, ", ")
    return redact(text if field in PICTURES else _ADDRESS.sub(_without_path, text))


def _without_path(address: re.Match[str]) -> str:
    scheme, host, rest = address.groups()
    return f"{scheme}{host}{'/…' if rest.strip('/') else rest}"


@dataclass(frozen=True)
class FieldText:
    """A field, or an attribute of the provider's own, and its text."""

    name: str
    text: str


@dataclass(frozen=True)
class Change:
    """What a rule did to a field; empty: nothing was or is there."""

    field: str
    before: str
    after: str


@dataclass(frozen=True)
class RuleTold:
    """A rule that matched."""

    name: str
    text: str
    """Its sentence in the canonical form."""
    changes: tuple[Change, ...]
    """In the order of the manual's fields; none: all was so already."""


@dataclass(frozen=True)
class FilterTold:
    """A filter and what it meant."""

    name: str
    verdict: Literal["include", "exclude"]
    text: str
    matched: bool
    kept: bool
    """Whether the row is in the selection after this filter."""


@dataclass(frozen=True)
class Steps:
    """The rules and filters that one row went through."""

    rules: tuple[RuleTold, ...]
    """Those that matched, in order."""
    unmatched: int
    """How many rules did not."""
    filters: tuple[FilterTold, ...]
    """All of them, in order."""
    kept: bool
    """What the filters come to; true where there is none."""


@dataclass(frozen=True)
class Beginning:
    """The provider's entry that a channel comes from."""

    source: str
    line: int | None
    """Where it stands in the provider's document, from 1."""
    name: str
    fields: tuple[FieldText, ...]
    """What the provider said, by the language's names; then attributes that have none."""


@dataclass(frozen=True)
class QualityTold:
    """What a channel says of its quality, see `tvarr.pipeline.quality`; None: nothing."""

    resolution: str | None
    hdr: str | None
    codec: str | None
    fps: str | None
    tier: str | None
    note: str | None
    why: str
    """Who says so."""


@dataclass(frozen=True)
class NumberTold:
    """A channel's number and why; None: it is not in the lineup."""

    number: str | None
    """7 or 5.1."""
    why: str


class Found(StrEnum):
    """How a guide knows a channel."""

    PINNED = "pinned"
    """By the YAML."""
    EXACT = "exact"
    ALIKE = "alike"
    """Letter case and blanks aside."""
    BASE = "base"
    """Country and quality aside."""
    NAME = "name"
    """A display-name is equal, once decoration is off."""
    SIMILAR = "similar"
    """A display-name is spelt much alike."""
    NONE = "none"
    UNREAD = "unread"
    """The guide has never been read, or its snapshot is lost."""


@dataclass(frozen=True)
class NearTold:
    """A guide channel that was not certain enough."""

    guide_channel: str
    display_name: str
    confidence: int
    """In percent."""
    why: str
    pin: str
    """The line that takes it, below `matching:` and `pins:` of the proxy."""


@dataclass(frozen=True)
class GuideTold:
    """What one guide has for a channel."""

    guide: str
    found: Found
    guide_channel: str | None
    programmes: int
    """Of all times."""
    why: str
    confidence: int | None = None
    """In percent; None: nothing was taken."""
    near: tuple[NearTold, ...] = ()
    """Where no guide knows the channel: what this one has that is near, the likeliest first."""
    taken: int | None = None
    """How many of the programmes the channel has from it, where several guides know it."""


@dataclass(frozen=True)
class GuidesTold:
    """The guides that were searched, in the proxy's order."""

    searched_for: str
    why: str
    guides: tuple[GuideTold, ...]


@dataclass(frozen=True)
class LogoTold:
    """A channel's logo and why."""

    address: str | None
    why: str


@dataclass(frozen=True)
class StreamTold:
    """One of the streams of an entry, with what it is compared by, see `schema.CANDIDATES`."""

    place: int
    """From 1, which plays first."""
    channel_id: str
    """Of the source's row."""
    source: str
    name: str
    quality: tuple[str, ...]
    joined_by: str
    """`tvarr.pipeline.entries.JoinedBy`."""
    why_joined: str
    why: str
    """Why it stands behind the one before it."""
    also: tuple[str, ...]
    """Further rows that have the very same stream."""
    healthy: bool
    allowed: bool
    confidence: int
    """In percent."""
    profile: int
    priority: int
    free_slots: int | None
    reliability: float | None
    bitrate: int | None


@dataclass(frozen=True)
class StreamsTold:
    """The streams of an entry that duplicates were merged into."""

    entry: str
    """Its channel id."""
    name: str
    place: int
    """That of the row that was asked for."""
    streams: tuple[StreamTold, ...]
    """In the order of playing."""


@dataclass(frozen=True)
class ChannelStory:
    """All that became of one channel."""

    proxy: str
    channel_id: str
    name: str
    """As it is after the rules."""
    beginning: Beginning
    quality: QualityTold
    steps: Steps
    in_lineup: bool
    published: bool
    """Whether number and lineup are those being served, or those of the next build."""
    number: NumberTold
    guide_id: str
    """The tvg-id that the outputs have."""
    guide: GuidesTold
    logo: LogoTold
    streams: StreamsTold | None = None
    """None: duplicates are kept, or it is in no entry."""


@dataclass(frozen=True)
class Airing:
    """One programme of one guide."""

    start: datetime
    stop: datetime | None
    title: str


@dataclass(frozen=True)
class GuideAiring:
    """What one guide has on at a moment, and what became of it."""

    guide: str
    guide_channel: str | None
    on: tuple[Airing, ...]
    chosen: bool
    why: str


@dataclass(frozen=True)
class ProgrammeStory:
    """What is on one channel at a moment, and why that."""

    proxy: str
    channel_id: str
    name: str
    at: datetime
    in_lineup: bool
    """Whether the channel is; the programmes of a channel that is not are in no output."""
    on: Airing | None
    """As it is after the rules; None: no guide has anything."""
    guides: tuple[GuideAiring, ...]
    """In the proxy's order."""
    beginning: tuple[FieldText, ...]
    """What the guide says of the programme."""
    steps: Steps
    why: str


@dataclass(frozen=True)
class Candidate:
    """A channel that a name may mean."""

    channel_id: str
    source: str
    name: str
    provider_name: str
    tvg_id: str
    group: str
