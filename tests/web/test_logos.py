"""Pictures are served by their ids, and nothing else is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.logos.pictures import picture

if TYPE_CHECKING:
    from tests.web.world import Client, World

ID = "3f" * 32


@pytest.fixture(autouse=True)
def kept(world: World) -> bytes:
    folder = world.data / "logos" / "3f"
    folder.mkdir(parents=True)
    (folder / f"{ID}.png").write_bytes(content := picture())
    (folder / f"{ID}.json").write_text("{}")
    (world.data / "logos" / "hosts.json").write_text("{}")
    return content


async def test_a_picture_comes_as_it_is_and_may_be_kept(client: Client, kept: bytes) -> None:
    answer = await client.get(f"/logos/{ID}.png")
    assert (answer.status, answer.body) == (200, kept)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"].startswith("public, max-age=")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


async def test_a_picture_that_is_known_is_not_sent_again(client: Client) -> None:
    etag = (await client.get(f"/logos/{ID}.png")).headers["ETag"]
    again = await client.get(f"/logos/{ID}.png", {"If-None-Match": etag})
    assert (again.status, again.body) == (304, b"")
    assert (await client.get(f"/logos/{ID}.png", method="HEAD")).body == b""


@pytest.mark.parametrize(
    "path",
    [
        f"/logos/{'0' * 64}.png",
        f"/logos/{ID}.json",
        f"/logos/{ID.upper()}.png",
        f"/logos/{ID}",
        "/logos/hosts.json",
        "/logos/",
        f"/logos/3f/{ID}.png",
        f"/logos/..%2f3f%2f{ID}.png",
        "/logos/../state.json",
        f"/logos/{ID}.png/",
    ],
)
async def test_nothing_else_is_found(client: Client, path: str) -> None:
    assert (await client.get(path)).status == 404
