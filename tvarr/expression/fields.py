"""The fields that sentences speak of: names, aliases, kinds, and where the catalog keeps them.

Sentences run over a *field frame*: one text column per field, named by the field's canonical name,
where null is what the provider did not say. `to_fields` makes such columns from the catalog's, and
`to_column` makes the catalog's column from what a rule has set. Both belong to the pipeline; the
language itself needs the names only.

A programme's categories are a list. In a field frame they are one text with `SEPARATOR` between
them, which no XML document can hold: a condition holds if it holds for any of the categories, SET
replaces all by one, APPEND and REMOVE work on each, and a copy of the field has them with commas.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import polars as pl

SEPARATOR = "\x1f"
"""Stands between the texts of a field that has several."""

BLANKS = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
"""Every blank of Unicode, and the separators of ASCII."""

TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"

TRUE, FALSE = ("true", "1", "yes"), ("false", "0", "no")
"""How a flag may be written; it reads as the first of its words."""
STREAM_TYPES = ("live", "movie", "series")


class Domain(StrEnum):
    """What a sentence is about."""

    CHANNEL = "channel"
    PROGRAMME = "programme"


class Kind(StrEnum):
    """How a field's text is understood where it is compared or written back."""

    TEXT = "text"
    NUMBER = "number"
    TIME = "time"
    FLAG = "flag"


@dataclass(frozen=True)
class Field:
    """One field of one domain."""

    name: str
    aliases: tuple[str, ...]
    kind: Kind
    writable: bool
    description: str
    column: str
    """The column of the catalog, or one that the pipeline joins to it."""
    many: bool = False
    """Several texts, see `SEPARATOR`."""


def _field(
    name: str,
    aliases: str,
    description: str,
    column: str = "",
    kind: Kind = Kind.TEXT,
    *,
    writable: bool = True,
    many: bool = False,
) -> Field:
    words = dict.fromkeys(aliases.split())
    for word in (name, *tuple(words)):
        if word.startswith("programme_"):
            words[word.replace("programme_", "program_", 1)] = None
        elif word.startswith("program_"):
            words[word.replace("program_", "programme_", 1)] = None
    words.pop(name, None)
    return Field(name, tuple(words), kind, writable, description, column or name, many)


