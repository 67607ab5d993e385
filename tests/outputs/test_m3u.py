"""A written playlist says all that was read, and nothing in it can be more than it is."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any
from unicodedata import category

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import builders
from tests.builders import channel
from tvarr.ingest.m3u import M3uOptions, ingest
from tvarr.outputs import m3u
from tvarr.pipeline import merge, numbering
from tvarr.pipeline.build import Lineup
from tvarr.pipeline.match import MATCHES
from tvarr.spec.lineup import Numbering

if TYPE_CHECKING:
    from pathlib import Path

GUIDE = "http://tvarr.invalid/family/guide.xml.gz"
URL = "http://stream.invalid/1.ts"


def lineup_of(channels: pl.DataFrame, start: int = 1) -> Lineup:
    numbered = numbering.number(channels, Numbering(start=start)).channels
    return Lineup(merge.with_guide_ids(numbered), pl.DataFrame(schema=MATCHES))


def write(folder: Path, lineup: Lineup, guide_url: str | None = GUIDE) -> str:
    path = folder / "playlist.m3u"
    m3u.write(lineup, path, guide_url)
    return path.read_bytes().decode()


def write_rows(folder: Path, *rows: builders.Row) -> list[str]:
    """Return the lines of the playlist of these channels, without the header."""
    header, *lines, end = write(folder, lineup_of(builders.channels(*rows))).split("\n")
    assert header.startswith("#EXTM3U")
    assert end == ""
    return lines


def read(folder: Path, document: str) -> pl.DataFrame:
    (folder / "document").write_bytes(document.encode())
    ingest(folder / "document", folder, M3uOptions("tv", None, 1 << 26))
    return pl.read_parquet(folder / "channels.parquet")


# --- what is written ----------------------------------------------------------------------------


def test_an_entry_is_written_with_all_that_is_known_of_it(tmp_path: Path) -> None:
    row = channel(
        "BBC One",
        "bbc1.uk",
        tvg_name="BBC_One",
        tvg_logo="http://logo.invalid/1.png",
        group_title="UK;News",
        channel_number="101",
        tvg_shift="-1",
        tvg_language="English",
        tvg_country="UK",
        radio=True,
        catchup="append",
        catchup_days="7",
        catchup_source="?utc={utc}",
        attributes=[{"name": "channel-id", "value": "x"}, {"name": "tvg-rec", "value": ""}],
        options=["#EXTVLCOPT:http-user-agent=VLC", "#KODIPROP:a=b"],
    )
    lineup = lineup_of(builders.channels(row), start=7)
    assert write(tmp_path, lineup).split("\n") == [
        f'#EXTM3U url-tvg="{GUIDE}" x-tvg-url="{GUIDE}"',
        '#EXTINF:-1 tvg-id="bbc1.uk" tvg-name="BBC_One" tvg-logo="http://logo.invalid/1.png" '
        'group-title="UK;News" tvg-chno="7" tvg-shift="-1" tvg-language="English" '
        'tvg-country="UK" radio="true" catchup="append" catchup-days="7" '
        'catchup-source="?utc={utc}" channel-id="x" tvg-rec="",BBC One',
        "#EXTVLCOPT:http-user-agent=VLC",
        "#KODIPROP:a=b",
        URL,
        "",
    ]


def test_what_the_provider_did_not_say_is_not_written(tmp_path: Path) -> None:
    entry, url = write_rows(tmp_path, channel("A", "a", radio=None, tvg_name=""))
    assert entry == '#EXTINF:-1 tvg-id="a" tvg-name="" tvg-chno="1",A'
    assert url == URL


def test_a_channel_without_a_tvg_id_is_known_by_its_own(tmp_path: Path) -> None:
    row = channel("A", channel_id="tv.0123456789abcdef")
    assert write_rows(tmp_path, row)[0].startswith('#EXTINF:-1 tvg-id="tv.0123456789abcdef" ')


def test_a_playlist_without_a_guide_names_none(tmp_path: Path) -> None:
    assert write(tmp_path, lineup_of(builders.channels()), None) == "#EXTM3U\n"


def test_numbers_and_ids_of_the_provider_do_not_speak_against_ours(tmp_path: Path) -> None:
    names = ["TVG-ID", "tvg-chno", "ch-number", "Channel-Number", "x"]
    row = channel("A", "a", radio=None, attributes=[{"name": n, "value": "5"} for n in names])
    assert write_rows(tmp_path, row)[0] == '#EXTINF:-1 tvg-id="a" tvg-chno="1" x="5",A'


@pytest.mark.parametrize(
    ("duration", "written"),
    [("-1", "-1"), ("0", "0"), ("123.5", "123.5"), ("", "-1"), (None, "-1"), ('5",x', "-1")],
)
def test_a_duration_is_a_number(tmp_path: Path, duration: str | None, written: str) -> None:
    [entry, _] = write_rows(tmp_path, channel("A", duration=duration))
    assert entry.startswith(f"#EXTINF:{written} tvg-id=")


def test_the_gzip_beside_holds_the_same(tmp_path: Path) -> None:
    text = write(tmp_path, lineup_of(builders.channels(channel("A"))))
    assert gzip.decompress((tmp_path / "playlist.m3u.gz").read_bytes()).decode() == text


def test_the_same_lineup_gives_the_same_bytes(tmp_path: Path) -> None:
    lineup = lineup_of(builders.channels(*(channel(f"N{n}") for n in range(50))))
    files = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        folder.mkdir()
        write(folder, lineup)
        files.append([path.read_bytes() for path in sorted(folder.iterdir())])
    assert files[0] == files[1]


def test_where_blocks_end_makes_no_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lineup = lineup_of(builders.channels(*(channel(f"N{n}", options=["#A:1"]) for n in range(20))))
    whole = write(tmp_path, lineup)
    monkeypatch.setattr(m3u, "_BLOCK", 3)
    assert write(tmp_path, lineup) == whole


# --- hostile values -----------------------------------------------------------------------------


def test_quotes_and_line_ends_cannot_leave_their_attribute(tmp_path: Path) -> None:
    evil = 'a" tvg-id="b\n#EXTINF:-1,Evil\nhttp://evil.invalid/\r\x85\u2028'
    row = channel("A", "a", group_title=evil, attributes=[{"name": "x", "value": evil}])
    [entry, url] = write_rows(tmp_path, row)
    safe = "a' tvg-id='b #EXTINF:-1,Evil http://evil.invalid/   "
    assert f'group-title="{safe}"' in entry
    assert f'x="{safe}"' in entry
    assert url == URL


def test_line_ends_cannot_leave_a_name_an_option_or_a_url(tmp_path: Path) -> None:
    row = channel(
        "A\nhttp://evil.invalid/",
        options=["#EXTVLCOPT:a=1\nhttp://evil.invalid/"],
        stream_url="http://stream.invalid/\r\n#EXTINF:-1,Evil\n1.ts",
    )
    assert write_rows(tmp_path, row)[0].endswith(",A http://evil.invalid/")
    assert write_rows(tmp_path, row)[1:] == [
        "#EXTVLCOPT:a=1 http://evil.invalid/",
        "http://stream.invalid/#EXTINF:-1,Evil1.ts",
    ]


def test_an_option_can_be_neither_an_entry_nor_a_url(tmp_path: Path) -> None:
    options = ["#EXTINF:-1,Evil", "#extm3u", "http://evil.invalid/", "", "#EXT-X-OK", "#A:1"]
    assert write_rows(tmp_path, channel("A", options=options))[1:-1] == ["#EXT-X-OK", "#A:1"]


def test_a_url_cannot_be_a_comment(tmp_path: Path) -> None:
    assert write_rows(tmp_path, channel("A", stream_url="# #EXTINF:-1,A"))[-1] == "EXTINF:-1,A"


def test_the_name_of_an_attribute_is_one_word(tmp_path: Path) -> None:
    names = ['a b="c', "\n", "="]
    row = channel("A", "a", radio=None, attributes=[{"name": n, "value": "v"} for n in names])
    assert write_rows(tmp_path, row)[0] == '#EXTINF:-1 tvg-id="a" tvg-chno="1" abc="v",A'


# --- there and back again -----------------------------------------------------------------------

OURS = ["channel_id", "tvg_id", "channel_number", "line", "duration"]
"""Columns that are the lineup's own, or stand elsewhere, in the written playlist."""


