"""Who is answered: the local network, unless the YAML says `access: open`.

Two rules, both asked before anything else is done for a request:

- The peer, by the address of its socket, is loopback, private (RFC 1918), link-local (RFC 3927,
  RFC 4291), unique-local (RFC 4193) or carrier-grade (RFC 6598). Forwarded headers are never
  read, as anybody can send them.
- The Host header is an address, or a name that only the local network can give out, or the name
  in `server.base_url`. A web page from outside can make its own name point at an address in
  here (DNS rebinding) and let the browser of somebody at home read what we answer; such a
  request carries the page's name.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import web

from tvarr.web.view import VIEW, View, host_name

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

LOCAL_NETWORKS = tuple(
    ip_network(text)
    for text in (
        "127.0.0.0/8",
        "::1/128",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "fe80::/10",
        "fc00::/7",
        "100.64.0.0/10",
    )
)

LOCAL_SUFFIXES = (
    ".localhost",  # RFC 6761
    ".local",  # RFC 6762
    ".home.arpa",  # RFC 8375
    ".internal",  # reserved by ICANN for private use, July 2024
    ".home",  # never delegated, as is .corp (ICANN, February 2018)
    ".lan",  # what many home routers append; not delegated
    ".localdomain",
    ".fritz.box",
)


@web.middleware
async def local_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse peers from outside with 403, and names from outside with 421."""
    view = request.app[VIEW]
    if not _open_to_all(view):
        if not is_local(request.remote):
            raise web.HTTPForbidden(
                text=f"Only the local network is answered, and {request.remote or 'this client'}"
                " is not part of it; `access: open` under `server:` in the YAML answers everyone."
            )
        name = host_name(request)
        if request.headers.get("Host") and not (name and is_local_name(name, view.base_url())):
            called = name or "What the request calls this server"
            raise web.HTTPMisdirectedRequest(
                text=f"{called} is not a name of the local network; if it is this server's, put it"
                " into `base_url` under `server:` in the YAML."
            )
    return await handler(request)


def is_local(address: str | None) -> bool:
    """Tell whether a socket's peer address belongs to the local network; no address does not."""
    try:
        parsed = ip_address((address or "").partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return any(parsed in network for network in LOCAL_NETWORKS)


def is_local_name(name: str, base_url: str | None) -> bool:
    """Tell whether nobody outside can make the name of a Host header lead here."""
    if "." not in name or name.endswith(LOCAL_SUFFIXES) or _is_address(name):
        return True
    return base_url is not None and name == (urlsplit(base_url).hostname or "").rstrip(".")


def _open_to_all(view: View) -> bool:
    manifest = view.manifest()
    return manifest is not None and manifest.server.access == "open"


def _is_address(name: str) -> bool:
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
