"""Limits of reading one file, and what cannot stand in the table because it is not text."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tvarr.config import document
from tvarr.config.document import NoFile, Spot, Wrong, read_nodes

if TYPE_CHECKING:
    from pathlib import Path


def refusal(path: Path) -> Wrong:
    with pytest.raises(Wrong) as caught:
        read_nodes(path)
    return caught.value


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tvarr.yaml"


def test_nodes_know_their_line_and_column(file: Path) -> None:
    file.write_text("a:\n  b: c\n")

    root = read_nodes(file)

    assert root is not None
    inner = root.value[0][1].value[0][1]
    assert (inner.start_mark.line, inner.start_mark.column) == (1, 5)


def test_a_byte_order_mark_counts_for_nothing(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf\ta: 1\n")

    assert refusal(file).spot == Spot(str(file), 1, 1)


def test_a_file_with_windows_line_ends_is_read_alike(file: Path) -> None:
    file.write_bytes(b"a: 1\r\nb:\r\n\t- 1\r\n")

    assert refusal(file).spot == Spot(str(file), 3, 1)


def test_another_encoding_is_refused_where_it_first_shows(file: Path) -> None:
    file.write_bytes("a: 1\nname: Caf\u00e9\n".encode("latin-1"))

    wrong = refusal(file)

    assert wrong.spot == Spot(str(file), 2, 10)
    assert str(wrong) == "this is not UTF-8; save the file in the encoding UTF-8"


def test_a_control_character_is_refused_where_it_stands(file: Path) -> None:
    file.write_text("a: 1\nb: x\x07y\n")

    wrong = refusal(file)

    assert wrong.spot == Spot(str(file), 2, 5)
    assert str(wrong) == "this character cannot stand in a YAML file; take it out"


def test_a_file_of_the_greatest_size_is_read_and_a_larger_one_refused(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document, "MAX_BYTES", 1024)
    file.write_bytes(b"a: 1\n".ljust(1024, b"\n"))
    assert read_nodes(file) is not None

    file.write_bytes(b"a: 1\n".ljust(1025, b"\n"))
    assert str(refusal(file)) == "the file is larger than 1KiB; split it by !include"


@pytest.mark.parametrize("text", ["[" * 500, "[\n" * 5000, "{a: " * 500, "- " * 500])
def test_deep_nesting_is_refused_at_a_bound(file: Path, text: str) -> None:
    file.write_text(text)

    assert str(refusal(file)) == "this is not YAML: this is nested too deeply"


def test_a_fifo_is_not_waited_for(file: Path) -> None:
    os.mkfifo(file)

    wrong = refusal(file)

    assert isinstance(wrong, NoFile)
    assert str(wrong) == "this is not a file; name a YAML file"


def test_a_device_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "endless.yaml").symlink_to("/dev/zero")

    assert isinstance(refusal(tmp_path / "endless.yaml"), NoFile)


def test_a_file_below_a_file_does_not_exist(file: Path) -> None:
    file.touch()

    assert str(refusal(file / "x")).startswith("the file does not exist")


def test_a_link_that_leads_to_itself_cannot_be_read(file: Path) -> None:
    file.symlink_to(file)

    assert str(refusal(file)).startswith("the file cannot be read: Too many levels")


def test_a_name_with_a_zero_byte_cannot_be_read(tmp_path: Path) -> None:
    assert str(refusal(tmp_path / "a\0b")).startswith("the file cannot be read")


def test_an_anchor_may_be_used_anew(file: Path) -> None:
    """YAML allows it; the parser would warn on standard error."""
    file.write_text("a: &x 1\nb: &x 2\nc: *x\n")

    root = read_nodes(file)

    assert root is not None
    assert root.value[2][1].value == "2"


def test_syntax_without_a_sentence_of_its_own_still_has_a_place(file: Path) -> None:
    file.write_text("a: 1\n%YAML 9\n---\nb")

    wrong = refusal(file)

    assert wrong.spot.line == 2
    assert str(wrong).startswith("this is not YAML: ")
