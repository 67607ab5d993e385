"""A panel's JSON in pieces and in every shape."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvarr.errors import Reason, TvarrError
from tvarr.ingest.xtream import answers

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1 << 20


def rows(tmp_path: Path, body: bytes, max_size: int = MIB) -> list[Any]:
    path = tmp_path / "answer"
    path.write_bytes(body)
    return [row for piece in answers.rows_of(path, max_size) for row in piece]


def reason(tmp_path: Path, body: bytes) -> Reason:
    with pytest.raises(TvarrError) as caught:
        rows(tmp_path, body)
    return caught.value.reason


@pytest.mark.parametrize(
    "body",
    [
        b'[{"a":1},{"a":2}]',
        b' \r\n [ {"a" : 1} ,\n {"a":2}\n]\n',
        b'\xef\xbb\xbf[{"a":1},{"a":2}]',
        b'{"0":{"a":1},"7":{"a":2}}',
        b'{"streams":[{"a":1},{"a":2}]}',
        gzip.compress(b'[{"a":1},{"a":2}]', mtime=0),
    ],
)
def test_a_list_comes_in_several_shapes(tmp_path: Path, body: bytes) -> None:
    assert rows(tmp_path, body) == [{"a": 1}, {"a": 2}]


DEEP = b"[" * 1000 + b"]" * 1000
"""What orjson reads and does not write, and Python cannot say in words."""


def test_an_answer_of_lists_in_lists_is_told_as_any_other(tmp_path: Path) -> None:
    assert reason(tmp_path, b'{"a":' + DEEP + b',"b":1}') is Reason.BAD_ANSWER


def test_an_answer_of_very_many_values_is_not_taken_into_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "MOST_VALUES", 1000)
    monkeypatch.setattr(answers, "MOST_IN_PIECE", 2000)
    monkeypatch.setattr(answers, "PIECE", 512)
    for body in (b'[{"a":[' + b"[]," * 3000 + b"[]]}]", b'{"0":{' + b'"a":{},' * 3000 + b'"b":1}}'):
        assert reason(tmp_path, body) is Reason.TOO_LARGE
    many = b"[" + b"{}," * 3000 + b"{}]"
    assert len(rows(tmp_path, many)) == 3001
    with pytest.raises(TvarrError) as caught:
        answers.load(tmp_path / "answer")
    assert caught.value.reason is Reason.TOO_LARGE


@pytest.mark.parametrize("entry", [b'{"a":"' + b"x" * 5000 + b'"}', b"{" * 5000, b'"},{' * 2000])
def test_an_entry_without_an_end_is_not_taken_into_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: bytes
) -> None:
    monkeypatch.setattr(answers, "PIECE", 512)
    monkeypatch.setattr(answers, "LARGEST_WHOLE", 2048)
    assert reason(tmp_path, b"[" + entry + b"]") is Reason.TOO_LARGE


@pytest.mark.parametrize(
    "body",
    [b"", b"  \n", b"[]", b"[ ]", b"{}", b"null", b"false", b'""', b'{"info":[]}',
     b'{"user_info":{"auth":1}}'],
)  # fmt: skip
def test_nothing_comes_in_several_shapes_as_well(tmp_path: Path, body: bytes) -> None:
    assert rows(tmp_path, body) == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"user_info":{"auth":0}}', Reason.AUTH_FAILED),
        (b'{"user_info":{"auth":"0","status":"Disabled"}}', Reason.AUTH_FAILED),
        (b"Invalid credentials", Reason.AUTH_FAILED),
        (b"<!DOCTYPE html><html></html>", Reason.HTML_ANSWER),
        (b"<br />\n<b>Warning</b>", Reason.HTML_ANSWER),
        (b"Service is overloaded", Reason.PARSE_ERROR),
        (b'{"message":"busy"}', Reason.BAD_ANSWER),
        (b"17", Reason.BAD_ANSWER),
        (b'"text"', Reason.BAD_ANSWER),
        (b'[{"a":1},{"a":', Reason.TRUNCATED),
        (b'[{"a":1},{"a":"x', Reason.TRUNCATED),
        (b'{"user_info":{"auth"', Reason.TRUNCATED),
        (b'[{"a":1};{"a":2}]', Reason.PARSE_ERROR),
        (b"[{a:1}]", Reason.PARSE_ERROR),
    ],
)
def test_what_is_no_list_has_its_reason(tmp_path: Path, body: bytes, expected: Reason) -> None:
    assert reason(tmp_path, body) is expected


def test_a_document_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TvarrError) as caught:
        rows(tmp_path, b"[" + b" " * 2048 + b"]", max_size=1024)
    assert caught.value.reason is Reason.TOO_LARGE


def test_too_many_rows_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MOST_ROWS", 3)
    assert reason(tmp_path, b"[1,2,3,4]") is Reason.TOO_LARGE


def test_an_excerpt_shows_no_credentials_of_addresses(tmp_path: Path) -> None:
    with pytest.raises(TvarrError) as caught:
        rows(tmp_path, b'{"error":"see http://p.invalid/live/ann/secret/1.ts"}')
    assert "secret" not in caught.value.sentence


_WHOLE = st.integers(-(2**63), 2**64 - 1)
"""Beyond these a number is read as one with a fraction."""


class TestPieces:
    @pytest.fixture(autouse=True)
    def small_pieces(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(answers, "PIECE", 64)

    @pytest.mark.parametrize("indent", [None, 2])
    def test_a_long_list_comes_whole_and_in_order(self, tmp_path: Path, indent: int | None) -> None:
        long = [{"id": n, "name": f"Channel {n}", "more": [n]} for n in range(500)]
        assert rows(tmp_path, json.dumps(long, indent=indent).encode()) == long

    def test_what_looks_like_the_end_of_a_row_may_stand_inside_one(self, tmp_path: Path) -> None:
        tricky = [
            {"name": "},{" * 40, "in": [{"a": n}, {"b": [{"c": "}]"}, {}]}], "end": '"},{"'}
            for n in range(50)
        ]
        body = json.dumps(tricky, separators=(",", ":")).encode()
        assert rows(tmp_path, body) == tricky

    def test_rows_that_are_no_objects_come_too(self, tmp_path: Path) -> None:
        odd = [None, 1, "x" * 100, [], {"a": 1}, [{"b": 2}], {"c": 3}] * 20
        assert rows(tmp_path, json.dumps(odd).encode()) == odd

    @pytest.mark.parametrize("cut", range(1, 400, 7))
    def test_a_cut_list_is_never_taken_for_a_whole_one(self, tmp_path: Path, cut: int) -> None:
        body = json.dumps([{"id": n, "in": [{"x": n}]} for n in range(30)]).encode()
        assert reason(tmp_path, body[:-cut]) is Reason.TRUNCATED or cut >= len(body)

    @given(st.lists(st.recursive(st.none() | _WHOLE | st.text(max_size=40),
                                 lambda inner: st.lists(inner, max_size=3)
                                 | st.dictionaries(st.text(max_size=5), inner, max_size=3),
                                 max_leaves=6), max_size=30))  # fmt: skip
    def test_any_list_comes_as_it_is(
        self, tmp_path_factory: pytest.TempPathFactory, values: list[Any]
    ) -> None:
        body = json.dumps(values).encode()
        assert rows(tmp_path_factory.mktemp("any"), body) == json.loads(body)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b'[{"n":"caf\xe9"}]', "caf\ufffd"),
        (b'[{"n":"a\nb\tc"}]', "a b c"),
        (rb'[{"n":"x\ud83dy"}]', "x\ufffdy"),
        (rb'[{"n":"x\ude00y"}]', "x\ufffdy"),
        (rb'[{"n":"x\ud83d\ude00\ud83d"}]', "x\U0001f600\ufffd"),
    ],
)
def test_a_name_cut_in_mid_letter_costs_that_letter(tmp_path: Path, body: bytes, name: str) -> None:
    assert rows(tmp_path, body) == [{"n": name}]


def test_a_small_answer_is_loaded_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "answer"
    for body, value in ((b"", None), (b" [] ", []), (b'{"a": 1}', {"a": 1}), (b"null", None)):
        path.write_bytes(body)
        assert answers.load(path) == value
