"""A guide asked for channel by channel, for panels that have no `xmltv.php`.

Called by `guide`. Only channels with an id in the guide are asked for, each id once, so many at
most and a few at a time, since every one costs the panel a query. What comes is written as XMLTV,
so that the ordinary reader makes the snapshot of it.

The answers are those of `get_simple_data_table` (everything known) and `get_short_epg` (the next
programmes): titles and descriptions in base64, times as Unix seconds in text, or as local time of
the panel; the end is called `end`, `stop` or `stop_timestamp`.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape, quoteattr
from zoneinfo import ZoneInfo

import orjson

from tvarr.errors import Reason, Transient, TvarrError
from tvarr.fetch.sizes import too_large
from tvarr.ingest import documents
from tvarr.ingest.collect import Collected, Part
from tvarr.ingest.xtream import answers, source, texts
from tvarr.state.conditions import Validators

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from tvarr.ingest.collect import Collecting
    from tvarr.ingest.xtream.login import Login
    from tvarr.ingest.xtream.panel import Panel
    from tvarr.spec.guide import LinkedGuide
    from tvarr.spec.source import XtreamSource

LISTINGS: Final = "listings"
MOST_CHANNELS: Final = 500
"""Channels asked for, the first ones of the panel; the others stay without programmes."""
AT_ONCE: Final = 3
MOST_PROGRAMMES: Final = 5_000
"""Of one channel: a week of programmes of two minutes."""

TABLE: Final = "get_simple_data_table"
SHORT: Final = "get_short_epg"
SHORT_LIMIT: Final = 100

_OF_THE_ACCOUNT: Final = (
    Reason.ACCOUNT_EXPIRED,
    Reason.AUTH_FAILED,
    Reason.RATE_LIMITED,
    Reason.SLOTS_FULL,
)
"""Troubles that the next channel would have as well."""
_FIELDS: Final = (
    *("start_timestamp", "start", "stop_timestamp", "stop", "end"),
    *("title", "description"),
)
"""What is kept of a row."""
_LATEST: Final = 253402300799


@dataclass(frozen=True)
class Channel:
    """One channel that is asked for."""

    stream: str
    guide_id: str
    name: str


@dataclass
class _Asking:
    """What is known between one channel and the next."""

    panel: Panel
    spec: LinkedGuide
    collecting: Collecting
    file: BinaryIO
    zone: str
    found: int = 0
    """Programmes so far."""
    size: int = 0
    """Bytes in the file."""
    has_tables: bool = False
    """Whether any table had programmes; if so, an empty one means that there are none."""
    troubles: list[TvarrError] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    async def ask(self, channel: Channel) -> None:
        """Ask for the programmes of one channel and keep them; a failure costs this one only."""
        try:
            rows = await self._rows(channel)
        except Transient as error:
            if error.reason in _OF_THE_ACCOUNT:
                raise
            self.troubles.append(error)
            return
        self.found += len(rows)
        line = orjson.dumps(
            {"id": channel.guide_id, "name": channel.name, "zone": self.zone, "rows": rows}
        )
        self.size += len(line) + 1
        if self.size > self.spec.max_size:
            raise too_large(self.spec.max_size, "the guide of all channels")
        await asyncio.to_thread(self.file.write, line + b"\n")

    async def _rows(self, channel: Channel) -> list[Any]:
        rows = await self._get(channel, TABLE)
        self.has_tables |= bool(rows)
        if rows or self.has_tables:
            return rows
        return await self._get(channel, SHORT, limit=SHORT_LIMIT)

    async def _get(self, channel: Channel, action: str, **parameters: int) -> list[Any]:
        url = self.panel.api(action, stream_id=channel.stream, **parameters)
        # by a number of ours: several channels may have one stream, and names are a stranger's
        name = f"{LISTINGS}-{next(self._numbers)}"
        asking = self.spec.model_copy(update={"max_size": self._largest})
        part = await self.collecting.get_anew(name, url, asking, stage="programmes")
        try:
            return await asyncio.to_thread(_programmes, part.path)
        finally:
            part.path.unlink(missing_ok=True)

    @property
    def _largest(self) -> int:
        """Most bytes of the answer for one channel."""
        return min(self.spec.max_size, answers.LARGEST_WHOLE)


async def collect(
    panel: Panel, spec: LinkedGuide, account: XtreamSource, login: Login, collecting: Collecting
) -> Collected:
    """Return the programmes of the panel's channels, as they came, in one file.

    Raises what `Collecting.get` does, `Transient(NoGuide)` where no channel has programmes, and
    the first trouble where most channels had one.
    """
    channels = await _channels(panel, spec, account, collecting)
    path = collecting.folder / LISTINGS
    with path.open("wb") as file:
        asking = _Asking(panel, spec, collecting, file, login.timezone)
        await _ask_all(asking, channels)
    if asking.troubles and len(asking.troubles) * 2 > len(channels):
        raise asking.troubles[0]
    if not asking.found:
        raise _no_guide()
    return Collected(
        (Part(LISTINGS, path, path.stat().st_size, Validators()),), missing=_missing(asking)
    )


def _no_guide() -> Transient:
    return Transient(
        Reason.NO_GUIDE, "the panel has no guide: no xmltv.php, and no programmes for any channel"
    )


def _missing(asking: _Asking) -> tuple[str, ...]:
    """Say how many channels gave no answer, and why the first one did not."""
    if not asking.troubles:
        return ()
    count = len(asking.troubles)
    return (f"no answer for {count} channel{'' if count == 1 else 's'}: {asking.troubles[0]}",)


async def _channels(
    panel: Panel, spec: LinkedGuide, account: XtreamSource, collecting: Collecting
) -> list[Channel]:
    url = panel.api(f"get_{source.LISTS['live']}")
    part = await collecting.get_anew(source.LISTS["live"], url, spec, stage="live streams")
    found = await asyncio.to_thread(_with_guide, part.path, account.max_size)
    if not found:
        raise _no_guide()
    return found


async def _ask_all(asking: _Asking, channels: list[Channel]) -> None:
    waiting = iter(channels)

    async def take_turns() -> None:
        for channel in waiting:
            await asking.ask(channel)

    try:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_ONCE):
                tasks.create_task(take_turns())
    except* TvarrError as group:
        raise group.exceptions[0] from None


def _with_guide(path: Path, max_size: int) -> list[Channel]:
    """Return the first channels that have an id in the guide, each id once."""
    found: dict[str, Channel] = {}
    for rows in answers.rows_of(path, max_size):
        usable = [row for row in rows if isinstance(row, dict)]
        columns = [
            texts.column(usable, "stream_id"),
            texts.clean(texts.column(usable, "epg_channel_id")),
            texts.clean(texts.column(usable, "name")),
        ]
        for stream, guide_id, name in zip(*columns, strict=True):
            if guide_id and texts.is_id(stream):
                found.setdefault(guide_id, Channel(stream, guide_id, name or guide_id))
        if len(found) >= MOST_CHANNELS:
            break
    return list(found.values())[:MOST_CHANNELS]


def _programmes(path: Path) -> list[Any]:
    answer = answers.load(path)
    if isinstance(answer, dict) and "epg_listings" in answer:
        answer = answer["epg_listings"]
    rows = answers.rows_in(answer)[:MOST_PROGRAMMES]
    return [_kept(row) for row in rows if isinstance(row, dict)]


def _kept(row: dict[str, Any]) -> dict[str, Any]:
    """Return what is wanted of a row, without values that are neither text nor number."""
    wanted = ((name, row.get(name)) for name in _FIELDS)
    return {name: value for name, value in wanted if isinstance(value, str | int | float)}


# --- as XMLTV -----------------------------------------------------------------------------------


def as_document(part: Part) -> Part:
    """Return what `collect` brought, written as an XMLTV document."""
    path = part.path.with_name(documents.DOCUMENT)
    with part.path.open("rb") as lines, path.open("w", encoding="utf-8") as out:
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n<tv>\n')
        for line in lines:
            channel = orjson.loads(line)
            out.write(
                f"<channel id={quoteattr(channel['id'])}>"
                f"<display-name>{escape(channel['name'])}</display-name></channel>\n"
            )
        lines.seek(0)
        for line in lines:
            channel = orjson.loads(line)
            out.writelines(_elements(channel["rows"], channel["id"], ZoneInfo(channel["zone"])))
        out.write("</tv>\n")
    return Part(documents.DOCUMENT, path, path.stat().st_size, part.validators)


def _elements(rows: list[Any], channel: str, zone: ZoneInfo) -> Iterator[str]:
    """Yield `<programme>` elements; rows without a start are left out."""
    for row in rows:
        if not isinstance(row, dict):
            continue
        start = _moment(zone, row.get("start_timestamp"), row.get("start"))
        stop = _moment(zone, row.get("stop_timestamp"), row.get("stop"), row.get("end"))
        if start is None:
            continue
        end = f' stop="{stop}"' if stop else ""
        title, words = _text(row.get("title")), _text(row.get("description"))
        description = f"<desc>{escape(words)}</desc>" if words else ""
        yield (
            f'<programme start="{start}"{end} channel={quoteattr(channel)}>'
            f"<title>{escape(title)}</title>{description}</programme>\n"
        )


def _moment(zone: ZoneInfo, *values: Any) -> str | None:
    """Return the first value that is a time, as XMLTV writes it."""
    for value in values:
        text = str(value).strip()
        if text.isascii() and text.isdigit() and 0 < int(text[:12]) <= _LATEST:
            return f"{datetime.fromtimestamp(int(text[:12]), UTC):%Y%m%d%H%M%S} +0000"
        try:
            local = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=zone)
        except ValueError:
            continue
        return f"{local:%Y%m%d%H%M%S %z}"
    return None


def _text(value: Any) -> str:
    """Return a text that is in base64, or as it is where it cannot be."""
    given = value if isinstance(value, str) else ""
    try:
        text = base64.b64decode(given, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        text = given
    if not text.replace("\n", "").replace("\r", "").replace("\t", "").isprintable():
        text = given
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
