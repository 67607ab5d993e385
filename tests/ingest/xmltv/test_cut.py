from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tvarr.errors import Reason, Transient
from tvarr.ingest.document import HEAD
from tvarr.ingest.xmltv.cut import Cutter, Piece

PAD = "<!--" + " " * HEAD + "-->"
"""Longer than the head, so that small pieces begin behind it."""


def cutter(text: str | bytes, size: int = 16, limit: int = 1 << 20) -> Cutter:
    data = text.encode() if isinstance(text, str) else text
    return Cutter(io.BytesIO(data), size, limit)


def pieces(text: str | bytes, size: int = 16, limit: int = 1 << 20) -> list[Piece]:
    return list(cutter(text, size, limit))


def joined(text: str, size: int = 16) -> str:
    """Return the document as its pieces say it, without the root's start tag."""
    data = b"".join(piece.data for piece in pieces(text, size)).decode()
    return re.sub(r"^\s*<tv[^>]*>", "", data)


def test_pieces_end_behind_a_programme() -> None:
    programmes = "".join(f"<programme><title>{n}</title></programme>\n" for n in range(50))
    found = pieces(f"{PAD}<tv>{programmes}</tv>")
    assert len(found) > 10
    assert all(piece.data.endswith(b"</programme>") for piece in found[:-1])
    assert b"".join(piece.data for piece in found).decode() == f"<tv>{programmes}"


def test_many_channels_before_the_first_programme_are_cut_too() -> None:
    channels = "".join(f'<channel id="{n}"></channel>' for n in range(50))
    found = pieces(f"{PAD}<tv>{channels}</tv>")
    assert len(found) > 10
    assert all(piece.data.endswith(b"</channel>") for piece in found[:-1] if piece.data)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a<!-- </programme> -->b", "ab"),
        ("a<!---->b", "ab"),
        ("a<!-- <![CDATA[ -->b", "ab"),
        ("a<?php </programme> ?>b", "ab"),
        ("a<![CDATA[</programme> & > ]] ]>]]>b", "a&lt;/programme&gt; &amp; &gt; ]] ]&gt;b"),
        ("a<![CDATA[<!-- kept -->]]>b", "a&lt;!-- kept --&gt;b"),
        ("a<![CDATA[]]>b", "ab"),
        ("a<!DOCTYPE tv [<!ENTITY x 'y'><!-- ]> --><?x ]> ?> ]>b", "ab"),
        ('a<!DOCTYPE tv PUBLIC "]>" "http://dtd.invalid/x">b', "ab"),
        ("a<!-- never ended", "a"),
        ("a<! odd>b", "a<! odd>b"),
        ("a<!>b", "a<!>b"),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
def test_what_makes_cutting_unsafe_is_settled(written: str, read: str, size: int) -> None:
    assert joined(f"{PAD}<tv>{written}", size) == read


@pytest.mark.parametrize("size", [1, 4, 100])
def test_lines_are_counted_through_what_was_taken_out(size: int) -> None:
    text = "<!--\n\n-->\n<tv>\n<!-- a\n b -->x<![CDATA[\n]]>\n<programme></programme>\n" + (
        "<?y\n?><programme>LAST</programme>"
    )
    found = pieces(PAD + text, size)
    lines = [piece.line_at(piece.data.index(b"LAST")) for piece in found if b"LAST" in piece.data]
    assert lines == [text[: text.index("LAST")].count("\n") + 1]


def test_the_roots_attributes_are_kept_as_written() -> None:
    cut = cutter("""<?xml version="1.0"?>\n<TV a="1>2" b='x'>\n</TV>""")
    list(cut)
    assert cut.header == b""" a="1>2" b='x'"""
    assert cut.closed


