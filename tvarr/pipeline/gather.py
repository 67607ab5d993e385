"""From what the YAML declares of a proxy, and the statuses, to what a build of it is made of.

Called by the controller, and by `tvarr.outputs.standing` for those who only look; the catalog of
`tvarr.pipeline.current` takes its snapshots from here too. What is not there is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tvarr.catalog.ledger import find
from tvarr.catalog.logos import folder_beside, read_links
from tvarr.errors import Reason, Transient
from tvarr.pipeline.build import AccountNow, BuildInput, window_at
from tvarr.state.conditions import ConditionType, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from tvarr.catalog.snapshots import Snapshot, Snapshots
    from tvarr.spec.proxy import Proxy
    from tvarr.spec.sentences import Sentences
    from tvarr.state.conditions import Status

    Look = Callable[[str], Status | None]
    """The store's `get`."""


REFUSED = frozenset(
    {
        Reason.AUTH_FAILED,
        Reason.ACCOUNT_EXPIRED,
        Reason.PERMISSION_DENIED,
        Reason.GEO_BLOCKED,
    }
)
"""Why a provider takes no account, and no stream of it plays; what may pass by itself is not it."""


def build_input(
    proxy: str,
    spec: Proxy,
    sentences: Sentences,
    look: Look,
    snapshots: Snapshots,
    now: datetime,
    *,
    connections: Mapping[str, int],
) -> BuildInput:
    """Return what a build of the proxy would be made of at `now`; looks at the disk.

    `connections` is what `tvarr.spec.source.declared_connections` returns.
    """
    sources = tuple(stored((look(f"{Kind.SOURCE}/{name}") for name in spec.sources), snapshots))
    guides = tuple(stored((look(f"{Kind.EPG}/{name}") for name in spec.epg), snapshots))
    return BuildInput(
        proxy,
        spec,
        sources,
        guides,
        window_at(now, spec.guide) if _has_programmes(spec, guides) else None,
        accounts=_accounts(spec, look, now, connections),
        steps=sentences.steps,
        logos=sentences.logos,
        origins=sentences.origins,
        links=read_links(folder_beside(snapshots.root), proxy) if spec.logos == "cache" else None,
        ledger=find(snapshots.root.parent, proxy),
        now=now,
    )


def _accounts(
    spec: Proxy, look: Look, now: datetime, connections: Mapping[str, int]
) -> tuple[AccountNow, ...]:
    """Return what is known of the sources' accounts, where something depends on it."""
    accounts = (
        AccountNow(
            status.name, _is_taken(status, now), connections.get(status.name, _allowed(status))
        )
        for status in _statuses_of_accounts(spec, look)
    )
    return tuple(sorted(accounts, key=lambda account: account.source))


def next_end(spec: Proxy, look: Look, now: datetime) -> datetime | None:
    """Return when the next account ends on which the proxy depends; None: none will."""
    ends = (
        status.account.expires
        for status in _statuses_of_accounts(spec, look)
        if status.account is not None
    )
    return min((end for end in ends if end is not None and end > now), default=None)


def _statuses_of_accounts(spec: Proxy, look: Look) -> Iterator[Status]:
    """Yield the statuses of the sources whose accounts decide which stream plays first."""
    if spec.duplicates == "keep":
        return
    for name in spec.sources:
        status = look(f"{Kind.SOURCE}/{name}")
        if status is not None:
            yield status


def _is_taken(status: Status, now: datetime) -> bool:
    """Return whether the provider takes the account, as far as is known."""
    ready = status.condition(ConditionType.READY)
    if ready is not None and not ready.status and ready.reason in REFUSED:
        return False
    ends = None if status.account is None else status.account.expires
    return ends is None or ends > now


def _allowed(status: Status) -> int | None:
    return None if status.account is None else status.account.connections


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
