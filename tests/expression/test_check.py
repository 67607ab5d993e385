"""One sentence, checked: which kind it is, what is wrong, how it is read."""

from __future__ import annotations

import json

import pytest

from tvarr.expression.check import check, document
from tvarr.expression.fields import Domain


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "filter"),
        ('group_title = "News"', "filter"),
        ('true SET group_title = "News"', "rule"),
        ("name += x", "rule"),
        ("(name = a SET name = b) AND (name = c SET name = d)", "rule"),
        ("chanel = a", "filter"),
    ],
)
def test_a_sentence_is_a_rule_if_it_acts(text: str, kind: str) -> None:
    assert check(text, Domain.CHANNEL).kind == kind


def test_what_is_wrong_with_a_rule_is_told_of_a_rule() -> None:
    checked = check('name = a SET name = "$1"', Domain.CHANNEL)
    assert "a filter" not in str(checked.problems[0])


def test_the_kind_that_is_asked_for_counts() -> None:
    assert check('group_title = "x"', Domain.CHANNEL, "rule").kind == "rule"
    assert check("name += x", Domain.CHANNEL, "filter").sentence is None
    assert check("", Domain.CHANNEL, "rule").sentence is None


def test_a_deep_sentence_has_a_document_too() -> None:
    text = "(" * 150 + "name = a" + " AND tvg_id = b OR radio = true)" * 150
    told = document(check(text, Domain.CHANNEL))
    assert json.loads(json.dumps(told))["valid"] is True


def test_a_wrong_sentence_has_no_tree() -> None:
    told = document(check("nam = a", Domain.CHANNEL))
    assert (told["valid"], told["tree"], told["canonical"]) == (False, None, None)
