from __future__ import annotations

import orjson
import pytest

from tests.web.world import Client, World
from tvarr.web import panel

BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


async def test_a_player_is_refused_with_one_line_of_text(world: World, client: Client) -> None:
    world.declare("family")
    answer = await client.get("/nothing")
    assert answer.status == 404
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.text == "There is nothing at this address. The proxies are: family.\n"


async def test_a_browser_is_refused_with_a_page(world: World, client: Client) -> None:
    world.declare("family")
    answer = await client.get("/kids/guide.xml", BROWSER)
    assert answer.status == 404
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "There is no proxy kids. The proxies are: family." in answer.text


async def test_a_script_is_refused_with_json(client: Client) -> None:
    answer = await client.get("/api/v1/nothing", BROWSER)
    assert answer.status == 404
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert orjson.loads(answer.body) == {
        "error": "There is nothing at this address. No proxy is declared."
    }


@pytest.mark.parametrize(
    ("path", "root"), [("/a", ""), ("/a/b", "../"), ("/a/b/c", "../../"), ("//a", "../")]
)
async def test_a_refusals_page_finds_its_style_behind_any_prefix(
    client: Client, path: str, root: str
) -> None:
    answer = await client.get(path, BROWSER)
    assert f'href="{root}static/panel.css?' in answer.text
    assert f'<a href="{root or "./"}">' in answer.text


def test_a_sentence_is_escaped_in_the_page() -> None:
    page = panel.render_error(404, "There is no <script>alert(1)</script>.", "/<script>")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize(
    "method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"]
)
@pytest.mark.parametrize("path", ["/", "/family/guide.xml", "/api/v1/status", "/nothing"])
async def test_every_method_but_get_and_head_is_refused(
    client: Client, method: str, path: str
) -> None:
    answer = await client.get(path, method=method)
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET,HEAD"
    assert "read-only" in answer.text


async def test_a_body_that_nobody_asked_for_is_not_read(client: Client) -> None:
    answer = await client.raw(
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000000\r\n\r\nabc"
    )
    assert answer.startswith(b"HTTP/1.1 405 ")
    assert b"Connection: close" in answer


async def test_a_failure_of_ours_is_logged_and_told_without_its_reason(
    world: World,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail() -> list[object]:
        raise RuntimeError("http://user:secret@provider.invalid/ is broken")

    monkeypatch.setattr(world, "all", fail)
    answer = await client.get("/api/v1/status")
    assert answer.status == 500
    assert orjson.loads(answer.body) == {
        "error": "Something is wrong inside tvarr; its log says what."
    }
    assert "a request for /api/v1/status failed" in caplog.text


async def test_the_next_request_is_answered_after_a_failure(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.delattr(World, "all")
        assert (await client.get("/")).status == 500
    assert (await client.get("/")).status == 200
