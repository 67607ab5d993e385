"""The whole of tvarr against providers that do harm.

One `tvarr run` has a source or a guide for each kind of harm, each in a proxy of its own. All of
them are well first; then the provider turns, all at once; then it is well again. The tests look
at what was seen and served in these three states.
"""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests import hostile_documents as hostile
from tests.hostile_documents import GOOD_GUIDE, GOOD_PLAYLIST, MIB, sent
from tests.processes import Folder, until
from tests.provider import Provider, cut, document, endless, in_thread, raw, redirect, stuck

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.processes import Served
    from tests.provider import Behaviour

pytestmark = pytest.mark.timeout(900)  # a busy machine takes its time

MOST_MEMORY = 600 * MIB
HTML = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Hello</body></html>"
JSON = b'{"user_info": {"auth": 0, "status": "Expired"}, "server_info": {}}'
YAML = b"sources:\n  tv:\n    kind: m3u\n    url: tv.m3u\n"
HLS = b"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n#EXTINF:6.0,\none-1.ts\n"
VARIANTS = b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1280000\nlow/index.m3u8\n"
FEED = b'<?xml version="1.0"?>\n<rss version="2.0"><channel><title>News</title></channel></rss>'
BAD_SIZE = b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n"
NO_SIZE = b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n"
ENTRY = b"#EXTINF:-1,Again and again\nhttp://127.0.0.1/again.ts\n"
PROGRAMME = GOOD_GUIDE[GOOD_GUIDE.index(b"<programme") : GOOD_GUIDE.index(b"</tv>")]

PLAYLISTS: dict[str, tuple[str, Behaviour]] = {
    "html": ("HtmlAnswer", sent(HTML)),
    "json": ("JsonAnswer", sent(JSON)),
    "empty": ("EmptyAnswer", sent(b"")),
    "blanks": ("EmptyAnswer", sent(b" \r\n\t\n" * 50_000)),
    "yaml": ("NotAPlaylist", sent(YAML)),
    "noise": ("NotAPlaylist", sent(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 64)),
    "a-guide": ("NotAPlaylist", sent(GOOD_GUIDE)),
    "no-entries": ("EmptyAnswer", sent(b"#EXTM3U\n")),
    "hls": ("HlsPlaylist", sent(HLS)),
    "hls-variants": ("HlsPlaylist", sent(VARIANTS)),
    "gzip-cut": ("Truncated", sent(gzip.compress(GOOD_PLAYLIST * 100)[:-30])),
    "gzip-bomb": ("TooLarge", sent(hostile.gzip_of(ENTRY * 20_000, 1000, b"#EXTM3U\n"))),
    "gzip-coding-bomb": (
        "TooLarge",
        sent(hostile.gzip_of(ENTRY * 20_000, 1000, b"#EXTM3U\n"), {"Content-Encoding": "gzip"}),
    ),
    "gzip-in-gzip-bomb": ("TooLarge", sent(gzip.compress(hostile.gzip_of(ENTRY * 20_000, 1000)))),
    "gzip-of-nothing": ("ParseError", sent(hostile.many_members(200_000))),
    "gzip-nested": ("ParseError", sent(hostile.nested(GOOD_PLAYLIST, 50))),
    "zip-bomb": ("TooLarge", sent(hostile.zip_bomb(ENTRY * 20_000, 1000))),
    "zip-big-bomb": ("TooLarge", sent(hostile.zip_bomb(ENTRY * 20_000, 1000, 2**32 - 2))),
    "zip-nested": ("ParseError", sent(hostile.nested(GOOD_PLAYLIST, 5, hostile.zip_of))),
    "zip-cut": ("Truncated", sent(hostile.zip_of(GOOD_PLAYLIST)[:-30])),
    "long-line": ("TooLarge", endless(b"x" * MIB, start=b"#EXTM3U\n#EXTINF:-1,")),
    "long-line-gzip": (
        "TooLarge",
        sent(hostile.ten_gigabytes_of_one_line(b"#EXTM3U\n#EXTINF:-1,")),
    ),
    "endless": ("TooLarge", endless(ENTRY * 20_000, start=b"#EXTM3U\n")),
    "promised-too-much": ("TooLarge", raw(BAD_SIZE.replace(b"999999", b"99999999999999"))),
    "size-is-wrong": ("Truncated", cut(GOOD_PLAYLIST, missing=10)),
    "size-is-much": ("Truncated", raw(BAD_SIZE + GOOD_PLAYLIST)),
    "size-is-no-number": ("BadAnswer", raw(NO_SIZE + GOOD_PLAYLIST)),
    "chunks-cut": ("Truncated", cut(GOOD_PLAYLIST, chunked=True)),
    "stuck": ("Timeout", stuck(GOOD_PLAYLIST)),
    "hung-up": ("ConnectFailed", raw(b"")),
    "no-http": ("BadAnswer", raw(b"220 ready for mail\r\n")),
    "redirect-loop": ("TooManyRedirects", redirect("/redirect-loop")),
    "redirect-to-file": ("UnsafeRedirect", redirect("file:///etc/passwd")),
    "redirect-to-ftp": ("UnsafeRedirect", redirect("ftp://127.0.0.1/tv.m3u")),
}
"""By the name of the source: the reason that it ends with, and what the provider does."""

