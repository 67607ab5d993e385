"""Documents of harmless size that hold too much of one thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from tests.hostile_documents import MIB
from tvarr.errors import Reason, Transient
from tvarr.ingest import m3u, xmltv
from tvarr.ingest.m3u import M3uOptions
from tvarr.ingest.xmltv import XmltvOptions
from tvarr.ingest.xmltv.cut import Cutter

if TYPE_CHECKING:
    from pathlib import Path

    from tvarr.ingest.report import IngestReport

ENTRY = "#EXTINF:-1,One\nhttp://tv.invalid/1.ts\n"
PROGRAMME = '<programme start="20260822180000 +0000" channel="one"><title>A</title></programme>'


def read_playlist(folder: Path, text: str) -> IngestReport:
    (folder / "document").write_text(text)
    return m3u.ingest(folder / "document", folder, M3uOptions("tv", None, 64 * MIB))


def read_guide(folder: Path, text: str) -> IngestReport:
    (folder / "document").write_text(f"<tv>{text}</tv>")
    return xmltv.ingest(folder / "document", folder, XmltvOptions("uk", "UTC", 64 * MIB))


def test_a_playlist_of_too_many_entries_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(m3u, "MOST_ENTRIES", 1000)
    assert read_playlist(tmp_path, ENTRY * 1000).channels == 1000
    for rows in (ENTRY * 1001, ENTRY + "no address\n" * 1000):
        with pytest.raises(Transient, match="more than 1,000 entries") as trouble:
            read_playlist(tmp_path, rows)
        assert trouble.value.reason is Reason.TOO_LARGE


def test_an_entry_keeps_so_many_options_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(m3u, "MOST_OPTIONS", 10)
    read_playlist(tmp_path, "#EXTVLCOPT:a=1\n" * 11 + ENTRY + "#EXTVLCOPT:b=1\n" + ENTRY)
    options = pl.read_parquet(tmp_path / "channels.parquet")["options"].to_list()
    assert options == [["#EXTVLCOPT:a=1"] * 10, ["#EXTVLCOPT:b=1"]]


def test_a_guide_of_too_many_channels_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xmltv, "MOST_CHANNELS", 1000)
    channels = [f'<channel id="{number}"></channel>' for number in range(1001)]
    assert read_guide(tmp_path, "".join(channels[:1000])).channels == 1000
    with pytest.raises(Transient, match="more than 1,000 channels") as trouble:
        read_guide(tmp_path, "".join(channels))
    assert trouble.value.reason is Reason.TOO_LARGE


def test_a_guide_of_too_many_programmes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xmltv, "MOST_PROGRAMMES", 1000)
    assert read_guide(tmp_path, PROGRAMME * 1000).programmes == 1000
    for rows in (PROGRAMME * 1001, PROGRAMME + "<programme></programme>" * 1000):
        with pytest.raises(Transient, match="more than 1,000 programmes") as trouble:
            read_guide(tmp_path, rows)
        assert trouble.value.reason is Reason.TOO_LARGE


def test_megabytes_of_empty_channels_are_all_read(tmp_path: Path) -> None:
    count = 3 * MIB // 50
    channels = "".join(f"<channel id='{number:040}'/>" for number in range(count))
    report = read_guide(tmp_path, channels + PROGRAMME)
    assert (report.channels, report.programmes, report.rejected) == (count, 1, {})


def test_comments_without_end_take_no_room_and_no_line_is_lost(tmp_path: Path) -> None:
    comments = "<!--\n-->" * 300_000
    document = tmp_path / "document"
    document.write_text(f"<tv>{comments}<programme channel='one'></programme></tv>")
    with document.open("rb") as stream:
        cutter = Cutter(stream)
        pieces = list(cutter)
    assert max(len(piece.hidden) for piece in pieces) < 100
    report = read_guide(tmp_path, f"{comments}<programme channel='one'></programme>{PROGRAMME}")
    assert report.samples[-1].line == 300_001
