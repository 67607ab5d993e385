"""What becomes of a live stream's facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.provider.panel import live
from tvarr.catalog import schema

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ingest.xtream.conftest import Account

WHERE = "/live/ann.user/secret%2Fpass%20word"


async def rows_of(account: Account, *streams: Any) -> list[dict[str, Any]]:
    account.says(get_live_streams=list(streams))
    frame = await account.channels()
    assert frame.schema == schema.CHANNELS
    return frame.to_dicts()


async def only(account: Account, **facts: Any) -> dict[str, Any]:
    (row,) = await rows_of(account, live(1, **facts))
    return row


async def test_a_stream_is_a_channel(account: Account) -> None:
    account.says(get_live_categories=[{"category_id": "1", "category_name": "News"}])
    row = await only(account, stream_icon="http://logos.invalid/1.png")
    assert row["name"] == "Channel 1"
    assert row["channel_id"].startswith("tv.")
    assert row["provider_id"] == "1001"
    assert row["channel_number"] == "1"
    assert row["group_title"] == "News"
    assert row["tvg_id"] == "channel1.example"
    assert row["tvg_logo"] == "http://logos.invalid/1.png"
    assert row["stream_url"] == f"http://{account.provider.place}{WHERE}/1001.ts"
    assert row["stream_type"] == "live"
    assert (row["radio"], row["is_adult"], row["catchup"]) == (None, False, None)
    assert (row["line"], row["duration"]) == (1, "-1")
    assert (row["headers"], row["options"], row["attributes"]) == ([], [], [])


async def test_streams_may_be_asked_for_as_hls(account: Account) -> None:
    account.declared["stream_format"] = "m3u8"
    assert (await only(account))["stream_url"].endswith("/1001.m3u8")


@pytest.mark.parametrize("number", [1001, "1001", " 1001 "])
async def test_numbers_are_numbers_or_text(account: Account, number: Any) -> None:
    account.says(get_live_categories=[{"category_id": 1, "category_name": "News"}])
    row = await only(account, stream_id=str(number).strip(), num=number, category_id=1)
    assert (row["provider_id"], row["channel_number"]) == ("1001", "1001")
    assert row["group_title"] == "News"


@pytest.mark.parametrize(
    ("facts", "catchup", "days"),
    [
        ({"tv_archive": 0, "tv_archive_duration": 0}, None, None),
        ({"tv_archive": 1, "tv_archive_duration": "3"}, "xc", "3"),
        ({"tv_archive": "1", "tv_archive_duration": 7}, "xc", "7"),
        ({"tv_archive": True, "tv_archive_duration": None}, "xc", None),
        ({"tv_archive": 1, "tv_archive_duration": ""}, "xc", None),
        ({"tv_archive": None, "tv_archive_duration": "3"}, None, None),
    ],
)
async def test_an_archive_can_be_watched_later(
    account: Account, facts: dict[str, Any], catchup: str | None, days: str | None
) -> None:
    row = await only(account, **facts)
    assert (row["catchup"], row["catchup_days"]) == (catchup, days)
    where = f"http://{account.provider.place}/timeshift/ann.user/secret%2Fpass%20word/"
    archive = f"{where}{{duration:60}}/{{Y}}-{{m}}-{{d}}:{{H}}-{{M}}/1001.ts"
    assert row["catchup_source"] == (archive if catchup else None)


@pytest.mark.parametrize(
    ("kind", "radio"),
    [("live", None), ("created_live", None), ("radio_streams", True), (None, None)],
)
async def test_radio_and_loops_are_channels_too(
    account: Account, kind: str | None, radio: bool | None
) -> None:
    row = await only(account, stream_type=kind)
    assert (row["radio"], row["stream_type"]) == (radio, "live")


@pytest.mark.parametrize(
    ("said", "is_adult"), [("1", True), (1, True), (True, True), ("0", False), (None, False)]
)
async def test_adult_channels_are_marked(account: Account, said: Any, is_adult: bool) -> None:
    assert (await only(account, is_adult=said))["is_adult"] is is_adult


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Tom &amp; Jerry", "Tom & Jerry"),
        ("&#9733; Caf&eacute;", "★ Café"),
        ("A & B; C", "A & B; C"),
        ("R&B", "R&B"),
        ("One\nTwo\t\r\nThree", "One Two Three"),
        ("#EXTM3U\n#EXTINF:-1,x", "#EXTM3U #EXTINF:-1,x"),
        ("=======>   Pakistan   <=======", "=======>   Pakistan   <======="),
        ("  Padded  ", "Padded"),
        (None, "Channel 1001"),
        ("", "Channel 1001"),
        (24, "24"),
        (["A", "B"], "A, B"),
        ({"en": "A"}, "Channel 1001"),
    ],
)
async def test_a_name_is_clean_and_in_one_line(account: Account, said: Any, name: str) -> None:
    assert (await only(account, name=said))["name"] == name


@pytest.mark.parametrize(
    ("said", "logo"),
    [
        ("", None),
        (None, None),
        ("https://l.invalid/a.png", "https://l.invalid/a.png"),
        ("//l.invalid/a.png", "//l.invalid/a.png"),
        ("/images/a.png", "HERE/images/a.png"),
        ("images/a.png", "HERE/images/a.png"),
    ],
)
async def test_a_logo_is_absolute(account: Account, said: Any, logo: str | None) -> None:
    here = f"http://{account.provider.place}"
    found = (await only(account, stream_icon=said))["tvg_logo"]
    assert found == (logo and logo.replace("HERE", here))


async def test_an_id_stays_whatever_else_changes(account: Account) -> None:
    before = await rows_of(account, live(1), live(2))
    after = await rows_of(account, live(3), live(2, name="Other", num=9, category_id=None), live(1))
    ids = {row["provider_id"]: row["channel_id"] for row in after}
    assert all(ids[row["provider_id"]] == row["channel_id"] for row in before)


async def test_a_stream_listed_twice_has_two_ids(account: Account) -> None:
    first, second = await rows_of(account, live(1), live(1))
    assert first["channel_id"] != second["channel_id"]
    assert first["stream_url"] == second["stream_url"]


async def test_several_streams_may_share_one_id_of_the_guide(account: Account) -> None:
    rows = await rows_of(
        account,
        live(1, epg_channel_id="bbc1.uk"),
        live(2, epg_channel_id="bbc1.uk"),
        live(3, epg_channel_id=""),
    )
    assert [row["tvg_id"] for row in rows] == ["bbc1.uk", "bbc1.uk", None]


async def test_what_has_no_id_is_left_out_and_counted(account: Account) -> None:
    unusable: list[Any] = [
        None,
        "text",
        5,
        [],
        live(2, stream_id=None),
        live(3, stream_id="../1"),
        {},
    ]
    account.says(get_live_streams=[live(1), *unusable, live(4)])
    snapshot, report = await account.ingest()
    assert report.channels == 2
    assert report.rejected == {"entry that is no object": 4, "entry without an id": 3}
    assert snapshot.scan_channels().collect()["line"].to_list() == [1, 9]
    assert {row.line for row in report.samples} == {2, 3, 4, 5, 6, 7, 8}


async def test_an_id_has_no_way_out_of_an_address(account: Account) -> None:
    account.says(
        get_live_streams=[live(1), *(live(2, stream_id=bad) for bad in ("a/b", "?", "1#", "1 2"))]
    )
    _, report = await account.ingest()
    assert report.channels == 1


async def test_separators_of_a_real_panel_are_kept(account: Account, real_data: Path) -> None:
    account.says(get_live_streams=(real_data / "xtream/panel-b/get_live_streams.json").read_bytes())
    frame = await account.channels()
    assert frame["radio"].sum() == 20
    assert frame.filter(frame["name"].str.contains("====")).height > 0
    assert frame.filter(frame["catchup"] == "xc").height == 39
