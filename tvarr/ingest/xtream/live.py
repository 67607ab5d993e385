"""A panel's live streams → `schema.CHANNELS`.

Called by `source` with one piece of the list after the other. Radio stations, loops ("created
live") and separators such as `=====> Name <=====` are streams like all others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from tvarr.catalog import schema
from tvarr.ingest.xtream import texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tvarr.ingest.tally import Tally
    from tvarr.ingest.xtream.panel import Panel

_NAMELESS: Final = "Channel "


@dataclass
class LiveStreams:
    """The channels of one account, in the panel's order."""

    source: str
    panel: Panel
    ending: str
    """Of a stream's address: ts or m3u8."""
    categories: Mapping[str, str]
    tally: Tally
    frames: list[pl.DataFrame] = field(default_factory=list)
    _seen: dict[str, int] = field(default_factory=dict)
    _line: int = 1

    def add(self, rows: Sequence[Any]) -> None:
        """Take a piece of the list."""
        kept, places = texts.usable(rows, "stream_id", self._line, self.tally)
        self._line += len(rows)
        if kept:
            self.frames.append(self._frame(kept, places))

    def finish(self) -> pl.DataFrame:
        """Return `schema.CHANNELS`."""
        return pl.concat([pl.DataFrame(schema=schema.CHANNELS), *self.frames])

    def _frame(self, rows: list[dict[str, Any]], places: list[int]) -> pl.DataFrame:
        id_, icon = texts.column(rows, "stream_id"), texts.column(rows, "stream_icon", "thumbnail")
        columns = {
            "channel_id": texts.ids(self.source, "live", id_, self._seen),
            "provider_id": id_,
            "name": texts.clean(texts.column(rows, "name", "title")),
            "tvg_id": texts.clean(texts.column(rows, "epg_channel_id")),
            "tvg_logo": texts.pictures(icon, self.panel.base),
            "group_title": texts.category(rows, self.categories),
            "channel_number": texts.clean(texts.column(rows, "num")),
            "radio": texts.column(rows, "stream_type") == "radio_streams",
            "is_adult": texts.flag(texts.column(rows, "is_adult")),
            "archive": texts.flag(texts.column(rows, "tv_archive")),
            "days": texts.column(rows, "tv_archive_duration"),
            "line": pl.Series(places, dtype=pl.UInt32),
        }
        return self._completed(pl.DataFrame(columns))

    def _completed(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Add what follows from the panel's facts and from what all channels of it share."""
        id_ = pl.col("provider_id")
        said = {
            "source": pl.lit(self.source),
            "name": pl.coalesce("name", pl.lit(_NAMELESS) + id_),
            "stream_url": self.panel.stream("live") + id_ + f".{self.ending}",
            "radio": pl.when("radio").then(pl.col("radio")),  # as playlists say it, or nothing
            "stream_type": pl.lit("live"),
            "duration": pl.lit("-1"),
            **self._catchup(),
        }
        given = rows.with_columns(**said)
        return given.select(
            pl.col(name).cast(kind) if name in given.columns else _nothing(kind).alias(name)
            for name, kind in schema.CHANNELS.items()
        )

    def _catchup(self) -> dict[str, pl.Expr]:
        archived = pl.when(pl.col("archive"))
        days = pl.col("days").str.extract(r"^([1-9][0-9]{0,3})(?:\.0)?$")
        address = pl.lit(self.panel.timeshift()) + pl.col("provider_id") + ".ts"
        return {
            "catchup": archived.then(pl.lit("xc")),
            "catchup_days": archived.then(days),
            "catchup_source": archived.then(address),
        }


def _nothing(kind: pl.DataType | type[pl.DataType]) -> pl.Expr:
    """Return what stands in a column that no panel says anything for."""
    return pl.lit([] if isinstance(kind, pl.List) else None, dtype=kind)
