"""One source or guide: fetch, read, keep; the last good snapshot stays on any trouble."""

from __future__ import annotations

import gzip
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.controller.world import GUIDE, PLAYLIST, World, playlist
from tvarr.controller import sources, verdict
from tvarr.controller.resources import Document, declared
from tvarr.controller.schedule import spread
from tvarr.errors import Reason, Stalled, Transient, TvarrError
from tvarr.fetch.client import NotModified
from tvarr.ingest.collect import Collected, Part
from tvarr.ingest.documents import read_playlists
from tvarr.spec.manifest import Manifest
from tvarr.state.conditions import Kind, Status, Validators

if TYPE_CHECKING:
    from tvarr.controller.verdict import Outcome

EMPTY = Status(kind=Kind.SOURCE, name="uk")


def a_source(url: str = "uk.m3u", **fields: object) -> Document:
    manifest = Manifest.model_validate({"sources": {"uk": {"kind": "m3u", "url": url, **fields}}})
    found = declared(manifest, 8888)["source/uk"]
    assert isinstance(found, Document)
    return found


def a_guide(url: str = "guide.xml", **fields: object) -> Document:
    manifest = Manifest.model_validate({"epg": {"uk": {"kind": "xmltv", "url": url, **fields}}})
    found = declared(manifest, 8888)["epg/uk"]
    assert isinstance(found, Document)
    return found


def after(outcome: Outcome, world: World) -> Status:
    return verdict.succeeded(outcome.status, outcome, world.clock.now())


def snapshots(world: World, kind: str = "source") -> list[str]:
    return sorted(path.name for path in (world.data / "snapshots" / kind / "uk").iterdir())


class TestSteps:
    async def test_a_document_becomes_a_snapshot(self, world: World) -> None:
        world.write("uk.m3u", PLAYLIST + "#EXTINF:-1,Nowhere\n")
        outcome = await sources.reconcile(a_source(), EMPTY, world.tools)
        status = outcome.status
        assert outcome.changed
        assert outcome.message == "2 channels, 1 row left out"
        assert status.counts == {"channels": 2}
        assert status.rejected == {"entry without a URL": 1}
        assert [sample.line for sample in status.samples] == [6]
        assert snapshots(world) == [status.snapshot]
        assert status.spec_hash == a_source().digest

    async def test_a_guide_counts_its_programmes_too(self, world: World) -> None:
        world.write("guide.xml", GUIDE)
        before = Status(kind=Kind.EPG, name="uk")
        outcome = await sources.reconcile(a_guide(), before, world.tools)
        assert outcome.status.counts == {"channels": 1, "programmes": 1}
        assert outcome.message == "1 channel, 1 programme"
        assert snapshots(world, "epg") == [outcome.status.snapshot]

    async def test_an_unchanged_document_is_not_read_again(self, world: World) -> None:
        world.write("uk.m3u", PLAYLIST)
        first = after(await sources.reconcile(a_source(), EMPTY, world.tools), world)
        again = await sources.reconcile(a_source(), first, world.tools)
        assert not again.changed
        assert again.status == first
        assert again.message == "2 channels"

    async def test_the_next_refresh_is_as_declared(self, world: World) -> None:
        world.write("uk.m3u", PLAYLIST)
        outcome = await sources.reconcile(a_source(refresh="90m"), EMPTY, world.tools)
        every = timedelta(minutes=90)
        assert outcome.next_due == world.clock.now() + every + spread("source/uk", every)

    async def test_the_snapshot_before_the_new_one_stays_and_older_ones_go(
        self, world: World
    ) -> None:
        status, digests = EMPTY, []
        for name in ("One", "Two", "Three"):
            world.write("uk.m3u", playlist(name))
            status = after(await sources.reconcile(a_source(), status, world.tools), world)
            digests.append(status.snapshot)
        assert snapshots(world) == sorted(map(str, digests[1:]))

    async def test_the_same_content_from_another_file_is_no_news(self, world: World) -> None:
        world.write("uk.m3u", PLAYLIST)
        first = after(await sources.reconcile(a_source(), EMPTY, world.tools), world)
        world.write("uk.m3u", PLAYLIST)
        again = await sources.reconcile(a_source(), first, world.tools)
        assert not again.changed
        assert again.status.validators != first.validators

    async def test_a_download_is_read_and_removed(self, world: World) -> None:
        world.fetcher.answers["uk.m3u"] = PLAYLIST.encode()
        document = a_source("http://host.invalid/uk.m3u")
        outcome = await sources.reconcile(document, EMPTY, world.tools)
        assert outcome.status.validators["document"].etag == '"1"'
        assert list((world.data / "downloads").iterdir()) == []

    async def test_a_download_that_cannot_be_read_is_removed_too(self, world: World) -> None:
        world.fetcher.answers["uk.m3u"] = b"<html>"
        document = a_source("http://host.invalid/uk.m3u")
        with pytest.raises(TvarrError):
            await sources.reconcile(document, EMPTY, world.tools)
        assert list((world.data / "downloads").iterdir()) == []

    async def test_relative_addresses_are_seen_from_where_the_playlist_came(
        self, world: World
    ) -> None:
        world.fetcher.answers["uk.m3u"] = b"#EXTM3U\n#EXTINF:-1,One\n/live/1.ts\n"
        document = a_source("http://host.invalid/lists/uk.m3u")
        assert (await sources.reconcile(document, EMPTY, world.tools)).status.counts == {
            "channels": 1
        }

    async def test_a_guide_s_time_zone_is_handed_on(self, world: World) -> None:
        world.write("guide.xml", GUIDE.replace(" +0000", ""))
        digests = []
        for zone in ("UTC", "Asia/Tokyo"):
            before = Status(kind=Kind.EPG, name="uk")
            outcome = await sources.reconcile(a_guide(timezone=zone), before, world.tools)
            digests.append(outcome.status.snapshot)
        assert digests[0] != digests[1]


