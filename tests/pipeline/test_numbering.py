"""Channel numbers: whoever comes first has one, and nobody else then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import builders
from tests.builders import channel
from tvarr.pipeline.numbering import KEPT, How, number, unused_pins
from tvarr.spec.lineup import Group, Numbering

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.builders import Row
    from tvarr.pipeline.numbering import Numbered

TEXTS = ("7", "5", "5.1", "5.2", "5.10", "007", " 9 ", "0", "", "-1", "x", "1e3", "99999999999")


def numbered(*rows: Row, chosen: Sequence[str | None] = (), **more: Any) -> Numbered:
    groups = more.pop("groups", None)
    kept = more.pop("kept", None)
    asked = pl.Series(chosen, dtype=pl.String) if chosen else None
    return number(builders.channels(*rows), Numbering(**more), asked, kept, groups)


def numbers(*rows: Row, **more: Any) -> list[str]:
    return numbered(*rows, **more).channels["number"].to_list()


def named(names: str, **columns: Any) -> list[Row]:
    return [channel(name, **columns) for name in names]


def own(*texts: str | None) -> list[Row]:
    """Return channels with numbers of the provider's."""
    return [channel(f"c{place}", channel_number=text) for place, text in enumerate(texts)]


def kept(*rows: tuple[str, str, str, str | None, bool]) -> pl.DataFrame:
    """Return what the channels of these names had before; a name stands for its id."""
    return pl.DataFrame(rows, schema=KEPT, orient="row")


# --- in sequence -------------------------------------------------------------------------------


def test_numbers_begin_where_the_proxy_says_and_leave_no_gap() -> None:
    found = numbered(*named("CAB"), start=100).channels
    assert found.select("name", "number").rows() == [("C", "100"), ("A", "101"), ("B", "102")]
    assert found.schema["number"] == pl.String


def test_numbers_begin_at_one_unless_the_proxy_says_otherwise() -> None:
    assert numbers(channel("A")) == ["1"]


def test_the_providers_own_number_stays_beside() -> None:
    found = numbered(channel("A", channel_number="5.1")).channels
    assert found["channel_number"].to_list() == ["5.1"]


@pytest.mark.parametrize("mode", ["sequential", "preserve", "group"])
def test_an_empty_lineup_has_no_numbers(mode: str) -> None:
    found = numbered(mode=mode, pinned={"A": 7}).channels
    assert found.is_empty()
    assert found.schema["number"] == pl.String


# --- by rules ----------------------------------------------------------------------------------


def test_a_rules_number_is_the_rows_and_the_others_go_around_it() -> None:
    asked = [None, "11", None, "11", "500"]
    found = numbered(*named("ABCDE"), chosen=asked, start=10)
    assert found.channels["number"].to_list() == ["10", "11", "12", "13", "500"]
    assert found.conflicts.rows() == [(found.channels["channel_id"][3], "D", "11", "13", "B")]


def test_a_rule_gives_decimals() -> None:
    assert numbers(*named("ABC"), chosen=[None, "1.1", "1"]) == ["2", "1.1", "1"]


def test_without_a_rules_number_nothing_is_different() -> None:
    asked = numbered(*named("AB"), chosen=[None, None]).channels
    assert asked.equals(numbered(*named("AB")).channels)


# --- pinned ------------------------------------------------------------------------------------


def test_a_pinned_number_is_the_channels_whatever_else_is_said() -> None:
    found = numbered(
        *own("7", "5", None), chosen=["7", None, None], mode="preserve", pinned={"c2": 7}
    )
    assert found.channels["number"].to_list() == ["8", "5", "7"]
    assert found.channels["numbered"].to_list() == [How.MOVED_UP, How.PROVIDER, How.PINNED]


def test_an_id_is_pinned_before_a_name_and_the_first_of_a_name_has_it() -> None:
    rows = builders.channels(*named("AAB"))
    numbering = Numbering(pinned={"A": 20, rows["channel_id"][0]: "30.10"})
    assert number(rows, numbering).channels["number"].to_list() == ["30.10", "20", "1"]


def test_a_name_is_pinned_letter_case_and_blanks_aside_and_an_id_letter_for_letter() -> None:
    rows = builders.channels(channel(" Straße TV"), channel("B"), channel("C"))
    ids = rows["channel_id"]
    pinned = {"STRASSE tv ": 20, ids[1].upper(): 30, ids[2]: 40}
    found = number(rows, Numbering(pinned=pinned)).channels
    assert ids[1].upper() != ids[1]
    assert found["number"].to_list() == ["20", "1", "40"]


