"""What the commands print, at a terminal and into a pipe."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tvarr import printing
from tvarr.app import Built
from tvarr.controller import verdict
from tvarr.controller.plan import Task, Why, Work
from tvarr.controller.turn import Done
from tvarr.controller.verdict import Outcome
from tvarr.errors import Reason, Transient
from tvarr.progress import Kind as Doing
from tvarr.progress import Operation, State
from tvarr.spec.manifest import Manifest
from tvarr.state.conditions import Account, Kind, Problem, Status

NOW = datetime(2026, 8, 22, 18, 30, tzinfo=UTC)
PROBLEM = Problem(file="a.yaml", line=3, column=7, where="x", message="50% wrong\nand, odd")
WRONG_RULE = Problem(
    file="a.yaml",
    line=3,
    column=9,
    where="rules.x.do",
    message='there is no field "nam"',
    category="field",
    excerpt="nam = 1\n^^^",
    suggestion="name",
)
UK = Status(kind=Kind.SOURCE, name="uk")


def ready(status: Status, message: str = "2 channels") -> Status:
    return verdict.succeeded(status, Outcome(status, message, NOW), NOW)


def failing(status: Status) -> Status:
    return verdict.failed(status, "s", Transient(Reason.TIMEOUT, "no answer"), None, NOW)


def done(status: Status, *, changed: bool = True) -> Done:
    return Done(Work(status.key, Task.FETCH, NOW, Why.DUE), status, status, changed, 1.25)


def at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let standard output and error pass for a terminal; called by the test itself.

    pytest gives the test other streams than it gave the fixtures.
    """
    for stream in (sys.stdout, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.delenv("NO_COLOR", raising=False)


class TestBuilt:
    def test_only_what_changed_or_failed_is_listed(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        well, same = ready(UK), ready(Status(kind=Kind.EPG, name="guide"))
        bad = failing(Status(kind=Kind.SOURCE, name="de"))
        turns = (done(well), done(same, changed=False), done(bad, changed=False))
        printing.built(Built((), turns, (well, same, bad)))
        assert capsys.readouterr().out.splitlines() == [
            "source/uk  ready    2 channels  1.2 s",
            "source/de  failing  Timeout: no answer",
        ]

    def test_what_fails_without_having_been_tried_is_listed_too(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        printing.built(Built((), (), (failing(UK),)))
        assert "no answer" in capsys.readouterr().out

    def test_nothing_to_do_speaks_of_every_proxy(self, capsys: pytest.CaptureFixture[str]) -> None:
        proxies = [ready(Status(kind=Kind.PROXY, name=name)) for name in ("a", "b")]
        printing.built(Built((), (), (ready(UK), *proxies)))
        assert capsys.readouterr().out.splitlines() == [
            "nothing to do: a is current (2 channels)",
            "nothing to do: b is current (2 channels)",
        ]

    def test_nothing_to_do_without_a_proxy(self, capsys: pytest.CaptureFixture[str]) -> None:
        printing.built(Built((), (), (ready(UK),)))
        assert capsys.readouterr().out == "nothing to do: no proxy is declared\n"

    def test_problems_are_not_output(self, capsys: pytest.CaptureFixture[str]) -> None:
        printing.built(Built((PROBLEM,), (), ()))
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.startswith("a.yaml:3:7 x: 50% wrong")

    def test_a_terminal_gets_a_table_in_colour(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        at_a_terminal(monkeypatch)
        printing.built(Built((), (done(ready(UK)),), (ready(UK),)))
        out = capsys.readouterr().out
        assert "\x1b[" in out
        assert "2 channels" in out


def operation(state: State = State.DOWNLOADING, **fields: Any) -> Operation:
    begun = NOW - timedelta(seconds=7)
    given: dict[str, Any] = {
        "stage": "playlist",
        "items": 0,
        "bytes": 1_200_000,
        "bytes_total": None,
    } | fields
    return Operation(1, "source/uk", Doing.INGESTION, state, started=begun, updated=NOW, **given)


def drawn(*operations: Operation) -> str:
    """Return what the bar shows, as text."""
    console = Console(width=120, file=io.StringIO(), record=True)
    console.print(printing.bar(operations, NOW))
    return console.export_text()


class TestProgress:
    def test_a_pipe_is_not_bothered(self, capsys: pytest.CaptureFixture[str]) -> None:
        with printing.live(lambda: [operation()]):
            pass
        captured = capsys.readouterr()
        assert (captured.out, captured.err) == ("", "")

    def test_a_terminal_sees_what_runs(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        at_a_terminal(monkeypatch)
        with printing.live(lambda: [operation()]):
            pass
        captured = capsys.readouterr()
        assert "source/uk" in captured.err
        assert captured.out == ""

    def test_a_line_tells_who_what_and_how_far(self) -> None:
        line = " ".join(drawn(operation(bytes_total=2_000_000, items=24_294)).split())
        for part in ("source/uk downloading playlist", "1.2 of 2.0 MB, 24,294 items", "7 s"):
            assert part in line

    def test_each_running_operation_has_a_line_and_those_that_ended_have_none(self) -> None:
        other = replace(operation(State.PROCESSING), owner="epg/guide")
        ended = replace(operation(State.COMPLETED), owner="proxy/family")
        text = drawn(operation(), other, ended)
        assert len(text.strip().splitlines()) == 2
        assert "proxy/family" not in text

    @pytest.mark.parametrize(
        ("fields", "line"),
        [
            ({}, "source/uk: downloading playlist, 1.2 MB"),
            ({"stage": "", "bytes": 0}, "source/uk: downloading"),
            ({"items": 1, "bytes": 0}, "source/uk: downloading playlist, 1 item"),
            ({"bytes_total": 5_000_000}, "source/uk: downloading playlist, 1.2 of 5.0 MB"),
            ({"bytes_total": 5}, "source/uk: downloading playlist, 1.2 MB"),
        ],
    )
    def test_a_pipe_s_line_tells_the_same(self, fields: dict[str, Any], line: str) -> None:
        assert printing.step(operation(**fields)) == line

    def test_what_is_disabled_is_no_news_of_a_build(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        off = verdict.disabled(UK, NOW)
        built = Built((), (), (off,))
        printing.built(built)
        assert built.succeeded
        assert "uk" not in capsys.readouterr().out


class TestProblems:
    def test_annotations_escape_what_github_reads_as_its_own(self) -> None:
        odd = PROBLEM.model_copy(update={"file": "a:b,c%.yaml", "where": "proxies.a"})
        assert printing.problems_for_github([odd]) == (
            "::error file=a%3Ab%2Cc%25.yaml,line=3,col=7,title=proxies.a::50%25 wrong%0Aand, odd"
        )

    def test_text_is_a_line_each(self) -> None:
        plain = PROBLEM.model_copy(update={"message": "wrong"})
        line = "a.yaml:3:7 x: wrong"
        assert printing.problems_as_text([plain, plain]) == f"{line}\n{line}"

    def test_a_sentence_is_shown_with_carets_and_what_to_try(self) -> None:
        assert printing.problems_as_text([WRONG_RULE, WRONG_RULE]).splitlines()[:4] == [
            'a.yaml:3:9 rules.x.do: there is no field "nam"',
            "    nam = 1",
            "    ^^^",
            "    try: name",
        ]

    def test_annotations_show_the_sentence_too(self) -> None:
        assert printing.problems_for_github([WRONG_RULE]).endswith(
            '::there is no field "nam"%0Anam = 1%0A^^^%0Atry: name'
        )

    def test_json_has_what_is_said_and_nothing_else(self) -> None:
        plain, wrong = json.loads(printing.problems_as_json([PROBLEM, WRONG_RULE]))["problems"]
        assert set(plain) == {"file", "line", "column", "where", "message"}
        assert (wrong["category"], wrong["excerpt"]) == ("field", "nam = 1\n^^^")
        assert wrong["suggestion"] == "name"

    def test_in_one_line_the_sentence_is_left_out(self) -> None:
        assert str(WRONG_RULE) == ('a.yaml:3:9 rules.x.do: there is no field "nam"; try: name')

    @pytest.mark.parametrize(
        ("proxies", "words"),
        [(("a",), "1 source, 0 guides, 1 proxy"), (("a", "b"), "1 source, 0 guides, 2 proxies")],
    )
    def test_what_a_manifest_declares(self, proxies: tuple[str, ...], words: str) -> None:
        manifest = Manifest.model_validate(
            {
                "sources": {"uk": {"kind": "m3u", "url": "uk.m3u"}},
                "proxies": {name: {"sources": ["uk"]} for name in proxies},
            }
        )
        assert printing.declares(manifest) == words

    def test_a_guide_that_comes_with_a_source_is_declared_with_it(self) -> None:
        provider = {"kind": "m3u", "url": "uk.m3u", "guide": "auto"}
        manifest = Manifest.model_validate({"sources": {"uk": provider}})
        assert printing.declares(manifest) == "1 source, 1 guide, 0 proxies"


class TestStatuses:
    def test_an_account_about_to_end_is_spoken_of(self, capsys: pytest.CaptureFixture[str]) -> None:
        account = Account(status="Active", expires=NOW + timedelta(days=3))
        printing.statuses([ready(UK.model_copy(update={"account": account}))])
        day = f"{NOW + timedelta(days=3):%Y-%m-%d}"
        assert f"2 channels; the account ends on {day}" in capsys.readouterr().out

    def test_they_stand_in_the_order_of_their_kinds(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        shuffled = [Status(kind=kind, name="x") for kind in reversed(Kind)]
        printing.statuses(shuffled)
        keys = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
        assert keys == ["manifest/x", "source/x", "epg/x", "proxy/x"]

    @pytest.mark.parametrize(
        ("counts", "told"),
        [
            ({"2160p": 2, "HD": 1200, "unknown": 3}, "; 2 in 2160p, 1,200 in HD, 3 unknown"),
            ({"unknown": 3}, ""),
            ({}, ""),
        ],
    )
    def test_it_is_told_how_good_a_proxy_s_channels_are(
        self, capsys: pytest.CaptureFixture[str], counts: dict[str, int], told: str
    ) -> None:
        printing.statuses([ready(UK.model_copy(update={"qualities": counts}))])
        assert f"  2 channels{told}  (next" in capsys.readouterr().out

    def test_when_something_is_next_looked_at_is_said_as_such(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        due = datetime(2026, 8, 22, 18, 30, tzinfo=UTC)
        printing.statuses([ready(UK.model_copy(update={"next_due": due}))])
        assert f"(next {due.astimezone():%Y-%m-%d %H:%M %Z})" in capsys.readouterr().out

    def test_odd_texts_are_no_markup(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        at_a_terminal(monkeypatch)
        printing.statuses([ready(UK, "[bold]not bold[/bold]")])
        assert "[bold]not bold[/bold]" in capsys.readouterr().out


def test_the_demonstration_says_where_it_is_to_be_seen() -> None:
    manifest = Manifest.model_validate(
        {
            "sources": {"uk": {"kind": "m3u", "url": "uk.m3u"}},
            "proxies": {"family": {"sources": ["uk"]}},
        }
    )
    text = printing.welcome(8888, manifest, Path("demo/tvarr.yaml"))
    for wanted in (
        "http://localhost:8888/\n",
        "http://localhost:8888/family/playlist.m3u\n",
        "http://localhost:8888/family/guide.xml.gz\n",
        "demo/tvarr.yaml",
    ):
        assert wanted in text
    assert "playlist.m3u" not in printing.welcome(8888, None, Path("x"))
