"""An account in the controller's hands: its status, its guide, and what nobody gets to see."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.provider import Panel, Provider, status
from tvarr.controller import sources, verdict
from tvarr.controller.resources import Document, declared
from tvarr.controller.tools import Tools
from tvarr.errors import Reason, TvarrError
from tvarr.fetch.client import Fetcher
from tvarr.spec.manifest import Manifest
from tvarr.state.conditions import ConditionType, Kind, Status

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.controller.world import World
    from tvarr.controller.verdict import Outcome

USER, PASSWORD = "ann.of.wales", "correct horse"


@dataclass
class Account:
    world: World
    panel: Panel
    provider: Provider
    tools: Tools

    def document(self, key: str = "source/tv", **fields: Any) -> Document:
        login = {"username": USER, "password": PASSWORD, "guide": "auto"}
        source = {"kind": "xtream", "url": self.provider.url(), **login, **fields}
        found = declared(Manifest.model_validate({"sources": {"tv": source}}), 8888)[key]
        assert isinstance(found, Document)
        return found

    async def refreshed(self, key: str = "source/tv", before: Status | None = None) -> Outcome:
        document = self.document(key)
        start = before or Status(kind=document.kind, name="tv")
        return await sources.reconcile(document, start, self.tools)

    async def status(self, key: str = "source/tv", before: Status | None = None) -> Status:
        outcome = await self.refreshed(key, before)
        before = before or Status(kind=outcome.status.kind, name="tv")
        return verdict.succeeded(before, outcome, self.world.clock.now())


@pytest.fixture
async def account(world: World) -> AsyncIterator[Account]:
    panel = Panel(USER, PASSWORD, connections=2, active=1)
    async with Provider(panel.table()) as provider, Fetcher() as fetcher:
        tools = Tools(world.data, world.path, fetcher, world.workers, world.clock)
        yield Account(world, panel, provider, tools)


async def test_the_status_counts_what_the_account_has(account: Account) -> None:
    status = await account.status()
    assert status.counts == {"channels": 10, "films": 5, "series": 3}
    assert status.account is not None
    assert (status.account.connections, status.account.active) == (2, 1)
    assert account.tools.snapshots.get(Kind.SOURCE, "tv", status.snapshot or "").vod.exists()


async def test_an_account_about_to_end_is_told_at_each_refresh(account: Account) -> None:
    account.panel.expires = account.world.clock.now() + timedelta(days=3)
    first = await account.status()
    assert first.ready
    assert "ends on" in first.warning
    account.panel.expires = account.world.clock.now() + timedelta(days=300)
    again = await account.status(before=first)
    assert again.warning == ""
    assert again.snapshot == first.snapshot


async def test_an_account_that_ended_fails_and_says_so(account: Account) -> None:
    before = await account.status()
    account.panel.status = "Expired"
    with pytest.raises(TvarrError) as caught:
        await account.refreshed(before=before)
    after = verdict.failed(before, "1", caught.value, None, account.world.clock.now())
    expiring = after.condition(ConditionType.ACCOUNT_EXPIRING)
    assert expiring is not None
    assert (expiring.status, expiring.reason) == (True, Reason.ACCOUNT_EXPIRED)
    assert after.snapshot == before.snapshot


async def test_the_guide_has_the_name_of_the_source(account: Account) -> None:
    status = await account.status("epg/tv")
    assert status.counts["programmes"] == 40


async def test_a_panel_without_a_guide_is_no_failure(account: Account) -> None:
    account.provider.table["/xmltv.php"] = status(404)
    outcome = await account.refreshed("epg/tv")
    assert outcome.reason is Reason.NO_GUIDE
    assert outcome.next_due is not None
    assert outcome.next_due > account.world.clock.now()
    assert outcome.status.snapshot is None


async def test_a_guide_that_was_there_stays_when_the_panel_has_none(account: Account) -> None:
    before = await account.status("epg/tv")
    account.provider.table["/xmltv.php"] = status(404)
    with pytest.raises(TvarrError) as caught:
        await account.refreshed("epg/tv", before)
    assert caught.value.reason is Reason.GONE


async def test_nobody_sees_the_credentials(
    account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    account.panel.message = f"hello {USER}"
    status = await account.status()
    told = [status.model_dump_json(), repr(status)]
    account.panel.lists = {"get_live_streams": {"error": f"no such user {USER}:{PASSWORD}"}}
    with pytest.raises(TvarrError) as caught:
        await account.refreshed()
    told += [str(caught.value), repr(caught.value), caught.value.sentence]
    document = account.document()
    told += [repr(document), repr(replace(document, name="x"))]
    ours = (record for record in caplog.records if record.name.startswith("tvarr"))
    told += [record.getMessage() for record in ours]
    for text in told:
        assert USER not in text
        assert PASSWORD not in text
