from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from lxml import html

from tests.web.world import NOW, Client, World, condition, ready
from tvarr.errors import Reason
from tvarr.state.conditions import Account, ConditionType, Kind, Problem, Sample, Status
from tvarr.web.panel import relative, render_page

XSS = "<script>alert(1)</script>\" onmouseover='alert(2)"


def page_of(world: World) -> html.HtmlElement:
    return html.document_fromstring(render_page(world.view, "http://tv.lan:8888"))


def text_of(world: World, ident: str) -> str:
    return " ".join(page_of(world).get_element_by_id(ident).text_content().split())


def found(page: html.HtmlElement, xpath: str) -> list[str]:
    results = page.xpath(xpath)
    assert isinstance(results, list)
    return [str(result) for result in results]


@pytest.fixture
def running(world: World) -> World:
    world.declare("family")
    world.statuses = [
        ready(Kind.MANIFEST, "tvarr", last_success=NOW - timedelta(minutes=12)),
        ready(
            Kind.SOURCE,
            "freeview",
            counts={"channels": 24294},
            snapshot="s",
            last_success=NOW - timedelta(hours=3),
            next_due=NOW + timedelta(hours=3),
        ),
        ready(Kind.EPG, "uk", counts={"channels": 400, "programmes": 71696}, snapshot="s"),
        ready(
            Kind.PROXY,
            "family",
            counts={"entries": 24294, "with_programmes": 2491, "trimmed": 7},
            revision="r1",
            last_success=NOW - timedelta(seconds=20),
        ),
    ]
    return world


def test_a_folder_of_films_is_not_said_to_have_no_channels(running: World) -> None:
    counts = {"channels": 0, "films": 3, "series": 2}
    running.statuses = [*running.statuses]
    running.statuses[1] = ready(Kind.SOURCE, "freeview", counts=counts, snapshot="s")
    text = text_of(running, "source-freeview")
    assert "3 films 2 series" in text
    assert "channels" not in text


async def test_the_page_is_html_that_is_never_stored(running: World, client: Client) -> None:
    answer = await client.get("/")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_state_of_everything_is_the_heading(running: World) -> None:
    page = page_of(running)
    assert page.findtext(".//h1") == "Everything is up to date"
    assert text_of(running, "overall") == (
        "Everything is up to date 1 proxy, 1 source and 1 guide;"
        " the YAML file was read 12 minutes ago"
    )


def test_a_proxy_shows_its_counts_times_and_addresses(running: World) -> None:
    card = text_of(running, "proxy-family")
    assert "family Ready" in card
    assert "channels 24,294" in card
    assert "with programmes 2,491" in card
    assert "Published just now" in card
    assert "7 trimmed" in card
    for name in ("playlist.m3u", "guide.xml", "guide.xml.gz"):
        assert f"http://tv.lan:8888/family/{name}" in card


def proxy_with(running: World, **fields: Any) -> str:
    status = running.statuses[3].model_copy(update=fields)
    running.statuses = [*running.statuses[:3], status]
    return text_of(running, "proxy-family")


def test_a_proxy_shows_how_many_channels_have_which_resolution(running: World) -> None:
    counts = {"2160p": 12, "1080p": 1204, "unknown": 23078}
    assert "2160p 12 1080p 1,204 unknown 23,078" in proxy_with(running, qualities=counts)


def test_where_nothing_is_known_of_quality_nothing_is_shown(running: World) -> None:
    assert "unknown" not in proxy_with(running, qualities={"unknown": 24294})


def test_a_proxy_shows_how_many_channels_are_merged_and_hidden(running: World) -> None:
    card = proxy_with(running, counts={"channels": 12, "merged": 7, "hidden": 1500})
    assert "channels 12 merged 7 hidden 1,500" in card


def test_a_proxy_with_several_guides_shows_what_each_one_gave(running: World) -> None:
    card = proxy_with(running, from_guides={"uk": 5210, "more": 0})
    assert "Programmes by guide 5,210 uk 0 more" in card
    assert "Programmes by guide" not in proxy_with(running, from_guides={"uk": 5210})


def test_an_address_is_copied_whole_and_followed_relatively(running: World) -> None:
    card = page_of(running).get_element_by_id("proxy-family")
    copied = [button.get("data-copy") for button in card.findall(".//button")]
    assert copied == [
        "http://tv.lan:8888/family/playlist.m3u",
        "http://tv.lan:8888/family/guide.xml",
        "http://tv.lan:8888/family/guide.xml.gz",
    ]
    assert [link.get("href") for link in card.findall(".//a")] == [
        "family/playlist.m3u",
        "family/guide.xml",
        "family/guide.xml.gz",
    ]


