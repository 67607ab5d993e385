"""The address that a channel's logo is written with."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

import polars as pl
import pytest

from tests import builders
from tests.builders import channel, guide_channel
from tvarr.catalog.logo_ids import path_of_declared
from tvarr.catalog.logos import LINKS, Links, folder_beside, links_file, read_links
from tvarr.outputs import logos
from tvarr.outputs.report import read_report
from tvarr.outputs.revision import write_revision
from tvarr.pipeline.build import BuildInput, build_key

if TYPE_CHECKING:
    from pathlib import Path

BASE = "http://tv.lan"
ONE, TWO = "http://h.invalid/one.png", "http://h.invalid/two.png"
ROWS = (
    channel("One", "one", tvg_logo=ONE),
    channel("Two", "two", tvg_logo=TWO),
    channel("Bare", "bare", tvg_logo=" "),
)
GUIDES = "http://g.invalid/one.png?a=1&b=2"
ICON = '<icon src="http://g.invalid/one.png?a=1&amp;b=2" width="9"/>'


def links(*rows: tuple[str | None, str | None, str | None], digest: str = "d") -> Links:
    stream = BytesIO()
    pl.DataFrame(list(rows), schema=LINKS, orient="row").write_parquet(stream)
    return Links(digest, stream.getvalue())


def with_icon(name: str, icon: str | None = GUIDES) -> builders.Row:
    inner = f"<display-name>{name}</display-name>{ICON if icon else ''}"
    return {**guide_channel(name.lower(), inner=inner), "icon": icon}


def given(
    tmp_path: Path, mode: str = "cache", table: Links | None = None, icon: str | None = GUIDES
) -> BuildInput:
    source = builders.source(tmp_path, *ROWS)
    guide = builders.guide(tmp_path, declared=(with_icon("One", icon), with_icon("Bare", icon)))
    build = builders.build_input(guide, sources=(source,), logos=mode)
    return replace(build, links=table)


def written(build: BuildInput, tmp_path: Path) -> tuple[str, str]:
    """Return the playlist and the guide."""
    folder = tmp_path / "out"
    folder.mkdir()
    write_revision(build, folder, BASE)
    return (folder / "playlist.m3u").read_text(), (folder / "guide.xml").read_text()


def test_a_picture_that_is_there_is_linked_and_others_are_the_providers(tmp_path: Path) -> None:
    playlist, guide = written(given(tmp_path, table=links((ONE, None, "aa"))), tmp_path)
    assert f'tvg-logo="{BASE}/logos/aa.png"' in playlist
    assert ONE not in playlist
    assert f'tvg-logo="{TWO}"' in playlist
    assert f'<icon src="{BASE}/logos/aa.png"/>{ICON}' in guide
    report = read_report(tmp_path / "out")
    assert (report.logos, report.names_server) == (1, True)


def test_a_placeholder_is_for_those_who_have_nothing(tmp_path: Path) -> None:
    table = links((TWO, None, None), (None, "Two", "22"), (None, "Bare", "bb"), (None, "One", "11"))
    playlist, guide = written(given(tmp_path, table=table, icon=None), tmp_path)
    assert f'tvg-logo="{ONE}"' in playlist
    assert f'tvg-logo="{BASE}/logos/22.png"' in playlist
    assert f'tvg-logo="{BASE}/logos/bb.png"' in playlist
    assert f'<icon src="{BASE}/logos/bb.png"/>' in guide
    assert f'<icon src="{BASE}/logos/22.png"/>' in guide
    report = read_report(tmp_path / "out")
    assert (report.logos, report.guide_logos, report.initials) == (2, 0, 2)


def logos_of(playlist: str) -> dict[str, str]:
    return {name: logo for logo, name in re.findall(r'tvg-logo="([^"]*)"[^,]*,(\w+)\n', playlist)}


def test_the_icon_of_a_guide_comes_after_the_providers_logo_and_before_initials(
    tmp_path: Path,
) -> None:
    table = links(
        (ONE, None, None), (GUIDES, None, "99"), (None, "Bare", "bb"), (None, "Two", "22")
    )
    playlist, guide = written(given(tmp_path, table=table), tmp_path)
    kept = f"{BASE}/logos/99.png"
    assert logos_of(playlist) == {"One": kept, "Two": TWO, "Bare": kept}
    assert guide.count(f'<icon src="{kept}"/>') == 2
    assert "g.invalid" not in guide
    assert "logos/bb.png" not in guide
    report = read_report(tmp_path / "out")
    assert (report.logos, report.guide_logos, report.initials) == (2, 2, 0)


def test_the_icon_of_a_guide_that_is_no_picture_gives_way_to_initials(tmp_path: Path) -> None:
    table = links((GUIDES, None, None), (None, "Bare", "bb"))
    playlist, guide = written(given(tmp_path, table=table), tmp_path)
    assert logos_of(playlist)["Bare"] == f"{BASE}/logos/bb.png"
    assert "g.invalid" not in guide
    assert f'<icon src="{BASE}/logos/bb.png"/>' in guide


def test_a_guide_that_alone_has_pictures_of_tvarrs_own_names_the_server(tmp_path: Path) -> None:
    build = given(tmp_path, table=links((GUIDES, None, "99")))
    source = builders.source(tmp_path / "other", ROWS[0])
    written(replace(build, sources=(source,)), tmp_path)
    report = read_report(tmp_path / "out")
    assert (report.logos, report.names_server) == (0, True)


@pytest.mark.parametrize("mode", ["link", "cache"])
def test_a_channel_without_logo_is_linked_to_the_icon_of_its_guide(
    tmp_path: Path, mode: str
) -> None:
    playlist, guide = written(given(tmp_path, mode), tmp_path)
    assert logos_of(playlist) == {"One": ONE, "Two": TWO, "Bare": GUIDES}
    assert guide.count(ICON) == 2
    assert not read_report(tmp_path / "out").names_server


def test_where_nothing_is_known_yet_all_is_the_providers(tmp_path: Path) -> None:
    playlist, _ = written(given(tmp_path), tmp_path)
    assert f'tvg-logo="{ONE}"' in playlist
    assert not read_report(tmp_path / "out").names_server


def test_none_writes_none_anywhere(tmp_path: Path) -> None:
    playlist, guide = written(given(tmp_path, "none"), tmp_path)
    assert "tvg-logo" not in playlist
    assert "<icon" not in guide


def test_the_kept_lineup_has_the_providers_addresses(tmp_path: Path) -> None:
    written(given(tmp_path, table=links((ONE, None, "aa"))), tmp_path)
    kept = pl.read_parquet(tmp_path / "out" / "lineup.parquet")
    assert kept["tvg_logo"].to_list() == [ONE, TWO, " "]
    assert kept["guide_icon"].to_list() == [GUIDES, None, GUIDES]


def test_a_table_that_changes_makes_another_build(tmp_path: Path) -> None:
    build = given(tmp_path)
    keys = {
        build_key(replace(build, links=one), BASE) for one in (None, links(), links(digest="e"))
    }
    assert len(keys) == 3


def test_pictures_declared_in_the_yaml_as_files_name_the_server(tmp_path: Path) -> None:
    build = given(tmp_path, "link")
    other_port = f"http://127.0.0.1:1{path_of_declared('a')}"
    assert not logos.are_declared(replace(build, logos=(("a", "http://h/a.png"),)))
    assert logos.are_declared(replace(build, logos=(("a", other_port),)))


@pytest.mark.parametrize("content", [None, b"", b"PAR1"])
def test_a_table_that_is_missing_or_damaged_is_none(tmp_path: Path, content: bytes | None) -> None:
    folder = folder_beside(tmp_path / "snapshots")
    file = links_file(folder, "family")
    file.parent.mkdir(parents=True)
    if content is not None:
        file.write_bytes(content)
    assert read_links(folder, "family") is None
    file.write_bytes(links((ONE, None, "aa")).table)
    found = read_links(folder, "family")
    assert found is not None
    assert found.frame().rows() == [(ONE, None, "aa")]
