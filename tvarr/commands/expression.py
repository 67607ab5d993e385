"""`tvarr expression …`: a sentence is tried out before it is put into the YAML.

Nothing here changes anything. Each command calls one function of `tvarr.expression` or
`tvarr.pipeline.preview` and prints what came of it, as text or as JSON.
"""

# no `from __future__ import annotations`: typer reads the annotations when a command is called

import json
import sys
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tvarr import printing
from tvarr.commands.common import (
    FAILED,
    Config,
    Data,
    given_flags,
    one_sentence,
    read_moment,
    read_settings,
)
from tvarr.errors import MisusedError

if TYPE_CHECKING:
    from tvarr.expression.check import Checked
    from tvarr.pipeline.current import Given
    from tvarr.pipeline.preview import Example, Preview
    from tvarr.spec.manifest import Manifest

commands = typer.Typer(
    help="Try a sentence of the language of rules and filters; nothing is changed.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


class DomainName(StrEnum):
    """What a sentence is about."""

    CHANNEL = "channel"
    PROGRAMME = "programme"


class KindName(StrEnum):
    """What a sentence is."""

    FILTER = "filter"
    RULE = "rule"
    AUTO = "auto"


Sentence = Annotated[
    str, typer.Argument(metavar="EXPR", help="The sentence, or - to read it from standard input.")
]
About = Annotated[DomainName, typer.Option("--domain", help="What it is about.")]
AsJson = Annotated[bool, typer.Option("--json", help="Everything, as JSON.")]


@commands.command()
def check(
    expression: Sentence,
    domain: About = DomainName.CHANNEL,
    kind: Annotated[
        KindName, typer.Option("--kind", help="auto: a rule is what has actions.")
    ] = KindName.AUTO,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Show all that is wrong with a sentence, or how it is read."""
    with one_sentence():
        from tvarr.expression.check import document

        checked = _checked(expression, domain, kind, _manifest(config))
        if as_json:
            printing.say(_json(document(checked)))
        elif checked.sentence is None:
            printing.say("\n".join(_complaints(checked)))
        else:
            printing.say("\n".join(_explained(checked)))
        if checked.sentence is None:
            raise SystemExit(FAILED)


@commands.command(name="eval")
def evaluate(
    batch: Annotated[
        Path, typer.Option("--batch", help="A file with one JSON case a line, or - for stdin.")
    ],
    now: Annotated[
        str | None, typer.Option("--now", help="What cases take for now that do not say.")
    ] = None,
    config: Config = None,
) -> None:
    """Try sentences on records, one JSON case and one JSON answer a line."""
    with one_sentence():
        from datetime import UTC, datetime

        from tvarr.expression.batch import answers, lines_of

        moment = read_moment(now) or datetime.now(UTC)
        logos = _logos(_manifest(config))
        if str(batch) == "-":
            _write(answers(lines_of(sys.stdin.buffer), moment, logos))
        else:
            with batch.open("rb") as lines:
                _write(answers(lines_of(lines), moment, logos))


@commands.command()
def preview(
    expression: Sentence,
    domain: About = DomainName.CHANNEL,
    source: Annotated[
        str | None, typer.Option("--source", help="Only this source; for programmes, this guide.")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", min=0, max=1000, help="How many rows are shown.")
    ] = 10,
    as_json: AsJson = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Show what a sentence would match and change in what was last read."""
    with one_sentence():
        from datetime import UTC, datetime

        from tvarr.pipeline.preview import document, preview

        manifest = _manifest(config)
        checked = _checked(expression, domain, KindName.AUTO, manifest)
        if checked.sentence is None:
            printing.say("\n".join(_complaints(checked)))
            raise SystemExit(FAILED)
        given = _given(data, manifest)
        if source is not None:
            given = given.only(source, checked.domain)
        found = preview(checked.sentence, given, datetime.now(UTC), _logos(manifest), limit)
        if as_json:
            printing.say(_json(document(found)))
        else:
            _show(found, checked)


def _show(found: "Preview", checked: "Checked") -> None:
    """Print the counts and the rows: a table at a terminal, plain lines in a pipe."""
    changes = f", changes {found.changed:,}" if checked.kind == "rule" else ""
    printing.say(f"matches {found.matched:,} of {found.rows:,} {checked.domain}s{changes}")
    if found.examples and _is_at_terminal():
        _draw(found.examples)
    else:
        for example in found.examples:
            printing.say("\n".join(f"  {line}" for line in _lines(example)))


def _is_at_terminal() -> bool:
    return sys.stdout.isatty()


def _lines(example: "Example") -> Iterable[str]:
    yield " | ".join(filter(None, example.row.values()))
    for name, before in example.before.items():
        after = example.after[name]
        yield f"  {name}: {_quoted(before)}" + ("" if after == before else f" → {_quoted(after)}")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _draw(examples: "Iterable[Example]") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for head in ("row", "field", "before", "after"):
        table.add_column(head)
    for example in examples:
        row = " | ".join(filter(None, example.row.values()))
        for name, before in example.before.items():
            table.add_row(*map(Text, (row, name, before, example.after[name])))
            row = ""
    Console().print(table)


def _given(data: Path | None, manifest: "Manifest | None") -> "Given":
    from tvarr.catalog.snapshots import Snapshots
    from tvarr.pipeline.current import current
    from tvarr.state.store import Store

    folder = read_settings(given_flags(data=data)).data
    statuses = Store(folder / "state.json", read_only=True).all()
    return current(statuses, Snapshots(folder / "snapshots"), manifest)


def _write(lines: Iterable[str]) -> None:
    """Print in UTF-8, whatever the terminal's language is."""
    for line in lines:
        typer.echo(f"{line}\n".encode(), nl=False)


def _checked(
    expression: str, domain: DomainName, kind: KindName, manifest: "Manifest | None"
) -> "Checked":
    from tvarr.expression.batch import KINDS
    from tvarr.expression.check import check
    from tvarr.expression.fields import Domain

    text = _standard_input() if expression == "-" else expression
    return check(text, Domain(domain.value), KINDS[kind.value], _logos(manifest))


def _standard_input() -> str:
    from tvarr.expression.tokens import MAX_BYTES

    given = sys.stdin.buffer.read(MAX_BYTES + 4)
    try:  # what is too long is cut, maybe within a letter, and refused for its length
        return given.decode("utf-8-sig", "replace" if len(given) > MAX_BYTES + 3 else "strict")
    except UnicodeDecodeError:
        raise MisusedError("standard input is not text in UTF-8") from None


def _complaints(checked: "Checked") -> Iterable[str]:
    from tvarr.expression.problems import render

    for problem in checked.problems:
        place = f"{problem.line}:{problem.column}"
        yield f"{place} {problem.category}: {render(problem, checked.text)}"


def _explained(checked: "Checked") -> Iterable[str]:
    from tvarr.expression.canonical import print_sentence
    from tvarr.expression.tree import draw

    assert checked.sentence is not None  # noqa: S101 - asked for right ones only
    yield f"a {checked.kind} for {checked.domain}s"
    yield ""
    yield print_sentence(checked.sentence) or "true"
    yield ""
    yield from draw(checked.sentence)


def _manifest(config: Path | None) -> "Manifest | None":
    """Return what the YAML declares, for the logos; one that nobody named need not be there."""
    from tvarr.config.load import load_manifest

    settings = read_settings(given_flags(config=config))
    if config is None and not settings.config.is_file():
        return None
    loaded = load_manifest(settings.config)
    if loaded.manifest is None and config is None:
        printing.complain(f"{settings.config} is not valid and is not used")
    elif loaded.manifest is None:
        raise MisusedError(f"{settings.config} is not valid; `tvarr validate` says what is wrong")
    return loaded.manifest


def _logos(manifest: "Manifest | None") -> Mapping[str, str]:
    return dict(manifest.logos) if manifest else {}


def _json(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False)
