"""Nothing has changed since the last build: proved in a moment, before anything heavy is loaded.

A build that ended well writes `DATA/last-build.json` (`remember`): a digest of everything that
tvarr looked at, and the time until which it holds. The next `tvarr build` compares (`recall`).
Any difference, however small, means no more than that the build goes its ordinary way, which
decides by itself; so this may be over-careful and must never be careless. What was read is digested
before it is read, so that an edit in between is never taken for the state that was built.

Standard library only.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import tvarr

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FILE = "last-build.json"
OPTIONS = Path("/data/options.json")
"""Where a Home Assistant add-on has its settings; see `tvarr.config.settings`."""
CONTAINER_CONFIG = Path("/config/tvarr.yaml")

_PLACES = ("HOME", "XDG_DATA_HOME", "TZ")
"""Variables besides TVARR_* that settings and schedules depend on."""


@dataclass(frozen=True)
class Inputs:
    """All that decides which files a build works with."""

    flags: Mapping[str, str]
    """What the command line gave, by the name of the setting."""
    environ: Mapping[str, str]

    @classmethod
    def given(cls, flags: Mapping[str, object], environ: Mapping[str, str]) -> Inputs:
        """Take flags as they were typed or as they were read: `./data` and `data` are one."""
        texts = {
            name: str(Path(str(value))) if name in ("config", "data") else str(value)
            for name, value in flags.items()
        }
        return cls(texts, environ)

    @property
    def options(self) -> Path:
        """The add-on's options file."""
        named = self.flags.get("options") or self.environ.get("TVARR_OPTIONS") or OPTIONS
        return Path(named).expanduser()

    def guessed_data(self) -> Path:
        """Return where the data folder probably is.

        A guess may be wrong: what is found there holds only for a build with the same inputs.
        """
        named = self.flags.get("data") or self.environ.get("TVARR_DATA")
        if named:
            return Path(named).expanduser()
        if self.options.is_file() and os.access(self.options.parent, os.W_OK):
            return self.options.parent
        home = self.environ.get("XDG_DATA_HOME") or "~/.local/share"
        return Path(home).expanduser() / "tvarr"

    def digest(self) -> str:
        """Return a digest of everything from which the settings are made."""
        variables = sorted(
            (name, value)
            for name, value in self.environ.items()
            if name.upper().startswith("TVARR_") or name in _PLACES
        )
        return _digest(
            sorted(self.flags.items()),
            variables,
            str(Path.cwd()),
            _content(self.options),
            os.access(self.options.parent, os.W_OK),
            CONTAINER_CONFIG.is_file(),
        )


@dataclass(frozen=True)
class LastBuild:
    """What the last build saw and said."""

    inputs: str
    program: str
    data: str
    contents: dict[str, str | None]
    """Files of the configuration, by path: digest of the content, None where there is none."""
    variables: str
    """Digest of the values of `names`."""
    names: list[str]
    """Environment variables that the YAML refers to."""
    stamps: dict[str, list[int] | None]
    """Local documents, state, snapshots, published files: what tells one content from another."""
    since: str
    until: str | None
    """When something is due, ISO 8601; None: nothing ever is."""
    lines: dict[str, str]
    """What to say of each proxy."""


def remember(
    data: Path,
    inputs: Inputs,
    *,
    contents: dict[str, str | None],
    names: Iterable[str],
    seen: Iterable[Path],
    since: datetime,
    until: datetime | None,
    lines: dict[str, str],
) -> None:
    """Write down what a build that ended well has looked at.

    `contents` is what `contents_of` said before the configuration was read. If anything of `seen`
    is not there any more, nothing is written.
    """
    stamps = {str(path): stamp(path) for path in seen}
    if None in stamps.values():
        return
    listed = sorted(names)
    build = LastBuild(
        inputs=inputs.digest(),
        program=program(),
        data=str(data.absolute()),
        contents=contents,
        variables=_values(listed, inputs.environ),
        names=listed,
        stamps=stamps,
        since=since.isoformat(),
        until=until.isoformat() if until else None,
        lines=lines,
    )
    beside = data / f".{FILE}.new"
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump(asdict(build), stream)
    beside.replace(data / FILE)


def forget(data: Path) -> None:
    """Let the next build go its ordinary way."""
    (data / FILE).unlink(missing_ok=True)


def recall(data: Path, inputs: Inputs, now: datetime) -> LastBuild | None:
    """Return the last build if nothing has changed since; None whenever there is any doubt."""
    try:
        with (data / FILE).open("rb") as stream:
            build = LastBuild(**json.load(stream))
        return build if _holds(build, data, inputs, now) else None
    except (OSError, ValueError, TypeError, AttributeError, KeyError):
        return None


def _holds(build: LastBuild, data: Path, inputs: Inputs, now: datetime) -> bool:
    return (
        datetime.fromisoformat(build.since) <= now
        and (build.until is None or now < datetime.fromisoformat(build.until))
        and build.data == str(data.absolute())
        and build.inputs == inputs.digest()
        and build.program == program()
        and build.variables == _values(build.names, inputs.environ)
        and contents_of(map(Path, build.contents)) == build.contents
        and all(stamp(Path(path)) == mark for path, mark in build.stamps.items())
    )


def program() -> str:
    """Return a digest of the running program: Python, tvarr's files, the installed packages."""
    package = Path(tvarr.__file__).parent
    modules = [path for path in sorted(package.rglob("*")) if path.suffix != ".pyc"]
    files = [path for path in modules if path.name != "__pycache__" and not path.is_dir()]
    folders = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    return _digest(
        tvarr.__version__,
        sys.version,
        sys.executable,
        [(str(path), stamp(path)) for path in files],
        [(path, stamp(Path(path))) for path in folders],
    )


def contents_of(files: Iterable[Path]) -> dict[str, str | None]:
    """Return a digest of each file's content, and of a folder's names; None where it is missing."""
    return {str(path): _content(path) for path in files}


def stamp(path: Path) -> list[int] | None:
    """Return inode, size and time of a file, and of the link that leads to it; None if missing."""
    try:
        link, found = path.lstat(), path.stat()
    except OSError:
        return None
    return [n for s in (link, found) for n in (s.st_ino, s.st_size, s.st_mtime_ns)]


def _content(path: Path) -> str | None:
    """Return a digest of a file's bytes, or of the names in a folder."""
    try:
        if path.is_dir():
            return _digest(sorted(inside.name for inside in path.iterdir()))
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def _values(names: Iterable[str], environ: Mapping[str, str]) -> str:
    return _digest([(name, environ.get(name)) for name in names])


def _digest(*parts: object) -> str:
    return sha256(json.dumps(parts).encode()).hexdigest()