def test_a_number_pinned_for_a_channel_that_is_not_there_is_given_to_nobody() -> None:
    assert numbers(*named("AB"), pinned={"Z": 1}) == ["2", "3"]
    assert numbers(*own("4"), mode="preserve", pinned={"Z": 4}) == ["5"]


# --- preserve ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["3", None, "1", None], ["3", "2", "1", "4"]),
        (["5", "6", "5", "6"], ["5", "6", "7", "8"]),
        (["5", "5", "6"], ["5", "6", "7"]),  # in the order of the lineup, one after the other
        (["5.1", "5.1", "5", "5"], ["5.1", "5.2", "5", "6"]),
        (["5.10", "5.1", "005"], ["5.10", "5.1", "5"]),
        (["0", "-3", "x", "", "1e3", "2"], ["1", "3", "4", "5", "6", "2"]),
        (["5.9999", "5.9999"], ["5.9999", "6"]),
        (["99999999999", "4294967295"], ["1", "4294967295"]),
    ],
)
def test_the_providers_numbers_are_kept_and_a_taken_one_moves_up(
    texts: list[str | None], found: list[str]
) -> None:
    assert numbers(*own(*texts), mode="preserve") == found


def test_what_moved_up_is_told_with_who_has_the_number() -> None:
    found = numbered(*own("5", "5"), mode="preserve")
    assert found.channels["numbered"].to_list() == [How.PROVIDER, How.MOVED_UP]
    assert found.conflicts.select("name", "wanted", "number", "holder").rows() == [
        ("c1", "5", "6", "c0")
    ]


# --- by group ----------------------------------------------------------------------------------


def grouped(*names: str | None) -> list[Row]:
    return [channel(f"c{place}", group_title=name) for place, name in enumerate(names)]


def test_each_group_begins_in_a_block_of_its_own_by_name() -> None:
    rows = grouped("sport", "News", None, "sport", " ")
    found = numbers(*rows, mode="group", start=100, group_size=10)
    assert found == ["110", "100", "120", "111", "121"]


def test_a_full_group_goes_on_in_the_next_free_block_never_inside_anothers() -> None:
    rows = grouped("a", "a", "a", "a", "a", "b", "c", "c", "c")
    found = numbers(*rows, mode="group", group_size=2)
    assert found == ["1", "2", "7", "8", "9", "3", "5", "6", "11"]


def test_declared_groups_come_first() -> None:
    groups = {"z": Group(), "y": Group(title="Why")}
    rows = grouped("a", "Why", "z")
    assert numbers(*rows, mode="group", group_size=10, groups=groups) == ["21", "11", "1"]


def test_numbers_in_a_block_that_somebody_has_are_passed_over() -> None:
    rows = grouped("a", "a", "b", "b")
    found = numbers(*rows, mode="group", group_size=2, pinned={"c3": 1, "Z": 3})
    assert found == ["2", "5", "4", "1"]


def test_a_new_group_takes_a_free_block_and_moves_nobody() -> None:
    rows = builders.channels(*grouped("a", "b", "c"))
    ids = rows["channel_id"]
    before = kept(
        (ids[0], "1", How.GROUP, "a", False),
        (ids[2], "11", How.GROUP, "c", False),
    )
    found = number(rows, Numbering(mode="group", group_size=10), None, before)
    assert found.channels["number"].to_list() == ["1", "21", "11"]


def test_a_group_has_one_block_however_its_channels_write_it() -> None:
    rows = grouped("News One", "sport", "news  one", " NEWS ONE ")
    assert numbers(*rows, mode="group", group_size=10) == ["1", "11", "2", "3"]


def test_another_way_of_writing_a_group_moves_nobody() -> None:
    was, now = grouped("News", "sport", "news"), grouped("a", "Sport", " NEWS")
    before = numbered(*was, mode="group", group_size=10)
    had = before.channels.select("channel_id", "number", how="numbered", is_absent=pl.lit(0) > 0)
    found = numbered(
        *now,
        mode="group",
        group_size=10,
        kept=had.with_columns(wanted=before.wanted).select(KEPT.keys()),
    )
    assert found.channels["number"].to_list() == ["21", "11", "2"]


# --- kept --------------------------------------------------------------------------------------


def after(
    *before: tuple[str, str, str, str | None, bool], rows: list[Row], **more: Any
) -> list[str]:
    """Number rows of which those named by their place had numbers."""
    frame = builders.channels(*rows)
    known = [
        (frame["channel_id"][int(at)] if at.isdecimal() else at, *rest) for at, *rest in before
    ]
    found = number(frame, Numbering(**more), None, kept(*known))  # type: ignore[arg-type]
    return found.channels["number"].to_list()