GUIDES: dict[str, tuple[str, Behaviour]] = {
    "g-html": ("HtmlAnswer", sent(HTML)),
    "g-json": ("JsonAnswer", sent(JSON)),
    "g-empty": ("EmptyAnswer", sent(b"")),
    "g-blanks": ("EmptyAnswer", sent(b" \n" * 100_000)),
    "g-yaml": ("NotXmltv", sent(YAML)),
    "g-playlist": ("NotXmltv", sent(GOOD_PLAYLIST)),
    "g-hls": ("NotXmltv", sent(HLS)),
    "g-feed": ("NotXmltv", sent(FEED)),
    "g-laughs": ("NotXmltv", sent(hostile.laughs("lolz"))),
    "g-no-rows": ("EmptyAnswer", sent(b"<tv></tv>")),
    "g-cut": ("Truncated", sent(GOOD_GUIDE[:-40])),
    "g-gzip-cut": ("Truncated", sent(gzip.compress(GOOD_GUIDE)[:-12])),
    "g-gzip-bomb": ("TooLarge", sent(hostile.gzip_of(PROGRAMME * 5_000, 1000, b"<tv>"))),
    "g-long-line-gzip": ("TooLarge", sent(hostile.ten_gigabytes_of_one_line(b"<tv><programme "))),
    "g-long-comment": ("TooLarge", sent(hostile.gzip_of(b"-" * MIB, 1000, b"<tv><!--"))),
    "g-long-doctype": (
        "ParseError",
        sent(hostile.gzip_of(b"<!ENTITY a 'b'>" * 70_000, 1000, b"<!DOCTYPE tv [")),
    ),
    "g-endless": ("TooLarge", endless(PROGRAMME * 5_000, start=b"<tv>")),
    "g-deep": ("ParseError", sent(hostile.guide("<a>" * 100_000 + "</a>" * 100_000))),
    "g-redirect-loop": ("TooManyRedirects", redirect("/g-redirect-loop")),
    "g-redirect-to-file": ("UnsafeRedirect", redirect("file:///etc/passwd")),
}

NAMES = (*PLAYLISTS, *GUIDES)
REASONS = {name: reason for name, (reason, _) in (PLAYLISTS | GUIDES).items()}


@dataclass(frozen=True)
class Moment:
    """What was seen of everything in one state of the provider."""

    resources: dict[str, dict[str, Any]]
    served: dict[str, dict[str, bytes]]


@dataclass(frozen=True)
class Story:
    """All well, all turned, all well again."""

    before: Moment
    meanwhile: Moment
    after: Moment
    peak: int
    """Bytes of memory."""
    log: str
    left: list[str]
    """Names in the folder of downloads at the end."""


def _yaml(provider: Provider, agent: str) -> str:
    """Declare everything; another `agent` makes all that is hostile be fetched at once."""
    lines = ["sources:", f"  steady: {{kind: m3u, url: {provider.url('/steady.m3u')}}}"]
    lines += [f"  {name}: {{kind: m3u, {_where(provider, name, agent)}}}" for name in PLAYLISTS]
    lines += ["epg:", f"  steady: {{kind: xmltv, url: {provider.url('/steady.xml')}}}"]
    lines += [f"  {name}: {{kind: xmltv, {_where(provider, name, agent)}}}" for name in GUIDES]
    lines += ["proxies:"]
    lines += [f"  {name}: {{sources: [{name}], epg: [steady]}}" for name in PLAYLISTS]
    lines += [f"  {name}: {{sources: [steady], epg: [{name}]}}" for name in GUIDES]
    return "\n".join(lines) + "\n"


