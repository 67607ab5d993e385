"""Every example of docs/language.md does what it says there, and nothing is missing from it."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from tests import builders
from tests.expression.presets import PRESETS
from tests.expression.subject import frame_of, outcomes, problems, read
from tvarr import cli
from tvarr.expression import fields
from tvarr.expression.fields import SEPARATOR, Domain
from tvarr.expression.language import Verb
from tvarr.expression.operators import SPELLINGS
from tvarr.expression.plan import selected
from tvarr.expression.problems import Category, render
from tvarr.expression.reading import MAX_DEPTH, MAX_PIECES
from tvarr.expression.tokens import MAX_BYTES
from tvarr.state.conditions import Kind as ResourceKind
from tvarr.state.conditions import Status
from tvarr.state.store import Store
from tvarr.web import expressions

if TYPE_CHECKING:
    from tests.expression.cases import Record
    from tvarr.expression.operators import Operator
    from tvarr.expression.sentence import SentenceKind

PAGE = (Path(__file__).parents[1] / "docs" / "language.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```([^\n]+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


class Example(NamedTuple):
    """A sentence of the manual, and the lines that say what comes of it."""

    of: str
    text: str
    said: list[str]

    def __str__(self) -> str:
        return " ".join(self.text.split())[:60] or self.of


def _examples(*kinds: str) -> list[Example]:
    return [_example(kind, block) for kind, block in BLOCKS if kind in kinds]


def _example(kind: str, block: str) -> Example:
    text, _, said = block.rpartition("\n\n# ") if "\n\n# " in block else ("", "", block[2:])
    return Example(kind, text, said.removesuffix("\n").split("\n# "))


SENTENCES = _examples("channel filter", "channel rule", "programme filter", "programme rule")
WRONG = _examples("channel filter, wrong")
OF_PRESETS = _examples(*(f"preset/{name}" for name in PRESETS))
LISTS = _examples("channel filters")

_PAIR = re.compile(r'(\w+) ("(?:[^"\\]|\\.)*"|\[.*?\])(?:, )?')


def _read_fields(written: str) -> Record:
    assert _PAIR.sub("", written).strip() == "", written
    found = {name: json.loads(value) for name, value in _PAIR.findall(written)}
    return {name: _one_text(value) for name, value in found.items()}


def _one_text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else SEPARATOR.join(value)


def _read_outcome(line: str) -> tuple[Record, str]:
    record, arrow, outcome = line.partition("→")
    assert arrow, line
    return _read_fields(record), outcome.strip()


def _check(text: str, domain: str, kind: str, said: list[str]) -> None:
    sentence = read(text, domain, cast("SentenceKind", kind))
    told = [_read_outcome(line) for line in said]
    for (_, outcome), got in zip(told, outcomes(sentence, [r for r, _ in told]), strict=True):
        if outcome in ("matches", "does not match"):
            assert (got.match, got.changed) == (outcome == "matches", {})
        elif outcome == "nothing changes":
            assert (got.match, got.changed) == (True, {})
        else:
            assert (got.match, got.changed) == (True, _read_fields(outcome))


@pytest.mark.parametrize("example", SENTENCES, ids=str)
def test_an_example_does_what_the_manual_says(example: Example) -> None:
    domain, kind = example.of.split()

    _check(example.text, domain, kind, example.said)


@pytest.mark.parametrize("example", OF_PRESETS, ids=lambda example: example.of)
def test_a_preset_does_what_the_manual_says(example: Example) -> None:
    preset = PRESETS[example.of.removeprefix("preset/")]

    _check(preset.text, preset.domain, preset.kind, example.said)


@pytest.mark.parametrize("example", WRONG, ids=str)
def test_a_mistake_is_told_as_the_manual_shows(example: Example) -> None:
    found = problems(example.text, "channel", "filter")

    told = "\n".join(render(problem, example.text) for problem in found)
    assert told.split("\n") == example.said


@pytest.mark.parametrize("example", LISTS, ids=str)
def test_a_list_of_filters_keeps_what_the_manual_says(example: Example) -> None:
    filters = [line.partition(": ") for line in example.text.split("\n")]
    keeps = selected(
        (verdict, read(text, "channel", "filter").condition) for verdict, _, text in filters
    )
    told = [_read_outcome(line) for line in example.said]
    frame = frame_of([record for record, _ in told], "channel")

    kept = ["kept" if keep else "dropped" for keep in frame.select(keep=keeps)["keep"]]
    assert kept == [outcome for _, outcome in told]


def test_every_block_is_one_that_is_tried() -> None:
    tried = [*SENTENCES, *WRONG, *OF_PRESETS, *LISTS]
    others = [kind for kind, _ in BLOCKS if kind not in {example.of for example in tried}]

    assert others == ["yaml", "console", "console", "jsonl", "console"]
    assert len(tried) == len(BLOCKS) - len(others)


def test_the_example_in_yaml_holds_a_sentence() -> None:
    (block,) = [block for kind, block in BLOCKS if kind == "yaml"]
    (rule,) = YAML(typ="safe").load(block)["rules"].values()

    assert len(read(rule["do"]).actions) == 1


def _of_kind(wanted: str) -> list[str]:
    return [block for kind, block in BLOCKS if kind == wanted]


@pytest.mark.parametrize("session", _of_kind("console"), ids=lambda text: text.split()[3])
def test_a_command_prints_what_the_manual_shows(
    session: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TVARR_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    Path("cases.jsonl").write_text("".join(_of_kind("jsonl")), encoding="utf-8")
    snapshot = builders.source(
        tmp_path,
        builders.channel("UK: BBC One", group_title="General"),
        builders.channel("Euronews", group_title="News"),
        builders.channel("UK: Film4", group_title="Films"),
        name="freeview",
    )
    store = Store(tmp_path / "state.json")
    store.put(Status(kind=ResourceKind.SOURCE, name="freeview", snapshot=snapshot.digest))
    store.close()
    command, _, printed = session.partition("\n")

    words = shlex.split(command.removeprefix("$ tvarr "))
    assert CliRunner().invoke(cli.app, words).stdout == printed


def test_the_requests_of_the_manual_are_those_there_are() -> None:
    asked = re.findall(r"`(GET|POST) (/api/v1/expressions/\w+)", PAGE)

    assert asked == [(route.method, route.path) for route in expressions.routes()]


# --- completeness ----------------------------------------------------------------------------


def _rows(section: str) -> list[list[str]]:
    """Return the cells of a table's rows, the first without its backticks."""
    lines = re.findall(r"^\| `(.*)\|$", section, re.MULTILINE)
    rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    return [[name.strip("`"), *others] for name, *others in rows]


