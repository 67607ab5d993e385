"""Sentences cut into tokens and pieces."""

from __future__ import annotations

import pytest

from tvarr.expression.problems import Findings
from tvarr.expression.tokens import Piece, cut, tokens


def kinds(text: str) -> list[tuple[str, str]]:
    return [(token.kind, token.text) for token in tokens(text)]


def pieces(text: str) -> list[str]:
    return [piece.text for piece in cut(text, Findings(text))]


def wrong(text: str) -> list[tuple[int, str]]:
    findings = Findings(text)
    cut(text, findings)
    return [(problem.column, problem.message) for problem in findings.sorted()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('f-="x"', [("word", "f"), ("symbol", "-="), ("text", '"x"')]),
        ("a?=b", [("word", "a"), ("symbol", "?="), ("word", "b")]),
        ("a==+1", [("word", "a"), ("symbol", "=="), ("word", "+1")]),
        ("!a&&b", [("symbol", "!"), ("word", "a"), ("symbol", "&&"), ("word", "b")]),
        ("A&E a|b C++", [("word", "A&E"), ("word", "a|b"), ("word", "C++")]),
        ("http://x/y.m3u,b", [("word", "http://x/y.m3u"), ("comma", ","), ("word", "b")]),
        ("'a\\'b'", [("text", "'a\\'b'")]),
        ('"a # b" # c "d', [("text", '"a # b"')]),
        ("a # b\nc", [("word", "a"), ("word", "c")]),
        ('@time:parse("a)") b', [("helper", '@time:parse("a)")'), ("word", "b")]),
        ("@time:now()", [("helper", "@time:now()")]),
        ('"a\n(b"', [("text", '"a\n(b"')]),
        ("a\u00a0b\u3000c", [("word", "a"), ("word", "b"), ("word", "c")]),
        ('a "b c', [("word", "a"), ("unclosed", '"b c')]),
        ("", []),
    ],
)
def test_text_is_cut_into_tokens(text: str, expected: list[tuple[str, str]]) -> None:
    assert kinds(text) == expected


def test_every_pair_of_parentheses_is_a_piece_the_inner_ones_first() -> None:
    assert pieces("a (b (c) d) e (f)") == ["c", "b () d", "f", "a () e ()"]


def test_parentheses_in_quotes_and_comments_are_none() -> None:
    assert pieces('a = "(" # )\n') == ['a = "("']


def test_tokens_that_touch_still_touch_in_a_piece_and_others_have_one_blank() -> None:
    assert pieces('a  !=\t"x"f-="y"# z\n b') == ['a != "x"f-="y" b']


def test_a_letter_of_a_piece_is_found_in_the_sentence() -> None:
    text = "aa  (bb   cc)  # x\n dd"
    inner, whole = cut(text, Findings(text))
    for piece, word in ((inner, "cc"), (whole, "aa"), (whole, "dd")):
        place = piece.text.index(word)
        assert piece.offset(place) == text.index(word)
        assert piece.offset(place + 1) == text.index(word) + 1


def test_the_end_of_a_piece_is_after_its_last_word() -> None:
    text = "(aa  # x\n)"
    inner, _ = cut(text, Findings(text))
    assert inner.offset(len(inner.text)) == 3


def test_an_empty_piece_is_where_it_opened() -> None:
    text = " ()"
    inner, _ = cut(text, Findings(text))
    assert (inner.text, inner.start, inner.offset(0)) == ("", 1, 2)


def test_a_piece_knows_which_pair_of_it_is_which_piece() -> None:
    text = "(a) (b)"
    first, second, whole = cut(text, Findings(text))
    assert [(place, piece) for place, piece in whole.pairs.items()] == [(0, first), (3, second)]
    assert isinstance(first, Piece)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(a = (b", [(1, "parenthesis"), (6, "parenthesis")]),
        ("a)", [(2, "closes nothing")]),
        ('(a = "b)', [(1, "parenthesis"), (6, "quote")]),
        ("a = 'b", [(5, "quote")]),
        ("a = \u201cb\u201d", [(5, "quotes of this language")]),
        ("(a)", []),
    ],
)
def test_what_is_not_closed_is_told_where_it_opened(
    text: str, expected: list[tuple[int, str]]
) -> None:
    told = wrong(text)
    assert [column for column, _ in told] == [column for column, _ in expected]
    assert all(word in message for (_, message), (_, word) in zip(told, expected, strict=True))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('a = "b\nSET c = "d"', [(1, 5)]),
        ('a = "b\nSET c = ""', [(1, 5)]),
        ('a = "b\nAND c = "d\nAND x = "y\nSET e = "f", g = "h"', [(1, 5), (2, 9), (3, 9)]),
        ('a =~ "b\nc" AND d = "e', [(2, 12)]),
        ('(a =~ "b\nc") SET d = "e', [(2, 13)]),
    ],
)
def test_a_quote_that_another_line_closes_is_told_on_its_own(
    text: str, lines: list[tuple[int, int]]
) -> None:
    findings = Findings(text)
    cut(text, findings)
    assert [(problem.line, problem.column) for problem in findings.sorted()] == lines


def test_what_is_not_closed_is_still_read() -> None:
    assert pieces("(a = (b") == ["b", "a = ()", "()"]
    assert pieces('a = "b') == ['a = ""']


def test_deep_nesting_costs_neither_recursion_nor_much_time() -> None:
    depth = 30_000
    assert len(pieces("(" * depth + "a" + ")" * depth)) == depth + 1
