"""What is said to somebody who asks for a refresh, or for a build. Pure.

Called by `loop`, which makes the work due where this accepts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tvarr.controller.plan import is_paused
from tvarr.controller.resources import DeclaredProxy, Document
from tvarr.controller.verdict import in_words
from tvarr.progress import Answer, Asked

if TYPE_CHECKING:
    from datetime import datetime

    from tvarr.controller.resources import Resource
    from tvarr.progress import Operation
    from tvarr.state.conditions import Status


def answer(
    key: str,
    resource: Resource | None,
    status: Status | None,
    latest: Operation | None,
    now: datetime,
    *,
    running: bool,
    force: bool,
) -> Asked:
    """Say whether a source or guide can be refreshed now, or a proxy be built.

    `latest` is its operation that runs, or the last one; `force` disregards a server's pause.
    """
    if isinstance(resource, DeclaredProxy):
        # what runs was begun with what was there then, so it is built once more
        return Asked(key, Answer.ACCEPTED, f"{key} is built now", latest.id if latest else 0)
    if not isinstance(resource, Document):
        return Asked(key, Answer.UNKNOWN, f"there is no {key}")
    if not resource.enabled:
        return Asked(key, Answer.DISABLED, f"{key} is disabled in the YAML")
    if running and not (latest is not None and latest.ended):
        # one that has ended is about to be forgotten, and looked before this was asked
        before = latest.id - 1 if latest is not None else 0
        return Asked(key, Answer.RUNNING, f"{key} is being refreshed already", before)
    until = status.next_due if status is not None and is_paused(status, now) else None
    if until is not None and not force:
        sentence = f"the server of {key} asked for a pause until {in_words(until)}"
        return Asked(key, Answer.PAUSED, sentence, until=until)
    return Asked(key, Answer.ACCEPTED, f"{key} is refreshed now", latest.id if latest else 0)
