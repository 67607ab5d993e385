"""The counts of one build, and the lists of what a person may want to look at: `report.json`.

Written by `tvarr.outputs.revision` into each revision; read for the status, by
`tvarr.outputs.publish` where files are made again, and by the web.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from tvarr.state.conditions import StepCount

if TYPE_CHECKING:
    from pathlib import Path

REPORT = "report.json"

MOST_NEAR = 1_000
"""Near misses that a report lists."""

MOST_LISTED = 10_000
"""Channels in one list of a report."""


class Carried(BaseModel):
    """A channel that goes on under another id."""

    model_config = ConfigDict(frozen=True)

    before: str
    channel_id: str
    name: str | None
    number: str | None
    """Both null: filters leave it out."""
    by: str
    """What both have in common; see `tvarr.pipeline.identity.EVIDENCE`."""


class Moved(BaseModel):
    """A channel that has another number than before."""

    model_config = ConfigDict(frozen=True)

    channel_id: str
    name: str
    before: str
    number: str


class Conflict(BaseModel):
    """A channel that does not have the number that a rule or the provider says."""

    model_config = ConfigDict(frozen=True)

    channel_id: str
    name: str
    wanted: str
    number: str
    holder: str | None
    """Name of the channel that has it; null: it is kept for one that is not there."""


class NumbersReport(BaseModel):
    """How the numbers of a lineup came about; of each list the first `MOST_LISTED` are there."""

    model_config = ConfigDict(frozen=True)

    carried: int = 0
    moved: int = 0
    conflicts: int = 0
    carried_on: tuple[Carried, ...] = ()
    moves: tuple[Moved, ...] = ()
    refused: tuple[Conflict, ...] = ()


class NearMiss(BaseModel):
    """A guide channel that was not certain enough for a channel that no guide knows."""

    model_config = ConfigDict(frozen=True)

    channel_id: str
    name: str
    guide: str
    guide_channel: str
    display_name: str
    confidence: int
    """In percent."""
    why: str
    pin: str
    """The line that takes it, below `matching:` and `pins:` of the proxy."""


class BuildReport(BaseModel):
    """The counts of one build."""

    model_config = ConfigDict(frozen=True)

    entries: int = 0
    """Channels of the lineup."""
    merged: int = 0
    """Rows of the sources that are streams of an entry and no entry of their own."""
    with_programmes: int = 0
    """Entries whose guide channel has a programme in the guide."""
    guide_channels: int = 0
    programmes: int = 0
    duplicates: int = 0
    trimmed: int = 0
    dropped: int = 0
    dummies: int = 0
    """These four as in `tvarr.pipeline.guide.GuideReport`."""
    rejected: dict[str, int] = {}
    """Rows that the readers left out, by `source/NAME` and `epg/NAME`; each one's own status tells
    why. What left out nothing is not listed."""
    logos: int = 0
    """Channels whose logo is served from here."""
    guide_logos: int = 0
    """Channels that have the icon of their guide channel, for want of a logo."""
    initials: int = 0
    """Channels that have their initials, for want of both."""
    names_server: bool = False
    """Whether more than the first line of the playlist holds the server's own address."""
    numbers: NumbersReport = NumbersReport()
    """Whose numbers are not what they were, or what was asked for."""
    evidence: dict[str, int] = {}
    """Entries by what found their first guide channel, see `tvarr.pipeline.match.Evidence`."""
    near_misses: int = 0
    """Entries that no guide knows, though it has something near."""
    near: tuple[NearMiss, ...] = ()
    """What that is; the first `MOST_NEAR`."""
    unused_pins: tuple[str, ...] = ()
    """Pins that no channel of the lineup is meant by, or to what no guide has."""
    without_address: int = 0
    """Channels left out since a rule has taken their address away."""
    hidden: int = 0
    """Channels left out with the groups that the YAML hides."""
    qualities: dict[str, int] = {}
    """Entries by resolution, the best first, see `tvarr.pipeline.quality.counted`."""
    from_guides: dict[str, int] = {}
    """Programmes by the guide that they are from, in the proxy's order."""
    steps: tuple[StepCount, ...] = ()
    """What each rule and filter came to, in the order of running: channels, then programmes."""


def read_report(folder: Path) -> BuildReport:
    """Return the counts of a revision; OSError or ValueError where they cannot be read."""
    return BuildReport.model_validate_json((folder / REPORT).read_bytes())
