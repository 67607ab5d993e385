from __future__ import annotations

import asyncio
import contextlib
import gzip
import itertools
import os
import socket
import zlib
from typing import TYPE_CHECKING

import polars as pl
import pytest

from tvarr.catalog import schema
from tvarr.outputs import m3u, publish
from tvarr.outputs.report import BuildReport
from tvarr.pipeline.build import Lineup
from tvarr.pipeline.match import MATCHES
from tvarr.web import transfer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web.world import Client, World

HEADER = (
    b'#EXTM3U url-tvg="http://127.0.0.1:8888/family/guide.xml.gz"'
    b' x-tvg-url="http://127.0.0.1:8888/family/guide.xml.gz"\n'
)
ENTRIES = b'#EXTINF:-1 tvg-id="a",A\nhttp://127.0.0.1:8888/stream/1\n' * 3
GUIDE = b"<tv>" + b"<programme/>" * 100 + b"</tv>"
FILES = {
    "playlist.m3u": HEADER + ENTRIES,
    "playlist.m3u.gz": gzip.compress(HEADER + ENTRIES),
    "guide.xml": GUIDE,
    "guide.xml.gz": gzip.compress(GUIDE),
}


@pytest.fixture(autouse=True)
def published(world: World) -> None:
    world.declare("family", base_url="http://tv.lan:8888/")
    world.publish("family", "r1", FILES)


# --- plain answers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("playlist.m3u", "audio/x-mpegurl; charset=utf-8"),
        ("playlist.m3u.gz", "application/gzip"),
        ("guide.xml", "application/xml; charset=utf-8"),
        ("guide.xml.gz", "application/gzip"),
    ],
)
async def test_every_file_arrives_as_it_is_with_its_type_and_revision(
    client: Client, name: str, content_type: str
) -> None:
    answer = await client.get(f"/family/{name}", {"Accept-Encoding": "gzip, br"})
    assert answer.status == 200
    assert answer.body == FILES[name]
    assert answer.headers["Content-Type"] == content_type
    assert answer.headers["Content-Length"] == str(len(FILES[name]))
    assert answer.headers["ETag"] == '"r1"'
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "Content-Encoding" not in answer.headers
    assert "Last-Modified" in answer.headers


async def test_last_modified_is_when_the_revision_became_public(
    world: World, client: Client
) -> None:
    os.utime(world.data / "outputs/family/", (1_800_000_000.9, 1_800_000_000.9))
    answer = await client.get("/family/guide.xml")
    assert answer.headers["Last-Modified"] == "Fri, 15 Jan 2027 08:00:00 GMT"
    again = await client.get(
        "/family/guide.xml", {"If-Modified-Since": answer.headers["Last-Modified"]}
    )
    assert again.status == 304


@pytest.mark.parametrize("name", FILES)
async def test_head_tells_what_get_would_without_a_body(client: Client, name: str) -> None:
    head = await client.get(f"/family/{name}", {"Range": "bytes=0-3"}, method="HEAD")
    whole = await client.get(f"/family/{name}")
    assert head.status == 200
    assert head.body == b""
    for header in ("Content-Length", "Content-Type", "ETag", "Last-Modified", "Accept-Ranges"):
        assert head.headers[header] == whole.headers[header]


async def test_an_unchanged_file_is_not_sent_again(client: Client) -> None:
    for method in ("GET", "HEAD"):
        answer = await client.get("/family/guide.xml", {"If-None-Match": 'W/"r1"'}, method)
        assert (answer.status, answer.body) == (304, b"")
        assert answer.headers["ETag"] == '"r1"'
        assert answer.headers["Cache-Control"] == "no-cache"


async def test_an_answer_without_a_body_leaves_the_connection_usable(client: Client) -> None:
    ask = b"GET /family/guide.xml HTTP/1.1\r\nHost: tv.lan\r\n"
    answer = await client.raw(
        ask
        + b'If-None-Match: "r1"\r\n\r\n'
        + ask.replace(b"GET", b"HEAD")
        + b"\r\n"
        + ask
        + b"Connection: close\r\n\r\n"
    )
    assert answer.count(b"HTTP/1.1 304 ") == 1
    assert answer.count(b"HTTP/1.1 200 ") == 2
    assert answer.endswith(GUIDE)


async def test_a_failed_precondition_is_told(client: Client) -> None:
    assert (await client.get("/family/guide.xml", {"If-Match": '"r0"'})).status == 412


