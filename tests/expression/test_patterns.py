"""Regular expressions, compiled at load."""

from __future__ import annotations

import pytest

from tvarr.expression.patterns import PatternError, groups


def refused(pattern: str) -> PatternError:
    with pytest.raises(PatternError) as error:
        groups(pattern)
    return error.value


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("abc", ()),
        ("", ()),
        ("(a)(?:b)(c)?", ("1", "2")),
        ("(?P<year>\\d{4})-(\\d\\d)", ("year", "2")),
        ("(?<name>x)", ("name",)),
        ("(?i)(a", None),
    ],
)
def test_the_groups_of_a_pattern_are_known(pattern: str, names: tuple[str, ...] | None) -> None:
    if names is None:
        assert "unclosed group" in refused(pattern).message
    else:
        assert groups(pattern) == names


@pytest.mark.parametrize(
    ("pattern", "marked"),
    [
        ("abc(", "("),
        ("ab[z-a]", "z-a"),
        (r"\p{Foo}x", r"\p{Foo}"),
        ("  a(", "("),
        ("x(?=y)", "(?="),
        (r"(a)\1", r"\1"),
        ("(?P<a>x)(?P=a)", None),
        ("(a\n", None),
    ],
)
def test_what_is_wrong_in_a_pattern_is_marked(pattern: str, marked: str | None) -> None:
    error = refused(pattern)
    assert 0 <= error.start < error.stop <= len(pattern)
    if marked:
        assert pattern[error.start : error.stop] == marked


@pytest.mark.parametrize("pattern", ["(?=a)", "(?!a)", "(?<=a)b", "(?<!a)b"])
def test_look_around_has_its_own_message(pattern: str) -> None:
    assert refused(pattern).message == "look-around is not possible in a pattern"


@pytest.mark.parametrize("pattern", [r"(a)\1", "(?P<a>x)(?P=a)"])
def test_back_references_have_their_own_message(pattern: str) -> None:
    assert refused(pattern).message == "back-references are not possible in a pattern"


@pytest.mark.parametrize(
    ("pattern", "inside"),
    [
        ("a(?!b(c)d)e", "b(c)d"),
        (r"(?<!\))x", r"\)"),
        ("(?!a", None),
        ("(?=a)", None),
    ],
)
def test_what_must_not_stand_there_is_found_for_the_advice(
    pattern: str, inside: str | None
) -> None:
    assert refused(pattern).negative == inside


def test_a_pattern_that_would_take_much_memory_is_refused() -> None:
    assert refused("a{1000000}").message == "this pattern is too large"
