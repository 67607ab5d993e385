"""Which words of a channel's name are marks of quality, and which belong to its brand.

Called by `tvarr.pipeline.quality`; what marks say is read in `tvarr.pipeline.claims`. The rules are
told in docs/quality.md. Patterns run over whole columns: nothing here goes over names one by one.

A word counts by where it stands. It is a mark in brackets that hold nothing but marks; in the run
of marks that ends a name, where a number, a country or other brackets may follow; and in front of
a name, beside a country, where `:` or `|` parts it from the rest. A hyphen without blanks joins,
but for `-HD` and `-SD`, so `WWE-RAW` and `CCTV-4K` are whole words. `BRANDS` has the few names that
end like a mark.
"""

from __future__ import annotations

from itertools import product

import polars as pl

PARTED = "name.parted"
"""Column of the lineup on its way: what `parted` returns of the names that came."""

_BEGIN = r"(?:^|[:|] *)"
_EDGE = r"(?-u:\b)"
"""Of a word; one of Unicode's would make a search of other alphabets ten times as long."""
BRANDS = (
    (f"{_EDGE}cbs sports", "hq"),  # HQ is the newsroom, not the picture
    (f"{_EDGE}wwe", "raw"),  # programmes that have channels of their own
    (f"{_EDGE}night", "raw"),
    (f"{_EDGE}(?:grande fratello|gran hermano|big brother)", "vip"),
    (f"{_BEGIN}vip", "(?:tv|news|sports?|channel)"),  # behind a country: AL: VIP TV
    (f"{_BEGIN}mtv", "hd"),  # channels beside the one without the word
    (f"{_BEGIN}bbc", "u?hd"),
    (f"{_BEGIN}(?:rai|trt|cctv)", "[48]k"),
)
"""First words and the last word of names that a mark would be taken out of, and would damage.

A word of resolution in one of them is read, since the channel says so of itself; none is taken out.
"""

_PIXELS = r"[1-9]\d{2,3}[pi](?:[2-6][05])?|[1-7]\d{2,3}[x\u00d7][1-9]\d{2,3}|3840"
_WORDS = r"[48]k|[ufqn]?hd|(?:ultra|full)[ -]?hd|hd[ -]ready|sd|[lh]q|4k超清|超?高清|超清|标清"
_CODING = r"hdr(?:10\+?)?|hlg|dolby[ -]?vision|[hx]\.?26[45]|avc|hevc|av1|mpeg-?2|1?\d\d ?fps"
_NOTE = r"geo[ -]?block(?:ed)?|not[ -]24[/-]7|offline|off[ -]air|(?:live )?events? only"
_PICTURE = f"{_PIXELS}|{_WORDS}|{_CODING}"
_TIER = r"(?-i:VIP|RAW)|back[ -]?up(?: ?[#]?\d{1,2})?|low"
"""In capitals at the end of a name, since `Nature Raw` is one."""
_BARE = r"multi(?:[ -]?audio)?|dv|1080|2160"
_AFTER = f"{_BARE}|720|4320|[56]0"
"""Marks only behind another one; the first also between brackets, where `[60]` is a number."""
_BRACKETED = (
    r"(?:hd|sd|ed)tv|youtube|vip|raw|bk|超清hdr|(?:uk|usa?) only"
    r"|(?:only )?(?:live )?(?:during|on|for) (?:the )?(?:games?|match(?:es|days?|day)?)(?: only)?"
    r"|live match(?:es)?(?: only)?|match(?:es)?(?: time)? only|live games? only|games? only"
)
"""Marks only between brackets."""

_GAP = r"[\s._|/\u2013—·•●◉★┃]+(?:-\s+)?"
"""What parts a mark from the name before it."""
_JOIN = r"[\s._|/,+&\u2013—·•●◉★┃-]+"
"""What parts marks from each other."""
_COUNTRY = r"(?-i:[A-Z]{2,6})"
_IN_FRONT = r"vip|raw|back-?up|[48]k(?: uhd)?|[uf]?hd|sd|hevc|h265|low"

LONGEST = 2_000
"""Bytes of a name in which marks are looked for."""
GLUE = "\ue000"
"""Stands for the blank of a brand meanwhile; no playlist has a private letter there."""

