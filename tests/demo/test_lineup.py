from __future__ import annotations

import re
from collections import Counter

from tvarr.demo.emblems import EMBLEMS
from tvarr.demo.lineup import CHANNELS, find, playlist
from tvarr.demo.shows import SHOWS

BASE = "http://127.0.0.1:8889"


def entries() -> list[str]:
    return playlist(BASE).split("#EXTINF:-1 ")[1:]


def test_there_are_a_dozen_channels_in_four_groups() -> None:
    groups = Counter(channel.group for channel in CHANNELS)
    assert groups == {"News": 3, "Nature": 3, "Kids": 3, "Music": 3}


def test_slugs_and_names_are_used_once_and_slugs_fit_into_addresses() -> None:
    assert len({channel.slug for channel in CHANNELS}) == len(CHANNELS)
    assert len({channel.name for channel in CHANNELS}) == len(CHANNELS)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", channel.slug) for channel in CHANNELS)


def test_a_channel_is_found_by_its_slug_only() -> None:
    assert find("owl-hours") in CHANNELS
    assert find("Owl Hours") is None
    assert find("") is None


def test_every_channel_has_an_emblem_and_every_one_with_a_guide_has_shows() -> None:
    assert set(EMBLEMS) == {channel.slug for channel in CHANNELS}
    assert set(SHOWS) == {channel.slug for channel in CHANNELS if channel.guide_id}


def test_television_moves_and_radio_has_no_picture() -> None:
    for channel in CHANNELS:
        assert bool(channel.scene) is not channel.radio


def test_every_channel_sounds_and_looks_different() -> None:
    assert len({channel.chord for channel in CHANNELS}) == len(CHANNELS)
    assert len({channel.colours for channel in CHANNELS}) == len(CHANNELS)
    scenes = [channel.scene for channel in CHANNELS if channel.scene]
    assert len(set(scenes)) == len(scenes)


def test_the_playlist_names_the_guide_and_every_channel_in_order() -> None:
    lines = playlist(BASE).splitlines()
    assert lines[0] == f'#EXTM3U x-tvg-url="{BASE}/guide.xml.gz"'
    assert [line for line in lines if not line.startswith("#")] == [
        f"{BASE}/live/{channel.slug}.ts" for channel in CHANNELS
    ]


def test_an_entry_is_written_as_providers_write_it() -> None:
    assert entries()[2].splitlines() == [
        'tvg-id="weathervane.demo" tvg-name="Weathervane" '
        f'tvg-logo="{BASE}/logos/weathervane.png" group-title="News",Weathervane',
        "#EXTVLCOPT:network-caching=500",
        f"{BASE}/live/weathervane.ts",
    ]


def test_the_playlist_has_the_oddities_of_real_ones() -> None:
    text = playlist(BASE)
    assert 'x-mood="calm"' in text, "an attribute that nobody knows"
    assert "#EXTVLCOPT:" in text, "an option for one player"
    assert 'tvg-id="",' not in text
    assert 'tvg-id=""' in text, "a channel without a guide"
    assert text.count('radio="true"') == 1, "a radio station"
    assert not text.isascii(), "a name with an accent"
    assert [c.slug for c in CHANNELS if c.guide_id != c.tvg_id] == ["owl-hours"], "spelt otherwise"


def test_no_value_breaks_out_of_its_quotes_or_its_line() -> None:
    for channel in CHANNELS:
        assert not re.search(r'["\n,]', channel.name + channel.group + channel.tvg_id)
        assert re.fullmatch(r'([a-z-]+="[^"]*")?', channel.attributes)
