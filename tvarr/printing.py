"""What the commands print: tables for a person at a terminal, plain lines for a pipe.

Called by `tvarr.cli`. rich is loaded for terminals only, so that scripts do not wait for it.
"""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from rich.table import Table

    from tvarr.app import Built
    from tvarr.controller.turn import Done
    from tvarr.progress import Operation
    from tvarr.spec.manifest import Manifest
    from tvarr.state.conditions import Problem, Status

_STYLES = {"ready": "green", "updating": "green", "failing": "red", "stalled": "red"}
_STYLES |= {"disabled": "dim"}


def say(text: str) -> None:
    """Print to standard output."""
    typer.echo(text)


def complain(text: str) -> None:
    """Print one sentence to standard error."""
    typer.echo(f"tvarr: {text}", err=True)


# --- a build ------------------------------------------------------------------------------------


def built(outcome: Built, *, everything: bool = False) -> None:
    """Say what a build did; the YAML's problems go to standard error.

    `everything` lists also what was looked at and has not changed.
    """
    if outcome.problems:
        typer.echo(problems_as_text(outcome.problems), err=True)
        return
    turns = {done.status.key: done for done in outcome.done}
    shown = [s for s in outcome.statuses if everything or _is_news(s, turns.get(s.key))]
    if shown:
        _table(("", "", "", ""), (_built_row(s, turns.get(s.key)) for s in shown))
    elif outcome.statuses:
        nothing_to_do({s.name: _message(s) for s in outcome.statuses if s.kind == "proxy"})
    else:
        say("nothing to do: nothing is declared")


def nothing_to_do(proxies: Mapping[str, str]) -> None:
    """Say that every proxy is current; `proxies` has their counts in words."""
    for name, counts in proxies.items():
        say(f"nothing to do: {name} is current ({counts})")
    if not proxies:
        say("nothing to do: no proxy is declared")


def _is_news(status: Status, done: Done | None) -> bool:
    """Whether it was changed, or is not as declared."""
    return (done is not None and done.changed) or not (status.ready or _state(status) == "disabled")


def _built_row(status: Status, done: Done | None) -> tuple[str, ...]:
    took = _took(done) if done and status.ready else ""
    return (status.key, _state(status), _message(status), took)


def _took(done: Done) -> str:
    return f"{done.seconds:.1f} s"


# --- what is going on ---------------------------------------------------------------------------


@contextmanager
def live(operations: Callable[[], Iterable[Operation]]) -> Iterator[None]:
    """Show on standard error how far each running operation is; a pipe is not bothered."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.live import Live

    with Live(
        get_renderable=lambda: bar(operations(), datetime.now(UTC)),
        console=Console(stderr=True),
        refresh_per_second=8,
        transient=True,
    ):
        yield


def bar(operations: Iterable[Operation], now: datetime) -> Table:
    """Return one line for each operation that runs, for rich to draw."""
    from rich.progress_bar import ProgressBar
    from rich.spinner import Spinner
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 1))
    for operation in operations:
        if operation.ended:
            continue
        total = operation.bytes_total
        done = ProgressBar(total, operation.bytes, width=20) if total else Text("")
        seconds = max(0.0, (now - operation.started).total_seconds())
        spinner = Spinner("dots")
        spinner.start_time = 0.0  # every frame is a new one; it turns by the clock all the same
        table.add_row(
            spinner,
            Text(operation.owner),
            Text(operation.state, "cyan"),
            Text(operation.stage),
            done,
            Text(amounts(operation)),
            Text(f"{seconds:.0f} s", "dim"),
        )
    return table


def step(operation: Operation) -> str:
    """Return one line about an operation, for a pipe: `source/uk: downloading playlist, 1.2 MB`."""
    doing = " ".join(filter(None, (str(operation.state), operation.stage)))
    return f"{operation.owner}: {', '.join(filter(None, (doing, amounts(operation))))}"


def step_by_step(operation: Operation) -> None:
    """Print a line about a new state to standard error, where no bar shows it."""
    if not (sys.stderr.isatty() or operation.ended):
        typer.echo(step(operation), err=True)


def amounts(operation: Operation) -> str:
    """Return what an operation has come to: `1.2 of 40.0 MB, 24,294 items`; empty for nothing."""
    parts = []
    if operation.bytes:
        total = operation.bytes_total
        of = f" of {total / 1e6:,.1f}" if total and total >= operation.bytes else ""
        parts.append(f"{operation.bytes / 1e6:,.1f}{of} MB")
    if operation.items:
        parts.append(f"{operation.items:,} {'item' if operation.items == 1 else 'items'}")
    return ", ".join(parts)


# --- the YAML -----------------------------------------------------------------------------------


def problems_as_text(problems: Sequence[Problem]) -> str:
    """Return one problem a line: `file:line:column where: message`.

    A sentence that is wrong is shown below, indented, with carets and what to try.
    """
    return "\n".join(_as_text(problem) for problem in problems)


def _as_text(problem: Problem) -> str:
    if problem.excerpt is None:
        return str(problem)
    first = str(problem.model_copy(update={"suggestion": None}))
    return "\n    ".join([first, *_shown(problem)])


def _shown(problem: Problem) -> list[str]:
    """Return what is shown below a problem's message, line by line."""
    lines = problem.excerpt.split("\n") if problem.excerpt else []
    return [*lines, f"try: {problem.suggestion}"] if problem.suggestion else lines


