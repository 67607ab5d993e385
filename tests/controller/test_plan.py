"""The plan: declared resources against their statuses. Nothing here touches a disk or a clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from tests.controller.fake_clock import START as NOW
from tvarr.controller.plan import (
    GRACE,
    LINKED_REST,
    Observed,
    Task,
    Why,
    Work,
    bring_along,
    is_paused,
    mark_removed,
    plan,
)
from tvarr.controller.resources import DeclaredProxy, Document, Resources, declared
from tvarr.errors import Reason
from tvarr.spec.guide import XmltvGuide
from tvarr.spec.manifest import Manifest
from tvarr.spec.source import M3uSource
from tvarr.state.conditions import Condition, ConditionType, Kind, Status

HOUR = timedelta(hours=1)


def manifest(uk: dict[str, Any] | None = None, **server: Any) -> Manifest:
    return Manifest.model_validate(
        {
            "server": server,
            "proxies": {
                "family": {"sources": ["uk", "de"], "epg": ["guide"]},
                "kids": {"sources": ["de"]},
            },
            "sources": {
                "uk": {"kind": "m3u", "url": "http://127.0.0.1/uk.m3u", **(uk or {})},
                "de": {"kind": "m3u", "url": "http://127.0.0.1/de.m3u"},
            },
            "epg": {"guide": {"kind": "xmltv", "url": "http://127.0.0.1/guide.xml"}},
        }
    )


@pytest.fixture
def resources() -> Resources:
    return declared(manifest(), 8888)


def settled(resources: Resources, **changes: dict[str, Any]) -> list[Status]:
    """Every resource has been reconciled and is due in an hour; `changes` by name."""
    return [
        Status(
            kind=resource.kind,
            name=resource.name,
            spec_hash=resource.digest,
            last_attempt=NOW - HOUR,
            next_due=None if resource.name == "kids" else NOW + HOUR,
        ).model_copy(update=changes.get(resource.name, {}))
        for resource in resources.values()
    ]


def due_now(works: list[Work]) -> dict[str, Why]:
    return {work.key: work.why for work in works if work.due <= NOW}


class TestOrder:
    def test_at_the_first_time_everything_is_due_and_dependants_come_last(
        self, resources: Resources
    ) -> None:
        works = plan(resources, [], NOW)
        assert [(work.key, work.task) for work in works] == [
            ("source/uk", Task.FETCH),
            ("source/de", Task.FETCH),
            ("epg/guide", Task.FETCH),
            ("proxy/family", Task.BUILD),
            ("proxy/kids", Task.BUILD),
        ]
        assert {work.why for work in works} == {Why.NEW}
        assert {work.due for work in works} == {NOW}

    def test_a_build_names_what_it_comes_after(self, resources: Resources) -> None:
        after = {work.key: work.after for work in plan(resources, [], NOW)}
        assert after["proxy/family"] == ("source/uk", "source/de", "epg/guide")
        assert after["proxy/kids"] == ("source/de",)
        assert after["source/uk"] == ()


class TestDisabled:
    def test_it_has_no_work_whatever_is_observed(self) -> None:
        off = declared(manifest(uk={"enabled": False}), 8888)
        everything = frozenset(off)
        observed = Observed(lost=everything, changed=everything, asked=everything)
        for statuses in ([], settled(off)):
            keys = {work.key for work in plan(off, statuses, NOW, observed)}
            assert keys == everything - {"source/uk"}

    def test_it_is_not_pruned(self) -> None:
        off = declared(manifest(uk={"enabled": False}), 8888)
        assert list(mark_removed(off, settled(off), NOW)) == []

    def test_enabling_it_makes_it_due_at_once_with_its_proxies(self, resources: Resources) -> None:
        off = {"conditions": (not_ready(Reason.DISABLED),), "next_due": None}
        works = plan(resources, settled(resources, uk=off), NOW)
        assert due_now(works) == {"source/uk": Why.ENABLED, "proxy/family": Why.DEPENDENCY}

    def test_a_proxy_does_not_depend_on_it(self) -> None:
        family = declared(manifest(uk={"enabled": False}), 8888)["proxy/family"]
        assert isinstance(family, DeclaredProxy)
        assert "source/uk" not in family.depends_on


class TestLinked:
    SOURCE = M3uSource(kind="m3u", url=SecretStr("u.m3u"))
    GUIDE = Document(Kind.EPG, "uk", XmltvGuide(kind="xmltv", url=SecretStr("g.xml")), "d", SOURCE)

    def status(self, **fields: Any) -> Status:
        given = {"kind": Kind.EPG, "name": "uk", "last_attempt": NOW - HOUR, **fields}
        return Status.model_validate(given)

    def test_one_side_brings_the_other_along(self) -> None:
        work = bring_along(self.status(), self.status(), self.GUIDE, NOW)
        assert work == Work("epg/uk", Task.FETCH, NOW, Why.LINKED, ("source/uk",))

    @pytest.mark.parametrize(
        ("ago", "comes"),
        [(timedelta(), False), (LINKED_REST - timedelta(seconds=1), False), (LINKED_REST, True)],
    )
    def test_but_not_within_five_minutes(self, ago: timedelta, *, comes: bool) -> None:
        assert timedelta(minutes=5) == LINKED_REST
        linked = self.status(last_attempt=NOW - ago)
        assert (bring_along(self.status(), linked, self.GUIDE, NOW) is not None) is comes

    def test_nor_when_either_is_in_trouble(self) -> None:
        well, failing = self.status(), self.status(failures=1)
        assert bring_along(failing, well, self.GUIDE, NOW) is None
        assert bring_along(well, failing, self.GUIDE, NOW) is None
        assert bring_along(well, None, self.GUIDE, NOW) is None

    def test_where_both_were_refused_the_recovery_of_one_brings_the_other(self) -> None:
        left_alone = self.status(failures=2, last_attempt=NOW)
        later = self.status(failures=2, next_due=NOW + HOUR)
        assert bring_along(self.status(), left_alone, self.GUIDE, NOW) is None
        assert bring_along(self.status(), left_alone, self.GUIDE, NOW, recovered=True) is not None
        assert bring_along(self.status(), later, self.GUIDE, NOW, recovered=True) is None

    def test_a_guide_that_waits_for_its_source_comes_at_once(self) -> None:
        linked = self.status(last_attempt=NOW, conditions=(not_ready(Reason.WAITING),))
        assert bring_along(self.status(), linked, self.GUIDE, NOW) is not None


class TestPauses:
    @pytest.mark.parametrize(
        ("reason", "failures", "due", "paused"),
        [
            (Reason.RATE_LIMITED, 1, HOUR, True),
            (Reason.SLOTS_FULL, 1, HOUR, True),
            (Reason.RATE_LIMITED, 1, timedelta(), False),
            (Reason.TIMEOUT, 1, HOUR, False),
            (Reason.SUCCEEDED, 0, HOUR, False),
        ],
    )
    def test_only_what_the_server_asked_for_is_a_pause(
        self, reason: Reason, failures: int, due: timedelta, *, paused: bool
    ) -> None:
        status = Status(
            kind=Kind.SOURCE,
            name="uk",
            conditions=(not_ready(reason),),
            failures=failures,
            next_due=NOW + due,
        )
        assert is_paused(status, NOW) is paused


def not_ready(reason: Reason) -> Condition:
    return Condition(type=ConditionType.READY, status=False, reason=reason, message="no", since=NOW)


class TestWhatIsDue:
    def test_nothing_is_due_when_all_is_settled(self, resources: Resources) -> None:
        works = plan(resources, settled(resources), NOW)
        assert due_now(works) == {}
        assert {work.due for work in works} == {NOW + HOUR}

    def test_a_proxy_without_a_time_has_no_work(self, resources: Resources) -> None:
        works = plan(resources, settled(resources), NOW)
        assert "proxy/kids" not in {work.key for work in works}

    def test_a_changed_declaration_is_due_with_its_dependants(self, resources: Resources) -> None:
        works = plan(resources, settled(resources, uk={"spec_hash": "another"}), NOW)
        assert due_now(works) == {"source/uk": Why.CHANGED, "proxy/family": Why.DEPENDENCY}

    def test_a_changed_proxy_does_not_touch_its_sources(self, resources: Resources) -> None:
        works = plan(resources, settled(resources, kids={"spec_hash": "another"}), NOW)
        assert due_now(works) == {"proxy/kids": Why.CHANGED}

    def test_what_its_time_has_come_for_is_due(self, resources: Resources) -> None:
        works = plan(resources, settled(resources, guide={"next_due": NOW}), NOW)
        assert due_now(works) == {"epg/guide": Why.DUE, "proxy/family": Why.DEPENDENCY}

    def test_a_window_that_moves_on_makes_a_proxy_due(self, resources: Resources) -> None:
        works = plan(resources, settled(resources, family={"next_due": NOW}), NOW)
        assert due_now(works) == {"proxy/family": Why.DUE}

    def test_a_retry_is_called_a_retry(self, resources: Resources) -> None:
        failing = {"next_due": NOW, "failures": 3}
        works = plan(resources, settled(resources, de=failing, family=failing), NOW)
        assert due_now(works)["source/de"] is Why.RETRY
        assert due_now(works)["proxy/family"] is Why.DEPENDENCY
        works = plan(resources, settled(resources, family=failing), NOW)
        assert due_now(works) == {"proxy/family": Why.RETRY}

    def test_what_only_its_own_declaration_changes_has_no_work(self, resources: Resources) -> None:
        works = plan(resources, settled(resources, uk={"next_due": None}), NOW)
        assert "source/uk" not in {work.key for work in works}

    def test_a_missed_run_is_made_up_for_once(self, resources: Resources) -> None:
        missed = {"next_due": NOW - 100 * HOUR}
        works = plan(resources, settled(resources, uk=missed), NOW)
        assert [work.key for work in works if work.key == "source/uk"] == ["source/uk"]
        assert due_now(works)["source/uk"] is Why.DUE

    def test_what_waits_for_an_edit_waits_for_its_own(self, resources: Resources) -> None:
        stalled = {"next_due": None, "failures": 2}
        start = Observed(first_look=True)
        works = plan(resources, settled(resources, uk=stalled, guide=stalled), NOW, start)
        assert not {"source/uk", "epg/guide"} & {work.key for work in works}
        edited = declared(manifest(uk={"user_agent": "player"}), 8888)
        works = plan(edited, settled(resources, uk=stalled, guide=stalled), NOW)
        assert due_now(works) == {"source/uk": Why.CHANGED, "proxy/family": Why.DEPENDENCY}

    @pytest.mark.parametrize(
        ("observed", "expected"),
        [
            (Observed(lost=frozenset({"source/de"})), Why.LOST),
            (Observed(changed=frozenset({"source/de"})), Why.DOCUMENT_CHANGED),
            (Observed(asked=frozenset({"source/de"})), Why.ASKED),
            (Observed(forced=frozenset({"source/de"})), Why.FORCED),
        ],
    )
    def test_what_was_seen_outside_makes_it_due(
        self, resources: Resources, observed: Observed, expected: Why
    ) -> None:
        works = plan(resources, settled(resources), NOW, observed)
        assert due_now(works) == {
            "source/de": expected,
            "proxy/family": Why.DEPENDENCY,
            "proxy/kids": Why.DEPENDENCY,
        }

    def test_a_published_folder_that_is_gone_makes_its_proxy_due(
        self, resources: Resources
    ) -> None:
        observed = Observed(lost=frozenset({"proxy/kids"}))
        assert due_now(plan(resources, settled(resources), NOW, observed)) == {
            "proxy/kids": Why.LOST
        }

    def test_at_the_first_look_every_proxy_is_looked_at(self, resources: Resources) -> None:
        works = plan(resources, settled(resources), NOW, Observed(first_look=True))
        assert due_now(works) == {
            "proxy/family": Why.FIRST_LOOK,
            "proxy/kids": Why.FIRST_LOOK,
        }

    def test_a_clock_that_was_years_ahead_does_not_stop_refreshes(
        self, resources: Resources
    ) -> None:
        ahead = NOW + timedelta(days=4000)
        wrong = {"last_attempt": ahead, "next_due": ahead + HOUR}
        works = plan(resources, settled(resources, uk=wrong), NOW)
        assert due_now(works)["source/uk"] is Why.DUE


class TestDigests:
    def digests(self, port: int = 8888, **server: Any) -> dict[str, str]:
        return {key: r.digest for key, r in declared(manifest(**server), port).items()}

    def test_the_public_address_matters_to_proxies_only(self) -> None:
        here, there = self.digests(), self.digests(base_url="http://192.168.1.10:8888")
        assert {key for key in here if here[key] != there[key]} == {"proxy/family", "proxy/kids"}

    def test_a_port_that_is_not_written_out_does_not_matter(self) -> None:
        base_url = "http://192.168.1.10"
        assert self.digests(8888, base_url=base_url) == self.digests(9999, base_url=base_url)

    def test_another_version_reads_everything_anew(self, monkeypatch: pytest.MonkeyPatch) -> None:
        before = self.digests()
        monkeypatch.setattr("tvarr.__version__", "99.0")
        assert set(before.values()).isdisjoint(self.digests().values())


class TestRemoval:
    def without_kids(self) -> Resources:
        return {k: r for k, r in declared(manifest(), 8888).items() if k != "proxy/kids"}

    def test_what_is_gone_from_the_yaml_is_marked_once(self, resources: Resources) -> None:
        statuses = settled(resources)
        [marked] = mark_removed(self.without_kids(), statuses, NOW)
        assert (marked.key, marked.removed_at) == ("proxy/kids", NOW)
        assert list(mark_removed(self.without_kids(), [marked], NOW + HOUR)) == []

    def test_what_comes_back_is_unmarked_and_keeps_what_it_had(self, resources: Resources) -> None:
        [status] = [s for s in settled(resources) if s.name == "kids"]
        gone = status.model_copy(update={"removed_at": NOW})
        assert list(mark_removed(resources, [gone], NOW + HOUR)) == [status]

    def test_its_data_is_pruned_after_the_grace_time(self, resources: Resources) -> None:
        statuses = settled(resources, kids={"removed_at": NOW})
        works = plan(self.without_kids(), statuses, NOW)
        [prune] = [work for work in works if work.task is Task.PRUNE]
        assert (prune.key, prune.due, prune.why) == ("proxy/kids", NOW + GRACE, Why.REMOVED)

    def test_the_yaml_s_own_status_is_never_removed(self, resources: Resources) -> None:
        own = Status(kind=Kind.MANIFEST, name="tvarr")
        assert list(mark_removed(resources, [own], NOW)) == []
        assert "manifest/tvarr" not in {w.key for w in plan(resources, [own], NOW)}


def test_the_plan_is_the_same_whatever_the_order_of_the_statuses(resources: Resources) -> None:
    statuses = settled(resources, uk={"next_due": NOW}, kids={"spec_hash": "x"})
    now: datetime = NOW
    assert plan(resources, statuses, now) == plan(resources, statuses[::-1], now)
