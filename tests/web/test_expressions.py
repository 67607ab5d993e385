"""Sentences over HTTP: checked, tried on what was read, completed; and what is refused."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from aiohttp import web

from tests import builders
from tests.web.world import Client, World, ready
from tvarr.spec.presets import preset_filters, preset_rules
from tvarr.state.conditions import Kind
from tvarr.web import body as bodies
from tvarr.web import expressions
from tvarr.web.expressions import Bench

if TYPE_CHECKING:
    from collections.abc import Callable

PREFIX = 'channel_name matches "^UK: (.*)" SET channel_name = "$1"'
JSON = {"Content-Type": "application/json"}


@pytest.fixture(autouse=True)
def catalog(world: World) -> None:
    """What was read of a playlist and a guide."""
    given = [
        builders.source(
            world.data,
            builders.channel("UK: One", "one", group_title="News"),
            builders.channel("Two", group_title="Sport"),
            builders.channel("Three", group_title="News"),
        ),
        builders.guide(
            world.data,
            builders.programme("one", "18:30", "19:00", "Vera", categories=["Crime", "Drama"]),
            builders.programme("one", "19:00", "20:00", "News", categories=["News"]),
            declared=(builders.guide_channel("one", "One"),),
        ),
    ]
    world.statuses = [ready(Kind(g.kind), g.name, snapshot=g.digest) for g in given]


async def post(
    client: Client, what: str, body: object, headers: dict[str, str] | None = None
) -> tuple[int, Any]:
    """Return the status and the answer; a body that is not bytes is sent as JSON."""
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    url = f"http://127.0.0.1:{client.port}/api/v1/expressions/{what}"
    async with client.session.post(url, data=data, headers=headers or JSON) as answer:
        assert answer.headers["Content-Type"].startswith("application/json")
        assert answer.headers["Cache-Control"] == "no-store"
        return answer.status, orjson.loads(await answer.read())


async def get(client: Client, what: str, status: int = 200) -> Any:
    answer = await client.get(f"/api/v1/expressions/{what}")
    assert answer.status == status, answer.text
    return orjson.loads(answer.body)


class TestValidate:
    async def test_a_right_sentence_is_answered_with_its_canonical_form(
        self, client: Client
    ) -> None:
        body = {"expression": "name contains BBC", "domain": "channel", "kind": "filter"}
        assert await post(client, "validate", body) == (
            200,
            {
                "valid": True,
                "domain": "channel",
                "kind": "filter",
                "canonical": 'channel_name contains "BBC"',
                "tree": ["where", '  channel_name contains "BBC"'],
                "errors": [],
            },
        )

    async def test_a_wrong_one_with_all_that_is_wrong(self, client: Client) -> None:
        body = {"expression": "\nchanel_name = x AND group_title contian y"}
        status, answer = await post(client, "validate", body)
        assert (status, answer["valid"], answer["canonical"]) == (200, False, None)
        assert answer["errors"] == [
            {
                "category": "field",
                "message": 'there is no field "chanel_name"',
                "line": 2,
                "column": 1,
                "length": 11,
                "suggestion": "channel_name",
            },
            {
                "category": "operator",
                "message": 'there is no operator "contian"',
                "line": 2,
                "column": 33,
                "length": 7,
                "suggestion": "contains",
            },
        ]

    async def test_logos_are_those_of_the_running_yaml(self, world: World, client: Client) -> None:
        body = {"expression": "tvg_logo ?= @logo:none"}
        assert (await post(client, "validate", body))[1]["valid"] is False
        world.declare("family")
        assert world.manifest is not None
        logos = {"none": "http://logos.invalid/none.png"}
        world.manifest = world.manifest.model_copy(update={"logos": logos})
        assert (await post(client, "validate", body))[1]["valid"] is True

    async def test_the_longest_sentence_fits_into_a_body(self, client: Client) -> None:
        fits = {"expression": f'name = "{"x" * 65_000}"'}
        assert (await post(client, "validate", fits))[1]["valid"] is True


class TestPreview:
    async def test_it_says_what_would_change(self, client: Client) -> None:
        status, answer = await post(client, "preview", {"expression": PREFIX})
        assert status == 200
        assert answer["valid"] is True
        assert (answer["rows"], answer["matched"], answer["changed"]) == (3, 1, 1)
        assert answer["examples"] == [
            {
                "row": {"source_name": "tv", "channel_name": "UK: One", "group_title": "News"},
                "before": {"channel_name": "UK: One"},
                "after": {"channel_name": "One"},
            }
        ]

    async def test_programmes_are_seen_with_their_channels(self, client: Client) -> None:
        body = {"expression": "group_title = News", "domain": "programme", "limit": 1}
        _, answer = await post(client, "preview", body)
        assert (answer["rows"], answer["matched"], len(answer["examples"])) == (2, 2, 1)

    async def test_a_wrong_sentence_is_answered_as_by_validate(self, client: Client) -> None:
        body = {"expression": "nothing"}
        assert await post(client, "preview", body) == await post(client, "validate", body)

    async def test_one_source_can_be_asked_for(self, client: Client) -> None:
        assert (await post(client, "preview", {"expression": "", "source": "tv"}))[0] == 200
        assert await post(client, "preview", {"expression": "", "source": "uk"}) == (
            400,
            {"error": "`source`: nothing was read yet of a source uk; there is: tv."},
        )

    async def test_more_actions_than_can_be_planned_at_once_are_refused(
        self, client: Client
    ) -> None:
        many = ", ".join(["name += x"] * 201)
        status, answer = await post(client, "preview", {"expression": many})
        assert (status, "200 actions" in answer["error"]) == (400, True)

    async def test_what_was_read_before_may_be_lost(self, world: World, client: Client) -> None:
        world.statuses = [ready(Kind.SOURCE, "tv", snapshot="gone")]
        assert (await post(client, "preview", {"expression": ""}))[1]["rows"] == 0


@pytest.mark.parametrize("what", ["validate", "preview"])
class TestRefused:
    @pytest.mark.parametrize(
        ("body", "sentence"),
        [
            (b"{", "The body is not JSON"),
            (b"\xff", "The body is not JSON"),
            (b"[" * 5_000, "The body is not JSON"),
            (b"[]", "The body is not a JSON object."),
            ({}, "`expression` is missing: the text of a sentence."),
            ({"expression": 5}, "`expression` is not a text."),
            ({"expression": "", "domain": "tv"}, "`domain` is neither channel nor programme."),
            ({"expression": "", "domain": []}, "`domain` is not a text."),
            ({"expression": "", "kind": "x"}, "`kind` is none of: filter, mapping, rule, auto."),
            ({"expression": "", "now": 1}, "There is no 'now' here"),
        ],
        ids=str,
    )
    async def test_a_wrong_body_is_told_in_a_sentence(
        self, client: Client, what: str, body: object, sentence: str
    ) -> None:
        status, answer = await post(client, what, body)
        assert (status, answer["error"][: len(sentence)]) == (400, sentence)

    @pytest.mark.parametrize(
        "headers",
        [
            {"Content-Type": "text/plain"},
            {"Content-Type": "application/x-www-form-urlencoded"},
            {"Content-Type": "application/json", "Content-Encoding": "deflate"},
        ],
        ids=str,
    )
    async def test_what_another_site_could_send_is_not_taken(
        self, client: Client, what: str, headers: dict[str, str]
    ) -> None:
        status, answer = await post(client, what, b"", headers)
        assert status in (400, 415)
        assert "error" in answer

    async def test_a_body_that_is_too_long_is_not_read(self, client: Client, what: str) -> None:
        status, _ = await post(client, what, {"expression": "x" * expressions.LONGEST_BODY})
        assert status == 413

    async def test_a_body_that_does_not_come_is_not_waited_for(
        self, client: Client, what: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bodies, "WAIT", 0.05)
        head = f"POST /api/v1/expressions/{what} HTTP/1.1\r\nHost: localhost\r\n"
        body = "Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
        assert (await client.raw((head + body).encode())).startswith(b"HTTP/1.1 408 ")

    async def test_outsiders_are_refused_as_everywhere(self, client: Client, what: str) -> None:
        status, _ = await post(client, what, {}, {**JSON, "Host": "evil.example"})
        assert status == 421

    async def test_it_is_not_for_reading(self, client: Client, what: str) -> None:
        assert "error" in await get(client, what, 405)


@pytest.mark.parametrize("limit", ["x", "-1", True, None, 1.5, [1]])
async def test_a_limit_is_a_number(client: Client, limit: object) -> None:
    status, answer = await post(client, "preview", {"expression": "", "limit": limit})
    assert (status, answer) == (400, {"error": "`limit`: a number from 0 on is wanted."})


async def test_nothing_else_can_be_posted_to(client: Client) -> None:
    for what in ("completion", "values"):
        status, answer = await post(client, what, {})
        assert (status, "read-only" in answer["error"]) == (405, True)


class TestCompletion:
    async def test_it_has_all_words_of_a_domain(self, client: Client) -> None:
        answer = await get(client, "completion?domain=programme")
        genre = next(field for field in answer["fields"] if field["name"] == "programme_category")
        assert (genre["list"], genre["writable"]) == (True, True)
        assert "genre" in genre["aliases"]
        assert {action["name"] for action in answer["actions"]} >= {"SET", "DELETE"}

    async def test_it_has_the_presets_of_the_domain(self, client: Client) -> None:
        found = [
            preset["name"]
            for domain in ("channel", "programme")
            for preset in (await get(client, f"completion?domain={domain}"))["presets"]
        ]
        assert sorted(found) == sorted([*preset_rules(), *preset_filters()])

    async def test_a_domain_that_is_none_is_refused(self, client: Client) -> None:
        assert "domain" in (await get(client, "completion?domain=x", 400))["error"]


class TestValues:
    async def test_the_most_frequent_comes_first(self, client: Client) -> None:
        assert await get(client, "values?field=group") == {
            "domain": "channel",
            "field": "group_title",
            "total": 2,
            "values": [{"value": "News", "count": 2}, {"value": "Sport", "count": 1}],
        }

    async def test_some_can_be_searched_for(self, client: Client) -> None:
        answer = await get(client, "values?field=genre&domain=programme&q=CR")
        assert answer["values"] == [{"value": "Crime", "count": 1}]

    async def test_some_are_enough(self, client: Client) -> None:
        answer = await get(client, "values?field=group_title&limit=1")
        assert (answer["total"], len(answer["values"])) == (2, 1)

    @pytest.mark.parametrize(
        "query",
        ["", "field=x", "field=url", "field=catchup_source", "field=name&limit=x", "source=x"],
    )
    async def test_what_cannot_be_listed_is_refused(self, client: Client, query: str) -> None:
        assert "error" in await get(client, f"values?{query}", 400)

    async def test_a_source_that_was_never_read_is_told(self, client: Client) -> None:
        assert "tv" in (await get(client, "values?field=name&source=x", 400))["error"]


class TestBench:
    @pytest.fixture
    async def bench(self) -> Any:
        bench = Bench()
        yield bench
        bench.close()

    async def test_when_too_many_wait_the_next_is_refused(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        go_on = threading.Event()

        def work(_stop: Callable[[], bool]) -> bool:
            return go_on.wait(20)

        places = expressions.WORKERS + expressions.QUEUE
        waiting = [asyncio.ensure_future(bench.run(work)) for _ in range(places)]
        await asyncio.sleep(0)
        with pytest.raises(web.HTTPServiceUnavailable):
            await bench.run(work)
        go_on.set()
        assert await asyncio.gather(*waiting) == [True] * places
        assert await bench.run(lambda _stop: 5) == 5

    async def test_who_has_waited_too_long_is_told_and_the_work_may_stop(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(expressions, "LONGEST_WAIT", 0.05)
        stopped = threading.Event()

        def work(stop: Callable[[], bool]) -> None:
            while not stop():
                stopped.wait(0.01)
            stopped.set()

        with pytest.raises(web.HTTPServiceUnavailable):
            await bench.run(work)
        assert await asyncio.to_thread(stopped.wait, 20)
