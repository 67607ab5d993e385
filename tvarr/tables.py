"""Statuses as a person reads them on a terminal: a table, or plain lines where output is piped.

Used by `tvarr status` and at the end of `tvarr build`. The web has its own rendering.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from tvarr.state.conditions import ConditionType, Kind, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime, timedelta
    from typing import Self

    from rich.console import Console

_KINDS = {Kind.MANIFEST: "file", Kind.SOURCE: "source", Kind.EPG: "guide", Kind.PROXY: "proxy"}
_ORDER = list(_KINDS)
_SHOWN = {
    "entries": "channels",
    "channels": "channels",
    "with_programmes": "with guide",
    "programmes": "programmes",
}
"""Counts that stand in a line, in this order, in these words."""


class Progress:
    """What `tvarr build` is doing, on a terminal only; a context manager."""

    def __init__(self) -> None:
        self._console: Console | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console

            self._console = Console(stderr=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._console = None

    def advance(self, status: Status) -> None:
        """Show that one resource is done."""
        if self._console is not None:
            took = f" in {status.seconds:.1f} s" if status.seconds else ""
            self._console.print(f"[dim]{_plain(line(status))}{took}[/]")


def print_statuses(statuses: Sequence[Status], now: datetime) -> None:
    """Print a table on a terminal, else one line a resource."""
    ordered = _ordered(statuses)
    if not sys.stdout.isatty():
        for status in ordered:
            print(line(status))  # noqa: T201 - this is the command's output
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("", "", "state", "what is there", "last success", "next"):
        table.add_column(heading)
    for status in ordered:
        colour = {"Ready": "green", "Failing": "yellow", "Stalled": "red"}.get(
            state(status), "cyan"
        )
        table.add_row(
            f"[dim]{_KINDS[status.kind]}[/]",
            _plain(status.name),
            f"[{colour}]{state(status)}[/]",
            _plain(_what(status)),
            _ago(status.last_success, now),
            _ahead(status.next_due, now),
        )
    Console().print(table)


def line(status: Status) -> str:
    """Return one line: kind, name, state, counts or what is wrong."""
    return f"{_KINDS[status.kind]} {status.name}: {state(status)}, {_what(status)}"


def state(status: Status) -> str:
    """Return Ready, Reconciling, Stalled, Failing or Waiting."""
    for kind in (ConditionType.RECONCILING, ConditionType.STALLED):
        condition = status.condition(kind)
        if condition is not None and condition.status:
            return str(kind)
    ready = status.condition(ConditionType.READY)
    if ready is None:
        return "Waiting"
    return "Ready" if ready.status else "Failing"


def counts(status: Status) -> str:
    """Return the counts that matter: `24,294 channels, 2,491 with guide`."""
    parts = [
        f"{status.counts[key]:,} {word}" for key, word in _SHOWN.items() if key in status.counts
    ]
    left_out = sum(status.rejected.values())
    if left_out:
        parts.append(f"{left_out:,} rows left out")
    return ", ".join(parts)


def statuses_json(statuses: Iterable[Status]) -> str:
    """Return the statuses as JSON, the same fields as in `/api/v1/status`."""
    return json.dumps([status.model_dump(mode="json") for status in _ordered(statuses)], indent=2)


def _what(status: Status) -> str:
    ready = status.condition(ConditionType.READY)
    if ready is not None and not ready.status:
        return "\n".join([f"{ready.reason}: {ready.message}", *map(str, status.problems)])
    return counts(status) or (ready.message if ready else "not looked at yet")


def _ordered(statuses: Iterable[Status]) -> list[Status]:
    return sorted(statuses, key=lambda status: _ORDER.index(status.kind))


def _ago(moment: datetime | None, now: datetime) -> str:
    return f"{_span(now - moment)} ago" if moment else "never"


def _ahead(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return ""
    return f"in {_span(moment - now)}" if moment > now else "now"


def _span(length: timedelta) -> str:
    """Return the largest unit that fits: `3 h`."""
    seconds = max(0, int(length.total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _plain(text: str) -> str:
    """Return the text without control characters, and so that rich takes no bracket for markup."""
    from rich.markup import escape

    return escape("".join(c if c.isprintable() or c == "\n" else "�" for c in text))
