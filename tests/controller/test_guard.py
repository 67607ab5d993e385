"""No build begins on a half-ingested source: edits and refreshes race, the builds are watched."""

from __future__ import annotations

import asyncio
import random
import re
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.controller.world import World, eventually
from tvarr.controller import workqueue
from tvarr.outputs import publish
from tvarr.progress import Kind, Progress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tvarr.controller.loop import Controller
    from tvarr.outputs.publish import Published
    from tvarr.pipeline.build import BuildInput
    from tvarr.progress import Handle

ROUNDS = 100
LARGEST = 300
YAML = """
    sources:
      a: {kind: m3u, url: a.m3u, on_shrink: {action: accept}}
      b: {kind: m3u, url: b.m3u, on_shrink: {action: accept}}
    proxies:
      both: {sources: [a, b], numbering: {start: %d}}
"""


@dataclass
class Watch(Progress):
    """Sees from outside what is at work when a build begins, and what the builds publish."""

    early: list[tuple[str, ...]] = field(default_factory=list)
    """Sources that were being read when a build began."""
    torn: list[str] = field(default_factory=list)
    """Publications that were made of parts of an answer, or of several ones."""
    builds: int = 0
    sizes: dict[tuple[str, int], int] = field(default_factory=dict)
    """How many channels each source had in each round."""

    def __post_init__(self) -> None:
        super().__init__()

    @contextmanager
    def operation(self, owner: str, kind: Kind) -> Iterator[Handle]:
        if kind is Kind.BUILD:
            self.builds += 1
            running = [one for one in self.operations() if not one.ended]
            found = tuple(one.owner for one in running if one.kind is Kind.INGESTION)
            self.early.extend([found] if found else [])
        with super().operation(owner, kind) as handle:
            yield handle

    def look_at(self, build: BuildInput, playlist: Path) -> None:
        """Count the channels of each source by the round that they are of."""
        text = playlist.read_text(encoding="utf-8")
        for snapshot in build.sources:
            rounds = [int(n) for n in re.findall(rf",{snapshot.name}-(\d+)-\d+\n", text)]
            whole = len(set(rounds)) == 1 and len(rounds) == self.sizes[snapshot.name, rounds[0]]
            if not whole:
                self.torn.append(f"{snapshot.name}: {len(rounds)} of {sorted(set(rounds))}")


@pytest.fixture
def watch(world: World, monkeypatch: pytest.MonkeyPatch) -> Watch:
    watch = Watch()
    world.tools = replace(world.tools, progress=watch)
    really = publish.build_and_publish

    def watched(build: BuildInput, data: Path, base_url: str) -> Published:
        published = really(build, data, base_url)
        watch.look_at(build, data / "outputs" / build.proxy / "playlist.m3u")
        return published

    monkeypatch.setattr(publish, "build_and_publish", watched)
    return watch


def write(world: World, watch: Watch, number: int, dice: random.Random) -> None:
    """Give both sources an answer that tells its round in each of its channels."""
    for name in "ab":
        size = watch.sizes[name, number] = dice.randint(1, LARGEST)
        entries = (
            f"#EXTINF:-1,{name}-{number}-{n}\nhttp://stream.invalid/{name}/{number}/{n}\n"
            for n in range(size)
        )
        world.write(f"{name}.m3u", "#EXTM3U\n" + "".join(entries))


async def play_round(
    world: World, watch: Watch, controller: Controller, number: int, dice: random.Random
) -> None:
    """Let answers change, refreshes be asked for and the YAML be edited, in any order.

    It is over when a build has begun, beside which the next round goes on.
    """
    begun = watch.builds
    write(world, watch, number, dice)
    steps: list[Any] = [
        lambda: controller.refresh("source/a"),
        lambda: controller.refresh("source/b"),
        lambda: world.declare(YAML % number),
        world.hear_of_a_change,
    ]
    dice.shuffle(steps)
    for step in steps:
        step()
        await asyncio.sleep(dice.choice((0, 0, 0.001, 0.005, 0.02)))
    await eventually(lambda: watch.builds > begun)
    await asyncio.sleep(dice.choice((0, 0.005, 0.02, 0.05)))


async def race(world: World, watch: Watch, rounds: int) -> None:
    dice = random.Random(20261121)
    write(world, watch, 0, dice)
    world.declare(YAML % 1)
    async with world.running() as controller:
        for number in range(1, rounds + 1):
            await play_round(world, watch, controller, number, dice)
        world.hear_of_a_change()
        await eventually(lambda: _shows(world, watch, rounds))


def _shows(world: World, watch: Watch, number: int) -> bool:
    if not world.ready("proxy/both"):
        return False
    text = world.file("both")
    return (
        all(text.count(f",{name}-{number}-") == watch.sizes[name, number] for name in "ab")
        and f'tvg-chno="{number}"' in text
    )


async def test_in_a_hundred_rounds_no_build_begins_on_a_half_read_source(
    world: World, watch: Watch
) -> None:
    await race(world, watch, ROUNDS)
    assert watch.builds >= ROUNDS
    assert watch.early == []
    assert watch.torn == []


async def test_the_watch_sees_builds_that_do_not_wait(
    world: World, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workqueue.WorkQueue, "_has_to_wait", lambda *_: False)
    await race(world, watch, 20)
    assert watch.early != []
    assert watch.torn == []


@pytest.mark.parametrize("ends", [False, True])
async def test_a_build_begins_beside_a_refresh_only_when_its_patience_has_ended(
    world: World, watch: Watch, *, ends: bool
) -> None:
    write(world, watch, 0, random.Random(1))
    world.declare(YAML % 1)
    async with world.running() as controller:
        await eventually(lambda: _shows(world, watch, 0) or "proxy/both" in world.turns())
        world.fetcher.held["a.m3u"] = asyncio.Event()
        controller.refresh("source/a")
        await eventually(lambda: "source/a" in controller._queue.running)
        begun = watch.builds
        news = controller.adopted()
        await anext(news)
        await world.edit(YAML % 500)
        await asyncio.wait_for(anext(news), 30)
        await asyncio.sleep(0.05)
        assert watch.builds == begun
        await world.pass_time(workqueue.PATIENCE - timedelta(seconds=0 if ends else 1))
        if ends:
            await eventually(lambda: 'tvg-chno="500"' in world.file("both"))
            assert watch.early == [("source/a",)]
        else:
            await asyncio.sleep(0.05)
            assert watch.builds == begun
        world.fetcher.held["a.m3u"].set()
        await eventually(lambda: 'tvg-chno="500"' in world.file("both"))
    assert watch.torn == []
