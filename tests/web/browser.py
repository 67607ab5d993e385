"""A page in a headless browser, driven over the DevTools protocol.

https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import asyncio
import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
)


class Page:
    """One open page."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._asked = 0

    async def command(self, method: str, **parameters: object) -> Any:
        """Return the result of one command of the protocol."""
        self._asked += 1
        await self._socket.send_json({"id": self._asked, "method": method, "params": parameters})
        while True:
            answer = await self._socket.receive_json(timeout=30)
            if answer.get("id") == self._asked:
                assert "error" not in answer, answer
                return answer["result"]

    async def run(self, script: str) -> Any:
        """Return the value of a script, as if a person had set it off."""
        answer = await self.command(
            "Runtime.evaluate",
            expression=script,
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def until(self, script: str) -> None:
        """Wait until a script's value is true, for a minute at most."""
        for _ in range(1200):
            if await self.run(script):
                return
            await asyncio.sleep(0.05)
        pytest.fail(f"this never came true: {script}")


@asynccontextmanager
async def open_page(url: str, profile: Path) -> AsyncIterator[Page]:
    """Open a page; skip the test where there is no browser."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        pytest.skip("there is no chromium on this machine")
    process = await asyncio.create_subprocess_exec(
        browser, *_FLAGS, f"--user-data-dir={profile}", "about:blank",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        port = await _debugging_port(profile / "DevToolsActivePort")
        async with aiohttp.ClientSession() as session:
            async with session.put(f"http://127.0.0.1:{port}/json/new?{url}") as answer:
                target = await answer.json()
            async with session.ws_connect(target["webSocketDebuggerUrl"]) as socket:
                page = Page(socket)
                await page.until(f"location.href === {url!r} && document.readyState === 'complete'")
                yield page
    finally:
        process.terminate()
        await process.wait()


async def _debugging_port(told_in: Path) -> int:
    for _ in range(600):
        text = await asyncio.to_thread(_read, told_in)
        if "\n" in text:
            return int(text.splitlines()[0])
        await asyncio.sleep(0.05)
    pytest.skip("chromium does not start on this machine")


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""
