from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
import polars as pl
import pytest

from tests.web.world import NOW, Client, World, condition, ready
from tvarr import __version__
from tvarr.catalog import schema
from tvarr.errors import Reason
from tvarr.pipeline.match import MATCHES
from tvarr.pipeline.quality import FACTS, SCHEMA
from tvarr.spec.proxy import GuideWindow
from tvarr.spec.sentences import Filter, Rule, Selection
from tvarr.state.conditions import ConditionType, Kind, Problem, Sample, Status, StepCount

if TYPE_CHECKING:
    from pathlib import Path


async def ask(client: Client, path: str, status: int = 200) -> Any:
    answer = await client.get(path)
    assert answer.status == status, answer.text
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.headers["Cache-Control"] == "no-store"
    return orjson.loads(answer.body)


# --- status --------------------------------------------------------------------------------------


async def test_the_status_tells_everything_about_each_resource(
    world: World, client: Client
) -> None:
    world.declare("family", base_url="http://tv.lan:8888")
    world.statuses = [
        ready(
            Kind.SOURCE,
            "freeview",
            counts={"channels": 3},
            rejected={"entry without a URL": 1},
            samples=(Sample(line=7, problem="entry without a URL", excerpt="#EXTINF:-1,A"),),
            snapshot="abc",
            last_success=NOW,
            next_due=NOW + timedelta(hours=6),
        )
    ]
    answer = await ask(client, "/api/v1/status")
    assert answer["version"] == __version__
    assert answer["started"] == "2026-08-22T18:30:00Z"
    assert answer["state"] == "waiting"
    (source,) = answer["sources"]
    assert source["kind"] == "source"
    assert source["name"] == "freeview"
    assert source["state"] == "ready"
    assert source["counts"] == {"channels": 3}
    assert source["rejected"] == {"entry without a URL": 1}
    assert source["samples"] == [
        {"line": 7, "problem": "entry without a URL", "excerpt": "#EXTINF:-1,A"}
    ]
    assert source["revision"] == "abc"
    assert source["last_success"] == "2026-08-22T18:30:00Z"
    assert source["next_due"] == "2026-08-23T00:30:00Z"
    assert source["conditions"] == [
        {
            "type": "Ready",
            "status": True,
            "reason": "Succeeded",
            "message": "A sentence.",
            "since": "2026-08-22T18:30:00Z",
        }
    ]
    assert answer["proxies"][0]["links"] == {
        "playlist": "http://tv.lan:8888/family/playlist.m3u",
        "playlist_gz": "http://tv.lan:8888/family/playlist.m3u.gz",
        "guide": "http://tv.lan:8888/family/guide.xml",
        "guide_gz": "http://tv.lan:8888/family/guide.xml.gz",
    }


async def test_links_are_under_the_address_that_was_asked(world: World, client: Client) -> None:
    world.declare("family")
    answer = await client.get("/api/v1/status", {"Host": "tvarr.local:1234"})
    links = orjson.loads(answer.body)["proxies"][0]["links"]
    assert links["playlist"] == "http://tvarr.local:1234/family/playlist.m3u"


async def test_the_status_tells_file_line_column_and_message_of_a_bad_edit(
    world: World, client: Client
) -> None:
    world.declare("family")
    problem = Problem(file="tvarr.yaml", line=3, column=5, where="sources.x", message="is wrong")
    world.statuses = [
        Status(
            kind=Kind.MANIFEST,
            name="tvarr",
            conditions=(condition(ConditionType.STALLED, Reason.CONFIG_INVALID),),
            problems=(problem,),
        )
    ]
    answer = await ask(client, "/api/v1/status")
    assert answer["state"] == "stalled"
    assert answer["manifest"]["running"] is True
    assert answer["manifest"]["problems"] == [
        {"file": "tvarr.yaml", "line": 3, "column": 5, "where": "sources.x", "message": "is wrong"}
    ]


