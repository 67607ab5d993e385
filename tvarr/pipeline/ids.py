"""What a channel's id says besides its brand: `BBCOne.uk@HD` is `bbcone`, United Kingdom, HD.

Used by `tvarr.pipeline.guide_ids`, `called` and `spelling`. Ids of the form `Name.cc@Feed` are
those of iptv-org (https://github.com/iptv-org/database); others end in `.cc`, `-HD` or nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from tvarr.pipeline.countries import CODES, NAMES, WORDS, plain

_QUALITY: Final = frozenset(("sd", "hd", "fhd", "uhd", "4k", "8k"))
_SEPARATED: Final = re.compile(r"(?i)[-_. ](sd|hd|fhd|uhd|4k|8k)$")
_LAST: Final = frozenset("dDkK")
"""What each of these ends with."""
_LETTER: Final = re.compile(r"[^\W\d_]")
_JOINED: Final = re.compile(r"(?<=[a-z0-9])(SD|HD|FHD|UHD)$")

_CODES: Final = CODES | {"gb"}
_FEED_QUALITY: Final = re.compile(r"(?<=[A-Za-z])(SD|HD|FHD|UHD|4K)$")
_LAST_WORD: Final = re.compile(r"(?<=.)([A-Z][a-z]{4,})$")


class Id(NamedTuple):
    """What an id says."""

    base: str
    """Without country and quality, letter case and blanks around; empty: it has no brand."""
    country: str | None
    quality: str


@lru_cache(maxsize=100_000)
def read_id(text: str) -> Id:
    """Return what an id says; a brand is never stripped to nothing."""
    given, at, feed = text.strip()[:200].partition("@")
    quality, rest = "", at + feed.casefold()
    if rest[1:] in _QUALITY:
        quality, rest = rest[1:], ""
    given, quality = _without_quality(given, quality)
    given, country = _without_country(given)
    given, quality = _without_quality(given, quality)
    base = given.casefold().strip()
    if len(base) < 2 or not _LETTER.search(base):
        return Id("", country, quality)
    return Id(base + rest, country, quality)


@lru_cache(maxsize=100_000)
def edition_of(text: str) -> str | None:
    """Return whom this edition is for: a country's code or a language, None where none is told.

    `Catfish.de@FR` and `WeatherSpy.us@Poland` are for countries, `France24English.fr` is in a
    language. `SD` is no country here, nor is where the channel itself is at home.
    """
    given, _, feed = text.strip()[:200].partition("@")
    brand, home = _without_country(given)
    said = _FEED_QUALITY.sub("", feed)
    found = _meant(said) if said.casefold() not in _QUALITY else None
    if found is None and (word := _LAST_WORD.search(_JOINED.sub("", brand))):
        found = _meant(word[1])
    return None if found == home else found


def _meant(word: str) -> str | None:
    """Return the country or language that a word is: `FR`, `Poland`, `CzechRepublic`, `English`."""
    if word.isupper() and len(word) == 2 and word.casefold() in _CODES:
        return NAMES.get(word.casefold(), word.casefold())
    folded = plain(word)
    spaced = plain(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", word))
    if len(folded) > 2 and (code := NAMES.get(folded) or NAMES.get(spaced)):
        return code
    return folded if folded in WORDS else None


def _without_quality(text: str, quality: str) -> tuple[str, str]:
    if text[-1:] not in _LAST:
        return text, quality
    found = _SEPARATED.search(text) or _JOINED.search(text)
    if not found or found.start() < 2:
        return text, quality
    return text[: found.start()], quality or found[1].casefold()


def _without_country(text: str) -> tuple[str, str | None]:
    brand, dot, last = text.rpartition(".")
    code = last.casefold()
    if not dot or code not in _CODES or not brand:
        return text, None
    return brand, NAMES.get(code, code)