def test_a_source_shows_when_it_was_read_and_when_it_is_next(running: World) -> None:
    row = text_of(running, "source-freeview")
    assert "24,294 channels" in row
    assert "Read 3 hours ago, next in 3 hours" in row
    times = page_of(running).get_element_by_id("source-freeview").findall(".//time")
    assert times[-1].get("title") == "2026-08-22 18:30:00 UTC"
    assert {time.get("datetime") for time in times} >= {"2026-08-22T15:30:00+00:00"}


def test_a_source_with_an_account_shows_its_facts(running: World) -> None:
    account = Account(status="Active", connections=2, active=1)
    source = running.statuses[1].model_copy(update={"account": account})
    running.statuses[1] = source
    assert "Active, 1 of 2 connections in use" in text_of(running, "source-freeview")


def test_a_state_is_told_by_word_and_shape_not_by_colour_alone(running: World) -> None:
    badge = page_of(running).find(".//*[@id='source-freeview']//*[@class='badge ready']")
    assert badge is not None
    assert badge.text_content() == "Ready"
    assert [use.get("href") for use in badge.iter("use")] == ["#i-ready"]


def test_every_icon_that_is_used_is_there(running: World) -> None:
    page = page_of(running)
    there = {f"#{symbol.get('id')}" for symbol in page.iter("symbol")}
    states = {"ready", "updating", "waiting", "failing", "stalled", "empty"}
    assert there >= {f"#i-{state}" for state in states}
    assert {use.get("href") for use in page.iter("use")} <= there


def test_a_failing_source_says_why_and_that_the_last_good_version_is_served(
    running: World,
) -> None:
    failed = condition(ConditionType.READY, Reason.HTML_ANSWER, "It sent a web page.", holds=False)
    running.statuses[1] = running.statuses[1].model_copy(
        update={"conditions": (failed,), "failures": 3}
    )
    row = text_of(running, "source-freeview")
    assert "Failing" in row
    assert "It sent a web page. The last good version goes on being served." in row
    assert "3 failures in a row" in row
    assert "Ready: no · HtmlAnswer · just now" in row


def test_rows_left_out_are_counted_and_sampled(running: World) -> None:
    running.statuses[1] = running.statuses[1].model_copy(
        update={
            "rejected": {"entry without a URL": 1200},
            "repaired": {"unclosed quote": 1},
            "samples": (Sample(line=81234, problem="entry without a URL", excerpt="#EXTINF:-1,A"),),
        }
    )
    row = text_of(running, "source-freeview")
    assert "1,200 left out, 1 repaired" in row
    assert "1,200 entry without a URL" in row
    assert "line 81234: entry without a URL#EXTINF:-1,A" in row


PROBLEMS = (
    Problem(
        file="/config/tvarr.yaml", line=12, column=14, where="sources.x.refresh", message="Wrong."
    ),
    Problem(file="/config/secrets.yaml", line=3, column=1, where="", message="Missing."),
)


def break_yaml(world: World) -> None:
    stalled = condition(ConditionType.STALLED, Reason.CONFIG_INVALID, "2 problems.")
    world.statuses = [
        Status(kind=Kind.MANIFEST, name="tvarr", conditions=(stalled,), problems=PROBLEMS),
        *world.statuses[1:],
    ]


def test_a_bad_edit_shows_file_line_column_and_message(running: World) -> None:
    break_yaml(running)
    assert page_of(running).findtext(".//h1") == (
        "The YAML file has 2 problems; the last good version goes on running"
    )
    assert text_of(running, "problems") == (
        "2 problems in the YAML file"
        " /config/tvarr.yaml:12:14 sources.x.refresh Wrong."
        " /config/secrets.yaml:3:1 Missing."
        " The file is read again as soon as it is saved."
    )
    assert "family Ready" in text_of(running, "proxy-family")


def test_a_wrong_sentence_is_shown_with_carets_and_what_to_try(running: World) -> None:
    break_yaml(running)
    wrong = Problem(
        file="tvarr.yaml",
        line=3,
        column=9,
        where="rules.x.do",
        message='There is no field "<b>".',
        category="field",
        excerpt="AND <b> = 1\n    ^^^",
        suggestion="name",
    )
    file = running.statuses[0].model_copy(update={"problems": (wrong, PROBLEMS[0])})
    running.statuses = [file, *running.statuses[1:]]

    problems = page_of(running).get_element_by_id("problems")

    assert [pre.text for pre in problems.iter("pre")] == ["AND <b> = 1\n    ^^^"]
    assert "Try: name" in text_of(running, "problems")


