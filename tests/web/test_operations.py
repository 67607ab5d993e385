"""Refreshes over HTTP: who may ask, what is answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from tests.web.world import NOW, Answer, Client, World, serve
from tvarr.progress import Answer as Said
from tvarr.progress import Asked
from tvarr.web import access

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

PATH = "/api/v1/sources/freeview/refresh"
JSON = {"Content-Type": "application/json"}


@dataclass
class Controller:
    """Says what it is told to say, and keeps what it was asked."""

    says: Said = Said.ACCEPTED
    until: Any = None
    asked: list[tuple[str, bool, bool]] = field(default_factory=list)

    def refresh(self, key: str, *, accept: bool, force: bool) -> Asked:
        self.asked.append((key, accept, force))
        return Asked(key, self.says, f"{key}: a sentence", 7, self.until)


@pytest.fixture
def controller(world: World) -> Controller:
    controller = Controller()
    world.refresh = controller.refresh
    return controller


@pytest.fixture
async def client(world: World, controller: Controller) -> AsyncIterator[Client]:
    """Return who asks a server that has the controller."""
    async with serve(world) as client:
        yield client


async def post(
    client: Client, path: str = PATH, body: bytes = b"{}", /, **headers: str
) -> tuple[Answer, dict[str, Any]]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with client.session.post(
        f"http://127.0.0.1:{client.port}{path}", data=body, headers=JSON | named
    ) as answer:
        content = await answer.read()
        return Answer(answer.status, answer.headers.copy(), content), orjson.loads(content)


class TestAccepted:
    async def test_it_is_answered_with_the_operation_s_place(
        self, client: Client, controller: Controller
    ) -> None:
        answer, body = await post(client)
        assert answer.status == 202
        assert answer.headers["Location"] == "/api/v1/progress?owner=source/freeview"
        assert body == {
            "owner": "source/freeview",
            "answer": "accepted",
            "after": 7,
            "operation": "/api/v1/progress?owner=source/freeview",
            "events": "/api/v1/progress/events?owner=source/freeview",
            "message": "source/freeview: a sentence.",
        }
        assert (await client.get(body["operation"])).status == 200

    async def test_a_guide_is_asked_for_by_its_own_path(
        self, client: Client, controller: Controller
    ) -> None:
        await post(client, "/api/v1/epg/uk/refresh")
        assert controller.asked == [("epg/uk", False, False)]

    async def test_a_proxy_is_built_by_a_path_of_its_own(
        self, client: Client, controller: Controller
    ) -> None:
        answer, body = await post(client, "/api/v1/proxies/family/build")
        assert answer.status == 202
        assert controller.asked == [("proxy/family", False, False)]
        assert body["events"] == "/api/v1/progress/events?owner=proxy/family"

    async def test_what_is_held_back_is_accepted_and_a_pause_disregarded_by_request(
        self, client: Client, controller: Controller
    ) -> None:
        await post(client, PATH, b'{"accept": true}')
        await post(client, PATH, b'{"force": true, "accept": false}')
        assert controller.asked == [
            ("source/freeview", True, False),
            ("source/freeview", False, True),
        ]


class TestRefused:
    @pytest.mark.parametrize(
        ("says", "status"),
        [(Said.UNKNOWN, 404), (Said.RUNNING, 409), (Said.DISABLED, 409), (Said.PAUSED, 429)],
    )
    async def test_each_refusal_has_its_status_and_a_sentence(
        self, client: Client, controller: Controller, says: Said, status: int
    ) -> None:
        controller.says = says
        answer, body = await post(client)
        assert answer.status == status
        assert body["error"] == "source/freeview: a sentence."
        assert body["answer"] == says

    async def test_a_pause_is_told_with_its_end(
        self, client: Client, controller: Controller
    ) -> None:
        controller.says, controller.until = Said.PAUSED, NOW + timedelta(minutes=10)
        answer, body = await post(client)
        assert answer.headers["Retry-After"] == "600"
        assert body["until"] == "2026-08-22T18:40:00Z"

    async def test_what_runs_already_is_told_with_its_place(
        self, client: Client, controller: Controller
    ) -> None:
        controller.says = Said.RUNNING
        answer, body = await post(client)
        assert answer.headers["Location"] == body["operation"]

    @pytest.mark.parametrize(
        "body", [b"", b"[]", b"{", b'{"accept": "yes"}', b'{"force": 1}', b'{"forse": true}']
    )
    async def test_a_wrong_body_asks_for_nothing(
        self, client: Client, controller: Controller, body: bytes
    ) -> None:
        answer, _ = await post(client, PATH, body)
        assert answer.status == 400
        assert controller.asked == []

    async def test_a_long_body_is_not_read(self, client: Client, controller: Controller) -> None:
        answer, _ = await post(client, PATH, b'{"accept": true}'.ljust(5000))
        assert answer.status == 413
        assert controller.asked == []

    async def test_where_nobody_could_do_it_is_said(self, tmp_path: Path) -> None:
        async with serve(World(tmp_path)) as client:
            answer, body = await post(client)
        assert (answer.status, "refreshed" in body["error"]) == (503, True)


class TestStrangers:
    @pytest.mark.parametrize(
        "kind", ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"]
    )
    async def test_a_form_of_another_page_cannot_send_it(
        self, client: Client, controller: Controller, kind: str
    ) -> None:
        answer, _ = await post(client, Content_Type=kind)
        assert answer.status == 415
        assert controller.asked == []

    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "http://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://["},
            {"Origin": ""},
            {"Origin": "http://127.0.0.1:1"},
            {"Sec_Fetch_Site": "cross-site"},
            {"Sec_Fetch_Site": "same-site"},
        ],
    )
    async def test_a_page_of_another_site_may_not_ask(
        self, client: Client, controller: Controller, headers: dict[str, str]
    ) -> None:
        answer, _ = await post(client, **headers)
        assert answer.status == 403
        assert controller.asked == []

    async def test_a_page_of_our_own_may(self, client: Client, controller: Controller) -> None:
        own = f"http://127.0.0.1:{client.port}"
        answer, _ = await post(client, Origin=own, Sec_Fetch_Site="same-origin")
        assert answer.status == 202

    async def test_a_page_behind_the_declared_name_may(
        self, world: World, client: Client, controller: Controller
    ) -> None:
        world.declare("family", base_url="https://tv.example.org")
        answer, _ = await post(client, Host="tv.example.org", Origin="https://tv.example.org")
        assert answer.status == 202

    @pytest.mark.parametrize("openness", ["lan", "open"])
    async def test_a_name_from_outside_is_not_ours_however_open_the_files_are(
        self, world: World, client: Client, controller: Controller, openness: str
    ) -> None:
        world.declare("family", access=openness)
        answer, _ = await post(client, Host="evil.example")
        assert answer.status == 421
        assert controller.asked == []

    async def test_only_the_local_network_may_however_open_the_files_are(
        self,
        world: World,
        client: Client,
        controller: Controller,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        world.declare("family", access="open")
        monkeypatch.setattr(access, "LOCAL_NETWORKS", ())
        assert (await client.get("/live")).status == 200
        answer, _ = await post(client)
        assert answer.status == 403
        assert controller.asked == []

    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
    async def test_nothing_but_post_asks(
        self, client: Client, controller: Controller, method: str
    ) -> None:
        assert (await client.get(PATH, method=method)).status == 405
        assert controller.asked == []


async def test_a_name_of_odd_letters_is_looked_for_as_it_is(
    client: Client, controller: Controller, world: World
) -> None:
    controller.says = Said.UNKNOWN
    answer, _ = await post(client, "/api/v1/sources/a%2Fb%0d%0aX/refresh")
    assert answer.status == 404
    assert "\n" not in answer.headers.get("Location", "")