async def test_no_declared_address_and_no_credential_is_in_the_status(
    world: World, client: Client
) -> None:
    world.declare("family")
    failed = condition(
        ConditionType.READY, Reason.TIMEOUT, "http://u:hunter2@x.invalid/?p=hunter2", holds=False
    )
    world.statuses = [Status(kind=Kind.SOURCE, name="freeview", conditions=(failed,))]
    body = (await client.get("/api/v1/status")).text
    assert "hunter2" not in body
    assert "secret-token" not in body


# --- channels ------------------------------------------------------------------------------------


def channel(number: int, name: str, group: str | None, **fields: object) -> dict[str, object]:
    return {
        "channel_id": f"freeview.{number:013x}",
        "source": "freeview",
        "name": name,
        "group_title": group,
        "tvg_id": f"{number}.tv",
        "guide_id": f"{number}.tv",
        "number": str(number),
        "stream_url": "http://user:hunter2@provider.invalid/1",
        **fields,
    }


LINEUP = [
    channel(1, "BBC One", "General"),
    channel(2, "Überraschung", "Kinder"),
    channel(3, "Das (Erste)", None),
    channel(4, "<script>alert(1)</script>", "News"),
    channel(5, "News 24", "News", tvg_id="", guide_id="freeview.5"),
]


def publish_lineup(world: World, revision: str = "r1") -> None:
    columns = {**schema.CHANNELS, "number": pl.String, "guide_id": pl.String}
    folder = world.publish("family", revision, {"playlist.m3u": b"#EXTM3U\n"})
    pl.DataFrame(LINEUP, schema=columns).write_parquet(folder / "lineup.parquet")


@pytest.fixture
def lineup(world: World) -> None:
    world.declare("family")
    publish_lineup(world)


CHANNELS = "/api/v1/proxies/family/channels"


@pytest.mark.usefixtures("lineup")
async def test_where_duplicates_are_kept_no_streams_are_told(client: Client) -> None:
    answer = await client.get(f"{CHANNELS}/freeview.0000000000001/streams")
    assert answer.status == 404
    assert "It keeps duplicates." in answer.text


@pytest.mark.usefixtures("lineup")
async def test_channels_come_in_the_lineups_order_without_their_streams(client: Client) -> None:
    answer = await ask(client, CHANNELS)
    assert (answer["proxy"], answer["revision"], answer["total"]) == ("family", "r1", 5)
    assert answer["channels"][0] == {
        "number": "1",
        "id": "freeview.0000000000001",
        "name": "BBC One",
        "tvg_id": "1.tv",
        "group": "General",
        "quality": dict.fromkeys(FACTS),
        "streams": 1,
    }
    assert [row["number"] for row in answer["channels"]] == ["1", "2", "3", "4", "5"]
    assert "hunter2" not in str(answer)


async def test_a_channel_comes_with_what_it_says_of_its_quality(
    client: Client, world: World
) -> None:
    world.declare("family")
    folder = world.publish("family", "r1", {"playlist.m3u": b"#EXTM3U\n"})
    said = {"quality_resolution": "1080p", "quality_tier": "VIP", "quality_fps": "50"}
    columns = {**schema.CHANNELS, "number": pl.String, "guide_id": pl.String, **SCHEMA}
    rows = [{**channel(1, "BBC One", "General"), **said}]
    pl.DataFrame(rows, schema=columns).write_parquet(folder / "lineup.parquet")

    (row,) = (await ask(client, CHANNELS))["channels"]

    told = {"resolution": "1080p", "tier": "VIP", "fps": "50"}
    assert row["quality"] == dict.fromkeys(FACTS) | told


