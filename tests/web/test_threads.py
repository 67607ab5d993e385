from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from tvarr.web import threads

if TYPE_CHECKING:
    from tests.web.world import Client, World


@pytest.fixture
def held(world: World, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Make every reading of the status wait for an event."""
    event = threading.Event()

    def wait() -> list[object]:
        event.wait(20)
        return []

    monkeypatch.setattr(world, "all", wait)
    return event


async def test_the_loop_answers_while_all_threads_are_busy(
    client: Client, held: threading.Event
) -> None:
    busy = [asyncio.create_task(client.get("/api/v1/status")) for _ in range(threads.WORKERS * 2)]
    await asyncio.sleep(0.1)
    assert (await client.get("/live")).status == 200
    held.set()
    assert {answer.status for answer in await asyncio.gather(*busy)} == {200}


async def test_a_request_waits_only_so_long(
    client: Client, held: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "LONGEST_WAIT", 0.1)
    answer = await client.get("/api/v1/status")
    held.set()
    assert answer.status == 503
    assert answer.headers["Retry-After"] == "10"
    assert "too busy" in answer.text
