"""What is on: a schedule without gaps for every channel with a guide, and the XMLTV document of it.

The provider serves `document`; `pictures` asks `on_air` for the panel, so that the picture and the
guide agree. A schedule is a pure function of channel and day: the guide fetched an hour later says
the same about the hours that both cover.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from itertools import count

from lxml import etree

from tvarr.demo.lineup import CHANNELS, Channel
from tvarr.demo.shows import SHOWS, Show

PAST = timedelta(hours=12)
FUTURE = timedelta(hours=48)
_SEASON = 12
"""Episodes in a season."""
_ZONES = {"en": UTC, "fr": timezone(timedelta(hours=1))}
"""In which zone a channel's times are written: real guides mix them too."""


@dataclass(frozen=True)
class Programme:
    """One show at one time."""

    show: Show
    start: datetime
    stop: datetime
    number: int
    """Counts the broadcasts of the channel from the first day; seasons and episodes follow it."""

    @property
    def subtitle(self) -> str:
        """Return the episode's title; empty if the show has no episodes."""
        episodes = self.show.episodes
        return episodes[self.number % len(episodes)] if episodes else ""

    @property
    def season_and_episode(self) -> tuple[int, int]:
        """Return both, counted from zero."""
        return self.number // _SEASON % 9, self.number % _SEASON


@lru_cache(maxsize=64)
def schedule(channel: Channel, day: date) -> tuple[Programme, ...]:
    """Return what the channel shows on that day in UTC, from midnight to midnight without a gap.

    Every day begins with another show. The last programme ends at midnight, shortened if need be.
    Empty for a channel without a guide.
    """
    shows = SHOWS.get(channel.slug, ())
    start = datetime.combine(day, time.min, UTC)
    midnight = start + timedelta(days=1)
    programmes: list[Programme] = []
    for number in count(day.toordinal() * 3):
        if start >= midnight or not shows:
            break
        show = shows[number % len(shows)]
        stop = min(start + timedelta(minutes=show.minutes), midnight)
        programmes.append(Programme(show, start, stop, number))
        start = stop
    return tuple(programmes)


def programmes(channel: Channel, start: datetime, stop: datetime) -> list[Programme]:
    """Return what overlaps that time, in order."""
    start, stop = start.astimezone(UTC), stop.astimezone(UTC)
    days = (stop.date() - start.date()).days + 1
    return [
        programme
        for offset in range(days)
        for programme in schedule(channel, start.date() + timedelta(days=offset))
        if programme.stop > start and programme.start < stop
    ]


def on_air(channel: Channel, at: datetime) -> Programme | None:
    """Return the programme that is on at that moment; None for a channel without a guide."""
    at = at.astimezone(UTC)  # before adding: local time goes back once a year
    return next(iter(programmes(channel, at, at + timedelta(microseconds=1))), None)


@lru_cache(maxsize=2)
def compressed_document(base_url: str, hour: datetime) -> bytes:
    """Return the guide around that hour as `.xml.gz`; the same bytes for the same arguments."""
    return gzip.compress(document(base_url, hour), mtime=0)


def document(base_url: str, now: datetime) -> bytes:
    """Return the XMLTV document for twelve hours before `now` to two days after it.

    Element order is that of the DTD, https://github.com/XMLTV/xmltv/blob/master/xmltv.dtd
    """
    root = etree.Element("tv", {"generator-info-name": "the tvarr demonstration"})
    guided = [channel for channel in CHANNELS if channel.guide_id]
    for channel in guided:
        root.append(_channel(channel, base_url))
    for channel in guided:
        for programme in programmes(channel, now - PAST, now + FUTURE):
            root.append(_programme(channel, programme, base_url))
    return etree.tostring(
        root,
        encoding="UTF-8",
        xml_declaration=True,
        pretty_print=True,
        doctype='<!DOCTYPE tv SYSTEM "xmltv.dtd">',
    )


def _channel(channel: Channel, base_url: str) -> etree._Element:
    element = etree.Element("channel", {"id": channel.guide_id})
    _add(element, "display-name", channel.name, lang=channel.language)
    _add(element, "icon", src=f"{base_url}/logos/{channel.slug}.png")
    return element


def _programme(channel: Channel, programme: Programme, base_url: str) -> etree._Element:
    show, language = programme.show, channel.language
    element = etree.Element(
        "programme",
        {
            "start": _stamp(programme.start, language),
            "stop": _stamp(programme.stop, language),
            "channel": channel.guide_id,
        },
    )
    _add(element, "title", show.title, lang=language)
    if programme.subtitle:
        _add(element, "sub-title", programme.subtitle, lang=language)
    _add(element, "desc", show.about, lang=language)
    if show.host:
        _add(_add(element, "credits"), "presenter", show.host)
    _add(element, "category", show.category, lang=language)
    _add(element, "icon", src=f"{base_url}/logos/{channel.slug}.png")
    if show.episodes:
        season, episode = programme.season_and_episode
        _add(element, "episode-num", f"{season}.{episode}.", system="xmltv_ns")
        _add(element, "episode-num", f"S{season + 1:02}E{episode + 1:02}", system="onscreen")
    return element


def _add(
    parent: etree._Element, tag: str, text: str | None = None, **attributes: str
) -> etree._Element:
    child = etree.SubElement(parent, tag, attributes)
    child.text = text
    return child


def _stamp(moment: datetime, language: str) -> str:
    return moment.astimezone(_ZONES[language]).strftime("%Y%m%d%H%M%S %z")
