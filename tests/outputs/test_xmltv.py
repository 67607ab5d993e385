"""The guide that clients read."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl
import pytest
from lxml import etree

from tests.builders import Row, build_input, channel, channels, guide, guide_channel, programme
from tvarr.catalog import schema
from tvarr.outputs.xmltv import guide_channels, write
from tvarr.pipeline.build import Lineup
from tvarr.pipeline.guide import programmes
from tvarr.pipeline.match import match
from tvarr.pipeline.merge import with_guide_ids

if TYPE_CHECKING:
    from pathlib import Path

    from tvarr.catalog.snapshots import Snapshot

BBC = channel("BBC One", "bbc1.uk")
NEWS = programme("bbc1.uk", "18:00", "18:30", "News")


def line_up(rows: tuple[Row, ...], *guides: Snapshot) -> Lineup:
    frame = with_guide_ids(channels(*rows))
    return Lineup(frame, match(frame, guides))


def write_guide(path: Path, rows: tuple[Row, ...], *guides: Snapshot) -> str:
    """Write the guide of a lineup of these `rows` and return its text."""
    lineup = line_up(rows, *guides)
    parts = programmes(lineup, build_input(*guides))
    write(guide_channels(lineup, guides), parts, path)
    return path.read_text()


def content(row: Row, *guides: Snapshot, new_logo: bool = False) -> str:
    """Return what stands in the <channel> element of a lineup's only entry."""
    lineup = line_up((row,), *guides)
    chosen = lineup.channels["channel_id"].head(new_logo)
    (inner,) = guide_channels(replace(lineup, new_logos=chosen), guides)["inner"]
    return str(inner)


# the document


def test_a_whole_guide(tmp_path: Path) -> None:
    uk = guide(tmp_path, NEWS, declared=(guide_channel("bbc1.uk", "BBC One"),))
    assert write_guide(tmp_path / "guide.xml", (BBC,), uk) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<!DOCTYPE tv SYSTEM "xmltv.dtd">\n'
        '<tv generator-info-name="tvarr">\n'
        '<channel id="bbc1.uk"><display-name>BBC One</display-name></channel>\n'
        '<programme start="20260822180000 +0000" stop="20260822183000 +0000" channel="bbc1.uk">'
        "<title>News</title></programme>\n"
        "</tv>\n"
    )


def test_the_gzip_holds_the_same(tmp_path: Path) -> None:
    text = write_guide(tmp_path / "guide.xml", (BBC,), guide(tmp_path, NEWS))
    assert gzip.decompress((tmp_path / "guide.xml.gz").read_bytes()).decode() == text


def test_an_empty_lineup_is_a_guide_too(tmp_path: Path) -> None:
    tree = etree.fromstring(write_guide(tmp_path / "guide.xml", ()).encode())
    assert (tree.tag, len(tree)) == ("tv", 0)


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    uk = guide(tmp_path, NEWS, declared=(guide_channel("bbc1.uk", "BBC One"),))
    for name in ("a.xml", "b.xml"):
        write_guide(tmp_path / name, (BBC,), uk)
    assert (tmp_path / "a.xml.gz").read_bytes() == (tmp_path / "b.xml.gz").read_bytes()


def test_blocks_follow_each_other_without_a_seam(tmp_path: Path) -> None:
    start = datetime(2026, 8, 22, tzinfo=UTC)
    rows = 12_345
    part = pl.DataFrame(
        {
            "guide_id": ["a"] * rows,
            "start": [start] * rows,
            "stop": pl.Series([None] * rows, dtype=schema.INSTANT),
            "extra": [""] * rows,
            "inner": [f"<title>{row}</title>" for row in range(rows)],
        }
    )
    none = pl.DataFrame(schema={"guide_id": pl.String, "inner": pl.String})
    write(none, [part, part], tmp_path / "guide.xml")
    titles = etree.parse(tmp_path / "guide.xml").xpath("//title/text()")
    assert titles == [str(row) for row in range(rows)] * 2


# programmes


def test_an_unknown_end_is_not_written(tmp_path: Path) -> None:
    text = write_guide(
        tmp_path / "guide.xml", (BBC,), guide(tmp_path, programme("bbc1.uk", "9:05"))
    )
    assert '<programme start="20260822090500 +0000" channel="bbc1.uk">' in text


