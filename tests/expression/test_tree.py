"""A sentence drawn as a tree."""

from __future__ import annotations

from tests.expression.subject import read
from tvarr.expression.tree import draw


def test_conditions_are_nested_and_actions_follow() -> None:
    sentence = read('name = a AND NOT (group = b OR radio = true) SET tvg_id = "$name", lang += x')
    assert draw(sentence) == (
        "where",
        "  AND",
        '    channel_name equals "a"',
        "    NOT",
        "      OR",
        '        group_title equals "b"',
        '        radio equals "true"',
        "then",
        "  SET tvg_id = $channel_name",
        '  APPEND tvg_language = "x"',
    )


def test_groups_follow_each_other() -> None:
    sentence = read("(name = a SET name = b) OR (SET name = c)")
    assert draw(sentence) == (
        "where",
        '  channel_name equals "a"',
        "then",
        '  SET channel_name = "b"',
        "where",
        "  true",
        "then",
        '  SET channel_name = "c"',
    )


def test_a_filter_of_nothing_matches_everything() -> None:
    assert draw(read("", kind="filter")) == ("where", "  true")
