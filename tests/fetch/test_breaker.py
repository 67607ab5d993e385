"""A host that fails again and again is left alone for a while."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.provider import Provider, document, silent, status
from tvarr.errors import Reason, Transient
from tvarr.fetch.breaker import FAILURES, FORGOTTEN, PAUSE, TRIAL, Breakers
from tvarr.fetch.client import Fetched, Fetcher, Limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from tvarr.fetch.client import Request

    Asking = Callable[..., Request]

HOST, OTHER = "tv.example", "tv.example:8080"


@dataclass
class Time:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def breakers(time: Time) -> Breakers:
    return Breakers(time)


def fail(breakers: Breakers, times: int, reason: Reason = Reason.CONNECT_TIMEOUT) -> None:
    for _ in range(times):
        breakers.check(HOST)
        breakers.failed(HOST, Transient(reason, "no connection in time"))


def refused(breakers: Breakers, place: str = HOST) -> Transient | None:
    """Return why the host is left alone; None where a request may go out."""
    try:
        breakers.check(place)
    except Transient as error:
        return error
    return None


class TestClosed:
    def test_a_few_failures_change_nothing(self, breakers: Breakers) -> None:
        fail(breakers, FAILURES - 1)
        assert refused(breakers) is None

    def test_a_success_ends_the_row(self, breakers: Breakers) -> None:
        fail(breakers, FAILURES - 1)
        breakers.succeeded(HOST)
        fail(breakers, FAILURES - 1)
        assert refused(breakers) is None

    def test_failures_far_apart_are_no_row(self, breakers: Breakers, time: Time) -> None:
        for _ in range(2 * FAILURES):
            fail(breakers, 1)
            time.now += FORGOTTEN + 1
        assert refused(breakers) is None

    @pytest.mark.parametrize(
        "reason",
        [
            Reason.AUTH_FAILED,
            Reason.ACCOUNT_EXPIRED,
            Reason.SLOTS_FULL,
            Reason.PERMISSION_DENIED,
            Reason.RATE_LIMITED,
            Reason.GONE,
            Reason.TLS_FAILED,
            Reason.NETWORK_DOWN,
        ],
    )
    def test_what_is_not_the_host_s_fault_does_not_count(
        self, reason: Reason, breakers: Breakers
    ) -> None:
        fail(breakers, 3 * FAILURES, reason)
        assert refused(breakers) is None

    def test_a_dead_network_says_nothing_of_a_host(self, breakers: Breakers) -> None:
        fail(breakers, FAILURES - 1)
        fail(breakers, 1, Reason.NETWORK_DOWN)
        fail(breakers, 1)
        assert refused(breakers) is not None


class TestOpen:
    @pytest.mark.parametrize(
        "reason",
        [
            Reason.CONNECT_FAILED,
            Reason.CONNECT_TIMEOUT,
            Reason.DNS_FAILED,
            Reason.TIMEOUT,
            Reason.SERVER_ERROR,
        ],
    )
    def test_it_says_what_the_host_s_last_trouble_was_and_how_long(
        self, reason: Reason, breakers: Breakers, time: Time
    ) -> None:
        fail(breakers, FAILURES, reason)
        time.now += 20
        error = refused(breakers)
        assert error is not None
        assert (error.reason, error.retry_after) == (reason, PAUSE - 20)
        assert error.sentence == (
            "tv.example failed 5 times in a row, so it is left alone for 100 seconds; "
            "what it came to last: no connection in time"
        )

    def test_other_hosts_and_ports_are_asked(self, breakers: Breakers) -> None:
        fail(breakers, FAILURES)
        assert refused(breakers, OTHER) is None

    def test_a_person_who_insists_is_let_through(self, breakers: Breakers) -> None:
        fail(breakers, FAILURES)
        breakers.check(HOST, insist=True)
        breakers.succeeded(HOST)
        assert refused(breakers) is None


class TestHalfOpen:
    @pytest.fixture(autouse=True)
    def _after_the_pause(self, breakers: Breakers, time: Time) -> None:
        fail(breakers, FAILURES)
        time.now += PAUSE

    def test_one_request_goes_through_and_the_others_wait_for_it(self, breakers: Breakers) -> None:
        assert refused(breakers) is None
        error = refused(breakers)
        assert error is not None
        assert error.retry_after == TRIAL

    def test_its_success_closes_the_circuit(self, breakers: Breakers) -> None:
        breakers.check(HOST)
        breakers.succeeded(HOST)
        assert [refused(breakers) for _ in range(3)] == [None] * 3

    def test_an_answer_about_the_account_closes_it_too(self, breakers: Breakers) -> None:
        fail(breakers, 1, Reason.AUTH_FAILED)
        assert refused(breakers) is None

    def test_its_failure_opens_it_for_another_pause(self, breakers: Breakers, time: Time) -> None:
        fail(breakers, 1)
        error = refused(breakers)
        assert error is not None
        assert error.retry_after == PAUSE
        time.now += PAUSE
        assert refused(breakers) is None

    def test_a_request_that_was_cancelled_leaves_the_trial_to_the_next(
        self, breakers: Breakers
    ) -> None:
        breakers.check(HOST)
        breakers.gave_up(HOST)
        assert refused(breakers) is None

    def test_to_give_up_on_a_host_without_trouble_is_nothing(self, breakers: Breakers) -> None:
        breakers.gave_up(OTHER)
        assert refused(breakers, OTHER) is None


class TestFetches:
    async def test_ten_sources_of_a_dead_host_do_not_each_wait_for_it(
        self, provider: Provider, asking: Asking, time: Time
    ) -> None:
        provider.table["/tv"] = silent()
        async with Fetcher(Limits(head=0.05), Breakers(time)) as fetcher:
            for _ in range(10):
                with pytest.raises(Transient) as caught:
                    await fetcher.fetch(asking(provider.url("/tv")))
                assert caught.value.reason is Reason.TIMEOUT
            assert len(provider.seen) == FAILURES
            assert "left alone" in caught.value.sentence
            provider.table["/tv"] = document(b"x")
            time.now += PAUSE
            assert isinstance(await fetcher.fetch(asking(provider.url("/tv"))), Fetched)
            assert isinstance(await fetcher.fetch(asking(provider.url("/tv"))), Fetched)

    async def test_errors_of_the_server_count_and_those_of_an_account_do_not(
        self, provider: Provider, asking: Asking, time: Time
    ) -> None:
        provider.table |= {"/500": status(500), "/509": status(509), "/401": status(401)}
        async with Fetcher(breakers=Breakers(time)) as fetcher:
            for path in ["/401", "/509"] * FAILURES + ["/500"] * (FAILURES + 1):
                with pytest.raises(Transient) as caught:
                    await fetcher.fetch(asking(provider.url(path)))
            assert "left alone" in caught.value.sentence
            assert len(provider.seen) == 3 * FAILURES

    async def test_whoever_insists_asks_a_host_that_is_left_alone(
        self, provider: Provider, asking: Asking, time: Time
    ) -> None:
        provider.table["/tv"] = status(500)
        async with Fetcher(breakers=Breakers(time)) as fetcher:
            for _ in range(FAILURES):
                with pytest.raises(Transient):
                    await fetcher.fetch(asking(provider.url("/tv")))
            provider.table["/tv"] = document(b"x")
            assert isinstance(
                await fetcher.fetch(asking(provider.url("/tv"), insist=True)), Fetched
            )

    async def test_a_cancelled_trial_is_no_outcome(
        self, provider: Provider, asking: Asking, time: Time
    ) -> None:
        provider.table |= {"/500": status(500), "/tv": silent()}
        async with Fetcher(breakers=Breakers(time)) as fetcher:
            for _ in range(FAILURES):
                with pytest.raises(Transient):
                    await fetcher.fetch(asking(provider.url("/500")))
            time.now += PAUSE
            trial = asyncio.create_task(fetcher.fetch(asking(provider.url("/tv"))))
            while len(provider.seen) <= FAILURES:  # noqa: ASYNC110 - a plain list
                await asyncio.sleep(0.01)
            trial.cancel()
            with pytest.raises(asyncio.CancelledError):
                await trial
            provider.table["/tv"] = document(b"x")
            assert isinstance(await fetcher.fetch(asking(provider.url("/tv"))), Fetched)
