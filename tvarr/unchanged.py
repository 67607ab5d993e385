"""Whether anything a build looks at has changed since the last one, without doing the build.

The command line asks `still_current` before it loads anything else, so that a `tvarr build` with
nothing to do ends in a fraction of a second; `app.build` writes the mark with `remember` when a
build went well throughout. The mark is for one command line and names every ingredient by content
or by stamp: this version of tvarr, the environment, the options file, the YAML with its includes
and secrets, local documents, the state, the published files, and the moment when the next resource
is due. Whatever differs, is missing or cannot be read means the ordinary way. Standard library
only.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tvarr

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MARK = "last-build.json"
_READ = ("HOME", "TZ", "XDG_DATA_HOME")
"""Variables that decide something besides `TVARR_*` and those that the YAML names."""
OPTIONS = Path("/data/options.json")


def remember(
    data: Path,
    arguments: Sequence[str],
    *,
    variables: Iterable[str],
    contents: Iterable[Path],
    stamps: Iterable[Path],
    until: datetime | None,
    says: Iterable[str],
) -> None:
    """Write the mark of a build that went well.

    `arguments` are those of the command line, `variables` names in the environment; `contents` are
    files (or folders of YAML files) whose content counts, `stamps` files whose inode, size and time
    do; `until` is when the next resource is due, None where time stands still; `says` is what a run
    with nothing to do prints.
    """
    mark: dict[str, Any] = {
        "asked": _asked(data, arguments),
        "variables": {name: _variable(name) for name in variables},
        "contents": {str(path): _content(path) for path in contents},
        "stamps": {str(path): _stamp(path) for path in stamps},
        "until": until.isoformat() if until else None,
        "says": list(says),
    }
    beside = data / f".{MARK}"
    beside.write_text(json.dumps(mark), encoding="utf-8")
    beside.replace(data / MARK)


def forget(data: Path) -> None:
    """Remove the mark: something is about to change."""
    (data / MARK).unlink(missing_ok=True)


def still_current(arguments: Sequence[str], now: datetime) -> list[str] | None:
    """Return what to print if nothing changed since a build with these arguments, else None."""
    try:
        data = data_folder(arguments)
        mark = json.loads((data / MARK).read_bytes())
        until = mark["until"]
        same = (
            mark["asked"] == _asked(data, arguments)
            and (until is None or now < datetime.fromisoformat(until))
            and all(_variable(name) == value for name, value in mark["variables"].items())
            and _same(mark["contents"], _content)
            and _same(mark["stamps"], _stamp)
        )
        says = [str(line) for line in mark["says"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return says if same else None


def data_folder(arguments: Sequence[str]) -> Path:
    """Return where the mark would be; a wrong guess finds none, and that is no harm."""
    for place, argument in enumerate(arguments):
        if argument in ("--data", "-d"):
            return Path(arguments[place + 1]).expanduser()
        if argument.startswith("--data="):
            return Path(argument.removeprefix("--data=")).expanduser()
    if named := os.environ.get("TVARR_DATA"):
        return Path(named).expanduser()
    if OPTIONS.is_file():
        return OPTIONS.parent
    home = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(home).expanduser() / "tvarr"


def _asked(data: Path, arguments: Sequence[str]) -> str:
    """Return a digest of the command line, the environment, the options file and tvarr itself."""
    own = sorted(name for name in os.environ if name.startswith("TVARR_"))
    environment = [f"{name}={_variable(name)}" for name in (*own, *_READ)]
    options = Path(os.environ.get("TVARR_OPTIONS") or OPTIONS)
    parts = [
        tvarr.__version__,
        sys.version,
        str(Path.cwd()),
        str(data.resolve()),
        repr(_content(options)),
        repr(_program()),
        "arguments",
        *arguments,
        "environment",
        *environment,
    ]
    return sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def _same(remembered: Mapping[str, Any], look: Any) -> bool:
    return all(look(Path(path)) == value for path, value in remembered.items())


def _variable(name: str) -> str | None:
    """Return a digest of a variable's value, which may be a secret; None where it is not set."""
    value = os.environ.get(name)
    if value is None:
        return None
    return sha256(value.encode("utf-8", "surrogateescape")).hexdigest()


def _content(path: Path) -> list[str]:
    """Return a digest of a file, the names and digests in a folder, or that there is nothing."""
    try:
        if path.is_dir():
            inside = sorted(path.iterdir())
            return [f"{child.name}:{_content(child)}" for child in inside if child.is_file()]
        return [sha256(path.read_bytes()).hexdigest()]
    except OSError as error:
        return [type(error).__name__]


def _stamp(path: Path) -> list[int] | str:
    """Return inode, size and time of what is behind all links; a link's target counts with it."""
    try:
        status = path.stat()
    except OSError as error:
        return type(error).__name__
    return [status.st_ino, status.st_size, status.st_mtime_ns]


def _program() -> list[tuple[str, int, int]]:
    """Return the stamps of tvarr's own files: another program may build something else."""
    found: list[tuple[str, int, int]] = []
    folders = [str(Path(__file__).parent)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name != "__pycache__":
                        folders.append(entry.path)
                else:
                    status = entry.stat()
                    found.append((entry.path, status.st_size, status.st_mtime_ns))
    return sorted(found)
