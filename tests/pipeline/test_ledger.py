"""The ledger: numbers that stay through whatever a provider does."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import builders
from tests.builders import channel
from tvarr.catalog.ledger import empty
from tvarr.catalog.schema import LEDGER
from tvarr.pipeline import identity, ledger
from tvarr.pipeline.ledger import KEPT_FOR
from tvarr.pipeline.numbering import Numbered, number
from tvarr.spec.lineup import Numbering

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

NOON = datetime(2026, 8, 22, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Persona:
    """A channel as a person knows it, whatever the provider calls it."""

    key: int
    group: str = "News"
    own: str | None = None
    renamed: int = 0
    token: int = 0

    @property
    def row(self) -> builders.Row:
        return channel(
            f"Channel {self.key} {self.renamed or ''}",
            f"id{self.key}",
            channel_id=f"tv.{self.key}.{self.renamed}",
            group_title=self.group,
            channel_number=self.own,
            stream_url=f"http://h{self.token}.invalid/{self.token:032x}/{self.key}.ts",
        )


@dataclass
class Proxy:
    """A proxy that is built again and again."""

    numbering: Numbering = field(default_factory=Numbering)
    rows: pl.DataFrame = field(default_factory=empty)
    now: datetime = NOON
    known: ledger.Known | None = None
    numbered: Numbered | None = None

    def build(self, personas: Iterable[Persona], unread: tuple[str, ...] = ()) -> dict[int, str]:
        """Return each persona's number."""
        listed = list(personas)
        frame = builders.channels(*(persona.row for persona in listed))
        self.known = ledger.known(self.rows, frame, self.numbering, unread)
        self.numbered = number(frame, self.numbering, None, self.known.kept)
        self.rows = ledger.following(self.known, self.numbered, self.now)
        numbers = self.numbered.channels["number"].to_list()
        return {persona.key: text for persona, text in zip(listed, numbers, strict=True)}

    @property
    def moves(self) -> list[tuple[str, str]]:
        assert self.known is not None
        assert self.numbered is not None
        return ledger.moves(self.known, self.numbered).select("before", "number").rows()


def people(count: int, **columns: Any) -> list[Persona]:
    return [Persona(key, **columns) for key in range(1, count + 1)]


# --- one refresh -------------------------------------------------------------------------------


def test_the_same_again_changes_neither_numbers_nor_ledger() -> None:
    proxy = Proxy()
    first = proxy.build(people(5))
    before = proxy.rows
    proxy.now += timedelta(days=400)
    assert proxy.build(people(5)) == first
    assert proxy.rows.equals(before)
    assert proxy.rows.schema == LEDGER


def test_a_lineup_in_another_order_has_the_same_numbers_and_the_same_ledger() -> None:
    proxy = Proxy()
    first = proxy.build(people(5))
    before = proxy.rows
    assert proxy.build(reversed(people(5))) == first
    assert proxy.rows.equals(before)


def test_a_renamed_channel_keeps_its_number_and_is_told() -> None:
    proxy = Proxy()
    one, two = people(2)
    first = proxy.build([one, two])
    assert proxy.build([replace(two, renamed=1, token=9), one]) == first
    assert proxy.known is not None
    assert proxy.known.carried.rows() == [("tv.2.0", "tv.2.1", "tvg_id")]
    assert proxy.moves == []


def test_a_channel_that_returns_has_its_number_and_nobody_had_it_meanwhile() -> None:
    proxy = Proxy()
    one, two, three = people(3)
    proxy.build([one, two])
    assert proxy.build([two, three]) == {2: "2", 3: "3"}
    proxy.now += KEPT_FOR
    assert proxy.build([one, two, three]) == {1: "1", 2: "2", 3: "3"}


def test_a_number_is_free_again_after_its_time() -> None:
    proxy = Proxy()
    one, two, three = people(3)
    proxy.build([one, two])
    proxy.build([two])
    proxy.now += KEPT_FOR + timedelta(days=1)
    proxy.build([two])
    assert proxy.build([two, three]) == {2: "2", 3: "1"}


def test_time_does_not_count_while_a_source_cannot_be_read() -> None:
    proxy = Proxy()
    proxy.build(people(2))
    before = proxy.rows
    proxy.now += 3 * KEPT_FOR
    proxy.build([], unread=("tv",))
    assert proxy.rows.equals(before)
    assert proxy.build(reversed(people(2))) == {1: "1", 2: "2"}


