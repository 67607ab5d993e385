"""The status of the YAML file itself: what it declares, or what is wrong with it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from tvarr.controller import verdict
from tvarr.controller.verdict import Outcome
from tvarr.errors import Reason, Stalled
from tvarr.spec.source import guide_of
from tvarr.spec.values import spec_hash
from tvarr.state.conditions import Kind, Status

if TYPE_CHECKING:
    from datetime import datetime

    from tvarr.config.load import Loaded
    from tvarr.spec.manifest import Manifest

log = logging.getLogger(__name__)

KEY = f"{Kind.MANIFEST}/tvarr"
SHOWN_PROBLEMS = 20
"""Problems that the log lists; the status has all of them."""


def judge(before: Status | None, loaded: Loaded, now: datetime) -> Status:
    """Return the status after reading the file; the very same one if there is no news."""
    before = before or Status(kind=Kind.MANIFEST, name="tvarr")
    if loaded.manifest is not None:
        return _accepted(before, loaded.manifest, now)
    return _refused(before, loaded, now)


def declares(manifest: Manifest) -> str:
    """Return `2 sources, 1 guide, 1 proxy`."""
    proxies = len(manifest.proxies)
    return ", ".join(
        (
            verdict.counted(len(manifest.sources), "source"),
            verdict.counted(_guides(manifest), "guide"),
            f"{proxies} {'proxy' if proxies == 1 else 'proxies'}",
        )
    )


def _guides(manifest: Manifest) -> int:
    """Count the guides, those that come with sources among them."""
    linked = sum(guide_of(name, source) is not None for name, source in manifest.sources.items())
    return len(manifest.epg) + linked


def announce(before: Status | None, status: Status, *, running: bool) -> None:
    """Log the news of a reading; `running` says whether an earlier version goes on."""
    if status.ready:
        words = "the YAML is mended" if before and before.problems else "the YAML declares"
        log.info("%s: %s", words, verdict.message(status))
        return
    meanwhile = "the last good version goes on running" if running else "nothing is refreshed"
    log.warning("%s; until it is mended, %s", verdict.message(status), meanwhile)
    for problem in status.problems[:SHOWN_PROBLEMS]:
        log.warning("%s", problem)


def _accepted(before: Status, manifest: Manifest, now: datetime) -> Status:
    digest = spec_hash(manifest)
    if before.ready and before.spec_hash == digest:
        return before
    counts = {
        "sources": len(manifest.sources),
        "guides": _guides(manifest),
        "proxies": len(manifest.proxies),
    }
    status = before.model_copy(update={"spec_hash": digest, "counts": counts, "problems": ()})
    return verdict.succeeded(before, Outcome(status, declares(manifest), None), now)


def _refused(before: Status, loaded: Loaded, now: datetime) -> Status:
    if not before.ready and before.problems == loaded.problems:
        return before
    count = len(loaded.problems)
    words = f"the YAML has {verdict.counted(count, 'problem')}"
    error = Stalled(Reason.CONFIG_INVALID, words)
    status = verdict.failed(before, before.spec_hash, error, None, now)
    return status.model_copy(update={"problems": loaded.problems, "next_due": None})
