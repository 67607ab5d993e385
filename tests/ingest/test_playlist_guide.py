"""The documents that a playlist names, fetched as a stranger's choice and read as one guide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.provider import Provider, document, guarded, status
from tvarr import progress
from tvarr.errors import Reason, Stalled, Transient
from tvarr.fetch.client import Fetcher, NotModified
from tvarr.ingest import playlist_guide
from tvarr.ingest.collect import Collected, Collecting, Part
from tvarr.ingest.playlist_guide import wanted_of
from tvarr.spec.source import M3uSource, guide_of
from tvarr.state.conditions import Validators

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from tvarr.ingest.playlist_guide import Wanted
    from tvarr.spec.guide import LinkedGuide

GUIDE = b'<tv><channel id="a"><display-name>A</display-name></channel></tv>'
HOME = "http://tv.example.org:8080/list.m3u"


def source(url: str | None = HOME, **fields: Any) -> M3uSource:
    given = {"kind": "m3u", "url": url, "guide": "auto", "headers": {"X-Token": "t0ken"}, **fields}
    return M3uSource.model_validate(given)


def linked(declared: M3uSource) -> LinkedGuide:
    spec = guide_of("uk", declared)
    assert spec is not None
    return spec


def wanted(url: str, *named: str, **fields: Any) -> list[Wanted]:
    declared = source(url, **fields)
    return wanted_of(linked(declared), declared, named)


class TestWhatAStrangerGets:
    """Who writes a playlist chooses addresses, and nothing else."""

    @pytest.mark.parametrize(
        "named",
        [
            "file:///etc/passwd", "guide.xml", "../secrets.yaml", "/etc/passwd", "//host/x",
            "ftp://guide.invalid/x", "rtsp://guide.invalid/x", "gopher://guide.invalid/x",
            "http://", "http://#@x/", "javascript:alert(1)", "C:\\guide.xml", "~/guide.xml",
        ],
    )  # fmt: skip
    def test_an_address_that_is_neither_http_nor_https_is_none(self, named: str) -> None:
        assert wanted("list.m3u", named) == []

    def test_headers_go_to_the_playlists_own_host_only(self) -> None:
        own, other = wanted(HOME, "http://tv.example.org/guide.xml", "http://epg.example.net/x")
        assert "X-Token" in own.spec.headers
        assert other.spec.headers == {}

    @pytest.mark.parametrize(
        "host", ["tv.example.org.evil.example", "xtv.example.org", "example.org", "tv.example.com"]
    )
    def test_a_host_that_looks_like_it_is_another(self, host: str) -> None:
        [one] = wanted(HOME, f"http://{host}:8080/guide.xml")
        assert one.spec.headers == {}

    def test_headers_are_never_sent_in_the_clear_that_went_encrypted(self) -> None:
        [one] = wanted("https://tv.example.org/list.m3u", "http://tv.example.org/guide.xml")
        assert one.spec.headers == {}

    def test_the_name_of_the_player_goes_to_all(self) -> None:
        [one] = wanted(HOME, "http://epg.example.net/x", user_agent="VLC/3")
        assert one.spec.user_agent == "VLC/3"

    def test_certificates_are_checked_but_for_the_host_that_was_excepted(self) -> None:
        own, other = wanted(
            "https://tv.example.org/l", "https://tv.example.org/g", "https://x.invalid/g",
            verify_tls=False,
        )  # fmt: skip
        assert (own.spec.verify_tls, other.spec.verify_tls) == (False, True)

    def test_user_and_password_go_to_the_same_server_only(self) -> None:
        found = wanted(
            "http://ann:p%40ss@tv.example.org/list.m3u",
            "http://tv.example.org/guide.xml",
            "http://tv.example.org:81/guide.xml",
            "https://tv.example.org/guide.xml",
            "http://epg.example.net/guide.xml",
            "http://bob:word@tv.example.org/guide.xml",
        )
        assert [one.url for one in found] == [
            "http://ann:p%40ss@tv.example.org/guide.xml",
            "http://tv.example.org:81/guide.xml",
            "https://tv.example.org/guide.xml",
            "http://epg.example.net/guide.xml",
            "http://bob:word@tv.example.org/guide.xml",
        ]

    @pytest.mark.parametrize(
        ("url", "inside"),
        [
            ("list.m3u", True),
            ("file:///media/list.m3u", True),
            ("http://127.0.0.1/list.m3u", True),
            ("http://192.168.1.20:8080/list.m3u", True),
            ("http://[::1]/list.m3u", True),
            ("http://[fd00::2]/list.m3u", True),
            ("http://localhost:8080/list.m3u", True),
            ("http://nas/list.m3u", True),
            ("http://nas.local/list.m3u", True),
            ("http://NAS.Home.Arpa./list.m3u", True),
            (HOME, False),
            ("http://8.8.8.8/list.m3u", False),
            ("http://local.example.org/list.m3u", False),
            ("http://127.0.0.1.example.org/list.m3u", False),
        ],
    )
    def test_what_is_inside_a_network_is_asked_only_for_a_playlist_from_there(
        self, url: str, inside: bool
    ) -> None:
        [one] = wanted(url, "http://10.0.0.1/guide.xml")
        assert one.public_only is not inside

    def test_its_own_host_may_be_asked_wherever_it_is(self) -> None:
        [one] = wanted(HOME, "http://tv.example.org:9000/guide.xml")
        assert not one.public_only

    def test_one_playlist_from_outside_makes_all_of_them_strangers(self) -> None:
        declared = source(url=None, urls=["list.m3u", HOME])
        [one] = wanted_of(linked(declared), declared, ["http://10.0.0.1/guide.xml"])
        assert one.public_only

    def test_nothing_secret_is_in_a_repr(self) -> None:
        [one] = wanted(HOME, "http://epg.example.net/x?token=hunter22")
        assert "hunter22" not in repr(one)


class Refreshes:
    """Refreshes of a linked guide, one after the other."""

    def __init__(self, folder: Path, fetcher: Fetcher) -> None:
        self._folder = folder
        self._fetcher = fetcher
        self.known: Mapping[str, Validators] = {}
        self.source = source("list.m3u", headers={})
        self.max_size = 1 << 20

    async def __call__(self, *named: str) -> list[str] | None:
        """Return the bytes that were collected, None for unchanged; `missing` has the rest."""
        spec = linked(self.source).model_copy(update={"max_size": self.max_size})
        with progress.Progress().operation("epg/uk", progress.Kind.INGESTION) as handle:
            collecting = Collecting(
                "uk", self._folder, self._folder, self._fetcher, handle,
                known=self.known, source=self.source, named=named,
            )  # fmt: skip
            found = await playlist_guide.collect(spec, self.source, collecting)
        if isinstance(found, NotModified):
            return None
        self.known = {part.name: part.validators for part in found.parts}
        self.missing = found.missing
        return [part.path.read_text() for part in found.parts]


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with Provider() as provider:
        for name in ("a", "b", "c"):
            provider.table[f"/{name}"] = document(name.encode())
        yield provider


@pytest.fixture
async def refresh(tmp_path: Path) -> AsyncIterator[Refreshes]:
    async with Fetcher() as fetcher:
        yield Refreshes(tmp_path, fetcher)


class TestRefreshes:
    async def test_all_are_fetched_in_the_order_of_the_head(
        self, provider: Provider, refresh: Refreshes
    ) -> None:
        names = ["/c", "/a", "/b"]
        assert await refresh(*map(provider.url, names)) == ["c", "a", "b"]
        assert refresh.missing == ()

    async def test_nothing_is_read_again_where_nothing_changed(
        self, provider: Provider, refresh: Refreshes
    ) -> None:
        urls = [provider.url("/a"), provider.url("/b")]
        await refresh(*urls)
        assert await refresh(*urls) is None
        assert len(provider.seen) == 4

    async def test_where_one_has_changed_the_others_are_fetched_with_it(
        self, provider: Provider, refresh: Refreshes
    ) -> None:
        urls = [provider.url("/a"), provider.url("/b")]
        await refresh(*urls)
        provider.table["/b"] = document(b"new")
        assert await refresh(*urls) == ["a", "new"]
        assert await refresh(*urls) is None

    async def test_an_address_that_is_named_no_more_is_a_change(
        self, provider: Provider, refresh: Refreshes
    ) -> None:
        await refresh(provider.url("/a"), provider.url("/b"))
        assert await refresh(provider.url("/a")) == ["a"]

    async def test_an_address_that_is_new_is_a_change(
        self, provider: Provider, refresh: Refreshes
    ) -> None:
        await refresh(provider.url("/a"))
        assert await refresh(provider.url("/b"), provider.url("/a")) == ["b", "a"]

    async def test_a_broken_one_costs_itself(self, provider: Provider, refresh: Refreshes) -> None:
        assert await refresh(provider.url("/no"), provider.url("/a")) == ["a"]
        [sentence] = refresh.missing
        assert "404" in sentence

    async def test_one_that_breaks_later_changes_nothing_by_itself(
        self, provider: Provider, refresh: Refreshes
    ) -> None:
        urls = [provider.url("/a"), provider.url("/b")]
        await refresh(*urls)
        provider.table["/b"] = status(500)
        assert await refresh(*urls) is None
        provider.table["/b"] = document(b"back")
        assert await refresh(*urls) == ["a", "back"]

    async def test_where_all_are_broken_the_first_ones_reason_is_told(
        self, provider: Provider, refresh: Refreshes
    ) -> None:
        provider.table["/b"] = status(503)
        with pytest.raises(Transient) as refusal:
            await refresh(provider.url("/no"), provider.url("/b"))
        assert refusal.value.reason is Reason.GONE

    async def test_addresses_of_other_kinds_only_wait_for_an_edit(self, refresh: Refreshes) -> None:
        with pytest.raises(Stalled) as refusal:
            await refresh("guide.xml", "file:///etc/passwd")
        assert refusal.value.reason is Reason.UNSUPPORTED_URL

    async def test_all_together_are_no_larger_than_one_may_be(
        self, provider: Provider, refresh: Refreshes
    ) -> None:
        refresh.max_size = 500
        urls = []
        for number in range(20):
            provider.table[f"/{number}"] = document(b"x" * 100)
            urls.append(provider.url(f"/{number}"))
        found = await refresh(*urls)
        assert found is not None
        assert sum(map(len, found)) <= 500 + playlist_guide.AT_ONCE * 100
        assert any("max_size" in sentence for sentence in refresh.missing)

    async def test_the_whole_has_an_end(
        self, provider: Provider, refresh: Refreshes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(playlist_guide, "LONGEST", 0.0)
        with pytest.raises(Transient) as refusal:
            await refresh(provider.url("/a"))
        assert refusal.value.reason is Reason.TIMEOUT

    async def test_user_and_headers_reach_the_playlists_own_server(
        self, provider: Provider, refresh: Refreshes
    ) -> None:
        provider.table["/a"] = guarded("ann", "pass", document(GUIDE))
        own = provider.url("/list.m3u", userinfo="ann:pass")
        refresh.source = source(own, headers={"X-Token": "t0ken"})
        assert await refresh(provider.url("/a")) == [GUIDE.decode()]
        assert provider.seen[-1].headers["x-token"] == "t0ken"

    async def test_this_machine_is_not_asked_for_a_playlist_from_elsewhere(
        self, provider: Provider, refresh: Refreshes
    ) -> None:
        refresh.source = source()
        with pytest.raises(Transient) as refusal:
            await refresh(provider.url("/a"))
        assert refusal.value.reason is Reason.UNSUPPORTED_URL
        assert provider.seen == []


def test_what_was_collected_elsewhere_is_told_apart(tmp_path: Path) -> None:
    def collected(name: str) -> Collected:
        return Collected((Part(name, tmp_path, 0, Validators()),))

    [one] = wanted("list.m3u", "http://epg.example.net/x")
    assert playlist_guide.collected_here(collected(one.part))
    assert not playlist_guide.collected_here(collected("document"))
