"""Every field that a rule may set is in what is published, and nothing else is different."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from lxml import etree
from typer.testing import CliRunner

from tvarr import cli
from tvarr.expression.fields import Domain, fields

if TYPE_CHECKING:
    from pathlib import Path

PLAYLIST = """\
#EXTM3U
#EXTINF:-1 tvg-id="one" tvg-name="1" adult="0" x="&amp; 'y'",One
#EXTVLCOPT:http-user-agent=VLC
http://stream.invalid/1.ts
#EXTINF:-1 tvg-id="two" group-title="",Two
http://stream.invalid/2.ts
"""
GUIDE = """\
<?xml version="1.0" encoding="UTF-8"?>
<tv>
<channel id="one"><display-name>One</display-name></channel>
<channel id="two"><display-name>Two</display-name></channel>
<programme start="20260822180000 +0000" stop="20260822190000 +0000" channel="one">
<title>News</title></programme>
<programme start="20260822180000 +0000" stop="20260822190000 +0000" channel="two" showview="7">
<title lang="de">B&#252;hne &amp; Film</title><new/></programme>
</tv>
"""
YAML = """\
sources: {{tv: {{kind: m3u, url: tv.m3u}}}}
epg: {{guide: {{kind: xmltv, url: guide.xml}}}}
rules:
  rule: {{applies_to: {domain}s, do: '{text}'}}
proxies:
  family: {{sources: [tv], epg: [guide]{rules}}}
"""

IN_THE_PLAYLIST = {
    "channel_name": ("Eins", ",Eins"),
    "tvg_id": ("two", ' tvg-id="two"'),
    "tvg_name": ("Uno", ' tvg-name="Uno"'),
    "tvg_logo": ("http://l.invalid/1.png", ' tvg-logo="http://l.invalid/1.png"'),
    "group_title": ("News & more", ' group-title="News & more"'),
    "stream_url": ("http://other.invalid/1.ts", "\nhttp://other.invalid/1.ts\n"),
    "channel_number": ("77", ' tvg-chno="77"'),
    "tvg_shift": ("-1.5", ' tvg-shift="-1.5"'),
    "tvg_language": ("English", ' tvg-language="English"'),
    "tvg_country": ("UK", ' tvg-country="UK"'),
    "radio": ("true", ' radio="true"'),
    "is_adult": ("true", ' adult="1"'),
    "catchup": ("shift", ' catchup="shift"'),
    "catchup_days": ("7", ' catchup-days="7"'),
    "catchup_source": ("?utc={utc}", ' catchup-source="?utc={utc}"'),
    "stream_type": ("movie", ' tvg-type="movie"'),
}
IN_THE_GUIDE = {
    "programme_title": ("Neues", "title", "Neues"),
    "programme_subtitle": ("A < B", "sub-title", "A < B"),
    "programme_description": ("All of it", "desc", "All of it"),
    "programme_category": ("Sports", "category", "Sports"),
    "programme_icon": ("http://i.invalid/1.png", "icon/@src", "http://i.invalid/1.png"),
    "programme_episode": ("2.3.", "episode-num", "2.3."),
    "programme_season": ("4", "episode-num", "3.."),
    "programme_rating": ("PG", "rating/value", "PG"),
    "programme_language": ("en", "language", "en"),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "tv.m3u").write_text(PLAYLIST)
    (tmp_path / "guide.xml").write_text(GUIDE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def build(folder: Path, domain: Domain, text: str, rules: str = ", rules: [rule]") -> Path:
    """Have `tvarr build` publish the family with one rule."""
    (folder / "tvarr.yaml").write_text(YAML.format(domain=domain, text=text, rules=rules))
    arguments = ["build", "--data", "data", "--now", "2026-08-22T18:00:00Z"]
    done = CliRunner().invoke(cli.app, arguments)
    assert done.exit_code == 0, done.output
    return folder / "data" / "outputs" / "family"


def entries(published: Path) -> list[str]:
    """Return the text of each entry, from its #EXTINF on."""
    return re.split(r"(?=#EXTINF)", (published / "playlist.m3u").read_text())[1:]


def programmes(published: Path) -> list[bytes]:
    return re.findall(
        rb"<programme .*?</programme>", (published / "guide.xml").read_bytes(), re.DOTALL
    )


def test_the_tables_have_every_field_that_can_be_set() -> None:
    for domain, table in ((Domain.CHANNEL, IN_THE_PLAYLIST), (Domain.PROGRAMME, IN_THE_GUIDE)):
        assert table.keys() == {field.name for field in fields(domain) if field.writable}


@pytest.mark.parametrize("field", IN_THE_PLAYLIST)
def test_what_a_rule_sets_in_a_channel_is_in_the_playlist(folder: Path, field: str) -> None:
    value, written = IN_THE_PLAYLIST[field]
    text = f'channel_name = "One" SET {field} = "{value}"'
    plain = entries(build(folder, Domain.CHANNEL, text, rules=""))
    ruled = entries(build(folder, Domain.CHANNEL, text))
    assert written not in plain[0]
    assert ruled[0].count(written) == 1
    # a number that is given away changes those after it
    assert [entry.replace('"1"', '"2"') for entry in ruled[1:]] == plain[1:]


@pytest.mark.parametrize("field", IN_THE_GUIDE)
def test_what_a_rule_sets_in_a_programme_is_in_the_guide(folder: Path, field: str) -> None:
    value, path, written = IN_THE_GUIDE[field]
    text = f'title = "News" SET {field} = "{value}"'
    plain = programmes(build(folder, Domain.PROGRAMME, text, rules=""))
    ruled = programmes(build(folder, Domain.PROGRAMME, text))
    said = etree.fromstring(ruled[0]).xpath(path)
    assert isinstance(said, list)
    assert [str(getattr(found, "text", found)) for found in said] == [written]
    assert ruled[0] != plain[0]
    assert ruled[1:] == plain[1:]


@pytest.mark.parametrize("domain", list(Domain))
def test_a_rule_that_changes_nothing_leaves_every_byte(folder: Path, domain: Domain) -> None:
    everything = ", ".join(
        f"{field.name} = ${field.name}"
        for field in fields(domain)
        if field.writable and field.name != "channel_number" and not field.many
    )
    plain, ruled = [
        [
            (build(folder, domain, f"SET {everything}", rules) / name).read_bytes()
            for name in ("playlist.m3u", "guide.xml")
        ]
        for rules in ("", ", rules: [rule]")
    ]
    assert ruled == plain


def test_the_name_that_a_rule_sets_is_the_guides_as_well(folder: Path) -> None:
    published = build(folder, Domain.CHANNEL, 'tvg_id = "one" SET channel_name = "Eins"')
    guide = etree.parse(published / "guide.xml")
    assert guide.findtext("channel[@id='one']/display-name") == "Eins"


def test_a_logo_that_a_rule_sets_is_the_guides_where_that_has_none(folder: Path) -> None:
    text = 'tvg_id = "one" SET tvg_logo = "http://l.invalid/1.png"'
    guide = etree.parse(build(folder, Domain.CHANNEL, text) / "guide.xml")
    assert guide.xpath("//icon/@src") == ["http://l.invalid/1.png"]


def test_the_same_rules_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    text = 'SET channel_name = "A", is_adult = true, channel_number = "3"'
    published = build(folder, Domain.CHANNEL, text)
    before = {file.name: file.read_bytes() for file in published.iterdir()}
    (tmp_path / "data").rename(tmp_path / "old")
    published = build(folder, Domain.CHANNEL, text)
    assert {file.name: file.read_bytes() for file in published.iterdir()} == before
