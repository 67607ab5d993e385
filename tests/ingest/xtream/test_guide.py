"""The guide of an account: one document, or channel by channel where the panel has none."""

from __future__ import annotations

import base64
import gzip
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
import polars as pl
import pytest
from aiohttp import web

from tests.provider import Provider, document, status
from tests.provider.panel import guide, live
from tvarr.catalog import schema
from tvarr.errors import Reason, TvarrError
from tvarr.fetch.client import NotModified
from tvarr.ingest.kinds import ingester_for
from tvarr.ingest.xtream import listings
from tvarr.spec.source import guide_of
from tvarr.state.conditions import Validators

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ingest.xtream.conftest import Account
    from tests.provider import Behaviour

TABLE, SHORT = listings.TABLE, listings.SHORT


def coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def listing(**fields: Any) -> dict[str, Any]:
    return {
        "id": "1",
        "title": coded("News"),
        "description": coded("About News"),
        "start": "2025-02-24 01:11:24",
        "end": "2025-02-24 01:58:48",
        "start_timestamp": "1740355884",
        "stop_timestamp": "1740357684",
    } | fields


def told(*rows: Any) -> dict[str, Any]:
    return {"epg_listings": list(rows)}


def serves(account: Account, body: Behaviour | bytes) -> None:
    behaviour = body if callable(body) else document(body, etag=None)
    account.provider.table["/xmltv.php"] = behaviour


def without_document(account: Account, **answers: Any) -> None:
    """Let the panel have no xmltv.php."""
    serves(account, status(404))
    account.says(get_live_streams=[live(1)], **answers)


async def programmes(account: Account) -> list[dict[str, Any]]:
    snapshot, _ = await account.ingest_guide()
    frame = pl.read_parquet(snapshot.programmes)
    assert frame.schema == schema.PROGRAMMES
    return frame.to_dicts()


class TestDocument:
    async def test_a_panel_with_xmltv_has_its_guide_from_there(self, account: Account) -> None:
        serves(account, guide(10))
        _, report = await account.ingest_guide()
        assert (report.channels, report.programmes) == (10, 40)
        assert account.asked() == ["xmltv.php"]

    async def test_its_beginning_is_asked_for_first_and_never_with_head(
        self, account: Account
    ) -> None:
        serves(account, only_ranges(guide(10)))
        _, report = await account.ingest_guide()
        assert report.programmes == 40
        first, second = account.provider.seen
        assert (first.method, second.method) == ("GET", "GET")
        assert first.headers["range"] == "bytes=0-1023"
        assert "range" not in second.headers

    async def test_a_guide_shorter_than_that_is_read_too(self, account: Account) -> None:
        serves(account, guide(1)[:200] + b"</tv>")
        spec = guide_of("tv", account.spec)
        collected = await account.collect(spec, account.spec)
        assert [part.name for part in collected.parts] == ["document"]

    @pytest.mark.parametrize("ranges", [True, False])
    async def test_a_packed_guide_is_read(self, account: Account, ranges: bool) -> None:
        packed = gzip.compress(guide(100))
        serves(account, only_ranges(packed) if ranges else packed)
        _, report = await account.ingest_guide()
        assert report.programmes == 400

    async def test_an_unchanged_guide_is_not_fetched_again(self, account: Account) -> None:
        serves(account, document(guide(10), etag='"1"'))
        spec = guide_of("tv", account.spec)
        with account.collecting(account.spec) as collecting:
            known = replace(collecting, known={"document": Validators(etag='"1"')}, current=True)
            found = await ingester_for(spec).collect(spec, known)
        assert found == NotModified()

    async def test_the_second_host_has_the_guide_if_the_first_is_away(
        self, account: Account
    ) -> None:
        serves(account, guide(10))
        async with Provider({"/xmltv.php": status(429)}) as busy:
            account.declared["urls"] = [busy.url(), account.provider.url()]
            _, report = await account.ingest_guide()
        assert report.programmes == 40

    async def test_a_guide_that_was_one_document_is_not_replaced_by_less(
        self, account: Account
    ) -> None:
        without_document(account, get_simple_data_table=told(listing()))
        spec = guide_of("tv", account.spec)
        with account.collecting(account.spec) as collecting:
            known = replace(collecting, known={"document": Validators()})
            with pytest.raises(TvarrError) as caught:
                await ingester_for(spec).collect(spec, known)
        assert caught.value.reason is Reason.GONE