async def test_http_1_0_gets_the_file_and_the_end_of_the_connection(client: Client) -> None:
    answer = await client.raw(b"GET /family/guide.xml HTTP/1.0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.0 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\n" + GUIDE)


# --- ranges --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    ("header", "part"), [("0-", (0, None)), ("3-9", (3, 10)), ("-5", (-5, None))]
)
async def test_a_part_of_every_file_can_be_asked_for(
    client: Client, name: str, header: str, part: tuple[int, int | None]
) -> None:
    answer = await client.get(f"/family/{name}", {"Range": f"bytes={header}"})
    size = len(FILES[name])
    wanted = range(size)[slice(*part)]
    assert answer.status == 206
    assert answer.body == FILES[name][slice(*part)]
    assert answer.headers["Content-Range"] == f"bytes {wanted[0]}-{wanted[-1]}/{size}"
    assert answer.headers["Content-Length"] == str(len(wanted))


async def test_a_range_behind_the_end_tells_the_size(client: Client) -> None:
    answer = await client.get("/family/guide.xml", {"Range": f"bytes={len(GUIDE)}-"})
    assert answer.status == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(GUIDE)}"


async def test_a_range_of_another_revision_brings_the_whole_new_one(
    world: World, client: Client
) -> None:
    world.publish("family", "r2", {"guide.xml": b"new guide"})
    headers = {"Range": "bytes=4-", "If-Range": '"r1"'}
    answer = await client.get("/family/guide.xml", headers)
    assert (answer.status, answer.body) == (200, b"new guide")


async def test_an_empty_file_is_sent_empty(world: World, client: Client) -> None:
    world.publish("family", "r2", {"guide.xml": b""})
    answer = await client.get("/family/guide.xml")
    assert (answer.status, answer.body) == (200, b"")
    assert (await client.get("/family/guide.xml", {"Range": "bytes=0-"})).status == 416


# --- what is not there ---------------------------------------------------------------------------


async def test_a_proxy_that_is_not_built_yet_asks_for_patience(
    world: World, client: Client
) -> None:
    world.declare("family", "kids")
    answer = await client.get("/kids/playlist.m3u")
    assert answer.status == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.text == "playlist.m3u of kids is not built yet; try again in a moment.\n"


async def test_an_unknown_proxy_is_answered_with_the_known_ones(
    world: World, client: Client
) -> None:
    world.declare("family", "kids")
    answer = await client.get("/famly/playlist.m3u")
    assert answer.status == 404
    assert answer.text == "There is no proxy famly. The proxies are: family, kids.\n"


async def test_a_proxy_that_was_removed_from_the_yaml_is_gone(world: World, client: Client) -> None:
    world.declare("kids")
    assert (await client.get("/family/playlist.m3u")).status == 404


async def test_an_output_that_is_not_declared_is_not_there(world: World, client: Client) -> None:
    world.declare("family", outputs=("m3u",))
    answer = await client.get("/family/guide.xml")
    assert answer.status == 404
    assert "xmltv is not among the outputs of family" in answer.text


async def test_an_output_that_was_only_just_declared_is_not_built_yet(
    world: World, client: Client
) -> None:
    world.publish("family", "r2", {"playlist.m3u": HEADER})
    assert (await client.get("/family/guide.xml")).status == 503


async def test_what_an_earlier_run_published_is_served_while_the_yaml_is_broken(
    world: World, client: Client
) -> None:
    world.manifest = None
    assert (await client.get("/family/guide.xml")).body == GUIDE


@pytest.mark.parametrize(
    "path",
    [
        "/family/../../state.json",
        "/family/%2e%2e/%2e%2e/state.json",
        "/../outputs/family/guide.xml",
        "/..%2foutputs%2ffamily/guide.xml",
        "/%2e%2e/guide.xml",
        "/./guide.xml",
        "/family%2f..%2ffamily/guide.xml",
        "/family/report.json",
        "/family/lineup.parquet",
        "/family/",
        "/family",
        "/family/guide.xml/",
        "/family/guide.xml%00",
        "/family%00/guide.xml",
        "/FAMILY/guide.xml",
        "/family//guide.xml",
        "//family/guide.xml",
        "/family\\guide.xml",
    ],
)
async def test_no_path_reaches_anything_but_the_declared_files(
    world: World, client: Client, path: str
) -> None:
    (world.data / "state.json").write_text("the state")
    (world.data / "outputs/family/report.json").write_text("the report")
    (world.data / "outputs/family/lineup.parquet").write_text("the lineup")
    answer = await client.raw(
        f"GET {path} HTTP/1.1\r\nHost: tv.lan\r\nConnection: close\r\n\r\n".encode()
    )
    assert answer.split(b" ")[1] in (b"400", b"404")
    assert b"the state" not in answer
    assert b"the report" not in answer
    assert b"<tv>" not in answer


