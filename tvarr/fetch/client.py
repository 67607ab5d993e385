"""Getting declared documents, from the network or from this machine.

The controller opens one `Fetcher` and asks it for each source and guide in turn. Whether and when
a failed request is tried again is the controller's business; what the bytes mean is for the
ingesters, who open them with `tvarr.fetch.decompress`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from tvarr.errors import Reason, Transient
from tvarr.fetch.breaker import Breakers
from tvarr.fetch.local import is_local, look
from tvarr.fetch.request import Fetched, Limits, NotModified, Request

if TYPE_CHECKING:
    import aiohttp

__all__ = ["Fetched", "Fetcher", "Limits", "NotModified", "Request"]


class Fetcher:
    """Owns the HTTP sessions; an async context manager. Fetches may run side by side."""

    def __init__(self, limits: Limits | None = None, breakers: Breakers | None = None) -> None:
        self._limits = limits or Limits()
        self._breakers = breakers or Breakers()
        self._sessions: dict[bool, aiohttp.ClientSession] = {}
        """By whether they are for the public internet only."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()

    async def fetch(self, request: Request) -> Fetched | NotModified:
        """Get one document, unless its validators say that it is still the same.

        Two requests that run at the same time must not share `into`. Nothing is left behind by a
        request that fails or is cancelled, and a document that was there before stays.

        Raises `Stalled`: `UNSUPPORTED_URL`, `CONFIG_INVALID` for headers that cannot be sent; and
        `Transient` with the other reasons of fetching, `retry_after` set where the server asks for
        a time, or where its host is left alone for a while (`tvarr.fetch.breaker`).
        """
        if is_local(request.url):
            return await _look_in_time(request)
        # aiohttp takes half a second to load; a YAML of local files does without
        from tvarr.fetch import http

        session = self._session(public_only=request.public_only)
        public = self._session(public_only=True) if request.home_only else None
        line = http.Line(session, self._limits, self._breakers, public)
        return await http.fetch(line, request)

    def _session(self, *, public_only: bool) -> aiohttp.ClientSession:
        from tvarr.fetch import http

        session = self._sessions.get(public_only)
        if session is None:
            session = http.open_session(self._limits, public_only=public_only)
            self._sessions[public_only] = session
        return session


async def _look_in_time(request: Request) -> Fetched | NotModified:
    """Look at a file in a thread: a network file system that went away answers nothing at all."""
    try:
        async with asyncio.timeout(request.timeout.total_seconds()):
            return await asyncio.to_thread(look, request)
    except TimeoutError:
        raise Transient(Reason.TIMEOUT, "the file system does not answer in time") from None
