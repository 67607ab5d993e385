"""The whole file: names that refer to each other."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from tvarr.spec.manifest import Manifest, misreferences
from tvarr.spec.proxy import Proxy

SOURCE = {"kind": "m3u", "url": "a.m3u"}
GUIDE = {"kind": "xmltv", "url": "a.xml"}


def test_nothing_at_all_is_a_manifest() -> None:
    manifest = Manifest()

    assert (manifest.sources, manifest.epg, manifest.proxies) == ({}, {}, {})
    assert manifest.server.access == "lan"
    assert manifest.server.port is None


def test_maps_keep_the_order_of_the_file() -> None:
    names = ["zebra", "apple", "mango"]

    manifest = Manifest.model_validate({"sources": dict.fromkeys(names, SOURCE)})

    assert list(manifest.sources) == names


def test_a_proxy_refers_to_sources_and_guides() -> None:
    manifest = Manifest.model_validate(
        {
            "sources": {"a": SOURCE},
            "epg": {"a": GUIDE},
            "proxies": {"p": {"sources": ["a"], "epg": ["a"]}},
        }
    )

    assert manifest.proxies["p"] == Proxy(sources=("a",), epg=("a",))


def test_every_name_that_is_declared_nowhere_is_an_error() -> None:
    with pytest.raises(ValidationError) as caught:
        Manifest.model_validate(
            {
                "sources": {"uk": SOURCE},
                "epg": {"guide": GUIDE},
                "proxies": {
                    "p": {"sources": ["uk", "guide"], "epg": ["uk"]},
                    "q": {"sources": ["ukk"]},
                },
            }
        )

    assert [(error["loc"], error["msg"]) for error in caught.value.errors()] == [
        (("proxies", "p", "sources", 1), 'no source "guide"; declare it under sources:'),
        (
            ("proxies", "p", "epg", 0),
            'no guide "uk"; the source of this name brings one with `guide: auto`',
        ),
        (("proxies", "q", "sources", 0), 'no source "ukk", did you mean "uk"?'),
    ]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"proxies": None},
        {"proxies": [1]},
        {"proxies": {"p": None}},
        {"proxies": {"p": {"sources": "a"}}},
        {"proxies": {"p": {"sources": [1, None, {}]}}},
        {"proxies": {"p": {"sources": ["a"]}}, "sources": "unreadable"},
    ],
)
def test_names_are_looked_for_in_what_has_the_right_shape_only(given: dict[str, Any]) -> None:
    assert misreferences(given) == []


def test_names_are_looked_for_where_nothing_is_declared() -> None:
    assert len(misreferences({"proxies": {"p": {"sources": ["a", "b"]}}, "sources": None})) == 2


def test_names_are_looked_for_in_built_models_too() -> None:
    with pytest.raises(ValidationError, match='no source "a"'):
        Manifest(proxies={"p": Proxy(sources=("a",))})


def test_every_rule_and_filter_that_is_declared_nowhere_is_an_error() -> None:
    proxy = {
        "sources": ["a"],
        "rules": ["tidi", "uk", "preset/timeshift", "preset/timeshft"],
        "filters": [{"include": "uk"}, {"exclude": "tidy"}, {"exclude": "no-adult"}],
    }
    given = {
        "sources": {"a": SOURCE},
        "rules": {"tidy": {"do": "DELETE tvg_logo"}},
        "filters": {"uk": "radio equals true"},
        "proxies": {"p": proxy},
    }

    with pytest.raises(ValidationError) as caught:
        Manifest.model_validate(given)

    assert [(error["loc"][2:], error["msg"]) for error in caught.value.errors()] == [
        (("rules", 0), 'no rule "tidi", did you mean "tidy"?'),
        (("rules", 1), 'no rule "uk"; it is a filter, so name it under filters:'),
        (("rules", 3), 'no rule "preset/timeshft", did you mean "preset/timeshift"?'),
        (("filters", 1, "exclude"), 'no filter "tidy"; it is a rule, so name it under rules:'),
        (("filters", 2, "exclude"), 'no filter "no-adult", did you mean "preset/no-adult"?'),
    ]


@pytest.mark.parametrize("filters", [None, "uk", [None, 5, "x"], [{"include": 5}, {}], {"a": "b"}])
def test_filters_are_looked_for_in_what_has_the_right_shape_only(filters: object) -> None:
    proxy = {"filters": filters}
    found = misreferences({"proxies": {"p": proxy}, "filters": {"x": "radio = true"}})

    assert found == []
