"""Everything that can go wrong, in words that say what happens next.

Two kinds of trouble reach the controller: `Transient` (it retries, and says when) and `Stalled`
(it waits for an edit of the YAML or a secret). Each carries a `Reason`, the CamelCase word that
stands in a condition and has a heading in `docs/troubleshooting.md`, and one sentence for the
person who reads the status. Sentences never hold credentials: whoever builds one from a URL uses
`tvarr.logs.redact`.
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a resource is in the state it is in. Documented in `docs/troubleshooting.md`."""

    # going well
    SUCCEEDED = "Succeeded"
    PROGRESSING = "Progressing"
    WAITING = "Waiting"  # for its first turn, or for what it depends on
    # fetching
    CONNECT_FAILED = "ConnectFailed"
    DNS_FAILED = "DnsFailed"
    TLS_FAILED = "TlsFailed"
    TIMEOUT = "Timeout"
    SERVER_ERROR = "ServerError"
    RATE_LIMITED = "RateLimited"
    AUTH_FAILED = "AuthFailed"
    PERMISSION_DENIED = "PermissionDenied"
    GONE = "Gone"
    BAD_ANSWER = "BadAnswer"  # an HTTP status that has no reason of its own
    TOO_MANY_REDIRECTS = "TooManyRedirects"
    UNSAFE_REDIRECT = "UnsafeRedirect"
    UNSUPPORTED_URL = "UnsupportedUrl"
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

    def __reduce__(self) -> tuple[type[TvarrError], tuple[object, ...]]:
        """Survive the way back from a worker process."""
        return type(self), (self.reason, self.sentence)


class Transient(TvarrError):  # noqa: N818 - the controller's own two words for what happens next
    """It may pass by itself: retried on the ladder, or after `retry_after` seconds if given."""

    def __init__(self, reason: Reason, sentence: str, retry_after: float | None = None) -> None:
        super().__init__(reason, sentence)
        self.retry_after = retry_after

    def __reduce__(self) -> tuple[type[TvarrError], tuple[object, ...]]:
        return type(self), (self.reason, self.sentence, self.retry_after)


class Stalled(TvarrError):  # noqa: N818 - as above
    """It will not pass by itself: waits for an edit of the YAML, a secret or the file it names."""


class CannotStartError(Exception):
    """A command cannot do its work before something is put right; `str()` is the sentence."""


class MisusedError(CannotStartError):
    """The command was called with something that is not possible."""
