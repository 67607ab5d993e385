from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.provider import SHOWCASE, Panel, Provider, behaviours, document, in_thread, silent
from tests.provider.__main__ import listed
from tests.provider.showcase import panels, showcase

LOGIN = "username=user&password=password"


def test_synchronous_code_has_a_provider_too() -> None:
    with in_thread(Provider({"/tv": document(b"one")})) as provider:
        with urllib.request.urlopen(provider.url("/tv?x=%20")) as answer:
            assert answer.read() == b"one"
        assert [(seen.method, seen.target) for seen in provider.seen] == [("GET", "/tv?x=%20")]
        with pytest.raises(urllib.error.HTTPError, match="404") as caught:
            urllib.request.urlopen(provider.url("/other"))
        caught.value.close()


async def test_a_provider_stops_at_once_though_a_client_waits() -> None:
    async with Provider({"/tv": silent()}) as provider:
        reader, writer = await asyncio.open_connection("127.0.0.1", provider.port)
        writer.write(b"GET /tv HTTP/1.1\r\nHost: x\r\n\r\n")
        while not provider.seen:  # noqa: ASYNC110 - what it has seen is a plain list
            await asyncio.sleep(0.01)
    try:
        assert await reader.read() == b""
    finally:
        writer.close()
        await writer.wait_closed()


def test_each_behaviour_is_on_show() -> None:
    text = Path(behaviours.__file__).read_text()
    named = [
        line.removeprefix("def ").partition("(")[0]
        for line in text.splitlines()
        if line.startswith("def ") and not line.startswith("def _")
    ]
    shown = {behaviour.__qualname__.partition(".")[0] for behaviour in SHOWCASE.values()}
    # a redirect is a status with a location, and the rest is a panel's
    assert set(named) - {"redirect"} <= shown


def test_by_hand_it_prints_where_everything_is() -> None:
    provider = Provider(showcase(), port=8000)
    lines = listed(provider).splitlines()
    assert "http://127.0.0.1:8000/good.m3u" in lines
    assert "http://127.0.0.1:8000/expired" in lines
    login = "username=viewer&password=sesame"
    assert f"http://127.0.0.1:8000/good/xmltv.php?{login}" in lines
    assert len([line for line in lines if line.startswith("http")]) == len(set(lines)) - 4


def test_by_hand_it_serves() -> None:
    command = [sys.executable, "-m", "tests.provider"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = next(line.strip() for line in process.stdout if line.startswith("http"))
            with urllib.request.urlopen(url) as answer:
                assert answer.read().startswith(b"#EXTM3U")
        finally:
            process.terminate()


class TestPanel:
    def got(self, provider: Provider, target: str) -> Any:
        with urllib.request.urlopen(provider.url(target)) as answer:
            body = answer.read()
        return json.loads(body) if body[:1] in b"{[" else body.decode()

    def test_it_answers_like_a_panel(self) -> None:
        panel = Panel(expires=datetime(2027, 1, 1, tzinfo=UTC), active=1, connections=3)
        with in_thread(Provider(panel.table("/x"))) as provider:
            facts = self.got(provider, f"/x/player_api.php?{LOGIN}")["user_info"]
            assert (facts["auth"], facts["exp_date"]) == (1, "1798761600")
            assert (facts["active_cons"], facts["max_connections"]) == ("1", "3")
            api = f"/x/player_api.php?{LOGIN}&action="
            assert len(self.got(provider, api + "get_live_streams")) == 10
            assert len(self.got(provider, api + "get_vod_streams")) == 5
            assert len(self.got(provider, api + "get_series")) == 3
            assert "1" in self.got(provider, api + "get_series_info&series_id=300001")["episodes"]
            assert "user_info" in self.got(provider, api + "no_such_thing")
            assert self.got(provider, f"/x/get.php?{LOGIN}").count("#EXTINF") == 10
            assert self.got(provider, f"/x/xmltv.php?{LOGIN}").count("<programme") == 40
        assert panel.asked[:2] == ["", "get_live_streams"]

    def test_a_wrong_login_is_refused_as_the_test_wants(self) -> None:
        panel = Panel()
        with in_thread(Provider(panel.table())) as provider:
            wrong = "/player_api.php?username=user&password=wrong"
            assert self.got(provider, wrong) == {"user_info": {"auth": 0}}
            panel.refusal = 401
            with pytest.raises(urllib.error.HTTPError, match="401") as caught:
                self.got(provider, wrong)
            caught.value.close()

    def test_an_action_may_do_anything(self) -> None:
        panel = Panel(says={"get_series": document(b"[1")})
        with in_thread(Provider(panel.table())) as provider:
            url = provider.url(f"/player_api.php?{LOGIN}&action=get_series")
            with urllib.request.urlopen(url) as answer:
                assert answer.read() == b"[1"

    def test_real_answers_are_given_as_they_are(self, real_data: Path) -> None:
        panel = Panel.of(real_data / "xtream" / "panel-a")
        with in_thread(Provider(panel.table())) as provider:
            found = self.got(provider, f"/player_api.php?{LOGIN}&action=get_live_streams")
            assert len(found) == 2606
            assert "#EXTINF" in self.got(provider, f"/get.php?{LOGIN}")

    def test_every_account_on_show_has_its_pages(self) -> None:
        for place in panels():
            assert {f"{place}/player_api.php", f"{place}/xmltv.php"} <= set(SHOWCASE)
