"""Sources of kinds that other packages bring, with a guard around their code.

Called by way of `tvarr.ingest.kinds`. Whatever goes wrong in a package is `Stalled(PluginFailed)`
with the package's name and concerns its own sources only; an error with a reason of ours comes
through as it is. What is read is looked at before it becomes a snapshot: the rest of tvarr relies
on the catalog's columns.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from tvarr.catalog import schema
from tvarr.errors import Reason, Stalled, Transient, TvarrError
from tvarr.fetch.client import NotModified
from tvarr.ingest.collect import Collected
from tvarr.ingest.report import IngestReport
from tvarr.logs import redact
from tvarr.spec.plugins import Failure, Plugin, Unusable, plugin_of, plugins, told

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tvarr.ingest.collect import Collecting

LONGEST: Final = timedelta(minutes=30)
"""For collecting all that a source is made of."""

FILES: Final = {
    "channels.parquet": schema.CHANNELS,
    "vod.parquet": schema.VOD,
    "episodes.parquet": schema.EPISODES,
}
"""What a snapshot may have, and its columns; the first one is needed."""
_NEVER_NULL: Final = ("channel_id", "source", "name", "stream_url", "stream_type")


async def collect(spec: Any, collecting: Collecting) -> Collected | NotModified:
    """Let the package collect. Raises `Stalled(PluginFailed)`, and what it raises of our errors."""
    plugin = _usable(spec)
    if plugin.collect is None:
        raise _failed(plugin, "it collects nothing")
    try:
        async with asyncio.timeout(LONGEST.total_seconds()):
            found = await plugin.collect(spec, collecting)
    except TimeoutError:
        raise Transient(
            Reason.TIMEOUT, f"the package {plugin.package} was not done in time"
        ) from None
    except TvarrError:
        raise
    except Failure as error:
        raise _failed(plugin, f"it fails while collecting: {told(error)}") from None
    if isinstance(found, NotModified) and collecting.current:
        return found
    if not isinstance(found, Collected) or not all(part.path.is_file() for part in found.parts):
        raise _failed(plugin, "its `collect` gives back something else than what it collected")
    return found


@dataclass(frozen=True)
class Read:
    """The `read` of a kind, for a child process as well: looked for by the name of the kind."""

    kind: str

    def __call__(self, collected: Collected, stage: Path, name: str, spec: Any) -> IngestReport:
        """Let the package read. Raises as `collect` does."""
        plugin = plugins()[self.kind]
        if plugin.read is None:
            raise _failed(plugin, plugin.problem or "it reads nothing")
        try:
            report = plugin.read(collected, stage, name, spec)
        except TvarrError:
            raise
        except Failure as error:
            raise _failed(plugin, f"it fails while reading: {told(error)}") from None
        if not isinstance(report, IngestReport):
            raise _failed(plugin, "its `read` does not give back an IngestReport")
        return _checked(report, stage, name, plugin)


def _usable(spec: Any) -> Plugin:
    """Return the plugin of a declared source; raises for one that cannot be used."""
    if isinstance(spec, Unusable):
        raise _failed(Plugin(spec.kind, spec.package), spec.problem)
    plugin = plugin_of(spec)
    if plugin is None or plugin.problem:
        raise Stalled(Reason.PLUGIN_FAILED, f"no package brings the kind {spec.kind} any more")
    return plugin


def _checked(report: IngestReport, stage: Path, name: str, plugin: Plugin) -> IngestReport:
    """Return the report with the counts that are so, or raise for files that nobody can use."""
    wrong = _wrong_files(stage)
    if wrong:
        raise _failed(plugin, wrong)
    try:
        frames = {file: pl.read_parquet(stage / file) for file in FILES if (stage / file).exists()}
    except Failure as error:
        raise _failed(plugin, f"what it writes cannot be read: {told(error)}") from None
    for file, frame in frames.items():
        if problem := _wrong_columns(frame, FILES[file]):
            raise _failed(plugin, f"{file} {problem}")
    channels = frames["channels.parquet"]
    if problem := _wrong_rows(channels, name):
        raise _failed(plugin, f"channels.parquet {problem}")
    vod = frames.get("vod.parquet", pl.DataFrame(schema=schema.VOD))
    films = vod.filter(pl.col("stream_type") == "movie").height
    counts = {"channels": channels.height, "films": films, "series": vod.height - films}
    return report.model_copy(update=counts)


def _wrong_files(stage: Path) -> str | None:
    there = {path.name for path in stage.iterdir() if path.is_file()}
    others = sorted({path.name for path in stage.iterdir()} - {*FILES, "report.json"})
    if "channels.parquet" not in there:
        return "it writes no channels.parquet"
    return f"it writes {others[0]}, which is no part of a snapshot" if others else None


def _wrong_columns(frame: pl.DataFrame, wanted: Mapping[str, Any]) -> str | None:
    given = frame.schema
    if missing := [name for name in wanted if name not in given]:
        return f"lacks the column {missing[0]}"
    if unknown := [name for name in given if name not in wanted]:
        return f"has a column that nobody knows, {unknown[0]!r}"
    for name, kind in wanted.items():
        if given[name] != kind:
            return f"has {given[name]} in the column {name}, where {kind} belongs"
    return None if list(given) == list(wanted) else "has its columns in another order"


def _wrong_rows(channels: pl.DataFrame, name: str) -> str | None:
    for column in _NEVER_NULL:
        if channels[column].null_count():
            return f"has nothing in the column {column} of some row"
    if channels["channel_id"].n_unique() != channels.height:
        return "has a channel_id twice"
    if not (channels["source"] == name).all():
        return "names another source than its own"
    return None


def _failed(plugin: Plugin, problem: str) -> Stalled:
    return Stalled(
        Reason.PLUGIN_FAILED,
        f"the package {plugin.package}, which brings the kind {plugin.kind}, cannot be used:"
        f" {redact(problem)}",
    )
