"""A folder of media files on this machine → `schema.VOD` and `schema.EPISODES`.

Called by way of `tvarr.ingest.kinds`. The folder is walked without opening a file: names, sizes
and times tell whether anything has changed, and `filenames` what they are. How long a film is, and
what is in it, is left to whoever plays it.
"""

from __future__ import annotations

import asyncio
import os
import re
import stat
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

import orjson
import polars as pl

from tvarr.catalog import schema
from tvarr.errors import Reason, Transient
from tvarr.fetch.client import NotModified
from tvarr.fetch.local import locate
from tvarr.fetch.sizes import too_many
from tvarr.ingest.collect import Collected, Part
from tvarr.ingest.filenames import Named, clean, read_name, season_of
from tvarr.ingest.listed import write_channels
from tvarr.ingest.report import IngestReport
from tvarr.ingest.rows import fold
from tvarr.progress import State
from tvarr.state.conditions import Validators

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tvarr.ingest.collect import Collecting
    from tvarr.spec.source import FilesSource

LISTING: Final = "folder"

MOST_FILES: Final = 500_000
DEEPEST: Final = 16
"""Folders in folders that are looked into."""

LONGEST: Final = timedelta(minutes=10)
"""For looking into all folders."""

EXTRA: Final = "sample, trailer or another extra"
LINK: Final = "link"
TOO_DEEP: Final = "folder too deep inside others"
UNREADABLE: Final = "folder that cannot be read"
NO_STATUS: Final = "file that cannot be looked at"
NO_TEXT: Final = "name that is no text"
REJECTED: Final = (EXTRA, LINK, TOO_DEEP, UNREADABLE, NO_STATUS, NO_TEXT)
"""Why something in the folder is left out."""

MEDIA: Final = frozenset(
    (
        *("3gp", "asf", "avi", "divx", "flv", "m2ts", "m4v", "mkv", "mov"),
        *("mp4", "mpeg", "mpg", "mts", "ogm", "ogv", "ts", "webm", "wmv"),
    )
)
"""Endings of films and episodes."""

_EXTRAS = re.compile(
    r"(?i)samples?|trailers?|extras?|featurettes?|behind[ ._-]?the[ ._-]?scenes"
    r"|deleted[ ._-]?scenes|interviews?|shorts|scenes|bonus|\$recycle\.bin|@eadir|lost\+found"
)
"""Folders that have no films, as Plex and Jellyfin document them, and as systems make them."""
_EXTRA = re.compile(
    r"(?i)sample|sample[ ._-].*|.*[ ._-]sample|trailer|.*[ ._-]trailer[0-9]?"
    r"|.*-(?:behindthescenes|deleted|featurette|interview|scene|short|other|extra)"
)


@dataclass(frozen=True)
class Found:
    """One media file."""

    path: str
    """Below the folder, with slashes."""
    size: int
    modified: int
    """In nanoseconds since 1970."""


@dataclass
class Listing:
    """All media files of a folder, in the order of their paths."""

    root: str
    files: list[Found] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


# --- looking ------------------------------------------------------------------------------------


async def collect(spec: FilesSource, collecting: Collecting) -> Collected | NotModified:
    """List the folder, unless everything in it is as it was.

    Raises `Transient`: `FileMissing` for a folder that cannot be read, `EmptyAnswer` for one
    without a media file, which is what a disk looks like that is not mounted, and `TooLarge`.
    """
    collecting.progress.to(State.PROCESSING, "folder")
    root = locate(spec.path, collecting.base)
    listing = await _looked_into(root)
    text = await asyncio.to_thread(orjson.dumps, listing)
    stamp = Validators(file_stamp=blake2b(text, digest_size=16).hexdigest())
    if collecting.known.get(LISTING) == stamp:
        return NotModified()
    path = collecting.folder / LISTING
    await asyncio.to_thread(path.write_bytes, text)
    return Collected((Part(LISTING, path, len(text), stamp),))


async def _looked_into(root: Path) -> Listing:
    """Look in a thread: a network file system that went away answers nothing at all."""
    try:
        async with asyncio.timeout(LONGEST.total_seconds()):
            return await asyncio.to_thread(look_into, root)
    except TimeoutError:
        raise Transient(Reason.TIMEOUT, "the file system does not answer in time") from None


def look_into(root: Path) -> Listing:
    """Return the media files in a folder and its folders; takes as long as the disk does.

    Nothing hidden is looked at. Links are not followed: what they lead to inside the folder is
    found there, and what lies outside is none of its business.
    """
    try:
        root = root.resolve(strict=True)
        with os.scandir(root):
            pass
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "not a possible name"
        raise Transient(Reason.FILE_MISSING, f"{root} cannot be read: {why}") from error
    listing = Listing(str(root))
    for entry in _walk(root, listing, 0):
        _add(entry, root, listing)
    if not listing.files:
        raise Transient(Reason.EMPTY_ANSWER, f"there is no film or episode in {root}")
    listing.files.sort(key=lambda found: found.path)
    return listing


def _walk(folder: Path | str, listing: Listing, depth: int) -> Iterator[os.DirEntry[str]]:
    """Yield the visible files."""
    if depth > DEEPEST:
        listing.left_out[TOO_DEEP] += 1
        return
    try:
        with os.scandir(folder) as entries:
            visible = [entry for entry in entries if not entry.name.startswith(".")]
    except OSError:
        listing.left_out[UNREADABLE] += 1
        return
    for entry in visible:
        if entry.is_symlink():
            listing.left_out[LINK] += 1
        elif not entry.is_dir(follow_symlinks=False):
            yield entry
        elif _EXTRAS.fullmatch(entry.name):
            listing.left_out[EXTRA] += 1
        else:
            yield from _walk(entry.path, listing, depth + 1)


