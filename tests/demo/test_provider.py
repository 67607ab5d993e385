from __future__ import annotations

import asyncio
import errno
import gzip
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
import pytest
from lxml import etree

from tests.demo.conftest import BROKEN, ENDLESS, SILENT
from tvarr.config.load import load_manifest
from tvarr.demo import provider
from tvarr.demo.lineup import CHANNELS, playlist
from tvarr.demo.provider import PORT, VIEWERS, provider_port, serve, write_yaml
from tvarr.spec.source import M3uSource

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

URL = "http://127.0.0.1:4321"


@asynccontextmanager
async def visitor(ffmpeg: str | None = None) -> AsyncIterator[aiohttp.ClientSession]:
    async with (
        asyncio.timeout(90),
        serve(ffmpeg=ffmpeg) as url,
        aiohttp.ClientSession(url) as session,
    ):
        yield session


@asynccontextmanager
async def watching(
    session: aiohttp.ClientSession, slug: str = "night-tram"
) -> AsyncIterator[aiohttp.ClientResponse]:
    async with session.get(f"/live/{slug}.ts") as response:
        assert response.status == 200
        await response.content.readexactly(188)
        yield response


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - what is waited for happens in another process
            await asyncio.sleep(0.02)


async def test_the_playlist_leads_back_to_the_provider() -> None:
    async with visitor() as session, session.get("/playlist.m3u") as response:
        base = f"http://{response.url.host}:{response.url.port}"
        assert response.content_type == "audio/x-mpegurl"
        assert await response.text() == playlist(base)


async def test_the_guide_is_xmltv_in_gzip_for_all_guided_channels() -> None:
    async with visitor() as session, session.get("/guide.xml.gz") as response:
        assert response.content_type == "application/gzip"
        assert "Content-Encoding" not in response.headers
        root = etree.fromstring(gzip.decompress(await response.read()))
    assert len(root.findall("channel")) == 11
    assert len(root.findall("programme")) > 500


async def test_every_logo_that_the_playlist_names_is_there() -> None:
    async with visitor() as session:
        for channel in CHANNELS:
            async with session.get(f"/logos/{channel.slug}.png") as response:
                assert response.content_type == "image/png"
                assert (await response.read()).startswith(b"\x89PNG")


@pytest.mark.parametrize("path", ["/playlist.m3u", "/guide.xml.gz", "/logos/owl-hours.png"])
async def test_who_has_a_document_already_does_not_get_it_again(path: str) -> None:
    async with visitor() as session:
        async with session.get(path) as response:
            tag = response.headers["ETag"]
        async with session.get(path, headers={"If-None-Match": tag}) as response:
            assert response.status == 304
            assert response.headers["ETag"] == tag
        async with session.get(path, headers={"If-None-Match": '"another"'}) as response:
            assert response.status == 200


@pytest.mark.parametrize("path", ["/live/nothing.ts", "/logos/nothing.png", "/", "/guide.xml"])
async def test_what_is_not_there_is_not_found(path: str) -> None:
    async with visitor() as session, session.get(path) as response:
        assert response.status == 404


async def test_head_of_a_stream_starts_nothing(
    pretend: Callable[[str], str], started: list[Process]
) -> None:
    async with (
        visitor(pretend(ENDLESS)) as session,
        session.head("/live/owl-hours.ts") as response,
    ):
        assert response.status == 200
        assert response.content_type == "video/mp2t"
    assert started == []


async def test_a_viewer_sees_television(ffmpeg: str) -> None:
    async with visitor(ffmpeg) as session, session.get("/live/petits-ecureuils.ts") as response:
        assert response.content_type == "video/mp2t"
        media = await response.content.readexactly(188 * 500)
    assert set(media[::188]) == {0x47}


async def test_without_ffmpeg_the_answer_says_so_and_the_rest_works() -> None:
    async with visitor(None) as session:
        async with session.get("/live/owl-hours.ts") as response:
            assert response.status == 503
            assert "Install ffmpeg" in await response.text()
        async with session.get("/playlist.m3u") as response:
            assert response.status == 200


@pytest.mark.parametrize("program", ["broken", "missing"])
async def test_an_ffmpeg_that_makes_no_picture_is_told_in_a_sentence(
    program: str, pretend: Callable[[str], str], caplog: pytest.LogCaptureFixture
) -> None:
    path = pretend(BROKEN) if program == "broken" else "/nowhere/ffmpeg"
    async with visitor(path) as session, session.get("/live/owl-hours.ts") as response:
        assert response.status == 503
        assert "the log says why" in await response.text()
    assert "owl-hours: " in caplog.text


async def test_an_ffmpeg_that_never_answers_is_given_up(
    pretend: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, started: list[Process]
) -> None:
    monkeypatch.setattr(provider, "_PATIENCE", 0.1)
    async with visitor(pretend(SILENT)) as session, session.get("/live/night-tram.ts") as response:
        assert response.status == 503
    assert [process.returncode is not None for process in started] == [True]


async def test_when_a_viewer_leaves_the_process_ends(
    pretend: Callable[[str], str], started: list[Process]
) -> None:
    async with visitor(pretend(ENDLESS)) as session:
        async with watching(session):
            assert [process.returncode for process in started] == [None]
        await until(lambda: started[0].returncode is not None)


