"""What becomes of the facts of a film or a series."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.provider.panel import film, live, series
from tvarr.catalog import schema

if TYPE_CHECKING:
    from tests.ingest.xtream.conftest import Account


async def only_film(account: Account, **facts: Any) -> dict[str, Any]:
    account.says(get_vod_streams=[film(1, **facts)])
    (row,) = (await account.vod()).to_dicts()
    return row


async def only_series(account: Account, **facts: Any) -> dict[str, Any]:
    account.says(get_series=[series(1, **facts)])
    (row,) = (await account.vod()).to_dicts()
    return row


async def test_a_film_is_catalogued(account: Account) -> None:
    account.says(get_vod_categories=[{"category_id": "2", "category_name": "Drama"}])
    row = await only_film(account, stream_icon="http://p.invalid/1.jpg", plot="Long &amp; good")
    assert row["stream_type"] == "movie"
    assert row["name"] == "Film 1 (1951)"
    assert row["provider_id"] == "200001"
    assert row["category"] == "Drama"
    assert (row["tmdb"], row["imdb"], row["year"]) == ("5001", None, 1951)
    assert row["rating"] == pytest.approx(6.5)
    assert row["container"] == "mkv"
    assert row["poster"] == "http://p.invalid/1.jpg"
    assert row["plot"] == "Long & good"
    assert row["added"] == datetime.fromtimestamp(1512103894, UTC)
    where = f"http://{account.provider.place}/movie/ann.user/secret%2Fpass%20word"
    assert row["stream_url"] == f"{where}/200001.mkv"


async def test_a_series_has_no_stream_of_its_own(account: Account) -> None:
    row = await only_series(account, cover="http://p.invalid/1.jpg", cast="A, B", director="C")
    assert (row["stream_type"], row["provider_id"]) == ("series", "300001")
    assert (row["stream_url"], row["container"]) == (None, None)
    assert row["poster"] == "http://p.invalid/1.jpg"
    assert (row["cast"], row["director"], row["genre"]) == ("A, B", "C", "Drama")
    assert row["released"] == "2019-03-01"
    assert row["added"] == datetime.fromtimestamp(1535230019, UTC)


async def test_films_come_first_and_an_id_of_both_is_two(account: Account) -> None:
    account.says(get_series=[series(1, series_id=7)], get_vod_streams=[film(1, stream_id=7)])
    frame = await account.vod()
    assert frame.schema == schema.VOD
    assert frame["stream_type"].to_list() == ["movie", "series"]
    assert frame["vod_id"].n_unique() == 2


@pytest.mark.parametrize(
    ("facts", "year"),
    [
        ({"name": "Film (2019)"}, 2019),
        ({"name": "Film [2019]"}, 2019),
        ({"name": "EN - Film - 2019"}, 2019),
        ({"name": "2012"}, None),
        ({"name": "Blade Runner 2049"}, None),
        ({"name": "2001: A Space Odyssey (1968)"}, 1968),
        ({"name": "Film (2019)", "year": "2020"}, 2020),
        ({"name": "Film", "year": 2020}, 2020),
        ({"name": "Film", "year": ""}, None),
        ({"name": "Film", "year": "0"}, None),
        ({"name": "Film", "release_date": "2018-05-01"}, 2018),
        ({"name": "Film", "releaseDate": "1 May 2018"}, 2018),
        ({"name": "Film (9999)"}, None),
    ],
)
async def test_the_year_is_said_or_read_from_the_name(
    account: Account, facts: dict[str, Any], year: int | None
) -> None:
    assert (await only_film(account, **facts))["year"] == year


@pytest.mark.parametrize(
    ("facts", "rating"),
    [
        ({"rating": "7.5"}, 7.5),
        ({"rating": 8}, 8.0),
        ({"rating": "", "rating_5based": 3.2}, 6.4),
        ({"rating": "0", "rating_5based": 0}, None),
        ({"rating": "N/A", "rating_5based": None}, None),
        ({"rating": "75", "rating_5based": "2"}, 4.0),
        ({"rating": "NaN", "rating_5based": ""}, None),
    ],
)
async def test_a_rating_is_of_ten(
    account: Account, facts: dict[str, Any], rating: float | None
) -> None:
    found = (await only_film(account, **facts))["rating"]
    assert found == (rating if rating is None else pytest.approx(rating))


@pytest.mark.parametrize(
    ("facts", "tmdb", "imdb"),
    [
        ({"tmdb_id": 603}, "603", None),
        ({"tmdb_id": "", "tmdb": "603"}, "603", None),
        ({"tmdb_id": "0"}, None, None),
        ({"tmdb_id": None, "imdb_id": "tt0133093"}, None, "tt0133093"),
        ({"tmdb_id": "603.0", "imdb": "https://imdb.example/title/tt0133093/"}, "603", "tt0133093"),
        ({"tmdb_id": "none", "imdb_id": "133093"}, None, None),
    ],
)
async def test_ids_of_other_catalogues_are_kept(
    account: Account, facts: dict[str, Any], tmdb: str | None, imdb: str | None
) -> None:
    row = await only_film(account, **facts)
    assert (row["tmdb"], row["imdb"]) == (tmdb, imdb)


@pytest.mark.parametrize(
    ("said", "container"),
    [
        ("mp4", "mp4"),
        (".MKV", "mkv"),
        ("", "mp4"),
        (None, "mp4"),
        ("../etc", "mp4"),
        ("a b", "mp4"),
    ],
)
async def test_a_container_is_an_ending_or_mp4(account: Account, said: Any, container: str) -> None:
    row = await only_film(account, container_extension=said)
    assert row["container"] == container
    assert row["stream_url"].endswith(f"/200001.{container}")


@pytest.mark.parametrize("added", ["", None, 0, "0", "yesterday"])
async def test_a_moment_that_is_none_is_not_invented(account: Account, added: Any) -> None:
    assert (await only_film(account, added=added))["added"] is None


async def test_only_what_is_wanted_is_in_the_catalogue(account: Account) -> None:
    account.declared["content"] = ["live", "series"]
    account.says(
        get_live_streams=[live(1)], get_vod_streams=[film(1)], get_series=[series(1), series(2)]
    )
    assert (await account.vod())["stream_type"].to_list() == ["series", "series"]


async def test_what_has_no_id_is_left_out(account: Account) -> None:
    account.says(get_vod_streams=[film(1), film(2, stream_id=""), None], get_series=[{"name": "A"}])
    _, report = await account.ingest()
    assert (report.films, report.series) == (1, 0)
    assert report.rejected == {"entry that is no object": 1, "entry without an id": 2}
