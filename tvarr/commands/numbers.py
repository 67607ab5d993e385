"""`tvarr numbers`: which channel has which number, and giving them anew.

The ledger of `tvarr.catalog.ledger` is read and set back as a file, so both work while tvarr runs;
a running one is asked to build the proxy anew.
"""

# no `from __future__ import annotations`: typer reads the annotations when a command is called

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from tvarr import printing
from tvarr.commands import running
from tvarr.commands.common import Data, given_flags, one_sentence, read_settings
from tvarr.errors import CannotStartError

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

commands = typer.Typer(
    help="Show the numbers that channels have, or have them given anew.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Proxy = Annotated[str, typer.Argument(metavar="PROXY", help="The name of the proxy.")]


class Style(StrEnum):
    """How numbers are printed."""

    YAML = "yaml"
    CSV = "csv"
    JSON = "json"


_COLUMNS = ("number", "channel_id", "name", "how", "absent_since")


@commands.command()
def export(
    proxy: Proxy,
    style: Annotated[
        Style,
        typer.Option("--format", "-f", help="yaml, ready for `numbering: pinned:`, csv or json."),
    ] = Style.YAML,
    all_of_them: Annotated[
        bool, typer.Option("--all", help="Also those kept for channels that are not there.")
    ] = False,
    data: Data = None,
) -> None:
    """Print the number of each channel, by number."""
    with one_sentence():
        folder = read_settings(given_flags(data=data)).data
        rows = _rows(folder, proxy, absent=all_of_them)
        match style:
            case Style.YAML:
                printing.say(_as_yaml(rows))
            case Style.CSV:
                printing.say(rows.write_csv().rstrip("\n"))
            case Style.JSON:
                printing.say(_as_json(rows))


@commands.command()
def reset(proxy: Proxy, data: Data = None) -> None:
    """Forget the numbers of a proxy and have them given anew: now, where a tvarr is running."""
    with one_sentence():
        from tvarr.catalog import ledger

        folder = read_settings(given_flags(data=data)).data
        if proxy not in _names(folder) or not ledger.remove(folder, proxy):
            raise _unknown(folder, proxy)
        printing.say(f"the numbers of {proxy} are forgotten; {_have_given_anew(folder, proxy)}")


def _have_given_anew(data: "Path", proxy: str) -> str:
    """Ask the tvarr at work in the folder, if there is one, for a build; say when there is one."""
    from tvarr.controller import serving

    if not running.is_at_work(data):
        return "its next build gives new ones (`tvarr build`, or when tvarr runs again)"
    served = serving.recall(data)
    if served is None:
        return "the tvarr at work there does not serve, so its next build gives new ones"
    try:
        answer = running.post(served, "proxies", proxy, "build", {})
        if answer["answer"] == "accepted":
            return "it is built now with new ones; `tvarr status` tells what comes of it"
        why = str(answer["error"]).rstrip(".")
    except (OSError, ValueError, KeyError, AttributeError) as error:
        why = f"it does not answer: {getattr(error, 'strerror', None) or type(error).__name__}"
    return f"the tvarr at work there was asked for a build, but {why}; the next one gives new ones"


def _rows(data: "Path", proxy: str, *, absent: bool) -> "pl.DataFrame":
    """Return `_COLUMNS` of the ledger, by number; says it where there is none."""
    import polars as pl

    from tvarr.catalog import ledger
    from tvarr.pipeline.chno import key_of

    found = ledger.find(data, proxy) if proxy in _names(data) else None
    if found is None:
        raise _unknown(data, proxy)
    numbered = found.read().filter(pl.col("number").is_not_null())
    rows = numbered.sort(key_of("number"), "channel_id")
    listed = rows if absent else rows.filter(pl.col("absent_since").is_null())
    return listed.select(_COLUMNS)


def _names(data: "Path") -> list[str]:
    """Return the proxies that have a ledger."""
    return sorted(path.stem for path in (data / "numbers").glob("[!.]*.parquet"))


def _unknown(data: "Path", proxy: str) -> CannotStartError:
    names = _names(data)
    known = f"there are numbers of {', '.join(names)}" if names else "nothing was built there yet"
    return CannotStartError(f"no numbers of a proxy {proxy!r} in {data}; {known}")


def _as_yaml(rows: "pl.DataFrame") -> str:
    """Return lines for `numbering: pinned:`, with the names as comments."""
    lines = ["pinned:"] if rows.height else ["pinned: {}"]
    for number, channel_id, name in rows.select("number", "channel_id", "name").iter_rows():
        shown = f'"{number}"' if "." in number else number
        lines.append(f"  {channel_id}: {shown}{_comment(name)}")
    return "\n".join(lines)


def _comment(name: str) -> str:
    visible = "".join(letter if letter.isprintable() else " " for letter in name).strip()
    return f"  # {visible}" if visible else ""


def _as_json(rows: "pl.DataFrame") -> str:
    import json

    return json.dumps(rows.to_dicts(), ensure_ascii=False, default=str)
