"""The `tvarr` command.

Only typer and the standard library are imported here; a command loads what it needs. Everything
that a person typed wrong ends in one sentence on standard error, never in a traceback.

Exit codes: 0 all is well, 1 something failed or is not valid, 2 the command was not understood.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from tvarr.errors import TvarrError

if TYPE_CHECKING:
    from collections.abc import Sized

    from tvarr.config.settings import Settings
    from tvarr.state.conditions import Problem

cli = typer.Typer(
    name="tvarr",
    help="GitOps for television: one YAML file becomes the playlists and guides players read.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Config = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="The YAML file. Else TVARR_CONFIG, else tvarr.yaml."),
]
Data = Annotated[
    Path | None,
    typer.Option("--data", "-d", help="The data folder. Else TVARR_DATA, else your data folder."),
]
Port = Annotated[
    int | None,
    typer.Option(
        "--port", "-p", min=0, max=65535, help="The port. Else TVARR_PORT, the YAML, 8888."
    ),
]
Host = Annotated[str | None, typer.Option("--host", help="The address to listen on. Else all.")]
Level = Annotated[
    str | None, typer.Option("--log-level", help="debug, info, warning or error. Else info.")
]


class Format(StrEnum):
    """How problems are printed."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


def main() -> None:
    """Run the command line."""
    try:
        cli()
    except TvarrError as error:
        _fail(error.sentence)
    except KeyboardInterrupt:
        raise SystemExit(130) from None


@cli.command()
def run(
    config: Config = None,
    data: Data = None,
    host: Host = None,
    port: Port = None,
    log_level: Level = None,
) -> None:
    """Watch the YAML, keep everything up to date, and serve it."""
    from tvarr import app

    settings = _settings(config=config, data=data, host=host, port=port, log_level=log_level)
    raise typer.Exit(app.run(settings))


@cli.command()
def build(
    config: Config = None,
    data: Data = None,
    proxy: Annotated[
        str | None, typer.Option("--proxy", help="Only this proxy, and what it is made of.")
    ] = None,
    now: Annotated[
        str | None, typer.Option("--now", help="Take this moment for now: 2026-08-22T18:30:00Z.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Fetch and build even what is current.")
    ] = False,
    log_level: Level = None,
) -> None:
    """Reconcile once: fetch what is due, build what changed, say what happened."""
    from tvarr import app

    settings = _settings(config=config, data=data, log_level=log_level or "error")
    options = app.BuildOptions(proxy, _moment(now), force, tuple(sys.argv[1:]))
    raise typer.Exit(app.build(settings, options))


@cli.command()
def validate(
    config: Config = None,
    form: Annotated[Format, typer.Option("--format", help="For people or for CI.")] = Format.TEXT,
) -> None:
    """Check the YAML; every problem with file, line and column. Exit code 1 if there are any."""
    from tvarr.config.load import load_manifest

    path = _settings(config=config).config
    loaded = load_manifest(path)
    _print_problems(loaded.problems, form)
    if loaded.problems:
        raise typer.Exit(1)
    if form is Format.TEXT and loaded.manifest:
        manifest = loaded.manifest
        parts = (
            _count(manifest.sources, "source"),
            _count(manifest.epg, "guide"),
            _count(manifest.proxies, "proxy", "proxies"),
        )
        typer.echo(f"{path}: valid, {', '.join(parts)}")


@cli.command()
def status(
    data: Data = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show how every source, guide and proxy stands. Works while `tvarr run` is up."""
    from tvarr.state.store import Store
    from tvarr.tables import print_statuses, statuses_json

    settings = _settings(data=data)
    store = Store(settings.data / "state.json", read_only=True)
    statuses = [status for status in store.all() if status.removed_at is None]
    store.close()
    if as_json:
        typer.echo(statuses_json(statuses))
    elif not statuses:
        typer.echo(f"nothing has been reconciled in {settings.data} yet")
    else:
        print_statuses(statuses, datetime.now(UTC))


@cli.command()
def schema() -> None:
    """Print the JSON Schema of the YAML, for editors."""
    import json

    from tvarr.config.load import json_schema

    typer.echo(json.dumps(json_schema(), indent=2))


@cli.command()
def demo(
    data: Annotated[
        Path, typer.Option("--data", "-d", help="The folder for the YAML and its data.")
    ] = Path("tvarr-demo"),
    host: Host = None,
    port: Port = None,
    log_level: Level = None,
) -> None:
    """Run tvarr on invented channels with moving pictures; no network, no account."""
    from tvarr import app

    yaml = data / "tvarr.yaml"
    settings = _settings(config=yaml, data=data / "data", host=host, port=port, log_level=log_level)
    raise typer.Exit(app.run_demo(settings))


@cli.command()
def version() -> None:
    """Print the version."""
    from tvarr import __version__

    typer.echo(f"tvarr {__version__}")


def _settings(**flags: object) -> Settings:
    from tvarr import logs
    from tvarr.config.settings import load_settings

    settings = load_settings(**flags)
    logs.configure(settings.log_level)
    return settings


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        _fail(f"--now: {text} is not a moment; write it like 2026-08-22T18:30:00Z", code=2)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _print_problems(problems: tuple[Problem, ...], form: Format) -> None:
    if form is Format.JSON:
        import json

        typer.echo(json.dumps([problem.model_dump() for problem in problems], indent=2))
        return
    for problem in problems:
        if form is Format.TEXT:
            typer.echo(str(problem), err=True)
        else:
            where = f"{problem.where}: " if problem.where else ""
            text = f"{where}{problem.message}"
            text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
            place = f"file={problem.file},line={problem.line},col={problem.column}"
            typer.echo(f"::error {place}::{text}")


def _count(things: Sized, one: str, many: str | None = None) -> str:
    number = len(things)
    return f"{number} {one if number == 1 else many or one + 's'}"


def _fail(sentence: str, code: int = 1) -> NoReturn:
    print(f"tvarr: {sentence}", file=sys.stderr)  # noqa: T201 - the last words of a command
    raise SystemExit(code)
