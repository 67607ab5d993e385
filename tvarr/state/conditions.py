"""Conditions in the words of Kubernetes, and the status document of one declared resource.

Written by the controller once, at the end of a reconcile; read by the web and the command line.
The documents are small and typed; one resource is one document in `tvarr.state.store`.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from tvarr.errors import Reason


class Kind(StrEnum):
    """The kinds of resource that have a status."""

    MANIFEST = "manifest"  # the YAML file itself; its name is always "tvarr"
    SOURCE = "source"
    EPG = "epg"
    PROXY = "proxy"


class ConditionType(StrEnum):
    """What a condition speaks of."""

    READY = "Ready"
    RECONCILING = "Reconciling"
    STALLED = "Stalled"


class Condition(BaseModel):
    """One observation about a resource."""

    model_config = ConfigDict(frozen=True)

    type: ConditionType
    status: bool
    reason: Reason
    message: str
    since: datetime
    """When `status` last changed."""


class Problem(BaseModel):
    """One thing wrong in the YAML."""

    model_config = ConfigDict(frozen=True)

    file: str
    line: int
    column: int
    where: str
    """Path in the document, such as `sources.freeview.refresh`."""
    message: str
    """What is wrong and what to do."""

    def __str__(self) -> str:
        where = f" {self.where}:" if self.where else ""
        return f"{self.file}:{self.line}:{self.column}{where} {self.message}"


class Sample(BaseModel):
    """One row that was left out or repaired, as the status shows it."""

    model_config = ConfigDict(frozen=True)

    line: int
    problem: str
    excerpt: str


class Status(BaseModel):
    """Everything remembered about one resource."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    name: str
    spec_hash: str = ""
    conditions: tuple[Condition, ...] = ()
    counts: dict[str, int] = {}
    """Such as channels, programmes, with_programmes."""
    rejected: dict[str, int] = {}
    repaired: dict[str, int] = {}
    samples: tuple[Sample, ...] = ()
    problems: tuple[Problem, ...] = ()
    """Of the manifest only."""
    snapshot: str | None = None
    """Digest of the current snapshot (sources and guides)."""
    revision: str | None = None
    """Name of the published revision (proxies)."""
    build_key: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    file_stamp: str | None = None
    """Inode, size and time of a local file when it was last read."""
    last_attempt: datetime | None = None
    last_success: datetime | None = None
    next_due: datetime | None = None
    failures: int = 0
    """In a row."""
    seconds: float | None = None
    """Length of the last reconcile that did something."""
    removed_at: datetime | None = None
    """When the resource was first missing from the YAML; its data is pruned a grace time later."""

    @property
    def key(self) -> str:
        """`kind/name`, unique in the store."""
        return f"{self.kind}/{self.name}"

    def condition(self, kind: ConditionType) -> Condition | None:
        """Return the condition of that type, if there is one."""
        return next((c for c in self.conditions if c.type is kind), None)

    @property
    def ready(self) -> bool:
        """Whether the last good thing is there and is current."""
        condition = self.condition(ConditionType.READY)
        return condition is not None and condition.status
