"""Rules, filters and logos: what may be declared, what is wrong with it, what becomes of it."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

import pytest
from pydantic import ValidationError

from tvarr.catalog.logo_ids import declared_id
from tvarr.expression.fields import Domain
from tvarr.spec.manifest import Manifest
from tvarr.spec.sentences import (
    Filter,
    Rule,
    Selection,
    Step,
    logo_addresses,
    mentioned,
    origin,
    steps_of,
    wrong_sentences,
)
from tvarr.spec.source import M3uSource

SOURCE = {"kind": "m3u", "url": "a.m3u"}
TIDY = 'channel_name starts_with "UK: " SET channel_name -= "UK: "'


def manifest(proxy: dict[str, Any] | None = None, **parts: Any) -> Manifest:
    return Manifest.model_validate(
        {
            "sources": {"a": SOURCE},
            "proxies": {"p": {"sources": ["a"], **(proxy or {})}},
            **parts,
        }
    )


# --- what may be declared ----------------------------------------------------------------------


def test_a_filter_may_be_just_its_text() -> None:
    assert Filter.model_validate("radio equals true") == Filter(where="radio equals true")


def test_rules_and_filters_are_about_channels_unless_they_say_otherwise() -> None:
    assert Rule(do=TIDY).applies_to == Filter(where="").applies_to == "channels"


@pytest.mark.parametrize(
    ("given", "verdict", "name"),
    [({"include": "uk"}, "include", "uk"), ({"exclude": "uk"}, "exclude", "uk")],
)
def test_a_selection_includes_or_excludes(given: dict[str, str], verdict: str, name: str) -> None:
    selection = Selection.model_validate(given)

    assert (selection.verdict, selection.name) == (verdict, name)


@pytest.mark.parametrize("given", [{}, {"include": "a", "exclude": "b"}, {"include": None}])
def test_a_selection_does_exactly_one_of_both(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="exactly one of both"):
        Selection.model_validate(given)


@pytest.mark.parametrize(
    "url", ["http://h/a.png", "HTTPS://h:8080/a?b=c", "a.png", "file:///pictures/a.png"]
)
def test_a_logo_is_a_picture_of_the_network_or_of_this_machine(url: str) -> None:
    assert manifest(logos={"x": f" {url} "}).logos == {"x": url}


@pytest.mark.parametrize(
    "url", ["", "ftp://h/a.png", "file://elsewhere/a.png", "http://", "http://h/\n"]
)
def test_no_other_address_is_a_logo(url: str) -> None:
    with pytest.raises(ValidationError, match=r"logos\.x"):
        manifest(logos={"x": f"{url}\0" if url.endswith("\n") else url})


# --- what is wrong with sentences --------------------------------------------------------------


def said(**given: Any) -> list[tuple[tuple[str, ...], str]]:
    return [(wrong.place, str(wrong.problem)) for wrong in wrong_sentences(given)]


def test_every_sentence_is_read_whether_a_proxy_has_it_or_not() -> None:
    assert said(
        rules={"tidy": {"do": 'SET nam = "x"'}, "right": {"do": TIDY}},
        filters={"f": 'channel_name equls "x"', "g": {"where": 'genre = "x"'}},
    ) == [
        (("rules", "tidy", "do"), '1:5 there is no field "nam"; did you mean "name"?'),
        (("filters", "f"), '1:14 there is no operator "equls"; did you mean "equals"?'),
        (
            ("filters", "g", "where"),
            '1:1 "genre" is a field of programmes, and this is about channels',
        ),
    ]


def test_a_sentence_is_read_in_its_domain() -> None:
    programmes = {"applies_to": "programmes", "where": 'genre = "x"'}

    assert said(filters={"g": programmes}) == []


def test_a_logo_has_to_be_declared() -> None:
    rule = {"do": 'SET tvg_logo = "@logo:blink"'}

    (_, wrong), *others = said(rules={"r": rule}, logos={"blank": "http://h/a.png"})
    assert not others
    assert 'no logo "blink"' in wrong
    assert "blank" in wrong
    assert said(rules={"r": rule}, logos={"blink": "http://h/a.png"}) == []


def test_any_logo_may_stand_in_a_section_that_cannot_be_read() -> None:
    rule = {"do": 'SET tvg_logo = "@logo:blink"'}

    assert said(rules={"r": rule}, logos="unreadable") == []
    assert len(said(rules={"r": rule}, logos=None)) == 1


def test_a_misspelt_section_of_logos_is_one_mistake() -> None:
    rule = {"do": 'SET tvg_logo = "@logo:blank"'}

    assert said(rules={"r": rule}, logo={"blank": "http://h/a.png"}) == []
    assert len(said(rules={"r": rule}, source={})) == 1


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"rules": None, "filters": None},
        {"rules": "x", "filters": ["x"]},
        {"rules": {"r": None, "s": 5, "t": {}, "u": {"do": 5}, "v": [], "w": "SET nam = 1"}},
        {
            "filters": {
                "r": None,
                "s": 5,
                "t": {"where": None},
                "u": {"applies_to": "x", "where": "("},
            }
        },
    ],
)
def test_what_has_another_shape_is_passed_over(given: dict[str, Any]) -> None:
    assert said(**given) == []


def test_a_manifest_with_a_wrong_sentence_cannot_be_made() -> None:
    with pytest.raises(ValidationError, match='there is no field "nam"'):
        Manifest(rules={"tidy": Rule(do='SET nam = "x"')})


# --- the steps of a proxy ----------------------------------------------------------------------


def test_a_proxy_has_its_rules_and_then_its_filters_in_order() -> None:
    made = manifest(
        {
            "rules": ["live", "preset/timeshift", "tidy"],
            "filters": [{"exclude": "preset/no-adult"}, {"include": "uk"}],
        },
        rules={
            "tidy": {"do": TIDY},
            "live": {"applies_to": "programmes", "do": "DELETE genre"},
            "unused": {"do": TIDY},
        },
        filters={"uk": 'country = "UK"'},
    )

    steps = steps_of(made, made.proxies["p"])

    assert [(step.name, step.verdict, step.domain) for step in steps] == [
        ("live", "rule", Domain.PROGRAMME),
        ("preset/timeshift", "rule", Domain.CHANNEL),
        ("tidy", "rule", Domain.CHANNEL),
        ("preset/no-adult", "exclude", Domain.CHANNEL),
        ("uk", "include", Domain.CHANNEL),
    ]
    assert steps[2].text == TIDY
    assert pickle.loads(pickle.dumps(steps)) == steps
    for step in steps:
        assert step.sentence(()).domain is step.domain


def test_a_proxy_without_either_has_no_steps() -> None:
    made = manifest(rules={"tidy": {"do": TIDY}})

    assert steps_of(made, made.proxies["p"]) == ()


def test_a_sentence_is_read_once() -> None:
    step = Step("tidy", "rule", Domain.CHANNEL, TIDY)

    assert step.sentence(["a"]) is Step("x", "rule", Domain.CHANNEL, TIDY).sentence({"b": ""})


def test_a_text_is_read_as_what_it_is() -> None:
    assert Step("f", "include", Domain.CHANNEL, 'name = "x"').sentence(()).kind == "filter"
    assert Step("r", "rule", Domain.CHANNEL, 'SET name = "x"').sentence(()).kind == "rule"


def test_a_picture_that_is_a_file_has_an_address_of_tvarr() -> None:
    pictures = {"here": "a.png", "there": "http://h/a.png"}
    found = logo_addresses(manifest(logos=pictures, server={"base_url": "http://tv:1/x"}))
    here = f"logos/{declared_id('here')}.png"
    assert found == {"here": f"http://tv:1/x/{here}", "there": "http://h/a.png"}
    assert logo_addresses(manifest(logos=pictures))["here"] == f"http://127.0.0.1:8888/{here}"


def test_the_logos_that_texts_speak_of() -> None:
    texts = ['SET tvg_logo = "@logo:a"', "logo ?= @LOGO:b-1", "@logo:none x y"]

    assert mentioned(["a", "b-1", "c", "x"], texts) == {"a", "b-1"}
    assert mentioned(["a"], []) == frozenset()


def test_a_logo_whose_name_is_followed_by_other_letters_is_known_to_the_build() -> None:
    text = 'SET tvg_logo = "@logo:blanké"'

    assert said(rules={"r": {"do": text}}, logos={"blank": "http://h/a.png"}) == []
    assert Step("r", "rule", Domain.CHANNEL, text).sentence(["blank"]).actions


# --- sources -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://me:hunter@host:8080/a/b.m3u?token=hunter#x", "https://host:8080/a/b.m3u"),
        ("http://host/live/me/hunter/1.ts", "http://host/live/***/***/1.ts"),
        ("file:///lists/uk.m3u", "file:///lists/uk.m3u"),
        ("lists/uk.m3u", "lists/uk.m3u"),
    ],
)
def test_sentences_see_a_source_without_credentials(url: str, shown: str) -> None:
    seen = origin("uk", M3uSource.model_validate({"kind": "m3u", "url": url}))

    assert (seen.name, seen.type, seen.url) == ("uk", "m3u", shown)


# --- time --------------------------------------------------------------------------------------


def test_the_language_is_not_loaded_where_there_is_no_sentence() -> None:
    code = """
import sys
from tvarr.controller.resources import declared
from tvarr.spec.manifest import Manifest

made = Manifest.model_validate(
    {"sources": {"a": {"kind": "m3u", "url": "a"}}, "proxies": {"p": {"sources": ["a"]}},
     "logos": {"x": "http://h/x.png"}}
)
declared(made, 1)
print(sorted({"polars", "textx", "arpeggio"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