def _where(provider: Provider, name: str, agent: str) -> str:
    timeout = "2s" if REASONS[name] == "Timeout" else "1m"
    url = provider.url(f"/{name}")
    return f"url: '{url}', refresh: 1d, max_size: 6MiB, timeout: {timeout}, user_agent: {agent}"


def _look(served: Served) -> Moment:
    return Moment(served.resources(), {name: served.files(name) for name in NAMES})


def _turn(provider: Provider, behaviours: Mapping[str, Behaviour]) -> None:
    provider.table.update({f"/{name}": behaviour for name, behaviour in behaviours.items()})


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = Folder(tmp_path_factory.mktemp("hostile"))
    well = {name: document(GOOD_PLAYLIST) for name in (*PLAYLISTS, "steady.m3u")}
    well |= {name: document(GOOD_GUIDE) for name in (*GUIDES, "steady.xml")}
    with in_thread(Provider()) as provider:
        _turn(provider, well)
        folder.yaml.write_text(_yaml(provider, "first"))
        with folder.serving() as served:
            until(lambda: _all_are_ready(served))
            before = _look(served)
            _turn(provider, {name: turned for name, (_, turned) in (PLAYLISTS | GUIDES).items()})
            folder.yaml.write_text(_yaml(provider, "second"))
            until(lambda: _all_have_failed(served))
            meanwhile = _look(served)
            _turn(provider, well)
            served.reload()
            until(lambda: _all_are_ready(served))
            after = _look(served)
    downloads = [path.name for path in (folder.data / "downloads").iterdir()]
    log = served.log.read_text()
    return Story(before, meanwhile, after, served.memory.peak, log, downloads)


def _all_are_ready(served: Served) -> bool:
    return all(one["state"] == "ready" for one in served.resources().values())


def _all_have_failed(served: Served) -> bool:
    """Whether everything had its turn, and its second one where that follows at once."""
    resources = served.resources()
    return all(_has_failed(resources[_key(name)]) for name in NAMES)


def _has_failed(resource: dict[str, Any]) -> bool:
    at_its_own_pace = resource["state"] == "stalled" or _ready(resource)["reason"] == "TooLarge"
    return bool(resource["failures"] > (0 if at_its_own_pace else 1))


def _key(name: str) -> str:
    return f"source/{name}" if name in PLAYLISTS else f"epg/{name}"


def _ready(resource: dict[str, Any]) -> dict[str, Any]:
    return next(one for one in resource["conditions"] if one["type"] == "Ready")


class TestAProviderThatTurns:
    @pytest.mark.parametrize("name", NAMES)
    def test_each_kind_of_harm_ends_with_its_reason(self, story: Story, name: str) -> None:
        ready = _ready(story.meanwhile.resources[_key(name)])
        assert (ready["status"], ready["reason"]) == (False, REASONS[name])
        assert "; serving the snapshot of " in ready["message"]
        assert "unexpected" not in ready["message"]

    @pytest.mark.parametrize("name", NAMES)
    def test_the_last_good_files_are_served_byte_for_byte(self, story: Story, name: str) -> None:
        served = story.meanwhile.served[name]
        assert served == story.before.served[name]
        assert served["playlist.m3u"].count(b"#EXTINF") == 2
        assert gzip.decompress(served["playlist.m3u.gz"]) == served["playlist.m3u"]
        assert gzip.decompress(served["guide.xml.gz"]) == served["guide.xml"]
        assert b'<channel id="one.example">' in served["guide.xml"]

    def test_the_proxies_stay_ready(self, story: Story) -> None:
        proxies = [story.meanwhile.resources[f"proxy/{name}"] for name in NAMES]
        assert [proxy["name"] for proxy in proxies if not _ready(proxy)["status"]] == []

    def test_all_is_well_again_once_the_provider_is(self, story: Story) -> None:
        assert all(_ready(one)["status"] for one in story.after.resources.values())
        assert {one["failures"] for one in story.after.resources.values()} == {0}
        assert story.after.served == story.before.served

    def test_a_failure_is_one_line_when_it_begins_and_one_when_it_ends(self, story: Story) -> None:
        for name in NAMES:
            begins = re.findall(rf"WARNING .* {_key(name)}: ", story.log)
            ends = re.findall(rf"INFO .* {_key(name)} is well again: ", story.log)
            assert (len(begins), len(ends)) == (1, 1), name
        assert "Traceback" not in story.log

    def test_the_memory_stays_within_its_limit(self, story: Story) -> None:
        assert 0 < story.peak < MOST_MEMORY

    def test_no_download_is_left(self, story: Story) -> None:
        assert story.left == []


