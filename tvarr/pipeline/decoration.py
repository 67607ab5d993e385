"""What stands around a channel's name and is taken off before names are compared.

Used by `tvarr.pipeline.names`. Marks of quality go first, by the rules of `tvarr.pipeline.marks`,
then a country in front or behind, brackets with a country, accents, and how many hours late the
channel is. Patterns run over whole columns; what few names have is looked at name by name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import polars as pl

from tvarr.pipeline import claims, countries, marks

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST: Final = 200
"""Letters of a name that are looked at."""

WORD: Final = (
    r"[\p{L}\p{Nl}\p{No}\x{0900}-\x{0dff}\x{0e00}-\x{0eff}\x{1000}-\x{109f}--\p{Nd}]+|\p{Nd}+|\+"
)
"""Letters, with the signs above and below those of Indian and South-East Asian alphabets."""

_BEGINS: Final = r"^(\W*[A-Za-z]{2,3}\s*(?:[\]|):★✦•●▎┃]+|\s[-\u2013]\s)\s*)\S"
_NO_PREFIX: Final = frozenset({"tv", "sd", "fm"})
_ENDS: Final = r"\s(US|USA|UK|GB|CA|AU|NZ|IE|DE|FR|ES|NL|BR|MX)\s*$"
_DECORATION: Final = r"[™®©℠\x{24b6}-\x{24e9}\x{1f100}-\x{1faff}\x{2190}-\x{2bff}\x{fe0f}]"
_ALIKE: Final = {
    **dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz", strict=True)),
    **dict(zip("٠١٢٣٤٥٦٧٨٩", "0123456789", strict=True)),
    **dict(zip("۰۱۲۳۴۵۶۷۸۹", "0123456789", strict=True)),
}
_SPELT: Final = {"ß": "ss", "\u03c2": "\u03c3", "'": "", "`": "", "\u2019": "", "&": " and "}
_BRACKETS: Final = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}]")
_SHIFT: Final = re.compile(
    r"(?:\+ ?|\bplus ?)(?P<hours>\d{1,2})(?: ?(?:h|hr|hrs|hour|hours))?(?![\w+])"
)
_LETTER: Final = re.compile(r"[^\W\d_]")
_QUALITY: Final = {
    "uhd": ("4320p", "2160p"),
    "hd": ("1440p", "1080p", "1080i", "720p", "720i", "HD"),
    "": ("HQ",),
}
"""What resolutions are taken together, since few names say more; all others are `sd`."""


def taken_off(names: pl.Series, parted: pl.Series | None = None) -> pl.DataFrame:
    """Return `left, country, edition, hours, quality` of each name.

    `left` is in lower case without accents; `hours` (`+1`) and `quality` are empty where nothing
    is said. `parted` is `marks.PARTED` of the same rows, if that is known.
    """
    text, quality = _without_marks(marks.parted(names.str.head(LONGEST), parted))
    text, country = _without_country(text)
    text, edition = _without_edition(text)
    text, noted = _without_brackets(_folded(text))
    text, hours = _without_shift(text)
    return pl.DataFrame(
        {
            "left": text,
            "country": country,
            "edition": edition.fill_null(noted),
            "hours": hours,
            "quality": quality,
        }
    )


def _without_marks(found: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    known = found.select("marks").unique()
    said = known.with_columns(said=claims.of(pl.col("marks"))["resolution"].cast(pl.String))
    kinds = {fact: kind for kind, facts in _QUALITY.items() for fact in facts}
    quality = found.join(said, on="marks", how="left", maintain_order="left")["said"]
    kind = quality.replace_strict(kinds, default="sd", return_dtype=pl.String)
    return marks.cleaned_of(found), kind.zip_with(quality.is_not_null(), pl.Series([""]))


def _without_country(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return the country that a prefix or a flag tells; a flag goes with other pictures."""
    begins = texts.str.extract(_BEGINS)
    codes = {begin: _code_of(begin) for begin in begins.unique().drop_nulls()}
    country = begins.replace_strict(codes, default=None, return_dtype=pl.String)
    prefix = begins.zip_with(country.is_not_null(), pl.Series([""]))
    left = pl.select(pl.lit(texts).str.strip_prefix(pl.lit(prefix))).to_series()
    return left, country.fill_null(_flags(texts))


