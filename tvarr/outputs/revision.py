"""What one revision of a proxy holds, and how it is made from a build's input.

    playlist.m3u, playlist.m3u.gz   where `m3u` is among the proxy's outputs
    guide.xml, guide.xml.gz         where `xmltv` is
    lineup.parquet                  the lineup's channels, for the web
    report.json                     the build's counts, for the status

Called by `tvarr.outputs.publish`, which gives an empty folder and makes what is written there
public. Everything follows from the input and the base URL, so equal ones give equal files.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from tvarr.state.conditions import StepCount

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import polars as pl

    from tvarr.catalog.snapshots import Snapshot
    from tvarr.pipeline.build import BuildInput, Lineup

PLAYLIST = "playlist.m3u"
GUIDE = "guide.xml"
LINEUP = "lineup.parquet"
REPORT = "report.json"


class BuildReport(BaseModel):
    """The counts of one build."""

    model_config = ConfigDict(frozen=True)

    entries: int = 0
    """Channels of the lineup."""
    with_programmes: int = 0
    """Entries whose guide channel has a programme in the guide."""
    guide_channels: int = 0
    programmes: int = 0
    duplicates: int = 0
    trimmed: int = 0
    dropped: int = 0
    """These three as in `tvarr.pipeline.guide.GuideReport`."""
    rejected: dict[str, int] = {}
    """Rows that the readers left out, by `source/NAME` and `epg/NAME`; each one's own status tells
    why. What left out nothing is not listed."""
    without_address: int = 0
    """Channels left out since a rule has taken their address away."""
    steps: tuple[StepCount, ...] = ()
    """What each rule and filter came to, in the order of running: channels, then programmes."""


def write_revision(build: BuildInput, folder: Path, base_url: str) -> BuildReport:
    """Write all files of a revision into `folder`, which is there and empty.

    `base_url` is what clients reach tvarr by, without a slash at the end; the playlist names its
    guide under it.
    """
    from tvarr.outputs import m3u
    from tvarr.pipeline.build import lineup as line_up

    lineup = line_up(build)
    lineup.channels.write_parquet(folder / LINEUP, compression="zstd", compression_level=1)
    report = BuildReport(
        entries=lineup.channels.height,
        rejected=_rejected(build),
        without_address=lineup.without_address,
        steps=(*lineup.steps, *_uncounted(build)),
    )
    guide_url = None
    if "xmltv" in build.spec.outputs:
        guide_url = f"{base_url}/{build.proxy}/{GUIDE}.gz"
        report = _write_guide(lineup, build, folder / GUIDE, report)
    if "m3u" in build.spec.outputs:
        m3u.write(lineup, folder / PLAYLIST, guide_url)
    (folder / REPORT).write_bytes(report.model_dump_json().encode())
    return report


def read_report(folder: Path) -> BuildReport:
    """Return the counts of a revision; OSError or ValueError where they cannot be read."""
    return BuildReport.model_validate_json((folder / REPORT).read_bytes())


def _write_guide(lineup: Lineup, build: BuildInput, path: Path, report: BuildReport) -> BuildReport:
    """Write the guide and add its counts to the report."""
    from tvarr.outputs import xmltv
    from tvarr.pipeline import guide

    counts = guide.GuideReport()
    steps = list(report.steps)
    with_programmes: set[str] = set()

    def frames() -> Iterator[pl.DataFrame]:
        nonlocal counts
        for part in guide.parts(lineup, build):
            counts += part.report
            _add_up(steps, part.steps)
            with_programmes.update(part.frame["guide_id"].unique())
            yield part.frame

    channels = xmltv.guide_channels(lineup, build.guides)
    xmltv.write(channels, frames(), path)
    entries = lineup.channels["guide_id"].is_in(list(with_programmes)).sum()
    found = {"guide_channels": channels.height, "with_programmes": entries, **asdict(counts)}
    return report.model_copy(update={**found, "steps": tuple(steps)})


def _uncounted(build: BuildInput) -> tuple[StepCount, ...]:
    """Return the steps for programmes, which have no row where no guide is written."""
    if not build.has_steps("programme"):
        return ()
    from tvarr.expression.fields import Domain
    from tvarr.pipeline import rules

    return rules.uncounted(build, Domain.PROGRAMME)


def _add_up(steps: list[StepCount], of_part: Sequence[StepCount]) -> None:
    """Add a part's counts to those of the same steps, which are the last ones."""
    for place, step in enumerate(of_part, start=len(steps) - len(of_part)):
        matched, changed = steps[place].matched + step.matched, steps[place].changed + step.changed
        steps[place] = step.model_copy(update={"matched": matched, "changed": changed})


def _rejected(build: BuildInput) -> dict[str, int]:
    snapshots = (*build.sources, *build.guides)
    counts = {f"{snapshot.kind}/{snapshot.name}": _left_out(snapshot) for snapshot in snapshots}
    return {key: count for key, count in counts.items() if count}


class _Rejected(BaseModel):
    """The part of a reader's report that is summed here."""

    rejected: dict[str, int] = {}


def _left_out(snapshot: Snapshot) -> int:
    report = (snapshot.folder / REPORT).read_bytes()
    return sum(_Rejected.model_validate_json(report).rejected.values())
