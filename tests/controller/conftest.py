"""The controller's small world."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.controller.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = World(tmp_path)
    async with world.workers:
        yield world