class TestEntities:
    """Guides that are guides, but for what they want to be read into them."""

    def test_no_entity_is_expanded_and_nothing_is_fetched(self, tmp_path: Path) -> None:
        folder = Folder(tmp_path)
        (tmp_path / "private.txt").write_text("for nobody's eyes")
        with in_thread(Provider({"/secret": sent(b"for nobody's eyes")})) as provider:
            guides = {
                "laughs": hostile.laughs(),
                "file": hostile.entity((tmp_path / "private.txt").as_uri()),
                "http": hostile.entity(provider.url("/secret")),
                "dtd": hostile.parameter_entity(provider.url("/secret")),
            }
            _declare_guides(folder, guides)
            result = folder.build()
            assert result.code == 0, result.out + result.err
            assert [one for one in provider.seen if one.target == "/secret"] == []
        statuses = folder.statuses()
        mended = {name: statuses[f"epg/{name}"]["repaired"] for name in guides}
        unknown = {"entity that XML does not know": 1}
        assert mended == {"laughs": unknown, "file": unknown, "http": unknown, "dtd": {}}
        published = {name: folder.published(name)["guide.xml"] for name in guides}
        assert b"&amp;lol9;" in published["laughs"]
        assert all(len(guide) < 1000 and b"nobody" not in guide for guide in published.values())
        assert result.peak < MOST_MEMORY


def _declare_guides(folder: Folder, guides: Mapping[str, bytes]) -> None:
    """Write a YAML with a good playlist, and with a proxy for each of the guides."""
    (folder.path / "tv.m3u").write_bytes(GOOD_PLAYLIST)
    lines = ["sources: {tv: {kind: m3u, url: tv.m3u}}", "epg:"]
    for name, guide in guides.items():
        (folder.path / f"{name}.xml").write_bytes(guide)
        lines.append(f"  {name}: {{kind: xmltv, url: {name}.xml}}")
    lines += ["proxies:", *(f"  {name}: {{sources: [tv], epg: [{name}]}}" for name in guides)]
    folder.yaml.write_text("\n".join(lines) + "\n")


@pytest.mark.slow
@pytest.mark.timeout(1800)
class TestTheLimitsThatNobodyChanged:
    """Files of a few megabytes that unpack to gigabytes, where `max_size` is not declared."""

    @pytest.mark.parametrize(
        ("block", "times", "start"),
        [
            pytest.param(b"x" * (16 * MIB), 640, b"#EXTM3U\n#EXTINF:-1,", id="one line"),
            pytest.param(b"#EXTINF:-1,\nhttp://a/\n" * 700_000, 640, b"#EXTM3U\n", id="entries"),
            pytest.param(b"#EXT-X-A:\n" * 1_600_000, 640, b"#EXTM3U\n", id="options"),
        ],
    )
    def test_a_playlist_ends_as_too_large(
        self, tmp_path: Path, block: bytes, times: int, start: bytes
    ) -> None:
        folder = Folder(tmp_path)
        (tmp_path / "tv.m3u").write_bytes(hostile.gzip_of(block, times, start))
        folder.yaml.write_text("sources: {tv: {kind: m3u, url: tv.m3u}}\n")
        self._ends_as_too_large(folder, "source/tv")

    @pytest.mark.parametrize(
        ("block", "start"),
        [
            pytest.param(b"x" * (16 * MIB), b"<tv><programme ", id="one line"),
            pytest.param(b"<programme></programme>" * 700_000, b"<tv>", id="bad programmes"),
            pytest.param(PROGRAMME * 100_000, b"<tv>", id="programmes"),
            pytest.param(b"-" * (16 * MIB), b"<tv><!--", id="comment"),
        ],
    )
    def test_a_guide_ends_as_too_large(self, tmp_path: Path, block: bytes, start: bytes) -> None:
        folder = Folder(tmp_path)
        _declare_guides(folder, {"uk": hostile.gzip_of(block, 640, start)})
        self._ends_as_too_large(folder, "epg/uk")

    def _ends_as_too_large(self, folder: Folder, key: str) -> None:
        result = folder.build(patience=1500)
        assert result.code == 1
        assert _ready(folder.statuses()[key])["reason"] == "TooLarge"
        assert 0 < result.peak < MOST_MEMORY
