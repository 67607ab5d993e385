"""An address that a stranger chose leads to the public internet or nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.provider import Provider, document, redirect
from tvarr.errors import Reason, Transient
from tvarr.fetch import public
from tvarr.fetch.address import parse
from tvarr.fetch.public import PublicResolver, is_public, refuse_inside

if TYPE_CHECKING:
    from collections.abc import Callable

    from tvarr.fetch.client import Fetcher, Request

    Asking = Callable[..., Request]


@pytest.mark.parametrize(
    "ip", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]
)
def test_public_addresses_are_public(ip: str) -> None:
    assert is_public(ip)


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1",
        "fe80::1%eth0", "fd00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:192.168.1.1",
        "2002:7f00:1::", "2002:c0a8:0101::", "64:ff9b::7f00:1", "64:ff9b::c0a8:101", "::c0a8:101",
    ],
)  # fmt: skip
def test_addresses_of_a_machine_or_a_network_are_not(ip: str) -> None:
    assert not is_public(ip)


@pytest.mark.parametrize(
    "url", ["http://192.168.1.1/", "http://[::1]:8080/x", "https://127.0.0.1/"]
)
def test_a_host_that_is_written_as_such_an_address_is_refused(url: str) -> None:
    with pytest.raises(Transient) as refusal:
        refuse_inside(parse(url))
    assert refusal.value.reason is Reason.UNSUPPORTED_URL


def test_names_are_judged_later() -> None:
    refuse_inside(parse("http://guide.invalid/"))


async def test_a_name_keeps_its_public_addresses_only(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver = resolving(monkeypatch, "127.0.0.1", "8.8.8.8", "10.0.0.1")
    found = await resolver.resolve("guide.invalid", 80)
    assert [one["host"] for one in found] == ["8.8.8.8"]
    await resolver.close()


async def test_a_name_without_a_public_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Transient) as refusal:
        await resolving(monkeypatch, "127.0.0.1", "::1").resolve("guide.invalid", 80)
    assert refusal.value.reason is Reason.UNSUPPORTED_URL
    assert "guide.invalid" in str(refusal.value)


def resolving(monkeypatch: pytest.MonkeyPatch, *found: str) -> PublicResolver:
    class Resolver:
        async def resolve(self, host: str, port: int, family: int) -> list[dict[str, object]]:
            return [{"hostname": host, "host": ip, "port": port} for ip in found]

        async def close(self) -> None:
            return

    monkeypatch.setattr(public, "DefaultResolver", Resolver)
    return PublicResolver()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433"])
async def test_this_machine_is_not_asked_under_any_of_its_names(
    provider: Provider, fetcher: Fetcher, asking: Asking, host: str
) -> None:
    provider.table["/guide"] = document(b"<tv></tv>")
    url = provider.url("/guide").replace("127.0.0.1", host)
    with pytest.raises(Transient):
        await fetcher.fetch(asking(url, public_only=True))
    assert provider.seen == []


async def test_a_redirect_leads_inside_no_more_than_the_address_itself(
    provider: Provider,
    fetcher: Fetcher,
    asking: Asking,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The test's own server plays the one outside."""
    provider.table["/guide"] = redirect("http://169.254.169.254/latest")
    asked: list[str] = []

    def outside(ip: str) -> bool:
        asked.append(ip)
        return ip == "127.0.0.1"

    monkeypatch.setattr(public, "is_public", outside)
    with pytest.raises(Transient) as refusal:
        await fetcher.fetch(asking(provider.url("/guide"), public_only=True))
    assert refusal.value.reason is Reason.UNSUPPORTED_URL
    assert asked == ["127.0.0.1", "169.254.169.254"]


async def test_an_address_that_you_chose_may_be_anywhere(
    provider: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    provider.table["/guide"] = document(b"<tv></tv>")
    await fetcher.fetch(asking(provider.url("/guide")))
    assert len(provider.seen) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_host_that_is_trusted_leads_to_no_other_one_inside(
    provider: Provider, fetcher: Fetcher, asking: Asking, host: str
) -> None:
    async with Provider({"/admin": document(b"done")}) as other:
        there = other.url("/admin").replace("127.0.0.1", host)
        provider.table |= {"/a": redirect("/b"), "/b": redirect(there), "/c": document(b"x")}
        with pytest.raises(Transient):
            await fetcher.fetch(asking(provider.url("/a"), home_only=True))
        assert other.seen == []
        await fetcher.fetch(asking(provider.url("/a")))
        assert len(other.seen) == 1
    provider.table["/a"] = redirect("/c")
    await fetcher.fetch(asking(provider.url("/a"), home_only=True))
