"""Serve one of each by hand: `python -m tests.provider [PORT]` prints where."""

from __future__ import annotations

import asyncio
import contextlib
import sys

from tests.provider.server import Provider
from tests.provider.showcase import PASSWORD, USER, panels, showcase


def listed(provider: Provider) -> str:
    """Return the addresses of everything that is served, as a YAML would have them."""
    lines = ["# playlists and guides"]
    lines += [provider.url(path) for path in provider.table if path.count("/") == 1]
    lines += ["", f"# accounts: kind: xtream, username: {USER}, password: {PASSWORD}"]
    lines += [provider.url(place) for place in panels()]
    lines += ["", "# the same account as a playlist and a guide", *_as_documents(provider)]
    return "\n".join(lines)


def _as_documents(provider: Provider) -> list[str]:
    login = f"username={USER}&password={PASSWORD}"
    return [
        provider.url(f"/good/get.php?{login}&type=m3u_plus"),
        provider.url(f"/good/xmltv.php?{login}"),
    ]


async def _serve(port: int) -> None:
    async with Provider(showcase(), port=port) as provider:
        print(listed(provider), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(int(sys.argv[1]) if len(sys.argv) > 1 else 0))
