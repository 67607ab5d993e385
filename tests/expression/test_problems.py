"""What is wrong with a sentence, in lines and columns."""

from __future__ import annotations

import pytest

from tvarr.expression.problems import (
    MAX_PROBLEMS,
    Category,
    ExpressionError,
    ExpressionProblem,
    Findings,
    render,
)


def found(text: str, start: int, stop: int) -> ExpressionProblem:
    findings = Findings(text)
    findings.add(Category.FIELD, start, stop, "no")
    (problem,) = findings.sorted()
    return problem


@pytest.mark.parametrize(
    ("start", "stop", "place"),
    [
        (0, 2, (1, 1, 2)),
        (3, 5, (2, 1, 2)),
        (4, 9, (2, 2, 1)),  # no further than the line
        (2, 3, (1, 3, 1)),  # the line's end itself
        (6, 8, (3, 1, 1)),
        (99, 100, (3, 2, 1)),
        (-1, 0, (1, 1, 1)),
    ],
)
def test_a_place_is_told_in_lines_and_columns(
    start: int, stop: int, place: tuple[int, int, int]
) -> None:
    problem = found("ab\ncd\ne", start, stop)
    assert (problem.line, problem.column, problem.length) == place


def test_problems_come_in_the_order_of_the_text() -> None:
    findings = Findings("abc")
    for start in (2, 0, 1):
        findings.add(Category.FIELD, start, start + 1, f"at {start}")
    assert [problem.message for problem in findings.sorted()] == ["at 0", "at 1", "at 2"]


def test_one_misfit_at_a_place_is_told_not_those_that_follow_from_it() -> None:
    findings = Findings("abc")
    findings.add(Category.SYNTAX, 1, 2, "never closed")
    findings.add(Category.SYNTAX, 1, 2, "does not fit")
    findings.add(Category.FIELD, 1, 2, "no field")
    assert [problem.message for problem in findings.sorted()] == ["never closed", "no field"]


def test_of_very_many_problems_the_first_are_told() -> None:
    findings = Findings("x" * 1000)
    for start in reversed(range(1000)):
        findings.add(Category.SYNTAX, start, start + 1, "no")
    assert [problem.column for problem in findings.sorted()] == [*range(1, MAX_PROBLEMS + 1)]


def test_nothing_found_is_nothing_refused() -> None:
    Findings("abc").refuse()


def test_a_refusal_has_all_problems_and_reads_as_text() -> None:
    findings = Findings("abc")
    findings.add(Category.FIELD, 0, 1, 'there is no field "a"', "b")
    findings.at_the_end(Category.SYNTAX, "something is missing")
    with pytest.raises(ExpressionError) as refused:
        findings.refuse()
    assert len(refused.value.problems) == 2
    assert str(refused.value) == (
        '1:1 there is no field "a"; did you mean "b"?\n1:4 something is missing'
    )


def test_a_problem_is_shown_with_its_line_a_caret_and_what_to_try() -> None:
    text = 'name = "a"\n  AND grup = "b"'
    start = text.index("grup")
    findings = Findings(text)
    findings.add(Category.FIELD, start, start + 4, 'there is no field "grup"', "group")
    assert render(findings.sorted()[0], text).splitlines() == [
        'there is no field "grup"',
        '      AND grup = "b"',
        "          ^^^^",
        "try: group",
    ]


def test_a_line_that_fits_is_shown_whole() -> None:
    text = "a" * 90 + "!"
    _, line, caret = render(found(text, 90, 91), text).splitlines()
    assert line.strip() == text
    assert line[caret.index("^")] == "!"


def test_a_long_line_is_shown_around_the_place() -> None:
    text = "a" * 300 + "!" + "b" * 300
    _, line, caret = render(found(text, 300, 301), text).splitlines()
    assert len(line) == 104
    assert line[caret.index("^")] == "!"


def test_control_signs_are_not_shown() -> None:
    text = "a\tb\x1b[31mc"
    _, line, caret = render(found(text, 8, 9), text).splitlines()
    assert line == "    a b [31mc"
    assert line[caret.index("^")] == "c"


def test_the_end_of_a_text_can_be_shown() -> None:
    assert render(found("abc", 3, 4), "abc").splitlines() == ["no", "    abc", "       ^"]
