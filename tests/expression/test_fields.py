"""Fields, their aliases, and the way between the catalog and a field frame."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from tvarr.catalog import schema
from tvarr.expression.fields import (
    BLANKS,
    SEPARATOR,
    Domain,
    Kind,
    fields,
    resolve,
    to_column,
    to_fields,
    words,
)

QUALITY = {f"quality_{fact}" for fact in ("resolution", "hdr", "codec", "fps", "tier", "note")}
JOINED = {
    Domain.CHANNEL: {"source_type", "source_url", *QUALITY},
    Domain.PROGRAMME: {
        *("channel_id", "channel_name", "channel_group", "channel_number"),
        *("source", "source_type", "source_url"),
    },
}
CATALOG = {Domain.CHANNEL: schema.CHANNELS, Domain.PROGRAMME: schema.PROGRAMMES}


def named(word: str, domain: Domain) -> str | None:
    field = resolve(word, domain)
    return field.name if field else None


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("channel_name", "channel_name"),
        ("name", "channel_name"),
        ("NAME", "channel_name"),
        ("category", "group_title"),
        ("chno", "channel_number"),
        ("adult", "is_adult"),
        ("lang", "tvg_language"),
        ("programme_title", None),
        ("", None),
    ],
)
def test_a_channel_field_is_found_by_name_or_alias(word: str, name: str | None) -> None:
    assert named(word, Domain.CHANNEL) == name


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("program_title", "programme_title"),
        ("prog_title", "programme_title"),
        ("program_season", "programme_season"),
        ("programme_language", "programme_language"),
        ("lang", "programme_language"),
        ("end_time", "programme_stop"),
        ("group_title", "channel_group"),
        ("name", None),
        ("tvg_id", None),
    ],
)
def test_a_programme_field_is_found_by_name_or_alias(word: str, name: str | None) -> None:
    assert named(word, Domain.PROGRAMME) == name


def test_every_programme_field_has_both_spellings() -> None:
    for field in fields(Domain.PROGRAMME):
        if field.name.startswith("programme_"):
            american = field.name.replace("programme_", "program_")
            assert named(american, Domain.PROGRAMME) == field.name


@pytest.mark.parametrize("domain", Domain)
def test_no_word_names_two_fields(domain: Domain) -> None:
    every = [word for field in fields(domain) for word in (field.name, *field.aliases)]
    assert sorted(every) == sorted(set(every)) == sorted(words(domain))


@pytest.mark.parametrize("domain", Domain)
def test_every_field_is_a_column_of_the_catalog_or_joined_to_it(domain: Domain) -> None:
    columns = {field.column for field in fields(domain)}
    assert columns <= set(CATALOG[domain]) | JOINED[domain]


@pytest.mark.parametrize("domain", Domain)
def test_what_can_be_set_is_a_column_of_the_catalog(domain: Domain) -> None:
    assert {field.column for field in fields(domain) if field.writable} <= set(CATALOG[domain])


def test_times_quality_the_source_and_a_programmes_channel_can_only_be_read() -> None:
    read_only = {field.name for domain in Domain for field in fields(domain) if not field.writable}
    assert read_only == {
        *("source_name", "source_type", "source_url", "programme_start", "programme_stop"),
        *("channel_id", "channel_name", "channel_group", "channel_number"),
        *QUALITY,
    }


def test_blanks_are_those_of_unicode() -> None:
    assert {" ", "\t", "\n", "\u00a0", "\u2003", "\u3000"} <= set(BLANKS)
    assert all(letter.isspace() for letter in BLANKS)
    assert not any(chr(code).isspace() for code in range(0x3001, 0x110000))


# --- to a field frame and back ---------------------------------------------------------------


def catalog_row(domain: Domain, **given: object) -> pl.DataFrame:
    joined = dict.fromkeys(JOINED[domain], pl.String)
    columns = {**CATALOG[domain], **joined}
    return pl.DataFrame({name: [given.get(name)] for name in columns}, schema=columns)


def text_of(name: str, domain: Domain, **given: object) -> str | None:
    frame = catalog_row(domain, **given).select(to_fields(domain))
    assert frame.schema == pl.Schema({field.name: pl.String for field in fields(domain)})
    text: str | None = frame[name].item()
    return text


@pytest.mark.parametrize(
    ("column", "value", "name", "text"),
    [
        ("title", "News", "programme_title", "News"),
        ("title", None, "programme_title", None),
        ("title", "", "programme_title", ""),
        ("season", 3, "programme_season", "3"),
        ("categories", ["a", "b"], "programme_category", f"a{SEPARATOR}b"),
        ("categories", [], "programme_category", ""),
        ("categories", None, "programme_category", None),
        (
            "start",
            datetime(2025, 11, 30, 19, tzinfo=UTC),
            "programme_start",
            "2025-11-30T19:00:00Z",
        ),
        ("source", "uk", "source_name", "uk"),
    ],
)
def test_a_column_of_the_catalog_becomes_text(
    column: str, value: object, name: str, text: str | None
) -> None:
    assert text_of(name, Domain.PROGRAMME, **{column: value}) == text


@pytest.mark.parametrize(("value", "text"), [(True, "true"), (False, "false"), (None, None)])
def test_a_flag_becomes_text(value: bool | None, text: str | None) -> None:
    assert text_of("radio", Domain.CHANNEL, radio=value) == text


def column_of(name: str, domain: Domain, text: str | None) -> object:
    field = resolve(name, domain)
    assert field
    frame = pl.DataFrame({field.name: [text]}, schema={field.name: pl.String})
    column = frame.select(to_column(field))
    assert column.schema == pl.Schema({field.column: CATALOG[domain][field.column]})
    values: list[object] = column.to_series().to_list()
    return values[0]


@pytest.mark.parametrize(
    ("name", "domain", "text", "value"),
    [
        ("channel_name", Domain.CHANNEL, "BBC", "BBC"),
        ("channel_name", Domain.CHANNEL, None, None),
        ("radio", Domain.CHANNEL, "true", True),
        ("radio", Domain.CHANNEL, " YES ", True),
        ("radio", Domain.CHANNEL, "0", False),
        ("radio", Domain.CHANNEL, "perhaps", None),
        ("radio", Domain.CHANNEL, None, None),
        ("season", Domain.PROGRAMME, " 03", 3),
        ("season", Domain.PROGRAMME, "three", None),
        ("season", Domain.PROGRAMME, None, None),
        ("genre", Domain.PROGRAMME, f"a{SEPARATOR}{SEPARATOR}b", ["a", "b"]),
        ("genre", Domain.PROGRAMME, "", []),
        ("genre", Domain.PROGRAMME, None, []),
    ],
)
def test_text_becomes_the_column_of_the_catalog(
    name: str, domain: Domain, text: str | None, value: object
) -> None:
    assert column_of(name, domain, text) == value


@pytest.mark.parametrize("domain", Domain)
def test_every_field_that_can_be_set_has_its_way_back(domain: Domain) -> None:
    for field in fields(domain):
        if field.writable:
            column_of(field.name, domain, "1")


def test_a_kind_is_told_for_editors() -> None:
    kinds = {field.name: field.kind for field in fields(Domain.PROGRAMME)}
    assert kinds["programme_start"] is Kind.TIME
    assert kinds["programme_season"] is Kind.NUMBER
    assert all(field.description for domain in Domain for field in fields(domain))
