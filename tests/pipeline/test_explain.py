from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.builders import channel, channels, guide, guide_channel, programme, source
from tests.explaining import exclude, given, include, rule
from tvarr.pipeline import build as building
from tvarr.pipeline import explain
from tvarr.pipeline import guide as schedule
from tvarr.pipeline.story import Found
from tvarr.spec.matching import Matching

if TYPE_CHECKING:
    from pathlib import Path

    from tvarr.pipeline.build import BuildInput
    from tvarr.pipeline.story import ChannelStory, GuidesTold

PREFIX = rule("prefix", 'channel_name matches "^UK: (.*)$" SET channel_name = "$1"')


def story_of(build: BuildInput, name: str) -> ChannelStory:
    """Return the story of the only channel called so."""
    (found,) = explain.find(build, name)
    lineup = building.lineup(build).channels
    return explain.channel(build, found.channel_id, lineup, published=False)


# --- finding -----------------------------------------------------------------------------------


@pytest.fixture
def three(tmp_path: Path) -> BuildInput:
    rows = (
        channel("UK: BBC One", "bbc1.uk", group_title="General"),
        channel("UK: Grüße", "ß.de"),
        channel("UK: Late", group_title="XXX"),
    )
    adult = exclude("adult", 'group_title = "XXX"')
    return given(PREFIX, adult, sources=(source(tmp_path, *rows),))


@pytest.mark.parametrize(
    "wanted", ["UK: BBC One", "bbc one", " BBC ONE ", "BBC1.UK", "uk: bbc one", "bbc1.uk"]
)
def test_a_channel_is_found_by_each_of_its_names_in_any_case(
    three: BuildInput, wanted: str
) -> None:
    (found,) = explain.find(three, wanted)
    assert (found.provider_name, found.name) == ("UK: BBC One", "BBC One")
    assert (found.tvg_id, found.group, found.source) == ("bbc1.uk", "General", "tv")


def test_letter_case_is_that_of_unicode(three: BuildInput) -> None:
    assert explain.find(three, "GRÜSSE")[0].name == "Grüße"


def test_a_channel_that_a_filter_dropped_is_found_as_well(three: BuildInput) -> None:
    assert explain.find(three, "late")[0].name == "Late"


def test_a_channel_id_means_its_channel_alone(tmp_path: Path) -> None:
    rows = channels(channel("One"), channel("Two"))
    first = rows["channel_id"][0]
    build = given(sources=(source(tmp_path, channel("One"), channel("Two", first)),))
    (found,) = explain.find(build, first)
    assert found.name == "One"


def test_all_channels_of_a_name_are_found_in_the_order_of_the_sources(tmp_path: Path) -> None:
    uk = source(tmp_path, channel("News"), channel("news", "x"), name="uk")
    us = source(tmp_path, channel("NEWS"), name="us")
    found = explain.find(given(sources=(us, uk)), "News")
    assert [one.name for one in found] == ["NEWS", "News", "news"]


def test_a_name_that_nobody_has_finds_nothing(three: BuildInput) -> None:
    assert explain.find(three, "ITV") == ()
    assert explain.find(three, ".*") == ()


def test_the_nearest_names_are_those_that_hold_the_text(three: BuildInput) -> None:
    assert explain.nearest(three, "bbc") == ("BBC One", "UK: BBC One")


def test_else_the_nearest_names_are_those_that_are_written_nearly_so(three: BuildInput) -> None:
    assert explain.nearest(three, "bcc one")[0] == "BBC One"
    assert explain.nearest(three, "something else entirely") == ()


def test_nothing_is_near_where_there_is_no_channel() -> None:
    assert explain.nearest(given(sources=()), "BBC") == ()


# --- the beginning -----------------------------------------------------------------------------


def test_it_begins_with_what_the_provider_said(tmp_path: Path) -> None:
    row = channel(
        "UK: One",
        "one",
        tvg_logo="http://logos.invalid/one.png",
        line=17,
        attributes=[{"name": "x-note", "value": "so"}],
    )
    beginning = story_of(given(PREFIX, sources=(source(tmp_path, row),)), "One").beginning
    assert (beginning.source, beginning.line, beginning.name) == ("tv", 17, "UK: One")
    said = {field.name: field.text for field in beginning.fields}
    assert said["tvg_id"] == "one"
    assert said["tvg_logo"] == "http://logos.invalid/one.png"
    assert said["x-note"] == "so"
    assert "tvg_country" not in said


