"""What holds for every sentence and every record, tried on random ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from tests.expression import strategies
from tests.expression.cases import LOGOS, NOW, Expected
from tests.expression.reference import evaluate
from tests.expression.reference_words import Wrong
from tests.expression.subject import frame_of, in_one_plan, outcomes, problems, read, verdicts
from tvarr.expression.canonical import print_sentence
from tvarr.expression.problems import ExpressionError, render

if TYPE_CHECKING:
    from tests.expression.cases import Record
    from tests.expression.subject import Run
    from tvarr.expression.sentence import SentenceKind

DOMAINS = ["channel", "programme"]
on_some = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
on_many = settings(on_some, max_examples=1000)
on_very_many = settings(on_some, max_examples=5_000)

Batch = st.sampled_from(DOMAINS).flatmap(
    lambda domain: st.tuples(
        st.just(domain),
        st.one_of(
            st.tuples(st.just("rule"), strategies.rules(domain)),
            st.tuples(st.just("filter"), strategies.conditions(domain)),
        ),
        st.lists(strategies.records(domain), min_size=1, max_size=6),
    )
)


def by_the_reference(
    domain: str, kind: str, text: str, records: list[Record]
) -> list[Expected] | None:
    """Return what the slow reading says; None if it refuses the sentence."""
    try:
        slow = [
            evaluate(text, record, domain=domain, kind=kind, now=NOW, logos=LOGOS)
            for record in records
        ]
    except Wrong:
        return None
    return [
        Expected(record, outcome.match, outcome.changed)
        for record, outcome in zip(records, slow, strict=True)
    ]


def by_the_language(
    domain: str, kind: SentenceKind, text: str, records: list[Record]
) -> list[Expected] | None:
    """Return what the fast reading says; None if it refuses the sentence."""
    try:
        sentence = read(text, domain, kind)
    except ExpressionError:
        return None
    return outcomes(sentence, records)


def check_against_the_reference(
    batch: tuple[str, tuple[SentenceKind, str], list[Record]],
) -> None:
    domain, (kind, text), records = batch

    assert by_the_language(domain, kind, text, records) == by_the_reference(
        domain, kind, text, records
    )


@on_some
@given(Batch)
def test_a_frame_comes_out_as_row_by_row(
    batch: tuple[str, tuple[SentenceKind, str], list[Record]],
) -> None:
    check_against_the_reference(batch)


@pytest.mark.slow
@on_very_many
@given(Batch)
def test_a_frame_comes_out_as_row_by_row_many_times(
    batch: tuple[str, tuple[SentenceKind, str], list[Record]],
) -> None:
    check_against_the_reference(batch)


Lists = st.sampled_from(DOMAINS).flatmap(
    lambda domain: st.tuples(
        st.just(domain),
        st.lists(strategies.rules(domain), min_size=2, max_size=5),
        st.lists(strategies.records(domain), min_size=1, max_size=4),
    )
)


def one_after_the_other(domain: str, texts: list[str], record: Record) -> Run:
    """Return what the slow reading makes of several rules."""
    fields = {name: record.get(name) or "" for name in frame_of([record], domain).columns}
    counts = []
    for text in texts:
        done = evaluate(text, fields, domain=domain, kind="rule", now=NOW, logos=LOGOS)
        counts.append((done.match, done.changed != {}))
        fields |= done.changed
    return counts, fields


def check_one_plan(batch: tuple[str, list[str], list[Record]]) -> None:
    domain, texts, records = batch
    right = [text for text in texts if not problems(text, domain, "rule")]

    ran = in_one_plan([read(text, domain, "rule") for text in right], records, domain)
    assert ran == [one_after_the_other(domain, right, record) for record in records]


@on_some
@given(Lists)
def test_many_rules_in_one_plan_are_as_one_after_the_other(
    batch: tuple[str, list[str], list[Record]],
) -> None:
    check_one_plan(batch)


@pytest.mark.slow
@on_many
@given(Lists)
def test_many_rules_in_one_plan_are_as_one_after_the_other_many_times(
    batch: tuple[str, list[str], list[Record]],
) -> None:
    check_one_plan(batch)


def check_printing(domain: str, kind: SentenceKind, text: str) -> None:
    try:
        sentence = read(text, domain, kind)
    except ExpressionError:
        assume(False)
    printed = print_sentence(sentence)

    assert read(printed, domain, kind) == sentence
    assert print_sentence(read(printed, domain, kind)) == printed


@on_some
@given(st.sampled_from(DOMAINS).flatmap(lambda d: st.tuples(st.just(d), strategies.rules(d))))
def test_a_printed_rule_reads_as_the_same_rule(rule: tuple[str, str]) -> None:
    check_printing(rule[0], "rule", rule[1])


@on_some
@given(st.sampled_from(DOMAINS).flatmap(lambda d: st.tuples(st.just(d), strategies.conditions(d))))
def test_a_printed_filter_reads_as_the_same_filter(written: tuple[str, str]) -> None:
    check_printing(written[0], "filter", written[1])


@on_some
@given(
    strategies.conditions("channel"),
    strategies.conditions("channel"),
    st.lists(strategies.records("channel"), min_size=1, max_size=6),
)
def test_not_both_is_one_not_or_the_other_not(left: str, right: str, records: list[Record]) -> None:
    def where(text: str) -> list[bool]:
        try:
            return verdicts(read(text, "channel", "filter"), records)
        except ExpressionError:
            assume(False)
            raise

    assert where(f"NOT (({left}) AND ({right}))") == where(f"NOT ({left}) OR NOT ({right})")
    assert where(f"NOT (({left}) OR ({right}))") == where(f"NOT ({left}) AND NOT ({right})")


def check_refusal(text: str, domain: str, kind: SentenceKind) -> None:
    lines = text.split("\n")
    for problem in problems(text, domain, kind):
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
        assert problem.length >= 1
        assert problem.message
        assert "^" in render(problem, text)


def test_deep_nesting_works_up_to_its_limit_and_is_refused_beyond() -> None:
    text = 'channel_name matches "(a)"'
    for _ in range(60):
        text = f'NOT (NOT (({text} AND tvg_id = "1") OR tvg_id = "2"))'
    records: list[Record] = [{"channel_name": "a", "tvg_id": "1"}, {"tvg_id": "1"}]

    assert [row.match for row in outcomes(read(text, "channel", "filter"), records)] == [
        True,
        False,
    ]
    printed = print_sentence(read(text, "channel", "filter"))
    assert print_sentence(read(printed, "channel", "filter")) == printed
    nested = f"{'NOT (' * 1000}{text}{')' * 1000}"
    assert "nested" in problems(nested, "channel", "filter")[0].message


AnyText = st.text(st.characters(), max_size=40) | strategies.Soups


@on_many
@given(AnyText, st.sampled_from(DOMAINS), st.sampled_from(["rule", "filter"]))
@example("\ud800", "channel", "filter")
@example('channel_name = "\ud800"', "channel", "filter")
@example("\x00", "channel", "rule")
@example("(" * 30_000, "channel", "filter")
@example("NOT " * 10_000 + "true", "channel", "filter")
@example("!" * 30_000, "channel", "filter")
@example("true AND " * 5_000 + "true", "channel", "filter")
@example("(" * 10_000 + "true" + ")" * 10_000, "channel", "filter")
@example('channel_name = "' + "x" * 200_000, "channel", "rule")
@example('channel_name matches "' + "(" * 20_000 + '"', "channel", "filter")
@example("DELETE name," * 5_000, "channel", "rule")
def test_any_text_is_read_or_refused_with_places_in_it(
    text: str, domain: str, kind: SentenceKind
) -> None:
    check_refusal(text, domain, kind)


@on_many
@given(strategies.Soups, st.sampled_from(DOMAINS), st.sampled_from(["rule", "filter"]))
def test_words_in_any_order_are_refused_by_both_readings_or_by_none(
    text: str, domain: str, kind: SentenceKind
) -> None:
    record: Record = {"channel_name": "a"}

    assert by_the_language(domain, kind, text, [record]) == by_the_reference(
        domain, kind, text, [record]
    )
