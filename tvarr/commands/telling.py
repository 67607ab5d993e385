"""A story in lines, as a person reads it.

Called by `tvarr.commands.explain`; `tvarr.commands.pieces` prints the lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tvarr.commands.pieces import Line, Piece, Tone, table, visible
from tvarr.pipeline.story import ChannelStory, Found, ProgrammeStory

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from tvarr.pipeline.story import (
        Airing,
        Change,
        FieldText,
        FilterTold,
        GuideAiring,
        GuidesTold,
        NearTold,
        QualityTold,
        RuleTold,
        Steps,
        StreamsTold,
        StreamTold,
    )


_LONGEST_SENTENCE = 120
_NOTHING = "(nothing)"


def as_json(story: ChannelStory | ProgrammeStory) -> str:
    """Return the story as JSON, times in UTC."""
    import orjson

    options = orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS
    return orjson.dumps(story, option=options).decode()


def lines(story: ChannelStory | ProgrammeStory) -> Iterator[Line]:
    """Yield the story line by line."""
    if isinstance(story, ChannelStory):
        yield from _channel(story)
    else:
        yield from _programme(story)


# --- a channel ---------------------------------------------------------------------------------


def _channel(story: ChannelStory) -> Iterator[Line]:
    yield Piece(visible(story.name) or "(no name)", Tone.HEAD), Piece(f"  in {story.proxy}")
    yield (Piece(f"  {story.channel_id}", Tone.QUIET),)
    yield ()
    beginning = story.beginning
    line = f", line {beginning.line:,}" if beginning.line is not None else ""
    yield Piece("From", Tone.HEAD), Piece(f"  source {beginning.source}{line}")
    yield from table([("channel_name", beginning.name), *_pairs(beginning.fields)])
    yield ()
    yield _quality(story.quality)
    yield from _steps(story.steps)
    yield ()
    yield from _number(story)
    if story.streams is not None:
        yield from _streams(story.streams, story.channel_id)
    yield from _guide(story.guide)
    yield from _logo(story)


def _quality(told: QualityTold) -> Line:
    fps = f"{told.fps} fps" if told.fps else None
    facts = (told.resolution, told.hdr, told.codec, fps, told.tier, told.note, told.why)
    return Piece("Quality", Tone.HEAD), Piece(f"  {', '.join(filter(None, facts))}")


def _number(story: ChannelStory) -> Iterator[Line]:
    state = "as published" if story.published else "as the next build has it"
    if story.number.number is None:
        yield Piece("Lineup", Tone.HEAD), Piece("  not in it", Tone.BAD), Piece(f", {state}")
        yield (Piece(f"  {story.number.why}"),)
        return
    yield Piece("Lineup", Tone.HEAD), Piece("  in it", Tone.GOOD), Piece(f", {_as(story)}{state}")
    yield (Piece(f"  number {story.number.number}: {story.number.why}"),)
    yield (Piece(f"  tvg-id in the outputs: {visible(story.guide_id)}"),)


def _as(story: ChannelStory) -> str:
    """Tell that it is a stream of an entry of another name."""
    told = story.streams
    if told is None or told.entry == story.channel_id:
        return ""
    return f"merged into {visible(told.name)!r}, {told.entry}, "


def _streams(told: StreamsTold, asked: str) -> Iterator[Line]:
    """Yield what plays, the first one first, and why each is behind the one before it."""
    yield ()
    if len(told.streams) == 1 and not told.streams[0].also:
        yield Piece("Streams", Tone.HEAD), Piece("  this one only")
        return
    which = f"{len(told.streams)}, in this order" if len(told.streams) > 1 else "1"
    yield Piece("Streams", Tone.HEAD), Piece(f"  {which}")
    before = ""
    for stream in told.streams:
        why = f"{stream.why}; {stream.why_joined}"
        yield (*_stream(stream, asked), Piece("  likewise" if why == before else "", Tone.QUIET))
        if why != before:
            yield (Piece(f"     {visible(why)}"),)
        before = why


def _stream(stream: StreamTold, asked: str) -> Line:
    is_it = asked in (stream.channel_id, *stream.also)
    quality = f"  {', '.join(stream.quality)}" if stream.quality else ""
    return (
        Piece(f"  {stream.place}. {visible(stream.name)}", Tone.HEAD if is_it else Tone.PLAIN),
        Piece(visible(quality)),
        Piece(f"  {stream.source}, {stream.channel_id}", Tone.QUIET),
    )


def _guide(told: GuidesTold) -> Iterator[Line]:
    yield ()
    if not told.guides:
        yield Piece("Guide", Tone.HEAD), Piece("  none: the proxy has no guides")
        return
    if not told.searched_for:
        yield Piece("Guide", Tone.HEAD), Piece(f"  none: {told.why}")
        return
    found = any(guide.found not in (Found.NONE, Found.UNREAD) for guide in told.guides)
    which = "" if found else " none;"
    yield (
        Piece("Guide", Tone.HEAD),
        Piece(f" {which} searched for {visible(told.searched_for)!r}, {told.why}"),
    )
    for guide in told.guides:
        yield (Piece(f"  {guide.guide} {visible(guide.why)}"),)
        yield from _near(guide.near)


def _near(near: Sequence[NearTold]) -> Iterator[Line]:
    for miss in near:
        text = f"    near: {miss.display_name!r} ({miss.confidence}%), {miss.why}; pin it with "
        yield Piece(visible(text), Tone.QUIET), Piece(visible(miss.pin))


def _logo(story: ChannelStory) -> Iterator[Line]:
    yield ()
    yield Piece("Logo", Tone.HEAD), Piece(f"  {visible(story.logo.address or 'none')}")
    yield (Piece(f"  {story.logo.why}"),)


# --- a programme -------------------------------------------------------------------------------


def _programme(story: ProgrammeStory) -> Iterator[Line]:
    yield (
        Piece(visible(story.name) or "(no name)", Tone.HEAD),
        Piece(f"  in {story.proxy}, {_moment(story.at)}"),
    )
    yield (Piece(f"  {story.channel_id}", Tone.QUIET),)
    yield ()
    if story.on is None:
        yield Piece("On", Tone.HEAD), Piece("  nothing: ", Tone.BAD), Piece(story.why)
    else:
        yield Piece("On", Tone.HEAD), Piece(f"  {_airing(story.on)}")
        yield (Piece(f"  {story.why}"),)
    if story.guides:
        yield ()
        yield (Piece("Guides", Tone.HEAD),)
    for guide in story.guides:
        yield from _guide_airing(guide)
    if story.on is None:
        return
    yield ()
    yield Piece("From", Tone.HEAD), Piece("  the guide says")
    yield from table(_pairs(story.beginning))
    yield from _steps(story.steps)


def _guide_airing(guide: GuideAiring) -> Iterator[Line]:
    channel = f", channel {visible(guide.guide_channel)!r}" if guide.guide_channel else ""
    tone = Tone.GOOD if guide.chosen else Tone.PLAIN
    yield Piece(f"  {guide.guide}{channel}: "), Piece(guide.why, tone)
    for airing in guide.on:
        yield (Piece(f"    {_airing(airing)}"),)


def _airing(airing: Airing) -> str:
    stop = f"{airing.stop:%H:%M}" if airing.stop else "…"
    return f"{_moment(airing.start, zone=False)}-{stop} UTC  {visible(airing.title)}"


def _moment(moment: datetime, *, zone: bool = True) -> str:
    from datetime import UTC

    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}{' UTC' if zone else ''}"


# --- rules and filters -------------------------------------------------------------------------


def _steps(steps: Steps) -> Iterator[Line]:
    yield ()
    yield Piece("Rules", Tone.HEAD), Piece(f"  {_counted(steps)}")
    for rule in steps.rules:
        yield from _rule(rule)
    yield ()
    if not steps.filters:
        yield Piece("Filters", Tone.HEAD), Piece("  none, so everything stays")
        return
    first = "nothing" if steps.filters[0].verdict == "include" else "everything"
    yield Piece("Filters", Tone.HEAD), Piece(f"  from {first} on, down the list")
    for told in steps.filters:
        yield from _filter(told)


def _counted(steps: Steps) -> str:
    total = len(steps.rules) + steps.unmatched
    if not total:
        return "none"
    return f"{len(steps.rules)} of {total} matched"


def _rule(rule: RuleTold) -> Iterator[Line]:
    yield Piece(f"  {rule.name}"), Piece(f"  {_sentence(rule.text)}", Tone.QUIET)
    if not rule.changes:
        yield (Piece("    changes nothing: all is so already"),)
    for change in rule.changes:
        yield (Piece(f"    {_change(change)}"),)


def _change(change: Change) -> str:
    before, after = visible(change.before), visible(change.after)
    return f"{change.field}: {before or _NOTHING} → {after or _NOTHING}"


def _filter(told: FilterTold) -> Iterator[Line]:
    matched = "matches" if told.matched else "does not match"
    yield Piece(f"  {told.verdict} {told.name}"), Piece(f"  {_sentence(told.text)}", Tone.QUIET)
    state = ("in", Tone.GOOD) if told.kept else ("out", Tone.BAD)
    yield Piece(f"    {matched}: "), Piece(*state)


# --- texts -------------------------------------------------------------------------------------


def _pairs(texts: Iterable[FieldText]) -> list[tuple[str, str]]:
    return [(field.name, field.text) for field in texts]


def _sentence(text: str) -> str:
    return visible(text, _LONGEST_SENTENCE) if text else "everything"
