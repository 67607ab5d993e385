"""Near misses with the line that pins them."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from tests.builders import channel, channels
from tvarr.pipeline import merge
from tvarr.pipeline.match import NEAR
from tvarr.pipeline.near import NEAR_MISSES, near_misses, pin_line


def lineup(*names: str) -> pl.DataFrame:
    return merge.with_guide_ids(channels(*map(channel, names)))


def near(*guide_ids: str) -> pl.DataFrame:
    rows = [(guide_id, "uk", "b1.uk", "BBC One", 80, "has other words") for guide_id in guide_ids]
    return pl.DataFrame(rows, schema=NEAR, orient="row")


def test_a_near_miss_tells_its_channel_and_how_to_pin_it() -> None:
    known = lineup("BBC 1 North")
    told = near_misses(known, near(known["guide_id"][0]))
    assert tuple(told.columns) == NEAR_MISSES
    assert told["pin"].to_list() == ['"BBC 1 North": "b1.uk"']


@pytest.mark.parametrize("names", [("BBC", "BBC"), ("", "x")])
def test_a_name_that_is_not_its_own_is_pinned_by_channel_id(names: tuple[str, str]) -> None:
    known = lineup(*names)
    told = near_misses(known, near(known["guide_id"][0]))
    assert told["pin"].to_list() == [f'"{known["channel_id"][0]}": "b1.uk"']


@given(st.text(max_size=40), st.text(max_size=40))
def test_the_line_is_yaml_of_one_line(name: str, guide_channel: str) -> None:
    line = pin_line(name, guide_channel)
    assert line.isprintable()
    assert YAML(typ="safe").load(line) == {name: guide_channel}