def test_no_credential_is_told_whatever_field_it_is_in(tmp_path: Path) -> None:
    secret = "http://user:hunter2@panel.invalid:8080/hunter2/hunter2/1.ts?token=hunter2"
    row = channel(
        "One",
        "one",
        stream_url=secret,
        tvg_logo="http://logos.invalid/one.png?key=hunter2",
        catchup_source="?utc={utc}&token=hunter2",
        attributes=[{"name": "x-url", "value": secret}],
    )
    copy = rule("copy", "SET tvg_name = $stream_url")
    literal = rule("literal", f'SET stream_url = "{secret}"')
    build = given(copy, literal, sources=(source(tmp_path, row),))
    story = story_of(build, "one")
    assert "hunter2" not in repr(story)
    said = {field.name: field.text for field in story.beginning.fields}
    assert said["stream_url"] == "http://panel.invalid:8080/…"
    assert "hunter2" not in repr(explain.find(build, "one"))


# --- rules and filters -------------------------------------------------------------------------


def test_each_rule_that_matched_tells_what_it_changed_and_the_others_are_counted(
    tmp_path: Path,
) -> None:
    build = given(
        PREFIX,
        rule("french", 'group_title = "France" SET tvg_country = "FR"'),
        rule("again", 'channel_name = "one" SET channel_name = "First", tvg_id = "1"'),
        rule("same", 'channel_name = "first" SET channel_name = "First"'),
        sources=(source(tmp_path, channel("UK: One", "one")),),
    )
    steps = story_of(build, "UK: One").steps
    assert [told.name for told in steps.rules] == ["prefix", "again", "same"]
    assert steps.unmatched == 1
    (change,) = steps.rules[0].changes
    assert (change.field, change.before, change.after) == ("channel_name", "UK: One", "One")
    assert [(c.field, c.after) for c in steps.rules[1].changes] == [
        ("channel_name", "First"),
        ("tvg_id", "1"),
    ]
    assert steps.rules[2].changes == ()


def test_filters_are_judged_down_the_list_on_what_the_rules_leave(tmp_path: Path) -> None:
    build = given(
        PREFIX,
        include("one", 'channel_name = "One"'),
        include("two", 'channel_name = "Two"'),
        exclude("radio", "radio = true"),
        sources=(source(tmp_path, channel("UK: One", radio=True), channel("UK: Two")),),
    )
    one, two = story_of(build, "One"), story_of(build, "Two")
    assert [(t.name, t.matched, t.kept) for t in one.steps.filters] == [
        ("one", True, True),
        ("two", False, True),
        ("radio", True, False),
    ]
    assert [t.kept for t in two.steps.filters] == [False, True, True]
    assert (one.in_lineup, two.in_lineup) == (False, True)
    assert one.number.number is None
    assert one.number.why == "filter radio takes it out"


def test_a_channel_that_nobody_includes_says_so(tmp_path: Path) -> None:
    build = given(
        include("none", 'channel_name = "Other"'), sources=(source(tmp_path, channel("One")),)
    )
    assert story_of(build, "One").number.why == "no filter includes it"


def test_the_story_agrees_with_the_build_about_who_is_in_the_lineup(three: BuildInput) -> None:
    lineup = building.lineup(three).channels
    for name in ("BBC One", "Grüße", "Late"):
        story = story_of(three, name)
        assert story.in_lineup == story.steps.kept
        assert story.in_lineup == (story.channel_id in lineup["channel_id"])
        if story.in_lineup:
            assert story.name in lineup["name"]


def test_a_channel_without_an_address_is_not_in_the_lineup(tmp_path: Path) -> None:
    build = given(rule("cut", "DELETE stream_url"), sources=(source(tmp_path, channel("One")),))
    story = story_of(build, "One")
    assert not story.in_lineup
    assert story.number.why == "rule cut takes its address away"


def test_a_channel_that_was_there_at_another_time_is_said_to_depend_on_it(
    three: BuildInput,
) -> None:
    (found,) = explain.find(three, "BBC One")
    lineup = building.lineup(three).channels.clear()
    story = explain.channel(three, found.channel_id, lineup, published=True)
    assert story.number.why == (
        "it was left out when the lineup was built; a rule or filter asks for the time"
    )


