"""Documents on this machine: `file:` URLs, and paths relative to the folder of the YAML or to `~`.

Called by `tvarr.fetch.client`. Nothing is copied: the document is read where it lies, and its
inode, size and time tell whether it changed.
"""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING
from urllib.parse import unquote

from tvarr.errors import Reason, Stalled, Transient
from tvarr.fetch.request import Fetched, NotModified
from tvarr.fetch.sizes import too_large

if TYPE_CHECKING:
    from pathlib import Path

    from tvarr.fetch.request import Request

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_LIKE_A_HOST = re.compile(r"\s*[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::[0-9]+)?/")
"""What a path begins with that may be an address without its http://."""
_FILE_URL = re.compile(r"(?i)file:(?://(?P<host>[^/]*)(?=/|$))?(?P<path>.*)", re.DOTALL)


def is_local(url: str) -> bool:
    """Whether `url` is a path or a `file:` URL. A path with a colon is written `./a:b`."""
    url = url.strip()
    return url[:5].lower() == "file:" or not _SCHEME.match(url)


def locate(url: str, base: Path) -> Path:
    """Return where the local document `url` lies; `Stalled` if that is on another machine."""
    return base / _path(url.strip())


def look(request: Request) -> Fetched | NotModified:
    """Find the file and compare its stamp with the request's. May wait for a slow disk.

    Raises `Stalled(UNSUPPORTED_URL)` for a `file:` URL of another machine, and `Transient`:
    `FILE_MISSING` for what is missing, cannot be read or is no regular file, and `TOO_LARGE`.
    """
    path = locate(request.url, request.base)
    try:
        status = _readable(path)
    except Transient as error:
        if not _LIKE_A_HOST.match(request.url):
            raise
        hint = "an address on the web begins with http:// or https://"
        raise Transient(error.reason, f"{error.sentence}; {hint}") from error
    if status.st_size > request.max_size:
        raise too_large(request.max_size, str(path))
    if _stamp(status) == request.file_stamp:
        return NotModified()
    return Fetched(path=path, bytes=status.st_size, file_stamp=_stamp(status))


def stamp(path: Path) -> str:
    """Return what changes with the file at `path`; raises as `look` does for a missing one."""
    return _stamp(_readable(path))


def _readable(path: Path) -> os.stat_result:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # to open a pipe or a device may wait for ever
            raise Transient(Reason.FILE_MISSING, f"{path} is not a file but {_kind(status)}")
        os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))  # may it be read?
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "not a possible file name"
        raise Transient(Reason.FILE_MISSING, f"{path} cannot be read: {why}") from error
    return status


def _stamp(status: os.stat_result) -> str:
    return f"{status.st_ino}-{status.st_size}-{status.st_mtime_ns}"


def _path(url: str) -> str:
    """Return the path that `url` names; a `file:` URL's # and ? are taken as part of it."""
    match = _FILE_URL.fullmatch(url)
    if match is None:
        return os.path.expanduser(url)  # noqa: PTH111 - leaves `~` as it is where there is no home
    if match["host"] and match["host"].lower() != "localhost":
        raise Stalled(
            Reason.UNSUPPORTED_URL,
            "a file: address names a file of this machine, with three slashes: file:///media/tv.m3u",
        )
    return unquote(match["path"])


def _kind(status: os.stat_result) -> str:
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
    return kinds.get(stat.S_IFMT(status.st_mode), "a device")
