from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.builders import DAY, channel, guide, programme, source
from tvarr.outputs import publish
from tvarr.outputs.standing import stands
from tvarr.pipeline.build import build_key
from tvarr.spec.manifest import Manifest
from tvarr.state.conditions import Kind, Status

if TYPE_CHECKING:
    from pathlib import Path

    from tvarr.catalog.snapshots import Snapshot
    from tvarr.outputs.standing import Standing

BASE = "http://127.0.0.1:8888"
MANIFEST = Manifest.model_validate(
    {
        "sources": {"tv": {"kind": "m3u", "url": "http://user:hunter2@provider.invalid/list"}},
        "epg": {"uk": {"kind": "xmltv", "url": "guide.xml"}},
        "rules": {"name": {"do": 'SET channel_name = "X $channel_name"'}},
        "logos": {"used": "http://logos.invalid/1.png"},
        "proxies": {"family": {"sources": ["tv"], "epg": ["uk"], "rules": ["name"]}},
    }
)


class World:
    """Statuses, and the data folder."""

    def __init__(self, data: Path, proxy: dict[str, str] | None = None) -> None:
        self.data = data
        declared = MANIFEST.proxies["family"].model_copy(update=proxy or {})
        self.manifest = MANIFEST.model_copy(update={"proxies": {"family": declared}})
        self.statuses: dict[str, Status] = {}

    def has(self, snapshot: Snapshot) -> None:
        kind = Kind(snapshot.kind)
        status = Status(kind=kind, name=snapshot.name, snapshot=snapshot.digest)
        self.statuses[status.key] = status

    def stands(self, base_url: str = BASE) -> Standing:
        return stands(self.manifest, "family", self.statuses.get, self.data, base_url, DAY)

    def publish(self) -> None:
        build = self.stands().build
        published = publish.build_and_publish(build, self.data, BASE)
        self.statuses["proxy/family"] = Status(
            kind=Kind.PROXY,
            name="family",
            revision=published.revision,
            build_key=build_key(replace(build, ledger=published.ledger), BASE),
        )


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.has(source(tmp_path, channel("One", "one")))
    world.has(guide(tmp_path, programme("one", "18:00", "19:00")))
    return world


def test_it_gathers_what_a_build_would_be_made_of(world: World) -> None:
    build = world.stands().build
    assert [snapshot.name for snapshot in build.sources] == ["tv"]
    assert [snapshot.name for snapshot in build.guides] == ["uk"]
    assert [step.name for step in build.steps] == ["name"]
    assert build.window is not None
    assert build.logos == ()
    assert "hunter2" not in repr(build.origins)


def test_the_lineup_is_made_where_nothing_is_published(world: World) -> None:
    standing = world.stands()
    assert not standing.published
    assert standing.lineup["name"].to_list() == ["X One"]


def test_the_published_lineup_is_taken_while_it_is_of_this_input(world: World) -> None:
    world.publish()
    standing = world.stands()
    assert standing.published
    assert standing.lineup["name"].to_list() == ["X One"]


def test_a_published_lineup_of_another_input_is_not_taken(world: World, tmp_path: Path) -> None:
    world.publish()
    world.has(source(tmp_path, channel("Two", "two")))
    standing = world.stands()
    assert not standing.published
    assert standing.lineup["name"].to_list() == ["X Two"]
    assert not world.stands("http://elsewhere.invalid").published


def test_a_published_lineup_that_is_gone_is_made_anew(world: World) -> None:
    world.publish()
    folder = publish.current(world.data, "family")
    assert folder is not None
    (folder / "lineup.parquet").unlink()
    assert not world.stands().published


@pytest.mark.parametrize("content", [b"no table", b"PAR1" + bytes(40) + b"PAR1"])
def test_a_published_lineup_that_is_damaged_is_made_anew(world: World, content: bytes) -> None:
    world.publish()
    folder = publish.current(world.data, "family")
    assert folder is not None
    (folder / "lineup.parquet").write_bytes(content)
    assert not world.stands().published


def test_what_has_not_been_read_or_was_lost_is_left_out(world: World) -> None:
    lost = replace(world.stands().build.guides[0], digest="0" * 32)
    world.has(lost)
    del world.statuses["source/tv"]
    build = world.stands().build
    assert (build.sources, build.guides) == ((), ())
    assert build.window is None
    assert world.stands().lineup.is_empty()


def test_a_proxy_that_is_not_declared_is_refused(world: World) -> None:
    with pytest.raises(KeyError):
        stands(MANIFEST, "kids", world.statuses.get, world.data, BASE, DAY)


@pytest.mark.parametrize("published", [True, False])
def test_of_merged_duplicates_it_has_the_streams_and_guide_channels(
    tmp_path: Path, *, published: bool
) -> None:
    world = World(tmp_path, {"duplicates": "merge"})
    addresses = {"One HD": "http://s.invalid/1", "One FHD": "http://s.invalid/2"}
    rows = (channel(name, "one", stream_url=address) for name, address in addresses.items())
    world.has(source(tmp_path, *rows))
    world.has(guide(tmp_path, programme("one", "18:00", "19:00")))
    if published:
        world.publish()
    standing = world.stands()
    assert standing.published == published
    assert standing.made.candidates is not None
    assert standing.made.candidates["name"].to_list() == ["X One FHD", "X One HD"]
    assert standing.made.matches is not None
    assert standing.made.matches["guide_channel"].to_list() == ["one"]


def test_where_duplicates_are_kept_it_has_the_lineup_alone(world: World) -> None:
    assert world.stands().made.candidates is None
