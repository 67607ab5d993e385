"""`tvarr refresh NAME`: fetch one source or guide now, whatever its schedule says.

Where a tvarr is at work in the data folder, that one is asked over HTTP on this machine, and it
refreshes beside everything else; where none is, the command does it itself. Nothing is configured.
"""

# no `from __future__ import annotations`: typer reads the annotations when a command is called

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tvarr import printing
from tvarr.commands import running
from tvarr.commands.common import (
    FAILED,
    MISUSED,
    Config,
    Data,
    LogLevel,
    given_flags,
    log_at,
    one_sentence,
    read_settings,
)
from tvarr.errors import CannotStartError, MisusedError

if TYPE_CHECKING:
    from http.client import HTTPResponse
    from pathlib import Path

    from tvarr.config.settings import Settings
    from tvarr.controller.serving import Served
    from tvarr.progress import Operation

_PATHS = {"source": "sources", "epg": "epg"}


def refresh(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="A source or guide; epg/NAME where a source has the name, too."
        ),
    ],
    accept: Annotated[
        bool, typer.Option("--accept", help="Take over an answer that is held back.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Also while the server wants a pause.")
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for the end, and tell how far it is.")
    ] = False,
    config: Config = None,
    data: Data = None,
    log_level: LogLevel = None,
) -> None:
    """Fetch one source or guide now; a running tvarr does it, else this command."""
    with one_sentence():
        settings = read_settings(given_flags(config=config, data=data, log_level=log_level))
        log_at(settings.log_level if "log_level" in settings.model_fields_set else "error")
        if running.is_at_work(settings.data):
            _have_refreshed(settings.data, name, accept=accept, force=force, wait=wait)
        else:
            _refresh_here(settings, name, accept=accept, force=force)


# --- here ---------------------------------------------------------------------------------------


def _refresh_here(settings: "Settings", name: str, *, accept: bool, force: bool) -> None:
    import asyncio

    from tvarr import app as parts
    from tvarr.progress import Answer, Progress

    progress = Progress()
    with printing.live(progress.operations):
        refreshed = asyncio.run(
            parts.refresh(settings, name, accept=accept, force=force, progress=progress)
        )
    if refreshed.asked is not None and refreshed.asked.answer is not Answer.ACCEPTED:
        _refuse(refreshed.asked.sentence)
    printing.built(refreshed.built, everything=True)
    if refreshed.built.problems:
        raise SystemExit(MISUSED)
    if any(status.failures for status in refreshed.built.statuses):
        raise SystemExit(FAILED)


def _refuse(sentence: str) -> None:
    printing.complain(sentence)
    raise SystemExit(FAILED)


# --- by the one that is running -------------------------------------------------------------------


def _have_refreshed(data: "Path", name: str, *, accept: bool, force: bool, wait: bool) -> None:
    from tvarr.controller import serving

    served = serving.recall(data)
    if served is None:
        raise CannotStartError(
            f"another tvarr is at work in {data} and does not serve, so it cannot be asked; "
            "try again when it has ended"
        )
    try:
        answer = _ask(served, name, {"accept": accept, "force": force})
        # one that runs was begun without these wishes, so its end would not be their answer
        joins = answer["answer"] == "running" and wait and not (accept or force)
        if answer["answer"] != "accepted" and not joins:
            _refuse(str(answer["error"]).rstrip("."))
        if wait:
            _tell_the_end(_follow(served, str(answer["events"]), int(answer["after"])))
        else:
            printing.say(
                f"{answer['owner']} is refreshed now; `tvarr status` tells what comes of it"
            )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CannotStartError(
            f"the tvarr at work in {data} does not answer at port {served.port} as it should: "
            f"{getattr(error, 'strerror', None) or type(error).__name__}"
        ) from None


def _ask(served: "Served", name: str, wishes: dict[str, bool]) -> dict[str, Any]:
    """Ask for a refresh and return the answer; a name alone may be a source or a guide."""
    kind, slash, rest = name.partition("/")
    meant = [(kind, rest)] if slash else [("source", name), ("epg", name)]
    for kind, plain in meant:
        if kind not in _PATHS:
            break
        answer = running.post(served, _PATHS[kind], plain, "refresh", wishes)
        if answer.get("answer") != "unknown":
            if "answer" not in answer:
                _refuse(str(answer["error"]).rstrip("."))
            return answer
    raise MisusedError(f'there is no source or guide "{name}"')


def _follow(served: "Served", path: str, after: int) -> Iterator["Operation"]:
    """Yield the states of the operation that was asked for, up to its end."""
    from contextlib import closing

    with closing(running.connect(served)) as connection:
        connection.request("GET", path)
        with connection.getresponse() as answer:
            for document in _events(answer):
                for fields in document.get("operations", [document]):
                    operation = _operation(fields)
                    if operation.id > after:
                        yield operation
                        if operation.ended:
                            return
    raise CannotStartError("the tvarr that was asked has stopped before the refresh was over")


def _events(answer: "HTTPResponse") -> Iterator[dict[str, Any]]:
    """Yield what the events hold; each has its data in one line."""
    while line := answer.readline(running.LONGEST_LINE):
        if line.startswith(b"data: "):
            yield json.loads(line.removeprefix(b"data: "))


def _operation(fields: dict[str, Any]) -> "Operation":
    from datetime import datetime

    from tvarr.progress import Kind, Operation, State

    return Operation(
        id=int(fields["id"]),
        owner=str(fields["owner"]),
        kind=Kind(fields["type"]),
        state=State(fields["state"]),
        stage=str(fields["stage"]),
        items=int(fields["items"]),
        bytes=int(fields["bytes"]),
        bytes_total=fields["bytes_total"],
        started=datetime.fromisoformat(fields["started"]),
        updated=datetime.fromisoformat(fields["updated"]),
        message=str(fields["message"]),
    )


def _tell_the_end(operations: Iterator["Operation"]) -> None:
    """Show each state, and print how it ended: the sentence of the status."""
    from tvarr.progress import State

    latest: list[Operation] = []
    with printing.live(lambda: latest):
        for operation in operations:
            if not latest or (latest[0].state, latest[0].stage) != (
                operation.state,
                operation.stage,
            ):
                printing.step_by_step(operation)
            latest[:] = [operation]
    end = latest[0]
    if end.state is not State.COMPLETED:
        _refuse(f"{end.owner}: {end.message or end.state}")
    printing.say(f"{end.owner}: {end.message}")
