"""What is asked of the fetcher, and what it answers.

Built by the controller from a declared source or guide and its last status; none of these values
shows a secret in its repr.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta
    from pathlib import Path

    from tvarr.progress import Handle


@dataclass(frozen=True)
class Request:
    """One document to get. With validators, only if it changed since they were given."""

    url: str = field(repr=False)
    """http, https, file: or a path relative to `base`; may hold credentials."""
    base: Path
    """The folder of the YAML."""
    into: Path
    """Where the bytes are stored, as they came. Not used for local files."""
    timeout: timedelta
    """For connecting and for each wait on the network."""
    max_size: int
    """Most bytes, on the wire as in the file."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Sent to the declared address only, never to another one that it redirects to."""
    user_agent: str | None = None
    verify_tls: bool = True
    etag: str | None = field(default=None, repr=False)
    last_modified: str | None = None
    file_stamp: str | None = None
    insist: bool = False
    """Ask also a host that is left alone for a while, since a person wants to know."""
    public_only: bool = False
    """Whether a stranger chose the address, so that nothing inside a network may be asked."""
    home_only: bool = False
    """Whether a stranger chose it at a host that is trusted: only that one may be inside."""
    progress: Handle | None = field(default=None, repr=False, compare=False)
    """Who is told how much has come."""


@dataclass(frozen=True)
class Fetched:
    """A whole document, and the validators to ask with next time."""

    path: Path
    """`Request.into`, or the local file itself."""
    bytes: int
    """Its size as stored, which is often packed."""
    etag: str | None = field(default=None, repr=False)
    last_modified: str | None = None
    file_stamp: str | None = None
    """Inode, size and time of a local file."""
    final_host: str | None = None
    """`host` or `host:port` that gave the document in the end; None for a local file."""


@dataclass(frozen=True)
class NotModified:
    """The document is still the one that the request's validators speak of."""


@dataclass(frozen=True)
class Limits:
    """What bounds every fetch beyond its own `timeout` and `max_size`. Times are in seconds."""

    redirects: int = 5
    head: float = 300
    """From asking to the end of the answer's headers, a free connection waited for included."""
    pace_bytes: int = 60 * 1024
    pace_window: float = 60
    """A body brings at least `pace_bytes` in each window, else it is given up."""
    total: float = 1800
    connections: int = 16
    connections_per_host: int = 4