# --- the guide's address in the playlist ---------------------------------------------------------


@pytest.fixture
def unaddressed(world: World) -> None:
    world.declare("family")


def readdressed(base: str) -> bytes:
    return HEADER.replace(b"http://127.0.0.1:8888", base.encode()) + ENTRIES


ID = b"3f" * 32
LOGOS = {
    "playlist.m3u": HEADER
    + b'#EXTINF:-1 tvg-logo="http://127.0.0.1:8888/logos/%s.png",One\n' % ID
    + b"http://127.0.0.1:8888/logos/one.ts\n",
    "guide.xml": b'<icon src="http://127.0.0.1:8888/logos/%s.png"/>\n<x>http://127.0.0.1/</x>\n'
    % ID,
    "report.json": b'{"names_server": true}',
}
LOGOS |= {f"{name}.gz": gzip.compress(LOGOS[name]) for name in ("playlist.m3u", "guide.xml")}


@pytest.mark.usefixtures("unaddressed")
@pytest.mark.parametrize("name", ["playlist.m3u", "guide.xml"])
async def test_logos_of_ours_are_named_as_the_client_reached_us(
    world: World, client: Client, name: str
) -> None:
    world.publish("family", "f" * 32, LOGOS)
    headers = {"Host": "tvarr.local"}
    expected = LOGOS[name].replace(b"127.0.0.1:8888/logos/3f", b"tvarr.local/logos/3f")
    expected = expected.replace(b"127.0.0.1:8888/family", b"tvarr.local/family")
    plain = await client.get(f"/family/{name}", headers)
    packed = await client.get(f"/family/{name}.gz", headers)
    assert plain.body == gzip.decompress(packed.body) == expected
    again = await client.get(f"/family/{name}", {**headers, "If-None-Match": plain.headers["ETag"]})
    assert again.status == 304
    part = await client.get(f"/family/{name}", {**headers, "Range": "bytes=30-"})
    assert (part.status, part.body) == (206, expected[30:])


async def test_with_a_declared_base_url_logos_stay_as_they_were_built(
    world: World, client: Client
) -> None:
    world.publish("family", "f" * 32, LOGOS)
    answer = await client.get("/family/guide.xml", {"Host": "192.168.1.10:9999"})
    assert answer.body == LOGOS["guide.xml"]


async def test_a_declared_base_url_leaves_the_playlist_as_it_was_built(client: Client) -> None:
    answer = await client.get("/family/playlist.m3u", {"Host": "192.168.1.10:9999"})
    assert answer.body == FILES["playlist.m3u"]


@pytest.mark.usefixtures("unaddressed")
@pytest.mark.parametrize("host", ["192.168.1.10:9999", "tvarr.local", "[fd00::1]:8888"])
async def test_otherwise_its_first_line_names_the_guide_as_the_client_reached_us(
    client: Client, host: str
) -> None:
    answer = await client.get("/family/playlist.m3u", {"Host": host})
    expected = readdressed(f"http://{host}")
    assert answer.body == expected
    assert answer.headers["Content-Length"] == str(len(expected))


@pytest.mark.usefixtures("unaddressed")
async def test_the_gzip_of_the_playlist_names_the_guide_so_too(client: Client) -> None:
    headers = {"Host": "tvarr.local"}
    answer = await client.get("/family/playlist.m3u.gz", headers)
    unpacking = zlib.decompressobj(31)
    assert unpacking.decompress(answer.body) == readdressed("http://tvarr.local")
    assert unpacking.unused_data == b"", "some readers stop after the first gzip member"
    assert answer.headers["Content-Length"] == str(len(answer.body))
    assert (await client.get("/family/playlist.m3u.gz", headers)).body == answer.body
    part = await client.get("/family/playlist.m3u.gz", {**headers, "Range": "bytes=5-"})
    assert (part.status, part.body) == (206, answer.body[5:])


