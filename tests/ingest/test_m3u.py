"""Playlists of all dialects become channel rows; what cannot be used is counted, never fatal."""

from __future__ import annotations

import csv
import gzip
import lzma
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvarr.catalog import schema
from tvarr.errors import Reason, Stalled, Transient
from tvarr.ingest import lines as lines_module
from tvarr.ingest.m3u import (
    NO_BASE,
    NO_ENTRY,
    NO_URL,
    NOT_A_URL,
    QUOTED_URL,
    REJECTED,
    REPAIRED,
    TOO_LONG_LINE,
    M3uOptions,
    ingest,
)
from tvarr.ingest.report import SAMPLES, IngestReport
from tvarr.ingest.rows import BROKEN, OTHER_GROUP, REPEATED

if TYPE_CHECKING:
    from pathlib import Path

Rows = list[dict[str, Any]]

URL = "http://stream.invalid/1.ts"
MAX_SIZE = 1 << 26


def ingest_bytes(
    folder: Path, document: bytes, base_url: str | None = None
) -> tuple[pl.DataFrame, IngestReport]:
    stage = folder / "stage"
    stage.mkdir(exist_ok=True)
    path = folder / "document"
    path.write_bytes(document)
    report = ingest(path, stage, M3uOptions("tv", base_url, MAX_SIZE))
    return pl.read_parquet(stage / "channels.parquet"), report


