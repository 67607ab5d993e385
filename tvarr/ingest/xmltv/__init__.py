"""XMLTV guides → `schema.GUIDE_CHANNELS` and `schema.PROGRAMMES`.

Called by the controller with fetched documents, in a thread or a child process. Guides reach a
gigabyte, so the work is done on whole columns and in bounded memory, in two passes: the documents'
pieces are read for channels and keys, then the programmes' fields are read in the final order.
Nothing that the provider sent is left out; a row that cannot be used is counted and sampled.

The parts: `cut` (bytes to pieces), `rows` (a piece to keys), `plain` and
`odd` (two readers of a programme), `times`, `store` (sorting on disk),
`past` (what the snapshot before had), `columns` (texts to the final columns).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl
from pydantic import ValidationError

from tvarr.catalog.schema import GUIDE_CHANNELS
from tvarr.errors import Reason, Stalled, Transient, TvarrError
from tvarr.fetch.decompress import open_document
from tvarr.fetch.sizes import too_many
from tvarr.ingest.ahead import map_ahead
from tvarr.ingest.report import IngestReport
from tvarr.ingest.tally import Tally
from tvarr.ingest.xmltv import odd, rows
from tvarr.ingest.xmltv.cut import Cutter
from tvarr.ingest.xmltv.past import Past
from tvarr.ingest.xmltv.rows import RowOptions, read_piece
from tvarr.ingest.xmltv.store import ProgrammeStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tvarr.ingest.collect import Former
    from tvarr.ingest.xmltv.cut import Piece
    from tvarr.ingest.xmltv.odd import Channel
    from tvarr.ingest.xmltv.rows import Rows
    from tvarr.ingest.xmltv.store import Written

REPEATED: Final = "channel with the id of an earlier one"
LISTED_BEFORE: Final = "programme that an earlier guide has"
NOT_THERE: Final = "guide that cannot be had"
REJECTED: Final = (
    odd.BROKEN,
    odd.BROKEN_CHANNEL,
    odd.OVERSIZE,
    odd.NO_ID,
    odd.STRAY,
    rows.NO_START,
    rows.NO_CHANNEL,
    REPEATED,
    LISTED_BEFORE,
    NOT_THERE,
)
"""Why a programme, a channel or one of several documents is left out."""

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
    """Most bytes of a decompressed document; of a lenient reader's, of all together."""
    shift: timedelta = timedelta()
    """What is added to every time."""
    retention: timedelta = timedelta()
    """How long what has been is carried over from the former snapshot."""
    former: Former | None = None
    lenient: bool = False
    """Whether one of several documents may be refused without the others."""
    missing: tuple[str, ...] = ()
    """Sentences about further documents that could not be had."""

    @property
    def clock(self) -> str:
        """How times are read: what was read otherwise does not go with it."""
        return f"{self.timezone} {self.shift.total_seconds():+g}s"


def ingest(documents: Path | Sequence[Path], stage: Path, options: XmltvOptions) -> IngestReport:
    """Read one or several documents (packed or plain) into `stage` as one guide.

    Writes `channels.parquet`, `programmes.parquet` (one file, sorted by guide_channel, start and
    place in the documents) and `report.json`; the same documents and the same former snapshot give
    the same bytes. Of several documents the first one's channels and programmes count where others
    have the same.

    Raises what `open_document` and `refuse` raise, `Transient(TooLarge)` for more rows than
    `MOST_CHANNELS` and `MOST_PROGRAMMES`, `Transient(Truncated)` for a guide that breaks off inside
    an element (so that the last whole one stays), `Transient(EmptyAnswer)` for one without channels
    and programmes, `Transient(ParseError)` where none of its rows can be used. A guide of whole
    elements that only lacks `</tv>` is taken, since some providers never write it. A lenient reader
    raises only what is wrong with the first document, and only if no other can be read.
    """
    zone = _zone(options.timezone)
    paths = documents if isinstance(documents, Sequence) else (documents,)
    with ProgrammeStore(stage) as store:
        joined = _Joined(store, options)
        for path in paths:
            joined.read(path, zone)
        joined.judge()
        written = store.write(stage / "programmes.parquet", options.guide, _past(options))
    joined.write_channels(stage / "channels.parquet", written)
    report = joined.report(written)
    (stage / "report.json").write_text(report.model_dump_json(indent=1), encoding="utf-8")
    return report


def _past(options: XmltvOptions) -> Past | None:
    """Return what may be carried over, unless its times were read in another way."""
    former = options.former
    if former is None or not options.retention:
        return None
    try:
        report = (former.folder / "report.json").read_bytes()
        clock = IngestReport.model_validate_json(report).clock
    except (OSError, ValidationError):
        return None
    return Past(former.folder, former.now, options.retention) if clock == options.clock else None