@pytest.mark.usefixtures("unaddressed")
@pytest.mark.parametrize("name", ["playlist.m3u", "playlist.m3u.gz"])
async def test_each_address_has_an_etag_of_its_own(client: Client, name: str) -> None:
    here = await client.get(f"/family/{name}", {"Host": "tvarr.local"})
    there = await client.get(f"/family/{name}", {"Host": "192.168.1.10"})
    assert len({here.headers["ETag"], there.headers["ETag"], '"r1"'}) == 3
    for host, status in (("tvarr.local", 304), ("192.168.1.10", 200)):
        headers = {"Host": host, "If-None-Match": here.headers["ETag"]}
        assert (await client.get(f"/family/{name}", headers)).status == status


@pytest.mark.usefixtures("unaddressed")
async def test_parts_of_a_readdressed_playlist_fit_together(client: Client) -> None:
    expected = readdressed("http://tvarr.local")
    edge = expected.index(b"\n") + 1
    cuts = [0, 1, 40, edge - 1, edge, edge + 1, edge + 30, len(expected)]
    for first, last in itertools.pairwise(cuts):
        headers = {"Host": "tvarr.local", "Range": f"bytes={first}-{last - 1}"}
        answer = await client.get("/family/playlist.m3u", headers)
        assert answer.status == 206
        assert answer.body == expected[first:last]
        assert answer.headers["Content-Range"] == f"bytes {first}-{last - 1}/{len(expected)}"


@pytest.mark.usefixtures("unaddressed")
async def test_only_the_first_line_and_only_our_own_address_in_it_changes(
    world: World, client: Client
) -> None:
    playlist = (
        b'#EXTM3U url-tvg="http://127.0.0.1/family/guide.xml.gz" x="http://127.0.0.1.evil/y"\n'
        b'#EXTINF:-1 tvg-logo="http://127.0.0.1:8888/logo.png",A\nhttp://127.0.0.1:8888/1\n'
    )
    world.publish("family", "r2", {"playlist.m3u": playlist})
    answer = await client.get("/family/playlist.m3u", {"Host": "tvarr.local"})
    assert answer.body == playlist.replace(b"http://127.0.0.1/f", b"http://tvarr.local/f")


@pytest.mark.usefixtures("unaddressed")
@pytest.mark.parametrize("name", ["playlist.m3u", "playlist.m3u.gz"])
async def test_a_playlist_that_names_no_guide_is_sent_as_it_is(
    world: World, client: Client, name: str
) -> None:
    files = {"playlist.m3u": b"#EXTM3U\n" + ENTRIES, "playlist.m3u.gz": b"packed"}
    world.publish("family", "r2", files)
    answer = await client.get(f"/family/{name}")
    assert answer.body == files[name]
    assert answer.headers["ETag"] == '"r2"'


@pytest.mark.usefixtures("unaddressed")
@pytest.mark.parametrize(
    "host", [b'x" tvg-evil="y', b"x\ty", b"evil/p?", b"user@evil", b"<x>", b"x" * 300, b""]
)
async def test_a_hostile_host_header_gets_nothing_into_the_playlist(
    client: Client, host: bytes
) -> None:
    answer = await client.raw(
        b"GET /family/playlist.m3u HTTP/1.1\r\nConnection: close\r\nHost: " + host + b"\r\n\r\n"
    )
    status = int(answer.split(b" ")[1])
    assert status in (200, 400, 421)
    if status == 200:
        assert answer.endswith(readdressed(f"http://127.0.0.1:{client.port}"))
    else:
        assert b"#EXTM3U" not in answer


@pytest.mark.usefixtures("unaddressed")
async def test_an_absolute_request_target_does_not_name_the_server(client: Client) -> None:
    answer = await client.raw(
        b"GET ftp://evil.example/family/playlist.m3u HTTP/1.1\r\n"
        b"Host: tvarr.local\r\nConnection: close\r\n\r\n"
    )
    assert b"evil" not in answer
    assert answer.endswith(readdressed("http://tvarr.local"))


@pytest.mark.usefixtures("unaddressed")
async def test_forwarded_headers_do_not_name_the_server(client: Client) -> None:
    headers = {"Host": "tvarr.local", "X-Forwarded-Host": "evil", "X-Forwarded-Proto": "https"}
    answer = await client.get("/family/playlist.m3u", headers)
    assert answer.body == readdressed("http://tvarr.local")


