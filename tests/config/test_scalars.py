"""The place of a letter in the YAML, in every way to write a text."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.scalarstring import (
    DoubleQuotedScalarString,
    FoldedScalarString,
    LiteralScalarString,
    SingleQuotedScalarString,
)

from tvarr.config.scalars import locate, source_places

if TYPE_CHECKING:
    from collections.abc import Callable


def scalar(source: str) -> ScalarNode:
    """Return the one scalar below `rules: tidy: do:` or at the top."""
    node = YAML(typ="safe", pure=True).compose(source)
    while not isinstance(node, ScalarNode):
        node = node.value[-1][1] if "mapping" in type(node).__name__.lower() else node.value[-1]
    return node


def place_of(source: str, letters: str) -> tuple[int, int]:
    """Return line and column that are found for `letters` of the value."""
    node = scalar(source)
    located = locate(node, "a.yaml", node.value.index(letters), len(letters))
    return located.spot.line, located.spot.column


# --- every form --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [
        ("do: one BAD two", 1, 9),
        ("do:\n  one\n  two\n\n\n   BAD", 6, 4),
        ("do: 'it''s BAD'", 1, 12),
        ("do: 'it''s\n  so\n\n  BAD'", 4, 3),
        ('do: "a \\"b\\" \\x41\\u0042\\U00000043 BAD"', 1, 35),
        ('do: "a\\\n    b\\\n   \\ c\n\n  BAD"', 5, 3),
        ("do: |\n  one\n  BAD\n", 3, 3),
        ("do: |-\n\n  one\n\n   deep BAD\n\n\n", 5, 9),
        ("do: |+\n  BAD\n\n\n", 2, 3),
        ("do: |2\n   one\n  BAD\n", 3, 3),
        ("rules:\n  do: |2-\n      one\n    BAD\n", 4, 5),
        ("do: |-1 # why\n one\n BAD", 3, 2),
        ("do: >\n  one\n  two\n\n  three\n   deep\n  four\n  BAD\n", 8, 3),
        ("do: >-\n  one\n\n\n  BAD\n", 5, 3),
        ("do: !!str BAD", 1, 11),
        ("do: &anchor # why\n  'BAD'", 2, 4),
        ("do: !!str &anchor |\n  BAD\n", 2, 3),
        ("rules: {tidy: {do: one BAD, about: x}, x: {do: one BAD}}", 1, 52),
        ("rules: [a, one\n  BAD]", 2, 3),
        ("do: |\r\n  one\r\n  BAD\r\n", 3, 3),
        ("do: one\r\n\r\n  BAD\r\n", 3, 3),
        ("do: 'één 日本 BAD'", 1, 13),
        ("- |\n BAD", 2, 2),
        ("BAD", 1, 1),
    ],
)
def test_a_letter_is_found_in_every_form(source: str, line: int, column: int) -> None:
    assert place_of(source, "BAD") == (line, column)


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [
        ("do: one", 1, 8),
        ("do: 'one'", 1, 9),
        ('do: "one"', 1, 9),
        ("do: ''", 1, 6),
        ("do: |-\n  one\n\n", 2, 6),
        ("do: |\n  one\n", 2, 6),
    ],
)
def test_the_end_is_found_where_something_is_missing(source: str, line: int, column: int) -> None:
    node = scalar(source)

    located = locate(node, "a.yaml", len(node.value.rstrip()), 1)

    assert (located.spot.line, located.spot.column) == (line, column)
    assert located.spot.file == "a.yaml"


def test_an_anchor_written_once_is_found_where_it_is_written() -> None:
    node = YAML(typ="safe", pure=True).compose("a: &x one BAD\nb: *x\n").value[1][1]

    assert locate(node, "a.yaml", 4, 3).spot[1:] == (1, 11)


@pytest.mark.parametrize("source", ["do: 'a\x85b BAD'", "do: 'a\u2028  b BAD'"])
def test_what_is_read_otherwise_than_by_the_parser_has_the_place_of_the_scalar(source: str) -> None:
    node = scalar(source)

    located = locate(node, "a.yaml", node.value.index("BAD"), 3)

    assert source_places(node) is None
    assert (located.spot.line, located.spot.column) == (1, 5)
    line, carets = located.excerpt.split("\n")
    assert line[carets.index("^") :] == "BAD"


# --- the excerpt -------------------------------------------------------------------------------


def excerpt(source: str, letters: str) -> str:
    node = scalar(source)
    return locate(node, "a.yaml", node.value.index(letters), len(letters)).excerpt


def test_the_excerpt_is_the_line_with_carets() -> None:
    assert excerpt("do: |\n  one two\n  three FOUR five\n", "FOUR") == (
        "three FOUR five\n      ^^^^"
    )


def test_the_excerpt_has_nothing_but_the_scalar() -> None:
    assert excerpt("a: {token: hunter, do: 'one BAD', pin: hunter}\n", "hunter") == "hunter\n^^^^^^"
    assert excerpt("a: {token: hunter, do: 'one BAD'}\n", "BAD") == "one BAD\n    ^^^"


def test_escapes_count_as_they_are_written() -> None:
    assert excerpt(r'do: "\"A\" B\"C"', 'B"C') == '\\"A\\" B\\"C\n      ^^^^'


def test_a_place_over_several_lines_is_shown_up_to_the_end_of_its_first() -> None:
    assert excerpt("do: one two\n  three", "two three") == "one two\n    ^^^"


def test_of_a_long_line_the_part_round_the_place_is_shown() -> None:
    line, carets = excerpt(f"do: {'x' * 500} BAD {'y' * 500}", "BAD").split("\n")

    assert len(line) <= 100
    assert line[carets.index("^") : carets.rindex("^") + 1] == "BAD"


def test_tabs_and_the_like_do_not_shift_the_carets() -> None:
    assert excerpt("do: |\n  one\ttwo BAD\n", "BAD") == "one two BAD\n        ^^^"


@pytest.mark.parametrize(
    "source",
    [
        "do: url = http://me:hunter@host/x?pin=hunter BAD",
        "do: BAD url = http://me:hunter@host/x?pin=hunter",
    ],
)
def test_no_credential_is_shown(source: str) -> None:
    shown = excerpt(source, "BAD")

    assert "BAD" in shown
    assert "hunter" not in shown


def test_a_look_around_is_no_credential() -> None:
    assert excerpt('do: name matches "(?=a)(?<=b)"', "(?=") == (
        'name matches "(?=a)(?<=b)"\n              ^^^'
    )


# --- everything that there is ------------------------------------------------------------------

WORDS = st.text(st.sampled_from("ab\"'\\:#|>-&!*%@`{}[],? é日\t"), max_size=8)
TEXTS = st.lists(WORDS, min_size=1, max_size=6).map("\n".join)
STYLES: list[Callable[[str], Any]] = [
    str,
    DoubleQuotedScalarString,
    SingleQuotedScalarString,
    LiteralScalarString,
    FoldedScalarString,
]


def is_at(source: str, place: int, letter: str) -> bool:
    """Whether the source has this letter there, as it is or in another form."""
    if letter in "\n ":
        return source[place] in " \t\r\n\\\0"
    return source[place] == letter or source[place] == "\\"


def check(node: ScalarNode) -> None:
    """Every letter of the value stands in the source where it is said to stand."""
    source, places = node.start_mark.buffer, source_places(node)
    assert places is not None
    assert len(places) == len(node.value) + 1
    assert places == sorted(places)
    for place, letter in zip(places, node.value, strict=False):
        assert is_at(source, place, letter), (place, letter)


@given(
    text=TEXTS,
    style=st.sampled_from(STYLES),
    width=st.sampled_from([10, 20, 80]),
    deep=st.booleans(),
)
@settings(deadline=None, max_examples=150)
def test_every_letter_of_what_the_library_writes_is_found(
    text: str, style: Callable[[str], Any], width: int, deep: bool
) -> None:
    yaml = YAML()
    yaml.width = width
    written = StringIO()
    value = {"do": style(text), "then": "x"}
    yaml.dump({"rules": {"tidy": value}} if deep else value, written)
    try:
        root = YAML(typ="safe", pure=True).compose(written.getvalue())
    except YAMLError:
        assume(False)  # some texts cannot be read back in some styles
    inner = root.value[0][1].value[0][1] if deep else root

    check(inner.value[0][1])


@given(
    st.sampled_from(["", "'", '"', "|\n ", "|-\n ", ">\n ", ">+2\n  ", "|1\n"]),
    st.text(st.sampled_from("ab \n'\"\\nx4\t:#-|>{}[],"), max_size=25),
    st.sampled_from(["", "'", '"', "\n"]),
)
@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.filter_too_much])
@example(">\n ", "a\n\n  b\n c", "\n")
@example('"', "a\\\n \n  b", '"')
def test_every_letter_of_what_a_person_may_write_is_found(
    opening: str, text: str, closing: str
) -> None:
    source = f"a:\n  do: {opening}{text.replace(chr(10), chr(10) + '   ')}{closing}\n  then: x\n"
    try:
        root = YAML(typ="safe", pure=True).compose(source)
    except (YAMLError, ValueError):
        assume(False)
    inner = root.value[0][1]
    node = inner.value[0][1] if hasattr(inner, "flow_style") else inner
    assume(isinstance(node, ScalarNode))

    check(node)
    for start in range(len(node.value) + 1):
        located = locate(node, "a.yaml", start, 2)
        assert 1 <= located.spot.line <= source.count("\n") + 1
        assert located.spot.column >= 1
