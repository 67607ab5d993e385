"""Collecting: how what a source or guide is made of comes to this machine, before it is read.

The controller makes a `Collecting` for each refresh and gives it to the `collect` of the resource's
kind (`tvarr.ingest.kinds`), which asks it for one document after the other. What was collected is
then read elsewhere, in a thread or a child process.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tvarr.errors import Reason, Transient
from tvarr.fetch.client import NotModified, Request
from tvarr.fetch.local import is_local
from tvarr.progress import State
from tvarr.state.conditions import Account, Validators

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from tvarr.fetch.client import Fetcher
    from tvarr.progress import Handle
    from tvarr.spec.fetched import Remote
    from tvarr.spec.source import Source


@dataclass(frozen=True)
class Part:
    """One document that was collected."""

    name: str
    """Of the part among all parts: `document`, `live_streams`."""
    path: Path
    bytes: int
    """Its size as stored, which is often packed."""
    validators: Validators
    url: str | None = field(default=None, repr=False)
    """Where it came from (http, https), for relative addresses in it; may hold credentials."""


@dataclass(frozen=True)
class Former:
    """The snapshot that is there while another one is made."""

    folder: Path
    now: datetime


@dataclass(frozen=True)
class Collected:
    """All that a snapshot is read from. Goes to a child process as it is."""

    parts: tuple[Part, ...] = ()
    account: Account | None = None
    missing: tuple[str, ...] = ()
    """Sentences about documents that could not be had, where the others do without."""
    former: Former | None = None
    """Filled in by the controller: what a guide takes its past from."""

    def part(self, name: str) -> Part | None:
        """Return the part of that name, if it was collected."""
        return next((part for part in self.parts if part.name == name), None)


@dataclass(frozen=True)
class Collecting:
    """The means of one refresh, for the `collect` of a kind."""

    name: str
    """Of the source or guide, in the YAML."""
    base: Path
    """The folder of the YAML; relative addresses start there."""
    folder: Path
    """An empty folder for what is collected; it goes after the snapshot is made."""
    fetcher: Fetcher
    progress: Handle
    known: Mapping[str, Validators] = field(default_factory=dict)
    """By part, of what the snapshot was made from; empty where it has to be made anew."""
    insist: bool = False
    """Ask also a host that is left alone for a while, since a person wants to know."""
    current: bool = False
    """Whether there is a snapshot that was made from this very declaration."""
    source: Source | None = None
    """Of a linked guide: the source that it comes with."""
    named: tuple[str, ...] = field(default=(), repr=False)
    """Of a linked guide: the addresses that the head of its source's playlist names."""

    async def get(
        self,
        part: str,
        url: str,
        spec: Remote,
        *,
        stage: str = "",
        anew: bool = False,
        public_only: bool = False,
    ) -> Part | None:
        """Fetch one document; None if it is the one that the snapshot was made from.

        `anew` wants it in any case; `public_only` is for addresses that a stranger chose. Raises
        what `Fetcher.fetch` does, and ValueError for a `part` that is no plain name: it is that of
        a file in the folder.
        """
        if "/" in part or "\0" in part or part in ("", ".", ".."):
            raise ValueError("the name of a part cannot be that of a file")
        known = Validators() if anew else self.known.get(part, Validators())
        self.progress.to(State.CONNECTING, stage or part)
        answer = await self.fetcher.fetch(
            Request(
                url=url,
                base=self.base,
                into=self.folder / part,
                timeout=spec.timeout,
                max_size=spec.max_size,
                headers={name: value.get_secret_value() for name, value in spec.headers.items()},
                user_agent=spec.user_agent,
                verify_tls=spec.verify_tls,
                etag=known.etag,
                last_modified=known.last_modified,
                file_stamp=known.file_stamp,
                insist=self.insist,
                public_only=public_only,
                progress=self.progress,
            )
        )
        if isinstance(answer, NotModified):
            return None
        validators = Validators(
            etag=answer.etag, last_modified=answer.last_modified, file_stamp=answer.file_stamp
        )
        return Part(part, answer.path, answer.bytes, validators, None if is_local(url) else url)

    async def get_anew(self, part: str, url: str, spec: Remote, *, stage: str = "") -> Part:
        """Fetch one document in any case. Raises what `Fetcher.fetch` does."""
        found = await self.get(part, url, spec, stage=stage, anew=True)
        if found is None:
            raise Transient(Reason.BAD_ANSWER, "the answer is that nothing changed since never")
        return found

    def anew(self) -> Collecting:
        """Return the same means, but knowing nothing of the snapshot that is there."""
        return replace(self, known={}, current=False)
