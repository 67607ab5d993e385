"""`tvarr import`: what others have written, as YAML for the file.

A playlist of any dialect becomes a source of kind manual, printed for a person to look at, to cut
and to paste. What it prints is valid: every channel has passed the model before it is written, and
what cannot be said in the YAML is named on standard error.
"""

# no `from __future__ import annotations`: typer reads the annotations when a command is called

import json
import re
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tvarr import printing
from tvarr.commands.common import one_sentence
from tvarr.errors import CannotStartError, MisusedError

if TYPE_CHECKING:
    import polars as pl

    from tvarr.ingest.report import IngestReport

MAX_SIZE = 256 * 2**20
"""The largest playlist that is read, before and after unpacking."""

Row = dict[str, Any]

commands = typer.Typer(
    help="Print what others have written as YAML.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

File = Annotated[
    Path, typer.Argument(metavar="FILE", help="A playlist, packed or not; M3U in any dialect.")
]
SourceName = Annotated[
    str | None, typer.Option("--name", help="What to call the source; else as the file is called.")
]


@commands.callback()
def _group() -> None:
    """Keep `m3u` a word of its own, though there is no other yet."""


@commands.command()
def m3u(file: File, name: SourceName = None) -> None:
    """Print the channels of a playlist as a source of kind manual."""
    with one_sentence():
        source = _source_name(file, name)
        channels, report = _read(file, source)
        found = Declarable()
        for row in channels.iter_rows(named=True):
            found.add(row)
        if not found.channels:
            raise CannotStartError(f"{file}: no channel of it can be declared ({_told(found)})")
        typer.echo(_rendered(source, found.channels, file), nl=False)
        for text in _left_out(found, report):
            printing.complain(text)


def _source_name(file: Path, given: str | None) -> str:
    """Return the name that was asked for, or one made of the file's."""
    from pydantic import TypeAdapter, ValidationError

    from tvarr.spec.values import Name

    if given is None:
        stem = file.name.partition(".")[0].lower()
        return re.sub(r"[^a-z0-9_-]+", "-", stem).strip("-_")[:63] or "imported"
    try:
        return TypeAdapter[str](Name).validate_python(given)
    except ValidationError as error:
        rule = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise MisusedError(f"--name: {rule}") from None


def _read(file: Path, source: str) -> "tuple[pl.DataFrame, IngestReport]":
    """Return the rows of a playlist (`schema.CHANNELS`) and what was left out of them."""
    import polars as pl

    from tvarr.ingest.m3u import M3uOptions, ingest

    with tempfile.TemporaryDirectory(prefix="tvarr-import-") as folder:
        report = ingest(file, Path(folder), M3uOptions(source, None, MAX_SIZE))
        return pl.read_parquet(Path(folder) / "channels.parquet"), report


# --- channels -----------------------------------------------------------------------------------

NO_NAME = "no name"
ODD_URL = "an address that no source can have"
_TOLD = {
    "logo": "logo that is no http address",
    "number": "number that is none",
    "headers": "header that cannot be sent",
    "tvg_id": "tvg-id that is too long",
    "group": "group that is too long",
}
"""What a value is called that the model does not take."""
_UNSAID = ("catchup", "tvg_shift", "tvg_language", "tvg_country", "radio")
"""Columns of the catalog that a declared channel has no field for."""


@dataclass
class Declarable:
    """The channels that a manual source can have, each as the YAML has it."""

    channels: list[Row] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    """Whole channels, by the reason."""
    unsaid: Counter[str] = field(default_factory=Counter)
    """Facts of channels."""

    def add(self, row: Row) -> None:
        """Take one row of `schema.CHANNELS`, as far as it can be said."""
        from pydantic import ValidationError

        from tvarr.spec.source import ManualChannel

        channel = _as_declared(row)
        while channel.get("name"):
            try:
                ManualChannel.model_validate(channel)
            except ValidationError as error:
                place = error.errors()[0]["loc"]
                if place[0] in ("url", "name"):
                    self.left_out[ODD_URL if place[0] == "url" else NO_NAME] += 1
                    return
                self._drop(channel, place)
            else:
                self.channels.append(channel)
                self.unsaid.update(column for column in _UNSAID if row[column])
                return
        self.left_out[NO_NAME] += 1

    def _drop(self, channel: Row, place: tuple[int | str, ...]) -> None:
        """Take out the one value that the model refuses."""
        field_name = str(place[0])
        headers = channel.get("headers", {})
        if field_name == "headers" and len(place) > 1 and len(headers) > 1:
            del headers[place[1]]
        else:
            del channel[field_name]
        self.unsaid[_TOLD[field_name]] += 1


def _as_declared(row: Row) -> Row:
    """Return the fields of a channel that the row says, in the order of writing."""
    fields = {
        "name": _one_line(row["name"])[:1000],
        "url": row["stream_url"],
        "group": _one_line(row["group_title"]),
        "logo": row["tvg_logo"],
        "number": (row["channel_number"] or "").strip(),
        "tvg_id": _one_line(row["tvg_id"]),
        "headers": {pair["name"]: pair["value"] for pair in row["headers"] or ()},
    }
    return {name: value for name, value in fields.items() if value}


def _one_line(text: str | None) -> str:
    """Return the text without what cannot be seen: it would be lost in the YAML."""
    shown = (
        letter if letter.isprintable() else "" if unicodedata.category(letter) == "Cf" else " "
        for letter in text or ""
    )
    return " ".join("".join(shown).split())


# --- what is printed ----------------------------------------------------------------------------

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[ _./-][A-Za-z0-9]+)*")
_PLAIN_URL = re.compile(r"[a-z]+://[A-Za-z0-9._~/?=&%+@:-]*[A-Za-z0-9_/]")
_WORDS = ("true", "false", "yes", "no", "on", "off", "null", "y", "n")
"""Read as something else than a text by some reader of YAML."""


