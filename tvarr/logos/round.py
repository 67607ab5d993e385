"""A round: the pictures that are due are got from their hosts, politely, and turned into PNGs.

Called by the controller, which says what is wanted and for how long a round may go on. A host is
asked for one picture first, and for no others if it turns out to be dead; then for two at a time,
with a rest between. What a picture came to is kept, so that nothing is asked for again before its
time.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final

from tvarr.errors import Reason, Transient, TvarrError
from tvarr.fetch.client import NotModified, Request
from tvarr.fetch.local import is_local
from tvarr.logos.cache import Sidecar
from tvarr.logos.hosts import DEAD, REST, place_of
from tvarr.logos.picture import MOST_BYTES
from tvarr.logs import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from pathlib import Path

    from tvarr.fetch.client import Fetched, Fetcher
    from tvarr.logos.cache import Cache, Entry
    from tvarr.logos.converter import Converter
    from tvarr.logos.hosts import Hosts
    from tvarr.progress import Handle

HOSTS: Final = 4
"""Hosts that are asked at once."""
PER_HOST: Final = 2
"""Pictures that are got from one host at once."""
GAP: Final = 0.05
"""Seconds between two pictures of one host, for each of the two."""
TIMEOUT: Final = timedelta(seconds=15)

DAY: Final = 86_400
REFRESH: Final = 7 * DAY
"""Seconds after which it is asked whether a picture has changed."""
LOOK: Final = 600
"""Seconds after which a file of this machine is looked at again."""
PAUSE: Final = 3_600
"""Seconds that a host is left alone which says that it is asked too often."""
NEVER: Final = 100 * 365 * DAY
ERRORS: Final = 3
"""Answers in a row by which a host says that it is ill."""


@dataclass(frozen=True)
class Wanted:
    """A picture that somebody's channel has."""

    identity: str
    url: str = field(repr=False)
    size: int
    """The square in pixels that it has to fit."""
    trusted: bool = False
    """Whether it is the user's own address, so that it may lie inside the network."""
    original: bool = False
    """Whether it is kept as it came, too."""
    declared: bool = False
    """Whether the YAML has just this address, so that it may also lead to other hosts inside."""

    @cached_property
    def host(self) -> str:
        """The host that is asked, empty for a local file."""
        return "" if is_local(self.url) else place_of(self.url) or ""


@dataclass(frozen=True)
class Drawn:
    """A placeholder that somebody's channel has."""

    identity: str
    initials: str
    colour: int
    size: int


@dataclass
class Tally:
    """What a round came to, in pictures."""

    downloaded: int = 0
    unchanged: int = 0
    """The host said that it is still the same."""
    failed: int = 0
    drawn: int = 0
    bytes: int = 0
    is_offline: bool = False
    """Whether this machine has no network, so that the rest was left for later."""

    def __str__(self) -> str:
        return (
            f"{self.downloaded:,} downloaded, {self.unchanged:,} unchanged, {self.failed:,} failed"
        )


