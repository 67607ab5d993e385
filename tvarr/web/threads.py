"""Where the web waits for disks and frames: a few threads of its own.

The event loop's default threads may be busy with sources for minutes; a request for a playlist
does not queue behind them. The small number also bounds what all requests together hold in memory.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from aiohttp import web

from tvarr.errors import without_panic

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

P = ParamSpec("P")
T = TypeVar("T")

THREADS = web.AppKey("threads", ThreadPoolExecutor)

WORKERS = 4
LONGEST_WAIT = 30.0
"""Seconds after which a request stops waiting."""


async def own_threads(app: web.Application) -> AsyncIterator[None]:
    """Keep the threads for as long as the application lives."""
    app[THREADS] = ThreadPoolExecutor(WORKERS, thread_name_prefix="web")
    yield
    app[THREADS].shutdown(wait=False, cancel_futures=True)


async def in_thread(
    request: web.Request, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Return what `function` returns; 503 where that takes too long."""
    loop = asyncio.get_running_loop()
    call = partial(without_panic, function, *args, **kwargs)
    try:
        async with asyncio.timeout(LONGEST_WAIT):
            return await loop.run_in_executor(request.app[THREADS], call)
    except TimeoutError:
        raise web.HTTPServiceUnavailable(
            text="The server is too busy to answer this; try again in a moment.",
            headers={"Retry-After": "10"},
        ) from None