class _Joined:
    """All documents of one guide."""

    def __init__(self, store: ProgrammeStore, options: XmltvOptions) -> None:
        self._store = store
        self._options = options
        self._left = options.max_size
        self._tally = Tally()
        self._channels: dict[str, Channel] = {}
        self._header: dict[str, str] = {}
        self._refused: list[TvarrError] = []

    def read(self, document: Path, zone: ZoneInfo) -> None:
        """Read one document; a lenient reader goes on where it is refused."""
        self._store.begin_document()
        try:
            self._read(document, zone)
        except TvarrError as refusal:
            if not self._options.lenient:
                raise
            self._store.drop_document()
            self._refused.append(refusal)

    def _read(self, document: Path, zone: ZoneInfo) -> None:
        with open_document(document, self._left) as stream:
            cutter = Cutter(stream)
            try:
                guide = _Guide(cutter, self._store)
                guide.read(RowOptions(zone, self._options.shift))
                guide.judge()
            finally:
                if self._options.lenient:
                    self._left -= cutter.taken
        self._tally.add(guide.tally)
        self._header = guide.header | self._header
        self._channels = guide.channels | self._channels
        if len(self._channels) > MOST_CHANNELS:
            raise too_many(MOST_CHANNELS, "channels")

    def judge(self) -> None:
        """Refuse the guide where nothing of it could be read."""
        if self._refused and not self._store and not self._channels:
            raise self._refused[0]
        tally = Tally()
        for sentence in (*self._options.missing, *(str(refusal) for refusal in self._refused)):
            tally.reject(0, NOT_THERE, sentence)
        tally.add(self._tally)
        self._tally = tally

    def write_channels(self, path: Path, written: Written) -> None:
        """Write the channels: the documents', then those of which only the past is left."""
        name = self._options.guide
        rows = [(name, c.id, list(c.names), c.icon, c.inner) for c in self._channels.values()]
        frame = pl.DataFrame(rows, schema=GUIDE_CHANNELS, orient="row")
        past = _past(self._options)
        gone = pl.Series(sorted({*written.past.unique()} - {*self._channels}), dtype=pl.String)
        if past is not None and len(gone):
            former = past.channels(gone).with_columns(guide=pl.lit(name))
            frame = pl.concat([frame, former])
        frame.write_parquet(path, compression="zstd", compression_level=1)

    def report(self, written: Written) -> IngestReport:
        """Return the counts and samples."""
        if written.repeated:
            self._tally.rejected[LISTED_BEFORE] += written.repeated
        report = self._tally.report(len(self._channels), self._header, written.programmes)
        return report.model_copy(
            update={"past_programmes": len(written.past), "clock": self._options.clock}
        )


class _Guide:
    """One document while it is read."""

    def __init__(self, cutter: Cutter, store: ProgrammeStore) -> None:
        self.tally = Tally()
        self.channels: dict[str, Channel] = {}
        self.header: dict[str, str] = {}
        self._cutter = cutter
        self._store = store
        self._before = len(store)

    @property
    def _programmes(self) -> int:
        return len(self._store) - self._before

    def read(self, options: RowOptions) -> None:
        """Read all pieces, a few at a time."""
        for found in map_ahead(_read_cut, self._with_options(options)):
            self._take(found)

    def _with_options(self, options: RowOptions) -> Iterator[tuple[Piece, RowOptions]]:
        """Yield the pieces with what the document's beginning says about all of them."""
        for number, piece in enumerate(self._cutter):
            if not number:
                root = odd.root_of(self._cutter.header or b"")
                self.header = {str(name): str(value) for name, value in root.items()}
                namespaces = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
                fallback = self._cutter.fallback
                options = replace(options, fallback=fallback, namespaces=namespaces)
            yield piece, options

    def _take(self, found: Rows) -> None:
        self._store.add(found)
        self.tally.add(found.tally)
        for offset, channel in found.channels:
            if channel.id in self.channels:
                line = 0 if self.tally.is_full else found.piece.line_at(offset)
                self.tally.reject(line, REPEATED, f'<channel id="{channel.id}">')
            self.channels.setdefault(channel.id, channel)
        if len(self.channels) > MOST_CHANNELS:
            raise too_many(MOST_CHANNELS, "channels")
        if len(self._store) + self.tally.rejected.total() > MOST_PROGRAMMES:
            raise too_many(MOST_PROGRAMMES, "programmes")

    def judge(self) -> None:
        """Refuse the document as a whole where the last good one should stay instead."""
        for line in self._cutter.oversize:
            self.tally.reject(line, odd.OVERSIZE, "")
        found = f"{self._programmes} programmes and {len(self.channels)} channels"
        if self._cutter.leftover:
            raise Transient(Reason.TRUNCATED, f"the guide breaks off after {found}")
        if not self._programmes and not self.channels:
            raise self._nothing()
        if not self._cutter.closed:
            self.tally.repaired[NOT_CLOSED] += 1

    def _nothing(self) -> Transient:
        rejected = self.tally.rejected
        if not rejected:
            return Transient(Reason.EMPTY_ANSWER, "the guide has no channel and no programme")
        problem, count = rejected.most_common(1)[0]
        return Transient(
            Reason.PARSE_ERROR, f"no row of the guide can be used; {count} times: {problem}"
        )


def _read_cut(cut: tuple[Piece, RowOptions]) -> Rows:
    return read_piece(*cut)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Stalled(
            Reason.CONFIG_INVALID, f"timezone {name!r} is not known; give a name like Europe/Paris"
        ) from error
