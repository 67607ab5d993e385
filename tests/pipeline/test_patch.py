from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.ingest.xmltv.shapes import programmes
from tvarr.catalog.schema import PROGRAMMES
from tvarr.ingest.xmltv import order, plain
from tvarr.ingest.xmltv.columns import odd_fields
from tvarr.ingest.xmltv.odd import END, OddReader, parse
from tvarr.pipeline import patch
from tvarr.pipeline.patch import COLUMNS, patched

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = '<programme start="1" channel="a">'
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
Fields = dict[str, Any]


def read(*inners: str) -> pl.DataFrame:
    """Read the fields of programmes as the reader of guides does."""
    return odd_fields(pl.DataFrame({"text": [HEAD + inner for inner in inners]}))


def canonical(programme: str) -> str:
    """Return a programme's `inner` as the reader leaves it."""
    text = programme.removesuffix(END)
    rows = plain.split_head(pl.DataFrame({"text": [text]}), "text")
    if not plain.is_plain(rows).item():
        reader = OddReader()
        reader.read([(0, text, True)])
        assume(reader.programmes)
        text = reader.programmes[0].text
    return text.partition(">")[2]


def frame_of(inners: list[str], news: list[Fields]) -> pl.DataFrame:
    """Return the frame that `patched` wants; a column that a row does not name stays there."""
    old = read(*inners)
    names = [name for name in COLUMNS if any(name in new for new in news)]
    kept = [{**row, **new} for row, new in zip(old.iter_rows(named=True), news, strict=True)]
    return pl.DataFrame(
        {
            "inner": inners,
            **{
                name: pl.Series([row[name] for row in kept], dtype=PROGRAMMES[name])
                for name in names
            },
            **{f"old.{name}": old[name] for name in names},
        }
    )


