"""The scalar kinds: what is read, what is refused, and what a refusal says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, TypeAdapter, ValidationError

from tvarr.spec.proxy import Proxy
from tvarr.spec.source import M3uSource
from tvarr.spec.values import (
    RESERVED,
    Duration,
    Name,
    ProxyName,
    Refresh,
    Schedule,
    Size,
    Timezone,
    format_duration,
    format_size,
    parse_duration,
    parse_schedule,
    parse_size,
    spec_hash,
)


def rule(kind: Any, value: object) -> str:
    """Return what is said when `value` is no `kind`."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    (details,) = caught.value.errors()
    return details["msg"].removeprefix("Value error, ")


def read(kind: Any, value: object) -> Any:
    return TypeAdapter(kind).validate_python(value)


# --- names -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a", "7", "freeview", "news-24", "a_b", "0-_", "x" * 63])
def test_a_name_is_lower_case_and_fit_for_a_url(name: str) -> None:
    assert read(Name, name) == name


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("UK", "uk"),
        ("-uk", "uk"),
        ("BBC One HD", "bbc-one-hd"),
        ("uk/../etc", "uk-etc"),
        ("uk.m3u", "uk-m3u"),
        ("x" * 64, "x" * 63),
        ("uk\n", "uk"),
    ],
)
def test_a_bad_name_is_refused_with_a_better_one(name: str, better: str) -> None:
    assert rule(Name, name).endswith(f'at most 63 characters, such as "{better}"')
    assert read(Name, better) == better


@pytest.mark.parametrize("name", ["", "?", "日本", "--"])
def test_a_name_with_nothing_to_keep_is_refused_without_a_better_one(name: str) -> None:
    assert rule(Name, name).endswith("at most 63 characters")


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_a_proxy_cannot_have_a_name_that_the_server_needs(name: str) -> None:
    assert rule(ProxyName, name).startswith("the server answers under this name itself")
    assert read(Name, name) == name


def test_all_first_parts_of_the_servers_own_paths_are_reserved() -> None:
    assert {"api", "live", "ready", "health", "healthz", "metrics", "static"} <= RESERVED


# --- durations ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("200ms", 0.2),
        ("90s", 90),
        ("5m", 300),
        ("6h", 21600),
        ("1d", 86400),
        ("1w", 604800),
        ("1h30m", 5400),
        ("1.5h", 5400),
        (" 6h ", 21600),
        ("0s", 0),
    ],
)
def test_a_duration_is_read(text: str, seconds: float) -> None:
    assert read(Duration, text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "6",
        6,
        6.5,
        "6 h",
        "h",
        "-6h",
        "6H",
        "1h 30m",
        "6hours",
        "1.h",
        "٦h",
        True,
        None,
        [],
        "1e3s",
    ],
)
def test_what_is_no_duration_is_refused(value: object) -> None:
    assert rule(Duration, value) == (
        "a duration is written with its unit, like 90s, 5m, 6h, 1d or 1h30m"
    )


def test_a_duration_longer_than_python_knows_is_refused() -> None:
    assert rule(Duration, "999999999w") == "this duration is too long"
    assert "unit" in rule(Duration, "9" * 400 + "w")
    assert "unit" in rule(Duration, "1s" * 10_000)


@given(st.integers(min_value=0, max_value=10**13))
def test_a_duration_is_written_as_it_is_read(milliseconds: int) -> None:
    value = timedelta(milliseconds=milliseconds)

    assert parse_duration(format_duration(value)) == value


@pytest.mark.parametrize("text", ["200ms", "30s", "1h30m", "1d", "7d", "0s", "1d2h3m4s5ms"])
def test_a_written_duration_is_as_a_person_has_it(text: str) -> None:
    assert format_duration(parse_duration(text)) == text


@pytest.mark.parametrize("text", ["256MiB", "4GiB", "1KiB", "1500B", "0B"])
def test_a_written_size_is_as_a_person_has_it(text: str) -> None:
    assert format_size(parse_size(text)) == text


# --- sizes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "size"),
    [
        (1500, 1500),
        ("1500", 1500),
        ("1500B", 1500),
        ("64MiB", 64 * 2**20),
        ("64 MiB", 64 * 2**20),
        ("64mib", 64 * 2**20),
        ("10MB", 10_000_000),
        ("1.5GiB", 3 * 2**29),
        ("1KB", 1000),
        ("1kib", 1024),
        ("1gb", 10**9),
    ],
)
def test_a_size_is_read_in_bytes(written: object, size: int) -> None:
    assert read(Size, written) == size


@pytest.mark.parametrize(
    "value", ["", "64M", "64 megabytes", "MiB", "-1MB", "1iB", "1.B", True, None, 1.5, [], "9" * 40]
)
def test_what_is_no_size_is_refused(value: object) -> None:
    assert rule(Size, value) == "a size is written like 64MiB, 10MB or a number of bytes"


@given(st.integers(min_value=0, max_value=2**50))
def test_a_size_is_written_as_it_is_read(size: int) -> None:
    assert parse_size(format_size(size)) == size


# --- schedules ---------------------------------------------------------------------------------


