"""How a story is laid out, at a terminal and in a pipe."""

from __future__ import annotations

import io
import re
import sys
from dataclasses import replace
from datetime import timedelta, timezone
from typing import TYPE_CHECKING

from tests.builders import at
from tvarr.commands import pieces, telling
from tvarr.commands.pieces import Piece, Tone
from tvarr.pipeline.story import (
    Airing,
    Beginning,
    Change,
    ChannelStory,
    FieldText,
    Found,
    GuidesTold,
    GuideTold,
    LogoTold,
    NearTold,
    NumberTold,
    ProgrammeStory,
    QualityTold,
    RuleTold,
    Steps,
    StreamsTold,
    StreamTold,
)

if TYPE_CHECKING:
    import pytest

STORY = ChannelStory(
    proxy="family",
    channel_id="tv.0123456789abcdef",
    name="One",
    beginning=Beginning("tv", 1234, "UK: One", (FieldText("tvg_id", "one"),)),
    steps=Steps((), 0, (), kept=True),
    in_lineup=True,
    published=True,
    number=NumberTold("1", "1st of 1 channels"),
    guide_id="one",
    guide=GuidesTold("one", "its tvg-id", ()),
    logo=LogoTold(None, "the provider has none, and no rule sets one"),
    quality=QualityTold(None, None, None, None, None, None, "its name says nothing of it"),
)
PROGRAMME = ProgrammeStory(
    proxy="family",
    channel_id="tv.0123456789abcdef",
    name="One",
    at=at("18:30"),
    in_lineup=True,
    on=Airing(at("18:00"), None, "News"),
    guides=(),
    beginning=(),
    steps=STORY.steps,
    why="it is in the guide",
)


def text(story: ChannelStory | ProgrammeStory) -> list[str]:
    return ["".join(piece.text for piece in line) for line in telling.lines(story)]


def test_a_story_without_rules_filters_and_guides_is_short() -> None:
    assert text(STORY) == [
        "One  in family",
        "  tv.0123456789abcdef",
        "",
        "From  source tv, line 1,234",
        "  channel_name  UK: One",
        "  tvg_id        one",
        "",
        "Quality  its name says nothing of it",
        "",
        "Rules  none",
        "",
        "Filters  none, so everything stays",
        "",
        "Lineup  in it, as published",
        "  number 1: 1st of 1 channels",
        "  tvg-id in the outputs: one",
        "",
        "Guide  none: the proxy has no guides",
        "",
        "Logo  none",
        "  the provider has none, and no rule sets one",
    ]


def test_a_channel_that_is_pinned_to_nothing_has_no_guides_to_tell_of() -> None:
    pinned = GuidesTold("", "the YAML pins it to nothing", STORY.guide.guides)
    lines = text(replace(STORY, guide=pinned))
    assert "Guide  none: the proxy has no guides" in lines
    told = GuideTold("uk", Found.NONE, None, 0, "has no such channel")
    lines = text(replace(STORY, guide=replace(pinned, guides=(told,))))
    assert "Guide  none: the YAML pins it to nothing" in lines
    assert not any("has no such channel" in line for line in lines)


def test_a_programme_without_an_end_is_told_so() -> None:
    assert "On  2026-08-22 18:00-… UTC  News" in text(PROGRAMME)


def test_a_moment_of_another_zone_is_told_in_utc() -> None:
    elsewhere = at("18:30").astimezone(timezone(timedelta(hours=2)))
    assert text(replace(PROGRAMME, at=elsewhere))[0] == "One  in family, 2026-08-22 18:30 UTC"


def test_what_a_terminal_would_obey_is_not_printed() -> None:
    lines = text(replace(STORY, name="\x1b[31mOne\nTwo\u202e"))
    assert lines[0] == " [31mOne Two   in family"


def test_long_texts_are_cut_and_json_has_all_of_them() -> None:
    change = Change("channel_name", "x" * 1000, "")
    rule = RuleTold("long", "y" * 1000, (change,))
    story = replace(STORY, steps=Steps((rule,), 0, (), kept=True))
    printed = "\n".join(text(story))
    assert "x" * 299 + "… → (nothing)" in printed
    assert "y" * 119 + "…" in printed
    assert "x" * 1000 in telling.as_json(story)


