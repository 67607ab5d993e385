"""Near misses as a person reads them: with the line of YAML that would pin each.

Called by `tvarr.outputs.revision` for the report and by `tvarr.pipeline.explain` for one channel.
"""

from __future__ import annotations

from typing import Final

import polars as pl

NEAR_MISSES: Final = (
    "channel_id", "name", "guide", "guide_channel", "display_name", "confidence", "why", "pin",
)  # fmt: skip


def near_misses(channels: pl.DataFrame, near: pl.DataFrame) -> pl.DataFrame:
    """Return `NEAR_MISSES`, in the order of `near` (`tvarr.pipeline.match.NEAR`).

    Of several channels with one guide_id the first is told. A name that only it has stands in the
    pin, else its channel id.
    """
    alone = pl.col("name").is_unique()
    told = channels.select("channel_id", "guide_id", "name", alone=alone).unique(
        "guide_id", keep="first", maintain_order=True
    )
    joined = near.join(told, on="guide_id", maintain_order="left")
    pins = [
        pin_line(name if alone and (name or "").strip() else channel_id, guide_channel)
        for name, channel_id, alone, guide_channel in joined.select(
            "name", "channel_id", "alone", "guide_channel"
        ).iter_rows()
    ]
    return joined.with_columns(
        pl.col("name").fill_null(""), pin=pl.Series(pins, dtype=pl.String)
    ).select(NEAR_MISSES)


def pin_line(channel: str, guide_channel: str) -> str:
    """Return the line below `pins:`, both texts as YAML's double-quoted scalars."""
    return f"{_quoted(channel)}: {_quoted(guide_channel)}"


def _quoted(text: str) -> str:
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    return letter if letter.isprintable() else f"\\U{ord(letter):08x}"
