"""What names say of quality, read by columns, against a loop of compiled expressions over names.

Both sides use the same patterns and end in six facts and a name without its marks; both are
digested, and a comparison of different work is refused. Used by `tests.bench.steps`.
"""

from __future__ import annotations

import random
import re
import time
from hashlib import sha256
from typing import TYPE_CHECKING

import polars as pl

from tvarr.pipeline import claims, marks, quality

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NAMES = 100_000
RUNS = 5

_COUNTRIES = (
    "",
    "",
    "",
    "UK: ",
    "DE: ",
    "US | ",
    "FR - ",
    "VIP AR: ",
    "IN:VIP ",
    "AR VIP: ",
    "RU ",
)
_FIRST = (
    "Sky Sports",
    "Canal",
    "beIN",
    "Россия",
    "ARD",
    "Rai",
    "CCTV-",
    "Discovery",
    "Tele",
    "MTV",
)
_THEN = ("1", "2", "Main Event", "Cinema", "News", "(Калуга)", "Plus+", "Extra 3", "", "Kids")
_MARKS = (
    *([""] * 10),
    *(" (1080p)", " (720p)", " (576p)", " (720p) [Not 24/7]", " (1080p) [Geo-blocked]"),
    *(" HD", " HD", " FHD", " SD", " HD (1080p)", " ᴴᴰ", " ᶠᴴᴰ ⁶⁰ᶠᵖˢ", " ᴿᴬᵂ", " 4K HEVC", " Ⓖ"),
    *(" HD backup", " FHD 1080", " UHD HDR 50fps", " HD 50", " Low", " [高清]", " H.265"),
)


def compare_quality() -> dict[str, float]:
    """Return the seconds of either side, the median of several runs in turn."""
    names = invented(NAMES)
    took: dict[str, list[float]] = {"columns": [], "loop": []}
    for _ in range(RUNS):
        ours, seconds = _timed(by_columns, names)
        took["columns"].append(seconds)
        theirs, seconds = _timed(by_loop, names)
        took["loop"].append(seconds)
        if ours != theirs:
            raise RuntimeError("the two sides did different work")
    return {side: sorted(seconds)[RUNS // 2] for side, seconds in took.items()}


def invented(count: int) -> list[str]:
    """Return names of which two thirds have marks, as in real playlists."""
    chance = random.Random(5)
    parts = (_COUNTRIES, _FIRST, (" ",), _THEN, _MARKS)
    return [
        "".join(chance.choice(part) for part in parts) + (f" ({n})" if n % 7 == 0 else "")
        for n in range(count)
    ]


def by_columns(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Read all names the way tvarr does."""
    series = pl.Series(names)
    facts = quality.claimed(series).fill_null("")
    return facts.insert_column(0, marks.cleaned(series).alias("name")).rows()


def _timed(
    read: Callable[[Sequence[str]], list[tuple[str, ...]]], names: Sequence[str]
) -> tuple[str, float]:
    start = time.perf_counter()
    rows = read(names)
    seconds = time.perf_counter() - start
    return sha256("\n".join(map("\x1f".join, rows)).encode()).hexdigest(), seconds


# --- the loop ------------------------------------------------------------------------------------


def by_loop(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Read one name after the other; a name without marks costs no look at the facts."""
    return [_read(name) for name in names]


def _compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern of Polars for Python."""
    return re.compile(pattern.replace(r"(?-u:\b)", r"(?a:\b)").replace(r"\p{L}", r"\w"))


def _words(facts: dict[str, str]) -> list[tuple[str, re.Pattern[str]]]:
    return [(fact, _compiled(claims.WORD.format(pattern))) for fact, pattern in facts.items()]


def _read(name: str) -> tuple[str, ...]:
    text = _STYLED.sub(lambda found: marks.STYLED[found[0]], name)
    text = _BRAND.sub(_held, text).strip()
    bare = _BRACKETS.sub("", text).strip()
    short = _TAIL.sub(_kept(2, 1, 3), bare)
    left = _HEAD.sub(_kept(1, 2, 3, 4, 5), short)
    found = " ".join(
        (
            " ".join(_BRACKETS.findall(text)),
            _OTHER_BRACKETS.sub("", " ".join(one[0] for one in _TAIL.finditer(bare))),
            " ".join(one[0] for one in _HEAD.finditer(short)),
            " ".join(_OF_BRAND.findall(left)),
        )
    )
    left = left.replace(marks.GLUE, " ").strip()
    if not found.strip():
        return name, "", "", "", "", "", ""
    alone = (_ALONE.search(left) and _COUNTRY.search(name)) or _MARK_ALONE.search(left)
    says = re.search(r"\w", left) and not alone
    return left if says else name, *_facts(found)


def _held(found: re.Match[str]) -> str:
    first, last = (group for group in found.groups() if group is not None)
    return f"{first}{marks.GLUE}{last}"


def _kept(*places: int) -> Callable[[re.Match[str]], str]:
    return lambda found: "".join(found[place] or "" for place in places)


def _facts(found: str) -> tuple[str, ...]:
    backup = _BACKUP.search(found)
    tiers = [fact for fact, pattern in _TIERS if pattern.search(found)]
    if backup:
        tiers.append(f"backup {backup[1]}" if backup[1] else "backup")
    elif _BK.search(found):
        tiers.append("backup")
    return (
        _lines(found) or _first(_RESOLUTIONS, found) or _first(_CHINESE, found),
        _first(_HDR, found),
        _first(_CODECS, found),
        next((said[1] for pattern in _FPS if (said := pattern.search(found))), ""),
        ", ".join(tiers),
        ", ".join(fact for fact, pattern in _NOTES if pattern.search(found)),
    )


def _lines(found: str) -> str:
    exact, *others = (pattern.search(found) for pattern in _LINES)
    if exact:
        return exact[1].lower()
    return next((f"{said[1]}p" for said in others if said), "")


def _first(facts: list[tuple[str, re.Pattern[str]]], found: str) -> str:
    return next((fact for fact, pattern in facts if pattern.search(found)), "")


_STYLED = re.compile("|".join(map(re.escape, marks.STYLED)))
_BRAND, _BRACKETS, _TAIL, _HEAD = map(
    _compiled, (marks.BRAND, marks.BRACKETS, marks.TAIL, marks.HEAD)
)
_OTHER_BRACKETS, _OF_BRAND = map(_compiled, (marks.OTHER_BRACKETS, marks.CLAIMED_BY_BRAND))
_ALONE, _COUNTRY = map(_compiled, (marks.COUNTRY_ALONE, marks.BEGINS_WITH_COUNTRY))
_MARK_ALONE = _compiled(marks.MARK_ALONE)
_LINES = [*map(_compiled, claims.LINES)]
_FPS = [*map(_compiled, claims.FPS)]
_BACKUP, _BK = _compiled(claims.NUMBERED_BACKUP), _compiled(claims.WORD.format("bk"))
_RESOLUTIONS, _TIERS, _CODECS, _NOTES = map(
    _words, (claims.RESOLUTIONS, claims.TIERS, claims.CODECS, claims.NOTES)
)
_HDR = [
    ("HDR10+", re.compile(r"(?i)hdr10\+")),
    *_words(claims.HDR),
    ("HDR", re.compile("(?i)超清hdr")),
]
_CHINESE = [(fact, re.compile(word)) for fact, word in claims.CHINESE.items()]
