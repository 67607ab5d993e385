"""The presets are rules and filters like a user's."""

from __future__ import annotations

import pytest

from tvarr.spec.manifest import Manifest
from tvarr.spec.presets import PREFIX, preset_filters, preset_rules, shipped
from tvarr.spec.sentences import steps_of

NAMES = [*preset_rules(), *preset_filters()]


def test_those_of_the_manual_are_there() -> None:
    assert set(preset_filters()) == {"preset/http-only", "preset/no-adult"}
    assert set(preset_rules()) >= {
        "preset/timeshift",
        "preset/country-prefix",
        "preset/adult-flag",
        *(f"preset/category-{word}" for word in ("sports", "movies", "news", "kids", "music")),
    }


def test_each_says_what_it_is_for() -> None:
    assert all(rule.about for rule in preset_rules().values())
    assert all(one.about for one in preset_filters().values())


def test_no_name_can_be_one_of_the_user() -> None:
    assert all(name.startswith(PREFIX) and "/" in name for name in NAMES)


def test_they_are_listed_by_section() -> None:
    assert [*shipped("rules"), *shipped("filters")] == NAMES
    assert [*shipped("sources")] == []


@pytest.mark.parametrize("name", NAMES)
def test_each_can_be_named_by_a_proxy(name: str) -> None:
    proxy = {"rules": [name]} if name in preset_rules() else {"filters": [{"include": name}]}
    made = Manifest.model_validate(
        {
            "sources": {"a": {"kind": "m3u", "url": "a"}},
            "proxies": {"p": {"sources": ["a"], **proxy}},
        }
    )

    (step,) = steps_of(made, made.proxies["p"])

    assert step.name == name
    assert step.sentence(()).domain is step.domain
