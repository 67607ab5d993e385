"""How players get one channel's logo, in words."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

import polars as pl
import pytest

from tests import builders
from tests.builders import channel, guide_channel
from tvarr.catalog.logos import LINKS, Links
from tvarr.pipeline.logos import delivered, with_guide_icons
from tvarr.pipeline.match import match
from tvarr.pipeline.merge import with_guide_ids

if TYPE_CHECKING:
    from pathlib import Path

TAKEN = "the icon of its guide channel is taken"
ROWS = [
    ("http://h/a.png", None, "aa"),
    ("http://h/gone.png", None, None),
    ("http://g/icon.png", None, "99"),
    ("http://g/none.png", None, None),
    (None, "Gone", "11"),
    (None, "Bare", "bb"),
]


def links() -> Links:
    stream = BytesIO()
    pl.DataFrame(ROWS, schema=LINKS, orient="row").write_parquet(stream)
    return Links("d", stream.getvalue())


@pytest.mark.parametrize(
    ("name", "address", "said"),
    [
        ("One", " http://h/a.png", "served by tvarr as logos/aa.png"),
        ("One", "http://h/new.png", "not kept yet, so players have this address"),
        ("Bare", "", "its initials are served as logos/bb.png"),
        ("New", "", "initials are to come"),
        (
            "Gone",
            "http://h/gone.png",
            "there is no picture at this address; its initials are served as logos/11.png",
        ),
    ],
)
def test_what_becomes_of_a_logo_that_is_kept(name: str, address: str, said: str) -> None:
    build = replace(builders.build_input(logos="cache"), links=links())
    assert delivered(build, name, address) == said


@pytest.mark.parametrize(
    ("address", "icon", "said"),
    [
        ("http://h/a.png", "http://g/icon.png", "served by tvarr as logos/aa.png"),
        ("", "http://g/icon.png", f"{TAKEN}, served by tvarr as logos/99.png"),
        ("", "http://g/new.png", f"{TAKEN}, which is not kept yet"),
        ("", "http://g/none.png", "its initials are served as logos/11.png"),
        (
            "http://h/gone.png",
            "http://g/icon.png",
            f"there is no picture at this address; {TAKEN}, served by tvarr as logos/99.png",
        ),
    ],
)
def test_the_icon_of_the_guide_is_told_where_it_is_taken(
    address: str, icon: str, said: str
) -> None:
    build = replace(builders.build_input(logos="cache"), links=links())
    assert delivered(build, "Gone", address, icon) == said


@pytest.mark.parametrize(
    ("icon", "taken"),
    [
        (" HTTPS://g/a.png ", "HTTPS://g/a.png"),
        ("http://g/a.png?x=1&y=2", "http://g/a.png?x=1&y=2"),
        ("file:///etc/passwd", None),
        ("data:image/png;base64,AAAA", None),
        ("/logos/a.png", None),
        ("http://", None),
        ("http:///a.png", None),
        ('http://g/a".png', None),
        ("http://g/a b.png", None),
        ("http://g/a\nb.png", None),
        (f"http://g/{'a' * 5000}.png", None),
        ("", None),
        (None, None),
    ],
)
def test_only_a_plain_address_of_the_web_is_taken_from_a_guide(
    tmp_path: Path, icon: str | None, taken: str | None
) -> None:
    channels = with_guide_ids(builders.channels(channel("One", "one")))
    guide = builders.guide(tmp_path, declared=({**guide_channel("one", "One"), "icon": icon},))
    found = with_guide_icons(channels, match(channels, [guide]), [guide])
    assert found["guide_icon"].to_list() == [taken]


def test_the_first_guide_that_has_an_icon_counts_and_a_channel_is_never_doubled(
    tmp_path: Path,
) -> None:
    rows = (channel("One", "one"), channel("One HD", "one"), channel("Two", "two"))
    channels = with_guide_ids(builders.channels(*rows))
    guides = [
        builders.guide(tmp_path / name, name=name, declared=declared)
        for name, declared in (
            ("a", (guide_channel("one", "One"),)),
            ("b", ({**guide_channel("one"), "icon": "http://b/1"},) * 2),
            ("c", ({**guide_channel("one"), "icon": "http://c/1"},)),
        )
    ]
    found = with_guide_icons(channels, match(channels, guides), guides)
    assert found["guide_icon"].to_list() == ["http://b/1", "http://b/1", None]
    assert found["name"].to_list() == ["One", "One HD", "Two"]
    again = with_guide_icons(found, match(channels, guides), guides)
    assert again.equals(found)


def test_before_anything_is_kept() -> None:
    build = builders.build_input(logos="cache")
    assert delivered(build, "One", "http://h/a.png").startswith("not kept yet")
    assert delivered(build, "One", "") == "initials are to come"


def test_what_is_not_kept() -> None:
    assert delivered(builders.build_input(), "One", "http://h/a.png") == ""
    assert delivered(builders.build_input(), "One", "http://h/a.png", "http://g/icon.png") == ""
    assert delivered(builders.build_input(), "One", "", "http://g/icon.png") == TAKEN
    none = delivered(builders.build_input(logos="none"), "One", "http://h/a.png")
    assert none == "not written, since the proxy says logos: none"
