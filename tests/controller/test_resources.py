"""What a proxy is made of, and when its digest changes."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from tvarr.controller.resources import DeclaredProxy, Document, Resources, declared, linked_to
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
    changed = {name: {**GIVEN.get(name, {}), **entries} for name, entries in changes.items()}
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


class TestHosts:
    @pytest.mark.parametrize(
        ("spec", "hosts"),
        [
            ({"kind": "m3u", "url": "http://me:hunter@h.example:80/a.m3u"}, {"h.example"}),
            ({"kind": "m3u", "url": "HTTP://H.Example/a.m3u"}, {"h.example"}),
            ({"kind": "m3u", "urls": ["http://a/1", "https://b/2"]}, {"a", "b"}),
            ({"kind": "m3u", "url": "a.m3u"}, set()),
            ({"kind": "m3u", "url": "file:///a.m3u"}, set()),
            (
                {"kind": "xtream", "url": "http://x:8080", "username": "a", "password": "b"},
                {"x"},
            ),
            ({"kind": "hdhomerun", "address": "192.168.1.20"}, {"192.168.1.20"}),
            ({"kind": "manual", "channels": [{"name": "A", "url": "rtsp://c/1"}]}, set()),
        ],
    )
    def test_they_are_those_that_are_asked(self, spec: dict[str, Any], hosts: set[str]) -> None:
        source = declared(manifest(sources={"s": spec}), 8888)["source/s"]
        assert isinstance(source, Document)
        assert source.hosts == hosts


class TestLinked:
    SOURCES: ClassVar[dict[str, Any]] = {
        "with": {"kind": "m3u", "url": "http://h/a.m3u", "guide": "auto"},
        "without": {"kind": "m3u", "url": "http://h/b.m3u", "guide": "none"},
    }

    def resources(self, **changes: Any) -> Resources:
        with_one = {**self.SOURCES["with"], **changes}
        return declared(manifest(sources={**self.SOURCES, "with": with_one}), 8888)

    def test_a_guide_is_fetched_from_its_source_s_host_after_it(self) -> None:
        guide = self.resources()["epg/with"]
        assert isinstance(guide, Document)
        assert guide.hosts == {"h"}
        assert guide.after == ("source/with",)

    def test_each_finds_the_other(self) -> None:
        resources = self.resources()
        source, guide = resources["source/with"], resources["epg/with"]
        assert isinstance(source, Document)
        assert isinstance(guide, Document)
        assert linked_to(source, resources) is guide
        assert linked_to(guide, resources) is source

    def test_a_source_without_one_finds_none(self) -> None:
        resources = self.resources()
        source = resources["source/without"]
        assert isinstance(source, Document)
        assert linked_to(source, resources) is None

    def test_a_declared_guide_of_the_same_name_is_none_of_it(self) -> None:
        declared_guide = {"without": {"kind": "xmltv", "url": "http://h/g.xml"}}
        resources = declared(manifest(sources=self.SOURCES, epg=declared_guide), 8888)
        source = resources["source/without"]
        assert isinstance(source, Document)
        assert linked_to(source, resources) is None

    def test_a_disabled_source_s_guide_is_disabled_with_it(self) -> None:
        resources = self.resources(enabled=False)
        for key in ("source/with", "epg/with"):
            document = resources[key]
            assert isinstance(document, Document)
            assert not document.enabled
