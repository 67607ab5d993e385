"""How a proxy stands: what a build of it would be made of now, and the lineup that comes of it.

For those who only look, the command line and the web. `tvarr.pipeline.gather` gathers it, as it
does for the controller.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tvarr.catalog.snapshots import Snapshots
from tvarr.outputs import publish
from tvarr.outputs.revision import CANDIDATES, LINEUP, MATCHES, UnreadableError, reading
from tvarr.pipeline.build import BuildInput, build_key, lineup
from tvarr.pipeline.explain import KEPT, Made
from tvarr.pipeline.gather import build_input
from tvarr.spec.sentences import sentences_of
from tvarr.spec.source import declared_connections
from tvarr.state.conditions import Kind

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    import polars as pl

    from tvarr.pipeline.gather import Look
    from tvarr.spec.manifest import Manifest


@dataclass(frozen=True, eq=False)
class Standing:
    """One proxy as it is now."""

    build: BuildInput
    lineup: pl.DataFrame
    """As `Lineup.channels`."""
    published: bool
    """Whether that lineup is the one being served."""
    made: Made = KEPT
    """What it has of it besides, where duplicates are merged."""


def stands(
    manifest: Manifest, proxy: str, look: Look, data: Path, base_url: str, now: datetime
) -> Standing:
    """Return how a declared proxy stands at `now`; looks at the disk.

    `base_url` is what its published files call the server, without a slash at the end. Where what
    is published is not of today's input, the lineup is made anew. Raises KeyError for a proxy that
    the manifest lacks.
    """
    spec = manifest.in_force(manifest.proxies[proxy])
    sentences = sentences_of(manifest, spec)
    build = build_input(
        proxy,
        spec,
        sentences,
        look,
        Snapshots(data / "snapshots"),
        now,
        connections=declared_connections(manifest.sources),
    )
    public = _published(build, look, data, base_url)
    if public is not None:
        return public
    next_one = lineup(build)
    made = Made(next_one.candidates, next_one.matches) if _merges(build) else KEPT
    return Standing(build, next_one.channels, published=False, made=made)


def _merges(build: BuildInput) -> bool:
    return build.spec.duplicates == "merge"


def _published(build: BuildInput, look: Look, data: Path, base_url: str) -> Standing | None:
    """Return how the lineup that is public stands, if it was built from just this input."""
    import polars as pl

    status = look(f"{Kind.PROXY}/{build.proxy}")
    folder = publish.current(data, build.proxy)
    if status is None or folder is None or status.revision != folder.name:
        return None
    if status.build_key != build_key(build, base_url):
        return None
    try:
        made = KEPT
        if _merges(build):
            tables = (CANDIDATES, MATCHES)
            made = Made(*(reading(pl.read_parquet, folder / name) for name in tables))
        listed = reading(pl.read_parquet, folder / LINEUP)
        return Standing(build, listed, published=True, made=made)
    except UnreadableError:  # replaced meanwhile, or damaged
        return None
