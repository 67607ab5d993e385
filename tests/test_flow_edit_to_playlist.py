"""The story of tvarr, first half: an edited YAML becomes a served playlist.

A real process, a real provider, a real file that is edited as editors do it; nothing is replaced.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.controller.world import GUIDE, PLAYLIST, playlist
from tests.processes import Folder, until
from tests.provider import Provider, document, in_thread, status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.processes import Served

YAML = """\
sources:
  freeview: {{kind: m3u, url: "{base}/uk.m3u", refresh: 10s}}
epg:
  uk: {{kind: xmltv, url: "{base}/uk.xml", refresh: 1h}}
proxies:
  family:
    sources: [freeview]
    epg: [uk]
"""
KIDS = """\
  kids:
    sources: [freeview]
    numbering: {start: 500}
"""


@pytest.fixture
def provider() -> Iterator[Provider]:
    behaviours = {"/uk.m3u": document(PLAYLIST.encode()), "/uk.xml": document(GUIDE.encode())}
    with in_thread(Provider(behaviours)) as provider:
        yield provider


@pytest.fixture
def folder(tmp_path: Path, provider: Provider) -> Folder:
    folder = Folder(tmp_path)
    folder.yaml.write_text(YAML.format(base=provider.url().rstrip("/")))
    return folder


def save(folder: Folder, text: str) -> None:
    """Save the YAML as an editor does: written beside, then renamed."""
    beside = folder.yaml.with_suffix(".tmp")
    beside.write_text(text)
    beside.rename(folder.yaml)


def is_ready(served: Served) -> bool:
    return served.get("/ready") == b"ready\n"


def test_an_edited_yaml_becomes_a_served_playlist(folder: Folder, provider: Provider) -> None:
    good = folder.yaml.read_text()
    with folder.serving() as served:
        # the first YAML becomes a playlist and a guide that agree
        until(lambda: is_ready(served))
        first = served.files("family")
        assert first["playlist.m3u"].count(b"#EXTINF") == 2
        assert b'tvg-id="one"' in first["playlist.m3u"]
        assert b'<channel id="one">' in first["guide.xml"]
        assert (
            f'url-tvg="http://127.0.0.1:{served.port}/family/guide.xml.gz"'.encode()
            in (first["playlist.m3u"])
        )

        # an edit adds a proxy; nothing is fetched again for it
        asked = sum(seen.target == "/uk.xml" for seen in provider.seen)
        save(folder, good + KIDS)
        until(lambda: b'tvg-chno="500"' in served.get("/kids/playlist.m3u"))
        assert sum(seen.target == "/uk.xml" for seen in provider.seen) == asked

        # a broken edit breaks nothing, and the status has the place
        save(folder, good + KIDS.replace("sources", "sourcs"))
        until(lambda: b"did you mean" in served.get("/api/v1/status"))
        [*_, problem] = json.loads(served.get("/api/v1/status"))["manifest"]["problems"]
        assert (problem["line"], problem["column"]) == (10, 5)
        assert problem["message"] == 'unknown field "sourcs", did you mean "sources"?'
        assert b"unknown field" in served.get("/")
        assert served.get("/kids/playlist.m3u").count(b"#EXTINF") == 2

        # the provider goes away: the last good playlist stays, and the status says so
        provider.table["/uk.m3u"] = status(503)
        until(lambda: served.resources()["source/freeview"]["failures"] > 0)
        assert served.files("family") == first
        assert "serving the snapshot of" in served.resources()["source/freeview"]["message"]

        # it comes back with another channel, while the YAML is still broken
        provider.table["/uk.m3u"] = document(playlist("One", "Two", "Three").encode())
        served.reload()
        until(lambda: served.get("/family/playlist.m3u").count(b"#EXTINF") == 3)

        # mending the file mends the status
        save(folder, good)
        until(lambda: served.get("/kids/playlist.m3u").startswith(b"There is no proxy kids"))
        until(lambda: b'"problems":[]' in served.get("/api/v1/status"))

    # after a restart everything is there at once, and unchanged documents are not sent again
    (folder.path / "tvarr.log").unlink()  # it has the port of the process before
    before = len(provider.seen)
    with folder.serving() as served:
        assert served.get("/family/playlist.m3u").count(b"#EXTINF") == 3
        until(lambda: is_ready(served))
    assert all("if-none-match" in seen.headers for seen in provider.seen[before:])
