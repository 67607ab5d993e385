"""One #EXTINF line: how long, which attributes, what name.

    #EXTINF:-1 tvg-id="bbc1.uk" group-title="News, UK",BBC One, London

Called by `tvarr.ingest.entries`, and by `tvarr.ingest.m3u` for the attributes of #EXTM3U. Quotes
may be double, single or missing, and the name may hold commas and quotes itself. What the
attributes mean is left to others.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

SHAPES: Final = 4096
"""Different sequences of attribute names that are remembered."""

# names are bounded, so that no line costs more than 64 steps a character
_NAME = r"""[^\s=,"']{1,64}"""
_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"
_LEAD = re.compile(rf"#EXTINF:({_NUMBER})[ \t]++({_NAME})=")
_NEXT = re.compile(rf"[ \t]*+({_NAME})=")
_DURATION = re.compile(rf"#EXTINF\s*+:?\s*+({_NUMBER})?", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    rf"""\s*+({_NAME})\s{{0,8}}+=(?:
        \s{{0,8}}+"([^"]*+)"
      | \s{{0,8}}+'((?:[^'] | '(?![\s,]|$))*+)'
      | ([^\s"]*+)
    )""",
    re.VERBOSE,
)
_LOOSE = re.compile(rf"""(?<![^\s"'])({_NAME})=\s{{0,8}}+(?:"([^"]*+)"|'([^']*+)')""")
_COMMA = re.compile(r"\s*+,")

Attribute = tuple[str, str]


class Extinf(NamedTuple):
    """What one line says."""

    duration: str
    """As it came; empty where there is none."""
    names: tuple[str, ...]
    """Of the attributes, in the line's order and letter case."""
    values: tuple[str, ...]
    name: str
    broken: bool
    """Whether the line had to be guessed at: quotes that do not match, or no comma."""


def parse(line: str) -> Extinf:
    """Read a line that begins with #EXTINF; never fails.

    The name is what follows the comma behind the last attribute. Where quotes do not match, it
    follows the comma behind the line's last quote, as Kodi's IPTV Simple reads it
    (`PlaylistLoader::ParseIntoChannel`).
    """
    start = _DURATION.match(line)
    duration, begin = (start[1] or "", start.end()) if start else ("", 0)
    attributes, end = _attributes(line, begin)
    comma = _COMMA.match(line, end)
    if comma:
        name_at = comma.end()
    else:
        name_at = _guess_name(line, end)
        attributes += [_pair(match) for match in _LOOSE.finditer(line, end, max(end, name_at - 1))]
    names = tuple(name for name, _ in attributes)
    values = tuple(value for _, value in attributes)
    return Extinf(duration, names, values, line[name_at:].strip(), comma is None)


def parse_attributes(text: str) -> list[Attribute]:
    """Read a run of attributes, as it stands behind #EXTM3U; what is none is passed over."""
    found, end = _attributes(text, 0)
    return found + [_pair(match) for match in _LOOSE.finditer(text, end)]


@lru_cache(maxsize=SHAPES)
def names_between(shape: tuple[str, ...]) -> tuple[str, tuple[str, ...]] | None:
    """Return the duration and the attribute names in the texts that stand before quoted values.

    `('#EXTINF:-1 tvg-id=', ' tvg-name=')` gives `('-1', ('tvg-id', 'tvg-name'))`; texts that are
    anything else, so that the line must be read with care, give None.
    """
    lead = _LEAD.fullmatch(shape[0]) if shape else None
    others = [_NEXT.fullmatch(text) for text in shape[1:]]
    if lead is None or None in others:
        return None
    return lead[1], (lead[2], *(match[1] for match in others if match))


def _attributes(line: str, at: int) -> tuple[list[Attribute], int]:
    """Return the attributes from `at` on, and where the first thing stands that is none."""
    found: list[Attribute] = []
    match = _ATTRIBUTE.match(line, at)
    while match:
        following = _ATTRIBUTE.match(line, match.end())
        name, value = _pair(match)
        at = match.end()
        if match[4] and "," in value and not following:
            # not quoted: the name begins at a comma inside, of a URL's commas at the last one
            cut = value.rfind(",") if "://" in value else value.find(",")
            at -= len(value) - cut
            value = value[:cut]
        found.append((name, value))
        match = following
    return found, at


def _pair(match: re.Match[str]) -> Attribute:
    return match[1], next((value for value in match.groups()[1:] if value is not None), "")


def _guess_name(line: str, at: int) -> int:
    """Return where the name begins on a line whose attributes end oddly at `at`."""
    quote = max(line.rfind('"'), at - 1)
    comma = _COMMA.match(line, quote + 1)
    if comma:
        return comma.end()
    first = line.find(",", at)
    return first + 1 if first >= 0 else max(quote + 1, at)
