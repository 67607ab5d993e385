"""One proxy, as a list of steps: gather snapshots, compare the build key, build, publish.

Called by `loop`, which has waited for what the proxy depends on, and writes the status that comes
of it. What is published stays public until the new files are whole.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tvarr import progress
from tvarr.controller.verdict import Outcome, counted, in_words
from tvarr.errors import Reason, Transient, TvarrError
from tvarr.outputs import publish
from tvarr.progress import State

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from tvarr.controller.resources import DeclaredProxy
    from tvarr.controller.tools import Tools
    from tvarr.outputs.publish import Published
    from tvarr.outputs.report import BuildReport
    from tvarr.pipeline.build import BuildInput
    from tvarr.pipeline.gather import Look
    from tvarr.progress import Handle
    from tvarr.state.conditions import Status

log = logging.getLogger(__name__)

_NUMBERS = {
    "carried": "carried_numbers",
    "moved": "moved_numbers",
    "conflicts": "number_conflicts",
}
"""What the status calls the counts of a `NumbersReport`."""


_PICTURES = ("logos", "guide_logos", "initials")
_OWN_COUNTS = {"evidence", "near_misses", "near", "unused_pins", "dummies"}
"""Fields of a report that are told by `_matching`."""


@dataclass(frozen=True)
class Prepared:
    """A build that could be made now."""

    build: BuildInput
    key: str
    missing: tuple[str, ...]
    """Keys of sources and guides without a snapshot."""
    next_step: datetime | None
    """When the guide's window moves on, or what the sentences take for now."""
    weight: int
    """Bytes of all snapshots that go in."""
    published: Published | None
    """What is public now."""


async def reconcile(proxy: DeclaredProxy, before: Status, look: Look, tools: Tools) -> Outcome:
    """Bring the published files up to date; raises `Transient`, and then the old ones stay."""
    with tools.progress.operation(proxy.key, progress.Kind.BUILD) as handle:
        outcome = await _refresh(proxy, before, look, tools, handle)
        handle.message = outcome.message
    return outcome


async def _refresh(
    proxy: DeclaredProxy, before: Status, look: Look, tools: Tools, handle: Handle
) -> Outcome:
    prepared = await tools.workers.run(prepare, proxy, look, tools)
    if not prepared.build.sources:
        return _not_yet(proxy, before, prepared, look)
    if await _is_current(before, prepared, tools):
        return _unchanged(proxy, before, prepared)
    handle.to(State.PROCESSING, "lineup and guide")
    published = await _build(proxy, prepared, tools)
    handle.to(State.SAVING)
    handle.count(items=published.report.entries)
    key = _key_after(proxy, prepared, published)
    return _published(proxy, before, replace(prepared, key=key), published)


def prepare(proxy: DeclaredProxy, look: Look, tools: Tools) -> Prepared:
    """Gather what there is and name the build. Looks at the disk; runs in a thread."""
    from tvarr.pipeline.build import HOUR, build_key, hour_at
    from tvarr.pipeline.gather import build_input, next_end

    spec, now = proxy.spec, tools.clock.now()
    build = build_input(
        proxy.name,
        spec,
        proxy.sentences,
        look,
        tools.snapshots,
        now,
        connections=proxy.connections,
    )
    next_steps = []
    if (account_ends := next_end(spec, look, now)) is not None:
        next_steps.append(account_ends)
    if build.window is not None:
        next_steps.append(build.window.stop - spec.guide.future)
    if _reads_now(build):
        next_steps.append(hour_at(now) + HOUR)
    snapshots = (*build.sources, *build.guides)
    there = {f"{snapshot.kind}/{snapshot.name}" for snapshot in snapshots}
    return Prepared(
        build=build,
        key=build_key(build, proxy.base_url),
        missing=tuple(key for key in proxy.depends_on if key not in there),
        next_step=min(next_steps, default=None),
        weight=sum(_size(snapshot.folder) for snapshot in snapshots),
        published=publish.published(tools.data, proxy.name),
    )


def describe(proxy: DeclaredProxy, status: Status) -> str:
    """Return the counts in words: `24 channels, 12 with programmes`."""
    words = counted(status.counts.get("channels", 0), "channel")
    if proxy.guides and "xmltv" in proxy.spec.outputs:
        words += f", {status.counts.get('with_programmes', 0):,} with programmes"
    for name in ("merged", "hidden"):
        if count := status.counts.get(name):
            words += f", {count:,} {name}"
    if unused := status.counts.get("unused_pins"):
        words += f", {counted(unused, 'unused pin')}"
    return words


