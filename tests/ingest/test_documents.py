"""One document or several: parts of one list, or one list at several places."""

from __future__ import annotations

import gzip
import io
import zipfile
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from pydantic import TypeAdapter

from tests.ingest.refreshing import Refreshing
from tvarr.errors import Reason, Stalled, Transient, TvarrError
from tvarr.fetch.client import Fetched, NotModified, Request
from tvarr.ingest import documents
from tvarr.spec.guide import Guide

if TYPE_CHECKING:
    from pathlib import Path

PLACES = (
    "http://user:secret@one.invalid/list",
    "http://two.invalid/list",
    "http://three.invalid/x",
)
DOWN = Transient(Reason.CONNECT_FAILED, "the server refuses the connection")


def playlist(*names: str) -> bytes:
    entries = (f"#EXTINF:-1,{name}\nhttp://stream.invalid/{name}.ts\n" for name in names)
    return ("#EXTM3U\n" + "".join(entries)).encode()


def guide(channel: str) -> bytes:
    return (
        f'<tv><channel id="{channel}"><display-name>{channel}</display-name></channel>'
        '<programme start="20260822180000 +0000" stop="20260822190000 +0000"'
        f' channel="{channel}"><title>News</title></programme></tv>'
    ).encode()


@dataclass
class Places:
    """A fetcher for which each address has a document or trouble; it knows conditional requests."""

    has: dict[str, bytes | TvarrError]
    asked: list[str] = field(default_factory=list)
    """Each address and whether it was asked for a change only."""
    knows_no_changes: bool = False

    async def fetch(self, request: Request) -> Fetched | NotModified:
        self.asked.append(f"{request.url}{' if changed' if request.etag else ''}")
        content = self.has[request.url]
        if isinstance(content, TvarrError):
            raise type(content)(content.reason, content.sentence, *content.__reduce__()[1][2:])
        etag = None if self.knows_no_changes else blake2b(content).hexdigest()
        if etag and etag == request.etag:
            return NotModified()
        request.into.write_bytes(content)
        return Fetched(request.into, len(content), etag=etag)


def world_of(tmp_path: Path, *contents: bytes | TvarrError) -> Refreshing:
    return Refreshing(tmp_path, Places(dict(zip(PLACES, contents, strict=False))))


async def names(world: Refreshing, combine: str = "join") -> list[str] | None:
    """Return the channels of all addresses that the fetcher knows; None if nothing changed."""
    world.fetcher.asked.clear()
    urls = list(world.fetcher.has)
    rows = await world.refresh(kind="m3u", urls=urls, combine=combine)
    return None if rows is None else [row["name"] for row in rows]


class TestOneAddress:
    async def test_a_list_at_url_is_asked_for_a_change(self, tmp_path: Path) -> None:
        world = world_of(tmp_path, playlist("One"))
        assert await world.refresh(kind="m3u", url=PLACES[0])
        assert await world.refresh(kind="m3u", url=PLACES[0]) is None
        assert world.fetcher.asked == [PLACES[0], f"{PLACES[0]} if changed"]

    @pytest.mark.parametrize("combine", ["join", "mirrors"])
    async def test_one_of_urls_is_as_url(self, tmp_path: Path, combine: str) -> None:
        world = world_of(tmp_path, playlist("One"))
        assert await names(world, combine) == ["One"]
        assert set(world.known) == {"document"}

    @pytest.mark.parametrize("pack", [gzip.compress, "zip", "zip of gzip"])
    async def test_a_playlist_may_lie_in_an_archive(self, tmp_path: Path, pack: Any) -> None:
        content = playlist("One", "Two")
        if isinstance(pack, str):
            archive = io.BytesIO()
            with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as members:
                inner = gzip.compress(content) if "gzip" in pack else content
                members.writestr("lists/uk.m3u", inner)
            content = archive.getvalue()
        else:
            content = pack(content)
        assert await names(world_of(tmp_path, content)) == ["One", "Two"]


