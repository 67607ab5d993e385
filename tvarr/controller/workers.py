"""Where bulk work runs: light work in a thread, heavy work in a child process. Never in the loop.

`sources` and `proxies` hand their plain functions to `Workers.run`. A child process
(`tvarr.controller.child`) gives its memory back when it ends, so one that has read a big guide
does not stay; and it dies with its parent, even if that is killed. `tvarr build` ends anyway and
does without children.
"""

from __future__ import annotations

import asyncio
import logging
import os
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, Self, TypeVar, TypeVarTuple, cast

from tvarr.errors import Reason, Transient, without_panic

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Callable

Ts = TypeVarTuple("Ts")
T = TypeVar("T")

HEAVY = 8 * 2**20
"""Bytes of a document from which on its work is done in a child process."""

THREADS = 2
"""Bulk work side by side in this process; Polars and lxml use further threads of their own."""

LONGEST = 3600.0
"""Seconds after which a child is given up: no document within the limits takes so long."""


LONGEST_FOREIGN = 1800.0
"""The same for a child that runs the code of another package."""


class Workers:
    """The threads and the child; an async context manager that ends both."""

    def __init__(self, *, children: bool = True) -> None:
        self._children = children
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="bulk")
        self._one_heavy = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def run(
        self, function: Callable[[*Ts], T], *args: *Ts, weight: int = 0, foreign: bool = False
    ) -> T:
        """Call `function` away from the event loop and return what it returns.

        `weight` is the size in bytes of what it reads; for a child process the function, its
        arguments and its result have to be picklable. What runs `foreign` code has a child however
        light it is, beside the others: code that never ends would keep a thread for ever.
        Cancelling ends a child at once; a thread cannot be ended and comes to its own end, unheard.

        Raises what `function` raises, and `Transient(InternalError)` if the child was killed, as
        the system does when memory runs out.
        """
        if self._children and foreign:
            return cast("T", await _run_in_child(function, args, LONGEST_FOREIGN))
        if self._children and weight >= HEAVY:
            async with self._one_heavy:
                return cast("T", await _run_in_child(function, args, LONGEST))
        loop = asyncio.get_running_loop()
        call = partial(without_panic, function, *args)
        return await loop.run_in_executor(self._threads, call)


async def _run_in_child(
    function: Callable[..., object], args: tuple[Any, ...], longest: float
) -> object:
    level = logging.getLogger("tvarr").getEffectiveLevel()
    call = pickle.dumps((level, function, args))
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # the working folder is no place to import from
        "-m",
        "tvarr.controller.child",
        str(os.getpid()),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the parent, which ends the child
    )
    try:
        async with asyncio.timeout(longest):
            answer, _ = await child.communicate(call)
    except TimeoutError:
        raise Transient(
            Reason.INTERNAL_ERROR, f"the work was given up after {longest:.0f} seconds"
        ) from None
    finally:
        await _end(child)
    return _outcome(answer, child)


def _outcome(answer: bytes, child: Process) -> object:
    """Return or raise what the child did."""
    if not answer:
        raise Transient(
            Reason.INTERNAL_ERROR,
            f"the working process ended early (exit status {child.returncode}); -9 is often the "
            "system's answer to a lack of memory",
        )
    succeeded, outcome = pickle.loads(answer)  # noqa: S301 - our own child's words
    if succeeded:
        return outcome
    raise cast("BaseException", outcome)


async def _end(child: Process) -> None:
    """Make sure that the child is gone, whatever happened."""
    if child.returncode is None:
        child.kill()
        await asyncio.shield(child.wait())
