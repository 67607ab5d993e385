"""`tvarr expression`: what is printed, what goes out as JSON, and with which exit code it ends."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from tests import builders
from tvarr import cli
from tvarr.commands import expression
from tvarr.state.conditions import Kind, Status
from tvarr.state.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

YAML = """\
sources:
  tv: {kind: m3u, url: "http://user:secret@provider.invalid/list.m3u?token=secret"}
epg:
  uk: {kind: xmltv, url: guide.xml}
logos:
  placeholder: http://logos.invalid/none.png
"""
PREFIX = 'channel_name matches "^UK: (.*)" SET channel_name = "$1"'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder without a YAML; nothing of the machine's settings."""
    for name in list(os.environ):
        if name.upper().startswith("TVARR_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def catalog(folder: Path) -> Path:
    """The same with a YAML, and what was read of a playlist and a guide."""
    (folder / "tvarr.yaml").write_text(YAML)
    data = folder / "data"
    given = [
        builders.source(
            data,
            builders.channel("UK: One", "one", group_title="News"),
            builders.channel("Two", stream_url="http://tv.invalid/live/USER/PASS/2.ts"),
        ),
        builders.guide(
            data,
            builders.programme("one", "18:30", "19:00", "Vera"),
            builders.programme("one", "19:00", "20:00", "News"),
            declared=(builders.guide_channel("one", "One"),),
        ),
    ]
    store = Store(data / "state.json")
    for snapshot in given:
        kind = Kind(snapshot.kind)
        store.put(Status(kind=kind, name=snapshot.name, snapshot=snapshot.digest))
    store.close()
    return folder


def call(*arguments: str, stdin: str | bytes = "") -> Result:
    return CliRunner().invoke(cli.app, ["expression", *arguments], input=stdin)


class TestCheck:
    def test_a_right_sentence_is_told_in_its_canonical_form_and_as_a_tree(
        self, folder: Path
    ) -> None:
        result = call("check", 'name contains "BBC" && ! (group = "Radio") SET group += "!"')
        assert result.exit_code == 0
        assert result.stdout.splitlines() == [
            "a rule for channels",
            "",
            'channel_name contains "BBC" AND NOT group_title equals "Radio"'
            ' APPEND group_title = "!"',
            "",
            "where",
            "  AND",
            '    channel_name contains "BBC"',
            "    NOT",
            '      group_title equals "Radio"',
            "then",
            '  APPEND group_title = "!"',
        ]

    def test_everything_wrong_is_told_with_a_caret_and_a_suggestion(self, folder: Path) -> None:
        result = call("check", 'chanel_name contains "x" AND group_title contian "y"')
        assert result.exit_code == 1
        assert result.stdout.splitlines() == [
            '1:1 field: there is no field "chanel_name"',
            '    chanel_name contains "x" AND group_title contian "y"',
            "    ^^^^^^^^^^^",
            "try: channel_name",
            '1:42 operator: there is no operator "contian"',
            '    chanel_name contains "x" AND group_title contian "y"',
            "                                             ^^^^^^^",
            "try: contains",
        ]

    def test_json_has_the_same(self, folder: Path) -> None:
        right, wrong = call("check", "true", "--json"), call("check", "tru", "--json")
        assert (right.exit_code, wrong.exit_code) == (0, 1)
        assert json.loads(right.stdout)["valid"] is True
        assert json.loads(wrong.stdout)["errors"][0]["column"] == 4

    def test_a_kind_can_be_asked_for(self, folder: Path) -> None:
        lone = 'group_title = "News"'
        assert call("check", lone).stdout.startswith("a filter for channels")
        assert call("check", lone, "--kind", "rule").stdout.startswith("a rule for channels")
        assert call("check", f"true SET {lone}", "--kind", "filter").exit_code == 1

    def test_a_domain_can_be_asked_for(self, folder: Path) -> None:
        assert call("check", 'genre = "News"').exit_code == 1
        assert call("check", 'genre = "News"', "--domain", "programme").exit_code == 0

    def test_the_sentence_may_come_from_standard_input(self, folder: Path) -> None:
        assert call("check", "-", stdin='name = "Ä"\n').exit_code == 0
        result = call("check", "-", stdin=b"name = \xff")
        assert (result.exit_code, result.stderr) == (
            2,
            "tvarr: standard input is not text in UTF-8\n",
        )

    def test_standard_input_may_begin_with_a_byte_order_mark(self, folder: Path) -> None:
        assert call("check", "-", stdin=b"\xef\xbb\xbfname = a").exit_code == 0

    def test_standard_input_that_is_too_long_is_refused_for_its_length(self, folder: Path) -> None:
        result = call("check", "-", stdin="\xe9" * 40_000 + "x")
        assert result.exit_code == 1
        assert "this is too long" in result.stdout

    def test_logos_are_those_of_the_yaml(self, folder: Path) -> None:
        rule = "tvg_logo ?= @logo:placeholder"
        assert call("check", rule).exit_code == 1
        (folder / "tvarr.yaml").write_text(YAML)
        assert call("check", rule).exit_code == 0

    def test_a_yaml_that_is_wrong_stops_only_who_named_it(self, folder: Path) -> None:
        (folder / "tvarr.yaml").write_text("sources: 5\n")
        unnamed, named = call("check", "true"), call("check", "true", "--config", "tvarr.yaml")
        assert (unnamed.exit_code, named.exit_code) == (0, 2)
        assert unnamed.stderr == "tvarr: tvarr.yaml is not valid and is not used\n"
        assert "tvarr validate" in named.stderr


class TestEval:
    CASES = (
        '{"id": 1, "kind": "filter", "expression": "name = bbc", "record": {"name": "BBC"}}\n'
        "nonsense\n"
        '{"id": 2, "kind": "mapping", "expression": "name += ä", "record": {"name": "BBC"}}\n'
    )

    @pytest.mark.parametrize("source", ["file", "stdin"])
    def test_every_case_is_answered_on_its_line(self, folder: Path, source: str) -> None:
        (folder / "cases.jsonl").write_text(self.CASES)
        batch = "cases.jsonl" if source == "file" else "-"
        result = call("eval", "--batch", batch, stdin=self.CASES)
        assert result.exit_code == 0
        answers = [json.loads(line) for line in result.stdout.splitlines()]
        assert [(answer["id"], answer["valid"], answer["match"]) for answer in answers] == [
            (1, True, True),
            (None, False, False),
            (2, True, True),
        ]
        assert answers[2]["record_after"] == {"channel_name": "BBCä"}

    def test_what_is_now_can_be_said_for_all(self, folder: Path) -> None:
        case = '{"expression": "name = @time:now", "record": {"name": "2025-11-30T19:00:00Z"}}'
        result = call("eval", "--batch", "-", "--now", "2025-11-30T19:00:00Z", stdin=case)
        assert json.loads(result.stdout)["match"] is True

    def test_a_file_that_is_not_there_is_one_sentence(self, folder: Path) -> None:
        result = call("eval", "--batch", "cases.jsonl")
        assert result.exit_code == 1
        assert result.stderr == "tvarr: cases.jsonl: No such file or directory\n"


class TestPreview:
    def preview(self, *arguments: str) -> Result:
        return call("preview", *arguments, "--data", "data")

    def test_it_says_how_many_and_shows_the_first_rows(self, catalog: Path) -> None:
        result = self.preview(PREFIX)
        assert (result.exit_code, result.stderr) == (0, "")
        assert result.stdout.splitlines() == [
            "matches 1 of 2 channels, changes 1",
            "  tv | UK: One | News",
            '    channel_name: "UK: One" → "One"',
        ]

    def test_a_filter_shows_what_it_reads(self, catalog: Path) -> None:
        assert self.preview('tvg_id = ""').stdout.splitlines() == [
            "matches 1 of 2 channels",
            "  tv | Two",
            '    tvg_id: ""',
        ]

    def test_programmes_know_their_channel(self, catalog: Path) -> None:
        rule = 'group_title = "News" AND title = "Vera" SET genre = "Crime"'
        assert self.preview(rule, "--domain", "programme").stdout.splitlines() == [
            "matches 1 of 2 programmes, changes 1",
            "  tv | UK: One | 2026-08-22T18:30:00Z | Vera",
            '    programme_category: "" → "Crime"',
        ]

    def test_at_a_terminal_it_is_a_table(
        self, catalog: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(expression, "_is_at_terminal", lambda: True)
        monkeypatch.setenv("COLUMNS", "120")
        lines = self.preview(PREFIX).stdout.splitlines()
        assert lines[0] == "matches 1 of 2 channels, changes 1"
        assert [line.split() for line in lines[1:3]] == [
            ["row", "field", "before", "after"],
            ["tv", "|", "UK:", "One", "|", "News", "channel_name", "UK:", "One", "One"],
        ]

    def test_json_has_the_same(self, catalog: Path) -> None:
        found: dict[str, Any] = json.loads(self.preview(PREFIX, "--json").stdout)
        row = {"source_name": "tv", "channel_name": "UK: One", "group_title": "News"}
        before, after = {"channel_name": "UK: One"}, {"channel_name": "One"}
        example = {"row": row, "before": before, "after": after}
        assert found == {"rows": 2, "matched": 1, "changed": 1, "examples": [example]}

    def test_as_many_rows_are_shown_as_asked_for(self, catalog: Path) -> None:
        assert (
            len(json.loads(self.preview("true", "--json", "--limit", "1").stdout)["examples"]) == 1
        )
        assert self.preview("true", "--limit", "0").stdout == "matches 2 of 2 channels\n"

    def test_no_credentials_are_shown(self, catalog: Path) -> None:
        shown = self.preview("stream_url contains 2.ts OR source_url contains x").stdout
        assert 'stream_url: "http://tv.invalid/***"' in shown
        for secret in ("USER", "PASS", "secret"):
            assert secret not in shown

    def test_a_source_of_no_such_name_is_told(self, catalog: Path) -> None:
        result = self.preview("true", "--source", "uk")
        assert result.exit_code == 2
        assert result.stderr == "tvarr: nothing was read yet of a source uk; there is: tv\n"
        assert self.preview("true", "--source", "tv").exit_code == 0

    def test_a_wrong_sentence_is_told_like_by_check(self, catalog: Path) -> None:
        result = self.preview("nothing")
        assert (result.exit_code, result.stdout) == (1, call("check", "nothing").stdout)

    def test_before_the_first_build_there_is_nothing(self, folder: Path) -> None:
        assert self.preview("true").stdout == "matches 0 of 0 channels\n"
