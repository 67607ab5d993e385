"""M3U playlists → `schema.CHANNELS`.

Called by the controller with a fetched document, in a thread or a child process. Reads what
players read, in all the dialects they put up with: attributes quoted or not, options before or
after #EXTINF, groups by attribute or by #EXTGRP, relative URLs, header suffixes. A row that cannot
be used is counted and sampled; only a document that is no playlist is refused.

The parts: `lines` (bytes to lines), `extinf` (one #EXTINF line), `request_headers`, `rows` (the
frame).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

import polars as pl

from tvarr.errors import Reason, Transient, TvarrError
from tvarr.fetch.decompress import open_document
from tvarr.fetch.sizes import too_many
from tvarr.ingest import document as documents
from tvarr.ingest import extinf, named_guides, request_headers
from tvarr.ingest.lines import TOO_LONG, Encoding, encoding_of, read_lines, settle_encoding
from tvarr.ingest.rows import BROKEN, OTHER_GROUP, REPEATED, Rows
from tvarr.ingest.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tvarr.ingest.report import IngestReport

NO_URL: Final = "entry without a URL"
NO_ENTRY: Final = "URL without an entry"
NOT_A_URL: Final = "line that is no URL"
NO_BASE: Final = "relative URL without a base"
TOO_LONG_LINE: Final = "line too long"
REJECTED: Final = (NO_URL, NO_ENTRY, NOT_A_URL, NO_BASE, TOO_LONG_LINE)
"""Why a row is left out."""

QUOTED_URL: Final = "quotes around the URL"
REPAIRED: Final = (BROKEN, REPEATED, QUOTED_URL, OTHER_GROUP)
"""Why a row is taken with a repair."""

ROW_GROUP: Final = 50_000
HEADER_ATTRIBUTES: Final = 100
MOST_ENTRIES: Final = 2_000_000
"""A playlist of a megabyte, packed, can hold more entries than a machine has memory for. The
largest real ones, with films and series, have some hundred thousand. Rows left out count as well,
since they take time."""
MOST_OPTIONS: Final = 1_000
"""Option lines of one entry; what follows them is left out."""

_USUAL_URL: Final = ("http://", "https://")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,31}://\S")
_RELATIVE = re.compile(r"""(?=[^?#]*[./])[^\s"'<>\[\]{}\\^`|#:?]++(?:[?#]\S*)?$""")
_GROUPED = re.compile(r"""group-title\s{0,8}+=\s{0,8}+["']?+[^\s"',]""", re.IGNORECASE)
_DIRECTIVE = re.compile(
    r"#(?:(?i:EXTVLCOPT|EXTHTTP|KODIPROP|WEBPROP)|EXT-X-|[A-Z][A-Z0-9-]{0,63}:)"
)
_OF_THE_DOCUMENT = re.compile(r"#(PLAYLIST|EXTENC):(.*)", re.IGNORECASE)


@dataclass(frozen=True)
class M3uOptions:
    """What the reader has to know about the source."""

    source: str
    base_url: str | None
    """Where the document came from (http, https), for relative URLs; None for files."""
    max_size: int
    """Most bytes of the decompressed document."""


def ingest(document: Path, stage: Path, options: M3uOptions) -> IngestReport:
    """Read `document` (packed or plain) into `stage`: `channels.parquet` and `report.json`.

    Raises what `open_document` and `refuse` raise, `Transient(TooLarge)` for more entries than
    `MOST_ENTRIES`, and `Transient(EmptyAnswer)` for a playlist in which no entry can be used. The
    same document gives the same bytes.
    """
    return ingest_all([(document, options)], stage)


def ingest_all(documents: Sequence[tuple[Path, M3uOptions]], stage: Path) -> IngestReport:
    """Read several documents of one source as one playlist, one after the other.

    Each of them has channels, or it raises as `ingest` does, and then its sentence says which.
    """
    whole = _Whole()
    for number, (document, options) in enumerate(documents, start=1):
        try:
            whole.add(_read(document, options, whole.seen))
        except TvarrError as error:
            if len(documents) == 1:
                raise
            raise error.about(f"playlist {number} of {len(documents)}") from None
    report = whole.finish(stage / "channels.parquet")
    (stage / "report.json").write_text(report.model_dump_json(indent=1), encoding="utf-8")
    return report


class _Whole:
    """What was read of one document after the other."""

    def __init__(self) -> None:
        self.seen: dict[str, int] = {}
        """How often each channel has come so far, so that each has an id of its own."""
        self._tally = Tally()
        self._frames: list[pl.DataFrame] = []
        self._header: dict[str, str] = {}
        self._entries = 0

    def add(self, reader: _Reader) -> None:
        """Take what a reader has found; of several headers the first word counts."""
        self._frames.append(reader.channels())
        self._tally.add(reader.tally)
        self._header = named_guides.merged(self._header, reader.header)
        self.seen = reader.seen
        self._entries += reader.entries
        if self._entries > MOST_ENTRIES:
            raise too_many(MOST_ENTRIES, "entries")

    def finish(self, channels: Path) -> IngestReport:
        """Write the rows and return the report."""
        frame = pl.concat(self._frames)
        frame.write_parquet(
            channels, compression="zstd", compression_level=1, row_group_size=ROW_GROUP
        )
        return self._tally.report(frame.height, self._header)


def _read(document: Path, options: M3uOptions, seen: dict[str, int]) -> _Reader:
    """Read all lines; a second time where the bytes turn out to be no UTF-8."""
    try:
        return _read_as(document, options, seen, None)
    except UnicodeDecodeError:
        with open_document(document, options.max_size) as stream:
            encoding = settle_encoding(stream)
        return _read_as(document, options, seen, encoding)


def _read_as(
    document: Path, options: M3uOptions, seen: dict[str, int], encoding: Encoding | None
) -> _Reader:
    with open_document(document, options.max_size) as stream:
        head = stream.read(documents.HEAD)
        documents.refuse(head, "m3u")
        reader = _Reader(options, dict(seen))
        for lines in read_lines(stream, head, encoding or encoding_of(head)):
            reader.read(lines)
    reader.end()
    return reader


class _Reader:
    """What is known between two lines of a playlist."""

    def __init__(self, options: M3uOptions, seen: dict[str, int]) -> None:
        self._base_url = options.base_url
        self.tally = Tally()
        self.header: dict[str, str] = {}
        self.seen = seen
        self._rows = Rows(options.source, self.tally, seen)
        self._line = 0
        self._entry: str | None = None
        self._entry_line = 0
        self._explained = False
        """Whether the lack of a URL has been counted already, by the line in its place."""
        self._options: list[str] = []
        self._group: str | None = None
        """Of #EXTGRP, for this and all following entries (see `_read_group`)."""

    def read(self, lines: list[str]) -> None:
        """Read the next lines of the document."""
        for raw in lines:
            self._line += 1
            line = raw.strip()
            if line.startswith("#EXTINF"):
                self._begin_entry(line)
            elif line.startswith(_USUAL_URL):
                self._end_entry(line)
            elif line.startswith("#"):
                self._read_directive(line)
            elif line:
                self._read_unusual(line)
        self._rows.flush()
        if self.entries > MOST_ENTRIES:
            raise too_many(MOST_ENTRIES, "entries")

    def end(self) -> None:
        """Take note that the document is at its end."""
        if self._entry is not None:
            self._drop_entry(self._entry)

    @property
    def entries(self) -> int:
        """How many there were so far, those left out included."""
        return len(self._rows) + self.tally.rejected.total()

    def channels(self) -> pl.DataFrame:
        """Return the rows; raises `Transient(EmptyAnswer)` where there are none."""
        frame = self._rows.finish()
        if frame.is_empty():
            raise Transient(Reason.EMPTY_ANSWER, _no_channels(self.tally))
        return frame

    def _begin_entry(self, line: str) -> None:
        if self._entry is not None:
            self._drop_entry(self._entry)
        self._entry = line
        self._entry_line = self._line
        if self._group is not None and _GROUPED.search(line):
            self._group = None

    def _end_entry(self, url: str) -> None:
        if self._entry is None:
            self.tally.reject(self._line, NO_ENTRY, url)
            self._options = []
            return
        if "|" in url or self._options or self._group is not None:
            url, suffix = request_headers.split_suffix(url)
            self._rows.add(self._entry, self._entry_line, url)
            self._rows.add_besides(self._options, self._group, suffix)
            self._options = []
        else:
            self._rows.add(self._entry, self._entry_line, url)
        self._entry = None
        self._explained = False

    def _drop_entry(self, entry: str) -> None:
        """Count an entry that waited for its URL in vain."""
        if not self._explained:
            self.tally.reject(self._entry_line, NO_URL, entry)
        self._entry = None
        self._explained = False
        self._options = []

    def _read_directive(self, line: str) -> None:
        word = line[:8].upper()
        if word.startswith("#EXTINF"):
            self._begin_entry(line)
        elif word.startswith("#EXTM3U"):
            self._read_header(line)
        elif word == "#EXTGRP:":
            self._read_group(line[8:].strip())
        elif about := _OF_THE_DOCUMENT.match(line):
            self.header.setdefault(about[1], about[2].strip())
        elif _DIRECTIVE.match(line) and len(self._options) < MOST_OPTIONS:
            self._options.append(line)

    def _read_header(self, line: str) -> None:
        for name, value in extinf.parse_attributes(line[len("#EXTM3U") :]):
            if len(self.header) < HEADER_ATTRIBUTES:
                self.header.setdefault(name, value)
        self._rows.apply_header({name.lower(): value for name, value in self.header.items()})

    def _read_group(self, group: str) -> None:
        """Begin or end a run of entries in one group.

        The group holds until an empty #EXTGRP or an entry with a group-title, as the README of
        Kodi's IPTV Simple has it; a group-title of the entry itself goes first.
        """
        self._group = group or None

    def _read_unusual(self, line: str) -> None:
        """Read what is neither a directive nor a plain http URL."""
        bare = line.strip("\"' ")
        if line == TOO_LONG:
            self._reject_line(TOO_LONG_LINE, "")
        elif _URL.match(line):
            self._end_entry(line)
        elif _URL.match(bare):
            self.tally.repair(self._line, QUOTED_URL, line)
            self._end_entry(bare)
        elif not _RELATIVE.match(line):
            self._reject_line(NOT_A_URL, line)
        elif self._base_url is None:
            self._reject_line(NO_BASE, line)
        else:
            self._end_entry(urljoin(self._base_url, line))

    def _reject_line(self, problem: str, line: str) -> None:
        self.tally.reject(self._line, problem, line)
        self._explained = True


def _no_channels(tally: Tally) -> str:
    rejected = sorted(tally.rejected.items())
    reasons = ", ".join(f"{problem}: {count}" for problem, count in rejected)
    return f"the playlist holds no channels ({reasons or 'it has no entries'})"
