from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from tvarr.ingest.ahead import THREADS, map_ahead

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_results_come_in_order_whatever_takes_longer() -> None:
    def work(number: int) -> int:
        time.sleep(0.02 if number % 3 == 0 else 0)
        return number * 2

    assert list(map_ahead(work, range(20))) == [number * 2 for number in range(20)]


def test_it_never_runs_far_ahead_of_its_reader() -> None:
    taken = []

    def items() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    results = map_ahead(lambda number: number, items())
    next(results)
    assert len(taken) == THREADS + 1
    assert len(list(results)) == 99


def test_several_are_worked_on_at_a_time() -> None:
    together = threading.Barrier(THREADS, timeout=20)
    results = map_ahead(lambda _: together.wait(), range(THREADS * 2))
    assert sorted(results) == sorted([*range(THREADS)] * 2)


def test_an_error_ends_the_map() -> None:
    def work(number: int) -> float:
        return 1 / (number - 5)

    with pytest.raises(ZeroDivisionError):
        list(map_ahead(work, range(100)))
