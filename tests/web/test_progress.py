"""What is going on, as the web tells it: once, and while it changes."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from tests.controller.world import eventually
from tests.web.world import Client, World, serve
from tvarr.progress import Kind, State
from tvarr.web import progress as module

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import ClientResponse

PATH = "/api/v1/progress"
EVENTS = f"{PATH}/events"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PACE", 0.01)


def some_work(world: World) -> None:
    """Let a source and a guide be read, of which the guide fails, and a proxy be built."""
    with world.progress.operation("source/uk", Kind.INGESTION) as handle:
        handle.to(State.DOWNLOADING, "playlist", bytes_total=10)
        handle.count(items=2, size=10)
        handle.message = "2 channels"
    with world.progress.operation("epg/uk", Kind.INGESTION) as handle:
        handle.end(State.ERROR)
    with world.progress.operation("proxy/family", Kind.BUILD):
        pass


async def owners(client: Client, query: str = "") -> list[str]:
    answer = await client.get(PATH + query)
    assert answer.status == 200
    return [one["owner"] for one in orjson.loads(answer.body)["operations"]]


class Reader:
    """Reads one stream of events."""

    def __init__(self, answer: ClientResponse) -> None:
        self.answer = answer

    async def event(self) -> tuple[str, str, Any]:
        """Return name, id and data of the next event; comments are passed over."""
        while True:
            text = await self.text()
            lines = [line for line in text.splitlines() if line and line[0] != ":"]
            fields = dict(line.split(": ", 1) for line in lines)
            if "data" in fields:
                return fields["event"], fields["id"], orjson.loads(fields["data"])

    async def text(self) -> str:
        """Return the next piece up to an empty line."""
        piece = await asyncio.wait_for(self.answer.content.readuntil(b"\n\n"), 30)
        return piece.decode()

    async def first(self) -> list[dict[str, Any]]:
        name, _, data = await self.event()
        assert name == "operations"
        found: list[dict[str, Any]] = data["operations"]
        return found


@asynccontextmanager
async def listening(
    client: Client, query: str = "", headers: dict[str, str] | None = None
) -> AsyncIterator[Reader]:
    url = f"http://127.0.0.1:{client.port}{EVENTS}{query}"
    async with client.session.get(url, headers=headers) as answer:
        assert answer.status == 200
        yield Reader(answer)


class TestOnce:
    async def test_each_operation_is_told_in_full(self, world: World, client: Client) -> None:
        some_work(world)
        body = orjson.loads((await client.get(PATH)).body)
        [first, *_] = body["operations"]
        times = {name: first.pop(name) for name in ("started", "updated")}
        assert first == {
            "id": 1,
            "type": "ingestion",
            "owner": "source/uk",
            "state": "completed",
            "stage": "playlist",
            "items": 2,
            "bytes": 10,
            "bytes_total": 10,
            "message": "2 channels",
        }
        assert all(text.endswith("Z") for text in times.values())

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", ["source/uk", "epg/uk", "proxy/family"]),
            ("?type=ingestion", ["source/uk", "epg/uk"]),
            ("?owner=source/uk", ["source/uk"]),
            ("?owner=source/uk&owner=proxy/family", ["source/uk", "proxy/family"]),
            ("?owner=source/uk,proxy/family", ["source/uk", "proxy/family"]),
            ("?state=error", ["epg/uk"]),
            ("?type=ingestion&state=completed", ["source/uk"]),
            ("?type=logos", []),
            ("?owner=nobody", []),
            ("?owner=", ["source/uk", "epg/uk", "proxy/family"]),
        ],
    )
    async def test_filters_choose(
        self, world: World, client: Client, query: str, found: list[str]
    ) -> None:
        some_work(world)
        assert await owners(client, query) == found

    @pytest.mark.parametrize("path", [PATH, EVENTS])
    @pytest.mark.parametrize("query", ["?type=build,x", "?state=done"])
    async def test_a_word_that_nothing_has_is_refused(
        self, client: Client, path: str, query: str
    ) -> None:
        answer = await client.get(path + query)
        assert answer.status == 400
        assert "is one of: " in orjson.loads(answer.body)["error"]

    async def test_a_query_without_end_is_refused(self, client: Client) -> None:
        assert (await client.get(f"{PATH}?owner={'a,' * 60}")).status == 400

    async def test_what_a_provider_said_is_redacted(self, world: World, client: Client) -> None:
        with world.progress.operation("source/uk", Kind.INGESTION) as handle:
            handle.to(State.CONNECTING, "http://ann:hunter2@provider.invalid/get")
            handle.message = "http://provider.invalid/get.php?username=ann&password=hunter2"
        async with listening(client) as reader:
            text = await reader.text() + (await client.get(PATH)).text
        assert "provider.invalid" in text
        assert "hunter2" not in text


class TestEvents:
    async def test_all_comes_first_and_then_what_changes(
        self, world: World, client: Client
    ) -> None:
        some_work(world)
        async with listening(client) as reader:
            assert reader.answer.content_type == "text/event-stream"
            assert [one["owner"] for one in await reader.first()] == [
                "source/uk",
                "epg/uk",
                "proxy/family",
            ]
            with world.progress.operation("source/de", Kind.INGESTION) as handle:
                assert (await reader.event())[2]["state"] == "preparing"
                handle.to(State.DOWNLOADING, "playlist")
                handle.count(size=5)
                name, _, data = await reader.event()
                assert (name, data["state"], data["bytes"]) == ("operation", "downloading", 5)
            assert (await reader.event())[2]["state"] == "completed"

    async def test_filters_choose_here_too(self, world: World, client: Client) -> None:
        async with listening(client, "?type=build&state=completed") as reader:
            assert await reader.first() == []
            some_work(world)
            _, _, data = await reader.event()
            assert (data["owner"], data["state"]) == ("proxy/family", "completed")

    async def test_a_slow_reader_gets_the_latest_state_of_each(
        self, world: World, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "PACE", 0.2)
        async with listening(client) as reader:
            await reader.first()
            with world.progress.operation("source/uk", Kind.INGESTION) as handle:
                for _ in range(20_000):
                    handle.count(items=1)
            _, _, data = await reader.event()
            assert (data["items"], data["state"]) == (20_000, "completed")

    async def test_one_who_comes_back_hears_of_what_it_missed_only(
        self, world: World, client: Client
    ) -> None:
        some_work(world)
        async with listening(client) as reader:
            _, last, _ = await reader.event()
        with world.progress.operation("source/de", Kind.INGESTION):
            pass
        async with listening(client, headers={"Last-Event-ID": last}) as reader:
            assert [one["owner"] for one in await reader.first()] == ["source/de"]

    @pytest.mark.parametrize(
        "last", ["another-3", "x", "", "-", "-3", "{run}-x", "{run}-" + "9" * 40]
    )
    async def test_an_id_of_another_run_is_told_everything(
        self, world: World, client: Client, last: str
    ) -> None:
        some_work(world)
        async with listening(client) as reader:
            _, id_, _ = await reader.event()
        header = last.format(run=id_.partition("-")[0])
        async with listening(client, headers={"Last-Event-ID": header}) as reader:
            assert len(await reader.first()) == 3

    async def test_a_silence_is_broken_now_and_then(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "HEARTBEAT", 0.05)
        async with listening(client) as reader:
            await reader.first()
            assert await reader.text() == ": still here\n\n"
            assert await reader.text() == ": still here\n\n"

    async def test_the_heartbeat_is_one_in_thirty_seconds(self) -> None:
        assert module.HEARTBEAT == 30

    async def test_there_is_room_for_so_many_and_again_when_one_leaves(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "MOST_LISTENERS", 2)
        async with listening(client) as one:
            await one.first()
            async with listening(client) as two:
                await two.first()
                answer = await client.get(EVENTS)
                assert answer.status == 503
                assert answer.headers["Retry-After"] == "60"
                two.answer.close()
            while (await client.get(PATH)).status == 200:
                url = f"http://127.0.0.1:{client.port}{EVENTS}"
                async with client.session.get(url) as third:
                    if third.status == 200:
                        break

    async def test_one_that_leaves_is_no_error(
        self,
        world: World,
        client: Client,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        monkeypatch.setattr(module, "HEARTBEAT", 0.02)
        followers = world.progress._followers
        async with listening(client) as reader:
            await reader.first()
            assert len(followers) == 1
            reader.answer.close()
        await eventually(lambda: not followers)
        assert caplog.text == ""


class TestStopping:
    async def test_the_end_of_the_server_is_a_clean_end_of_the_stream(self, world: World) -> None:
        async with serve(world) as client:
            url = f"http://127.0.0.1:{client.port}{EVENTS}"
            reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
            writer.write(f"GET {url} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            await asyncio.wait_for(reader.readuntil(b'{"operations":[]}\n\n'), 30)
        rest = await asyncio.wait_for(reader.read(), 30)
        assert rest.endswith(b"0\r\n\r\n")
        writer.close()

    async def test_a_client_that_takes_nothing_does_not_hold_it_up(self, world: World) -> None:
        loop = asyncio.get_running_loop()
        async with serve(world) as client:
            deaf = socket.socket()
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            deaf.setblocking(False)
            await loop.sock_connect(deaf, ("127.0.0.1", client.port))
            await loop.sock_sendall(deaf, f"GET {EVENTS} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
            await eventually(lambda: world.progress._followers)
            [follower] = world.progress._followers
            before = -1
            while before != follower.seen:  # until it is stuck
                before = follower.seen
                for number in range(400):
                    with world.progress.operation(f"source/{number}", Kind.INGESTION) as handle:
                        handle.message = "word " * 200
                await asyncio.sleep(0.1)
            begun = loop.time()
        assert loop.time() - begun < 20
        deaf.close()
