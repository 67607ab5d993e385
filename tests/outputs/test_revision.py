"""What one revision holds."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from lxml import etree

from tests.builders import build_input, channel, guide, guide_channel, programme, source, window
from tests.explaining import exclude, given
from tvarr.catalog import schema
from tvarr.catalog.snapshots import Snapshots
from tvarr.expression.fields import Domain
from tvarr.ingest import m3u, xmltv
from tvarr.outputs.report import BuildReport, read_report
from tvarr.outputs.revision import write_revision
from tvarr.pipeline.quality import SCHEMA

if TYPE_CHECKING:
    from pathlib import Path

    from tvarr.catalog.snapshots import Snapshot
    from tvarr.pipeline.build import BuildInput

BASE = "http://tv.lan:8888"


@pytest.fixture
def revision(tmp_path: Path) -> Path:
    folder = tmp_path / "revision"
    folder.mkdir()
    return folder


def family(tmp_path: Path, **spec: Any) -> BuildInput:
    """Return a proxy of four entries, of which three have a guide channel with programmes."""
    tv = source(
        tmp_path,
        channel("BBC One", "bbc1.uk"),
        channel("BBC One HD", "bbc1.uk"),
        channel("R&B 'live'", 'the "R&B"'),
        channel("No guide"),
        rejected=2,
    )
    uk = guide(
        tmp_path,
        programme("bbc1.uk", "18:00", "19:00"),
        programme("bbc1.uk", "18:00", "18:30"),
        programme("bbc1.uk", "18:45", "20:00"),
        programme('the "R&B"', "18:00"),
        programme("not.asked.for", "18:00"),
        declared=(guide_channel("bbc1.uk", "One"),),
    )
    second = guide(tmp_path, programme("BBC1.UK", "19:30", "20:30"), name="second")
    return build_input(uk, second, sources=(tv,), **spec)


def test_a_revision_has_all_its_files(tmp_path: Path, revision: Path) -> None:
    write_revision(family(tmp_path), revision, BASE)
    assert {file.name for file in revision.iterdir()} == {
        "playlist.m3u",
        "playlist.m3u.gz",
        "guide.xml",
        "guide.xml.gz",
        "lineup.parquet",
        "matches.parquet",
        "report.json",
    }


def test_merged_duplicates_leave_candidates_and_are_counted(tmp_path: Path, revision: Path) -> None:
    report = write_revision(family(tmp_path, duplicates="merge"), revision, BASE)
    assert (report.entries, report.merged, report.with_programmes) == (3, 1, 2)
    candidates = pl.read_parquet(revision / "candidates.parquet")
    assert candidates.schema == schema.CANDIDATES
    assert candidates.select("name", pl.col("also").list.len()).rows()[0] == ("BBC One HD", 1)
    assert (revision / "playlist.m3u").read_text().count("#EXTINF") == 3


def test_the_report_counts_what_was_made(tmp_path: Path, revision: Path) -> None:
    assert write_revision(family(tmp_path), revision, BASE) == BuildReport(
        entries=4,
        with_programmes=3,
        guide_channels=3,
        programmes=3,
        duplicates=1,
        trimmed=1,
        dropped=1,
        evidence={"id": 3},
        rejected={"source/tv": 2},
        qualities={"HD": 1, "unknown": 3},
        from_guides={"uk": 3, "second": 0},
    )


def test_the_report_tells_how_many_programmes_each_guide_gave(
    tmp_path: Path, revision: Path
) -> None:
    main = guide(tmp_path, programme("one", "18:00", "19:00"), name="main")
    more = guide(
        tmp_path,
        programme("one", "18:30", "19:00", "Overlaps"),
        programme("one", "19:00", "20:00", "Fills"),
        programme("one", "20:00", "21:00", "Late"),
        name="more",
    )
    idle = guide(tmp_path, programme("two", "18:00", "19:00"), name="idle")
    build = given(
        exclude("late", 'title = "Late"', Domain.PROGRAMME),
        sources=(source(tmp_path, channel("One", "one")),),
        guides=(main, more, idle),
    )
    report = write_revision(build, revision, BASE)
    assert report.from_guides == {"main": 1, "more": 1, "idle": 0}
    assert report.programmes == 2


def test_channels_of_hidden_groups_are_counted_and_of_no_quality(
    tmp_path: Path, revision: Path
) -> None:
    tv = source(
        tmp_path,
        channel("One 4K", group_title="News"),
        channel("Two FHD", group_title="Shop"),
        channel("Three", group_title="SHOP"),
    )
    groups = {"shop": {"hide": True}}
    report = write_revision(build_input(sources=(tv,), groups=groups), revision, BASE)
    assert (report.entries, report.hidden, report.qualities) == (1, 2, {"2160p": 1})


def test_the_report_can_be_read_again(tmp_path: Path, revision: Path) -> None:
    assert write_revision(family(tmp_path), revision, BASE) == read_report(revision)


def test_programmes_outside_the_window_do_not_count(tmp_path: Path, revision: Path) -> None:
    build = family(tmp_path, window=window("18:00", "18:30"))
    report = write_revision(build, revision, BASE)
    assert (report.programmes, report.with_programmes) == (2, 3)


def test_playlist_and_guide_agree_on_ids(tmp_path: Path, revision: Path) -> None:
    write_revision(family(tmp_path), revision, BASE)
    playlist = re.findall(r' tvg-id="([^"]*)"', (revision / "playlist.m3u").read_text())
    tree = etree.parse(revision / "guide.xml")
    assert tree.xpath("channel/@id") == [*dict.fromkeys(playlist)]
    on_air = {element.get("channel") for element in tree.iterfind("programme")}
    assert on_air == {"bbc1.uk", "the 'R&B'"}


def test_the_playlist_names_its_guide(tmp_path: Path, revision: Path) -> None:
    write_revision(family(tmp_path), revision, BASE)
    first, _, _ = (revision / "playlist.m3u").read_text().partition("\n")
    url = f"{BASE}/family/guide.xml.gz"
    assert first == f'#EXTM3U url-tvg="{url}" x-tvg-url="{url}"'


def test_the_gzips_hold_the_same(tmp_path: Path, revision: Path) -> None:
    write_revision(family(tmp_path), revision, BASE)
    for name in ("playlist.m3u", "guide.xml"):
        packed = (revision / f"{name}.gz").read_bytes()
        assert gzip.decompress(packed) == (revision / name).read_bytes()


def test_without_xmltv_there_is_no_guide_to_name(tmp_path: Path, revision: Path) -> None:
    report = write_revision(family(tmp_path, outputs=("m3u",)), revision, BASE)
    assert (revision / "playlist.m3u").read_text().startswith("#EXTM3U\n")
    assert not [*revision.glob("guide*")]
    assert report == BuildReport(
        entries=4,
        evidence={"id": 3},
        rejected={"source/tv": 2},
        qualities={"HD": 1, "unknown": 3},
    )


def test_without_m3u_there_is_no_playlist(tmp_path: Path, revision: Path) -> None:
    report = write_revision(family(tmp_path, outputs=("xmltv",)), revision, BASE)
    assert not [*revision.glob("playlist*")]
    assert report.programmes == 3


def test_the_lineup_is_kept_for_the_web(tmp_path: Path, revision: Path) -> None:
    write_revision(family(tmp_path), revision, BASE)
    lineup = pl.read_parquet(revision / "lineup.parquet")
    assert lineup.schema == pl.Schema(
        {
            **schema.CHANNELS,
            **SCHEMA,
            "number": pl.String,
            "numbered": pl.String,
            "guide_id": pl.String,
            "guide_icon": pl.String,
        }
    )
    assert lineup["number"].to_list() == ["1", "2", "3", "4"]


def test_the_same_input_gives_the_same_bytes(tmp_path: Path, revision: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    write_revision(family(tmp_path), revision, BASE)
    write_revision(family(tmp_path / "elsewhere"), other, BASE)
    for file in revision.iterdir():
        assert file.read_bytes() == (other / file.name).read_bytes(), file.name


@pytest.mark.parametrize(
    ("playlist", "guides", "entries", "with_programmes"),
    [
        ("cn_burningc4.m3u", ["cn_burningc4_guide.xml"], 58, 58),
        (
            "fast/samsungtvplus_all.m3u",
            [f"fast/samsung_{country}.xml.gz" for country in ("us", "gb", "in", "kr")],
            2603,
            1224,
        ),
        (
            "fast/plex_all.m3u",
            [f"fast/plex_{country}.xml.gz" for country in ("us", "gb", "mx")],
            2816,
            1209,
        ),
    ],
)
def test_real_playlists_find_their_guides(
    real_data: Path,
    tmp_path: Path,
    revision: Path,
    playlist: str,
    guides: list[str],
    entries: int,
    with_programmes: int,
) -> None:
    """The counts are those of the pack's own README."""
    tv = read_playlist(real_data / "m3u" / playlist, tmp_path)
    epg = [read_guide(real_data / "epg" / path, tmp_path) for path in guides]
    report = write_revision(build_input(*epg, sources=(tv,)), revision, BASE)
    assert (report.entries, report.with_programmes) == (entries, with_programmes)
    tree = etree.parse(revision / "guide.xml", etree.XMLParser(huge_tree=True))
    assert len(tree.findall("programme")) == report.programmes
    assert len(tree.findall("channel")) == report.guide_channels


