"""Rules and filters as one plan, against Python closures that do the same row by row.

30 rules and 10 filters over 100,000 channels; 20 rules over a guide's programmes, part by part.
Each side ends in the fields as the rules leave them and the filters' verdicts; both are digested,
and a comparison of different work is refused. Used by `tests.bench.steps`.
"""

from __future__ import annotations

import random
import re
import resource
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import polars as pl

from tvarr.expression import plan
from tvarr.expression.fields import Domain, fields, to_fields
from tvarr.expression.sentence import Sentence, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

Row = dict[str, str]
Condition = tuple[str, str, str]
"""Field, operator, value."""
Action = tuple[str, str, str]
"""Verb, field, value: a text, `$1` or `$field`."""

NOW = datetime(2026, 8, 22, 18, 30, tzinfo=UTC)
PART = 25_000
CHANNELS = 100_000


@dataclass(frozen=True)
class Rule:
    """One condition and its actions, in a form that both sides are made from."""

    condition: Condition
    actions: tuple[Action, ...]

    def __str__(self) -> str:
        """Return the sentence."""
        said = " ".join(f'{verb} {field} = "{value}"' for verb, field, value in self.actions)
        return f"{_said(self.condition)} {said}"


def _said(condition: Condition) -> str:
    field, operator, value = condition
    return f"{field} {operator} '{value}'"


CHANNEL_RULES = (
    *(
        Rule(
            ("channel_name", "matches", rf"^[\[|]?({code})[\]|: -]+ *(.*)$"),
            (("SET", "tvg_country", "$1"), ("SET", "channel_name", "$2")),
        )
        for code in ("UK", "US", "FR", "DE", "IT", "ES")
    ),
    *(
        Rule(("channel_name", "ends_with", end), (("SET", "tvg_language", end.strip().lower()),))
        for end in (" HD", " FHD", " 4K", " SD", " UHD")
    ),
    *(
        Rule(("group_title", "contains", part), (("SET", "group_title", group),))
        for part, group in (
            ("sport", "Sports"), ("news", "News"), ("movie", "Movies"), ("kids", "Children"),
            ("docu", "Documentary"), ("general", "General"),
        )
    ),
    *(
        Rule(
            ("channel_name", "contains", word),
            (("SET", "is_adult", "true"), ("APPEND", "group_title", " 18+")),
        )
        for word in ("xxx", "adult", "hot")
    ),
    *(
        Rule(("channel_name", "contains", word), (("REMOVE", "channel_name", word),))
        for word in ("ʰᵉᵛᶜ", "+1", "straße", "one", "two")
    ),
    Rule(("tvg_logo", "equals", ""), (("SET", "tvg_logo", "http://l/placeholder.png"),)),
    Rule(("tvg_id", "equals", ""), (("SET", "tvg_id", "$channel_name"),)),
    Rule(("channel_name", "matches", r"(?i)\b(main|event)\b"), (("SET", "tvg_name", "$1"),)),
    Rule(("channel_number", "greater_than", "50000"), (("SET", "catchup", "default"),)),
    Rule(("stream_url", "starts_with", "http://h3"), (("SET", "catchup_days", "3"),)),
)  # fmt: skip
CHANNEL_FILTERS = (
    ("group_title", "contains", "18+"),
    ("channel_name", "contains", "xxx"),
    ("group_title", "equals", "radio"),
    ("stream_url", "ends_with", ".ts"),
    ("channel_name", "matches", r"\d+$"),
    ("tvg_country", "equals", "UK"),
    ("channel_number", "less_than", "90000"),
    ("channel_name", "starts_with", "bbc"),
    ("group_title", "contains", "24/7"),
    ("tvg_language", "equals", "4k"),
)
PROGRAMME_RULES = (
    *(
        Rule(("programme_title", "starts_with", word), (("SET", "programme_rating", word),))
        for word in ("New", "Its", "The", "We")
    ),
    *(
        Rule(("programme_description", "contains", word), (("SET", "programme_subtitle", word),))
        for word in ("señor", "people", "wort", "river")
    ),
    *(
        Rule(("programme_title", "matches", pattern), (("SET", "programme_title", "$1"),))
        for pattern in (r"^(.*) \(new\)$", r"^(?i)live: *(.*)$", r"^(.*?) 1\d+$", r"^(.*)!$")
    ),
    *(
        Rule(("programme_description", "ends_with", end), (("APPEND", "programme_title", "."),))
        for end in ("the.", "word.", "how.")
    ),
    Rule(("programme_subtitle", "equals", ""), (("SET", "programme_subtitle", "-"),)),
    Rule(("programme_season", "greater_than", "9"), (("SET", "programme_rating", "$season"),)),
    Rule(("programme_episode", "starts_with", "1"), (("REMOVE", "programme_title", "word"),)),
    Rule(("programme_language", "equals", "EN"), (("SET", "programme_language", "en"),)),
    Rule(("programme_icon", "ends_with", "1.jpg"), (("SET", "programme_icon", ""),)),
)