@pytest.mark.usefixtures("lineup")
@pytest.mark.parametrize(
    ("query", "numbers", "total"),
    [
        ("limit=2", [1, 2], 5),
        ("offset=3", [4, 5], 5),
        ("offset=1&limit=2", [2, 3], 5),
        ("offset=99", [], 5),
        ("limit=0", [], 5),
        ("limit=999999", [1, 2, 3, 4, 5], 5),
        ("q=bbc", [1], 1),
        ("q=NEWS", [4, 5], 2),
        ("q=NEWS&offset=1", [5], 2),
        ("q=%C3%BCBER", [2], 1),
        ("q=(erste)", [3], 1),
        ("q=.*", [], 0),
        ("q=%20", [1, 2, 3, 4, 5], 5),
        ("q=hunter2", [], 0),
    ],
)
async def test_channels_are_paged_and_searched(
    client: Client, query: str, numbers: list[int], total: int
) -> None:
    answer = await ask(client, f"{CHANNELS}?{query}")
    assert [row["number"] for row in answer["channels"]] == [str(number) for number in numbers]
    assert answer["total"] == total


@pytest.mark.usefixtures("lineup")
@pytest.mark.parametrize("query", ["limit=-1", "limit=x", "offset=1e3", "offset=" + "9" * 5000])
async def test_a_page_that_cannot_be_is_refused(client: Client, query: str) -> None:
    answer = await ask(client, f"{CHANNELS}?{query}", 400)
    assert "a number from 0 on is wanted" in answer["error"]


@pytest.mark.parametrize("content", [b"", b"no table", b"PAR1" + bytes(40) + b"PAR1"])
@pytest.mark.parametrize(
    ("damaged", "path"),
    [
        ("lineup", CHANNELS),
        ("lineup", "/api/v1/proxies/family/programmes?channel=1.tv"),
        ("matches", "/api/v1/proxies/family/programmes?channel=1.tv"),
        ("candidates", CHANNELS),
        ("candidates", f"{CHANNELS}/freeview.0000000000001/streams"),
    ],
)
@pytest.mark.usefixtures("lineup")
async def test_a_damaged_table_is_told_and_logged_once(
    world: World,
    client: Client,
    caplog: pytest.LogCaptureFixture,
    damaged: str,
    path: str,
    content: bytes,
) -> None:
    (world.data / "revisions" / "family" / "r1" / f"{damaged}.parquet").write_bytes(content)
    for _ in range(2):
        answer = await ask(client, path, 503)
        sentence = "What is published of family cannot be read; its next build mends that."
        assert answer["error"] == sentence
    assert caplog.text.count("r1 cannot be read: ") == 1


async def test_channels_of_an_unknown_or_unbuilt_proxy(world: World, client: Client) -> None:
    world.declare("family")
    answer = await ask(client, "/api/v1/proxies/kids/channels", 404)
    assert answer == {"error": "There is no proxy kids. The proxies are: family."}
    answer = await ask(client, CHANNELS, 503)
    assert answer == {"error": "family is not built yet; try again in a moment."}


# --- programmes ----------------------------------------------------------------------------------


def programme(channel: str, hour: float, title: str, **fields: object) -> dict[str, object]:
    start = NOW.replace(hour=0, minute=0) + timedelta(hours=hour)
    return {
        "guide": "uk",
        "guide_channel": channel,
        "start": start,
        "stop": start + timedelta(hours=1),
        "title": title,
        "categories": ["News", "Local"],
        "extra": "",
        "inner": f"<title>{title}</title>",
        **fields,
    }


def store_guide(world: World, programmes: list[dict[str, object]]) -> Path:
    folder = world.data / "snapshots/epg/uk/digest"
    folder.mkdir(parents=True)
    channels = [{"guide": "uk", "guide_channel": name} for name in ("1.tv", "2.tv")]
    pl.DataFrame(channels, schema=schema.GUIDE_CHANNELS).write_parquet(folder / "channels.parquet")
    frame = pl.DataFrame(programmes, schema=schema.PROGRAMMES).sort("guide_channel", "start")
    frame.write_parquet(folder / "programmes.parquet")
    world.statuses.append(ready(Kind.EPG, "uk", snapshot="digest"))
    return folder


