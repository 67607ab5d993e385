"""The episodes of one series, in whatever shape the panel lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.ingest.xtream.conftest import PASSWORD
from tests.provider import status
from tvarr.errors import Reason, TvarrError
from tvarr.ingest.xtream.episodes import Episode, episodes

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ingest.xtream.conftest import Account


def listed(number: int, **fields: Any) -> dict[str, Any]:
    return {"id": str(number), "episode_num": number, "title": f"Part {number}"} | fields


async def told(account: Account, found: Any) -> list[Episode]:
    account.says(get_series_info={"info": {"name": "A"}, "episodes": found})
    with account.collecting() as collecting:
        return list(await episodes(account.spec, "7", collecting))


async def test_a_real_answer_is_read_whole(account: Account, real_data: Path) -> None:
    account.says(get_series_info=(real_data / "xtream/xui_shapes/show.json").read_bytes())
    with account.collecting() as collecting:
        first, *_ = await episodes(account.spec, "1", collecting)
    assert (first.id, first.season, first.number) == ("935666", 1, 1)
    assert first.title == "Small Town Stories - S01E01 - Monday, February 24, 2025"
    assert (first.container, first.seconds, first.tmdb) == ("mp4", 2214, "5197445")
    assert first.released == "2025-02-24"
    assert first.plot is not None
    assert account.provider.seen[-1].target.endswith("&series_id=1")


@pytest.mark.parametrize(
    ("found", "numbers"),
    [
        ({"2": [listed(3)], "1": [listed(2), listed(1)]}, [(1, 1), (1, 2), (2, 3)]),
        ([[listed(1, season=1)], [listed(2, season=2)]], [(1, 1), (2, 2)]),
        ([listed(1, season="1"), listed(2)], [(0, 2), (1, 1)]),
        ({"1": {"0": listed(1), "5": listed(2)}}, [(0, 1), (5, 2)]),
        ({"1": [listed(1, season=None)], "0": [listed(9)]}, [(0, 9), (1, 1)]),
        ({"1": [None, "x", {"id": None}, {"id": "a/b"}, []]}, []),
        ([], []),
        ({}, []),
        (None, []),
        ("none", []),
    ],
)
async def test_episodes_come_as_map_as_lists_or_not_at_all(
    account: Account, found: Any, numbers: list[tuple[int, int]]
) -> None:
    read = await told(account, found)
    assert [(episode.season, episode.number) for episode in read] == numbers


async def test_what_an_episode_lacks_has_a_stand_in(account: Account) -> None:
    (episode,) = await told(account, {"1": [{"id": 5, "info": []}]})
    assert (episode.title, episode.container, episode.number) == ("Episode 5", "mp4", None)
    assert episode.seconds is None
    assert episode.stream_url.endswith("/secret%2Fpass%20word/5.mp4")


@pytest.mark.parametrize(
    ("info", "seconds"),
    [
        ({"duration_secs": 2700}, 2700),
        ({"duration_secs": "2700"}, 2700),
        ({"duration_secs": "", "duration": "00:45:00"}, 2700),
        ({"duration": "45:10"}, 2710),
        ({"duration": "long"}, None),
        ({}, None),
    ],
)
async def test_the_length_is_given_in_seconds_or_on_a_clock(
    account: Account, info: Any, seconds: int | None
) -> None:
    (episode,) = await told(account, [listed(1, info=info)])
    assert episode.seconds == seconds


async def test_an_ending_that_is_none_is_not_written_into_an_address(account: Account) -> None:
    (episode,) = await told(account, [listed(1, container_extension="../../x")])
    assert episode.stream_url.endswith("/1.mp4")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ([], Reason.GONE),
        ({"info": [], "episodes": []}, Reason.GONE),
        ({"user_info": {"auth": 0}}, Reason.AUTH_FAILED),
        (b"<html>", Reason.HTML_ANSWER),
        (status(503), Reason.SERVER_ERROR),
    ],
)
async def test_no_series_has_its_reason(account: Account, answer: Any, reason: Reason) -> None:
    account.says(get_series_info=answer)
    with account.collecting() as collecting, pytest.raises(TvarrError) as caught:
        await episodes(account.spec, "7", collecting)
    assert caught.value.reason is reason


async def test_an_episode_shows_no_credentials(account: Account) -> None:
    (episode,) = await told(account, [listed(1)])
    assert PASSWORD not in repr(episode)
    assert "http" not in repr(episode)


async def test_nothing_is_left_in_the_folder(account: Account) -> None:
    await told(account, [listed(1)])
    assert list((account.path / "collected").iterdir()) == []
