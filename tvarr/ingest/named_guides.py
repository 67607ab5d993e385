"""The guides that the head of a playlist names: `#EXTM3U url-tvg="http://…/guide.xml.gz"`.

Kodi's IPTV Simple knows `x-tvg-url` and `url-tvg`, others write `tvg-url`; real heads have a
hundred addresses, with commas or blanks in between. The controller keeps them beside the channels
of a source's snapshot (`keep`), because the report that everybody may read has no credentials any
more, and gives them to the guide that comes with that source (`kept`).
"""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

ATTRIBUTES: Final = ("url-tvg", "x-tvg-url", "tvg-url")
MOST: Final = 100
"""Guides of one playlist; further ones are not looked at."""
LONGEST: Final = 4096
"""Letters of an address."""

_FILE: Final = "guides.json"
_BETWEEN = re.compile(r"[\s,;]*\s[\s,;]*|[,;]+(?=[A-Za-z][A-Za-z0-9+.-]*:/|file:)|[,;]+$|^[,;]+")


def named(header: Mapping[str, str]) -> tuple[str, ...]:
    """Return the addresses that a playlist's head names, each once, as they stand there."""
    values = {name.lower(): value for name, value in header.items()}
    found = (address for name in ATTRIBUTES for address in _split(values.get(name, "")))
    return tuple(dict.fromkeys(found))[:MOST]


def merged(header: Mapping[str, str], further: Mapping[str, str]) -> dict[str, str]:
    """Return the head of two playlists that are one list: the first counts, but guides add up."""
    both = (name for name in header if name in further and name.lower() in ATTRIBUTES)
    guides = {name: f"{header[name]}, {further[name]}" for name in both}
    return {**further, **header, **guides}


def keep(header: Mapping[str, str], snapshot: Path) -> None:
    """Write down what a playlist's head names, for nobody else's eyes; nothing for no guides."""
    if addresses := named(header):
        opened = os.open(snapshot / _FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(opened, "w", encoding="utf-8") as file:
            json.dump(addresses, file)


def kept(snapshot: Path) -> tuple[str, ...]:
    """Return the addresses that were written down in a source's snapshot."""
    try:
        return tuple(json.loads((snapshot / _FILE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return ()


def _split(value: str) -> Iterator[str]:
    for address in _BETWEEN.split(value):
        if 0 < len(address) <= LONGEST:
            yield address
