from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.builders import at, channel, guide, programme, source, window
from tests.explaining import exclude, given, rule
from tvarr.expression.fields import Domain
from tvarr.pipeline import airing, explain
from tvarr.pipeline import build as building
from tvarr.pipeline import guide as schedule
from tvarr.spec.proxy import GuideWindow

if TYPE_CHECKING:
    from pathlib import Path

    from tvarr.pipeline.build import BuildInput
    from tvarr.pipeline.story import ProgrammeStory

PROGRAMME = Domain.PROGRAMME


def story_of(build: BuildInput, clock: str, name: str = "One") -> ProgrammeStory:
    (found,) = explain.find(build, name)
    return airing.programme(build, found.channel_id, building.lineup(build).channels, at(clock))


@pytest.fixture
def two_guides(tmp_path: Path) -> BuildInput:
    """A first guide with a gap from 19:00 to 20:00, and a second one that could fill it."""
    main = guide(
        tmp_path,
        programme("one", "18:00", "19:30", "News"),
        programme("one", "18:45", "19:00", "Weather"),
        programme("one", "20:00", None, "Film"),
        programme("one", "22:00", "23:00", "Late"),
        name="main",
    )
    more = guide(
        tmp_path,
        programme("ONE", "18:30", "19:00", "Other news"),
        programme("ONE", "19:00", "19:50", "Quiz"),
        programme("ONE", "19:50", "20:10", "Overlapping"),
        name="more",
    )
    return given(sources=(source(tmp_path, channel("One", "one")),), guides=(main, more))


def test_the_first_guide_that_has_something_on_is_chosen(two_guides: BuildInput) -> None:
    story = story_of(two_guides, "18:40")
    assert story.on is not None
    assert (story.on.title, story.on.start, story.on.stop) == ("News", at("18:00"), at("18:45"))
    main, more = story.guides
    assert (main.chosen, main.guide_channel) == (True, "one")
    assert main.why == "chosen: the first of the list, cut where the next one begins"
    assert (more.chosen, more.guide_channel) == (False, "ONE")
    assert more.why == "left out: it overlaps what a guide before it has"
    assert [on.title for on in more.on] == ["Other news"]
    assert story.why == "it is in the guide"


def test_a_later_guide_fills_a_gap(two_guides: BuildInput) -> None:
    story = story_of(two_guides, "19:20")
    assert story.on is not None
    assert story.on.title == "Quiz"
    assert [told.chosen for told in story.guides] == [False, True]
    assert story.guides[1].why == "chosen: it fills a gap"


def test_a_programme_that_fits_no_gap_is_left_out_and_told(two_guides: BuildInput) -> None:
    story = story_of(two_guides, "19:55")
    assert story.on is None
    assert story.why == "no guide has anything on then"
    assert story.guides[1].why == "left out: it overlaps what a guide before it has"
    assert [on.title for on in story.guides[1].on] == ["Overlapping"]


def test_a_programme_without_an_end_lasts_until_the_next(two_guides: BuildInput) -> None:
    story = story_of(two_guides, "21:00")
    assert story.on is not None
    assert (story.on.title, story.on.stop) == ("Film", at("22:00"))
    assert "without an end of its own, so until the next one" in story.guides[0].why


def test_of_programmes_that_start_together_the_documents_first_is_told(tmp_path: Path) -> None:
    twins = guide(
        tmp_path,
        programme("one", "18:00", "19:00", "First"),
        programme("one", "18:00", "19:00", "Second"),
    )
    build = given(sources=(source(tmp_path, channel("One", "one")),), guides=(twins,))
    story = story_of(build, "18:30")
    assert story.on is not None
    assert story.on.title == "First"
    assert "the document's first of 2 that start then" in story.guides[0].why


@pytest.mark.parametrize("clock", ["17:59", "18:00", "18:44", "18:45", "19:00", "19:59", "20:00"])
def test_what_is_told_is_what_the_guide_has(two_guides: BuildInput, clock: str) -> None:
    lineup = building.lineup(two_guides)
    parts = schedule.programmes(lineup, two_guides, ["one"], ("title",))
    moment = at(clock)
    on = [
        title
        for part in parts
        for start, stop, title in part.select("start", "stop", "title").iter_rows()
        if start <= moment < stop
    ]
    story = story_of(two_guides, clock)
    assert ([story.on.title] if story.on else []) == on


