"""Which names a guide's channels are found by, and which they are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.builders import guide, guide_channel, programme
from tvarr.pipeline import likeness
from tvarr.pipeline.likeness import Like, Wanted
from tvarr.pipeline.names import read_name

if TYPE_CHECKING:
    from pathlib import Path

    from tvarr.catalog.snapshots import Snapshot


def wanted(name: str, country: str | None = None) -> Wanted:
    read = read_name(name)
    assert read is not None
    return Wanted("x", (read,), country, read.edition)


def equal(folder: Path, name: str, *known: str, country: str | None = None) -> tuple[Like, ...]:
    declared = tuple(guide_channel(f"g{place}", text) for place, text in enumerate(known))
    return equal_in(guide(folder, declared=declared), wanted(name, country))


def equal_in(known: Snapshot, one: Wanted, country: str | None = None) -> tuple[Like, ...]:
    return likeness.equal(known, [one], country).get(one.guide_id, ())


def alike(folder: Path, name: str, *known: str) -> tuple[Like, ...]:
    declared = tuple(guide_channel(f"g{place}", text) for place, text in enumerate(known))
    found = likeness.alike(guide(folder, declared=declared), [wanted(name)], None)
    return found.get("x", ())


def test_an_equal_name_is_taken(tmp_path: Path) -> None:
    assert equal(tmp_path, "UK: BBC One", "BBC Two", "BBC One") == (
        Like("g1", "BBC One", 96, "is called so", taken=True),
    )


@pytest.mark.parametrize(
    ("name", "known", "confidence"),
    [
        ("BBC One HD", "BBC One HD", 96),
        ("BBC One HD", "BBC One", 95),
        ("BBC One 4K", "BBC One", 92),
        ("History", "The History Channel", 93),
        ("History 4K", "History Channel", 89),
    ],
)
def test_what_differs_costs_confidence(
    tmp_path: Path, name: str, known: str, confidence: int
) -> None:
    assert [like.confidence for like in equal(tmp_path, name, known)] == [confidence]


def test_the_same_quality_is_preferred(tmp_path: Path) -> None:
    assert equal(tmp_path, "BBC One HD", "BBC One", "BBC One HD")[0].guide_channel == "g1"


def test_several_of_one_name_are_none(tmp_path: Path) -> None:
    likes = equal(tmp_path, "ABC", "ABC", "ABC")
    assert [(like.guide_channel, like.taken) for like in likes] == [("g0", False), ("g1", False)]
    assert likes[0].why == "2 of its channels are called so"


def test_of_several_the_one_with_programmes_is_taken(tmp_path: Path) -> None:
    both = (guide_channel("a", "ABC"), guide_channel("b", "ABC"))
    known = guide(tmp_path, programme("b", "18:00"), declared=both)
    first = equal_in(known, wanted("ABC"))[0]
    assert (first.guide_channel, first.taken) == ("b", True)


def test_countries_must_agree(tmp_path: Path) -> None:
    declared = (guide_channel("d.us", "Discovery"),)
    known = guide(tmp_path, declared=declared)
    assert equal_in(known, wanted("Discovery", "uk")) == ()
    assert equal_in(known, wanted("Discovery", "us"))[0].taken
    assert equal_in(known, wanted("Discovery"))[0].taken


def test_the_guides_own_country_counts_where_a_channel_tells_none(tmp_path: Path) -> None:
    known = guide(tmp_path, declared=(guide_channel("d", "Discovery"),))
    assert equal_in(known, wanted("Discovery", "uk"), "us") == ()


def test_an_edition_of_another_country_is_not_the_one_at_home(tmp_path: Path) -> None:
    assert equal(tmp_path, "Fifth Gear", "Fifth Gear (UK)", country="us") == ()
    assert equal(tmp_path, "Fifth Gear (UK)", "Fifth Gear", country="uk")[0].taken


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("Eurosprot 2", "Eurosport 2"),
        ("Investigation Discovery", "Investigaton Discovery"),
        ("Sky Sport Premier League", "Sky Sports Premier League"),
    ],
)
def test_a_misspelt_name_is_found(tmp_path: Path, name: str, known: str) -> None:
    first = alike(tmp_path, name, known)[0]
    assert first.taken
    assert 85 <= first.confidence <= likeness.MOST_ALIKE


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("BBC One North West", "BBC One London"),
        ("Sky Sports Football", "Sky Sports Golf"),
        ("Boing", "Boxing"),
        ("Action TV", "Auction TV"),
        ("Movie TV", "Movie Channel"),
        ("MTV Hits", "MTV Hit List"),
    ],
)
def test_other_words_are_never_taken(tmp_path: Path, name: str, known: str) -> None:
    assert not any(like.taken for like in alike(tmp_path, name, known))


def test_what_is_near_is_told_likeliest_first(tmp_path: Path) -> None:
    likes = alike(tmp_path, "Sky Sports Football", "Sky Sports Golf", "Sky Sports Footgolf", "Zed")
    assert [like.guide_channel for like in likes] == ["g1", "g0"]
    assert {like.why for like in likes} == {"has other words"}


def test_two_that_are_as_likely_are_none(tmp_path: Path) -> None:
    likes = alike(tmp_path, "Discovery Science", "Discovery Sciense", "Discovery Scienze")
    assert not likes[0].taken
    assert likes[0].why == "is one of several that are as likely"


def test_numbers_are_not_even_compared(tmp_path: Path) -> None:
    assert alike(tmp_path, "Eurosport 1", "Eurosport 2", "Eurosport") == ()


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        (("sky", "sports"), ("sports", "sky"), True),
        (("sky", "sports"), ("sky", "sport"), True),
        (("movies",), ("movie",), False),
        (("eurosport",), ("eurosprot",), True),
        (("sky", "golf"), ("sky",), False),
        (("ab", "12"), ("ab", "13"), False),
    ],
)
def test_words_are_paired(one: tuple[str, ...], other: tuple[str, ...], agree: bool) -> None:
    assert likeness.aligned(one, other) is agree
    assert likeness.aligned(other, one) is agree
