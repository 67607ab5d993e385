"""Numbers, order and groups as they are declared."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from tvarr.spec.proxy import Proxy
from tvarr.spec.values import spec_hash


def proxy(**columns: Any) -> Proxy:
    return Proxy.model_validate({"sources": ["tv"], **columns})


@pytest.mark.parametrize(
    ("written", "number"),
    [(7, "7"), ("007", "7"), (5.1, "5.1"), ("5.10", "5.10"), ("5.0", "5"), (" 9 ", "9")],
)
def test_a_pinned_number_is_written_in_one_way(written: object, number: str) -> None:
    assert proxy(numbering={"pinned": {"A": written}}).numbering.pinned == {"A": number}


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ({"numbering": {"pinned": {"A": 0}}}, "1 or above"),
        ({"numbering": {"pinned": {"A": "0.5"}}}, "1 or above"),
        ({"numbering": {"pinned": {"A": "five"}}}, "written like 7 or 5.1"),
        ({"numbering": {"pinned": {"A": True}}}, "written like 7 or 5.1"),
        ({"numbering": {"pinned": {"A": 5, "B": "05"}}}, 'for "A" and "B"'),
        ({"numbering": {"pinned": {"BBC One": 1, " bbc one": 2}}}, "one name, letter case aside"),
        ({"numbering": {"group_size": 0}}, "greater than or equal to 1"),
        ({"order": []}, "at least 1"),
        ({"order": ["colour"]}, "'source', 'group', 'name' or 'number'"),
        ({"order": ["name", "name"]}, "twice"),
        ({"groups": {"a": {}, "b": {"merge": [" A"]}}}, '"a" is named twice, as " A" the second'),
        ({"groups": {"Ireland": {}, "b": {"merge": ["Ireland"]}}}, '"Ireland" is named twice;'),
        ({"matching": {"pins": {"BBC One": "a", "BBC ONE ": "b"}}}, "one name, letter case aside"),
        ({"guide": {"dummy": {"title": "{chanel}"}}}, '{chanel}" is not .*mean "channel"'),
        ({"guide": {"dummy": {"description": "to {Stop}"}}}, '{Stop}" is not .*mean "stop"'),
    ],
)
def test_what_cannot_be_meant_is_refused(declared: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        proxy(**declared)


def test_the_order_of_groups_counts() -> None:
    one: dict[str, Any] = {"a": {}, "b": {}}
    other: dict[str, Any] = {"b": {}, "a": {}}
    assert spec_hash(proxy(groups=one)) != spec_hash(proxy(groups=other))
    assert spec_hash(proxy(groups=one)) == spec_hash(proxy(groups=dict(one)))