def _add(entry: os.DirEntry[str], root: Path, listing: Listing) -> None:
    stem, _, ending = entry.name.rpartition(".")
    if not stem or ending.lower() not in MEDIA:
        return
    if not _is_text(entry.path):
        listing.left_out[NO_TEXT] += 1
    elif _EXTRA.fullmatch(stem):
        listing.left_out[EXTRA] += 1
    elif status := _status(entry, listing):
        path = PurePosixPath(entry.path).relative_to(root).as_posix()
        listing.files.append(Found(path, status.st_size, status.st_mtime_ns))
    if len(listing.files) > MOST_FILES:
        raise too_many(MOST_FILES, "files")


def _status(entry: os.DirEntry[str], listing: Listing) -> os.stat_result | None:
    """Return what the disk says of a file; None for one that is gone by now, or is no file."""
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    except OSError:  # a folder whose names may be read and nothing else; a disk in trouble
        listing.left_out[NO_STATUS] += 1
        return None
    return status if stat.S_ISREG(status.st_mode) else None


def _is_text(path: str) -> bool:
    """Whether the bytes of a path are UTF-8 and of one line."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return "\n" not in path and "\r" not in path


# --- reading ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Read:
    """One file, and what its name says."""

    line: int
    found: Found
    folders: tuple[str, ...]
    named: Named


def read(collected: Collected, stage: Path, name: str, _spec: FilesSource) -> IngestReport:
    """Write films and series (`vod.parquet`) and episodes; there are no channels among them.

    The same listing gives the same bytes.
    """
    (part,) = collected.parts
    listing = orjson.loads(part.path.read_bytes())
    files = list(_named(listing["files"]))
    root = Path(listing["root"])
    films = [_film(file, name, root) for file in files if not file.named.is_episode]
    shows = list(_shows(file for file in files if file.named.is_episode).values())
    series = [_series(episodes, name) for episodes in shows]
    vod = _with_ids(films + series, name)
    episodes = [
        _episode(file, row["vod_id"], root)
        for row, show in zip(vod[len(films) :], shows, strict=True)
        for file in show
    ]
    write_channels(name, (), stage)
    _write(pl.DataFrame(vod, schema=schema.VOD), stage / "vod.parquet")
    _write(pl.DataFrame(episodes, schema=schema.EPISODES), stage / "episodes.parquet")
    return IngestReport(films=len(films), series=len(series), rejected=listing["left_out"])


def _named(files: Iterable[dict[str, Any]]) -> Iterator[_Read]:
    for line, file in enumerate(files, start=1):
        found = Found(**file)
        path = PurePosixPath(found.path)
        folders = path.parts[:-1]
        yield _Read(line, found, folders, read_name(folders, path.stem))


def _shows(episodes: Iterable[_Read]) -> dict[tuple[str, int | None], list[_Read]]:
    """Gather episodes by their series: its folded title and its year."""
    shows: dict[tuple[str, int | None], list[_Read]] = {}
    for file in episodes:
        shows.setdefault((fold(file.named.title), file.named.year), []).append(file)
    return shows


def _film(file: _Read, source: str, root: Path) -> dict[str, Any]:
    return {
        "source": source,
        "name": file.named.title,
        "stream_type": "movie",
        "provider_id": file.found.path,
        "category": _category(file),
        "tmdb": file.named.tmdb,
        "imdb": file.named.imdb,
        "year": file.named.year,
        "container": _container(file.found),
        "added": _instant(file.found),
        "stream_url": _url(file.found, root),
        "line": file.line,
    }


def _series(episodes: list[_Read], source: str) -> dict[str, Any]:
    first = episodes[0]
    return {
        "source": source,
        "name": first.named.title,
        "stream_type": "series",
        "category": _category(first),
        "tmdb": first.named.tmdb,
        "imdb": first.named.imdb,
        "year": first.named.year,
        "added": _instant(max((episode.found for episode in episodes), key=_modified)),
        "line": first.line,
    }


def _episode(file: _Read, vod_id: str, root: Path) -> dict[str, Any]:
    return {
        "vod_id": vod_id,
        "season": file.named.season,
        "episode": file.named.episode,
        "last": file.named.last,
        "name": file.named.episode_title,
        "provider_id": file.found.path,
        "container": _container(file.found),
        "added": _instant(file.found),
        "stream_url": _url(file.found, root),
    }


def _with_ids(rows: list[dict[str, Any]], source: str) -> list[dict[str, Any]]:
    """Give each film and series an id of its title and year, which stays when the file moves."""
    seen: Counter[str] = Counter()
    for row in rows:
        key = f"{row['stream_type']}\0{fold(row['name'])}\0{row['year']}"
        row["vod_id"] = schema.channel_id(source, key, seen[key])
        seen[key] += 1
        row.setdefault("provider_id", row["vod_id"].rpartition(".")[2])
    return rows


def _category(file: _Read) -> str | None:
    """Return the outermost folder, unless it is the film's or the series' own."""
    first = next(iter(file.folders), None)
    if first is None or season_of(first) is not None:
        return None
    return None if fold(clean(first).title) == fold(file.named.title) else first


def _container(found: Found) -> str:
    return found.path.rpartition(".")[2].lower()


def _modified(found: Found) -> int:
    return found.modified


def _instant(found: Found) -> datetime | None:
    """Return when the file was last written, in whole seconds; None for what no clock shows."""
    try:
        return datetime.fromtimestamp(found.modified // 10**9, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _url(found: Found, root: Path) -> str:
    """Return the file's address on this machine; nobody else can open it."""
    return (root / found.path).as_uri()


def _write(rows: pl.DataFrame, path: Path) -> None:
    rows.write_parquet(path, compression="zstd", compression_level=1)
