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
    """Owns the HTTP session; an async context manager. Fetches may run side by side."""

    def __init__(self, limits: Limits | None = None, breakers: Breakers | None = None) -> None:
        self._limits = limits or Limits()
        self._breakers = breakers or Breakers()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

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

        if self._session is None:
            self._session = http.open_session(self._limits)
        line = http.Line(self._session, self._limits, self._breakers)
        return await http.fetch(line, request)


async def _look_in_time(request: Request) -> Fetched | NotModified:
    """Look at a file in a thread: a network file system that went away answers nothing at all."""
    try:
        async with asyncio.timeout(request.timeout.total_seconds()):
            return await asyncio.to_thread(look, request)
    except TimeoutError:
        raise Transient(Reason.TIMEOUT, "the file system does not answer in time") from None
