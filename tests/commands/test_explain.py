"""`tvarr explain`: what is printed, how a channel is chosen, and what is refused."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from tests import explained
from tvarr import cli

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

YAML = explained.YAML.findall(explained.EXPLAIN.page.read_text(encoding="utf-8"))[0]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The built example of the page."""
    for name in [name for name in os.environ if name.upper().startswith("TVARR_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    explained.lay_out(tmp_path)
    return tmp_path


def call(*arguments: str) -> Result:
    words = ["explain", *arguments, "--data", "data", "--now", explained.NOW]
    return CliRunner().invoke(cli.app, words)


def edit(folder: Path, old: str, new: str) -> None:
    (folder / "tvarr.yaml").write_text(YAML.replace(old, new), encoding="utf-8")


def test_the_story_is_plain_text_in_a_pipe(folder: Path) -> None:
    result = call("channel", "BBC Two")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == "BBC Two  in family"
    assert "\x1b" not in result.stdout
    assert all(line == line.rstrip() for line in result.stdout.splitlines())


def test_json_has_the_same_structure(folder: Path) -> None:
    story = json.loads(call("channel", "uk: bbc one hd", "--json").stdout)
    assert story["name"] == "BBC One HD"
    assert story["published"] is True
    assert story["number"] == {"number": "101", "why": "rule first gives it; 1st of 2 channels"}
    assert [rule["name"] for rule in story["steps"]["rules"]] == ["prefix", "logo", "first"]
    assert story["steps"]["unmatched"] == 1
    assert story["guide"]["guides"][0]["found"] == "alike"


def test_a_programme_is_json_as_well(folder: Path) -> None:
    told = call("programme", "bbc1.uk", "--at", "2026-08-22T18:50:00Z", "--json").stdout
    story = json.loads(told)
    assert story["at"] == "2026-08-22T18:50:00Z"
    assert story["on"]["title"] == "Weather"
    assert story["on"]["start"] == "2026-08-22T18:45:00Z"


def test_the_programme_of_now_is_told_where_no_moment_is_given(folder: Path) -> None:
    assert "The Six O'Clock News" in call("programme", "bbc1.uk").stdout


def test_no_credential_is_printed(folder: Path) -> None:
    for style in ([], ["--json"]):
        printed = call("channel", "BBC Two", *style).output
        assert "password" not in printed
        assert "http://provider.invalid/…" in printed


def test_an_edited_yaml_is_told_as_the_next_build_will_have_it(folder: Path) -> None:
    edit(folder, '"101"', '"102"')
    printed = call("channel", "BBC One HD").stdout
    assert "Lineup  in it, as the next build has it\n  number 102" in printed


def test_nothing_is_changed_on_the_disk(folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    call("channel", "BBC Two")
    call("programme", "BBC Two")
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


# --- choosing ----------------------------------------------------------------------------------


def test_several_channels_of_a_name_are_listed_with_their_ids(folder: Path) -> None:
    edit(folder, 'channel_name = "$2"', 'channel_name = "Same"')
    result = call("channel", "same")
    assert result.exit_code == 1
    assert result.stdout == ""
    first, *rest = result.stderr.splitlines()
    assert first == "tvarr: 2 channels of family are called 'same'; choose one by its id:"
    marks = "Same, group General, tvg-id BBC1.uk, from 'UK: BBC One HD'"
    assert rest[0] == f"  uk.80fe63da6f84074d  {marks}"
    assert "Same" in call("channel", "uk.80fe63da6f84074d").stdout


def test_of_many_channels_twenty_are_listed(folder: Path) -> None:
    edit(folder, 'channel_name = "$2"', 'channel_name = "$0"')
    entries = "".join(f"#EXTINF:-1,Same\nhttp://p.invalid/{place}\n" for place in range(23))
    (folder / "uk.m3u").write_text(f"#EXTM3U\n{entries}")
    words = ["build", "--data", "data", "--now", explained.NOW, "--force"]
    assert CliRunner().invoke(cli.app, words).exit_code == 0
    lines = call("channel", "same").stderr.splitlines()
    assert len(lines) == 22
    assert lines[-1] == "  and 3 more"


def test_an_unknown_channel_is_answered_with_the_nearest_names(folder: Path) -> None:
    result = call("channel", "BBC Tow")
    assert result.exit_code == 1
    assert result.stderr.startswith("tvarr: family: no channel is called 'BBC Tow'\n")
    assert "did you mean: BBC Two" in result.stderr


def test_the_first_proxy_that_has_the_channel_answers(folder: Path) -> None:
    kids = "proxies:\n  kids: {sources: [other]}\n"
    (folder / "other.m3u").write_text("#EXTM3U\n#EXTINF:-1,Cartoons\nhttp://p.invalid/1\n")
    text = YAML.replace("proxies:\n", kids).replace(
        "sources:\n  uk:", "sources:\n  other: {kind: m3u, url: other.m3u}\n  uk:", 1
    )
    (folder / "tvarr.yaml").write_text(text)
    words = ["build", "--data", "data", "--now", explained.NOW]
    assert CliRunner().invoke(cli.app, words).exit_code == 0
    assert call("channel", "BBC Two").stdout.startswith("BBC Two  in family")
    assert call("channel", "Cartoons").stdout.startswith("Cartoons  in kids")
    result = call("channel", "Cartoons", "--proxy", "family")
    assert result.exit_code == 1
    assert "family: no channel is called 'Cartoons'" in result.stderr


# --- refusals ----------------------------------------------------------------------------------


def test_an_unknown_proxy_is_refused_with_those_there_are(folder: Path) -> None:
    result = call("channel", "BBC Two", "--proxy", "kids")
    assert result.exit_code == 2
    assert result.stderr == "tvarr: no proxy 'kids'; the proxies are: family\n"


@pytest.mark.parametrize("wanted", ["", "  "])
def test_a_channel_has_to_be_named(folder: Path, wanted: str) -> None:
    assert call("channel", wanted).exit_code == 2


def test_a_moment_that_is_none_is_refused(folder: Path) -> None:
    result = call("programme", "BBC Two", "--at", "tonight")
    assert result.exit_code == 2
    assert result.stderr.startswith("tvarr: --at: 'tonight' is not a moment")


def test_a_wrong_yaml_is_told_with_its_places(folder: Path) -> None:
    edit(folder, "channel_name equals", "chanel_name equals")
    result = call("channel", "BBC Two")
    assert result.exit_code == 2
    assert result.stderr.startswith("tvarr.yaml:")


def test_before_anything_was_read_it_says_so(folder: Path) -> None:
    words = ["explain", "channel", "BBC Two", "--data", "elsewhere"]
    result = CliRunner().invoke(cli.app, words)
    assert result.exit_code == 1
    assert "no source of family has been read yet" in result.stderr
    assert not (folder / "elsewhere").exists()
