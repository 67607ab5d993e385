"""Which streams an entry has, and what is told of rows that were merged away."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.builders import at, channel, guide, programme, source
from tests.explaining import given, rule
from tvarr.pipeline import airing, explain
from tvarr.pipeline.build import lineup
from tvarr.pipeline.explain import Made
from tvarr.pipeline.quality import COLUMNS
from tvarr.pipeline.streams_told import entry_of, meant

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tvarr.pipeline.build import BuildInput, Lineup
    from tvarr.pipeline.story import ChannelStory, StreamsTold

ONE = "http://stream.invalid/user/secret/"


def merging(folder: Path, *steps: Any, **spec: Any) -> BuildInput:
    """Two providers with BBC One in several qualities; a guide that knows two of them."""
    first = source(
        folder,
        channel("BBC One HD", "one.uk", stream_url=ONE + "1", channel_number="5"),
        channel("UK: BBC One FHD", "bbcone", stream_url=ONE + "2"),
        channel("BBC Two", "two.uk", stream_url=ONE + "3"),
        name="first",
    )
    second = source(
        folder,
        channel("BBC 1 (backup)", "one.uk", stream_url=ONE + "4", tvg_country="UK"),
        channel("BBC One", "other", stream_url=ONE + "1"),
        name="second",
    )
    known = guide(
        folder,
        programme("one.uk", "18:00", "19:00", "News"),
        programme("two.uk", "18:00", "19:00", "Quiz"),
    )
    return given(*steps, sources=(first, second), guides=(known,), duplicates="merge", **spec)


def story_of(build: BuildInput, wanted: str) -> ChannelStory:
    made = lineup(build)
    (found,) = meant(explain.find(build, wanted), made.candidates)
    return explain.channel(build, found.channel_id, made.channels, published=False, made=seen(made))


def seen(made: Lineup) -> Made:
    return Made(made.candidates, made.matches)


def streams_of(story: ChannelStory) -> StreamsTold:
    assert story.streams is not None
    return story.streams


def test_an_entry_tells_its_streams_in_the_order_of_playing_and_why(tmp_path: Path) -> None:
    build = merging(tmp_path)
    told = streams_of(story_of(build, "one.uk"))
    assert (told.name, told.entry) == ("BBC One HD", told.streams[1].channel_id)
    assert [(one.place, one.source, one.name, one.quality) for one in told.streams] == [
        (1, "first", "UK: BBC One FHD", ("1080p",)),
        (2, "first", "BBC One HD", ("HD",)),
        (3, "second", "BBC 1 (backup)", ("backup",)),
    ]
    assert [one.why for one in told.streams] == [
        "it plays first",
        "HD, and 1080p is better",
        "no resolution known, and HD is better",
    ]
    assert told.streams[1].why_joined == (
        "the entry is known by it; 1 more row has this very stream"
    )
    assert all("same" in told.streams[place].why_joined for place in (0, 2))


@pytest.mark.parametrize(
    ("spec", "whys"),
    [
        ({"prefer": ["HD"]}, {"UK: BBC One FHD", "BBC One HD"}),
        ({"unwanted": ["1080p"]}, {"1080p is unwanted"}),
    ],
)
def test_the_word_of_the_profile_that_decides_is_named(
    tmp_path: Path, spec: dict[str, Sequence[str]], whys: set[str]
) -> None:
    told = streams_of(story_of(merging(tmp_path, quality=spec), "one.uk"))
    assert whys <= {one.why for one in told.streams} | {one.name for one in told.streams}
    if "unwanted" in spec:
        assert told.streams[-1].name == "UK: BBC One FHD"
        assert not told.streams[-1].allowed


@pytest.mark.parametrize("wanted", ["UK: BBC One FHD", "bbcone", "BBC 1 (backup)", "BBC One"])
def test_a_row_that_was_merged_away_tells_its_entry_and_its_place(
    tmp_path: Path, wanted: str
) -> None:
    build = merging(tmp_path, numbering={"mode": "preserve"})
    story = story_of(build, wanted)
    told = streams_of(story)
    assert story.channel_id != told.entry
    own = told.streams[told.place - 1]
    assert story.channel_id in (own.channel_id, *own.also)
    assert story.beginning.source == explain.source_row(build, story.channel_id)["source"].item()
    assert story.in_lineup
    assert story.number.number == "5"
    assert story.number.why.startswith("that of 'BBC One HD', the provider's own; 1st of 2")
    assert (story.guide_id, story.guide.guides[0].guide_channel) == ("one.uk", "one.uk")


def test_a_name_that_several_streams_of_one_entry_have_means_the_entry(tmp_path: Path) -> None:
    same = 'channel_name contains "BBC One" SET channel_name = "BBC One"'
    build = merging(tmp_path, rule("same", same))
    made = lineup(build)
    assert len(explain.find(build, "BBC One")) > 1
    story = story_of(build, "bbc one")
    assert story.channel_id == streams_of(story).entry
    assert story.channel_id in made.channels["channel_id"]


def test_each_row_leads_to_its_entry_by_its_id(tmp_path: Path) -> None:
    build = merging(tmp_path)
    made = lineup(build)
    entries = set(made.channels["channel_id"])
    rows = [
        found.channel_id
        for name in ("BBC One", "one.uk", "bbcone", "two.uk")
        for found in explain.find(build, name)
    ]
    assert {entry_of(made.candidates, row) for row in rows} == entries
    for row in rows:
        story = explain.channel(build, row, made.channels, published=True, made=seen(made))
        assert streams_of(story).entry == entry_of(made.candidates, row)
        (entry,) = made.channels.filter(channel_id=streams_of(story).entry).to_dicts()
        assert (story.number.number, story.guide_id) == (entry["number"], entry["guide_id"])
        known = made.matches.filter(guide_id=entry["guide_id"])["guide_channel"].to_list()
        assert [one.guide_channel for one in story.guide.guides] == known
        assert streams_of(story).streams[0].quality == tuple(
            entry[fact] for fact in COLUMNS if entry[fact]
        )


def test_the_programme_of_a_row_that_was_merged_away_is_that_of_its_entry(tmp_path: Path) -> None:
    build = merging(tmp_path)
    made = lineup(build)
    (found,) = explain.find(build, "bbcone")
    story = airing.programme(build, found.channel_id, made.channels, at("18:30"), seen(made))
    assert story.on is not None
    assert (story.on.title, story.in_lineup) == ("News", True)


def test_a_guide_channel_that_another_stream_brought_is_the_entry_s(tmp_path: Path) -> None:
    tv = source(
        tmp_path,
        channel("BBC One", "unheard.of", tvg_country="UK"),
        channel("BBC One", "one.uk", stream_url=ONE),
    )
    known = guide(tmp_path, programme("one.uk", "18:00", "19:00", "News"))
    build = given(
        sources=(tv,), guides=(known,), duplicates="merge", matching={"threshold": "100%"}
    )
    made = lineup(build)
    assert made.channels.height == 1
    entry = made.channels["channel_id"].item()
    story = explain.channel(build, entry, made.channels, published=True, made=seen(made))
    assert [one.guide_channel for one in story.guide.guides] == ["one.uk"]
    on = airing.programme(build, entry, made.channels, at("18:30"), seen(made)).on
    assert on is not None
    assert on.title == "News"


def test_the_guide_that_joins_is_named_where_it_is_the_only_one(tmp_path: Path) -> None:
    build = merging(tmp_path)
    told = streams_of(story_of(build, "one.uk"))
    assert told.streams[2].why_joined == "uk has it as the same channel (100%)"
    more = guide(tmp_path, programme("one.uk", "20:00"), name="more")
    spec = build.spec.model_copy(update={"epg": ("uk", "more")})
    both = replace(build, spec=spec, guides=(*build.guides, more))
    told = streams_of(story_of(both, "one.uk"))
    assert told.streams[2].why_joined == "a guide has it as the same channel (100%)"


def test_no_address_or_credential_is_told(tmp_path: Path) -> None:
    story = story_of(merging(tmp_path), "one.uk")
    assert "secret" not in str(streams_of(story))


def test_where_duplicates_are_kept_there_is_nothing_to_tell(tmp_path: Path) -> None:
    build = given(sources=(source(tmp_path, channel("One")),))
    made = lineup(build)
    (found,) = meant(explain.find(build, "One"), made.candidates)
    assert entry_of(None, found.channel_id) == found.channel_id
    story = explain.channel(build, found.channel_id, made.channels, published=True)
    assert story.streams is None


def test_a_row_that_filters_take_out_is_in_no_entry(tmp_path: Path) -> None:
    build = merging(tmp_path, groups={"Uncategorized": {"hide": True}})
    made = lineup(build)
    (found,) = explain.find(build, "bbcone")
    story = explain.channel(build, found.channel_id, made.channels, published=True, made=seen(made))
    assert (story.streams, story.in_lineup) == (None, False)
    assert "hidden" in story.number.why