def test_what_the_provider_put_into_a_programme_is_not_touched(tmp_path: Path) -> None:
    inner = (
        '\n  <title lang="cy">Newyddion &amp; &#x1F600;</title>\n  <x:odd xmlns:x="urn:x"/>'
        "<desc><![CDATA[<b>]]></desc><!-- kept -->"
    )
    odd = programme(
        "bbc1.uk", "18:00", "19:00", inner=inner, extra=' showview="123" clumpidx="0/2"'
    )
    text = write_guide(tmp_path / "guide.xml", (BBC,), guide(tmp_path, odd))
    assert f'channel="bbc1.uk" showview="123" clumpidx="0/2">{inner}</programme>' in text


def test_programmes_carry_the_lineups_id_not_the_guides(tmp_path: Path) -> None:
    uk = guide(tmp_path, programme("BBC1.UK ", "18:00"))
    assert 'channel="bbc1.uk"' in write_guide(tmp_path / "guide.xml", (BBC,), uk)


@pytest.mark.parametrize("tvg_id", ["R&B", "<tv>", "it's", "a>b", "Größe", "\u00a0a ", 'q"q'])
def test_an_id_reads_back_as_it_is_in_the_lineup(tmp_path: Path, tvg_id: str) -> None:
    row = channel("Music", tvg_id)
    text = write_guide(tmp_path / "guide.xml", (row,), guide(tmp_path, programme(tvg_id, "18:00")))
    tree = etree.fromstring(text.encode())
    (guide_id,) = with_guide_ids(channels(row))["guide_id"]
    assert tree.xpath("channel/@id") == [guide_id]
    assert tree.xpath("programme/@channel") == [guide_id]


# channels


def test_every_entry_has_its_channel_in_the_lineups_order(tmp_path: Path) -> None:
    rows = (channel("Z", "z"), channel("No id"), channel("A", "a"), channel("Z HD", "z"))
    tree = etree.fromstring(
        write_guide(tmp_path / "guide.xml", rows, guide(tmp_path, programme("a", "1:00"))).encode()
    )
    ids = with_guide_ids(channels(*rows))["guide_id"].to_list()
    assert tree.xpath("channel/@id") == ids[:3]


def test_channels_come_before_programmes(tmp_path: Path) -> None:
    rows = (BBC, channel("ITV", "itv"))
    uk = guide(tmp_path, NEWS, programme("itv", "18:00"))
    tree = etree.fromstring(write_guide(tmp_path / "guide.xml", rows, uk).encode())
    assert [element.tag for element in tree] == ["channel", "channel", "programme", "programme"]


def test_without_a_guide_a_channel_has_its_name_and_logo() -> None:
    row = channel("R&B <1>", "rnb", tvg_logo="http://logo.invalid/?a=1&b=2")
    assert content(row) == (
        "<display-name>R&amp;B &lt;1&gt;</display-name>"
        '<icon src="http://logo.invalid/?a=1&amp;b=2"/>'
    )


@pytest.mark.parametrize("logo", [None, "", " "])
def test_no_logo_is_no_icon(logo: str | None) -> None:
    assert content(channel("BBC One", "bbc1.uk", tvg_logo=logo)) == (
        "<display-name>BBC One</display-name>"
    )


def test_a_channel_without_a_name_is_called_by_its_id() -> None:
    assert content(channel(" ", "bbc1.uk")) == "<display-name>bbc1.uk</display-name>"


def test_characters_that_xml_does_not_have_are_left_out() -> None:
    assert content(channel("B\x00B\x1bC\ufffe", "bbc1.uk")) == "<display-name>BBC</display-name>"


def test_what_the_guide_says_of_a_channel_is_kept(tmp_path: Path) -> None:
    inner = '<display-name lang="en">BBC One</display-name>\n<icon src="x"/><url>http://u/</url>'
    uk = guide(tmp_path, declared=(guide_channel("bbc1.uk", inner=inner),))
    assert content(BBC, uk) == inner


def test_the_lineups_name_comes_before_the_guides_names(tmp_path: Path) -> None:
    uk = guide(tmp_path, declared=(guide_channel("bbc1.uk", "BBC 1", "101"),))
    assert content(BBC, uk) == (
        "<display-name>BBC One</display-name>"
        "<display-name>BBC 1</display-name><display-name>101</display-name>"
    )


