"""An answer that holds much less than the one before waits for a person."""

from __future__ import annotations

import pickle
import shutil
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from tests.controller.fake_clock import START
from tests.controller.test_sources import EMPTY, a_guide, a_source, after, snapshots
from tests.controller.world import World, playlist
from tvarr.controller import verdict
from tvarr.controller.plan import Task, Why, Work
from tvarr.controller.shrink import hold_back
from tvarr.controller.sources import reconcile
from tvarr.controller.turn import take_turn
from tvarr.errors import HeldBackError, Reason, Transient
from tvarr.state.conditions import Kind, Status

if TYPE_CHECKING:
    from tvarr.controller.resources import Document, Resources

TEN = playlist(*(f"c{number}" for number in range(10)))
FOUR = playlist("a", "b", "c", "d")
FIVE = playlist("a", "b", "c", "d", "e")


def told(before: dict[str, int], counts: dict[str, int], threshold: int = 50) -> str:
    """Return the sentence by which an answer is held back, or nothing."""
    try:
        hold_back("tvarr refresh uk", before, counts, threshold)
    except HeldBackError as error:
        return error.sentence
    return ""


class TestJudgement:
    def test_the_sentence_has_both_counts_and_the_way_out(self) -> None:
        assert told({"channels": 24294}, {"channels": 1203}) == (
            "the answer has 1,203 channels where there were 24,294 before, so it is held back; "
            "if that is right, `tvarr refresh uk --accept` takes it"
        )

    @pytest.mark.parametrize(
        ("before", "counts", "begin"),
        [
            ({"channels": 9}, {"channels": 1}, "the answer has 1 channel where there were 9 "),
            ({"channels": 1}, {}, "the answer has no channels where there was 1 before"),
            (
                {"channels": 9, "films": 900, "series": 80},
                {"channels": 9, "series": 1},
                "the answer has no films and 1 series where there were 900 and 80 before",
            ),
            (
                {"channels": 9, "programmes": 5000},
                {"channels": 9, "programmes": 400},
                "the answer has 400 programmes where there were 5,000 before",
            ),
        ],
    )
    def test_it_names_what_shrank(
        self, before: dict[str, int], counts: dict[str, int], begin: str
    ) -> None:
        assert told(before, counts).startswith(begin)

    @pytest.mark.parametrize(
        ("threshold", "held"),
        [(0, [9, 5, 1, 0]), (10, [5, 1, 0]), (50, [1, 0]), (90, [0]), (99, [0]), (100, [])],
    )
    def test_the_threshold_is_how_much_may_be_missing(
        self, threshold: int, held: list[int]
    ) -> None:
        counts = (20, 10, 9, 5, 1, 0)
        assert [n for n in counts if told({"channels": 10}, {"channels": n}, threshold)] == held

    def test_what_was_not_there_before_cannot_shrink(self) -> None:
        assert not told({}, {"channels": 0})
        assert not told({"channels": 0}, {"channels": 0})

    def test_the_error_comes_whole_out_of_a_child_process(self) -> None:
        with pytest.raises(HeldBackError) as caught:
            hold_back("tvarr refresh uk", {"channels": 9}, {"channels": 1}, 50)
        again = pickle.loads(pickle.dumps(caught.value))
        assert (again.reason, again.counts) == (Reason.SHRUNK, {"channels": 1})
        assert again.sentence == caught.value.sentence


async def taken(
    world: World, content: str, before: Status, document: Document | None = None, why: Why = Why.DUE
) -> Status:
    """Return the status after this answer; `HeldBackError` if it is held back."""
    world.write("uk.m3u", content)
    outcome = await reconcile(document or a_source(), before, world.tools, why=why)
    return after(outcome, world)


