"""What is going on, over HTTP: as it is now, and as server-sent events while it changes.

Nothing is stored for those who look on: each is told of an operation as it is when its connection
takes more, so a slow one gets fewer and later states, and the last one in any case. How server-sent
events are written: HTML Standard, "Server-sent events".
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import aclosing
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

import orjson
from aiohttp import web

from tvarr.logs import redact
from tvarr.progress import Follower, Kind, Operation, State
from tvarr.web.view import VIEW

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable

MOST_LISTENERS = 32
"""Who may look on at once: a browser's tab is one."""
HEARTBEAT = 30.0
"""Seconds after which something is sent in any case, so that nobody takes the silence for death."""
PACE = 0.2
"""Seconds between two messages of events; what changes in between becomes one state."""
PATIENCE = 60.0
"""Seconds that a client may take nothing from its connection before it is given up."""
MOST_FILTERS = 50

_FORM = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS


@dataclass(eq=False)
class Listener:
    """One connection that events are sent to."""

    follower: Follower
    transport: asyncio.Transport | None
    sending: bool = False

    @property
    def has_left(self) -> bool:
        """Whether the connection is closed, which its handler has not noticed yet."""
        return self.transport is None or self.transport.is_closing()


@dataclass
class Listeners:
    """All of them, and the name of this run, by which a client that returns is known."""

    run: str = field(default_factory=lambda: secrets.token_hex(4))
    present: list[Listener] = field(default_factory=list)

    @property
    def are_many(self) -> bool:
        """Whether there is no room for another one."""
        return sum(not listener.has_left for listener in self.present) >= MOST_LISTENERS

    async def dismiss(self, _app: web.Application) -> None:
        """End all of them; a client that takes nothing is cut off."""
        for listener in self.present:
            listener.follower.close()
            if listener.sending and listener.transport is not None:
                listener.transport.abort()


LISTENERS = web.AppKey("listeners", Listeners)


def add_to(app: web.Application) -> None:
    """Keep count of those who look on, and dismiss them when the server stops."""
    app[LISTENERS] = Listeners()
    app.on_shutdown.append(app[LISTENERS].dismiss)


def routes() -> Iterable[web.RouteDef]:
    """Return the routes below `/api/v1/progress`."""
    return [
        web.get("/api/v1/progress", progress),
        web.get("/api/v1/progress/events", events, allow_head=False),
    ]


@dataclass(frozen=True)
class Wanted:
    """What somebody wants to hear of; an empty set stands for everything."""

    types: frozenset[str] = frozenset()
    owners: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()

    def has(self, operation: Operation) -> bool:
        """Whether it passes all filters."""
        asked = (
            (self.types, operation.kind),
            (self.owners, operation.owner),
            (self.states, operation.state),
        )
        return all(not wanted or value in wanted for wanted, value in asked)


async def progress(request: web.Request) -> web.Response:
    """Answer the operations that run and the last one of each owner; `type`, `owner`, `state`."""
    wanted = _wanted(request)
    found = filter(wanted.has, request.app[VIEW].progress.operations())
    return web.Response(
        body=_operations(found),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


async def events(request: web.Request) -> web.StreamResponse:
    """Send `operations` with all of them at first, then `operation` for each that changes.

    Who comes back with the id of the last event is told first what has changed since.
    """
    wanted, listeners = _wanted(request), request.app[LISTENERS]
    if listeners.are_many:
        raise web.HTTPServiceUnavailable(
            text=f"{MOST_LISTENERS} listen already; try again in a minute.",
            headers={"Retry-After": "60"},
        )
    now = request.app[VIEW].progress
    with now.following(_seen_before(request, listeners.run)) as follower:
        listener = Listener(follower, request.transport)
        listeners.present.append(listener)
        try:
            return await _send(request, listener, wanted, listeners.run)
        finally:
            listeners.present.remove(listener)


async def _send(
    request: web.Request, listener: Listener, wanted: Wanted, run: str
) -> web.StreamResponse:
    response = web.StreamResponse(
        headers={
            "Content-Type": "text/event-stream; charset=utf-8",
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",  # nginx would keep events until it has enough of them
        }
    )
    await response.prepare(request)
    try:
        async with aclosing(_messages(request, listener.follower, wanted, run)) as messages:
            async for text in messages:
                listener.sending = True
                async with asyncio.timeout(PATIENCE):
                    await response.write(text)
                listener.sending = False
    except ConnectionResetError:
        pass  # it has left
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()
    return response


async def _messages(
    request: web.Request, follower: Follower, wanted: Wanted, run: str
) -> AsyncGenerator[bytes, None]:
    """Yield what is sent, until the server stops."""
    follower.seen, found = request.app[VIEW].progress.since(follower.seen)
    first = _operations(filter(wanted.has, found))
    yield b"retry: 3000\n" + _event("operations", f"{run}-{follower.seen}", first)
    while True:
        await asyncio.sleep(PACE)
        try:
            async with asyncio.timeout(HEARTBEAT):
                changed = await follower.changes()
        except TimeoutError:
            yield b": still here\n\n"
            continue
        if changed is None:
            return
        name = f"{run}-{follower.seen}"
        parts = [_event("operation", name, _json(one)) for one in changed if wanted.has(one)]
        if parts:
            yield b"".join(parts)


def _event(name: str, number: str, data: bytes) -> bytes:
    return b"event: %b\nid: %b\ndata: %b\n\n" % (name.encode(), number.encode(), data)


def _seen_before(request: web.Request, run: str) -> int:
    """Return the version that the client has seen, if it saw it of this very process."""
    known, _, version = request.headers.get("Last-Event-ID", "").partition("-")
    if known == run and version.isascii() and version.isdigit() and len(version) < 19:
        return min(int(version), request.app[VIEW].progress.version)
    return 0


def _wanted(request: web.Request) -> Wanted:
    return Wanted(
        _words(request, "type", tuple(Kind)),
        _words(request, "owner", None),
        _words(request, "state", tuple(State)),
    )


def _words(request: web.Request, name: str, known: tuple[str, ...] | None) -> frozenset[str]:
    """Return the values of a filter, which may be given several times or with commas."""
    given = [word for text in request.query.getall(name, []) for word in text.split(",") if word]
    if len(given) > MOST_FILTERS:
        raise web.HTTPBadRequest(text=f"`{name}`: more than {MOST_FILTERS} are asked for.")
    if known is not None and not set(known) >= set(given):
        raise web.HTTPBadRequest(text=f"`{name}` is one of: {', '.join(known)}.")
    return frozenset(given)


def _operations(found: Iterable[Operation]) -> bytes:
    return b'{"operations":[%b]}' % b",".join(map(_json, found))


def _json(operation: Operation) -> bytes:
    """Write an operation; what providers may have said in it is redacted once more."""
    fields = asdict(operation)
    fields |= {"stage": redact(operation.stage), "message": redact(operation.message)}
    fields = {"id": fields.pop("id"), "type": fields.pop("kind"), **fields}
    return orjson.dumps(fields, option=_FORM)
