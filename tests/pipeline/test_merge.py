"""Sources are joined in order, and every channel gets an id that both outputs can carry."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import builders
from tests.builders import channel
from tvarr.catalog import schema
from tvarr.pipeline import merge

if TYPE_CHECKING:
    from pathlib import Path


def guide_id(tvg_id: str | None) -> tuple[str, str]:
    """Return the guide id of a channel with this tvg-id, and the channel's own id."""
    row = merge.with_guide_ids(builders.channels(channel("BBC One", tvg_id))).row(0, named=True)
    return row["guide_id"], row["channel_id"]


def test_sources_stand_one_after_the_other_in_the_proxys_order(tmp_path: Path) -> None:
    first = builders.source(tmp_path, channel("B"), channel("A"), name="first")
    second = builders.source(tmp_path, channel("A"), name="second")
    joined = merge.join_sources((second, first))
    assert joined.select("source", "name").rows() == [
        ("second", "A"),
        ("first", "B"),
        ("first", "A"),
    ]
    assert joined.schema == schema.CHANNELS


def test_no_sources_are_an_empty_lineup() -> None:
    joined = merge.join_sources(())
    assert joined.is_empty()
    assert joined.schema == schema.CHANNELS


def test_the_guide_id_is_the_providers_tvg_id_letter_for_letter() -> None:
    assert guide_id(" BBC1.uk ")[0] == " BBC1.uk "


@pytest.mark.parametrize("tvg_id", [None, "", "  ", "\t", "\x00"])
def test_without_a_tvg_id_the_channel_has_its_own_id(tvg_id: str | None) -> None:
    found, own = guide_id(tvg_id)
    assert found == own


def test_channels_that_share_a_tvg_id_share_their_guide_channel() -> None:
    lineup = merge.with_guide_ids(builders.channels(channel("One", "bbc1"), channel("Two", "bbc1")))
    assert lineup["guide_id"].to_list() == ["bbc1", "bbc1"]
    assert lineup["channel_id"].n_unique() == 2


def test_what_no_playlist_can_hold_is_replaced_in_the_guide_id() -> None:
    assert guide_id('a"b\nc\x85d\u2028e')[0] == "a'b c d e"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_guide_id_reads_the_same_in_xml_and_in_a_playlist(tvg_id: str) -> None:
    found, _ = guide_id(tvg_id)
    escaped = found.replace("&", "&amp;").replace("<", "&lt;")
    assert ET.fromstring(f'<channel id="{escaped}"/>').get("id") == found
    assert '"' not in found
    assert found.splitlines() == [found]