class TestSources:
    async def test_a_first_snapshot_is_never_held(self, world: World) -> None:
        assert (await taken(world, FOUR, EMPTY)).counts == {"channels": 4}

    async def test_as_much_as_may_be_missing_passes(self, world: World) -> None:
        good = await taken(world, TEN, EMPTY)
        assert (await taken(world, FIVE, good)).counts == {"channels": 5}

    async def test_less_leaves_the_snapshot_as_it_was(self, world: World) -> None:
        good = await taken(world, TEN, EMPTY)
        with pytest.raises(HeldBackError, match="4 channels where there were 10 before"):
            await taken(world, FOUR, good)
        assert snapshots(world) == [good.snapshot]

    async def test_nothing_is_held_back_where_there_is_nothing_to_keep(self, world: World) -> None:
        good = await taken(world, TEN, EMPTY)
        shutil.rmtree(world.data / "snapshots" / "source" / "uk")
        assert (await taken(world, FOUR, good)).counts == {"channels": 4}

    async def test_an_edited_declaration_may_be_followed_by_anything(self, world: World) -> None:
        good = await taken(world, TEN, EMPTY)
        edited = a_source(refresh="2h")
        assert (await taken(world, FOUR, good, edited)).counts == {"channels": 4}

    async def test_also_when_its_first_attempt_failed(self, world: World) -> None:
        good = await taken(world, TEN, EMPTY)
        edited = a_source(refresh="2h")
        trouble = Transient(Reason.TIMEOUT, "no answer")
        failed = verdict.failed(good, edited.digest, trouble, None, START)
        assert (await taken(world, FOUR, failed, edited)).counts == {"channels": 4}

    async def test_a_declaration_that_accepts_is_taken_at_its_word(self, world: World) -> None:
        document = a_source(on_shrink={"action": "accept"})
        good = await taken(world, TEN, EMPTY, document)
        assert (await taken(world, FOUR, good, document)).counts == {"channels": 4}

    async def test_a_declared_threshold_counts(self, world: World) -> None:
        document = a_source(on_shrink={"threshold": "90%"})
        good = await taken(world, TEN, EMPTY, document)
        assert (await taken(world, FOUR, good, document)).counts == {"channels": 4}

    async def test_to_ask_for_everything_anew_is_not_to_accept_it(self, world: World) -> None:
        good = await taken(world, TEN, EMPTY)
        with pytest.raises(HeldBackError):
            await taken(world, FOUR, good, why=Why.FORCED)

    async def test_a_guide_that_lost_its_programmes_is_held_too(self, world: World) -> None:
        good = await guide_read(world, a_week(), Status(kind=Kind.EPG, name="uk"))
        with pytest.raises(HeldBackError) as caught:
            await guide_read(world, a_week()[:1], good)
        assert caught.value.sentence == (
            "the answer has 1 programme to come where there were 168 before, so it is held back; "
            "if that is right, `tvarr refresh epg/uk --accept` takes it"
        )
        assert caught.value.counts == {"channels": 1, "programmes": 1, "programmes_to_come": 1}

    async def test_a_guide_of_today_only_has_little_at_night_and_that_is_right(
        self, world: World
    ) -> None:
        today = a_week()[:24]
        good = await guide_read(world, today, Status(kind=Kind.EPG, name="uk"))
        await world.pass_time(timedelta(hours=22))
        night = await guide_read(world, today[22:], good)
        assert night.counts["programmes"] == 2

    async def test_of_a_guide_that_is_over_there_is_nothing_to_keep(self, world: World) -> None:
        good = await guide_read(world, a_week(), Status(kind=Kind.EPG, name="uk"))
        await world.pass_time(timedelta(days=30))
        assert (await guide_read(world, a_week()[:1], good)).counts["programmes"] == 1

    async def test_a_former_guide_that_cannot_be_read_holds_nothing_back(
        self, world: World
    ) -> None:
        good = await guide_read(world, a_week(), Status(kind=Kind.EPG, name="uk"))
        (there,) = (world.data / "snapshots").glob("epg/uk/*/programmes.parquet")
        there.write_bytes(b"no parquet")
        assert (await guide_read(world, a_week()[:1], good)).counts["programmes"] == 1


def a_week() -> list[str]:
    """Return the programmes of one channel for a week, an hour each, from now on."""
    hours = [f"{START + timedelta(hours=hour):%Y%m%d%H%M%S} +0000" for hour in range(169)]
    return [
        f'<programme start="{start}" stop="{stop}" channel="one"><title>News</title></programme>'
        for start, stop in pairwise(hours)
    ]


async def guide_read(world: World, programmes: list[str], before: Status) -> Status:
    """Return the status after a guide of these programmes; `HeldBackError` if it is held back."""
    channel = '<channel id="one"><display-name>One</display-name></channel>'
    world.write("guide.xml", f"<tv>{channel}{''.join(programmes)}</tv>")
    return after(await reconcile(a_guide(), before, world.tools), world)


class TestRelease:
    async def turn(self, world: World, why: Why, content: str) -> Status:
        world.write("uk.m3u", content)
        resources: Resources = {"source/uk": a_source()}
        work = Work("source/uk", Task.FETCH, START, why)
        return (await take_turn(work, resources[work.key], world.store, world.tools)).status

    async def test_the_status_keeps_the_counts_of_what_is_held(self, world: World) -> None:
        good = await self.turn(world, Why.NEW, TEN)
        held = await self.turn(world, Why.DUE, FOUR)
        assert (held.held, held.counts) == ({"channels": 4}, {"channels": 10})
        assert (held.snapshot, held.failures) == (good.snapshot, 1)
        assert world.message("source/uk") == (
            "the answer has 4 channels where there were 10 before, so it is held back; if that is "
            "right, `tvarr refresh uk --accept` takes it; serving the snapshot of "
            "2026-08-22 18:30 UTC"
        )

    async def test_a_person_takes_it(self, world: World) -> None:
        await self.turn(world, Why.NEW, TEN)
        await self.turn(world, Why.DUE, FOUR)
        assert (await self.turn(world, Why.ASKED, FOUR)).held == {"channels": 4}
        status = await self.turn(world, Why.ACCEPTED, FOUR)
        assert (status.held, status.counts, status.ready) == (None, {"channels": 4}, True)

    async def test_a_provider_that_has_recovered_ends_the_hold(self, world: World) -> None:
        await self.turn(world, Why.NEW, TEN)
        await self.turn(world, Why.DUE, FOUR)
        status = await self.turn(world, Why.DUE, TEN + "#\n")
        assert (status.held, status.counts, status.ready) == (None, {"channels": 10}, True)

    async def test_an_unchanged_good_answer_ends_it_too(self, world: World) -> None:
        await self.turn(world, Why.NEW, TEN)
        await self.turn(world, Why.DUE, FOUR)
        assert world.status("source/uk").validators
        status = await self.turn(world, Why.DUE, TEN)
        assert (status.held, status.ready) == (None, True)

    async def test_other_trouble_does_not_forget_what_is_held(self, world: World) -> None:
        await self.turn(world, Why.NEW, TEN)
        await self.turn(world, Why.DUE, FOUR)
        status = await self.turn(world, Why.DUE, "<html>")
        assert status.held == {"channels": 4}
        assert world.reason("source/uk") is Reason.HTML_ANSWER


async def test_a_new_declaration_that_failed_asks_without_the_validators_of_the_old_one(
    world: World,
) -> None:
    good = await taken(world, TEN, EMPTY)
    edited = a_source(refresh="2h")
    failed = verdict.failed(good, edited.digest, Transient(Reason.TIMEOUT, "no"), None, START)
    await taken(world, FOUR, failed, edited)
    assert world.fetcher.asked[-1].file_stamp is None
