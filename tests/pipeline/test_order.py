"""The order of the lineup, and its groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import builders
from tests.builders import channel
from tvarr.pipeline.build import lineup
from tvarr.pipeline.order import (
    arrange,
    entitled,
    group_keys,
    hides,
    regroup,
    titles_in_order,
)
from tvarr.spec.lineup import Group
from tvarr.spec.proxy import Proxy

if TYPE_CHECKING:
    from pathlib import Path

ROWS = (
    channel("beta", group_title="Sport", channel_number="9"),
    channel("Alpha", group_title="news", channel_number="10"),
    channel("gamma", group_title="", channel_number="9.2"),
    channel("Delta", group_title=" News ", channel_number=None),
)


def names(folder: Path, *rows: builders.Row, **spec: Any) -> list[str]:
    return built(folder, *rows, **spec)["name"].to_list()


def built(folder: Path, *rows: builders.Row, **spec: Any) -> pl.DataFrame:
    source = builders.source(folder, *(rows or ROWS))
    return lineup(builders.build_input(sources=(source,), **spec)).channels


@pytest.mark.parametrize(
    ("order", "found"),
    [
        (["source"], ["beta", "Alpha", "gamma", "Delta"]),
        (["name"], ["Alpha", "beta", "Delta", "gamma"]),
        (["group", "name"], ["Alpha", "Delta", "beta", "gamma"]),
        (["group"], ["Alpha", "Delta", "beta", "gamma"]),
        (["number"], ["beta", "gamma", "Alpha", "Delta"]),
    ],
)
def test_channels_come_in_the_declared_order(
    tmp_path: Path, order: list[str], found: list[str]
) -> None:
    assert names(tmp_path, order=order) == found


def test_numbers_follow_the_order(tmp_path: Path) -> None:
    found = built(tmp_path, order=["name"])
    assert found["number"].to_list() == ["1", "2", "3", "4"]


def test_what_is_ordered_by_number_is_so_by_the_number_that_it_has(tmp_path: Path) -> None:
    found = built(tmp_path, order=["number"], numbering={"mode": "preserve"})
    assert found.select("name", "number").rows() == [
        ("Delta", "1"),
        ("beta", "9"),
        ("gamma", "9.2"),
        ("Alpha", "10"),
    ]


def test_sources_come_in_the_order_of_their_priority(tmp_path: Path) -> None:
    sources = tuple(builders.source(tmp_path, channel(name), name=name) for name in "zya")
    build = builders.build_input(sources=sources, order=["source", "name"])
    assert lineup(build).channels["name"].to_list() == ["z", "y", "a"]


def test_declared_groups_come_first_and_have_their_titles(tmp_path: Path) -> None:
    groups = {"SPORT": {"title": "Sports"}, "Uncategorized": {}}
    found = built(tmp_path, order=["group"], groups=groups)
    assert found.select("name", "group_title").rows() == [
        ("beta", "Sports"),
        ("gamma", "Uncategorized"),
        ("Alpha", "news"),
        ("Delta", "news"),
    ]


SPELLINGS = ("News One", "news one", " NEWS  ONE", "News One ", "nEWS\u00a0One")


@given(st.lists(st.sampled_from(SPELLINGS), min_size=1), st.sampled_from(["group", "source"]))
def test_a_group_is_one_however_it_is_written(titles: list[str], first: str) -> None:
    spec = Proxy.model_validate({"sources": ["tv"], "order": [first, "name"]})
    rows = [channel(f"{place:02}", group_title=title) for place, title in enumerate(titles)]
    frame = builders.channels(*rows, channel("alone", group_title="Sport"))
    arranged = entitled(arrange(regroup(frame, {}), spec, "channel_number"), {})
    news = arranged.filter(pl.col("name") != "alone")
    assert news["name"].to_list() == [f"{place:02}" for place in range(len(titles))]
    assert set(news["group_title"]) == {titles[0]}
    assert group_keys(arranged).n_unique() == 2


@pytest.mark.parametrize(
    ("groups", "title"),
    [
        ({}, " News"),
        ({"news": {}}, "news"),
        ({"Blue": {"title": "NEWS"}}, "NEWS"),
        ({"Blue": {"title": "NEWS"}, "news": {}}, "NEWS"),
    ],
)
def test_a_group_is_called_as_declared_or_else_as_its_first_channel_says(
    tmp_path: Path, groups: dict[str, Any], title: str
) -> None:
    rows = (channel("one", group_title=" News"), channel("two", group_title="news"))
    assert built(tmp_path, *rows, groups=groups)["group_title"].to_list() == [title, title]


def test_the_title_is_the_first_channel_s_of_the_lineup_and_not_of_the_source(
    tmp_path: Path,
) -> None:
    rows = (channel("z", group_title="NEWS"), channel("a", group_title="News"))
    assert built(tmp_path, *rows, order=["name"])["group_title"].to_list() == ["News", "News"]


def test_channels_without_a_group_stay_without(tmp_path: Path) -> None:
    titles = ["uncategorized", "", None, " "]
    rows = [channel(str(place), group_title=title) for place, title in enumerate(titles)]
    assert built(tmp_path, *rows)["group_title"].to_list() == titles


def test_channels_of_hidden_groups_are_counted(tmp_path: Path) -> None:
    source = builders.source(tmp_path, *ROWS)
    groups = {"news": {"hide": True}}
    assert lineup(builders.build_input(sources=(source,), groups=groups)).hidden == 2
    assert lineup(builders.build_input(sources=(source,))).hidden == 0


def test_groups_are_merged_and_hidden(tmp_path: Path) -> None:
    groups = {"Both": {"merge": ["sport", "NEWS"]}, "Uncategorized": {"hide": True}}
    found = built(tmp_path, groups=groups)
    assert found.select("name", "group_title").rows() == [
        ("beta", "Both"),
        ("Alpha", "Both"),
        ("Delta", "Both"),
    ]


def test_a_hidden_group_hides_what_is_part_of_it() -> None:
    groups = {"Shopping": Group(merge=("Teleshopping",), hide=True), "News": Group()}
    assert hides(" teleSHOPPING ", groups) == "Shopping"
    assert hides("News", groups) is None
    assert hides(None, groups) is None


def test_groups_that_nobody_declares_go_by_name() -> None:
    found = titles_in_order(["b", "A", "Zed", "c"], {"zed": Group(), "x": Group(title="C")})
    assert found == ["Zed", "c", "A", "b"]
