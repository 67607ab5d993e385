"""Sentences about values: what is shown, and that no word of a library gets through."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, BaseModel, Field, ValidationError, create_model

from tvarr.config.wording import sentence_for, show
from tvarr.spec.declared import unseen


def said(kind: Any, value: object, hidden: str | None = None) -> str:
    model: type[BaseModel] = create_model("Model", field=(kind, ...))
    with pytest.raises(ValidationError) as caught:
        model.model_validate({"field": value})
    return sentence_for(caught.value.errors()[0], hidden)


@pytest.mark.parametrize(
    ("kind", "value", "sentence"),
    [
        (str, 5, "cannot use 5: a text is needed here; put it in quotes"),
        (str, True, "cannot use true: a text is needed here; put it in quotes"),
        (int, "x", 'cannot use "x": a whole number is needed here'),
        (int, 1.5, "cannot use 1.5: a whole number is needed here"),
        (int, [1], "a whole number is needed here"),
        (int, "9" * 5000, f'cannot use "{"9" * 59}…": a smaller number is needed here'),
        (bool, "maybe", 'cannot use "maybe": true or false is needed here'),
        (bool, {}, "true or false is needed here"),
        (dict[str, str], [], "a map is needed here: keys with values, indented below"),
        (tuple[str, ...], "a", 'cannot use "a": a list is needed here, like [a, b]'),
        (tuple[str, ...], {}, "a list is needed here, like [a, b]"),
        (Annotated[int, Field(ge=3)], 2, "cannot use 2: 3 is the least that is possible here"),
        (Annotated[int, Field(le=3)], 4, "cannot use 4: 3 is the most that is possible here"),
        (Literal["a"], "b", 'cannot use "b": only a is possible here'),
        (Literal["a", "b", "c"], "d", 'cannot use "d": only a, b or c is possible here'),
        (Literal["a", "b"], 5, "cannot use 5: only a or b is possible here"),
        (
            Literal["lan", "open"],
            "opn",
            'cannot use "opn": only lan or open is possible here, did you mean "open"?',
        ),
        (datetime, "x", 'cannot use "x": another kind of value is needed here'),
    ],
)
def test_a_broken_rule_is_said_in_words_of_ours(kind: Any, value: object, sentence: str) -> None:
    assert said(kind, value) == sentence


def test_what_came_from_a_secret_is_said_without_its_value() -> None:
    assert said(int, "hunter2", "!secret x") == (
        "cannot use the value of !secret x: a whole number is needed here"
    )
    assert said(Literal["hunter", "b"], "hunter2", "!secret x") == (
        "cannot use the value of !secret x: only hunter or b is possible here"
    )


def test_a_value_that_may_hold_a_credential_is_never_shown() -> None:
    def check(value: str) -> str:
        raise unseen("write another one")

    assert said(Annotated[str, AfterValidator(check)], "hunter2") == "write another one"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("6hours", '"6hours"'),
        ("", '""'),
        ('a "b"', r'"a \"b\""'),
        ("ä", '"ä"'),
        ("http://me:hunter2@x/a?b=hunter2", '"http://***@x/a?b=***"'),
        ("x" * 61, f'"{"x" * 59}…"'),
        ("a\x1b[31m\n", '"a [31m "'),
        (5, "5"),
        (1.5, "1.5"),
        (float("nan"), "NaN"),
        (False, "false"),
        (10**100, "1" + "0" * 58 + "…"),
        (None, None),
        ([], None),
        ({}, None),
    ],
)
def test_a_value_is_shown_as_it_is_written_short_and_redacted(
    value: object, shown: str | None
) -> None:
    assert show(value) == shown
