"""Made-up programmes: whole channels, on the clock, and nobody else's text."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from lxml import etree

from tests import builders
from tests.builders import at, channel, programme, window
from tvarr.outputs.revision import write_revision
from tvarr.pipeline import dummy
from tvarr.pipeline.build import lineup
from tvarr.pipeline.guide import programmes
from tvarr.spec.matching import DummyProgramme

if TYPE_CHECKING:
    from pathlib import Path


def made(name: str = "One", **template: Any) -> pl.DataFrame:
    channels = pl.DataFrame({"guide_id": ["one"], "name": [name]})
    frames = dummy.frames(
        channels, (), DummyProgramme(**template), window("17:30", "22:00"), rows=100
    )
    return pl.concat(frames)


def test_blocks_stand_on_the_clock_and_cover_the_window() -> None:
    assert made(block="2h").select("start", "stop").rows() == [
        (at("16:00"), at("18:00")),
        (at("18:00"), at("20:00")),
        (at("20:00"), at("22:00")),
    ]


def test_the_template_is_filled_in() -> None:
    told = made(title="{channel} {start}-{stop} {other}", description="About {channel}")
    assert told["title"].to_list()[0] == "One 16:00-20:00 {other}"
    assert told["description"].to_list()[0] == "About One"


def test_without_a_description_there_is_no_element() -> None:
    told = made()
    assert told["inner"].to_list()[0] == "<title>One</title>"
    assert told["description"].to_list()[0] is None


def test_a_channels_name_is_text_and_no_template() -> None:
    told = made("<b>&{start}\x00", title="{channel}")
    title = etree.fromstring(told["inner"].to_list()[0])
    assert title.text == "<b>&{start}"


def test_frames_have_whole_channels() -> None:
    channels = pl.DataFrame({"guide_id": ["a", "b", "c"], "name": ["A", "B", "C"]})
    frames = [*dummy.frames(channels, ["b"], DummyProgramme(), window("16:00", "20:00"), rows=1)]
    assert [frame["guide_id"].to_list() for frame in frames] == [["a"], ["c"]]


def build(tmp_path: Path, **guide: Any) -> Any:
    tv = builders.source(tmp_path, channel("One", "one"), channel("Two", "two"))
    uk = builders.guide(
        tmp_path, programme("one", "18:00", "19:00"), programme("two", "-1 10:00", "-1 11:00")
    )
    times = window("16:00", "+1 00:00")
    return builders.build_input(uk, sources=(tv,), window=times, guide=guide)


def test_a_channel_without_programmes_in_the_window_is_filled(tmp_path: Path) -> None:
    given = build(tmp_path, fill="dummy")
    found = pl.concat(programmes(lineup(given), given))
    assert found.group_by("guide_id", maintain_order=True).len().rows() == [("one", 1), ("two", 2)]


def test_by_default_nothing_is_made_up(tmp_path: Path) -> None:
    given = build(tmp_path)
    assert pl.concat(programmes(lineup(given), given))["guide_id"].to_list() == ["one"]


def test_the_report_counts_them_apart(tmp_path: Path) -> None:
    folder = tmp_path / "revision"
    folder.mkdir()
    report = write_revision(build(tmp_path, fill="dummy"), folder, "http://tv.lan")
    assert (report.programmes, report.dummies, report.with_programmes) == (1, 2, 1)
    tree = etree.parse(folder / "guide.xml")
    assert tree.xpath("programme[@channel='two']/title/text()") == ["Two", "Two"]
    assert tree.xpath("channel/@id") == ["one", "two"]


def test_one_channel_can_be_asked_for(tmp_path: Path) -> None:
    given = build(tmp_path, fill="dummy")
    found = pl.concat(programmes(lineup(given), given, ["one"]))
    assert found["guide_id"].to_list() == ["one"]


@pytest.mark.parametrize("block", ["7h", "5h", "50m"])
def test_a_day_is_made_of_whole_blocks(block: str) -> None:
    with pytest.raises(ValueError, match="whole blocks"):
        DummyProgramme(block=block)


def test_the_same_blocks_come_at_every_build() -> None:
    first, second = made(block="30m"), made(block="30m")
    assert first.equals(second)
    assert (first["stop"] - first["start"]).unique().to_list() == [timedelta(minutes=30)]
