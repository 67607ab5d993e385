"""Which streams of a channel are preferred, in the words that say what a stream is.

The words are those of the facts that `tvarr.pipeline.quality` reads from names; here they are only
known by their spelling. What they weigh is told in `tvarr.pipeline.ranking`.
"""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field, model_validator

from tvarr.spec.declared import Declared, did_you_mean, shorten
from tvarr.spec.values import EachOnce

WORDS: Final = {
    word: fact
    for fact, words in {
        "resolution": "4320p 2160p 1440p 1080p 1080i 720p 576p 576i 540p 480p 480i 360p 240p"
        " HD HQ SD LQ",
        "hdr": "HDR HDR10 HDR10+ DV HLG",
        "codec": "HEVC H264 AV1 MPEG2",
        "fps": "120fps 100fps 60fps 50fps 30fps 25fps 24fps",
        "tier": "VIP RAW multi backup low",
        "note": "offline event-only geo-blocked not-24/7 youtube",
    }.items()
    for word in words.split()
}
"""Each word, and the fact that it is a value of."""

_OTHER_SPELLINGS: Final = {
    "8k": "4320p",
    "4k": "2160p",
    "uhd": "2160p",
    "ultrahd": "2160p",
    "qhd": "540p",
    "nhd": "360p",
    "fhd": "1080p",
    "fullhd": "1080p",
    "h265": "HEVC",
    "x265": "HEVC",
    "x264": "H264",
    "avc": "H264",
    "dolbyvision": "DV",
    "multiaudio": "multi",
    "bk": "backup",
    "eventsonly": "event-only",
    "not247": "not-24/7",
}
MOST_WORDS: Final = 20
"""Of each list."""


def _plain(word: str) -> str:
    return re.sub(r"[\s_./-]", "", word.lower())


_KNOWN: Final = {_plain(word): word for word in WORDS} | _OTHER_SPELLINGS


def _known_word(word: str) -> str:
    """Return the one spelling of a word: `4k` is `2160p`."""
    known = _KNOWN.get(_plain(word[:100]))
    if known is None:
        hint = did_you_mean(word, [*WORDS, *_OTHER_SPELLINGS])
        raise ValueError(f'"{shorten(word)}" is no word of quality{hint}')
    return known


Word = Annotated[str, AfterValidator(_known_word)]
Words = Annotated[tuple[Word, ...], Field(max_length=MOST_WORDS), EachOnce]


class Quality(Declared):
    """Which of a channel's streams plays first."""

    prefer: Words = ()
    """What a stream should be, the most wanted first, such as 1080p, HEVC or 50fps."""

    unwanted: Words = ()
    """What a stream should not be, such as RAW; one that is plays only where no other can."""

    @model_validator(mode="after")
    def _agrees(self) -> Quality:
        for word in self.prefer:
            if word in self.unwanted:
                raise ValueError(f"{word} cannot be preferred and unwanted")
        return self
