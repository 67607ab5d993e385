"""Proxies: lists in which each stands once, and a window with bounds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from tvarr.spec.proxy import Proxy


def proxy(**fields: Any) -> Proxy:
    return Proxy.model_validate({"sources": ["a"], **fields})


def test_a_source_is_enough() -> None:
    least = proxy()

    assert least.sources == ("a",)
    assert least.epg == ()
    assert least.outputs == ("m3u", "xmltv")
    assert least.numbering.start == 1
    assert (least.guide.past, least.guide.future) == (timedelta(days=1), timedelta(days=7))
    assert least.delivery == "direct"


def test_the_order_of_sources_is_kept() -> None:
    assert proxy(sources=["b", "a", "c"]).sources == ("b", "a", "c")


@pytest.mark.parametrize("field", ["sources", "outputs"])
def test_at_least_one_is_needed(field: str) -> None:
    with pytest.raises(ValidationError, match="at least 1 item"):
        proxy(**{field: []})


@pytest.mark.parametrize(
    ("field", "names", "places"),
    [
        ("sources", ["a", "b", "a"], [2]),
        ("epg", ["a", "a", "b", "b"], [1, 3]),
        ("outputs", ["m3u", "m3u"], [1]),
    ],
)
def test_nothing_is_listed_twice(field: str, names: list[str], places: list[int]) -> None:
    with pytest.raises(ValidationError) as caught:
        proxy(**{field: names})

    assert [error["loc"] for error in caught.value.errors()] == [(field, at) for at in places]


@pytest.mark.parametrize("length", ["0s", "12h", "30d"])
def test_the_guide_may_reach_thirty_days(length: str) -> None:
    assert proxy(guide={"past": length, "future": length})


@pytest.mark.parametrize("length", ["31d", "30d1s"])
def test_the_guide_may_reach_no_further(length: str) -> None:
    with pytest.raises(ValidationError, match="from 0s to 30d"):
        proxy(guide={"future": length})
