"""The guards that stand around every test, tried in a test session of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]


@pytest.fixture
def guarded(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeconftest((Path(__file__).parent / "conftest.py").read_text())
    pytester.makeini("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function")
    return pytester


def run(guarded: pytest.Pytester, code: str, *, failed: int = 0, errors: int = 0) -> str:
    guarded.makepyfile(f"import asyncio, socket, contextlib, pytest\n{code}")
    result = guarded.runpytest_inprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1 - failed, failed=failed, errors=errors)
    return str(result.stdout)


def test_a_connection_to_another_machine_is_refused_and_told(guarded: pytest.Pytester) -> None:
    code = "def test_x():\n    socket.create_connection(('192.0.2.1', 80), 1)"
    assert "192.0.2.1" in run(guarded, code, failed=1, errors=1)


def test_it_is_told_also_if_the_code_hides_it(guarded: pytest.Pytester) -> None:
    code = (
        "def test_x():\n"
        "    with contextlib.suppress(OSError):\n"
        "        socket.getaddrinfo('tv.example.org', 80)"
    )
    assert "tv.example.org" in run(guarded, code, errors=1)


def test_asyncio_is_guarded_too(guarded: pytest.Pytester) -> None:
    code = (
        "async def test_x():\n"
        "    with contextlib.suppress(OSError):\n"
        "        await asyncio.open_connection('192.0.2.1', 80)"
    )
    assert "192.0.2.1" in run(guarded, code, errors=1)


def test_datagrams_are_guarded_too(guarded: pytest.Pytester) -> None:
    code = (
        "def test_x():\n"
        "    with socket.socket(type=socket.SOCK_DGRAM) as s, contextlib.suppress(OSError):\n"
        "        s.sendto(b'x', ('192.0.2.1', 53))"
    )
    assert "192.0.2.1" in run(guarded, code, errors=1)


def test_loopback_is_free_and_invalid_names_are_unknown(guarded: pytest.Pytester) -> None:
    code = (
        "async def test_x():\n"
        "    server = await asyncio.start_server(lambda r, w: w.close(), 'localhost', 0)\n"
        "    async with server:\n"
        "        host, port = server.sockets[0].getsockname()[:2]\n"
        "        _, writer = await asyncio.open_connection(host, port)\n"
        "        writer.close()\n"
        "    with pytest.raises(socket.gaierror):\n"
        "        socket.getaddrinfo('tv.invalid', 80)"
    )
    run(guarded, code)


def test_a_task_left_behind_is_told(guarded: pytest.Pytester) -> None:
    code = (
        "async def forgotten():\n"
        "    await asyncio.sleep(3600)\n"
        "async def test_x():\n"
        "    global task\n"
        "    task = asyncio.create_task(forgotten())"
    )
    assert "left tasks behind: <coroutine object forgotten" in run(guarded, code, errors=1)
