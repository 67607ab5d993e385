"""Random sentences and records for the property tests.

Texts are made of few letters, so that things are found in each other, and of those that Unicode
is odd about. Patterns are such that Python's `re` and Rust's `regex` take them alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.expression.reference_words import OPERATORS

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

_Few = st.text(st.sampled_from("aAbB1 "), max_size=3)
_ODD = "aSsßẞKk\u017f\u212aİi\u0131\u0307Σς\u03c3ﬁFIЁё\u0345\xa0\u3000\u200b$@\\\"'\n\t#"
Texts = st.one_of(
    _Few,
    _Few,
    _Few,
    st.text(st.sampled_from(_ODD), max_size=5),
    st.text(st.characters(codec="utf-8", exclude_characters="\x00\x1f"), max_size=4),
)
Categories = st.lists(Texts.filter(bool), max_size=3).map("\x1f".join)
"""As a field frame has them, see `tvarr.expression.fields`."""
Numbers = st.sampled_from(
    ["0", "1", "01", "1.0", "-1", "2.5", ".5", " 3 ", "10", "1e1", "x", "9" * 30]
)
Times = st.sampled_from(
    [
        "2025-11-30T18:59:59Z",
        "2025-11-30T19:00:00Z",
        "2025-11-30T20:00:00Z",
        "2026-01-01T00:00:00Z",
    ]
)
WrittenTimes = st.one_of(
    Times,
    st.sampled_from(
        ["2025-11-30T20:00:00+01:00", "1764529200", "1764529200.5", "soon", "2025-02-30T00:00:00Z"]
    ),
)
_RIGHT = r"""a ^a b$ (a)(b)? (?i)A(.*) (?P<x>[ab]+) [0-9]+ [^a] (a)|(b) ^$ (.)(\x20*)(.) (A|a|\x20)
(?P<x>a)(?P<y>b)? \$ \\ (.*)"""
_WRONG = ["(", "(?=a)", "[b-a]"]
Patterns = st.sampled_from([*_RIGHT.split(), ""] * 8 + _WRONG)

_CHANNEL = {
    "channel_name": "name",
    "tvg_id": "EPG_ID",
    "group_title": "category",
    "tvg_name": "tvg_name",
}
_PROGRAMME = {
    "programme_title": "title",
    "programme_category": "genre",
    "programme_description": "desc",
    "programme_rating": "rating",
}
TEXT_FIELDS = {"channel": _CHANNEL, "programme": _PROGRAMME}
NUMBER_FIELDS = {
    "channel": {"channel_number": "chno", "catchup_days": "catchup_days"},
    "programme": {"programme_episode": "episode", "channel_number": "channel_number"},
}
TIME_FIELDS = {"programme_start": "start", "programme_stop": "program_stop"}


def records(domain: str) -> SearchStrategy[dict[str, str | None]]:
    """Return records of some of the fields, some of them missing."""
    known: dict[str, SearchStrategy[str | None]] = {
        **{name: st.none() | Texts for name in TEXT_FIELDS[domain]},
        **{name: st.none() | Numbers for name in NUMBER_FIELDS[domain]},
    }
    if domain == "programme":
        known["programme_category"] = st.none() | Categories
        known |= {name: st.none() | Times for name in TIME_FIELDS}
    return st.fixed_dictionaries({}, optional=known)


def _either_case(words: SearchStrategy[str]) -> SearchStrategy[str]:
    return words.flatmap(lambda word: st.sampled_from([word, word.upper(), word.title()]))


def _names(known: dict[str, str]) -> SearchStrategy[str]:
    return _either_case(st.sampled_from([*known, *known.values()]))


@st.composite
def quoted(draw: st.DrawFn, texts: SearchStrategy[str], *, escape: bool = True) -> str:
    """Return a text in quotes of either kind; its backslashes escaped or left as they are."""
    text = draw(texts)
    quote = draw(st.sampled_from("\"'"))
    if escape:
        text = text.replace("\\", "\\\\")
    written = text.replace(quote, f"\\{quote}")
    if draw(st.booleans()):
        written = written.replace("\n", "\\n").replace("\t", "\\t")
    return f"{quote}{written}{quote}"


_TEXT_WORDS = [word for word, (operator, _) in OPERATORS.items() if operator[0] in "ecs"]
_NUMBER_WORDS = [word for word, (operator, _) in OPERATORS.items() if operator[0] in "<>"]
_PATTERN_WORDS = [word for word, (operator, _) in OPERATORS.items() if operator == "matches"]
_MODIFIERS = st.sampled_from([""] * 6 + ["NOT ", "case_sensitive ", "not case_sensitive ", "! "])


@st.composite
def comparisons(draw: st.DrawFn, domain: str) -> str:
    """Return one comparison."""
    texts, numbers = TEXT_FIELDS[domain], NUMBER_FIELDS[domain]
    kinds = ["text"] * 3 + ["number", "pattern", "pattern"] + ["time"] * (domain == "programme")
    copied = _names(texts | numbers).map(lambda name: f"${name}")
    match draw(st.sampled_from(kinds)):
        case "text":
            field, words = _names(texts | numbers), _TEXT_WORDS
            value = draw(
                quoted(Texts) | quoted(Numbers) | copied | st.sampled_from(["a", "B1", "01"])
            )
        case "number":
            field, words = _names(numbers | texts), _NUMBER_WORDS
            value = draw(quoted(Numbers) | copied | st.sampled_from(["1", "-1", "@time:now()"]))
        case "pattern":
            field, words = _names(texts), _PATTERN_WORDS
            value = draw(quoted(Patterns))
        case _:
            field, words = _names(TIME_FIELDS), _NUMBER_WORDS
            value = draw(quoted(WrittenTimes) | st.sampled_from(["@time:now", "$start", "$stop"]))
    operator = draw(_either_case(st.sampled_from(words)))
    lead = draw(st.sampled_from(["", "", "", "case_sensitive "]))
    return f"{lead}{draw(field)} {draw(_MODIFIERS)}{operator} {value}"


def conditions(domain: str) -> SearchStrategy[str]:
    """Return conditions of several comparisons."""
    literals = st.sampled_from(["true", "FALSE"])
    joins = st.sampled_from([" AND ", " or ", " && ", "||"])
    return st.recursive(
        comparisons(domain) | comparisons(domain) | literals,
        lambda inner: st.one_of(
            st.tuples(inner, joins, inner).map("".join),
            st.tuples(inner, joins, inner, joins, inner).map("".join),
            inner.map(lambda text: f"({text})"),
            st.tuples(st.sampled_from(["NOT ", "!", "not "]), inner).map("".join),
            inner.map(lambda text: f"NOT ({text})"),
        ),
        max_leaves=6,
    )


@st.composite
def assignments(draw: st.DrawFn, domain: str, captures: list[str]) -> str:
    """Return one assignment, perhaps with some of the captures."""
    texts = TEXT_FIELDS[domain]
    pieces = st.one_of(
        st.sampled_from([*captures, "@time:now", "@logo:bbc-1"]),
        _names(texts).map(lambda name: f"${name}"),
        Texts.map(lambda text: text.replace("$", "").replace("@", "").replace("\\", "")),
    )
    value = draw(quoted(st.lists(pieces, max_size=3).map("".join)) | quoted(Texts))
    return f"{draw(_names(texts))}{draw(st.sampled_from([' = ', ' ?= ', '+=', ' -= ']))}{value}"


@st.composite
def clauses(draw: st.DrawFn, domain: str, captures: list[str]) -> str:
    """Return one keyword with its list."""
    keyword = draw(st.sampled_from(["SET", "set_if_empty", "APPEND", "Remove", "DELETE"]))
    items = _names(TEXT_FIELDS[domain]) if keyword == "DELETE" else assignments(domain, captures)
    return f"{keyword} {', '.join(draw(st.lists(items, min_size=1, max_size=3)))}"


@st.composite
def groups(draw: st.DrawFn, domain: str) -> str:
    """Return a condition with actions, whose captures it can supply more often than not."""
    condition = draw(conditions(domain) | conditions(domain).map(lambda text: f"true OR {text}"))
    captures = ["$0", "$0", "$1", "${1}", "${x}", "$2"] if _supplies(condition) else []
    captures += draw(st.sampled_from([[]] * 19 + [["$0", "$3", "${y}"]]))
    acting = draw(st.lists(clauses(domain, captures), min_size=1, max_size=2))
    return " ".join([condition, *acting])


def _supplies(condition: str) -> bool:
    """Guess whether there are captures."""
    return "(" in condition and any(f" {word} " in condition.lower() for word in ("matches", "=~"))


@st.composite
def rules(draw: st.DrawFn, domain: str) -> str:
    """Return a rule: plain, or made of conditional groups."""
    plain = st.tuples(groups(domain))
    found = draw(plain | plain | st.lists(groups(domain), min_size=2, max_size=3).map(tuple))
    if len(found) == 1:
        return found[0]
    return draw(st.sampled_from([" AND ", " or "])).join(f"({group})" for group in found)


_WORDS = """channel_name tvg_id programme_title nmae = == != ?= += -= =~ > <= contains matches
not_equals like NOT ! AND && OR || ( ) ( ) , SET set_if_empty APPEND DELETE true case_sensitive
"a" '(b)' "$1" "(" $0 $name $x @time:now @logo:bbc-1 @logo:no @x:y 5 -1 a # ' " \\ & ${x"""
_PHRASES = """channel_name = "a"
channel_name matches "(a)"
NOT tvg_id contains b
SET tvg_id = "1"
group_title ?= x
APPEND tvg_name = "$1", tvg_id += $name
DELETE tvg_logo
(true
(
)
AND
OR
,"""
Soups = st.one_of(
    st.lists(st.sampled_from([*_WORDS.split(), "\n"]), max_size=8).map(" ".join),
    st.lists(st.sampled_from(_PHRASES.split("\n")), max_size=6).map(" ".join),
)
"""Words and phrases of the language in any order."""
