from __future__ import annotations

import pytest
from lxml import etree

from tvarr.ingest.xmltv.odd import BROKEN, OVERSIZE, OddReader, mend, parse, root_of

HEAD = '<programme start="1" channel="a">'


def read(*rows: str, **options: int) -> OddReader:
    """Read rows that each end a programme."""
    reader = OddReader(**options)  # type: ignore[arg-type]
    reader.read((number, row, True) for number, row in enumerate(rows))
    return reader


def test_good_rows_are_read_beside_a_broken_one() -> None:
    reader = read(f"{HEAD}<title>a", f"{HEAD}<title>b</title>", f"{HEAD}<title>c&d</title>")
    assert [p.text for p in reader.programmes] == [
        f"{HEAD}<title>b</title>",
        f"{HEAD}<title>c&amp;d</title>",
    ]
    assert [(p.order, p.name, p.repaired) for p in reader.problems] == [
        (0, BROKEN, False),
        (2, "bare & or <", True),
    ]


def test_a_row_knows_where_it_stood() -> None:
    reader = read(f"{HEAD}", f"{HEAD}</title>", f"<channel id='x'/>{HEAD}")
    assert [p.order for p in reader.programmes] == [0, 2]
    assert [(order, channel.id) for order, channel in reader.channels] == [(2, "x")]


def test_a_row_over_the_limit_is_not_parsed() -> None:
    reader = read(f"{HEAD}<title>{'x' * 100}</title>", limit=100)
    assert not reader.programmes
    assert [problem.name for problem in reader.problems] == [OVERSIZE]


def test_a_programme_that_never_ended_costs_itself_alone() -> None:
    reader = read(f"{HEAD}<title>a</title>\n{HEAD}<title>b</title>")
    assert [p.text for p in reader.programmes] == [f"{HEAD}<title>b</title>"]
    assert [problem.name for problem in reader.problems] == [BROKEN]


def test_a_word_that_begins_like_a_programme_is_none() -> None:
    reader = read(f"{HEAD}<programmes/>")
    assert [p.text for p in reader.programmes] == [f"{HEAD}<programmes/>"]


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("<a>b</a>", "<a>b</a>"),
        ("<a>&amp;&lt;&#65;</a>", "<a>&amp;&lt;&#65;</a>"),
        ("a & b &c; &amp", "a &amp; b &amp;c; &amp;amp"),
        ("&lt &eacute &eacute;", "&amp;lt &amp;eacute é"),
        ("&LT;&AMP;", "&lt;&amp;"),
        ("1 <2 <= 3", "1 &lt;2 &lt;= 3"),
        ("&#1;&#x0;&#x110000;&#55296;&#99999999;", ""),
        ("&#-1;&#;", "&amp;#-1;&amp;#;"),
        ("\x00a\x0b\ufffe", "a"),
        ("\t\n\r\x85", "\t\n\r\x85"),
    ],
)
def test_only_what_has_one_sensible_meaning_is_mended(text: str, mended: str) -> None:
    assert mend(text)[0] == mended


def test_mending_twice_changes_nothing_more() -> None:
    once, _ = mend("a & b &nbsp; < &#0; \x01")
    assert mend(once) == (once, [])


@pytest.mark.parametrize(
    ("header", "attributes"),
    [
        (b"", {}),
        (b' a="1"/', {"a": "1"}),
        (b" a='x &amp; y'", {"a": "x & y"}),
        (b' a="R&B"', {"a": "R&B"}),
        (b' a="1" a="2"', {}),
        (b" a=1", {}),
        (b' a="\xff"', {"a": "\ufffd"}),
    ],
)
def test_the_roots_attributes_are_read_if_they_can_be(
    header: bytes, attributes: dict[str, str]
) -> None:
    assert {str(k): str(v) for k, v in root_of(header).items()} == attributes


def test_the_parser_expands_nothing() -> None:
    found = parse('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    assert found is not None
    assert etree.tostring(found) == b"<a>&b;</a>"


def test_a_namespace_of_its_own_does_not_hide_what_an_element_is() -> None:
    reader = OddReader()
    reader.read(
        [
            (0, "<channel id='a' xmlns='u'><display-name>A</display-name></channel>", False),
            (1, "<programme xmlns='u' channel='a'><desc>d</desc><title>t</title>", True),
            (2, '<programme channel="a"><title xmlns="u">t</title><desc>d</desc>', True),
        ]
    )
    assert [channel.id for _, channel in reader.channels] == ["a"]
    assert [programme.text for programme in reader.programmes] == [
        '<programme channel="a"><title>t</title><desc>d</desc>',
        '<programme channel="a"><desc>d</desc><title xmlns="u">t</title>',
    ]
    assert reader.problems == []
