"""Rules and filters over the channels of a build and over its guide."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from tests.builders import Row, build_input, channel, guide, programme, source
from tvarr.catalog import schema
from tvarr.expression.fields import Domain
from tvarr.pipeline import guide as guides
from tvarr.pipeline.build import BuildInput, Lineup, build_key, lineup
from tvarr.pipeline.guide import SHOWN, programmes
from tvarr.pipeline.quality import SCHEMA
from tvarr.spec.sentences import Origin, Step
from tvarr.state.conditions import StepCount

if TYPE_CHECKING:
    from pathlib import Path

CHANNEL, PROGRAMME = Domain
NOW = datetime(2026, 8, 22, 18, 30, tzinfo=UTC)


def rule(text: str, domain: Domain = CHANNEL, name: str = "rule") -> Step:
    return Step(name, "rule", domain, text)


def include(text: str, domain: Domain = CHANNEL) -> Step:
    return Step("in", "include", domain, text)


def exclude(text: str, domain: Domain = CHANNEL) -> Step:
    return Step("out", "exclude", domain, text)


def build_of(tmp_path: Path, *rows: Row, steps: tuple[Step, ...], **changes: Any) -> BuildInput:
    return replace(build_input(sources=(source(tmp_path, *rows),)), steps=steps, **changes)


def lineup_of(tmp_path: Path, *rows: Row, steps: tuple[Step, ...], **changes: Any) -> Lineup:
    return lineup(build_of(tmp_path, *rows, steps=steps, **changes))


def names(found: Lineup) -> list[str]:
    return found.channels["name"].to_list()


# --- channels -----------------------------------------------------------------------------------


def test_streams_are_one_channel_by_the_names_that_rules_give_them(tmp_path: Path) -> None:
    rows = channel("Arte HD"), channel("Art FHD"), channel("Arte SD")
    steps = (
        rule('channel_name = "Art FHD" SET channel_name = "Arte FHD"'),
        rule('channel_name = "Arte SD" SET channel_name = "Zed"'),
    )
    build = build_of(tmp_path, *rows, steps=steps)
    build = replace(build, spec=build.spec.model_copy(update={"duplicates": "merge"}))
    assert names(lineup(build)) == ["Arte HD", "Zed"]


def test_rules_run_in_order_and_each_sees_what_those_before_it_left(tmp_path: Path) -> None:
    steps = (
        rule('channel_name matches "^UK: (.*)$" SET channel_name = "$1"'),
        rule('channel_name = "BBC One" SET group_title = "BBC"'),
    )
    found = lineup_of(tmp_path, channel("UK: BBC One"), channel("Arte"), steps=steps)
    assert found.channels.select("name", "group_title").rows() == [
        ("BBC One", "BBC"),
        ("Arte", None),
    ]


def test_filters_see_what_the_rules_left(tmp_path: Path) -> None:
    steps = (rule('channel_name += " HD"'), exclude('channel_name = "A HD"'))
    assert names(lineup_of(tmp_path, channel("A"), channel("B"), steps=steps)) == ["B HD"]


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        ((exclude('name = "A"'),), "BC"),
        ((exclude('name = "A"'), exclude('name = "C"')), "B"),
        ((include('name = "C"'), include('name = "A"')), "AC"),
        ((include('name != "C"'), exclude('name = "A"')), "B"),
        ((exclude("true"), include('name = "B"')), "B"),
        ((include("false"),), ""),
    ],
)
def test_filters_work_down_their_list(tmp_path: Path, filters: tuple[Step, ...], kept: str) -> None:
    rows = [channel(name) for name in "ABC"]
    assert names(lineup_of(tmp_path, *rows, steps=filters)) == list(kept)


def test_each_step_tells_how_many_rows_it_was_about(tmp_path: Path) -> None:
    steps = (
        rule('name != "C" SET group_title = "X"', name="group"),
        exclude('group_title = "X"'),
        rule("title ?= 'News'", PROGRAMME),
    )
    rows = channel("A"), channel("B", group_title="X"), channel("C")
    assert lineup_of(tmp_path, *rows, steps=steps).steps == (
        StepCount(name="group", verdict="rule", domain="channel", matched=2, changed=1),
        StepCount(name="out", verdict="exclude", domain="channel", matched=2),
    )


def test_what_no_rule_changed_is_as_the_provider_said_it(tmp_path: Path) -> None:
    rows = [
        channel("A", tvg_name="", radio=None, is_adult=None, channel_number="007"),
        channel("B", tvg_name=None, radio=True, attributes=[{"name": "adult", "value": "yes"}]),
    ]
    everything = (
        "SET tvg_name = $tvg_name, radio = $radio, is_adult = $is_adult,"
        " stream_type = $stream_type, tvg_logo = $tvg_logo, channel_number = $channel_number"
    )
    plain = lineup_of(tmp_path / "a", *rows, steps=()).channels
    ruled = lineup_of(tmp_path / "b", *rows, steps=(rule(f'name = "X" {everything}'),)).channels
    assert ruled.equals(plain)
    same = lineup_of(tmp_path / "c", *rows, steps=(rule(everything),)).channels
    assert same.drop("number", "numbered").equals(plain.drop("number", "numbered"))


def test_what_a_rule_empties_is_missing(tmp_path: Path) -> None:
    steps = (rule("DELETE group_title, channel_name, radio"),)
    found = lineup_of(tmp_path, channel("A", group_title="X", radio=True), steps=steps)
    assert found.channels.select("group_title", "name", "radio").rows() == [(None, "", None)]


def test_a_channel_without_an_address_is_none(tmp_path: Path) -> None:
    steps = (rule('name = "A" DELETE stream_url'),)
    found = lineup_of(tmp_path, channel("A"), channel("B"), steps=steps)
    assert names(found) == ["B"]
    assert found.without_address == 1


def test_a_channel_that_a_filter_drops_is_not_counted_among_those_without_address(
    tmp_path: Path,
) -> None:
    steps = (rule('name = "A" DELETE stream_url'), exclude('stream_url = ""'))
    found = lineup_of(tmp_path, channel("A"), channel("B"), steps=steps)
    assert (names(found), found.without_address) == (["B"], 0)


def test_a_new_logo_is_one_in_the_place_of_the_providers(tmp_path: Path) -> None:
    steps = (rule('name != "same" SET tvg_logo = "http://l.invalid/new"'),)
    logos = {"replaced": "http://l.invalid/old", "same": "http://l.invalid/old", "filled": " "}
    rows = [channel(name, tvg_logo=logo) for name, logo in logos.items()]
    found = lineup_of(tmp_path, *rows, steps=steps)
    assert found.new_logos is not None
    chosen = found.channels.filter(pl.col("channel_id").is_in(found.new_logos.implode()))
    assert chosen["name"].to_list() == ["replaced"]


@pytest.mark.parametrize("address", ["#", " # # ", "\x01", "\u00a0\u2028", "\x85#"])
def test_an_address_of_which_nothing_can_be_written_is_none(tmp_path: Path, address: str) -> None:
    steps = (rule(f'name = "A" SET stream_url = "{address}"'),)
    assert names(lineup_of(tmp_path, channel("A"), channel("B"), steps=steps)) == ["B"]


def test_a_logo_is_its_address(tmp_path: Path) -> None:
    steps = (rule('tvg_logo ?= "@logo:none"'),)
    found = lineup_of(tmp_path, channel("A"), steps=steps, logos=(("none", "http://l.invalid/n"),))
    assert found.channels["tvg_logo"].to_list() == ["http://l.invalid/n"]


def test_a_sentence_knows_a_channels_source(tmp_path: Path) -> None:
    one, two = (source(tmp_path, channel(name), name=name) for name in ("one", "two"))
    origins = Origin("one", "m3u", "http://one.invalid/x"), Origin("two", "m3u", "two.m3u")
    text = "SET tvg_name = $source_name, tvg_country = $source_type, tvg_language = $source_url"
    build = replace(build_input(sources=(one, two)), steps=(rule(text),), origins=origins)
    columns = ["tvg_name", "tvg_country", "tvg_language"]
    assert lineup(build).channels.select(columns).rows() == [
        ("one", "m3u", "http://one.invalid/x"),
        ("two", "m3u", "two.m3u"),
    ]


def test_a_set_tvg_id_is_the_guide_id_and_finds_its_guide_channel(tmp_path: Path) -> None:
    uk = guide(tmp_path, programme("BBC1.uk", "18:00"))
    build = build_input(uk, sources=(source(tmp_path, channel("BBC One", "wrong")),))
    found = lineup(replace(build, steps=(rule('SET tvg_id = "bbc1.uk"'),)))
    assert found.channels["guide_id"].to_list() == ["bbc1.uk"]
    assert found.matches.rows() == [("bbc1.uk", "uk", "BBC1.uk", 0, "alike", 99)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ('name = "C" SET channel_number = "1"', ["2", "3", "1"]),
        ('name != "A" SET channel_number = "2"', ["1", "2", "3"]),
        ('name = "A" SET channel_number = " 0101 "', ["101", "1", "2"]),
        ('name = "A" SET channel_number = "0"', ["1", "2", "3"]),
        ('name = "A" SET channel_number = "5.1"', ["5.1", "1", "2"]),
        ('name = "A" SET channel_number = "99999999999"', ["1", "2", "3"]),
        # it says so itself, though the provider did as well
        ('name = "B" SET channel_number = "50"', ["1", "50", "2"]),
        # the provider's own number was not set by the rule
        ('channel_number ?= "60"', ["60", "1", "2"]),
        ('(name = "B" SET group = "x") AND (name = "A" SET chno = "7")', ["7", "1", "2"]),
        ("SET channel_number = $channel_number", ["1", "50", "2"]),
    ],
)
def test_a_number_that_a_rule_has_set_is_the_channels(
    tmp_path: Path, text: str, numbers: list[str]
) -> None:
    rows = channel("A"), channel("B", channel_number="50"), channel("C")
    found = lineup_of(tmp_path, *rows, steps=(rule(text),))
    assert found.channels["number"].to_list() == numbers


def test_a_dropped_channel_keeps_no_number(tmp_path: Path) -> None:
    steps = (rule('SET channel_number = "9"'), exclude('name = "A"'))
    found = lineup_of(tmp_path, channel("A"), channel("B"), channel("C"), steps=steps)
    assert found.channels["number"].to_list() == ["9", "1"]


@pytest.mark.parametrize(
    ("said", "text", "attributes"),
    [
        ([], "SET is_adult = true", [("is-adult", "1")]),
        ([("Adult", "0"), ("x", "y")], "SET is_adult = true", [("x", "y"), ("Adult", "1")]),
        ([("adult", "0"), ("censored", "0")], "SET is_adult = true", [("adult", "1")]),
        ([("adult", "0")], "DELETE is_adult", []),
        ([("x", "y")], "SET stream_type = movie", [("x", "y"), ("tvg-type", "movie")]),
        ([("tvg-type", "live")], 'SET stream_type = "series"', [("tvg-type", "series")]),
        ([("adult", "no")], 'name = "B" SET is_adult = true', [("adult", "no")]),
        ([("adult", "no")], "SET is_adult = false", [("adult", "no")]),
    ],
)
def test_attributes_agree_with_what_a_rule_has_changed(
    tmp_path: Path,
    said: list[tuple[str, str]],
    text: str,
    attributes: list[tuple[str, str]],
) -> None:
    pairs = [{"name": name, "value": value} for name, value in said]
    found = lineup_of(tmp_path, channel("A", attributes=pairs), steps=(rule(text),)).channels
    assert found["attributes"].to_list() == [[{"name": n, "value": v} for n, v in attributes]]
    assert found.schema["attributes"] == schema.PAIRS


def test_a_lineup_of_rules_has_the_columns_of_any_other(tmp_path: Path) -> None:
    steps = (rule('SET channel_number = "3", is_adult = true'), exclude("false"))
    found = lineup_of(tmp_path, channel("A"), steps=steps).channels
    assert found.schema == {
        **schema.CHANNELS,
        **SCHEMA,
        "number": pl.String,
        "numbered": pl.String,
        "guide_id": pl.String,
    }


# --- the time and the key -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        'SET tvg_name = "at @time:now"',
        'tvg_name > "@time:now()" SET group = "X"',
        'true AND NOT (name = "A" OR tvg_name = "@TIME:NOW") SET group = "X"',
        '(true SET group = "X") AND (tvg_name = "@time:now" SET group = "Y")',
    ],
)
def test_the_hour_counts_where_a_sentence_asks_for_it(tmp_path: Path, text: str) -> None:
    build = build_of(tmp_path, channel("A"), steps=(rule(text),), now=NOW)
    key = build_key(build, None)
    assert build_key(replace(build, now=NOW + timedelta(minutes=29)), None) == key
    assert build_key(replace(build, now=NOW + timedelta(minutes=30)), None) != key


def test_the_hour_does_not_count_where_nothing_asks_for_it(tmp_path: Path) -> None:
    build = build_of(tmp_path, channel("A"), steps=(rule('SET group = "now"'),), now=NOW)
    assert build_key(replace(build, now=NOW + timedelta(days=1)), None) == build_key(build, None)


def test_now_is_the_time_of_the_build(tmp_path: Path) -> None:
    steps = (rule('SET tvg_name = "@time:now"'),)
    found = lineup_of(tmp_path, channel("A"), steps=steps, now=NOW)
    assert found.channels["tvg_name"].to_list() == [NOW.strftime("%Y-%m-%dT%H:%M:%SZ")]


@pytest.mark.parametrize(
    "change",
    [
        {"steps": ()},
        {"steps": (rule('SET group = "B"'), exclude("false"))},
        {"steps": (rule('SET group = "A"', name="other"), exclude("false"))},
        {"steps": (exclude("false"), rule('SET group = "A"'))},
        {"steps": (rule('SET group = "A"'), include("false"))},
        {"steps": (rule('SET group = "A"'), exclude("false", PROGRAMME))},
        {"logos": (("a", "http://b.invalid/"),)},
        {"origins": (Origin("tv", "m3u", "http://b.invalid/"),)},
    ],
)
def test_every_change_of_the_steps_changes_the_key(tmp_path: Path, change: dict[str, Any]) -> None:
    steps = rule('SET group = "A"'), exclude("false")
    build = build_of(tmp_path, channel("A"), steps=steps)
    assert build_key(replace(build, **change), None) != build_key(build, None)


def test_without_steps_the_language_is_not_loaded(tmp_path: Path) -> None:
    """A build of a proxy that has no rules costs what it did before there were any."""
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from tests.builders import build_input, channel, guide, programme, source\n"
        "from tvarr.outputs.revision import write_revision\n"
        "folder = Path(sys.argv[1])\n"
        "(folder / 'out').mkdir()\n"
        "build = build_input(guide(folder, programme('a', '18:00')),\n"
        "                    sources=(source(folder, channel('A', 'a')),))\n"
        "write_revision(build, folder / 'out', 'http://b.invalid')\n"
        "loaded = {name for name in sys.modules if name.startswith('tvarr.expression.')}\n"
        "print(sorted(loaded - {'tvarr.expression.fold'}))  # matching folds letters, too\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


# --- programmes ---------------------------------------------------------------------------------


def aired(
    tmp_path: Path, *rows: Row, steps: tuple[Step, ...], columns: tuple[str, ...] = ("title",)
) -> list[tuple[Any, ...]]:
    tv = source(tmp_path, channel("One", "1", group_title="Sport"), channel("Two", "2"),
                channel("One HD", "1", group_title="Other"))  # fmt: skip
    build = build_input(guide(tmp_path, *rows), sources=(tv,))
    build = replace(build, steps=steps, origins=(Origin("tv", "m3u", "tv.m3u"),), now=NOW)
    frames = [*programmes(lineup(build), build, columns=columns)]
    return pl.concat(frames).select("guide_id", *columns).rows()


def test_rules_change_programmes(tmp_path: Path) -> None:
    steps = (rule('title = "News" SET genre = "News", season = 3', PROGRAMME),)
    rows = programme("1", "18:00", "19:00"), programme("1", "19:00", title="Film")
    assert aired(tmp_path, *rows, steps=steps, columns=("title", "categories", "season")) == [
        ("1", "News", ["News"], 3),
        ("1", "Film", None, None),
    ]


def test_a_programme_knows_the_first_channel_that_it_is_on(tmp_path: Path) -> None:
    steps = (
        rule('channel_name = "One" SET chno = "7"'),
        rule(
            'SET title = "$channel_name|$channel_group|$channel_number|$source_name'
            '|$source_type|$source_url"',
            PROGRAMME,
        ),
    )
    assert aired(tmp_path, programme("1", "18:00"), programme("2", "18:00"), steps=steps) == [
        ("1", "One|Sport|7|tv|m3u|tv.m3u"),
        ("2", "Two||1|tv|m3u|tv.m3u"),
    ]


def test_filters_drop_programmes(tmp_path: Path) -> None:
    steps = (exclude('programme_stop <= "@time:now"', PROGRAMME),)
    rows = programme("1", "17:00", "18:00", "Over"), programme("1", "18:00", "19:00", "On")
    assert aired(tmp_path, *rows, steps=steps) == [("1", "On")]


def test_a_dropped_channels_programmes_are_dropped(tmp_path: Path) -> None:
    steps = (exclude('tvg_id = "1"'),)
    assert aired(tmp_path, programme("1", "18:00"), programme("2", "18:00"), steps=steps) == [
        ("2", "News")
    ]


def test_only_what_was_asked_for_is_in_a_part(tmp_path: Path) -> None:
    steps = (rule('description = "x" SET poster = "http://i.invalid"', PROGRAMME),)
    build = build_input(
        guide(tmp_path, programme("1", "18:00")), sources=(source(tmp_path, channel("One", "1")),)
    )
    build = replace(build, steps=steps)
    [frame] = programmes(lineup(build), build)
    assert frame.columns == ["guide_id", "start", "stop", "extra", "inner"]
    [shown] = programmes(lineup(build), build, columns=SHOWN)
    assert shown.columns == ["guide_id", "start", "stop", *SHOWN]


def test_parts_make_no_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = (
        rule('title matches "([02468])$" SET title = "even $1"', PROGRAMME),
        exclude('title ends_with "3"', PROGRAMME),
    )
    rows = [programme("1", f"{n // 60}:{n % 60:02}", title=f"T{n}") for n in range(200)]
    whole = aired(tmp_path / "a", *rows, steps=steps, columns=("title", "inner"))
    monkeypatch.setattr(guides, "PART", 7)
    assert aired(tmp_path / "b", *rows, steps=steps, columns=("title", "inner")) == whole
    assert len(whole) == 180


def test_untouched_programmes_are_byte_for_byte_the_providers(tmp_path: Path) -> None:
    odd = '<title lang="de">A &amp; B</title><x:y xmlns:x="u"><!-- c --></x:y>'
    steps = (rule('title = "Film" SET title = "Movie"', PROGRAMME),)
    rows = programme("1", "18:00", inner=odd, title="A & B"), programme("1", "19:00", title="Film")
    assert aired(tmp_path, *rows, steps=steps, columns=("inner",)) == [
        ("1", odd),
        ("1", "<title>Movie</title>"),
    ]