class Round:
    """One go through what is due; lives for as long as that takes."""

    def __init__(
        self,
        cache: Cache,
        hosts: Hosts,
        fetcher: Fetcher,
        converter: Converter,
        base: Path,
        downloads: Path,
        now: Callable[[], datetime],
        handle: Handle | None = None,
    ) -> None:
        """`base` is the folder of the YAML, `downloads` where bytes lie for a moment."""
        self.tally = Tally()
        self._cache = cache
        self._hosts = hosts
        self._fetcher = fetcher
        self._converter = converter
        self._base = base
        self._downloads = downloads
        self._now = now
        self._handle = handle
        self._count = 0
        self._errors: dict[str, int] = defaultdict(int)

    async def get(self, wanted: Iterable[Wanted], until: datetime | None = None) -> bool:
        """Get what is due, and return whether all of it had its turn before `until`."""
        hosts: dict[str, deque[Wanted]] = {}
        for one in wanted:
            hosts.setdefault(one.host, deque()).append(one)
        waiting = deque(hosts.items())
        async with asyncio.TaskGroup() as tasks:
            for _ in range(HOSTS):
                tasks.create_task(self._some_hosts(waiting, until), name="logos of hosts")
        return not waiting and not any(hosts.values())

    async def draw(self, drawn: Iterable[Drawn]) -> None:
        """Draw placeholders."""
        for one in drawn:
            into = self._new_file()
            try:
                made = await self._converter.draw(one.initials, one.colour, into, one.size)
                now = self._seconds()
                sidecar = Sidecar(
                    address="", size=one.size, checked=now, due=now + NEVER, **asdict(made)
                )
                await asyncio.to_thread(self._cache.put, one.identity, sidecar, into)
                self.tally.drawn += 1
            except Transient:  # another time
                self.tally.failed += 1
            finally:
                into.unlink(missing_ok=True)

    # --- host by host -------------------------------------------------------------------------

    async def _some_hosts(
        self, waiting: deque[tuple[str, deque[Wanted]]], until: datetime | None
    ) -> None:
        while waiting and not self._is_over(until):
            host, pictures = waiting.popleft()
            await self._one_host(host, pictures, until)

    async def _one_host(self, host: str, pictures: deque[Wanted], until: datetime | None) -> None:
        """Ask for one picture, and only if the host is there for the others."""
        await self._next(host, pictures)
        async with asyncio.TaskGroup() as tasks:
            for _ in range(PER_HOST):
                tasks.create_task(self._the_rest(host, pictures, until), name="logos of a host")

    async def _the_rest(self, host: str, pictures: deque[Wanted], until: datetime | None) -> None:
        while pictures and not self._is_over(until):
            await asyncio.sleep(GAP if host else 0)
            await self._next(host, pictures)

    async def _next(self, host: str, pictures: deque[Wanted]) -> None:
        """Get the next picture of a host; a host that is left alone has none any more."""
        if self.tally.is_offline or self._hosts.until(host, self._seconds()) is not None:
            pictures.clear()
        if pictures:
            await self._one(host, pictures.popleft())

    def _is_over(self, until: datetime | None) -> bool:
        return self.tally.is_offline or (until is not None and self._now() >= until)

    # --- picture by picture -------------------------------------------------------------------

    async def _one(self, host: str, wanted: Wanted) -> None:
        known = await asyncio.to_thread(self._cache.sidecar, wanted.identity)
        into, made = self._new_file(), self._new_file()
        try:
            answer = await self._fetcher.fetch(self._request(wanted, known, into))
            if isinstance(answer, NotModified) and known is not None:
                await self._unchanged(wanted, known)
            elif not isinstance(answer, NotModified):
                await self._convert(wanted, answer, made)
            self._errors.pop(host, None)
        except TvarrError as error:
            if error.reason is Reason.DISK_FULL:  # which says nothing of the picture
                raise
            await self._failed(host, wanted, known, error)
        finally:
            into.unlink(missing_ok=True)
            made.unlink(missing_ok=True)
        if self._handle is not None:
            self._handle.count(items=1)

    def _request(self, wanted: Wanted, known: Sidecar | None, into: Path) -> Request:
        asked = known if known is not None and self._has(wanted, known) else None
        return Request(
            wanted.url,
            self._base,
            into,
            TIMEOUT,
            MOST_BYTES,
            etag=asked.etag if asked else None,
            last_modified=asked.last_modified if asked else None,
            file_stamp=asked.stamp if asked else None,
            public_only=not wanted.trusted,
            home_only=not wanted.declared,
        )

    def _has(self, wanted: Wanted, known: Sidecar) -> bool:
        """Whether all is there that is wanted of a picture, so that it may stay as it is."""
        entry = self._cache.entry(wanted.identity)
        original = not wanted.original or self._cache.original(wanted.identity).is_file()
        return entry is not None and entry.there and known.size == wanted.size and original

    async def _unchanged(self, wanted: Wanted, known: Sidecar) -> None:
        self.tally.unchanged += 1
        fresh = {"failures": 0, "reason": None, "sentence": ""}
        times = {"checked": self._seconds(), "due": self._due(wanted)}
        await self._put(wanted, known.model_copy(update=fresh | times))

    async def _convert(self, wanted: Wanted, answer: Fetched, made: Path) -> None:
        if not is_local(wanted.url):
            self.tally.downloaded += 1
            self.tally.bytes += answer.bytes
            if self._handle is not None:
                self._handle.count(size=answer.bytes)
        found = await self._converter.convert(answer.path, made, wanted.size)
        sidecar = Sidecar(
            address=redact(wanted.url),
            size=wanted.size,
            checked=self._seconds(),
            due=self._due(wanted),
            **asdict(found),
            etag=answer.etag,
            last_modified=answer.last_modified,
            stamp=answer.file_stamp,
            original=wanted.original,
        )
        original = answer.path if wanted.original and not is_local(wanted.url) else None
        await asyncio.to_thread(self._cache.put, wanted.identity, sidecar, made, original)

    async def _failed(
        self, host: str, wanted: Wanted, known: Sidecar | None, error: TvarrError
    ) -> None:
        """Keep why there is no picture; what is there from before stays."""
        if error.reason is Reason.NETWORK_DOWN:
            self.tally.is_offline = True
            return
        self.tally.failed += 1
        now = self._seconds()
        pause = self._pause(host, error)
        if host and pause:
            self._hosts.leave_alone(host, now + pause)
        if error.reason is Reason.RATE_LIMITED:
            return
        failures = (known.failures if known else 0) + 1
        due = now + DAY * min(failures, 7) if host else self._due(wanted)
        unknown = Sidecar(address=redact(wanted.url), size=wanted.size, checked=now, due=due)
        told: dict[str, object] = {
            "checked": now,
            "due": due,
            "failures": failures,
            "size": wanted.size,
            "original": wanted.original,
        }
        told |= {"reason": error.reason, "sentence": redact(error.sentence)}
        if known is not None and not self._has(wanted, known):  # or it would stay so for ever
            told |= {"etag": None, "last_modified": None, "stamp": None}
        await self._put(wanted, (known or unknown).model_copy(update=told))

    def _pause(self, host: str, error: TvarrError) -> int:
        """Return for how many seconds a host is left alone after this; 0: it is not."""
        if error.reason in DEAD:
            return REST
        if error.reason is Reason.RATE_LIMITED:
            asked = getattr(error, "retry_after", None)
            return max(PAUSE, int(asked or 0))
        if error.reason is Reason.SERVER_ERROR:
            self._errors[host] += 1
            return REST if self._errors[host] >= ERRORS else 0
        return 0

    async def _put(self, wanted: Wanted, sidecar: Sidecar) -> None:
        await asyncio.to_thread(self._cache.put, wanted.identity, sidecar)

    def _due(self, wanted: Wanted) -> int:
        """Return when it is looked at again; those of hosts spread over most of a day."""
        if is_local(wanted.url):
            return self._seconds() + LOOK
        return self._seconds() + REFRESH + int(wanted.identity[:4], 16)

    def _seconds(self) -> int:
        return int(self._now().timestamp())

    def _new_file(self) -> Path:
        self._count += 1
        return self._downloads / f"logo-{self._count}"


def is_due(wanted: Wanted, entry: Entry | None, now: int) -> bool:
    """Whether a picture is to be asked for: never seen, its time has come, or not as is wanted."""
    if entry is None or entry.due <= now:
        return True
    lacks_original = wanted.original and not entry.original
    return entry.there and (entry.size != wanted.size or lacks_original)
