"""A channel's identity depends on its source and the provider's key, and on nothing else."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from tvarr.catalog.schema import channel_id


def test_an_id_names_its_source_and_stays_the_same_for_ever() -> None:
    assert channel_id("freeview", "bbc1.uk\0bbc one") == "freeview.750865e7e6dd6191"


def test_a_repeated_key_gives_a_different_id() -> None:
    assert channel_id("a", "k") != channel_id("a", "k", 1) != channel_id("a", "k", 2)


def test_the_same_key_in_two_sources_is_two_channels() -> None:
    assert channel_id("a", "k") != channel_id("b", "k")


@given(st.text())
def test_any_key_gives_an_id_that_is_safe_in_urls_and_xml(key: str) -> None:
    assert re.fullmatch(r"src\.[0-9a-f]{16}", channel_id("src", key))
