"""The slow reading of the language is right about every case that Python's patterns can tell."""

from __future__ import annotations

import pytest

from tests.expression.cases import LOGOS, NOW, Case, Expected, read_cases
from tests.expression.reference import evaluate
from tests.expression.reference_words import Wrong

CASES = [case for case in read_cases() if not case.patterns_of_rust]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_reference_says_what_the_case_says(case: Case) -> None:
    if case.wrong:
        with pytest.raises(Wrong) as refused:
            outcome(case, Expected({}, False, {}))
        assert refused.value.category in {problem.category for problem in case.wrong}
    else:
        assert [outcome(case, row) for row in case.rows] == case.rows


def outcome(case: Case, row: Expected) -> Expected:
    got = evaluate(case.text, row.record, domain=case.domain, kind=case.kind, now=NOW, logos=LOGOS)
    return Expected(row.record, got.match, got.changed)
