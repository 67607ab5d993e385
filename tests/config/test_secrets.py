"""The tags that name a value from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tvarr.config import secrets
from tvarr.config.document import Spot
from tvarr.config.tree import Tree, read_tree

if TYPE_CHECKING:
    from pathlib import Path


def write(folder: Path, **files: str) -> None:
    """Write `name="text"` to `name.yaml`; two underscores stand for a slash."""
    for name, text in files.items():
        file = folder / f"{name.replace('__', '/')}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def read(folder: Path, **environ: str) -> Tree:
    return read_tree(folder / "tvarr.yaml", environ)


def said(tree: Tree) -> list[str]:
    return [str(wrong) for _, wrong in tree.wrong]


def test_a_secret_stands_beside_the_main_file(tmp_path: Path) -> None:
    write(tmp_path, tvarr="a: !secret token\n", secrets="token: hunter2\n")

    tree = read(tmp_path)

    assert tree.data == {"a": "hunter2"}
    assert tree.hidden == {("a",): "!secret token"}


@pytest.mark.parametrize("text", ["0042", "1.50", "true", "1e3", "2026-08-22", "'x y'", '"x y"'])
def test_a_secret_is_the_text_it_is_written_as(tmp_path: Path, text: str) -> None:
    write(tmp_path, tvarr="a: !secret token\n", secrets=f"token: {text}\n")

    assert read(tmp_path).data == {"a": text.strip("'\"")}


def test_an_included_file_has_the_secrets_of_the_main_file(tmp_path: Path) -> None:
    write(
        tmp_path,
        tvarr="a: !include parts/b.yaml\n",
        parts__b="c: !secret token\n",
        secrets="token: right\n",
        parts__secrets="token: wrong\n",
    )

    assert read(tmp_path).data == {"a": {"c": "right"}}


def test_the_file_of_secrets_is_not_read_unless_one_is_named(tmp_path: Path) -> None:
    write(tmp_path, tvarr="a: 1\n", secrets="not: yaml: at all\n")

    tree = read(tmp_path)

    assert not tree.wrong
    assert list(tree.files) == [tmp_path / "tvarr.yaml"]


def test_an_environment_variable_counts_before_its_default(tmp_path: Path) -> None:
    write(tmp_path, tvarr="a: !env_var TOKEN nothing much\n")

    assert read(tmp_path, TOKEN="hunter2").data == {"a": "hunter2"}
    assert read(tmp_path, TOKEN="").data == {"a": "nothing much"}
    assert read(tmp_path).data == {"a": "nothing much"}
    assert read(tmp_path).hidden == {("a",): "!env_var TOKEN"}


def test_an_environment_variable_stays_a_text(tmp_path: Path) -> None:
    write(tmp_path, tvarr="a: !env_var PORT\n")

    assert read(tmp_path, PORT="8888").data == {"a": "8888"}


def test_an_include_is_seen_from_the_file_that_has_it(tmp_path: Path) -> None:
    write(
        tmp_path,
        tvarr="a: !include parts/b.yaml\n",
        parts__b="c: !include d.yaml\n",
        parts__d="[1, 2]\n",
    )

    tree = read(tmp_path)

    assert tree.data == {"a": {"c": [1, 2]}}
    assert tree.values[("a", "c", 1)] == Spot(str(tmp_path / "parts" / "d.yaml"), 1, 5)


def test_an_include_may_be_a_whole_path(tmp_path: Path) -> None:
    write(tmp_path, other__b="x\n", main__tvarr=f"a: !include {tmp_path}/other/b.yaml\n")

    assert read(tmp_path / "main").data == {"a": "x"}


def test_an_empty_include_is_nothing(tmp_path: Path) -> None:
    write(tmp_path, tvarr="a: !include b.yaml\n", b="# nothing yet\n")

    tree = read(tmp_path)

    assert tree.data == {"a": None}
    assert not tree.wrong


def test_one_file_may_be_included_twice_but_not_in_itself(tmp_path: Path) -> None:
    write(tmp_path, tvarr="a: !include b.yaml\nc: !include b.yaml\n", b="1\n")
    assert read(tmp_path).data == {"a": 1, "c": 1}

    write(tmp_path, b="x: !include ./b.yaml\n")
    assert said(read(tmp_path)) == ["this file includes itself: tvarr.yaml → b.yaml → b.yaml"] * 2


def test_includes_in_a_row_have_a_limit(tmp_path: Path) -> None:
    write(tmp_path, tvarr="!include f0.yaml\n")
    for number in range(12):
        write(tmp_path, **{f"f{number}": f"!include f{number + 1}.yaml\n"})

    assert said(read(tmp_path)) == ["more than 10 files include each other"]


@pytest.mark.parametrize("target", ["https://example.org/a.yaml", "file:///etc/passwd", '"a\\0b"'])
def test_an_include_is_a_local_path_and_nothing_else(tmp_path: Path, target: str) -> None:
    write(tmp_path, tvarr=f"a: !include {target}\n")

    assert said(read(tmp_path)) == [
        "a local file is included by its path, like `!include sources.yaml`"
    ]


def test_a_folder_becomes_a_map_by_the_names_of_its_files(tmp_path: Path) -> None:
    write(
        tmp_path,
        tvarr="a: !include_dir_named parts\n",
        parts__uk="1\n",
        parts__more__de="2\n",
        parts__secrets="x: 3\n",
        parts__="4\n",
    )
    (tmp_path / "parts" / "notes.txt").write_text("5\n")
    write(tmp_path, **{"parts__.hidden": "6\n", "parts__.git__fr": "7\n"})

    tree = read(tmp_path)

    assert tree.data == {"a": {"uk": 1, "de": 2}}
    assert tree.keys[("a", "uk")] == Spot(str(tmp_path / "parts" / "uk.yaml"), 1, 1)


def test_an_empty_folder_becomes_an_empty_map(tmp_path: Path) -> None:
    write(tmp_path, tvarr="a: !include_dir_named parts\n")
    (tmp_path / "parts").mkdir()

    assert read(tmp_path).data == {"a": {}}


def test_a_folder_may_not_include_the_main_file(tmp_path: Path) -> None:
    write(tmp_path, tvarr="a: !include_dir_named .\n")

    assert said(read(tmp_path)) == ["this file includes itself: tvarr.yaml → tvarr.yaml"]


def test_a_folder_with_too_many_files_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "MAX_INCLUDED", 2)
    write(tmp_path, tvarr="a: !include_dir_named parts\n", parts__a="1", parts__b="2", parts__c="3")

    assert said(read(tmp_path)) == ["this folder has more than 2 files or folders"]
