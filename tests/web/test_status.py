from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.web.world import NOW, condition, declared, ready
from tvarr.errors import Reason
from tvarr.spec.manifest import Manifest
from tvarr.state.conditions import Account, Condition, ConditionType, Kind, Problem, Sample, Status
from tvarr.web.status import Report, State, report, state_of

if TYPE_CHECKING:
    from tests.web.world import World

READY, RECONCILING, STALLED, *_ = ConditionType
PROBLEM = Problem(file="tvarr.yaml", line=3, column=5, where="sources.x", message="is wrong")


def now_of(world: World) -> Report:
    return report(world.view, "http://tv.lan:8888")


@pytest.mark.parametrize(
    ("conditions", "state"),
    [
        ((), State.WAITING),
        ((condition(READY, Reason.SUCCEEDED),), State.READY),
        (
            (condition(READY, Reason.SUCCEEDED), condition(RECONCILING, Reason.PROGRESSING)),
            State.UPDATING,
        ),
        ((condition(READY, Reason.WAITING, holds=False),), State.WAITING),
        ((condition(RECONCILING, Reason.PROGRESSING),), State.WAITING),
        ((condition(READY, Reason.DISABLED, holds=False),), State.DISABLED),
        ((condition(READY, Reason.NO_GUIDE, holds=False),), State.WAITING),
        ((condition(READY, Reason.TIMEOUT, holds=False),), State.FAILING),
        (
            (
                condition(READY, Reason.TIMEOUT, holds=False),
                condition(RECONCILING, Reason.PROGRESSING),
            ),
            State.FAILING,
        ),
        (
            (
                condition(READY, Reason.AUTH_FAILED, holds=False),
                condition(STALLED, Reason.AUTH_FAILED),
            ),
            State.STALLED,
        ),
        (
            (
                condition(READY, Reason.SUCCEEDED),
                condition(STALLED, Reason.AUTH_FAILED, holds=False),
            ),
            State.READY,
        ),
    ],
)
def test_conditions_become_one_word(conditions: tuple[Condition, ...], state: State) -> None:
    assert state_of(Status(kind=Kind.SOURCE, name="x", conditions=conditions)) is state


def test_resources_stand_in_the_order_of_the_yaml_with_and_without_a_status(world: World) -> None:
    world.declare("zebra", "antelope")
    world.statuses = [ready(Kind.PROXY, "antelope", revision="r1")]
    zebra, antelope = now_of(world).proxies
    assert (zebra.name, zebra.state, zebra.message) == (
        "zebra",
        State.WAITING,
        "Waits for its turn.",
    )
    assert (antelope.name, antelope.state, antelope.has_content) == ("antelope", State.READY, True)


def test_what_is_no_longer_declared_is_not_shown(world: World) -> None:
    world.declare("family")
    world.statuses = [ready(Kind.SOURCE, "removed"), ready(Kind.PROXY, "removed")]
    shown = now_of(world)
    assert [source.name for source in shown.sources] == ["freeview"]
    assert [proxy.name for proxy in shown.proxies] == ["family"]


def test_a_guide_that_comes_with_a_source_is_shown_under_its_name(world: World) -> None:
    account = {"url": "http://panel.invalid", "username": "ann-7", "password": "sesame-7"}
    sources = {
        "panel": {"kind": "xtream", "guide": "auto", **account},
        "bare": {"kind": "xtream", **account},
    }
    guides = {"uk": {"kind": "xmltv", "url": "uk.xml"}}
    world.manifest = Manifest.model_validate({"sources": sources, "epg": guides})
    world.statuses = [ready(Kind.EPG, "panel")]
    shown = now_of(world)
    assert [(guide.name, guide.state) for guide in shown.guides] == [
        ("uk", State.WAITING),
        ("panel", State.READY),
    ]


def test_a_guide_that_the_provider_does_not_have_is_no_trouble_and_not_on_the_way(
    world: World,
) -> None:
    source = {"kind": "m3u", "url": "uk.m3u", "guide": "auto"}
    world.manifest = Manifest.model_validate({"sources": {"uk": source}})
    none = (condition(READY, Reason.NO_GUIDE, holds=False),)
    world.statuses = [ready(Kind.SOURCE, "uk"), Status(kind=Kind.EPG, name="uk", conditions=none)]
    shown = now_of(world)
    assert shown.guides[0].state is State.WAITING
    assert (shown.state, shown.message) == (State.READY, "Everything is up to date.")


def test_an_answer_that_is_held_back_is_shown_with_both_counts(world: World) -> None:
    world.declare("family")
    counts, held = {"channels": 24294}, {"channels": 1203}
    world.statuses = [ready(Kind.SOURCE, "freeview", counts=counts, held=held)]
    (source,) = now_of(world).sources
    assert (source.counts, source.held) == (counts, held)


def test_before_the_yaml_was_ever_read_what_an_earlier_run_left_is_shown(world: World) -> None:
    world.statuses = [
        ready(Kind.PROXY, "family", revision="r1"),
        ready(Kind.PROXY, "removed", removed_at=NOW),
        ready(Kind.EPG, "uk"),
    ]
    shown = now_of(world)
    assert [proxy.name for proxy in shown.proxies] == ["family"]
    assert [guide.name for guide in shown.guides] == ["uk"]
    assert shown.state is State.WAITING


