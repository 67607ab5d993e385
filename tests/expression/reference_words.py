"""The words, tokens and times of the expression language, read in plain Python.

The lower half of `tests.expression.reference_parser`; written from the language's description
alone, nothing is shared with `tvarr.expression`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

WHITE = "\t\n\v\f\r\x1c-\x1f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""What Unicode and Python call blank, for a character class."""
SEPARATOR = "\x1f"
"""Stands between the categories of a programme, the one field that may have several texts."""

CHANNEL_FIELDS = {
    "channel_name": ["name"],
    "tvg_id": ["epg_id"],
    "tvg_name": [],
    "tvg_logo": ["logo", "channel_logo"],
    "group_title": ["group", "category", "channel_group"],
    "stream_url": ["url"],
    "channel_number": ["tvg_chno", "number", "chno"],
    "tvg_shift": [],
    "tvg_language": ["language", "lang"],
    "tvg_country": ["country"],
    "radio": [],
    "is_adult": ["adult"],
    "catchup": [],
    "catchup_days": [],
    "catchup_source": [],
    "stream_type": [],
    "quality_resolution": ["resolution"],
    "quality_hdr": ["hdr"],
    "quality_codec": ["codec"],
    "quality_fps": ["fps"],
    "quality_tier": ["tier"],
    "quality_note": ["availability"],
    "source_name": [],
    "source_type": [],
    "source_url": [],
}
PROGRAMME_FIELDS = {
    "programme_title": ["program_title", "title", "prog_title"],
    "programme_subtitle": ["program_subtitle", "subtitle", "subtitles"],
    "programme_description": ["program_description", "description", "desc", "prog_desc"],
    "programme_category": ["program_category", "genre"],
    "programme_start": ["program_start", "start", "start_time"],
    "programme_stop": ["program_stop", "stop", "end_time"],
    "programme_icon": ["program_icon", "poster"],
    "programme_episode": ["program_episode", "episode", "episode_num", "episode_number"],
    "programme_season": ["program_season", "season", "season_num", "season_number"],
    "programme_rating": ["program_rating", "rating"],
    "programme_language": ["program_language", "language", "lang"],
    "channel_id": [],
    "channel_name": [],
    "channel_group": ["channel_group_title", "group_title"],
    "channel_number": [],
    "source_name": [],
    "source_type": [],
    "source_url": [],
}
DOMAINS = {"channel": CHANNEL_FIELDS, "programme": PROGRAMME_FIELDS}
TIMES = {"programme_start", "programme_stop"}
FLAGS = {"radio", "is_adult"}
FLAG_WORDS = {
    **dict.fromkeys(("true", "1", "yes"), "true"),
    **dict.fromkeys(("false", "0", "no"), "false"),
}
"""What may be written to a flag, and what it then reads."""
_QUALITY = {name for name in CHANNEL_FIELDS if name.startswith("quality_")}
READ_ONLY = {
    "channel": {"source_name", "source_type", "source_url"} | _QUALITY,
    "programme": {name for name in PROGRAMME_FIELDS if not name.startswith("programme_")} | TIMES,
}

_WORD_OPERATORS = {
    **dict.fromkeys(("equals", "eq"), "equals"),
    **{w: w for w in ("contains", "starts_with", "ends_with", "matches")},
    **dict.fromkeys(("greater_than", "gt"), ">"),
    **dict.fromkeys(("greater_than_or_equal", "gte"), ">="),
    **dict.fromkeys(("less_than", "lt"), "<"),
    **dict.fromkeys(("less_than_or_equal", "lte"), "<="),
}
OPERATORS = {
    **{word: (operator, False) for word, operator in _WORD_OPERATORS.items()},
    **{f"not_{word}": (operator, True) for word, operator in _WORD_OPERATORS.items()},
    "neq": ("equals", True),
    "!=": ("equals", True),
    "=": ("equals", False),
    "==": ("equals", False),
    "=~": ("matches", False),
    **{symbol: (symbol, False) for symbol in (">", ">=", "<", "<=")},
}
"""How an operator is written: which one it is, and whether it is the negated form."""
NUMERIC = {">", ">=", "<", "<="}

KEYWORDS = {"set": "=", "set_if_empty": "?=", "append": "+=", "remove": "-=", "delete": "delete"}
RESERVED = {"and", "or", "not", "case_sensitive", *KEYWORDS}
ASSIGN = {"=", "?=", "+=", "-="}


class Wrong(Exception):  # noqa: N818 - the language's own word is ExpressionError
    """The first problem of a text."""

    def __init__(self, category: str, place: int = 0) -> None:
        super().__init__(f"{category} at {place}")
        self.category = category


@dataclass(frozen=True)
class Token:
    kind: str  # word | quoted | symbol | end
    text: str
    place: int

    def word(self) -> str:
        """Return the word without its letter case; empty text if this is none."""
        return self.text.lower() if self.kind == "word" else ""

    def means(self, *words: str) -> bool:
        """Say whether this is one of these words or symbols (quotes never are)."""
        return self.kind != "quoted" and self.text.lower() in words


# --- tokens -----------------------------------------------------------------------------------

_TOKEN = re.compile(
    rf"""(?P<skip>[{WHITE}]+|\#[^\n\r]*)
    |(?P<quoted>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
    |(?P<helper>(?i:@time:(?:now\(\)|parse\([{WHITE}]*(?:"[^"]*"|'[^']*')[{WHITE}]*\))))
    |(?P<symbol>&&|\|\||[?+-]=|!(?![=~])|[=<>!~]+|[(),])
    |(?P<word>(?:(?!&&|\|\||[?+-]=)[^{WHITE}"'(),\#=<>!~])+)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "'": "'", "\\": "\\"}


def tokenise(text: str) -> list[Token]:
    """Cut a text into tokens; the last one is the end."""
    tokens, place = [], 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise Wrong("syntax", place)
        kind = str(found.lastgroup)
        if kind == "quoted":
            tokens.append(Token("quoted", _unescape(found[0][1:-1]), place))
        elif kind != "skip":
            tokens.append(Token("word" if kind == "helper" else kind, found[0], place))
        place = found.end()
    return [*tokens, Token("end", "", place)]


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[0]), text, flags=re.DOTALL)


# --- times ---

_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIRST, _LAST = -62_135_596_800_000_000, 253_402_300_799_999_999
"""The years 1 to 9999."""


def read_time(text: str) -> int | None:
    """Return microseconds since 1970 of an RFC 3339 text or of epoch seconds; None for others."""
    text = strip(text)
    if re.fullmatch(r"[+-]?([0-9]+(\.[0-9]+)?|\.[0-9]+)", text):
        moment = round(float(text) * 1_000_000)
        return moment if _FIRST <= moment <= _LAST else None
    found = _TIME.fullmatch(text)
    try:
        return _read_date(found) if found else None
    except ValueError:  # a thirteenth month
        return None


def _read_date(found: re.Match[str]) -> int:
    parts = [int(part) for part in found.groups()[:6]]
    moment = datetime(*parts[:3], *parts[3:], tzinfo=_zone(found[8]))  # type: ignore[arg-type,misc]
    return (moment - _EPOCH) // _MICROSECOND + int((found[7] or "").ljust(6, "0")[:6])


def _zone(text: str) -> timezone:
    if text in "Zz":
        return UTC
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[4:6]))
    return timezone(-offset if text[0] == "-" else offset)


def strip(text: str) -> str:
    """Take off blanks at both ends, by Unicode's White_Space and nothing else."""
    return re.sub(rf"\A[{WHITE}]+|[{WHITE}]+\Z", "", text)
