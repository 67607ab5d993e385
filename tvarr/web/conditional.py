"""Conditional and range requests: a request's headers in, the answer's shape out (RFC 9110).

Sections 13 and 14. `tvarr.web.transfer` asks here; nothing is sent or opened here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aiohttp import hdrs

if TYPE_CHECKING:
    from datetime import datetime

    from aiohttp import ETag, web

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})", re.IGNORECASE)


def precondition(request: web.BaseRequest, etag: str, modified: datetime) -> int | None:
    """Return 412 or 304 where the request's conditions ask for it, else None (section 13.2.2).

    `modified` is what `Last-Modified` says, in whole seconds. A condition on the ETag silences
    the one on the date.
    """
    if request.if_match is not None:
        if not _names(etag, request.if_match, weakly=False):
            return 412
    elif request.if_unmodified_since is not None and modified > request.if_unmodified_since:
        return 412
    if request.if_none_match is not None:
        return 304 if _names(etag, request.if_none_match, weakly=True) else None
    if request.if_modified_since is not None and modified <= request.if_modified_since:
        return 304
    return None


def wanted_bytes(request: web.BaseRequest, etag: str, size: int) -> range | None:
    """Return the bytes that the request asks for, None where it asks for the whole.

    An empty range cannot be satisfied. Ignored, which section 14.2 allows, are other methods than
    GET, other units, malformed and several ranges. `If-Range` holds for the very same ETag only;
    a date is never strong enough, and a client that was given an ETag does not send one (13.1.5).
    """
    match = _RANGE.fullmatch(request.headers.get(hdrs.RANGE, "").strip())
    if match is None or request.method != hdrs.METH_GET:
        return None
    if request.headers.get(hdrs.IF_RANGE, f'"{etag}"').strip() != f'"{etag}"':
        return None
    first, last = match.groups()
    if not first:
        return range(max(size - int(last), 0), size) if last else None
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last) + 1, size) if last else size)


def _names(etag: str, listed: tuple[ETag, ...], *, weakly: bool) -> bool:
    return any(tag.value in ("*", etag) for tag in listed if weakly or not tag.is_weak)
