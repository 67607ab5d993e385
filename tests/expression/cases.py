"""Reads the table of cases (`cases.txt`, which begins with what its lines mean)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

NOW = datetime(2025, 11, 30, 19, tzinfo=UTC)
LOGOS = {"placeholder": "http://l.invalid/placeholder.png", "bbc-1": "http://l.invalid/bbc.png"}

Record = dict[str, str | None]


class Expected(NamedTuple):
    """What comes of one record."""

    record: Record
    match: bool
    changed: dict[str, str]


class Wrong(NamedTuple):
    """One problem: where, and what is said about it as far as a case tells."""

    category: str
    line: int
    column: int
    text: str | None
    suggestion: str | None


@dataclass
class Case:
    title: str
    domain: str
    kind: str
    section: str
    patterns_of_rust: bool
    text: str = ""
    rows: list[Expected] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.section}: {self.title} ({self.domain})"


_TITLE = re.compile(r"# (.*) \[(channel|programme) (filter|rule)(, rust)?\]")
_WRONG = re.compile(r'! (\w+) (\d+):(\d+)(?: (".*?[^\\]"))?(?: -> (.+))?')
_OUTCOMES: Mapping[str, bool] = {"match": True, "no match": False}


def read_cases() -> list[Case]:
    """Return all cases in their order."""
    cases: list[Case] = []
    section = ""
    for line in Path(__file__).with_name("cases.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ")
        elif line.startswith("# "):
            cases.append(_begin(line, section))
        elif cases and line:
            _add(cases[-1], line)
    return cases


def _begin(line: str, section: str) -> Case:
    found = _TITLE.fullmatch(line)
    assert found, line
    title, domain, kind, rust = found.groups()
    return Case(title, domain, kind, section, bool(rust), text="\0")


def _add(case: Case, line: str) -> None:
    if line.startswith("|"):
        written = line[2:].replace("<TAB>", "\t").replace("<CR>", "\r")
        case.text = written if case.text == "\0" else f"{case.text}\n{written}"
    elif line.startswith("{"):
        case.rows.append(_expected(line))
    else:
        case.wrong.append(_wrong(line))


def _expected(line: str) -> Expected:
    record, outcome = line.split("} -> ", 1)
    changed = json.loads(outcome) if outcome.startswith("{") else {}
    logos = {f"@logo:{name}": address for name, address in LOGOS.items()}
    changed = {name: logos.get(text, text) for name, text in changed.items()}
    return Expected(json.loads(record + "}"), _OUTCOMES.get(outcome, True), changed)


def _wrong(line: str) -> Wrong:
    found = _WRONG.fullmatch(line)
    assert found, line
    category, row, column, text, suggestion = found.groups()
    return Wrong(category, int(row), int(column), text and json.loads(text), suggestion)
