"""Which words of a name are marks of quality, and that nothing else is taken out of it."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvarr.pipeline import quality

TABLE = Path(__file__).with_name("real_names.txt")
FACTS = tuple(quality.COLUMNS)


def said(name: str) -> dict[str, str]:
    """Return what is read of a name."""
    row = quality.claimed(pl.Series([name], dtype=pl.String)).row(0, named=True)
    return {column.removeprefix("quality_"): fact for column, fact in row.items() if fact}


def clean(name: str | None) -> str | None:
    frame = pl.DataFrame({"name": [name]}, schema={"name": pl.String})
    left: str | None = frame.select(quality.clean_name(pl.col("name"))).item()
    return left


BRANDS = [
    *("ViP Sport 1", "AL: VIP TV", "VIP News", "Grande Fratello VIP", "Gran Hermano VIP"),
    *("WWE-RAW", "WWE RAW", "Monday Night RAW", "RAW (TV channel)", "UK: RAW (TV channel)"),
    *("Nature Raw", "CBS Sports HQ", "Alt Nation", "Main Event", "Monster High", "Johnny Test"),
    *(
        "CCTV-5+",
        "CCTV-4K",
        "CCTV-8K",
        "HD+",
        "Nick HD+",
        "UHD1 by ASTRA",
        "4K Movies",
        "HD Travel",
    ),
    *("3HD", "1HD", "PowerHD", "Public 4K TV", "24/7 Films", "Radio 538", "Euro 2024", "[85] TSD"),
    *("[60] Minutes", "Sat.1", "Lowlands TV", "Multimedios 6", "Sky Sports Main Event", "A HD B C"),
]


@pytest.mark.parametrize("name", BRANDS)
def test_a_brand_that_looks_like_a_mark_is_neither_read_nor_taken_out(name: str) -> None:
    assert (said(name), clean(name)) == ({}, name)


@pytest.mark.parametrize(
    ("name", "resolution"),
    [("MTV HD", "HD"), ("UK: MTV HD", "HD"), ("BBC UHD 4", "2160p"), ("Rai 4K", "2160p")],
)
def test_a_brand_may_say_what_it_has_and_keeps_its_word(name: str, resolution: str) -> None:
    assert (said(name), clean(name)) == ({"resolution": resolution}, name)


def test_what_stands_beside_a_brand_is_read() -> None:
    name = "CBS Sports HQ (1080p) [Geo-blocked]"
    assert said(name) == {"resolution": "1080p", "note": "geo-blocked"}
    assert clean(name) == "CBS Sports HQ"
    assert clean("WWE RAW HD") == "WWE RAW"


PLACES = {
    "Sky One HD": "Sky One",
    "Sky One (HD)": "Sky One",
    "Sky One [FHD]": "Sky One",
    "Sky One ( 1080P )": "Sky One",
    "Sky One HD (1080p) [Not 24/7]": "Sky One",
    "Sky One | HD": "Sky One",
    "Sky One - FHD": "Sky One",
    "Sky One ● 4K": "Sky One",
    "Sky One FHD 1080": "Sky One",
    "Sky One UHD-HDR": "Sky One",
    "Sky One HD.": "Sky One",
    "Sky One HD *": "Sky One",
    "Sky.One.HD": "Sky.One",
    "Sky_One_SD": "Sky_One",
    "Sky One-HD": "Sky One",
    "NHL HD 11": "NHL 11",
    "Sky Krimi HD DE": "Sky Krimi DE",
    "Channel One HD (Omsk)": "Channel One (Omsk)",
    "Channel One HD (Omsk) (1080p)": "Channel One (Omsk)",
    "Dolce Sport 1HD": "Dolce Sport 1",
    "CCTV5HD": "CCTV5",
    "VIP DE: Sky 1": "DE: Sky 1",
    "VIP: Sky 1": "Sky 1",
    "US: VIP: Sky 1": "US: Sky 1",
    "IN:VIP Sky 1": "IN:Sky 1",
    "AR VIP: Sky 1 HD (Backup)": "AR: Sky 1",
    "4K | Sky 1": "Sky 1",
    "[VIP] Sky 1": "Sky 1",
    "UK HD | Sky 1": "UK| Sky 1",
}


@pytest.mark.parametrize(("name", "left"), PLACES.items())
def test_a_mark_is_known_by_its_place(name: str, left: str) -> None:
    assert said(name)
    assert clean(name) == left


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("Sky 1 ᶠᴴᴰ", {"resolution": "1080p"}),
        ("Sky 1 ᵁᴴᴰ", {"resolution": "2160p"}),
        ("Sky 1 ⁴ᴷ", {"resolution": "2160p"}),
        ("Sky 1ᴴᴰ", {"resolution": "HD"}),
        ("Sky 1 ᴿᴬᵂ", {"tier": "RAW"}),
        ("Sky 1 ⱽᴵᴾ", {"tier": "VIP"}),
        ("Sky 1 ᴿᴬᵂ ⁶⁰ᶠᵖˢ", {"tier": "RAW", "fps": "60"}),
        ("Sky 1 ʰᵉᵛᶜ", {"codec": "HEVC"}),
        ("Sky 1 ʜᴅ", {"resolution": "HD"}),
        ("Sky 1 ꜰʜᴅ", {"resolution": "1080p"}),
        ("Sky 1 ᴜʜᴅ ʀᴀᴡ", {"resolution": "2160p", "tier": "RAW"}),
        ("Sky 1 Ⓢ", {"resolution": "SD"}),
        ("Sky 1 Ⓨ Ⓖ", {"note": "geo-blocked, youtube"}),
    ],
)
def test_raised_letters_small_capitals_and_circles_are_read(
    name: str, facts: dict[str, str]
) -> None:
    assert (said(name), clean(name)) == (facts, "Sky 1")


@pytest.mark.parametrize("name", ["HD", "(1080p)", "UK: 4K", "UK | 4K", "", " ", "ᴴᴰ"])
def test_a_name_is_never_emptied(name: str) -> None:
    assert clean(name) == name


def test_no_name_at_all_stays_none() -> None:
    assert clean(None) is None


def test_a_short_name_is_not_taken_for_a_country() -> None:
    assert [clean(name) for name in ("CNN HD", "ATV (1080p)", "UK: CNN HD")] == [
        *("CNN", "ATV"),
        "UK: CNN",
    ]


MARKS = ["HD", "(1080p)", "[Geo-blocked]", "FHD HEVC", "| 4K", "50fps", "ᴴᴰ", "H.265", "[Not 24/7]"]
WORDS = st.text(alphabet="abcdefgwäöñя ", min_size=1, max_size=12).map(str.strip).filter(bool)


@given(WORDS, st.lists(st.sampled_from(MARKS), max_size=4))
def test_marks_behind_a_name_are_taken_out_and_the_name_stays(name: str, marks: list[str]) -> None:
    name = f"Tele {name}"
    assert clean(" ".join([name, *marks])) == name


@given(st.text(max_size=40))
def test_whatever_stands_in_a_name_something_is_left_of_it(name: str) -> None:
    left = clean(name)
    assert left is not None
    assert left or not re.search(r"\w", name)


# --- real names --------------------------------------------------------------------------------


@cache
def _names(path: Path) -> dict[int, str]:
    """Return the names of a document by line, or by `stream_id`."""
    if path.suffix == ".json":
        return {row["stream_id"]: row["name"].strip() for row in json.loads(path.read_bytes())}
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    return {
        number: re.sub(r'^#EXTINF:(?:[^",]|"[^"]*")*,', "", line).strip()
        for number, line in enumerate(lines, 1)
        if line.startswith("#EXTINF")
    }


def _cases() -> list[tuple[str, dict[str, str], list[str]]]:
    rows = [line.split(" | ", 2) for line in TABLE.read_text(encoding="utf-8").splitlines()]
    return [
        (
            where,
            dict(fact.split("=", 1) for fact in facts.split("; ") if fact != "-"),
            json.loads(out),
        )
        for where, facts, out in (row for row in rows if len(row) == 3)
    ]


def test_there_are_more_than_two_hundred_real_names() -> None:
    assert len({where for where, _, _ in _cases()}) > 220


@pytest.mark.parametrize(("where", "facts", "out"), _cases(), ids=lambda value: str(value)[:60])
def test_a_real_name_is_read_and_what_is_no_mark_stays(
    where: str, facts: dict[str, str], out: list[str], real_data: Path
) -> None:
    path, _, place = where.rpartition(":")
    name = _names(real_data / path)[int(place)]
    left = name
    for piece in out:
        assert piece in left
        left = left.replace(piece, "", 1)
    assert (said(name), clean(name)) == (facts, left.strip())
