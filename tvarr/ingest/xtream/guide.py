"""The guide that comes with an Xtream account.

Called by way of `tvarr.ingest.linked`. Most panels have all programmes in one XMLTV document,
`xmltv.php`. Whether one has, a GET for its first bytes tells, since some refuse HEAD; one that
does not know ranges sends the whole document at once, and that is all right too. Panels without
it answer for one channel at a time (`listings`).
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pydantic import SecretStr

from tvarr.errors import Reason, Transient
from tvarr.fetch.client import NotModified
from tvarr.fetch.decompress import open_document
from tvarr.ingest import document, documents
from tvarr.ingest.collect import Collected
from tvarr.ingest.xtream import listings
from tvarr.ingest.xtream.source import at_first_host, log_in

if TYPE_CHECKING:
    from pathlib import Path

    from tvarr.ingest.collect import Collecting, Part
    from tvarr.ingest.report import IngestReport
    from tvarr.ingest.xtream.panel import Panel
    from tvarr.spec.guide import LinkedGuide
    from tvarr.spec.source import XtreamSource

PROBE: Final = 1024
"""Bytes asked for to see whether there is a guide."""

_NO_GUIDE: Final = (
    Reason.GONE,
    Reason.EMPTY_ANSWER,
    Reason.HTML_ANSWER,
    Reason.JSON_ANSWER,
    Reason.NOT_XMLTV,
    Reason.BAD_ANSWER,
    Reason.PERMISSION_DENIED,
    Reason.SERVER_ERROR,
)
"""How a panel says that it has no `xmltv.php`; none of these is sure."""


async def collect(
    spec: LinkedGuide, source: XtreamSource, collecting: Collecting
) -> Collected | NotModified:
    """Fetch the guide from the first host that has one, in one document or channel by channel.

    Raises what `Collecting.get` and `listings.collect` do.
    """
    return await at_first_host(source, lambda panel: _collect_at(panel, spec, source, collecting))


def read(collected: Collected, stage: Path, name: str, spec: LinkedGuide) -> IngestReport:
    """Read the guide into a staged snapshot; raises what `documents.read_guides` does."""
    part = collected.part(listings.LISTINGS)
    if part is not None:
        collected = replace(collected, parts=(listings.as_document(part),))
    return documents.read_guides(collected, stage, name, spec)


async def _collect_at(
    panel: Panel, spec: LinkedGuide, source: XtreamSource, collecting: Collecting
) -> Collected | NotModified:
    try:
        part = await _document(panel, spec, collecting)
    except Transient as error:
        if error.reason not in _NO_GUIDE or _had_document(collecting):
            raise
    else:
        return Collected((part,)) if part else NotModified()
    login = await log_in(panel, spec, collecting)
    return await listings.collect(panel, spec, source, login, collecting)


def _had_document(collecting: Collecting) -> bool:
    """Whether the guide that is there was one document; then its lack is a trouble that passes."""
    return documents.DOCUMENT in collecting.known


async def _document(panel: Panel, spec: LinkedGuide, collecting: Collecting) -> Part | None:
    """Fetch `xmltv.php`; None where it has not changed. Raises if it is no guide."""
    headers = {**spec.headers, "Range": SecretStr(f"bytes=0-{PROBE - 1}")}
    asking = spec.model_copy(update={"headers": headers})
    part = await collecting.get(documents.DOCUMENT, panel.guide(), asking, stage="guide")
    if part is None:
        return None
    await asyncio.to_thread(_refuse, part, spec.max_size)
    if part.bytes > PROBE:
        return part
    part = await collecting.get_anew(documents.DOCUMENT, panel.guide(), spec, stage="guide")
    await asyncio.to_thread(_refuse, part, spec.max_size)
    return part


def _refuse(part: Part, max_size: int) -> None:
    """Raise if the document, or its beginning, is no guide."""
    try:
        with open_document(part.path, max_size) as stream:
            head = stream.read(1)
            head += stream.peek(document.HEAD)[: document.HEAD]
    except Transient as error:
        if error.reason is not Reason.TRUNCATED or part.bytes > PROBE:
            raise
        return  # the beginning of something packed, too short to look into
    document.refuse(head, "xmltv")