def test_a_rule_that_changed_nothing_says_so() -> None:
    story = replace(STORY, steps=Steps((RuleTold("same", "", ()),), 2, (), kept=True))
    lines = text(story)
    assert "Rules  1 of 3 matched" in lines
    assert "    changes nothing: all is so already" in lines


def test_what_is_near_is_told_below_its_guide_with_its_pin() -> None:
    near = NearTold("g1", "Sky\x1b[31m Golf", 60, "has other words", '"Sky": "g1"')
    guide = GuideTold("uk", Found.NONE, None, 0, "has no such channel", None, (near,))
    lines = text(replace(STORY, guide=GuidesTold("one", "its tvg-id", (guide,))))
    assert "Guide  none; searched for 'one', its tvg-id" in lines
    at = lines.index("  uk has no such channel") + 1
    assert lines[at].startswith("    near: 'Sky")
    assert lines[at].endswith('(60%), has other words; pin it with "Sky": "g1"')
    assert "\x1b" not in lines[at]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_the_same_words_in_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    pieces.show(telling.lines(replace(STORY, name="[red]One[/]")))
    shown = terminal.getvalue()
    assert "\x1b[" in shown
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert plain.splitlines() == text(replace(STORY, name="[red]One[/]"))


def test_a_pipe_gets_no_colours(capsys: pytest.CaptureFixture[str]) -> None:
    pieces.show([(Piece("One ", Tone.HEAD), Piece("  ", Tone.BAD)), ()])
    assert capsys.readouterr().out == "One\n\n"


def stream(place: int, why: str, *also: str, name: str = "One\x1b[31m") -> StreamTold:
    return StreamTold(
        place=place,
        channel_id=f"tv.{place}",
        source="tv",
        name=name,
        quality=("1080p", "50 fps"),
        joined_by="guide",
        why_joined="uk has it as the same channel (95%)",
        why=why,
        also=also,
        healthy=True,
        allowed=True,
        confidence=95,
        profile=0,
        priority=0,
        free_slots=None,
        reliability=None,
        bitrate=None,
    )


def test_streams_are_told_in_the_order_of_playing() -> None:
    streams = (stream(1, "it plays first"), stream(2, "HD, and 1080p is better"))
    lines = text(replace(STORY, streams=StreamsTold(STORY.channel_id, "One", 1, streams)))
    at = lines.index("Streams  2, in this order")
    assert lines[at + 1].startswith("  1. One")
    assert lines[at + 1].endswith("  1080p, 50 fps  tv, tv.1")
    assert "\x1b" not in lines[at + 1]
    assert lines[at + 4] == "     HD, and 1080p is better; uk has it as the same channel (95%)"
    assert "Lineup  in it, as published" in lines


def test_what_was_said_of_the_stream_before_is_not_said_again() -> None:
    same = "nothing tells them apart, so the ids decide"
    streams = (stream(1, "it plays first"), stream(2, same), stream(3, same))
    lines = text(replace(STORY, streams=StreamsTold(STORY.channel_id, "One", 1, streams)))
    assert sum(same in line for line in lines) == 1
    assert lines[lines.index("Streams  3, in this order") + 5].endswith("tv, tv.3  likewise")


def test_what_was_merged_away_says_where_it_is() -> None:
    streams = (stream(1, "it plays first", "tv.0123456789abcdef"),)
    lines = text(replace(STORY, streams=StreamsTold("tv.5", "Other", 1, streams)))
    assert "Lineup  in it, merged into 'Other', tv.5, as published" in lines
    assert "Streams  1" in lines


def test_the_only_stream_is_not_listed() -> None:
    told = StreamsTold(STORY.channel_id, "One", 1, (stream(1, "it plays first"),))
    lines = text(replace(STORY, streams=told))
    assert "Streams  this one only" in lines
    assert not any(line.startswith("  1. ") for line in lines)