def read_playlist(document: Path, folder: Path) -> Snapshot:
    snapshots = Snapshots(folder / "snapshots")
    with snapshots.stage("source", "tv") as stage:
        m3u.ingest(document, stage, m3u.M3uOptions(source="tv", base_url=None, max_size=1 << 30))
        return snapshots.commit("source", "tv", stage)


def read_guide(document: Path, folder: Path) -> Snapshot:
    name = document.name.partition(".")[0]
    if document.suffix == ".gz":
        unpacked = folder / f"{name}.xml"
        unpacked.write_bytes(gzip.decompress(document.read_bytes()))
        document = unpacked
    snapshots = Snapshots(folder / "snapshots")
    with snapshots.stage("epg", name) as stage:
        options = xmltv.XmltvOptions(guide=name, timezone="UTC", max_size=1 << 30)
        xmltv.ingest(document, stage, options)
        return snapshots.commit("epg", name, stage)


def test_near_misses_are_listed_with_the_line_that_pins_them(
    tmp_path: Path, revision: Path
) -> None:
    tv = source(tmp_path, channel("BBC 1"), channel("Sky Sports Football"), channel("Zed"))
    known = guide_channel("b1", "BBC One"), guide_channel("g1", "Sky Sports Golf")
    uk = guide(tmp_path, declared=known)
    how: dict[str, Any] = {
        "matching": {"pins": {"Zed": "", "Nobody": "b1"}},
        "numbering": {"pinned": {"BBC 1": "007", "BBC One": 9}},
    }
    report = write_revision(build_input(uk, sources=(tv,), **how), revision, BASE)
    assert report.evidence == {"name": 1}
    assert report.near_misses == 1
    assert [near.pin for near in report.near] == ['"Sky Sports Football": "g1"']
    assert report.unused_pins == ("Nobody", "BBC One")


def test_what_was_found_is_kept_with_its_evidence(tmp_path: Path, revision: Path) -> None:
    write_revision(family(tmp_path), revision, BASE)
    kept = pl.read_parquet(revision / "matches.parquet")
    assert kept.select("guide", "evidence", "confidence").rows() == [
        ("uk", "id", 100),
        ("second", "alike", 99),
        ("uk", "id", 100),
    ]
