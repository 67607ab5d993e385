"""What marks of quality say: six facts, each in one spelling.

Called by `tvarr.pipeline.quality` with the marks that `tvarr.pipeline.marks` has found, each
different set of them once. Full HD has 1080 lines, UHD (4K) 2160 and 8K 4320 (ITU-R BT.709 and
BT.2020); a word that stands for no one number stays as it is: `HD`, `SD`, `HQ`, `LQ`. `Ⓢ`, `Ⓖ` and
`Ⓨ` are those of the playlist of github.com/Free-TV/IPTV: not in HD, blocked elsewhere, YouTube.
"""

from __future__ import annotations

import unicodedata

import polars as pl

WORD = r"(?i)(?:^|[^a-z])(?:{})(?:$|[^a-z\d])"
RESOLUTIONS = {
    "4320p": "8k",
    "2160p": r"4k|uhd|ultra[ -]?hd|3840",
    "1080p": r"fhd|full[ -]?hd",
    "540p": "qhd",
    "360p": "nhd",
    "HD": r"hd|hdtv",
    "HQ": "hq",
    "SD": "sd|sdtv|edtv",
    "LQ": "lq",
}
CHINESE = {"2160p": "4k超清|超高清", "HD": "高清", "SD": "标清", "HQ": "超清"}
HDR = {"DV": r"dv|dolby[ -]?vision", "HDR10": "hdr10", "HLG": "hlg", "HDR": "hdr"}
CODECS = {
    "HEVC": r"hevc|[hx]\.?265",
    "H264": r"avc|[hx]\.?264",
    "AV1": "av1",
    "MPEG2": r"mpeg-?2",
}
TIERS = {"VIP": "vip", "RAW": "raw", "low": "low", "multi": r"multi(?:[ -]?audio)?"}
NOTES = {
    "geo-blocked": r"geo[ -]?block(?:ed)?|(?:uk|usa?) only",
    "not 24/7": r"not[ -]24[/-]7",
    "event only": r"(?:events?|games?|time) only|(?:match(?:es)?) only|(?:live )?match(?:es)?"
    r"|(?:during|on|for) (?:the )?(?:games?|match(?:es|days?|day)?)",
    "offline": r"offline|off[ -]air",
    "youtube": "youtube",
}

LINES = (
    r"(?i)(?-u:\b)(\d{3,4}[pi])",
    r"(?i)\d[x\u00d7](\d{3,4})(?-u:\b)",
    r"(?-u:\b)(720|1080|2160|4320)(?-u:\b)",
)
"""As lines, as width and height, alone."""
FPS = (
    r"(?i)(\d{2,3}) ?fps",
    r"(?i)\d[pi]([2-6][05])(?-u:\b)",
    r"(?i)(?:hd|1080|2160|720)[pi]? ([56]0)(?-u:\b)",
)
NUMBERED_BACKUP = r"(?i)back[ -]?up ?#?(\d{1,2})?"


def in_plain_digits(marks: pl.Series) -> pl.Series:
    """Return marks with the digits of other scripts, which patterns take, too, as 0 to 9."""
    others = marks.str.extract_all(r"[\d&&[^0-9]]").explode().drop_nulls().unique().to_list()
    plain = [str(unicodedata.decimal(digit, digit)) for digit in others]
    return marks.str.replace_many(others, plain) if others else marks


def of(marks: pl.Expr) -> dict[str, pl.Expr]:
    """Return each fact by its name, from a text of `found`; null where it says nothing of it."""
    return {
        "resolution": pl.coalesce(_lines(marks), _first(marks, RESOLUTIONS), _chinese(marks)),
        "hdr": pl.coalesce(
            _when(marks, r"(?i)hdr10\+", "HDR10+"),
            _first(marks, HDR),
            _when(marks, r"(?i)超清hdr", "HDR"),
        ),
        "codec": _first(marks, CODECS),
        "fps": pl.coalesce(marks.str.extract(pattern, 1) for pattern in FPS),
        "tier": _all(_each(marks, TIERS), [_backup(marks)]),
        "note": _all(_each(marks, NOTES)),
    }


def _lines(marks: pl.Expr) -> pl.Expr:
    """Return what is said in numbers, which outranks words: `FHD (720p)` is 720p."""
    exact, size, bare = (marks.str.extract(pattern, 1) for pattern in LINES)
    return pl.coalesce(exact.str.to_lowercase(), size + "p", bare + "p")


def _first(marks: pl.Expr, words: dict[str, str]) -> pl.Expr:
    """Return the first of several facts that is claimed; the highest stands first."""
    return pl.coalesce(_when(marks, WORD.format(pattern), fact) for fact, pattern in words.items())


def _when(marks: pl.Expr, pattern: str, fact: str) -> pl.Expr:
    return pl.when(marks.str.contains(pattern)).then(pl.lit(fact))


def _chinese(marks: pl.Expr) -> pl.Expr:
    return pl.coalesce(_when(marks, word, fact) for fact, word in CHINESE.items())


def _each(marks: pl.Expr, words: dict[str, str]) -> list[pl.Expr]:
    return [_when(marks, WORD.format(pattern), fact) for fact, pattern in words.items()]


def _backup(marks: pl.Expr) -> pl.Expr:
    number = marks.str.extract(NUMBERED_BACKUP, 1)
    said = _when(marks, WORD.format(r"back[ -]?up ?#?\d{0,2}|bk"), "backup")
    return pl.concat_str(said, (" " + number).fill_null(""))


def _all(*facts: list[pl.Expr]) -> pl.Expr:
    """Return all that is claimed, with commas."""
    text = pl.concat_str([one for some in facts for one in some], separator=", ", ignore_nulls=True)
    return pl.when(text != "").then(text)