BRAND = r"(?i)(?:" + "|".join(f"({first}) ({last})" for first, last in BRANDS) + f"){_EDGE}"
_BRAND_HELD = (
    "".join(f"${{{2 * place + 1}}}" for place in range(len(BRANDS)))
    + GLUE
    + "".join(f"${{{2 * place + 2}}}" for place in range(len(BRANDS)))
)
CLAIMED_BY_BRAND = f"{GLUE}((?i:u?hd|[48]k)){_EDGE}"

_OPEN, _CLOSE = r"[\[({\uff08【]\s*", r"\s*[\])}\uff09】]"
_ANY = f"{_PICTURE}|{_NOTE}|{_TIER}"
_IN_BRACKETS = f"{_ANY}|{_BARE}|{_BRACKETED}"
BRACKETS = f"(?i)\\s*{_OPEN}(?:{_IN_BRACKETS})(?:{_JOIN}(?:{_IN_BRACKETS}))*{_CLOSE}"
_LAST = r"[\s.*]*$"
_NEARLY_LAST = r"(?:\s+\d{1,2}|\s+(?-i:[A-SU-Z][A-Z]|T[A-UW-Z])|\s*\([^()]*\)|\s*\[[^\[\]]*\])"
"""What may follow the marks at the end of a name: a number, a country (not TV), other brackets."""
_FURTHER = f"(?:{_JOIN}(?:{_ANY}|{_AFTER}))*"
# the last of these is for `Dolce Sport 1HD` and `Star Sports4-SD`
TAIL = (
    f"(?i)(?:{_GAP}(?:{_ANY}){_FURTHER}"
    f"|{_GAP}(?:{_PICTURE}){_FURTHER}({_NEARLY_LAST}+)"
    f"|(?:([\\p{{L}}\\d+] ?\\d)[uf]?hd|-(?:[uf]?hd|sd)){_FURTHER}({_NEARLY_LAST}*)){_LAST}"
)
_TAIL_LEFT = "$2$1$3"
HEAD = (
    r"(?i)^[\s|]*(?:"
    f"(?:{_IN_FRONT})[\\s|-]+({_COUNTRY}\\s*[:|])"  # VIP DE: Sky 1
    f"|({_COUNTRY})[\\s|-]+(?:{_IN_FRONT})\\s*([:|])"  # AR VIP: OSN News
    f"|({_COUNTRY}\\s*[:|]\\s*)(?:{_IN_FRONT})\\s*[:|]\\s*"  # US: VIP: Fox
    f"|({_COUNTRY}\\s*[:|]\\s*)(?-i:VIP)\\s+"  # IN:VIP HBO
    f"|(?:{_IN_FRONT})\\s*[:|]\\s*)"  # 4K | Sky Sports
)
_HEAD_LEFT = "$1$2$3$4$5"
OTHER_BRACKETS = r"\([^()]*\)|\[[^\[\]]*\]"
_NAMED = r"[\p{L}\p{N}]"
COUNTRY_ALONE = r"^\W*[A-Z]{2,3}\W*$"
MARK_ALONE = f"(?i)^\\W*(?:{_PICTURE})\\W*$"
BEGINS_WITH_COUNTRY = r"^\W*[A-Z]{2,3}\s*[:|-]"

# --- letters of other styles ---------------------------------------------------------------------

_RAISED = dict(
    zip(
        "0123456789abcdefhiklpqrsuvwABDEHIKPRUVW",
        "⁰¹²³⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉᶠʰⁱᵏˡᵖ𐞥ʳˢᵘᵛʷᴬᴮᴰᴱᴴᴵᴷᴾᴿᵁⱽᵂ",
        strict=True,
    )
)
_SMALL = dict(zip("abcdefhiklpqrsuvw", "ᴀʙᴄᴅᴇꜰʜɪᴋʟᴘꞯʀꜱᴜᴠᴡ", strict=True))
_STYLED_WORDS = (
    *("2160p", "1080p", "1080i", "720p", "576p", "480p", "60fps", "50fps", "30fps", "25fps"),
    *("backup", "hdr10", "h265", "h264", "hevc", "uhd", "fhd", "hdr", "raw", "vip", "hd", "sd"),
    *("8k", "4k", "hq", "lq"),
)
"""Longer ones first: the first that fits is taken."""