class TestJoined:
    async def test_the_lists_follow_each_other(self, tmp_path: Path) -> None:
        world = world_of(tmp_path, playlist("One", "Two"), playlist("Three"), playlist("Four"))
        assert await names(world) == ["One", "Two", "Three", "Four"]

    async def test_a_channel_of_two_lists_is_there_twice(self, tmp_path: Path) -> None:
        world = world_of(tmp_path, playlist("One", "Two"), playlist("Two", "One"))
        assert await names(world) == ["One", "Two", "Two", "One"]  # and their ids differ

    async def test_a_channel_keeps_its_id_where_another_list_comes_behind(
        self, tmp_path: Path
    ) -> None:
        world = world_of(tmp_path, playlist("One", "Two"), playlist("Two"))
        joined = await world.refresh(kind="m3u", urls=PLACES[:2])
        alone = await world.refresh(kind="m3u", url=PLACES[0])
        assert joined is not None
        assert alone is not None
        assert [row["channel_id"] for row in joined[:2]] == [row["channel_id"] for row in alone]

    async def test_nothing_is_read_where_no_list_has_changed(self, tmp_path: Path) -> None:
        world = world_of(tmp_path, playlist("One"), playlist("Two"))
        await names(world)
        assert await names(world) is None
        assert world.fetcher.asked == [f"{PLACES[0]} if changed", f"{PLACES[1]} if changed"]

    async def test_if_one_has_changed_the_others_are_fetched_anew(self, tmp_path: Path) -> None:
        world = world_of(tmp_path, playlist("One"), playlist("Two"), playlist("Three"))
        await names(world)
        world.fetcher.has[PLACES[1]] = playlist("Two and a half")
        assert await names(world) == ["One", "Two and a half", "Three"]
        assert world.fetcher.asked == [
            *(f"{place} if changed" for place in PLACES),
            PLACES[0],
            PLACES[2],
        ]

    async def test_lists_of_servers_that_know_no_changes_are_fetched_once(
        self, tmp_path: Path
    ) -> None:
        world = world_of(tmp_path, playlist("One"), playlist("Two"))
        world.fetcher.knows_no_changes = True
        await names(world)
        assert await names(world) == ["One", "Two"]
        assert world.fetcher.asked == [*PLACES[:2]]

    async def test_all_lists_are_needed(self, tmp_path: Path) -> None:
        world = world_of(tmp_path, playlist("One"), DOWN)
        with pytest.raises(Transient, match=r"^address 2 of 2: the server refuses") as caught:
            await names(world)
        assert caught.value.reason is Reason.CONNECT_FAILED
        assert caught.value.args == (caught.value.sentence,)

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"<html><body>Log in</body></html>", Reason.HTML_ANSWER),
            (b"#EXTM3U\n", Reason.EMPTY_ANSWER),
        ],
    )
    async def test_a_list_that_is_none_is_told_by_its_place(
        self, tmp_path: Path, content: bytes, reason: Reason
    ) -> None:
        world = world_of(tmp_path, playlist("One"), content, playlist("Three"))
        with pytest.raises(Transient, match=r"^playlist 2 of 3: ") as caught:
            await names(world)
        assert caught.value.reason is reason

    async def test_what_is_left_out_is_counted_over_all_lists(self, tmp_path: Path) -> None:
        bad = playlist("One") + b"#EXTINF:-1,Nowhere\n"
        world = world_of(tmp_path, bad, bad)
        await names(world)
        assert world.report.rejected == {"entry without a URL": 2}
        assert len(world.report.samples) == 2

    async def test_the_first_word_of_the_headers_counts(self, tmp_path: Path) -> None:
        lists = [
            playlist("One").replace(b"#EXTM3U", f'#EXTM3U a="{n}" b{n}="x"'.encode())
            for n in (1, 2)
        ]
        world = world_of(tmp_path, *lists)
        await names(world)
        assert world.report.header == {"a": "1", "b1": "x", "b2": "x"}

    async def test_relative_addresses_are_seen_from_each_list(self, tmp_path: Path) -> None:
        relative = b"#EXTM3U\n#EXTINF:-1,A\n/live/1.ts\n"
        world = world_of(tmp_path, playlist("One"), relative)
        rows = await world.refresh(kind="m3u", urls=PLACES[:2])
        assert rows is not None
        assert rows[1]["stream_url"] == "http://two.invalid/live/1.ts"

    async def test_files_are_joined_as_well(self, tmp_path: Path) -> None:
        for name in ("one", "two"):
            (tmp_path / f"{name}.m3u").write_bytes(playlist(name))
        world = Refreshing(tmp_path)
        spec = {"kind": "m3u", "urls": ["one.m3u", "two.m3u"]}
        assert len(await world.refresh(**spec) or ()) == 2
        assert await world.refresh(**spec) is None
        (tmp_path / "two.m3u").write_bytes(playlist("two", "three"))
        assert len(await world.refresh(**spec) or ()) == 3

    async def test_there_is_a_limit_for_all_entries_together(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tvarr.ingest.m3u.MOST_ENTRIES", 3)
        world = world_of(tmp_path, playlist("One", "Two"), playlist("Three", "Four"))
        with pytest.raises(Transient) as caught:
            await names(world)
        assert caught.value.reason is Reason.TOO_LARGE


class TestMirrors:
    async def test_the_first_that_answers_counts(self, tmp_path: Path) -> None:
        world = world_of(tmp_path, playlist("One"), playlist("Two"))
        assert await names(world, "mirrors") == ["One"]
        assert world.fetcher.asked == [PLACES[0]]

    @pytest.mark.parametrize(
        "trouble",
        [
            DOWN,
            Stalled(Reason.UNSUPPORTED_URL, "not that"),
            b"<html><body>Parked</body></html>",
            b"",
            gzip.compress(b"x" * 1000, mtime=0)[:20],
        ],
    )
    async def test_where_one_fails_the_next_is_tried(
        self, tmp_path: Path, trouble: bytes | TvarrError
    ) -> None:
        world = world_of(tmp_path, trouble, playlist("Two"))
        assert await names(world, "mirrors") == ["Two"]

    async def test_the_first_one_is_asked_again_each_time(self, tmp_path: Path) -> None:
        world = world_of(tmp_path, DOWN, playlist("Two"))
        await names(world, "mirrors")
        assert await names(world, "mirrors") is None
        assert world.fetcher.asked == [PLACES[0], f"{PLACES[1]} if changed"]
        world.fetcher.has[PLACES[0]] = playlist("One")
        assert await names(world, "mirrors") == ["One"]

    async def test_each_failure_is_told_when_all_fail(self, tmp_path: Path) -> None:
        gone = Transient(Reason.GONE, "there is no such document")
        world = world_of(tmp_path, gone, DOWN, b"<html>")
        with pytest.raises(Transient) as caught:
            await names(world, "mirrors")
        assert caught.value.sentence == (
            "no mirror has it: address 1 of 3: there is no such document; "
            "address 2 of 3: the server refuses the connection; "
            "address 3 of 3: a playlist is expected, but this is a web page (HTML): <html>"
        )
        assert caught.value.reason is Reason.CONNECT_FAILED, "what is likeliest to pass"

    async def test_it_waits_for_an_edit_if_each_of_them_does(self, tmp_path: Path) -> None:
        stalled = Stalled(Reason.UNSUPPORTED_URL, "not that")
        with pytest.raises(Stalled):
            await names(world_of(tmp_path, stalled, stalled), "mirrors")
        with pytest.raises(Transient):
            await names(world_of(tmp_path / "other", stalled, DOWN), "mirrors")

    async def test_a_pause_is_the_shortest_that_all_of_them_want(self, tmp_path: Path) -> None:
        waits = [Transient(Reason.RATE_LIMITED, "slowly", seconds) for seconds in (60, 30)]
        with pytest.raises(Transient) as caught:
            await names(world_of(tmp_path, *waits), "mirrors")
        assert caught.value.retry_after == 30
        with pytest.raises(Transient) as caught:
            await names(world_of(tmp_path / "other", *waits, DOWN), "mirrors")
        assert caught.value.retry_after is None

    def test_of_many_mirrors_a_few_are_told(self) -> None:
        error = documents._none_of([DOWN] * 100)
        assert error.sentence.count("refuses") == documents.MOST_TOLD
        assert error.sentence.endswith("; and 95 more")

    def test_an_address_is_not_shown(self, tmp_path: Path) -> None:
        assert "secret" not in repr(documents._Place(1, 2, PLACES[0]))


class TestGuides:
    async def refresh(self, world: Refreshing, combine: str) -> list[str]:
        spec = TypeAdapter(Guide).validate_python(
            {"kind": "xmltv", "urls": list(world.fetcher.has), "combine": combine}
        )
        collected = await documents.collect(spec, world._means())
        assert not isinstance(collected, NotModified)
        documents.read_guides(collected, world.stage, "uk", spec)
        frame = pl.read_parquet(world.stage / "channels.parquet")
        return sorted(frame["guide_channel"])

    async def test_guides_are_joined(self, tmp_path: Path) -> None:
        world = world_of(tmp_path, guide("one"), guide("two"))
        assert await self.refresh(world, "join") == ["one", "two"]

    async def test_guides_have_mirrors(self, tmp_path: Path) -> None:
        world = world_of(tmp_path, b"<html>", playlist("One"), guide("three"))
        assert await self.refresh(world, "mirrors") == ["three"]