# --- number ------------------------------------------------------------------------------------


def test_a_number_comes_from_the_place_in_the_lineup(tmp_path: Path) -> None:
    rows = [channel(f"Channel {place}") for place in range(1, 13)]
    build = given(sources=(source(tmp_path, *rows),), numbering={"start": 100})
    told = story_of(build, "Channel 12").number
    assert (told.number, told.why) == ("111", "12th of 12 channels, counted from 100")
    assert story_of(build, "Channel 2").number.why.startswith("2nd of 12")


def test_who_is_numbered_around_what_rules_give_says_so(tmp_path: Path) -> None:
    give = rule("give", 'channel_name = "One" SET channel_number = "7"')
    build = given(give, sources=(source(tmp_path, channel("One"), channel("Two")),))
    told = story_of(build, "Two").number
    why = "2nd of 2 channels; the lowest that was free from 1 on when it came"
    assert (told.number, told.why) == ("1", why)


def test_a_number_that_is_pinned_for_nobody_is_told_to_who_wanted_it(tmp_path: Path) -> None:
    rows = (channel("BBC One HD", channel_number="1"), channel("BBC Two", channel_number="1"))
    how = {"mode": "preserve", "pinned": {"BBC One": "1"}}
    told = story_of(given(sources=(source(tmp_path, *rows),), numbering=how), "BBC Two").number
    assert (told.number, told.why) == (
        "3",
        "the next free one after the provider's 1, which is pinned for 'BBC One', and nobody is "
        "called so; 2nd of 2 channels",
    )


def test_a_number_that_a_rule_gives_names_the_rule(tmp_path: Path) -> None:
    give = rule("give", 'channel_name starts_with "One" SET channel_number = "7"')
    build = given(give, sources=(source(tmp_path, channel("One"), channel("One too")),))
    first, second = story_of(build, "One").number, story_of(build, "One too").number
    assert (first.number, first.why) == ("7", "rule give gives it; 1st of 2 channels")
    assert second.number == "1"
    assert second.why.endswith("; rule give asks for '7', which another channel has")


def test_a_number_that_no_channel_can_have_is_told(tmp_path: Path) -> None:
    give = rule("give", 'SET channel_number = "0.5"')
    told = story_of(given(give, sources=(source(tmp_path, channel("One")),)), "One").number
    why = "1st of 1 channels; rule give asks for '0.5', which is no number from 1 on"
    assert (told.number, told.why) == ("1", why.replace(";", ", counted from 1;"))


def test_a_rule_that_copies_no_number_gives_none(tmp_path: Path) -> None:
    copied = rule("copied", "SET channel_number = $channel_number")
    told = story_of(given(copied, sources=(source(tmp_path, channel("One")),)), "One").number
    assert (told.number, told.why) == ("1", "1st of 1 channels, counted from 1")


# --- guide -------------------------------------------------------------------------------------


def test_each_guide_tells_how_it_knows_the_channel(tmp_path: Path) -> None:
    exact = guide(tmp_path, programme("one", "18:00"), name="exact")
    alike = guide(tmp_path, declared=(guide_channel("ONE"),), name="alike")
    other = guide(tmp_path, programme("two", "18:00"), name="other")
    build = given(sources=(source(tmp_path, channel("One", "one")),), guides=(exact, alike, other))
    told = story_of(build, "One").guide
    assert (told.searched_for, told.why) == ("one", "its tvg-id")
    assert [(g.guide, g.found, g.guide_channel, g.programmes) for g in told.guides] == [
        ("exact", Found.EXACT, "one", 1),
        ("alike", Found.ALIKE, "ONE", 0),
        ("other", Found.NONE, None, 0),
    ]
    assert [g.why for g in told.guides] == [
        "has it exactly so; 1 programme, taken",
        "has it as 'ONE', letter case and blanks aside; no programmes",
        "has no such channel",
    ]