@pytest.mark.parametrize("domain", list(Domain))
def test_every_field_has_its_row_with_all_its_other_names(domain: Domain) -> None:
    section = PAGE.split(f"### Of {domain.value}s")[1].split("\n#")[0]
    described = {
        name: (set(re.findall(r"\w+", others)), "read only" not in holds)
        for name, others, holds in _rows(section)
    }

    assert described == {
        field.name: (set(field.aliases), field.writable) for field in fields.fields(domain)
    }


def test_every_operator_has_its_row_with_all_other_ways_to_write_it() -> None:
    section = PAGE.split("### Operators")[1].split("\n#")[0]
    written: dict[str, tuple[Operator, bool]] = {}
    for name, others, _ in _rows(section):
        written |= dict.fromkeys([name, *re.findall(r"`(\S+?)`", others)], SPELLINGS[name])

    plain = {word: means for word, means in SPELLINGS.items() if not word.startswith("not_")}
    negated = {w: m for w, m in SPELLINGS.items() if w in ("not_equals", "not_eq")}
    assert written == plain | negated


def test_the_limits_are_those_of_the_language() -> None:
    assert f"A sentence may have {MAX_BYTES // 1024} KiB" in PAGE
    assert f"and {MAX_PIECES} pairs of parentheses" in PAGE
    assert f"nested {MAX_DEPTH} deep" in PAGE


def test_every_action_kind_of_problem_and_preset_is_there() -> None:
    for verb in Verb:
        assert f"| `{verb.value} f" in PAGE
    for category in Category:
        assert f"| `{category.value}` |" in PAGE
    assert set(re.findall(r"^\| `preset/([\w-]+)` \|", PAGE, re.MULTILINE)) == set(PRESETS)
