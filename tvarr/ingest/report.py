"""What a reader says about a document besides the rows: counts, samples of bad rows, header facts.

Stored as `report.json` in the snapshot, so that the status can be rebuilt from it.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

SAMPLES = 20
"""Bad rows that are kept word for word; the rest are counted."""


class BadRow(BaseModel):
    """One row that was left out, or taken with a repair."""

    model_config = ConfigDict(frozen=True)

    line: int
    problem: str
    """One of the reader's documented problems, such as `entry without a URL`."""
    excerpt: str
    """At most 120 characters of the row, redacted."""


class IngestReport(BaseModel):
    """The outcome of reading one document."""

    model_config = ConfigDict(frozen=True)

    channels: int = 0
    programmes: int = 0
    past_programmes: int = 0
    """Programmes that the documents no longer list, kept of the snapshot before."""
    films: int = 0
    series: int = 0
    rejected: dict[str, int] = {}
    """Rows left out, by problem."""
    repaired: dict[str, int] = {}
    """Rows taken after a repair, by problem."""
    samples: tuple[BadRow, ...] = ()
    header: dict[str, str] = {}
    """Attributes of #EXTM3U, or of <tv>, as they came; stored without credentials."""
    clock: str = ""
    """Of a guide: the zone of times without one, and what was added to every time."""
