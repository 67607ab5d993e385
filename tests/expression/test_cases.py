"""The language does what each case of the table says (`cases.txt`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from tests.expression.cases import Case, Wrong, read_cases
from tests.expression.subject import outcomes, problems, read, verdicts

if TYPE_CHECKING:
    from tvarr.expression.problems import ExpressionProblem
    from tvarr.expression.sentence import SentenceKind

CASES = read_cases()
RIGHT = [case for case in CASES if case.rows]
WRONG = [case for case in CASES if case.wrong]


def name_of(case: Case) -> str:
    return case.name


@pytest.mark.parametrize("case", RIGHT, ids=name_of)
def test_every_record_comes_out_as_the_case_says(case: Case) -> None:
    sentence = read(case.text, case.domain, cast("SentenceKind", case.kind))
    records = [row.record for row in case.rows]

    assert outcomes(sentence, records) == case.rows
    if len(sentence.branches) == 1:
        assert verdicts(sentence, records) == [row.match for row in case.rows]


@pytest.mark.parametrize("case", WRONG, ids=name_of)
def test_every_wrong_sentence_gets_all_its_problems(case: Case) -> None:
    found = problems(case.text, case.domain, cast("SentenceKind", case.kind))

    assert len(found) == len(case.wrong)
    for problem, want in zip(found, case.wrong, strict=True):
        assert seen(problem, want, case.text) == want


def seen(problem: ExpressionProblem, want: Wrong, text: str) -> Wrong:
    """Return a problem as far as the case speaks of it."""
    line = text.split("\n")[problem.line - 1]
    marked = line[problem.column - 1 : problem.column - 1 + problem.length]
    return Wrong(
        problem.category.value,
        problem.line,
        problem.column,
        None if want.text is None else marked,
        None if want.suggestion is None else problem.suggestion,
    )


def test_the_table_is_as_long_as_it_is_meant_to_be() -> None:
    assert len(CASES) >= 300
    assert all(case.rows or case.wrong for case in CASES)
    assert len({case.name for case in CASES}) == len(CASES)
