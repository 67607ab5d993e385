"""Channels that come one by one become the catalog's rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from tvarr.catalog import schema
from tvarr.ingest.listed import Listed, write_channels

if TYPE_CHECKING:
    from pathlib import Path

ONE = Listed("1", "One", "http://stream.invalid/1")


def rows(tmp_path: Path, *channels: Listed, source: str = "tv") -> list[dict[str, object]]:
    assert write_channels(source, channels, tmp_path) == len(channels)
    frame = pl.read_parquet(tmp_path / "channels.parquet")
    assert frame.schema == schema.CHANNELS
    return frame.to_dicts()


def test_no_channel_is_a_file_as_well(tmp_path: Path) -> None:
    assert rows(tmp_path) == []


def test_a_channel_is_known_by_its_key(tmp_path: Path) -> None:
    [one] = rows(tmp_path, ONE)
    [two] = rows(tmp_path, Listed("1", "Uno", "http://elsewhere.invalid"))
    [other] = rows(tmp_path, ONE, source="other")

    assert one["channel_id"] == two["channel_id"] == schema.channel_id("tv", "1")
    assert other["channel_id"] != one["channel_id"]


def test_of_equal_keys_the_order_decides(tmp_path: Path) -> None:
    ids = [row["channel_id"] for row in rows(tmp_path, ONE, ONE, Listed("2", "Two", "x"), ONE)]

    assert ids == [
        schema.channel_id("tv", *key) for key in (("1", 0), ("1", 1), ("2", 0), ("1", 2))
    ]


def test_headers_are_tidy_and_told_to_players(tmp_path: Path) -> None:
    [row] = rows(
        tmp_path,
        Listed("1", "One", "x", headers=(("User-Agent", "a\r\nb"), ("user-agent", "c"), ("X", ""))),
    )

    assert row["headers"] == [{"name": "User-Agent", "value": "a  b"}]
    assert row["options"] == ["#EXTVLCOPT:http-user-agent=a  b"]
