"""The addresses of an account at a panel."""

from __future__ import annotations

import pytest

from tvarr.ingest.xtream.panel import Panel
from tvarr.spec.source import XtreamSource

HOST = "http://tv.invalid:8080"


def panel(address: str = HOST, user: str = "ann", password: str = "a b/c&d?e#f%") -> Panel:
    login = {"username": user, "password": password}
    spec = XtreamSource.model_validate({"kind": "xtream", "url": address, **login})
    return Panel.of(spec, address)


def test_credentials_are_encoded_in_queries_and_paths() -> None:
    encoded = "a%20b%2Fc%26d%3Fe%23f%25"
    assert panel().api() == f"{HOST}/player_api.php?username=ann&password={encoded}"
    assert panel().api("get_series_info", series_id=7) == (
        f"{HOST}/player_api.php?username=ann&password={encoded}&action=get_series_info&series_id=7"
    )
    assert panel().guide() == f"{HOST}/xmltv.php?username=ann&password={encoded}"
    assert panel().stream("live") == f"{HOST}/live/ann/{encoded}/"
    assert panel().timeshift() == (
        f"{HOST}/timeshift/ann/{encoded}/{{duration:60}}/{{Y}}-{{m}}-{{d}}:{{H}}-{{M}}/"
    )


@pytest.mark.parametrize(
    "address",
    [
        HOST,
        f"{HOST}/",
        f"{HOST}//",
        f"{HOST}/player_api.php",
        f"{HOST}/panel_api.php?username=x&password=y",
        f"{HOST}/get.php?username=x&password=y&type=m3u_plus&output=ts",
        f"{HOST}/xmltv.php?username=x&password=y",
        f"{HOST}/PLAYER_API.PHP",
        f"{HOST}/c",
        f"{HOST}/c/",
        f"{HOST}?username=x",
    ],
)
def test_what_people_paste_comes_to_the_same_panel(address: str) -> None:
    assert panel(address).base == HOST


def test_a_panel_may_be_in_a_folder() -> None:
    assert panel(f"{HOST}/tv/panel/").base == f"{HOST}/tv/panel"
    assert panel(f"{HOST}/abc").base == f"{HOST}/abc"


def test_an_address_that_was_asked_leads_back_to_its_panel() -> None:
    assert panel(panel().api("get_live_streams")).base == HOST


def test_a_panel_shows_nothing_of_the_account() -> None:
    assert repr(panel()) == "Panel()"
