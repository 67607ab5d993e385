"""What is taken off a name before it is compared, and what is told by it."""

from __future__ import annotations

import polars as pl
import pytest

from tests.pipeline.test_marks import BRANDS, PLACES
from tvarr.pipeline import decoration, marks, quality
from tvarr.pipeline.names import read_name


def taken_off(name: str) -> dict[str, str]:
    row = decoration.taken_off(pl.Series([name])).row(0, named=True)
    said = {fact: text for fact, text in row.items() if text}
    return said | {"left": " ".join(row["left"].split())}


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("UK: BBC One FHD", {"left": "bbc one", "country": "uk", "quality": "hd"}),
        ("BBC One (UK) [4K]", {"left": "bbc one", "edition": "uk", "quality": "uhd"}),
        ("ION US (720p)", {"left": "ion", "edition": "us", "quality": "hd"}),
        ("🇫🇷 TF1 SD", {"left": "tf1", "country": "fr", "quality": "sd"}),
        ("Film4 +1 HD", {"left": "film4", "hours": "+1", "quality": "hd"}),
        ("VIP DE: Sky 1 Backup", {"left": "sky 1", "country": "de"}),
        ("1+1 HD", {"left": "1+1", "quality": "hd"}),
        ("TV | Foo", {"left": "tv | foo"}),
        ("Straße", {"left": "strasse"}),
        ("MBC \u0661", {"left": "mbc 1"}),
        ("", {"left": ""}),
    ],
)
def test_each_part_goes_where_it_belongs(name: str, found: dict[str, str]) -> None:
    assert taken_off(name) == found


@pytest.mark.parametrize(
    ("mark", "kind"),
    [
        *(
            ("8K", "uhd"),
            ("4K", "uhd"),
            ("FHD", "hd"),
            ("1080i", "hd"),
            ("720p", "hd"),
            ("HD", "hd"),
        ),
        *(("576i", "sd"), ("SD", "sd"), ("LQ", "sd"), ("HQ", ""), ("HEVC", ""), ("50fps", "")),
    ],
)
def test_resolutions_come_to_three_kinds(mark: str, kind: str) -> None:
    name = read_name(f"Sky One {mark}")
    assert name is not None
    assert (name.key, name.quality) == ("sky1", kind)


@pytest.mark.parametrize("name", [*BRANDS, *PLACES, *PLACES.values()])
def test_names_are_compared_without_the_marks_that_are_read_as_facts(name: str) -> None:
    clean = pl.DataFrame({"name": [name]}).select(quality.clean_name(pl.col("name"))).item()
    first, second = read_name(name), read_name(clean)
    assert (first and (first.key, first.guard)) == (second and (second.key, second.guard))


def test_what_is_no_country_stays_in_front() -> None:
    found = decoration.taken_off(
        pl.Series(["CSI: Miami", "|uk| - Film4", "TV: Film4", "FR \u2013 TF1"])
    )
    assert found["left"].to_list() == ["csi: miami", "- film4", "tv: film4", "tf1"]
    assert found["country"].to_list() == [None, "uk", None, "fr"]


def test_rows_do_not_look_at_each_other() -> None:
    names = ["UK: BBC One FHD", "", "Film4 +1", "[Geo-blocked]", "ION US", "🇫🇷 TF1", "Sky (UK)"]
    together = decoration.taken_off(pl.Series(names))
    alone = pl.concat([decoration.taken_off(pl.Series([name])) for name in names])
    assert together.equals(alone)
    assert decoration.taken_off(pl.Series([], dtype=pl.String)).is_empty()


@pytest.mark.parametrize(
    ("name", "hours"),
    [
        ("Film4 + 1", "+1"),
        ("Film4 plus 1h", "+1"),
        ("Film4 +1x +2", "+2"),
        ("Film4 plus1x +24", "+24"),
        ("1+1", ""),
        ("1+1 International +2", "+2"),
        ("+1", ""),
    ],
)
def test_hours_late_stand_behind_a_brand(name: str, hours: str) -> None:
    assert decoration.taken_off(pl.Series([name]))["hours"].to_list() == [hours]


@pytest.mark.parametrize("name", ["\ufdfa" * 180 + "+1x", "a plus1x " * 22, "&" * 200])
def test_what_is_compared_of_a_name_is_bounded_whatever_its_letters_become(name: str) -> None:
    """U+FDFA becomes eighteen letters; a pattern that begins at each of them takes a second."""
    left = decoration.taken_off(pl.Series([name]))["left"].item()
    assert len(left) <= decoration.LONGEST


def test_what_is_known_of_names_holds_for_those_alone_that_are_the_same() -> None:
    came = pl.Series(["A HD", "B SD", "C FHD", "D HD" + " long" * 50])
    names = pl.Series(["A HD", "B 4K", "C", "D HD" + " long" * 50])
    known = marks.parted(came).to_struct()
    assert decoration.taken_off(names, known).equals(decoration.taken_off(names))
    assert decoration.taken_off(came, known).equals(decoration.taken_off(came))