def assert_nothing_lost(folder: Path, before: pl.DataFrame) -> None:
    lineup = lineup_of(before).channels
    after = read(folder, write(folder, Lineup(lineup, pl.DataFrame(schema=MATCHES))))
    assert (
        after.drop(OURS).to_dicts() == expected(lineup.select(after.columns)).drop(OURS).to_dicts()
    )
    assert after["tvg_id"].to_list() == lineup["guide_id"].to_list()
    assert after["channel_number"].to_list() == lineup["number"].to_list()


def expected(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with what a playlist cannot hold replaced."""
    return pl.DataFrame([_safe_row(row) for row in rows.iter_rows(named=True)], schema=rows.schema)


def _safe_row(row: dict[str, Any]) -> dict[str, Any]:
    safe: dict[str, Any] = {
        name: _one_line(value).replace('"', "'") if isinstance(value, str) else value
        for name, value in row.items()
    }
    safe["name"] = _one_line(row["name"]).strip()
    safe["stream_url"] = "".join(c for c in row["stream_url"] if _one_line(c) == c)
    safe["options"] = [_one_line(option).strip() for option in row["options"]]
    for column in ("attributes", "headers"):
        safe[column] = [
            {"name": p["name"], "value": _one_line(p["value"]).replace('"', "'")}
            for p in row[column]
        ]
    safe["headers"] = [
        {"name": p["name"], "value": _one_line(p["value"]).strip()} for p in row["headers"]
    ]
    return safe


def _one_line(text: str) -> str:
    return "".join(" " if category(c) in ("Cc", "Zl", "Zp") and c != "\t" else c for c in text)


# among the letters: what str.splitlines, JavaScript or a terminal takes for the end of a line
TEXT = st.text(st.sampled_from([*"ab1,=;|&'\"<#: é\u2028\x85\t{}%", "\U0001f4fa"]), max_size=10)
QUOTED = TEXT.map(lambda text: text.replace('"', ""))
NAMES = st.sampled_from(
    ["tvg-name", "tvg-logo", "group-title", "tvg-chno", "tvg-shift", "tvg-language", "tvg-country",
     "radio", "catchup", "catchup-days", "catchup-source", "channel-id", "X", "adult", "url",
     "http-user-agent", "tvg-id", "Tvg-Name"]
)  # fmt: skip
NO_HEADERS = NAMES.filter(lambda name: not name.startswith("http"))
OPTIONS = st.one_of(
    st.builds("#EXTVLCOPT:{}={}".format, st.sampled_from(["http-user-agent", "a"]), QUOTED),
    st.builds("#KODIPROP:{}".format, TEXT),
    st.builds('#EXTHTTP:{{"{}":"{}"}}'.format, st.sampled_from(["Cookie", "b"]), QUOTED),
    st.builds("#EXTGRP:{}".format, QUOTED),
    st.builds("#EXT-X-{}".format, TEXT),
)
SUFFIXES = st.one_of(st.just(""), st.builds("|User-Agent={}&X-A={}".format, QUOTED, QUOTED))
ENTRIES = st.builds(
    "#EXTINF:{}{},{}\n{}\nhttp://stream.invalid/{}{}\n".format,
    st.sampled_from(["-1", "0", ""]),
    st.lists(
        st.one_of(
            st.builds(' {}="{}"'.format, NAMES, QUOTED),
            st.builds(" {}='{}'".format, NO_HEADERS, TEXT.map(lambda text: text.replace("'", ""))),
        ),
        max_size=5,
    ).map("".join),
    TEXT,
    st.lists(OPTIONS, max_size=3).map("\n".join),
    TEXT,
    SUFFIXES,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("there-and-back")


@given(st.lists(ENTRIES, min_size=1, max_size=5).map("".join))
def test_a_playlist_that_was_read_and_written_reads_the_same(folder: Path, document: str) -> None:
    rows = read(folder, document)
    named = rows.with_columns(pl.col("name").replace("", "Nameless"))
    assert_nothing_lost(folder, named)


HOSTILE = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(
    st.lists(
        st.fixed_dictionaries(
            {"name": HOSTILE, "stream_url": HOSTILE},
            optional=dict.fromkeys(("tvg_id", "tvg_name", "tvg_logo", "group_title"), HOSTILE)
            | {
                "options": st.lists(HOSTILE, max_size=2),
                "attributes": st.lists(
                    st.fixed_dictionaries({"name": HOSTILE, "value": HOSTILE}), max_size=2
                ),
                "duration": HOSTILE,
            },
        ),
        max_size=5,
    )
)
def test_no_text_at_all_makes_more_or_fewer_entries(folder: Path, rows: list[builders.Row]) -> None:
    text = write(folder, lineup_of(builders.channels(*rows)))
    lines = text.splitlines()
    assert text.count("\n") == len(lines)
    assert sum(line.startswith("#EXTINF") for line in lines) == len(rows)
    assert sum(not line.startswith("#") for line in lines) == len(rows)


@pytest.mark.parametrize(
    "path",
    [
        "fast/plex_all.m3u",
        "fast/samsungtvplus_all.m3u",
        "iptv-org_all-streams.m3u",
        "freetv_all.m3u8",
        "cn_burningc4.m3u",
        "dialects/mx_lista.m3u",
        "dialects/ru_iptvru.m3u",
        "dialects/ru_extgrp_tvgrec_sample.m3u",
        "dialects/iptvorg_test_nl_pipes.m3u",
        "dialects/de_kodinerds_kodi.m3u",
        "dialects/threadfin_test_list.m3u",
    ],
)
def test_a_real_playlist_that_was_read_and_written_reads_the_same(
    real_data: Path, tmp_path: Path, path: str
) -> None:
    ingest(real_data / "m3u" / path, tmp_path, M3uOptions("tv", None, 1 << 26))
    assert_nothing_lost(tmp_path, pl.read_parquet(tmp_path / "channels.parquet"))
