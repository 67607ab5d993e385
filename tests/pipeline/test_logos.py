"""How players get one channel's logo, in words."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import polars as pl
import pytest

from tests import builders
from tvarr.catalog.logos import LINKS, Links
from tvarr.pipeline.logos import delivered

ROWS = [
    ("http://h/a.png", None, "aa"),
    ("http://h/gone.png", None, None),
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


def test_before_anything_is_kept() -> None:
    build = builders.build_input(logos="cache")
    assert delivered(build, "One", "http://h/a.png").startswith("not kept yet")
    assert delivered(build, "One", "") == "initials are to come"


def test_what_is_not_kept() -> None:
    assert delivered(builders.build_input(), "One", "http://h/a.png") == ""
    none = delivered(builders.build_input(logos="none"), "One", "http://h/a.png")
    assert none == "not written, since the proxy says logos: none"