@pytest.mark.usefixtures("unaddressed")
async def test_an_endless_first_line_is_sent_as_it_is(world: World, client: Client) -> None:
    playlist = b"#EXTM3U " + b"x" * 200_000 + b' url-tvg="http://127.0.0.1:8888/a"\n'
    world.publish("family", "r2", {"playlist.m3u": playlist})
    assert (await client.get("/family/playlist.m3u")).body == playlist


@pytest.mark.usefixtures("unaddressed")
async def test_the_first_line_is_recognised_as_the_writer_writes_it(
    world: World, client: Client
) -> None:
    columns = {**schema.CHANNELS, "number": pl.String, "guide_id": pl.String}
    empty = Lineup(pl.DataFrame(schema=columns), pl.DataFrame(schema=MATCHES))

    def write(folder: Path) -> BuildReport:
        m3u.write(empty, folder / "playlist.m3u", "http://127.0.0.1:8888/family/guide.xml.gz")
        return BuildReport()

    publish.publish(world.data, "family", write)
    expected = readdressed("http://tvarr.local").removesuffix(ENTRIES)
    headers = {"Host": "tvarr.local"}
    assert (await client.get("/family/playlist.m3u", headers)).body == expected
    packed = await client.get("/family/playlist.m3u.gz", headers)
    assert gzip.decompress(packed.body) == expected


# --- slow clients and swaps ----------------------------------------------------------------------

LARGE = {revision: os.urandom(1 << 16) * 512 for revision in ("r2", "r3")}  # 32 MiB each


async def test_a_swap_during_a_download_never_mixes_two_revisions(
    world: World, client: Client
) -> None:
    world.publish("family", "r2", {"guide.xml": LARGE["r2"]})
    reader, writer = await slow_connection(client)
    await reader.readuntil(b"\r\n\r\n")
    old = world.data / "revisions/family/r2"
    world.publish("family", "r3", {"guide.xml": LARGE["r3"]})
    (old / "guide.xml").unlink()
    old.rmdir()
    body = await reader.readexactly(len(LARGE["r2"]))
    writer.close()
    await writer.wait_closed()
    assert body == LARGE["r2"]
    assert (await client.get("/family/guide.xml")).body == LARGE["r3"]


async def test_other_requests_are_answered_while_a_client_dawdles(
    world: World, client: Client
) -> None:
    world.publish("family", "r2", {"guide.xml": LARGE["r2"]})
    dawdling = [await slow_connection(client) for _ in range(8)]
    for reader, _writer in dawdling:
        await reader.readuntil(b"\r\n\r\n")
    assert (await client.get("/family/guide.xml", {"Range": "bytes=0-9"})).status == 206
    assert (await client.get("/live")).status == 200
    for _reader, writer in dawdling:
        writer.close()
        await writer.wait_closed()


async def test_a_client_that_takes_nothing_is_let_go(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "STALL", 0.2)
    world.publish("family", "r2", {"guide.xml": LARGE["r2"]})
    reader, writer = await slow_connection(client)
    await asyncio.sleep(0.6)
    received = await received_before_the_end(reader)
    assert 0 < received < len(LARGE["r2"])
    writer.close()


async def received_before_the_end(reader: asyncio.StreamReader) -> int:
    received = 0
    with contextlib.suppress(ConnectionResetError):
        while block := await asyncio.wait_for(reader.read(1 << 16), 20):
            received += len(block)
    return received


async def test_a_client_that_leaves_in_the_middle_disturbs_nobody(
    world: World, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    world.publish("family", "r2", {"guide.xml": LARGE["r2"]})
    for _ in range(5):
        reader, writer = await slow_connection(client)
        await reader.readexactly(100)
        writer.transport.abort()
    assert (await client.get("/family/guide.xml")).body == LARGE["r2"]
    assert not caplog.records


async def test_a_revision_pruned_while_it_is_opened_is_looked_up_again(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    current = publish.current
    answers = [world.data / "revisions/family/pruned"]
    monkeypatch.setattr(
        publish, "current", lambda data, proxy: answers.pop() if answers else current(data, proxy)
    )
    assert (await client.get("/family/guide.xml")).body == GUIDE


async def slow_connection(client: Client) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Ask for a guide through a small window, and read nothing yet."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 14)
    connection.setblocking(False)
    await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", client.port))
    reader, writer = await asyncio.open_connection(sock=connection, limit=1 << 14)
    writer.write(b"GET /family/guide.xml HTTP/1.1\r\nHost: tv.lan\r\n\r\n")
    return reader, writer
