from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import orjson
import pytest
from aiohttp import web

from tvarr import __version__
from tvarr.spec.values import RESERVED
from tvarr.web import server
from tvarr.web.server import create_app, create_runner

if TYPE_CHECKING:
    from tests.web.world import Client, World

PATHS = ["/", "/live", "/api/v1/status", "/nothing", "/family/guide.xml", "/static/panel.css"]


@pytest.mark.parametrize("path", PATHS)
async def test_every_answer_carries_the_headers_that_keep_browsers_safe(
    world: World, client: Client, path: str
) -> None:
    world.declare("family")
    world.publish("family", "r1", {"guide.xml": b"<tv/>"})
    answer = await client.get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Server"] == f"tvarr/{__version__}"
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_no_proxy_can_have_a_name_that_the_server_answers_under(world: World) -> None:
    paths = {resource.canonical for resource in create_app(world.view).router.resources()}
    first = {path.split("/")[1] for path in paths} - {"", "{proxy}"}
    assert "logos" in first
    assert first <= RESERVED


async def test_live_answers_whatever_the_state(client: Client) -> None:
    assert (await client.get("/live")).status == 200


async def test_ready_waits_for_the_yaml(client: Client) -> None:
    answer = await client.get("/ready")
    assert answer.status == 503
    assert "has not been read" in answer.text


async def test_ready_names_what_is_not_published_yet(world: World, client: Client) -> None:
    world.declare("family", "kids", "all")
    world.publish("kids", "r1", {"guide.xml": b"<tv/>"})
    answer = await client.get("/ready")
    assert answer.status == 503
    assert answer.text == "Nothing is published yet for: family, all.\n"
    assert answer.headers["Retry-After"] == "5"


async def test_ready_answers_once_every_proxy_is_published(world: World, client: Client) -> None:
    world.declare("family")
    world.publish("family", "r1", {"guide.xml": b"<tv/>"})
    assert (await client.get("/ready")).status == 200


async def test_ready_answers_where_nothing_is_declared(world: World, client: Client) -> None:
    world.declare()
    assert (await client.get("/ready")).status == 200


@pytest.mark.parametrize("path", ["/health", "/healthz"])
async def test_health_stays_well_while_a_provider_is_down_and_says_so(
    world: World, client: Client, path: str
) -> None:
    world.declare("family")
    answer = await client.get(path)
    assert answer.status == 200
    assert orjson.loads(answer.body) == {
        "status": "degraded",
        "version": __version__,
        "missing": "Nothing is published yet for: family.",
    }
    world.publish("family", "r1", {"guide.xml": b"<tv/>"})
    assert orjson.loads((await client.get(path)).body)["status"] == "ok"


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + b"a" * 9000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X-Many: a\r\n" * 100 + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc",
        b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ],
)
async def test_a_request_beyond_the_limits_is_refused_and_the_connection_closed(
    client: Client, caplog: pytest.LogCaptureFixture, request_bytes: bytes
) -> None:
    answer = await client.raw(request_bytes)
    assert answer.startswith(b"HTTP/1.")
    assert answer.split(b" ")[1] == b"400"
    assert not caplog.records, "whoever sends rubbish cannot fill the log"


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\n"])
async def test_a_connection_that_never_finishes_its_request_is_closed(
    world: World, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(server, "IDLE", 0.2)
    runner = create_runner(create_app(world.view))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        reader, writer = await asyncio.open_connection(*runner.addresses[0][:2])
        writer.write(sent)
        assert await asyncio.wait_for(reader.read(), 20) == b""
        writer.close()
        await writer.wait_closed()
    finally:
        await runner.cleanup()


async def test_an_ipv4_client_of_an_ipv6_socket_is_known_as_local(world: World) -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    listening = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
    runner = create_runner(create_app(world.view))
    await runner.setup()
    await web.SockSite(runner, listening).start()
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", listening.getsockname()[1])
        writer.write(b"GET /live HTTP/1.0\r\n\r\n")
        assert (await asyncio.wait_for(reader.read(), 20)).startswith(b"HTTP/1.0 200 ")
        writer.close()
        await writer.wait_closed()
    finally:
        await runner.cleanup()


async def test_the_server_stops_while_a_client_keeps_its_connection(world: World) -> None:
    runner = create_runner(create_app(world.view), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    reader, writer = await asyncio.open_connection(*runner.addresses[0][:2])
    writer.write(b"GET /live HTTP/1.1\r\nHost: a\r\n\r\n")
    await reader.readuntil(b"alive\n")
    await asyncio.wait_for(runner.cleanup(), 20)
    assert await reader.read() == b""
    writer.close()
