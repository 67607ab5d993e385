"""Everything that can go wrong, in words that say what happens next.

Two kinds of trouble reach the controller: `Transient` (it retries, and says when) and `Stalled`
(it waits for an edit of the YAML or a secret). Each carries a `Reason`, the CamelCase word that
stands in a condition and has a heading in `docs/troubleshooting.md`, and one sentence for the
person who reads the status. Sentences never hold credentials: whoever builds one from a URL uses
`tvarr.logs.redact`.
"""

from __future__ import annotations

from copy import copy
from enum import StrEnum
from typing import TYPE_CHECKING, ParamSpec, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

P = ParamSpec("P")
T = TypeVar("T")


class Reason(StrEnum):
    """Why a resource is in the state it is in. Documented in `docs/troubleshooting.md`."""

    # going well
    SUCCEEDED = "Succeeded"
    PROGRESSING = "Progressing"
    WAITING = "Waiting"  # for its first turn, or for what it depends on
    NO_GUIDE = "NoGuide"  # the playlist names none
    ACCOUNT_EXPIRING = "AccountExpiring"  # within days
    DISABLED = "Disabled"  # `enabled: false`
    # fetching
    CONNECT_FAILED = "ConnectFailed"
    CONNECT_TIMEOUT = "ConnectTimeout"
    NETWORK_DOWN = "NetworkDown"  # no route, no name server: it is not one host that is away
    DNS_FAILED = "DnsFailed"
    TLS_FAILED = "TlsFailed"
    TIMEOUT = "Timeout"
    SERVER_ERROR = "ServerError"
    RATE_LIMITED = "RateLimited"
    SLOTS_FULL = "SlotsFull"  # all connections of the account are in use
    AUTH_FAILED = "AuthFailed"
    ACCOUNT_EXPIRED = "AccountExpired"
    PERMISSION_DENIED = "PermissionDenied"
    GEO_BLOCKED = "GeoBlocked"
    GONE = "Gone"
    BAD_ANSWER = "BadAnswer"  # an HTTP status that has no reason of its own
    TOO_MANY_REDIRECTS = "TooManyRedirects"
    UNSAFE_REDIRECT = "UnsafeRedirect"
    UNSUPPORTED_URL = "UnsupportedUrl"
    UNSUPPORTED = "Unsupported"  # packed, or meant, in a way that tvarr does not know
    FILE_MISSING = "FileMissing"
    TRUNCATED = "Truncated"
    TOO_LARGE = "TooLarge"
    DISK_FULL = "DiskFull"
    # reading
    EMPTY_ANSWER = "EmptyAnswer"
    HTML_ANSWER = "HtmlAnswer"
    JSON_ANSWER = "JsonAnswer"
    NOT_A_PLAYLIST = "NotAPlaylist"
    HLS_PLAYLIST = "HlsPlaylist"  # an HLS stream's own playlist, not a list of channels
    NOT_XMLTV = "NotXmltv"
    PARSE_ERROR = "ParseError"
    PLUGIN_FAILED = "PluginFailed"  # the package that brings the source's kind
    SHRUNK = "Shrunk"  # held back: much less than the answer before
    # building
    DEPENDENCY_NOT_READY = "DependencyNotReady"
    BUILD_FAILED = "BuildFailed"
    # the file itself
    CONFIG_INVALID = "ConfigInvalid"
    SNAPSHOT_LOST = "SnapshotLost"
    INTERNAL_ERROR = "InternalError"


class TvarrError(Exception):
    """Base of all trouble with a reason; `str()` is the sentence for the reader."""

    def __init__(self, reason: Reason, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason
        self.sentence = sentence

    def about(self, what: str) -> Self:
        """Return the same trouble, with a sentence that begins with what it is about."""
        found = copy(self)
        found.sentence = f"{what}: {self.sentence}"
        found.args = (found.sentence,)
        return found

    def __reduce__(self) -> tuple[type[TvarrError], tuple[object, ...]]:
        """Survive the way back from a worker process."""
        return type(self), (self.reason, self.sentence)


class Transient(TvarrError):  # noqa: N818 - the controller's own two words for what happens next
    """It may pass by itself: tried again as its reason asks (`tvarr.controller.policy`).

    `retry_after` is a pause in seconds that the server asked for.
    """

    def __init__(self, reason: Reason, sentence: str, retry_after: float | None = None) -> None:
        super().__init__(reason, sentence)
        self.retry_after = retry_after

    def __reduce__(self) -> tuple[type[TvarrError], tuple[object, ...]]:
        return type(self), (self.reason, self.sentence, self.retry_after)


class HeldBackError(Transient):
    """An answer that was read, and is not taken over until a person says so."""

    def __init__(self, sentence: str, counts: Mapping[str, int]) -> None:
        """`counts` are those of the answer, such as channels and programmes."""
        super().__init__(Reason.SHRUNK, sentence)
        self.counts = dict(counts)

    def __reduce__(self) -> tuple[type[TvarrError], tuple[object, ...]]:
        return type(self), (self.sentence, self.counts)


class Stalled(TvarrError):  # noqa: N818 - as above
    """It will not pass by itself: waits for an edit of the YAML, a secret or the file it names."""


class Panic(Exception):  # noqa: N818 - the word of those who wrote that code
    """Code in Rust gave up, as that of Polars does over some damaged files."""


def without_panic(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what `function` returns; a panic of code in Rust comes out as `Panic`.

    It is no `Exception` as it comes, so that one damaged file would end the whole process.
    """
    try:
        return function(*args, **kwargs)
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of pyo3, which nobody can import
            raise
        raise Panic(str(error)) from error


class CannotStartError(Exception):
    """A command cannot do its work before something is put right; `str()` is the sentence."""


class MisusedError(CannotStartError):
    """The command was called with something that is not possible."""