@pytest.fixture
def guide(world: World, lineup: None) -> Path:
    return store_guide(
        world,
        [
            programme("1.tv", 12, "Lunch"),
            programme("1.tv", 18, "Tea", subtitle="with <cake>", season=2, episode="1.2."),
            programme("1.tv", 19, "Supper", stop=None),
            programme("1.tv", 43, "Tomorrow"),
            programme("2.tv", 18, "Elsewhere"),
        ],
    )


PROGRAMMES = "/api/v1/proxies/family/programmes"


def titles(answer: Any) -> list[str]:
    return [row["title"] for row in answer["programmes"]]


@pytest.mark.usefixtures("guide")
async def test_the_next_day_of_one_channel_starts_with_what_is_on(client: Client) -> None:
    answer = await ask(client, f"{PROGRAMMES}?channel=1.tv")
    assert titles(answer) == ["Tea", "Supper"]
    assert answer["from"] == "2026-08-22T18:30:00Z"
    assert answer["to"] == "2026-08-23T18:30:00Z"
    assert answer["total"] == 2
    assert answer["programmes"][0] == {
        "start": "2026-08-22T18:00:00Z",
        "stop": "2026-08-22T19:00:00Z",
        "title": "Tea",
        "subtitle": "with <cake>",
        "description": None,
        "categories": ["News", "Local"],
        "episode": "1.2.",
        "season": 2,
        "icon": None,
        "rating": None,
        "language": None,
        "guide": "uk",
    }


@pytest.mark.usefixtures("guide")
async def test_programmes_are_as_the_proxys_rules_leave_them(world: World, client: Client) -> None:
    manifest = world.manifest
    assert manifest is not None
    tea = Rule(applies_to="programmes", do='title = "Tea" SET title = "$channel_name"')
    late = Filter(applies_to="programmes", where='title = "Supper"')
    steps = {"rules": {"tea": tea}, "filters": {"late": late}}
    listed = {"rules": ("tea",), "filters": (Selection(exclude="late"),)}
    family = manifest.proxies["family"].model_copy(update=listed)
    world.manifest = manifest.model_copy(update={**steps, "proxies": {"family": family}})
    assert titles(await ask(client, f"{PROGRAMMES}?channel=1.tv")) == ["BBC One"]


async def test_the_status_tells_what_rules_and_filters_came_to(
    world: World, client: Client
) -> None:
    step = StepCount(name="tidy", verdict="rule", domain="channel", matched=1200, changed=3)
    world.declare("family")
    world.statuses.append(ready(Kind.PROXY, "family", steps=(step,)))
    [proxy] = (await ask(client, "/api/v1/status"))["proxies"]
    assert proxy["steps"] == [step.model_dump()]
    page = (await client.get("/")).body.decode()
    assert '<th scope="row">tidy</th><td>rule · channels</td><td>1,200</td><td>3</td>' in page


@pytest.mark.usefixtures("guide")
async def test_a_channel_is_named_by_its_tvg_id_or_its_own_id(client: Client) -> None:
    answer = await ask(client, f"{PROGRAMMES}?channel=freeview.0000000000002")
    assert titles(answer) == ["Elsewhere"]


@pytest.mark.usefixtures("guide")
@pytest.mark.parametrize(
    "window",
    [
        "from=2026-08-22T11:00:00Z&to=2026-08-22T13:00:00Z",
        "from=2026-08-22T13:00:00%2B02:00&to=2026-08-22T15:00:00%2B02:00",
        "from=2026-08-22T13:00:00+02:00&to=2026-08-22T15:00:00+02:00",
        "from=2026-08-22T12:59:59Z&to=2026-08-22T13:00:00Z",
    ],
)
async def test_a_window_may_be_asked_for_in_any_offset(client: Client, window: str) -> None:
    assert titles(await ask(client, f"{PROGRAMMES}?channel=1.tv&{window}")) == ["Lunch"]