def test_a_yaml_that_cannot_be_read_shows_the_reason(running: World) -> None:
    missing = condition(ConditionType.STALLED, Reason.FILE_MISSING, "There is no tvarr.yaml.")
    running.statuses = [Status(kind=Kind.MANIFEST, name="tvarr", conditions=(missing,))]
    running.manifest = None
    assert text_of(running, "problems") == (
        "Problem in the YAML file There is no tvarr.yaml. What was published before goes on being"
        " served. The file is read again as soon as it is saved."
    )


def test_an_empty_yaml_is_answered_with_a_first_example(world: World) -> None:
    world.declare()
    assert world.manifest is not None
    world.manifest = world.manifest.model_copy(update={"sources": {}, "epg": {}})
    example = page_of(world).get_element_by_id("start").findtext(".//code")
    assert example is not None
    assert "kind: m3u" in example
    from ruamel.yaml import YAML

    from tvarr.spec.manifest import Manifest

    assert Manifest.model_validate(YAML(typ="safe").load(example)).proxies


def test_before_anything_was_read_the_page_says_so(world: World) -> None:
    assert page_of(world).findtext(".//h1") == "The YAML file has not been read yet"


def test_what_providers_and_files_say_is_escaped_everywhere(running: World) -> None:
    bad = condition(ConditionType.READY, Reason.TIMEOUT, XSS, holds=False)
    running.statuses = [
        Status(
            kind=Kind.MANIFEST,
            name="tvarr",
            conditions=(condition(ConditionType.STALLED, Reason.CONFIG_INVALID, XSS),),
            problems=(Problem(file=XSS, line=1, column=1, where=XSS, message=XSS),),
        ),
        Status(
            kind=Kind.SOURCE,
            name="freeview",
            conditions=(bad,),
            counts={XSS: 1},
            rejected={XSS: 1},
            repaired={XSS: 1},
            samples=(Sample(line=1, problem=XSS, excerpt=XSS),),
        ),
    ]
    text = render_page(running.view, f"http://{XSS}")
    assert "<script>alert" not in text
    page = html.document_fromstring(text)
    assert len(list(page.iter("script"))) == 1
    assert not page.xpath("//@*[starts-with(name(), 'on')]")
    assert text.count("&lt;script&gt;alert(1)") >= 10


def test_nothing_on_the_page_needs_what_its_policy_forbids(running: World) -> None:
    break_yaml(running)
    page = page_of(running)
    assert not page.xpath("//style | //*[@style] | //@*[starts-with(name(), 'on')]")
    assert [script.text for script in page.iter("script")] == [None]


def test_every_address_the_page_follows_is_relative(running: World) -> None:
    addresses = found(page_of(running), "//@src | //@href")
    assert addresses
    assert [a for a in addresses if re.match(r"/|[a-z]+:", a)] == []


async def test_everything_the_page_loads_is_there_and_may_be_kept(
    running: World, client: Client
) -> None:
    page = html.document_fromstring((await client.get("/")).text)
    loaded = {
        *found(page, "//link/@href"),
        *found(page, "//script/@src"),
        *found(page, "//img/@src"),
    }
    assert {re.sub(r"\?.*", "", address) for address in loaded} == {
        "static/panel.css",
        "static/panel.js",
        "static/logo.svg",
    }
    for address in loaded:
        answer = await client.get(f"/{address}")
        assert answer.status == 200
        assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("name", ["nothing.css", "..%2fpanel.py", "%2e%2e", "panel.css%00", ""])
async def test_nothing_else_is_static(client: Client, name: str) -> None:
    assert (await client.get(f"/static/{name}")).status == 404


def test_each_part_that_is_refreshed_has_a_name_of_its_own(running: World) -> None:
    running.manifest = running.manifest and running.manifest.model_copy(
        update={"epg": {"freeview": running.manifest.epg["uk"]}}
    )
    names = found(page_of(running), "//*[@data-part]/@id")
    assert {"overall", "source-freeview", "epg-freeview", "proxy-family"} <= set(names)
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"),
        (-59, "just now"),
        (-60, "1 minute ago"),
        (-300, "5 minutes ago"),
        (-3600, "1 hour ago"),
        (-86_400 * 3, "3 days ago"),
        (30, "in a moment"),
        (60, "in 1 minute"),
        (7_100, "in 2 hours"),
        (86_400 * 6.6, "in 7 days"),
    ],
)
def test_times_are_told_from_now(seconds: float, words: str) -> None:
    assert relative(NOW + timedelta(seconds=seconds), NOW) == words


def test_what_is_overdue_is_due_now(running: World) -> None:
    running.now = NOW + timedelta(days=1)
    assert "next now" in text_of(running, "source-freeview")