def facts(published: Published) -> dict[str, object]:
    """Return the fields of a status that tell what was published."""
    report = published.report
    besides = {"rejected", "steps", "without_address", "names_server", "numbers"}
    besides |= {"merged", "hidden", "qualities", "from_guides"} | _OWN_COUNTS | {*_PICTURES}
    counts = report.model_dump(exclude=besides)
    counts = {"channels": counts.pop("entries"), **counts}
    if not report.guide_channels:
        counts = {"channels": report.entries}
    else:
        counts |= {name: count for name, count in _matching(report).items() if count}
    pictures = {name: getattr(report, name) for name in _PICTURES}
    counts |= {name: count for name, count in pictures.items() if count}
    numbers = report.numbers.model_dump(include={"carried", "moved", "conflicts"})
    counts |= {_NUMBERS[name]: count for name, count in numbers.items() if count}
    left_out = {
        "merged": report.merged,
        "without_address": report.without_address,
        "hidden": report.hidden,
        "unused_pins": len(report.unused_pins),
    }
    counts |= {name: count for name, count in left_out.items() if count}
    return {
        "counts": counts,
        "rejected": report.rejected,
        "steps": report.steps,
        "qualities": report.qualities,
        "from_guides": report.from_guides,
        "revision": published.revision,
    }


def _matching(report: BuildReport) -> dict[str, int]:
    """Return the counts that tell how guide channels were found; of some there are mostly none."""
    by = {f"matched_by_{kind}": count for kind, count in report.evidence.items()}
    return {
        **by,
        "near_misses": report.near_misses,
        "dummies": report.dummies,
    }


def _reads_now(build: BuildInput) -> bool:
    if not build.steps:
        return False
    from tvarr.pipeline import rules

    return rules.reads_now(build)


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())


async def _is_current(before: Status, prepared: Prepared, tools: Tools) -> bool:
    published = prepared.published
    if published is None or published.revision != before.revision:
        return False
    if before.build_key != prepared.key:
        return False
    if await tools.workers.run(publish.is_whole, published.folder):
        return True
    log.warning("%s is damaged, so it is built again", published.folder)
    return False


async def _build(proxy: DeclaredProxy, prepared: Prepared, tools: Tools) -> Published:
    try:
        return await tools.workers.run(
            publish.build_and_publish,
            prepared.build,
            tools.data,
            proxy.base_url,
            weight=prepared.weight,
        )
    except (TvarrError, asyncio.CancelledError):
        raise
    except FileNotFoundError as error:
        raise Transient(
            Reason.BUILD_FAILED, "a snapshot was replaced while it was being read"
        ) from error


def _key_after(proxy: DeclaredProxy, prepared: Prepared, published: Published) -> str:
    """Return what the same build is called from now on, with the numbers that it has given."""
    from tvarr.pipeline.build import build_key

    return build_key(replace(prepared.build, ledger=published.ledger), proxy.base_url)


def _not_yet(proxy: DeclaredProxy, before: Status, prepared: Prepared, look: Look) -> Outcome:
    """Nothing to build from: either a source has not had its turn, or they all failed."""
    untried = [key for key in proxy.sources if not _was_tried(look(key))]
    if not proxy.sources:
        reason, message = Reason.DISABLED, "all of its sources are disabled in the YAML"
    elif untried:
        reason, message = Reason.WAITING, f"waits for {', '.join(untried)}"
    else:
        names = ", ".join(proxy.sources)
        reason, message = Reason.DEPENDENCY_NOT_READY, f"none of its sources can be read: {names}"
    if prepared.published is not None and before.last_success is not None:
        message += f"; serving the files of {in_words(before.last_success)}"
    return Outcome(before, message, None, reason, changed=False)


def _was_tried(status: Status | None) -> bool:
    return status is not None and status.last_attempt is not None


def _unchanged(proxy: DeclaredProxy, before: Status, prepared: Prepared) -> Outcome:
    status = before.model_copy(update={"spec_hash": proxy.digest})
    return Outcome(
        status, describe(proxy, status) + _without(prepared), prepared.next_step, changed=False
    )


def _published(
    proxy: DeclaredProxy, before: Status, prepared: Prepared, published: Published
) -> Outcome:
    status = before.model_copy(
        update={**facts(published), "spec_hash": proxy.digest, "build_key": prepared.key}
    )
    return Outcome(status, describe(proxy, status) + _without(prepared), prepared.next_step)


def _without(prepared: Prepared) -> str:
    return f"; without {', '.join(prepared.missing)}" if prepared.missing else ""
