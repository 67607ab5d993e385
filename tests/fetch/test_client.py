from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from tests.provider import Provider, document
from tvarr.fetch.client import Fetched, Fetcher, Request

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Asking = Callable[..., Request]


async def test_a_fetcher_opens_one_session_and_closes_it(
    provider: Provider, asking: Asking, tmp_path: Path
) -> None:
    provider.table["/tv"] = document(b"one")
    async with Fetcher() as fetcher:
        await fetcher.fetch(asking(provider.url("/tv")))
        session = fetcher._sessions[False]
        await fetcher.fetch(asking(provider.url("/tv")))
        assert session is fetcher._sessions[False]
    assert session.closed


async def test_a_path_and_an_address_are_told_apart(
    provider: Provider, fetcher: Fetcher, asking: Asking, tmp_path: Path
) -> None:
    provider.table["/tv"] = document(b"from there")
    (tmp_path / "tv").write_bytes(b"from here")
    there = await fetcher.fetch(asking(f" {provider.url('/tv')}\n"))
    here = await fetcher.fetch(asking("tv"))
    assert isinstance(there, Fetched)
    assert isinstance(here, Fetched)
    assert (there.path.read_bytes(), here.path.read_bytes()) == (b"from there", b"from here")


def test_what_is_slow_to_load_waits_for_the_first_http_address() -> None:
    code = "import sys, tvarr.fetch.client; print({'aiohttp', 'isal'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"
