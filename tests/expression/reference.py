"""What a sentence of the expression language does to one record, row by row, in plain Python.

`tests.expression.test_cases` and `test_properties` hold the vectorised language against it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from tests.expression.reference_parser import (
    Action,
    Comparison,
    Condition,
    Group,
    Joined,
    Literal,
    Not,
    Value,
    parse,
    pattern_of,
)
from tests.expression.reference_words import (
    DOMAINS,
    FLAG_WORDS,
    FLAGS,
    NUMERIC,
    SEPARATOR,
    TIMES,
    read_time,
    strip,
)

Record = Mapping[str, str | None]
"""Fields by any of their names; what is left out is missing."""
Captured = re.Match[str] | None


@dataclass(frozen=True)
class Outcome:
    match: bool
    changed: dict[str, str]
    """The fields that read differently afterwards."""


def evaluate(
    text: str,
    record: Record,
    *,
    domain: str = "channel",
    kind: str = "rule",
    now: datetime = datetime(2026, 1, 1, tzinfo=UTC),
    logos: Mapping[str, str] | None = None,
) -> Outcome:
    """Apply a sentence to one record.

    Raises:
        Wrong: the text has a problem.
    """
    groups = parse(text, domain, kind, logos or {})
    before = {field: record.get(field) or "" for field in DOMAINS[domain]}
    row = _Row(dict(before), now, logos or {})
    held = [row.take_turn(group) for group in groups]
    changed = {field: text for field, text in row.fields.items() if text != before[field]}
    return Outcome(any(held), changed)


class _Verdict(NamedTuple):
    holds: bool
    captured: Captured = None


@dataclass
class _Row:
    fields: dict[str, str]
    now: datetime
    logos: Mapping[str, str]

    def take_turn(self, group: Group) -> bool:
        """Judge the row as it is by now, and change it if the condition holds."""
        verdict = self.judge(group.condition)
        if verdict.holds:
            for action in group.actions:
                self.act(action, verdict.captured)
        return verdict.holds

    # conditions

    def judge(self, condition: Condition) -> _Verdict:
        """Say whether it holds, and what its leftmost pattern that held has caught."""
        match condition:
            case Literal(holds):
                return _Verdict(holds)
            case Not(term):
                return _Verdict(not self.judge(term).holds)
            case Joined(word, terms):
                return _join(word, [self.judge(term) for term in terms])
            case Comparison():
                return self.compare(condition)

    def compare(self, comparison: Comparison) -> _Verdict:
        """Compare a field, which holds if it does for one of several texts."""
        texts = self.fields[comparison.field].split(SEPARATOR)
        if comparison.operator == "matches":
            searched = (re.search(pattern_of(comparison), text) for text in texts)
            found = next((match for match in searched if match), None)
            holds = (found is not None) != comparison.negated
            return _Verdict(holds, None if comparison.negated else found)
        value = self.write(comparison.value, None)
        holds = any(self.compare_text(comparison, text, value) for text in texts)
        return _Verdict(holds != comparison.negated)

    def compare_text(self, comparison: Comparison, text: str, value: str) -> bool:
        if comparison.operator in NUMERIC:
            return self.compare_numbers(comparison, text, value)
        if not comparison.exact:
            text, value = text.casefold(), value.casefold()
        return _TEXT[comparison.operator](text, value)

    def compare_numbers(self, comparison: Comparison, text: str, value: str) -> bool:
        read = read_time if comparison.field in TIMES else _read_number
        left, right = read(text), read(value)
        if left is None or right is None:
            return False
        return _NUMBERS[comparison.operator](left, right)

    # actions

    def act(self, action: Action, captured: Captured) -> None:
        """Change one field."""
        old = self.fields[action.field]
        new = self.result(action, old, self.write(action.value, captured))
        if action.field in FLAGS:
            new = FLAG_WORDS.get(strip(new).lower(), "")
        self.fields[action.field] = new

    @staticmethod
    def result(action: Action, old: str, value: str) -> str:
        match action.operator:
            case "delete":
                return ""
            case "?=":
                return old if strip(old) else value
            case "+=":
                return SEPARATOR.join(text + value for text in old.split(SEPARATOR))
            case "-=" if value:
                left = [text.replace(value, "") for text in old.split(SEPARATOR)]
                return SEPARATOR.join(filter(None, left))
            case "-=":
                return old
            case _:
                return value

    def write(self, value: Value, captured: Captured) -> str:
        """Put the pieces of a value together."""
        written: dict[str, Callable[[str], str]] = {
            "text": str,
            "field": lambda name: self.fields[name].replace(SEPARATOR, ", "),
            "capture": lambda key: _group(captured, key),
            "logo": self.logos.__getitem__,
            "now": lambda _: self.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "epoch_now": lambda _: str(int(self.now.timestamp())),
        }
        return "".join(written[piece.kind](piece.text) for piece in value)


def _join(word: str, verdicts: list[_Verdict]) -> _Verdict:
    holds = (all if word == "and" else any)(verdict.holds for verdict in verdicts)
    caught = (v.captured for v in verdicts if v.holds and v.captured is not None)
    return _Verdict(holds, next(caught, None) if holds else None)


def _group(captured: Captured, key: str) -> str:
    if captured is None:
        return ""
    group = int(key) if key.isdigit() else key
    try:
        return captured[group] or ""
    except IndexError:  # a group of another pattern of the sentence
        return ""


def _read_number(text: str) -> float | None:
    text = strip(text)
    return float(text) if re.fullmatch(r"[+-]?([0-9]+(\.[0-9]+)?|\.[0-9]+)", text) else None


_TEXT: dict[str, Callable[[str, str], bool]] = {
    "equals": str.__eq__,
    "contains": str.__contains__,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
}
_NUMBERS: dict[str, Callable[[float, float], bool]] = {
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
}
