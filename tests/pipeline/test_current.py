"""The catalog as it stands: which snapshots there are, and the values in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import builders
from tests.web.world import NOW, declared, ready
from tvarr.catalog.snapshots import Snapshots
from tvarr.errors import MisusedError
from tvarr.expression.fields import Domain, resolve
from tvarr.pipeline import current
from tvarr.pipeline.current import Given
from tvarr.spec.manifest import Manifest
from tvarr.state.conditions import Kind

if TYPE_CHECKING:
    from pathlib import Path


def values(
    given: Given, word: str, query: str = "", limit: int = 10, domain: Domain = Domain.CHANNEL
) -> tuple[list[tuple[str, int]], int]:
    field = resolve(word, domain)
    assert field is not None
    return current.values(field, domain, given, query, limit)


@pytest.fixture
def given(tmp_path: Path) -> Given:
    groups = ["Sport", "News", None, "", "News", "Straße"]
    rows = [builders.channel(f"C{n}", group_title=group) for n, group in enumerate(groups)]
    guide = builders.guide(tmp_path, builders.programme("c", "18:30", categories=["A", "B"]))
    return Given((builders.source(tmp_path, *rows),), (guide,))


def test_values_are_counted_the_most_frequent_first(given: Given) -> None:
    assert values(given, "group") == ([("News", 2), ("Sport", 1), ("Straße", 1)], 3)
    assert values(given, "group", limit=1) == ([("News", 2)], 3)


def test_values_are_searched_without_letter_case(given: Given) -> None:
    assert values(given, "group", "STRASSE") == ([("Straße", 1)], 1)
    assert values(given, "group", "(") == ([], 0)


def test_parts_add_up_and_the_rarest_are_forgotten(
    given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current, "PART", 2)
    assert values(given, "group")[0][0] == ("News", 2)
    monkeypatch.setattr(current, "MOST_VALUES", 2)
    assert values(given, "group")[1] == 2


def test_each_of_several_texts_counts(given: Given) -> None:
    assert values(given, "genre", domain=Domain.PROGRAMME) == ([("A", 1), ("B", 1)], 2)


def test_credentials_in_other_addresses_are_hidden(tmp_path: Path) -> None:
    logo = "http://user:secret@l.invalid/1.png?token=secret"
    given = Given((builders.source(tmp_path, builders.channel("A", tvg_logo=logo)),))
    assert "secret" not in str(values(given, "logo"))


def test_current_snapshots_come_in_the_order_of_the_yaml(tmp_path: Path) -> None:
    stored = {
        name: builders.source(tmp_path, builders.channel("A"), name=name)
        for name in ("aaa", "freeview", "gone")
    }
    statuses = [ready(Kind.SOURCE, n, snapshot=s.digest) for n, s in stored.items()]
    statuses[2] = statuses[2].model_copy(update={"removed_at": NOW})
    statuses.append(ready(Kind.SOURCE, "lost", snapshot="0"))
    statuses.append(ready(Kind.SOURCE, "new"))
    snapshots = Snapshots(tmp_path / "snapshots")

    found = current.current(statuses, snapshots, declared("family"))
    assert [snapshot.name for snapshot in found.sources] == ["freeview", "aaa"]
    assert [origin.name for origin in found.origins] == ["freeview"]
    assert [s.name for s in current.current(statuses, snapshots, None).sources] == [
        "aaa",
        "freeview",
    ]


def test_a_source_and_a_guide_of_one_name_each_keep_their_place(tmp_path: Path) -> None:
    manifest = Manifest.model_validate(
        {
            "sources": {name: {"kind": "m3u", "url": "a.m3u"} for name in ("a", "b")},
            "epg": {name: {"kind": "xmltv", "url": "a.xml"} for name in ("b", "a")},
        }
    )
    guides = [builders.guide(tmp_path, builders.programme("x", "18:00"), name=n) for n in "ab"]
    statuses = [ready(Kind.EPG, guide.name, snapshot=guide.digest) for guide in guides]

    found = current.current(statuses, Snapshots(tmp_path / "snapshots"), manifest)
    assert [guide.name for guide in found.guides] == ["b", "a"]


def test_one_source_or_guide_can_be_looked_at_alone(given: Given) -> None:
    assert given.only("tv", Domain.CHANNEL).sources == given.sources
    assert given.only("uk", Domain.PROGRAMME) == given
    with pytest.raises(MisusedError, match="a guide tv; there is: uk"):
        given.only("tv", Domain.PROGRAMME)
