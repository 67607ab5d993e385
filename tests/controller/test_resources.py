"""What a proxy is made of, and when its digest changes."""

from __future__ import annotations

from typing import Any

import pytest

from tvarr.controller.resources import DeclaredProxy, declared
from tvarr.spec import presets
from tvarr.spec.manifest import Manifest
from tvarr.spec.sentences import Rule
from tvarr.spec.values import spec_hash

GIVEN: dict[str, Any] = {
    "sources": {"a": {"kind": "m3u", "url": "http://me:hunter@h/a.m3u"}},
    "rules": {
        "tidy": {"do": 'SET tvg_logo = "@logo:blank"'},
        "unused": {"do": 'SET tvg_logo = "@logo:other"'},
    },
    "filters": {"uk": 'country = "UK"', "unused": 'country = "FR"'},
    "logos": {"blank": "http://h/blank.png", "other": "http://h/other.png"},
    "proxies": {
        "p": {
            "sources": ["a"],
            "rules": ["tidy", "preset/timeshift"],
            "filters": [{"include": "uk"}],
        },
        "plain": {"sources": ["a"]},
    },
}


def manifest(**changes: Any) -> Manifest:
    """Return `GIVEN` with entries of its sections replaced."""
    changed = {name: {**GIVEN[name], **entries} for name, entries in changes.items()}
    return Manifest.model_validate({**GIVEN, **changed})


def proxy(name: str = "p", **changes: Any) -> DeclaredProxy:
    found = declared(manifest(**changes), 8888)[f"proxy/{name}"]
    assert isinstance(found, DeclaredProxy)
    return found


def test_a_proxy_has_all_that_its_sentences_need() -> None:
    made = proxy()

    assert [step.name for step in made.sentences.steps] == ["tidy", "preset/timeshift", "uk"]
    assert made.sentences.logos == (("blank", "http://h/blank.png"),)
    assert [(one.name, one.type, one.url) for one in made.sentences.origins] == [
        ("a", "m3u", "http://h/a.m3u")
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"rules": {"tidy": {"do": 'SET tvg_logo = "@logo:other"'}}},
        {"filters": {"uk": 'country = "GB"'}},
        {"filters": {"uk": {"where": 'channel_name = "UK"', "applies_to": "programmes"}}},
        {"logos": {"blank": "http://h/empty.png"}},
        {"sources": {"a": {"kind": "m3u", "url": "http://h/b.m3u"}}},
    ],
)
def test_its_digest_changes_with_what_it_names(changes: dict[str, Any]) -> None:
    assert proxy(**changes).digest != proxy().digest
    assert spec_hash(manifest(**changes)) != spec_hash(manifest())


@pytest.mark.parametrize(
    "changes",
    [
        {"rules": {"unused": {"do": "DELETE tvg_logo"}}},
        {"filters": {"unused": 'country = "DE"'}},
        {"logos": {"other": "http://h/empty.png"}},
    ],
)
def test_its_digest_does_not_change_with_the_rest(changes: dict[str, Any]) -> None:
    assert proxy(**changes).digest == proxy().digest
    assert spec_hash(manifest(**changes)) != spec_hash(manifest())


def test_its_digest_changes_with_a_preset(monkeypatch: pytest.MonkeyPatch) -> None:
    before = proxy().digest
    other = {**presets.preset_rules(), "preset/timeshift": Rule(do="DELETE tvg_shift")}
    monkeypatch.setattr(presets, "preset_rules", lambda: other)

    assert proxy().digest != before


def test_a_proxy_without_sentences_does_not_depend_on_any() -> None:
    plain = proxy("plain")

    assert (plain.sentences.steps, plain.sentences.logos) == ((), ())
    assert plain.digest == proxy("plain", rules={"tidy": {"do": "DELETE tvg_logo"}}).digest
