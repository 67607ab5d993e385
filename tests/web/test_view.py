from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest
from aiohttp.test_utils import make_mocked_request

from tvarr.web.view import host_name, reached_at

if TYPE_CHECKING:
    from aiohttp import web


def request(
    host: str | None, sockname: object = ("192.168.1.10", 8888), *, tls: bool = False
) -> web.Request:
    told = {"sockname": sockname, "sslcontext": object() if tls else None}
    transport = Mock()
    transport.get_extra_info.side_effect = lambda name, default=None: told.get(name, default)
    headers = {} if host is None else {"Host": host}
    return make_mocked_request("GET", "/", headers, transport=transport)


@pytest.mark.parametrize(
    "host",
    ["192.168.1.10:8888", "tvarr.local", "[fd00::1]:8888", "home_server:80", "TV.Example.org"],
)
def test_a_plain_host_header_names_the_server(host: str) -> None:
    assert reached_at(request(host)) == f"http://{host}"


HOSTILE = [
    'a"b',
    "a b",
    "a\tb",
    "evil/path",
    "evil?x=1",
    "evil#x",
    "user@evil",
    "a:b:c",
    "a:",
    "a:123456",
    "[::1",
    "[evil]",
    "a,b",
    "-a",
    "<script>",
    "a\nb",
    "ä",
    "a" * 300,
    "",
]


@pytest.mark.parametrize("host", HOSTILE)
def test_any_other_host_header_is_replaced_by_the_sockets_address(host: str) -> None:
    assert reached_at(request(host)) == "http://192.168.1.10:8888"
    assert host_name(request(host)) is None


def test_without_a_host_header_the_sockets_address_stands_in() -> None:
    assert reached_at(request(None)) == "http://192.168.1.10:8888"
    assert reached_at(request(None, ("fe80::1%eth0", 8888, 0, 2))) == "http://[fe80::1]:8888"


def test_without_any_address_the_machine_itself_is_named() -> None:
    assert reached_at(request(None, "/run/tvarr.sock")) == "http://localhost"


def test_the_scheme_is_that_of_the_connection() -> None:
    assert reached_at(request("tv.lan", tls=True)) == "https://tv.lan"


def test_a_host_name_is_compared_without_port_case_and_final_dot() -> None:
    assert host_name(request("Tv.LAN.:8888")) == "tv.lan"
