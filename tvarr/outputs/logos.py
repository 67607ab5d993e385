"""Which address of its logo a channel is written with: the provider's, tvarr's own, or none.

Called by `tvarr.outputs.revision` between the lineup and its writers. The lineup that is kept for
those who look has the provider's addresses in any case.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from tvarr.catalog import logo_ids

if TYPE_CHECKING:
    from tvarr.pipeline.build import BuildInput, Lineup


def addressed(lineup: Lineup, build: BuildInput, base_url: str) -> Lineup:
    """Return the lineup with the logos' addresses as its proxy wants them written.

    With `cache`, a picture that is not there yet has the provider's address, and a channel that has
    none a placeholder, once that is drawn. A picture of a channel's own comes before those that a
    guide has; a placeholder does not. `base_url` has no slash at its end.
    """
    if build.spec.logos == "none":
        nothing = pl.lit(None, pl.String)
        return replace(lineup, channels=lineup.channels.with_columns(tvg_logo=nothing))
    if build.spec.logos == "link" or build.links is None:
        return lineup
    found = _looked_up(lineup.channels, build.links.frame())
    here = pl.concat_str(
        pl.lit(f"{base_url}/logos/"), pl.coalesce("picture", "drawn"), pl.lit(".png")
    )
    channels = lineup.channels.with_columns(
        tvg_logo=found.select(pl.coalesce(here, "tvg_logo")).to_series()
    )
    kept = channels.filter(found["picture"].is_not_null())["channel_id"]
    before = [] if lineup.new_logos is None else [lineup.new_logos]
    return replace(lineup, channels=channels, new_logos=pl.concat([*before, kept]))


def served(lineup: Lineup, base_url: str) -> int:
    """Return how many channels have a logo that tvarr serves."""
    here = pl.col("tvg_logo").str.starts_with(f"{base_url}/logos/")
    return int(lineup.channels.select(here.sum()).item() or 0)


def are_declared(build: BuildInput) -> bool:
    """Whether rules may have written addresses of tvarr's own into channels or programmes."""
    return any(address.endswith(logo_ids.path_of_declared(name)) for name, address in build.logos)


def _looked_up(channels: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """Return `tvg_logo, picture, drawn` of each channel, the last two as ids or null."""
    logo = pl.col("tvg_logo").str.strip_chars()
    known = links.filter(pl.col("logo").is_not_null()).select(
        "logo", picture="id", has_none=pl.col("id").is_null()
    )
    drawn = links.filter(pl.col("logo").is_null()).select("name", drawn="id")
    rows = channels.select("name", "tvg_logo", logo=logo)
    rows = rows.join(known.unique("logo"), on="logo", how="left", maintain_order="left")
    rows = rows.join(drawn.unique("name"), on="name", how="left", maintain_order="left")
    lacks = (pl.col("logo").fill_null("") == "") | pl.col("has_none").fill_null(value=False)
    return rows.select("tvg_logo", "picture", drawn=pl.when(lacks).then("drawn"))
