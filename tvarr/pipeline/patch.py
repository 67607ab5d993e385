"""What rules changed in programmes, put into their XML.

Called by `tvarr.pipeline.rules` with the fields before and after its rules. A programme is written
out from `inner`, its content as `tvarr.ingest.xmltv` left it, so a changed field has to be changed
there, in the element that the reader takes it from; the rest stays byte for byte. The text is cut
at its elements and never parsed and written again. It can be cut that simply because of how the
reader writes: well-formed, in the DTD's order, attributes in double quotes, no bare `>`, and
neither comments nor CDATA.

Programmes of the ordinary shape are changed by whole columns, or by their few elements of one kind
(which many programmes share), all others one by one (`_Content`); all three give the same text.
What a change means for the fields is decided in `tvarr.ingest.xmltv.odd.fields_of`, the reader.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

COLUMNS: Final = (
    "title", "subtitle", "description", "categories", "icon", "episode", "season", "rating",
    "language",
)  # fmt: skip
"""What can be changed, in the order in which it is: the season is a part of the episode's number,
and the language may be an attribute of the title."""

ELEMENTS: Final = (
    "title", "sub-title", "desc", "credits", "date", "category", "keyword", "language",
    "orig-language", "length", "icon", "url", "country", "episode-num", "video", "audio",
    "previously-shown", "premiere", "last-chance", "new", "subtitles", "rating", "star-rating",
    "review", "image",
)  # fmt: skip
"""The order of xmltv.dtd (XMLTV project, release 1.4); unknown elements come behind."""

PERSONS: Final = (
    "director", "actor", "writer", "adapter", "producer", "composer", "editor", "presenter",
    "commentator", "guest",
)  # fmt: skip

MOST_SEASONS: Final = 999_999
"""The largest number in an episode number that the reader takes for a season."""

_RANKS: Final = {name: rank for rank, name in enumerate(ELEMENTS)}
_BLANKS: Final = " \t\n\r"  # around text, where the DTD calls them not significant
_TEXTS: Final = ("title", "subtitle", "description")
_PLACES: Final = {
    "title": "title",
    "subtitle": "sub-title",
    "description": "desc",
    "categories": "category",
    "icon": "icon",
    "episode": "episode-num",
    "season": "episode-num",
    "rating": "rating",
}
"""The elements that tell a field."""
_NOT_XML: Final = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x{FFFE}\x{FFFF}]"  # XML 1.0, 2.2
_ESCAPES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_ATTRIBUTE_ESCAPES: Final = {**_ESCAPES, '"': "&quot;", "\t": "&#9;", "\n": "&#10;"}


def patched(frame: pl.DataFrame, written: Collection[str]) -> pl.Series:
    """Return the new `inner` of every row.

    `frame` has `inner`, and for each name in `written` (of `COLUMNS`) the new value under that name
    and the old one, which was read from `inner`, under `old.` and that name; types are those of
    `schema.PROGRAMMES`. Null and empty text are the same: nothing is there. Blanks around a text
    and characters that XML does not allow are left out. A row in which nothing differs stays as it
    is; a season that no episode number can tell (below 1, mostly) is taken for a missing one.
    """
    columns = [column for column in COLUMNS if column in written]
    changed = _changed(frame, columns)
    if changed.is_empty():
        return frame["inner"]
    by_columns = _by_columns(changed, columns)
    others = changed.filter(by_columns.is_null())
    one_by_one = pl.Series("inner", list(_one_by_one(others, columns)), pl.String)
    texts = _replaced(by_columns, by_columns.is_null().arg_true(), one_by_one)
    return _replaced(frame["inner"], changed["row"], texts)


# --- what differs -------------------------------------------------------------------------------


def _changed(frame: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """Return the rows that differ: `row`, `inner`, and of each column new, old and `is.` differs.

    Looks at the values as they are first, since cleaning all of them takes longer than the rest.
    """
    either = frame.with_row_index("row").filter(
        pl.any_horizontal(pl.lit(value=False), *(_differs(column) for column in columns))
    )
    if either.is_empty():
        return either
    cleaned = either.with_columns(
        *(_cleaned(column).alias(column) for column in columns),
        *(_differs(column).alias(f"was.{column}") for column in columns),
    )
    return cleaned.with_columns(
        (pl.col(f"was.{column}") & _differs(column)).alias(f"is.{column}") for column in columns
    ).filter(pl.any_horizontal(f"is.{column}" for column in columns))


def _differs(column: str) -> pl.Expr:
    new, old = pl.col(column), pl.col(f"old.{column}")
    if column == "season":
        return new.ne_missing(old)
    if column == "categories":
        return _without_empty(new) != _without_empty(old)
    return new.fill_null("") != old.fill_null("")


def _cleaned(column: str) -> pl.Expr:
    value = pl.col(column)
    if column == "season":
        return value
    if column == "categories":
        return _without_empty(value.list.eval(_clean(pl.element())))
    return _clean(value.fill_null(""))


def _clean(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(_NOT_XML, "").str.strip_chars(_BLANKS)


def _without_empty(texts: pl.Expr) -> pl.Expr:
    return texts.fill_null([]).list.filter(pl.element() != "")


def _replaced(texts: pl.Series, rows: pl.Series, others: pl.Series) -> pl.Series:
    """Return `texts` with those of `rows` replaced."""
    if len(rows) == 0:
        return texts
    if len(rows) == len(texts):
        return others.alias(texts.name)
    source = pl.int_range(len(texts), dtype=pl.UInt32, eager=True)
    source = source.scatter(
        rows, pl.int_range(len(others), dtype=pl.UInt32, eager=True) + len(texts)
    )
    return pl.concat([texts, others.alias(texts.name)]).gather(source)


# --- by whole columns ---------------------------------------------------------------------------

_B: Final = f"[{_BLANKS}]*"


def _form(*names: str, inside: str = "[^<]*", empty: str = "/>|") -> str:
    """An element of one of the names, with the blanks before it."""
    name = "|".join(names)
    return rf"{_B}<(?:{name})(?:[{_BLANKS}][^<>]*)?(?:{empty}>{inside}</(?:{name})>)"


_CHILDREN: Final = {
    "credits": PERSONS,
    "video": ("present", "colour", "aspect", "quality"),
    "audio": ("present", "stereo"),
    "subtitles": ("language",),
    "rating": ("value", "icon"),
    "star-rating": ("value", "icon"),
}
_ANY: Final = {
    name: f"(?:{_form(name)})*"
    if name not in _CHILDREN
    else f"(?:{_form(name, inside=f'(?:{_form(*_CHILDREN[name])})*{_B}')})*"
    for name in ELEMENTS
}
"""The ordinary form of each part of a programme: no elements inside but those."""


def _by_columns(rows: pl.DataFrame, columns: list[str]) -> pl.Series:
    """Return the new texts, null for rows that are to be changed one by one."""
    is_unusual = pl.col("inner").str.contains(" xmlns=", literal=True)
    if "language" in columns:  # it may stand in two places
        is_unusual |= pl.col("is.language")
    rows = rows.with_columns(pl.when(~is_unusual).then("inner").alias("inner"))
    for column in columns:
        if column != "language":
            is_concerned = pl.col(f"is.{column}") & pl.col("inner").is_not_null()
            at = rows.select(is_concerned.arg_true()).to_series()
            change = _with_text if column in _TEXTS else _with_run
            inner = change(rows if len(at) == rows.height else rows[at], column)
            rows = rows.with_columns(_replaced(rows["inner"], at, inner))
    return rows["inner"]


def _cut(rows: pl.DataFrame, name: str, run: str) -> pl.DataFrame:
    """Return `rows` with `before`, `run` (of elements `name`, '' if none) and `after`.

    `after` is null where something stands in the way: the elements cannot be told so simply.
    """
    earlier = ELEMENTS[: ELEMENTS.index(name)]
    before = "".join(_ANY[element] for element in earlier)
    stray = rf"^{_B}(?:[^<{_BLANKS}]|</|<(?:{'|'.join((*earlier, name))})[{_BLANKS}/>])"
    return (
        rows.with_columns(before=_leading("inner", before))
        .with_columns(after=pl.col("inner").str.strip_prefix(pl.col("before")))
        .with_columns(run=_leading("after", run))
        .with_columns(after=pl.col("after").str.strip_prefix(pl.col("run")))
        .with_columns(after=pl.when(~pl.col("after").str.contains(stray)).then("after"))
    )


def _leading(column: str, pattern: str) -> pl.Expr:
    # a list of the one match is much cheaper than a captured group
    return pl.col(column).str.extract_all(f"^{pattern}").list.first() if pattern else pl.lit("")


def _with_text(rows: pl.DataFrame, column: str) -> pl.Series:
    name = _PLACES[column]
    end = f"</{name}>"
    first, others = (pl.col("run").str.splitn(end, 2).struct.field(f"field_{n}") for n in (0, 1))
    start = (
        pl.when(pl.col("run") == "")
        .then(pl.lit(f"<{name}"))
        .otherwise(first.str.splitn(">", 2).struct.field("field_0"))
    )
    text = pl.col(column).str.replace_many(_ESCAPES)
    kept = pl.concat_str(start, pl.lit(">"), text, pl.lit(end), others.fill_null(""))
    cleared = pl.concat_str(start, pl.lit(f">{end}")) if column == "title" else pl.lit("")
    run = pl.when(pl.col(column) == "").then(cleared).otherwise(kept)
    cut = _cut(rows, name, f"(?:{_form(name, empty='')})*")
    return cut.select(inner=pl.concat_str("before", run, "after")).to_series()


def _with_run(rows: pl.DataFrame, column: str) -> pl.Series:
    """Change the elements of one kind by themselves; the same ones mostly come again and again."""
    name = _PLACES[column]
    cut = _cut(rows, name, _ANY[name])
    known: dict[tuple[str, object], str] = {}
    runs = []
    for run, value in zip(cut["run"], cut[column].to_list(), strict=True):
        key = (run, tuple(value) if isinstance(value, list) else value)
        if key not in known:
            content = _Content(run)
            _SETTERS[column](content, value)
            known[key] = content.written()
        runs.append(known[key])
    cut = cut.with_columns(pl.Series("run", runs, pl.String))
    return cut.select(inner=pl.concat_str("before", "run", "after")).to_series()


# --- programme by programme ---------------------------------------------------------------------

_TAG = re.compile(r"<(/?)([^\s/<>]+)([^<>]*)>")
_ATTRIBUTE = re.compile(r'\s([^\s=]+)="([^"]*)"')
_REFERENCE = re.compile(r"&(?:#x([0-9A-Fa-f]+)|#([0-9]+)|(\w+));")
_CHARACTERS: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


@dataclass(slots=True, eq=False)
class _Element:
    """One element, in pieces that together are the text it came from."""

    name: str
    """'' if it is in a namespace of its own."""
    before: str
    """The text that stands before it."""
    opening: str
    """`<title lang="en"`"""
    content: str = ""
    end: str = "/>"
    """`</title>`, or `/>` where there is no content."""

    def written(self) -> str:
        between = "" if self.end == "/>" else ">"
        return f"{self.opening}{between}{self.content}{self.end}"

    def text(self) -> str:
        """Return the text inside without the blanks around it."""
        return _unescaped(_TAG.sub("", self.content)).strip(_BLANKS)

    def fill(self, content: str) -> None:
        """Replace what is inside by XML text."""
        self.opening = self.opening.rstrip(_BLANKS)
        self.content, self.end = content, f"</{self.name}>"

    def get(self, attribute: str) -> str | None:
        match = self._find(attribute)
        return _unescaped(match[2]) if match else None

    def set(self, attribute: str, value: str) -> None:
        """Change an attribute that is there; '' takes it out."""
        match = self._find(attribute)
        if match:
            text = f' {attribute}="{_escape(value, _ATTRIBUTE_ESCAPES)}"' if value else ""
            self.opening = self.opening[: match.start()] + text + self.opening[match.end() :]

    def _find(self, attribute: str) -> re.Match[str] | None:
        found = _ATTRIBUTE.finditer(self.opening)
        return next((match for match in found if match[1] == attribute), None)


def _elements(text: str) -> tuple[list[_Element], str]:
    """Cut `text` at the elements that stand in no other; return them and the text behind them."""
    found: list[_Element] = []
    depth = done = begin = 0
    for tag in _TAG.finditer(text):
        is_end, name, rest = tag.groups()
        if is_end:
            depth -= 1
            if depth == 0:
                found[-1].content = text[begin : tag.start()]
                found[-1].end = tag[0]
                done = tag.end()
            continue
        is_empty = rest.endswith("/")
        if depth == 0:
            begin = tag.end()
            opening = tag[0][: -2 if is_empty else -1]
            found.append(_Element(_own_name(name, rest), text[done : tag.start()], opening))
            done = begin
        depth += not is_empty
    return found, text[done:]


def _own_name(name: str, attributes: str) -> str:
    return "" if ' xmlns="' in attributes and ' xmlns=""' not in attributes else name


class _Content:
    """What stands in one element (mostly a programme) while it is changed."""

    def __init__(self, text: str) -> None:
        self._elements, self._behind = _elements(text)

    def written(self) -> str:
        texts = (element.before + element.written() for element in self._elements)
        return "".join(texts) + self._behind

    def all(self, name: str) -> list[_Element]:
        return [element for element in self._elements if element.name == name]

    def first(self, name: str) -> _Element | None:
        return next((element for element in self._elements if element.name == name), None)

    def insert(self, *new: _Element, in_front: bool = False) -> None:
        """Put elements of one kind behind the others of it (or before), where the DTD wants it."""
        rank = ELEMENTS.index(new[0].name) - in_front
        later = (at for at, other in enumerate(self._elements) if _rank(other) > rank)
        at = next(later, len(self._elements))
        self._elements[at:at] = new

    def remove(self, elements: Iterable[_Element]) -> None:
        """Take elements out, with the blanks before each."""
        gone = {id(element) for element in elements}
        kept: list[_Element] = []
        text = ""
        for element in self._elements:
            if id(element) in gone:
                text += element.before.rstrip(_BLANKS)
            else:
                element.before, text = text + element.before, ""
                kept.append(element)
        self._elements, self._behind = kept, text + self._behind

    def replace(self, old: list[_Element], new: list[_Element]) -> None:
        """Put `new`, some of which may be among `old`, where the first of `old` stands."""
        at = self._elements.index(old[0])
        lead, old[0].before = old[0].before, ""
        self.remove(old)
        for element in new:
            element.before = ""
        new[0].before = lead
        self._elements[at:at] = new


def _rank(element: _Element) -> int:
    return _RANKS.get(element.name, len(ELEMENTS))


def _new(name: str, text: str, attributes: str = "") -> _Element:
    return _Element(name, "", f"<{name}{attributes}", _escape(text), f"</{name}>")


def _one_by_one(rows: pl.DataFrame, columns: list[str]) -> Iterator[str]:
    for row in rows.iter_rows(named=True):
        programme = _Content(row["inner"])
        for column in columns:
            if row[f"is.{column}"]:
                _SETTERS[column](programme, row[column])
        yield programme.written()


def _text_setter(name: str) -> Callable[[_Content, str], None]:
    def set_text(programme: _Content, text: str) -> None:
        found = programme.all(name)
        if not text:
            programme.remove(found[1:] if name == "title" else found)
        if found and (text or name == "title"):  # the DTD wants a title
            found[0].fill(_escape(text))
        elif text:
            programme.insert(_new(name, text))

    return set_text


def _set_categories(programme: _Content, texts: list[str]) -> None:
    old = programme.all("category")
    unused: dict[str, deque[_Element]] = {}
    for element in old:
        unused.setdefault(element.text(), deque()).append(element)
    new = [unused[t].popleft() if unused.get(t) else _new("category", t) for t in texts]
    if not new:
        programme.remove(old)
    elif old:
        programme.replace(old, new)
    else:
        programme.insert(*new)


def _set_icon(programme: _Content, address: str) -> None:
    icons = programme.all("icon")
    own = next((icon for icon in icons if icon.get("src") is not None), None)
    new = _Element("icon", "", f'<icon src="{_escape(address, _ATTRIBUTE_ESCAPES)}"')
    if not address:
        programme.remove(icons)
    elif own:
        programme.replace([own], [new])
    else:
        programme.insert(new)


def _set_rating(programme: _Content, text: str) -> None:
    contents = ((rating, _Content(rating.content)) for rating in programme.all("rating"))
    ratings = [(rating, content) for rating, content in contents if content.first("value")]
    if not text:
        programme.remove(rating for rating, _ in ratings)
    elif ratings:
        rating, content = ratings[0]
        content.all("value")[0].fill(_escape(text))
        rating.content = content.written()
    else:
        rating = _new("rating", "")
        rating.content = _new("value", text).written()
        programme.insert(rating)


def _set_language(programme: _Content, language: str) -> None:
    title, own = programme.first("title"), programme.first("language")
    if not language:
        programme.remove(programme.all("language"))
    if title and title.get("lang") is not None:
        title.set("lang", language)
    elif language and own:
        own.fill(_escape(language))
    elif language:
        programme.insert(_new("language", language))


# --- episode numbers ----------------------------------------------------------------------------

_COUNTED = re.compile(r"(?=.*[0-9])[0-9/\s]*\.[0-9/\s]*\.[0-9/\s]*", re.DOTALL)
"""`1 . 4 . 0/1`: season, episode and part, all counted from 0 and each of them optional."""
_FIRST_PART = re.compile(r"\s*([0-9]*+)\s*(?=[/.]|\Z)")
_SEASON = re.compile(r"(s\s*+)([0-9]{1,6}+)(\s*+[.,:-]?+\s*+)(?=e\s*+[0-9])", re.IGNORECASE)
_TRIES: Final = 8


def _set_episode(programme: _Content, text: str) -> None:
    counted, shown = _numbers(programme)
    number = counted or shown
    if not text:
        programme.remove(programme.all("episode-num"))
    elif number:
        number.fill(_escape(text))
    else:
        system = "xmltv_ns" if _COUNTED.fullmatch(text) else "onscreen"
        programme.insert(_new("episode-num", text, f' system="{system}"'))


def _set_season(programme: _Content, season: int | None) -> None:
    counted, shown = _numbers(programme)
    is_countable = season is not None and 1 <= season <= MOST_SEASONS
    text = counted.text() if counted else ""
    part = _FIRST_PART.match(text) if counted else None
    if counted and part and (is_countable or part[1]):
        behind = text[part.end(1) :] if text else ".."
        counted.fill(_escape(f"{season - 1}{behind}" if season and is_countable else behind))
    if part and is_countable:
        return
    if shown and _season_in(shown.text()):
        shown.fill(_escape(_with_season(shown.text(), season)))
    elif season and is_countable:
        number = _new("episode-num", f"{season - 1}..", ' system="xmltv_ns"')
        programme.insert(number, in_front=True)  # the reader takes the first of its system


def _numbers(programme: _Content) -> tuple[_Element | None, _Element | None]:
    """Return the number in the system xmltv_ns, and the one onscreen or else the first."""
    numbers = programme.all("episode-num")
    systems = [number.get("system") for number in numbers]
    found = list(zip(numbers, systems, strict=True))
    counted = (number for number, system in found if system == "xmltv_ns")
    shown = (number for number, system in found if system in ("onscreen", None))
    return next(counted, None), next(shown, numbers[0] if numbers else None)


def _with_season(text: str, season: int | None) -> str:
    """Return `S02E05` with another season, or as `E05` without one."""
    match = _season_in(text)
    if match and season is not None and 0 <= season <= MOST_SEASONS:
        return text[: match.start(2)] + f"{season:0{len(match[2])}}" + text[match.end(2) :]
    for _ in range(_TRIES):
        if match is None:
            return text
        text = text[: match.start()] + text[match.end() :]
        match = _season_in(text)
    return ""  # it says seasons upon seasons


def _season_in(text: str) -> re.Match[str] | None:
    """Return the first season that stands at the beginning of a word, as the reader means it."""
    found = _SEASON.finditer(text)
    return next((m for m in found if not m.start() or not _is_word(text[m.start() - 1])), None)


def _is_word(letter: str) -> bool:
    """Return whether `letter` is `\\w` in the reader's regular expressions, not Python's.

    Unicode Technical Standard 18, annex C: letters, marks, decimal digits, connectors, joiners.
    """
    kind = unicodedata.category(letter)
    return kind[0] in "LM" or kind in ("Nd", "Nl", "Pc") or letter in "\u200c\u200d"


# --- text ---------------------------------------------------------------------------------------


def _escape(text: str, escapes: Mapping[str, str] = _ESCAPES) -> str:
    return text.translate({ord(letter): escape for letter, escape in escapes.items()})


def _unescaped(text: str) -> str:
    return _REFERENCE.sub(_character, text) if "&" in text else text


def _character(reference: re.Match[str]) -> str:
    in_hex, in_decimal, name = reference.groups()
    if name:
        return _CHARACTERS.get(name, reference[0])
    return chr(int(in_hex, 16) if in_hex else int(in_decimal))


_SETTERS: Final[dict[str, Callable[[_Content, Any], None]]] = {
    **{column: _text_setter(_PLACES[column]) for column in _TEXTS},
    "categories": _set_categories,
    "icon": _set_icon,
    "episode": _set_episode,
    "season": _set_season,
    "rating": _set_rating,
    "language": _set_language,
}
