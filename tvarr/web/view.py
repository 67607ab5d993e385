"""What the web may see, and the address under which a client reached it.

`app.py` fills a `View` once; every handler takes it from the application. The web reads statuses
and published files and never meets the controller, so "read-only" holds by construction; the one
thing that it can set going is a refresh, which `operations` has.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from aiohttp import web

from tvarr.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from tvarr.ingest.xtream.episodes import Episode
    from tvarr.progress import Asked
    from tvarr.spec.manifest import Manifest
    from tvarr.state.conditions import Status

_AUTHORITY = re.compile(
    r"(?P<name>\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9][A-Za-z0-9._-]{0,252})(?::[0-9]{1,5})?", re.ASCII
)


class Refresh(Protocol):
    """Asks for a refresh of `kind/name`, a proxy's build, and says what comes of it at once."""

    def __call__(self, key: str, *, accept: bool, force: bool) -> Asked:
        """`accept` takes over what is held back, `force` disregards a server's pause."""


class StatusReader(Protocol):
    """The reading half of `tvarr.state.store.Store`."""

    def all(self) -> Sequence[Status]:
        """Return every status."""

    def get(self, key: str) -> Status | None:
        """Return the status of `kind/name`, if there is one."""


@dataclass(frozen=True)
class View:
    """Everything the web is given."""

    data: Path
    """The data folder, with `outputs/PROXY` in it."""
    store: StatusReader
    manifest: Callable[[], Manifest | None]
    """The manifest that is running: the last good one; None while there never was one."""
    started: datetime
    now: Callable[[], datetime]
    """The present instant, in UTC."""
    episodes: Callable[[str, str], Awaitable[Sequence[Episode] | None]] | None = None
    """The episodes of a source's series, by the provider's key; None where it can have none."""
    progress: Progress = field(default_factory=Progress)
    """What is going on."""
    refresh: Refresh | None = None
    """Has a source or guide refreshed, or a proxy built; None where nobody could."""

    def base_url(self) -> str | None:
        """Return `server.base_url` of the YAML without a slash at its end, if it is declared."""
        manifest = self.manifest()
        declared = manifest.server.base_url if manifest else None
        return declared.rstrip("/") if declared else None


VIEW = web.AppKey("view", View)


def host_name(request: web.BaseRequest) -> str | None:
    """Return the name in the Host header, in lower case, or None where it is not a plain one."""
    match = _AUTHORITY.fullmatch(request.headers.get("Host", ""))
    return match["name"].lower().rstrip(".") if match else None


def reached_at(request: web.BaseRequest) -> str:
    """Return the `http://host:port` under which this request came.

    The Host header is only believed where it is nothing but a name or an address with a port, as
    it is written into playlists and pages; else the socket's own address stands in. Forwarded
    headers are never read: who runs behind another server declares `server.base_url`.
    """
    authority = request.headers.get("Host", "")
    if not _AUTHORITY.fullmatch(authority):
        authority = _socket_address(request)
    transport = request.transport
    secure = transport is not None and transport.get_extra_info("sslcontext") is not None
    return f"{'https' if secure else 'http'}://{authority}"


def address(request: web.Request) -> str:
    """Return the base of every address that is handed out: the YAML's, else the request's."""
    return request.app[VIEW].base_url() or reached_at(request)


def _socket_address(request: web.BaseRequest) -> str:
    """Return the address and port on which the request's connection was accepted."""
    transport = request.transport
    socket_name = transport.get_extra_info("sockname") if transport is not None else None
    if not isinstance(socket_name, tuple):
        return "localhost"
    address, port = str(socket_name[0]).partition("%")[0], socket_name[1]
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
