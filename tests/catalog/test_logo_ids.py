"""One picture has one id."""

from __future__ import annotations

import re
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvarr.catalog.logo_ids import design, logo_id, placeholder_id
from tvarr.logos import font


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/a/b.png?x=1&y=2",
        "HTTP://EXAMPLE.org/a/b.png?y=2&x=1",
        "http://example.org:80/a/b.png?x=1&y=2#f",
        "https://user:secret@example.org:443/a/b.png/?x=1&y=2",
        " http://example.org/a/b.png?x=1&y=2 ",
    ],
)
def test_what_does_not_count(url: str) -> None:
    assert logo_id(url) == sha256(b"example.org/a/b.png?x=1&y=2").hexdigest()


def test_what_counts() -> None:
    urls = [
        "http://h/a",
        "http://g/a",
        "http://h:8080/a",
        "http://h:443/a",
        "http://h/A",
        "http://h/a?",
        "http://h/a?x=1",
        "http://h/a?x=2",
        "http://h/a/b",
    ]
    found = [logo_id(url) for url in urls]
    assert found[0] == found.pop(5), "an empty query is none"
    assert len(set(found)) == len(found)


NOT_FETCHED = """
a.png file:///etc/passwd ftp://h/a data:image/png;base64,AA http:// http://[ http://h:99999/a //h/a
"""


@pytest.mark.parametrize(
    "url", ["", "http://h/a\nb", "http://h/" + "a" * 5000, *NOT_FETCHED.split()]
)
def test_what_cannot_be_fetched_has_none(url: str) -> None:
    assert logo_id(url) is None


@given(st.text())
def test_any_text_has_an_id_or_none(text: str) -> None:
    logo_id(text)
    logo_id(f"http://{text}")
    assert len(placeholder_id(text)) == 64
    initials, _ = design(text)
    assert re.fullmatch("[A-Z0-9]{0,2}", initials)
    assert font.can_draw(initials)


@given(st.text(), st.text())
def test_the_quick_way_comes_to_the_same(path: str, query: str) -> None:
    url = f"http://example.org/{path}?{query}"
    assert logo_id(url) == logo_id(f"http://example.org:80{url[18:]}")


def test_initials_of_names() -> None:
    assert design("BBC One")[0] == "BO"
    assert design("arte")[0] == "AR"
    assert design("7")[0] == "7"
    assert design("***")[0] == ""
    assert design("Das Erste HD")[0] == "DE"
    assert design("bbc one") == design("BBC One")
    assert design("MMM WWW QQQ")[0] == "MW"


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Ägypten TV", "AT"),
        ("Łódź Øst", "LO"),
        ("ßtraße", "SS"),
        ("Первый канал", "PK"),
        ("йога ёлка", "IE"),
        ("Ελλάδα Σκάι", "ES"),
        ("日本 NHK", "NH"),
        ("ＣＣＴＶ－５", "C5"),  # noqa: RUF001 - of double width
        ("ᶠᴴᴰ Sky ⁶⁰ᶠᵖˢ", "SK"),
        ("UK: Dave ᴴᴰ", "DA"),
        ("US| ESPN", "ES"),
        ("TV: ", "TV"),
        ("中央电视台", ""),
        ("العربية", ""),
    ],
)
def test_initials_are_letters_that_can_be_drawn(name: str, initials: str) -> None:
    assert design(name)[0] == initials


def test_initials_are_at_the_beginning_of_a_name_however_long_it_is() -> None:
    assert design("BBC One " + "x" * 1_000_000)[0] == "BO"
    assert design("A" + " " * 100_000 + "B")[0] == "A"
