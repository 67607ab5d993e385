"""Streams of one channel as one entry: who stands for it, what plays, which number it keeps."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from tests import builders
from tests.builders import channel, guide_channel, programme
from tvarr.catalog.ledger import Ledger, empty
from tvarr.catalog.schema import CANDIDATES, LEDGER
from tvarr.pipeline.build import AccountNow, Lineup, lineup
from tvarr.pipeline.entries import MERGED
from tvarr.pipeline.number_told import number_told
from tvarr.pipeline.retell import Retold
from tvarr.pipeline.story import Steps
from tvarr.spec.lineup import Numbering

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from tvarr.catalog.snapshots import Snapshot

NOON = datetime(2026, 8, 22, 12, tzinfo=UTC)


@dataclass
class _Stored:
    """A ledger that is not on the disk."""

    rows: pl.DataFrame
    digest: str = "x"

    def read(self) -> pl.DataFrame:
        return self.rows


@dataclass
class Proxy:
    """A proxy that is built again and again, with its ledger."""

    folder: Path
    spec: dict[str, Any] = field(default_factory=lambda: {"duplicates": "merge"})
    guides: tuple[Snapshot, ...] = ()
    rows: pl.DataFrame = field(default_factory=empty)
    now: datetime = NOON
    accounts: tuple[AccountNow, ...] = ()
    twice: bool = True
    """Whether each build is made again with the ledger that came of it."""

    def build(self, *rows: builders.Row, unread: tuple[str, ...] = (), **more: Any) -> Lineup:
        """Build of rows of the source `tv`; `more` are further sources by name."""
        given = {"tv": rows, **more}
        snapshots = tuple(
            builders.source(self.folder, *theirs, name=name) for name, theirs in given.items()
        )
        build = builders.build_input(*self.guides, sources=snapshots, **self.spec)
        names = (*given, *unread)
        build = replace(
            build,
            spec=build.spec.model_copy(update={"sources": names}),
            ledger=cast("Ledger", _Stored(self.rows)),
            accounts=self.accounts,
            now=self.now,
        )
        made = lineup(build)
        assert made.numbers is not None
        assert made.numbers.ledger.schema == LEDGER
        self.rows = made.numbers.ledger
        if self.twice:
            again = lineup(replace(build, ledger=cast("Ledger", _Stored(self.rows))))
            assert again.channels.equals(made.channels)
            assert again.numbers is not None
            assert again.numbers.ledger.equals(self.rows)
        return made


@pytest.fixture
def proxy(tmp_path: Path) -> Proxy:
    return Proxy(tmp_path)


def one(name: str, url: str, channel_id: str | None = None, **columns: Any) -> builders.Row:
    """Return a row whose address and, mostly, id are `url`."""
    return channel(name, stream_url=url, channel_id=channel_id or url, **columns)


def told(made: Lineup, *columns: str) -> list[tuple[Any, ...]]:
    return made.channels.select(columns).rows()


def streams(made: Lineup) -> dict[str, list[str]]:
    """Return the members of each entry in their order."""
    assert made.candidates is not None
    grouped = made.candidates.group_by("channel_id", maintain_order=True).agg("member")
    return dict(grouped.iter_rows())


# --- an entry ----------------------------------------------------------------------------------


def test_an_entry_is_known_by_its_anchor_and_plays_its_best_stream(proxy: Proxy) -> None:
    made = proxy.build(
        one("UK: Alpha", "a", tvg_logo="logo", group_title="G", provider_id="1", duration="-1"),
        one("UK: Alpha FHD", "b", tvg_logo="other", group_title="H", provider_id="2", duration="5"),
        one("UK: Beta", "c"),
    )
    columns = ("channel_id", "name", "tvg_logo", "group_title", "number")
    assert told(made, *columns)[0] == ("a", "UK: Alpha", "logo", "G", "1")
    of_stream = ("stream_url", "provider_id", "duration", "quality_resolution")
    assert told(made, *of_stream)[0] == ("b", "2", "5", "1080p")
    assert told(made, "channel_id", "number")[1] == ("c", "2")
    assert streams(made) == {"a": ["b", "a"], "c": ["c"]}
    assert made.merged == 1


def test_candidates_tell_all_of_each_stream(proxy: Proxy) -> None:
    headers = [{"name": "Referer", "value": "http://x.invalid"}]
    made = proxy.build(
        one("Alpha", "a", headers=headers, catchup="shift", backup_urls=["u"]), one("Alpha HD", "b")
    )
    assert made.candidates is not None
    assert made.candidates.schema == CANDIDATES
    row = made.candidates.row(1, named=True)
    assert (row["headers"], row["catchup"], row["backup_urls"]) == (headers, "shift", ["u"])
    assert made.candidates.select("rank", "joined_by", "confidence").rows() == [
        (0, "name", 96),
        (1, "anchor", 100),
    ]


def test_the_same_stream_twice_is_one_candidate(proxy: Proxy) -> None:
    made = proxy.build(one("Alpha HD", "a"), one("Alpha", "a", "b"), one("Alpha SD", "c"))
    assert made.candidates is not None
    assert made.candidates.select("member", "rank", "also").rows() == [
        ("a", 0, ["b"]),
        ("c", 1, []),
    ]
    assert (made.channels.height, made.merged) == (1, 2)


def test_duplicates_that_are_kept_have_no_candidates(proxy: Proxy) -> None:
    proxy.spec = {}
    made = proxy.build(one("Alpha", "a"), one("Alpha", "b"))
    assert made.channels.height == 2
    assert (made.candidates, made.merged) == (None, 0)


def test_a_lineup_without_duplicates_is_the_same_either_way(proxy: Proxy, tmp_path: Path) -> None:
    rows = [one(f"Alpha{letter}", letter, channel_number=str(9)) for letter in "abcdef"]
    kept = Proxy(tmp_path, {"numbering": {"mode": "preserve"}}).build(*rows)
    proxy.spec = {"duplicates": "merge", "numbering": {"mode": "preserve"}}
    assert proxy.build(*rows).channels.equals(kept.channels)


def test_all_rows_are_members_once_and_candidates_follow_the_lineup(proxy: Proxy) -> None:
    proxy.spec |= {"order": ["name"]}
    made = proxy.build(*(one(name, str(at)) for at, name in enumerate(["Zett", "Alpha", "Zett"])))
    assert [name for (name,) in told(made, "name")] == ["Alpha", "Zett"]
    assert streams(made) == {"1": ["1"], "0": ["0", "2"]}


def test_an_account_that_is_refused_plays_last_and_the_entry_stays(proxy: Proxy) -> None:
    rows = {"tv": [one("Alpha", "a")], "two": [one("Alpha", "b")]}
    first = proxy.build(*rows["tv"], two=rows["two"])
    proxy.accounts = (AccountNow("tv", healthy=False), AccountNow("two", slots=1))
    away = proxy.build(*rows["tv"], two=rows["two"])
    names = ("channel_id", "name", "number", "guide_id")
    assert told(away, *names) == told(first, *names)
    assert [told(made, "stream_url") for made in (first, away)] == [[("a",)], [("b",)]]
    assert away.candidates is not None
    assert away.candidates.select("healthy", "free_slots").rows() == [(True, 1), (False, None)]


# --- what is left out before -------------------------------------------------------------------


def test_a_hidden_group_takes_no_part(proxy: Proxy) -> None:
    proxy.spec |= {"groups": {"Old": {"hide": True}}}
    made = proxy.build(one("Alpha", "a", group_title="Old"), one("Alpha", "b", group_title="New"))
    assert streams(made) == {"b": ["b"]}


def test_a_number_of_a_rule_or_the_provider_counts_for_the_entry(proxy: Proxy) -> None:
    proxy.spec |= {"numbering": {"mode": "preserve"}}
    made = proxy.build(
        one("Alpha", "a", channel_number=" "),
        one("Alpha", "b", channel_number="5.1"),
        one("Beta", "c", channel_number="4"),
        one("Beta", "d", channel_number="8"),
    )
    assert told(made, "channel_id", "number") == [("a", "5.1"), ("c", "4")]


@pytest.mark.parametrize("pin", ["Alpha HD", " alpha hd", "b"])
def test_a_number_pinned_for_a_stream_is_the_entrys(proxy: Proxy, pin: str) -> None:
    proxy.spec |= {"numbering": {"pinned": {pin: 77}}}
    made = proxy.build(one("Alpha", "a"), one("Alpha HD", "b"))
    assert told(made, "channel_id", "number", "numbered") == [("a", "77", "pinned")]


def test_of_two_pinned_numbers_the_entrys_own_counts(proxy: Proxy) -> None:
    proxy.spec |= {"numbering": {"pinned": {"Alpha HD": 77, "Alpha": 5}}}
    made = proxy.build(one("Alpha", "a"), one("Alpha HD", "b"), one("Beta", "c"))
    assert told(made, "number") == [("5",), ("1",)]


# --- guide channels ----------------------------------------------------------------------------


def guide(folder: Path, name: str, *known: str) -> Snapshot:
    declared = tuple(guide_channel(one, f"{one} of {name}") for one in known)
    return builders.guide(
        folder, *(programme(one, "18:00") for one in known), name=name, declared=declared
    )


def matches(made: Lineup) -> list[tuple[str, str, str]]:
    return made.matches.select("guide_id", "guide", "guide_channel").rows()


def test_an_entry_has_the_guide_channels_of_all_its_streams(proxy: Proxy) -> None:
    proxy.guides = (guide(proxy.folder, "uk", "a1"), guide(proxy.folder, "de", "a2"))
    made = proxy.build(
        one("Alpha", "a"), one("Alpha", "b", tvg_id="a1"), one("Alpha", "c", tvg_id="a2")
    )
    assert matches(made) == [("a", "uk", "a1"), ("a", "de", "a2")]
    assert made.near is not None
    assert made.near.is_empty()


def test_an_entry_that_knows_more_than_its_id_gets_an_id_of_its_own(proxy: Proxy) -> None:
    proxy.guides = (guide(proxy.folder, "uk", "a1"), guide(proxy.folder, "de", "a2"))
    made = proxy.build(
        one("Alpha +1", "x", tvg_id="a1"),
        one("Alpha", "a", tvg_id="a1"),
        one("Alpha", "b", tvg_id="a2"),
    )
    assert told(made, "channel_id", "guide_id") == [("x", "a1"), ("a", "a")]
    assert matches(made) == [("a1", "uk", "a1"), ("a", "uk", "a1"), ("a", "de", "a2")]


def test_pins_of_a_stream_count_for_its_entry(proxy: Proxy) -> None:
    proxy.guides = (guide(proxy.folder, "uk", "a1", "a9"),)
    proxy.spec |= {"matching": {"pins": {"Alpha HD": "a9"}}}
    made = proxy.build(one("Alpha", "a"), one("Alpha HD", "b"))
    assert matches(made) == [("a", "uk", "a9")]


def test_two_channels_pinned_to_one_guide_channel_are_one(proxy: Proxy) -> None:
    proxy.guides = (guide(proxy.folder, "uk", "a9"),)
    proxy.spec |= {"matching": {"pins": {"Alpha": "a9", "Beta": "a9", "Beta 2": "a9"}}}
    made = proxy.build(one("Alpha", "a"), one("Beta", "b"), one("Beta 2", "c"))
    assert streams(made) == {"a": ["a", "b"], "c": ["c"]}


def test_a_stream_pinned_to_nothing_takes_the_guide_from_its_entry(proxy: Proxy) -> None:
    proxy.guides = (guide(proxy.folder, "uk", "a1"),)
    proxy.spec |= {"matching": {"pins": {"b": ""}}}
    made = proxy.build(one("Alpha", "a", tvg_id="a1"), one("Alpha HD", "b"))
    assert streams(made) == {"a": ["b", "a"]}
    assert matches(made) == []


@pytest.mark.parametrize(
    ("pin", "guide_id"), [("nowhere", "a1"), ("", "a"), ("A9", "a"), (None, "a1")]
)
def test_a_pin_to_what_no_guide_has_changes_no_id(
    proxy: Proxy, pin: str | None, guide_id: str
) -> None:
    proxy.guides = (guide(proxy.folder, "uk", "a1", "a9"),)
    if pin is not None:
        proxy.spec |= {"matching": {"pins": {"Alpha": pin}}}
    made = proxy.build(one("Alpha", "a", tvg_id="a1"), one("Alpha +1", "x", tvg_id="a1"))
    assert told(made, "channel_id", "guide_id") == [("a", guide_id), ("x", "a1")]


# --- numbers that stay -------------------------------------------------------------------------


def test_an_entry_goes_on_under_another_stream_when_its_anchor_is_gone(proxy: Proxy) -> None:
    proxy.build(one("Zett", "z"), one("Alpha", "a"), one("Alpha HD", "b"), one("Alpha SD", "c"))
    made = proxy.build(one("Zett", "z"), one("Alpha SD", "c"), one("Alpha HD", "b"))
    assert told(made, "channel_id", "number") == [("z", "1"), ("c", "2")]
    assert made.numbers is not None
    assert made.numbers.carried.rows() == [("a", "c", MERGED, "Alpha SD", "2")]
    assert made.numbers.moves.is_empty()
    back = proxy.build(one("Alpha", "a"), one("Alpha SD", "c"), one("Zett", "z"))
    assert told(back, "channel_id", "number") == [("c", "2"), ("z", "1")]


def test_an_entry_that_goes_on_keeps_its_number_though_its_stream_has_another(
    proxy: Proxy,
) -> None:
    proxy.spec |= {"numbering": {"mode": "preserve"}}
    alpha = one("Alpha", "a", channel_number="5")
    rest = one("Alpha HD", "b", channel_number="7"), one("Alpha FHD", "c")
    proxy.build(alpha, *rest)
    gone_on = proxy.build(*rest)
    assert told(gone_on, "channel_id", "number") == [("b", "5")]
    untouched = Retold(Steps((), 0, (), kept=True), gone_on.channels, {})
    why = number_told(gone_on.channels, gone_on.channels, untouched, Numbering(mode="preserve")).why
    assert why == (
        "the provider's of the row that it was known by; this one's is 7; 1st of 1 channels"
    )
    assert told(proxy.build(*rest, alpha), "channel_id", "number") == [("b", "5")]
    assert told(proxy.build(rest[0]), "channel_id", "number") == [("b", "5")]
    other = one("Alpha HD", "b", channel_number="9")
    assert told(proxy.build(other), "channel_id", "number") == [("b", "9")]


@pytest.mark.parametrize(("fives", "number"), [([], "5"), ([one("Zett", "z")], "6")])
def test_an_entry_that_keeps_its_number_is_in_no_conflict_with_its_new_row(
    proxy: Proxy, fives: list[builders.Row], number: str
) -> None:
    proxy.spec |= {"numbering": {"mode": "preserve"}}
    fives = [{**row, "channel_number": "5"} for row in fives]
    alpha, rest = one("Alpha", "a", channel_number="5"), one("Alpha HD", "b", channel_number="7")
    before = proxy.build(*fives, alpha, rest)
    assert before.numbers is not None
    assert before.numbers.conflicts.height == len(fives)
    for _ in range(2):
        made = proxy.build(*fives, rest)
        assert told(made, "channel_id", "number")[-1] == ("b", number)
        assert made.numbers is not None
        assert made.numbers.conflicts.is_empty()


def test_no_other_stream_moves_the_number_of_an_entry_that_has_one(proxy: Proxy) -> None:
    proxy.spec |= {"numbering": {"mode": "preserve"}}
    alpha, seven = one("Alpha", "a"), one("Alpha HD", "b", channel_number="07")
    eight = one("Alpha FHD", "c", channel_number="8")
    first = proxy.build(alpha, seven, eight)
    assert told(first, "channel_id", "number") == [("a", "7")]
    for rows in ((alpha, eight, seven), (eight, seven, alpha), (eight, alpha, seven)):
        assert told(proxy.build(*rows), "channel_id", "number") == [("a", "7")]
    assert told(proxy.build(alpha, eight), "channel_id", "number") == [("a", "7")]
    assert told(proxy.build(alpha), "channel_id", "number") == [("a", "7")]
    assert told(proxy.build(alpha, eight, seven), "channel_id", "number") == [("a", "7")]
    own = one("Alpha", "a", channel_number="9")
    assert told(proxy.build(own, seven, eight), "channel_id", "number") == [("a", "9")]


def test_a_number_that_a_further_stream_brings_along_comes_too_late(proxy: Proxy) -> None:
    proxy.spec |= {"numbering": {"mode": "preserve"}}
    alpha, seven = one("Alpha", "a"), one("Alpha HD", "b", channel_number="7")
    assert told(proxy.build(alpha), "channel_id", "number") == [("a", "1")]
    assert told(proxy.build(alpha, seven), "channel_id", "number") == [("a", "1")]


@pytest.mark.parametrize("mode", ["sequential", "group"])
def test_other_ways_of_numbering_leave_the_providers_numbers_as_they_are(
    proxy: Proxy, mode: str
) -> None:
    proxy.spec |= {"numbering": {"mode": mode}}
    rows = one("Alpha", "a", group_title="7"), one("Alpha HD", "b", channel_number="5")
    for _ in range(2):
        assert told(proxy.build(*rows), "number", "channel_number") == [("1", "5")]


def test_the_last_stream_alone_has_the_number_of_its_entry(proxy: Proxy) -> None:
    proxy.build(one("Zett", "z"), one("Alpha", "a"), one("Alpha HD", "b"))
    made = proxy.build(one("New", "n"), one("Alpha HD", "b"), one("Zett", "z"))
    assert told(made, "channel_id", "number") == [("n", "3"), ("b", "2"), ("z", "1")]


def test_an_anchor_that_a_hidden_group_takes_away_leaves_its_number(proxy: Proxy) -> None:
    rows = [one("Zett", "z"), one("Alpha", "a", group_title="Old"), one("Alpha HD", "b")]
    proxy.build(*rows)
    proxy.spec |= {"groups": {"Old": {"hide": True}}}
    assert told(proxy.build(*rows), "channel_id", "number") == [("z", "1"), ("b", "2")]
    proxy.spec.pop("groups")
    assert told(proxy.build(*rows), "channel_id", "number") == [("z", "1"), ("b", "2")]


def test_an_entry_that_a_hidden_group_took_away_whole_comes_back_as_it_was(proxy: Proxy) -> None:
    alpha = one("Alpha", "a", group_title="Old"), one("Alpha HD", "b", group_title="old ")
    rows = [one("Zett", "z"), *alpha]
    proxy.build(*rows)
    proxy.spec |= {"groups": {"Old": {"hide": True}}}
    assert told(proxy.build(*rows), "channel_id", "number") == [("z", "1")]
    proxy.spec.pop("groups")
    made = proxy.build(rows[2], rows[1], rows[0])
    assert sorted(told(made, "channel_id", "number")) == [("a", "2"), ("z", "1")]


def test_a_source_that_is_unread_leaves_the_number_with_the_streams_of_others(proxy: Proxy) -> None:
    two = [one("Alpha", "a"), one("Omega", "o")]
    proxy.build(one("Zett", "z"), one("Alpha HD", "b"), one("Beta", "c"), two=two)
    before = proxy.rows
    made = proxy.build(one("Zett", "z"), one("Alpha HD", "b"), one("Beta", "c"), unread=("two",))
    assert told(made, "channel_id", "number") == [("z", "1"), ("b", "2"), ("c", "3")]
    proxy.build(one("Zett", "z"), one("Alpha HD", "b"), one("Beta", "c"), two=two)
    assert proxy.rows.equals(before)


def test_merging_keeps_the_number_of_the_anchor_and_splitting_leaves_it_there(proxy: Proxy) -> None:
    rows = [one("Zett", "z"), one("Alpha", "a"), one("Beta", "y"), one("Alpha HD", "b")]
    proxy.spec = {}
    assert [number for (number,) in told(proxy.build(*rows), "number")] == ["1", "2", "3", "4"]
    proxy.spec = {"duplicates": "merge"}
    assert [number for (number,) in told(proxy.build(*rows), "number")] == ["1", "2", "3"]
    proxy.spec = {}
    made = proxy.build(*rows)
    assert told(made, "channel_id", "number")[:3] == [("z", "1"), ("a", "2"), ("y", "3")]


def test_an_entry_that_is_there_is_not_taken_over_by_one_that_returns(proxy: Proxy) -> None:
    proxy.build(one("Zett", "z"), one("Alpha", "a"), one("Omega", "b"))
    proxy.build(one("Zett", "z"), one("Omega", "b"))
    made = proxy.build(one("Zett", "z"), one("Alpha", "a"), one("Alpha HD", "b"))
    assert told(made, "channel_id", "number") == [("z", "1"), ("b", "3")]


def test_two_entries_of_which_only_streams_are_left_both_go_on(proxy: Proxy) -> None:
    proxy.build(one("Alpha", "a"), one("Alpha", "b"), one("Beta", "c"), one("Beta", "d"))
    made = proxy.build(one("Alpha", "b"), one("Beta", "d"))
    assert told(made, "channel_id", "number") == [("b", "1"), ("d", "2")]


def test_a_renamed_anchor_is_the_same_anchor(proxy: Proxy) -> None:
    proxy.build(one("Zett", "z"), one("Alpha", "a", provider_id="7"), one("Alpha HD", "b"))
    renamed = one("Alpha FHD", "a", "a.new", provider_id="7")
    made = proxy.build(one("Zett", "z"), one("Alpha HD", "b"), renamed)
    assert told(made, "channel_id", "number") == [("z", "1"), ("a.new", "2")]


@pytest.mark.parametrize(("mode", "seed"), [("sequential", 1), ("preserve", 2), ("group", 3)])
def test_no_number_moves_through_fifty_refreshes_while_a_stream_stays(
    proxy: Proxy, mode: str, seed: int
) -> None:
    choose = random.Random(seed)
    proxy.twice = False
    proxy.spec |= {"numbering": {"mode": mode, "group_size": 10}}
    people = [f"Channel {word} {letter}" for word in ("Alpha", "Beta") for letter in "qrstuvwx"]
    tiers = ("", " HD", " FHD", " SD", " 4K")
    rows = {
        f"{person}{tier}": one(
            f"{person}{tier}",
            f"{person}{tier}".replace(" ", "-"),
            group_title=person.split()[1],
            channel_number=str(people.index(person) + 1),
        )
        for person in people
        for tier in tiers
    }
    before: dict[str, str] = {}
    there: set[str] = set()
    for _ in range(50):
        shown = {name for name in rows if choose.random() < (0.9 if name in there else 0.3)}
        listed = [rows[name] for name in sorted(shown)]
        choose.shuffle(listed)
        proxy.now += timedelta(days=1)
        proxy.accounts = (AccountNow("tv", healthy=choose.random() < 0.5),)
        made = proxy.build(*listed)
        assert made.candidates is not None
        everyone = [*made.candidates["member"], *made.candidates["also"].explode().drop_nulls()]
        assert sorted(everyone) == sorted(row["channel_id"] for row in listed)
        assert made.channels["number"].is_unique().all()
        numbers = {
            " ".join(name.split()[:3]): number for name, number in told(made, "name", "number")
        }
        assert len(numbers) == made.channels.height
        stayed = {" ".join(name.split()[:3]) for name in shown & there}
        assert {who: numbers[who] for who in stayed} == {who: before[who] for who in stayed}
        before, there = numbers, shown
