"""Conditions in the words of Kubernetes, and the status document of one declared resource.

Written by the controller once, at the end of a reconcile; read by the web and the command line.
The documents are small and typed; one resource is one document in `tvarr.state.store`.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer

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
    ACCOUNT_EXPIRING = "AccountExpiring"
    """Of a source with an account: it ends within days, or has ended."""


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
    category: str | None = None
    """Of a rule's or filter's sentence: syntax, field, operator, value or helper."""
    excerpt: str | None = None
    """The line of the sentence that is wrong, and under it a line with carets."""
    suggestion: str | None = None
    """What to write in the place of the letters over the carets, or in words how to say it."""

    def __str__(self) -> str:
        """Return all but the excerpt in one line."""
        where = f" {self.where}:" if self.where else ""
        hint = f"; try: {self.suggestion}" if self.suggestion else ""
        return f"{self.file}:{self.line}:{self.column}{where} {self.message}{hint}"

    @model_serializer(mode="wrap")
    def _without_what_is_not_said(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = write(self)
        return {name: value for name, value in written.items() if value is not None}


class Sample(BaseModel):
    """One row that was left out or repaired, as the status shows it."""

    model_config = ConfigDict(frozen=True)

    line: int
    problem: str
    excerpt: str


class StepCount(BaseModel):
    """What one rule or filter of a proxy came to in the last build."""

    model_config = ConfigDict(frozen=True)

    name: str
    verdict: str
    """`rule`, `include` or `exclude`."""
    domain: str
    """`channel` or `programme`."""
    matched: int = 0
    """Rows that its condition holds for."""
    changed: int = 0
    """Rows that are not as they were before it; none for a filter."""


class Validators(BaseModel):
    """What to ask with, so that a document is only sent if it has changed."""

    model_config = ConfigDict(frozen=True)

    etag: str | None = None
    last_modified: str | None = None
    file_stamp: str | None = None
    """Inode, size and time of a local file when it was last read."""


class Account(BaseModel):
    """What a provider says of the account that its source declares."""

    model_config = ConfigDict(frozen=True)

    status: str | None = None
    """The provider's word: Active, Expired, Banned, Disabled."""
    expires: datetime | None = None
    """None: never, or it is not said."""
    trial: bool | None = None
    active: int | None = None
    """Streams running when it was asked."""
    connections: int | None = None
    """Streams that may run at once."""

    def __str__(self) -> str:
        """Return the facts in words: `Active, ends on 2026-09-01, 1 of 2 connections in use`."""
        connections = None
        if self.connections is not None:
            connections = f"{self.connections} connection{'' if self.connections == 1 else 's'}"
        if self.active is not None:
            connections = f"{self.active} of {connections or 'its connections'} in use"
        facts = (
            self.status,
            "trial" if self.trial else None,
            f"ends on {self.expires:%Y-%m-%d}" if self.expires else None,
            connections,
        )
        return ", ".join(fact for fact in facts if fact)


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
    steps: tuple[StepCount, ...] = ()
    """Rules, then filters, of a proxy."""
    qualities: dict[str, int] = {}
    """Channels of a proxy by their resolution, the best first."""
    from_guides: dict[str, int] = {}
    """Programmes of a proxy by the guide that they are from, in its order."""
    problems: tuple[Problem, ...] = ()
    """Of the manifest only."""
    snapshot: str | None = None
    """Digest of the current snapshot (sources and guides)."""
    made_from: str = ""
    """The `spec_hash` that the snapshot was made with; an edit that failed so far is not it."""
    revision: str | None = None
    """Name of the published revision (proxies)."""
    build_key: str | None = None
    validators: dict[str, Validators] = {}
    """Of the documents that the snapshot was made from, by the names of its parts."""
    account: Account | None = None
    """Of sources with one."""
    held: dict[str, int] | None = None
    """Counts of an answer that is held back, for a person to look at (see `on_shrink`)."""
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
    def warning(self) -> str:
        """The sentence of what is about to go wrong; empty where nothing is."""
        found = self.condition(ConditionType.ACCOUNT_EXPIRING)
        return found.message if found is not None and found.status else ""

    @property
    def ready(self) -> bool:
        """Whether the last good thing is there and is current."""
        condition = self.condition(ConditionType.READY)
        return condition is not None and condition.status
