"""Several documents become one guide."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from tvarr.errors import Reason, Transient
from tvarr.ingest import xmltv
from tvarr.ingest.xmltv import LISTED_BEFORE, NOT_THERE, XmltvOptions, ingest

if TYPE_CHECKING:
    from pathlib import Path

    from tvarr.ingest.report import IngestReport

HTML = "<html><body>Not found</body></html>"


def channel(name: str, shown: str) -> str:
    return f'<channel id="{name}"><display-name>{shown}</display-name></channel>'


def programme(title: str, name: str, hour: int = 20) -> str:
    times = f'start="20260822{hour:02}0000 +0000" stop="20260822{hour:02}3000 +0000"'
    return f'<programme {times} channel="{name}"><title>{title}</title></programme>'


def guide(*elements: str, name: str = "") -> str:
    return f'<tv source-info-name="{name}">{"".join(elements)}</tv>'


class Joined:
    """What became of documents that were read together."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self.stage = folder / "stage"
        self.stage.mkdir()

    def read(self, *texts: str | bytes, **options: Any) -> IngestReport:
        paths = []
        for text in texts:
            self._count += 1
            paths.append(self._folder / f"document{self._count}")
            paths[-1].write_bytes(text.encode() if isinstance(text, str) else text)
        values = {"max_size": 1 << 20, **options}
        return ingest(paths, self.stage, XmltvOptions("uk", "UTC", **values))

    @property
    def titles(self) -> list[str]:
        return pl.read_parquet(self.stage / "programmes.parquet")["title"].to_list()

    @property
    def channels(self) -> dict[str, list[str]]:
        frame = pl.read_parquet(self.stage / "channels.parquet")
        return dict(frame.select("guide_channel", "names").iter_rows())


@pytest.fixture
def joined(tmp_path: Path) -> Joined:
    return Joined(tmp_path)


def test_channels_and_programmes_are_those_of_all(joined: Joined) -> None:
    report = joined.read(
        guide(channel("b", "B"), programme("Two", "b")),
        guide(channel("a", "A"), programme("One", "a")),
    )
    assert joined.channels == {"b": ["B"], "a": ["A"]}
    assert joined.titles == ["One", "Two"]
    assert (report.channels, report.programmes, report.rejected) == (2, 2, {})


def test_of_equal_channels_the_first_documents_counts_and_nothing_is_wrong(joined: Joined) -> None:
    report = joined.read(guide(channel("a", "First")), guide(channel("a", "Second")))
    assert joined.channels == {"a": ["First"]}
    assert report.rejected == {}


def test_equal_channels_of_one_document_are_told_as_ever(joined: Joined) -> None:
    twice = guide(channel("a", "First"), channel("a", "Second"))
    report = joined.read(guide(channel("a", "Zero")), twice)
    assert joined.channels == {"a": ["Zero"]}
    assert report.rejected == {xmltv.REPEATED: 1}


def test_of_programmes_at_one_time_the_earlier_documents_counts(joined: Joined) -> None:
    report = joined.read(
        guide(programme("First", "a"), programme("Its own", "a", 21)),
        guide(programme("Second", "a"), programme("Other", "a", 22), programme("B", "b")),
        guide(programme("Third", "a"), programme("Third", "b")),
    )
    assert joined.titles == ["First", "Its own", "Other", "B"]
    assert report.programmes == 4
    assert report.rejected == {LISTED_BEFORE: 3}


def test_twins_within_one_document_stay(joined: Joined) -> None:
    joined.read(guide(programme("One", "a"), programme("Two", "a")), guide(programme("Three", "b")))
    assert joined.titles == ["One", "Two", "Three"]


def test_the_header_of_the_first_document_counts(joined: Joined) -> None:
    report = joined.read(guide(channel("a", "A"), name="one"), guide(channel("b", "B"), name="two"))
    assert report.header == {"source-info-name": "one"}


def test_each_document_may_be_packed_in_its_own_way(joined: Joined) -> None:
    joined.read(gzip.compress(guide(programme("One", "a")).encode()), guide(programme("Two", "b")))
    assert joined.titles == ["One", "Two"]


def test_the_same_documents_give_the_same_bytes(joined: Joined) -> None:
    texts = (guide(programme("One", "a")), guide(programme("Two", "a"), programme("Three", "b")))
    joined.read(*texts)
    first = {file.name: file.read_bytes() for file in joined.stage.iterdir()}
    joined.read(*texts)
    assert {file.name: file.read_bytes() for file in joined.stage.iterdir()} == first


def test_one_that_is_refused_refuses_all(joined: Joined) -> None:
    with pytest.raises(Transient) as refusal:
        joined.read(guide(programme("One", "a")), HTML)
    assert refusal.value.reason is Reason.HTML_ANSWER


def test_each_document_may_be_as_large_as_is_said(joined: Joined) -> None:
    text = guide(programme("x" * 3000, "a"))
    joined.read(text, text, max_size=4000)
    with pytest.raises(Transient) as refusal:
        joined.read(text, text * 2, max_size=4000)
    assert refusal.value.reason is Reason.TOO_LARGE


class TestLenient:
    """Documents that somebody else named cost themselves only."""

    @pytest.mark.parametrize(
        "broken",
        [HTML, "", "{}", "#EXTM3U", guide(programme("Cut", "c"))[:-40], b"\x1f\x8b\x08cut"],
    )
    def test_one_that_is_refused_is_left_out_and_told(
        self, joined: Joined, broken: str | bytes
    ) -> None:
        report = joined.read(broken, guide(programme("One", "a")), lenient=True)
        assert joined.titles == ["One"]
        assert report.rejected == {NOT_THERE: 1}
        assert [(row.line, row.problem) for row in report.samples] == [(0, NOT_THERE)]

    def test_what_was_read_of_a_broken_one_before_it_broke_is_forgotten(
        self, joined: Joined, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(xmltv.cut, "PIECE", 1000)
        many = guide(channel("z", "Z"), *(programme(str(n), "z", n % 24) for n in range(900)))
        report = joined.read(
            many[:-20], guide(channel("a", "A"), programme("One", "a")), lenient=True
        )
        assert joined.titles == ["One"]
        assert joined.channels == {"a": ["A"]}
        assert report.programmes == 1

    def test_all_together_may_be_as_large_as_is_said(self, joined: Joined) -> None:
        texts = [guide(programme("x" * 3000, name)) for name in "abc"]
        report = joined.read(*texts, max_size=8000, lenient=True)
        assert report.programmes == 2
        assert report.rejected == {NOT_THERE: 1}
        assert "max_size" in report.samples[0].excerpt

    def test_where_none_can_be_read_the_first_ones_trouble_is_told(self, joined: Joined) -> None:
        with pytest.raises(Transient) as refusal:
            joined.read(HTML, "", lenient=True)
        assert refusal.value.reason is Reason.HTML_ANSWER

    def test_documents_that_could_not_be_fetched_are_told_with_the_others(
        self, joined: Joined
    ) -> None:
        report = joined.read(guide(programme("One", "a")), lenient=True, missing=("a.invalid: no",))
        assert report.rejected == {NOT_THERE: 1}
        assert report.samples[0].excerpt == "a.invalid: no"
