from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from tvarr.web.access import is_local, is_local_name

if TYPE_CHECKING:
    from tests.web.world import Client, World

PATHS = [
    "/",
    "/live",
    "/ready",
    "/api/v1/status",
    "/family/playlist.m3u",
    "/static/panel.css",
    "/x",
]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.0.9",
        "::1",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.20",
        "169.254.7.7",
        "fe80::1",
        "fe80::1%eth0",
        "fd12:3456::1",
        "100.64.0.1",
        "100.127.255.255",
        "::ffff:192.168.1.20",
        "::ffff:127.0.0.1",
    ],
)
def test_addresses_of_the_local_network_are_answered(address: str) -> None:
    assert is_local(address)


@pytest.mark.parametrize(
    "address",
    [
        "203.0.113.9",
        "8.8.8.8",
        "172.32.0.1",
        "172.15.255.255",
        "192.169.0.1",
        "100.63.255.255",
        "100.128.0.0",
        "0.0.0.0",
        "2001:db8::1",
        "2a00:1450::1",
        "fec0::1",
        "::ffff:8.8.8.8",
        "64:ff9b::a00:1",
        "2002:c0a8:101::1",
        "",
        None,
        "/run/tvarr.sock",
        "10.0.0.1, 8.8.8.8",
    ],
)
def test_every_other_peer_is_not(address: str | None) -> None:
    assert not is_local(address)


@pytest.mark.parametrize(
    "name",
    [
        "192.168.1.10",
        "[fd12::1]",
        "localhost",
        "tvarr",
        "home_server",
        "tvarr.local",
        "nas.lan",
        "nas.fritz.box",
        "tv.home.arpa",
    ],
)
def test_names_that_only_the_local_network_gives_out_are_answered(name: str) -> None:
    assert is_local_name(name, None)


@pytest.mark.parametrize(
    "name", ["evil.example", "192.168.1.10.evil.example", "local.evil.example", "xlan.example"]
)
def test_names_that_anybody_can_register_are_not(name: str) -> None:
    assert not is_local_name(name, None)


def test_the_name_in_the_base_url_is_answered() -> None:
    assert is_local_name("tv.example.org", "https://TV.example.org:8443/tvarr")
    assert not is_local_name("example.org", "https://tv.example.org")


class Foreigner:
    """Makes every connection look as if it came from a public address."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
        monkeypatch.setattr(web.RequestHandler, "peername", (address, 40000))


@pytest.mark.parametrize("path", PATHS)
async def test_a_peer_from_outside_gets_one_sentence_and_nothing_else(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    world.declare("family")
    Foreigner(monkeypatch, "203.0.113.9")
    answer = await client.get(path, {"X-Forwarded-For": "127.0.0.1", "Forwarded": "for=127.0.0.1"})
    assert answer.status == 403
    assert "203.0.113.9 is not part of it" in answer.text
    assert "family" not in answer.text.replace(path, "")


async def test_a_peer_from_outside_is_refused_before_its_method_is_looked_at(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    Foreigner(monkeypatch, "203.0.113.9")
    assert (await client.get("/", method="DELETE")).status == 403


async def test_a_refused_peer_loses_its_connection(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    Foreigner(monkeypatch, "203.0.113.9")
    answer = await client.raw(b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"Connection: close" in answer


async def test_open_access_answers_every_peer_and_every_name(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.declare(access="open")
    Foreigner(monkeypatch, "203.0.113.9")
    assert (await client.get("/live", {"Host": "tv.example.org"})).status == 200


async def test_without_a_manifest_only_the_local_network_is_answered(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await client.get("/live")).status == 200
    Foreigner(monkeypatch, "203.0.113.9")
    assert (await client.get("/live")).status == 403


async def test_a_page_from_outside_cannot_read_through_a_name_of_its_own(
    world: World, client: Client
) -> None:
    world.declare("family")
    answer = await client.get("/api/v1/status", {"Host": "rebound.example:8888"})
    assert answer.status == 421
    assert "rebound.example is not a name of the local network" in answer.text
    assert "base_url" in answer.text


@pytest.mark.parametrize(
    "host", ["_x.rebound.example", "-x.rebound.example", "a b", "a/b", "é.example"]
)
async def test_a_host_that_is_no_plain_name_is_refused_too(
    world: World, client: Client, host: str
) -> None:
    world.declare("family")
    assert (await client.get("/api/v1/status", {"Host": host})).status in {400, 421}


async def test_the_name_of_the_base_url_reaches_the_server(world: World, client: Client) -> None:
    world.declare(base_url="http://tv.example.org")
    assert (await client.get("/live", {"Host": "tv.example.org"})).status == 200


async def test_an_access_rule_holds_from_the_moment_the_yaml_changes(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    Foreigner(monkeypatch, "203.0.113.9")
    world.declare(access="open")
    assert (await client.get("/live")).status == 200
    world.declare(access="lan")
    assert (await client.get("/live")).status == 403