class TestTrouble:
    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            ("<html><body>Log in</body></html>", Reason.HTML_ANSWER),
            ("", Reason.EMPTY_ANSWER),
            ('{"error": 1}', Reason.JSON_ANSWER),
        ],
    )
    async def test_a_bad_document_leaves_the_snapshot(
        self, world: World, content: str, reason: Reason
    ) -> None:
        world.write("uk.m3u", PLAYLIST)
        good = after(await sources.reconcile(a_source(), EMPTY, world.tools), world)
        world.write("uk.m3u", content)
        with pytest.raises(TvarrError) as caught:
            await sources.reconcile(a_source(), good, world.tools)
        assert caught.value.reason is reason
        assert snapshots(world) == [good.snapshot]

    async def test_nothing_half_written_stays(self, world: World) -> None:
        world.write("uk.m3u", "<html>")
        with pytest.raises(TvarrError):
            await sources.reconcile(a_source(), EMPTY, world.tools)
        assert snapshots(world) == []

    async def test_errors_of_the_fetch_come_through(self, world: World) -> None:
        world.fetcher.answers["uk.m3u"] = Stalled(Reason.UNSUPPORTED_URL, "not that")
        with pytest.raises(Stalled, match="not that"):
            await sources.reconcile(a_source(), EMPTY, world.tools)


class TestWhatIsAskedFor:
    async def test_a_current_snapshot_is_asked_for_conditionally(self, world: World) -> None:
        world.write("uk.m3u", PLAYLIST)
        status = after(await sources.reconcile(a_source(), EMPTY, world.tools), world)
        known = status.validators["document"].model_copy(
            update={"etag": '"7"', "last_modified": "yesterday"}
        )
        status = status.model_copy(update={"validators": {"document": known}})
        await sources.reconcile(a_source(), status, world.tools)
        request = world.fetcher.asked[-1]
        assert (request.etag, request.last_modified) == ('"7"', "yesterday")
        assert request.file_stamp == known.file_stamp

    @pytest.mark.parametrize("change", [{"spec_hash": "another"}, {"snapshot": "0" * 32}])
    async def test_another_declaration_or_a_lost_snapshot_is_asked_for_anew(
        self, world: World, change: dict[str, str]
    ) -> None:
        world.write("uk.m3u", PLAYLIST)
        status = after(await sources.reconcile(a_source(), EMPTY, world.tools), world)
        status = status.model_copy(update=change)
        await sources.reconcile(a_source(), status, world.tools)
        request = world.fetcher.asked[-1]
        assert (request.etag, request.file_stamp) == (None, None)

    async def test_what_is_declared_is_sent(self, world: World) -> None:
        document = a_source(
            "http://host.invalid/uk.m3u",
            headers={"X-Token": "secret"},
            user_agent="player",
            timeout="5s",
            max_size="1MiB",
            verify_tls=False,
        )
        world.fetcher.answers["uk.m3u"] = PLAYLIST.encode()
        await sources.reconcile(document, EMPTY, world.tools)
        request = world.fetcher.asked[-1]
        assert request.headers == {"X-Token": "secret"}
        assert (request.user_agent, request.verify_tls) == ("player", False)
        assert (request.timeout, request.max_size) == (timedelta(seconds=5), 2**20)
        assert request.base == world.path
        assert "secret" not in repr(request)

    async def test_a_server_that_says_not_modified_is_believed(self, world: World) -> None:
        world.write("uk.m3u", PLAYLIST)
        status = after(await sources.reconcile(a_source(), EMPTY, world.tools), world)
        world.fetcher.answers["uk.m3u"] = NotModified()
        outcome = await sources.reconcile(a_source(), status, world.tools)
        assert outcome.next_due is not None
        assert not outcome.changed


class TestWeight:
    @pytest.mark.parametrize(
        ("content", "factor"),
        [
            (b"#EXTM3U", 1),
            (b"<?xml", 1),
            (b"\xef\xbb\xbf#EXTM3U", 1),
            (b"", 1),
            (gzip.compress(b"#EXTM3U", mtime=0), sources.PACKED_RATIO),
        ],
    )
    def test_packed_documents_weigh_more_than_they_show(
        self, tmp_path: Path, content: bytes, factor: int
    ) -> None:
        path = tmp_path / "document"
        path.write_bytes(content)
        assert sources._weight(Part("document", path, 1000, Validators())) == 1000 * factor


def test_a_reader_s_instructions_do_not_show_the_address() -> None:
    part = Part("document", Path("x"), 1, Validators(), "http://user:secret@host/")
    document = a_source("http://user:secret@host/")
    reading = sources.Reading(Kind.SOURCE, "uk", document.spec, read_playlists)
    assert "secret" not in repr((reading, Collected((part,))))


async def test_a_transient_error_keeps_its_pause(world: World) -> None:
    world.fetcher.answers["uk.m3u"] = Transient(Reason.RATE_LIMITED, "slowly", retry_after=60)
    with pytest.raises(Transient) as caught:
        await sources.reconcile(a_source(), EMPTY, world.tools)
    assert caught.value.retry_after == 60
