from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.ingest.xmltv.shapes import programmes, slips
from tvarr.ingest.xmltv import plain
from tvarr.ingest.xmltv.columns import odd_fields
from tvarr.ingest.xmltv.fields import fields
from tvarr.ingest.xmltv.odd import END, parse
from tvarr.ingest.xmltv.order import sort_children


def rows_of(*texts: str) -> pl.DataFrame:
    """Return programmes without their end tags, split as the readers want them."""
    texts = tuple(text.removesuffix(END) for text in texts)
    frame = pl.DataFrame({"text": pl.Series(texts, dtype=pl.String)})
    return plain.split_head(frame, "text")


def is_plain(text: str) -> bool:
    return bool(plain.is_plain(rows_of(text)).item())


def written(content: str, head: str = 'start="1" channel="a"') -> str:
    return f"<programme {head}>{content}</programme>"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<title>a</title>",
        '\n  <title lang="en">R&amp;B</title>\n  <desc/>\n',
        "<credits><director>a</director><actor role='x'>b</actor></credits>".replace("'", '"'),
        '<icon src="http://a.invalid/?x=1&amp;y=2" width="1"/>',
        '<rating system="x"><value>1</value><icon src="a"/></rating>',
        '<video><present>yes</present></video><subtitles type="onscreen"/>',
        "<previously-shown/><premiere/><new />",
        "<title>" + "é中🎬\u00a0" * 100 + "</title>",
    ],
)
def test_what_real_guides_look_like_is_plain(content: str) -> None:
    assert is_plain(written(content))


@pytest.mark.parametrize(
    "content",
    [
        "text", "<title>a", "<title>a</desc>", "<title>a<b/></title>", "<title>&nbsp;</title>",
        "<title>&#65;</title>", "<title>a & b</title>", "<title>a > b</title>",
        "<title>]]></title>", "<title>\x01</title>", "<programme>", '<title lang = "en"/>',
        "<title lang='en'/>", '<title lang="a" lang="b"/>', '<title lang="a\nb"/>',
        "<title>\r</title>", "<title>\ufffe</title>", "<unknown/>", "<desc/><title/>", "<titles/>",
        "<title\u00a0/>", "<date/><date/>", "<icon/>", '<icon width="1" src="a"/>', "<rating/>",
        "<x:title/>", "<title><!-- a --></title>", "<title >a</title >",
        "<credits><guest/><actor/></credits>",
    ],
)  # fmt: skip
def test_everything_else_is_not_plain(content: str) -> None:
    assert not is_plain(written(content))


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ('start="1" channel="a"', True),
        ('channel="a"\n\tstart="1" stop="2" ', True),
        ('start="1" channel="a" showview="7"', True),
        ('start="1" channel="A&amp;E"', True),
        ("", True),
        ('start="1" start="2"', False),
        ('start="1" showview="7" showview="7"', False),
        ("start='1'", False),
        ('start="1"channel="a"', False),
        ('start="a=b"', False),
        ('start="<"', False),
        ('xml:lang="a"', False),
        ("start", False),
    ],
)
def test_a_head_is_plain_if_its_attributes_are(head: str, expected: bool) -> None:
    assert is_plain(written("", head)) is expected


def test_rows_of_all_kinds_are_told_apart_together() -> None:
    rows = rows_of(
        written("", 'start="1" showview="2"'), written("<x/>"), written(""), "\n", "<programmes>",
        written("", 'a="1" a="2"'),
    )  # fmt: skip
    assert plain.is_plain(rows).to_list() == [True, False, True, False, False, False]


@pytest.mark.parametrize(
    "heads",
    [
        ['start="1" stop="2" channel="c"', 'start="1" stop="2" channel="c"'],
        ['channel="c" start="1" stop="2"'],
        ['start="1" stop="2" channel="c"', 'channel="c" start="1" stop="2"'],
        ['showview="9" start="1" stop="2" channel="c"'],
        ['start="1" stop="2" channel="c" showview="9"'],
        ['stop="2" channel="c" start="1"'],
    ],
)
def test_head_values_are_found_in_any_order(heads: list[str]) -> None:
    rows = rows_of(*(written("", head) for head in heads))
    assert plain.head_values(rows).rows() == [("1", "2", "c")] * len(heads)


def test_a_missing_attribute_is_null_and_entities_are_resolved() -> None:
    rows = rows_of(written("", 'channel="A&amp;lt;E"'))
    assert plain.head_values(rows).rows() == [(None, None, "A&lt;E")]