class Reader:
    """Reads playlists given as text."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.report = IngestReport()

    def __call__(self, *lines: str, base_url: str | None = None) -> Rows:
        """Return the rows of a playlist; what was said of it is in `report`."""
        document = "\n".join(lines).encode()
        frame, self.report = ingest_bytes(self.folder, document, base_url)
        assert frame.schema == schema.CHANNELS
        assert frame.height == self.report.channels
        return frame.to_dicts()

    @property
    def troubles(self) -> list[tuple[int, str]]:
        return [(sample.line, sample.problem) for sample in self.report.samples]


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    return Reader(tmp_path)


# --- what an entry says -------------------------------------------------------------------------


def test_an_entry_is_one_row_with_all_it_says(read: Reader) -> None:
    [row] = read(
        "#EXTM3U",
        '#EXTINF:-1 tvg-id="bbc1.uk" tvg-name="BBC_One" tvg-logo="http://logo.invalid/1.png" '
        'group-title="UK;News" tvg-chno="5.1" tvg-shift="-1" tvg-language="English" '
        'tvg-country="UK" radio="false" catchup="append" catchup-days="7" '
        'catchup-source="?utc={utc}" channel-id="x",BBC One',
        "#EXTVLCOPT:network-caching=1000",
        URL,
    )
    assert row | {"channel_id": ""} == {
        "channel_id": "",
        "source": "tv",
        "name": "BBC One",
        "tvg_id": "bbc1.uk",
        "tvg_name": "BBC_One",
        "tvg_logo": "http://logo.invalid/1.png",
        "group_title": "UK;News",
        "stream_url": URL,
        "channel_number": "5.1",
        "tvg_shift": "-1",
        "tvg_language": "English",
        "tvg_country": "UK",
        "radio": False,
        "is_adult": None,
        "catchup": "append",
        "catchup_days": "7",
        "catchup_source": "?utc={utc}",
        "stream_type": "live",
        "provider_id": None,
        "headers": [],
        "options": ["#EXTVLCOPT:network-caching=1000"],
        "attributes": [{"name": "channel-id", "value": "x"}],
        "duration": "-1",
        "line": 2,
        "backup_urls": None,
    }


def test_what_is_not_said_is_null_and_what_is_said_empty_is_empty(read: Reader) -> None:
    [row] = read('#EXTINF:-1 tvg-id="" tvg-chno="",BBC One', URL)
    assert row["tvg_id"] == ""
    assert row["channel_number"] == ""
    assert row["tvg_name"] is None
    assert row["group_title"] is None
    assert row["radio"] is None


@pytest.mark.parametrize(
    ("said", "radio"), [("true", True), ("TRUE", True), ("1", True), ("false", False), ("", False)]
)
def test_a_radio_station_says_so(read: Reader, said: str, radio: bool) -> None:
    [row] = read(f'#EXTINF:-1 radio="{said}",Radio', URL)
    assert row["radio"] is radio


def test_an_adult_channel_says_so_and_keeps_its_attribute(read: Reader) -> None:
    [row] = read('#EXTINF:-1 censored="1",Night', URL)
    assert row["is_adult"] is True
    assert row["attributes"] == [{"name": "censored", "value": "1"}]


@pytest.mark.parametrize(
    ("attributes", "name"),
    [('tvg-name="BBC One" tvg-id="a"', "BBC One"), ('tvg-id="a"', "a"), ('x="y"', "")],
)
def test_an_entry_without_a_name_is_called_by_what_there_is(
    read: Reader, attributes: str, name: str
) -> None:
    [row] = read(f"#EXTINF:-1 {attributes},", URL)
    assert row["name"] == name


def test_entries_keep_the_order_of_the_document(read: Reader) -> None:
    # the second is no usual line and is read by another way
    rows = read(
        '#EXTINF:-1 tvg-id="1",A', URL, "#EXTINF:-1 tvg-id=2,B", URL, '#EXTINF:-1 tvg-id="3",C', URL
    )
    assert [row["name"] for row in rows] == ["A", "B", "C"]
    assert [row["line"] for row in rows] == [1, 3, 5]


# --- the document's lines -----------------------------------------------------------------------


def test_a_list_needs_no_header(read: Reader) -> None:
    assert len(read("#EXTINF:-1,[11] TVL", URL)) == 1


def test_blank_lines_and_blanks_around_lines_mean_nothing(read: Reader) -> None:
    rows = read("", "  #EXTM3U ", "", "\t#EXTINF:-1,A ", "", f" {URL}\t", "")
    assert [(row["name"], row["stream_url"], row["line"]) for row in rows] == [("A", URL, 4)]


def test_comments_and_entries_commented_out_mean_nothing(read: Reader) -> None:
    rows = read(
        "#EXTM3U",
        "# #EXTINF:-1,Old",
        f"# {URL}/old",
        "#EXTINF:-1,A",
        "#123",
        "#--- news ---",
        URL,
        "#http://stream.invalid/2.ts",
    )
    assert [row["name"] for row in rows] == ["A"]
    assert rows[0]["options"] == []
    assert read.report.rejected == {}


def test_the_header_is_reported_as_it_came(read: Reader) -> None:
    read(
        '#EXTM3U url-tvg="http://g.invalid/a,http://g.invalid/b" catchup=fs Refresh="1"',
        "#PLAYLIST:My list",
        "#EXTINF:-1,A",
        URL,
    )
    assert read.report.header == {
        "url-tvg": "http://g.invalid/a,http://g.invalid/b",
        "catchup": "fs",
        "Refresh": "1",
        "PLAYLIST": "My list",
    }


def test_of_several_headers_the_first_word_counts(read: Reader) -> None:
    read('#EXTM3U a="1"', "#EXTINF:-1,A", URL, '#EXTM3U a="2" b="3"', "#EXTINF:-1,B", URL)
    assert read.report.header == {"a": "1", "b": "3"}


def test_a_header_of_a_thousand_attributes_is_cut(read: Reader) -> None:
    read("#EXTM3U" + "".join(f' a{n}="{n}"' for n in range(1000)), "#EXTINF:-1,A", URL)
    assert len(read.report.header) == 100


def test_the_header_gives_what_entries_do_not_say_themselves(read: Reader) -> None:
    rows = read(
        '#EXTM3U catchup="shift" catchup-days="3" tvg-shift="+3" tvg-id="no"',
        "#EXTINF:-1,A",
        URL,
        '#EXTINF:-1 catchup="" tvg-shift="0",B',
        URL,
    )
    said = [(row["catchup"], row["catchup_days"], row["tvg_shift"], row["tvg_id"]) for row in rows]
    assert said == [("shift", "3", "+3", None), ("", "3", "0", None)]


@pytest.mark.parametrize("base", ["https://logo.invalid/x", "https://logo.invalid/x/"])
def test_logos_that_are_no_url_stand_below_the_base_of_the_header(read: Reader, base: str) -> None:
    logos = ["a.png", "/b.png", "http://c.invalid/c.png", "data:image/png;base64,AA", "//d/d", ""]
    entries = [line for logo in logos for line in (f'#EXTINF:-1 tvg-logo="{logo}",A', URL)]
    rows = read(f'#EXTM3U url-logos="{base}"', *entries, "#EXTINF:-1,None", URL)
    assert [row["tvg_logo"] for row in rows] == [
        "https://logo.invalid/x/a.png",
        "https://logo.invalid/x/b.png",
        *logos[2:],
        None,
    ]


def test_logos_stay_as_they_are_where_no_base_is_known(read: Reader) -> None:
    [row] = read('#EXTINF:-1 tvg-logo="a.png",A', URL, base_url="http://list.invalid/")
    assert row["tvg_logo"] == "a.png"


# --- options, headers, groups -------------------------------------------------------------------


def test_options_belong_to_the_next_url_wherever_they_stand(read: Reader) -> None:
    rows = read(
        "#EXTM3U",
        "#KODIPROP:a=1",
        "#EXTINF:-1,A",
        "#EXTVLCOPT:b=2",
        "#EXTALB:An album",
        URL,
        "#EXTINF:-1,B",
        URL,
        "#WEBPROP:c=3",
        "#EXTINF:-1,C",
        URL,
    )
    assert [row["options"] for row in rows] == [
        ["#KODIPROP:a=1", "#EXTVLCOPT:b=2", "#EXTALB:An album"],
        [],
        ["#WEBPROP:c=3"],
    ]


def test_options_of_an_entry_that_is_left_out_are_not_the_next_ones(read: Reader) -> None:
    rows = read("#EXTINF:-1,A", "#EXTVLCOPT:a=1", "#EXTINF:-1,B", URL)
    assert rows[0]["options"] == []


def test_options_that_ask_for_headers_are_read_and_kept(read: Reader) -> None:
    options = ["#EXTVLCOPT:http-user-agent=VLC", '#EXTHTTP:{"Cookie":"a=b"}']
    [row] = read("#EXTINF:-1,A", *options, URL)
    assert row["options"] == options
    assert row["headers"] == [
        {"name": "User-Agent", "value": "VLC"},
        {"name": "Cookie", "value": "a=b"},
    ]


def test_headers_behind_the_url_are_read_and_become_options(read: Reader) -> None:
    [row] = read("#EXTINF:-1,A", "#EXTVLCOPT:x=1", f"{URL}|User-Agent=VLC&Origin=https://o.invalid")
    assert row["stream_url"] == URL
    assert row["headers"] == [
        {"name": "User-Agent", "value": "VLC"},
        {"name": "Origin", "value": "https://o.invalid"},
    ]
    assert row["options"] == [
        "#EXTVLCOPT:http-user-agent=VLC",
        '#EXTHTTP:{"Origin":"https://o.invalid"}',
        "#EXTVLCOPT:x=1",
    ]


def test_headers_among_the_attributes_come_last_and_stay_attributes(read: Reader) -> None:
    rows = read(
        '#EXTINF:-1 http-user-agent="A" http-referrer="R",A',
        "#EXTVLCOPT:http-user-agent=B",
        URL,
        '#EXTINF:-1 user-agent="C",B',
        URL,
    )
    assert rows[0]["headers"] == [
        {"name": "User-Agent", "value": "B"},
        {"name": "Referer", "value": "R"},
    ]
    assert [pair["name"] for pair in rows[0]["attributes"]] == ["http-user-agent", "http-referrer"]
    assert rows[1]["headers"] == [{"name": "User-Agent", "value": "C"}]


def test_a_group_line_holds_until_an_empty_one(read: Reader) -> None:
    rows = read(
        "#EXTINF:-1,A", "#EXTGRP:News", URL,
        "#EXTINF:-1,B", URL,
        "#EXTGRP:", "#EXTINF:-1,C", URL,
        "#EXTGRP: Sport ", "#EXTINF:-1,D", URL,
    )  # fmt: skip
    assert [row["group_title"] for row in rows] == ["News", "News", None, "Sport"]
    assert all(row["options"] == [] for row in rows)


def test_a_group_title_goes_before_a_group_line_and_ends_it(read: Reader) -> None:
    rows = read(
        "#EXTGRP:News",
        '#EXTINF:-1 group-title="Sport",A', URL,
        "#EXTINF:-1,B", URL,
        '#EXTINF:-1 group-title="Kids",C', "#EXTGRP:Children", URL,
    )  # fmt: skip
    assert [row["group_title"] for row in rows] == ["Sport", None, "Kids"]
    assert read.report.repaired == {OTHER_GROUP: 1}


def test_an_empty_group_title_leaves_the_word_to_the_group_line(read: Reader) -> None:
    rows = read(
        '#EXTINF:-1 group-title="",A', "#EXTGRP:News", URL,
        '#EXTINF:-1 group-title="News",B', "#EXTGRP:News", URL,
    )  # fmt: skip
    assert [row["group_title"] for row in rows] == ["News", "News"]
    assert read.report.repaired == {}


# --- URLs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "HTTPS://stream.invalid/1",
        "rtp://239.3.1.118:8001",
        "udp://@239.0.0.1:1234",
        "rtmp://stream.invalid/live playpath=x",
        "srt://stream.invalid:10000?mode=caller",
        "plugin://plugin.video.x/play",
        "http://stream.invalid/a b.ts",
    ],
)
def test_any_scheme_is_a_url(read: Reader, url: str) -> None:
    assert read("#EXTINF:-1,A", url)[0]["stream_url"] == url


@pytest.mark.parametrize(
    ("relative", "absolute"),
    [
        ("1.ts", "http://list.invalid/lists/1.ts"),
        ("../live/1?t=10:00", "http://list.invalid/live/1?t=10:00"),
        ("/1.ts", "http://list.invalid/1.ts"),
        ("//other.invalid/1", "http://other.invalid/1"),
    ],
)
def test_relative_urls_stand_below_the_list(read: Reader, relative: str, absolute: str) -> None:
    [row] = read("#EXTINF:-1,A", relative, base_url="http://list.invalid/lists/tv.m3u?token=1")
    assert row["stream_url"] == absolute


def test_relative_urls_of_a_file_are_left_out(read: Reader) -> None:
    read("#EXTINF:-1,A", "1.ts", "#EXTINF:-1,B", URL)
    assert read.report.rejected == {NO_BASE: 1}


@pytest.mark.parametrize("base_url", [None, "http://list.invalid/tv.m3u"])
@pytest.mark.parametrize(
    "line",
    ["[NO PUBLIC STREAM]", "coming soon...", "C:\\tv\\1.ts", "http:", "<br/>", "javascript:a"],
)
def test_a_line_that_is_no_url_is_left_out_once(
    read: Reader, line: str, base_url: str | None
) -> None:
    rows = read("#EXTINF:-1,A", line, "#EXTINF:-1,B", URL, "#EXTINF:-1,C", line, base_url=base_url)
    assert [row["name"] for row in rows] == ["B"]
    assert read.report.rejected == {NOT_A_URL: 2}
    assert read.troubles == [(2, NOT_A_URL), (6, NOT_A_URL)]


def test_an_entry_survives_junk_before_its_url(read: Reader) -> None:
    assert read("#EXTINF:-1,A", "second line of the name", URL)[0]["stream_url"] == URL


def test_quotes_around_a_url_are_taken_off(read: Reader) -> None:
    assert read("#EXTINF:-1,A", f'"{URL}')[0]["stream_url"] == URL
    assert read.report.repaired == {QUOTED_URL: 1}


# --- rows that are left out or mended -----------------------------------------------------------


def test_an_entry_without_a_url_is_left_out(read: Reader) -> None:
    rows = read("#EXTINF:-1,A", "#EXTINF:-1,B", URL, "#EXTINF:-1,C")
    assert [row["name"] for row in rows] == ["B"]
    assert read.troubles == [(1, NO_URL), (4, NO_URL)]


def test_a_url_without_an_entry_is_left_out_with_its_options(read: Reader) -> None:
    rows = read("#EXTM3U", "#EXTVLCOPT:a=1", URL, "#EXTINF:-1,A", URL, URL)
    assert len(rows) == 1
    assert rows[0]["options"] == []
    assert read.troubles == [(3, NO_ENTRY), (6, NO_ENTRY)]


def test_a_line_of_more_than_a_mebibyte_is_left_out(read: Reader) -> None:
    long = "x" * (lines_module.MAX_LINE + 1)
    rows = read("#EXTINF:-1,A", f"http://{long}", "#EXTINF:-1,B", URL, f"#EXTINF:-1,{long}", URL)
    assert [row["name"] for row in rows] == ["B"]
    assert read.report.rejected == {TOO_LONG_LINE: 2, NO_ENTRY: 1}


def test_a_broken_line_is_mended_and_reported(read: Reader) -> None:
    [row] = read('#EXTINF:-1 tvg-id="hd" hd" group-title="G",A', URL)
    assert (row["tvg_id"], row["group_title"], row["name"]) == ("hd", "G", "A")
    assert read.troubles == [(1, BROKEN)]


def test_an_attribute_that_comes_twice_is_reported(read: Reader) -> None:
    [row] = read('#EXTINF:-1 tvg-id="a" tvg-id="b",A', URL)
    assert row["tvg_id"] == "a"
    assert read.troubles == [(1, REPEATED)]


def test_every_problem_has_one_of_the_documented_names(read: Reader) -> None:
    read('#EXTINF:-1 a" b,A', "#EXTINF:-1 a=b", "junk", f'"{URL}', URL, "#EXTINF:-1,A", "x.ts")
    assert read.report.rejected.keys() <= set(REJECTED)
    assert read.report.repaired.keys() <= set(REPAIRED)


def test_many_bad_rows_are_counted_and_a_few_are_shown(read: Reader) -> None:
    read("#EXTINF:-1,A", URL, *["http://user:secret@stream.invalid/1?token=secret"] * 1000)
    assert read.report.rejected == {NO_ENTRY: 1000}
    assert len(read.report.samples) == SAMPLES
    assert all("secret" not in sample.excerpt for sample in read.report.samples)


# --- documents ----------------------------------------------------------------------------------


def test_a_packed_document_is_read(tmp_path: Path) -> None:
    plain = f"#EXTM3U\n#EXTINF:-1,A\n{URL}\n".encode()
    frames = [
        ingest_bytes(tmp_path, pack(plain))[0] for pack in (bytes, gzip.compress, lzma.compress)
    ]
    assert frames[0].equals(frames[1])
    assert frames[0].equals(frames[2])


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_the_encoding_is_found_out(tmp_path: Path, codec: str) -> None:
    document = f"#EXTM3U\r\n#EXTINF:-1,Télé Überall Ñ\r\n{URL}\r\n".encode(codec)
    assert ingest_bytes(tmp_path, document)[0]["name"].to_list() == ["Télé Überall Ñ"]


def test_a_name_cut_in_a_letter_spoils_no_other_name(tmp_path: Path) -> None:
    document = f"#EXTINF:-1,世界\n{URL}\n#EXTINF:-1,世".encode() + b"\xe7\n" + URL.encode()
    assert ingest_bytes(tmp_path, document)[0]["name"].to_list() == ["世界", "世\ufffd"]


def test_the_same_document_gives_the_same_bytes(tmp_path: Path) -> None:
    entries = "".join(
        f'#EXTINF:-1 tvg-id="{n}" a{n % 3}="x",N{n}\n#EXTVLCOPT:x={n}\n{URL}?{n}\n'
        for n in range(500)
    )
    files = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        folder.mkdir()
        ingest_bytes(folder, entries.encode())
        stage = sorted((folder / "stage").iterdir())
        files.append([(file.name, file.read_bytes()) for file in stage])
    assert [name for name, _ in files[0]] == ["channels.parquet", "report.json"]
    assert files[0] == files[1]


def test_the_report_is_stored_beside_the_rows(tmp_path: Path) -> None:
    _, report = ingest_bytes(tmp_path, f"#EXTM3U a=b\n#EXTINF:-1,A\n{URL}\n{URL}".encode())
    stored = (tmp_path / "stage" / "report.json").read_text()
    assert IngestReport.model_validate_json(stored) == report


@pytest.mark.parametrize("block", [1, 7, 64, 1000])
def test_where_blocks_end_makes_no_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    document = (
        "#EXTM3U\r\n#EXTGRP:News\r\n"
        + "".join(
            f'#EXTINF:-1 tvg-id="é{n % 7}",N{n % 5}\r\n#EXTVLCOPT:a={n}\r\n{URL}|X-N={n}\r\n\r\n'
            for n in range(60)
        )
    ).encode()
    whole = ingest_bytes(tmp_path, document)
    monkeypatch.setattr(lines_module, "BLOCK", block)
    monkeypatch.setattr("tvarr.ingest.document.HEAD", 40)
    cut = ingest_bytes(tmp_path, document)
    assert cut[0].equals(whole[0])
    assert cut[1] == whole[1]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("", Reason.EMPTY_ANSWER),
        ("#EXTM3U\n", Reason.EMPTY_ANSWER),
        ("#EXTM3U\n#EXTINF:-1,A\n", Reason.EMPTY_ANSWER),
        (f"{URL}\n{URL}\n", Reason.EMPTY_ANSWER),
        ("<!DOCTYPE html><html><body>Log in</body></html>", Reason.HTML_ANSWER),
        ('{"user_info": {"auth": 0}}', Reason.JSON_ANSWER),
        ("Access denied", Reason.NOT_A_PLAYLIST),
    ],
)
def test_a_document_without_channels_is_refused_until_it_is_better(
    tmp_path: Path, document: str, reason: Reason
) -> None:
    with pytest.raises(Transient) as caught:
        ingest_bytes(tmp_path, document.encode())
    assert caught.value.reason is reason
    assert not (tmp_path / "stage" / "channels.parquet").exists()


def test_a_refusal_says_why_no_entry_could_be_used(tmp_path: Path) -> None:
    with pytest.raises(Transient, match="entry without a URL: 2"):
        ingest_bytes(tmp_path, b"#EXTM3U\n#EXTINF:-1,A\n#EXTINF:-1,B\n")


@pytest.mark.parametrize(
    "line", ["#EXT-X-STREAM-INF:BANDWIDTH=1", "#EXT-X-TARGETDURATION:10\n#EXTINF:10,"]
)
def test_a_streams_own_playlist_is_refused_until_the_url_is_another(
    tmp_path: Path, line: str
) -> None:
    with pytest.raises(Stalled) as caught:
        ingest_bytes(tmp_path, f"#EXTM3U\n{line}\n{URL}\n".encode())
    assert caught.value.reason is Reason.HLS_PLAYLIST


def test_a_document_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "document"
    path.write_bytes(f"#EXTM3U\n#EXTINF:-1,A\n{URL}\n".encode() * 100)
    with pytest.raises(Transient) as caught:
        ingest(path, tmp_path, M3uOptions("tv", None, 1000))
    assert caught.value.reason is Reason.TOO_LARGE


# --- identity -----------------------------------------------------------------------------------

CHANNELS = st.lists(
    st.tuples(st.sampled_from(["", "a", "b"]), st.sampled_from(["One", "Two", "één", "Vier"])),
    min_size=1,
    max_size=12,
)


def playlist(channels: list[tuple[str, str]], token: str) -> bytes:
    return "".join(
        f'#EXTINF:-1 tvg-id="{tvg_id}",{name}\nhttp://stream.invalid/{n}?token={token}\n'
        for n, (tvg_id, name) in enumerate(channels)
    ).encode()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("identity")


@given(channels=CHANNELS)
def test_ids_are_unique_and_do_not_hang_on_urls(
    folder: Path, channels: list[tuple[str, str]]
) -> None:
    before = ingest_bytes(folder, playlist(channels, "old"))[0]["channel_id"]
    after = ingest_bytes(folder, playlist(channels, "new"))[0]["channel_id"]
    assert before.n_unique() == len(channels)
    assert after.to_list() == before.to_list()


@given(channels=CHANNELS, others=CHANNELS, data=st.data())
def test_ids_stay_while_other_entries_come_and_go(
    folder: Path,
    channels: list[tuple[str, str]],
    others: list[tuple[str, str]],
    data: st.DataObject,
) -> None:
    before = ingest_bytes(folder, playlist(channels, "t"))[0]["channel_id"].to_list()
    mixed = list(channels)
    for tvg_id, name in others:
        mixed.insert(data.draw(st.integers(0, len(mixed))), (tvg_id, f"other {name}"))
    after = ingest_bytes(folder, playlist(mixed, "t"))[0]
    stayed = after.filter(~pl.col("name").str.starts_with("other "))["channel_id"].to_list()
    assert stayed == before


# --- real playlists -----------------------------------------------------------------------------

EXPLAINED: dict[str, tuple[int, dict[str, int], str]] = {
    "m3u/dialects/cn_fmm_radio.m3u": (450, {NO_URL: 3}, "three entries have no URL"),
    "m3u/dialects/iptvnator_catchup_extgrp.m3u": (3, {NO_URL: 1}, "the last entry has no URL"),
    "m3u/dialects/ru_iptvru.m3u": (313, {NO_URL: 17}, "17 URLs were taken out"),
    "m3u/dialects/mx_lista.m3u": (244, {NO_ENTRY: 1}, "one URL stands without an entry"),
    "m3u/freetv_all.m3u8": (2031, {NOT_A_URL: 9}, "nine say [NO PUBLIC STREAM] instead"),
}
"""Playlists of which not every #EXTINF has a URL: entries, rows left out, why."""

