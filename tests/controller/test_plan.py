"""The plan: declared resources against their statuses. Nothing here touches a disk or a clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.controller.fake_clock import START as NOW
from tvarr.controller.plan import GRACE, Observed, Task, Why, Work, mark_removed, plan
from tvarr.controller.resources import Resources, declared
from tvarr.spec.manifest import Manifest
from tvarr.state.conditions import Kind, Status

HOUR = timedelta(hours=1)


def manifest(**server: Any) -> Manifest:
    return Manifest.model_validate(
        {
            "server": server,
            "proxies": {
                "family": {"sources": ["uk", "de"], "epg": ["guide"]},
                "kids": {"sources": ["de"]},
            },
            "sources": {
                "uk": {"kind": "m3u", "url": "http://127.0.0.1/uk.m3u"},
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

    def test_what_waits_for_an_edit_is_tried_at_every_edit(self, resources: Resources) -> None:
        works = plan(resources, settled(resources, uk={"next_due": None, "failures": 1}), NOW)
        assert due_now(works)["source/uk"] is Why.RETRY

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
