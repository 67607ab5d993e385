"""Names of media files, as people and programs write them, and what they mean."""

from __future__ import annotations

from pathlib import PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvarr.ingest.filenames import Named, clean, read_name, season_of


def read(path: str) -> Named:
    *folders, name = PurePath(path).parts
    return read_name(folders, PurePath(name).stem)


@pytest.mark.parametrize(
    ("path", "title", "year"),
    [
        ("Metropolis (1927).mkv", "Metropolis", 1927),
        ("Metropolis [1927].mkv", "Metropolis", 1927),
        ("Metropolis 1927.mkv", "Metropolis", 1927),
        ("Metropolis.mkv", "Metropolis", None),
        ("Metropolis.1927.1080p.BluRay.x264-GROUP.mkv", "Metropolis", 1927),
        ("metropolis_1927_dvdrip_xvid.avi", "metropolis", 1927),
        ("Nosferatu.1080p.WEB-DL.mkv", "Nosferatu", None),
        ("Nosferatu - 1922 - 720p.mkv", "Nosferatu", 1922),
        ("Nosferatu (1922) [1080p] [WEBRip] [5.1].mkv", "Nosferatu", 1922),
        ("The General (1926) - 2160p HDR.mkv", "The General", 1926),
        ("Safety.Last!.1923.REMASTERED.1080p.mkv", "Safety Last!", 1923),
        ("Safety.Last!.REMASTERED.1080p.mkv", "Safety Last!", None),
        ("Dr. Caligari (1920).mkv", "Dr. Caligari", 1920),
        ("2001 A Space Odyssey (1968).mkv", "2001 A Space Odyssey", 1968),
        ("2012.2009.1080p.mkv", "2012", 2009),
        ("2012.mkv", "2012", None),
        ("1917 (2019).mkv", "1917", 2019),
        ("Blade Runner 2049 (2017).mkv", "Blade Runner 2049", 2017),
        ("Blade.Runner.2049.2017.2160p.UHD.BluRay.mkv", "Blade Runner 2049", 2017),
        ("Blade.Runner.2049.1080p.mkv", "Blade Runner 2049", None),
        ("Charlotte's Web (2006).mkv", "Charlotte's Web", 2006),
        ("S.W.A.T. (2003).mkv", "SWAT", 2003),
        ("Fahrenheit 451 (1966).mkv", "Fahrenheit 451", 1966),
        ("Die Hard 4.0 (2007).mkv", "Die Hard 4.0", 2007),
        ("Se7en.1995.mkv", "Se7en", 1995),
        ("Das Cabinet (1920)/movie-1080p.mkv", "Das Cabinet", 1920),
        ("Films/Das Cabinet (1920)/cabinet.mkv", "Das Cabinet", 1920),
        ("Films/Das Cabinet (1920)/Das Cabinet (1920) - Part of.mkv", "Das Cabinet", 1920),
        ("Metropolis (1927) cd2.avi", "Metropolis", 1927),
        ("[Group] Metropolis (1927).mkv", "Metropolis", 1927),
        ("Metropolis (1927) {tmdb-19}.mkv", "Metropolis", 1927),
        ("Amélie (2001).mkv", "Amélie", 2001),
        ("七人の侍 (1954).mkv", "七人の侍", 1954),
        ("(1927).mkv", "1927", None),
        ("1080p.mkv", "1080p", None),
        ("x264.mkv", "x264", None),
        ("---.mkv", "---", None),
    ],
)
def test_a_film_is_read_from_its_name(path: str, title: str, year: int | None) -> None:
    named = read(path)

    assert (named.title, named.year, named.is_episode) == (title, year, False)


