"""Cases of JSON Lines and their answers."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.expression import cases as tables
from tests.expression.cases import read_cases
from tvarr.expression import batch
from tvarr.expression.batch import MAX_LINE, answers, lines_of
from tvarr.expression.check import check

NOW = datetime(2025, 11, 30, 19, tzinfo=UTC)
LOGOS = {"placeholder": "http://l.invalid/placeholder.png"}


def answered(*cases: object) -> list[dict[str, Any]]:
    """Return the answers to cases; what is no bytes is written as JSON."""
    lines = [case if isinstance(case, bytes) else json.dumps(case).encode() for case in cases]
    return [json.loads(line) for line in answers(lines, NOW, LOGOS)]


def case(expression: str, record: object = None, **members: object) -> dict[str, object]:
    return {"expression": expression, "record": record or {}, **members}


def test_a_filter_tells_whether_it_matches() -> None:
    given = case("name contains bbc", {"channel_name": "BBC One"}, id="x", kind="filter")
    assert answered(given) == [
        {"id": "x", "valid": True, "match": True, "record_after": {}, "errors": []}
    ]


def test_a_byte_order_mark_before_a_case_is_passed_over() -> None:
    (answer,) = answered(b"\xef\xbb\xbf" + json.dumps(case("true")).encode())
    assert answer["valid"]


def test_a_mapping_tells_the_fields_that_it_changes() -> None:
    rule = 'name matches "^(UK): (.*)" SET country = "$1", name = "$2", tvg_id = "one"'
    record = {"name": "UK: One", "tvg_id": "one", "group": "News"}
    (answer,) = answered(case(rule, record, kind="mapping", domain="channel"))
    assert answer["record_after"] == {"tvg_country": "UK", "channel_name": "One"}


def test_a_field_that_is_emptied_is_empty_text() -> None:
    (answer,) = answered(case("DELETE group, tvg_id", {"group": "News"}, kind="mapping"))
    assert answer["record_after"] == {"group_title": ""}


@pytest.mark.parametrize("expression", ["", 'name = "x" AND true', "# nothing"])
def test_a_mapping_without_actions_is_invalid(expression: str) -> None:
    (answer,) = answered(case(expression, kind="mapping"))
    assert (answer["valid"], answer["match"], answer["record_after"]) == (False, False, {})
    assert answer["errors"][0]["category"] == "syntax"


def test_a_wrong_sentence_is_answered_with_all_that_is_wrong() -> None:
    (answer,) = answered(case("\nchanel_name = x AND group contian y", kind="filter", id=7))
    assert answer["id"] == 7
    assert answer["errors"] == [
        {
            "category": "field",
            "message": 'there is no field "chanel_name"',
            "line": 2,
            "column": 1,
            "suggestion": "channel_name",
        },
        {
            "category": "operator",
            "message": 'there is no operator "contian"',
            "line": 2,
            "column": 27,
            "suggestion": "contains",
        },
    ]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (b"nonsense", "the case is not JSON: Expecting value at column 1"),
        (b"\xff{}", "the case is not text in UTF-8"),
        (b"[]", "the case is not a JSON object"),
        (b"[" * 100_000, "the case is not JSON: it is nested too deep"),
        (b'{"expression": NaN}', "the case is not JSON: NaN is no number of JSON"),
        (b'{"expression": 1e999}', "the case is not JSON: 1e999 is too large a number"),
        (b'{"x": ' + b"9" * 5_000 + b"}", "the case is not JSON: "),
        (b'"' + b"x" * MAX_LINE, f"the case has more than {MAX_LINE} bytes"),
        ({"id": 1}, 'the case has no "expression"'),
        ({"expression": 5}, '"expression" is not a text'),
        (case("true", domain="tv"), '"domain" is none of: channel, '),
        (case("true", domain=5), '"domain" is none of: channel, '),
        (case("true", kind=[]), '"kind" is none of: filter, mapping, '),
        ({"expression": "true", "record": []}, '"record" is not an object'),
        (case("true", now="soon"), '"now" is not a time such as 2025-11-30T19:00:00Z'),
        (case("true", now=True), '"now" is not a time such as 2025-11-30T19:00:00Z'),
        (case("true", now={}), '"now" is not a time such as 2025-11-30T19:00:00Z'),
        (case("true", {"nam": 1}), 'the record has "nam", which is no field of a channel'),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_case_of_the_wrong_shape_is_invalid_and_stops_no_other(
    wrong: object, message: str
) -> None:
    first, second = answered(wrong, case("true", id="next"))
    assert (first["valid"], first["match"], first["record_after"]) == (False, False, {})
    assert first["errors"][0]["message"].startswith(message)
    assert (first["errors"][0]["line"], first["errors"][0]["column"]) == (None, None)
    assert (second["id"], second["valid"]) == ("next", True)


@pytest.mark.parametrize("now", ["2025-11-30T20:00:00+01:00", 1764529200, "1764529200", None])
def test_a_case_may_say_what_is_now(now: object) -> None:
    (answer,) = answered(case("SET name = @time:now", kind="mapping", now=now))
    assert answer["record_after"] == {"channel_name": "2025-11-30T19:00:00Z"}


def test_cases_with_one_sentence_and_different_times_are_kept_apart() -> None:
    rule = "SET name = @time:now()"
    found = answered(*(case(rule, kind="mapping", now=second) for second in (5, 6, 5)))
    assert [answer["record_after"]["channel_name"] for answer in found] == ["5", "6", "5"]


def test_answers_come_in_the_order_of_the_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "CHUNK", 4)
    cases = [case(f"name = {number % 3}", {"name": "1"}, id=number) for number in range(11)]
    found = answered(*cases)
    assert [answer["id"] for answer in found] == list(range(11))
    assert [answer["match"] for answer in found] == [number % 3 == 1 for number in range(11)]


def test_each_sentence_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read = []

    def counted(text: str, *rest: Any) -> Any:
        read.append(text)
        return check(text, *rest)

    monkeypatch.setattr(batch, "check", counted)
    answered(*(case(text) for text in ("true", "false", "true", "tru", "tru")))
    assert read == ["true", "false", "tru"]


def test_blank_lines_have_no_answer() -> None:
    assert len(answered(b"\n", b"  \r\n", case("true"))) == 1


def test_a_domain_and_a_kind_may_be_left_out_or_written_otherwise() -> None:
    found = answered(
        case("group_title = x"),
        case("SET name = x"),
        case("genre = x", domain="program"),
        case("genre = x", domain="Programmes", kind="RULE"),
    )
    assert [answer["valid"] for answer in found] == [True] * 4
    assert [answer["record_after"] for answer in found] == [
        {},
        {"channel_name": "x"},
        {},
        {"programme_category": "x"},
    ]


def test_logos_are_known_by_name() -> None:
    (known, unknown) = answered(
        case("SET logo = @logo:placeholder", kind="mapping"),
        case("SET logo = @logo:other", kind="mapping"),
    )
    assert known["record_after"] == {"tvg_logo": LOGOS["placeholder"]}
    assert unknown["errors"][0]["category"] == "helper"


def test_half_a_letter_does_no_harm() -> None:
    half = b'{"id": "\\ud800", "expression": "name = \\"\\ud800\\"", "record": {"name": "\\ud800"}}'
    (line,) = answers([half], NOW, {})
    assert line.encode()
    assert json.loads(line)["valid"] is False


def test_letters_are_written_as_they_are() -> None:
    (line,) = answers([json.dumps(case("SET name = Ä")).encode()], NOW, {})
    assert '"Ä"' in line


def test_a_line_without_an_end_is_not_held_in_memory() -> None:
    stream = io.BytesIO(b"a\n" + b"x" * (3 * MAX_LINE) + b"\nb")
    assert [len(line) for line in lines_of(stream)] == [2, MAX_LINE + 1, 1]


def test_the_tables_of_the_language_hold_here_too() -> None:
    told = [(table, row) for table in read_cases() for row in table.rows]
    found = answers(
        [
            json.dumps(case(table.text, row.record, domain=table.domain, kind=table.kind)).encode()
            for table, row in told
        ],
        tables.NOW,
        tables.LOGOS,
    )
    for (table, row), answer in zip(told, map(json.loads, found), strict=True):
        came = (answer["valid"], answer["match"], answer["record_after"])
        assert came == (True, row.match, row.changed), table.name
