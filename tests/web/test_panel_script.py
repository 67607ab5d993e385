from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.web.browser import Page, open_page
from tests.web.world import NOW, Client, World, condition, ready
from tvarr.errors import Reason
from tvarr.state.conditions import ConditionType, Kind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture
async def page(world: World, client: Client, tmp_path: Path) -> AsyncIterator[Page]:
    world.declare("family", "kids")
    world.statuses = [
        ready(Kind.SOURCE, "freeview", counts={"channels": 7}, last_success=NOW),
        ready(Kind.PROXY, "family", revision="r1"),
    ]
    async with open_page(f"http://127.0.0.1:{client.port}/", tmp_path / "profile") as page:
        yield page


async def test_the_page_follows_the_state_and_keeps_what_a_person_opened(
    world: World, page: Page
) -> None:
    row = "document.querySelector('#source-freeview details')"
    await page.run(f"{row}.open = true; {row}.querySelector('summary').focus()")
    await page.run("window.untouched = document.getElementById('proxy-family')")
    failed = condition(ConditionType.READY, Reason.TIMEOUT, "It was too slow.", holds=False)
    world.statuses[0] = world.statuses[0].model_copy(update={"conditions": (failed,)})
    await page.until(f"{row}.innerText.includes('It was too slow.')")
    assert await page.run(f"{row}.open")
    assert await page.run(f"document.activeElement === {row}.querySelector('summary')")
    assert await page.run("window.untouched === document.getElementById('proxy-family')")
    assert "a look" in await page.run("document.title")


async def test_a_new_proxy_appears_and_opened_details_stay_open(world: World, page: Page) -> None:
    await page.run("document.querySelector('#proxy-kids details').open = true")
    world.declare("family", "kids", "all")
    await page.until("!!document.getElementById('proxy-all')")
    assert await page.run("document.querySelector('#proxy-kids details').open")
    assert not await page.run("document.querySelector('#proxy-all details').open")


async def test_the_copy_button_works_without_the_clipboard_of_https(page: Page) -> None:
    await page.run("Object.defineProperty(window, 'isSecureContext', {value: false}); 0")
    await page.run(
        "document.addEventListener('copy', () => { window.copied = document.activeElement.value; })"
    )
    await page.run("document.querySelector('#proxy-family .copy').click()")
    await page.until("document.querySelector('#proxy-family .copy').innerText === 'Copied'")
    url = await page.run("document.querySelector('#proxy-family .copy').dataset.copy")
    assert await page.run("window.copied") == url
    assert await page.run("document.getElementById('said').textContent") == f"Copied: {url}"
    await page.until("document.querySelector('#proxy-family .copy').innerText === 'Copy'")


async def test_the_page_says_when_tvarr_does_not_answer_and_when_it_does_again(
    world: World, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.delattr(World, "all")
        await page.until("!document.getElementById('offline').hidden")
    await page.until("document.getElementById('offline').hidden")


async def test_times_move_on_by_themselves(world: World, page: Page) -> None:
    world.now = NOW + timedelta(minutes=5)
    await page.until(
        "document.getElementById('source-freeview').innerText.includes('Read 5 minutes ago')"
    )


async def test_nothing_on_the_page_offends_its_own_policy(page: Page) -> None:
    await page.run("window.offences = []")
    await page.run(
        "document.addEventListener('securitypolicyviolation', (e) => offences.push(e.blockedURI))"
    )
    assert await page.run("getComputedStyle(document.querySelector('.sprite')).display") == "none"
    assert await page.run("document.documentElement.classList.contains('scripted')")
    assert await page.run("document.querySelector('.logo').naturalWidth > 0")
    await page.run("document.querySelector('#proxy-family .copy').click()")
    await page.until("document.querySelector('#proxy-family .copy').innerText !== 'Copy'")
    assert await page.run("offences") == []
