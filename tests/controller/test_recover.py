"""Statuses from what lies in the data folder, and what is to be seen there before planning."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from tests.controller.world import PLAYLIST, World, playlist
from tvarr.controller import observe
from tvarr.controller.recover import recovered
from tvarr.controller.resources import Resources, declared
from tvarr.spec.manifest import Manifest
from tvarr.state.conditions import Kind, Status

if TYPE_CHECKING:
    from pathlib import Path


async def built(world: World) -> dict[str, Status]:
    world.declare()
    await world.build()
    return {status.key: status for status in world.store.all()}


class TestRecovering:
    async def test_everything_that_is_there_is_found(self, world: World) -> None:
        before = await built(world)
        found = {status.key: status for status in recovered(world.data, set())}
        assert set(found) == {"source/uk", "epg/guide", "proxy/family"}
        for key, status in found.items():
            assert status.snapshot == before[key].snapshot
            assert status.revision == before[key].revision
            assert status.counts == before[key].counts
            assert status.spec_hash == ""

    async def test_what_the_state_knows_is_left_alone(self, world: World) -> None:
        known = await built(world)
        assert list(recovered(world.data, known)) == []

    async def test_the_newest_snapshot_counts(self, world: World) -> None:
        await built(world)
        world.write("uk.m3u", playlist("Only"))
        await world.build()
        newest = world.status("source/uk").snapshot
        found = {status.key: status for status in recovered(world.data, set())}
        assert found["source/uk"].snapshot == newest

    async def test_a_snapshot_without_a_report_is_passed_over(self, world: World) -> None:
        await built(world)
        [folder] = (world.data / "snapshots" / "source" / "uk").iterdir()
        (folder / "report.json").write_text("{")
        found = {status.key: status for status in recovered(world.data, set())}
        assert found["source/uk"] == Status(kind=Kind.SOURCE, name="uk")

    async def test_half_written_folders_are_no_snapshots(self, world: World) -> None:
        (world.data / "snapshots" / "epg" / "guide" / ".stage-x").mkdir(parents=True)
        (world.data / "revisions" / ".stage-x").mkdir(parents=True)
        assert list(recovered(world.data, set())) == [Status(kind=Kind.EPG, name="guide")]

    def test_an_empty_data_folder_has_nothing(self, tmp_path: Path) -> None:
        assert list(recovered(tmp_path, set())) == []


def local(**sources: str) -> Resources:
    declaration = {name: {"kind": "m3u", "url": url} for name, url in sources.items()}
    return declared(Manifest.model_validate({"sources": declaration}), 8888)


class TestLocalDocuments:
    async def test_only_files_of_this_machine_are_looked_at(self, world: World) -> None:
        resources = local(
            beside="uk.m3u", whole=f"file://{world.path}/uk.m3u", far="http://host.invalid/uk.m3u"
        )
        assert observe.local_paths(resources, world.path) == [world.path / "uk.m3u"] * 2
        assert set(observe.stamps(resources, world.tools)) == {"source/beside", "source/whole"}

    async def test_a_stamp_changes_with_the_file_and_is_the_status_s_own(
        self, world: World
    ) -> None:
        world.declare()
        await world.build()
        resources = local(uk="uk.m3u")
        before = observe.stamps(resources, world.tools)
        assert before == {"source/uk": observe.stamp_of(world.status("source/uk"))}
        world.write("uk.m3u", PLAYLIST + "\n")
        assert observe.stamps(resources, world.tools) != before

    async def test_a_missing_file_has_none(self, world: World) -> None:
        assert observe.stamps(local(uk="nowhere.m3u"), world.tools) == {"source/uk": None}


class TestLost:
    async def lost(self, world: World) -> frozenset[str]:
        controller = world.controller()
        await controller.read()
        assert controller.manifest is not None
        statuses = {status.key: status for status in world.store.all()}
        return observe.lost(declared(controller.manifest, 8888), statuses, world.tools)

    async def test_nothing_is_lost_after_a_build(self, world: World) -> None:
        await built(world)
        assert await self.lost(world) == frozenset()

    async def test_a_snapshot_and_a_published_folder_that_are_gone(self, world: World) -> None:
        await built(world)
        shutil.rmtree(world.data / "snapshots" / "epg")
        shutil.rmtree(world.data / "revisions")
        assert await self.lost(world) == {"epg/guide", "proxy/family"}

    async def test_a_link_that_shows_another_revision(self, world: World) -> None:
        await built(world)
        link = world.data / "outputs" / "family"
        other = world.data / "revisions" / "family" / ("0" * 32)
        shutil.copytree(link.resolve(), other)
        link.unlink()
        os.symlink(other, link)  # noqa: PTH211 - as somebody's hand would
        assert await self.lost(world) == {"proxy/family"}

    async def test_what_never_was_is_not_lost(self, world: World) -> None:
        world.declare()
        assert await self.lost(world) == frozenset()
