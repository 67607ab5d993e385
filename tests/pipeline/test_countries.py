"""Countries as groups, flags and codes tell them."""

from __future__ import annotations

import pytest

from tvarr.pipeline.countries import CODES, NAMES, code_of, of_flag, of_group


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("uk", "uk"),
        ("GB", "uk"),
        ("United Kingdom", "uk"),
        ("España", "es"),
        ("South Korea", "kr"),
        ("Atlantis", None),
        ("", None),
    ],
)
def test_a_code_or_a_name_is_a_country(text: str, code: str | None) -> None:
    assert code_of(text) == code


def test_each_name_has_a_known_code() -> None:
    assert set(NAMES.values()) <= CODES


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("United States", "us"),
        ("UK | Sports", "uk"),
        ("DE: News", "de"),
        ("Sports", None),
        ("TV", None),
        ("uk", None),
        ("UK | US", None),
        ("", None),
    ],
)
def test_a_group_tells_a_country_only_where_it_is_certain(title: str, code: str | None) -> None:
    assert of_group(title) == code


def test_a_flag_is_two_indicators() -> None:
    assert of_flag("🇬🇧 BBC") == "uk"
    assert of_flag("🏴 BBC") is None
