"""From what the YAML declares of a proxy, and the statuses, to what a build of it is made of.

Called by the controller, and by `tvarr.outputs.standing` for those who only look; the catalog of
`tvarr.pipeline.current` takes its snapshots from here too. What is not there is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tvarr.catalog.ledger import find
from tvarr.catalog.logos import folder_beside, read_links
from tvarr.errors import Transient
from tvarr.pipeline.build import BuildInput, window_at
from tvarr.state.conditions import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from tvarr.catalog.snapshots import Snapshot, Snapshots
    from tvarr.spec.proxy import Proxy
    from tvarr.spec.sentences import Sentences
    from tvarr.state.conditions import Status

    Look = Callable[[str], Status | None]
    """The store's `get`."""


def build_input(
    proxy: str, spec: Proxy, sentences: Sentences, look: Look, snapshots: Snapshots, now: datetime
) -> BuildInput:
    """Return what a build of the proxy would be made of at `now`; looks at the disk."""
    sources = tuple(stored((look(f"{Kind.SOURCE}/{name}") for name in spec.sources), snapshots))
    guides = tuple(stored((look(f"{Kind.EPG}/{name}") for name in spec.epg), snapshots))
    return BuildInput(
        proxy,
        spec,
        sources,
        guides,
        window_at(now, spec.guide) if _has_programmes(spec, guides) else None,
        steps=sentences.steps,
        logos=sentences.logos,
        origins=sentences.origins,
        links=read_links(folder_beside(snapshots.root), proxy) if spec.logos == "cache" else None,
        ledger=find(snapshots.root.parent, proxy),
        now=now,
    )


def _has_programmes(spec: Proxy, guides: tuple[Snapshot, ...]) -> bool:
    return "xmltv" in spec.outputs and (bool(guides) or spec.guide.fill == "dummy")


def stored(statuses: Iterable[Status | None], snapshots: Snapshots) -> Iterator[Snapshot]:
    """Yield the current snapshot of each source or guide that has one, and has not lost it."""
    for status in statuses:
        if status is None or status.snapshot is None:
            continue
        try:
            yield snapshots.get(status.kind, status.name, status.snapshot)
        except Transient:  # it is fetched again, and that makes its proxies due again
            continue
