"""Sentences printed in their canonical form."""

from __future__ import annotations

import pytest

from tvarr.expression.canonical import print_sentence
from tvarr.expression.fields import Domain
from tvarr.expression.sentence import Sentence, SentenceKind, parse

LOGOS = ("x",)


def read(text: str, kind: SentenceKind) -> Sentence:
    return parse(text, Domain.CHANNEL, kind=kind, logos=LOGOS)


def check(text: str, canonical: str, kind: SentenceKind) -> None:
    sentence = read(text, kind)
    assert print_sentence(sentence) == canonical
    assert read(canonical, kind) == sentence


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("", ""),
        ("# nothing", ""),
        ("true", ""),
        ("NOT FALSE", "NOT false"),
        ("name == 'a'", 'channel_name equals "a"'),
        ("name NOT case_sensitive contains a", 'channel_name case_sensitive not_contains "a"'),
        ("! name lte 5", 'NOT channel_name less_than_or_equal "5"'),
        ("!!name = a", 'NOT (NOT channel_name equals "a")'),
        ("(name = a && (group = b))", 'channel_name equals "a" AND group_title equals "b"'),
        (
            "name = a and (group = b or url = c)",
            'channel_name equals "a" AND (group_title equals "b" OR stream_url equals "c")',
        ),
        (
            "name = a or group = b and url = c",
            'channel_name equals "a" OR group_title equals "b" AND stream_url equals "c"',
        ),
        (
            "not (name = a or name = b)",
            'NOT (channel_name equals "a" OR channel_name equals "b")',
        ),
        ("name = $tvg_name", "channel_name equals $tvg_name"),
        (r'name =~ "\d\\.\"x\n"', r'channel_name matches "\\d\\.\"x\n"'),
        ("name = '$1 @time:5'", 'channel_name equals "$1 @time:5"'),
    ],
)
def test_a_condition_has_one_form(text: str, canonical: str) -> None:
    check(text, canonical, "filter")


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("name = a", 'SET channel_name = "a"'),
        ("SET name=a, group+=b, url-=c", 'SET channel_name = "a" APPEND group_title = "b" '
         'REMOVE stream_url = "c"'),
        ("logo ?= @logo:x", 'SET_IF_EMPTY tvg_logo = "@logo:x"'),
        ("DELETE logo, url DELETE group", "DELETE tvg_logo, stream_url, group_title"),
        ("name = a SET group = $name", 'channel_name equals "a" SET group_title = $channel_name'),
        ('name =~ "(a)(?P<n>b)" SET name = "${1}0$2${n}"',
         'channel_name matches "(a)(?P<n>b)" SET channel_name = "${1}0$2${n}"'),
        ('SET name = "${group}s $group!"',
         'SET channel_name = "${group_title}s $group_title!"'),
        ("SET name = \"@time:now @time:now() @time:parse('2025-11-30T19:00:00Z')\"",
         "SET channel_name = \"@time:now @time:now() @time:parse('2025-11-30T19:00:00Z')\""),
        ("(name = a SET url = b) || (SET group = c)",
         '(channel_name equals "a" SET stream_url = "b") AND (SET group_title = "c")'),
        ("(name = a SET url = b)", 'channel_name equals "a" SET stream_url = "b"'),
    ],
)  # fmt: skip
def test_a_rule_has_one_form(text: str, canonical: str) -> None:
    check(text, canonical, "rule")


def test_the_deepest_condition_can_be_printed() -> None:
    text = "NOT (" * 300 + "name = a" + ")" * 300
    assert print_sentence(read(text, "filter")).count("NOT") == 300