def test_another_numbering_gives_numbers_anew() -> None:
    proxy = Proxy()
    proxy.build(people(3))
    proxy.numbering = Numbering(start=500)
    assert proxy.build(reversed(people(2))) == {2: "500", 1: "501"}
    assert proxy.moves == []
    assert proxy.rows.height == 2


def test_a_pin_moves_whoever_had_the_number_and_that_is_told() -> None:
    proxy = Proxy()
    proxy.build(people(3))
    proxy.numbering = Numbering(pinned={"tv.3.0": 1})
    assert proxy.build(people(3)) == {1: "3", 2: "2", 3: "1"} or proxy.moves
    assert sorted(proxy.moves) == [("1", "3"), ("3", "1")]


def test_a_channel_that_changes_its_group_gets_a_number_there() -> None:
    proxy = Proxy(Numbering(mode="group", group_size=10))
    one, two = Persona(1, "a"), Persona(2, "b")
    assert proxy.build([one, two]) == {1: "1", 2: "11"}
    assert proxy.build([replace(one, group="b"), two]) == {1: "12", 2: "11"}
    assert proxy.moves == [("1", "12")]


def test_no_more_than_so_many_absent_channels_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "MOST_ABSENT", 1)
    proxy = Proxy()
    proxy.build(people(3))
    proxy.build(people(2))
    proxy.now += timedelta(days=1)
    proxy.build(people(1))
    assert proxy.rows["channel_id"].to_list() == ["tv.1.0", "tv.2.0"]


def test_no_address_of_an_account_is_in_the_ledger() -> None:
    proxy = Proxy()
    row = channel("A", stream_url="http://h.invalid/live/alice/hunter2/7.ts?token=hunter2")
    frame = builders.channels(row)
    known = ledger.known(proxy.rows, frame, proxy.numbering)
    rows = ledger.following(known, number(frame, proxy.numbering), NOON)
    elsewhere = builders.channels(channel("A", stream_url="http://i.invalid/live/bob/else/7.ts"))
    assert rows["path"].to_list() == identity.identities(elsewhere)["path"].to_list() != [None]
    assert "hunter2" not in str(rows.rows())


# --- fifty refreshes ---------------------------------------------------------------------------


def refreshed(there: list[Persona], away: list[Persona], by: random.Random) -> None:
    """Do to the channels what providers do: shuffle, rename, take out, bring back, sign anew."""
    for chosen in by.sample(there, by.randint(0, len(there) // 4)):
        there.remove(chosen)
        away.append(chosen)
    back = by.sample(away, by.randint(0, len(away)))
    for at, persona in enumerate(there):
        renamed = by.randint(1, 10**9) if by.random() < 0.1 else persona.renamed
        there[at] = replace(persona, renamed=renamed, token=by.randint(1, 10**6))
    for chosen in back:
        away.remove(chosen)
        there.append(chosen)
    by.shuffle(there)


@pytest.mark.parametrize("mode", ["sequential", "preserve", "group"])
@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 2**32), count=st.integers(1, 40))
def test_over_fifty_refreshes_no_number_moves_and_none_comes_twice(
    mode: str, seed: int, count: int
) -> None:
    by = random.Random(seed)
    groups, own = ["a", "b", "c"], [None, "5", "5.1", "7", "20", "21"]
    everybody = [Persona(key, by.choice(groups), by.choice(own)) for key in range(count)]
    pinned = {key: 1000 + key for key in by.sample(range(count), count // 5)}
    pins = {f"tv.{key}.0": pin for key, pin in pinned.items()}
    proxy = Proxy(Numbering(mode=mode, group_size=4, pinned=pins))
    there, away = everybody[: count // 2 + 1], everybody[count // 2 + 1 :]
    given: dict[int, str] = {}
    last: dict[int, str] = {}
    for _ in range(50):
        numbers = proxy.build(there)
        assert len(set(numbers.values())) == len(numbers)
        for key, text in numbers.items():
            if key in pinned:
                assert text == str(pinned[key])
            elif key in last or mode != "preserve":  # there, the provider's word is stronger
                assert text == given.get(key, text)
        again = proxy.rows
        assert proxy.build(there) == numbers
        assert proxy.rows.equals(again)
        given |= numbers
        last = numbers
        refreshed(there, away, by)


def test_numbers_above_the_last_one_that_can_be_asked_for_stay_too() -> None:
    proxy = Proxy(Numbering(mode="preserve"))
    channels = people(3, own="4294967295")
    first = proxy.build(channels)
    assert sorted(first.values()) == ["4294967295", "4294967296", "4294967297"]
    assert proxy.build(channels[::-1]) == first
    assert proxy.moves == []
