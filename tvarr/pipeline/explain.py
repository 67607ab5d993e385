"""Why a channel is as it is: its story, from the provider's entry to its number and guide channel.

Called by the command line and the web, for one channel at a time. It looks at the same snapshots as
a build, with the same steps, and changes nothing. Programmes are told in `tvarr.pipeline.airing`.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import polars as pl

from tvarr.expression import plan
from tvarr.expression.fields import Domain, fields
from tvarr.expression.fold import fold, fold_text
from tvarr.pipeline import match, merge, rules
from tvarr.pipeline.retell import NO_TIME, Retold, retell, text_of
from tvarr.pipeline.spans import spans_of
from tvarr.pipeline.story import (
    Beginning,
    Candidate,
    ChannelStory,
    FieldText,
    Found,
    GuidesTold,
    GuideTold,
    LogoTold,
    NumberTold,
    Steps,
    discreet,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tvarr.catalog.snapshots import Snapshot
    from tvarr.pipeline.build import BuildInput

MOST_NAMES = 20_000
"""Names that a misspelt one is compared with."""
NEAREST = 5

_CANDIDATE = ("channel_id", "source", "name", "provider_name", "tvg_id", "group")
_UNTOLD = frozenset({"channel_name", "source_name", "source_type", "source_url"})

# --- finding -----------------------------------------------------------------------------------


def find(build: BuildInput, wanted: str) -> tuple[Candidate, ...]:
    """Return the channels that `wanted` names, in the order of the sources; dropped ones too.

    It may be a channel id, which is one channel's own, or else a tvg-id or a name, as the provider
    or as the rules have it, letter case aside.
    """
    given = merge.join_sources(build.sources)
    own = given.filter(pl.col("channel_id") == wanted)
    known = _known(own if own.height else given, build)
    if own.height:
        return _candidates(known)
    text = pl.lit(fold_text(wanted.strip()))
    names = ("name", "tvg_id", "provider_name", "provider_tvg_id")
    found = pl.any_horizontal(fold(pl.col(name).str.strip_chars()) == text for name in names)
    return _candidates(known.filter(found))


def nearest(build: BuildInput, wanted: str) -> tuple[str, ...]:
    """Return a few names that may be meant: those that hold the text, else those most like it."""
    given = merge.join_sources(build.sources)
    known = pl.concat([_known(given, build)["name"], given["name"]]).unique(maintain_order=True)
    text = fold_text(wanted.strip())
    holding = known.filter(known.to_frame().select(_holds("name", text)).to_series())
    if text and holding.len():
        return tuple(map(discreet, holding.head(NEAREST)))
    folded = {fold_text(name): name for name in known.head(MOST_NAMES)}
    return tuple(discreet(folded[near]) for near in get_close_matches(text, folded, NEAREST))


def _holds(column: str, text: str) -> pl.Expr:
    return fold(pl.col(column)).str.contains(text, literal=True)


def _known(given: pl.DataFrame, build: BuildInput) -> pl.DataFrame:
    """Return what each channel is called, before and after the rules; filters drop nothing here."""
    logos = dict(build.logos)
    sentences = [
        step.sentence(logos.keys())
        for step in build.steps
        if step.domain is Domain.CHANNEL and step.verdict == "rule"
    ]
    frame = rules.field_frame(given, build)
    ruled = plan.apply(frame, sentences, build.now or NO_TIME, logos)
    after = ruled.select(name="channel_name", tvg_id="tvg_id", group="group_title").collect()
    before = given.select("channel_id", "source", provider_name="name", provider_tvg_id="tvg_id")
    return pl.concat([before, after.fill_null("")], how="horizontal")


def _candidates(known: pl.DataFrame) -> tuple[Candidate, ...]:
    rows = known.select(_CANDIDATE).fill_null("").iter_rows(named=True)
    return tuple(
        Candidate(**{column: discreet(text) for column, text in row.items()}) for row in rows
    )


# --- one channel -------------------------------------------------------------------------------


def channel(
    build: BuildInput, channel_id: str, lineup: pl.DataFrame, *, published: bool
) -> ChannelStory:
    """Return the story of one channel that the sources have.

    `lineup` is that of the build, `channel_id, number` at least: what is `published`, or what the
    next build would make. Raises KeyError where no source has the channel.
    """
    entry = entry_of(build, channel_id)
    retold = retell_entry(entry, build)
    there = lineup.filter(pl.col("channel_id") == channel_id)
    final = _with_guide_id(entry, retold)
    return ChannelStory(
        proxy=build.proxy,
        channel_id=channel_id,
        name=discreet(text_of(retold.row, "channel_name")),
        beginning=_beginning(entry, build),
        steps=retold.steps,
        in_lineup=there.height > 0,
        published=published,
        number=_number(lineup, there, retold, build),
        guide_id=final["guide_id"].item(),
        guide=guides_of(final, build),
        logo=_logo(entry, retold),
    )


def entry_of(build: BuildInput, channel_id: str) -> pl.DataFrame:
    """Return the one row of the sources with that id; raises KeyError."""
    given = merge.join_sources(build.sources)
    found = given.filter(pl.col("channel_id") == channel_id)
    if found.is_empty():
        raise KeyError(channel_id)
    return found.head(1)


def retell_entry(entry: pl.DataFrame, build: BuildInput) -> Retold:
    """Run the channel steps over one entry, one by one."""
    return retell(rules.field_frame(entry, build).collect(), build, Domain.CHANNEL)


def final_entry(entry: pl.DataFrame, build: BuildInput) -> pl.DataFrame:
    """Return the entry with the tvg-id that the rules leave, and its `guide_id`."""
    return _with_guide_id(entry, retell_entry(entry, build))


def _with_guide_id(entry: pl.DataFrame, retold: Retold) -> pl.DataFrame:
    return merge.with_guide_ids(entry.with_columns(tvg_id=retold.row["tvg_id"]))


def _beginning(entry: pl.DataFrame, build: BuildInput) -> Beginning:
    row = rules.field_frame(entry, build).collect()
    said = [
        FieldText(field.name, discreet(text, field.name))
        for field in fields(Domain.CHANNEL)
        if field.name not in _UNTOLD and (text := text_of(row, field.name))
    ]
    attributes = entry["attributes"].item()
    others = [
        FieldText(attribute["name"], discreet(attribute["value"] or ""))
        for attribute in (attributes if attributes is not None else ())
    ]
    name = discreet(text_of(row, "channel_name"))
    return Beginning(entry["source"].item(), entry["line"].item(), name, (*said, *others))


def _number(
    lineup: pl.DataFrame, there: pl.DataFrame, retold: Retold, build: BuildInput
) -> NumberTold:
    if there.is_empty():
        return NumberTold(None, _why_not_there(retold))
    number = there["number"].item(0)
    place = lineup["channel_id"].index_of(there["channel_id"].item(0)) or 0
    why = f"{_ordinal(place + 1)} of {lineup.height:,} channels"
    setter, asked = retold.setters.get("channel_number"), text_of(retold.row, "channel_number")
    if setter is None or not asked.strip():
        start = build.spec.numbering.start
        among = "" if number == start + place else " among those that no rule numbers"
        return NumberTold(number, f"{why}, counted from {start}{among}")
    wanted = asked.strip().lstrip("0")
    if wanted == str(number):
        return NumberTold(number, f"rule {setter} gives it; {why}")
    taken = wanted.isdecimal() and int(wanted) in lineup["number"]
    refused = "which another channel has" if taken else "which is no whole number from 1 on"
    return NumberTold(number, f"{why}; rule {setter} asks for {asked!r}, {refused}")


def _why_not_there(retold: Retold) -> str:
    if not retold.steps.kept:
        return why_dropped(retold.steps)
    if text_of(retold.row, "stream_url").strip():
        return "it was left out when the lineup was built; a rule or filter asks for the time"
    setter = retold.setters.get("stream_url")
    return f"rule {setter} takes its address away" if setter else "it has no address"


def why_dropped(steps: Steps) -> str:
    """Return which filter took a row out, or that none took it in."""
    matched = [told.name for told in steps.filters if told.matched]
    return f"filter {matched[-1]} takes it out" if matched else "no filter includes it"


def _ordinal(number: int) -> str:
    teens = number % 100 in (11, 12, 13)
    ending = "th" if teens else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"


def _logo(entry: pl.DataFrame, retold: Retold) -> LogoTold:
    address = text_of(retold.row, "tvg_logo")
    setter = retold.setters.get("tvg_logo")
    if address.strip():
        why = f"set by rule {setter}" if setter else "as the provider has it"
        return LogoTold(discreet(address, "tvg_logo"), why)
    if setter and entry["tvg_logo"].item():
        return LogoTold(None, f"rule {setter} takes the provider's away")
    return LogoTold(None, "the provider has none, and no rule sets one")


# --- its guide channels ------------------------------------------------------------------------


def guides_of(final: pl.DataFrame, build: BuildInput) -> GuidesTold:
    """Return how each guide of the proxy knows the channel, `tvg_id` and `guide_id` at hand."""
    tvg_id = final["tvg_id"].item() or ""
    blank = not tvg_id.strip()
    key = final["guide_id"].item() if blank else tvg_id
    why = "its channel id, since it has no tvg-id" if blank else "its tvg-id"
    return GuidesTold(discreet(key), why, tuple(_guides(key, final, build)))


def _guides(key: str, final: pl.DataFrame, build: BuildInput) -> Iterator[GuideTold]:
    matches = match.match(final, build.guides)
    read = {guide.name: guide for guide in build.guides}
    for name in build.spec.epg:
        if name not in read:
            yield GuideTold(name, Found.UNREAD, None, 0, "has not been read yet")
            continue
        found = matches.filter(pl.col("guide") == name)["guide_channel"]
        if found.is_empty():
            yield GuideTold(name, Found.NONE, None, 0, "has no such channel")
            continue
        guide_channel = found.item(0)
        count = _programmes(read[name], guide_channel)
        how = Found.EXACT if guide_channel == key else Found.ALIKE
        known = discreet(guide_channel)
        words = "has it exactly so" if how is Found.EXACT else _alike(known)
        yield GuideTold(name, how, known, count, f"{words}; {_counted(count)}")


def _alike(guide_channel: str) -> str:
    return f"has it as {guide_channel!r}, letter case and blanks aside"


def _programmes(guide: Snapshot, guide_channel: str) -> int:
    rows = spans_of(guide).filter(pl.col("guide_channel") == guide_channel)["rows"]
    return int(rows.sum())


def _counted(programmes: int) -> str:
    if not programmes:
        return "no programmes"
    return f"{programmes:,} programme{'' if programmes == 1 else 's'}"
