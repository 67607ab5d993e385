"""`tvarr refresh`: by the tvarr that is running, or by the command itself."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from tests.controller.world import GUIDE, PLAYLIST
from tests.processes import Folder, until
from tvarr import cli
from tvarr.commands import refresh as module
from tvarr.controller import serving
from tvarr.controller.lock import locked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

YAML = """\
sources:
  uk: {kind: m3u, url: uk.m3u}
  off: {kind: m3u, url: uk.m3u, enabled: false}
epg:
  guide: {kind: xmltv, url: guide.xml}
proxies:
  family: {sources: [uk], epg: [guide]}
"""
PROXY = "3 channels, 0 with programmes; without epg/guide"
THREE = PLAYLIST + "#EXTINF:-1,Three\nhttp://stream.invalid/3.ts\n"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    (tmp_path / "tvarr.yaml").write_text(YAML)
    (tmp_path / "uk.m3u").write_text(PLAYLIST)
    (tmp_path / "guide.xml").write_text(GUIDE)
    return Folder(tmp_path)


def call(folder: Folder, *arguments: str) -> tuple[int, str, str]:
    """Run the command in this process; seconds are told as N."""
    given = (*arguments, "--config", str(folder.yaml), "--data", str(folder.data))
    result = CliRunner().invoke(cli.app, ["refresh", *given])
    return result.exit_code, re.sub(r"\d+\.\d s", "N s", result.stdout), result.stderr


class TestHere:
    def test_it_fetches_one_and_builds_what_that_changes(self, folder: Folder) -> None:
        assert call(folder, "uk")[0] == 0
        (folder.path / "uk.m3u").write_text(THREE)
        code, out, err = call(folder, "uk", "--wait")
        assert (code, err) == (0, "")
        assert out.splitlines() == [
            "source/uk     ready  3 channels  N s",
            f"proxy/family  ready  {PROXY}  N s",
        ]

    def test_what_has_not_changed_is_told_too(self, folder: Folder) -> None:
        call(folder, "uk")
        call(folder, "epg/guide")
        code, out, _ = call(folder, "guide")
        assert code == 0
        assert out == "epg/guide  ready  1 channel, 1 programme  N s\n"

    def test_a_proxy_that_still_waits_for_others_is_no_failure(self, folder: Folder) -> None:
        code, out, _ = call(folder, "guide")
        assert code == 0
        assert "waits for source/uk" in out

    def test_a_failure_is_told_with_its_sentence(self, folder: Folder) -> None:
        (folder.path / "uk.m3u").unlink()
        code, out, _ = call(folder, "uk")
        assert code == 1
        assert "source/uk" in out
        assert "failing" in out

    @pytest.mark.parametrize(
        ("name", "code", "sentence"),
        [
            ("off", 1, "source/off is disabled in the YAML"),
            ("ukk", 2, 'there is no source or guide "ukk", did you mean "uk"?'),
            ("proxy/family", 2, 'there is no source or guide "proxy/family"'),
        ],
    )
    def test_a_refusal_is_one_sentence(
        self, folder: Folder, name: str, code: int, sentence: str
    ) -> None:
        ended, out, err = call(folder, name)
        assert (ended, out) == (code, "")
        assert err.startswith(f"tvarr: {sentence}")

    def test_a_broken_yaml_is_told_with_its_line(self, folder: Folder) -> None:
        folder.yaml.write_text("sourcs: {}\n")
        code, _, err = call(folder, "uk")
        assert code == 2
        assert "tvarr.yaml:1:1" in err


class TestByTheRunningOne:
    """One real `tvarr run`, asked by the real command."""

    def test_it_refreshes_beside_everything_else(self, folder: Folder) -> None:
        with folder.serving() as served:
            until(lambda: served.get("/ready") == b"ready\n")
            assert call(folder, "uk", "--wait")[:2] == (0, "source/uk: 2 channels\n")
            (folder.path / "uk.m3u").write_text(THREE)
            code, out, err = call(folder, "source/uk", "--wait")
            assert (code, out) == (0, "source/uk: 3 channels\n")
            assert all(line.startswith("source/uk: ") for line in err.splitlines())
            until(lambda: served.files("family")["playlist.m3u"].count(b"#EXTINF") == 3)

            code, out, _ = call(folder, "guide")
            assert (code, out) == (
                0,
                "epg/guide is refreshed now; `tvarr status` tells what comes of it\n",
            )
            (folder.path / "uk.m3u").unlink()
            code, out, err = call(folder, "uk", "--wait")
            assert (code, out) == (1, "")
            assert "tvarr: source/uk: " in err

            assert call(folder, "off") == (1, "", "tvarr: source/off is disabled in the YAML\n")
            for name in ("nothing", "proxy/family", "epg/uk"):
                code, _, err = call(folder, name)
                assert (code, err) == (2, f'tvarr: there is no source or guide "{name}"\n')

    def test_no_proxy_of_the_environment_is_asked(
        self, folder: Folder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
        with folder.serving() as served:
            until(lambda: served.get("/ready") == b"ready\n")
            assert call(folder, "uk")[0] == 0


def event(name: str, data: object) -> bytes:
    return f"event: {name}\nid: r-1\ndata: {json.dumps(data)}\n\n".encode()


def operation(number: int, state: str, message: str = "") -> dict[str, object]:
    moment = "2026-08-22T18:30:00Z"
    return {
        "id": number,
        "type": "ingestion",
        "owner": "source/uk",
        "state": state,
        "stage": "playlist",
        "items": 0,
        "bytes": 1_000_000,
        "bytes_total": None,
        "started": moment,
        "updated": moment,
        "message": message,
    }


ACCEPTED = {"answer": "accepted", "owner": "source/uk", "after": 3, "events": "/e"}


@contextmanager
def pretending(folder: Folder, status: int, answer: bytes, events: bytes = b"") -> Iterator[None]:
    """Hold the data folder, and answer as a tvarr would, or would not."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._send(status, answer)

        def do_GET(self) -> None:
            self._send(200, events)

        def _send(self, code: int, body: bytes) -> None:
            self.send_response(code)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    folder.data.mkdir(exist_ok=True)
    try:
        with locked(folder.data):
            serving.remember(folder.data, "127.0.0.1", server.server_port)
            yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class TestWaiting:
    def test_each_state_is_a_line_in_a_pipe_and_the_end_is_the_answer(self, folder: Folder) -> None:
        events = b"retry: 3000\n" + event(
            "operations", {"operations": [operation(3, "completed", "old")]}
        )
        events += b": still here\n\n"
        for state in ("connecting", "downloading", "downloading"):
            events += event("operation", operation(4, state))
        events += event("operation", operation(4, "completed", "2 channels"))
        with pretending(folder, 202, json.dumps(ACCEPTED).encode(), events):
            code, out, err = call(folder, "uk", "--wait")
        assert (code, out) == (0, "source/uk: 2 channels\n")
        assert err.splitlines() == [
            "source/uk: connecting playlist, 1.0 MB",
            "source/uk: downloading playlist, 1.0 MB",
        ]

    def test_what_ended_before_we_looked_has_ended(self, folder: Folder) -> None:
        events = event("operations", {"operations": [operation(4, "error", "no answer")]})
        with pretending(folder, 202, json.dumps(ACCEPTED).encode(), events):
            code, out, err = call(folder, "uk", "--wait")
        assert (code, out, err) == (1, "", "tvarr: source/uk: no answer\n")

    def test_a_server_that_stops_meanwhile_is_told(self, folder: Folder) -> None:
        with pretending(folder, 202, json.dumps(ACCEPTED).encode(), b": still here\n\n"):
            code, _, err = call(folder, "uk", "--wait")
        assert code == 1
        assert "has stopped before the refresh was over" in err

    def test_one_that_runs_already_is_waited_for_only_on_request(self, folder: Folder) -> None:
        running = {
            **ACCEPTED,
            "answer": "running",
            "error": "source/uk is being refreshed already.",
        }
        events = event("operations", {"operations": [operation(4, "completed", "2 channels")]})
        with pretending(folder, 409, json.dumps(running).encode(), events):
            assert call(folder, "uk") == (1, "", "tvarr: source/uk is being refreshed already\n")
            assert call(folder, "uk", "--wait")[:2] == (0, "source/uk: 2 channels\n")

    @pytest.mark.parametrize("wish", ["--accept", "--force"])
    def test_a_wish_is_not_dropped_for_one_that_runs_without_it(
        self, folder: Folder, wish: str
    ) -> None:
        running = {
            **ACCEPTED,
            "answer": "running",
            "error": "source/uk is being refreshed already.",
        }
        events = event("operations", {"operations": [operation(4, "completed", "2 channels")]})
        with pretending(folder, 409, json.dumps(running).encode(), events):
            told = call(folder, "uk", "--wait", wish)
        assert told == (1, "", "tvarr: source/uk is being refreshed already\n")

    def test_a_pause_is_told_with_its_end(self, folder: Folder) -> None:
        sentence = "the server of source/uk asked for a pause until 2026-08-22 20:30 UTC"
        answer = {**ACCEPTED, "answer": "paused", "error": f"{sentence}."}
        with pretending(folder, 429, json.dumps(answer).encode()):
            assert call(folder, "uk", "--wait") == (1, "", f"tvarr: {sentence}\n")


