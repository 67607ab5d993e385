"""Bytes become lines whatever their encoding and line ends, in bounded memory."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvarr.ingest import lines as module
from tvarr.ingest.lines import (
    MAX_LINE,
    STRICT,
    TOO_LONG,
    Encoding,
    encoding_of,
    read_lines,
    settle_encoding,
)

GREETING = "#EXTM3U\nGrüße, 世界"


def lines_of(document: bytes, encoding: Encoding = STRICT, head: int = 0) -> list[str]:
    stream = io.BytesIO(document)
    first = stream.read(head)
    return [line for some in read_lines(stream, first, encoding) for line in some]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_all_three_line_ends_are_read(end: str) -> None:
    assert lines_of(end.join(["one", "", "two", "three"]).encode()) == ["one", "", "two", "three"]


def test_a_line_end_at_the_end_makes_no_further_line() -> None:
    assert lines_of(b"one\ntwo\n") == ["one", "two"]
    assert lines_of(b"one\rtwo\r") == ["one", "two"]


def test_an_empty_document_has_no_lines() -> None:
    assert lines_of(b"") == []


@given(st.text("ab\r\n\u2028\x85é", max_size=60), st.integers(1, 7), st.integers(0, 60))
def test_where_blocks_end_makes_no_difference(text: str, block: int, head: int) -> None:
    document = text.encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK", block)
        # universal newlines are the same three line ends
        expected = io.StringIO(text, newline=None).getvalue().split("\n")
        if expected[-1] == "":
            del expected[-1]
        assert lines_of(document, head=min(head, len(document))) == expected


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_tells_the_encoding_and_is_no_text(codec: str) -> None:
    document = GREETING.encode(codec)
    assert lines_of(document, encoding_of(document)) == GREETING.split("\n")


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_two_bytes_a_letter_are_recognised_without_a_mark(codec: str) -> None:
    document = GREETING.encode(codec)
    assert lines_of(document, encoding_of(document)) == GREETING.split("\n")


def test_the_mark_of_a_list_that_was_appended_is_no_text_either() -> None:
    assert lines_of(b"\xef\xbb\xbfone\n\xef\xbb\xbf#EXTM3U\n") == ["one", "#EXTM3U"]


def test_bytes_that_are_no_utf8_stop_the_strict_reading() -> None:
    with pytest.raises(UnicodeDecodeError):
        lines_of("Türkçe".encode("cp1252"))


def test_a_document_with_more_bad_bytes_than_good_letters_is_windows_1252() -> None:
    document = "Fußball über alles, 5 €".encode("cp1252")
    encoding = settle_encoding(io.BytesIO(document))
    assert lines_of(document, encoding) == ["Fußball über alles, 5 €"]


def test_a_document_with_one_name_cut_in_a_letter_stays_utf8() -> None:
    document = "世界\n世".encode() + b"\xe7\x95\nRTL T\xc3\xbcrk\n"
    encoding = settle_encoding(io.BytesIO(document))
    assert lines_of(document, encoding) == ["世界", "世\ufffd", "RTL Türk"]


def test_controls_are_taken_out_and_tabs_stay() -> None:
    assert lines_of(b"a\x00b\x1ec\x1f\td\x7f\x0b\x0c") == ["abc\td"]


@pytest.mark.parametrize("size", [MAX_LINE + 1, module.BLOCK * 3])
def test_a_line_beyond_the_bound_is_marked_and_the_next_ones_are_read(size: int) -> None:
    document = b"one\n" + b"x" * size + b"\ntwo\nthree"
    assert lines_of(document) == ["one", TOO_LONG, "two", "three"]


def test_a_last_line_beyond_the_bound_is_marked_too() -> None:
    assert lines_of(b"one\n" + b"x" * (module.BLOCK * 2)) == ["one", TOO_LONG]


def test_the_longest_line_that_is_allowed_is_read() -> None:
    assert lines_of(b"x" * MAX_LINE + b"\n") == ["x" * MAX_LINE]
