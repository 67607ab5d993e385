"""Loading as a whole: good files, the limits of an answer, and the JSON Schema."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tvarr.config import load
from tvarr.config.load import json_schema, load_manifest
from tvarr.spec.manifest import Manifest
from tvarr.spec.source import M3uSource
from tvarr.spec.values import Schedule


@pytest.fixture
def main(tmp_path: Path) -> Path:
    return tmp_path / "tvarr.yaml"


def loaded(main: Path, text: str) -> Manifest:
    main.write_text(text, encoding="utf-8")
    result = load_manifest(main)
    assert [str(problem) for problem in result.problems] == []
    assert result.manifest is not None
    return result.manifest


def test_a_file_becomes_a_manifest(main: Path) -> None:
    manifest = loaded(
        main,
        """
sources:
  freeview: {kind: m3u, url: https://example.org/uk.m3u, refresh: 15 4 * * *}
epg:
  uk: {kind: xmltv, url: uk.xml, max_size: 10MB}
proxies:
  family:
    sources: [freeview]
    epg: [uk]
    guide: {past: 12h}
""",
    )

    assert playlist(manifest, "freeview").refresh == Schedule(cron="15 4 * * *")
    assert manifest.epg["uk"].max_size == 10_000_000
    assert manifest.proxies["family"].guide.past == timedelta(hours=12)


def playlist(manifest: Manifest, name: str) -> M3uSource:
    source = manifest.sources[name]
    assert isinstance(source, M3uSource)
    return source


def test_nothing_is_declared_only_if_that_is_said(main: Path) -> None:
    assert loaded(main, "{}") == Manifest()


def test_a_heading_without_entries_is_allowed(main: Path) -> None:
    assert loaded(main, "sources:\n  # a: {}\nproxies:\nserver:\n") == Manifest()


def test_texts_from_elsewhere_may_stand_for_numbers_and_switches(
    main: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TVARR_TEST_PORT", "9999")
    main.with_name("secrets.yaml").write_text("no: false\nsize: 64MiB\nbytes: 2048\nevery: 1h\n")

    manifest = loaded(
        main,
        """
server: {port: !env_var TVARR_TEST_PORT}
sources:
  a: {kind: m3u, url: a, verify_tls: !secret no, max_size: !secret size, refresh: !secret every}
  b: {kind: m3u, url: b, max_size: !secret bytes}
""",
    )

    assert manifest.server.port == 9999
    assert playlist(manifest, "a").verify_tls is False
    assert playlist(manifest, "a").max_size == 64 * 2**20
    assert playlist(manifest, "a").refresh == Schedule(every=timedelta(hours=1))
    assert playlist(manifest, "b").max_size == 2048


def test_a_folder_of_files_and_a_merge_declare_sources(main: Path) -> None:
    folder = main.parent / "sources"
    folder.mkdir()
    (folder / "one.yaml").write_text("kind: m3u\nurl: 1.m3u\n")
    (folder / "two.yaml").write_text("<<: &b {kind: m3u, timeout: 5s}\nurl: 2.m3u\n")

    manifest = loaded(main, "sources: !include_dir_named sources\n")

    assert list(manifest.sources) == ["one", "two"]
    assert playlist(manifest, "two").timeout == timedelta(seconds=5)


def test_thousands_of_sources_are_loaded(main: Path) -> None:
    lines = (f"  s{n}: {{kind: m3u, url: {n}.m3u}}\n" for n in range(2000))

    assert len(loaded(main, "sources:\n" + "".join(lines)).sources) == 2000


def test_a_problem_among_thousands_is_named_with_its_line(main: Path) -> None:
    lines = [f"  s{n}: {{kind: m3u, url: {n}.m3u}}\n" for n in range(500)]
    lines[400] = "  s400: {kind: m3u, url: 400.m3u, refresh: soon}\n"
    main.write_text("sources:\n" + "".join(lines))

    (problem,) = load_manifest(main).problems

    assert (problem.line, problem.column, problem.where) == (402, 44, "sources.s400.refresh")


def test_of_very_many_problems_the_first_are_listed_and_the_rest_counted(
    main: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "MAX_PROBLEMS", 3)
    main.write_text("".join(f"x{n}: 1\n" for n in range(10)))

    problems = load_manifest(main).problems

    assert [problem.line for problem in problems] == [1, 2, 3, 4]
    assert str(problems[-1]) == f"{main}:4:1 and 7 more problems"


def test_a_file_is_shown_as_it_was_named(main: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    main.write_text("x: 1\n")
    monkeypatch.chdir(main.parent.parent)
    relative = main.relative_to(Path.cwd())

    assert load_manifest(relative).problems[0].file == str(relative)
    assert load_manifest(relative).files == (main,)


def test_an_answer_with_problems_still_lists_the_files_to_watch(main: Path) -> None:
    main.write_text("sources: !include gone.yaml\nx: !secret y\n")

    answer = load_manifest(main)

    assert answer.manifest is None
    assert [file.name for file in answer.files] == ["tvarr.yaml", "gone.yaml", "secrets.yaml"]


def test_a_missing_main_file_is_watched_for_its_coming(main: Path) -> None:
    assert load_manifest(main).files == (main,)


# --- the schema --------------------------------------------------------------------------------


def complaints(document: Any) -> list[str]:
    validator = jsonschema.Draft202012Validator(json_schema())
    return [error.message for error in validator.iter_errors(document)]


def test_the_schema_is_one() -> None:
    schema = json_schema()

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)


def test_the_schema_takes_what_a_person_writes() -> None:
    source = {"kind": "m3u", "url": "a.m3u", "refresh": "6h", "timeout": "1m", "max_size": "1MiB"}
    proxy = {"sources": ["a"], "guide": {"past": "1d12h"}}

    assert complaints({"sources": {"a": source}, "proxies": {"p": proxy}}) == []
    assert complaints({"sources": {"a": source | {"max_size": 5000, "headers": {"X": "y"}}}}) == []


@pytest.mark.parametrize(
    "document",
    [
        {"source": {}},
        {"sources": {"UK": {"kind": "m3u", "url": "a"}}},
        {"sources": {"uk": {"kind": "m3u"}}},
        {"sources": {"uk": {"kind": "m3u", "url": "a", "timeout": "soon"}}},
        {"sources": {"uk": {"kind": "m3u", "url": "a", "reresh": "6h"}}},
        {"epg": {"uk": {"kind": "m3u", "url": "a"}}},
        {"proxies": {"p": {"sources": []}}},
        {"proxies": {"p": {"sources": ["a"], "outputs": ["hls"]}}},
        {"server": {"port": 70000}},
    ],
)
def test_the_schema_refuses_what_loading_refuses(document: dict[str, Any]) -> None:
    assert complaints(document)


def test_the_schema_describes_every_field_and_shows_defaults_as_written() -> None:
    schema = json_schema()
    models = [schema, *schema["$defs"].values()]

    undescribed = [
        f"{model['title']}.{name}"
        for model in models
        for name, field in model["properties"].items()
        if "description" not in field and "$ref" not in field
    ]
    source = schema["$defs"]["M3uSource"]["properties"]

    assert undescribed == []
    assert (source["refresh"]["default"], source["timeout"]["default"]) == ("6h", "30s")
    assert source["max_size"]["default"] == "256MiB"


# --- sentences ---------------------------------------------------------------------------------


def test_a_wrong_sentence_is_shown_with_its_line_and_what_to_try(main: Path) -> None:
    main.write_text(
        'rules:\n  tidy:\n    do: |\n      radio = true\n        AND nam = "x"\n      DELETE name\n'
    )

    (problem,) = load_manifest(main).problems

    assert (problem.line, problem.column) == (5, 13)
    assert (problem.category, problem.suggestion) == ("field", "name")
    assert problem.excerpt == 'AND nam = "x"\n    ^^^'


def test_a_sentence_from_elsewhere_is_not_shown(
    main: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TVARR_TEST_RULE", 'hunter equals "x"')
    main.write_text("filters:\n  x: !env_var TVARR_TEST_RULE\n")

    (problem,) = load_manifest(main).problems

    assert (problem.line, problem.column, problem.category) == (2, 6, "field")
    assert problem.excerpt is None
    assert problem.suggestion is None
    assert "hunter" not in problem.message


def test_no_credential_of_a_sentence_is_shown(main: Path) -> None:
    main.write_text("rules:\n  x: {do: 'SET ur = \"http://me:hunter@h/a?pin=hunter\"'}\n")

    (problem,) = load_manifest(main).problems

    assert "hunter" not in problem.model_dump_json()
    assert "^^" in (problem.excerpt or "")


def test_other_problems_have_nothing_to_show(main: Path) -> None:
    main.write_text("sourcs: {}\n")

    (problem,) = load_manifest(main).problems

    assert set(problem.model_dump()) == {"file", "line", "column", "where", "message"}


def test_a_sentence_written_once_and_used_twice_is_wrong_where_it_is_written(main: Path) -> None:
    main.write_text("filters:\n  a: &x nam = 1\n  b: *x\n")

    problems = load_manifest(main).problems

    assert [(problem.where, problem.line, problem.column) for problem in problems] == [
        ("filters.a", 2, 9),
        ("filters.b", 2, 9),
    ]


def test_the_language_is_loaded_only_for_a_file_that_has_sentences(main: Path) -> None:
    code = """
import sys
from pathlib import Path
from tvarr.config.load import load_manifest

loaded = load_manifest(Path(sys.argv[1]))
print(loaded.manifest is not None, bool({"polars", "textx"} & set(sys.modules)))
"""

    def said(text: str) -> str:
        main.write_text(text)
        command = [sys.executable, "-c", code, str(main)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    plain = "sources: {a: {kind: m3u, url: a.m3u}}\nproxies: {p: {sources: [a]}}\n"
    assert said(plain) == "True False"
    assert said(f"{plain}filters: {{x: radio = true}}\n") == "True True"
