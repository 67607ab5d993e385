"""The guide that comes with a playlist: the documents that the playlist's head names, as one.

Called by way of `tvarr.ingest.linked`. The addresses are a stranger's choice, so they get no more
than a stranger should: http and https only; the source's headers and user only where the host is
the playlist's own; and nothing inside a network unless the playlist came from there, too.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from hashlib import blake2b
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from tvarr.errors import Reason, Stalled, Transient, TvarrError
from tvarr.fetch import address
from tvarr.fetch.client import NotModified
from tvarr.fetch.local import is_local
from tvarr.fetch.sizes import too_large
from tvarr.ingest import documents
from tvarr.ingest.collect import Collected

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tvarr.fetch.address import Address
    from tvarr.ingest.collect import Collecting, Part
    from tvarr.ingest.report import IngestReport
    from tvarr.spec.guide import LinkedGuide
    from tvarr.spec.source import M3uSource

AT_ONCE: Final = 4
"""Documents that are fetched side by side."""
LONGEST: Final = 3600.0
"""Seconds for all documents together."""

_PART: Final = "guide-"
_INSIDE: Final = (
    "localhost", "local", "lan", "home", "home.arpa", "internal", "intranet", "localdomain",
)  # fmt: skip
"""Last parts of names that no public name server gives out (RFC 6761, 6762, 8375, and habit)."""


@dataclass(frozen=True)
class Wanted:
    """One document, and how it may be asked for."""

    part: str
    url: str = field(repr=False)
    spec: LinkedGuide
    public_only: bool


async def collect(
    spec: LinkedGuide, source: M3uSource, collecting: Collecting
) -> Collected | NotModified:
    """Fetch what has changed, and if anything has, all of it.

    A document that cannot be had is left out of the guide, with a sentence. Raises what is wrong
    with the first one where none can be had, and `Stalled(UnsupportedUrl)` where no address is one
    that may be fetched.
    """
    wanted = wanted_of(spec, source, collecting.named)
    if not wanted:
        raise Stalled(
            Reason.UNSUPPORTED_URL,
            "the playlist names its guide by an address that is neither http nor https",
        )
    try:
        async with asyncio.timeout(LONGEST):
            return await _Documents(spec, wanted, collecting).collect()
    except TimeoutError:
        raise Transient(
            Reason.TIMEOUT, f"the guides did not come within {LONGEST / 60:g} minutes"
        ) from None


def collected_here(collected: Collected) -> bool:
    """Whether it was this module that collected them."""
    return all(part.name.startswith(_PART) for part in collected.parts)


def read(collected: Collected, stage: Path, name: str, spec: LinkedGuide) -> IngestReport:
    """Read the documents as one guide; one that is no guide is left out."""
    return documents.read_guides(collected, stage, name, spec, lenient=True)


def wanted_of(spec: LinkedGuide, source: M3uSource, named: Sequence[str]) -> list[Wanted]:
    """Return how each of the addresses may be asked for; those of other kinds are left out."""
    homes = [home for url in source.addresses if (home := _parsed(url.get_secret_value()))]
    came_from_inside = all(_is_inside(url.get_secret_value()) for url in source.addresses)
    return [
        _wanted(spec, url, target, homes, came_from_inside=came_from_inside)
        for url in named
        if (target := _parsed(url)) is not None
    ]


def _wanted(
    spec: LinkedGuide,
    url: str,
    target: Address,
    homes: Sequence[Address],
    *,
    came_from_inside: bool,
) -> Wanted:
    part = f"{_PART}{blake2b(url.encode(), digest_size=8).hexdigest()}"
    at_home = [home for home in homes if home.host == target.host]
    if not at_home:
        stranger = spec.model_copy(update={"headers": {}, "verify_tls": True})
        return Wanted(part, url, stranger, public_only=not came_from_inside)
    if all(home.scheme == "https" and target.scheme == "http" for home in at_home):
        return Wanted(part, url, spec.model_copy(update={"headers": {}}), public_only=False)
    return Wanted(part, _with_user(url, target, at_home), spec, public_only=False)


def _with_user(url: str, target: Address, homes: Sequence[Address]) -> str:
    """Return the address with the user and password of the playlist at the same server."""
    user = next((home.userinfo for home in homes if home.origin == target.origin), None)
    if user is None or target.userinfo is not None:
        return url
    scheme, rest = url.split("://", 1)
    return f"{scheme}://{':'.join(quote(text, safe='') for text in user)}@{rest}"


def _parsed(url: str) -> Address | None:
    if is_local(url):
        return None
    try:
        return address.parse(url)
    except ValueError:
        return None


def _is_inside(url: str) -> bool:
    """Whether a declared address is this machine's or its network's, as far as it says itself.

    Names are not looked up: who owns a public name decides what it means at this moment.
    """
    if is_local(url):
        return True
    if (target := _parsed(url)) is None:
        return False
    try:
        return not ip_address(target.host.partition("%")[0]).is_global
    except ValueError:
        name = target.host.rstrip(".")
        return "." not in name or name.endswith(tuple(f".{last}" for last in _INSIDE))


class _Documents:
    """All documents of one guide while they are fetched."""

    def __init__(self, spec: LinkedGuide, wanted: Sequence[Wanted], collecting: Collecting) -> None:
        self._max_size = spec.max_size
        self._left = spec.max_size
        self._wanted = wanted
        self._collecting = collecting
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._parts: dict[str, Part] = {}
        self._unchanged: list[Wanted] = []
        self._failed: dict[str, TvarrError] = {}

    async def collect(self) -> Collected | NotModified:
        """Ask for all; where one has changed, for all that have not, too."""
        await self._get(self._wanted)
        gone = set(self._collecting.known) - {one.part for one in self._wanted}
        if not self._parts and not (gone and self._unchanged):
            if not self._unchanged:
                raise self._first_failure()
            return NotModified()
        await self._get(self._unchanged, anew=True)
        if not self._parts:
            raise self._first_failure()
        return Collected(
            tuple(self._parts[one.part] for one in self._wanted if one.part in self._parts),
            missing=tuple(str(error) for error in self._in_order()),
        )

    def _first_failure(self) -> TvarrError:
        return self._in_order()[0]

    def _in_order(self) -> list[TvarrError]:
        return [self._failed[one.part] for one in self._wanted if one.part in self._failed]

    async def _get(self, wanted: Sequence[Wanted], *, anew: bool = False) -> None:
        async with asyncio.TaskGroup() as tasks:
            for one in list(wanted):
                tasks.create_task(self._get_one(one, anew=anew), name=one.part)

    async def _get_one(self, one: Wanted, *, anew: bool) -> None:
        async with self._slots:
            try:
                part = await self._fetch(one, anew=anew)
            except TvarrError as error:
                self._failed[one.part] = error
                return
        if part is None:
            self._unchanged.append(one)
            return
        self._parts[one.part] = part
        self._left -= part.bytes

    async def _fetch(self, one: Wanted, *, anew: bool) -> Part | None:
        if self._left <= 0:
            raise too_large(self._max_size)
        spec = one.spec.model_copy(update={"max_size": self._left})
        get = self._collecting.get
        return await get(
            one.part, one.url, spec, stage="guide", anew=anew, public_only=one.public_only
        )
