"""Playlists and guides that are documents at an address, or at several.

Called by way of `tvarr.ingest.kinds`; reading what was collected is left to `tvarr.ingest.m3u` and
`tvarr.ingest.xmltv`.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tvarr.errors import Reason, Stalled, Transient, TvarrError
from tvarr.fetch.client import NotModified
from tvarr.fetch.decompress import open_document
from tvarr.ingest.collect import Collected
from tvarr.ingest.document import HEAD, refuse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tvarr.ingest.collect import Collecting, Part
    from tvarr.ingest.document import Expected
    from tvarr.ingest.report import IngestReport
    from tvarr.spec.guide import LinkedGuide, XmltvGuide
    from tvarr.spec.source import M3uSource

DOCUMENT: Final = "document"
MOST_TOLD: Final = 5
"""Mirrors whose trouble is told one by one."""

_REFUSALS: Final = (
    Reason.AUTH_FAILED,
    Reason.ACCOUNT_EXPIRED,
    Reason.PERMISSION_DENIED,
    Reason.GEO_BLOCKED,
    Reason.GONE,
)
"""What trying again is less likely to mend than other trouble."""


async def collect(spec: M3uSource | XmltvGuide, collecting: Collecting) -> Collected | NotModified:
    """Fetch the document or documents, if anything has changed.

    Raises what `Fetcher.fetch` does; of several addresses the sentence says which.
    """
    first, *others = spec.addresses
    if others and spec.combine == "mirrors":
        return await _first_that_answers(spec, collecting)
    if others:
        return await _all_of_them(spec, collecting)
    part = await collecting.get(DOCUMENT, first.get_secret_value(), spec)
    return Collected((part,)) if part else NotModified()


async def _all_of_them(
    spec: M3uSource | XmltvGuide, collecting: Collecting
) -> Collected | NotModified:
    """Fetch the parts of one list; if one of them has changed, all are needed."""
    places = list(_places(spec))
    found = []
    for place in places:
        with place.told():
            found.append(await collecting.get(place.part, place.url, spec, stage=place.words))
    if not any(found):
        return NotModified()
    parts = []
    for place, part in zip(places, found, strict=True):
        with place.told():
            get = collecting.get_anew
            parts.append(part or await get(place.part, place.url, spec, stage=place.words))
    return Collected(tuple(parts))


async def _first_that_answers(
    spec: M3uSource | XmltvGuide, collecting: Collecting
) -> Collected | NotModified:
    """Fetch the list from the first of its places that has one; an error page is none."""
    expected: Expected = "m3u" if spec.kind == "m3u" else "xmltv"
    errors = []
    for place in _places(spec):
        try:
            with place.told():
                part = await collecting.get(place.part, place.url, spec, stage=place.words)
                if part is None:
                    return NotModified()
                await asyncio.to_thread(_refuse, part, spec.max_size, expected)
                return Collected((part,))
        except TvarrError as error:
            errors.append(error)
    raise _none_of(errors)


@dataclass(frozen=True)
class _Place:
    """One of several addresses."""

    number: int
    count: int
    url: str = field(repr=False)

    @property
    def part(self) -> str:
        return f"{DOCUMENT}-{self.number}"

    @property
    def words(self) -> str:
        return f"address {self.number} of {self.count}"

    @contextmanager
    def told(self) -> Iterator[None]:
        """Say in an error which address it is about."""
        try:
            yield
        except TvarrError as error:
            raise error.about(self.words) from None


def _places(spec: M3uSource | XmltvGuide) -> Iterator[_Place]:
    for number, address in enumerate(spec.addresses, start=1):
        yield _Place(number, len(spec.addresses), address.get_secret_value())


def _refuse(part: Part, max_size: int, expected: Expected) -> None:
    """Raise for a document that is not what it ought to be, by its first bytes."""
    with open_document(part.path, max_size) as stream:
        refuse(stream.read(HEAD), expected)


def _none_of(errors: list[TvarrError]) -> TvarrError:
    """Return the one trouble that all mirrors come to: as hopeful as the best of them."""
    told = "; ".join(error.sentence for error in errors[:MOST_TOLD])
    more = f"; and {len(errors) - MOST_TOLD} more" if len(errors) > MOST_TOLD else ""
    sentence = f"no mirror has it: {told}{more}"
    passing = [error for error in errors if isinstance(error, Transient)]
    if not passing:
        return Stalled(errors[0].reason, sentence)
    best = next((error for error in passing if error.reason not in _REFUSALS), passing[0])
    pauses = [error.retry_after for error in passing if error.retry_after is not None]
    return Transient(best.reason, sentence, min(pauses) if len(pauses) == len(passing) else None)


def read_playlists(collected: Collected, stage: Path, name: str, spec: M3uSource) -> IngestReport:
    """Read the playlist, or all of them, into a staged snapshot; raises what `m3u.ingest` does."""
    from tvarr.ingest import m3u

    playlists = [
        (part.path, m3u.M3uOptions(name, part.url, spec.max_size)) for part in collected.parts
    ]
    return m3u.ingest_all(playlists, stage)


def read_guides(
    collected: Collected,
    stage: Path,
    name: str,
    spec: XmltvGuide | LinkedGuide,
    *,
    lenient: bool = False,
) -> IngestReport:
    """Read one or several guides into a staged snapshot; raises what `xmltv.ingest` does."""
    from tvarr.ingest import xmltv

    options = xmltv.XmltvOptions(
        name,
        spec.timezone,
        spec.max_size,
        shift=spec.shift,
        retention=spec.retention,
        former=collected.former,
        lenient=lenient,
        missing=collected.missing,
    )
    return xmltv.ingest([part.path for part in collected.parts], stage, options)
