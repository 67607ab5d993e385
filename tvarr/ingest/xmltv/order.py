"""The order in which the XMLTV DTD wants elements, and how others are brought into it.

Read by `tvarr.ingest.xmltv.plain` (its grammar) and `tvarr.ingest.xmltv.odd` (the sorting).
Source: xmltv.dtd of the XMLTV project, release 1.4.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lxml.etree import _Element

CREDITS: Final = (
    "director", "actor", "writer", "adapter", "producer", "composer", "editor", "presenter",
    "commentator", "guest",
)  # fmt: skip
PROGRAMME: Final = (
    "title", "sub-title", "desc", "credits", "date", "category", "keyword", "language",
    "orig-language", "length", "icon", "url", "country", "episode-num", "video", "audio",
    "previously-shown", "premiere", "last-chance", "new", "subtitles", "rating", "star-rating",
    "review", "image",
)  # fmt: skip
VIDEO: Final = ("present", "colour", "aspect", "quality")
AUDIO: Final = ("present", "stereo")
CHANNEL: Final = ("display-name", "icon", "url")

_RANKS: Final = {
    parent: {name: rank for rank, name in enumerate(children)}
    for parent, children in (
        ("programme", PROGRAMME),
        ("credits", CREDITS),
        ("video", VIDEO),
        ("audio", AUDIO),
        ("channel", CHANNEL),
    )
}
_LAST: Final = 99


def sort_children(parent: _Element) -> None:
    """Bring what is in `parent` into the DTD's order: equals as they came, unknown ones last."""
    ranks = _RANKS.get(str(parent.tag), {})
    places = [ranks.get(str(child.tag), _LAST) for child in parent]
    if any(before > after for before, after in pairwise(places)):
        parent[:] = [
            child for _, child in sorted(zip(places, parent, strict=True), key=lambda pair: pair[0])
        ]
    for child in parent:
        if child.tag in _RANKS:
            sort_children(child)