class TestTrouble:
    def test_another_command_that_holds_the_folder_cannot_be_asked(self, folder: Folder) -> None:
        folder.data.mkdir()
        with locked(folder.data):
            code, _, err = call(folder, "uk")
        assert code == 1
        assert "does not serve, so it cannot be asked" in err

    @pytest.mark.parametrize("answer", [b"", b"[]", b"{}", b'{"error": 1}', b"<html>"])
    def test_something_else_at_that_port_is_told(self, folder: Folder, answer: bytes) -> None:
        with pretending(folder, 200, answer):
            code, out, err = call(folder, "uk")
        assert (code, out) == (1, "")
        assert err.count("\n") == 1

    def test_nobody_at_that_port_is_told(self, folder: Folder) -> None:
        folder.data.mkdir()
        with locked(folder.data):
            serving.remember(folder.data, "127.0.0.1", 1)
            code, _, err = call(folder, "uk")
        assert code == 1
        assert "does not answer at port 1" in err

    def test_refusals_of_the_server_are_told_as_they_are(self, folder: Folder) -> None:
        with pretending(folder, 403, b'{"error": "Only the local network may."}'):
            assert call(folder, "uk") == (1, "", "tvarr: Only the local network may\n")


def test_the_help_names_the_options(folder: Folder) -> None:
    out = subprocess.run(
        [*folder.command("refresh", "--help")], capture_output=True, text=True, check=True
    ).stdout
    assert all(option in out for option in ("--accept", "--force", "--wait"))
    assert module.refresh.__doc__ is not None
