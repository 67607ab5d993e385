"""A large playlist of the kind that providers send; the same for the same numbers."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

CHANNELS = 100_000
_COUNTRIES = ("UK", "US", "DE", "FR", "ES", "IT", "NL", "PL", "SE", "PT")
_THEMES = ("News", "Sport", "Movies", "Kids", "Music", "Documentary", "General", "Regional")
_TIERS = ("", " HD", " FHD", " 4K", " SD", " +1")


def write_playlist(path: Path, guide_ids: list[str], channels: int = CHANNELS) -> None:
    """Write `channels` entries; their `tvg-id`s go round through `guide_ids`."""
    choose = random.Random(11).choice
    with path.open("w", encoding="utf-8", buffering=1 << 20) as file:
        file.write('#EXTM3U x-tvg-url="http://provider.example.invalid/guide.xml.gz"\n')
        for number in range(channels):
            country, theme = choose(_COUNTRIES), choose(_THEMES)
            name = f"{country}: {theme} Channel {number}{choose(_TIERS)}"
            file.write(
                f'#EXTINF:-1 tvg-id="{guide_ids[number % len(guide_ids)]}" tvg-name="{name}" '
                f'tvg-logo="http://logos.example.invalid/{number}.png" '
                f'group-title="{country} | {theme}",{name}\n'
                f"http://provider.example.invalid/live/user/word/{number}.ts\n"
            )
