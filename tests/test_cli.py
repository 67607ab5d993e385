"""The command line: what is printed, where errors go, exit codes, and what is not loaded."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import jsonschema
import pytest
from typer.testing import CliRunner

import tvarr
from tests.controller.world import GUIDE, PLAYLIST
from tvarr import cli
from tvarr.commands.common import read_moment
from tvarr.config.settings import Settings
from tvarr.controller.lock import locked

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

NOW = "2026-08-22T18:30:00Z"
YAML = """\
sources:
  uk: {kind: m3u, url: uk.m3u}
epg:
  guide: {kind: xmltv, url: guide.xml}
proxies:
  family: {sources: [uk], epg: [guide]}
  kids: {sources: [uk], outputs: [m3u]}
"""
CURRENT = (
    "nothing to do: family is current (2 channels, 1 with programmes)\n"
    "nothing to do: kids is current (2 channels)\n"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a YAML and its documents; nothing of the machine's settings."""
    for name in list(os.environ):
        if name.upper().startswith("TVARR_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tvarr.yaml").write_text(YAML)
    (tmp_path / "uk.m3u").write_text(PLAYLIST)
    (tmp_path / "guide.xml").write_text(GUIDE)
    return tmp_path


def call(*arguments: str) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(cli.app, arguments)


def tvarr_process(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "tvarr", *arguments],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


