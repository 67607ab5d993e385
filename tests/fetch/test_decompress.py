from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import os
import random
import resource
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tvarr.errors import Reason, Transient
from tvarr.fetch import layers
from tvarr.fetch.decompress import open_document

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable

GUIDE = b"<tv>" + b"<programme channel='one'/>\n" * 15_000 + b"</tv>"
NOISE = random.Random(1).randbytes(300_000)
"""It does not become smaller, so that packed streams are longer than one block."""


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, body in files.items():
            archive.writestr(zipfile.ZipInfo(name), body, method)
    return packed.getvalue()


def zstandard(body: bytes, window_log: int = 20) -> bytes:
    parameter = zstd.CompressionParameter
    options = {int(parameter.window_log): window_log, int(parameter.checksum_flag): 1}
    compressor = zstd.ZstdCompressor(options=options)
    return compressor.compress(body) + compressor.flush()


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lambda body: lzma.compress(body, lzma.FORMAT_ALONE),
    "zstd": zstandard,
    "zip": lambda body: zipped({"guide.xml": body}),
    "stored zip": lambda body: zipped({"guide.xml": body}, zipfile.ZIP_STORED),
    "bzip2 in zip": lambda body: zipped({"guide.xml": body}, zipfile.ZIP_BZIP2),
}
STREAMS = ["gzip", "bzip2", "xz", "lzma", "zstd"]
SERIES = ["gzip", "bzip2", "xz", "zstd"]
"""Those that may follow each other in one file."""


def put(folder: Path, packed: bytes) -> Path:
    # a name that lies, since the name is not looked at
    path = folder / "document.zip.txt"
    path.write_bytes(packed)
    return path


def read(path: Path, max_size: int = 1 << 24) -> bytes:
    with open_document(path, max_size) as stream:
        return stream.read()


def trouble(path: Path, max_size: int = 1 << 24) -> Transient:
    with pytest.raises(Transient) as caught:
        read(path, max_size)
    return caught.value


# --- what is read -----------------------------------------------------------------------------


@pytest.mark.parametrize("packer", PACKERS.values(), ids=PACKERS)
@pytest.mark.parametrize("body", [GUIDE, NOISE, b"x"], ids=["guide", "noise", "one byte"])
def test_each_packing_is_recognised_by_its_bytes(
    packer: Callable[[bytes], bytes], body: bytes, tmp_path: Path
) -> None:
    assert read(put(tmp_path, packer(body))) == body


def test_a_plain_document_is_read_as_it_is(tmp_path: Path) -> None:
    assert read(put(tmp_path, GUIDE)) == GUIDE


def test_an_empty_file_is_an_empty_document(tmp_path: Path) -> None:
    assert read(put(tmp_path, b"")) == b""


@pytest.mark.parametrize("packer", PACKERS.values(), ids=PACKERS)
def test_an_empty_document_may_be_packed(packer: Callable[[bytes], bytes], tmp_path: Path) -> None:
    assert read(put(tmp_path, packer(b""))) == b""


@pytest.mark.parametrize("outer", PACKERS)
@pytest.mark.parametrize("inner", PACKERS)
def test_one_packing_may_be_inside_another(inner: str, outer: str, tmp_path: Path) -> None:
    assert read(put(tmp_path, PACKERS[outer](PACKERS[inner](GUIDE)))) == GUIDE


@pytest.mark.parametrize("inner", PACKERS)
def test_three_packings_are_refused(inner: str, tmp_path: Path) -> None:
    packed = gzip.compress(gzip.compress(PACKERS[inner](GUIDE)))
    assert trouble(put(tmp_path, packed)).reason is Reason.PARSE_ERROR


@pytest.mark.parametrize("name", SERIES)
def test_members_follow_each_other_with_padding_between(name: str, tmp_path: Path) -> None:
    one, two = PACKERS[name](GUIDE), PACKERS[name](NOISE)
    empty = PACKERS[name](b"")
    packed = empty + one + b"\0" * 100_000 + empty + two + b"\0" * 8
    assert read(put(tmp_path, packed)) == GUIDE + NOISE


@pytest.mark.parametrize("name", STREAMS)
def test_other_bytes_after_the_end_are_ignored(name: str, tmp_path: Path) -> None:
    packed = PACKERS[name](GUIDE) + b"<!-- cached -->" * 10_000
    assert read(put(tmp_path, packed)) == GUIDE


def test_a_skippable_zstd_frame_may_come_first(tmp_path: Path) -> None:
    note = b"\x5a\x2a\x4d\x18\x04\x00\x00\x00note"
    assert read(put(tmp_path, note + zstandard(GUIDE))) == GUIDE


