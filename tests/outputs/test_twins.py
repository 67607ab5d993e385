"""A file and its gzip."""

from __future__ import annotations

import gzip
from random import Random
from typing import TYPE_CHECKING

import pytest

from tvarr.outputs.twins import gzip_beside, open_twins

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, *blocks: bytes) -> tuple[bytes, bytes]:
    with open_twins(path) as put:
        for block in blocks:
            put(block)
    return path.read_bytes(), gzip_beside(path).read_bytes()


def test_the_gzip_stands_beside_its_file(tmp_path: Path) -> None:
    write(tmp_path / "guide.xml", b"x")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["guide.xml", "guide.xml.gz"]


def test_both_hold_every_block_in_order(tmp_path: Path) -> None:
    blocks = [bytes([number]) * 70_000 for number in range(40)]
    plain, packed = write(tmp_path / "guide.xml", *blocks)
    assert plain == b"".join(blocks)
    assert gzip.decompress(packed) == plain


def test_without_a_block_both_are_empty(tmp_path: Path) -> None:
    plain, packed = write(tmp_path / "playlist.m3u")
    assert plain == gzip.decompress(packed) == b""


def test_the_gzip_tells_neither_name_nor_time(tmp_path: Path) -> None:
    first = write(tmp_path / "a.xml", b"<tv/>")[1]
    second = write(tmp_path / "b.xml", b"<tv/>")[1]
    assert first == second
    assert first[3:8] == bytes(5), "no flags (so no name), and no time of modification"


def test_trouble_in_the_writer_comes_out_as_it_is(tmp_path: Path) -> None:
    def half_a_guide() -> None:
        with open_twins(tmp_path / "guide.xml") as put:
            put(b"half")
            raise LookupError

    with pytest.raises(LookupError):
        half_a_guide()


def test_a_full_disk_under_the_gzip_is_not_overlooked(tmp_path: Path) -> None:
    gzip_beside(tmp_path / "guide.xml").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        write(tmp_path / "guide.xml", *[Random(0).randbytes(1 << 20)] * 3)
