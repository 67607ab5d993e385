"""The facts of channels: from name, group and measurement, and as fields of sentences."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl
import pytest

from tests.builders import channel, channels, source
from tests.explaining import given, include, rule
from tvarr.expression import plan
from tvarr.expression.fields import Domain
from tvarr.expression.sentence import parse
from tvarr.pipeline import build, explain, marks, quality, rules

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 8, 22, tzinfo=UTC)


def facts_of(name: str, group: str | None = None) -> dict[str, str]:
    row = quality.facts(channels(channel(name, group_title=group))).row(0, named=True)
    return {name.removeprefix("quality_"): row[name] for name in quality.COLUMNS if row[name]}


def test_facts_are_read_from_the_name() -> None:
    assert facts_of("UK: Sky F1 UHD HDR HEVC 50fps (Backup 2) [Geo-blocked]") == {
        "resolution": "2160p",
        "hdr": "HDR",
        "codec": "HEVC",
        "fps": "50",
        "tier": "backup 2",
        "note": "geo-blocked",
    }


@pytest.mark.parametrize(
    ("group", "facts"),
    [
        ("4K", {"resolution": "2160p"}),
        ("UK | FHD", {"resolution": "1080p"}),
        ("Sports [VIP]", {"tier": "VIP"}),
        ("VIP | Sports", {"tier": "VIP"}),
        ("Germany HEVC", {"codec": "HEVC"}),
        ("DE RAW 50fps", {"tier": "RAW", "fps": "50"}),
        ("Backup", {"tier": "backup"}),
        ("Sports", {}),
        ("HD+", {}),
        ("", {}),
        (None, {}),
    ],
)
def test_what_the_name_does_not_say_its_group_may(group: str | None, facts: dict[str, str]) -> None:
    assert facts_of("Sky F1", group) == facts


def test_a_name_outranks_its_group_fact_by_fact() -> None:
    assert facts_of("Sky F1 SD", "UHD HEVC") == {"resolution": "SD", "codec": "HEVC"}


def test_every_row_has_its_own_facts_in_the_order_of_the_rows() -> None:
    frame = channels(channel("A HD"), channel("B"), channel("C 4K", group_title="VIP"))
    facts = quality.facts(frame)
    assert facts["channel_id"].to_list() == frame["channel_id"].to_list()
    assert facts["quality_resolution"].to_list() == ["HD", None, "2160p"]
    assert facts["quality_tier"].to_list() == [None, None, "VIP"]
    assert facts["quality_measured"].to_list() == [[], [], []]


def test_digits_of_other_scripts_are_written_as_all_others() -> None:
    names = pl.Series(["One \u0665\u0660fps", "One 50fps", None])
    assert quality.claimed(names)["quality_fps"].to_list() == ["50", "50", None]


def test_no_channels_have_no_facts() -> None:
    assert quality.facts(channels()).is_empty()
    assert quality.with_facts(channels()).columns[-6:] == list(quality.COLUMNS)


# --- measured ----------------------------------------------------------------------------------


def test_what_was_measured_outranks_what_is_claimed_and_is_marked() -> None:
    frame = channels(channel("A 4K HEVC"), channel("B HD"), channel("C"))
    measured = pl.DataFrame(
        {
            "channel_id": [frame["channel_id"][2], frame["channel_id"][0], "gone"],
            "quality_resolution": ["576p", "1080p", "720p"],
            "quality_fps": ["25", None, "50"],
        }
    )
    facts = quality.facts(frame, measured)
    assert facts["quality_resolution"].to_list() == ["1080p", "HD", "576p"]
    assert facts["quality_fps"].to_list() == [None, None, "25"]
    assert facts["quality_codec"].to_list() == ["HEVC", None, None]
    assert facts["quality_measured"].to_list() == [["resolution"], [], ["resolution", "fps"]]


def test_a_measurement_of_nothing_changes_nothing() -> None:
    frame = channels(channel("A HD"))
    measured = pl.DataFrame({"channel_id": frame["channel_id"]})
    assert quality.facts(frame, measured).equals(quality.facts(frame))


# --- in sentences and in the lineup ------------------------------------------------------------


def test_sentences_read_what_the_provider_said_whatever_rules_do_to_the_name(
    tmp_path: Path,
) -> None:
    rows = (channel("UK: Sky F1 FHD 50fps"), channel("UK: Sky F1 SD"), channel("UK: Dave"))
    made = build.lineup(
        given(
            rule("tidy", 'channel_name matches "^UK: (.*?)(?: FHD.*| SD)?$" SET channel_name="$1"'),
            rule("tell", 'quality_resolution = "1080p" SET tvg_name = "$resolution/$fps"'),
            include("high", 'fps >= 50 OR quality_resolution = ""'),
            sources=(source(tmp_path, *rows),),
        )
    )
    kept = made.channels.select("name", "tvg_name", "quality_resolution", "quality_fps").rows()
    assert kept == [("Sky F1", "1080p/50", "1080p", "50"), ("Dave", None, None, None)]


@pytest.mark.parametrize(
    ("text", "read"), [('channel_name contains "x"', 0), ('quality_codec = "HEVC"', 1)]
)
def test_names_are_read_only_if_a_sentence_asks(
    text: str, read: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    part = marks.part

    def counted(names: pl.Series) -> pl.DataFrame:
        calls.append(len(names))
        return part(names)

    monkeypatch.setattr(marks, "part", counted)
    frame = rules.fields_of_channels(channels(channel("A HEVC"), channel("B")).lazy(), ())
    sentence = parse(text, Domain.CHANNEL, kind="filter")
    plan.apply(frame, [sentence], NOW).select("channel_name", plan.matched(0)).collect()
    assert calls.count(2) == read


def test_a_story_tells_what_a_channel_says_of_its_quality(tmp_path: Path) -> None:
    rows = (
        channel("A 1080p HEVC 50fps"),
        channel("B HD", group_title="VIP"),
        channel("C", group_title="UHD"),
        channel("D"),
    )
    made = given(sources=(source(tmp_path, *rows),))
    lineup = build.lineup(made).channels
    told = [
        explain.channel(made, channel_id, lineup, published=False).quality
        for channel_id in lineup["channel_id"]
    ]
    assert [(one.resolution, one.codec, one.fps, one.tier) for one in told] == [
        ("1080p", "HEVC", "50", None),
        ("HD", None, None, "VIP"),
        ("2160p", None, None, None),
        (None, None, None, None),
    ]
    assert [one.why for one in told] == [
        "as the name says",
        "as name and group say",
        "as the group says",
        "nothing is said of it",
    ]


def test_channels_are_counted_by_their_lines_the_best_first() -> None:
    names = ["A 8K", "B 4K", "C (1080i)", "D FHD", "E (1440p)", "F (720p)", "G HD", "H SD", "I HQ"]
    names += ["J (768\u00d7576)", "K", "L LQ"]
    frame = quality.with_facts(channels(*map(channel, names)))
    assert quality.counted(frame) == {
        "4320p": 1,
        "2160p": 1,
        "1080p": 3,
        "720p": 1,
        "HD": 1,
        "SD": 4,
        "unknown": 1,
    }
    assert [*quality.counted(frame)] == [*quality.CLASSES]
    assert quality.counted(frame.clear()) == {}
