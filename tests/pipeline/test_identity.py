"""Who a channel is after its id has changed."""

from __future__ import annotations

import polars as pl
import pytest

from tests import builders
from tests.builders import channel
from tvarr.catalog.ledger import empty
from tvarr.catalog.schema import LEDGER
from tvarr.pipeline.identity import carried, identities, paths


def row(channel_id: str, **columns: str | None) -> builders.Row:
    name = columns.pop("name", channel_id) or ""
    return channel(name, columns.pop("tvg_id", None), channel_id=channel_id, **columns)


def ledger(*rows: builders.Row) -> pl.DataFrame:
    """Return the ledger of channels that were there."""
    told = identities(builders.channels(*rows)).with_columns(in_source=pl.lit(value=True))
    return pl.concat([empty(), told], how="diagonal").select(LEDGER.keys())


def found(before: list[builders.Row], after: list[builders.Row]) -> list[tuple[str, ...]]:
    return carried(ledger(*before), identities(builders.channels(*after))).rows()


@pytest.mark.parametrize(
    ("columns", "by"),
    [
        ({"provider_id": "77"}, "provider_id"),
        ({"tvg_id": "bbc1.uk"}, "tvg_id"),
        ({"stream_url": "http://a.invalid/uk/bbc1.m3u8"}, "path"),
    ],
)
def test_what_both_have_and_nobody_else_makes_them_one(columns: dict[str, str], by: str) -> None:
    other = row("stays", tvg_id="itv.uk", stream_url="http://a.invalid/uk/itv.m3u8")
    before = [row("old", **{"stream_url": "http://a.invalid/old", **columns}), other]
    after = [other, row("new", **{"stream_url": "http://a.invalid/new", **columns})]
    assert found(before, after) == [("old", "new", by)]


def test_what_two_channels_share_on_either_side_tells_nothing() -> None:
    one = [row("a", tvg_id="x", stream_url="http://h.invalid/1")]
    two = [
        row("b", tvg_id="x", stream_url="http://h.invalid/2"),
        row("c", tvg_id="x", stream_url="http://h.invalid/3"),
    ]
    assert found(one, two) == []
    assert found(two, one) == []


def test_a_channel_that_stays_lends_its_tvg_id_to_nobody() -> None:
    hd = row("hd", tvg_id="bbc1.uk", stream_url="http://h.invalid/hd")
    sd = row("sd", tvg_id="bbc1.uk", stream_url="http://h.invalid/sd")
    assert (
        found([hd, sd], [sd, row("new", tvg_id="bbc1.uk", stream_url="http://h.invalid/n")]) == []
    )


def test_blank_ids_tell_nothing() -> None:
    before = [row("a", tvg_id=" ", provider_id="", stream_url="http://h.invalid/")]
    after = [row("b", tvg_id=" ", provider_id="", stream_url="http://h.invalid/")]
    assert found(before, after) == []


def test_the_strongest_evidence_counts_and_nobody_is_two_channels() -> None:
    before = [row("a", provider_id="1", tvg_id="x", stream_url="http://h.invalid/a")]
    after = [
        row("b", provider_id="2", tvg_id="x", stream_url="http://h.invalid/b"),
        row("c", provider_id="1", tvg_id="y", stream_url="http://h.invalid/a"),
    ]
    assert found(before, after) == [("a", "c", "provider_id")]


def test_channels_of_two_sources_are_never_one() -> None:
    known = ledger(row("a", tvg_id="x"))
    other = builders.channels(row("b", tvg_id="x"), source="other")
    assert carried(known, identities(other)).is_empty()


def test_a_channel_that_went_earlier_is_not_looked_for() -> None:
    known = ledger(row("a", tvg_id="x")).with_columns(in_source=pl.lit(value=False))
    assert carried(known, identities(builders.channels(row("b", tvg_id="x")))).is_empty()


@pytest.mark.parametrize(
    ("address", "left"),
    [
        ("http://a.invalid/live/user/secret/1234.ts", "#1234"),
        ("https://b.invalid:8080/other/words/1234", "#1234"),
        ("http://a.invalid/uk/bbc1/index.m3u8?token=abc&e=1", "/uk/bbc1/index.m3u8"),
        ("http://a.invalid/0123456789abcdef0123/bbc1.m3u8", "/bbc1.m3u8"),
        ("http://a.invalid/token=xyz/bbc1.m3u8", "/bbc1.m3u8"),
        ("http://a.invalid/eyJhbGciOiJIUzI1NiJ9.eyJzdWI/bbc1.m3u8", "/bbc1.m3u8"),
        ("http://a.invalid", None),
        ("http://a.invalid/?id=5", None),
        ("rtp://239.0.0.1:5000", None),
        ("", None),
    ],
)
def test_a_path_has_neither_account_nor_token(address: str, left: str | None) -> None:
    assert paths(pl.Series([address])).to_list() == [left]
