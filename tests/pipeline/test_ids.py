"""What ids say besides their brand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvarr.pipeline.ids import read_id


@pytest.mark.parametrize(
    ("text", "base", "country", "quality"),
    [
        ("BBCOne.uk", "bbcone", "uk", ""),
        ("BBCOne.gb", "bbcone", "uk", ""),
        ("BBCOne.uk@HD", "bbcone", "uk", "hd"),
        (" bbcone-hd ", "bbcone", None, "hd"),
        ("bbcone.hd.uk", "bbcone", "uk", "hd"),
        ("BBCOneHD.uk", "bbcone", "uk", "hd"),
        ("HBO.us@West", "hbo@west", "us", ""),
        ("Channel4Plus1.uk", "channel4plus1", "uk", ""),
        ("example.com", "example.com", None, ""),
        ("BBC 1", "bbc 1", None, ""),
        ("HD", "hd", None, ""),
        ("1.uk", "", "uk", ""),
        (".uk", ".uk", None, ""),
        ("", "", None, ""),
    ],
)
def test_country_and_quality_are_taken_off(
    text: str, base: str, country: str | None, quality: str
) -> None:
    assert read_id(text) == (base, country, quality)


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    read = read_id(text)
    assert not read.base or not read.base.isdecimal()
