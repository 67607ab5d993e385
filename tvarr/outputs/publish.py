"""Revisions of a proxy's files: written aside, named by their content, made public by one rename.

    DATA/revisions/PROXY/REVISION/   an immutable folder, see `tvarr.outputs.revision`
    DATA/outputs/PROXY               a symlink to one of them

The controller calls `build_and_publish` in a thread or a child process, one build of a proxy at a
time, and `withdraw` for a proxy that is gone. The web asks `current` at every request. Whenever
the process dies, the symlink shows a whole revision: every file is on the disk before its folder
gets its name, and a folder loses its name before it is taken apart. The two revisions before the
current one stay, to go back to.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from tvarr.catalog import ledger
from tvarr.disk import sync
from tvarr.outputs.report import BuildReport, read_report
from tvarr.outputs.revision import write_revision

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tvarr.catalog.ledger import Ledger
    from tvarr.pipeline.build import BuildInput

KEPT = 2
"""Revisions that stay besides the current one."""

_ASIDE = "."
"""Names that begin so are not revisions: something is half written there, or half removed."""


@dataclass(frozen=True)
class Published:
    """What is public for one proxy."""

    proxy: str
    folder: Path
    report: BuildReport
    ledger: Ledger | None = None
    """Of a build that has just been published: the numbers for the next one."""

    @property
    def revision(self) -> str:
        """The name of the folder: 32 hex digits that follow from the files' bytes."""
        return self.folder.name


def build_and_publish(build: BuildInput, data: Path, base_url: str) -> Published:
    """Build the proxy's files and make them public; what was public before stays until then.

    `base_url` has no slash at the end. The proxy's ledger of numbers is written when the files are
    whole and not public yet, unless somebody has set it back meanwhile: whatever number was seen is
    in it, also where the process dies in between.
    """
    from tvarr.pipeline.build import lineup as line_up

    lineup = line_up(build)
    stored = build.ledger

    def write(folder: Path) -> BuildReport:
        nonlocal stored
        report = write_revision(build, folder, base_url, lineup)
        if lineup.numbers is not None:
            rows = lineup.numbers.ledger
            stored = ledger.store(data, build.proxy, rows, build.ledger) or build.ledger
        return report

    return replace(publish(data, build.proxy, write), ledger=stored)


def publish(data: Path, proxy: str, write: Callable[[Path], BuildReport]) -> Published:
    """Have `write` fill an empty folder and make that folder public.

    Only call while nothing else publishes or withdraws this proxy.
    """
    revisions = data / "revisions" / proxy
    revisions.mkdir(parents=True, exist_ok=True)
    _tidy_up(revisions)
    with _stage(revisions) as stage:
        report = write(stage)
        folder = _keep(stage)
    _point_at(data / "outputs" / proxy, folder)
    _prune(folder)
    return Published(proxy, folder, report)


def current(data: Path, proxy: str) -> Path | None:
    """Return the folder that is public now; its name is the revision. None: nothing is public."""
    try:
        target = (data / "outputs" / proxy).readlink()
    except OSError:
        return None
    folder = data / "revisions" / proxy / target.name
    return folder if folder.is_dir() else None


def published(data: Path, proxy: str) -> Published | None:
    """Return what is public now with its counts, None where there is nothing whole."""
    folder = current(data, proxy)
    if folder is None:
        return None
    try:
        return Published(proxy, folder, read_report(folder))
    except (OSError, ValueError):
        return None


def is_whole(folder: Path) -> bool:
    """Whether a revision still has the content that its name follows from. Reads all of it."""
    try:
        return _revision_of(folder) == folder.name
    except OSError:
        return False


def withdraw(data: Path, proxy: str) -> None:
    """Take a proxy's files out of public and remove all its revisions and its numbers.

    Nothing there is fine.
    """
    ledger.remove(data, proxy)
    link = data / "outputs" / proxy
    link.unlink(missing_ok=True)
    revisions = data / "revisions" / proxy
    if revisions.is_dir():
        _tidy_up(revisions)
        for folder in _by_age(revisions):
            _remove(folder)
        revisions.rmdir()


@contextmanager
def _stage(revisions: Path) -> Iterator[Path]:
    """Yield a new empty folder beside the revisions; unless it became one, it is removed."""
    stage = Path(tempfile.mkdtemp(prefix=f"{_ASIDE}stage-", dir=revisions))
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _keep(stage: Path) -> Path:
    """Give the staged folder its name, once all of it is on the disk; equal content has one.

    One of that name that was damaged makes room.
    """
    folder = stage.with_name(_revision_of(stage))
    if folder.exists() and not is_whole(folder):
        _remove(folder)
    if not folder.exists():
        for file in stage.iterdir():
            sync(file)
        sync(stage)
        stage.chmod(0o755)
        stage.rename(folder)
        sync(folder.parent)
    os.utime(folder)  # it counts as new again
    return folder


def _revision_of(folder: Path) -> str:
    """Digest names and bytes; a file that has its gzip beside it is known by that."""
    names = sorted(file.name for file in folder.iterdir())
    digest = sha256()
    for name in names:
        if f"{name}.gz" not in names:
            with (folder / name).open("rb") as file:
                digest.update(f"{name}\0{os.fstat(file.fileno()).st_size}\0".encode())
                while block := file.read(1 << 20):
                    digest.update(block)
    return digest.hexdigest()[:32]


def _point_at(link: Path, folder: Path) -> None:
    """Make `link` a relative symlink to the revision: a data folder can be moved as a whole."""
    link.parent.mkdir(exist_ok=True)
    new = link.with_name(f".{link.name}")
    new.unlink(missing_ok=True)
    new.symlink_to(Path("..", "revisions", folder.parent.name, folder.name))
    new.replace(link)
    sync(link.parent)


def _prune(public: Path) -> None:
    """Keep the current revision and the ones before it."""
    others = [folder for folder in _by_age(public.parent) if folder != public]
    for folder in others[KEPT:]:
        _remove(folder)


def _by_age(revisions: Path) -> list[Path]:
    """Whole revisions, the one that was published last first."""
    folders = [folder for folder in revisions.iterdir() if not folder.name.startswith(_ASIDE)]
    return sorted(folders, key=lambda folder: folder.stat().st_mtime_ns, reverse=True)


def _remove(folder: Path) -> None:
    """Take away the name first, so that no half of a revision is ever found under it."""
    aside = folder.with_name(f"{_ASIDE}{folder.name}")
    folder.rename(aside)
    shutil.rmtree(aside, ignore_errors=True)


def _tidy_up(revisions: Path) -> None:
    """Remove what a killed process left half written or half removed."""
    for left in revisions.glob(f"{_ASIDE}*"):
        shutil.rmtree(left, ignore_errors=True)
