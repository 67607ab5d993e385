"""A map in threads that keeps the order and never runs far ahead of its reader."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

A = TypeVar("A")
B = TypeVar("B")

THREADS: Final = 2
"""Polars and libxml2 work outside of Python's lock; more threads would take more memory."""


def map_ahead(function: Callable[[A], B], items: Iterable[A]) -> Iterator[B]:
    """Yield `function(item)` for each item in order, while the next ones are worked on.

    At most `THREADS` + 1 items are under way. An error in `function` or `items` ends the map.
    """
    with ThreadPoolExecutor(THREADS, thread_name_prefix="ingest") as pool:
        under_way: deque[Future[B]] = deque()
        for item in items:
            under_way.append(pool.submit(function, item))
            if len(under_way) > THREADS:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
