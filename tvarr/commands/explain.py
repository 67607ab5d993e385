"""`tvarr explain`: why a channel or a programme is as it is.

The YAML and the state are only read, so it can be asked while tvarr runs. What is told comes from
`tvarr.pipeline.explain` and `tvarr.pipeline.airing`; `tvarr.commands.telling` makes lines of it.
"""

# no `from __future__ import annotations`: typer reads the annotations when a command is called

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from tvarr import printing
from tvarr.commands.common import (
    FAILED,
    MISUSED,
    Config,
    Data,
    Port,
    given_flags,
    one_sentence,
    read_moment,
    read_settings,
)
from tvarr.errors import CannotStartError, MisusedError

if TYPE_CHECKING:
    from tvarr.config.settings import Settings
    from tvarr.outputs.standing import Standing
    from tvarr.pipeline.story import Candidate, ChannelStory, ProgrammeStory
    from tvarr.spec.manifest import Manifest

MOST_LISTED = 20

commands = typer.Typer(
    help="Tell why a channel or a programme is as it is.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Channel = Annotated[
    str, typer.Argument(metavar="CHANNEL", help="A channel id, a tvg-id or a name, in any case.")
]
Proxy = Annotated[
    str | None,
    typer.Option("--proxy", help="In this proxy; else in the first that has the channel."),
]
Now = Annotated[
    str | None,
    typer.Option("--now", help="Stop the clock at this moment, such as 2026-08-22T18:30:00Z."),
]
AsJson = Annotated[bool, typer.Option("--json", help="The same as JSON.")]


@commands.command()
def channel(
    wanted: Channel,
    proxy: Proxy = None,
    as_json: AsJson = False,
    config: Config = None,
    data: Data = None,
    port: Port = None,
    now: Now = None,
) -> None:
    """Tell where a channel comes from, what each rule and filter did, its number, guide, logo."""
    with one_sentence():
        flags = given_flags(config=config, data=data, port=port)
        standing, channel_id, _ = _asked(wanted, proxy, now, flags)
        from tvarr.pipeline import explain

        story = explain.channel(
            standing.build,
            channel_id,
            standing.lineup,
            published=standing.published,
            made=standing.made,
        )
        _tell(story, as_json=as_json)


@commands.command()
def programme(
    wanted: Channel,
    at: Annotated[
        str | None, typer.Option("--at", help="At this moment, such as 2026-08-22T18:30:00Z.")
    ] = None,
    proxy: Proxy = None,
    as_json: AsJson = False,
    config: Config = None,
    data: Data = None,
    port: Port = None,
    now: Now = None,
) -> None:
    """Tell what is on a channel, which guide it is from, and what each rule and filter did."""
    with one_sentence():
        moment = read_moment(at, "--at")
        flags = given_flags(config=config, data=data, port=port)
        standing, channel_id, clock = _asked(wanted, proxy, now, flags)
        from tvarr.pipeline import airing

        story = airing.programme(
            standing.build, channel_id, standing.lineup, moment or clock, standing.made
        )
        _tell(story, as_json=as_json)


def _tell(story: "ChannelStory | ProgrammeStory", *, as_json: bool) -> None:
    from tvarr.commands import pieces, telling

    if as_json:
        printing.say(telling.as_json(story))
    else:
        pieces.show(telling.lines(story))


# --- finding the channel -----------------------------------------------------------------------


def _asked(
    wanted: str, proxy: str | None, now: str | None, flags: Mapping[str, object]
) -> tuple["Standing", str, datetime]:
    """Return what `_find` returns, and the time it is asked for."""
    clock = read_moment(now) or datetime.now(UTC)
    return (*_find(read_settings(flags), wanted, proxy, clock), clock)


def _find(
    settings: "Settings", wanted: str, proxy: str | None, now: datetime
) -> tuple["Standing", str]:
    """Return the first proxy that has the channel, and the channel's id; says it if there is none.

    Several channels of that name end the command too, with their ids.
    """
    from tvarr.pipeline import explain
    from tvarr.pipeline.streams_told import meant

    if not wanted.strip():
        raise MisusedError("which channel? Write its id, its tvg-id or its name")
    manifest = _manifest(settings)
    names = _proxies(manifest, proxy)
    standings = []
    for name in names:
        standing = _stands(settings, manifest, name, now)
        standings.append(standing)
        found = meant(explain.find(standing.build, wanted), standing.made.candidates)
        if len(found) > 1:
            raise SystemExit(_several(wanted, name, found))
        if found:
            return standing, found[0].channel_id
    raise SystemExit(_none(wanted, names, standings))


def _manifest(settings: "Settings") -> "Manifest":
    from tvarr.config.load import load_manifest

    loaded = load_manifest(settings.config)
    if loaded.manifest is None:
        typer.echo(printing.problems_as_text(loaded.problems), err=True)
        raise SystemExit(MISUSED)
    return loaded.manifest


def _proxies(manifest: "Manifest", proxy: str | None) -> Sequence[str]:
    declared = list(manifest.proxies)
    if not declared:
        raise CannotStartError("the YAML declares no proxy")
    if proxy is None:
        return declared
    if proxy not in declared:
        raise MisusedError(f"no proxy {proxy!r}; the proxies are: {', '.join(declared)}")
    return [proxy]


def _stands(settings: "Settings", manifest: "Manifest", proxy: str, now: datetime) -> "Standing":
    from tvarr.outputs.standing import stands
    from tvarr.state.store import Store

    store = Store(settings.data / "state.json", read_only=True)
    base_url = manifest.server.reached_at(settings.port_for(manifest.server.port))
    return stands(manifest, proxy, store.get, settings.data, base_url, now)


def _several(wanted: str, proxy: str, found: Sequence["Candidate"]) -> int:
    printing.complain(
        f"{len(found):,} channels of {proxy} are called {wanted!r}; choose one by its id:"
    )
    for one in found[:MOST_LISTED]:
        typer.echo(f"  {one.channel_id}  {', '.join(_marks(one))}", err=True)
    if len(found) > MOST_LISTED:
        typer.echo(f"  and {len(found) - MOST_LISTED:,} more", err=True)
    return FAILED


def _marks(one: "Candidate") -> Iterator[str]:
    """Yield what a channel may be told from others of its name by."""
    yield one.name
    if one.group:
        yield f"group {one.group}"
    if one.tvg_id:
        yield f"tvg-id {one.tvg_id}"
    if one.provider_name not in ("", one.name):
        yield f"from {one.provider_name!r}"


def _none(wanted: str, proxies: Sequence[str], standings: Sequence["Standing"]) -> int:
    from tvarr.pipeline import explain

    if not any(standing.build.sources for standing in standings):
        printing.complain(
            f"no source of {', '.join(proxies)} has been read yet; `tvarr build` reads them"
        )
        return FAILED
    names = dict.fromkeys(
        name for standing in standings for name in explain.nearest(standing.build, wanted)
    )
    printing.complain(f"{', '.join(proxies)}: no channel is called {wanted!r}")
    if names:
        typer.echo("  did you mean: " + ", ".join(list(names)[: explain.NEAREST]), err=True)
    return FAILED
