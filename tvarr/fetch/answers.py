"""What went wrong with an HTTP request, in a reason and a sentence.

Used by `tvarr.fetch.http`. Sentences name the place (host, and port where it is unusual) and the
status; never a path, a query, a header or the words of the server.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import aiohttp

from tvarr.errors import Reason, Transient

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_RETRY_AFTER: Final = 86400.0
"""Seconds; a provider that asks for more is asked again after a day."""

_ADVICE: Final = {
    204: (Reason.EMPTY_ANSWER, "the answer is empty"),
    205: (Reason.EMPTY_ANSWER, "the answer is empty"),
    304: (Reason.BAD_ANSWER, "although the whole document was asked for"),
    401: (Reason.AUTH_FAILED, "it wants a user and a password, or does not know these"),
    402: (Reason.ACCOUNT_EXPIRED, "it wants to be paid, so the account may have ended"),
    403: (Reason.PERMISSION_DENIED, "it refuses this account, address or user agent"),
    404: (Reason.GONE, "there is no such document, so the address may have changed"),
    406: (Reason.PERMISSION_DENIED, "it refuses this program; another user_agent may do"),
    408: (Reason.TIMEOUT, "it says that the request came too slowly"),
    410: (Reason.GONE, "the document was removed for good"),
    429: (Reason.RATE_LIMITED, "it is asked too often"),
    451: (Reason.GEO_BLOCKED, "it does not serve this country or network"),
    # what panels answer when an account has no connection left; neither status is registered so
    458: (Reason.SLOTS_FULL, "all connections of the account are in use"),
    509: (Reason.SLOTS_FULL, "all connections of the account are in use"),
}
_NETWORK_DOWN: Final = (errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTUNREACH)
"""What the system says when it has no way out: not of one host that is away."""


def refusal(place: str, status: int, headers: Mapping[str, str], hint: str = "") -> Transient:
    """Return the error for an answer whose status brings no document; `hint` ends its sentence."""
    default = Reason.SERVER_ERROR if status >= 500 else Reason.BAD_ANSWER
    reason, advice = _ADVICE.get(status, (default, ""))
    said = (f"{place} answered {_named(status)}", advice, hint)
    return Transient(reason, ": ".join(part for part in said if part), _retry_after(headers))


def _named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Read Retry-After (RFC 9110, 10.2.3): seconds from now, none if it is past or not readable."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        seconds = float(text[:9])
    else:
        seconds = _seconds_until(text, headers.get("Date", ""))
    return min(seconds, LONGEST_RETRY_AFTER) if seconds > 0 else None


def _seconds_until(text: str, server_now: str) -> float:
    """Return how long until a date, by the server's clock where it tells it; 0 if unreadable."""
    later = _date(text)
    return (later - (_date(server_now) or datetime.now(UTC))).total_seconds() if later else 0.0


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def unreachable(place: str, error: Exception) -> Transient:
    """Return the error for what aiohttp raised before an answer came."""
    match error:
        case aiohttp.ClientConnectorDNSError():
            return _not_found(place, error.os_error)
        case aiohttp.ClientConnectorCertificateError(
            certificate_error=ssl.SSLCertVerificationError() as cause
        ):
            return Transient(
                Reason.TLS_FAILED,
                f"{place}: its TLS certificate is not trusted ({cause.verify_message}); "
                "if you trust this host all the same, say verify_tls: false",
            )
        case aiohttp.ClientSSLError():
            return _no_tls(place)
        case aiohttp.ClientConnectorError(os_error=ConnectionResetError(errno=None)):
            return _no_tls(place)  # asyncio's own: the other side hung up while TLS was to begin
        case aiohttp.ClientConnectorError():
            return _not_connected(place, error.os_error)
        case aiohttp.ConnectionTimeoutError():
            return _not_connected(place, OSError(errno.ETIMEDOUT, ""))
        case asyncio.TimeoutError():
            return Transient(Reason.TIMEOUT, f"{place}: no answer in time")
        case aiohttp.ClientConnectionError():
            return Transient(
                Reason.CONNECT_FAILED, f"{place} closed the connection without an answer"
            )
        case _:
            return Transient(Reason.BAD_ANSWER, f"{place} answered with something that is not HTTP")


def _no_tls(place: str) -> Transient:
    return Transient(
        Reason.TLS_FAILED, f"{place}: no TLS connection; perhaps the address is http, not https"
    )


def _not_found(place: str, error: OSError) -> Transient:
    """Return the error for a name without an address; `EAI_AGAIN` means that nobody could say."""
    if error.errno == socket.EAI_AGAIN:
        return Transient(
            Reason.NETWORK_DOWN,
            f"{place}: no name server answers, as if this machine had no network",
        )
    return Transient(Reason.DNS_FAILED, f"{place}: there is no such host, or no DNS")


def _not_connected(place: str, error: OSError) -> Transient:
    if error.errno in _NETWORK_DOWN:
        return Transient(
            Reason.NETWORK_DOWN,
            f"{place}: there is no way there, as if this machine had no network",
        )
    if error.errno == errno.ETIMEDOUT:
        return Transient(
            Reason.CONNECT_TIMEOUT, f"{place}: no connection in time, as if the host were off"
        )
    why = "refused" if isinstance(error, ConnectionRefusedError) else error.strerror or "failed"
    return Transient(Reason.CONNECT_FAILED, f"{place}: no connection ({why})")


def broken_off(place: str, error: Exception) -> Transient:
    """Return the error for what aiohttp raised in the middle of a body."""
    if isinstance(error, asyncio.TimeoutError):
        return Transient(Reason.TIMEOUT, f"{place} stopped sending in the middle of the document")
    return Transient(Reason.TRUNCATED, f"{place} broke off in the middle of the document")
