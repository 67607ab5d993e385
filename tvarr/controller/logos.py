"""The logos of proxies that have them from tvarr: gathered in the background, linked by builds.

`loop` runs a `Logos` beside the work queue and tells it of each build. It looks at the published
lineups, has what is due got and drawn (`tvarr.logos.round`), writes for each proxy the table of
what is there, and wakes the proxies whose table has changed. No build ever waits for a picture.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from tvarr import progress
from tvarr.controller import logo_tables, logo_wishes
from tvarr.controller.resources import DeclaredProxy
from tvarr.errors import Reason, TvarrError, without_panic
from tvarr.progress import State
from tvarr.spec.sentences import is_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from pathlib import Path

    from tvarr.controller.logo_wishes import Asked
    from tvarr.controller.resources import Resources
    from tvarr.controller.tools import Tools
    from tvarr.logos.cache import Cache
    from tvarr.logos.converter import Converter
    from tvarr.logos.hosts import Hosts
    from tvarr.logos.round import Round, Wanted
    from tvarr.progress import Handle
    from tvarr.spec.manifest import Manifest

log = logging.getLogger(__name__)

OWNER: Final = "logos"
"""Whose operations they are."""

REST: Final = timedelta(minutes=3)
"""A proxy is not built more often than this for its logos, and what has come is told so often."""
LONGEST_REST: Final = timedelta(hours=1)
"""What this rest grows to, doubling, while ever more logos come from a slow host."""

TROUBLE: Final = timedelta(minutes=15)
"""After which it is tried again where the disk gives no room or no leave."""

LONGEST_WAIT: Final = timedelta(hours=6)
"""After which unused pictures are looked for, whatever else happens."""

OFFLINE: Final = timedelta(minutes=5)

ONCE: Final = timedelta(minutes=5)
"""How long one build, whose process then ends, gathers logos at most."""


@dataclass
class _Look:
    """What all of them ask for at one moment."""

    lineups: list[Asked]
    wanted: dict[str, Wanted]
    """By id."""
    due: list[Wanted]
    next_due: datetime


@dataclass(frozen=True)
class _Woken:
    """When a proxy was last to be built for its logos, and for how long it rests then."""

    moment: datetime
    rest: timedelta


class Logos:
    """Gathers the logos of one controller's proxies; everything happens in its event loop."""

    def __init__(
        self,
        tools: Tools,
        resources: Callable[[], Resources],
        manifest: Callable[[], Manifest | None],
        wake: Callable[[DeclaredProxy, datetime], None],
    ) -> None:
        """`wake` has a proxy built at a moment."""
        self.changed = False
        """Whether a table has changed since the beginning."""
        self._tools = tools
        self._resources = resources
        self._manifest = manifest
        self._wake = wake
        self._news = asyncio.Event()
        self._news.set()
        self._store: tuple[Cache, Hosts] | None = None
        self._woken: dict[str, _Woken] = {}
        self._troubled = False
        self._offline = False

    def tell(self) -> None:
        """Say that a lineup or the YAML has changed."""
        self._news.set()

    async def run(self) -> None:
        """Gather until cancelled."""
        while True:
            self._news.clear()
            due = await self._tried()
            await self._tools.clock.wait(self._news, due)

    async def once(self) -> None:
        """Gather for one build, within bounds; for a process that then ends."""
        with suppress(TimeoutError):
            async with asyncio.timeout(ONCE.total_seconds()):
                await self._tried()

    async def _tried(self) -> datetime | None:
        """Gather, whatever happens: without logos everything else goes on."""
        try:
            due = await self.gather()
        except Exception as error:  # noqa: BLE001 - all that may be wrong with a disk, and is told
            self._complain(error)
            return self._now() + TROUBLE
        if self._troubled:
            log.info("the logos are gathered again")
        self._troubled = False
        return due

    def _complain(self, error: Exception) -> None:
        """Say once what stands in the way: a full disk, above all."""
        known = _what_the_system_says(error)
        if known is None:
            log.error("the logos were not gathered", exc_info=error)
        elif not self._troubled:
            log.warning("the logos are not gathered until this is mended: %s", known)
        self._troubled = True

    async def gather(self) -> datetime | None:
        """Get all that is due, tell the builds, and return when there is next something to do."""
        if not self._is_wanted():
            return None
        from tvarr.logos.converter import Converter

        cache, hosts = await self._opened()
        async with Converter() as converter:
            while not await self._some(cache, hosts, converter):
                pass
        look = await asyncio.to_thread(without_panic, self._look, cache, hosts)
        now = self._now()
        await asyncio.to_thread(cache.prune, int(now.timestamp()))
        return now + OFFLINE if self._offline else max(look.next_due, now + timedelta(minutes=1))

    def _is_wanted(self) -> bool:
        manifest = self._manifest()
        files = manifest is not None and any(map(is_file, manifest.logos.values()))
        return files or bool(self._proxies()) or self._folder.is_dir()  # to be emptied

    def _proxies(self) -> list[DeclaredProxy]:
        return [
            resource
            for resource in self._resources().values()
            if isinstance(resource, DeclaredProxy) and resource.spec.logos == "cache"
        ]

    async def _opened(self) -> tuple[Cache, Hosts]:
        """Read the folder, the first time."""
        if self._store is None:
            from tvarr.logos.cache import Cache
            from tvarr.logos.hosts import Hosts

            cache, hosts = Cache(self._folder), Hosts(self._folder / "hosts.json")
            await asyncio.to_thread(cache.load)
            await asyncio.to_thread(hosts.load)
            self._store = cache, hosts
        return self._store

    @property
    def _folder(self) -> Path:
        return self._tools.data / "logos"

    def _now(self) -> datetime:
        return self._tools.clock.now()

    # --- one part of a round ------------------------------------------------------------------

    async def _some(self, cache: Cache, hosts: Hosts, converter: Converter) -> bool:
        """Gather for a while and tell the builds of it; return whether nothing is left to do."""
        look = await asyncio.to_thread(without_panic, self._look, cache, hosts)
        finished = True
        if look.due:
            with self._tools.progress.operation(OWNER, progress.Kind.LOGOS) as handle:
                finished = await self._get(
                    look, self._round(cache, hosts, converter, handle), handle
                )
            await asyncio.to_thread(hosts.save, int(self._now().timestamp()))
        now = int(self._now().timestamp())
        drawn = await asyncio.to_thread(logo_tables.to_draw, look.lineups, cache, now)
        if drawn:
            await self._round(cache, hosts, converter).draw(drawn)
        changed = await asyncio.to_thread(
            logo_tables.write_tables, look.lineups, cache, self._folder
        )
        self._wake_all(changed)
        return finished

    def _round(
        self, cache: Cache, hosts: Hosts, converter: Converter, handle: Handle | None = None
    ) -> Round:
        from tvarr.logos.round import Round

        tools = self._tools
        tools.downloads.mkdir(parents=True, exist_ok=True)
        return Round(
            cache, hosts, tools.fetcher, converter, tools.base, tools.downloads, self._now, handle
        )

    async def _get(self, look: _Look, gathering: Round, handle: Handle) -> bool:
        handle.to(State.DOWNLOADING, "logos")
        finished = await gathering.get(look.due, self._now() + REST)
        self._offline = gathering.tally.is_offline
        handle.message = f"{len(look.wanted):,} logos: {gathering.tally}"
        log.info(handle.message)
        return finished or self._offline

    def _wake_all(self, changed: Iterable[DeclaredProxy]) -> None:
        now = self._now()
        for proxy in changed:
            self.changed = True
            self._woken[proxy.key] = woken = _next_build(self._woken.get(proxy.key), now)
            self._wake(proxy, woken.moment)

    # --- what is wanted; in a thread ----------------------------------------------------------

    def _look(self, cache: Cache, hosts: Hosts) -> _Look:
        from tvarr.logos.round import is_due

        manifest = self._manifest()
        own = logo_wishes.own_addresses(manifest)
        data = self._tools.data
        asked = (logo_wishes.asked_by(proxy, data, own) for proxy in self._proxies())
        lineups = [one for one in asked if one is not None]
        wanted = logo_wishes.wanted_by(lineups, manifest, self._resources())
        now = int(self._now().timestamp())
        due, moments = [], []
        room = cache.make_room(wanted)
        for one in wanted.values():
            cache.use(one.identity, now)
            entry = cache.entry(one.identity)
            if entry is not None and entry.original and not one.original:
                cache.drop_original(one.identity)
            if entry is None and room <= 0:
                continue
            rests = hosts.until(one.host, now)
            if rests is not None:
                moments.append(rests)
            elif is_due(one, entry, now):
                due.append(one)
                room -= entry is None
            elif entry is not None:
                moments.append(entry.due)
        wait = LONGEST_WAIT
        if moments:
            wait = min(wait, timedelta(seconds=max(min(moments) - now, 0)))
        return _Look(lineups, wanted, due, self._now() + wait)


def _next_build(last: _Woken | None, now: datetime) -> _Woken:
    """Return when a proxy is built for logos that have come: at once, or after its rest."""
    if last is None or now > last.moment + last.rest + LONGEST_REST:
        return _Woken(now, REST)
    if last.moment > now:  # that one will have them
        return last
    return _Woken(max(now, last.moment + last.rest), min(2 * last.rest, LONGEST_REST))


def _what_the_system_says(error: BaseException) -> str | None:
    """Return why files could not be written or read; None for anything else."""
    if isinstance(error, BaseExceptionGroup):
        said = [_what_the_system_says(one) for one in error.exceptions]
        return None if None in said else said[0]
    if isinstance(error, TvarrError) and error.reason is Reason.DISK_FULL:
        return error.sentence
    if isinstance(error, OSError):
        return f"{error.strerror or type(error).__name__}: {error.filename or 'DATA/logos'}"
    return None


def forget(data: Path, proxy: str) -> None:
    """Remove what is known of the logos of a proxy that is gone; its pictures go in time."""
    from tvarr.catalog.logos import links_file

    links_file(data / "logos", proxy).unlink(missing_ok=True)
