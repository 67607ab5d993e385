"""HTTP: one session for all documents, with redirects followed by hand.

Used by `tvarr.fetch.client`, which loads it with the first http address. Redirects are not left to
aiohttp, because credentials stay with the address they were declared for, and because only http and
https are followed. Bodies are stored as they come (`tvarr.fetch.download`); unpacking them is for
the ingesters.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from contextlib import aclosing
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from tvarr import __version__
from tvarr.errors import Reason, Stalled, Transient
from tvarr.fetch import address
from tvarr.fetch.answers import broken_off, refusal, unreachable
from tvarr.fetch.download import store
from tvarr.fetch.public import PublicResolver, refuse_inside
from tvarr.fetch.request import Fetched, NotModified
from tvarr.fetch.sizes import too_large
from tvarr.progress import State

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tvarr.fetch.address import Address
    from tvarr.fetch.breaker import Breakers
    from tvarr.fetch.request import Limits, Request

USER_AGENT: Final = f"tvarr/{__version__}"
_REDIRECTS: Final = (301, 302, 303, 307, 308)
_DOCUMENTS: Final = (HTTPStatus.OK, HTTPStatus.NON_AUTHORITATIVE_INFORMATION)
_UNREADABLE_CODINGS: Final = {"br", "deflate", "compress", "x-compress", "dcb", "dcz"}
"""Codings that nobody asked for and `tvarr.fetch.decompress` does not know. Others pass: servers
write nonsense there (`utf-8`, `none`), and the body's first bytes tell how it is packed."""
_LONGEST_VALIDATOR: Final = 512
_LONGEST_HEADER: Final = 32 * 1024


