"""The `tvarr` command. What needs more than the standard library and typer is loaded when used.

Each command reads its settings, calls one function of `tvarr.app` or of a part, and prints what
came of it: tables for a person at a terminal, plain lines for a pipe. Errors are one sentence on
standard error; exit code 1 means that something failed, 2 that the call or the YAML is wrong.
"""

# no `from __future__ import annotations`: typer reads the annotations when a command is called

import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import tvarr
from tvarr import printing
from tvarr.commands import explain, expression, importing, numbers
from tvarr.commands.common import (
    FAILED,
    MISUSED,
    Config,
    Data,
    Host,
    LogLevel,
    Port,
    given_flags,
    log_at,
    one_sentence,
    read_moment,
    read_settings,
)
from tvarr.commands.refresh import refresh
from tvarr.errors import MisusedError

if TYPE_CHECKING:
    from tvarr.app import Built
    from tvarr.config.settings import Settings
    from tvarr.controller.fingerprint import Inputs
    from tvarr.spec.manifest import Manifest

app = typer.Typer(
    name="tvarr",
    help="One YAML file becomes the playlists and guides that your players read.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(refresh)
app.add_typer(explain.commands, name="explain")
app.add_typer(expression.commands, name="expression")
app.add_typer(importing.commands, name="import")
app.add_typer(numbers.commands, name="numbers")


class Format(StrEnum):
    """How problems are told."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


_STYLES = {
    Format.TEXT: printing.problems_as_text,
    Format.JSON: printing.problems_as_json,
    Format.GITHUB: printing.problems_for_github,
}


@app.command()
def run(
    config: Config = None,
    data: Data = None,
    port: Port = None,
    host: Host = None,
    log_level: LogLevel = None,
    force_polling: Annotated[
        bool | None,
        typer.Option("--force-polling", help="Watch a network share's YAML [TVARR_FORCE_POLLING]."),
    ] = None,
) -> None:
    """Serve, and reconcile for as long as it runs; edits of the YAML are picked up."""
    flags = given_flags(
        config=config,
        data=data,
        port=port,
        host=host,
        log_level=log_level,
        force_polling=force_polling,
    )
    with one_sentence():
        import asyncio

        settings = read_settings(flags)
        log_at(settings.log_level)
        from tvarr import app as parts

        asyncio.run(parts.run(settings))


@app.command()
def build(
    config: Config = None,
    data: Data = None,
    port: Port = None,
    log_level: LogLevel = None,
    proxy: Annotated[
        str | None, typer.Option("--proxy", help="Only this proxy and what it is made of.")
    ] = None,
    now: Annotated[
        str | None,
        typer.Option("--now", help="Stop the clock at this moment, such as 2026-08-22T18:30:00Z."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Fetch and build everything anew.")
    ] = False,
) -> None:
    """Reconcile once: fetch what is due, build what has changed, say what happened."""
    with one_sentence():
        from tvarr.controller.fingerprint import Inputs

        moment = read_moment(now)
        flags = given_flags(config=config, data=data, port=port, log_level=log_level)
        inputs = Inputs.given(flags, os.environ)
        settings = read_settings(flags)
        log_at(settings.log_level if "log_level" in settings.model_fields_set else "error")
        built = _reconcile(settings, inputs, proxy=proxy, force=force, now=moment)
        printing.built(built)
        if built.problems:
            raise SystemExit(MISUSED)
        if not built.succeeded:
            raise SystemExit(FAILED)


@app.command()
def validate(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="The YAML file; the same as --config.")
    ] = None,
    config: Config = None,
    style: Annotated[
        Format, typer.Option("--format", "-f", help="text, json, or github for annotations.")
    ] = Format.TEXT,
) -> None:
    """Check the YAML and name file, line and column of every problem."""
    with one_sentence():
        if file and config and file != config:
            raise MisusedError(f"{file} or --config {config}: which of the two?")
        settings = read_settings(given_flags(config=file or config))
        from tvarr.config.load import load_manifest

        loaded = load_manifest(settings.config)
        if loaded.problems or style is Format.JSON:
            printing.say(_STYLES[style](loaded.problems))
        if loaded.manifest is None:
            raise SystemExit(FAILED)
        if style is Format.TEXT:
            printing.say(f"{settings.config} is valid: {printing.declares(loaded.manifest)}")


@app.command()
def status(
    data: Data = None,
    as_json: Annotated[bool, typer.Option("--json", help="Everything, as JSON.")] = False,
) -> None:
    """Show how things stand, as the last run or build left them."""
    with one_sentence():
        settings = read_settings(given_flags(data=data))
        from tvarr.state.store import Store

        statuses = Store(settings.data / "state.json", read_only=True).all()
        if as_json:
            printing.say(printing.statuses_as_json(statuses))
        elif statuses:
            printing.statuses(statuses)
        else:
            printing.say(f"nothing has been reconciled yet in {settings.data}")


@app.command()
def schema() -> None:
    """Print the JSON Schema of the YAML, for editors that complete and check by it."""
    with one_sentence():
        import json

        from tvarr.config.load import json_schema

        printing.say(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@app.command()
def version() -> None:
    """Print the version."""
    printing.say(f"tvarr {tvarr.__version__}")


@app.command()
def demo(
    data: Annotated[
        Path | None, typer.Option("--data", "-d", help="The folder for its YAML and data.")
    ] = None,
    port: Port = None,
    host: Host = None,
    log_level: LogLevel = None,
) -> None:
    """Serve a demonstration: invented channels, a guide around now, moving pictures."""
    with one_sentence():
        import asyncio

        folder = data or read_settings({}).data / "demo"
        flags = given_flags(
            config=folder / "tvarr.yaml",
            data=folder / "data",
            port=port,
            host=host,
            log_level=log_level,
        )
        settings = read_settings(flags)
        log_at(settings.log_level)
        from tvarr import app as parts

        def welcome(on_port: int, manifest: "Manifest | None") -> None:
            printing.say(printing.welcome(on_port, manifest, settings.config))

        asyncio.run(parts.demonstrate(settings, on_serving=welcome))


def main() -> None:
    """Run the command line; the entry point of `tvarr` and of `python -m tvarr`."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["build"]:
        with one_sentence(), suppress(_NotSimpleError):
            if _nothing_to_do(_simply(arguments[1:])):
                return
    app()


# --- building -------------------------------------------------------------------------------------


_SIMPLE = {"-c": "config", "--config": "config", "-d": "data", "--data": "data", "-p": "port"} | {
    f"--{name.replace('_', '-')}": name for name in ("port", "log_level", "proxy", "now")
}


class _NotSimpleError(Exception):
    """The arguments are for typer to read."""


def _simply(arguments: list[str]) -> dict[str, str]:
    """Read a build's options if they are plain ones, each followed by its value.

    A build that has nothing to do takes less time than typer to get ready; what is not certain
    here, `--force` among it, is left to typer.
    """
    words = iter(arguments)
    flags: dict[str, str] = {}
    for word in words:
        option, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
        name = _SIMPLE.get(option)
        value = value if equals else next(words, "")
        if name is None or name in flags or not value or value.startswith("-"):
            raise _NotSimpleError
        flags[name] = value
    return flags


def _nothing_to_do(flags: dict[str, str]) -> bool:
    """Say so if nothing can have changed since the last build; False whenever in doubt."""
    from tvarr.controller import fingerprint
    from tvarr.controller.lock import locked

    proxy, moment = flags.pop("proxy", None), read_moment(flags.pop("now", None))
    inputs = fingerprint.Inputs.given(flags, os.environ)
    data = inputs.guessed_data()
    if not (data / fingerprint.FILE).is_file():
        return False
    with locked(data):
        last = fingerprint.recall(data, inputs, moment or datetime.now(UTC))
    if last is None or (proxy is not None and proxy not in last.lines):
        return False
    printing.nothing_to_do(last.lines if proxy is None else {proxy: last.lines[proxy]})
    return True


def _reconcile(
    settings: "Settings",
    inputs: "Inputs",
    *,
    proxy: str | None,
    force: bool,
    now: datetime | None,
) -> "Built":
    import asyncio

    from tvarr import app as parts
    from tvarr.progress import Progress

    progress = Progress()
    with printing.live(progress.operations):
        return asyncio.run(
            parts.build(settings, inputs, only=proxy, force=force, now=now, progress=progress)
        )
