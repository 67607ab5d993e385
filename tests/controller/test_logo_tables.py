"""What comes of the pictures: placeholders that lack, and the table of a proxy's links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.controller.test_logo_wishes import RESOURCES
from tvarr.catalog.logo_ids import design, logo_id, placeholder_id
from tvarr.catalog.logos import read_links
from tvarr.controller.logo_tables import to_draw, write_tables
from tvarr.controller.logo_wishes import Asked
from tvarr.controller.resources import DeclaredProxy
from tvarr.errors import Reason
from tvarr.logos.cache import Cache, Sidecar

if TYPE_CHECKING:
    from pathlib import Path

KEPT, GONE, NEW, ICON = (f"http://h/{name}.png" for name in ("kept", "gone", "new", "icon"))
NOT_FETCHED = "data:image/png,abc"
ROWS = [
    ("A kept one", KEPT, ""),
    ("One with nothing", "", ""),
    ("One that is gone", GONE, ""),
    ("A gone one with icon", GONE, ICON),
    ("One with icon", "", ICON),
    ("A new one", NEW, ""),
    ("An odd one", NOT_FETCHED, ""),
]


def lineup() -> Asked:
    proxy = RESOURCES["proxy/near"]
    assert isinstance(proxy, DeclaredProxy)
    ids = {url: str(logo_id(url)) for url in (KEPT, GONE, NEW, ICON)}
    return Asked(proxy, ROWS, ids, frozenset({ICON}))


def cache(tmp_path: Path, *there: str) -> Cache:
    """Return one in which these ids are pictures, and `GONE` is known to be none."""
    made = Cache(tmp_path / "logos")
    made.load()
    known = Sidecar(address="", size=64, checked=1, due=2)
    for identity in there:
        (picture := tmp_path / "picture").write_bytes(b"png")
        made.put(identity, known, picture)
    made.put(str(logo_id(GONE)), known.model_copy(update={"reason": Reason.GONE, "failures": 1}))
    return made


def test_only_channels_that_have_nothing_get_a_placeholder(tmp_path: Path) -> None:
    drawn = to_draw([lineup()], cache(tmp_path), 1)
    bare = ["One that is gone", "One with nothing"]
    assert {one.identity for one in drawn} == {placeholder_id(name) for name in bare}
    assert {(one.initials, one.colour) for one in drawn} == {design(name) for name in bare}


def test_a_placeholder_is_drawn_once_and_anew_if_it_is_too_small(tmp_path: Path) -> None:
    kept = cache(tmp_path, placeholder_id("One with nothing"), placeholder_id("One that is gone"))
    assert to_draw([lineup()], kept, 1) == []
    small = Sidecar(address="", size=32, checked=1, due=2)
    kept.put(placeholder_id("One with nothing"), small)
    assert [one.size for one in to_draw([lineup()], kept, 1)] == [64]


def test_the_table_has_what_is_known_and_is_written_when_that_changes(tmp_path: Path) -> None:
    kept = cache(tmp_path, str(logo_id(KEPT)), placeholder_id("One with nothing"))
    assert write_tables([lineup()], kept, tmp_path) == [lineup().proxy]
    links = read_links(tmp_path, "near")
    assert links is not None
    assert links.frame().rows() == [
        (GONE, None, None),
        (KEPT, None, logo_id(KEPT)),
        (None, "One with nothing", placeholder_id("One with nothing")),
    ]
    assert write_tables([lineup()], kept, tmp_path) == []


def test_where_nothing_is_known_there_is_no_table(tmp_path: Path) -> None:
    empty = Cache(tmp_path / "logos")
    assert write_tables([lineup()], empty, tmp_path) == []
    assert read_links(tmp_path, "near") is None