def open_session(limits: Limits, *, public_only: bool = False) -> aiohttp.ClientSession:
    """Return a session that keeps no cookies, reads no environment and unpacks nothing."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=limits.connections,
            limit_per_host=limits.connections_per_host,
            resolver=PublicResolver() if public_only else None,
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
        max_line_size=_LONGEST_HEADER,
        max_field_size=_LONGEST_HEADER,
    )


@dataclass(frozen=True)
class Line:
    """What all requests share."""

    session: aiohttp.ClientSession
    limits: Limits
    breakers: Breakers
    public: aiohttp.ClientSession | None = None
    """For hosts that a `home_only` request is redirected to."""


async def fetch(line: Line, request: Request) -> Fetched | NotModified:
    """Get `request` over HTTP; see `tvarr.fetch.client.Fetcher.fetch`."""
    start = _parse(request)
    try:
        async with asyncio.timeout(line.limits.total):
            return await _follow(line, request, start)
    except TimeoutError:
        raise Transient(
            Reason.TIMEOUT,
            f"{start.place}: the document did not come within {line.limits.total / 60:g} minutes",
        ) from None


def _parse(request: Request) -> Address:
    try:
        return address.parse(request.url)
    except ValueError as error:
        raise Stalled(Reason.UNSUPPORTED_URL, str(error)) from None


async def _follow(line: Line, request: Request, start: Address) -> Fetched | NotModified:
    """Ask, and ask again where a redirect points to, until an answer is none."""
    here, seen = start, [start.url]
    while True:
        async with await _ask(line, request, start, here) as response:
            if not _is_redirect(response):
                return await _receive(response, request, start, here, line.limits)
            here = _redirected(request, start, here, response.headers["Location"])
        if here.url in seen or len(seen) > line.limits.redirects:
            raise _too_many(start, here, seen)
        seen.append(here.url)


async def _ask(
    line: Line, request: Request, start: Address, here: Address
) -> aiohttp.ClientResponse:
    """Send one request and wait for the head of its answer, unless the host is left alone."""
    if request.public_only:
        refuse_inside(here)
    elif request.home_only and here.place != start.place and line.public is not None:
        refuse_inside(here)
        line = replace(line, session=line.public)
    line.breakers.check(here.place, insist=request.insist)
    try:
        response = await _send(line, request, start, here)
    except Transient as error:
        line.breakers.failed(here.place, error)
        raise
    except BaseException:
        line.breakers.gave_up(here.place)
        raise
    if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        line.breakers.failed(here.place, refusal(here.place, response.status, response.headers))
    else:
        line.breakers.succeeded(here.place)
    return response


async def _send(
    line: Line, request: Request, start: Address, here: Address
) -> aiohttp.ClientResponse:
    wait = request.timeout.total_seconds()
    try:
        async with asyncio.timeout(line.limits.head):
            return await line.session.get(
                URL(here.url, encoded=True),
                headers=_headers(request, start, here),
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=wait, sock_read=wait),
                ssl=request.verify_tls,
            )
    except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
        raise unreachable(here.place, error) from None  # its text may hold the whole URL
    except ValueError:
        raise Stalled(
            Reason.CONFIG_INVALID, "a name or value in headers cannot be sent: is it one line?"
        ) from None


def _headers(request: Request, start: Address, here: Address) -> CIMultiDict[str]:
    """Return what is sent to `here`: to another origin than the declared one, no credentials."""
    headers = CIMultiDict(
        {"User-Agent": request.user_agent or USER_AGENT, "Accept-Encoding": "gzip"}
    )
    headers.update(_validators(request))
    at_home = here.origin == start.origin
    userinfo = here.userinfo or (start.userinfo if at_home else None)
    if userinfo:
        token = b64encode(":".join(userinfo).encode()).decode()
        headers["Authorization"] = f"Basic {token}"  # RFC 7617
    if at_home:
        headers.update({name: value.strip() for name, value in request.headers.items()})
    return headers


def _validators(request: Request) -> dict[str, str]:
    asked = {"If-None-Match": request.etag, "If-Modified-Since": request.last_modified}
    return {name: value for name, value in asked.items() if value}


def _is_redirect(response: aiohttp.ClientResponse) -> bool:
    return response.status in _REDIRECTS and bool(response.headers.get("Location", "").strip())


def _redirected(request: Request, start: Address, here: Address, location: str) -> Address:
    """Return where a redirect points to, if it may be followed."""
    try:
        target = here.join(location)
    except ValueError:
        raise Transient(
            Reason.UNSAFE_REDIRECT,
            f"{here.place} redirects to something that is no http or https address",
        ) from None
    if here.scheme == "https" and target.scheme == "http" and _has_credentials(request, start):
        raise Transient(
            Reason.UNSAFE_REDIRECT,
            f"{here.place} redirects from https to http, where anybody could read the credentials "
            "in url or headers; declare the http address if that is all right",
        )
    return target


def _has_credentials(request: Request, start: Address) -> bool:
    """Whether the declaration holds what others should not see; a query often is a password."""
    return bool(start.userinfo or start.query or request.headers)


def _too_many(start: Address, here: Address, seen: list[str]) -> Transient:
    if here.url in seen:
        sentence = f"{start.place} redirects in a loop, over {here.place}"
    else:
        sentence = f"{start.place} redirects more than {len(seen) - 1} times, last to {here.place}"
    return Transient(Reason.TOO_MANY_REDIRECTS, sentence)


async def _receive(
    response: aiohttp.ClientResponse,
    request: Request,
    start: Address,
    here: Address,
    limits: Limits,
) -> Fetched | NotModified:
    """Judge the last answer by its head, and store its body if it is a document."""
    if response.status == HTTPStatus.NOT_MODIFIED and _validators(request):
        return NotModified()
    if not _is_document(response.status, request):
        hint = _hint(response.status, request, start, here)
        raise refusal(here.place, response.status, response.headers, hint)
    _refuse_by_head(response, request, here)
    if request.progress is not None:
        request.progress.to(State.DOWNLOADING, bytes_total=response.content_length)
    async with aclosing(_body(response, request, here)) as body:
        size = await store(body, request.into, request.max_size, limits)
    return Fetched(
        path=request.into,
        bytes=size,
        etag=_validator(response, "ETag"),
        last_modified=_validator(response, "Last-Modified"),
        final_host=here.place,
    )


def _is_document(status: int, request: Request) -> bool:
    """Whether a document follows, or the part of it that the declared headers ask for."""
    if status == HTTPStatus.PARTIAL_CONTENT:
        return any(name.lower() == "range" for name in request.headers)
    return status in _DOCUMENTS


def _hint(status: int, request: Request, start: Address, here: Address) -> str:
    """Return why credentials that are right may still be missed by the one who answers."""
    withheld = start.origin != here.origin and (start.userinfo or request.headers)
    if not withheld or status not in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return ""
    return f"{start.place} redirects there, and only it is sent the user, password and headers"


def _refuse_by_head(response: aiohttp.ClientResponse, request: Request, here: Address) -> None:
    if (response.content_length or 0) > request.max_size:
        raise too_large(request.max_size)
    coding = response.headers.get("Content-Encoding", "").strip().lower()
    if coding in _UNREADABLE_CODINGS:
        raise Transient(
            Reason.UNSUPPORTED, f"{here.place} sent the coding {coding}, which was not asked for"
        )


async def _body(
    response: aiohttp.ClientResponse, request: Request, here: Address
) -> AsyncGenerator[bytes, None]:
    try:
        async for chunk in response.content.iter_any():
            if request.progress is not None:
                request.progress.count(size=len(chunk))
            yield chunk
    except (aiohttp.ClientError, OSError) as error:
        raise broken_off(here.place, error) from None


def _validator(response: aiohttp.ClientResponse, name: str) -> str | None:
    """Return a header to ask with next time; one of absurd length is not kept."""
    value = response.headers.get(name, "").strip()
    return value if 0 < len(value) <= _LONGEST_VALIDATOR else None
