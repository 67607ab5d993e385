"""Pairs of real channels that are easily taken for each other, one line of a table each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.builders import channel, channels, guide, guide_channel
from tvarr.pipeline import match, merge
from tvarr.spec.matching import Matching

LINES = Path(__file__).with_name("neighbours.txt").read_text(encoding="utf-8").splitlines()
PAIRS = [re.split(r" ([=!]) ", line) for line in LINES if line and not line.startswith("#")]


def finds(folder: Path, name: str, known: str, threshold: int) -> bool:
    lineup = merge.with_guide_ids(channels(channel(name)))
    known_guide = guide(folder, declared=(guide_channel("g", known),))
    return bool(match.search(lineup, [known_guide], Matching(threshold=threshold)).matches.height)


def test_there_are_more_than_a_hundred() -> None:
    assert len(PAIRS) > 100
    assert all(len(pair) == 3 for pair in PAIRS)


@pytest.mark.parametrize(("one", "sign", "other"), PAIRS)
def test_neighbours_are_told_apart_and_spellings_are_not(
    one: str, sign: str, other: str, tmp_path: Path
) -> None:
    for place, (name, known) in enumerate(((one, other), (other, one))):
        assert finds(tmp_path / str(place), name, known, 90) is (sign == "=")


@pytest.mark.parametrize(("one", "sign", "other"), [pair for pair in PAIRS if pair[1] == "!"])
def test_no_threshold_makes_one_of_neighbours(
    one: str, sign: str, other: str, tmp_path: Path
) -> None:
    assert not finds(tmp_path, one, other, 1)
