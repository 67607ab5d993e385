from __future__ import annotations

import asyncio
import os
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tvarr.errors import Reason, Stalled, Transient
from tvarr.fetch import client
from tvarr.fetch.client import Fetched, Fetcher, NotModified
from tvarr.fetch.local import is_local, look

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tvarr.fetch.client import Request

    Asking = Callable[..., Request]


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("tv.m3u", True),
        ("../tv/one two.m3u", True),
        ("/media/tv.m3u", True),
        ("./a:b.m3u", True),
        (" file:///media/tv.m3u", True),
        ("FILE:tv.m3u", True),
        ("http://tv.example/", False),
        ("ftp://tv.example/", False),
        ("data:,x", False),
    ],
)
def test_paths_and_file_urls_are_local(url: str, local: bool) -> None:
    assert is_local(url) is local


def test_a_tilde_is_the_home_of_whoever_runs_it(
    asking: Asking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "tv.m3u").write_bytes(b"#EXTM3U\n")
    found = look(asking("~/tv.m3u"))
    assert isinstance(found, Fetched)
    assert found.path == tmp_path / "tv.m3u"


@pytest.mark.parametrize(
    "written",
    [
        "lists/my tv #1?.m3u",
        "./lists/my tv #1?.m3u",
        "{folder}/lists/my tv #1?.m3u",
        "file:lists/my%20tv%20%231%3f.m3u",
        "file://{folder}/lists/my%20tv%20%231%3F.m3u",
        "file://localhost{folder}/lists/my%20tv%20%231%3F.m3u",
        "File://{folder}/lists/my tv #1?.m3u\n",
    ],
)
def test_a_file_is_read_where_it_lies(written: str, asking: Asking, tmp_path: Path) -> None:
    path = tmp_path / "lists" / "my tv #1?.m3u"
    path.parent.mkdir()
    path.write_bytes(b"#EXTM3U\n")
    found = look(asking(written.format(folder=tmp_path)))
    assert isinstance(found, Fetched)
    assert found.path == path
    assert (found.bytes, found.etag, found.final_host) == (8, None, None)


def test_an_unchanged_file_is_not_modified(asking: Asking, tmp_path: Path) -> None:
    (tmp_path / "tv").write_bytes(b"one")
    found = look(asking("tv"))
    assert isinstance(found, Fetched)
    assert look(asking("tv", file_stamp=found.file_stamp)) == NotModified()


def test_a_file_is_modified_by_size_by_time_and_by_being_replaced(
    asking: Asking, tmp_path: Path
) -> None:
    path = tmp_path / "tv"

    def stamp() -> str | None:
        found = look(asking("tv"))
        return found.file_stamp if isinstance(found, Fetched) else None

    path.write_bytes(b"one")
    os.utime(path, ns=(5, 5))
    stamps = [stamp()]
    path.write_bytes(b"three")
    os.utime(path, ns=(5, 5))
    stamps.append(stamp())
    os.utime(path, ns=(5, 6))
    stamps.append(stamp())
    (tmp_path / "new").write_bytes(b"three")
    os.utime(tmp_path / "new", ns=(5, 6))
    (tmp_path / "new").replace(path)
    stamps.append(stamp())
    assert len(set(stamps)) == 4


def test_what_is_no_file_is_told_and_never_waited_for(asking: Asking, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    told = {}
    for url in ("missing", "folder", "pipe", "/dev/zero", "nul\0", "x" * 5000):
        with pytest.raises(Transient) as caught:
            look(asking(url))
        assert caught.value.reason is Reason.FILE_MISSING
        told[url] = caught.value.sentence
    assert told["missing"] == f"{tmp_path}/missing cannot be read: No such file or directory"
    assert "a folder" in told["folder"]
    assert "a pipe" in told["pipe"]
    assert "a device" in told["/dev/zero"]


@pytest.mark.parametrize("url", ["tv.example.org/list.m3u", "192.168.1.9:80/list.m3u"])
def test_a_missing_path_that_looks_like_an_address_is_told_so(asking: Asking, url: str) -> None:
    with pytest.raises(Transient, match=r"an address on the web begins with http://"):
        look(asking(url))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_told(asking: Asking, tmp_path: Path) -> None:
    (tmp_path / "tv").touch(mode=0o000)
    with pytest.raises(Transient, match="Permission denied"):
        look(asking("tv"))


def test_a_file_of_another_machine_waits_for_an_edit(asking: Asking) -> None:
    with pytest.raises(Stalled, match="file:///") as caught:
        look(asking("file://nas/media/tv.m3u"))
    assert caught.value.reason is Reason.UNSUPPORTED_URL


def test_a_file_that_is_too_large_is_told(asking: Asking, tmp_path: Path) -> None:
    (tmp_path / "tv").write_bytes(b"12345")
    assert look(asking("tv", max_size=5))
    with pytest.raises(Transient, match="max_size") as caught:
        look(asking("tv", max_size=4))
    assert caught.value.reason is Reason.TOO_LARGE


async def test_a_fetcher_gets_local_files_without_a_session(
    asking: Asking, fetcher: Fetcher, tmp_path: Path
) -> None:
    (tmp_path / "tv").write_bytes(b"one")
    found = await fetcher.fetch(asking("tv"))
    assert isinstance(found, Fetched)
    assert found.path.read_bytes() == b"one"
    assert not (tmp_path / "downloads").exists()


async def test_a_file_system_that_does_not_answer_is_given_up(
    asking: Asking, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hang(_: Request) -> Fetched:
        time.sleep(0.2)
        loop.call_soon_threadsafe(woken.set)
        raise AssertionError("nobody waits for this")

    monkeypatch.setattr(client, "look", hang)
    with pytest.raises(Transient, match="file system") as caught:
        await fetcher.fetch(asking("tv", timeout=timedelta(milliseconds=10)))
    assert caught.value.reason is Reason.TIMEOUT
    await woken.wait()