# --- rules and filters -------------------------------------------------------------------------


def test_rules_tell_before_and_after_and_know_the_channel(two_guides: BuildInput) -> None:
    steps = (
        rule("name", 'SET channel_name = "One"'),
        rule("kind", 'channel_name = "One" SET programme_category = "News"', PROGRAMME),
        rule("title", 'channel_number = "1" SET title = "The $programme_title"', PROGRAMME),
        rule("film", 'title = "Film" DELETE title', PROGRAMME),
    )
    story = story_of(replace(two_guides, steps=steps), "18:40")
    assert [told.name for told in story.steps.rules] == ["kind", "title"]
    assert story.steps.unmatched == 1
    (change,) = story.steps.rules[1].changes
    assert (change.field, change.before, change.after) == ("programme_title", "News", "The News")
    assert story.on is not None
    assert story.on.title == "The News"
    assert ("programme_title", "News") in [(said.name, said.text) for said in story.beginning]


def test_a_programme_that_a_filter_drops_is_told_as_well(two_guides: BuildInput) -> None:
    steps = (exclude("news", 'title = "News"', PROGRAMME),)
    story = story_of(replace(two_guides, steps=steps), "18:40")
    assert story.on is not None
    assert not story.steps.kept
    assert story.why == "filter news takes it out"


def test_the_programmes_of_a_dropped_channel_are_told(two_guides: BuildInput) -> None:
    steps = (
        exclude("one", 'channel_name = "One"'),
        rule("kind", 'channel_name = "One" SET genre = "x"', PROGRAMME),
    )
    story = story_of(replace(two_guides, steps=steps), "18:40")
    assert story.on is not None
    assert not story.in_lineup
    assert story.why == (
        "the channel is not in the lineup, so none of its programmes is in the guide"
    )
    assert [told.name for told in story.steps.rules] == ["kind"]


# --- nothing to tell ---------------------------------------------------------------------------


def test_where_nothing_is_on_it_says_why(tmp_path: Path, two_guides: BuildInput) -> None:
    tv = (source(tmp_path, channel("One", "one"), channel("Two", "two")),)
    assert story_of(given(sources=tv), "18:00").why == "the proxy has no guides"
    assert story_of(replace(two_guides, sources=tv), "18:00", "Two").why == (
        "no guide knows the channel"
    )
    assert story_of(two_guides, "23:00").why == "no guide has anything on then"
    assert story_of(two_guides, "17:59").on is None


def test_a_guide_that_was_never_read_says_so(two_guides: BuildInput) -> None:
    story = story_of(replace(two_guides, guides=two_guides.guides[:1]), "18:40")
    assert [told.why for told in story.guides][1] == "has not been read yet"


def test_a_programme_outside_of_the_window_says_so(two_guides: BuildInput) -> None:
    build = replace(two_guides, window=window("21:00", "23:00"))
    assert story_of(build, "18:40").why == "it is outside of the time that the guide covers"
    assert story_of(build, "22:30").why == "it is in the guide"


def test_a_proxy_that_publishes_no_guide_says_so(tmp_path: Path) -> None:
    build = given(
        sources=(source(tmp_path, channel("One", "one")),),
        guides=(guide(tmp_path, programme("one", "18:00", "19:00")),),
        outputs=("m3u",),
    )
    assert story_of(build, "18:30").why == "the proxy publishes no guide"


def test_a_channel_that_no_source_has_has_no_story(two_guides: BuildInput) -> None:
    lineup = building.lineup(two_guides).channels
    with pytest.raises(KeyError):
        airing.programme(two_guides, "tv.0000000000000000", lineup, at("18:00"))


def test_where_programmes_are_made_up_it_says_so(tmp_path: Path, two_guides: BuildInput) -> None:
    tv = (source(tmp_path, channel("One", "one"), channel("Two", "two")),)
    filled = two_guides.spec.model_copy(update={"guide": GuideWindow(fill="dummy")})
    build = replace(two_guides, sources=tv, spec=filled)
    assert story_of(build, "18:00", "Two").why == (
        "no guide knows the channel; a made-up one says what it is"
    )
    assert story_of(build, "23:00").why == "no guide has anything on then"