def test_a_schedule_is_an_interval() -> None:
    assert parse_schedule("6h") == Schedule(every=timedelta(hours=6))
    assert str(parse_schedule("90m")) == "1h30m"


@pytest.mark.parametrize(
    "line", ["15 4 * * *", "*/10 * * * *", "0 6,18 * * mon-fri", "0 0 L * *", "0 0 29 2 *"]
)
def test_a_schedule_is_a_cron_line(line: str) -> None:
    assert parse_schedule(line) == Schedule(cron=line)
    assert str(parse_schedule(line)) == line


def test_blanks_in_a_cron_line_count_once() -> None:
    assert parse_schedule("  15  4 *\t* * ") == Schedule(cron="15 4 * * *")


@pytest.mark.parametrize("text", ["10s", "366d"])
def test_the_bounds_of_an_interval_are_possible(text: str) -> None:
    assert parse_schedule(text).every == parse_duration(text)


@pytest.mark.parametrize("text", ["9s", "0s", "9999ms", "367d"])
def test_an_interval_out_of_bounds_is_refused(text: str) -> None:
    assert rule(Refresh, text) == "an interval is at least 10s and at most 366d"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("* * * *", "a cron line has five fields"),
        ("* * * * * *", "a cron line has five fields"),
        ("60 * * * *", "the minute of this cron line is not possible"),
        ("0 24 * * *", "the hour of this cron line is not possible"),
        ("0 0 32 * *", "the day of month of this cron line is not possible"),
        ("0 0 * 13 *", "the month of this cron line is not possible"),
        ("0 0 * * 8", "the day of week of this cron line is not possible"),
        ("*/0 * * * *", "the minute of this cron line is not possible"),
        ("0 0 30 2 *", "the day of month of this cron line is not possible"),
        ("a b c d e", "the minute of this cron line is not possible"),
        ("1," * 100 + "1 * * * *", "a cron line has five fields"),
    ],
)
def test_a_cron_line_that_is_not_possible_is_refused(line: str, said: str) -> None:
    assert rule(Refresh, line).startswith(said)


@pytest.mark.parametrize("value", ["often", "@daily", "", 30, True, {"every": "6h"}, ["6h"]])
def test_what_is_no_schedule_is_refused(value: object) -> None:
    assert rule(Refresh, value) == 'write an interval like 6h or a cron line like "15 4 * * *"'


def test_a_schedule_stays_the_same_when_it_is_read_again() -> None:
    assert parse_schedule(Schedule(cron="15 4 * * *")) == Schedule(cron="15 4 * * *")


# --- time zones --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["UTC", "Europe/London", "America/Argentina/Ushuaia", "Etc/GMT-2"])
def test_a_time_zone_has_its_iana_name(name: str) -> None:
    assert read(Timezone, name) == name


@pytest.mark.parametrize(
    "name", ["", ".", "Europe", "/etc/passwd", "../UTC", "a\0b", "+02:00", "x" * 999]
)
def test_what_is_no_time_zone_is_refused(name: str) -> None:
    assert rule(Timezone, name).startswith("no time zone")


def test_a_misspelt_time_zone_gets_a_suggestion() -> None:
    assert rule(Timezone, "europe/londn") == (
        'no time zone "europe/londn", did you mean "Europe/London"?'
    )


# --- fingerprints ------------------------------------------------------------------------------


def source(**fields: Any) -> M3uSource:
    return M3uSource.model_validate({"kind": "m3u", "url": "http://x/a.m3u", **fields})


def test_a_spec_has_sixteen_hexadecimal_digits() -> None:
    assert len(spec_hash(source())) == 16
    assert int(spec_hash(source()), 16) >= 0


def test_a_written_default_is_the_same_spec() -> None:
    assert spec_hash(source(refresh="6h", headers={}, max_size="256MiB")) == spec_hash(source())


def test_the_order_of_keys_does_not_matter() -> None:
    assert spec_hash(source(headers={"A": "1", "B": "2"})) == spec_hash(
        source(headers={"B": "2", "A": "1"})
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"url": "http://x/b.m3u"},
        {"refresh": "5h"},
        {"refresh": "15 4 * * *"},
        {"headers": {"A": "1"}},
        {"timeout": "31s"},
        {"max_size": "1MiB"},
        {"user_agent": "VLC"},
        {"verify_tls": False},
    ],
)
def test_every_field_changes_the_spec_also_a_secret_one(fields: dict[str, Any]) -> None:
    assert spec_hash(source(**fields)) != spec_hash(source())


def test_the_order_of_sources_changes_a_proxy() -> None:
    assert spec_hash(Proxy(sources=("a", "b"))) != spec_hash(Proxy(sources=("b", "a")))


def test_a_secret_is_not_shown_by_any_of_its_models_writings() -> None:
    model = source(url="http://me:hunter2@x/a.m3u", headers={"X": "hunter2"})

    for text in (repr(model), str(model), model.model_dump_json(), str(model.model_dump())):
        assert "hunter2" not in text
    assert model.url == SecretStr("http://me:hunter2@x/a.m3u")
