"""One resource, one task at a time; each when it is due. Time is moved by hand."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.controller.fake_clock import START, FakeClock, settle
from tvarr.controller.plan import Task, Why, Work
from tvarr.controller.workqueue import PATIENCE, WorkQueue

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def fetch(name: str = "a", due: datetime = START) -> Work:
    return Work(f"source/{name}", Task.FETCH, due, Why.NEW)


def build(name: str = "p", *after: str, due: datetime = START) -> Work:
    return Work(
        f"proxy/{name}", Task.BUILD, due, Why.NEW, after=tuple(f"source/{a}" for a in after)
    )


class Bench:
    """A queue whose work lasts until the test says otherwise."""

    def __init__(
        self,
        patience: timedelta | None = PATIENCE,
        hosts: Callable[[str], Collection[str]] = lambda _: (),
    ) -> None:
        self.clock = FakeClock()
        self.queue = WorkQueue(self._handle, self.clock, patience, hosts=hosts)
        self.started: list[str] = []
        self.works: dict[str, Work] = {}
        self.following: dict[str, Work] = {}
        self._ends: dict[str, asyncio.Event] = {}
        self._task: asyncio.Task[None] | None = None

    async def _handle(self, work: Work) -> Work | None:
        self.started.append(work.key)
        self.works[work.key] = work
        self._ends[work.key] = asyncio.Event()
        await self._ends[work.key].wait()
        return self.following.pop(work.key, None)

    async def start(self, *works: Work) -> None:
        for work in works:
            self.queue.add(work)
        self._task = asyncio.create_task(self.queue.run())
        await settle()

    async def add(self, work: Work) -> None:
        self.queue.add(work)
        await settle()

    async def finish(self, *keys: str) -> None:
        for key in keys:
            self._ends[key].set()
        await settle()

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench()
    yield bench
    await bench.stop()


class TestWhen:
    async def test_work_that_is_due_starts_at_once(self, bench: Bench) -> None:
        await bench.start(fetch())
        assert bench.started == ["source/a"]

    async def test_work_of_the_future_waits_for_its_moment(self, bench: Bench) -> None:
        await bench.start(fetch(due=START + HOUR))
        await bench.clock.advance(HOUR - MINUTE)
        assert bench.started == []
        await bench.clock.advance(MINUTE)
        assert bench.started == ["source/a"]

    async def test_work_added_later_is_started_without_waiting_for_a_timer(
        self, bench: Bench
    ) -> None:
        await bench.start(fetch("later", due=START + HOUR))
        await bench.add(fetch("now"))
        assert bench.started == ["source/now"]

    async def test_what_the_handler_returns_is_done_next(self, bench: Bench) -> None:
        await bench.start(fetch())
        bench.following["source/a"] = fetch(due=START + 6 * HOUR)
        await bench.finish("source/a")
        assert bench.queue.due("source/a") == START + 6 * HOUR
        await bench.clock.advance(6 * HOUR)
        assert bench.started == ["source/a"] * 2

    async def test_a_hundred_refreshes_of_six_hours_pass_in_no_time(self, bench: Bench) -> None:
        await bench.start(fetch())
        for turn in range(100):
            bench.following["source/a"] = fetch(due=START + 6 * HOUR * (turn + 1))
            await bench.finish("source/a")
            await bench.clock.advance(6 * HOUR)
        assert len(bench.started) == 101

    async def test_what_has_been_due_longest_goes_first(self, bench: Bench) -> None:
        late = [fetch(name, due=START - n * MINUTE) for n, name in enumerate("abcdef")]
        await bench.start(*late)
        assert bench.started == ["source/f", "source/e", "source/d", "source/c"]


class TestOneAtATime:
    async def test_two_triggers_before_the_start_are_one_run(self, bench: Bench) -> None:
        await bench.start(fetch(), fetch())
        await bench.finish("source/a")
        assert bench.started == ["source/a"]
        assert bench.queue.running == frozenset()

    async def test_triggers_during_a_run_make_it_run_once_more(self, bench: Bench) -> None:
        await bench.start(fetch())
        for _ in range(3):
            await bench.add(fetch())
        assert bench.started == ["source/a"]
        await bench.finish("source/a")
        assert bench.started == ["source/a"] * 2
        await bench.finish("source/a")
        assert bench.started == ["source/a"] * 2

    async def test_the_earlier_of_two_times_counts(self, bench: Bench) -> None:
        await bench.start(fetch(due=START + HOUR))
        await bench.add(fetch(due=START + 2 * HOUR))
        assert bench.queue.due("source/a") == START + HOUR
        await bench.add(fetch(due=START + MINUTE))
        assert bench.queue.due("source/a") == START + MINUTE

    async def test_a_trigger_during_a_run_beats_the_following_time(self, bench: Bench) -> None:
        await bench.start(fetch())
        await bench.add(fetch())
        bench.following["source/a"] = fetch(due=START + 6 * HOUR)
        await bench.finish("source/a")
        assert bench.started == ["source/a"] * 2


class TestLanes:
    async def test_four_fetches_run_side_by_side_and_the_fifth_waits(self, bench: Bench) -> None:
        await bench.start(*(fetch(name) for name in "abcde"))
        assert bench.started == [f"source/{name}" for name in "abcd"]
        await bench.finish("source/b")
        assert bench.started[-1] == "source/e"

    async def test_builds_run_one_after_the_other(self, bench: Bench) -> None:
        await bench.start(build("p"), build("q"))
        assert bench.started == ["proxy/p"]
        await bench.finish("proxy/p")
        assert bench.started == ["proxy/p", "proxy/q"]

    async def test_a_full_lane_does_not_hold_up_another(self, bench: Bench) -> None:
        await bench.start(*(fetch(name) for name in "abcde"), build("p"))
        assert "proxy/p" in bench.started


class TestDependants:
    async def test_a_proxy_waits_for_its_sources_first_refresh(self, bench: Bench) -> None:
        await bench.start(build("p", "a", "b"), fetch("a"), fetch("b"))
        assert bench.started == ["source/a", "source/b"]
        await bench.finish("source/a")
        assert "proxy/p" not in bench.started
        await bench.finish("source/b")
        assert bench.started[-1] == "proxy/p"

    async def test_a_proxy_does_not_wait_for_a_refresh_that_is_not_due(self, bench: Bench) -> None:
        await bench.start(build("p", "a"), fetch("a", due=START + HOUR))
        assert bench.started == ["proxy/p"]

    async def test_a_proxy_waits_for_a_source_that_queues_for_a_lane(self, bench: Bench) -> None:
        await bench.start(*(fetch(name) for name in "abcde"), build("p", "e"))
        assert "proxy/p" not in bench.started

    async def test_after_a_minute_it_builds_with_what_there_is(self, bench: Bench) -> None:
        await bench.start(build("p", "slow"), fetch("slow"))
        await bench.clock.advance(PATIENCE - timedelta(seconds=1))
        assert bench.started == ["source/slow"]
        await bench.clock.advance(timedelta(seconds=1))
        assert bench.started == ["source/slow", "proxy/p"]

    async def test_a_trigger_while_it_waits_does_not_prolong_the_wait(self, bench: Bench) -> None:
        await bench.start(build("p", "slow"), fetch("slow"))
        await bench.clock.advance(PATIENCE / 2)
        await bench.add(build("p", "slow", due=bench.clock.now()))
        await bench.clock.advance(PATIENCE / 2)
        assert bench.started[-1] == "proxy/p"

    async def test_newer_work_brings_its_own_dependencies(self, bench: Bench) -> None:
        await bench.start(build("p", "a", due=START + HOUR), fetch("b", due=START + HOUR))
        await bench.add(build("p", "b", due=START + 2 * HOUR))
        await bench.clock.advance(HOUR)
        assert bench.started == ["source/b"]

    async def test_without_a_limit_it_waits_for_as_long_as_it_takes(self) -> None:
        bench = Bench(patience=None)
        await bench.start(build("p", "slow"), fetch("slow"))
        await bench.clock.advance(24 * HOUR)
        assert bench.started == ["source/slow"]
        await bench.finish("source/slow")
        assert bench.started[-1] == "proxy/p"
        await bench.stop()

    async def test_patience_counts_from_when_it_could_have_begun(self, bench: Bench) -> None:
        await bench.start(build("other"), build("p", "a"))
        await bench.clock.advance(2 * PATIENCE)
        await bench.add(fetch("a", due=bench.clock.now()))
        await bench.finish("proxy/other")
        assert bench.started == ["proxy/other", "source/a"]
        await bench.finish("source/a")
        assert bench.started[-1] == "proxy/p"

    async def test_it_is_told_what_it_did_not_wait_for(self, bench: Bench) -> None:
        await bench.start(build("p", "slow", "quick"), fetch("slow"), fetch("quick"))
        await bench.finish("source/quick")
        await bench.clock.advance(PATIENCE)
        assert bench.works["proxy/p"].unawaited == ("source/slow",)

    async def test_after_a_wait_that_was_enough_there_is_nothing_to_tell(
        self, bench: Bench
    ) -> None:
        await bench.start(build("p", "a"), fetch("a"))
        await bench.finish("source/a")
        assert bench.works["proxy/p"].unawaited == ()

    async def test_one_refresh_after_the_other_does_not_keep_it_waiting_for_ever(
        self, bench: Bench
    ) -> None:
        await bench.start(build("p", "a", "b"), fetch("a"))
        for one, other in (("a", "b"), ("b", "a")) * 3:
            await bench.clock.advance(PATIENCE / 4)
            await bench.add(fetch(other, due=bench.clock.now()))
            await bench.finish(f"source/{one}")
        assert "proxy/p" in bench.started


class TestReasons:
    @pytest.mark.parametrize("why", [Why.ACCEPTED, Why.FORCED, Why.ASKED])
    async def test_what_somebody_insists_on_is_not_forgotten_over_an_ordinary_look(
        self, bench: Bench, why: Why
    ) -> None:
        insistent = replace(fetch("e", due=START + MINUTE), why=why)
        await bench.start(*(fetch(name) for name in "abcde"))
        await bench.add(insistent)
        await bench.add(fetch("e", due=START + MINUTE))
        await bench.finish("source/a")
        assert bench.started[-1] == "source/e"
        assert bench.works["source/e"].why is why

    async def test_the_reason_of_the_earlier_one_counts_else(self, bench: Bench) -> None:
        await bench.start(replace(fetch(due=START + HOUR), why=Why.DUE))
        await bench.add(replace(fetch(), why=Why.ASKED))
        assert bench.works["source/a"].why is Why.ASKED


class TestHosts:
    async def test_two_are_fetched_from_one_host_at_once(self) -> None:
        bench = Bench(hosts=lambda key: {"slow.example"} if key < "source/d" else {"other.example"})
        await bench.start(*(fetch(name) for name in "abcd"))
        assert bench.started == ["source/a", "source/b", "source/d"]
        await bench.finish("source/a")
        assert bench.started[-1] == "source/c"
        await bench.stop()

    async def test_those_of_no_host_wait_for_none(self) -> None:
        bench = Bench(hosts=lambda _: ())
        await bench.start(*(fetch(name) for name in "abcd"))
        assert len(bench.started) == 4
        await bench.stop()

    async def test_what_needs_two_hosts_waits_for_both(self) -> None:
        hosts = {"source/a": {"x"}, "source/b": {"x"}, "source/c": {"x", "y"}, "source/d": {"y"}}
        bench = Bench(hosts=lambda key: hosts[key])
        await bench.start(*(fetch(name) for name in "abcd"))
        assert bench.started == ["source/a", "source/b", "source/d"]
        await bench.finish("source/b")
        assert bench.started[-1] == "source/c"
        await bench.stop()


class TestRemoval:
    async def test_what_is_forgotten_is_not_done(self, bench: Bench) -> None:
        await bench.start(fetch("a", due=START + HOUR), fetch("b", due=START + HOUR))
        bench.queue.keep_only(["source/b"])
        await bench.clock.advance(HOUR)
        assert bench.started == ["source/b"]

    async def test_what_is_forgotten_while_it_runs_is_not_done_again(self, bench: Bench) -> None:
        await bench.start(fetch())
        bench.following["source/a"] = fetch(due=START + HOUR)
        bench.queue.keep_only([])
        await bench.finish("source/a")
        assert bench.queue.due("source/a") is None

    async def test_what_comes_back_while_it_runs_goes_on(self, bench: Bench) -> None:
        await bench.start(fetch())
        bench.queue.keep_only([])
        await bench.add(fetch())
        await bench.finish("source/a")
        assert bench.started == ["source/a"] * 2

    async def test_a_refresh_that_ends_after_the_removal_does_not_undo_it(
        self, bench: Bench
    ) -> None:
        await bench.start(fetch())
        prune = Work("source/a", Task.PRUNE, START + 24 * HOUR, Why.REMOVED)
        await bench.add(prune)
        bench.following["source/a"] = fetch(due=START + HOUR)
        await bench.finish("source/a")
        assert bench.queue.due("source/a") == prune.due

    async def test_coming_back_undoes_the_pruning(self, bench: Bench) -> None:
        await bench.start(Work("source/a", Task.PRUNE, START + HOUR, Why.REMOVED))
        await bench.add(fetch(due=START + 2 * HOUR))
        assert bench.queue.due("source/a") == START + 2 * HOUR


class TestUntilIdle:
    async def test_it_ends_when_nothing_is_due_and_nothing_runs(self) -> None:
        clock, done = FakeClock(), []

        async def handle(work: Work) -> Work | None:
            done.append(work.key)
            return fetch(due=START + HOUR) if work.task is Task.FETCH else None

        queue = WorkQueue(handle, clock, patience=None)
        queue.add(build("p", "a"))
        queue.add(fetch("a"))
        queue.add(fetch("later", due=START + MINUTE))
        await queue.run(until_idle=True)
        assert done == ["source/a", "proxy/p"]

    async def test_a_retry_without_a_wait_is_made_before_it_ends(self) -> None:
        clock, done = FakeClock(), []

        async def handle(work: Work) -> Work | None:
            done.append(work.key)
            return fetch(due=START + MINUTE * (len(done) - 1))

        queue = WorkQueue(handle, clock)
        queue.add(fetch())
        await queue.run(until_idle=True)
        assert done == ["source/a"] * 2


async def test_cancelling_the_queue_cancels_what_is_running() -> None:
    ended = []

    async def handle(work: Work) -> Work | None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(work.key)
        return None

    queue = WorkQueue(handle, FakeClock())
    queue.add(fetch("a"))
    queue.add(fetch("b"))
    running = asyncio.create_task(queue.run())
    await settle()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert sorted(ended) == ["source/a", "source/b"]
