"""What one revision of a proxy holds, and how it is made from a build's input.

    playlist.m3u, playlist.m3u.gz   where `m3u` is among the proxy's outputs
    guide.xml, guide.xml.gz         where `xmltv` is
    lineup.parquet                  the lineup's channels, for the web
    matches.parquet                 their guide channels, and how certain each is
    candidates.parquet              the streams of each entry, where duplicates are merged
    report.json                     the build's counts, for the status

Called by `tvarr.outputs.publish`, which gives an empty folder and makes what is written there
public. Everything follows from the input and the base URL, so equal ones give equal files.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from pydantic import BaseModel

from tvarr.errors import Panic, without_panic
from tvarr.outputs.report import (
    MOST_LISTED,
    MOST_NEAR,
    REPORT,
    BuildReport,
    Carried,
    Conflict,
    Moved,
    NearMiss,
    NumbersReport,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import polars as pl

    from tvarr.catalog.snapshots import Snapshot
    from tvarr.outputs.logos import Addressed
    from tvarr.pipeline.build import BuildInput, Lineup, Numbers
    from tvarr.state.conditions import StepCount

PLAYLIST = "playlist.m3u"
GUIDE = "guide.xml"
LINEUP = "lineup.parquet"
MATCHES = "matches.parquet"
CANDIDATES = "candidates.parquet"

P = ParamSpec("P")
T = TypeVar("T")


class UnreadableError(Exception):
    """A table of a revision is damaged, or was removed meanwhile."""


def reading(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what `function` returns, which reads tables; raises `UnreadableError`."""
    import polars as pl

    try:
        return without_panic(function, *args, **kwargs)
    except (OSError, pl.exceptions.PolarsError, Panic) as error:
        raise UnreadableError(str(error)) from error


def write_revision(
    build: BuildInput, folder: Path, base_url: str, lineup: Lineup | None = None
) -> BuildReport:
    """Write all files of a revision into `folder`, which is there and empty.

    `base_url` is what clients reach tvarr by, without a slash at the end; the playlist names its
    guide under it. `lineup` is what `build` comes to, where that is known already.
    """
    from tvarr.outputs import logos, m3u
    from tvarr.pipeline import quality
    from tvarr.pipeline.build import lineup as line_up

    lineup = lineup or line_up(build)
    lineup = _with_guide_icons(lineup, build)
    _write(lineup.channels, folder / LINEUP)
    _write(lineup.matches, folder / MATCHES)
    if lineup.candidates is not None:
        _write(lineup.candidates, folder / CANDIDATES)
    addressed = logos.addressed(lineup, build, base_url)
    lineup = addressed.lineup
    served = logos.served(lineup, base_url)
    report = BuildReport(
        logos=served,
        guide_logos=addressed.of_guides,
        initials=addressed.initials,
        names_server=served > 0 or addressed.names_server or logos.are_declared(build),
        entries=lineup.channels.height,
        merged=lineup.merged,
        rejected=_rejected(build),
        without_address=lineup.without_address,
        hidden=lineup.hidden,
        qualities=quality.counted(lineup.channels),
        unused_pins=lineup.unused_pins,
        **_matching(lineup),
        numbers=_numbers(lineup.numbers),
        steps=(*lineup.steps, *_uncounted(build)),
    )
    guide_url = None
    if "xmltv" in build.spec.outputs:
        guide_url = f"{base_url}/{build.proxy}/{GUIDE}.gz"
        report = _write_guide(addressed, build, folder / GUIDE, report)
    if "m3u" in build.spec.outputs:
        m3u.write(lineup, folder / PLAYLIST, guide_url)
    (folder / REPORT).write_bytes(report.model_dump_json().encode())
    return report


def _write(frame: pl.DataFrame, path: Path) -> None:
    frame.write_parquet(path, compression="zstd", compression_level=1)


def _numbers(numbers: Numbers | None) -> NumbersReport:
    if numbers is None:
        return NumbersReport()
    return NumbersReport(
        carried=numbers.carried.height,
        moved=numbers.moves.height,
        conflicts=numbers.conflicts.height,
        carried_on=tuple(Carried(**row) for row in _first(numbers.carried)),
        moves=tuple(Moved(**row) for row in _first(numbers.moves)),
        refused=tuple(Conflict(**row) for row in _first(numbers.conflicts)),
    )


def _first(frame: pl.DataFrame) -> Iterator[dict[str, Any]]:
    return frame.head(MOST_LISTED).iter_rows(named=True)


def _matching(lineup: Lineup) -> dict[str, Any]:
    """Return the report's fields that tell how guide channels were found."""
    from tvarr.pipeline.near import near_misses

    first = lineup.matches.unique("guide_id", keep="first", maintain_order=True)
    entries = lineup.channels.select("guide_id").join(first, on="guide_id")
    counts = entries["evidence"].value_counts(sort=True).sort("count", "evidence", descending=True)
    found: dict[str, Any] = {"evidence": dict(counts.iter_rows())}
    if lineup.near is not None:
        near = near_misses(lineup.channels, lineup.near)
        found["near_misses"] = near["channel_id"].n_unique()
        found["near"] = tuple(NearMiss(**row) for row in near.head(MOST_NEAR).iter_rows(named=True))
    return found


def _with_guide_icons(lineup: Lineup, build: BuildInput) -> Lineup:
    from tvarr.pipeline.logos import with_guide_icons

    channels = with_guide_icons(lineup.channels, lineup.matches, build.guides)
    return replace(lineup, channels=channels)


def _write_guide(
    addressed: Addressed, build: BuildInput, path: Path, report: BuildReport
) -> BuildReport:
    """Write the guide and add its counts to the report."""
    from tvarr.outputs import xmltv
    from tvarr.pipeline import guide

    lineup = addressed.lineup
    counts = guide.GuideReport()
    steps = list(report.steps)
    with_programmes: set[str] = set()
    from_guides: Counter[str] = Counter(dict.fromkeys(build.spec.epg, 0))

    def frames() -> Iterator[pl.DataFrame]:
        nonlocal counts
        for part in guide.parts(lineup, build):
            counts += part.report
            _add_up(steps, part.steps)
            from_guides.update(part.by_guide)
            if not part.dummy:
                with_programmes.update(part.frame["guide_id"].unique())
            yield part.frame

    icons = None if build.spec.logos == "none" else addressed.icons
    channels = xmltv.guide_channels(lineup, build.guides, icons)
    xmltv.write(channels, frames(), path)
    entries = lineup.channels["guide_id"].is_in(list(with_programmes)).sum()
    found = {"guide_channels": channels.height, "with_programmes": entries, **asdict(counts)}
    told = {"steps": tuple(steps), "from_guides": dict(from_guides)}
    return report.model_copy(update={**found, **told})


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
