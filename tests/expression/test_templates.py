"""Values as they are written, read into parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tvarr.expression.fields import Domain, resolve
from tvarr.expression.lookup import Lookup
from tvarr.expression.problems import Findings
from tvarr.expression.templates import read_value
from tvarr.expression.values import Capture, Copy, Logo, Moment, Now, Text

if TYPE_CHECKING:
    from tvarr.expression.templates import Role
    from tvarr.expression.values import Part

LOGOS = ("placeholder", "bbc.one")


def read(written: str, role: Role = "assigned") -> tuple[tuple[Part, ...] | None, list[str]]:
    findings = Findings(written)
    value = read_value(Lookup(Domain.CHANNEL, LOGOS, findings), 0, written, role)
    said = [f"{p.category}: {p.suggestion or p.message}" for p in findings.sorted()]
    return value.parts if value else None, said


def copy(word: str) -> Copy:
    field = resolve(word, Domain.CHANNEL)
    assert field
    return Copy(field)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (r'"a\"b\'c\\d\ne\tf\rg"', "a\"b'c\\d\ne\tf\rg"),
        (r"'\d\w\.'", r"\d\w\."),
        (r"'\\d'", r"\d"),
        (r"a\nb", r"a\nb"),
        ("\"A > B && 'x'\"", "A > B && 'x'"),
        ("TRUE", "TRUE"),
        ("007", "007"),
        ('"US$ 5, $, $-, A$AP, $xyz"', "US$ 5, $, $-, A$AP, $xyz"),
        ('"me@home: @logos @x:y"', "me@home: @logos @x:y"),
    ],
)
def test_text_means_itself(written: str, text: str) -> None:
    assert read(written) == ((Text(text),), [])


def test_empty_text_has_no_parts() -> None:
    assert read('""') == ((), [])


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("$1", (Capture(1),)),
        ('"$0"', (Capture(0),)),
        ('"$10"', (Capture(10),)),
        ('"$100"', (Capture(10), Text("0"))),
        ('"${1}0"', (Capture(1), Text("0"))),
        ('"$$1"', (Text("$"), Capture(1))),
        ('"a $2-${year}."', (Text("a "), Capture(2), Text("-"), Capture("year"), Text("."))),
        ("$tvg_name", (copy("tvg_name"),)),
        ('"$Name ($GROUP)"', (copy("name"), Text(" ("), copy("group"), Text(")"))),
        ('"$name_x$name"', (Text("$name_x"), copy("name"))),
        ("@logo:placeholder", (Logo("placeholder"),)),
        ('"@LOGO:bbc.one."', (Logo("bbc.one"), Text("."))),
        ("@time:now", (Now(in_seconds=False),)),
        ('"at @time:now() s"', (Text("at "), Now(in_seconds=True), Text(" s"))),
        ("@time:12.5", (Moment("12.5", "12.5", parsed=False),)),
        (
            '@time:parse("2025-11-30T19:00:00Z")',
            (Moment("2025-11-30T19:00:00Z", "1764529200", parsed=True),),
        ),
        (
            "\"@time:parse('2025-11-30T19:00:00.5Z')\"",
            (Moment("2025-11-30T19:00:00.5Z", "1764529200.5", parsed=True),),
        ),
    ],
)
def test_an_assigned_value_has_captures_fields_and_helpers(
    written: str, parts: tuple[Part, ...]
) -> None:
    assert read(written) == (parts, [])


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ('"$1 $name"', (Text("$1 $name"),)),
        ("$name", (copy("name"),)),
        ('"@time:now"', (Now(in_seconds=False),)),
        ("a$b", (Text("a$b"),)),
        ("$", (Text("$"),)),
    ],
)
def test_a_compared_text_in_quotes_has_helpers_only(written: str, parts: tuple[Part, ...]) -> None:
    assert read(written, "compared") == (parts, [])


@pytest.mark.parametrize("text", ["^a$", "@time:now", "$1", "${x", "@logo:x"])
def test_a_pattern_has_nothing_but_itself(text: str) -> None:
    assert read(f'"{text}"', "pattern") == ((Text(text),), [])


@pytest.mark.parametrize(
    ("written", "role", "said"),
    [
        ("$chanel_name", "assigned", "field: $channel_name"),
        ("$chanel_name", "compared", "field: $channel_name"),
        ("$1", "compared", "value: captures are there for actions, not for conditions"),
        ("$name", "pattern", "value: a pattern is a text in quotes, the same for every row"),
        ('"${1"', "assigned", "value: ${ begins a name and } ends it, like ${title}"),
        ("@logo:plaseholder", "assigned", "helper: @logo:placeholder"),
        ('"@logo:"', "assigned", "helper: @logo: needs the name of a logo"),
        ("@lgo:x", "assigned", "helper: @logo:"),
        ("@time:nwo", "compared", "helper: @time:now"),
        ('"@time:nowhere"', "assigned", "helper: @time:now"),
        ("@time:now(1)", "assigned", "helper: @time:now()"),
        (
            "@time:parse('x')",
            "assigned",
            'helper: "x" is no time; write it like 2025-11-30T19:00:00Z',
        ),
    ],
)
def test_what_is_wrong_in_a_value_is_said(written: str, role: Role, said: str) -> None:
    assert read(written, role) == (None, [said])
