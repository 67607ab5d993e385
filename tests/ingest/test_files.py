"""A folder of media files becomes films, series and episodes; it is not read twice for nothing."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from tests.ingest.refreshing import Refreshing
from tvarr.catalog import schema
from tvarr.errors import Reason, Transient
from tvarr.ingest import files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WRITTEN = datetime(2026, 8, 22, 18, 30, tzinfo=UTC)
SHOW = (
    "Series/The Show (2019)/Season 1/The Show S01E01.mkv",
    "Series/The Show (2019)/Season 1/The.Show.S01E02-E03.Pilot.1080p.mkv",
    "Series/The Show (2019)/Specials/01 - Making of.mp4",
)


@pytest.fixture
def world(tmp_path: Path) -> Refreshing:
    return Refreshing(tmp_path)


def put(world: Refreshing, *paths: str, written: datetime = WRITTEN) -> None:
    """Make empty media files below the folder `media`."""
    for path in paths:
        file = world.base / "media" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        os.utime(file, (written.timestamp(), written.timestamp()))


async def look(world: Refreshing, path: str = "media") -> list[dict[str, Any]] | None:
    """Return the films and series; None if nothing has changed."""
    rows = await world.refresh(kind="files", path=path)
    if rows is None:
        return None
    assert rows == []
    frame = pl.read_parquet(world.stage / "vod.parquet")
    assert frame.schema == schema.VOD
    assert frame["vod_id"].n_unique() == frame.height == world.report.films + world.report.series
    return frame.to_dicts()


def episodes(world: Refreshing) -> list[dict[str, Any]]:
    frame = pl.read_parquet(world.stage / "episodes.parquet")
    assert frame.schema == schema.EPISODES
    return frame.to_dicts()


async def names(world: Refreshing) -> list[str]:
    rows = await look(world)
    assert rows is not None
    return [row["name"] for row in rows]


async def test_a_film_is_told_by_its_name(world: Refreshing) -> None:
    put(world, "Silent/Metropolis (1927) {tmdb-19}/Metropolis (1927) 1080p.MKV")

    [film] = await look(world) or []

    assert {name: value for name, value in film.items() if value is not None} == {
        "vod_id": film["vod_id"],
        "source": "tv",
        "name": "Metropolis",
        "stream_type": "movie",
        "provider_id": "Silent/Metropolis (1927) {tmdb-19}/Metropolis (1927) 1080p.MKV",
        "category": "Silent",
        "tmdb": "19",
        "year": 1927,
        "container": "mkv",
        "added": WRITTEN,
        "stream_url": (world.base / "media" / film["provider_id"]).as_uri(),
        "line": 1,
    }


async def test_episodes_are_gathered_in_their_series(world: Refreshing) -> None:
    put(world, *SHOW)
    put(
        world,
        "Series/The Show (2019)/Season 1/the show s01e04.mkv",
        written=WRITTEN.replace(day=23),
    )

    [series] = await look(world) or []

    assert (series["name"], series["year"], series["stream_type"]) == ("The Show", 2019, "series")
    assert series["category"] == "Series"
    assert series["added"] == WRITTEN.replace(day=23)
    assert series["stream_url"] is None
    assert series["vod_id"] == f"tv.{series['provider_id']}"
    found = episodes(world)
    assert {row["vod_id"] for row in found} == {series["vod_id"]}
    assert [(row["season"], row["episode"], row["last"], row["name"]) for row in found] == [
        (1, 1, None, None),
        (1, 2, 3, "Pilot"),
        (1, 4, None, None),
        (0, 1, None, "Making of"),
    ]
    assert found[-1]["container"] == "mp4"
    assert found[0]["stream_url"].startswith("file:///")


async def test_films_stand_before_series_and_both_in_the_order_of_their_paths(
    world: Refreshing,
) -> None:
    put(world, *SHOW, "b.mkv", "a/z.mkv", "A Show 1x01.mkv")

    assert await names(world) == ["z", "b", "A Show", "The Show"]
    assert (world.report.films, world.report.series, world.report.channels) == (2, 2, 0)


async def test_series_of_one_name_and_two_years_are_two(world: Refreshing) -> None:
    put(world, "The Show (1990)/S01E01.mkv", "The Show (2019)/S01E01.mkv")

    assert [row["year"] for row in await look(world) or []] == [1990, 2019]


async def test_a_film_that_is_moved_or_comes_in_better_quality_stays_the_same(
    world: Refreshing,
) -> None:
    put(world, "Metropolis (1927).avi")
    [before] = await look(world) or []
    (world.base / "media" / "Metropolis (1927).avi").unlink()
    put(world, "Silent/Metropolis.1927.2160p.mkv")
    [after] = await look(world) or []

    assert after["vod_id"] == before["vod_id"]


@pytest.mark.parametrize(
    "path",
    [
        "notes.txt", "poster.jpg", "film.mkv.part", "mkv", "film.nfo",
        ".hidden.mkv", ".hidden/film.mkv", "@eaDir/film.mkv",
        "sample.mkv", "film-sample.mkv", "Sample/film.mkv", "sample-film.mkv", "film.sample.mkv",
        "film-trailer.mp4", "Trailers/film.mkv", "Extras/a.mkv", "Behind the Scenes/a.mkv",
        "film-featurette.mkv", "Featurettes/film.mkv",
    ],
)  # fmt: skip
async def test_what_is_no_film_is_left_out(world: Refreshing, path: str) -> None:
    put(world, path, "Metropolis.mkv")

    assert await names(world) == ["Metropolis"]


@pytest.mark.parametrize("name", ["Sampler (2010)", "The Trailer Park", "Extraordinary"])
async def test_a_film_whose_name_only_begins_so_is_one(world: Refreshing, name: str) -> None:
    put(world, f"{name}.mkv")

    assert len(await names(world)) == 1


async def test_what_is_left_out_is_counted(world: Refreshing) -> None:
    put(world, "Metropolis.mkv", "sample.mkv", "Trailers/a.mkv")
    (world.base / "media" / "link.mkv").symlink_to("Metropolis.mkv")
    name = os.fsencode(world.base / "media") + b"/\xff.mkv"
    os.close(os.open(name, os.O_CREAT))
    await look(world)

    assert world.report.rejected == {files.EXTRA: 2, files.LINK: 1, files.NO_TEXT: 1}
    assert set(world.report.rejected) <= set(files.REJECTED)


async def test_a_file_that_goes_while_the_folder_is_looked_into_costs_itself_only(
    world: Refreshing, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(world, "Gone.mkv", "Locked.mkv", "Metropolis.mkv")
    walk = files._walk

    def trouble(*args: Any) -> Iterator[Any]:
        for entry in walk(*args):
            if entry.name == "Gone.mkv":
                os.unlink(entry)  # noqa: PTH108 - it is no Path
            yield Locked(entry) if entry.name == "Locked.mkv" else entry

    monkeypatch.setattr(files, "_walk", trouble)
    assert await names(world) == ["Metropolis"]
    assert world.report.rejected == {files.NO_STATUS: 1}


class Locked:
    """A file in a folder of which the names may be read and nothing else."""

    def __init__(self, entry: os.DirEntry[str]) -> None:
        self.name, self.path = entry.name, entry.path

    def stat(self, **_: bool) -> os.stat_result:
        raise PermissionError(13, "Permission denied")


async def test_links_that_lead_out_of_the_folder_are_not_followed(world: Refreshing) -> None:
    elsewhere = world.base / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "Secret.mkv").touch()
    put(world, "Metropolis.mkv")
    (world.base / "media" / "folder").symlink_to(elsewhere)
    (world.base / "media" / "Secret.mkv").symlink_to(elsewhere / "Secret.mkv")
    (world.base / "media" / "loop").symlink_to(world.base / "media")

    assert await names(world) == ["Metropolis"]


async def test_the_folder_itself_may_be_a_link(world: Refreshing) -> None:
    put(world, "Metropolis.mkv")
    (world.base / "films").symlink_to(world.base / "media")

    assert len(await look(world, "films") or []) == 1


async def test_folders_are_looked_into_to_a_depth(world: Refreshing) -> None:
    put(world, "/".join("a" * files.DEEPEST) + "/In.mkv", "/".join("b" * 20) + "/Out.mkv")

    assert await names(world) == ["In"]
    assert world.report.rejected == {files.TOO_DEEP: 1}


async def test_too_many_files_are_refused(
    world: Refreshing, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(world, "a.mkv", "b.mkv", "c.mkv")
    monkeypatch.setattr(files, "MOST_FILES", 2)

    with pytest.raises(Transient) as caught:
        await look(world)
    assert caught.value.reason is Reason.TOO_LARGE


async def test_an_unchanged_folder_is_not_read_again(world: Refreshing) -> None:
    put(world, *SHOW)
    await look(world)

    assert await look(world) is None


@pytest.mark.parametrize("change", ["new", "gone", "renamed", "longer", "written again"])
async def test_a_changed_folder_is_noticed(world: Refreshing, change: str) -> None:
    put(world, *SHOW, "Metropolis.mkv")
    await look(world)
    film = world.base / "media" / "Metropolis.mkv"
    match change:
        case "new":
            put(world, "Nosferatu.mkv")
        case "gone":
            film.unlink()
        case "renamed":
            film.rename(film.with_name("Nosferatu.mkv"))
        case "longer":
            film.write_text("x")
            os.utime(film, (WRITTEN.timestamp(), WRITTEN.timestamp()))
        case "written again":
            os.utime(film)

    assert await look(world) is not None


async def test_an_unimportant_file_is_no_change(world: Refreshing) -> None:
    put(world, "Metropolis.mkv")
    await look(world)
    put(world, "Metropolis.nfo")

    assert await look(world) is None


@pytest.mark.parametrize("path", ["nowhere", "media/Metropolis.mkv", "media\0"])
async def test_a_folder_that_cannot_be_read_is_told(world: Refreshing, path: str) -> None:
    put(world, "Metropolis.mkv")

    with pytest.raises(Transient, match="cannot be read") as caught:
        files.look_into(world.base / path)
    assert caught.value.reason is Reason.FILE_MISSING


async def test_a_folder_without_films_may_be_a_disk_that_is_not_mounted(world: Refreshing) -> None:
    (world.base / "media").mkdir()

    with pytest.raises(Transient) as caught:
        await look(world)
    assert caught.value.reason is Reason.EMPTY_ANSWER


async def test_a_date_that_no_calendar_has_is_none(world: Refreshing) -> None:
    found = files.Found("a.mkv", 0, 10**30)

    assert files._instant(found) is None


async def test_the_same_folder_gives_the_same_bytes(world: Refreshing) -> None:
    put(world, *SHOW, "a.mkv", "b.mkv")
    snapshots = []
    for _ in range(2):
        world.known = {}
        await look(world)
        snapshots.append([(path.name, path.read_bytes()) for path in sorted(world.stage.iterdir())])

    assert [name for name, _ in snapshots[0]] == [
        "channels.parquet",
        "episodes.parquet",
        "vod.parquet",
    ]
    assert snapshots[0] == snapshots[1]
