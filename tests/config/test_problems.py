"""The table of wrong files (`wrong.txt`): what is written, and the exact lines that are said."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from tvarr.config.load import load_manifest


class Case(NamedTuple):
    title: str
    files: dict[str, str]
    said: list[str]


def read_cases() -> list[Case]:
    text = Path(__file__).with_name("wrong.txt").read_text(encoding="utf-8")
    _, *blocks = text.rstrip("\n").split("\n\n# ")
    return [read_case(*block.split("\n")) for block in blocks]


def read_case(title: str, *lines: str) -> Case:
    case = Case(title, {}, [])
    for line in lines:
        if line.startswith("=> "):
            case.said.append(line.removeprefix("=> "))
        elif line.startswith("@@ "):
            name = line.removeprefix("@@ ")
            case.files[name] = ""
        elif line != "<EMPTY>":
            case.files[name] += line.replace("<TAB>", "\t") + "\n"
    return case


CASES = read_cases()


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(files: dict[str, str]) -> None:
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=[case.title for case in CASES])
def test_a_wrong_file_is_answered_with_place_cause_and_advice(case: Case) -> None:
    write(case.files)

    loaded = load_manifest(Path("tvarr.yaml"), {})

    assert [str(problem) for problem in loaded.problems] == case.said
    assert loaded.manifest is None


def test_there_are_many_wrong_files_and_no_two_alike() -> None:
    assert len({case.title for case in CASES}) == len(CASES) >= 100


def test_no_answer_has_the_words_of_the_libraries_or_a_password() -> None:
    """In the table, all that must not be seen is called hunter."""
    said = "\n".join(line for case in CASES for line in case.said)

    for word in ("hunter", "Input should", "[type=", "Value error", "Traceback", "pydantic"):
        assert word not in said