@pytest.mark.parametrize(
    ("text", "closed", "leftover"),
    [
        ("<tv></tv>", True, False),
        ("<tv/>", True, False),
        ("<tv><programme></programme></tv>\n<!-- made by x -->\n", True, False),
        ("<tv><programme></programme></tv >junk", True, False),
        ("<tv><programme></programme>\n", False, False),
        ("<tv><programme></programme><programme>", False, True),
        ("<tv><programme></programme><!-- ", False, True),
        ("<tv><programme></programme><", False, True),
        ("<tv><programme></programme><![CDATA[ </tv>", False, True),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_cut_document_is_told_from_a_whole_one(
    text: str, closed: bool, leftover: bool, size: int
) -> None:
    cut = cutter(PAD + text, size)
    list(cut)
    assert (cut.closed, cut.leftover) == (closed, leftover)


def test_an_element_over_the_limit_is_skipped_and_the_next_one_is_whole() -> None:
    good = "<programme>good</programme>"
    cut = cutter(f"{PAD}<tv>\n{good}\n<programme>{'x' * 5000}</programme>{good}</tv>", 100, 500)
    data = b"".join(piece.data for piece in cut)
    assert data.decode().count(good) == 2
    assert b"xxx" not in data
    assert cut.oversize == [2]


def test_a_line_without_an_end_takes_no_memory() -> None:
    cut = cutter("<tv>" + "x" * 300_000, 1000, 5000)
    assert sum(len(piece.data) for piece in cut) < 20_000
    assert cut.leftover


def test_a_comment_without_an_end_takes_no_memory() -> None:
    cut = cutter("<tv><!--" + "x" * 300_000, 1000, 5000)
    for _ in cut:
        assert len(cut._pending) < 10
    assert cut.leftover


def test_a_cdata_section_over_the_limit_makes_its_programme_too_large() -> None:
    big = f"<programme><![CDATA[{'<' * 3000}]]></programme>"
    good = "<programme>good</programme>"
    cut = cutter(f"{PAD}<tv>{big}{good}</tv>", 100, 500)
    data = b"".join(piece.data for piece in cut)
    assert data.endswith(good.encode())
    assert b"]]>" not in data


def test_a_doctype_without_an_end_is_refused() -> None:
    with pytest.raises(Transient) as refused:
        pieces("<tv><!DOCTYPE x [" + "<!ENTITY a 'b'>" * 1000, 100, 5000)
    assert refused.value.reason is Reason.PARSE_ERROR


def test_a_guide_whose_root_is_another_behind_a_long_prolog_is_refused() -> None:
    with pytest.raises(Transient) as refused:
        pieces(PAD + "<rss></rss>")
    assert refused.value.reason is Reason.NOT_XMLTV


def test_pieces_do_not_depend_on_how_the_stream_gives_its_bytes() -> None:
    class Trickle(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(3, size or 0))

    text = f"{PAD}<tv>{'<programme>a</programme>' * 100}</tv>".encode()
    assert list(Cutter(Trickle(text), 64)) == list(Cutter(io.BytesIO(text), 64))


_PARTS = st.lists(
    st.sampled_from(
        [
            "<programme>", "</programme>", "<channel>", "</channel>", "<!-- ", "-->", "--", "<!",
            "<![CDATA[", "]]>", "]]", "<?", "?>", "text", "&amp;", "\n", "\r\n", ">", "é",
        ]
    ),
    max_size=30,
)  # fmt: skip


@given(_PARTS, st.integers(1, 40))
def test_where_the_cuts_fall_changes_nothing(parts: list[str], size: int) -> None:
    text = f"{PAD}<tv>{''.join(parts)}"
    assert joined(text, size) == joined(text, 1 << 20)


_MARKUP = st.recursive(
    st.sampled_from(["text", "&lt;", "<!-- a -->", "<![CDATA[<b> & c]]>", "<?pi x?>", "\n", "é"]),
    lambda inner: st.lists(inner, max_size=4).map(lambda parts: f"<a>{''.join(parts)}</a>"),
    max_leaves=15,
)


@given(_MARKUP, st.integers(1, 40))
def test_libxml2_reads_the_same_from_the_pieces_as_from_the_document(text: str, size: int) -> None:
    parser = etree.XMLParser(remove_comments=True, remove_pis=True)
    whole = etree.fromstring(f"<tv>{text}</tv>", parser)
    cut = etree.fromstring(f"<tv>{joined(f'{PAD}<tv>{text}</tv>', size)}</tv>", parser)
    assert etree.tostring(cut) == etree.tostring(whole)