def _styled() -> dict[str, str]:
    """Return every way to write a mark in raised letters or small capitals, and the plain word."""
    found = {"Ⓨ": " [youtube] ", "Ⓖ": " [geo-blocked] ", "Ⓢ": " [sd] "}
    for word in _STYLED_WORDS:
        ways = [_ways(letter) for letter in word]
        plain = f" {word.upper()} "
        found |= {"".join(letters): plain for letters in product(*ways)}
        small = "".join(_SMALL.get(letter, letter) for letter in word)
        if small != word:
            found[small] = plain
    return found


def _ways(letter: str) -> list[str]:
    return [_RAISED[one] for one in dict.fromkeys((letter, letter.upper())) if one in _RAISED]


STYLED = _styled()
"""How marks are written in raised letters and small capitals, and plainly."""

# --- names ---------------------------------------------------------------------------------------


def part(names: pl.Series) -> pl.DataFrame:
    """Return `left`, each name without its marks, and `marks`, all of them as one text.

    `marks` is empty where there are none; `left` may be empty, or no more than a country.
    Each pattern is run over all names once, and taken apart only where it fits. In names beyond
    `LONGEST` no mark is looked for.
    """
    short = (names.str.len_bytes() <= LONGEST).fill_null(value=True)
    text = names.zip_with(short, pl.Series([""])).str.replace_many(
        list(STYLED), list(STYLED.values()), leftmost=True
    )
    text, _ = _taken(text, BRAND, _BRAND_HELD)
    text, brackets = _taken(text.str.strip_chars(), BRACKETS, "")
    bare, tail = _taken(text.str.strip_chars(), TAIL, _TAIL_LEFT)
    left, head = _taken(bare, HEAD, _HEAD_LEFT)
    left, brand = _taken(left, CLAIMED_BY_BRAND, " $1")
    tail = tail.str.replace_all(OTHER_BRACKETS, "")
    return pl.DataFrame({"left": left, "0": brackets, "1": tail, "2": head, "3": brand}).select(
        pl.col("left").str.replace_all(GLUE, " ", literal=True).str.strip_chars(),
        marks=pl.concat_str("0", "1", "2", "3", separator=" "),
    )


def parted(names: pl.Series, before: pl.Series | None = None) -> pl.DataFrame:
    """Return what `part` does, and `name`; `before`, its rows, tells it of names that are equal."""
    if before is None:
        return part(names).with_columns(name=names)
    known = before.struct.unnest()
    others = names.ne_missing(known["name"]).arg_true()
    if others.is_empty():
        return known
    anew = parted(names.gather(others))
    return known.select(column.clone().scatter(others, anew[column.name]) for column in known)


def cleaned(names: pl.Series) -> pl.Series:
    """Return the names without their marks; one that would say nothing then stays whole."""
    return cleaned_of(parted(names))


def cleaned_of(found: pl.DataFrame) -> pl.Series:
    """Return the same, from what `parted` returned."""
    left, names = found["left"], found["name"]
    marked = found["marks"].str.strip_chars() != ""
    alone = left.str.contains(COUNTRY_ALONE) & names.str.contains(BEGINS_WITH_COUNTRY)
    says = marked & left.str.contains(_NAMED) & ~alone & ~left.str.contains(MARK_ALONE)
    return left.zip_with(says, names)


def _taken(texts: pl.Series, pattern: str, new: str) -> tuple[pl.Series, pl.Series]:
    """Return the texts with what fits replaced, and what that was, empty where nothing fits."""
    taken = pl.repeat("", len(texts), dtype=pl.String, eager=True)
    rows = texts.str.contains(pattern).arg_true()
    if rows.is_empty():
        return texts, taken
    fitting = texts.gather(rows)
    taken = taken.scatter(rows, fitting.str.extract_all(pattern).list.join(" "))
    return texts.clone().scatter(rows, fitting.str.replace_all(pattern, new)), taken