def test_a_name_that_the_guide_has_too_moves_to_the_front_and_is_not_repeated(
    tmp_path: Path,
) -> None:
    number, name = (
        "<display-name>101</display-name>\n",
        '<display-name lang="en">BBC One</display-name>',
    )
    declared = guide_channel("bbc1.uk", inner=f"{number}{name}<url>http://u/</url>")
    assert content(BBC, guide(tmp_path, declared=(declared,))) == (
        f"{name}{number}<url>http://u/</url>"
    )


def test_a_name_is_compared_by_what_it_reads(tmp_path: Path) -> None:
    inner = "\n <display-name>R&#38;B&apos;s</display-name>"
    uk = guide(tmp_path, declared=(guide_channel("rnb", inner=inner),))
    assert content(channel("R&B's", "rnb"), uk) == inner


LOGO = '<icon src="http://l.invalid/1.png"/>'


@pytest.mark.parametrize(
    ("said", "kept", "new"),
    [
        ("", LOGO, LOGO),
        ("<url>u</url>", f"{LOGO}<url>u</url>", f"{LOGO}<url>u</url>"),
        ('<icon src="x"/><url>u</url>', None, f'{LOGO}<icon src="x"/><url>u</url>'),
    ],
)
def test_the_guides_icon_comes_first_unless_a_rule_has_replaced_the_logo(
    tmp_path: Path, said: str, kept: str | None, new: str
) -> None:
    name = "<display-name>BBC One</display-name>"
    uk = guide(tmp_path, declared=(guide_channel("bbc1.uk", inner=name + said),))
    row = channel("BBC One", "bbc1.uk", tvg_logo="http://l.invalid/1.png")
    assert content(row, uk) == name + (said if kept is None else kept)
    assert content(row, uk, new_logo=True) == name + new


def test_of_a_channel_declared_twice_the_first_counts(tmp_path: Path) -> None:
    twice = (guide_channel("bbc1.uk", "BBC One", "1"), guide_channel("bbc1.uk", "Other"))
    assert "Other" not in content(BBC, guide(tmp_path, declared=twice))


def test_the_first_guide_that_declares_a_channel_describes_it(tmp_path: Path) -> None:
    first = guide(tmp_path, NEWS, name="first")
    second = guide(tmp_path, declared=(guide_channel("bbc1.uk", "BBC One", "2"),), name="second")
    third = guide(tmp_path, declared=(guide_channel("bbc1.uk", "BBC One", "3"),), name="third")
    assert content(BBC, first, second, third) == (
        "<display-name>BBC One</display-name><display-name>2</display-name>"
    )


# by the judgement of others


FULL = (
    "<title>News</title><sub-title>s</sub-title><desc>d</desc><credits><actor>a</actor></credits>"
    '<category>c</category><icon src="i"/><episode-num system="onscreen">S01E01</episode-num>'
)
"""A programme's content with an element of most kinds, in the DTD's order."""


def test_the_guide_is_valid_by_the_dtd(tmp_path: Path, real_data: Path) -> None:
    rows = (channel("R&B <1>", "r&b", tvg_logo="http://l.invalid/?a&b"), BBC, channel("No guide"))
    uk = guide(
        tmp_path,
        programme("r&b", "18:00", "19:00", inner=FULL, extra=' showview="1"'),
        programme("bbc1.uk", "18:00"),
        declared=(guide_channel("bbc1.uk", "One", "101"),),
    )
    write_guide(tmp_path / "guide.xml", rows, uk)
    judge = (tool("xmllint"), "--noout", "--nonet", "--huge", "--dtdvalid")
    result = run(*judge, str(real_data / "ref" / "xmltv.dtd"), str(tmp_path / "guide.xml"))
    assert result.returncode == 0, result.stderr


def test_the_guide_passes_the_xmltv_projects_validator(tmp_path: Path, real_data: Path) -> None:
    """It wants programmes on every channel, and ids with a dot, as a lineup's own ids are."""
    rows = (BBC, channel("Local", None))
    own_id = with_guide_ids(channels(*rows))["guide_id"][1]
    uk = guide(tmp_path, NEWS, programme(own_id, "18:00", "19:00", inner=FULL))
    write_guide(tmp_path / "guide.xml", rows, uk)
    judge = (tool("tv_validate_file"), "--dtd-file", str(real_data / "ref" / "xmltv.dtd"))
    result = run(*judge, str(tmp_path / "guide.xml"))
    assert result.returncode == 0, result.stdout + result.stderr


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
