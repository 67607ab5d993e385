"""Which pictures are wanted, how large, and from where they may be got."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from tvarr.catalog.logo_ids import declared_id, logo_id
from tvarr.controller import logo_wishes
from tvarr.controller.logo_wishes import Asked
from tvarr.controller.resources import DeclaredProxy, declared
from tvarr.outputs import publish
from tvarr.outputs.report import BuildReport
from tvarr.spec.manifest import Manifest

if TYPE_CHECKING:
    from pathlib import Path

URL = "http://nas.lan/a.png"
MANIFEST = Manifest.model_validate(
    {
        "sources": {
            "near": {"kind": "m3u", "url": "http://nas.lan/tv.m3u"},
            "far": {"kind": "m3u", "url": "http://example.org/tv.m3u"},
        },
        "epg": {"guide": {"kind": "xmltv", "url": "http://nas.lan/guide.xml"}},
        "logos": {"file": "a.svg", "nas": "http://router.lan/b.png"},
        "proxies": {
            "near": {"sources": ["near"], "logos": "cache", "logo_size": 64},
            "far": {"sources": ["far"], "epg": ["guide"], "logos": "cache"},
            "large": {"sources": ["far"], "logo_size": 512, "logo_originals": True},
        },
    }
)
RESOURCES = declared(MANIFEST, 8888)


def asked(name: str, *urls: str, icons: tuple[str, ...] = ()) -> Asked:
    proxy = RESOURCES[f"proxy/{name}"]
    assert isinstance(proxy, DeclaredProxy)
    ids = {url: str(logo_id(url)) for url in (*urls, *icons)}
    return Asked(proxy, [(name, url, "") for url in urls], ids, frozenset(icons))


@pytest.mark.parametrize(
    ("lineup", "trusted"),
    [
        (asked("near", URL), True),
        (asked("near", "http://nas.lan:8096/a.png"), False),
        (asked("near", "http://router.lan/a.png"), False),
        (asked("near", "http://router.lan/b.png"), True),
        (asked("far", URL), False),
        (asked("far", icons=(URL,)), True),
        (asked("far", "http://example.org/a.png"), False),
    ],
)
def test_only_places_that_the_user_has_named_may_be_inside_the_network(
    lineup: Asked, *, trusted: bool
) -> None:
    wanted = logo_wishes.wanted_by([lineup], MANIFEST, RESOURCES)
    assert [wanted[identity].trusted for identity in lineup.ids.values()] == [trusted]


def test_only_what_the_yaml_has_letter_for_letter_may_lead_to_others_inside() -> None:
    declared_one, beside = "http://router.lan/b.png", URL
    lineup = asked("near", declared_one, beside)
    wanted = logo_wishes.wanted_by([lineup], MANIFEST, RESOURCES)
    told = {url: wanted[identity].declared for url, identity in lineup.ids.items()}
    assert told == {declared_one: True, beside: False}


def test_a_picture_of_several_proxies_is_as_large_and_whole_as_one_of_them_wants_it() -> None:
    lineups = [asked("near", URL), asked("large", URL)]
    for order in (lineups, lineups[::-1]):
        wanted = logo_wishes.wanted_by(order, MANIFEST, RESOURCES)[str(logo_id(URL))]
        assert (wanted.size, wanted.trusted, wanted.original) == (512, True, True)


def test_files_of_the_yaml_are_as_large_as_the_largest_proxy_wants_logos() -> None:
    for lineups, size in (([asked("near"), asked("large")], 512), ([asked("near")], 64), ([], 256)):
        wanted = logo_wishes.wanted_by(lineups, MANIFEST, RESOURCES)
        assert {key: one.size for key, one in wanted.items()} == {declared_id("file"): size}
    assert logo_wishes.wanted_by([], None, {}) == {}


def test_what_a_lineup_asks_for_comes_in_one_order_and_a_damaged_one_asks_for_nothing(
    tmp_path: Path,
) -> None:
    proxy = RESOURCES["proxy/near"]
    assert isinstance(proxy, DeclaredProxy)
    urls = [f"http://nas.lan/{place}.png" for place in range(50)]
    rows = {"name": urls, "tvg_logo": urls[::-1]}

    def write(folder: Path) -> BuildReport:
        pl.DataFrame(rows).write_parquet(folder / "lineup.parquet")
        return BuildReport()

    folder = publish.publish(tmp_path, "near", write).folder
    found = logo_wishes.asked_by(proxy, tmp_path, frozenset())
    assert found is not None
    assert list(found.ids) == sorted(urls)
    (folder / "lineup.parquet").write_bytes(b"no table")
    assert logo_wishes.asked_by(proxy, tmp_path, frozenset()) is None


def test_what_is_inside_the_network() -> None:
    inside = ["192.168.1.2:80", "nas", "nas.lan:8096", "[::1]:80", "127.0.0.1:5", "tv.fritz.box"]
    assert all(map(logo_wishes.is_inside, inside))
    outside = ["example.org", "8.8.8.8", "[2606:4700::1]:80"]
    assert not any(map(logo_wishes.is_inside, outside))