def test_of_several_guides_each_tells_how_much_the_channel_has_from_it(tmp_path: Path) -> None:
    evening = [programme("one", f"{hour}:00", f"{hour + 1}:00") for hour in range(18, 21)]
    guides = (
        guide(tmp_path, *evening, name="main"),
        guide(tmp_path, *evening, programme("one", "22:00", "23:00"), name="more"),
        guide(tmp_path, evening[0], name="late"),
        guide(tmp_path, programme("two", "18:00", "19:00"), name="other"),
    )
    build = given(sources=(source(tmp_path, channel("One", "one")),), guides=guides)
    told = story_of(build, "One").guide.guides
    assert [guide.taken for guide in told] == [3, 1, 0, None]
    assert [guide.why.partition("; ")[2] for guide in told] == [
        "3 programmes, all taken",
        "4 programmes, 1 taken",
        "1 programme, none taken: they overlap what guides before it have",
        "",
    ]
    lineup = building.lineup(build)
    (part,) = schedule.parts(lineup, build)
    assert part.by_guide == {"main": 3, "more": 1}


def test_of_a_single_guide_all_is_taken_and_not_said(tmp_path: Path) -> None:
    main = guide(tmp_path, programme("one", "18:00", "19:00"))
    build = given(sources=(source(tmp_path, channel("One", "one")),), guides=(main,))
    (told,) = story_of(build, "One").guide.guides
    assert (told.taken, told.why) == (None, "has it exactly so; 1 programme")


def test_a_guide_that_was_never_read_says_so(tmp_path: Path) -> None:
    read = guide(tmp_path, name="read")
    build = given(sources=(source(tmp_path, channel("One")),), guides=(read,))
    later = type(build.spec).model_validate({**dict(build.spec), "epg": ("read", "later")})
    story = story_of(type(build)(**{**vars(build), "spec": later}), "One")
    assert [g.found for g in story.guide.guides] == [Found.NONE, Found.UNREAD]


def test_a_channel_without_a_tvg_id_is_searched_for_by_its_id(tmp_path: Path) -> None:
    build = given(
        sources=(source(tmp_path, channel("One", " ")),), guides=(guide(tmp_path, name="uk"),)
    )
    story = story_of(build, "One")
    assert story.guide.searched_for == story.guide_id == story.channel_id
    assert story.guide.why == "its channel id, since it has no tvg-id"


def test_the_tvg_id_that_a_rule_sets_is_the_one_that_is_searched_for(tmp_path: Path) -> None:
    build = given(
        rule("id", 'SET tvg_id = "two"'),
        sources=(source(tmp_path, channel("One", "one")),),
        guides=(guide(tmp_path, programme("two", "18:00")),),
    )
    story = story_of(build, "One")
    assert (story.guide_id, story.guide.searched_for) == ("two", "two")
    assert story.guide.guides[0].found is Found.EXACT


# --- logo --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "logo", "address", "why"),
    [
        ('SET tvg_name = "x"', "http://l.invalid/a.png", "http://l.invalid/a.png", "as the prov"),
        ('tvg_logo ?= "@logo:standard"', "", "http://logos.invalid/standard.png", "set by rule"),
        ('tvg_logo ?= "@logo:standard"', "http://l.invalid/a", "http://l.invalid/a", "as the pro"),
        ("DELETE tvg_logo", "http://l.invalid/a.png", None, "rule r takes the provider's away"),
        ('SET tvg_name = "x"', None, None, "the provider has none, and no rule sets one"),
    ],
)
def test_a_logo_tells_where_it_is_from(
    tmp_path: Path, text: str, logo: str | None, address: str | None, why: str
) -> None:
    row = channel("One", tvg_logo=logo)
    told = story_of(given(rule("r", text), sources=(source(tmp_path, row),)), "One").logo
    assert told.address == address
    assert told.why.startswith(why)


@pytest.mark.parametrize(
    ("mode", "address", "why"),
    [
        ("link", "http://g.invalid/9.png", "the icon of its guide channel is taken"),
        ("none", None, "not written, since the proxy says logos: none"),
    ],
)
def test_a_channel_without_logo_tells_of_the_icon_of_its_guide(
    tmp_path: Path, mode: str, address: str | None, why: str
) -> None:
    declared = {**guide_channel("one", "One"), "icon": "http://g.invalid/9.png"}
    sources = (source(tmp_path, channel("One", "one")),)
    build = given(sources=sources, guides=(guide(tmp_path, declared=(declared,)),))
    build = replace(build, spec=build.spec.model_copy(update={"logos": mode}))
    told = story_of(build, "One").logo
    assert told.address == address
    assert told.why == f"the provider has none, and no rule sets one; {why}"