def _rendered(source: str, channels: Sequence[Row], file: Path) -> str:
    """Return the YAML of a whole file; raises `CannotStartError` for one too large to be read."""
    from tvarr.config.document import MAX_BYTES
    from tvarr.config.tree import MAX_NODES
    from tvarr.spec.source import MOST_CHANNELS

    count = f"{len(channels):,} channel{'s' if len(channels) > 1 else ''}"
    head = [f"# {count}", "sources:", f"  {_scalar(source)}:"]
    lines = [*head, "    kind: manual", "    channels:", *_entries(channels)]
    text = "\n".join([*lines, ""])
    values = sum(1 + len(channel) + len(channel.get("headers", ())) for channel in channels)
    if len(channels) > MOST_CHANNELS or len(text.encode()) > MAX_BYTES or values > MAX_NODES - 10:
        raise CannotStartError(
            f"{file}: {len(channels):,} channels are too many to be declared one by one;"
            " declare the playlist itself, with `kind: m3u`"
        )
    return text


def _entries(channels: Iterable[Row]) -> Iterator[str]:
    """Yield the lines of a list of maps."""
    for channel in channels:
        mark = "      - "
        for name, value in channel.items():
            if isinstance(value, dict):
                yield f"{mark}{name}:"
                yield from (f"          {_scalar(k)}: {_scalar(v)}" for k, v in value.items())
            else:
                yield f"{mark}{name}: {_scalar(value)}"
            mark = " " * len(mark)


def _scalar(text: str) -> str:
    """Return a text as YAML: plain where nobody can misread it, else in quotes as JSON has them."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return text if _PLAIN_URL.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _told(found: Declarable) -> str:
    return ", ".join(f"{reason}: {count:,}" for reason, count in found.left_out.items())


def _left_out(found: Declarable, report: "IngestReport") -> Iterator[str]:
    """Yield sentences about what is in the playlist and not in the YAML."""
    rejected = Counter(report.rejected) + found.left_out
    if rejected:
        reasons = ", ".join(f"{reason}: {count:,}" for reason, count in rejected.items())
        yield f"left out ({reasons})"
    if found.unsaid:
        facts = ", ".join(f"{fact}: {count:,}" for fact, count in found.unsaid.items())
        yield f"not kept, as a declared channel has no such field ({facts})"