class TestBuild:
    def test_it_says_what_happened_in_plain_lines(self, folder: Path) -> None:
        result = call("build", "--data", "data", "--now", NOW)
        assert result.exit_code == 0
        lines = [re.sub(r"\d+\.\d s$", "N s", line) for line in result.stdout.splitlines()]
        assert lines == [
            "source/uk     ready  2 channels  N s",
            "epg/guide     ready  1 channel, 1 programme  N s",
            "proxy/family  ready  2 channels, 1 with programmes  N s",
            "proxy/kids    ready  2 channels  N s",
        ]
        assert result.stderr == ""

    def test_a_second_one_has_nothing_to_do(self, folder: Path) -> None:
        call("build", "--data", "data", "--now", NOW)
        assert call("build", "--data", "data", "--now", NOW).stdout == CURRENT

    def test_the_quick_answer_and_the_ordinary_one_are_the_same(self, folder: Path) -> None:
        build = ("build", "--data", "data", "--now", NOW)
        assert tvarr_process(*build).returncode == 0
        quick = tvarr_process(*build)
        (folder / "data" / "last-build.json").unlink()
        ordinary = tvarr_process(*build)
        assert (quick.returncode, quick.stdout, quick.stderr) == (0, CURRENT, "")
        assert (ordinary.returncode, ordinary.stdout, ordinary.stderr) == (0, CURRENT, "")

    def test_the_quick_answer_for_one_proxy_speaks_of_that_one(self, folder: Path) -> None:
        build = ("build", "--data", "data", "--now", NOW)
        tvarr_process(*build)
        one = tvarr_process(*build, "--proxy", "kids")
        assert one.stdout == "nothing to do: kids is current (2 channels)\n"

    def test_the_quick_answer_loads_nothing_heavy(self, folder: Path) -> None:
        build = ["build", "--data", "data", "--now", NOW]
        tvarr_process(*build)
        code = (
            "import sys\n"
            f"sys.argv[1:] = {build!r}\n"
            "from tvarr import cli\n"
            "cli.main()\n"
            "heavy = {'polars', 'aiohttp', 'pydantic', 'rich', 'orjson', 'ruamel', 'asyncio'}\n"
            "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        )
        answer = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
        assert (answer.stdout, answer.stderr) == (CURRENT, "")

    def test_an_edit_is_built(self, folder: Path) -> None:
        build = ("build", "--data", "data", "--now", NOW)
        tvarr_process(*build)
        (folder / "tvarr.yaml").write_text(
            YAML.replace("sources: [uk], outputs", "sources: [uk], numbering: {start: 7}, outputs")
        )
        answer = tvarr_process(*build)
        assert answer.returncode == 0
        assert [line.split()[0] for line in answer.stdout.splitlines()] == ["proxy/kids"]

    def test_force_does_it_all_again(self, folder: Path) -> None:
        build = ("build", "--data", "data", "--now", NOW)
        tvarr_process(*build)
        forced = tvarr_process(*build, "--force")
        assert "proxy/family  ready" in forced.stdout

    def test_what_failed_is_named_and_the_exit_code_says_so(self, folder: Path) -> None:
        (folder / "uk.m3u").write_text("<html><body>Log in</body></html>")
        result = call("build", "--data", "data", "--now", NOW)
        assert result.exit_code == 1
        assert "source/uk     failing  " in result.stdout
        assert (
            "failing  DependencyNotReady: none of its sources can be read: source/uk"
            in result.stdout
        )

    def test_the_yaml_s_problems_go_to_standard_error(self, folder: Path) -> None:
        (folder / "tvarr.yaml").write_text("sourcs: {}\n")
        result = call("build", "--data", "data")
        assert result.exit_code == 2
        assert result.stdout == ""
        assert result.stderr.startswith('tvarr.yaml:1:1 unknown field "sourcs"')

    def test_an_unknown_proxy_is_named_with_the_nearest(self, folder: Path) -> None:
        result = call("build", "--data", "data", "--proxy", "famly")
        assert result.exit_code == 2
        assert result.stderr == 'tvarr: there is no proxy "famly", did you mean "family"?\n'

    def test_an_unknown_proxy_unlike_any_is_told_what_there_is(self, folder: Path) -> None:
        result = call("build", "--data", "data", "--proxy", "zzz")
        assert "declared are: family, kids" in result.stderr

    def test_a_moment_that_is_none_is_refused(self, folder: Path) -> None:
        for answer in (tvarr_process("build", "--now", "soon"), call("build", "--now", "soon")):
            assert "'soon' is not a moment" in answer.stderr
        assert tvarr_process("build", "--now", "soon").returncode == 2

    def test_a_moment_without_a_zone_is_in_utc(self) -> None:
        moment = read_moment("2026-08-22T18:30:00")
        assert moment is not None
        assert moment.isoformat() == "2026-08-22T18:30:00+00:00"

    def test_a_data_folder_in_use_is_told_by_both_ways(self, folder: Path) -> None:
        build = ("build", "--data", "data", "--now", NOW)
        tvarr_process(*build)
        with locked(folder / "data"):
            quick = tvarr_process(*build)
            ordinary = tvarr_process(*build, "--force")
        assert quick.returncode == ordinary.returncode == 1
        assert quick.stderr == ordinary.stderr
        assert quick.stderr.startswith("tvarr: another tvarr is at work in data")

    def test_nothing_declared_is_nothing_to_do(self, folder: Path) -> None:
        (folder / "tvarr.yaml").write_text("sources: {}\n")
        result = call("build", "--data", "data")
        assert (result.exit_code, result.stdout) == (0, "nothing to do: nothing is declared\n")


class TestSimpleArguments:
    @pytest.mark.parametrize(
        ("arguments", "flags"),
        [
            ([], {}),
            (["-d", "x", "--now=y"], {"data": "x", "now": "y"}),
            (["--log-level", "debug", "-c", "a"], {"log_level": "debug", "config": "a"}),
        ],
    )
    def test_plain_ones_are_read(self, arguments: list[str], flags: dict[str, str]) -> None:
        assert cli._simply(arguments) == flags

    @pytest.mark.parametrize(
        "arguments",
        [
            ["--force"],
            ["-h"],
            ["--data"],
            ["--data", "--force"],
            ["--data="],
            ["-d", "a", "-d", "b"],
            ["stray"],
            ["-dx"],
            ["--", "x"],
            ["--bogus", "1"],
        ],
    )
    def test_all_others_are_typer_s(self, arguments: list[str]) -> None:
        with pytest.raises(cli._NotSimpleError):
            cli._simply(arguments)


class TestValidate:
    def test_a_good_file(self, folder: Path) -> None:
        result = call("validate")
        assert result.exit_code == 0
        assert result.stdout == "tvarr.yaml is valid: 1 source, 1 guide, 2 proxies\n"

    def test_every_problem_with_its_place(self, folder: Path) -> None:
        (folder / "bad.yaml").write_text("proxies: {a: {sources: [b]}}\nserver: {access: lann}\n")
        result = call("validate", "--config", "bad.yaml")
        assert result.exit_code == 1
        assert result.stdout.splitlines() == [
            'bad.yaml:1:25 proxies.a.sources[0]: no source "b"; declare it under sources:',
            'bad.yaml:2:18 server.access: cannot use "lann": only lan or open is possible here, '
            'did you mean "lan"?',
        ]

    def test_the_file_may_stand_alone(self, folder: Path) -> None:
        (folder / "good.yaml").write_text("{}\n")
        assert call("validate", "good.yaml").stdout.startswith("good.yaml is valid")

    def test_two_files_are_one_too_many(self, folder: Path) -> None:
        result = call("validate", "tvarr.yaml", "-c", "other.yaml")
        assert result.exit_code == 2
        assert "which of the two?" in result.stderr

    def test_as_json(self, folder: Path) -> None:
        assert json.loads(call("validate", "--format", "json").stdout) == {
            "valid": True,
            "problems": [],
        }
        (folder / "tvarr.yaml").write_text("sourcs: {}\n")
        answer = json.loads(call("validate", "--format", "json").stdout)
        assert answer["valid"] is False
        assert (answer["problems"][0]["line"], answer["problems"][0]["column"]) == (1, 1)

    def test_as_annotations_of_a_pull_request(self, folder: Path) -> None:
        (folder / "a,b.yaml").write_text("sourcs: {}\n")
        result = call("validate", "-c", "a,b.yaml", "--format", "github")
        assert result.exit_code == 1
        assert result.stdout.startswith("::error file=a%2Cb.yaml,line=1,col=1,title=tvarr::unknown")

    def test_a_good_file_needs_no_annotation(self, folder: Path) -> None:
        assert call("validate", "--format", "github").stdout == ""

    def test_a_missing_file_is_a_problem_like_any_other(self, folder: Path) -> None:
        result = call("validate", "-c", "none.yaml")
        assert result.exit_code == 1
        assert result.stdout.startswith("none.yaml:1:1 the file does not exist")

    def test_the_variable_names_the_file_too(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TVARR_CONFIG", "none.yaml")
        assert call("validate").exit_code == 1


class TestStatus:
    def test_before_anything_was_done(self, folder: Path) -> None:
        result = call("status", "--data", "data")
        assert (result.exit_code, result.stdout) == (0, "nothing has been reconciled yet in data\n")
        assert not (folder / "data").exists()

    def test_one_line_a_resource(self, folder: Path) -> None:
        call("build", "--data", "data", "--now", NOW)
        lines = call("status", "--data", "data").stdout.splitlines()
        assert [line.split()[:2] for line in lines] == [
            ["manifest/tvarr", "ready"],
            ["source/uk", "ready"],
            ["epg/guide", "ready"],
            ["proxy/family", "ready"],
            ["proxy/kids", "ready"],
        ]

    def test_what_was_removed_is_shown_as_such(self, folder: Path) -> None:
        call("build", "--data", "data", "--now", NOW)
        (folder / "tvarr.yaml").write_text(YAML.replace("  kids", "  # kids"))
        call("build", "--data", "data", "--now", NOW)
        assert re.search(r"proxy/kids +removed", call("status", "--data", "data").stdout)

    def test_as_json(self, folder: Path) -> None:
        call("build", "--data", "data", "--now", NOW)
        documents = json.loads(call("status", "--data", "data", "--json").stdout)
        assert {document["name"] for document in documents} >= {"uk", "guide", "family"}

    def test_it_works_while_another_holds_the_data_folder(self, folder: Path) -> None:
        call("build", "--data", "data", "--now", NOW)
        with locked(folder / "data"):
            assert call("status", "--data", "data").exit_code == 0


class TestOthers:
    def test_the_schema_is_a_schema_and_the_yaml_fits(self, folder: Path) -> None:
        schema = json.loads(call("schema").stdout)
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["title"] == "tvarr.yaml"

    def test_the_version(self) -> None:
        assert call("version").stdout == f"tvarr {tvarr.__version__}\n"

    def test_without_a_command_the_help_is_shown(self) -> None:
        answer = tvarr_process()
        assert "COMMAND [ARGS]..." in answer.stdout + answer.stderr

    def test_an_unknown_option_is_a_misuse(self) -> None:
        assert call("build", "--bogus").exit_code == 2

    def test_a_bad_setting_is_one_sentence_that_names_where_it_was_set(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TVARR_LOG_LEVEL", "loud")
        result = call("build", "--data", "data")
        assert result.exit_code == 2
        assert result.stderr.startswith("tvarr: TVARR_LOG_LEVEL: ")

    def test_a_data_folder_that_cannot_be_made_is_one_sentence(self, folder: Path) -> None:
        (folder / "file").write_text("")
        result = call("build", "--data", "file/data")
        assert result.exit_code == 1
        assert result.stderr.startswith("tvarr: ")
        assert result.stderr.count("\n") == 1

    def test_an_unforeseen_error_is_one_sentence(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object, **__: object) -> None:
            raise ZeroDivisionError("division by zero")

        monkeypatch.setattr("tvarr.app.build", fail)
        result = call("build", "--data", "data")
        assert result.exit_code == 1
        assert result.stderr == (
            "tvarr: unexpected ZeroDivisionError: division by zero; --log-level debug tells more\n"
        )

    def test_ctrl_c_is_no_error(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupt(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("tvarr.app.build", interrupt)
        result = call("build", "--data", "data")
        assert (result.exit_code, result.stderr) == (130, "")

    def test_a_pipe_that_closes_early_is_no_traceback(self, folder: Path) -> None:
        command = f"{sys.executable} -m tvarr schema | head -c 1"
        answer = subprocess.run(
            command, shell=True, capture_output=True, text=True, timeout=100, check=False
        )
        assert (answer.stdout, answer.stderr) == ("{", "")

    @pytest.mark.parametrize("command", ["version", "--help"])
    def test_small_commands_load_nothing_heavy(self, command: str) -> None:
        code = (
            "import sys\n"
            f"sys.argv[1:] = [{command!r}]\n"
            "from tvarr import cli\n"
            "try:\n"
            "    cli.main()\n"
            "except SystemExit:\n"
            "    pass\n"
            "heavy = {'polars', 'aiohttp', 'pydantic_settings', 'rich', 'tinydb', 'lxml'}\n"
            "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        )
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


class TestNames:
    """Flags, variables and documentation speak of the same things."""

    @pytest.mark.parametrize("command", ["run", "build", "validate", "status", "demo"])
    def test_every_flag_of_a_setting_is_called_like_the_setting(self, command: str) -> None:
        shown = call(command, "--help").stdout
        own = {"proxy", "now", "force", "format", "json", "help"}
        flags = set(re.findall(r"--([a-z-]+)", shown)) - own
        assert {flag.replace("-", "_") for flag in flags} <= set(Settings.model_fields)

    def test_a_flag_counts_before_its_variable(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TVARR_DATA", str(folder / "variable"))
        call("build", "--data", "flag", "--now", NOW)
        assert (folder / "flag" / "state.json").is_file()
        assert not (folder / "variable").exists()
        call("build", "--now", NOW)
        assert (folder / "variable" / "state.json").is_file()


def test_a_newcomer_s_help_names_every_command() -> None:
    shown = call("--help").stdout
    for command in ("run", "build", "validate", "status", "schema", "version", "demo", "import"):
        assert re.search(rf"^  {command} ", shown, re.MULTILINE)
