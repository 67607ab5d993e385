"""Which address of its logo a channel is written with: the provider's, its guide's, or tvarr's own.

Called by `tvarr.outputs.revision` between the lineup and its writers. The lineup that is kept for
those who look has the addresses of others in any case.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from tvarr.catalog import logo_ids
from tvarr.catalog.logos import LINKS
from tvarr.pipeline.logos import GUIDE_ICON

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tvarr.pipeline.build import BuildInput, Lineup


@dataclass(frozen=True)
class Addressed:
    """A lineup as its proxy wants its logos written."""

    lineup: Lineup
    icons: Mapping[str, str | None]
    """What the icons of guide channels are written as, by their addresses; None: they are left out.
    Those that are not here are written as they are."""
    of_guides: int = 0
    """Channels that have the icon of their guide channel."""
    initials: int = 0
    """Channels that have a placeholder."""

    @property
    def names_server(self) -> bool:
        """Whether an address of tvarr's own may be in it."""
        return any(self.icons.values())


def addressed(lineup: Lineup, build: BuildInput, base_url: str) -> Addressed:
    """Return what is written as the logo of each channel, which has a `GUIDE_ICON` or null.

    A logo of its own comes first, then the icon of its guide channel. With `cache`, a picture that
    is not there yet has the address that it is got from, one that is known to be none is passed
    over, and a channel that has nothing gets a placeholder, once that is drawn. In the guide, a
    picture of a channel's own comes before those that the guide has; a placeholder does not.
    `base_url` has no slash at its end.
    """
    if build.spec.logos == "none":
        nothing = pl.lit(None, pl.String)
        return Addressed(
            replace(lineup, channels=lineup.channels.with_columns(tvg_logo=nothing)), {}
        )
    links = pl.DataFrame(schema=LINKS) if build.links is None else build.links.frame()
    found = _looked_up(lineup.channels, links)
    here = pl.concat_str(pl.lit(f"{base_url}/logos/"), pl.col("picture"), pl.lit(".png"))
    channels = lineup.channels.with_columns(
        tvg_logo=found.select(pl.coalesce(here, "address", "tvg_logo")).to_series()
    )
    kept = channels.filter(found["is_own"])["channel_id"]
    before = [] if lineup.new_logos is None else [lineup.new_logos]
    new_logos = pl.concat([*before, kept]) if kept.len() else lineup.new_logos
    made = replace(lineup, channels=channels, new_logos=new_logos)
    of_guides, initials = found.select(pl.sum("is_of_guide", "is_drawn")).row(0)
    return Addressed(made, _icons(links, base_url), of_guides, initials)


def served(lineup: Lineup, base_url: str) -> int:
    """Return how many channels have a logo that tvarr serves."""
    here = pl.col("tvg_logo").str.starts_with(f"{base_url}/logos/")
    return int(lineup.channels.select(here.sum()).item() or 0)


def are_declared(build: BuildInput) -> bool:
    """Whether rules may have written addresses of tvarr's own into channels or programmes."""
    return any(address.endswith(logo_ids.path_of_declared(name)) for name, address in build.logos)


def _icons(links: pl.DataFrame, base_url: str) -> dict[str, str | None]:
    return {
        address: logo_ids.address(base_url, identity) if identity else None
        for address, identity in links.select("logo", "id").iter_rows()
        if address
    }


def _looked_up(channels: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """Return of each channel `tvg_logo`, and of what it has: `picture` (the id of one that tvarr
    keeps), else its `address`; and whether the picture `is_own`, what it has `is_of_guide`, or it
    `is_drawn`.
    """
    drawn = links.filter(pl.col("logo").is_null()).select("name", drawn="id").unique("name")
    rows = channels.select(
        "name", "tvg_logo", own=_plain("tvg_logo"), icon=_plain(GUIDE_ICON)
    ).join(drawn, on="name", how="left", maintain_order="left")
    for column in ("own", "icon"):
        rows = rows.join(_known(links, column), on=column, how="left", maintain_order="left")
    own, icon = _is_there("own"), _is_there("icon")
    return rows.select(
        "tvg_logo",
        picture=pl.when(own).then("own_id").when(icon).then("icon_id").otherwise("drawn"),
        address=pl.when(own).then("tvg_logo").when(icon).then("icon"),
        is_own=own & pl.col("own_id").is_not_null(),
        is_of_guide=~own & icon,
        is_drawn=~own & ~icon & pl.col("drawn").is_not_null(),
    )


def _plain(column: str) -> pl.Expr:
    """A logo's address, null where there is none."""
    text = pl.col(column).str.strip_chars()
    return pl.when(text != "").then(text)


def _known(links: pl.DataFrame, column: str) -> pl.DataFrame:
    """Return what is known of addresses: `COLUMN`, `COLUMN_id`, and null for one without picture"""
    known = links.filter(pl.col("logo").is_not_null()).unique("logo")
    return known.select(
        pl.col("logo").alias(column),
        pl.col("id").alias(f"{column}_id"),
        pl.col("id").is_null().alias(f"{column}_is_none"),
    )


def _is_there(column: str) -> pl.Expr:
    """Whether there is such an address, and it is not known to be none."""
    return pl.col(column).is_not_null() & ~pl.col(f"{column}_is_none").fill_null(value=False)
