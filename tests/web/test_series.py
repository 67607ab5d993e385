"""The episodes of a series over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest

from tvarr.errors import Reason, Stalled, Transient, TvarrError
from tvarr.ingest.xtream.episodes import Episode

if TYPE_CHECKING:
    from tests.web.world import Client, World

EPISODE = Episode(
    id="11",
    season=1,
    number=2,
    title="Part 2",
    container="mkv",
    seconds=2700,
    plot=None,
    released="2019-03-01",
    picture=None,
    tmdb=None,
    stream_url="http://tv.invalid/series/ann/secret/11.mkv",
)
ADDRESS = "/api/v1/sources/tv/series/7/episodes"


async def test_the_episodes_of_a_series_are_listed_without_their_streams(
    world: World, client: Client
) -> None:
    async def told(source: str, series: str) -> list[Episode]:
        assert (source, series) == ("tv", "7")
        return [EPISODE]

    world.episodes = told
    answer = await client.get(ADDRESS)
    assert answer.status == 200
    assert orjson.loads(answer.body) == {
        "source": "tv",
        "series": "7",
        "episodes": [
            {
                "id": "11",
                "season": 1,
                "number": 2,
                "title": "Part 2",
                "container": "mkv",
                "seconds": 2700,
                "plot": None,
                "released": "2019-03-01",
                "picture": None,
                "tmdb": None,
            }
        ],
    }
    assert "secret" not in answer.text


async def test_a_source_without_series_is_not_found(world: World, client: Client) -> None:
    async def nothing(source: str, series: str) -> None:
        return None

    assert (await client.get(ADDRESS)).status == 404
    world.episodes = nothing
    answer = await client.get(ADDRESS)
    assert answer.status == 404
    assert "tv" in answer.text


@pytest.mark.parametrize(
    ("trouble", "status"),
    [
        (Transient(Reason.GONE, "the panel has no such series"), 404),
        (Stalled(Reason.DISABLED, "tv is disabled in the YAML"), 409),
        (Transient(Reason.TIMEOUT, "http://a:secret@tv.invalid/ does not answer"), 503),
    ],
)
async def test_trouble_is_told_in_a_sentence(
    world: World, client: Client, trouble: TvarrError, status: int
) -> None:
    async def fails(source: str, series: str) -> None:
        raise trouble

    world.episodes = fails
    answer = await client.get(ADDRESS)
    assert answer.status == status
    assert orjson.loads(answer.body)["error"]
    assert "secret" not in answer.text


@pytest.mark.parametrize("series", ["a%2Fb", "x" * 65, "%3F"])
async def test_a_key_that_is_none_is_not_found(world: World, client: Client, series: str) -> None:
    assert (await client.get(f"/api/v1/sources/tv/series/{series}/episodes")).status == 404
