"""What is kept of a guide is bounded, whatever it has for names."""

from __future__ import annotations

from itertools import islice, product
from typing import TYPE_CHECKING, Any

import pytest

from tests.builders import channel, channels, guide, guide_channel
from tvarr.pipeline import called, guide_ids, likeness, match, merge
from tvarr.pipeline.called import index_of
from tvarr.pipeline.decoration import LONGEST
from tvarr.spec.matching import Matching

if TYPE_CHECKING:
    from pathlib import Path

    from tvarr.catalog.snapshots import Snapshot


def known(folder: Path, *names: str) -> Snapshot:
    return guide(folder, declared=tuple(guide_channel(f"g{n}", x) for n, x in enumerate(names)))


def found(lineup: list[str], a_guide: Snapshot) -> match.Matched:
    frame = merge.with_guide_ids(channels(*map(channel, lineup)))
    return match.search(frame, [a_guide], Matching())


def kept(a_guide: Snapshot) -> int:
    return sum(map(len, index_of(a_guide).blocks.values()))


def test_of_twenty_thousand_channels_of_one_name_a_few_are_kept_and_none_is_taken(
    tmp_path: Path,
) -> None:
    crowd = known(tmp_path, *["Cinema Nova"] * 20_000, "Sky One")
    assert kept(crowd) == called.NAMESAKES + 1
    result = found(["Cinema Nova", "Sky One"], crowd)
    assert result.matches["guide_channel"].to_list() == ["g20000"]
    assert result.near["why"].str.contains("of its channels are called so").any()


def test_of_a_guide_without_end_a_part_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(called, "NAMES_OF_ALL", 50)
    assert kept(known(tmp_path, *(f"Tele {n}x" for n in range(200)))) == 50


def test_one_channel_has_so_many_names_and_no_more(tmp_path: Path) -> None:
    names = [f"Tele {n}x" for n in range(100)]
    many = guide(tmp_path, declared=(guide_channel("g", *names),))
    assert kept(many) == called.NAMES_OF_ONE


def test_of_a_name_without_end_the_beginning_is_kept(tmp_path: Path) -> None:
    endless = known(tmp_path, "Nova " * 2_000_000)
    [[entry]] = index_of(endless).blocks.values()
    assert len(entry.said) == LONGEST
    assert len(entry.name.key) <= LONGEST
    assert found(["Nova " * 2_000_000], endless).matches.height == 1


@pytest.mark.parametrize(
    "name",
    [
        "e" + "\u0301" * 5_000,
        "\u200b" * 5_000 + "Nova",
        "\u202eNova\u202c" * 1_000,
        "\ufdfa" * 5_000,
        "(" * 5_000 + "Nova",
        "plus 1" * 1_000,
        "HD " * 5_000,
        "\ue000" * 300,
        "\x00Nova",
    ],
)
def test_strange_letters_are_read_in_bounds(name: str, tmp_path: Path) -> None:
    strange = known(tmp_path, name)
    for entries in index_of(strange).blocks.values():
        assert all(len(entry.name.key) <= 20 * LONGEST for entry in entries)
    assert found([name, "Sky One"], strange).matches.height <= 1


def test_zero_width_characters_do_not_make_another_name(tmp_path: Path) -> None:
    assert found(["Sky\u200b One"], known(tmp_path, "S\u2060ky One")).matches.height == 1


def test_names_from_right_to_left_are_found(tmp_path: Path) -> None:
    arabic = known(
        tmp_path,
        "\u0627\u0644\u062c\u0632\u064a\u0631\u0629 \u0645\u0628\u0627\u0634\u0631",
        "\u0627\u0644\u062c\u0632\u064a\u0631\u0629",
    )
    result = found(["AR: \u202b\u0627\u0644\u062c\u0632\u064a\u0631\u0629\u202c HD"], arabic)
    assert result.matches["guide_channel"].to_list() == ["g1"]


def test_long_names_count_several_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = "Investigation Discovery " + "abcdefgh " * 18
    big = known(tmp_path, long, "Investigation Discovery")
    looked_for = [long.replace("Investigation", "Investigaton"), "Investigaton Discovery"]
    assert found(looked_for, big).matches.height == 2
    monkeypatch.setattr(likeness, "_ALL_CELLS", 15)  # (3 + 1) by (3 + 1) machine words
    assert found(looked_for, big).matches.is_empty()


def test_names_are_compared_within_a_budget_small_blocks_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rapidfuzz import process

    cells: list[int] = []
    cdist = process.cdist

    def counted(queries: list[str], choices: list[str], **options: Any) -> object:
        cells.append(len(queries) * len(choices))
        return cdist(queries, choices, **options)

    monkeypatch.setattr(process, "cdist", counted)
    monkeypatch.setattr(likeness, "_ALL_CELLS", 1_000)
    big = known(
        tmp_path,
        *(f"Nova {n}a" for n in range(1, 90)),
        "Investigation Discovery",
        *["Nova Sciense"] * 60,
    )
    found([*(f"Nova q{n}x" for n in range(200)), "Investigaton Discovery"], big)
    assert cells
    assert sum(cells) <= 1_000
    assert found(["Investigaton Discovery", *["Nova Science"] * 50], big).matches[
        "guide_channel"
    ].to_list() == ["g89"]


@pytest.mark.parametrize("tvg_id", ["....", ".", "...uk", "@", "@@@@", ".@HD", "\u200b.uk"])
def test_ids_of_nothing_but_dots_find_nothing(tvg_id: str, tmp_path: Path) -> None:
    dots = guide(
        tmp_path, declared=(guide_channel("..", "Sky One"), guide_channel(".uk.", "Sky Two"))
    )
    frame = merge.with_guide_ids(channels(channel("Dave", tvg_id)))
    assert match.search(frame, [dots], Matching()).matches.is_empty()


def test_of_many_ids_that_differ_in_letter_case_only_a_few_are_looked_at(tmp_path: Path) -> None:
    spellings = islice(product(*zip("novascience", "NOVASCIENCE", strict=True)), 300)
    declared = tuple(guide_channel(f"{''.join(letters)}.uk", "x") for letters in spellings)
    bases = guide_ids.known_bases(guide(tmp_path, declared=declared))
    assert [*map(len, bases.values())] == [guide_ids.NAMESAKES]