def compare_rules(programmes: Path) -> dict[str, float]:
    """Time both sides; `programmes` is a snapshot's Parquet.

    Returns seconds as `channels`, `channels_loop`, `programmes`, `programmes_loop`, `parsing`
    (1,000 rules) and `explosive`, and MB as `channels_memory`, `programmes_memory`.
    """
    sentences = _sentences(CHANNEL_RULES, CHANNEL_FILTERS, Domain.CHANNEL)
    frame = channel_frame()
    before = _peak()
    ours, ours_digest = _best(lambda: _plan(frame, sentences), 3)
    found = {"channels": ours, "channels_memory": _peak() - before}
    found["channels_loop"], digest = _best(lambda: _loop(frame, CHANNEL_RULES, CHANNEL_FILTERS), 1)
    _same(ours_digest, digest)
    found |= _compare_programmes(programmes)
    start = time.perf_counter()
    for number in range(1_000):
        rule = CHANNEL_RULES[number % len(CHANNEL_RULES)]
        parse(f"{rule} SET tvg_name = 'n{number}'", Domain.CHANNEL, kind="rule")
    found["parsing"] = time.perf_counter() - start
    found["explosive"] = _explosive()
    return found


def _compare_programmes(programmes: Path) -> dict[str, float]:
    sentences = _sentences(PROGRAMME_RULES, (), Domain.PROGRAMME)
    took = {"programmes": 0.0, "programmes_loop": 0.0}
    memory = 0.0
    for part in _parts(programmes):
        before = _peak()
        seconds, digest = _best(lambda part=part: _plan(part, sentences), 1)  # type: ignore[misc]
        memory = max(memory, _peak() - before)
        took["programmes"] += seconds
        seconds, other = _best(lambda part=part: _loop(part, PROGRAMME_RULES, ()), 1)  # type: ignore[misc]
        took["programmes_loop"] += seconds
        _same(digest, other)
    return {**took, "programmes_memory": memory}


def channel_frame() -> pl.DataFrame:
    """Return 100,000 channels as a field frame, the same ones each time."""
    chance = random.Random(7)
    begin = ("UK: ", "US: ", "FR| ", "DE - ", "[IT] ", "", "ES: ", "|AR| ")
    names = ("BBC One", "Sky Sports Main Event", "TF1", "Das Erste", "РОССИЯ 1", "ČT1",
             "Canal+ Sport", "Discovery", "XXX Hot", "Kids TV", "News 24", "Straße TV")  # fmt: skip
    end = (" HD", " FHD", " 4K", "", " SD", " +1", " UHD ʰᵉᵛᶜ")
    groups = ("Sports", "UK | Entertainment", "News", "Movies 24/7", "Adult XXX", "Kids", "Radio",
              "FR GENERAL", "", "Documentary")  # fmt: skip
    numbers = range(CHANNELS)
    said = {
        "channel_name": [
            f"{chance.choice(begin)}{chance.choice(names)}{chance.choice(end)} {n % 500}"
            for n in numbers
        ],
        "group_title": [chance.choice(groups) for _ in numbers],
        "tvg_id": [f"ch{n % 3000}.uk" if n % 3 else None for n in numbers],
        "stream_url": [f"http://h{n % 7}.example/live/{n}.ts" for n in numbers],
        "channel_number": [str(n) for n in numbers],
        "tvg_logo": [f"http://l/{n}.png" if n % 2 else "" for n in numbers],
    }
    empty = [None] * CHANNELS
    every = [field.name for field in fields(Domain.CHANNEL)]
    return pl.DataFrame(
        {name: said.get(name, empty) for name in every}, schema=dict.fromkeys(every, pl.String)
    )


def _parts(programmes: Path) -> Iterable[pl.DataFrame]:
    """Yield field frames of the guide, `PART` rows each."""
    scan = pl.scan_parquet(programmes)
    known = scan.collect_schema().names()
    read = [
        expr.alias(field.name)
        for field, expr in zip(fields(Domain.PROGRAMME), to_fields(Domain.PROGRAMME), strict=True)
        if field.column in known
    ]
    rows = scan.select(pl.len()).collect().item()
    for first in range(0, rows, PART):
        yield scan.slice(first, PART).select(read).collect()


