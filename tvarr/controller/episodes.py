"""The episodes of series, asked of the provider when wanted and kept for a while.

Put together by `app` and given to the web as a plain callable. A series is asked for once, however
many want it; while the provider is away, what it said before is told. Whoever asks is unknown to
the provider: for the account's sake few series are asked for at a time, and none of a provider that
refused the account, asked for a pause, or is in trouble.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections import OrderedDict, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tvarr.controller.credentials import credentials_of
from tvarr.controller.plan import is_left_alone, is_paused
from tvarr.controller.policy import ON_LADDER, POLICIES
from tvarr.controller.sources import nothing_else
from tvarr.errors import Reason, Stalled, Transient, TvarrError
from tvarr.ingest.collect import Collecting
from tvarr.progress import Kind, Progress
from tvarr.spec.source import XtreamSource
from tvarr.state.conditions import ConditionType

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tvarr.controller.tools import Tools
    from tvarr.ingest.xtream.episodes import Episode
    from tvarr.spec.manifest import Manifest
    from tvarr.state.conditions import Status

log = logging.getLogger(__name__)

FRESH: Final = timedelta(hours=6)
"""How long the episodes of a series are told without asking again."""
AT_ONCE: Final = 2
"""Series of one source that are asked for at a time."""
REST: Final = timedelta(minutes=1)
"""How long a provider is left alone at least that is in trouble."""
LONGEST_REST: Final = timedelta(minutes=30)
"""And at most: what is wrong with one series need not be wrong with the next."""
MOST_SERIES: Final = 500
"""Kept at a time; those go first that nobody asked for the longest."""


@dataclass
class _Kept:
    """What is known of one series."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    spec: XtreamSource | None = None
    """The declaration it was asked with."""
    at: datetime | None = None
    found: tuple[Episode, ...] = ()


@dataclass
class _Account:
    """How a source's provider is asked."""

    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    spec: XtreamSource | None = None
    """The declaration that met with trouble."""
    trouble: TvarrError | None = None
    until: datetime | None = None
    """The end of the rest after it."""

    def check(self, spec: XtreamSource, now: datetime) -> None:
        """Raise the trouble of a while ago, if it is of this declaration."""
        if self.trouble is None or self.until is None or self.spec != spec:
            return
        if now < self.until <= now + LONGEST_REST:  # later than that, the clock has been set back
            raise self.trouble.about("the provider is left alone for a while")

    def rests(self, spec: XtreamSource, trouble: TvarrError, now: datetime) -> None:
        """Leave the provider alone for as long as the trouble asks for."""
        pause = POLICIES.get(trouble.reason, ON_LADDER).pause or REST
        asked = trouble.retry_after if isinstance(trouble, Transient) else None
        pause = max(pause, REST, timedelta(seconds=asked or 0))
        self.spec, self.trouble, self.until = spec, trouble, now + min(pause, LONGEST_REST)


class Episodes:
    """The episodes of every series that somebody asked for lately."""

    def __init__(
        self,
        tools: Tools,
        manifest: Callable[[], Manifest | None],
        look: Callable[[str], Status | None] = nothing_else,
    ) -> None:
        """`look` returns the status of a resource by its key."""
        self._tools = tools
        self._manifest = manifest
        self._look = look
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()
        self._accounts: defaultdict[str, _Account] = defaultdict(_Account)

    async def of(self, source: str, series_id: str) -> tuple[Episode, ...] | None:
        """Return the episodes of a source's series; None where the source can have none.

        Raises `TvarrError` where the provider gives none and nothing is kept.
        """
        spec = self._spec(source)
        if spec is None:
            return None
        kept = self._kept.setdefault((source, series_id), _Kept())
        self._kept.move_to_end((source, series_id))
        try:
            async with kept.lock:
                if kept.spec != spec:
                    kept.spec, kept.at, kept.found = spec, None, ()
                if kept.at is None or not timedelta() <= self._tools.clock.now() - kept.at < FRESH:
                    await self._ask(source, series_id, spec, kept)
        finally:
            self._forget()
        return kept.found

    def _spec(self, source: str) -> XtreamSource | None:
        manifest = self._manifest()
        declared = manifest.sources.get(source) if manifest else None
        if not isinstance(declared, XtreamSource) or "series" not in declared.content:
            return None
        if not declared.enabled:
            raise Stalled(Reason.DISABLED, f"{source} is disabled in the YAML")
        return declared

    async def _ask(self, source: str, series_id: str, spec: XtreamSource, kept: _Kept) -> None:
        try:
            self._check_may_be_asked(source)
            with credentials_of(spec).kept_out_of_errors():
                found = await self._fetch_in_turn(source, series_id, spec)
        except TvarrError as error:
            if kept.at is None or error.reason is Reason.GONE:
                raise
            log.debug("the episodes of a series of %s stay what they were: %s", source, error)
        else:
            kept.at, kept.found = self._tools.clock.now(), found

    async def _fetch_in_turn(
        self, source: str, series_id: str, spec: XtreamSource
    ) -> tuple[Episode, ...]:
        """Fetch where there is room, unless the provider rests; remember what went wrong."""
        account, clock = self._accounts[source], self._tools.clock
        async with account.slots:
            account.check(spec, clock.now())
            try:
                return await self._fetch(source, series_id, spec)
            except TvarrError as error:
                if error.reason is not Reason.GONE:
                    account.rests(spec, error, clock.now())
                raise

    def _check_may_be_asked(self, source: str) -> None:
        """Raise the trouble that its source is in, where asking would make it worse."""
        status = self._look(f"source/{source}")
        ready = status.condition(ConditionType.READY) if status else None
        if status is None or ready is None:
            return
        if is_left_alone(status):
            raise Stalled(ready.reason, ready.message)
        if is_paused(status, self._tools.clock.now()):
            raise Transient(ready.reason, ready.message)

    async def _fetch(self, source: str, series_id: str, spec: XtreamSource) -> tuple[Episode, ...]:
        from tvarr.ingest.xtream.episodes import episodes

        tools, progress = self._tools, Progress(self._tools.clock.now)
        with (
            tempfile.TemporaryDirectory(prefix="episodes-", dir=tools.downloads) as folder,
            progress.operation(source, Kind.INGESTION) as handle,
        ):
            collecting = Collecting(source, tools.base, Path(folder), tools.fetcher, handle)
            return await episodes(spec, series_id, collecting)

    def _forget(self) -> None:
        while len(self._kept) > MOST_SERIES:
            self._kept.popitem(last=False)
