"""Sentences parsed, checked, and asked for what they are."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from tvarr.expression.fields import Domain
from tvarr.expression.language import Verb
from tvarr.expression.problems import MAX_PROBLEMS, ExpressionError, ExpressionProblem
from tvarr.expression.sentence import Sentence, SentenceKind, parse

NOW = datetime(2025, 11, 30, 19, tzinfo=UTC)


def rule(text: str) -> Sentence:
    return parse(text, Domain.CHANNEL, kind="rule")


def problems(
    text: str, kind: SentenceKind = "filter", domain: Domain = Domain.CHANNEL
) -> tuple[ExpressionProblem, ...]:
    with pytest.raises(ExpressionError) as refused:
        parse(text, domain, kind=kind)
    return refused.value.problems


def test_a_rule_tells_its_actions_and_captures() -> None:
    found = rule('name =~ "(a)(?P<n>b)" SET url = "$2${n}$2", group += c DELETE logo')
    assert [(action.verb, action.field.name) for action in found.actions] == [
        (Verb.SET, "stream_url"),
        (Verb.APPEND, "group_title"),
        (Verb.DELETE, "tvg_logo"),
    ]
    assert found.captures == (2, "n")


def test_a_rule_tells_its_comparisons_from_left_to_right() -> None:
    text = (
        '(NOT name = "a" AND (group = "b" OR url = "c") SET name = x) AND (tvg_id = "d" DELETE url)'
    )
    found = rule(text).comparisons
    assert [comparison.value.as_written for comparison in found] == ["a", "b", "c", "d"]


def test_a_sentence_runs_over_a_frame() -> None:
    frame = pl.LazyFrame({"channel_name": ["a", None], "stream_url": [None, "x"]})
    done = rule("name = a SET url = b").apply(frame, NOW).collect()
    assert done["stream_url"].to_list() == ["b", "x"]


def test_a_condition_can_be_asked_for_alone() -> None:
    frame = pl.DataFrame({"channel_name": ["a", None], "group_title": ["b", "c"]})
    groups = rule("(name = a SET url = b) AND (group = c SET url = d)")
    assert frame.filter(groups.condition).height == 2
    assert frame.filter(rule("name = a SET url = b").condition).height == 1


def test_a_condition_on_the_time_of_the_build_needs_to_know_it() -> None:
    late = parse("start > @time:now", Domain.PROGRAMME, kind="filter")
    frame = pl.DataFrame({"programme_start": ["2025-11-30T19:00:01Z", "2025-11-30T19:00:00Z"]})
    assert frame.select(late.condition_at(NOW)).to_series().to_list() == [True, False]
    with pytest.raises(ValueError, match="time of the build"):
        _ = late.condition


def test_equal_sentences_are_equal_wherever_their_words_stand() -> None:
    assert rule("name = a SET url = b") == rule("\n # x\n name  eq 'a'\n SET url='b'")


def test_all_problems_of_a_sentence_are_told_at_once() -> None:
    text = (
        'chanel_name contians "x" AND (title = 1 OR name =~ "(" )\n'
        ' SET source_name = "y", logo = "@logo:z", url = "@time:no"'
    )
    found = problems(text, "rule")
    assert [(problem.category.value, problem.line, problem.column) for problem in found] == [
        ("field", 1, 1),
        ("operator", 1, 13),
        ("field", 1, 31),
        ("value", 1, 53),
        ("field", 2, 6),
        ("helper", 2, 33),
        ("helper", 2, 50),
    ]


def test_a_word_with_letters_that_fold_to_its_own_is_that_word() -> None:
    assert parse("name ca\u017fe_\u017fensit\u0131ve = a", Domain.CHANNEL, kind="filter") == parse(
        "name case_sensitive = a", Domain.CHANNEL, kind="filter"
    )


def test_problems_in_several_parentheses_are_told_at_once() -> None:
    assert len(problems("(name) AND (name contains) AND (nam = 1)")) == 3


def test_a_capture_is_not_said_to_be_impossible_because_its_pattern_is_wrong() -> None:
    (problem,) = problems('nam =~ "(a)" SET url = "$1"', "rule")
    assert problem.suggestion == "name"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('name = a SET url = "$1"', "no condition here matches a pattern"),
        ('name not =~ "(a)" SET url = "$1"', "no condition here matches a pattern"),
        ('name =~ "(a)" SET url = "$2"', "have one group at most"),
        ('name =~ "(a)" SET url = "${b}"', "have one group at most"),
        ('(name =~ "(a)" SET url = b) AND (name = c SET url = "$1")', "no condition here"),
    ],
)
def test_an_impossible_capture_is_refused(text: str, message: str) -> None:
    (problem,) = problems(text, "rule")
    assert problem.category == "value"
    assert message in problem.message


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("", "rule", "a rule needs an action"),
        ("# nothing", "rule", "a rule needs an action"),
        ("name = a AND name = b", "rule", "a rule needs an action"),
        ("name = a SET url = b", "filter", "actions belong in a rule"),
        ("name = a, url = b", "filter", "actions belong in a rule"),
        ("()", "filter", "there is nothing in it"),
        ("(name = a SET url = b) AND (name = c)", "rule", "this group has no action"),
        ("(name = a SET url = b) AND name = c", "rule", "actions stand last"),
        ("NOT (name = a SET url = b)", "rule", "actions stand last"),
        ("(name = a SET url = b) SET group = c", "rule", "actions stand last"),
        ("((name = a SET url = b) AND name = c) SET group = c", "rule", "actions stand last"),
        ("name = \ud800", "filter", "no letter of Unicode"),
        ("name = a " + "#" * 65_536, "filter", "too long"),
        ("NOT " * 500 + "name = a", "filter", "nested more than 400 deep"),
    ],
)
def test_a_sentence_that_is_no_rule_or_no_filter_is_refused(
    text: str, kind: SentenceKind, message: str
) -> None:
    assert message in problems(text, kind)[0].message


@pytest.mark.parametrize(
    "text",
    [
        "(" * 30_000,
        ")" * 30_000,
        "(" * 30_000 + ")" * 30_000,
        "()" * 30_000,
        "(a" * 20_000,
        "NOT (" * 10_000 + "name = a",
        "(a " * 10_000 + ")" * 10_000,
        '"' + "\\" * 60_000,
        "name = $" * 5_000,
        "logo = @time:parse(" + " " * 60_000,
        'logo = "@time:parse(' + " " * 60_000 + '"',
    ],
)
def test_hostile_texts_are_refused_with_a_few_problems(text: str) -> None:
    assert 1 <= len(problems(text)) <= MAX_PROBLEMS


@pytest.mark.parametrize(
    "text",
    [
        ", ".join(["name += $name"] * 40),
        ", ".join(["group = $name, name = '$group$group'"] * 40),
        'name =~ ".*" SET url = "' + "$0" * 2000 + '"',
        " AND ".join(['(name =~ ".*" SET name = "$0$0")'] * 40),
    ],
)
def test_a_text_that_memory_could_not_hold_is_refused(text: str) -> None:
    (problem,) = problems(text, "rule")
    assert "too many for one text" in problem.message


def test_a_text_may_be_made_of_many() -> None:
    assert rule('name =~ ".*" SET name = "' + "$0" * 900 + '", name -= x, group = "$0"')
    assert rule(", ".join(["name = $group, group = $name"] * 100))


def test_parentheses_may_be_nested_deeply() -> None:
    frame = pl.DataFrame({"channel_name": ["a", "b"], "group_title": ["c", "d"]})
    for text in (
        "(" * 1000 + "name = a" + ")" * 1000,
        "NOT (" * 300 + "name = a" + ")" * 300,
        "(group = x OR " * 150 + "(name = a AND group = c)" + ")" * 150,
    ):
        deep = parse(text, Domain.CHANNEL, kind="filter")
        assert frame.select(deep.condition).to_series().to_list() == [True, False]


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ('name =~ "a(?!b)"', 'channel_name matches "…" AND NOT channel_name matches "b"'),
        ('name =~ "a(?=b)"', 'channel_name matches "…" AND channel_name matches "…"'),
    ],
)
def test_look_around_is_told_how_to_say_it_with_not(text: str, suggestion: str) -> None:
    (problem,) = problems(text)
    assert problem.suggestion == suggestion
    assert text[problem.column - 1 :][: problem.length] in ("(?!", "(?=")


@pytest.mark.parametrize(
    ("word", "domain", "meant"),
    [
        ("name", Domain.PROGRAMME, "channel_name"),
        ("category", Domain.PROGRAMME, "programme_category"),
        ("channel_id", Domain.CHANNEL, "tvg_id"),
        ("title", Domain.CHANNEL, None),
        ("programme_title", Domain.CHANNEL, None),
    ],
)
def test_of_a_field_of_the_other_domain_only_the_same_thing_is_suggested(
    word: str, domain: Domain, meant: str | None
) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse(f'{word} = "x"', domain, kind="filter")
    assert [problem.suggestion for problem in refused.value.problems] == [meant]


@pytest.mark.parametrize(
    ("text", "said", "meant"),
    [
        ("name IS NULL", 'there is no operator "IS NULL"', 'equals ""'),
        ("name is empty", 'there is no operator "is empty"', 'equals ""'),
        (
            'name LIKE "%x%"',
            'there is no operator "LIKE", and % is a letter like any other',
            "contains",
        ),
    ],
)
def test_operators_of_other_languages_are_told_with_what_is_meant(
    text: str, said: str, meant: str
) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse(text, Domain.CHANNEL, kind="filter")
    assert [(one.message, one.suggestion) for one in refused.value.problems] == [(said, meant)]
