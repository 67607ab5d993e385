"""Matching by names is right nearly always; `python -m tests.labelled` lists where it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.labelled.held_out import HELD_OUT, LATER, judge_held_out
from tests.labelled.judge import judge_real, judge_traps
from tests.labelled.traps import TRAPS

if TYPE_CHECKING:
    from pathlib import Path

THRESHOLD = 90


def test_pairs_written_by_hand_are_all_found_or_left_alone() -> None:
    verdict = judge_traps(THRESHOLD)
    assert verdict.pairs + verdict.traps == len(TRAPS) >= 200
    assert verdict.wrong == []
    assert verdict.recall > 0.95


def test_a_lower_threshold_does_not_open_the_guards() -> None:
    assert judge_traps(1).wrong == []


def test_channels_of_real_playlists_find_their_guide_channels(real_data: Path) -> None:
    verdict = judge_real(real_data, THRESHOLD) + judge_traps(THRESHOLD)
    assert verdict.pairs >= 400
    assert verdict.precision >= 0.99
    assert verdict.recall >= 0.98


def test_channels_of_other_documents_find_theirs_too(real_data: Path) -> None:
    verdict = judge_held_out(real_data, THRESHOLD)
    assert verdict.pairs + verdict.traps == sum(len(part.lines) for part in HELD_OUT) >= 500
    assert verdict.precision >= 0.98
    assert verdict.recall >= 0.7
    verdict += judge_held_out(real_data, THRESHOLD, LATER)
    assert verdict.precision >= 0.985
    assert verdict.recall >= 0.75
