"""One proxy: gather, compare, build, publish."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.controller.world import GUIDE, PLAYLIST, World, playlist
from tvarr.catalog import ledger
from tvarr.controller import proxies, sources, verdict
from tvarr.controller.resources import DeclaredProxy, Document, Resources, declared
from tvarr.errors import Reason, Transient
from tvarr.outputs import publish
from tvarr.spec.manifest import Manifest
from tvarr.state.conditions import Account, Kind, Status, StepCount

EMPTY = Status(kind=Kind.PROXY, name="family")


def resources(base_url: str | None = None, **proxy: Any) -> Resources:
    manifest = {
        "server": {"base_url": base_url},
        "sources": {name: {"kind": "m3u", "url": f"{name}.m3u"} for name in ("uk", "de")},
        "epg": {"guide": {"kind": "xmltv", "url": "guide.xml"}},
        "proxies": {"family": {"sources": ["uk", "de"], "epg": ["guide"], **proxy}},
    }
    return declared(Manifest.model_validate(manifest), 8888)


def family(**changes: Any) -> DeclaredProxy:
    found = resources(**changes)["proxy/family"]
    assert isinstance(found, DeclaredProxy)
    return found


async def read(world: World, *keys: str, de: str = playlist("Eins")) -> None:
    """Have these documents as snapshots."""
    world.write("uk.m3u", PLAYLIST)
    world.write("de.m3u", de)
    world.write("guide.xml", GUIDE)
    for key in keys or ("source/uk", "source/de", "epg/guide"):
        document = resources()[key]
        assert isinstance(document, Document)
        before = world.store.get(key) or Status(kind=document.kind, name=document.name)
        outcome = await sources.reconcile(document, before, world.tools)
        world.store.put(verdict.succeeded(before, outcome, world.clock.now()))


async def reconcile(world: World, before: Status = EMPTY, **changes: Any) -> verdict.Outcome:
    return await proxies.reconcile(family(**changes), before, world.store.get, world.tools)


async def build(world: World, before: Status = EMPTY, **changes: Any) -> Status:
    outcome = await reconcile(world, before, **changes)
    return verdict.succeeded(before, outcome, world.clock.now())


class TestBuilding:
    async def test_its_files_are_published(self, world: World) -> None:
        await read(world)
        outcome = await reconcile(world)
        assert outcome.changed
        assert outcome.message == "3 channels, 1 with programmes"
        assert outcome.status.counts["channels"] == 3
        assert outcome.status.counts["with_programmes"] == 1
        published = publish.published(world.data, "family")
        assert published is not None
        assert outcome.status.revision == published.revision
        assert world.file("family").count("#EXTINF") == 3
        assert "<title>News</title>" in world.file("family", "guide.xml")

    async def test_the_status_tells_what_is_hidden_how_good_it_is_and_who_gave_what(
        self, world: World
    ) -> None:
        await read(world, de='#EXTM3U\n#EXTINF:-1 group-title="Shop",Eins 4K\nhttp://s.invalid/1\n')
        shown = await reconcile(world)
        assert shown.status.qualities == {"2160p": 1, "unknown": 2}
        assert shown.status.from_guides == {"guide": 1}
        assert "hidden" not in shown.status.counts
        hidden = await reconcile(world, groups={"shop": {"hide": True}})
        assert hidden.message == "2 channels, 1 with programmes, 1 hidden"
        assert hidden.status.counts["hidden"] == 1
        assert hidden.status.qualities == {"unknown": 2}

    async def test_pins_that_fit_nothing_are_counted(self, world: World) -> None:
        await read(world)
        outcome = await reconcile(world, numbering={"pinned": {"Nobody": 7}})
        assert outcome.message == "3 channels, 1 with programmes, 1 unused pin"
        assert outcome.status.counts["unused_pins"] == 1

    async def test_the_status_counts_what_was_merged(self, world: World) -> None:
        await read(world, de=playlist("One").replace("-1,", '-1 tvg-id="one",'))
        kept = await reconcile(world)
        merged = await reconcile(world, duplicates="merge")
        assert (kept.status.counts["channels"], merged.status.counts["channels"]) == (3, 2)
        assert "merged" not in kept.status.counts
        assert merged.status.counts["merged"] == 1
        assert merged.message == "2 channels, 1 with programmes, 1 merged"

    async def test_an_unchanged_input_is_not_built_again(self, world: World) -> None:
        await read(world)
        status = await build(world)
        link = (world.data / "outputs" / "family").lstat().st_ino
        outcome = await reconcile(world, status)
        assert not outcome.changed
        assert outcome.message == "3 channels, 1 with programmes"
        assert (world.data / "outputs" / "family").lstat().st_ino == link

    @pytest.mark.parametrize("table", ["lineup", "matches", "candidates"])
    async def test_an_unchanged_input_is_built_again_where_a_table_was_damaged(
        self, world: World, caplog: pytest.LogCaptureFixture, table: str
    ) -> None:
        await read(world)
        built = await build(world, duplicates="merge")
        published = publish.published(world.data, "family")
        assert published is not None
        file = published.folder / f"{table}.parquet"
        whole = file.read_bytes()
        file.write_bytes(whole[: len(whole) // 2])
        outcome = await reconcile(world, built, duplicates="merge")
        assert outcome.changed
        assert "is damaged, so it is built again" in caplog.text
        assert file.read_bytes() == whole
        assert not (await reconcile(world, outcome.status, duplicates="merge")).changed

    async def test_numbers_that_were_set_back_are_given_anew(self, world: World) -> None:
        await read(world)
        status = await build(world)
        ledger.remove(world.data, "family")
        outcome = await reconcile(world, status)
        assert outcome.changed
        assert outcome.status.build_key == status.build_key
        assert not (await reconcile(world, outcome.status)).changed

    @pytest.mark.parametrize(
        ("de", "count"),
        [
            (playlist("Eins").replace("-1,", '-1 tvg-chno="1",'), "number_conflicts"),
            (playlist("Eins").replace("-1,", '-1 tvg-chno="7",'), "moved_numbers"),
            (playlist("Eins").replace("-1,", "-1,Das "), "carried_numbers"),
        ],
    )
    async def test_the_status_counts_what_became_of_numbers(
        self, world: World, de: str, count: str
    ) -> None:
        await read(world)
        status = await build(world, numbering={"mode": "preserve"})
        before = set(status.counts)
        await read(world, de=de)
        again = await build(world, status, numbering={"mode": "preserve"})
        assert set(again.counts) - before == {count}
        assert again.counts[count] == 1

    @pytest.mark.parametrize(
        "change",
        [
            {"numbering": {"start": 100}},
            {"sources": ["de", "uk"]},
            {"epg": []},
            {"base_url": "http://tv.lan"},
        ],
    )
    async def test_another_declaration_is_built(self, world: World, change: dict[str, Any]) -> None:
        await read(world)
        status = await build(world)
        outcome = await reconcile(world, status, **change)
        assert outcome.changed
        assert outcome.status.build_key != status.build_key

    async def test_files_that_are_gone_are_built_again_as_they_were(self, world: World) -> None:
        await read(world)
        status = await build(world)
        shutil.rmtree(world.data / "revisions")
        again = await build(world, status)
        assert again.revision == status.revision
        assert world.file("family").count("#EXTINF") == 3

    async def test_a_proxy_without_a_guide_has_no_window_to_move(self, world: World) -> None:
        await read(world)
        outcome = await reconcile(world, epg=[])
        assert outcome.next_due is None

    async def test_a_proxy_that_writes_no_guide_has_none_either(self, world: World) -> None:
        await read(world)
        outcome = await reconcile(world, outputs=["m3u"])
        assert outcome.next_due is None
        assert outcome.message == "3 channels"
        assert outcome.status.counts == {"channels": 3}

    async def test_one_that_merges_is_due_when_an_account_ends(self, world: World) -> None:
        await read(world)
        end = world.clock.now() + timedelta(hours=3)
        uk = world.store.get("source/uk")
        assert uk is not None
        world.store.put(uk.model_copy(update={"account": Account(expires=end)}))
        outcome = await reconcile(world, duplicates="merge")
        assert outcome.next_due == end
        status = verdict.succeeded(EMPTY, outcome, world.clock.now())
        await world.pass_time(timedelta(hours=3))
        again = await reconcile(world, status, duplicates="merge")
        assert again.status.build_key != status.build_key
        assert again.next_due == datetime(2026, 8, 23, 0, 0, tzinfo=UTC)

    async def test_it_is_due_when_its_window_moves_on(self, world: World) -> None:
        await read(world)
        outcome = await reconcile(world)
        assert outcome.next_due == datetime(2026, 8, 23, 0, 0, tzinfo=UTC)
        status = verdict.succeeded(EMPTY, outcome, world.clock.now())
        await world.pass_time(timedelta(hours=6))
        assert (await reconcile(world, status)).changed

    async def test_what_the_readers_left_out_is_told_by_source(self, world: World) -> None:
        await read(world)
        world.write("de.m3u", playlist("Eins") + "#EXTINF:-1,Nowhere\n")
        document = resources()["source/de"]
        assert isinstance(document, Document)
        before = world.status("source/de")
        outcome = await sources.reconcile(document, before, world.tools)
        world.store.put(verdict.succeeded(before, outcome, world.clock.now()))
        assert (await build(world)).rejected == {"source/de": 1}


class TestMissing:
    async def test_it_is_built_with_what_there_is_and_says_what_is_missing(
        self, world: World
    ) -> None:
        await read(world, "source/uk")
        outcome = await reconcile(world)
        assert outcome.reason is Reason.SUCCEEDED
        assert outcome.message == "2 channels, 0 with programmes; without source/de, epg/guide"

    async def test_before_the_sources_first_turn_it_waits(self, world: World) -> None:
        outcome = await reconcile(world)
        assert outcome.reason is Reason.WAITING
        assert outcome.message == "waits for source/uk, source/de"
        assert publish.current(world.data, "family") is None

    async def test_when_all_sources_have_failed_it_says_so(self, world: World) -> None:
        error = Transient(Reason.TIMEOUT, "no answer")
        for name in ("uk", "de"):
            status = Status(kind=Kind.SOURCE, name=name)
            world.store.put(verdict.failed(status, "s", error, None, world.clock.now()))
        outcome = await reconcile(world)
        assert outcome.reason is Reason.DEPENDENCY_NOT_READY
        assert outcome.message == "none of its sources can be read: source/uk, source/de"

    async def test_what_was_published_before_goes_on_being_served(self, world: World) -> None:
        await read(world)
        status = await build(world)
        for name in ("uk", "de"):
            world.store.delete(f"source/{name}")
        outcome = await reconcile(world, status)
        assert outcome.reason is Reason.WAITING
        assert "serving the files of 2026-08-22 18:30 UTC" in outcome.message
        assert world.file("family").count("#EXTINF") == 3

    async def test_a_lost_snapshot_counts_as_missing(self, world: World) -> None:
        await read(world)
        shutil.rmtree(world.data / "snapshots" / "source" / "de")
        assert (await reconcile(world)).message.endswith("without source/de")


async def test_a_snapshot_that_goes_while_it_is_read_fails_the_build(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await read(world)

    def gone(*_: object) -> None:
        raise FileNotFoundError(2, "gone")

    monkeypatch.setattr(publish, "build_and_publish", gone)
    with pytest.raises(Transient) as caught:
        await reconcile(world)
    assert caught.value.reason is Reason.BUILD_FAILED


async def test_equal_inputs_give_equal_bytes(world: World, tmp_path_factory: Any) -> None:
    other = World(tmp_path_factory.mktemp("other"))
    revisions = []
    async with other.workers:
        for each in (world, other):
            await read(each)
            revisions.append((await build(each)).revision)
    assert revisions[0] == revisions[1]


class TestRules:
    @staticmethod
    def family(do: str, **changes: Any) -> DeclaredProxy:
        manifest = {
            "sources": {"uk": {"kind": "m3u", "url": "uk.m3u"}},
            "epg": {"guide": {"kind": "xmltv", "url": "guide.xml"}},
            "rules": {"tidy": {"do": do}},
            "filters": {"old": {"applies_to": "programmes", "where": 'title = "Old"'}},
            "proxies": {
                "family": {
                    "sources": ["uk"],
                    "epg": ["guide"],
                    "rules": ["tidy"],
                    "filters": [{"exclude": "old"}],
                    **changes,
                }
            },
        }
        found = declared(Manifest.model_validate(manifest), 8888)["proxy/family"]
        assert isinstance(found, DeclaredProxy)
        return found

    async def test_what_each_came_to_is_in_the_status(self, world: World) -> None:
        await read(world)
        proxy = self.family('channel_name = "One" SET group_title = "News", tvg_name = "1"')
        outcome = await proxies.reconcile(proxy, EMPTY, world.store.get, world.tools)
        assert outcome.status.steps == (
            StepCount(name="tidy", verdict="rule", domain="channel", matched=1, changed=1),
            StepCount(name="old", verdict="exclude", domain="programme"),
        )
        assert "steps" not in outcome.status.counts
        assert ' tvg-name="1"' in world.file("family")

    async def test_channels_that_a_rule_leaves_without_an_address_are_counted(
        self, world: World
    ) -> None:
        await read(world)
        proxy = self.family('channel_name = "One" DELETE stream_url')
        outcome = await proxies.reconcile(proxy, EMPTY, world.store.get, world.tools)
        assert outcome.status.counts["without_address"] == 1

    async def test_an_edited_rule_is_built(self, world: World) -> None:
        await read(world)
        first = self.family('SET tvg_name = "1"')
        outcome = await proxies.reconcile(first, EMPTY, world.store.get, world.tools)
        status = outcome.status
        again = await proxies.reconcile(first, status, world.store.get, world.tools)
        assert not again.changed
        edited = self.family('SET tvg_name = "2"')
        assert (await proxies.reconcile(edited, status, world.store.get, world.tools)).changed
        assert ' tvg-name="2"' in world.file("family")

    async def test_a_sentence_that_asks_for_now_is_built_every_hour(self, world: World) -> None:
        await read(world)
        proxy = self.family('SET tvg_name = "@time:now"')
        outcome = await proxies.reconcile(proxy, EMPTY, world.store.get, world.tools)
        assert outcome.next_due == datetime(2026, 8, 22, 19, 0, tzinfo=UTC)
        await world.pass_time(timedelta(minutes=29))
        again = await proxies.reconcile(proxy, outcome.status, world.store.get, world.tools)
        assert not again.changed
        await world.pass_time(timedelta(minutes=1))
        again = await proxies.reconcile(proxy, outcome.status, world.store.get, world.tools)
        assert again.changed
        assert ' tvg-name="2026-08-22T19:00:00Z"' in world.file("family")

    async def test_without_a_guide_it_is_due_every_hour_too(self, world: World) -> None:
        await read(world)
        proxy = self.family('SET tvg_name = "@time:now"', outputs=["m3u"])
        outcome = await proxies.reconcile(proxy, EMPTY, world.store.get, world.tools)
        assert outcome.next_due == datetime(2026, 8, 22, 19, 0, tzinfo=UTC)

    async def test_other_sentences_wait_for_the_window(self, world: World) -> None:
        await read(world)
        proxy = self.family('SET tvg_name = "now"')
        outcome = await proxies.reconcile(proxy, EMPTY, world.store.get, world.tools)
        assert outcome.next_due == datetime(2026, 8, 23, 0, 0, tzinfo=UTC)