def test_further_attributes_come_out_as_they_came() -> None:
    rows = rows_of(
        written("", 'start="1" channel="c"'),
        written("", 'a="&lt; start=" start="1" x-b="2" channel="c" starts="3"'),
    )
    assert plain.further_attributes(rows).to_list() == ["", ' a="&lt; start=" x-b="2" starts="3"']


FULL = written(
    '<title lang="en"> R&amp;B </title><title>Zwei</title><sub-title/><desc>\n a\n b </desc>'
    "<category>A</category><category> B&lt; </category>"
    '<icon src=" http://a.invalid/?x&amp;y "/><episode-num system="onscreen">S03E07</episode-num>'
    '<episode-num system="xmltv_ns">1 . 4 . 0/1</episode-num>'
    '<subtitles><language>fr</language></subtitles><rating system="x"><value>12</value>'
    '<icon src="rating.png"/></rating><star-rating><value>4/5</value></star-rating>'
)
NESTED = written(
    "<subtitles><language>fr</language></subtitles>"
    '<rating><value>12</value><icon src="rating.png"/></rating>'
)


def test_fields_are_the_first_of_their_kind_without_blanks_around() -> None:
    assert fields(rows_of(FULL)).row(0, named=True) == {
        "title": "R&B",
        "subtitle": "",
        "description": "a\n b",
        "categories": ["A", "B<"],
        "episode": "1 . 4 . 0/1",
        "season": 2,
        "icon": "http://a.invalid/?x&y",
        "rating": "12",
        "language": "en",
    }


def test_a_field_is_not_taken_from_inside_another_element() -> None:
    found = fields(rows_of(NESTED)).row(0, named=True)
    assert (found["icon"], found["language"], found["rating"]) == (None, None, "12")


def test_what_is_missing_is_null_and_the_rows_stay_apart() -> None:
    found = fields(rows_of(written(""), FULL, written("<desc/>")))
    assert found["title"].to_list() == [None, "R&B", None]
    assert found["description"].to_list() == [None, "a\n b", ""]
    assert found["categories"].to_list() == [[], ["A", "B<"], []]


@pytest.mark.parametrize(
    ("numbers", "episode", "season"),
    [
        ('<episode-num system="xmltv_ns">0.1.</episode-num>', "0.1.", 1),
        ('<episode-num system="xmltv_ns">3/4.1.</episode-num>', "3/4.1.", 4),
        (
            '<episode-num system="xmltv_ns">.5.</episode-num><episode-num>S2 E6</episode-num>',
            ".5.",
            2,
        ),
        ('<episode-num system="onscreen">Ep 6</episode-num>', "Ep 6", None),
        ('<episode-num system="dd_progid">EP1</episode-num>', "EP1", None),
        (
            '<episode-num system="dd_progid">EP1</episode-num><episode-num>s04e05</episode-num>',
            "s04e05",
            4,
        ),
    ],
)
def test_the_episode_and_season_come_from_the_best_number(
    numbers: str, episode: str, season: int | None
) -> None:
    for read in (fields, odd_fields):
        found = read(rows_of(written(numbers))).row(0, named=True)
        assert (found["episode"], found["season"]) == (episode, season)


def _by_libxml2(text: str) -> dict[str, Any]:
    """Read a plain programme with libxml2 alone."""
    element = parse(text)
    assert element is not None, "the grammar accepts only what is well-formed"
    before = etree.tostring(element)
    sort_children(element)
    assert etree.tostring(element) == before, "and only what is in the DTD's order"
    own = {name: element.get(name) for name in ("start", "stop", "channel")}
    others = {str(k): str(v) for k, v in element.attrib.items() if k not in own}
    return {**own, "others": others, **odd_fields(rows_of(text)).row(0, named=True)}


def _by_columns(text: str) -> dict[str, Any]:
    """Read the same programme as whole columns are read."""
    rows = rows_of(text)
    others = etree.fromstring(f"<a{plain.further_attributes(rows).item()}/>").attrib
    return {
        **plain.head_values(rows).row(0, named=True),
        "others": dict(others),
        **fields(rows).row(0, named=True),
    }


@settings(max_examples=400)
@given(st.one_of(programmes(), slips()))
def test_a_plain_programme_reads_the_same_by_columns_and_by_libxml2(text: str) -> None:
    if is_plain(text):
        assert _by_columns(text) == _by_libxml2(text)


@settings(max_examples=200)
@given(st.lists(programmes(), max_size=6))
def test_programmes_read_together_are_what_they_are_alone(texts: list[str]) -> None:
    found = [text for text in texts if is_plain(text)]
    together = fields(rows_of(*found)).rows()
    assert together == [fields(rows_of(text)).row(0) for text in found]
