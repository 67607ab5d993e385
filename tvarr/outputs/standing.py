"""How a proxy stands: what a build of it would be made of now, and the lineup that comes of it.

For those who only look, the command line and the web. The controller gathers the same in its own
steps, since it also decides what is to be done.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tvarr.catalog.snapshots import Snapshots
from tvarr.errors import Transient
from tvarr.outputs import publish
from tvarr.outputs.revision import LINEUP
from tvarr.pipeline.build import BuildInput, build_key, lineup, window_at
from tvarr.spec.sentences import mentioned, origin, steps_of
from tvarr.state.conditions import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    import polars as pl

    from tvarr.catalog.snapshots import Snapshot
    from tvarr.spec.manifest import Manifest
    from tvarr.state.conditions import Status

    Look = Callable[[str], Status | None]
    """The store's `get`."""


@dataclass(frozen=True, eq=False)
class Standing:
    """One proxy as it is now."""

    build: BuildInput
    lineup: pl.DataFrame
    """As `Lineup.channels`."""
    published: bool
    """Whether that lineup is the one being served."""


def stands(
    manifest: Manifest, proxy: str, look: Look, data: Path, base_url: str, now: datetime
) -> Standing:
    """Return how a declared proxy stands at `now`; looks at the disk.

    `base_url` is what its published files call the server, without a slash at the end. Where what
    is published is not of today's input, the lineup is made anew. Raises KeyError for a proxy that
    the manifest lacks.
    """
    build = build_input(manifest, proxy, look, Snapshots(data / "snapshots"), now)
    public = _published(build, look, data, base_url)
    if public is not None:
        return Standing(build, public, published=True)
    return Standing(build, lineup(build).channels, published=False)


def build_input(
    manifest: Manifest, proxy: str, look: Look, snapshots: Snapshots, now: datetime
) -> BuildInput:
    """Return what a build of the proxy would be made of at `now`, sources unread left out."""
    spec = manifest.proxies[proxy]
    steps = steps_of(manifest, spec)
    spoken_of = mentioned(manifest.logos, (step.text for step in steps))
    guides = tuple(_snapshots(Kind.EPG, spec.epg, look, snapshots))
    return BuildInput(
        proxy,
        spec,
        tuple(_snapshots(Kind.SOURCE, spec.sources, look, snapshots)),
        guides,
        window_at(now, spec.guide) if guides and "xmltv" in spec.outputs else None,
        steps=steps,
        logos=tuple((name, url) for name, url in manifest.logos.items() if name in spoken_of),
        origins=tuple(origin(name, manifest.sources[name]) for name in spec.sources),
        now=now,
    )


def _snapshots(
    kind: Kind, names: Iterable[str], look: Look, snapshots: Snapshots
) -> Iterator[Snapshot]:
    for name in names:
        status = look(f"{kind}/{name}")
        if status is None or status.snapshot is None:
            continue
        try:
            yield snapshots.get(kind, name, status.snapshot)
        except Transient:  # lost from the disk; the controller fetches it again
            continue


def _published(build: BuildInput, look: Look, data: Path, base_url: str) -> pl.DataFrame | None:
    """Return the lineup that is public, if it was built from just this input."""
    import polars as pl

    status = look(f"{Kind.PROXY}/{build.proxy}")
    folder = publish.current(data, build.proxy)
    if status is None or folder is None or status.revision != folder.name:
        return None
    if status.build_key != build_key(build, base_url):
        return None
    try:
        return pl.read_parquet(folder / LINEUP)
    except OSError:  # replaced meanwhile
        return None
