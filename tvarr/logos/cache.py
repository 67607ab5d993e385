"""The folder of pictures, and an index of it in memory.

    DATA/logos/3f/3f…9a.png    the picture, named by its id
    DATA/logos/3f/3f…9a.orig   as it came, where a proxy wants that kept
    DATA/logos/3f/3f…9a.json   where it is from, how it was got, or why there is none
    DATA/logos/links/PROXY.parquet   which channels have which picture (`tvarr.catalog.logos`)

The controller reads the folder once (`Cache.load`) and is the only one who writes; the web opens
the files by their ids. A file's time says when it was last wanted. Addresses are redacted before
they are written, and the folder is for its owner's eyes.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from heapq import nsmallest
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict

from tvarr.errors import Reason

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

UNUSED: Final = timedelta(days=30)
"""After which a picture that nobody wants is removed."""
MOST: Final = 100_000
"""Pictures that are kept; further ones stay where the provider has them."""

_DAY: Final = 86_400
_ORIGINAL: Final = ".orig"
_KEPT: Final = (".png", _ORIGINAL)
_ID = re.compile(r"[0-9a-f]{64}")


class Sidecar(BaseModel):
    """What is known of one picture."""

    model_config = ConfigDict(frozen=True)

    address: str
    """Redacted."""
    size: int
    """The square in pixels that it was made for."""
    checked: int
    """When it was asked for last, in seconds since 1970."""
    due: int
    """When it is asked for again."""
    width: int = 0
    height: int = 0
    bytes: int = 0
    kind: str = ""
    """What it was before it became a PNG; empty where there is none."""
    etag: str | None = None
    last_modified: str | None = None
    stamp: str | None = None
    """Of a local file."""
    original: bool = False
    """Whether it was asked for with its original."""
    failures: int = 0
    """In a row."""
    reason: Reason | None = None
    """Why the last attempt brought none."""
    sentence: str = ""


@dataclass(slots=True)
class Entry:
    """What the index has of one picture."""

    due: int
    used: int
    """When it was last wanted, in seconds since 1970, to the day."""
    size: int
    there: bool
    """Whether there is a picture."""
    is_none: bool
    """Whether the address is known to have no picture."""
    original: bool = False
    """Whether it was asked for with its original."""


class Cache:
    """The pictures under one folder. Whoever writes is alone; `load` comes first."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._index: dict[bytes, Entry] = {}

    def __len__(self) -> int:
        return len(self._index)

    def load(self) -> None:
        """Read the folder into the index; files that make no sense are removed. Takes a while."""
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o700)
        self._index = dict(self._found())

    def _found(self) -> Iterator[tuple[bytes, Entry]]:
        for folder in sorted(self.root.glob("[0-9a-f][0-9a-f]")):
            for file in sorted(folder.iterdir()):
                if file.suffix == ".json" and _ID.fullmatch(file.stem):
                    entry = self._read(file)
                    if entry is not None:
                        yield bytes.fromhex(file.stem), entry
                elif file.suffix not in _KEPT or not file.with_suffix(".json").exists():
                    file.unlink(missing_ok=True)

    def _read(self, file: Path) -> Entry | None:
        try:
            sidecar = Sidecar.model_validate_json(file.read_bytes())
            there = file.with_suffix(".png").is_file()
            return _entry(sidecar, int(file.stat().st_mtime), there=there)
        except (OSError, ValueError):
            _remove(file)
            return None

    def entry(self, identity: str) -> Entry | None:
        """Return what the index has of a picture."""
        return self._index.get(bytes.fromhex(identity))

    def picture(self, identity: str) -> Path:
        """Return where the PNG of an id lies, if there is one."""
        return picture_file(self.root, identity)

    def original(self, identity: str) -> Path:
        """Return where a picture lies as it came, if that is kept."""
        return self.picture(identity).with_suffix(_ORIGINAL)

    def sidecar(self, identity: str) -> Sidecar | None:
        """Read what is known of one picture."""
        try:
            return Sidecar.model_validate_json(
                self.picture(identity).with_suffix(".json").read_bytes()
            )
        except (OSError, ValueError):
            return None

    def put(
        self,
        identity: str,
        sidecar: Sidecar,
        picture: Path | None = None,
        original: Path | None = None,
    ) -> None:
        """Keep what was found out; `picture` is moved into its place, the one before stays else.

        So is `original`; with a new picture that comes without one, the one before goes.
        """
        target = self.picture(identity)
        target.parent.mkdir(parents=True, exist_ok=True)
        if picture is not None:
            _move(picture, target)
            self.original(identity).unlink(missing_ok=True)
        if original is not None:
            _move(original, self.original(identity))
        text = sidecar.model_dump_json(exclude_defaults=True)
        _write(target.with_suffix(".json"), text, sidecar.checked)
        there = picture is not None or target.is_file()
        self._index[bytes.fromhex(identity)] = _entry(sidecar, sidecar.checked, there=there)

    def use(self, identity: str, now: int) -> None:
        """Note that a picture is wanted; the disk hears of it once a day."""
        entry = self._index.get(bytes.fromhex(identity))
        if entry is None or now - entry.used < _DAY:
            return
        entry.used = now
        with suppress(OSError):
            os.utime(self.picture(identity).with_suffix(".json"), (now, now))

    def drop_original(self, identity: str) -> None:
        """Remove an original that no proxy wants any more."""
        self.original(identity).unlink(missing_ok=True)
        sidecar, entry = self.sidecar(identity), self.entry(identity)
        if sidecar is not None and entry is not None:
            file = self.picture(identity).with_suffix(".json")
            changed = sidecar.model_copy(update={"original": False})
            _write(file, changed.model_dump_json(exclude_defaults=True), entry.used)
            entry.original = False

    def prune(self, now: int) -> int:
        """Remove what nobody has wanted for long, and return how many those were."""
        oldest = now - UNUSED.total_seconds()
        unused = [key for key, entry in self._index.items() if entry.used < oldest]
        for key in unused:
            self._drop(key)
        return len(unused)

    def make_room(self, wanted: Collection[str]) -> int:
        """Return how many pictures more may be kept, so that all of `wanted` are if possible.

        Others give way to them, the longest unused first: a provider that writes another address
        for each logo every day must not keep its new ones out.
        """
        new = sum(self.entry(identity) is None for identity in wanted)
        over = len(self) + new - MOST
        if over > 0:
            kept = {bytes.fromhex(identity) for identity in wanted}
            others = [(one.used, key) for key, one in self._index.items() if key not in kept]
            for _, key in nsmallest(over, others):
                self._drop(key)
        return MOST - len(self)

    def _drop(self, key: bytes) -> None:
        del self._index[key]
        _remove(self.picture(key.hex()))

    def first_due(self, identities: Iterable[str]) -> int | None:
        """Return when the first of these is to be asked for again; None for none."""
        entries = (self.entry(identity) for identity in identities)
        return min((entry.due for entry in entries if entry is not None), default=None)


