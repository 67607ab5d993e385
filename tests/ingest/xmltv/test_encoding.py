from __future__ import annotations

import codecs
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvarr.ingest.xmltv.encoding import Fallback, declared_encoding, recode, utf8_blocks

TEXT = "<tv>Über café € naïve\n</tv>"


def read(data: bytes, size: int = 7) -> tuple[str, Fallback]:
    """Return the document as UTF-8 text, read in small blocks behind a head."""
    stream = io.BytesIO(data)
    blocks, fallback = utf8_blocks(stream.read(64), lambda: stream.read(size))
    return b"".join(blocks).decode("utf-8", "surrogateescape"), fallback


def declare(encoding: str, text: str = TEXT) -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?>{text}'


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_unicode_in_any_form_is_recognised_by_its_bytes(encoding: str) -> None:
    assert read(TEXT.encode(encoding))[0] == TEXT


@pytest.mark.parametrize("encoding", ["gb18030", "shift_jis", "euc-kr", "big5"])
def test_a_declared_encoding_of_several_bytes_is_transcoded(encoding: str) -> None:
    text = declare(encoding, "<tv>" + "中央日" * 50 + "</tv>")
    assert read(text.encode(encoding))[0] == text


def test_utf_8_that_is_declared_chinese_stays_utf_8() -> None:
    text = declare("gb2312", "<tv>中央电视台</tv>")
    assert read(text.encode())[0] == text


@pytest.mark.parametrize(
    ("declared", "fallback"),
    [
        ("ISO-8859-1", Fallback("cp1252", is_declared=True)),
        ("windows-1251", Fallback("cp1251", is_declared=True)),
        ("ISO-8859-15", Fallback("iso8859-15", is_declared=True)),
        ("UTF-8", Fallback()),
        ("utf-16", Fallback()),
        ("klingon", Fallback()),
        ("rot13", Fallback()),
        ("unicode_escape", Fallback()),
    ],
)
def test_a_declared_encoding_of_one_byte_is_kept_for_rows_that_need_it(
    declared: str, fallback: Fallback
) -> None:
    assert read(declare(declared).encode()) == (declare(declared), fallback)


def test_the_declaration_is_read_in_both_quotes_and_behind_a_mark() -> None:
    assert declared_encoding(b"<?xml version='1.0' encoding='latin1' ?>") == "iso8859-1"
    assert declared_encoding(codecs.BOM_UTF8 + declare("koi8-r").encode()) == "koi8-r"
    assert declared_encoding(b"<tv encoding='latin1'>") is None


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("café".encode("cp1252"), "café"),
        ("café € “x”".encode("cp1252"), "café € “x”"),
        ("naïve été café".encode()[:-1], "naïve été caf\ufffd"),  # shortened by bytes
        (b"\x81", "\ufffd"),
    ],
)
def test_a_row_that_is_not_utf_8_is_read_by_what_it_mostly_is(row: bytes, expected: str) -> None:
    assert recode(row, Fallback()).decode() == expected


def test_a_row_is_read_in_the_declared_encoding() -> None:
    assert recode("Новости".encode("cp1251"), Fallback("cp1251")).decode() == "Новости"


@given(st.text("a\r\n", max_size=40), st.integers(1, 5))
def test_line_ends_become_those_of_unix_wherever_blocks_end(text: str, size: int) -> None:
    expected = text.replace("\r\n", "\n").replace("\r", "\n")
    stream = io.BytesIO(text.encode())
    blocks, _ = utf8_blocks(stream.read(size), lambda: stream.read(size))
    assert b"".join(blocks).decode() == expected
