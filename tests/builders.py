"""Small builders of channels, guides and their snapshots, so that a test says only what matters.

Times are written as on a clock, `18:30`, and mean the evening of `DAY`; `+1 18:30` is a day later.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import escape
from typing import TYPE_CHECKING, Any, NoReturn

import polars as pl

from tvarr.catalog import schema
from tvarr.catalog.snapshots import Snapshot, Snapshots
from tvarr.ingest.report import IngestReport
from tvarr.pipeline.build import BuildInput, Window
from tvarr.spec.proxy import Proxy

if TYPE_CHECKING:
    from pathlib import Path

DAY = datetime(2026, 8, 22, tzinfo=UTC)

Row = dict[str, Any]


def at(clock: str) -> datetime:
    """Read `18:30`, `+1 18:30` or `-1 18:30`."""
    days, _, time = clock.rpartition(" ")
    hours, minutes = time.split(":")
    return DAY + timedelta(days=int(days or 0), hours=int(hours), minutes=int(minutes))


def window(start: str, stop: str) -> Window:
    return Window(at(start), at(stop))


class PanicException(BaseException):
    """What code in Rust raises when it gives up; the real one cannot be imported."""


def panic(*_: object, **__: object) -> NoReturn:
    """Give up as Polars does over some damaged files."""
    raise PanicException("index out of bounds")


def channel(name: str, tvg_id: str | None = None, **columns: Any) -> Row:
    """Return one playlist entry."""
    return {"name": name, "tvg_id": tvg_id, "stream_url": "http://stream.invalid/1.ts", **columns}


def guide_channel(guide_channel: str, *names: str, inner: str | None = None) -> Row:
    """Return one <channel>: its display-names, or the whole content given as `inner`."""
    content = "".join(f"<display-name>{escape(name)}</display-name>" for name in names)
    return {"guide_channel": guide_channel, "names": names, "inner": inner or content}


def programme(
    guide_channel: str, start: str, stop: str | None = None, title: str = "News", **columns: Any
) -> Row:
    """Return one <programme>; `stop` may be missing."""
    row = {
        "guide_channel": guide_channel,
        "start": at(start),
        "stop": stop and at(stop),
        "title": title,
        "extra": "",
        "inner": f"<title>{escape(title, quote=False)}</title>",
    }
    return row | columns


def channels(*rows: Row, source: str = "tv") -> pl.DataFrame:
    """Return entries as `schema.CHANNELS`, ids and defaults filled in."""
    defaults = [
        {
            "channel_id": schema.channel_id(source, row["name"], place),
            "source": source,
            "radio": False,
            "is_adult": False,
            "headers": [],
            "options": [],
            "attributes": [],
            "duration": "-1",
            "line": 2 * place,
        }
        | row
        for place, row in enumerate(rows, start=1)
    ]
    return pl.DataFrame(defaults, schema=schema.CHANNELS)


def source(folder: Path, *rows: Row, name: str = "tv", rejected: int = 0) -> Snapshot:
    """Store the snapshot of a playlist."""
    report = IngestReport(channels=len(rows), rejected={"entry without a URL": rejected})
    return _store(folder, "source", name, report, channels=channels(*rows, source=name))


def guide(
    folder: Path,
    *programmes: Row,
    name: str = "uk",
    declared: tuple[Row, ...] = (),
    row_group: int = 20_000,
) -> Snapshot:
    """Store the snapshot of a guide; programmes are given in the document's order."""
    rows = [{"guide": name} | row for row in programmes]
    declarations = [{"guide": name} | row for row in declared]
    return _store(
        folder,
        "epg",
        name,
        IngestReport(channels=len(declared), programmes=len(rows)),
        row_group,
        channels=pl.DataFrame(declarations, schema=schema.GUIDE_CHANNELS),
        programmes=pl.DataFrame(rows, schema=schema.PROGRAMMES).sort(
            "guide_channel", "start", maintain_order=True
        ),
    )


def build_input(
    *guides: Snapshot,
    sources: tuple[Snapshot, ...] = (),
    window: Window | None = None,
    proxy: str = "family",
    **spec: Any,
) -> BuildInput:
    """Return the input of a build whose proxy names just these snapshots."""
    declared = Proxy(
        sources=tuple(snapshot.name for snapshot in sources) or ("tv",),
        epg=tuple(snapshot.name for snapshot in guides),
        **spec,
    )
    return BuildInput(proxy, declared, sources, guides, window)


def _store(
    folder: Path,
    kind: str,
    name: str,
    report: IngestReport,
    row_group: int = 20_000,
    **frames: pl.DataFrame,
) -> Snapshot:
    snapshots = Snapshots(folder / "snapshots")
    with snapshots.stage(kind, name) as stage:
        for file, frame in frames.items():
            frame.write_parquet(stage / f"{file}.parquet", row_group_size=row_group)
        (stage / "report.json").write_text(report.model_dump_json())
        return snapshots.commit(kind, name, stage)
