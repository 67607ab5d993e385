"""Addresses that a stranger chose: fetched from the public internet only.

A playlist may name guides, and whoever writes the playlist must not have tvarr ask the router, a
cloud's metadata service or another program of this machine on their behalf. `tvarr.fetch.http`
calls `refuse_inside` before each request of that sort, redirects included, and sends it by a
session whose names are looked up by `PublicResolver`: what is judged is the very address that is
connected to, so a name that changes its meaning in between gains nothing.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, Final

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import DefaultResolver

from tvarr.errors import Reason, Transient

if TYPE_CHECKING:
    from tvarr.fetch.address import Address


_TRANSLATED: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))


def refuse_inside(here: Address) -> None:
    """Raise `Transient(UNSUPPORTED_URL)` if the host is written as an address inside a network."""
    try:
        inside = not is_public(here.host)
    except ValueError:  # a name; it is judged when it is looked up
        return
    if inside:
        raise unsafe(here.place)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet; `ValueError` for what is none."""
    ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        ip = ip.ipv4_mapped or ip.sixtofour or _embedded(ip) or ip
    return ip.is_global and not ip.is_multicast


def _embedded(ip: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that a translator reads out of one (RFC 6052, RFC 4291, 2.5.5.1)."""
    for network in _TRANSLATED:
        if ip in network:
            return IPv4Address(int(ip) & 0xFFFFFFFF)
    return None


def unsafe(place: str) -> Transient:
    """Return the error for a host that is not on the public internet."""
    return Transient(
        Reason.UNSUPPORTED_URL,
        f"{place} is inside a network, and it was not you who named it, so it is not asked; "
        "if it is right, declare its address yourself",
    )


class PublicResolver(AbstractResolver):
    """Looks names up as usual and leaves out every address that is not public."""

    def __init__(self) -> None:
        self._resolver = DefaultResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the public addresses; `Transient(UNSUPPORTED_URL)` where there are only others."""
        found = await self._resolver.resolve(host, port, family)
        public = [one for one in found if is_public(one["host"])]
        if not public:
            raise unsafe(host)
        return public

    async def close(self) -> None:
        """Give back what the lookups used."""
        await self._resolver.close()