def change(inner: str, **new: Any) -> str:
    """Return the text of one programme of which a rule changed fields."""
    return str(patched(frame_of([inner], [new]), list(new)).item())


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Change every programme on its own."""
    monkeypatch.setattr(patch, "_by_columns", _none_by_columns)


def _none_by_columns(rows: pl.DataFrame, columns: list[str]) -> pl.Series:
    return pl.repeat(None, rows.height, dtype=pl.String, eager=True)


def test_the_order_of_elements_is_that_of_the_reader() -> None:
    assert patch.ELEMENTS == order.PROGRAMME
    assert patch.PERSONS == order.CREDITS


TEXTS = [
    ("<title>a</title>", {"title": "b"}, "<title>b</title>"),
    ('<title lang="en">a</title><x/>', {"title": "b"}, '<title lang="en">b</title><x/>'),
    ("<title>a</title><title>b</title>", {"title": "c"}, "<title>c</title><title>b</title>"),
    ("<title><b>a</b> c</title><desc/>", {"title": "d"}, "<title>d</title><desc/>"),
    ("<title/>", {"title": "a"}, "<title>a</title>"),
    ('<title lang="en" />', {"title": "a"}, '<title lang="en">a</title>'),
    ("", {"title": "a"}, "<title>a</title>"),
    ("\n  <desc>a</desc>\n", {"title": "b"}, "<title>b</title>\n  <desc>a</desc>\n"),
    ("<title>a</title>", {"title": "<R&B> \"'"}, "<title>&lt;R&amp;B&gt; \"'</title>"),
    ("<title>a</title>", {"title": " \tb\n"}, "<title>b</title>"),
    ("<title>a</title>", {"title": "b\x01\ufffe\x1fc\rd"}, "<title>bc&#13;d</title>"),
    ("<title>a</title>", {"title": "$0 ${1} \\1"}, "<title>$0 ${1} \\1</title>"),
    ("<title>a</title>", {"title": ""}, "<title></title>"),
    ("<title>a</title>", {"title": "\x01 "}, "<title></title>"),
    (
        '<title lang="en">a</title>\n <title>b</title>\n <desc/>',
        {"title": None},
        '<title lang="en"></title>\n <desc/>',
    ),
    ("<title>a</title>", {"subtitle": "b"}, "<title>a</title><sub-title>b</sub-title>"),
    ("<desc>a</desc>", {"subtitle": "b"}, "<sub-title>b</sub-title><desc>a</desc>"),
    (
        "<title>a</title>\n <sub-title>b</sub-title>\n <sub-title>c</sub-title>\n <date>1</date>",
        {"subtitle": None},
        "<title>a</title>\n <date>1</date>",
    ),
    (
        "<title>a</title><credits><actor>b</actor></credits>",
        {"description": "c"},
        "<title>a</title><desc>c</desc><credits><actor>b</actor></credits>",
    ),
    ("<title>a</title><x><desc>b</desc></x>", {"description": "c"},
     "<title>a</title><desc>c</desc><x><desc>b</desc></x>"),
    ("<title>a</title> text <x/>", {"description": "c"},
     "<title>a</title><desc>c</desc> text <x/>"),
    ('<title xmlns="u">a</title>', {"title": "b"}, '<title>b</title><title xmlns="u">a</title>'),
]  # fmt: skip
CATEGORIES = [
    ("<title>a</title>", ["b"], "<title>a</title><category>b</category>"),
    (
        "<title>a</title>\n<credits>\n<actor>b</actor>\n</credits>\n<date>1</date>\n<icon/>",
        ["c & d", "e"],
        "<title>a</title>\n<credits>\n<actor>b</actor>\n</credits>\n<date>1</date>"
        "<category>c &amp; d</category><category>e</category>\n<icon/>",
    ),
    (
        '<category lang="en">a</category><category>b</category>',
        ["c", "a"],
        '<category>c</category><category lang="en">a</category>',
    ),
    (
        '\n <category lang="en"> R&amp;B </category>\n <category>b</category>\n <url>u</url>',
        ["b", "R&B", "b"],
        '\n <category>b</category><category lang="en"> R&amp;B </category><category>b</category>'
        "\n <url>u</url>",
    ),
    (
        '<category lang="en">a</category><category lang="de">a</category>',
        ["a"],
        '<category lang="en">a</category>',
    ),
    (
        '<category lang="en">a</category><category lang="de">a</category>',
        ["a", "b", "a"],
        '<category lang="en">a</category><category>b</category><category lang="de">a</category>',
    ),
    ("<title/>\n<category>a</category>\n<category/>\n<url/>", [], "<title/>\n<url/>"),
    ("<category/><category>a</category>", ["a", "b"],
     "<category>a</category><category>b</category>"),
    ("<category/><category>a</category>", ["", "a", "\n"], "<category/><category>a</category>"),
    ("<category><b>a</b></category><x/>", ["a", "b"],
     "<category><b>a</b></category><category>b</category><x/>"),
    ("<category>a</category>b<category>c</category>d", ["e"], "<category>e</category>bd"),
    ("<category>a</category>", ["a", None], "<category>a</category>"),
    ("<category>a</category>", None, ""),
]  # fmt: skip
SINGLE = [
    ("<title/>", {"icon": "http://a/?b&c"}, '<title/><icon src="http://a/?b&amp;c"/>'),
    ('<icon src="a" width="1" height="2"/><icon src="b"/>', {"icon": 'c"'},
     '<icon src="c&quot;"/><icon src="b"/>'),
    ('<icon alt=" src=" src="a"/>', {"icon": "b"}, '<icon src="b"/>'),
    ('<icon width="1"/>', {"icon": "b"}, '<icon width="1"/><icon src="b"/>'),
    ('\n<icon src="a"/>\n<icon/>\n<url>u</url>', {"icon": None}, "\n<url>u</url>"),
    ('<rating><value>1</value><icon src="a"/></rating>', {"icon": "b"},
     '<icon src="b"/><rating><value>1</value><icon src="a"/></rating>'),
    ('<rating system="x"> <value>1</value><icon src="a"/></rating>', {"rating": "2"},
     '<rating system="x"> <value>2</value><icon src="a"/></rating>'),
    ("<rating/><rating><value/></rating>", {"rating": "2"},
     "<rating/><rating><value>2</value></rating>"),
    ("<rating/><star-rating><value>1/2</value></star-rating>", {"rating": "<"},
     "<rating/><rating><value>&lt;</value></rating><star-rating><value>1/2</value></star-rating>"),
    ("<rating><value>1</value></rating><rating><value>2</value></rating><star-rating/>",
     {"rating": ""}, "<star-rating/>"),
    ('<title lang="en">a</title><language>fr</language>', {"language": "de"},
     '<title lang="de">a</title><language>fr</language>'),
    ('<title xml:lang="en" lang="x&#10;y" b="c">a</title>', {"language": "d\ne"},
     '<title xml:lang="en" lang="d&#10;e" b="c">a</title>'),
    ('<title lang="en">a</title>\n<title lang="fr">b</title>\n<language>fr</language>',
     {"language": None}, '<title>a</title>\n<title lang="fr">b</title>'),
    ('<language lang="en">French</language>', {"language": "de"},
     '<language lang="en">de</language>'),
    ("<title/><subtitles><language>fr</language></subtitles>", {"language": "de"},
     "<title/><language>de</language><subtitles><language>fr</language></subtitles>"),
    ('<title lang="en">a</title>', {"language": "de", "title": "b"}, '<title lang="de">b</title>'),
    ("<desc/>", {"language": "de", "title": "b"}, "<title>b</title><desc/><language>de</language>"),
]  # fmt: skip
COUNTED = '<episode-num system="xmltv_ns">{}</episode-num>'.format
SHOWN = '<episode-num system="onscreen">{}</episode-num>'.format
NUMBERS = [
    ("", {"episode": "1 . 4 . 0/1"}, COUNTED("1 . 4 . 0/1")),
    ("", {"episode": ".4."}, COUNTED(".4.")),
    ("", {"episode": ".."}, SHOWN("..")),
    ("", {"episode": "S01E02"}, SHOWN("S01E02")),
    ("<episode-num>S1</episode-num>" + COUNTED("0.1."), {"episode": "0.2."},
     "<episode-num>S1</episode-num>" + COUNTED("0.2.")),
    ('<episode-num system="x">1</episode-num><episode-num>2</episode-num>', {"episode": "3"},
     '<episode-num system="x">1</episode-num><episode-num>3</episode-num>'),
    ('<episode-num system="x">1</episode-num>', {"episode": "3"},
     '<episode-num system="x">3</episode-num>'),
    (COUNTED("0.1.") + " " + SHOWN("a") + " ", {"episode": None}, " "),
    ("<url/>", {"season": 3}, "<url/>" + COUNTED("2..")),
    (COUNTED("1 . 4 . 0/1"), {"season": 3}, COUNTED("2 . 4 . 0/1")),
    (COUNTED("0/3.4."), {"season": 3}, COUNTED("2/3.4.")),
    (COUNTED(".4.") + SHOWN("S02E05"), {"season": 3}, COUNTED("2.4.") + SHOWN("S02E05")),
    ('<episode-num system="xmltv_ns"/>', {"season": 3}, COUNTED("2..")),
    (SHOWN("Show s02 e05"), {"season": 11}, SHOWN("Show s11 e05")),
    (SHOWN("S02E05"), {"season": 3}, SHOWN("S03E05")),
    (SHOWN("S02E05"), {"season": 0}, SHOWN("S00E05")),
    (SHOWN("S02E05"), {"season": -1}, SHOWN("E05")),
    (COUNTED("1.4.") + SHOWN("S02E05"), {"season": 0}, COUNTED(".4.") + SHOWN("S00E05")),
    (SHOWN("Ep 5"), {"season": 3}, COUNTED("2..") + SHOWN("Ep 5")),
    (COUNTED("Ep 5"), {"season": 3}, COUNTED("2..") + COUNTED("Ep 5")),
    (SHOWN("xS01E02"), {"season": 3}, COUNTED("2..") + SHOWN("xS01E02")),
    (SHOWN("a\u0301S01E02"), {"season": 3}, COUNTED("2..") + SHOWN("a\u0301S01E02")),
    (SHOWN("²S01E02"), {"season": 3}, SHOWN("²S03E02")),
    (COUNTED("1.4.") + SHOWN("S02E05"), {"season": None}, COUNTED(".4.") + SHOWN("E05")),
    (COUNTED("1/S2E3"), {"season": None}, COUNTED("/E3")),
    (SHOWN("S1 S1E2"), {"season": None}, SHOWN("E2")),
    (SHOWN("S1 " * 50 + "E2"), {"season": None}, SHOWN("")),
    (COUNTED("1.4."), {"season": 2_000_000}, COUNTED(".4.")),
    ("", {"season": 0}, ""),
    ("", {"season": 3, "episode": "S01E02"}, SHOWN("S03E02")),
    (COUNTED("1.4."), {"season": 4, "episode": "5.6.7"}, COUNTED("3.6.7")),
    (COUNTED("1.4."), {"season": 4, "episode": ""}, COUNTED("3..")),
]  # fmt: skip


@pytest.mark.parametrize(("inner", "new", "expected"), [*TEXTS, *SINGLE, *NUMBERS])
def test_a_field_is_changed_where_it_is_read_from(inner: str, new: Fields, expected: str) -> None:
    assert change(inner, **new) == expected


@pytest.mark.parametrize(("inner", "texts", "expected"), CATEGORIES)
def test_categories_keep_the_elements_of_texts_that_stay(
    inner: str, texts: list[str] | None, expected: str
) -> None:
    assert change(inner, categories=texts) == expected


@pytest.mark.parametrize(("inner", "new", "expected"), TEXTS)
@pytest.mark.usefixtures("one_by_one")
def test_a_text_is_changed_alike_on_its_own(inner: str, new: Fields, expected: str) -> None:
    assert change(inner, **new) == expected


@pytest.mark.parametrize(("inner", "texts", "expected"), CATEGORIES)
@pytest.mark.usefixtures("one_by_one")
def test_categories_are_changed_alike_on_their_own(
    inner: str, texts: list[str] | None, expected: str
) -> None:
    assert change(inner, categories=texts) == expected


# --- properties ---------------------------------------------------------------------------------

WORDS = st.sampled_from(
    ["", "News", "a", "R&B <live>", " b ", "é中🎬", "x\x01\ufffe", "a\r\nb", "$1"]
)
TEXT = st.none() | WORDS | st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
NUMBER = TEXT | st.sampled_from(["S01E02", "0.4.", "1 . 4 . 0/1", "S1 S2E3", "Ep 1", "7/S2E3"])
SEASON = st.none() | st.integers(1, 12) | st.sampled_from([999_999])


@st.composite
def changes(draw: st.DrawFn) -> tuple[str, Fields]:
    """Return what the reader made of a programme, and new values of some of its fields."""
    inner = canonical(draw(programmes()))
    old = read(inner).row(0, named=True)
    new: Fields = {}
    for name in draw(st.sets(st.sampled_from(COLUMNS), max_size=5)):
        if name == "season":
            new[name] = draw(SEASON)
        elif name == "categories":
            new[name] = draw(st.lists(st.sampled_from([*old[name], "News", "R&B "]), max_size=4))
        else:
            new[name] = draw((NUMBER if name == "episode" else TEXT) | st.just(old[name]))
    return inner, new


def clean(value: Any) -> Any:
    """Return a value as it is in a guide; '' where nothing is."""
    if isinstance(value, list):
        return [clean(text) for text in value if clean(text)]
    return ILLEGAL.sub("", value).strip(" \t\n\r") if isinstance(value, str) else value or ""


def elements_of(inner: str) -> list[bytes]:
    root = parse(f"<tv>{inner}</tv>")
    assert root is not None, "the new text is well-formed"
    return [etree.tostring(child, with_tail=False) for child in root]


TOUCHED = {
    "title": ["title"],
    "subtitle": ["sub-title"],
    "description": ["desc"],
    "categories": ["category"],
    "icon": ["icon"],
    "episode": ["episode-num"],
    "season": ["episode-num"],
    "rating": ["rating"],
    "language": ["title", "language"],
}


def untouched(inner: str, new: Fields) -> list[bytes]:
    names = "|".join(name for column in new for name in TOUCHED[column]) or "-"
    return [e for e in elements_of(inner) if not re.match(rf"<(?:{names})[\s/>]".encode(), e)]


@settings(max_examples=100, deadline=None)
@given(changes())
def test_the_reader_finds_the_new_values_and_all_others_as_they_were(
    changed: tuple[str, Fields],
) -> None:
    inner, new = changed
    text = change(inner, **new) if new else inner
    before, after = read(inner).row(0, named=True), read(text).row(0, named=True)
    for name in COLUMNS:
        if name in ("episode", "season") and ("episode" in new or "season" in new):
            continue  # two views of one number, see below
        assert clean(after[name]) == clean(new.get(name, before[name])), name
    assert untouched(text, new) == untouched(inner, new)


@settings(max_examples=60, deadline=None)
@given(programmes().map(canonical), NUMBER, SEASON)
def test_episode_and_season_are_read_as_they_were_set(
    inner: str, episode: str | None, season: int | None
) -> None:
    with_episode = change(inner, episode=episode)
    assert clean(read(with_episode)["episode"][0]) == clean(episode)
    with_season = change(inner, season=season)
    assert read(with_season)["season"][0] == season
    both = change(inner, season=season, episode=episode)
    if season != read(inner)["season"][0]:
        assert both == change(with_episode, season=season)


@settings(max_examples=40, deadline=None)
@given(st.lists(changes(), min_size=1, max_size=8))
def test_rows_changed_together_are_what_they_are_alone(rows: list[tuple[str, Fields]]) -> None:
    inners, news = [inner for inner, _ in rows], [new for _, new in rows]
    frame = frame_of(inners, news)
    together = patched(frame, COLUMNS if frame.width == 1 + 2 * len(COLUMNS) else _names(frame))
    assert together.name == "inner"
    assert together.to_list() == [change(inner, **new) if new else inner for inner, new in rows]


def _names(frame: pl.DataFrame) -> list[str]:
    return [name for name in COLUMNS if name in frame.columns]


@settings(max_examples=100, deadline=None)
@given(st.lists(changes(), min_size=1, max_size=4))
def test_whole_columns_give_what_each_programme_gives_on_its_own(
    rows: list[tuple[str, Fields]],
) -> None:
    frame = frame_of([inner for inner, _ in rows], [new for _, new in rows])
    together = patched(frame, _names(frame)).to_list()
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(patch, "_by_columns", _none_by_columns)
        assert patched(frame, _names(frame)).to_list() == together


@settings(max_examples=100, deadline=None)
@given(programmes().map(canonical))
def test_what_no_rule_changed_stays_byte_for_byte(inner: str) -> None:
    old = read(inner).row(0, named=True)
    assert change(inner, **old) == inner
    assert change(inner, **{name: value or None for name, value in old.items()}) == inner


def test_ordinary_programmes_are_not_changed_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = (
        '\n<title lang="en">a</title>\n<sub-title>b</sub-title>\n<desc>c</desc>'
        '<credits><director>d</director><actor role="r"/></credits><date>2020</date>'
        '<category lang="en">e</category><keyword>k</keyword><language>en</language>'
        '<length units="minutes">5</length><icon src="f" width="1"/><url>u</url>'
        '<episode-num system="xmltv_ns">0.1.</episode-num><video><aspect>16:9</aspect></video>'
        '<audio><stereo>mono</stereo></audio><previously-shown start="1"/><premiere/><new/>'
        '<subtitles type="onscreen"><language>fr</language></subtitles>'
        '<rating system="x"><value>12</value><icon src="i"/></rating><star-rating/>\n'
    )
    monkeypatch.setattr(patch, "_one_by_one", _nothing_to_do)
    text = change(
        inner, title="A", subtitle="", description="C", categories=["e", "E"], icon="F",
        episode="0.2.", season=4, rating="16",
    )  # fmt: skip
    assert text == (
        inner.replace(">a<", ">A<")
        .replace("\n<sub-title>b</sub-title>", "")
        .replace(">c<", ">C<")
        .replace(">e</category>", ">e</category><category>E</category>")
        .replace('<icon src="f" width="1"/>', '<icon src="F"/>')
        .replace("0.1.", "3.2.")
        .replace("12", "16")
    )


def _nothing_to_do(rows: pl.DataFrame, columns: list[str]) -> Iterator[str]:
    assert rows.is_empty()
    return iter(())


def test_an_empty_frame_and_no_column_at_all_are_fine() -> None:
    frame = frame_of(["<title>a</title>"], [{"title": "b"}])
    assert patched(frame.clear(), ["title"]).to_list() == []
    assert patched(frame, []).to_list() == ["<title>a</title>"]


@pytest.mark.parametrize(
    "inner",
    ["", "text", "<x:y/>", "<title/>a<title/>", "<a>" * 200 + "</a>" * 200, "<rating>1</rating>"],
)
def test_no_shape_of_a_programme_is_too_odd(inner: str) -> None:
    text = change_all(inner)
    assert "<title>b</title>" in text
    assert '<icon src="b"/>' in text


def change_all(inner: str) -> str:
    """Change all fields of a text, whatever it is."""
    new = {
        name: ["b"] if name == "categories" else 2 if name == "season" else "b" for name in COLUMNS
    }
    frame = pl.DataFrame(
        {
            "inner": [inner],
            **{name: pl.Series([new[name]], dtype=PROGRAMMES[name]) for name in COLUMNS},
            **{f"old.{name}": pl.Series([None], dtype=PROGRAMMES[name]) for name in COLUMNS},
        }
    )
    return str(patched(frame, COLUMNS).item())