def picture_file(root: Path, identity: str) -> Path:
    """Return where the picture of an id (64 hex digits) lies."""
    return root / identity[:2] / f"{identity}.png"


NO_PICTURE: Final = frozenset(
    {
        Reason.GONE,
        Reason.EMPTY_ANSWER,
        Reason.HTML_ANSWER,
        Reason.TOO_LARGE,
        Reason.TRUNCATED,
        Reason.PARSE_ERROR,
        Reason.UNSUPPORTED,
    }
)
"""Reasons that say it of the picture itself; the others may be over tomorrow."""

OUT_OF_REACH: Final = frozenset({Reason.UNSUPPORTED_URL, Reason.FILE_MISSING})
"""Reasons for which tvarr has no picture, though a player may see it at its own address."""


def _entry(sidecar: Sidecar, used: int, *, there: bool) -> Entry:
    reason = sidecar.reason
    lasting = reason in NO_PICTURE or (sidecar.failures > 1 and reason not in OUT_OF_REACH)
    return Entry(
        due=sidecar.due,
        used=max(used, 0),
        size=sidecar.size,
        there=there,
        is_none=not there and reason is not None and lasting,
        original=sidecar.original,
    )


def _move(file: Path, target: Path) -> None:
    file.chmod(0o600)
    file.replace(target)


def _remove(file: Path) -> None:
    """Remove all that is kept of one picture; what it is known by goes last."""
    for suffix in (*_KEPT, ".json"):
        file.with_suffix(suffix).unlink(missing_ok=True)


def _write(file: Path, text: str, used: int) -> None:
    beside = file.with_name(f".{file.name}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    os.utime(beside, (used, used))
    beside.replace(file)
