"""What ids say besides their brand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvarr.pipeline.ids import edition_of, read_id


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


@pytest.mark.parametrize(
    ("text", "edition"),
    [
        ("Catfish.de@FR", "fr"),
        ("Catfish.de@GB", "uk"),
        ("WeatherSpy.us@Poland", "pl"),
        ("Naruto.us@CzechRepublic", "cz"),
        ("BBCNews.uk@UKHD", None),
        ("BBCNews.uk@Africa", "africa"),
        ("TastemadeBrasil.us@SD", "br"),
        ("France24English.fr", "english"),
        ("France24.fr@Arabic", "arabic"),
        ("MTVRocks.us@LatAm", "latam"),
        ("Tastemade.us@US", None),
        ("BBCOne.uk@EastMidlandsHD", None),
        ("Russia1.ru@SD", None),
        ("UHD1.lu@4K", None),
        ("Arabica.lb", None),
        ("Poland.pl", None),
        ("", None),
    ],
)
def test_an_id_tells_for_whom_an_edition_is(text: str, edition: str | None) -> None:
    assert edition_of(text) == edition


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    edition_of(text)
    read = read_id(text)
    assert not read.base or not read.base.isdecimal()
