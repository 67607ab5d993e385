"""Records as JSON has them, and what a sentence does to them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.expression.subject import read
from tvarr.expression.evaluate import RecordError, evaluate, read_record
from tvarr.expression.fields import SEPARATOR, Domain

if TYPE_CHECKING:
    from tvarr.expression.evaluate import Value

NOW = datetime(2025, 11, 30, 19, tzinfo=UTC)


def after(text: str, record: dict[str, object], domain: str = "programme") -> dict[str, Value]:
    (outcome,) = evaluate(read(text, domain), [read_record(record, Domain(domain))], NOW)
    return dict(outcome.after)


def test_names_aliases_and_values_of_json_become_texts() -> None:
    given = {"name": "One", "NUMBER": 5, "radio": True, "is_adult": False, "tvg_shift": 1.5}
    assert read_record({**given, "group": None}, Domain.CHANNEL).texts == {
        "channel_name": "One",
        "channel_number": "5",
        "radio": "true",
        "is_adult": "false",
        "tvg_shift": "1.5",
        "group_title": None,
    }


def test_a_number_of_json_becomes_a_decimal_number_however_it_is_written() -> None:
    given = {"number": 1e16, "tvg_shift": 0.00001}
    assert read_record(given, Domain.CHANNEL).texts == {
        "channel_number": "10000000000000000",
        "tvg_shift": "0.00001",
    }


def test_categories_may_be_a_list() -> None:
    record = read_record({"genre": ["News", "", None, 5]}, Domain.PROGRAMME)
    assert record.texts == {"programme_category": f"News{SEPARATOR}5"}


@pytest.mark.parametrize("time", ["2025-11-30T20:00:00+01:00", 1764529200, "1764529200"])
def test_times_are_read_as_the_catalog_has_them(time: object) -> None:
    record = read_record({"start": time, "stop": "soon"}, Domain.PROGRAMME)
    assert record.texts == {"programme_start": "2025-11-30T19:00:00Z", "programme_stop": "soon"}


def test_all_that_is_wrong_with_a_record_is_told() -> None:
    given = {"chanel_name": 1, "name": {}, "channel_name": "x", "tvg_id": ["x"], "group": "\ud800"}
    with pytest.raises(RecordError) as caught:
        read_record(given, Domain.CHANNEL)
    assert [(misfit.message, misfit.suggestion) for misfit in caught.value.misfits] == [
        ('the record has "chanel_name", which is no field of a channel', "channel_name"),
        (
            '"channel_name" of the record is no text, number, true, false or null',
            None,
        ),
        ('the record has "channel_name" twice', None),
        ('"tvg_id" of the record is no text, number, true, false or null', None),
        ('"group_title" of the record holds no letters of Unicode', None),
    ]


def test_what_was_a_list_is_answered_as_one() -> None:
    assert after("APPEND genre = x", {"genre": ["a", "b"]}) == {"programme_category": ["ax", "bx"]}
    assert after("DELETE genre", {"genre": ["a"]}) == {"programme_category": []}


def test_what_was_a_text_or_missing_is_answered_as_text() -> None:
    assert after("SET genre = x", {"genre": "a"}) == {"programme_category": "x"}
    assert after("SET genre = x", {}) == {"programme_category": "x"}


def test_only_what_differs_is_told() -> None:
    assert after("SET title = a, desc = b", {"title": "a"}) == {"programme_description": "b"}
    assert after('SET title = ""', {}) == {}


def test_records_are_judged_each_alone() -> None:
    sentence = read('channel_name contains "x"', "channel", "filter")
    records = [read_record({"name": name}, Domain.CHANNEL) for name in ("x", "y", "ax")]
    assert [outcome.match for outcome in evaluate(sentence, records, NOW)] == [True, False, True]