SEVERAL = {
    "m3u/dialects/ru_iptvru.m3u": {BROKEN: 1},
    "m3u/dialects/cn_fmm_radio.m3u": {QUOTED_URL: 1},
}
"""Playlists with rows to mend."""


def real_playlists(real_data: Path) -> list[tuple[str, int, int]]:
    """Return path, #EXTINF and URLs of every playlist in the manifest."""
    with (real_data / "MANIFEST.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] == "m3u"]
    counts = [
        row["entries"].replace(" EXTINF / ", " ").removesuffix(" URLs").split() for row in rows
    ]
    return [(row["path"], int(n[0]), int(n[1])) for row, n in zip(rows, counts, strict=True)]


def test_every_real_playlist_has_the_entries_that_its_manifest_tells(
    real_data: Path, tmp_path: Path
) -> None:
    playlists = real_playlists(real_data)
    assert len(playlists) >= 20
    for path, entries, urls in playlists:
        if "not_a_playlist" in path:
            continue
        stage = tmp_path / path.replace("/", "_")
        stage.mkdir()
        report = ingest(real_data / path, stage, M3uOptions("tv", None, MAX_SIZE))
        expected, left_out, _ = EXPLAINED.get(path, (entries, {}, ""))
        assert (path, report.channels, report.rejected) == (path, expected, left_out)
        assert path in EXPLAINED or entries == urls
        assert (path, report.repaired) == (path, SEVERAL.get(path, {}))


def test_a_real_hls_playlist_is_refused(real_data: Path, tmp_path: Path) -> None:
    document = real_data / "m3u" / "dialects" / "hls_master_not_a_playlist.m3u8"
    with pytest.raises(Stalled) as caught:
        ingest(document, tmp_path, M3uOptions("tv", None, MAX_SIZE))
    assert caught.value.reason is Reason.HLS_PLAYLIST


def real_rows(real_data: Path, tmp_path: Path, path: str) -> pl.DataFrame:
    ingest(real_data / "m3u" / path, tmp_path, M3uOptions("tv", None, MAX_SIZE))
    return pl.read_parquet(tmp_path / "channels.parquet")


def test_the_dialects_of_real_playlists_are_understood(real_data: Path, tmp_path: Path) -> None:
    def rows(path: str) -> pl.DataFrame:
        return real_rows(real_data, tmp_path, path)

    chinese = rows("cn_burningc4.m3u")
    assert chinese["tvg_logo"].str.starts_with("https://iptv.burningc4.com/tvg-logo/").all()

    pipes = rows("dialects/iptvorg_test_nl_pipes.m3u")
    assert pipes.row(0, named=True)["stream_url"].endswith("/playlist.m3u8?")
    assert [pair["name"] for pair in pipes["headers"][0]] == ["Referer", "User-Agent", "Origin"]

    mexican = rows("dialects/mx_lista.m3u")
    assert mexican.filter(name="America TV (720p)")["headers"][0][0]["name"] == "User-Agent"

    assert set(rows("dialects/ru_extgrp_tvgrec_sample.m3u")["group_title"]) == {"кино", "новости"}
    assert rows("dialects/de_kodinerds_dash.m3u")["options"].list.len().sum() == 40
    assert rows("dialects/cn_fmm_radio.m3u")["radio"].all()
    assert (
        rows("dialects/ru_iptvru.m3u").filter(tvg_id="nano-hd")["group_title"].is_not_null().all()
    )
    commas = rows("dialects/ipytv_unencoded_logo.m3u")
    assert commas["name"].to_list() == ["Vacanze 83", "Vacanze 90", "Vacanze 91", "Vacanze 95"]
    italian = rows("dialects/variant_latin1.m3u")
    assert not italian["name"].str.contains("\ufffd").any()
    assert (rows("fast/plex_all.m3u")["channel_number"] == "").any()
