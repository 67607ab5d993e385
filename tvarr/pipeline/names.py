"""What a channel's name says: its brand, and the facts that tell it from its neighbours.

Used by `tvarr.pipeline.match` for the lineup's names and the guides'. "UK: BBC One +1 FHD" is the
brand `bbc` with the number 1, one hour late, from the United Kingdom, in HD. Two names mean one
channel only if all of these agree; how much of the brand must, is decided there.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

from tvarr.pipeline import countries

LONGEST = 200
"""Letters of a name that are looked at."""

GENERIC: Final = frozenset(("the", "tv", "channel", "network"))
"""Words that one provider writes and the other does not."""

_DIRECTIONS_TEXT: Final = """
east west north south pacific atlantic mountain central eastern western northern southern
northeast northwest southeast southwest nord sud ost est ouest norte sur sul este oeste
"""
_DIRECTIONS: Final = frozenset(_DIRECTIONS_TEXT.split())
_EDITIONS: Final = _DIRECTIONS | countries.WORDS | countries.NAME_WORDS
_COMMON_TEXT: Final = """
news sport sports movie movies music film films kids cinema comedy action drama classic classics
family live radio city nature travel food game games one two plus
"""
_COMMON: Final = frozenset(_COMMON_TEXT.split())
"""No brand is made of these alone, so that nothing generic is taken away beside them."""
_SPELT: Final = "one two three four five six seven eight nine ten eleven twelve"
_SAME: Final = {"+": "plus", "television": "tv", "ch": "channel"} | {
    word: str(number) for number, word in enumerate(_SPELT.split(), start=1)
}

_SMALL_CAPITALS: Final = str.maketrans("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz")
_DECORATION: Final = re.compile(r"[™®©℠\u24b6-\u24e9\U0001f100-\U0001faff\u2190-\u2bff\ufe0f]")
_PREFIX: Final = re.compile(r"^\W*([A-Za-z]{2,3})\s*(?:[\]|):★✦•●▎┃]+|\s[-\u2013]\s)\s*(?=\S)")
_NO_PREFIX: Final = frozenset({"tv", "sd", "fm"})
_BRACKETS: Final = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}]")
_OPENING: Final = frozenset("([{")
_NOTES: Final = frozenset(
    ("geo-blocked", "geo blocked", "not 24/7", "24/7", "offline", "backup", "multi-audio")
)
_TRAILING: Final = re.compile(r"\s(US|USA|UK|GB|CA|AU|NZ|IE|DE|FR|ES|NL|BR|MX)\s*$")
_QUALITY: Final = re.compile(
    r"(?<![\w.])(?:(?P<uhd>uhd|4k|8k|ultra ?hd|2160[pi])|(?P<hd>f?hd|full ?hd|qhd|(?:720|1080|1440)"
    r"[pi])|(?P<sd>sd|lq|\d{3,4}[pi])|hevc|[hx]\.?26[45]|hdr(?:10)?|\d\d ?fps)(?!\w)"
)
_MAYBE_QUALITY: Final = re.compile(r"\d|[hs]d|hevc|lq")
"""What is quick to look for, and in each of the above."""
_SHIFT: Final = re.compile(
    r"(?<=[^\W\d_])(?P<brand>[^+]*?)(?:\+ ?|\bplus ?)(?P<hours>\d{1,2})"
    r"(?: ?(?:h|hr|hrs|hour|hours))?(?![\w+])"
)
_ASCII_WORD: Final = re.compile(r"[a-z]+|\d+|\+")
_WORD: Final = re.compile(r"(?:[^\W\d_]|[\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f])+|\d+|\+")


class Name(NamedTuple):
    """What one name says."""

    key: str
    """All words without blanks between them; equal keys are one spelling."""
    core: str
    """The words that are not generic, likewise."""
    words: tuple[str, ...]
    """The words of the core."""
    generic: frozenset[str]
    """The generic words."""
    guard: str
    """Numbers, hours late, directions, languages and countries in words: must be equal."""
    country: str | None
    """What stands before the name, or its flag; None: nothing does."""
    edition: str | None
    """The country that stands behind the name, which a channel of another one may have too."""
    quality: str
    """`uhd`, `hd`, `sd` or nothing."""
    branded: bool
    """Whether the core is a brand, not made of common words alone."""


@lru_cache(maxsize=100_000)
def read_name(text: str) -> Name | None:
    """Return what a name says; None where it has no letter."""
    country, text = _country(text[:LONGEST])
    edition, text = _edition(text)
    folded, noted = _without_notes(_folded(text))
    bare, quality = _without_quality(folded)
    bare, hours = _without_shift(bare)
    found = (_ASCII_WORD if bare.isascii() else _WORD).findall(bare)
    words = [_SAME.get(word, word).lstrip("0") or "0" for word in found]
    if all(word.isdigit() for word in words):
        return None
    return _name(words, hours, country, edition or noted, quality)


def _name(
    words: list[str], hours: str, country: str | None, edition: str | None, quality: str
) -> Name:
    numbers = [word for word in words if word.isdigit()]
    editions = sorted(_EDITIONS.intersection(words))
    generic = GENERIC.intersection(words)
    core = tuple([word for word in words if word not in generic] if generic else words)
    if len(core) == len(numbers):
        core, generic = tuple(words), frozenset()
    brand = "".join([word for word in core if word not in _COMMON and word not in numbers])
    together = "".join(core)
    return Name(
        key="".join(words) if generic else together,
        core=together,
        words=core,
        generic=generic,
        guard=f"{','.join(numbers)};{hours};{','.join(editions)}",
        country=country,
        edition=edition,
        quality=quality,
        branded=len(brand) >= 3 and len(together) >= 4,
    )


def _country(text: str) -> tuple[str | None, str]:
    """Return the country that a prefix or a flag tells, and what is left."""
    flag = None if text.isascii() else countries.of_flag(text)
    found = _PREFIX.match(text)
    if found and found[1].lower() not in _NO_PREFIX and (code := countries.code_of(found[1])):
        return code, text[found.end() :]
    return flag, text


def _edition(text: str) -> tuple[str | None, str]:
    last = _TRAILING.search(text[-6:]) and _TRAILING.search(text)
    if not last:
        return None, text
    return countries.code_of(last[1]), text[: last.start()]


def _folded(text: str) -> str:
    """Return lower case without accents or decoration; superscripts become plain letters."""
    if text.isascii():
        return text.lower().replace("'", "").replace("`", "").replace("&", " and ")
    text = _DECORATION.sub(" ", text).translate(_SMALL_CAPITALS)
    folded = unicodedata.normalize("NFKC", text).casefold()
    folded = re.sub(r"[\u0300-\u036f]", "", unicodedata.normalize("NFD", folded))
    folded = unicodedata.normalize("NFC", folded)
    return re.sub(r"['`\u2019]", "", folded).replace("&", " and ")


def _without_notes(text: str) -> tuple[str, str | None]:
    """Take out brackets with a note or a country; return the country."""
    country = None
    if not _OPENING.intersection(text):
        return text, None

    def judge(brackets: re.Match[str]) -> str:
        nonlocal country
        inside = brackets[1].strip()
        if inside in _NOTES or not inside:
            return " "
        code = countries.code_of(inside)
        if code:
            country = code
            return " "
        return f" {inside} "

    return _BRACKETS.sub(judge, text), country


def _without_quality(text: str) -> tuple[str, str]:
    """Take out what speaks of the picture, unless no letter would be left."""
    if not _MAYBE_QUALITY.search(text) or not _QUALITY.search(text):
        return text, ""
    found = {kind for match in _QUALITY.finditer(text) if (kind := match.lastgroup)}
    bare = _QUALITY.sub(" ", text)
    if not re.search(r"[^\W\d_]", bare):
        return text, ""
    return bare, next((kind for kind in ("uhd", "hd", "sd") if kind in found), "")


def _without_shift(text: str) -> tuple[str, str]:
    """Take out `+1`, `+24h` or `plus 1` at the end; "1+1" is a brand and stays."""
    found = ("+" in text or "plus" in text) and _SHIFT.search(text)
    if not found:
        return text, ""
    rest = text[: found.start()] + found["brand"] + " " + text[found.end() :]
    return rest, f"+{int(found['hours'])}"
