"""XMLTV guides → `schema.GUIDE_CHANNELS` and `schema.PROGRAMMES`.

Called by the controller with a fetched document, in a thread or a child process. Guides reach a
gigabyte, so the work is done on whole columns and in bounded memory, in two passes: the document's
pieces are read for channels and keys, then the programmes' fields are read in the final order.
Nothing that the provider sent is left out; a row that cannot be used is counted and sampled.

The parts: `cut` (bytes to pieces), `rows` (a piece to keys), `plain` and
`odd` (two readers of a programme), `times`, `store` (sorting on disk),
`columns` (texts to the final columns).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from tvarr.catalog.schema import GUIDE_CHANNELS
from tvarr.errors import Reason, Stalled, Transient
from tvarr.fetch.decompress import open_document
from tvarr.fetch.sizes import too_many
from tvarr.ingest.ahead import map_ahead
from tvarr.ingest.tally import Tally
from tvarr.ingest.xmltv import odd, rows
from tvarr.ingest.xmltv.cut import Cutter
from tvarr.ingest.xmltv.rows import RowOptions, read_piece
from tvarr.ingest.xmltv.store import ProgrammeStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tvarr.ingest.report import IngestReport
    from tvarr.ingest.xmltv.cut import Piece
    from tvarr.ingest.xmltv.odd import Channel
    from tvarr.ingest.xmltv.rows import Rows

REPEATED: Final = "channel with the id of an earlier one"
REJECTED: Final = (
    odd.BROKEN,
    odd.BROKEN_CHANNEL,
    odd.OVERSIZE,
    odd.NO_ID,
    odd.STRAY,
    rows.NO_START,
    rows.NO_CHANNEL,
    REPEATED,
)
"""Why a programme or channel is left out."""

MOST_CHANNELS: Final = 500_000
MOST_PROGRAMMES: Final = 10_000_000
"""What memory is meant for: a guide of a few megabytes, packed, can hold a hundred times as many.
The largest real ones have some ten thousand channels and a few million programmes."""

NOT_CLOSED: Final = "guide without its end tag"
REPAIRED: Final = (
    odd.MENDED_MARKUP,
    odd.MENDED_ENTITY,
    odd.MENDED_CONTROL,
    odd.MENDED_PREFIX,
    rows.NO_STOP,
    rows.STOP_BEFORE_START,
    rows.RECODED,
    NOT_CLOSED,
)
"""Why a row is taken with a repair."""


@dataclass(frozen=True)
class XmltvOptions:
    """What the reader has to know about the guide."""

    guide: str
    """The name in the YAML."""
    timezone: str
    """IANA name of the zone of times that come without one."""
    max_size: int
    """Most bytes of the decompressed document."""


def ingest(document: Path, stage: Path, options: XmltvOptions) -> IngestReport:
    """Read `document` (packed or plain) into `stage`.

    Writes `channels.parquet`, `programmes.parquet` (one file, sorted by guide_channel, start and
    place in the document) and `report.json`; the same document gives the same bytes. Raises what
    `open_document` and `refuse` raise, `Transient(TooLarge)` for more rows than `MOST_CHANNELS` and
    `MOST_PROGRAMMES`, `Transient(Truncated)` for a guide that breaks off inside an element (so that
    the last whole one stays), `Transient(EmptyAnswer)` for one without channels and programmes,
    `Transient(ParseError)` where none of its rows can be used. A guide of whole elements that only
    lacks `</tv>` is taken, since some providers never write it.
    """
    zone = _zone(options.timezone)
    with open_document(document, options.max_size) as stream, ProgrammeStore(stage) as store:
        guide = _Guide(Cutter(stream), store)
        guide.read(zone)
        guide.judge()
        guide.channels_frame(options.guide).write_parquet(
            stage / "channels.parquet", compression="zstd", compression_level=1
        )
        report = guide.report()
        store.write(stage / "programmes.parquet", options.guide)
    (stage / "report.json").write_text(report.model_dump_json(indent=1), encoding="utf-8")
    return report


class _Guide:
    """One guide while it is read."""

    def __init__(self, cutter: Cutter, store: ProgrammeStore) -> None:
        self._cutter = cutter
        self._store = store
        self._tally = Tally()
        self._channels: dict[str, Channel] = {}
        self._header: dict[str, str] = {}

    def read(self, zone: ZoneInfo) -> None:
        """Read all pieces, a few at a time."""
        for found in map_ahead(_read_cut, self._with_options(zone)):
            self._take(found)

    def _with_options(self, zone: ZoneInfo) -> Iterator[tuple[Piece, RowOptions]]:
        """Yield the pieces with what the document's beginning says about all of them."""
        options: RowOptions | None = None
        for piece in self._cutter:
            if options is None:
                root = odd.root_of(self._cutter.header or b"")
                self._header = {str(name): str(value) for name, value in root.items()}
                namespaces = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
                options = RowOptions(zone, self._cutter.fallback, namespaces)
            yield piece, options

    def _take(self, found: Rows) -> None:
        self._store.add(found)
        self._tally.add(found.tally)
        for offset, channel in found.channels:
            if channel.id in self._channels:
                line = 0 if self._tally.is_full else found.piece.line_at(offset)
                self._tally.reject(line, REPEATED, f'<channel id="{channel.id}">')
            self._channels.setdefault(channel.id, channel)
        if len(self._channels) > MOST_CHANNELS:
            raise too_many(MOST_CHANNELS, "channels")
        if len(self._store) + self._tally.rejected.total() > MOST_PROGRAMMES:
            raise too_many(MOST_PROGRAMMES, "programmes")

    def judge(self) -> None:
        """Refuse the document as a whole where the last good one should stay instead."""
        for line in self._cutter.oversize:
            self._tally.reject(line, odd.OVERSIZE, "")
        found = f"{len(self._store)} programmes and {len(self._channels)} channels"
        if self._cutter.leftover:
            raise Transient(Reason.TRUNCATED, f"the guide breaks off after {found}")
        if not self._store and not self._channels:
            raise self._nothing()
        if not self._cutter.closed:
            self._tally.repaired[NOT_CLOSED] += 1

    def _nothing(self) -> Transient:
        rejected = self._tally.rejected
        if not rejected:
            return Transient(Reason.EMPTY_ANSWER, "the guide has no channel and no programme")
        problem, count = rejected.most_common(1)[0]
        return Transient(
            Reason.PARSE_ERROR, f"no row of the guide can be used; {count} times: {problem}"
        )

    def channels_frame(self, guide: str) -> pl.DataFrame:
        """Return `schema.GUIDE_CHANNELS` in the document's order."""
        return pl.DataFrame(
            [
                (guide, channel.id, list(channel.names), channel.icon, channel.inner)
                for channel in self._channels.values()
            ],
            schema=GUIDE_CHANNELS,
            orient="row",
        )

    def report(self) -> IngestReport:
        """Return the counts and samples."""
        return self._tally.report(len(self._channels), self._header, len(self._store))


def _read_cut(cut: tuple[Piece, RowOptions]) -> Rows:
    return read_piece(*cut)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Stalled(
            Reason.CONFIG_INVALID, f"timezone {name!r} is not known; give a name like Europe/Paris"
        ) from error
