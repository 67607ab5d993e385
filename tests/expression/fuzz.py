"""`make fuzz`: random sentences and records for ten minutes, and a page that records the run.

The checks are those of `test_properties`, each in rounds with a seed of its own until its share of
the time is over. What is found wrong ends the run with the smallest example.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.expression import strategies
from tests.expression import test_properties as properties

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = Path(__file__).parents[2] / "docs" / "fuzzing.md"
MINUTES = 10.0
ROUND = 250
"""Examples of a round; small ones are found again and again by a longer one."""

_KINDS = st.sampled_from(["rule", "filter"])
_DOMAINS = st.sampled_from(properties.DOMAINS)
_BATCHES = st.tuples(properties.AnyText, _DOMAINS, _KINDS)
_SOUPS = st.tuples(strategies.Soups, _DOMAINS, _KINDS)

CHECKS: dict[str, tuple[st.SearchStrategy[Any], Callable[[Any], None]]] = {
    "a sentence over records, by the language and by the slow reading": (
        properties.Batch,
        properties.check_against_the_reference,
    ),
    "several rules in one plan, and one after the other": (
        properties.Lists,
        properties.check_one_plan,
    ),
    "any text: read, or refused with places in it": (
        _BATCHES,
        lambda given: properties.check_refusal(*given),
    ),
    "words of the language in any order": (
        _SOUPS,
        lambda given: properties.check_refusal(*given),
    ),
}


def fuzz(minutes: float) -> dict[str, int]:
    """Return how many examples each check has seen; raises what a check finds."""
    seen = dict.fromkeys(CHECKS, 0)
    for name, (strategy, check) in CHECKS.items():
        end = time.monotonic() + minutes * 60 / len(CHECKS)
        while time.monotonic() < end:
            _round(strategy, check, number=seen[name] + int(time.time()))
            seen[name] += ROUND
            print(f"{name}: {seen[name]:,}", end="\r", flush=True)
        print(f"{name}: {seen[name]:,}")
    return seen


def _round(strategy: st.SearchStrategy[Any], check: Callable[[Any], None], *, number: int) -> None:
    @seed(number)
    @settings(
        deadline=None,
        max_examples=ROUND,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def run(example: Any) -> None:
        check(example)

    run()


def page(seen: dict[str, int], minutes: float) -> str:
    """Return the record of a run."""
    rows = "\n".join(f"| {name} | {count:,} |" for name, count in seen.items())
    return f"""# Fuzzing the expression language

`make fuzz` tries the parser and the evaluator with random sentences, records and texts, among them
Unicode, blanks, missing fields and broken words. The last recorded run, on
{datetime.now(UTC):%Y-%m-%d}, took {minutes:.0f} minutes on {os.cpu_count()} cores, Python
{platform.python_version()}, and found nothing wrong.

| what was tried | examples |
|---|---|
{rows}

The same checks, with fewer examples, are part of `make test`.
"""


if __name__ == "__main__":
    begin = time.monotonic()
    found = fuzz(float(sys.argv[1]) if len(sys.argv) > 1 else MINUTES)
    PAGE.write_text(page(found, (time.monotonic() - begin) / 60), encoding="utf-8")
