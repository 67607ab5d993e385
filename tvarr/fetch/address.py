"""Where a request goes: a URL taken apart so that its credentials go to their own host only.

Used by `tvarr.fetch.http` for the declared URL and for each redirect. What the user wrote is sent
as written: nothing is decoded and encoded again, since providers sign their paths and queries.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_UP_TO_PATH = re.compile(r"[^/?#]*//[^/?#]*")
_NOT_SENDABLE = re.compile(r"[^\x21-\x7e]+")
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+(%[a-z0-9._-]+)?")  # name or IPv4; IPv6
_UNREADABLE: Final = (
    "the address cannot be read as a URL; characters such as # / ? @ : in a user or password are "
    "written as %23 %2F %3F %40 %3A"
)


@dataclass(frozen=True)
class Address:
    """One http or https URL, its credentials set apart."""

    url: str = field(repr=False)
    """As it is asked for: without userinfo and fragment."""
    scheme: str
    host: str
    port: int
    query: str = field(repr=False)
    userinfo: tuple[str, str] | None = field(repr=False)
    """User and password, decoded."""

    @property
    def origin(self) -> tuple[str, str, int]:
        """What must be equal for two addresses to share credentials (RFC 6454, 4)."""
        return self.scheme, self.host, self.port

    @property
    def place(self) -> str:
        """`host`, or `host:port` where the port is not the scheme's own; for the reader."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def join(self, location: str) -> Address:
        """Return the address that a redirect from here names; `ValueError` as in `parse`."""
        try:
            target = urljoin(self.url, location.strip())
        except ValueError:
            raise ValueError(_UNREADABLE) from None
        return parse(target)


def parse(url: str) -> Address:
    """Take an http or https URL apart.

    Raises `ValueError` with a sentence for anything else, in which no part of the URL stands.
    """
    try:
        parts = urlsplit(_sendable(url))
        host, port = _host(parts), parts.port
    except ValueError:  # its text holds parts of the URL
        raise ValueError(_UNREADABLE) from None
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS:
        raise ValueError("only http and https addresses are fetched")
    if not _HOST.fullmatch(host) or port == 0 or "@" in parts.fragment:
        raise ValueError(_UNREADABLE)
    port = port or DEFAULT_PORTS[scheme]
    bare = SplitResult(scheme, _netloc(scheme, host, port), parts.path, parts.query, "")
    return Address(bare.geturl(), scheme, host, port, parts.query, _userinfo(parts))


def _sendable(url: str) -> str:
    """Encode what may not stand in a request line (spaces, letters beyond ASCII); nothing else."""
    match = _UP_TO_PATH.match(url := url.strip())
    start = match.end() if match else 0
    return url[:start] + _NOT_SENDABLE.sub(_encode, url[start:])


def _encode(match: re.Match[str]) -> str:
    return quote(match[0].encode("utf-8", "surrogateescape"))


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    return host if host.isascii() else host.encode("idna").decode("ascii")


def _netloc(scheme: str, host: str, port: int) -> str:
    host = f"[{host}]" if ":" in host else host
    return host if port == DEFAULT_PORTS[scheme] else f"{host}:{port}"


def _userinfo(parts: SplitResult) -> tuple[str, str] | None:
    if parts.username is None:
        return None
    return unquote(parts.username), unquote(parts.password or "")
