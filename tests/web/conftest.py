"""Fixtures of the web's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.web.world import Client, World, serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Return a world without anything in it."""
    return World(tmp_path)


@pytest.fixture
async def client(world: World) -> AsyncIterator[Client]:
    """Return who asks the server that looks at `world`."""
    async with serve(world) as client:
        yield client
