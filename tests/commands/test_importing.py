"""`tvarr import m3u`: any playlist as YAML that loads and says the same."""

from __future__ import annotations

import gzip
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from tvarr import cli
from tvarr.commands import importing
from tvarr.config.load import load_manifest
from tvarr.ingest import manual
from tvarr.ingest.collect import Collected
from tvarr.ingest.m3u import M3uOptions, ingest
from tvarr.spec.source import MOST_CHANNELS, ManualSource

if TYPE_CHECKING:
    from typer.testing import Result

SAID = ("name", "stream_url", "group_title", "tvg_logo", "channel_number", "tvg_id", "headers")
"""Columns that a declared channel has a field for."""

ENTRY = (
    '#EXTINF:-1 tvg-id="radio.example" tvg-logo="https://radio.invalid/logo.png"'
    ' group-title="Radio" tvg-chno="5.10",Radio "Example": it\'s #1\n'
    "#EXTVLCOPT:http-referrer=https://radio.invalid/\n"
    "https://user:secret@radio.invalid/live.mp3?a=b\n"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in list(os.environ):
        if name.upper().startswith("TVARR_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["import", "m3u", *arguments])


def printed(folder: Path, *lines: str, name: str = "list.m3u") -> Result:
    """Import a playlist of these lines."""
    (folder / name).write_text("\n".join(("#EXTM3U", *lines, "")), encoding="utf-8")
    return call(name)


def loaded(yaml: str) -> dict[str, ManualSource]:
    """Return the sources that the YAML declares."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tvarr.yaml"
        path.write_text(yaml, encoding="utf-8")
        found = load_manifest(path, {})
    assert [str(problem) for problem in found.problems] == []
    assert found.manifest is not None
    sources: Any = found.manifest.sources
    return dict(sources)


def read_again(yaml: str) -> list[dict[str, Any]]:
    """Return the channels that come of the YAML, as they are in the catalog."""
    [(name, source)] = loaded(yaml).items()
    with tempfile.TemporaryDirectory() as stage:
        manual.read(Collected(), Path(stage), name, source)
        return pl.read_parquet(Path(stage) / "channels.parquet").select(SAID).to_dicts()


def test_a_channel_is_printed_for_a_person_to_paste(folder: Path) -> None:
    result = printed(folder, ENTRY)

    assert result.stdout == (
        "# 1 channel\n"
        "sources:\n"
        "  list:\n"
        "    kind: manual\n"
        "    channels:\n"
        '      - name: "Radio \\"Example\\": it\'s #1"\n'
        "        url: https://user:secret@radio.invalid/live.mp3?a=b\n"
        "        group: Radio\n"
        "        logo: https://radio.invalid/logo.png\n"
        '        number: "5.10"\n'
        "        tvg_id: radio.example\n"
        "        headers:\n"
        "          Referer: https://radio.invalid/\n"
    )
    assert result.stderr == ""
    assert result.exit_code == 0


def test_all_that_can_be_said_comes_back(folder: Path) -> None:
    assert read_again(printed(folder, ENTRY).stdout) == [
        {
            "name": 'Radio "Example": it\'s #1',
            "stream_url": "https://user:secret@radio.invalid/live.mp3?a=b",
            "group_title": "Radio",
            "tvg_logo": "https://radio.invalid/logo.png",
            "channel_number": "5.10",
            "tvg_id": "radio.example",
            "headers": [{"name": "Referer", "value": "https://radio.invalid/"}],
        }
    ]


@pytest.mark.parametrize(
    "name",
    [
        "24", "007", "5.1", "1e3", "0x1F", "yes", "No", "null", "~", "true", "2026-08-22", "12:30",
        "- dash", "? ask", ": colon", "a: b", "a #b", "#b", "!secret x", "&a", "*a", "[x]", "{x}",
        "%x", "@x", "`x`", "'x'", '"x"', "back\\slash", "tab\tin", "世界", "é", "😀", "x" * 900,
        "|", ">", "|-", "---", "...", "<<", "=", "a,b",
    ],
)  # fmt: skip
def test_no_name_is_misread(folder: Path, name: str) -> None:
    [channel] = read_again(printed(folder, f"#EXTINF:-1,{name}", "http://s.invalid/1").stdout)

    assert channel["name"] == name.replace("\t", " ")


def test_what_cannot_be_seen_is_no_part_of_a_name(folder: Path) -> None:
    [channel] = read_again(
        printed(folder, "#EXTINF:-1,BBC\u200b\u00a0One\u2060", "http://s.invalid/1").stdout
    )

    assert channel["name"] == "BBC One"


def test_the_number_is_a_text_where_it_would_be_another_number(folder: Path) -> None:
    lines = [
        line
        for number in ("7", "007", "5.10", "5.1")
        for line in (f'#EXTINF:-1 tvg-chno="{number}",A', "http://s.invalid/1")
    ]
    channels = read_again(printed(folder, *lines).stdout)

    assert [channel["channel_number"] for channel in channels] == ["7", "007", "5.10", "5.1"]


def test_an_address_that_no_source_can_have_is_left_out_and_told(folder: Path) -> None:
    result = printed(
        folder, "#EXTINF:-1,A", "plugin://x/y", "#EXTINF:-1,B", "http://s.invalid/1", "#EXTINF:-1,C"
    )

    assert [channel["name"] for channel in read_again(result.stdout)] == ["B"]
    assert result.stderr == (
        "tvarr: left out (entry without a URL: 1, an address that no source can have: 1)\n"
    )


def test_what_does_not_fit_costs_itself_only(folder: Path) -> None:
    result = printed(
        folder,
        '#EXTINF:-1 tvg-logo="logos/a.png" tvg-chno="A1" tvg-id="a" catchup="xc",A',
        '#EXTHTTP:{"X-Good": "1", "User-Agent": "' + "x" * 9000 + '"}',
        "http://s.invalid/1",
    )
    [channel] = read_again(result.stdout)

    assert (channel["tvg_logo"], channel["channel_number"]) == (None, None)
    assert channel["tvg_id"] == "a"
    assert channel["headers"] == [{"name": "X-Good", "value": "1"}]
    told = result.stderr
    assert told.startswith("tvarr: not kept, as a declared channel has no such field (")
    for fact in ("catchup: 1", "logo that is no http address: 1", "header that cannot be sent: 1"):
        assert fact in told


def test_the_source_is_called_like_the_file(folder: Path) -> None:
    for file, name in (("My List (UK).m3u8", "my-list-uk"), ("世界.m3u", "imported")):
        result = printed(folder, "#EXTINF:-1,A", "http://s.invalid/1", name=file)
        assert list(loaded(result.stdout)) == [name]


def test_the_source_may_be_called_otherwise(folder: Path) -> None:
    (folder / "a.m3u").write_text(ENTRY)

    assert list(loaded(call("a.m3u", "--name", "house").stdout)) == ["house"]
    wrong = call("a.m3u", "--name", "The House")
    assert wrong.exit_code == 2
    assert "--name: a name is made of a-z" in wrong.stderr


def test_a_packed_playlist_is_read(folder: Path) -> None:
    (folder / "a.m3u.gz").write_bytes(gzip.compress(ENTRY.encode()))

    assert list(loaded(call("a.m3u.gz").stdout)) == ["a"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot be read"),
        ("<html><body>x</body></html>", "a web page (HTML)"),
        ("#EXTM3U\n#EXTINF:-1,A\nplugin://x/y\n", "no channel of it can be declared"),
    ],
)
def test_what_is_no_playlist_is_one_sentence(folder: Path, content: str | None, told: str) -> None:
    if content is not None:
        (folder / "a.m3u").write_text(content)
    result = call("a.m3u")

    assert result.exit_code == 1
    assert result.stdout == ""
    assert told in result.stderr
    assert result.stderr.count("\n") == 1


def a_list(count: int) -> str:
    return "".join(f"#EXTINF:-1,Channel {n}\nhttp://s.invalid/{n}\n" for n in range(count))


@pytest.mark.slow
def test_as_many_channels_as_a_source_can_have_are_printed(folder: Path) -> None:
    (folder / "a.m3u").write_text(a_list(MOST_CHANNELS))

    [source] = loaded(call("a.m3u").stdout).values()
    assert len(source.channels) == MOST_CHANNELS


@pytest.mark.parametrize("content", [a_list(MOST_CHANNELS + 1), ENTRY * 7_500])
def test_more_are_better_declared_as_a_playlist(folder: Path, content: str) -> None:
    (folder / "a.m3u").write_text(content)
    result = call("a.m3u")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "declare the playlist itself, with `kind: m3u`" in result.stderr


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


@given(names=st.lists(TEXT, min_size=1, max_size=5), header=TEXT)
def test_whatever_a_row_says_is_valid(names: list[str], header: str) -> None:
    found = importing.Declarable()
    for name in names:
        found.add(
            dict.fromkeys((*SAID, *importing._UNSAID))
            | {
                "name": name,
                "stream_url": f"http://s.invalid/{name}",
                "group_title": name,
                "tvg_id": name,
                "channel_number": name,
                "tvg_logo": f"http://s.invalid/{name}",
                "headers": [{"name": header, "value": name}, {"name": "X", "value": name}],
            }
        )

    assert len(found.channels) + sum(found.left_out.values()) == len(names)
    if found.channels:
        [source] = loaded(importing._rendered("list", found.channels, Path("a"))).values()
        assert [channel.name for channel in source.channels] == [
            channel["name"] for channel in found.channels
        ]


def test_real_playlists_come_back_as_they_are(real_data: Path, folder: Path) -> None:
    paths = sorted((real_data / "m3u" / "dialects").glob("*.m3u"))
    assert len(paths) >= 15
    for path in paths:
        result = call(str(path))
        assert result.exit_code == 0, (path.name, result.stderr)
        ingest(path, folder, M3uOptions("tv", None, importing.MAX_SIZE))
        rows = pl.read_parquet(folder / "channels.parquet").select(SAID).to_dicts()
        was = [(importing._one_line(row["name"]), row["stream_url"]) for row in rows]
        channels = read_again(result.stdout)
        kept = [(channel["name"], channel["stream_url"]) for channel in channels]
        assert set(kept) <= set(was), path.name
        assert len(was) - len(kept) <= len(was) // 50, path.name
        headers = [channel["headers"] for channel in channels if channel["headers"]]
        assert headers == [row["headers"] for row in rows if row["headers"]], path.name
