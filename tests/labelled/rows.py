"""Which playlist of the data pack goes with which guides: each id that both have is a pair."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Real:
    """One playlist and its guides, by their paths in the data pack."""

    playlist: str
    guides: tuple[tuple[str, str], ...]
    """Path, and the group of the playlist whose channels the guide is for; empty: all of them."""


REAL = (
    Real(
        "m3u/fast/plex_all.m3u",
        (
            ("epg/fast/plex_us.xml.gz", "United States"),
            ("epg/fast/plex_gb.xml.gz", "United Kingdom"),
            ("epg/fast/plex_mx.xml.gz", "Mexico"),
        ),
    ),
    Real(
        "m3u/fast/samsungtvplus_all.m3u",
        (
            ("epg/fast/samsung_us.xml.gz", "United States"),
            ("epg/fast/samsung_gb.xml.gz", "United Kingdom"),
            ("epg/fast/samsung_in.xml.gz", "India"),
            ("epg/fast/samsung_kr.xml.gz", "South Korea"),
        ),
    ),
    Real("m3u/cn_burningc4.m3u", (("epg/cn_burningc4_guide.xml", ""),)),
)
