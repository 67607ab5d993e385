"""The order of the lineup, and its groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests import builders
from tests.builders import channel
from tvarr.pipeline.build import lineup
from tvarr.pipeline.order import hides, titles_in_order
from tvarr.spec.lineup import Group

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

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
        (["group", "name"], ["Delta", "Alpha", "beta", "gamma"]),
        (["group"], ["Delta", "Alpha", "beta", "gamma"]),
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
        ("Delta", " News "),
        ("Alpha", "news"),
    ]


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
