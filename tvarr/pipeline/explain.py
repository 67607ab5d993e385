"""Why a channel is as it is: its story, from the provider's entry to its number and guide channel.

Called by the command line and the web, for one channel at a time. It looks at the same snapshots as
a build, with the same steps, and changes nothing. Guides are told in `tvarr.pipeline.guides_told`,
programmes in `tvarr.pipeline.airing`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

import polars as pl

from tvarr.catalog import schema
from tvarr.expression import plan
from tvarr.expression.fields import Domain, fields
from tvarr.expression.fold import fold, fold_text
from tvarr.pipeline import merge, order, quality, rules
from tvarr.pipeline.guides_told import guides_of
from tvarr.pipeline.logos import delivered, icon_of
from tvarr.pipeline.number_told import number_told
from tvarr.pipeline.retell import NO_TIME, Retold, retell, text_of
from tvarr.pipeline.story import (
    Beginning,
    Candidate,
    ChannelStory,
    FieldText,
    LogoTold,
    NumberTold,
    QualityTold,
    Steps,
    discreet,
)
from tvarr.pipeline.streams_told import streams_told

if TYPE_CHECKING:
    from tvarr.pipeline.build import BuildInput

MOST_NAMES = 20_000
"""Names that a misspelt one is compared with."""
NEAREST = 5

_CANDIDATE = ("channel_id", "source", "name", "provider_name", "tvg_id", "group")


@dataclass(frozen=True, eq=False)
class Made:
    """What a build that merges duplicates has made of its channels, besides the lineup."""

    candidates: pl.DataFrame | None = None
    """`schema.CANDIDATES`; None: duplicates are kept."""
    matches: pl.DataFrame | None = None
    """`tvarr.pipeline.match.MATCHES`; None: as for `candidates`."""


KEPT = Made()
CHANNEL_COLUMNS = tuple(schema.CHANNELS)
_UNTOLD = frozenset({"channel_name", "source_name", "source_type", "source_url", *quality.COLUMNS})

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
    build: BuildInput,
    channel_id: str,
    lineup: pl.DataFrame,
    *,
    published: bool,
    made: Made = KEPT,
) -> ChannelStory:
    """Return the story of one channel that the sources have.

    `lineup` is that of the build, `channel_id, number` at least: what is `published`, or what the
    next build would make; `made` is what it has of it besides. What was merged away has number,
    guide and logo of its entry. Raises KeyError where no source has the channel.
    """
    own = _of_itself(build, channel_id, lineup, published=published, made=made)
    known = [guide.guide for guide in own.guide.guides if guide.guide_channel]
    streams = streams_told(made.candidates, channel_id, lineup, build.spec.quality, known)
    if streams is None or streams.entry == channel_id:
        return replace(own, streams=streams)
    entry = _of_itself(build, streams.entry, lineup, published=published, made=made)
    return replace(
        entry,
        channel_id=channel_id,
        name=own.name,
        beginning=own.beginning,
        quality=own.quality,
        steps=own.steps,
        number=NumberTold(entry.number.number, f"that of {streams.name!r}, {entry.number.why}"),
        streams=streams,
    )


def _of_itself(
    build: BuildInput, channel_id: str, lineup: pl.DataFrame, *, published: bool, made: Made
) -> ChannelStory:
    """Return the story of one row of the sources, whatever it was merged into."""
    entry = source_row(build, channel_id)
    retold = retell_entry(entry, build)
    there = lineup.filter(pl.col("channel_id") == channel_id)
    final = _in_lineup(there) if "guide_id" in there.columns and there.height else None
    if final is None:
        final = _with_guide_id(entry, retold)
    guides = guides_of(final, build, lineup, made.matches)
    return ChannelStory(
        proxy=build.proxy,
        channel_id=channel_id,
        name=discreet(text_of(retold.row, "channel_name")),
        beginning=_beginning(entry, build),
        quality=_quality(entry),
        steps=retold.steps,
        in_lineup=there.height > 0,
        published=published,
        number=_number(lineup, there, retold, build),
        guide_id=final["guide_id"].item(),
        guide=guides,
        logo=_logo(entry, retold, build, icon_of(guides, build)),
    )


def source_row(build: BuildInput, channel_id: str) -> pl.DataFrame:
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
    row = retold.row
    return merge.with_guide_ids(
        entry.with_columns(
            name=row["channel_name"].fill_null(""),
            tvg_id=row["tvg_id"],
            tvg_name=row["tvg_name"],
            tvg_country=row["tvg_country"],
            group_title=row["group_title"],
        )
    )


def _in_lineup(there: pl.DataFrame) -> pl.DataFrame:
    """Return the channel's row of the lineup, as far as guides are searched by it."""
    return there.head(1).select("guide_id", *CHANNEL_COLUMNS)


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


def _quality(entry: pl.DataFrame) -> QualityTold:
    """Return what the provider's name says of the channel's quality, and what its group adds."""
    by_name = quality.claimed(entry["name"]).row(0, named=True)
    said = quality.facts(entry).select(quality.COLUMNS).row(0, named=True)
    facts = {name.removeprefix("quality_"): fact for name, fact in said.items()}
    from_group = said != by_name
    if not any(facts.values()):
        return QualityTold(**facts, why="nothing is said of it")
    if not from_group:
        return QualityTold(**facts, why="as the name says")
    both = any(by_name.values())
    return QualityTold(**facts, why="as name and group say" if both else "as the group says")


def _number(
    lineup: pl.DataFrame, there: pl.DataFrame, retold: Retold, build: BuildInput
) -> NumberTold:
    if there.is_empty():
        return NumberTold(None, _why_not_there(retold, build))
    return number_told(lineup, there, retold, build.spec.numbering)


def _why_not_there(retold: Retold, build: BuildInput) -> str:
    if not retold.steps.kept:
        return why_dropped(retold.steps)
    if text_of(retold.row, "stream_url").strip():
        group = order.hides(text_of(retold.row, "group_title"), build.spec.groups)
        if group is not None:
            return f"its group is hidden: groups.{group}"
        return "it was left out when the lineup was built; a rule or filter asks for the time"
    setter = retold.setters.get("stream_url")
    return f"rule {setter} takes its address away" if setter else "it has no address"


def why_dropped(steps: Steps) -> str:
    """Return which filter took a row out, or that none took it in."""
    matched = [told.name for told in steps.filters if told.matched]
    return f"filter {matched[-1]} takes it out" if matched else "no filter includes it"


def _logo(entry: pl.DataFrame, retold: Retold, build: BuildInput, icon: str) -> LogoTold:
    """Tell of a channel's logo; `icon` is that of its guide channel, or blank."""
    address = text_of(retold.row, "tvg_logo")
    written = delivered(build, text_of(retold.row, "channel_name"), address, icon)
    why = _why_this_logo(entry, retold, address) + (f"; {written}" if written else "")
    shown = address if address.strip() or build.spec.logos == "none" else icon
    return LogoTold(discreet(shown, "tvg_logo") if shown.strip() else None, why)


def _why_this_logo(entry: pl.DataFrame, retold: Retold, address: str) -> str:
    setter = retold.setters.get("tvg_logo")
    if address.strip():
        return f"set by rule {setter}" if setter else "as the provider has it"
    if setter and entry["tvg_logo"].item():
        return f"rule {setter} takes the provider's away"
    return "the provider has none, and no rule sets one"