def _sentences(
    rules: Iterable[Rule], filters: Iterable[Condition], domain: Domain
) -> list[Sentence]:
    return [
        *(parse(str(rule), domain, kind="rule") for rule in rules),
        *(parse(_said(condition), domain, kind="filter") for condition in filters),
    ]


def _plan(frame: pl.DataFrame, sentences: list[Sentence]) -> tuple[pl.DataFrame, list[pl.Series]]:
    out = plan.apply(frame.lazy(), sentences, NOW).collect()
    filters = [index for index, sentence in enumerate(sentences) if sentence.kind == "filter"]
    return out.select(frame.columns), [out[plan.matched(index)] for index in filters]


def _loop(
    frame: pl.DataFrame, rules: Iterable[Rule], filters: Iterable[Condition]
) -> tuple[pl.DataFrame, list[pl.Series]]:
    """Do the same by a closure for each condition and each action, row after row."""
    tests = [(_holds(*rule.condition), [_does(*a) for a in rule.actions]) for rule in rules]
    verdicts = [_holds(*condition) for condition in filters]
    judged: list[list[bool]] = [[] for _ in verdicts]
    rows = []
    for given in frame.iter_rows(named=True):
        row = {name: text or "" for name, text in given.items()}
        for holds, actions in tests:
            if found := holds(row):
                for act in actions:
                    act(row, found)
        for kept, holds in zip(judged, verdicts, strict=True):
            kept.append(bool(holds(row)))
        rows.append(row)
    out = pl.DataFrame(rows, schema=frame.schema)
    return out, [pl.Series(kept, dtype=pl.Boolean) for kept in judged]


def _holds(field: str, operator: str, value: str) -> Callable[[Row], Any]:
    if operator == "matches":
        search = re.compile(_for_python(value)).search
        return lambda row: search(row[field])
    folded = value.casefold()
    match operator:
        case "contains":
            return lambda row: folded in row[field].casefold()
        case "equals":
            return lambda row: row[field].casefold() == folded
        case "starts_with":
            return lambda row: row[field].casefold().startswith(folded)
        case "ends_with":
            return lambda row: row[field].casefold().endswith(folded)
    limit, is_greater = float(value), operator == "greater_than"

    def compares(row: Row) -> bool:
        try:
            number = float(row[field])
        except ValueError:
            return False
        return number > limit if is_greater else number < limit

    return compares


def _for_python(pattern: str) -> str:
    """Put the flags first, where Python wants them."""
    return pattern.replace("^(?i)", "(?i)^")


def _does(verb: str, field: str, value: str) -> Callable[[Row, Any], None]:
    group = int(value[1:]) if re.fullmatch(r"\$\d", value) else None
    copied = _SHORT.get(value[1:], value[1:]) if value.startswith("$") and group is None else None

    def act(row: Row, found: Any) -> None:
        text = found[group] or "" if group is not None else row[copied] if copied else value
        if verb == "SET":
            row[field] = text
        elif verb == "APPEND":
            row[field] += text
        else:
            row[field] = row[field].replace(text, "")

    return act


_SHORT = {"season": "programme_season"}


def _best(work: Callable[[], tuple[pl.DataFrame, list[pl.Series]]], runs: int) -> tuple[float, str]:
    """Return the seconds of the median run and a digest of what came out."""
    took = []
    for _ in range(runs):
        start = time.perf_counter()
        frame, verdicts = work()
        took.append(time.perf_counter() - start)
    digest = sha256()
    for column in frame.fill_null("").iter_columns():
        digest.update("\x1f".join(column).encode())
    for verdict in verdicts:
        digest.update(bytes(verdict))
    return sorted(took)[len(took) // 2], digest.hexdigest()


def _same(ours: str, theirs: str) -> None:
    if ours != theirs:
        raise RuntimeError("the two sides did different work")


def _explosive() -> float:
    """Return the seconds for a pattern that takes a backtracking engine longer than the sun has."""
    sentence = parse("channel_name matches '^(a+)+$'", Domain.CHANNEL, kind="filter")
    frame = pl.DataFrame({"channel_name": ["a" * 50_000 + "!"] * 10})
    start = time.perf_counter()
    frame.select(sentence.condition)
    return time.perf_counter() - start


def _peak() -> float:
    """Return the highest resident memory so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