async def test_a_viewer_who_stops_taking_is_let_go(
    pretend: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, started: list[Process]
) -> None:
    monkeypatch.setattr(provider, "_PATIENCE", 0.3)
    flood = "while True: out.write(b'G' * 65536)"
    async with visitor(pretend(flood)) as session, watching(session):
        await until(lambda: started[0].returncode is not None)


async def test_when_the_provider_stops_every_process_is_gone(
    pretend: Callable[[str], str], started: list[Process]
) -> None:
    async with aiohttp.ClientSession() as session:
        async with serve(ffmpeg=pretend(ENDLESS)) as url:
            for slug in ("owl-hours", "night-tram"):
                response = await session.get(f"{url}/live/{slug}.ts")
                await response.content.readexactly(188)
        assert [process.returncode is not None for process in started] == [True, True]


async def test_a_viewer_who_leaves_just_as_the_provider_stops_leaves_no_process(
    pretend: Callable[[str], str], started: list[Process]
) -> None:
    async with visitor(pretend(ENDLESS)) as session, watching(session):
        pass
    assert [process.returncode is not None for process in started] == [True]


async def test_there_are_places_for_so_many_viewers_and_they_are_given_again(
    pretend: Callable[[str], str], started: list[Process]
) -> None:
    async with visitor(pretend(ENDLESS)) as session:
        seats = [watching(session) for _ in range(VIEWERS)]
        for seat in seats:
            await seat.__aenter__()
        async with session.get("/live/owl-hours.ts") as response:
            assert response.status == 503
            assert response.headers["Retry-After"] == "10"
            assert f"All {VIEWERS} places are taken" in await response.text()
        assert len(started) == VIEWERS
        await seats[0].__aexit__(None, None, None)
        await until(lambda: any(process.returncode is not None for process in started))
        async with watching(session):
            assert len(started) == VIEWERS + 1
        for seat in seats[1:]:
            await seat.__aexit__(None, None, None)


async def test_a_taken_port_is_told_in_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(OSError, match=f"port {port} of 127.0.0.1.* is taken: stop") as told:
            async with serve(port, ffmpeg=None):
                pass
    assert told.value.errno == errno.EADDRINUSE


async def test_the_provider_listens_on_loopback_where_it_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    async with serve(port, ffmpeg=None) as url:
        assert url == f"http://127.0.0.1:{port}"


def test_the_first_yaml_is_written_with_the_providers_address(tmp_path: Path) -> None:
    path = write_yaml(tmp_path / "new" / "folder", URL)
    assert path == tmp_path / "new" / "folder" / "tvarr.yaml"
    loaded = load_manifest(path)
    assert loaded.problems == ()
    assert loaded.manifest
    (source,), (guide,) = loaded.manifest.sources.values(), loaded.manifest.epg.values()
    assert isinstance(source, M3uSource)
    told = [address.get_secret_value() for address in (*source.addresses, *guide.addresses)]
    assert told == [f"{URL}/playlist.m3u", f"{URL}/guide.xml.gz"]
    assert "8888" not in path.read_text(), "tvarr may listen on another port"
    assert [file.name for file in path.parent.iterdir()] == ["tvarr.yaml"]


def test_a_yaml_that_is_there_is_never_touched(tmp_path: Path) -> None:
    path = tmp_path / "tvarr.yaml"
    path.write_text("proxies: {}  # mine\n")
    assert write_yaml(tmp_path, URL) == path
    assert path.read_text() == "proxies: {}  # mine\n"


def test_what_the_yaml_invites_to_try_works(tmp_path: Path) -> None:
    path = write_yaml(tmp_path, URL)
    text = path.read_text()
    head, _, tail = text.partition("#  late:")
    path.write_text(head + "  late:" + tail.replace("\n#  ", "\n  "))
    loaded = load_manifest(path)
    assert loaded.manifest, loaded.problems
    assert list(loaded.manifest.proxies) == ["family", "late"]
    assert loaded.manifest.proxies["late"].numbering.start == 901
    path.write_text(text.replace("    sources: [", "    sourcs: [", 1))
    messages = [problem.message for problem in load_manifest(path).problems]
    assert any('did you mean "sources"?' in message for message in messages)


def test_the_provider_goes_where_the_yaml_says(tmp_path: Path) -> None:
    write_yaml(tmp_path, URL)
    assert provider_port(tmp_path) == 4321


@pytest.mark.parametrize(
    "text",
    [
        None,
        "# see http://127.0.0.1:8888/family/playlist.m3u\n",
        "proxies: {}\n",
        "url: http://127.0.0.1:99999/playlist.m3u\n",
    ],
)
def test_the_provider_goes_to_its_own_port_if_no_yaml_names_one(
    text: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        free = other.getsockname()[1]
    monkeypatch.setattr(provider, "PORT", free)
    if text is not None:
        (tmp_path / "tvarr.yaml").write_text(text)
    assert provider_port(tmp_path) == free


def test_the_provider_takes_any_port_if_its_own_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setattr(provider, "PORT", other.getsockname()[1])
        assert provider_port(tmp_path) == 0


def test_the_yaml_of_the_package_names_the_providers_own_port(tmp_path: Path) -> None:
    path = write_yaml(tmp_path, f"http://127.0.0.1:{PORT}")
    assert provider_port(tmp_path) == PORT
    assert path.read_text().count(f"http://127.0.0.1:{PORT}/") == 2
