"""A provider changes everything overnight, and nobody has to learn a number anew."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tvarr.catalog import ledger
from tvarr.catalog.snapshots import Snapshots
from tvarr.ingest.m3u import M3uOptions, ingest
from tvarr.outputs.publish import build_and_publish
from tvarr.pipeline.build import BuildInput
from tvarr.spec.proxy import Proxy

if TYPE_CHECKING:
    from pathlib import Path

    from tvarr.outputs.publish import Published

BASE = "http://tv.lan"
NIGHT = datetime(2026, 8, 22, 3, tzinfo=UTC)
COUNT = 200


class Provider:
    """A playlist with signed addresses."""

    def __init__(self, *, tvg_ids: bool) -> None:
        self.names = [f"Channel {place}" for place in range(COUNT)]
        self.tvg_ids = tvg_ids
        self.host, self.token = "one.invalid", "a" * 32

    def playlist(self) -> str:
        return "#EXTM3U\n" + "".join(
            f'#EXTINF:-1 tvg-id="{f"id{place}" if self.tvg_ids else ""}" group-title="G{place % 7}"'
            f",{name}\nhttp://{self.host}/{self.token}/ch{place}.m3u8?sig={self.token}\n"
            for place, name in enumerate(self.names)
        )

    def change_all_addresses(self) -> None:
        self.host, self.token = "two.invalid", "b7" * 16

    def rename(self, share: float) -> set[int]:
        """Give so many channels another name; return their places."""
        renamed = set(random.Random(7).sample(range(COUNT), int(COUNT * share)))
        for place in renamed:
            self.names[place] = f"Station {place * 31}"
        return renamed


class Living:
    """A proxy in a data folder, refreshed each night."""

    def __init__(self, data: Path, mode: str) -> None:
        self.data, self.now = data, NIGHT
        self.spec = Proxy.model_validate({"sources": ["tv"], "numbering": {"mode": mode}})

    def refresh(self, text: str) -> Published:
        document = self.data / "tv.m3u"
        document.write_text(text)
        store = Snapshots(self.data / "snapshots")
        with store.stage("source", "tv") as stage:
            ingest(document, stage, M3uOptions("tv", None, 1 << 24))
            snapshot = store.commit("source", "tv", stage)
        self.now += timedelta(days=1)
        self.build = BuildInput(
            "family",
            self.spec,
            (snapshot,),
            (),
            None,
            ledger=ledger.find(self.data, "family"),
            now=self.now,
        )
        return build_and_publish(self.build, self.data, BASE)


def numbers(published: Published) -> dict[str, str]:
    """Return the number of each channel of the served playlist, by the end of its address."""
    text = (published.folder / "playlist.m3u").read_text()
    entries = re.findall(r'tvg-chno="([^"]*)".*\n.*/ch(\d+)\.m3u8', text)
    return {place: number for number, place in entries}


@pytest.mark.parametrize("mode", ["sequential", "preserve", "group"])
@pytest.mark.parametrize("tvg_ids", [True, False])
def test_all_addresses_change_and_one_in_twenty_names_and_no_number_moves(
    tmp_path: Path, mode: str, *, tvg_ids: bool
) -> None:
    provider, proxy = Provider(tvg_ids=tvg_ids), Living(tmp_path, mode)
    before = numbers(proxy.refresh(provider.playlist()))
    assert len(set(before.values())) == COUNT

    provider.change_all_addresses()
    renamed = provider.rename(0.05)
    published = proxy.refresh(provider.playlist())

    assert numbers(published) == before
    report = published.report.numbers
    assert (report.carried, report.moved, report.conflicts) == (len(renamed), 0, 0)
    assert {one.by for one in report.carried_on} == {"tvg_id" if tvg_ids else "path"}
    assert {one.name for one in report.carried_on} == {provider.names[place] for place in renamed}


def test_who_cannot_be_known_again_is_new_and_the_others_stay(tmp_path: Path) -> None:
    provider, proxy = Provider(tvg_ids=False), Living(tmp_path, "sequential")
    before = numbers(proxy.refresh(provider.playlist()))
    renamed = {str(place) for place in provider.rename(0.05)}
    text = re.sub(r"/ch(\d+)\.m3u8", r"/new/ch\1.m3u8", provider.playlist())
    after = numbers(proxy.refresh(text))
    assert {place for place in before if before[place] != after[place]} == renamed
    assert not set(before.values()) & {after[place] for place in renamed}


def test_the_next_build_of_the_same_changes_neither_files_nor_ledger(tmp_path: Path) -> None:
    provider, proxy = Provider(tvg_ids=True), Living(tmp_path, "preserve")
    first = proxy.refresh(provider.playlist())
    again = proxy.refresh(provider.playlist())
    assert again.revision == first.revision
    assert again.ledger == first.ledger == proxy.build.ledger
