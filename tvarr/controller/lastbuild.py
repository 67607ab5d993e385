"""What a build that ended well has looked at, gathered for `fingerprint`.

Between the controller, which knows the resources, and `fingerprint`, which knows bytes and stamps
only. Called by `app.build`.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from tvarr.controller import fingerprint, observe, verdict
from tvarr.controller.plan import GRACE
from tvarr.state.conditions import Kind, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from tvarr.controller.fingerprint import Inputs
    from tvarr.controller.loop import Controller
    from tvarr.controller.tools import Tools

Contents = dict[str, str | None]


async def read_steadily(controller: Controller) -> Contents | None:
    """Read the YAML; return digests of what was read, or None if that changed meanwhile.

    Which files there are is known after reading, and their digests have to be older than what was
    read from them; so it is read twice.
    """
    first = await controller.read()
    contents = await asyncio.to_thread(fingerprint.contents_of, first.files)
    again = await controller.read()
    now = await asyncio.to_thread(fingerprint.contents_of, again.files)
    return contents if contents == now else None


def remember(
    controller: Controller,
    tools: Tools,
    statuses: Iterable[Status],
    inputs: Inputs,
    contents: Contents,
    since: datetime,
) -> None:
    """Write down what the build looked at, unless a local document has changed under it.

    `statuses` is the whole store, removed resources included. Looks at the disk.
    """
    by_key = {status.key: status for status in statuses}
    current = [by_key[key] for key in controller.resources]
    known = {status.key: observe.stamp_of(status) for status in current}
    stamps = observe.stamps(controller.resources, tools)
    if any(known.get(key) != stamp for key, stamp in stamps.items()):
        return
    with suppress(OSError):
        fingerprint.remember(
            tools.data,
            inputs,
            contents=contents,
            names=controller.environment.asked,
            seen=[
                *_kept(tools.data, current),
                *observe.local_paths(controller.resources, tools.base),
            ],
            since=since,
            until=_first_due(by_key.values()),
            lines={s.name: verdict.message(s) for s in current if s.kind is Kind.PROXY},
        )


def _first_due(statuses: Iterable[Status]) -> datetime | None:
    """Return when there is next something to do: a refresh, a window that moves, a pruning."""
    moments = [
        status.removed_at + GRACE if status.removed_at else status.next_due for status in statuses
    ]
    return min((moment for moment in moments if moment is not None), default=None)


def _kept(data: Path, statuses: Iterable[Status]) -> Iterator[Path]:
    """Yield the files and folders of which a change would be noticed by an ordinary build."""
    yield data / "state.json"
    yield from data.glob("snapshots/*")
    yield from (folder for name in ("revisions", "outputs") for folder in data.glob(name))
    yield from data.glob("numbers*")
    yield from data.glob("numbers/*.parquet")
    for status in statuses:
        if status.kind is Kind.PROXY:
            yield data / "outputs" / status.name
            folder = data / "revisions" / status.name / str(status.revision)
        else:
            folder = data / "snapshots" / status.kind / status.name / str(status.snapshot)
        yield from (folder, *folder.glob("*"))
