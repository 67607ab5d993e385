"""The words that a quality profile is written in."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tvarr.pipeline import claims
from tvarr.spec.proxy import Proxy
from tvarr.spec.quality import MOST_WORDS, WORDS, Quality


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ("1080p", "1080p"),
        ("4k", "2160p"),
        ("UHD", "2160p"),
        ("fhd", "1080p"),
        ("h.265", "HEVC"),
        ("hevc", "HEVC"),
        ("50 FPS", "50fps"),
        ("event only", "event-only"),
        ("Not 24/7", "not-24/7"),
        ("hdr10+", "HDR10+"),
        ("back-up", "backup"),
    ],
)
def test_a_word_has_one_spelling_in_the_end(written: str, word: str) -> None:
    assert Quality(prefer=(written,)).prefer == (word,)


def test_every_fact_that_names_claim_has_a_word() -> None:
    said = [*claims.RESOLUTIONS, *claims.HDR, *claims.CODECS, *claims.TIERS, *claims.NOTES]
    for fact in said:
        assert Quality(unwanted=(fact,)).unwanted[0] in WORDS


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ({"prefer": ["1081p"]}, 'no word of quality, did you mean "1080p"'),
        ({"prefer": ["colourful"]}, '"colourful" is no word of quality'),
        ({"prefer": ["4k", "2160p"]}, "twice"),
        ({"prefer": ["RAW"], "unwanted": ["raw"]}, "RAW cannot be preferred and unwanted"),
        ({"prefer": [f"{lines}p" for lines in range(MOST_WORDS + 1)]}, "no word|at most"),
    ],
)
def test_what_cannot_be_meant_is_refused(declared: dict[str, list[str]], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Proxy.model_validate({"sources": ["tv"], "quality": declared})


def test_duplicates_are_kept_unless_it_is_said() -> None:
    assert Proxy(sources=("tv",)).duplicates == "keep"
    with pytest.raises(ValidationError, match="'keep' or 'merge'"):
        Proxy.model_validate({"sources": ["tv"], "duplicates": "drop"})
