from __future__ import annotations

import errno
import os
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey

from tvarr.errors import Reason
from tvarr.fetch.answers import refusal, unreachable

NOW = datetime(2026, 8, 22, 18, 30, tzinfo=UTC)


def http_date(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


def retry_after(text: str, date: str | None = None) -> float | None:
    date = http_date(NOW) if date is None else date
    return refusal("tv.example", 429, {"Retry-After": text, "Date": date}).retry_after


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (204, Reason.EMPTY_ANSWER),
        (206, Reason.BAD_ANSWER),
        (300, Reason.BAD_ANSWER),
        (304, Reason.BAD_ANSWER),
        (400, Reason.BAD_ANSWER),
        (401, Reason.AUTH_FAILED),
        (402, Reason.ACCOUNT_EXPIRED),
        (403, Reason.PERMISSION_DENIED),
        (404, Reason.GONE),
        (408, Reason.TIMEOUT),
        (410, Reason.GONE),
        (451, Reason.GEO_BLOCKED),
        (458, Reason.SLOTS_FULL),
        (509, Reason.SLOTS_FULL),
        (418, Reason.BAD_ANSWER),
        (429, Reason.RATE_LIMITED),
        (500, Reason.SERVER_ERROR),
        (503, Reason.SERVER_ERROR),
        (520, Reason.SERVER_ERROR),
        (999, Reason.SERVER_ERROR),
    ],
)
def test_each_status_has_its_reason(status: int, reason: Reason) -> None:
    error = refusal("tv.example", status, {})
    assert error.reason is reason
    assert error.sentence.startswith(f"tv.example answered {status}")


def test_the_sentence_says_what_it_may_be() -> None:
    sentence = refusal("tv.example:8080", 404, {}).sentence
    assert sentence == (
        "tv.example:8080 answered 404 Not Found: there is no such document, "
        "so the address may have changed"
    )
    assert refusal("tv.example", 520, {}, "a hint").sentence == "tv.example answered 520: a hint"


@pytest.mark.parametrize("text", ["120", " 120 ", http_date(NOW + timedelta(seconds=120))])
def test_a_wait_is_in_seconds_or_until_a_date(text: str) -> None:
    assert retry_after(text) == 120


def test_a_date_without_the_servers_own_clock_counts_from_now() -> None:
    wait = retry_after(http_date(datetime.now(UTC) + timedelta(hours=1)), date="")
    assert wait is not None
    assert 3500 < wait <= 3600


@pytest.mark.parametrize("text", ["90000", "9" * 5000, http_date(NOW + timedelta(days=9))])
def test_a_wait_is_never_longer_than_a_day(text: str) -> None:
    assert retry_after(text) == 86400


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "-5",
        "soon",
        "1e9",
        "١٢",
        http_date(NOW),
        http_date(NOW - timedelta(1)),
        "1 Jan 99999",
    ],
)
def test_a_wait_that_is_past_or_cannot_be_read_is_none(text: str) -> None:
    assert retry_after(text) is None


def test_without_the_header_there_is_no_wait() -> None:
    assert refusal("tv.example", 429, {}).retry_after is None


KEY = ConnectionKey("tv.example", 80, False, True, None, None, None)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (errno.ECONNREFUSED, Reason.CONNECT_FAILED),
        (errno.ECONNRESET, Reason.CONNECT_FAILED),
        (errno.ETIMEDOUT, Reason.CONNECT_TIMEOUT),
        (errno.ENETUNREACH, Reason.NETWORK_DOWN),
        (errno.EHOSTUNREACH, Reason.NETWORK_DOWN),
        (errno.ENETDOWN, Reason.NETWORK_DOWN),
    ],
)
def test_why_there_is_no_connection_is_told_apart(error: int, reason: Reason) -> None:
    cause = aiohttp.ClientConnectorError(KEY, OSError(error, os.strerror(error)))
    assert unreachable("tv.example", cause).reason is reason


def test_a_server_that_hangs_up_on_tls_may_have_none() -> None:
    told = unreachable("tv", aiohttp.ClientConnectorError(KEY, ConnectionResetError()))
    assert told.reason is Reason.TLS_FAILED
    assert "perhaps the address is http" in told.sentence


def test_a_connection_that_does_not_come_in_time_is_no_late_answer() -> None:
    late = aiohttp.ConnectionTimeoutError("connect"), aiohttp.SocketTimeoutError("read")
    found = [unreachable("tv.example", error).reason for error in late]
    assert found == [Reason.CONNECT_TIMEOUT, Reason.TIMEOUT]


def test_a_name_server_that_is_away_is_no_unknown_host() -> None:
    numbers = socket.EAI_AGAIN, socket.EAI_NONAME
    errors = (aiohttp.ClientConnectorDNSError(KEY, socket.gaierror(no, "x")) for no in numbers)
    found = [unreachable("tv.example", error).reason for error in errors]
    assert found == [Reason.NETWORK_DOWN, Reason.DNS_FAILED]
