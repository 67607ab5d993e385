"""The catalog as it stands now: every current snapshot, as field frames and as counted values.

Called by `tvarr.pipeline.preview`, the command line and the web, for what people want to know
before they write a rule. Rows come as the provider sent them, part by part, so that memory stays
bounded however long a guide is. A programme's channel is the first one of all sources that has the
programme's guide channel; one that no source has stays without.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from tvarr.errors import MisusedError
from tvarr.expression.fields import SEPARATOR, Domain, Field, to_fields
from tvarr.expression.fold import fold, fold_text
from tvarr.logs import redact
from tvarr.pipeline import match, merge
from tvarr.pipeline.gather import stored
from tvarr.pipeline.rules import fields_of_channels, origin_columns
from tvarr.spec.sentences import origin
from tvarr.state.conditions import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tvarr.catalog.snapshots import Snapshot, Snapshots
    from tvarr.spec.manifest import Manifest
    from tvarr.spec.sentences import Origin
    from tvarr.state.conditions import Status

PART = 25_000
"""Rows that are looked at at once."""

MOST_VALUES = 100_000
"""Different values that are counted; of more, the rarest are forgotten on the way."""

SECRET = frozenset({"stream_url", "catchup_source"})
"""Fields that may hold a provider's credentials."""


class GivenUpError(Exception):
    """Whoever asked does not wait any longer."""


@dataclass(frozen=True)
class Given:
    """The snapshots that are looked at, and what sentences may know of them."""

    sources: tuple[Snapshot, ...] = ()
    guides: tuple[Snapshot, ...] = ()
    origins: tuple[Origin, ...] = ()

    def only(self, name: str, domain: Domain) -> Given:
        """Return this with one source (of channels) or guide (of programmes) alone.

        Raises:
            MisusedError: there is none of this name, or it has not been read yet.
        """
        channels = domain is Domain.CHANNEL
        listed = self.sources if channels else self.guides
        chosen = tuple(snapshot for snapshot in listed if snapshot.name == name)
        if not chosen:
            what = "source" if channels else "guide"
            names = ", ".join(snapshot.name for snapshot in listed) or "none"
            raise MisusedError(f"nothing was read yet of a {what} {name}; there is: {names}")
        if channels:
            return Given(chosen, self.guides, self.origins)
        return Given(self.sources, chosen, self.origins)


def current(statuses: Iterable[Status], snapshots: Snapshots, manifest: Manifest | None) -> Given:
    """Return the current snapshots of all sources and guides, in the YAML's order.

    Without a manifest they come by name, and sentences know nothing of `source_url`.
    """
    order = (
        []
        if manifest is None
        else [
            *(f"{Kind.SOURCE}/{name}" for name in manifest.sources),
            *(f"{Kind.EPG}/{name}" for name in manifest.epg),
        ]
    )
    rank = {key: place for place, key in enumerate(order)}
    ranked = sorted(
        (status for status in statuses if status.removed_at is None),
        key=lambda status: (rank.get(status.key, len(rank)), status.name),
    )
    sources, guides = (
        tuple(stored((status for status in ranked if status.kind is kind), snapshots))
        for kind in (Kind.SOURCE, Kind.EPG)
    )
    declared = {} if manifest is None else manifest.sources
    return Given(sources, guides, tuple(origin(name, one) for name, one in declared.items()))


def parts(domain: Domain, given: Given, stop: Callable[[], bool] = bool) -> Iterator[pl.LazyFrame]:
    """Yield the field frame of all channels or programmes, `PART` rows at a time.

    Raises:
        GivenUpError: `stop` said so, between two parts.
    """
    channels = None if domain is Domain.CHANNEL else _first_channels(given)
    snapshots = given.guides if channels is not None else given.sources
    for snapshot in snapshots:
        table = snapshot.channels if channels is None else snapshot.programmes
        rows = pl.scan_parquet(table).select(pl.len()).collect().item()
        for offset in range(0, rows, PART):
            if stop():
                raise GivenUpError
            part = pl.scan_parquet(table).slice(offset, PART)
            if channels is None:
                yield fields_of_channels(part, given.origins)
                continue
            part = _with_channels(part, channels)
            yield part.with_columns(origin_columns(given.origins)).select(to_fields(domain))


def _first_channels(given: Given) -> pl.DataFrame:
    """Return `guide, guide_channel` and what programmes may know of their channel."""
    channels = merge.with_guide_ids(merge.join_sources(given.sources))
    told = channels.select(
        "guide_id",
        "channel_id",
        "source",
        "channel_number",
        channel_name="name",
        channel_group="group_title",
    ).unique("guide_id", keep="first", maintain_order=True)
    matches = match.match(channels, given.guides).unique(
        ["guide", "guide_channel"], keep="first", maintain_order=True
    )
    return matches.join(told, on="guide_id", maintain_order="left").drop("guide_id", "priority")


def _with_channels(part: pl.LazyFrame, channels: pl.DataFrame) -> pl.LazyFrame:
    return part.join(
        channels.lazy(), on=["guide", "guide_channel"], how="left", maintain_order="left"
    )


# --- values -----------------------------------------------------------------------------------


def values(
    field: Field,
    domain: Domain,
    given: Given,
    query: str,
    limit: int,
    stop: Callable[[], bool] = bool,
) -> tuple[list[tuple[str, int]], int]:
    """Return the values of a field with their counts, most frequent first, and how many there are.

    `query` is looked for in them, letter case aside. Of several texts each counts. Empty ones do
    not.

    Raises:
        GivenUpError: `stop` said so, between two parts.
    """
    counted = pl.DataFrame(schema={"value": pl.String, "count": pl.UInt64})
    for part in parts(domain, given, stop):
        counted = _with_values(counted, part, field, query)
    top = counted.sort(["count", "value"], descending=[True, False]).head(limit)
    return [(redact(value), count) for value, count in top.iter_rows()], counted.height


def _with_values(
    counted: pl.DataFrame, part: pl.LazyFrame, field: Field, query: str
) -> pl.DataFrame:
    texts = part.select(value=pl.col(field.name))
    if field.many:
        texts = texts.select(pl.col("value").str.split(SEPARATOR).explode())
    texts = texts.filter(pl.col("value") != "")
    if query:
        texts = texts.filter(fold(pl.col("value")).str.contains(fold_text(query), literal=True))
    new = texts.group_by("value").agg(count=pl.len().cast(pl.UInt64)).collect()
    both = pl.concat([counted, new]).group_by("value").agg(pl.col("count").sum())
    return both.top_k(MOST_VALUES, by="count") if both.height > MOST_VALUES else both
