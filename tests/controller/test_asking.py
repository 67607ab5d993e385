"""What is said to somebody who asks for a refresh."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.controller.fake_clock import START as NOW
from tvarr.controller.asking import answer
from tvarr.controller.resources import declared
from tvarr.errors import Reason
from tvarr.progress import Answer, Asked, Kind, Operation, State
from tvarr.spec.manifest import Manifest
from tvarr.state.conditions import Condition, ConditionType, Status
from tvarr.state.conditions import Kind as Of

if TYPE_CHECKING:
    from tvarr.controller.resources import Resource

ENDED = Operation(4, "source/uk", Kind.INGESTION, State.COMPLETED, "", 0, 0, None, NOW, NOW)
AT_WORK = replace(ENDED, id=5, state=State.DOWNLOADING)
LIMITED = Status(
    kind=Of.SOURCE,
    name="uk",
    failures=1,
    next_due=NOW + timedelta(minutes=5),
    conditions=(
        Condition(
            type=ConditionType.READY,
            status=False,
            reason=Reason.RATE_LIMITED,
            message="slowly",
            since=NOW,
        ),
    ),
)


def source(**fields: Any) -> Resource:
    spec = {"kind": "m3u", "url": "http://127.0.0.1/uk.m3u", **fields}
    return declared(Manifest.model_validate({"sources": {"uk": spec}}), 8888)["source/uk"]


def asked(
    resource: Resource | None,
    status: Status | None = None,
    latest: Operation | None = None,
    *,
    running: bool = False,
    force: bool = False,
) -> Asked:
    return answer("source/uk", resource, status, latest, NOW, running=running, force=force)


def test_what_can_be_refreshed_is_told_which_operation_to_look_for() -> None:
    assert asked(source()).answer is Answer.ACCEPTED
    assert (asked(source()).after, asked(source(), latest=ENDED).after) == (0, 4)


def test_what_is_not_declared_is_unknown() -> None:
    assert asked(None) == Asked("source/uk", Answer.UNKNOWN, "there is no source/uk")


def test_what_is_disabled_is_not_refreshed() -> None:
    assert asked(source(enabled=False)).answer is Answer.DISABLED


def test_what_runs_is_told_with_its_own_operation() -> None:
    found = asked(source(), latest=AT_WORK, running=True)
    assert (found.answer, found.after) == (Answer.RUNNING, 4)


def test_what_has_looked_already_looks_once_more() -> None:
    """A turn whose operation has ended is about to end, too, and saw what was there before."""
    found = asked(source(), latest=ENDED, running=True)
    assert (found.answer, found.after) == (Answer.ACCEPTED, 4)


def test_what_has_just_begun_has_no_operation_yet() -> None:
    assert asked(source(), running=True).after == 0


@pytest.mark.parametrize(
    ("force", "said", "until"),
    [(False, Answer.PAUSED, LIMITED.next_due), (True, Answer.ACCEPTED, None)],
)
def test_a_server_s_pause_is_kept_unless_somebody_insists(
    *, force: bool, said: Answer, until: object
) -> None:
    found = asked(source(), LIMITED, force=force)
    assert (found.answer, found.until) == (said, until)


@pytest.mark.parametrize("running", [True, False])
def test_a_proxy_can_always_be_built_once_more(*, running: bool) -> None:
    manifest = {
        "sources": {"uk": {"kind": "m3u", "url": "uk.m3u"}},
        "proxies": {"family": {"sources": ["uk"]}},
    }
    proxy = declared(Manifest.model_validate(manifest), 8888)["proxy/family"]
    found = answer(proxy.key, proxy, None, AT_WORK, NOW, running=running, force=False)
    assert found == Asked("proxy/family", Answer.ACCEPTED, "proxy/family is built now", 5)
