"""How players get one channel's logo, in words: for the stories that `explain` tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from tvarr.pipeline.build import BuildInput


def delivered(build: BuildInput, name: str, address: str) -> str:
    """Return what is written for a channel with that logo; empty where that is the logo itself.

    `tvarr.outputs.logos` does it for a whole lineup, by the same table.
    """
    if build.spec.logos == "none":
        return "not written, since the proxy says logos: none"
    if build.spec.logos == "link":
        return ""
    table = pl.DataFrame() if build.links is None else build.links.frame()
    kept = _ids(table, "logo", address.strip())
    if kept and kept[0]:
        return f"served by tvarr as logos/{kept[0]}.png"
    drawn = _ids(table, "name", name)
    if not address.strip() or kept:
        nothing = "there is no picture at this address; " if kept else ""
        return f"{nothing}{_placeholder(drawn)}"
    return "not kept yet, so players have this address"


def _ids(table: pl.DataFrame, column: str, text: str) -> list[str | None]:
    if table.is_empty() or not text:
        return []
    return table.filter(pl.col(column) == text)["id"].to_list()


def _placeholder(drawn: list[str | None]) -> str:
    return f"its initials are served as logos/{drawn[0]}.png" if drawn else "initials are to come"
