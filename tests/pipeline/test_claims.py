"""What marks say: one spelling for each fact."""

from __future__ import annotations

import polars as pl
import pytest

from tvarr.pipeline import claims


def read(marks: str, fact: str) -> str | None:
    frame = pl.DataFrame({"marks": claims.in_plain_digits(pl.Series([marks]))})
    said: str | None = frame.select(claims.of(pl.col("marks"))[fact].alias("said")).item()
    return said


@pytest.mark.parametrize(
    ("marks", "resolution"),
    [
        ("SD", "SD"),
        ("hd", "HD"),
        ("(HD ready)", "HD"),
        ("FHD", "1080p"),
        ("Full HD", "1080p"),
        ("full-hd", "1080p"),
        ("UHD", "2160p"),
        ("Ultra HD", "2160p"),
        ("4K", "2160p"),
        ("4K UHD", "2160p"),
        ("8K", "4320p"),
        ("8K UHD", "4320p"),
        ("4320p", "4320p"),
        ("3840", "2160p"),
        ("3840x2160", "2160p"),
        ("(768\u00d7432)", "432p"),
        ("1080P", "1080p"),
        ("1080i", "1080i"),
        ("(480p)", "480p"),
        ("1080", "1080p"),
        ("1080p50", "1080p"),
        ("LQ", "LQ"),
        ("HQ", "HQ"),
        ("HD LQ", "HD"),
        ("FHD (720p)", "720p"),
        ("(SDTV 576i)", "576i"),
        ("nHD", "360p"),
        ("[高清]", "HD"),
        ("超高清", "2160p"),
        ("H.265", None),
        ("\u0661\u0660\u0668\u0660p", "1080p"),
        ("50fps", None),
        ("backup 2", None),
        ("", None),
    ],
)
def test_a_resolution_is_lines_where_a_word_means_lines(marks: str, resolution: str | None) -> None:
    assert read(marks, "resolution") == resolution


@pytest.mark.parametrize(
    ("marks", "fact", "said"),
    [
        ("HDR", "hdr", "HDR"),
        ("hdr10", "hdr", "HDR10"),
        ("HDR10+ 4K", "hdr", "HDR10+"),
        ("HLG", "hdr", "HLG"),
        ("4K DV", "hdr", "DV"),
        ("Dolby Vision", "hdr", "DV"),
        ("[超清HDR]", "hdr", "HDR"),
        ("HD", "hdr", None),
        ("H264", "codec", "H264"),
        ("h.264", "codec", "H264"),
        ("x264", "codec", "H264"),
        ("AVC", "codec", "H264"),
        ("H265", "codec", "HEVC"),
        ("x265", "codec", "HEVC"),
        ("hevc", "codec", "HEVC"),
        ("AV1", "codec", "AV1"),
        ("MPEG2", "codec", "MPEG2"),
        ("MPEG-2", "codec", "MPEG2"),
        ("50fps", "fps", "50"),
        ("60 FPS", "fps", "60"),
        ("\u0665\u0660fps", "fps", "50"),
        ("100fps", "fps", "100"),
        ("2160p60", "fps", "60"),
        ("HD 50", "fps", "50"),
        ("HD 11", "fps", None),
        ("VIP", "tier", "VIP"),
        ("raw", "tier", "RAW"),
        ("low", "tier", "low"),
        ("HD multi", "tier", "multi"),
        ("multi-audio", "tier", "multi"),
        ("(Backup)", "tier", "backup"),
        ("back-up", "tier", "backup"),
        ("(BK)", "tier", "backup"),
        ("backup 2", "tier", "backup 2"),
        ("(backup1)", "tier", "backup 1"),
        ("VIP backup 3", "tier", "VIP, backup 3"),
        ("[Geo-blocked]", "note", "geo-blocked"),
        ("(UK ONLY)", "note", "geo-blocked"),
        ("[Not 24/7]", "note", "not 24/7"),
        ("(event only)", "note", "event only"),
        ("( During Games only )", "note", "event only"),
        ("(MATCH TIME ONLY)", "note", "event only"),
        ("(Live Matches Only)", "note", "event only"),
        ("[ON MATCHDAY]", "note", "event only"),
        ("offline", "note", "offline"),
        ("[youtube]", "note", "youtube"),
        ("(720p) [Not 24/7] [Geo-blocked]", "note", "geo-blocked, not 24/7"),
        ("HD", "note", None),
    ],
)
def test_every_fact_has_one_spelling(marks: str, fact: str, said: str | None) -> None:
    assert read(marks, fact) == said
