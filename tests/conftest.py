"""Fixtures for every test."""

from __future__ import annotations

import asyncio
import errno
import inspect
import ipaddress
import logging
import os
import socket
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

# no test depends on how fast the machine is
settings.register_profile("tvarr", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tvarr")

_BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of real documents (`TVARR_TEST_DATA`, or beside the checkout)."""
    folder = Path(os.environ.get("TVARR_TEST_DATA", _BESIDE))
    if not (folder / "MANIFEST.csv").is_file():
        pytest.skip("the pack of real playlists and guides is not on this machine")
    return folder


@pytest.fixture(autouse=True)
def no_other_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test that reaches for any machine but this one, also if its code hides the refusal.

    Names that end in `.invalid` (RFC 6761) are simply unknown, so that tests can use them.
    """
    refused: list[str] = []
    guarded: dict[str, Any] = {
        name: getattr(socket.socket, name) for name in ("connect", "connect_ex", "sendto")
    }
    lookup = socket.getaddrinfo

    def refuse(host: str) -> OSError:
        refused.append(host)
        return PermissionError(errno.EACCES, "tests use loopback only")

    def guard(name: str) -> None:
        def checked(self: socket.socket, *args: Any) -> Any:
            address = args[-1]
            if isinstance(address, tuple) and not _is_loopback(address[0]):
                raise refuse(address[0])
            return guarded[name](self, *args)

        monkeypatch.setattr(socket.socket, name, checked)

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name and name.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        # an unspecified address is what servers listen on
        if name and name not in ("0.0.0.0", "::") and not _is_loopback(name):
            raise refuse(name)
        return lookup(host, *args, **kwargs)

    for name in guarded:
        guard(name)
    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield
    if refused:
        pytest.fail(f"this test reached for another machine: {', '.join(refused)}")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@pytest.fixture(autouse=True, scope="module")
def logging_as_it_was_before_the_module() -> Iterator[None]:
    """Take back what a command has set up for a whole module."""
    with _logging_as_it_was():
        yield


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Take back what a command has set up, so that the order of tests does not count."""
    with _logging_as_it_was():
        yield


@contextmanager
def _logging_as_it_was() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("tvarr")
    before = root.handlers[:], root.level, ours.level
    try:
        yield
    finally:
        root.handlers[:] = before[0]
        root.setLevel(before[1])
        ours.setLevel(before[2])


@pytest.fixture(autouse=True)
def no_task_left(request: pytest.FixtureRequest) -> None:
    """Fail an asyncio test that leaves a task behind."""
    if inspect.iscoroutinefunction(getattr(request.node, "obj", None)):
        request.getfixturevalue("_tasks_of_the_loop")


@pytest.fixture
async def _tasks_of_the_loop() -> AsyncIterator[None]:
    before = asyncio.all_tasks()
    yield
    await asyncio.sleep(0)  # let those end that were just cancelled
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    if left:
        names = ", ".join(str(task.get_coro()) for task in left)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        pytest.fail(f"this test left tasks behind: {names}")
