"""What a channel's name says: its brand, and the facts that tell it from its neighbours.

Used by `tvarr.pipeline.match` for the lineup's names and the guides', and by
`tvarr.pipeline.spelling`. "UK: BBC One +1 FHD" is the brand `bbc` with the number 1, one hour late,
from the United Kingdom, in HD. Two names mean one channel only if all of these agree; how much of
the brand must, is decided there. Names are read by columns; what is taken off before is told in
`tvarr.pipeline.decoration`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import polars as pl

from tvarr.pipeline import countries, decoration

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

GENERIC: Final = ("canal", "channel", "network", "the", "tv", "канал")
"""Words that one provider writes and the other does not."""

_DIRECTIONS_TEXT: Final = """
east west north south pacific atlantic mountain central eastern western northern southern
northeast northwest southeast southwest nord sud ost est ouest norte sur sul este oeste
"""
_EDITIONS: Final = sorted({*_DIRECTIONS_TEXT.split(), *countries.WORDS, *countries.NAME_WORDS})
_COMMON_TEXT: Final = """
news sport sports movie movies music film films kids cinema comedy action drama classic classics
family live radio city nature travel food game games one two plus
"""
_COMMON: Final = _COMMON_TEXT.split()
"""No brand is made of these alone, so that nothing generic is taken away beside them."""
_SPELT: Final = "one two three four five six seven eight nine ten eleven twelve"
_SAME: Final = {"+": "plus", "television": "tv", "тв": "tv", "ch": "channel"} | {
    word: str(number) for number, word in enumerate(_SPELT.split(), start=1)
}

_PLAIN: Final = r"^(?:[a-z]+|[0-9]+)(?: (?:[a-z]+|[0-9]+))*$"
_NUMBER: Final = r" \p{Nd}+ "

SAID: Final[dict[str, type[pl.DataType]]] = {
    "key": pl.String,  # all words without blanks; equal keys are one spelling
    "core": pl.String,  # the words that are not generic, likewise
    "words": pl.String,  # those of the core, a blank on either side of each
    "generic": pl.String,  # the generic words, likewise
    "guard": pl.String,  # numbers, hours late, directions, languages, countries in words
    "country": pl.String,
    "edition": pl.String,
    "quality": pl.String,
    "branded": pl.Boolean,
}


class Name(NamedTuple):
    """What one name says."""

    key: str
    """All words without blanks between them; equal keys are one spelling."""
    core: str
    """The words that are not generic, likewise."""
    words: str
    """The words of the core, a blank on either side of each."""
    generic: frozenset[str]
    """The generic words."""
    guard: str
    """Numbers, hours late, directions, languages and countries in words: must be equal."""
    country: str | None
    """What stands before the name, or its flag; None: nothing does."""
    edition: str | None
    """The country that stands behind the name, which a channel of another one may have too."""
    quality: str
    """`uhd`, `hd`, `sd` or nothing."""
    branded: bool
    """Whether the core is a brand, not made of common words alone."""


def read_names(names: Iterable[str | None]) -> dict[str, Name | None]:
    """Return what each different name says, by the name; None where it has no letter."""
    texts = pl.Series(list(dict.fromkeys(filter(None, names))), dtype=pl.String)
    return dict(zip(texts, names_of(read(texts)), strict=True))


def names_of(said: pl.DataFrame) -> Iterator[Name | None]:
    """Yield each row that `read` returned as one value."""
    return map(_name, said.iter_rows())


def read_name(text: str) -> Name | None:
    """Return what one name says; many are read by `read_names` in a hundredth of the time."""
    return read_names([text]).get(text)


def read(names: pl.Series, parted: pl.Series | None = None) -> pl.DataFrame:
    """Return `SAID` of each name; key, words and brand are null without a letter."""
    return told(spelt(names, parted))


def spelt(names: pl.Series, parted: pl.Series | None = None) -> pl.DataFrame:
    """Return `key` and what `told` needs of each name: the words, and what stood around them.

    Words are written one after the other, each with a blank before and behind it, so that a word
    is found, replaced or taken out together with its own blanks. `parted` is what is known of the
    names already, as in `decoration.taken_off`.
    """
    bare = decoration.taken_off(names, parted)
    words = _words(bare["left"])
    says = words.str.contains(r"[^\s\p{Nd}]")
    key = pl.when(says).then(_together(words)).alias("key")
    return bare.drop("left").with_columns(key, says=says, words=words)


def told(texts: pl.DataFrame) -> pl.DataFrame:
    """Return `SAID` of what `spelt` returned, or of some rows of it."""
    words = texts["words"]
    core = _without(words, GENERIC)
    alone = ~core.str.contains(r"[^\s\p{Nd}]")
    core = words.zip_with(alone, core)
    generic = _those(words, GENERIC).zip_with(~alone, pl.Series([""]))
    said = texts.with_columns(
        core=_together(core),
        words=core,
        generic=generic,
        guard=_guard(words, texts["hours"]),
        branded=_branded(core),
    )
    unsaid = ["core", "words", "generic", "branded"]
    return said.with_columns(pl.when("says").then(pl.col(unsaid))).select(SAID.keys())


def _words(left: pl.Series) -> pl.Series:
    """Return all words, numbers as figures, without leading zeros.

    Where plain words stand a blank apart, as in most names, there is none to look for.
    """
    others = (~left.str.contains(_PLAIN)).fill_null(value=False).arg_true()
    found = left.str.replace_all(" ", "  ", literal=True).scatter(
        others, left.gather(others).str.extract_all(decoration.WORD).list.join("  ")
    )
    words = (" " + found + " ").str.replace_many(_apart(_SAME), _apart(_SAME.values()))
    return _replaced(words, r" 0+(\p{Nd})", " $1")


def _replaced(texts: pl.Series, pattern: str, new: str) -> pl.Series:
    """Return the texts with all that fits replaced, quicker where it fits few of them."""
    rows = texts.str.contains(pattern).fill_null(value=False).arg_true()
    return texts.clone().scatter(rows, texts.gather(rows).str.replace_all(pattern, new))


def _apart(words: Iterable[str]) -> list[str]:
    return [f" {word} " for word in words]


def _together(words: pl.Series) -> pl.Series:
    return words.str.replace_all(" ", "", literal=True)


def _without(words: pl.Series, some: Sequence[str]) -> pl.Series:
    return words.str.replace_many(_apart(some), [""] * len(some))


def _those(words: pl.Series, some: Iterable[str]) -> pl.Series:
    """Return which of some words stand in each, in order of the alphabet."""
    here = words.str.contains_any(_apart(some)).arg_true()
    none = pl.repeat("", len(words), dtype=pl.String, eager=True)
    if here.is_empty():
        return none
    found = words.gather(here).str.extract_many(_apart(some)).list.join("")
    sets = {text: _in_order(text) for text in found.unique()}
    return none.scatter(here, found.replace_strict(sets, return_dtype=pl.String))


def _in_order(words: str) -> str:
    return "".join(_apart(sorted(set(words.split()))))


def _guard(words: pl.Series, hours: pl.Series) -> pl.Series:
    here = words.str.contains(_NUMBER).fill_null(value=False).arg_true()
    numbers = pl.repeat("", len(words), dtype=pl.String, eager=True).scatter(
        here, words.gather(here).str.extract_all(_NUMBER).list.join("")
    )
    return numbers + ";" + hours + ";" + _those(words, _EDITIONS)


def _branded(core: pl.Series) -> pl.Series:
    """Tell whether three letters are left without numbers and common words, of four at least."""
    brand = _replaced(_without(core, _COMMON), _NUMBER, "")
    return (_letters(brand) >= 3) & (_letters(core) >= 4)


def _letters(words: pl.Series) -> pl.Series:
    return words.str.len_chars() - words.str.count_matches(" ", literal=True)


def _name(row: tuple[Any, ...]) -> Name | None:
    key, core, words, generic, *others = row
    if key is None:
        return None
    return Name(key, core, words, _set_of(generic), *others)


@lru_cache(maxsize=64)
def _set_of(words: str) -> frozenset[str]:
    return frozenset(words.split())
