"""One #EXTINF line: how long, which attributes, what name.

    #EXTINF:-1 tvg-id="bbc1.uk" group-title="News, UK",BBC One, London

Called by `tvarr.ingest.m3u` for every entry, so the usual form, all values in double quotes, is
read by splitting at the quotes; everything else goes through a tokeniser. What the attributes
mean is left to `tvarr.ingest.rows`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

SHAPES: Final = 4096
"""Different sequences of attribute names that are remembered."""

# names are bounded, so that no line costs more than 64 steps a character
_NAME = r"""[^\s=,"']{1,64}"""
_LEAD = re.compile(rf"#EXTINF:(-?\d+(?:\.\d+)?)[ \t]++({_NAME})=")
_NEXT = re.compile(rf"[ \t]*+({_NAME})=")
_DURATION = re.compile(r"#EXTINF\s*+:?\s*+(-?\d+(?:\.\d+)?)?", re.IGNORECASE)
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


class Extinf(NamedTuple):
    """What one line says."""

    duration: str
    """As it came, without blanks; empty where there is none."""
    names: tuple[str, ...]
    """Of the attributes, in the line's order and letter case."""
    values: list[str]
    name: str
    broken: bool
    """Whether the line had to be guessed at: quotes that do not match, or no comma."""


def parse(line: str) -> Extinf:
    """Read a line that begins with #EXTINF; never fails.

    The name is what follows the comma behind the last attribute, so it may hold commas and quotes
    itself. Where quotes do not match, it follows the comma behind the line's last quote, as Kodi's
    IPTV Simple reads it (`PlaylistLoader::ParseIntoChannel`).
    """
    parts = line.split('"')
    tail = parts[-1]
    if tail[:1] == ",":
        usual = _usual(tuple(parts[:-1:2]))
        if usual is not None:
            return Extinf(usual[0], usual[1], parts[1::2], tail[1:].strip(), False)
    return _tokenise(line)


def parse_attributes(text: str) -> list[tuple[str, str]]:
    """Read a run of attributes, as it stands behind #EXTM3U; what is none is passed over."""
    found, end = _attributes(text, 0)
    return found + [_pair(match) for match in _LOOSE.finditer(text, end)]


@lru_cache(maxsize=SHAPES)
def _usual(keys: tuple[str, ...]) -> tuple[str, tuple[str, ...]] | None:
    """Return duration and names, if the texts between the quoted values are nothing but names."""
    lead = _LEAD.fullmatch(keys[0]) if keys else None
    others = [_NEXT.fullmatch(key) for key in keys[1:]]
    if lead is None or None in others:
        return None
    return lead[1], (lead[2], *(match[1] for match in others if match))


def _tokenise(line: str) -> Extinf:
    start = _DURATION.match(line)
    duration, begin = (start[1] or "", start.end()) if start else ("", 0)
    attributes, end = _attributes(line, begin)
    comma = _COMMA.match(line, end)
    broken = comma is None
    if comma:
        name_at = comma.end()
    else:
        name_at = _guess_name(line, end)
        attributes += [_pair(match) for match in _LOOSE.finditer(line, end, max(end, name_at - 1))]
    names = tuple(name for name, _ in attributes)
    values = [value for _, value in attributes]
    return Extinf(duration, names, values, line[name_at:].strip(), broken)


def _attributes(line: str, at: int) -> tuple[list[tuple[str, str]], int]:
    """Return the attributes from `at` on, and where the first thing stands that is none."""
    found: list[tuple[str, str]] = []
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


def _pair(match: re.Match[str]) -> tuple[str, str]:
    return match[1], next((value for value in match.groups()[1:] if value is not None), "")


def _guess_name(line: str, at: int) -> int:
    """Return where the name begins on a line whose attributes end oddly at `at`."""
    quote = max(line.rfind('"'), at - 1)
    comma = _COMMA.match(line, quote + 1)
    if comma:
        return comma.end()
    first = line.find(",", at)
    return first + 1 if first >= 0 else max(quote + 1, at)
