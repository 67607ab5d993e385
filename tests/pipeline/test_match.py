"""Guide channels found by tvg-id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from tests.builders import guide, guide_channel, programme
from tvarr.pipeline.match import MATCHES, match

if TYPE_CHECKING:
    from pathlib import Path

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