def test_a_channel_that_no_source_has_has_no_story(three: BuildInput) -> None:
    lineup = building.lineup(three).channels
    with pytest.raises(KeyError):
        explain.channel(three, "tv.0000000000000000", lineup, published=False)


# --- guide channels that are found by other means ---------------------------------------------


def told_of(build: BuildInput, name: str) -> GuidesTold:
    return story_of(build, name).guide


def test_a_guide_channel_that_a_name_finds_says_so_and_how_certain(tmp_path: Path) -> None:
    uk = guide(tmp_path, programme("x1", "18:00"), declared=(guide_channel("x1", "BBC One"),))
    build = given(sources=(source(tmp_path, channel("UK: BBC 1 FHD")),), guides=(uk,))
    [told] = told_of(build, "UK: BBC 1 FHD").guides
    assert (told.found, told.guide_channel, told.confidence) == (Found.NAME, "x1", 95)
    assert told.why == "has 'x1', which is called so (95%); 1 programme"


def test_an_id_that_differs_in_country_and_quality_says_so(tmp_path: Path) -> None:
    uk = guide(tmp_path, declared=(guide_channel("BBCOne.uk"),))
    build = given(sources=(source(tmp_path, channel("One", "BBCOne.uk@HD")),), guides=(uk,))
    [told] = told_of(build, "One").guides
    assert told.found is Found.BASE
    assert told.why == "has it as 'BBCOne.uk', country and quality aside (97%); no programmes"


def test_near_misses_come_with_the_line_that_pins_them(tmp_path: Path) -> None:
    uk = guide(tmp_path, declared=(guide_channel("g1", "Sky Sports Golf"),))
    build = given(sources=(source(tmp_path, channel("Sky Sports Football")),), guides=(uk,))
    [told] = told_of(build, "Sky Sports Football").guides
    assert (told.found, told.confidence) == (Found.NONE, None)
    [near] = told.near
    assert (near.guide_channel, near.display_name) == ("g1", "Sky Sports Golf")
    assert near.pin == '"Sky Sports Football": "g1"'


@pytest.mark.parametrize(
    ("pin", "why"),
    [("typo", "which the YAML pins"), ("", "the YAML pins it to nothing")],
)
def test_a_pin_to_what_no_guide_has_is_told(tmp_path: Path, pin: str, why: str) -> None:
    uk = guide(tmp_path, declared=(guide_channel("g1", "Alpha"),))
    build = given(sources=(source(tmp_path, channel("Alpha", "a")),), guides=(uk,))
    spec = build.spec.model_copy(update={"matching": Matching(pins={"Alpha": pin})})
    guides = told_of(replace(build, spec=spec), "Alpha")
    assert (guides.searched_for, guides.why) == (pin, why)
    assert [one.found for one in guides.guides] == [Found.NONE]


def test_a_pinned_channel_is_searched_for_by_its_pin(tmp_path: Path) -> None:
    uk = guide(tmp_path, declared=(guide_channel("g1"), guide_channel("one")))
    build = given(sources=(source(tmp_path, channel("One", "one")),), guides=(uk,))
    spec = build.spec.model_copy(update={"matching": Matching(pins={"One": "g1"})})
    guides = told_of(replace(build, spec=spec), "One")
    assert (guides.searched_for, guides.why) == ("g1", "which the YAML pins")
    assert guides.guides[0].found is Found.PINNED
    assert guides.guides[0].why == "has 'g1', which is pinned; no programmes"


def test_every_channels_story_agrees_with_the_build_about_its_guide_channel(
    tmp_path: Path,
) -> None:
    names = ["BBC One", "BBC 1", "ITV", "Channel 4 +1", "Nobody", "Sky Sports Golf"]
    rows = [channel(name, "none" if name.startswith("B") else None) for name in names]
    known = ("BBC One", "Channel 4", "Channel 4 +1", "Sky Sports Football", "ITV HD")
    declared = tuple(guide_channel(f"g{place}", name) for place, name in enumerate(known))
    build = given(sources=(source(tmp_path, *rows),), guides=(guide(tmp_path, declared=declared),))
    found = building.lineup(build)
    of_build = dict(found.matches.select("guide_id", "guide_channel").iter_rows())
    for guide_id, name in found.channels.select("guide_id", "name").iter_rows():
        assert told_of(build, name).guides[0].guide_channel == of_build.get(guide_id)
