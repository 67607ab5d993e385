"""All words of the language, for editors."""

from __future__ import annotations

from typing import Any

import pytest

from tests.expression.subject import problems
from tvarr.expression import fields
from tvarr.expression.completion import completion
from tvarr.expression.fields import Domain
from tvarr.expression.language import Verb
from tvarr.expression.operators import SPELLINGS


@pytest.mark.parametrize("domain", list(Domain))
def test_every_field_is_there(domain: Domain) -> None:
    told: Any = completion(domain)["fields"]
    assert [field["name"] for field in told] == [field.name for field in fields.fields(domain)]
    assert all(field["description"] for field in told)


def test_every_way_to_write_an_operator_is_there_once() -> None:
    told: Any = completion(Domain.CHANNEL)["operators"]
    written = [
        word for entry in told for word in (entry["name"], *entry["synonyms"], *entry["negated"])
    ]
    assert sorted(written) == sorted(SPELLINGS)


def test_every_action_is_there_and_its_shorthand_works() -> None:
    told: Any = completion(Domain.CHANNEL)["actions"]
    assert [action["name"] for action in told] == list(Verb)
    for action in told:
        if action["shorthand"]:
            assert problems(f"true SET name {action['shorthand']} x", "channel", "rule") == ()


def test_every_helper_is_one() -> None:
    told: Any = completion(Domain.CHANNEL)["helpers"]
    for helper in told:
        written = helper["name"].replace("NAME", "placeholder").replace("SECONDS", "5")
        written = written.replace("…", "2025-11-30T19:00:00Z")
        assert problems(f"SET logo = {written}", "channel", "rule") == ()