@pytest.mark.parametrize(
    ("path", "title", "season", "episode", "episode_title"),
    [
        ("The Show S01E02.mkv", "The Show", 1, 2, None),
        ("The.Show.S01E02.1080p.WEB-DL.x264-GROUP.mkv", "The Show", 1, 2, None),
        ("the_show_s01e02_pilot.mkv", "the show", 1, 2, "pilot"),
        ("The Show - S01E02 - The Pilot.mkv", "The Show", 1, 2, "The Pilot"),
        ("The Show - S01E02 - The Pilot (1080p HDTV).mkv", "The Show", 1, 2, "The Pilot"),
        ("The.Show.S01E02.The.Pilot.PROPER.720p.mkv", "The Show", 1, 2, "The Pilot"),
        ("The Show 1x02.mkv", "The Show", 1, 2, None),
        ("The Show - 1x02 - Pilot.mkv", "The Show", 1, 2, "Pilot"),
        ("The Show 10x112.mkv", "The Show", 10, 112, None),
        ("The Show s1 e2.mkv", "The Show", 1, 2, None),
        ("The Show Season 1 Episode 2.mkv", "The Show", 1, 2, None),
        ("Die Sendung Staffel 1 Folge 2.mkv", "Die Sendung", 1, 2, None),
        ("The Show S2019E05.mkv", "The Show", 2019, 5, None),
        ("The Show S00E03.mkv", "The Show", 0, 3, None),
        ("The Show 2019-05-31 A Guest.mkv", "The Show", 2019, 531, "A Guest"),
        ("The.Daily.Show.2019.05.31.720p.mkv", "The Daily Show", 2019, 531, None),
        ("The Show/Season 1/1x02 - Pilot.mkv", "The Show", 1, 2, "Pilot"),
        ("The Show/Season 01/02 - Pilot.mkv", "The Show", 1, 2, "Pilot"),
        ("The Show/Season 1/Episode 2.mkv", "The Show", 1, 2, None),
        ("The Show/S01/S01E02.mkv", "The Show", 1, 2, None),
        ("The Show/S01/02.mkv", "The Show", 1, 2, None),
        ("The Show/Specials/03 - Making of.mkv", "The Show", 0, 3, "Making of"),
        ("Series/The Show/The Show S01E02.mkv", "The Show", 1, 2, None),
        ("The Show/S01E02 - Pilot.mkv", "The Show", 1, 2, "Pilot"),
        ("[Group] The Show - 05 (1080p) [ABCD].mkv", "The Show", 1, 5, None),
        ("S.W.A.T.S01E02.mkv", "SWAT", 1, 2, None),
        ("Mr. Robot S01E02.mkv", "Mr. Robot", 1, 2, None),
        ("24 S01E02.mkv", "24", 1, 2, None),
        ("The 100 1x02 1920x1080.mkv", "The 100", 1, 2, None),
    ],
)
def test_an_episode_is_read_from_its_name(
    path: str, title: str, season: int, episode: int, episode_title: str | None
) -> None:
    named = read(path)

    assert (named.title, named.season, named.episode) == (title, season, episode)
    assert named.episode_title == episode_title
    assert named.last is None


@pytest.mark.parametrize(
    "name",
    [
        "The Show S01E02E03",
        "The Show S01E02-E03",
        "The Show S01E02-03",
        "The.Show.S01E02-E03.720p",
        "The Show 1x02-03",
        "The Show 1x02-1x03",
    ],
)
def test_several_episodes_in_one_file_are_told(name: str) -> None:
    named = read(f"{name}.mkv")

    assert (named.title, named.season, named.episode, named.last) == ("The Show", 1, 2, 3)


def test_a_resolution_behind_the_episode_is_no_further_episode() -> None:
    assert read("The Show S01E02-720p.mkv").last is None


@pytest.mark.parametrize(
    "path",
    [
        "The Show (2019) S01E02.mkv",
        "The.Show.2019.S01E02.mkv",
        "The Show (2019)/The Show S01E02.mkv",
        "The Show (2019)/Season 1/02.mkv",
        "The Show (2019)/Season 1/S01E02 (2020).mkv",
    ],
)
def test_the_year_of_a_series_is_that_of_its_title_or_its_folder(path: str) -> None:
    named = read(path)

    assert (named.title, named.year) == ("The Show", 2019)


@pytest.mark.parametrize(
    ("path", "tmdb", "imdb"),
    [
        ("Metropolis (1927) {tmdb-19}.mkv", "19", None),
        ("Metropolis (1927) [imdbid-tt0017136].mkv", None, "tt0017136"),
        ("Metropolis (1927) [tmdbid=19]/Metropolis {imdb-tt0017136}.mkv", "19", "tt0017136"),
        ("The Show {tvdb-12}/S01E02.mkv", None, None),
        ("Metropolis {tmdb-tt0017136} {imdb-19}.mkv", None, None),
    ],
)
def test_ids_of_libraries_are_read(path: str, tmdb: str | None, imdb: str | None) -> None:
    named = read(path)

    assert (named.tmdb, named.imdb) == (tmdb, imdb)
    assert "{" not in named.title


@pytest.mark.parametrize(
    ("folder", "season"),
    [
        ("Season 1", 1), ("season.02", 2), ("S03", 3), ("Staffel 4", 4), ("Specials", 0),
        ("Season 1 (2019)", 1), ("Series 5", 5), ("The Show", None), ("Seasons", None), ("", None),
    ],
)  # fmt: skip
def test_the_folder_of_a_season_is_known(folder: str, season: int | None) -> None:
    assert season_of(folder) == season


WORDS = st.text(
    st.sampled_from([*"aZ0129 .-_()[]{}xXsSeE", "é", "世", "\u200b"]), min_size=1, max_size=60
)


@given(folders=st.lists(WORDS, max_size=3), stem=WORDS)
def test_every_name_is_something(folders: list[str], stem: str) -> None:
    named = read_name(folders, stem)

    assert named.title or named.is_episode or not stem.strip()
    assert (named.season is None) == (named.episode is None)


@pytest.mark.parametrize("letter", [*" .-_([{1xseE"])
def test_no_name_takes_long(letter: str) -> None:
    """A file's name has 255 bytes at most; with a power of two of them this would not end."""
    for stem in (letter * 255, f"a{letter}" * 127, f"1{letter}" * 127, f"s1{letter}" * 85):
        assert read_name([stem, stem], stem)
        assert clean(stem)
