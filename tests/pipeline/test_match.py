"""Guide channels found by what the YAML pins, by ids and by names."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import Row, channel, channels, guide, guide_channel, programme
from tvarr.pipeline import merge
from tvarr.pipeline.match import MATCHES, NEAR, Matched, match
from tvarr.pipeline.match import search as match_all
from tvarr.pipeline.pins import of_use, set_apart, unused_pins
from tvarr.spec.matching import Matching

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tvarr.catalog.snapshots import Snapshot


def lineup(*ids: str) -> pl.DataFrame:
    return pl.DataFrame({"guide_id": ids, "tvg_id": ids})


def found(channels: pl.DataFrame, *guides: Snapshot) -> list[tuple[str, str]]:
    matches = match(channels, guides)
    return matches.select("guide_id", "guide_channel").rows()


def uk(folder: Path, *ids: str, name: str = "uk") -> Snapshot:
    return guide(folder, name=name, declared=tuple(guide_channel(known) for known in ids))


def test_the_same_id_matches(tmp_path: Path) -> None:
    assert found(lineup("bbc1", "itv"), uk(tmp_path, "itv", "bbc1", "c4")) == [
        ("bbc1", "bbc1"),
        ("itv", "itv"),
    ]


def test_a_channel_that_no_guide_knows_has_no_row(tmp_path: Path) -> None:
    assert found(lineup("bbc1"), uk(tmp_path, "itv")) == []


def test_without_guides_the_columns_are_still_there() -> None:
    assert match(lineup("bbc1"), []).schema == pl.Schema(MATCHES)


def test_the_columns_are_as_declared_with_guides_too(tmp_path: Path) -> None:
    assert match(lineup("bbc1"), [uk(tmp_path, "bbc1")]).schema == pl.Schema(MATCHES)


@pytest.mark.parametrize(
    ("tvg_id", "known"),
    [
        ("BBC1.uk", "bbc1.UK"),
        (" bbc1 ", "bbc1"),
        ("bbc1", "\u00a0bbc1\t"),
        ("STRASSE", "Straße"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
    ],
)
def test_letter_case_and_blanks_around_do_not_count(
    tmp_path: Path, tvg_id: str, known: str
) -> None:
    assert found(lineup(tvg_id), uk(tmp_path, known)) == [(tvg_id, known)]


def test_blanks_inside_do_count(tmp_path: Path) -> None:
    assert found(lineup("bbc 1"), uk(tmp_path, "bbc1")) == []


def test_the_id_written_exactly_so_wins(tmp_path: Path) -> None:
    assert found(lineup("Bbc1"), uk(tmp_path, "BBC1", "bbc1", "Bbc1")) == [("Bbc1", "Bbc1")]


def test_among_ids_that_are_alike_the_first_of_the_document_wins(tmp_path: Path) -> None:
    assert found(lineup("Bbc1"), uk(tmp_path, "bbc1", "BBC1")) == [("Bbc1", "bbc1")]


def test_one_guide_channel_serves_all_that_spell_it(tmp_path: Path) -> None:
    assert found(lineup("BBC1", "bbc1", "bbc1 "), uk(tmp_path, "bbc1")) == [
        ("BBC1", "bbc1"),
        ("bbc1", "bbc1"),
        ("bbc1 ", "bbc1"),
    ]


def test_entries_that_share_an_id_have_one_row(tmp_path: Path) -> None:
    assert found(lineup("bbc1", "bbc1"), uk(tmp_path, "bbc1")) == [("bbc1", "bbc1")]


def test_programmes_make_a_channel_known_that_is_never_declared(tmp_path: Path) -> None:
    undeclared = guide(tmp_path, programme("BBC1", "18:00"))
    assert found(lineup("bbc1"), undeclared) == [("bbc1", "BBC1")]


def test_every_guide_that_knows_a_channel_has_a_row_with_its_place(tmp_path: Path) -> None:
    first = uk(tmp_path, "itv", name="first")
    second = uk(tmp_path, "BBC1", "itv", name="second")
    assert match(lineup("bbc1", "itv"), [first, second]).rows() == [
        ("bbc1", "second", "BBC1", 1, "alike", 99),
        ("itv", "first", "itv", 0, "id", 100),
        ("itv", "second", "itv", 1, "id", 100),
    ]


def test_the_providers_own_spelling_is_what_a_guide_is_asked_for(tmp_path: Path) -> None:
    channels = pl.DataFrame({"guide_id": ["the 'one'"], "tvg_id": ['the "one"']})
    assert found(channels, uk(tmp_path, 'the "one"')) == [("the 'one'", 'the "one"')]


def test_a_channel_without_tvg_id_is_asked_for_by_its_own_id(tmp_path: Path) -> None:
    channels = pl.DataFrame({"guide_id": ["tv.0a1b", "tv.2c3d"], "tvg_id": [None, " "]})
    assert found(channels, uk(tmp_path, "TV.0A1B", " ")) == [("tv.0a1b", "TV.0A1B")]


# --- all kinds of evidence ---------------------------------------------------------------------


def search(
    rows: Sequence[Row], *guides: Snapshot, among: pl.DataFrame | None = None, **matching: Any
) -> Matched:
    lineup = merge.with_guide_ids(channels(*rows))
    lineup = set_apart(lineup, matching.get("pins", {}))
    return match_all(lineup, guides, Matching(**matching), among)


def taken(result: Matched) -> list[tuple[str, str, int]]:
    return result.matches.select("guide_channel", "evidence", "confidence").rows()


def known(folder: Path, name: str = "uk", **named: str) -> Snapshot:
    declared = tuple(guide_channel(key.replace("_", "."), text) for key, text in named.items())
    return guide(folder, name=name, declared=declared)


@pytest.mark.parametrize(
    ("row", "evidence", "confidence"),
    [
        (channel("x", "bbc1.uk"), "id", 100),
        (channel("x", " BBC1.UK"), "alike", 99),
        (channel("x", "BBC1.uk@HD"), "base", 97),
        (channel("x", "bbc1-hd"), "base", 95),
        (channel("UK: BBC 1 FHD", "?"), "name", 95),
        (channel("Beeb 1", None, tvg_name="BBC One"), "name", 96),
    ],
)
def test_the_strongest_evidence_counts(
    tmp_path: Path, row: Row, evidence: str, confidence: int
) -> None:
    guides = known(tmp_path, bbc1_uk="BBC One", other="Other")
    assert taken(search([row], guides)) == [("bbc1.uk", evidence, confidence)]


def test_all_evidence_has_the_same_columns(tmp_path: Path) -> None:
    result = search([channel("BBC One")], known(tmp_path, a="BBC One"))
    assert result.matches.schema == pl.Schema(MATCHES)
    assert result.near.schema == pl.Schema(NEAR)
    none = search([channel("BBC One")])
    assert (none.matches.schema, none.near.schema) == (pl.Schema(MATCHES), pl.Schema(NEAR))


def test_the_edition_for_another_country_is_doubted_where_a_guide_tells_none(
    tmp_path: Path,
) -> None:
    guides = known(tmp_path, a="Bondi Rescue")
    rows = [channel("Bondi Rescue", tvg_id) for tvg_id in ("BR.us@SD", "BR.us@US", "BR.se@DK")]
    result = search(rows, guides)
    assert result.matches["guide_id"].to_list() == ["BR.us@SD", "BR.us@US"]
    assert result.near.select("guide_id", "confidence").rows() == [("BR.se@DK", 86)]


def test_a_channel_that_is_found_by_its_name_keeps_its_id(tmp_path: Path) -> None:
    result = search([channel("BBC One", "mine")], known(tmp_path, theirs="BBC One"))
    assert result.matches["guide_id"].to_list() == ["mine"]


def test_below_the_threshold_there_are_near_misses_only(tmp_path: Path) -> None:
    guides = known(tmp_path, a="BBC One HD")
    result = search([channel("BBC One", "x")], guides, threshold="96%")
    assert result.matches.is_empty()
    assert result.near.rows() == [("x", "uk", "a", "BBC One HD", 95, "is called so")]


def test_a_channel_that_some_guide_knows_has_no_near_misses(tmp_path: Path) -> None:
    first = known(tmp_path, a="Sky Sports Golf")
    second = known(tmp_path, "second", b="Sky Sports Football")
    result = search([channel("Sky Sports Football")], first, second)
    assert [match[:2] for match in taken(result)] == [("b", "name")]
    assert result.near.is_empty()


def test_what_guards_refuse_is_not_taken_at_any_threshold(tmp_path: Path) -> None:
    guides = known(tmp_path, a="Sky Sports Golf", b="Sky Sports Football +1")
    assert search([channel("Sky Sports Football")], guides, threshold="1%").matches.is_empty()


def test_entries_of_one_id_and_several_names_are_not_found_by_name(tmp_path: Path) -> None:
    rows = [channel("BBC One", "none"), channel("ITV", "none")]
    assert search(rows, known(tmp_path, a="BBC One", b="ITV")).matches.is_empty()
    rows = [channel("BBC One", "none"), channel("BBC 1 HD", "none")]
    assert [match[0] for match in taken(search(rows, known(tmp_path, a="BBC One")))] == ["a"]


def test_a_tvg_name_of_another_number_does_not_count(tmp_path: Path) -> None:
    row = channel("Channel 4 +1", None, tvg_name="Channel 4")
    assert search([row], known(tmp_path, a="Channel 4")).matches.is_empty()


def test_an_id_without_country_takes_no_side(tmp_path: Path) -> None:
    guides = known(tmp_path, ESPN_us="x", ESPN_br="y")
    assert search([channel("Sports", "ESPN")], guides).matches.is_empty()
    row = channel("Sports", "ESPN", group_title="United States")
    assert taken(search([row], guides)) == [("ESPN.us", "base", 97)]


def test_a_guide_is_of_the_country_of_nearly_all_that_its_ids_find(tmp_path: Path) -> None:
    told = {f"c{number}": f"Channel {number}" for number in range(12)}
    guides = known(tmp_path, twin="Twin", **told)
    home = [channel(name, key, group_title="Canada") for key, name in told.items()]
    twin = channel("Twin", None, group_title="France")
    assert "twin" not in search([*home, twin], guides).matches["guide_channel"]
    other = channel("Twin", None, group_title="Canada")
    assert "twin" in search([*home, other], guides).matches["guide_channel"]
    # one channel alone is searched for as the lineup has it
    among = merge.with_guide_ids(channels(*home, twin))
    assert search([twin], guides, among=among).matches.is_empty()
    assert not search([twin], guides).matches.is_empty()


def test_a_pin_is_by_name_or_by_channel_id(tmp_path: Path) -> None:
    guides = known(tmp_path, a="BBC One", b="ITV")
    rows = [channel("BBC One"), channel("ITV")]
    ids = channels(*rows)["channel_id"]
    result = search(rows, guides, pins={" bbc one": "b", ids[1]: "a"})
    assert taken(result) == [("b", "pinned", 100), ("a", "pinned", 100)]


def test_a_pin_counts_in_the_guides_that_have_it_and_nowhere_else(tmp_path: Path) -> None:
    first, second = known(tmp_path, a="BBC One"), known(tmp_path, "second", b="BBC One")
    result = search([channel("BBC One", "a")], first, second, pins={"BBC One": "b"})
    assert taken(result) == [("b", "pinned", 100)]


@pytest.mark.parametrize("pin", ["", "not there"])
def test_a_pin_to_nothing_finds_nothing(tmp_path: Path, pin: str) -> None:
    guides = known(tmp_path, a="BBC One")
    result = search([channel("BBC One", "a")], guides, pins={"BBC One": pin})
    assert result.matches.is_empty()
    assert result.near.is_empty()


def test_a_pinned_channel_does_not_take_those_along_that_share_its_id(tmp_path: Path) -> None:
    guides = known(tmp_path, a="BBC One", b="ITV")
    rows = [channel("BBC One", "a"), channel("BBC 1", "a")]
    lineup = set_apart(merge.with_guide_ids(channels(*rows)), {"BBC One": "b"})
    assert lineup["guide_id"].to_list() == [lineup["channel_id"][0], "a"]
    result = search(rows, guides, pins={"BBC One": "b"})
    assert taken(result) == [("b", "pinned", 100), ("a", "id", 100)]


def test_a_pin_to_what_no_guide_has_is_not_for_those_that_share_its_id(tmp_path: Path) -> None:
    guides = known(tmp_path, a="BBC One", B="ITV")
    assert of_use({"1": "nowhere", "2": "", "3": " b"}, [guides]) == {"2": "", "3": " b"}
    rows = [channel("BBC One", "a"), channel("BBC 1", "a")]
    whole = merge.with_guide_ids(channels(*rows))
    result = match_all(whole, [guides], Matching(pins={"BBC One": "nowhere"}))
    assert taken(result) == [("a", "id", 100)]


def test_pins_that_nothing_is_meant_by_are_told() -> None:
    lineup = merge.with_guide_ids(channels(channel("BBC One")))
    own = lineup["channel_id"][0]
    found = pl.DataFrame({"guide_channel": ["a", "B"], "evidence": ["pinned"] * 2})
    assert unused_pins(lineup, {"bbc one ": "a", own: "b", "ITV": "a"}, found) == ("ITV",)


def test_pins_to_what_no_guide_has_are_told() -> None:
    lineup = merge.with_guide_ids(channels(channel("BBC One"), channel("ITV"), channel("Test")))
    found = pl.DataFrame({"guide_channel": ["a", "b"], "evidence": ["pinned", "id"]})
    pins = {"BBC One": "a", "ITV": "b", "Test": ""}
    assert unused_pins(lineup, pins, found) == ("ITV",)


@given(st.lists(st.text(max_size=30), max_size=8), st.lists(st.text(max_size=30), max_size=8))
@settings(max_examples=40, deadline=None)
def test_any_names_can_be_searched(names: list[str], others: list[str]) -> None:
    with TemporaryDirectory() as folder:
        declared = tuple(guide_channel(f"g{place}", text) for place, text in enumerate(others))
        guides = guide(Path(folder), declared=declared)
        result = search([channel(name) for name in names], guides)
    assert result.matches["guide_id"].n_unique() == result.matches.height
    assert (result.matches["confidence"] >= 90).all()
    assert not set(result.near["guide_id"]) & set(result.matches["guide_id"])
