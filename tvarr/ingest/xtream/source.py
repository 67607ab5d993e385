"""An Xtream account as a source: the panel's lists, then the snapshot that is made of them.

Called by way of `tvarr.ingest.kinds`. Panels make their answers anew for everybody who asks, and
none was seen to send validators, so nothing is asked for conditionally; the snapshot's digest tells
whether anything changed. The hosts of the provider are tried in order, each with all that is
wanted, since what two hosts say need not fit together.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Literal

import polars as pl

from tvarr.errors import Reason, Transient, TvarrError
from tvarr.ingest.collect import Collected
from tvarr.ingest.tally import Tally
from tvarr.ingest.xtream import answers, texts
from tvarr.ingest.xtream.live import LiveStreams
from tvarr.ingest.xtream.login import Login, read_login, told_of_slots
from tvarr.ingest.xtream.panel import Panel
from tvarr.ingest.xtream.vod import Vod

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path
    from typing import TypeVar

    from tvarr.ingest.collect import Collecting, Part
    from tvarr.ingest.report import IngestReport
    from tvarr.spec.fetched import Remote
    from tvarr.spec.source import XtreamSource

    T = TypeVar("T")

ROW_GROUP: Final = 50_000
LOGIN: Final = "login"
LISTS: Final = {"live": "live_streams", "vod": "vod_streams", "series": "series"}
"""The list of each content; the action is `get_` and that."""
CATEGORIES: Final = {name: f"{name}_categories" for name in LISTS}

_TELLING: Final = (Reason.ACCOUNT_EXPIRED, Reason.AUTH_FAILED)
"""Of several hosts, these tell most: the others are gone, this one knows the account."""


async def collect(spec: XtreamSource, collecting: Collecting) -> Collected:
    """Fetch what is wanted of the account from the first host that gives all of it.

    Raises what `Collecting.get` and `read_login` do.
    """
    return await at_first_host(spec, lambda panel: _collect_at(panel, spec, collecting))


async def at_first_host(spec: XtreamSource, ask: Callable[[Panel], Awaitable[T]]) -> T:
    """Return the first answer that a host gives; raises the trouble that tells most.

    An account whose connections are all in use has none free at another host either.
    """
    troubles: list[TvarrError] = []
    for address in spec.addresses:
        try:
            return await ask(Panel.of(spec, address.get_secret_value()))
        except TvarrError as error:
            if error.reason is Reason.SLOTS_FULL:
                raise
            troubles.append(error)
    raise next((error for error in troubles if error.reason in _TELLING), troubles[0])


async def log_in(panel: Panel, spec: Remote, collecting: Collecting) -> Login:
    """Ask for the account's facts; a refusal by status is told as one of the login."""
    try:
        part = await collecting.get_anew(LOGIN, panel.api(), spec, stage="account")
    except Transient as error:
        if error.reason in (Reason.AUTH_FAILED, Reason.PERMISSION_DENIED):
            raise _refused(error) from None
        raise
    return await asyncio.to_thread(lambda: read_login(answers.load(part.path)))


def _refused(error: Transient) -> Transient:
    hint = "panels say so to a wrong user or password, and to a user_agent that they do not know"
    return Transient(Reason.AUTH_FAILED, f"{error.sentence}; {hint}", error.retry_after)


async def _collect_at(panel: Panel, spec: XtreamSource, collecting: Collecting) -> Collected:
    login = await log_in(panel, spec, collecting)
    try:
        return Collected(await _lists(panel, spec, collecting), login.account)
    except Transient as error:
        raise told_of_slots(error, login.account) from None


async def _lists(panel: Panel, spec: XtreamSource, collecting: Collecting) -> tuple[Part, ...]:
    parts: list[Part] = []
    for content in spec.content:
        for part in (CATEGORIES[content], LISTS[content]):
            found = await _list(part, panel, spec, collecting)
            parts += [found] if found else []
    return tuple(parts)


async def _list(part: str, panel: Panel, spec: XtreamSource, collecting: Collecting) -> Part | None:
    """Fetch one list; a panel without films or series may not know the action at all."""
    stage = part.replace("_", " ")
    try:
        return await collecting.get_anew(part, panel.api(f"get_{part}"), spec, stage=stage)
    except Transient as error:
        if error.reason in (Reason.GONE, Reason.EMPTY_ANSWER) and part != LISTS["live"]:
            return None
        raise


# --- reading ------------------------------------------------------------------------------------


def read(collected: Collected, stage: Path, name: str, spec: XtreamSource) -> IngestReport:
    """Read the lists into `channels.parquet` and, if films or series are wanted, `vod.parquet`.

    Raises what `answers.rows_of` does, and `Transient(EmptyAnswer)` where nothing can be used. The
    same answers give the same bytes.
    """
    tally = Tally()
    channels = _channels(collected, name, spec, tally)
    films = _catalogued(collected, name, spec, "movie", tally)
    series = _catalogued(collected, name, spec, "series", tally)
    if channels.is_empty() and films.is_empty() and series.is_empty():
        raise Transient(Reason.EMPTY_ANSWER, "the account has no channels, films or series")
    _write(channels, stage / "channels.parquet")
    if set(spec.content) & {"vod", "series"}:
        _write(pl.concat([films, series]), stage / "vod.parquet")
    report = tally.report(channels.height, {})
    return report.model_copy(update={"films": films.height, "series": series.height})


def _channels(collected: Collected, name: str, spec: XtreamSource, tally: Tally) -> pl.DataFrame:
    part = collected.part(LISTS["live"])
    panel = _panel(spec, part)
    names = _category_names(collected, "live", spec)
    streams = LiveStreams(name, panel, spec.stream_format, names, tally)
    for rows in _rows(part, spec):
        streams.add(rows)
    return streams.finish()


def _catalogued(
    collected: Collected,
    name: str,
    spec: XtreamSource,
    kind: Literal["movie", "series"],
    tally: Tally,
) -> pl.DataFrame:
    content = "vod" if kind == "movie" else "series"
    part = collected.part(LISTS[content])
    vod = Vod(name, _panel(spec, part), kind, _category_names(collected, content, spec), tally)
    for rows in _rows(part, spec):
        vod.add(rows)
    return vod.finish()


def _panel(spec: XtreamSource, part: Part | None) -> Panel:
    """Return the panel that gave the part."""
    given = part.url if part else None
    return Panel.of(spec, given or spec.addresses[0].get_secret_value())


def _rows(part: Part | None, spec: XtreamSource) -> Iterator[list[object]]:
    if part is not None:
        yield from answers.rows_of(part.path, spec.max_size)


def _category_names(collected: Collected, content: str, spec: XtreamSource) -> dict[str, str]:
    """Return the names of the categories by their ids; two kinds of content may share an id."""
    names: dict[str, str] = {}
    for rows in _rows(collected.part(CATEGORIES[content]), spec):
        found = [row for row in rows if isinstance(row, dict)]
        numbers = texts.column(found, "category_id", "id").to_list()
        words = texts.clean(texts.column(found, "category_name", "name")).to_list()
        names |= {n: word for n, word in zip(numbers, words, strict=True) if n and word}
    return names


def _write(rows: pl.DataFrame, path: Path) -> None:
    rows.write_parquet(path, compression="zstd", compression_level=1, row_group_size=ROW_GROUP)