def problems_as_json(problems: Sequence[Problem]) -> str:
    """Return `{"valid": …, "problems": […]}`."""
    listed = [problem.model_dump(mode="json") for problem in problems]
    return json.dumps({"valid": not listed, "problems": listed}, indent=2, ensure_ascii=False)


def problems_for_github(problems: Sequence[Problem]) -> str:
    """Return workflow commands that annotate the lines of a pull request.

    Their form and escapes are GitHub's, "Workflow commands for GitHub Actions".
    """
    return "\n".join(
        f"::error file={_property(problem.file)},line={problem.line},col={problem.column},"
        f"title={_property(problem.where or 'tvarr')}"
        f"::{_data(_in_full(problem))}"
        for problem in problems
    )


def _in_full(problem: Problem) -> str:
    return "\n".join([problem.message, *_shown(problem)])


def declares(manifest: Manifest) -> str:
    """Return `2 sources, 1 guide, 1 proxy`."""
    from tvarr.controller.manifest import declares

    return declares(manifest)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


# --- the state ----------------------------------------------------------------------------------


def statuses(listed: Iterable[Status]) -> None:
    """Print one line a resource: how it is, how good a proxy's, when it is next looked at."""
    from tvarr.state.conditions import Kind

    kinds = list(Kind)
    ordered = sorted(listed, key=lambda status: (kinds.index(status.kind), status.name))
    rows = ((s.key, _state(s), _with_qualities(s), _next(s.next_due)) for s in ordered)
    _table(("resource", "state", "", ""), rows)


def statuses_as_json(listed: Iterable[Status]) -> str:
    """Return the status documents as a JSON list."""
    documents = [status.model_dump(mode="json") for status in listed]
    return json.dumps(documents, indent=2, ensure_ascii=False)


def _state(status: Status) -> str:
    from tvarr.web.status import state_of

    return "removed" if status.removed_at else str(state_of(status))


def _message(status: Status) -> str:
    from tvarr.controller.verdict import message

    text = message(status)
    text = text if status.warning in text else f"{text}; {status.warning}"
    return f"{_reason(status)}: {text}" if _state(status) in ("failing", "stalled") else text


def _with_qualities(status: Status) -> str:
    """Return the message, and of a proxy how many channels have which resolution."""
    counts = status.qualities
    if not counts or [*counts] == ["unknown"]:
        return _message(status)
    told = (f"{n:,} {'' if name == 'unknown' else 'in '}{name}" for name, n in counts.items())
    return f"{_message(status)}; {', '.join(told)}"


def _reason(status: Status) -> str:
    """Return the heading under which docs/troubleshooting.md has more about it."""
    from tvarr.state.conditions import ConditionType

    ready = status.condition(ConditionType.READY)
    return str(ready.reason) if ready else ""


def _next(moment: datetime | None) -> str:
    """Return when it is looked at again, in the zone of the machine; never, where none is given."""
    return f"(next {moment.astimezone():%Y-%m-%d %H:%M %Z})" if moment else ""


# --- the demonstration --------------------------------------------------------------------------


def welcome(port: int, manifest: Manifest | None, config: Path) -> str:
    """Return where the demonstration is to be seen."""
    here = f"http://localhost:{port}"
    lines = ["", "The demonstration is served:", "", f"  status     {here}/"]
    for name in manifest.proxies if manifest else ():
        lines += [f"  playlist   {here}/{name}/playlist.m3u"]
        lines += [f"  guide      {here}/{name}/guide.xml.gz"]
    lines += ["", f"Open the playlist in a player such as VLC. Edit {config} and look.", ""]
    return "\n".join([*lines, "Ctrl-C stops it.", ""])


# --- tables -------------------------------------------------------------------------------------


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows in columns; the second one is a state, which has a colour at a terminal."""
    listed = [list(row) for row in rows]
    if sys.stdout.isatty():
        _draw(heads, listed)
        return
    widths = [max(len(row[column]) for row in listed) for column in range(2)] if listed else []
    for row in listed:
        first = "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=False))
        say("  ".join([first, *filter(None, row[2:])]).rstrip())


def _draw(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_header=any(heads))
    for head in heads:
        table.add_column(head)
    for key, state, *rest in rows:
        table.add_row(Text(key), Text(state, _STYLES.get(state, "yellow")), *map(Text, rest))
    Console().print(table)
