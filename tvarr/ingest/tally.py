"""The count of a document's bad rows while it is read, and its end as an `IngestReport`."""

from __future__ import annotations

from collections import Counter

from tvarr.ingest.document import excerpt
from tvarr.ingest.report import SAMPLES, BadRow, IngestReport


class Tally:
    """What was left out or repaired so far; the first rows of each kind are kept as samples."""

    def __init__(self) -> None:
        self.rejected: Counter[str] = Counter()
        self.repaired: Counter[str] = Counter()
        self._samples: list[BadRow] = []

    def reject(self, line: int, problem: str, row: str) -> None:
        """Count a row that is left out."""
        self.rejected[problem] += 1
        self._sample(line, problem, row)

    def repair(self, line: int, problem: str, row: str) -> None:
        """Count a row that is taken after a repair."""
        self.repaired[problem] += 1
        self._sample(line, problem, row)

    def add(self, other: Tally) -> None:
        """Add what another part of the same document, further down, was found to hold."""
        self.rejected.update(other.rejected)
        self.repaired.update(other.repaired)
        self._samples.extend(other._samples[: SAMPLES - len(self._samples)])

    @property
    def is_full(self) -> bool:
        """Whether no further row would be shown."""
        return len(self._samples) >= SAMPLES

    def report(self, channels: int, header: dict[str, str], programmes: int = 0) -> IngestReport:
        """Return the outcome."""
        return IngestReport(
            channels=channels,
            programmes=programmes,
            rejected=dict(sorted(self.rejected.items())),
            repaired=dict(sorted(self.repaired.items())),
            samples=tuple(self._samples),
            header=header,
        )

    def _sample(self, line: int, problem: str, row: str) -> None:
        if not self.is_full:
            self._samples.append(BadRow(line=line, problem=problem, excerpt=excerpt(row)))
