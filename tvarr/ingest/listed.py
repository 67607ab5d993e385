"""Channels that come one by one, of sources that have few of them → `schema.CHANNELS`.

Used by the kinds whose channels are no playlist (`manual`, `hdhomerun`), and meant for those of
other packages: whoever fills in `Listed` need not know the catalog's columns.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from tvarr.catalog import schema
from tvarr.ingest import request_headers

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Listed:
    """One channel. Texts are of one line; None is what nobody said."""

    key: str
    """What it is known by, whatever else of it changes; of equal keys, the order decides."""
    name: str
    stream_url: str
    backup_urls: tuple[str, ...] = ()
    tvg_id: str | None = None
    tvg_logo: str | None = None
    group_title: str | None = None
    channel_number: str | None = None
    provider_id: str | None = None
    radio: bool | None = None
    headers: Pairs = ()
    """Request headers that the stream wants, names and values; players are told them, too."""
    attributes: Pairs = ()
    """Further attributes of the entry in a playlist."""


def write_channels(source: str, channels: Iterable[Listed], stage: Path) -> int:
    """Write `stage/channels.parquet` for the source of that name; return the number of channels.

    The same channels give the same bytes.
    """
    seen: Counter[str] = Counter()
    rows = []
    for line, channel in enumerate(channels, start=1):
        id_ = schema.channel_id(source, channel.key, seen[channel.key])
        seen[channel.key] += 1
        rows.append({"channel_id": id_, "source": source, "line": line, **_columns(channel)})
    frame = pl.DataFrame(rows, schema=schema.CHANNELS)
    frame.write_parquet(stage / "channels.parquet", compression="zstd", compression_level=1)
    return frame.height


def _columns(channel: Listed) -> dict[str, object]:
    headers = request_headers.tidy(channel.headers)
    return {
        "name": channel.name,
        "tvg_id": channel.tvg_id,
        "tvg_logo": channel.tvg_logo,
        "group_title": channel.group_title,
        "stream_url": channel.stream_url,
        "channel_number": channel.channel_number,
        "radio": channel.radio,
        "stream_type": "live",
        "provider_id": channel.provider_id,
        "headers": _as_pairs(headers),
        "options": request_headers.as_options(headers),
        "attributes": _as_pairs(channel.attributes),
        "duration": "-1",
        "backup_urls": list(channel.backup_urls),
    }


def _as_pairs(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]
