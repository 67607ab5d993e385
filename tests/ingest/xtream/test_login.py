"""What a panel says of the account."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tvarr.errors import Reason, TvarrError
from tvarr.ingest.xtream.login import account_of, read_login
from tvarr.state.conditions import Account


def answer(**facts: Any) -> dict[str, Any]:
    return {"user_info": {"auth": 1, "status": "Active"} | facts}


def test_the_facts_are_read_whatever_their_types() -> None:
    told = answer(exp_date="1550619710", is_trial="0", active_cons="1", max_connections="3")
    assert read_login(told).account == Account(
        status="Active",
        expires=datetime(2019, 2, 19, 23, 41, 50, tzinfo=UTC),
        trial=False,
        active=1,
        connections=3,
    )
    told = answer(exp_date=1550619710, is_trial=0, active_cons=1, max_connections=3)
    assert (
        read_login(told).account
        == read_login(
            answer(exp_date="1550619710", is_trial="0", active_cons="1", max_connections="3")
        ).account
    )


@pytest.mark.parametrize(
    "end",
    [None, "", "0", 0, "null", "never", -1, "9" * 20, 10**18, 1767225600000,
     "0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00"],
)  # fmt: skip
def test_an_account_may_have_no_end(end: Any) -> None:
    assert account_of({"exp_date": end}).expires is None


@pytest.mark.parametrize("end", ["2030-01-01 00:00:00", "2030-01-01", "2030-01-01T01:00:00+01:00"])
def test_an_end_may_be_a_date(end: str) -> None:
    assert account_of({"exp_date": end}).expires == datetime(2030, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("most", ["0", 0, "", None, "unlimited", [], -1])
def test_connections_without_a_limit_are_not_said(most: Any) -> None:
    assert account_of({"max_connections": most}).connections is None


def test_a_trial_is_told() -> None:
    assert account_of({"is_trial": "1"}).trial is True
    assert account_of({}).trial is None


def test_a_status_of_their_own_making_is_not_repeated() -> None:
    assert account_of({"status": "active"}).status == "Active"
    assert account_of({"status": "ann's account of secret"}).status is None
    assert account_of({"status": 3}).status is None


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"user_info": {"auth": 0}}, Reason.AUTH_FAILED),
        ({"user_info": {"auth": "0"}}, Reason.AUTH_FAILED),
        ({"user_info": {"auth": False}}, Reason.AUTH_FAILED),
        ({"user_info": {"auth": None}}, Reason.AUTH_FAILED),
        ({"user_info": []}, Reason.AUTH_FAILED),
        ({"auth": 0}, Reason.AUTH_FAILED),
        ({}, Reason.AUTH_FAILED),
        ([], Reason.AUTH_FAILED),
        (None, Reason.AUTH_FAILED),
        (answer(status="Expired"), Reason.ACCOUNT_EXPIRED),
        (answer(status="EXPIRED", auth=0), Reason.ACCOUNT_EXPIRED),
        (answer(status="Banned"), Reason.ACCOUNT_EXPIRED),
        (answer(status="Disabled"), Reason.ACCOUNT_EXPIRED),
        ("hello", Reason.BAD_ANSWER),
        ([1], Reason.BAD_ANSWER),
    ],
)
def test_a_refusal_has_its_reason(told: Any, reason: Reason) -> None:
    with pytest.raises(TvarrError) as caught:
        read_login(told)
    assert caught.value.reason is reason


def test_the_sentence_tells_when_the_account_ended() -> None:
    with pytest.raises(TvarrError, match=r"has expired \(2019-02-19\)"):
        read_login(answer(status="Expired", exp_date="1550619710"))


@pytest.mark.parametrize("auth", [1, "1", True])
def test_yes_is_said_in_several_ways(auth: Any) -> None:
    assert read_login(answer(auth=auth)).account.status == "Active"


def test_an_account_that_ended_and_is_let_in_is_let_in() -> None:
    assert read_login(answer(exp_date="1550619710")).account.expires is not None


@pytest.mark.parametrize(
    ("server", "zone"),
    [
        ({"timezone": "America/New_York"}, "America/New_York"),
        ({"timezone": "Nowhere/Else"}, "UTC"),
        ({"timezone": "../etc/passwd"}, "UTC"),
        ({"timezone": None}, "UTC"),
        ({}, "UTC"),
        ([], "UTC"),
        (None, "UTC"),
    ],
)
def test_the_panels_zone_is_one_that_is_known(server: Any, zone: str) -> None:
    assert read_login(answer() | {"server_info": server}).timezone == zone


def test_nothing_of_the_user_is_kept() -> None:
    told = answer(username="ann.user", password="secret", message="hello ann.user")
    assert "ann" not in repr(read_login(told))