@pytest.mark.usefixtures("guide")
@pytest.mark.parametrize(
    "window",
    [
        "from=tonight",
        "from=2026-08-22T18:00:00",
        "from=2026-08-22T18:00:00Z&to=2026-08-22T18:00:00Z",
        "from=2026-08-22T18:00:00Z&to=2026-08-21T18:00:00Z",
        "from=2026-08-22T18:00:00Z&to=2027-08-22T18:00:00Z",
        "from=0001-01-01T00:00:00%2B14:00",
        "from=9999-12-31T23:00:00Z",
    ],
)
async def test_a_window_that_cannot_be_is_refused(client: Client, window: str) -> None:
    answer = await ask(client, f"{PROGRAMMES}?channel=1.tv&{window}", 400)
    assert answer["error"]


@pytest.mark.usefixtures("guide")
async def test_a_channel_has_to_be_named_and_known(client: Client) -> None:
    assert "`channel` is missing" in (await ask(client, PROGRAMMES, 400))["error"]
    answer = await ask(client, f"{PROGRAMMES}?channel=%3Cb%3E", 404)
    assert answer == {"error": "family has no channel <b>."}


@pytest.mark.usefixtures("guide")
async def test_a_channel_without_a_guide_has_no_programmes(client: Client) -> None:
    assert titles(await ask(client, f"{PROGRAMMES}?channel=3.tv")) == []


@pytest.mark.usefixtures("guide")
async def test_a_channel_without_programmes_has_made_up_ones_where_the_yaml_says_so(
    world: World, client: Client
) -> None:
    manifest = world.manifest
    assert manifest is not None
    filled = GuideWindow.model_validate({"fill": "dummy"})
    family = manifest.proxies["family"].model_copy(update={"guide": filled})
    world.manifest = manifest.model_copy(update={"proxies": {"family": family}})
    assert set(titles(await ask(client, f"{PROGRAMMES}?channel=3.tv"))) == {"Das (Erste)"}
    assert "Tea" in titles(await ask(client, f"{PROGRAMMES}?channel=1.tv"))


@pytest.mark.usefixtures("guide")
async def test_programmes_are_those_of_the_guide_channel_that_the_build_found(
    world: World, client: Client
) -> None:
    folder = world.data / "revisions" / "family" / "r1"
    found = [("3.tv", "uk", "1.tv", 0, "name", 96)]
    pl.DataFrame(found, schema=MATCHES, orient="row").write_parquet(folder / "matches.parquet")
    assert "Tea" in titles(await ask(client, f"{PROGRAMMES}?channel=3.tv"))
    assert titles(await ask(client, f"{PROGRAMMES}?channel=1.tv")) == []


@pytest.mark.usefixtures("lineup")
async def test_before_the_guide_was_read_there_are_no_programmes(client: Client) -> None:
    assert titles(await ask(client, f"{PROGRAMMES}?channel=1.tv")) == []


async def test_a_guide_whose_snapshot_is_lost_counts_as_not_read(
    world: World, client: Client, guide: Path
) -> None:
    shutil.rmtree(guide)
    assert titles(await ask(client, f"{PROGRAMMES}?channel=1.tv")) == []


@pytest.mark.usefixtures("lineup")
async def test_an_answer_has_a_limit_and_says_how_much_there_is(
    world: World, client: Client
) -> None:
    first = datetime(2026, 8, 22, tzinfo=UTC)
    minutes = [
        programme("1.tv", 0, f"{i}", start=first + timedelta(minutes=i), stop=None)
        for i in range(6_000)
    ]
    store_guide(world, minutes)
    window = "from=2026-08-22T00:00:00Z&to=2026-08-30T00:00:00Z"
    answer = await ask(client, f"{PROGRAMMES}?channel=1.tv&{window}")
    assert answer["total"] == 6_000
    assert len(answer["programmes"]) == 5_000
