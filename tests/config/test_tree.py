"""How nodes become plain values that keep their place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tvarr.config.document import Spot
from tvarr.config.tree import BROKEN, MAX_NODES, Tree, read_tree

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def main(tmp_path: Path) -> Path:
    return tmp_path / "tvarr.yaml"


def read(main: Path, text: str, **environ: str) -> Tree:
    main.write_text(text, encoding="utf-8")
    return read_tree(main, environ)


def said(tree: Tree) -> list[str]:
    return [str(wrong) for _, wrong in tree.wrong]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("8888", 8888),
        ("-1", -1),
        ("0x10", 16),
        ("0o17", 15),
        ("017", 17),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".inf", float("inf")),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("", None),
        ('""', ""),
        ('"8888"', "8888"),
        ("!!str 8888", "8888"),
        ("yes", "yes"),
        ("6h", "6h"),
        ("2026-08-22", "2026-08-22"),
        ("15 4 * * *", "15 4 * * *"),
        ("http://example.org/a?b=c#d", "http://example.org/a?b=c#d"),
        ("9" * 5000, "9" * 5000),
        ("[1, a]", [1, "a"]),
        ("{a: {b: 1}}", {"a": {"b": 1}}),
    ],
)
def test_a_value_is_what_yaml_1_2_says(main: Path, written: str, value: Any) -> None:
    tree = read(main, f"key: {written}\n")

    assert tree.data == {"key": value}
    assert type(tree.data["key"]) is type(value)
    assert not tree.wrong


def test_yaml_1_1_is_read_by_its_own_rules(main: Path) -> None:
    tree = read(main, "%YAML 1.1\n---\na: yes\nb: off\nc: 1:30\n")

    assert tree.data == {"a": True, "b": False, "c": "1:30"}


def test_a_key_is_the_text_it_is_written_as(main: Path) -> None:
    tree = read(main, "1: a\nno: b\n2026-08-22: c\ntrue: d\n")

    assert tree.data == {"1": "a", "no": "b", "2026-08-22": "c", "true": "d"}


def test_keys_and_values_know_their_place(main: Path) -> None:
    tree = read(main, "a:\n  - x\n  - {k: v}\n")
    name = str(main)

    assert tree.keys == {("a",): Spot(name, 1, 1), ("a", 1, "k"): Spot(name, 3, 6)}
    assert tree.values[("a", 1, "k")] == Spot(name, 3, 9)
    assert tree.values[("a", 0)] == Spot(name, 2, 5)
    assert tree.values[()] == Spot(name, 1, 1)


def test_a_key_with_nothing_after_it_is_where_the_key_is(main: Path) -> None:
    tree = read(main, "a:\n\n# more\nb: 1\n")

    assert tree.values[("a",)] == Spot(str(main), 1, 1)


def test_an_alias_repeats_what_its_anchor_names(main: Path) -> None:
    tree = read(main, "a: &x {k: [1]}\nb: *x\n")

    assert tree.data == {"a": {"k": [1]}, "b": {"k": [1]}}
    assert tree.values[("b", "k", 0)] == tree.values[("a", "k", 0)] == Spot(str(main), 1, 12)


def test_what_stands_nearer_counts_before_what_is_merged(main: Path) -> None:
    tree = read(
        main,
        """\
        first: &first {a: 1, b: 1}
        second: &second {a: 2, c: 2}
        own:
          <<: [*first, *second]
          b: 3
        """.replace("\n        ", "\n").lstrip(),
    )

    assert tree.data["own"] == {"b": 3, "a": 1, "c": 2}


def test_a_merged_map_may_merge_another(main: Path) -> None:
    tree = read(main, "a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b}\n")

    assert tree.data["c"] == {"y": 2, "x": 1}


def test_a_map_that_merges_itself_is_refused(main: Path) -> None:
    tree = read(main, "a: &a {<<: *a, x: 1}\n")

    assert said(tree) == ["an alias (*) stands inside of what it names; take it out"]


def test_merges_cannot_multiply_without_end(main: Path) -> None:
    lines = ["a: &a {x: 1}"]
    for below, name in zip("abcdefghijk", "bcdefghijkl", strict=True):
        lines.append(f"{name}: &{name} {{<<: [{', '.join(['*' + below] * 9)}]}}")

    tree = read(main, "\n".join(lines))

    assert said(tree) == [f"more than {MAX_NODES:,} values; use fewer aliases"]


def test_aliases_cannot_nest_without_end(main: Path) -> None:
    lines = ["a0: &a0 [1]"] + [f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 60)]

    tree = read(main, "\n".join(lines))

    assert set(said(tree)) == {"this is nested too deeply"}


def test_a_value_that_cannot_be_read_is_marked_and_the_rest_is_kept(main: Path) -> None:
    tree = read(main, "a: !unknown x\nb: 1\n")

    assert tree.data == {"a": BROKEN, "b": 1}
    assert tree.wrong[0][0] == ("a",)


def test_of_a_key_that_stands_twice_the_first_counts(main: Path) -> None:
    tree = read(main, "a: 1\na: 2\n")

    assert tree.data == {"a": 1}
    assert len(tree.wrong) == 1


def test_all_files_are_listed_also_those_that_are_missing(main: Path, tmp_path: Path) -> None:
    (tmp_path / "epg").mkdir()
    (tmp_path / "epg" / "uk.yaml").write_text("x: !include ../more.yaml\n")

    tree = read(
        main,
        "a: !secret s\nb: !include gone.yaml\n"
        "c: !include_dir_named epg\nd: !include_dir_named no\n",
    )

    names = ("tvarr", "secrets", "gone", "epg", "epg/uk", "more", "no")
    folders = ("epg", "no")
    assert [path.resolve() for path in tree.files] == [
        tmp_path / (name if name in folders else f"{name}.yaml") for name in names
    ]


def test_the_listed_files_stay_where_links_are(main: Path, tmp_path: Path) -> None:
    """A link that is swapped must be noticed, so the name counts, not what it leads to."""
    (tmp_path / "real.yaml").write_text("{}")
    main.symlink_to("real.yaml")

    assert list(read_tree(main, {}).files) == [main]