def test_a_kept_number_stays_in_any_order_and_newcomers_go_around() -> None:
    before = [("1", "1", How.SEQUENCE, None, False), ("2", "2", How.SEQUENCE, None, False)]
    assert after(*before, rows=named("NAB")) == ["3", "1", "2"]


def test_a_number_is_kept_for_a_channel_that_is_not_there() -> None:
    gone = ("gone", "1", How.SEQUENCE, None, True)
    assert after(gone, rows=named("AB")) == ["2", "3"]


def test_the_provider_may_give_a_kept_number_to_a_channel_that_is_there() -> None:
    gone = ("gone", "5", How.PROVIDER, "5", True)
    assert after(gone, rows=own("5", None), mode="preserve") == ["5", "1"]


def test_nobody_moves_up_to_a_number_that_is_kept_for_a_channel_that_is_not_there() -> None:
    gone = ("gone", "6", How.PROVIDER, "6", True)
    assert after(gone, rows=own("5", "5", "5"), mode="preserve") == ["5", "7", "8"]
    assert after(gone, rows=own("5", "5", "6"), mode="preserve") == ["5", "7", "6"]


def test_pins_that_nobody_is_called_by_are_told() -> None:
    found = numbered(*named("AB"), pinned={"A": 7, "Z": 8}).channels
    assert unused_pins(found, {"A": "7", "Z": "8"}) == ("Z",)


def test_of_two_with_one_number_the_one_that_was_there_last_keeps_it() -> None:
    before = [("0", "5", How.PROVIDER, "5", True), ("1", "5", How.PROVIDER, "5", False)]
    assert after(*before, rows=own("5", "5"), mode="preserve") == ["6", "5"]


def test_a_number_follows_the_provider_who_gives_another_one() -> None:
    before = ("0", "5", How.PROVIDER, "5", False)
    assert after(before, rows=own("9"), mode="preserve") == ["9"]
    assert after(before, rows=own(None), mode="preserve") == ["5"]


def test_what_moved_up_stays_there_when_the_number_is_free_again() -> None:
    before = ("0", "6", How.MOVED_UP, "5", False)
    assert after(before, rows=own("5"), mode="preserve") == ["6"]


@pytest.mark.parametrize("how", [How.PINNED, How.RULE])
def test_what_was_pinned_or_given_by_a_rule_ends_with_that(how: How) -> None:
    assert after(("0", "70", how, None, False), rows=named("A")) == ["1"]


def test_a_pin_takes_a_kept_number() -> None:
    before = ("0", "1", How.SEQUENCE, None, False)
    assert after(before, rows=named("AB"), pinned={"B": 1}) == ["2", "1"]


# --- whatever comes ----------------------------------------------------------------------------

MODES = st.sampled_from(["sequential", "preserve", "group"])
ROWS = st.lists(
    st.tuples(
        st.sampled_from(TEXTS) | st.none(),
        st.sampled_from(["a", "b", "", "c"]),
        st.none() | st.sampled_from(TEXTS),
    ),
    max_size=25,
)


@given(
    ROWS,
    MODES,
    st.integers(1, 9),
    st.integers(1, 7),
    st.dictionaries(st.sampled_from([f"c{n}" for n in range(30)]), st.integers(1, 12), max_size=5),
)
def test_no_number_comes_twice_and_pinned_ones_are_kept(
    rows: list[tuple[str | None, str, str | None]],
    mode: str,
    start: int,
    size: int,
    pins: dict[str, int],
) -> None:
    pinned = {name: at for at, name in {at: name for name, at in pins.items()}.items()}
    channels = [
        channel(f"c{place}", channel_number=text, group_title=group)
        for place, (text, group, _) in enumerate(rows)
    ]
    chosen = [rule for *_, rule in rows]
    found = numbered(
        *channels, chosen=chosen, mode=mode, start=start, group_size=size, pinned=pinned
    ).channels
    assert found["number"].null_count() == 0
    assert found["number"].is_unique().all()
    for name, text in found.select("name", "number").iter_rows():
        assert name not in pinned or text == str(pinned[name])
    if mode == "group":
        blocks = found.filter(pl.col("numbered") == How.GROUP).select(
            (pl.col("number").cast(pl.Int64) - start) // size,
            group=pl.col("group_title").replace("", "Uncategorized"),
        )
        assert blocks.unique()["number"].is_unique().all()
