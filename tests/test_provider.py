from __future__ import annotations

import asyncio
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests import provider as module
from tests.provider import SHOWCASE, Provider, document, in_thread, silent


def test_synchronous_code_has_a_provider_too() -> None:
    with in_thread(Provider({"/tv": document(b"one")})) as provider:
        with urllib.request.urlopen(provider.url("/tv?x=%20")) as answer:
            assert answer.read() == b"one"
        assert [(seen.method, seen.target) for seen in provider.seen] == [("GET", "/tv?x=%20")]
        with pytest.raises(urllib.error.HTTPError, match="404") as caught:
            urllib.request.urlopen(provider.url("/other"))
        caught.value.close()


async def test_a_provider_stops_at_once_though_a_client_waits() -> None:
    async with Provider({"/tv": silent()}) as provider:
        reader, writer = await asyncio.open_connection("127.0.0.1", provider.port)
        writer.write(b"GET /tv HTTP/1.1\r\nHost: x\r\n\r\n")
        while not provider.seen:  # noqa: ASYNC110 - what it has seen is a plain list
            await asyncio.sleep(0.01)
    try:
        assert await reader.read() == b""
    finally:
        writer.close()
        await writer.wait_closed()


def test_each_behaviour_is_on_show() -> None:
    text = Path(module.__file__).read_text()
    behaviours = [
        line.removeprefix("def ").partition("(")[0]
        for line in text.split("# --- by hand")[0].splitlines()
        if line.startswith("def ") and not line.startswith(("def _", "def in_t"))
    ]
    shown = {behaviour.__qualname__.partition(".")[0] for behaviour in SHOWCASE.values()}
    # a redirect is a status with a location
    assert shown == set(behaviours) - {"redirect"}
