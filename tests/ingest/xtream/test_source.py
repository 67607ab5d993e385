"""An Xtream account: what is asked of the panel, in which order, and what is made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ingest.xtream.conftest import PASSWORD, USER
from tests.provider import Panel, Provider, status
from tests.provider.panel import film, live, series
from tvarr.catalog import schema
from tvarr.errors import Reason, TvarrError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ingest.xtream.conftest import Account


def category(number: int, name: str) -> dict[str, object]:
    return {"category_id": str(number), "category_name": name, "parent_id": 0}


ALL = [
    "player_api.php",
    "get_live_categories",
    "get_live_streams",
    "get_vod_categories",
    "get_vod_streams",
    "get_series_categories",
    "get_series",
]


class TestRealAnswers:
    @pytest.mark.parametrize(
        ("name", "channels", "films", "series"), [("panel-a", 2606, 0, 0), ("panel-b", 4867, 1, 52)]
    )
    async def test_the_real_panels_come_to_their_counts(
        self, account: Account, real_data: Path, name: str, channels: int, films: int, series: int
    ) -> None:
        panel = Panel.of(real_data / "xtream" / name, username=USER, password=PASSWORD)
        account.provider.table = panel.table()
        snapshot, report = await account.ingest()
        assert (report.channels, report.films, report.series) == (channels, films, series)
        assert report.rejected == {}
        frame = snapshot.scan_channels().collect()
        assert frame.schema == schema.CHANNELS
        assert frame["channel_id"].n_unique() == channels
        assert snapshot.scan_vod().collect().schema == schema.VOD

    async def test_a_panel_of_another_make_is_read_as_well(
        self, account: Account, real_data: Path
    ) -> None:
        shapes = {
            path.stem: path.read_bytes() for path in (real_data / "xtream/xui_shapes").iterdir()
        }
        account.says(
            get_live_categories=shapes["categories"],
            get_live_streams=shapes["channels"],
            get_vod_streams=shapes["movies"],
            get_series=shapes["shows"],
        )
        account.says(login=shapes["profile"])
        collected = await account.collect()
        assert collected.account is not None
        assert collected.account.connections == 5
        snapshot, report = await account.ingest()
        assert (report.channels, report.films, report.series) == (4, 2, 2)
        vod = snapshot.scan_vod().collect()
        assert vod["year"].to_list() == [2024, 2023, 2022, 2025]


class TestAsking:
    async def test_everything_is_asked_for_by_get_once(self, account: Account) -> None:
        account.says(get_live_streams=[live(1)])
        await account.ingest()
        assert account.asked() == ALL
        assert {seen.method for seen in account.provider.seen} == {"GET"}

    async def test_only_what_is_wanted_is_asked_for(self, account: Account) -> None:
        account.declared["content"] = ["live"]
        account.says(get_live_streams=[live(1)])
        snapshot, _ = await account.ingest()
        assert account.asked() == ALL[:3]
        assert not snapshot.vod.exists()
        assert snapshot.scan_vod().collect().is_empty()

    @pytest.mark.parametrize(
        "page", ["", "/", "/player_api.php", "/c/", "/get.php?username=a&password=b&type=m3u_plus"]
    )
    async def test_an_address_may_be_pasted_with_one_of_the_panels_pages(
        self, account: Account, page: str
    ) -> None:
        account.declared["url"] = account.provider.url(page)
        account.says(get_live_streams=[live(1)])
        rows = await account.channels()
        root = f"http://{account.provider.place}/live/"
        assert rows["stream_url"][0].startswith(root)

    async def test_a_panel_without_films_may_not_know_the_action(self, account: Account) -> None:
        account.says(
            get_live_streams=[live(1)],
            get_vod_streams=status(404),
            get_series=account.panel.login(),
            get_series_categories=b"",
        )
        _, report = await account.ingest()
        assert (report.channels, report.films, report.series) == (1, 0, 0)

    async def test_a_panel_without_live_streams_has_to_say_so(self, account: Account) -> None:
        account.says(get_live_streams=status(404))
        with pytest.raises(TvarrError) as caught:
            await account.ingest()
        assert caught.value.reason is Reason.GONE

    async def test_an_account_without_anything_is_an_empty_answer(self, account: Account) -> None:
        with pytest.raises(TvarrError) as caught:
            await account.ingest()
        assert caught.value.reason is Reason.EMPTY_ANSWER

    async def test_the_same_answers_make_the_same_files(self, account: Account) -> None:
        account.says(
            get_live_streams=[live(1), live(2)],
            get_vod_streams=[film(1)],
        )
        files = []
        for _ in range(2):
            snapshot, _ = await account.ingest()
            files.append((snapshot.channels.read_bytes(), snapshot.vod.read_bytes()))
        assert files[0] == files[1]


class TestHosts:
    async def test_the_second_host_stands_in_for_the_first(self, account: Account) -> None:
        account.says(get_live_streams=[live(1)])
        async with Provider({"/player_api.php": status(503)}) as away:
            account.declared["urls"] = [away.url(), account.provider.url()]
            rows = await account.channels()
        assert account.provider.place in rows["stream_url"][0]
        assert len(away.seen) == 1

    async def test_a_host_that_fails_halfway_is_not_mixed_with_another(
        self, account: Account
    ) -> None:
        account.says(get_live_streams=[live(1)])
        broken = Panel(USER, PASSWORD, says={"get_vod_streams": status(500)})
        async with Provider(broken.table()) as other:
            account.declared["urls"] = [other.url(), account.provider.url()]
            rows = await account.channels()
        assert rows["provider_id"].to_list() == ["1001"]
        assert account.asked() == ALL

    async def test_the_first_host_is_enough(self, account: Account) -> None:
        account.says(get_live_streams=[live(1)])
        async with Provider() as other:
            account.declared["urls"] = [account.provider.url(), other.url()]
            await account.ingest()
        assert other.seen == []

    async def test_of_several_troubles_the_accounts_own_is_told(self, account: Account) -> None:
        account.says(login={"user_info": {"auth": 0}})
        async with Provider({"/player_api.php": status(503)}) as away:
            account.declared["urls"] = [away.url(), account.provider.url()]
            with pytest.raises(TvarrError) as caught:
                await account.ingest()
        assert caught.value.reason is Reason.AUTH_FAILED

    async def test_an_account_without_a_free_connection_is_not_tried_elsewhere(
        self, account: Account
    ) -> None:
        async with Provider({"/player_api.php": status(458)}) as full:
            account.declared["urls"] = [full.url(), account.provider.url()]
            with pytest.raises(TvarrError) as caught:
                await account.ingest()
        assert caught.value.reason is Reason.SLOTS_FULL
        assert account.provider.seen == []

    async def test_else_the_first_hosts_trouble_is_told(self, account: Account) -> None:
        async with Provider({"/player_api.php": status(503)}) as away, Provider() as gone:
            account.declared["urls"] = [away.url(), gone.url()]
            with pytest.raises(TvarrError) as caught:
                await account.ingest()
        assert caught.value.reason is Reason.SERVER_ERROR


class TestRefusals:
    @pytest.mark.parametrize("code", [401, 403, 406])
    async def test_a_login_refused_by_status_is_a_failed_login(
        self, account: Account, code: int
    ) -> None:
        account.says(login=status(code))
        with pytest.raises(TvarrError) as caught:
            await account.ingest()
        assert caught.value.reason is Reason.AUTH_FAILED
        assert "user_agent" in caught.value.sentence

    async def test_a_panel_for_certain_players_answers_the_declared_one(
        self, account: Account
    ) -> None:
        account.says(get_live_streams=[live(1)])
        served = account.provider.table["/player_api.php"]

        async def for_smarters(request):  # type: ignore[no-untyped-def]
            agent = request.headers["User-Agent"]
            return await (served if agent == "IPTVSmarters" else status(406))(request)

        account.provider.table["/player_api.php"] = for_smarters
        with pytest.raises(TvarrError):
            await account.ingest()
        account.declared["user_agent"] = "IPTVSmarters"
        _, report = await account.ingest()
        assert report.channels == 1

    async def test_a_login_lost_between_two_lists_is_noticed(self, account: Account) -> None:
        account.says(get_live_streams={"user_info": {"auth": 0}})
        with pytest.raises(TvarrError) as caught:
            await account.ingest()
        assert caught.value.reason is Reason.AUTH_FAILED

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            (b"<html><h1>Down</h1></html>", Reason.HTML_ANSWER),
            (b'[{"stream_id": 1, "name": "A"}, {"stream_id"', Reason.TRUNCATED),
            (b'{"error": "busy"}', Reason.BAD_ANSWER),
            (b"too many requests", Reason.PARSE_ERROR),
            (b'["', Reason.TRUNCATED),
            (b"[,]", Reason.PARSE_ERROR),
        ],
    )
    async def test_an_answer_that_is_no_list_has_its_reason(
        self, account: Account, body: bytes, reason: Reason
    ) -> None:
        account.says(get_live_streams=body)
        with pytest.raises(TvarrError) as caught:
            await account.ingest()
        assert caught.value.reason is reason

    async def test_no_trouble_tells_the_credentials(self, account: Account) -> None:
        account.says(get_live_streams=status(500))
        with pytest.raises(TvarrError) as caught:
            await account.ingest()
        spec = account.spec
        for text in (caught.value.sentence, repr(caught.value), repr(spec), repr(spec.addresses)):
            assert USER not in text
            assert PASSWORD not in text


class TestCategories:
    async def test_each_content_has_categories_of_its_own(self, account: Account) -> None:
        account.says(
            get_live_categories=[category(1, "News")],
            get_vod_categories=[category(1, "Drama")],
            get_series_categories=[category(1, "Crime")],
            get_live_streams=[live(1, category_id="1")],
            get_vod_streams=[film(1, category_id=1)],
            get_series=[series(1, category_id=None, category_ids=[1, 2])],
        )
        snapshot, _ = await account.ingest()
        assert snapshot.scan_channels().collect()["group_title"].to_list() == ["News"]
        assert snapshot.scan_vod().collect()["category"].to_list() == ["Drama", "Crime"]

    async def test_what_is_in_no_listed_category_is_in_no_group(self, account: Account) -> None:
        account.says(
            get_live_categories=[category(1, "News"), {"category_id": "2"}, None],
            get_live_streams=[live(1, category_id="7"), live(2, category_id=None, category_ids=[])],
        )
        assert (await account.channels())["group_title"].to_list() == [None, None]