class TestListings:
    @pytest.mark.parametrize(
        "lacking",
        [status(404), status(403), status(500), b"", b"<html>No EPG</html>", b"[]", b"<rss/>"],
    )
    async def test_without_it_each_channel_is_asked(
        self, account: Account, lacking: Behaviour | bytes
    ) -> None:
        without_document(account, get_simple_data_table=told(listing()))
        serves(account, lacking)
        (row,) = await programmes(account)
        assert row["guide_channel"] == "channel1.example"
        assert (row["title"], row["description"]) == ("News", "About News")
        assert row["start"] == datetime(2025, 2, 24, 0, 11, 24, tzinfo=UTC)
        assert row["stop"] == datetime(2025, 2, 24, 0, 41, 24, tzinfo=UTC)

    @pytest.mark.parametrize("name", ["full-epg", "short-epg"])
    async def test_real_answers_become_programmes(
        self, account: Account, real_data: Path, name: str
    ) -> None:
        body = (real_data / f"xtream/xui_shapes/{name}.json").read_bytes()
        without_document(account, get_simple_data_table=[], get_short_epg=body)
        rows = await programmes(account)
        assert len(rows) >= 4
        assert {row["title"] for row in rows} == {"fake programme"}
        assert all(row["stop"] > row["start"] for row in rows)

    async def test_a_channel_of_the_guide_has_the_name_of_its_stream(
        self, account: Account
    ) -> None:
        without_document(account, get_simple_data_table=told(listing()))
        snapshot, _ = await account.ingest_guide()
        (channel,) = snapshot.scan_channels().collect().to_dicts()
        assert channel["guide_channel"] == "channel1.example"
        assert channel["names"] == ["Channel 1"]

    async def test_each_id_is_asked_for_once_and_streams_without_one_never(
        self, account: Account
    ) -> None:
        without_document(account, get_simple_data_table=told(listing()))
        account.says(
            get_live_streams=[
                live(1, epg_channel_id="a"),
                live(2, epg_channel_id="a"),
                live(3, epg_channel_id=None),
                live(4, epg_channel_id="b", stream_id="1004"),
                live(5, epg_channel_id="c", stream_id=None),
            ]
        )
        assert len(await programmes(account)) == 2
        assert account.asked().count(TABLE) == 2

    async def test_only_so_many_channels_are_asked(
        self, account: Account, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(listings, "MOST_CHANNELS", 3)
        without_document(account, get_simple_data_table=told(listing()))
        account.says(get_live_streams=[live(number) for number in range(10)])
        assert len(await programmes(account)) == 3

    async def test_only_a_few_are_asked_at_a_time(self, account: Account) -> None:
        now, most = 0, 0

        async def answer(request: web.Request) -> web.StreamResponse:
            nonlocal now, most
            now += 1
            most = max(most, now)
            response = await document(b'{"epg_listings":[]}', etag=None)(request)
            now -= 1
            return response

        without_document(account, get_simple_data_table=answer, get_short_epg=told(listing()))
        account.says(get_live_streams=[live(number) for number in range(30)])
        assert len(await programmes(account)) == 30
        assert most <= listings.AT_ONCE

    async def test_the_short_list_is_asked_for_until_a_table_has_programmes(
        self, account: Account
    ) -> None:
        without_document(account, get_simple_data_table=told(listing()))
        await programmes(account)
        assert SHORT not in account.asked()
        account.provider.seen.clear()
        account.says(get_simple_data_table=[], get_short_epg=told(listing()))
        assert len(await programmes(account)) == 1
        assert account.asked().count(SHORT) == 1

    @pytest.mark.parametrize(
        ("fields", "start", "stop"),
        [
            ({}, "00:11", "00:41"),
            ({"start_timestamp": None, "stop_timestamp": ""}, "00:11", "00:58"),
            ({"stop_timestamp": "", "stop": "2025-02-24 02:00:00"}, "00:11", "01:00"),
            ({"stop_timestamp": "", "end": "1740358728"}, "00:11", "00:58"),
            ({"start_timestamp": 1740355884, "stop_timestamp": 1740358728}, "00:11", "00:58"),
            ({"stop_timestamp": "x", "end": None}, "00:11", None),
        ],
    )
    async def test_times_are_seconds_or_the_panels_local_time(
        self, account: Account, fields: dict[str, Any], start: str, stop: str | None
    ) -> None:
        login = account.panel.login()
        login["server_info"]["timezone"] = "Europe/Paris"
        without_document(account, login=login, get_simple_data_table=told(listing(**fields)))
        (row,) = await programmes(account)
        assert f"{row['start']:%H:%M}" == start
        assert stop == (row["stop"] and f"{row['stop']:%H:%M}")

    @pytest.mark.parametrize(
        ("said", "title"),
        [
            (coded("Tom & Jerry <live>"), "Tom & Jerry <live>"),
            (coded("Über\r\nuns"), "Über uns"),
            ("Tonight: News", "Tonight: News"),
            ("News", "News"),
            (coded("\x00\x01"), coded("\x00\x01")),
            ("", ""),
            (None, ""),
            (17, ""),
        ],
    )
    async def test_titles_are_in_base64_or_plain(
        self, account: Account, said: Any, title: str
    ) -> None:
        without_document(account, get_simple_data_table=told(listing(title=said)))
        (row,) = await programmes(account)
        assert (row["title"] or "") == title

    async def test_rows_that_are_none_cost_nothing_else(self, account: Account) -> None:
        odd: list[Any] = [None, "x", [], {}, listing(start_timestamp="", start="soon")]
        without_document(account, get_simple_data_table=told(*odd, listing()))
        assert len(await programmes(account)) == 1

    async def test_a_channel_that_fails_costs_itself_only_and_is_told(
        self, account: Account
    ) -> None:
        without_document(account, get_simple_data_table=one_in(3, status(500), told(listing())))
        account.says(get_live_streams=[live(number) for number in range(9)])
        snapshot, report = await account.ingest_guide()
        assert 4 < snapshot.scan_programmes().collect().height < 9
        assert any("no answer for" in row.excerpt for row in report.samples)

    async def test_if_most_fail_the_guide_stays_what_it_was(self, account: Account) -> None:
        without_document(account, get_simple_data_table=status(500))
        with pytest.raises(TvarrError) as caught:
            await account.ingest_guide()
        assert caught.value.reason is Reason.SERVER_ERROR

    @pytest.mark.parametrize(
        ("code", "reason"), [(429, Reason.RATE_LIMITED), (401, Reason.AUTH_FAILED)]
    )
    async def test_an_account_that_is_refused_is_not_asked_on(
        self, account: Account, code: int, reason: Reason
    ) -> None:
        without_document(account, get_simple_data_table=status(code))
        account.says(get_live_streams=[live(number) for number in range(50)])
        with pytest.raises(TvarrError) as caught:
            await account.ingest_guide()
        assert caught.value.reason is reason
        assert account.asked().count(TABLE) <= listings.AT_ONCE

    @pytest.mark.parametrize("streams", [[], [live(1, epg_channel_id=None)], [live(1)]])
    async def test_a_panel_without_any_programme_has_no_guide(
        self, account: Account, streams: list[Any]
    ) -> None:
        without_document(account, get_simple_data_table=[], get_short_epg=[])
        account.says(get_live_streams=streams)
        with pytest.raises(TvarrError) as caught:
            await account.ingest_guide()
        assert caught.value.reason is Reason.NO_GUIDE

    async def test_only_one_file_stays_of_all_answers(self, account: Account) -> None:
        without_document(account, get_simple_data_table=told(listing()))
        collected = await account.collect(guide_of("tv", account.spec), account.spec)
        assert [part.name for part in collected.parts] == [listings.LISTINGS]
        left = {path.name for path in (account.path / "collected").iterdir()}
        assert not {name for name in left if name.startswith(f"{listings.LISTINGS}-")}

    @pytest.mark.parametrize("id_", ["x/../../state.json", "../state.json", "/etc/x", "a b", "%2e"])
    async def test_an_id_that_names_a_place_on_the_disk_is_no_stream(
        self, account: Account, id_: str
    ) -> None:
        (account.path / "state.json").write_text("the state")
        without_document(account, get_simple_data_table=told(listing()))
        odd = live(2, epg_channel_id="odd", stream_id=id_)
        account.says(get_live_streams=[odd, live(1)])
        assert {row["guide_channel"] for row in await programmes(account)} == {"channel1.example"}
        assert (account.path / "state.json").read_text() == "the state"
        assert {path.name for path in account.path.iterdir()} == {
            *("collected", "stage", "state.json")
        }

    async def test_channels_of_one_stream_have_their_programmes_each(
        self, account: Account
    ) -> None:
        without_document(account, get_simple_data_table=told(listing()))
        account.says(
            get_live_streams=[live(1, epg_channel_id=f"guide{number}") for number in range(9)]
        )
        assert len(await programmes(account)) == 9

    async def test_rows_keep_no_more_than_texts_and_numbers(self, account: Account) -> None:
        odd = orjson.dumps(listing(title="X", junk="Y", start_timestamp="X"))
        deep = b"[" * 900 + b"]" * 900
        body = b'{"epg_listings":[' + odd.replace(b'"X"', deep).replace(b'"Y"', deep) + b"]}"
        without_document(account, get_simple_data_table=body)
        (row,) = await programmes(account)
        assert row["title"] in ("", None)

    async def test_all_answers_together_are_no_larger_than_a_guide_may_be(
        self, account: Account
    ) -> None:
        spec = guide_of("tv", account.spec)
        assert spec is not None
        spec = spec.model_copy(update={"max_size": 4096})
        without_document(account, get_simple_data_table=told(listing(description="x" * 1000)))
        account.says(get_live_streams=[live(number) for number in range(6)])
        with pytest.raises(TvarrError) as caught:
            await account.collect(spec, account.spec)
        assert caught.value.reason is Reason.TOO_LARGE


def only_ranges(body: bytes) -> Behaviour:
    """Serve `body`, and its beginning with 206 to those who ask for a range."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if "Range" not in request.headers:
            return web.Response(body=body)
        last = int(request.headers["Range"].rpartition("-")[2])
        return web.Response(status=206, body=body[: last + 1])

    return answer


def one_in(count: int, odd: Behaviour, answer: dict[str, Any]) -> Behaviour:
    """Behave oddly each so many requests."""
    asked = 0

    async def behave(request: web.Request) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        return await odd(request) if asked % count == 0 else web.json_response(answer)

    return behave
