"""`tvarr numbers`: what is printed, and what is forgotten."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from tests.commands.test_refresh import pretending
from tests.processes import Folder, until
from tvarr import cli
from tvarr.catalog import ledger
from tvarr.controller import serving
from tvarr.spec.lineup import Numbering

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

PLAYLIST = """\
#EXTM3U
#EXTINF:-1 tvg-id="one" tvg-chno="12",One
http://s.invalid/1
#EXTINF:-1 tvg-id="two" tvg-chno="5.10",Two # too
http://s.invalid/2
#EXTINF:-1 tvg-id="three",Three
http://s.invalid/3
"""
DECLARED = """\
sources:
  tv: {kind: m3u, url: tv.m3u}
proxies:
  family: {sources: [tv], numbering: {mode: preserve}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder in which the proxy was built."""
    for name in [name for name in os.environ if name.upper().startswith("TVARR_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "tv.m3u").write_text(PLAYLIST)
    (tmp_path / "tvarr.yaml").write_text(DECLARED)
    assert build().exit_code == 0
    return tmp_path


def build() -> Result:
    return CliRunner().invoke(cli.app, ["build", "--data", "data"])


def call(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["numbers", *arguments, "--data", "data"])


def served(folder: Path) -> str:
    return (folder / "data" / "outputs" / "family" / "playlist.m3u").read_text()


def test_numbers_are_printed_by_number_ready_to_be_pinned(folder: Path) -> None:
    printed = call("export", "family").stdout
    assert [line.partition("  # ")[2] for line in printed.splitlines()[1:]] == [
        "Three",
        "Two # too",
        "One",
    ]
    pinned = Numbering.model_validate(YAML(typ="safe").load(printed)).pinned
    assert [*pinned.values()] == ["1", "5.10", "12"]


def test_other_programs_read_them_as_csv_or_json(folder: Path) -> None:
    lines = call("export", "family", "--format", "csv").stdout.splitlines()
    assert lines[0] == "number,channel_id,name,how,absent_since"
    rows = json.loads(call("export", "family", "-f", "json").stdout)
    assert [(row["number"], row["how"]) for row in rows] == [
        ("1", "sequence"),
        ("5.10", "provider"),
        ("12", "provider"),
    ]


def test_channels_that_are_not_there_are_printed_where_asked(folder: Path) -> None:
    (folder / "tv.m3u").write_text(PLAYLIST[: PLAYLIST.index('#EXTINF:-1 tvg-id="three"')])
    assert build().exit_code == 0
    assert "Three" not in call("export", "family").stdout
    assert "Three" in call("export", "family", "--all").stdout


def test_numbers_that_are_forgotten_are_given_anew(folder: Path) -> None:
    edited = PLAYLIST.replace(' tvg-chno="12"', "")
    (folder / "tv.m3u").write_text(edited)
    assert build().exit_code == 0
    assert 'tvg-chno="12"' in served(folder)

    assert call("reset", "family").exit_code == 0
    assert ledger.find(folder / "data", "family") is None
    assert build().exit_code == 0
    assert 'tvg-chno="12"' not in served(folder)
    assert 'tvg-chno="1"' in served(folder)


def test_it_is_told_when_there_will_be_new_ones(folder: Path) -> None:
    assert call("reset", "family").stdout == (
        "the numbers of family are forgotten; "
        "its next build gives new ones (`tvarr build`, or when tvarr runs again)\n"
    )


def test_a_running_tvarr_gives_new_ones_at_once(folder: Path) -> None:
    with Folder(folder).serving() as running:
        until(lambda: running.get("/ready") == b"ready\n")
        edited = PLAYLIST.replace(' tvg-chno="12"', "").replace("Three", "Drei")
        (folder / "tv.m3u").write_text(edited)
        until(lambda: b"Drei" in running.files("family")["playlist.m3u"])
        assert b'tvg-chno="12"' in running.files("family")["playlist.m3u"]
        said = call("reset", "family").stdout
        until(lambda: b'tvg-chno="12"' not in running.files("family")["playlist.m3u"])
    assert said == (
        "the numbers of family are forgotten; "
        "it is built now with new ones; `tvarr status` tells what comes of it\n"
    )


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "the tvarr at work there does not serve, so its next build gives new ones"),
        (b"<html>", "but it does not answer: JSONDecodeError; the next one gives new ones"),
        (b"[]", "but it does not answer: AttributeError; the next one gives new ones"),
        (b'{"error": "No."}', "but it does not answer: KeyError; the next one gives new ones"),
        (
            b'{"answer": "unknown", "error": "there is no proxy/family."}',
            "but there is no proxy/family; the next one gives new ones",
        ),
    ],
)
def test_one_that_cannot_be_asked_is_told(folder: Path, answer: bytes | None, said: str) -> None:
    with pretending(Folder(folder), 404, answer or b""):
        if answer is None:
            serving.forget(folder / "data")
        told = call("reset", "family")
    assert told.exit_code == 0
    assert said in told.stdout
    assert ledger.find(folder / "data", "family") is None


@pytest.mark.parametrize("name", ["nobody", "../snapshots/source", ""])
@pytest.mark.parametrize("command", ["export", "reset"])
def test_a_proxy_without_numbers_is_named_with_those_that_have_some(
    folder: Path, command: str, name: str
) -> None:
    result = call(command, name)
    assert result.exit_code == 1
    assert "there are numbers of family" in result.output