def test_a_proxy_links_to_what_it_writes(world: World) -> None:
    world.declare("family", outputs=("m3u",))
    links = now_of(world).proxies[0].links
    assert links is not None
    assert links.playlist == "http://tv.lan:8888/family/playlist.m3u"
    assert links.playlist_gz == "http://tv.lan:8888/family/playlist.m3u.gz"
    assert links.guide is links.guide_gz is None
    assert now_of(world).sources[0].links is None


def everything_well(world: World) -> None:
    world.declare("family")
    world.statuses = [
        ready(Kind.MANIFEST, "tvarr", last_success=NOW - timedelta(minutes=1)),
        ready(Kind.SOURCE, "freeview", snapshot="s"),
        ready(Kind.EPG, "uk", snapshot="s"),
        ready(Kind.PROXY, "family", revision="r"),
    ]


def change(world: World, key: str, *conditions: Condition, **fields: object) -> None:
    changed = {"conditions": conditions, **fields}
    world.statuses = [
        status.model_copy(update=changed) if status.key == key else status
        for status in world.statuses
    ]


def test_all_well(world: World) -> None:
    everything_well(world)
    shown = now_of(world)
    assert (shown.state, shown.message) == (State.READY, "Everything is up to date.")
    assert shown.manifest.state is State.READY
    assert shown.manifest.last_success == NOW - timedelta(minutes=1)


def test_a_refresh_under_way_leaves_everything_up_to_date(world: World) -> None:
    everything_well(world)
    change(
        world,
        "source/freeview",
        condition(READY, Reason.SUCCEEDED),
        condition(RECONCILING, Reason.PROGRESSING),
    )
    assert now_of(world).message == "Everything is up to date."


def test_trouble_is_counted_before_what_waits(world: World) -> None:
    everything_well(world)
    change(world, "proxy/family", condition(READY, Reason.WAITING, holds=False))
    assert now_of(world).message == "1 of 3 is on the way."
    change(world, "source/freeview", condition(READY, Reason.TIMEOUT, holds=False))
    assert now_of(world).message == "1 of 3 needs a look."
    change(world, "epg/uk", condition(STALLED, Reason.AUTH_FAILED))
    assert (now_of(world).state, now_of(world).message) == (State.FAILING, "2 of 3 need a look.")


def test_an_empty_yaml_says_so(world: World) -> None:
    world.manifest = declared()
    world.manifest = world.manifest.model_copy(update={"sources": {}, "epg": {}})
    assert (now_of(world).state, now_of(world).message) == (State.EMPTY, "Nothing is declared yet.")


def test_a_bad_edit_is_told_first_and_the_last_good_version_goes_on(world: World) -> None:
    everything_well(world)
    change(
        world,
        "manifest/tvarr",
        condition(READY, Reason.CONFIG_INVALID, holds=False),
        condition(STALLED, Reason.CONFIG_INVALID),
        problems=(PROBLEM, PROBLEM),
    )
    shown = now_of(world)
    assert shown.state is State.STALLED
    assert shown.message == ("The YAML file has 2 problems; the last good version goes on running.")
    assert shown.manifest.problems == (PROBLEM, PROBLEM)
    assert shown.manifest.running


def test_a_yaml_that_was_never_good_says_that_nothing_runs(world: World) -> None:
    world.statuses = [
        Status(
            kind=Kind.MANIFEST,
            name="tvarr",
            conditions=(condition(STALLED, Reason.FILE_MISSING, "There is no tvarr.yaml."),),
        )
    ]
    shown = now_of(world)
    assert shown.message == "The YAML file has to be mended before anything runs."
    assert shown.manifest.message == "There is no tvarr.yaml."
    assert not shown.manifest.running


def test_credentials_in_sentences_samples_and_problems_are_hidden(world: World) -> None:
    url = "http://user:hunter2@provider.invalid/get.php?password=hunter2"
    everything_well(world)
    change(
        world,
        "source/freeview",
        condition(READY, Reason.TIMEOUT, f"{url} did not answer.", holds=False),
        samples=(Sample(line=1, problem="no name", excerpt=url),),
    )
    change(world, "manifest/tvarr", problems=(PROBLEM.model_copy(update={"message": url}),))
    assert "hunter2" not in repr(now_of(world))
    assert "did not answer" in now_of(world).sources[0].message


def test_the_declared_urls_stand_nowhere_in_the_report(world: World) -> None:
    everything_well(world)
    assert "secret-token" not in repr(now_of(world))


def test_an_account_is_told_and_its_end_is_part_of_the_sentence(world: World) -> None:
    world.declare("family")
    account = Account(status="Active", expires=NOW + timedelta(days=3), connections=2, active=1)
    ending = Condition(
        type=ConditionType.ACCOUNT_EXPIRING,
        status=True,
        reason=Reason.ACCOUNT_EXPIRING,
        message="the account ends on 2026-08-25",
        since=NOW,
    )
    status = ready(Kind.SOURCE, "freeview", account=account)
    world.statuses = [status.model_copy(update={"conditions": (*status.conditions, ending)})]
    (source,) = now_of(world).sources
    assert source.account == account
    assert source.state is State.READY
    assert source.message.endswith("; the account ends on 2026-08-25")
