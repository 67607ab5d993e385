from __future__ import annotations

import bz2
import csv
import gzip
import io
import lzma
import re
import zipfile
from collections import Counter
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.ingest.xmltv.shapes import programmes, slips
from tvarr.catalog.schema import GUIDE_CHANNELS, PROGRAMMES
from tvarr.errors import Reason, Stalled, Transient
from tvarr.fetch.decompress import open_document
from tvarr.ingest import xmltv
from tvarr.ingest.report import IngestReport
from tvarr.ingest.xmltv import XmltvOptions, ingest, plain
from tvarr.ingest.xmltv import rows as row_reading
from tvarr.ingest.xmltv.cut import Cutter
from tvarr.ingest.xmltv.encoding import declared_encoding
from tvarr.ingest.xmltv.order import sort_children

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

OPTIONS = XmltvOptions(guide="uk", timezone="UTC", max_size=1 << 30)
PAD = "<!--" + " " * (1 << 16) + "-->"
"""Longer than what is read at first, so that small pieces begin behind it."""


def zipped(data: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("guide.xml", data)
    return archive.getvalue()


class Guide:
    """What was made of one document."""

    def __init__(self, report: IngestReport, stage: Path) -> None:
        self.report = report
        self.channels = pl.read_parquet(stage / "channels.parquet")
        self.programmes = pl.read_parquet(stage / "programmes.parquet")
        self.files = {file.name: file.read_bytes() for file in stage.iterdir()}

    @property
    def titles(self) -> list[str | None]:
        return self.programmes["title"].to_list()

    def row(self, number: int = 0) -> dict[str, Any]:
        return self.programmes.row(number, named=True)


class Reader:
    """Reads documents, each into a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    def stage(self) -> Path:
        self._count += 1
        stage = self._folder / f"stage{self._count}"
        stage.mkdir()
        return stage

    def read(self, document: Path | str | bytes, **options: Any) -> Guide:
        stage = self.stage()
        if not isinstance(document, Path):
            data = document.encode() if isinstance(document, str) else document
            document = self._folder / f"document{self._count}"
            document.write_bytes(data)
        values = {"guide": "uk", "timezone": "UTC", "max_size": 1 << 30, **options}
        return Guide(ingest(document, stage, XmltvOptions(**values)), stage)

    def read_unless_cut(self, document: str) -> Guide | None:
        try:
            return self.read(document)
        except Transient as refusal:
            if refusal.reason is not Reason.TRUNCATED:
                raise
            return None


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    return Reader(tmp_path)


def programme(
    title: str = "News",
    start: str = "20260822190000 +0000",
    channel: str = "a",
    stop: str | None = "2100",
) -> str:
    end = "" if stop is None else f' stop="{stop}"'
    return f'<programme start="{start}"{end} channel="{channel}"><title>{title}</title></programme>'


def guide(*elements: str) -> str:
    return f"<tv>{''.join(elements)}</tv>"


# --- what comes out ---------------------------------------------------------------------------


def test_a_guide_becomes_channels_programmes_and_a_report(reader: Reader) -> None:
    found = reader.read(
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE tv SYSTEM "xmltv.dtd">\n'
        '<tv generator-info-name="made &amp; tested">\n'
        '  <channel id="a"><display-name> One </display-name><display-name>1</display-name>'
        '<icon src="a.png"/><url>http://a.invalid</url></channel>\n'
        '  <programme start="20260822190000 +0000" stop="20260822193000 +0000" channel="a"'
        ' showview="7">\n    <title lang="en">News</title>\n  </programme>\n</tv>\n'
    )
    assert found.channels.rows(named=True) == [
        {
            "guide": "uk",
            "guide_channel": "a",
            "names": ["One", "1"],
            "icon": "a.png",
            "inner": "<display-name> One </display-name><display-name>1</display-name>"
            '<icon src="a.png"/><url>http://a.invalid</url>',
        }
    ]
    assert found.programmes.rows(named=True) == [
        {
            "guide": "uk",
            "guide_channel": "a",
            "start": datetime(2026, 8, 22, 19, tzinfo=UTC),
            "stop": datetime(2026, 8, 22, 19, 30, tzinfo=UTC),
            "title": "News",
            "subtitle": None,
            "description": None,
            "categories": [],
            "episode": None,
            "season": None,
            "icon": None,
            "rating": None,
            "language": "en",
            "extra": ' showview="7"',
            "inner": '\n    <title lang="en">News</title>\n  ',
        }
    ]
    assert found.report == IngestReport(
        channels=1, programmes=1, header={"generator-info-name": "made & tested"}, clock="UTC +0s"
    )
    assert set(found.files) == {"channels.parquet", "programmes.parquet", "report.json"}
    assert IngestReport.model_validate_json(found.files["report.json"]) == found.report


def test_the_columns_are_the_catalogs(reader: Reader) -> None:
    found = reader.read(guide(programme(), '<channel id="a"/>'))
    assert dict(found.programmes.schema) == dict(pl.Schema(PROGRAMMES))
    assert dict(found.channels.schema) == dict(pl.Schema(GUIDE_CHANNELS))


def test_programmes_are_sorted_by_channel_start_and_place(reader: Reader) -> None:
    rows = [("1", 20, "b"), ("2", 19, "b"), ("3", 21, "a"), ("4", 19, "b"), ("5", 18, "ä")]
    found = reader.read(guide(*(programme(t, f"202608{d}", c) for t, d, c in rows)))
    assert found.titles == ["3", "2", "4", "1", "5"]
    assert found.programmes["guide_channel"].to_list() == ["a", "b", "b", "b", "ä"]


def test_channels_may_stand_before_between_and_after_programmes(reader: Reader) -> None:
    found = reader.read(
        guide(
            '<channel id="b"/>', programme(), '<channel id="a"/>', programme(), '<channel id="c"/>'
        )
    )
    assert found.channels["guide_channel"].to_list() == ["b", "a", "c"]
    assert found.report.programmes == 2


def test_the_first_of_equal_channels_counts(reader: Reader) -> None:
    one, two = (f'<channel id="a"><display-name>{n}</display-name></channel>' for n in (1, 2))
    found = reader.read(f"<tv>\n{one}\n{programme()}\n{two}</tv>")
    assert found.channels["names"].to_list() == [["1"]]
    assert found.report.rejected == {xmltv.REPEATED: 1}


def test_a_guide_of_channels_alone_is_a_guide(reader: Reader) -> None:
    found = reader.read('<tv><channel id="a"/></tv>')
    assert (found.report.channels, found.report.programmes) == (1, 0)
    assert found.programmes.is_empty()
    assert dict(found.programmes.schema) == dict(pl.Schema(PROGRAMMES))


def test_elements_out_of_order_are_brought_into_the_dtds(reader: Reader) -> None:
    content = (
        "<x-more>kept</x-more><category>A</category><desc>D</desc><title>T</title>"
        "<credits><actor>B</actor><director>C</director></credits><category>E</category>"
    )
    found = reader.read(guide(programme().replace("<title>News</title>", content)))
    assert found.row()["inner"] == (
        "<title>T</title><desc>D</desc><credits><director>C</director><actor>B</actor></credits>"
        "<category>A</category><category>E</category><x-more>kept</x-more>"
    )
    assert found.row()["title"] == "T"
    assert found.row()["categories"] == ["A", "E"]


@pytest.mark.parametrize(
    ("written", "inner", "title"),
    [
        (
            "<title><![CDATA[R&B <live>]]></title>",
            "<title>R&amp;B &lt;live&gt;</title>",
            "R&B <live>",
        ),
        ("<title>a<!-- b -->c</title>", "<title>ac</title>", "ac"),
        ("<title>a<?b c?>d</title>", "<title>ad</title>", "ad"),
        ("<title lang='en'>a</title >", '<title lang="en">a</title>', "a"),
        ("<title>&#233;&#x1F3AC;</title>", "<title>é🎬</title>", "é🎬"),
        ("<title>a > b</title>", "<title>a &gt; b</title>", "a > b"),
        ("<title>a<b>c</b>d</title>", "<title>a<b>c</b>d</title>", "acd"),
        ("<titles>a</titles>", "<titles>a</titles>", None),
        ("stray<title>a</title>text", "stray<title>a</title>text", "a"),
    ],
)
def test_odd_writing_comes_out_in_canonical_form(
    reader: Reader, written: str, inner: str, title: str | None
) -> None:
    found = reader.read(guide(programme().replace("<title>News</title>", written)))
    assert found.row()["inner"] == inner
    assert found.row()["title"] == title
    assert not found.report.repaired
    assert not found.report.rejected


def test_single_quotes_and_any_order_of_attributes_are_read(reader: Reader) -> None:
    found = reader.read(
        "<tv><programme channel='a'\n showview='x > \"y\"' start='20260822190000'></programme></tv>"
    )
    assert found.row()["guide_channel"] == "a"
    assert found.row()["extra"] == ' showview="x &gt; &quot;y&quot;"'
    assert found.row()["inner"] == ""


def test_a_programme_without_content_is_one(reader: Reader) -> None:
    empty = programme().replace("><title>News</title></programme>", "/>")
    found = reader.read(guide(empty, programme("Next", channel="b"), empty))
    assert found.titles == [None, None, "Next"]


def test_an_end_tag_may_have_a_blank(reader: Reader) -> None:
    rows = [programme(str(n)).replace("</programme>", "</programme >") for n in range(3)]
    assert reader.read(guide(*rows)).titles == ["0", "1", "2"]


# --- times ------------------------------------------------------------------------------------


def test_times_without_a_zone_are_those_of_the_guides_zone(reader: Reader) -> None:
    found = reader.read(guide(programme(start="20260822190000")), timezone="Asia/Shanghai")
    assert found.row()["start"] == datetime(2026, 8, 22, 11, tzinfo=UTC)


def test_an_unknown_zone_waits_for_an_edit(reader: Reader) -> None:
    with pytest.raises(Stalled, match="Europe/Paris") as stalled:
        reader.read(guide(programme()), timezone="Mars/Olympus")
    assert stalled.value.reason is Reason.CONFIG_INVALID


def test_a_stop_that_is_missing_or_not_after_the_start_is_null_and_counted(reader: Reader) -> None:
    found = reader.read(
        guide(
            programme("1", stop=None),
            programme("2", stop="20260822190000 +0000"),
            programme("3", stop="20260822193000 +0200"),
            programme("4", stop="never"),
            programme("5", stop="20260822193000 +0000"),
        )
    )
    assert found.programmes["stop"].null_count() == 4
    assert found.report.repaired == {
        row_reading.NO_STOP: 2,
        row_reading.STOP_BEFORE_START: 2,
    }


# --- rows that cost only themselves -----------------------------------------------------------


def test_a_programme_that_cannot_be_placed_is_left_out_and_shown(reader: Reader) -> None:
    found = reader.read(
        guide(
            "\n",
            programme("1"),
            "\n",
            programme("2", start="20261322"),
            "\n",
            programme("3", channel=" "),
            "\n<programme><title>4</title></programme>\n",
            programme("5"),
        )
    )
    assert found.titles == ["1", "5"]
    assert found.report.rejected == {row_reading.NO_START: 2, row_reading.NO_CHANNEL: 1}
    shown = {(sample.line, sample.problem) for sample in found.report.samples}
    assert {
        (3, row_reading.NO_START),
        (4, row_reading.NO_CHANNEL),
        (5, row_reading.NO_START),
    } <= shown


@pytest.mark.parametrize(
    "broken",
    [
        "<programme start='20260822' channel='a'><title>x</desc></programme>",
        "<programme start='20260822' channel='a'><title>x</programme>",
        "<programme start='20260822' start='20260823' channel='a'></programme>",
        "<programme start='20260822' channel='a'><title>never ended</title>",
        "<programme start='20260822 channel='a'></programme>",
        "<programme <title>",
    ],
)
def test_a_broken_programme_costs_only_itself(reader: Reader, broken: str) -> None:
    found = reader.read(f"<tv>{programme('1')}\n{broken}\n{programme('2', channel='b')}</tv>")
    assert found.titles == ["1", "2"]
    assert found.report.rejected == {"programme that is not well-formed": 1}
    (sample,) = (s for s in found.report.samples if s.problem in found.report.rejected)
    assert sample.line == 2
    assert sample.excerpt.startswith("<programme")


def test_an_end_tag_too_many_costs_nothing_else(reader: Reader) -> None:
    found = reader.read(guide(programme("1"), "</programme>", programme("2")))
    assert found.titles == ["1", "2"]


def test_broken_channels_cost_only_themselves(reader: Reader) -> None:
    found = reader.read(
        guide(
            '<channel id="a"><display-name>A&B</display-name></channel>',
            '<channel id="b"><display-name>B</channel>',
            "<channel><display-name>C</display-name></channel>",
            '<channel id=" "/>',
            '<channel id="d"/>',
            programme(),
        )
    )
    assert found.channels["guide_channel"].to_list() == ["a", "d"]
    assert found.channels["names"].to_list() == [["A&B"], []]
    assert found.report.rejected == {
        "channel that is not well-formed": 1,
        "channel without an id": 2,
    }


@pytest.mark.parametrize(
    ("written", "title", "problem"),
    [
        ("R&B", "R&B", "bare & or <"),
        ("Tom & Jerry &amp; Co", "Tom & Jerry & Co", "bare & or <"),
        ("1 < 2", "1 < 2", "bare & or <"),
        ("Caf&eacute;&nbsp;&hellip;", "Café\u00a0…", "entity that XML does not know"),
        ("a &lol9; b", "a &lol9; b", "entity that XML does not know"),
        ("a\x07b\x00c", "abc", "control character"),
        ("a&#0;b&#xFFFF;c&#x41;", "abcA", "control character"),
        ("<q:i>a</q:i>", "a", "namespace prefix that is not declared"),
    ],
)
def test_mistakes_with_one_sensible_meaning_are_mended(
    reader: Reader, written: str, title: str, problem: str
) -> None:
    found = reader.read(guide(programme(written), programme("next")))
    assert found.titles == [title, "next"]
    assert found.report.repaired[problem] == 1
    assert not found.report.rejected
    content = found.row()["extra"], found.row()["inner"]
    etree.fromstring("<programme{}>{}</programme>".format(*content))  # can be written out again


def test_namespaces_of_the_root_stay_with_what_uses_them(reader: Reader) -> None:
    found = reader.read(
        f'<tv xmlns="http://x.invalid" xmlns:q="http://q.invalid">{programme("<q:i>a</q:i>")}</tv>'
    )
    row = found.row()
    element = etree.fromstring(f"<programme{row['extra']}>{row['inner']}</programme>")
    assert element.find("title/{http://q.invalid}i") is not None
    assert "namespace prefix that is not declared" not in found.report.repaired


def test_an_element_beside_channels_and_programmes_is_counted(reader: Reader) -> None:
    found = reader.read(guide("<note>x</note>", programme(), '<channel id="a"/>'))
    assert found.report.rejected == {"element that is neither channel nor programme": 1}
    assert (found.report.channels, found.report.programmes) == (1, 1)


def test_guides_put_behind_each_other_are_read_as_one(reader: Reader) -> None:
    one = f'<?xml version="1.0"?>\n<!DOCTYPE tv SYSTEM "x">\n<tv a="1">{programme("1")}</tv>\n'
    found = reader.read(one + one.replace("<title>1", "<title>2"))
    assert found.titles == ["1", "2"]
    assert not found.report.rejected


def test_samples_hold_no_credentials(reader: Reader) -> None:
    icon = "http://me:hunter2@a.invalid/live/me/hunter2/1.png?token=hunter2"
    found = reader.read(guide(programme(f'<a href="{icon}">', start="never"), programme()))
    assert found.report.rejected
    assert "hunter2" not in found.report.model_dump_json()


# --- encodings --------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32"])
def test_unicode_guides_are_read_in_every_form(reader: Reader, encoding: str) -> None:
    assert reader.read(guide(programme("Öde 中")).encode(encoding)).titles == ["Öde 中"]


def test_latin_1_is_read_as_declared_row_by_row(reader: Reader) -> None:
    data = '<?xml version="1.0" encoding="ISO-8859-1"?>' + guide(programme("Café"))
    found = reader.read(data.encode("latin-1"))
    assert found.titles == ["Café"]
    assert row_reading.RECODED not in found.report.repaired


def test_utf_8_is_utf_8_whatever_is_declared(reader: Reader) -> None:
    data = '<?xml version="1.0" encoding="ISO-8859-1"?>' + guide(programme("Café"))
    assert reader.read(data).titles == ["Café"]


def test_single_rows_in_another_encoding_are_mended_and_counted(reader: Reader) -> None:
    mixed = guide("\n", programme("Ünï"), "\n", programme("Caf?"), "\n").encode()
    found = reader.read(mixed.replace(b"Caf?", b"Caf\xe9"))
    assert found.titles == ["Ünï", "Café"]
    assert found.report.repaired[row_reading.RECODED] == 1
    assert any(s.line == 3 and s.problem == row_reading.RECODED for s in found.report.samples)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zipped])
def test_a_packed_guide_is_read_by_its_bytes(reader: Reader, pack: Any) -> None:
    assert reader.read(pack(guide(programme("News")).encode())).titles == ["News"]


# --- documents that are refused ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("", Reason.EMPTY_ANSWER),
        ("<tv></tv>", Reason.EMPTY_ANSWER),
        ("<tv/>", Reason.EMPTY_ANSWER),
        ("<html><body>Error</body></html>", Reason.HTML_ANSWER),
        ('{"error": 1}', Reason.JSON_ANSWER),
        ("<ProgramGuide/>", Reason.NOT_XMLTV),
        ("<tv><programme></programme></tv>", Reason.PARSE_ERROR),
        (f"<tv>{programme()}<programme start=", Reason.TRUNCATED),
        (f"<tv>{programme()}<channel id='a'>", Reason.TRUNCATED),
        (f"<tv>{programme()}<!-- unfinished", Reason.TRUNCATED),
    ],
)
def test_a_document_that_is_no_whole_guide_is_refused_with_its_reason(
    reader: Reader, document: str, reason: Reason
) -> None:
    with pytest.raises(Transient) as refused:
        reader.read(document)
    assert refused.value.reason is reason


def test_a_cut_guide_says_how_much_was_whole(reader: Reader) -> None:
    with pytest.raises(Transient, match="2 programmes and 1 channels"):
        reader.read(f'<tv><channel id="a"/>{programme()}{programme()}<programme sta')


def test_a_cut_archive_is_refused(reader: Reader) -> None:
    packed = gzip.compress(guide(*(programme(str(n)) for n in range(999))).encode())
    with pytest.raises(Transient) as refused:
        reader.read(packed[: len(packed) // 2])
    assert refused.value.reason is Reason.TRUNCATED


def test_a_guide_of_whole_elements_without_its_end_tag_is_taken_and_counted(
    reader: Reader,
) -> None:
    found = reader.read(f"<tv>{programme()}\n")
    assert found.report.programmes == 1
    assert found.report.repaired[xmltv.NOT_CLOSED] == 1


def test_nothing_is_left_in_the_folder_by_a_refused_guide(reader: Reader) -> None:
    stage = reader.stage()
    document = stage.parent / "document"
    document.write_text(f"<tv>{programme()}<programme")
    with pytest.raises(Transient):
        ingest(document, stage, OPTIONS)
    assert list(stage.iterdir()) == []


# --- hostile documents ------------------------------------------------------------------------


def test_entities_are_never_expanded(reader: Reader) -> None:
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    found = reader.read(
        f'<!DOCTYPE tv [<!ENTITY l0 "lol">{lol}<!ENTITY % p SYSTEM "http://dtd.invalid/p"> %p;]>'
        + guide(programme("&l9;"))
    )
    assert found.titles == ["&l9;"]


def test_files_of_the_machine_are_never_read(reader: Reader, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    found = reader.read(
        f'<!DOCTYPE tv SYSTEM "{secret.as_uri()}" [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
        + guide(programme("a &x; b"))
    )
    assert found.titles == ["a &x; b"]
    assert b"hunter2" not in b"".join(found.files.values())


def test_a_bomb_stops_at_the_size_limit(reader: Reader) -> None:
    bomb = gzip.compress(b"<tv>" + b" " * 20_000_000)
    with pytest.raises(Transient) as refused:
        reader.read(bomb, max_size=1_000_000)
    assert refused.value.reason is Reason.TOO_LARGE


def test_deep_nesting_costs_its_programme(reader: Reader) -> None:
    deep = "<a>" * 5000 + "</a>" * 5000
    found = reader.read(guide(programme("1"), programme(deep), programme("2", channel="b")))
    assert found.titles == ["1", "2"]


def test_a_programme_over_the_limit_is_left_out(reader: Reader) -> None:
    found = reader.read(
        guide(programme("1"), programme("x" * (1 << 20)), programme("2", channel="b"))
    )
    assert found.titles == ["1", "2"]
    assert found.report.rejected == {"programme that is too large": 1}


def test_a_programme_that_does_not_end_for_megabytes_is_left_out(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xmltv, "Cutter", partial(Cutter, size=1 << 12, limit=1 << 14))
    found = reader.read(f"{PAD}<tv>{programme('1')}{programme('x' * 100_000)}{programme('2')}</tv>")
    assert found.titles == ["1", "2"]
    assert found.report.rejected == {"programme that is too large": 1}


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(slips(), max_size=4), st.integers(20, 400))
def test_mistakes_never_stop_the_reading_nor_reach_what_is_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[str], size: int
) -> None:
    last = programme("LAST", channel="zzz")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(xmltv, "Cutter", partial(Cutter, size=size))
        reader = Reader(tmp_path_factory.mktemp("slips"))
        text = f"{PAD}<tv>{programme('FIRST', channel='')}{''.join(rows)}\n"
        found = reader.read_unless_cut(text + last + "</tv>")
    if found is None:
        assert re.search(r"<!--|<\?|<!\[CDATA", text), "only what hides the rest may cut it off"
        return
    assert found.titles[-1] == "LAST"
    for row in found.programmes.rows(named=True):
        etree.fromstring(f"<programme{row['extra']}>{row['inner']}</programme>")


# --- both readers, wherever the cuts fall -----------------------------------------------------


def _comparable(found: Guide) -> list[dict[str, Any]]:
    """Return the rows, the content in libxml2's canonical form."""
    rows = found.programmes.rows(named=True)
    for row in rows:
        row["inner"] = etree.tostring(etree.fromstring(f"<a>{row['inner']}</a>"), method="c14n")
    return rows


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(programmes(), max_size=5), st.integers(20, 400))
def test_small_pieces_and_libxml2_alone_give_the_same_guide(
    tmp_path_factory: pytest.TempPathFactory, rows: list[str], size: int
) -> None:
    reader = Reader(tmp_path_factory.mktemp("shapes"))
    text = f'{PAD}<tv><channel id="a"/>{"".join(rows)}<channel id="b"/></tv>'
    found = _comparable(reader.read(text))
    assert len(found) == len(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(xmltv, "Cutter", partial(Cutter, size=size))
        assert _comparable(reader.read(text)) == found
        patch.setattr(
            row_reading, "_find_plain", lambda rows: pl.repeat(False, rows.height, eager=True)
        )
        patch.setattr(plain, "is_plain_inner", lambda rows: [False] * rows.height)
        assert _comparable(reader.read(text)) == found


def test_the_same_document_gives_the_same_bytes(reader: Reader) -> None:
    rows = [
        programme(f"{n} &amp; {'é' * (n % 50)}", f"20260822{n % 24:02}0000", f"c{n * 7919 % 40}")
        for n in range(30_000)
    ]
    data = gzip.compress(guide(*rows).encode(), 1)
    first = reader.read(data)
    assert reader.read(data).files == first.files
    assert first.report.programmes == 30_000
    assert first.programmes.equals(
        first.programmes.sort("guide_channel", "start", maintain_order=True)
    )


# --- real guides ------------------------------------------------------------------------------

DIFFERENT = {
    "epg/dialects/hk_hoytv_not_xmltv.xml": "is no XMLTV, and refused",
}
"""Real guides that do not parse to the counts of their manifest, and why."""


def real_guides(real_data: Path) -> Iterator[tuple[str, int, int]]:
    """Yield each guide of the pack with its counts of programmes and channels."""
    with (real_data / "MANIFEST.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["kind"] == "epg":
                programmes, channels = row["entries"].split(" / ")
                yield row["path"], int(programmes.split()[0]), int(channels.split()[0])


def test_every_real_guide_parses_to_the_counts_of_its_manifest(
    real_data: Path, reader: Reader
) -> None:
    counted = 0
    for path, count, channels in real_guides(real_data):
        if path in DIFFERENT:
            with pytest.raises(Transient) as refused:
                reader.read(real_data / path)
            assert refused.value.reason is Reason.NOT_XMLTV
            continue
        report = reader.read(real_data / path).report
        assert (path, report.programmes, report.channels) == (path, count, channels)
        counted += count
    assert counted > 70_000


@pytest.mark.parametrize("size", [None, 3000])
def test_nothing_of_a_real_guide_is_lost(
    real_data: Path, reader: Reader, size: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if size:
        monkeypatch.setattr(xmltv, "Cutter", partial(Cutter, size=size))
    for path, count, _ in real_guides(real_data):
        if path in DIFFERENT or (size and count > 300):
            continue
        found = reader.read(real_data / path)
        root = _by_libxml2(real_data / path)
        assert _read_contents(found.programmes) == _contents(root, "programme", "channel"), path
        assert _read_contents(found.channels) == _contents(root, "channel", "id"), path


def _by_libxml2(path: Path) -> _Element:
    with open_document(path, 1 << 30) as stream:
        data = stream.read()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode(declared_encoding(data) or "cp1252")
    declaration, _, rest = text.partition("?>")
    return etree.fromstring(rest if declaration.startswith("<?xml") else text)


def _contents(root: _Element, name: str, key: str) -> Counter[tuple[str, bytes]]:
    """Return every child of every element of that name in canonical form, with whose it is."""
    found: Counter[tuple[str, bytes]] = Counter()
    for element in root.iterfind(name):
        sort_children(element)
        found.update(_children(element.get(key, ""), element))
    return found


def _read_contents(frame: pl.DataFrame) -> Counter[tuple[str, bytes]]:
    found: Counter[tuple[str, bytes]] = Counter()
    for owner, inner in frame.select("guide_channel", "inner").iter_rows():
        found.update(_children(owner, etree.fromstring(f"<a>{inner}</a>")))
    return found


def _children(owner: str, element: _Element) -> Iterator[tuple[str, bytes]]:
    for child in element.iterchildren("*"):
        yield owner, etree.tostring(child, method="c14n", with_comments=False, with_tail=False)


def test_the_zone_of_a_real_guide_without_zones_is_the_declared_one(
    real_data: Path, reader: Reader
) -> None:
    found = reader.read(real_data / "epg/cn_burningc4_guide.xml")
    assert found.programmes["start"].min() == datetime(2026, 8, 22, 16, tzinfo=UTC)
    assert found.programmes["stop"].max() == datetime(2026, 8, 25, 15, 59, tzinfo=UTC)
