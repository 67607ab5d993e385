"""A provider and a fetcher that talk to each other on loopback."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.provider import Provider
from tvarr.fetch.client import Fetcher, Limits, Request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

PATIENCE = timedelta(seconds=20)
"""For tests in which nothing waits for it."""


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with Provider() as provider:
        yield provider


@pytest.fixture
async def other() -> AsyncIterator[Provider]:
    """Another port, which is another origin."""
    async with Provider() as provider:
        yield provider


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    limits = Limits(head=20, total=20)
    async with Fetcher(limits) as fetcher:
        yield fetcher


@pytest.fixture
def asking(tmp_path: Path) -> Callable[..., Request]:
    """Return a maker of requests: `asking(url, etag=...)`."""

    def make(url: str, **changes: Any) -> Request:
        usual: dict[str, Any] = {
            "base": tmp_path,
            "into": tmp_path / "downloads" / "tv",
            "timeout": PATIENCE,
            "max_size": 1 << 20,
        }
        return Request(url=url, **(usual | changes))

    return make