def _code_of(begin: str) -> str | None:
    prefix = "".join(filter(str.isalpha, begin)).lower()
    return None if prefix in _NO_PREFIX else countries.code_of(prefix)


def _flags(texts: pl.Series) -> pl.Series:
    return _told(texts, r"[\x{1f1e6}-\x{1f1ff}]{2}", countries.of_flag)


def _without_edition(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    edition = _told(texts.str.extract(_ENDS, 1), ".", countries.code_of)
    return texts.str.replace(_ENDS, "").zip_with(edition.is_not_null(), texts), edition


def _folded(texts: pl.Series) -> pl.Series:
    """Return lower case without accents or decoration; superscripts become plain letters.

    What has no letters but ASCII's, as most names, has none of these. There are signs that become
    eighteen letters.
    """
    others = (texts.str.len_bytes() != texts.str.len_chars()).fill_null(value=False).arg_true()
    plain = texts.str.to_lowercase().scatter(others, _plain(texts.gather(others)))
    return plain.str.replace_many(list(_SPELT), list(_SPELT.values())).str.head(LONGEST)


def _plain(texts: pl.Series) -> pl.Series:
    return (
        texts.str.replace_all(_DECORATION, " ")
        .str.replace_many(list(_ALIKE), list(_ALIKE.values()))
        .str.normalize("NFKC")
        .str.to_lowercase()
        .str.normalize("NFD")
        .str.replace_all(r"[\x{0300}-\x{036f}]", "")
        .str.normalize("NFC")
    )


def _without_brackets(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Take out brackets that hold a country, which is returned."""
    noted = _told(texts, r"[(\[{]", _country_in_brackets)
    left = _told(texts, r"[(\[{]", _without_country_in_brackets)
    return left.fill_null(texts), noted


def _country_in_brackets(text: str) -> str | None:
    codes = [countries.code_of(found[1]) for found in _BRACKETS.finditer(text)]
    return next((code for code in reversed(codes) if code), None)


def _without_country_in_brackets(text: str) -> str:
    return _BRACKETS.sub(
        lambda found: " " if countries.code_of(found[1]) else f" {found[1]} ", text
    )


def _without_shift(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Take out `+1`, `+24h` or `plus 1` at the end; "1+1" is a brand and stays."""
    rows = texts.str.contains(r"\+ ?\d|plus ?\d").fill_null(value=False).arg_true()
    parts = pl.DataFrame(
        [_shift_apart(text) for text in texts.gather(rows)],
        schema={"left": pl.String, "hours": pl.String},
        orient="row",
    )
    hours = pl.repeat("", len(texts), dtype=pl.String, eager=True)
    return texts.clone().scatter(rows, parts["left"]), hours.scatter(rows, parts["hours"])


def _shift_apart(text: str) -> tuple[str, str]:
    found = _shift(text)
    if not found:
        return text, ""
    return f"{text[: found.start()]} {text[found.end() :]}", f"+{int(found['hours'])}"


def _shift(text: str) -> re.Match[str] | None:
    """Return the first that has a letter before it and no other `+` in between.

    The letter is not a part of the pattern, which would be tried from every letter to the end.
    """
    for found in _SHIFT.finditer(text):
        start = found.start()
        if _LETTER.search(text, text.rfind("+", 0, start) + 1, start):
            return found
    return None


def _told(texts: pl.Series, where: str, tell: Callable[[str], str | None]) -> pl.Series:
    """Return what is told of each text in which a pattern is found; null of the others."""
    rows = texts.str.contains(where).fill_null(value=False).arg_true()
    none = pl.repeat(None, len(texts), dtype=pl.String, eager=True)
    if rows.is_empty():
        return none
    return none.scatter(
        rows, pl.Series([tell(text) for text in texts.gather(rows)], dtype=pl.String)
    )