_SOURCE = (
    _field("source_name", "", "name of the source in the YAML", "source", writable=False),
    _field("source_type", "", "kind of the source, such as m3u", writable=False),
    _field("source_url", "", "address of the source, without credentials", writable=False),
)
_QUALITY = (
    _field(
        "quality_resolution",
        "resolution",
        "lines it says it has, such as 1080p, or HD, SD, HQ, LQ",
        writable=False,
    ),
    _field("quality_hdr", "hdr", "HDR, HDR10, HDR10+, HLG or DV, if it says so", writable=False),
    _field("quality_codec", "codec", "HEVC, H264, AV1 or MPEG2, if it says so", writable=False),
    _field(
        "quality_fps", "fps", "pictures a second, if it says so", kind=Kind.NUMBER, writable=False
    ),
    _field("quality_tier", "tier", "VIP, RAW, low, multi, backup, backup 2", writable=False),
    _field("quality_note", "availability", "geo-blocked, not 24/7, event only", writable=False),
)
"""Joined by the pipeline, which reads them from the provider's names and groups."""
_FIELDS = {
    Domain.CHANNEL: (
        _field("channel_name", "name", "name of the channel", "name"),
        _field("tvg_id", "epg_id", "id that guides know the channel by"),
        _field("tvg_name", "", "name that guides know the channel by"),
        _field("tvg_logo", "logo channel_logo", "address of the logo"),
        _field("group_title", "group category channel_group", "group in the playlist"),
        _field("stream_url", "url", "address of the stream"),
        _field("channel_number", "tvg_chno number chno", "the provider's number", kind=Kind.NUMBER),
        _field("tvg_shift", "", "hours that the guide is off", kind=Kind.NUMBER),
        _field("tvg_language", "language lang", "language of the channel"),
        _field("tvg_country", "country", "country of the channel"),
        _field("radio", "", "true for radio", kind=Kind.FLAG),
        _field("is_adult", "adult", "true for adult content", kind=Kind.FLAG),
        _field("catchup", "", "kind of catch-up"),
        _field("catchup_days", "", "days of catch-up", kind=Kind.NUMBER),
        _field("catchup_source", "", "address of catch-up"),
        _field("stream_type", "", "live, movie or series"),
        *_QUALITY,
        *_SOURCE,
    ),
    Domain.PROGRAMME: (
        _field("programme_title", "program_title title prog_title", "title", "title"),
        _field("programme_subtitle", "program_subtitle subtitle subtitles", "subtitle", "subtitle"),
        _field(
            "programme_description",
            "program_description description desc prog_desc",
            "description",
            "description",
        ),
        _field(
            "programme_category", "program_category genre", "categories", "categories", many=True
        ),
        _field("programme_start", "start start_time", "start", "start", Kind.TIME, writable=False),
        _field("programme_stop", "stop end_time", "end", "stop", Kind.TIME, writable=False),
        _field("programme_icon", "program_icon poster", "address of a picture", "icon"),
        _field(
            "programme_episode",
            "program_episode episode episode_num episode_number",
            "episode",
            "episode",
        ),
        _field(
            "programme_season",
            "program_season season season_num season_number",
            "season, from 1",
            "season",
            Kind.NUMBER,
        ),
        _field("programme_rating", "rating", "rating", "rating"),
        _field("programme_language", "language lang", "language", "language"),
        _field("channel_id", "", "stable id of the channel", writable=False),
        _field("channel_name", "", "name of the channel", writable=False),
        _field("channel_group", "channel_group_title group_title", "its group", writable=False),
        _field("channel_number", "", "its number", kind=Kind.NUMBER, writable=False),
        *_SOURCE,
    ),
}


def fields(domain: Domain) -> tuple[Field, ...]:
    """Return all fields of `domain` in the order of the manual."""
    return _FIELDS[domain]


@cache
def _by_word(domain: Domain) -> dict[str, Field]:
    named = {field.name: field for field in fields(domain)}
    return {alias: field for field in fields(domain) for alias in field.aliases} | named


def words(domain: Domain) -> tuple[str, ...]:
    """Return every name and alias of `domain`, names first, in a fixed order."""
    names = [field.name for field in fields(domain)]
    return tuple(dict.fromkeys([*names, *_by_word(domain)]))


def resolve(word: str, domain: Domain) -> Field | None:
    """Return the field that `word` names, in any letter case, if `domain` has one."""
    return _by_word(domain).get(word.lower())


# --- between the catalog and a field frame ---------------------------------------------------


def to_fields(domain: Domain) -> list[pl.Expr]:
    """Return one expression per field, from the catalog's column to the field's text."""
    return [_to_text(field).alias(field.name) for field in fields(domain)]


def _to_text(field: Field) -> pl.Expr:
    column = pl.col(field.column)
    if field.many:
        return column.list.join(SEPARATOR, ignore_nulls=True)
    if field.kind is Kind.TIME:
        return column.dt.strftime(TIME_FORMAT)
    return column.cast(pl.String)


def to_column(field: Field) -> pl.Expr:
    """Return the catalog's column, under its name there, from the text of a writable field."""
    text = pl.col(field.name)
    if field.many:
        texts = text.fill_null("").str.split(SEPARATOR)
        column = texts.list.filter(pl.element() != "")
    elif field.kind is Kind.FLAG:
        word = text.str.strip_chars(BLANKS).str.to_lowercase()
        column = pl.when(word.is_in(TRUE)).then(True).when(word.is_in(FALSE)).then(False)
        column = column.otherwise(None)
    elif field.column == "season":
        column = text.str.strip_chars(BLANKS).cast(pl.Int32, strict=False)
    else:
        column = text
    return column.alias(field.column)