def test_a_gzip_header_may_hold_a_name_and_a_time(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with gzip.GzipFile("x" * 100_000, "wb", fileobj=packed) as file:
        file.write(GUIDE)
    assert read(put(tmp_path, packed.getvalue())) == GUIDE


@given(sizes=st.lists(st.integers(1, 300_000), min_size=1, max_size=30))
@settings(max_examples=20, deadline=None)
def test_reading_in_any_steps_gives_the_same(
    sizes: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = put(tmp_path_factory.mktemp("steps"), gzip.compress(NOISE, 1))
    with open_document(path, len(NOISE)) as stream:
        parts = [stream.read(size) for size in sizes]
        parts.append(stream.read())
    assert b"".join(parts) == NOISE


def test_lines_and_peeks_work_as_with_any_file(tmp_path: Path) -> None:
    with open_document(put(tmp_path, gzip.compress(b"#EXTM3U\none\n")), 100) as stream:
        assert stream.peek(7).startswith(b"#EXTM3U")
        assert list(stream) == [b"#EXTM3U\n", b"one\n"]


# --- archives ---------------------------------------------------------------------------------


def test_the_first_file_named_like_a_document_is_chosen(tmp_path: Path) -> None:
    files = {"readme.txt": NOISE, "a/guide.XML": b"guide", "b.m3u": b"playlist"}
    assert read(put(tmp_path, zipped(files))) == b"guide"


def test_without_such_a_name_the_largest_file_is_chosen(tmp_path: Path) -> None:
    files = {"__MACOSX/._x": NOISE + NOISE, "small": b"x", "large": NOISE}
    assert read(put(tmp_path, zipped(files))) == NOISE


def test_a_packed_document_in_an_archive_is_chosen_by_its_name(tmp_path: Path) -> None:
    files = {"readme.txt": NOISE, "guide.xml.xz": lzma.compress(b"guide")}
    assert read(put(tmp_path, zipped(files))) == b"guide"


@pytest.mark.parametrize("files", [{}, {"folder/": b""}, {"__MACOSX/x.xml": b"x"}])
def test_an_archive_without_a_file_is_an_empty_answer(
    files: dict[str, bytes], tmp_path: Path
) -> None:
    assert trouble(put(tmp_path, zipped(files))).reason is Reason.EMPTY_ANSWER


def test_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    packed = bytearray(zipped({"guide.xml": GUIDE}))
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    error = trouble(put(tmp_path, bytes(packed)))
    assert (error.reason, "password" in error.sentence) == (Reason.UNSUPPORTED, True)


def test_a_method_that_is_not_read_is_named(tmp_path: Path) -> None:
    error = trouble(put(tmp_path, zipped({"guide.xml": GUIDE}, zipfile.ZIP_LZMA)))
    assert (error.reason, "(14)" in error.sentence) == (Reason.UNSUPPORTED, True)


def test_files_that_overlap_are_refused(tmp_path: Path) -> None:
    packed = bytearray(zipped({"guide.xml": NOISE, "two.xml": NOISE}))
    second = packed.rindex(b"PK\x01\x02")
    packed[second + 42 : second + 46] = (20).to_bytes(4, "little")  # inside the first file
    assert "overlap" in trouble(put(tmp_path, bytes(packed))).sentence


@pytest.mark.parametrize(("where", "change"), [(16, "checksum"), (24, "size")])
def test_an_archive_whose_checksum_or_size_is_wrong_is_refused(
    where: int, change: str, tmp_path: Path
) -> None:
    packed = bytearray(zipped({"guide.xml": GUIDE}))
    packed[packed.index(b"PK\x01\x02") + where] ^= 1
    assert change in trouble(put(tmp_path, bytes(packed))).sentence


def test_a_table_of_contents_that_points_to_nothing_is_refused(tmp_path: Path) -> None:
    packed = bytearray(zipped({"guide.xml": GUIDE}))
    packed[packed.index(b"PK\x01\x02") + 42] = 4
    assert "points to nothing" in trouble(put(tmp_path, bytes(packed))).sentence


def test_a_table_of_contents_that_points_before_the_beginning_is_refused(tmp_path: Path) -> None:
    packed = bytearray(zipped({"guide.xml": GUIDE}))
    end = packed.rindex(b"PK\x05\x06")
    offset = int.from_bytes(packed[end + 16 : end + 20], "little")
    packed[end + 16 : end + 20] = (offset + 1).to_bytes(4, "little")
    assert "points to nothing" in trouble(put(tmp_path, bytes(packed))).sentence


def test_an_archive_with_a_huge_table_of_contents_is_refused(tmp_path: Path) -> None:
    files = {f"{'x' * 200}{number}": b"" for number in range(4_500)}
    assert "table of contents" in trouble(put(tmp_path, zipped(files))).sentence


# --- what is cut or damaged -------------------------------------------------------------------


@pytest.mark.parametrize("packer", PACKERS.values(), ids=PACKERS)
@pytest.mark.parametrize("kept", [0.999, 0.5, 0.05])
def test_a_cut_document_is_told(
    packer: Callable[[bytes], bytes], kept: float, tmp_path: Path
) -> None:
    packed = packer(NOISE)
    error = trouble(put(tmp_path, packed[: int(len(packed) * kept)]))
    assert (error.reason, error.retry_after) == (Reason.TRUNCATED, None)


@pytest.mark.parametrize("name", SERIES)
@pytest.mark.parametrize("kept", [1, 3, 20])
def test_a_document_cut_in_its_second_member_is_told(name: str, kept: int, tmp_path: Path) -> None:
    packed = PACKERS[name](GUIDE) + PACKERS[name](NOISE)[:kept]
    assert trouble(put(tmp_path, packed)).reason is Reason.TRUNCATED


@pytest.mark.parametrize("name", [name for name in PACKERS if name != "lzma"])  # has no checksum
def test_a_damaged_document_is_told(name: str, tmp_path: Path) -> None:
    packed = bytearray(PACKERS[name](NOISE))
    packed[len(packed) // 2] ^= 0xFF
    assert trouble(put(tmp_path, bytes(packed))).reason in (Reason.PARSE_ERROR, Reason.TRUNCATED)


@given(
    name=st.sampled_from(list(PACKERS)),
    damage=st.lists(st.tuples(st.integers(0), st.binary(max_size=8)), min_size=1, max_size=5),
)
@settings(max_examples=300, deadline=None)
def test_no_damage_raises_anything_else(
    name: str, damage: list[tuple[int, bytes]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    packed = bytearray(PACKERS[name](PACKERS["gzip"](GUIDE[:1000])))
    for position, replacement in damage:
        at = position % len(packed)
        packed[at : at + len(replacement)] = replacement
    path = put(tmp_path_factory.mktemp("damage"), bytes(packed))
    with contextlib.suppress(Transient):
        assert len(read(path, 10_000)) <= 10_000


# --- limits -----------------------------------------------------------------------------------


@pytest.mark.parametrize("packer", [bytes, *PACKERS.values()], ids=["plain", *PACKERS])
def test_a_document_of_the_largest_size_passes_and_one_more_byte_does_not(
    packer: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    path = put(tmp_path, packer(GUIDE))
    assert len(read(path, len(GUIDE))) == len(GUIDE)
    error = trouble(path, len(GUIDE) - 1)
    assert error.reason is Reason.TOO_LARGE
    assert "max_size" in error.sentence


@pytest.mark.parametrize("name", ["gzip", "bzip2", "xz", "zstd", "zip", "bzip2 in zip"])
def test_a_bomb_ends_at_the_limit_in_bounded_memory(name: str, tmp_path: Path) -> None:
    path = put(tmp_path, gzip.compress(PACKERS[name](bytes(48 << 20))))
    assert path.stat().st_size < 200_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with open_document(path, 40 << 20) as stream, pytest.raises(Transient) as caught:
        for _ in iter(lambda: stream.read(1 << 20), b""):
            pass
    assert caught.value.reason is Reason.TOO_LARGE
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32 << 10  # KiB


def test_more_members_than_any_real_file_has_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layers, "MEMBERS", 10)
    assert read(put(tmp_path, gzip.compress(b"x") * 10)) == b"x" * 10
    assert "parts" in trouble(put(tmp_path, gzip.compress(b"x") * 11)).sentence


def test_xz_that_wants_much_memory_is_refused(tmp_path: Path) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}]
    packed = bytearray(lzma.compress(b"x", format=lzma.FORMAT_RAW, filters=filters))
    header = bytearray((0x5D, 0, 0, 0, 0x40)) + b"\xff" * 8  # lzma, dictionary of 1 GiB
    error = trouble(put(tmp_path, bytes(header + packed)))
    assert (error.reason, "emory" in error.sentence) == (Reason.PARSE_ERROR, True)


def test_zstd_with_a_window_that_wants_much_memory_is_refused(tmp_path: Path) -> None:
    error = trouble(put(tmp_path, zstandard(GUIDE, 28)))
    assert (error.reason, "emory" in error.sentence) == (Reason.PARSE_ERROR, True)


def test_zstd_with_the_widest_usual_window_is_read(tmp_path: Path) -> None:
    assert read(put(tmp_path, zstandard(GUIDE, 27))) == GUIDE


# --- files ------------------------------------------------------------------------------------


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    assert trouble(tmp_path / "nothing").reason is Reason.FILE_MISSING


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert trouble(tmp_path / "pipe").reason is Reason.FILE_MISSING


@pytest.mark.parametrize("packed", [GUIDE, gzip.compress(zipped({"x": GUIDE}), mtime=0)])
def test_closing_the_stream_closes_every_file(packed: bytes, tmp_path: Path) -> None:
    path = put(tmp_path, packed)
    before = open_files()
    with open_document(path, 1 << 24) as stream:
        stream.read(10)
    assert open_files() == before


@pytest.mark.parametrize(
    "packed", [b"\x1f\x8b\x08cut", b"PK\x03\x04cut", gzip.compress(b"PK\x05\x06", mtime=0)]
)
def test_a_refused_document_leaves_no_file_open(packed: bytes, tmp_path: Path) -> None:
    path = put(tmp_path, packed)
    before = open_files()
    trouble(path)
    assert open_files() == before
