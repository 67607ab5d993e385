"""Which stream plays first, and why."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvarr.pipeline import quality
from tvarr.pipeline.ranking import VECTOR, counted, rank, why
from tvarr.spec.quality import WORDS, Quality

SCHEMA: dict[str, Any] = {
    "channel_id": pl.String,
    "member": pl.String,
    "source": pl.String,
    **quality.SCHEMA,
    "healthy": pl.Boolean,
    "confidence": pl.UInt8,
    "priority": pl.UInt32,
    "free_slots": pl.UInt32,
}


def stream(member: str, **columns: Any) -> dict[str, Any]:
    row = dict.fromkeys(SCHEMA) | {
        "channel_id": "entry",
        "member": member,
        "source": "tv",
        "healthy": True,
        "confidence": 100,
        "priority": 0,
    }
    return row | {
        f"quality_{name}" if f"quality_{name}" in SCHEMA else name: value
        for name, value in columns.items()
    }


def ranked(*rows: dict[str, Any], measured: pl.DataFrame | None = None, **profile: Any) -> Any:
    frame = pl.DataFrame(list(rows), schema=SCHEMA)
    return rank(frame, Quality(**profile), measured)


def order(*rows: dict[str, Any], **profile: Any) -> str:
    return "".join(ranked(*rows, **profile)["member"])


# --- the vector --------------------------------------------------------------------------------

STEPS: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
    ({"healthy": False}, {}),
    ({"tier": "RAW"}, {}),
    ({"confidence": 80}, {"confidence": 94}),
    ({"resolution": "720p"}, {"resolution": "1080p"}),
    ({"priority": 1}, {"priority": 0}),
    ({"free_slots": 1}, {"free_slots": 2}),
)


@pytest.mark.parametrize("place", range(len(STEPS)))
def test_each_part_of_the_vector_outweighs_all_behind_it(place: int) -> None:
    behind, before = STEPS[place]
    first: dict[str, Any] = {**before}
    second: dict[str, Any] = {**behind}
    for worse, better in STEPS[place + 1 :]:
        first |= worse
        second |= better
    first.setdefault("confidence", 100)
    second.setdefault("confidence", 100)
    rows = stream("a", **second), stream("b", **first)
    assert order(*rows, unwanted=("RAW",)) == "ba"


def test_certainty_that_is_enough_outweighs_no_quality() -> None:
    rows = stream("a", resolution="SD"), stream("b", resolution="1080p", confidence=96)
    assert order(*rows) == "ba"


def test_the_id_decides_where_nothing_else_does() -> None:
    assert order(stream("b"), stream("a")) == "ab"


def test_what_is_unwanted_is_last_and_not_lost() -> None:
    rows = ranked(stream("a", note="offline"), stream("b", resolution="LQ"), unwanted=("offline",))
    assert rows.select("member", "allowed", "rank").rows() == [("b", True, 0), ("a", False, 1)]


def test_an_account_without_a_limit_comes_before_one_with() -> None:
    assert order(stream("a", free_slots=5), stream("b")) == "ba"


@pytest.mark.parametrize("column", ["reliability", "bitrate"])
def test_what_was_not_measured_counts_as_the_average_of_the_others(column: str) -> None:
    kind = pl.Float64 if column == "reliability" else pl.UInt32
    measured = pl.DataFrame(
        {"member": ["a", "c"], column: [0, 100]}, schema_overrides={column: kind}
    )
    rows = ranked(stream("a"), stream("b"), stream("c"), measured=measured)
    assert "".join(rows["member"]) == "cba"
    assert rows[column].to_list() == [100, None, 0]


def test_entries_come_in_the_order_of_their_first_streams() -> None:
    rows = ranked(
        stream("z", channel_id="2"), stream("b", channel_id="1"), stream("a", channel_id="2")
    )
    assert rows.select("channel_id", "member", "rank").rows() == [
        ("2", "a", 0),
        ("2", "z", 1),
        ("1", "b", 0),
    ]


# --- the profile -------------------------------------------------------------------------------


def test_resolutions_have_their_order_without_a_word() -> None:
    said = ["2160p", "1080p", "1080i", "720p", None, "576p", "576i", "480p", "LQ"]
    rows = [stream(str(9 - place), resolution=one) for place, one in enumerate(said)]
    assert order(*rows) == "987654321"


def test_the_first_preferred_word_outweighs_all_others() -> None:
    rows = (
        stream("a", resolution="2160p", codec="HEVC", fps="50"),
        stream("b", resolution="720p"),
        stream("c", resolution="1080p", codec="HEVC"),
        stream("d", resolution="1080p"),
    )
    assert order(*rows, prefer=("1080p", "HEVC")) == "cdab"


def test_a_higher_frame_rate_and_no_backup_decide_last() -> None:
    rows = stream("a", tier="backup 2"), stream("b", fps="25"), stream("c", fps="50", tier="low")
    assert order(*rows) == "cba"


@pytest.mark.parametrize(
    ("word", "facts"),
    [
        ("HD", {"resolution": "720p"}),
        ("HD", {"resolution": "1080i"}),
        ("SD", {"resolution": "576i"}),
        ("HDR", {"hdr": "DV"}),
        ("backup", {"tier": "VIP, backup 3"}),
        ("event-only", {"note": "geo-blocked, event only"}),
        ("not-24/7", {"note": "not 24/7"}),
        ("50fps", {"fps": "50"}),
        ("multi", {"tier": "multi"}),
    ],
)
def test_a_word_means_what_is_said_in_other_words(word: str, facts: dict[str, str]) -> None:
    assert not ranked(stream("a", **facts), unwanted=(word,))["allowed"].item()


def test_a_word_means_nothing_else() -> None:
    rows = [stream("a", resolution="2160p", hdr=None, tier="VIP", note="offline", fps="60")]
    unwanted = ("HD", "SD", "HDR", "backup", "low", "event-only", "50fps", "RAW")
    assert ranked(*rows, unwanted=unwanted)["allowed"].item()


WORD = st.sampled_from(list(WORDS))


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "healthy": st.booleans(),
                "confidence": st.integers(50, 100),
                "priority": st.integers(0, 2),
                "free_slots": st.none() | st.integers(1, 3),
                "resolution": st.sampled_from([None, "1080p", "SD", "720p", "nonsense"]),
                "tier": st.sampled_from([None, "VIP", "backup"]),
            }
        ),
        min_size=1,
        max_size=8,
    ),
    st.randoms(),
    st.lists(WORD, max_size=3, unique=True),
)
def test_the_order_is_total_and_does_not_depend_on_how_streams_come(
    facts: list[dict[str, Any]], shuffle: Any, prefer: list[str]
) -> None:
    rows = [stream(str(place), **one) for place, one in enumerate(facts)]
    first = ranked(*rows, prefer=tuple(prefer))
    shuffle.shuffle(rows)
    assert ranked(*rows, prefer=tuple(prefer)).equals(first)
    told = first.to_dicts()
    for before, behind in pairwise(told):
        assert why(behind, before, Quality(prefer=tuple(prefer)))
    assert set(VECTOR) <= set(first.columns)


# --- in words ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("behind", "before", "words"),
    [
        ({"healthy": False}, {}, "the provider of tv refuses the account now"),
        ({"tier": "RAW"}, {}, "RAW is unwanted"),
        ({"confidence": 80}, {}, "it is this channel with 80% certainty, the other with 95%"),
        ({"resolution": "720p"}, {"resolution": "1080p"}, "720p, and 1080p is preferred"),
        ({}, {"resolution": "1080p"}, "no resolution known, and 1080p is preferred"),
        ({"resolution": "720p"}, {"resolution": "2160p"}, "720p, and 2160p is better"),
        ({}, {"fps": "50"}, "no frame rate known, and 50fps is better"),
        ({"tier": "backup"}, {}, "backup, which is for when others fail"),
        ({"priority": 1, "source": "two"}, {}, "two comes after tv among the sources"),
        ({"free_slots": 1}, {}, "its account allows fewer streams at once: 1"),
        ({}, {}, "nothing tells them apart, so the ids decide"),
    ],
)
def test_why_a_stream_stands_behind_another(
    behind: dict[str, Any], before: dict[str, Any], words: str
) -> None:
    profile = Quality(prefer=("1080p",), unwanted=("RAW",))
    rows = rank(
        pl.DataFrame([stream("z", **behind), stream("a", **before)], schema=SCHEMA), profile
    ).to_dicts()
    assert [row["member"] for row in rows] == ["a", "z"]
    assert why(rows[1], rows[0], profile) == words


def test_why_tells_what_was_measured() -> None:
    measured = pl.DataFrame({"member": ["a", "b"], "reliability": [0.5, 0.9]})
    rows = ranked(stream("a"), stream("b"), measured=measured).to_dicts()
    assert why(rows[1], rows[0]) == "it was less reliable"


@pytest.mark.parametrize("column", ["reliability", "bitrate"])
def test_what_was_not_measured_is_not_told_as_less(column: str) -> None:
    measured = pl.DataFrame({"member": ["a", "c"], column: [900, 500]})
    first, between, last = ranked(*map(stream, "cba"), measured=measured).to_dicts()
    assert [row["member"] for row in (first, between, last)] == ["a", "b", "c"]
    average = f"{column} was not measured and counts as the average of the channel's"
    assert why(between, first) == f"its {average}"
    assert why(last, between) == f"the other's {average}"


def test_each_run_of_equal_values_is_counted_from_nought() -> None:
    assert counted(pl.Series(["a", "a", "b", "a"])).to_list() == [0, 1, 0, 0]
    assert counted(pl.Series([], dtype=pl.String)).to_list() == []


def test_streams_that_the_profile_likes_alike_share_a_place() -> None:
    said = {"a": "720p", "b": "1080p", "c": "720p"}
    rows = [stream(member, resolution=lines) for member, lines in said.items()]
    assert ranked(*rows)["profile"].to_list() == [0, 1, 1]
