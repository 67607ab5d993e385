"""What goes on: operations from any thread, and those who look on at their own pace."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tvarr import progress as module
from tvarr.errors import Reason, Transient
from tvarr.progress import Follower, Handle, Kind, Operation, Progress, State

if TYPE_CHECKING:
    from collections.abc import Iterator

BEGINNING = datetime(2026, 8, 22, 18, 30, tzinfo=UTC)


class Clock:
    """Moves on by a second whenever it is asked."""

    def __init__(self) -> None:
        self._seconds = 0

    def __call__(self) -> datetime:
        self._seconds += 1
        return BEGINNING + timedelta(seconds=self._seconds)


@pytest.fixture
def progress() -> Progress:
    return Progress(Clock())


def only(progress: Progress) -> Operation:
    [operation] = progress.operations()
    return operation


class TestOperations:
    def test_one_begins_with_preparing_and_ends_completed(self, progress: Progress) -> None:
        with progress.operation("source/uk", Kind.INGESTION) as handle:
            begun = only(progress)
            handle.message = "2 channels"
        assert (begun.state, begun.ended, begun.items, begun.bytes) == (
            State.PREPARING,
            False,
            0,
            0,
        )
        ended = only(progress)
        assert (ended.state, ended.ended, ended.message) == (State.COMPLETED, True, "2 channels")
        assert ended.started < ended.updated

    def test_it_tells_its_stage_and_how_far_it_is(self, progress: Progress) -> None:
        with progress.operation("source/uk", Kind.INGESTION) as handle:
            handle.to(State.DOWNLOADING, "playlist", bytes_total=100)
            handle.count(size=40)
            handle.count(items=3, size=20)
            there = only(progress)
            handle.to(State.PROCESSING)
        assert (there.state, there.stage) == (State.DOWNLOADING, "playlist")
        assert (there.items, there.bytes, there.bytes_total) == (3, 60, 100)
        assert only(progress).stage == "playlist"

    def test_trouble_ends_it_with_its_sentence(self, progress: Progress) -> None:
        with (
            pytest.raises(Transient),
            progress.operation("source/uk", Kind.INGESTION),
        ):
            raise Transient(Reason.TIMEOUT, "no answer")
        assert (only(progress).state, only(progress).message) == (State.ERROR, "no answer")

    def test_an_error_nobody_foresaw_says_nothing_of_itself(self, progress: Progress) -> None:
        with (
            pytest.raises(ValueError, match="secret"),
            progress.operation("source/uk", Kind.INGESTION),
        ):
            raise ValueError("http://user:secret@provider.invalid/")
        assert (only(progress).state, only(progress).message) == (State.ERROR, "")

    @pytest.mark.parametrize("end", [asyncio.CancelledError, KeyboardInterrupt])
    def test_what_is_cut_off_is_cancelled(
        self, progress: Progress, end: type[BaseException]
    ) -> None:
        with pytest.raises(end), progress.operation("source/uk", Kind.INGESTION):
            raise end
        assert only(progress).state is State.CANCELLED

    def test_there_is_one_at_a_time_for_each_owner(self, progress: Progress) -> None:
        with (
            progress.operation("source/uk", Kind.INGESTION),
            progress.operation("epg/uk", Kind.INGESTION),
            pytest.raises(RuntimeError, match="source/uk is at work already"),
            progress.operation("source/uk", Kind.LOGOS),
        ):
            pass
        with progress.operation("source/uk", Kind.INGESTION):
            pass

    def test_the_last_one_of_each_owner_is_remembered(self, progress: Progress) -> None:
        for owner in ("source/uk", "source/de", "source/uk"):
            with progress.operation(owner, Kind.INGESTION):
                pass
        assert [(one.id, one.owner) for one in progress.operations()] == [
            (2, "source/de"),
            (3, "source/uk"),
        ]
        latest = progress.latest("source/uk")
        assert latest is not None
        assert latest.id == 3
        assert progress.latest("source/fr") is None

    def test_what_a_forgotten_thread_tells_after_the_end_is_not_heard(
        self, progress: Progress
    ) -> None:
        with progress.operation("source/uk", Kind.INGESTION) as old:
            pass
        with progress.operation("source/uk", Kind.INGESTION):
            old.to(State.SAVING)
            old.count(items=5)
            assert only(progress).id == 2
            assert only(progress).state is State.PREPARING

    def test_those_of_owners_that_are_gone_make_room(
        self, progress: Progress, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "MOST_ENDED", 3)
        with progress.operation("source/long", Kind.INGESTION):
            for number in range(10):
                with progress.operation(f"source/{number}", Kind.INGESTION):
                    pass
            owners = [one.owner for one in progress.operations()]
        assert owners == ["source/long", "source/6", "source/7", "source/8", "source/9"]


@pytest.fixture
async def follower(progress: Progress) -> Follower:
    with progress.following() as follower:
        return follower


@pytest.fixture
def running(progress: Progress) -> Iterator[Handle]:
    with progress.operation("source/uk", Kind.INGESTION) as handle:
        yield handle


async def next_of(follower: Follower) -> tuple[Operation, ...]:
    changes = await asyncio.wait_for(follower.changes(), 30)
    assert changes is not None
    return changes


class TestFollowing:
    async def test_the_first_word_is_all_there_is(
        self, progress: Progress, running: Handle
    ) -> None:
        with progress.following() as follower:
            assert [one.owner for one in await next_of(follower)] == ["source/uk"]

    async def test_who_knows_that_already_hears_of_what_changes_since(
        self, progress: Progress, running: Handle
    ) -> None:
        with progress.operation("epg/uk", Kind.INGESTION):
            pass
        with progress.following(progress.version) as follower:
            running.to(State.SAVING)
            assert [one.owner for one in await next_of(follower)] == ["source/uk"]

    async def test_many_changes_come_as_one_to_whoever_is_slow(
        self, progress: Progress, running: Handle
    ) -> None:
        with progress.following() as follower:
            await next_of(follower)
            for _ in range(10_000):
                running.count(size=1)
            [operation] = await next_of(follower)
            assert operation.bytes == 10_000
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(follower.changes(), 0.01)

    async def test_it_wakes_for_what_another_thread_tells(
        self, progress: Progress, running: Handle
    ) -> None:
        with progress.following() as follower:
            await next_of(follower)
            thread = threading.Thread(target=running.count, kwargs={"items": 7})
            waiting = asyncio.create_task(next_of(follower))
            await asyncio.sleep(0)
            thread.start()
            [operation] = await waiting
            assert operation.items == 7
            thread.join()

    async def test_nothing_is_lost_between_many_threads(self, progress: Progress) -> None:
        def work(number: int) -> None:
            with progress.operation(f"source/{number}", Kind.INGESTION) as handle:
                for _ in range(200):
                    handle.count(items=1)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        seen: dict[str, Operation] = {}
        with progress.following() as follower:
            for thread in threads:
                thread.start()
            while sum(one.ended for one in seen.values()) < len(threads):
                seen |= {one.owner: one for one in await next_of(follower)}
        assert [one.items for one in seen.values()] == [200] * 8
        for thread in threads:
            thread.join()

    async def test_closing_ends_the_wait(self, progress: Progress) -> None:
        with progress.following() as follower:
            waiting = asyncio.create_task(follower.changes())
            await asyncio.sleep(0)
            follower.close()
            assert await asyncio.wait_for(waiting, 30) is None

    async def test_who_has_left_is_not_told(self, progress: Progress, follower: Follower) -> None:
        told = []
        follower.tell = lambda: told.append(1)  # type: ignore[method-assign]
        with progress.operation("source/uk", Kind.INGESTION):
            pass
        assert told == []

    def test_a_loop_that_has_ended_does_not_hinder_the_work(self, progress: Progress) -> None:
        async def look_on() -> None:
            following = progress.following()
            await next_of(following.__enter__())

        with progress.operation("source/uk", Kind.INGESTION) as handle:
            asyncio.run(look_on())
            handle.count(items=1)
        assert only(progress).items == 1
