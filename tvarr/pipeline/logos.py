"""A channel's logo, if neither provider nor rules have one: the icon of its guide channel.

`tvarr.outputs.revision` takes the icons of a whole lineup from here. For the stories that `explain`
tells, it says in words how players get one channel's logo.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tvarr.catalog.snapshots import Snapshot
    from tvarr.pipeline.build import BuildInput
    from tvarr.pipeline.story import GuidesTold

GUIDE_ICON: Final = "guide_icon"
"""Column of a lineup: address of the icon of a channel's guide channel, or null."""

_PLAIN: Final = r"(?i)^https?://[^\s\"'<>\\^`{|}\x00-\x20\x7f/][^\s\"'<>\\^`{|}\x00-\x20\x7f]*$"
"""What players can be told; a guide may as well name a file or hold the picture itself."""
_LONGEST: Final = 4096


def with_guide_icons(
    channels: pl.DataFrame, matches: pl.DataFrame, guides: Sequence[Snapshot]
) -> pl.DataFrame:
    """Return the channels with `GUIDE_ICON`, of the first guide whose channel has a plain one.

    `channels` needs `guide_id`; `matches` is `tvarr.pipeline.match.MATCHES`.
    """
    found = [
        matches.lazy()
        .filter(pl.col("priority") == priority)
        .join(_icons(guide), on="guide_channel", maintain_order="left")
        .select("guide_id", GUIDE_ICON)
        for priority, guide in enumerate(guides)
    ]
    none = pl.LazyFrame(schema={"guide_id": pl.String, GUIDE_ICON: pl.String})
    icons = pl.concat([none, *found]).unique("guide_id", keep="first", maintain_order=True)
    rows = channels.drop(GUIDE_ICON, strict=False)
    return rows.join(icons.collect(), on="guide_id", how="left", maintain_order="left")


def _icons(guide: Snapshot) -> pl.LazyFrame:
    """Return `guide_channel` and its icon, of those that have a plain one."""
    icon = pl.col("icon").str.strip_chars()
    channels = guide.scan_channels().unique("guide_channel", keep="first", maintain_order=True)
    plain = icon.str.contains(_PLAIN) & (icon.str.len_chars() <= _LONGEST)
    return channels.filter(plain).select("guide_channel", icon.alias(GUIDE_ICON))


def icon_of(told: GuidesTold, build: BuildInput) -> str:
    """Return the icon of one channel by what is told of its guides; blank where none has one."""
    read = {guide.name: guide for guide in build.guides}
    for guide in told.guides:
        if guide.guide_channel is None or guide.guide not in read:
            continue
        known = pl.col("guide_channel") == guide.guide_channel
        icons = _icons(read[guide.guide]).filter(known).select(GUIDE_ICON).collect()
        if icons.height:
            return str(icons.item(0, 0))
    return ""


def delivered(build: BuildInput, name: str, address: str, icon: str = "") -> str:
    """Return what is written for a channel with that logo; empty where that is the logo itself.

    `icon` is that of its guide channel. `tvarr.outputs.logos` does it for a whole lineup, by the
    same table.
    """
    if build.spec.logos == "none":
        return "not written, since the proxy says logos: none"
    table = pl.DataFrame() if build.links is None else build.links.frame()
    own, other = _ids(table, "logo", address.strip()), _ids(table, "logo", icon)
    nothing = "there is no picture at this address; " if own and own[0] is None else ""
    if build.spec.logos == "link":
        return "" if address.strip() or not icon else _TAKEN
    if own and own[0]:
        return f"served by tvarr as logos/{own[0]}.png"
    if address.strip() and not nothing:
        return "not kept yet, so players have this address"
    if other and other[0]:
        return f"{nothing}{_TAKEN}, served by tvarr as logos/{other[0]}.png"
    if icon and not other:
        return f"{nothing}{_TAKEN}, which is not kept yet"
    return nothing + _placeholder(_ids(table, "name", name))


_TAKEN: Final = "the icon of its guide channel is taken"


def _ids(table: pl.DataFrame, column: str, text: str) -> list[str | None]:
    if table.is_empty() or not text:
        return []
    return table.filter(pl.col(column) == text)["id"].to_list()


def _placeholder(drawn: list[str | None]) -> str:
    return f"its initials are served as logos/{drawn[0]}.png" if drawn else "initials are to come"
