"""Which stream of a channel plays first, and why another one stands behind it.

Called by `tvarr.pipeline.entries` with the streams of all entries, and by whoever tells of them.
Streams are compared by `VECTOR`, from left to right. What is not known of a stream never puts it
before or behind the average of its channel's others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl

from tvarr.spec.quality import WORDS, Quality

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

VECTOR: Final = (
    "healthy",
    "allowed",
    "confidence",
    "profile",
    "priority",
    "free_slots",
    "reliability",
    "bitrate",
    "member",
)
"""Columns of `schema.CANDIDATES`; the last one makes the order total."""

CERTAIN: Final = 95
"""Percent of confidence above which no stream is more certainly the channel than another."""

_LINES: Final = {"HD": "720p", "HQ": "650p", "SD": "576i", "LQ": "240p"}
"""What resolutions that are words count as; what is not said stands below HQ, above SD."""
_UNTOLD: Final = "640p"
_UNTOLD_RATE: Final = 25
_LAST_OF_ALL: Final = r"\b(?:backup|low)\b"
_FEWER_THAN_HD: Final = 720
_HD_LINES: Final = (720, 1080)
_FACTS: Final = tuple(f"quality_{fact}" for fact in dict.fromkeys(WORDS.values()))
_NAMED: Final = {"fps": "frame rate", "hdr": "HDR"} | {
    fact: fact for fact in ("resolution", "codec", "tier", "note")
}
_NOTES: Final = {"event-only": "event only", "not-24/7": "not 24/7"}
"""Words of the YAML that facts spell otherwise."""


def rank(
    members: pl.DataFrame, profile: Quality, measured: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return `members` in the order of playing, with what they are compared by, and `rank`.

    `members` has `channel_id` (of the entry), `member`, `tvarr.pipeline.quality.COLUMNS`,
    `healthy, confidence, priority, free_slots`; `measured` has `member` and any of `reliability`
    and `bitrate`. Entries come in the order of their first members. Added are `allowed, profile,
    reliability, bitrate, rank` as in `schema.CANDIDATES`.
    """
    told = _with_measured(members, measured).hstack(_judged(members, profile))
    told = told.with_row_index("place").with_columns(entry=pl.col("place").min().over("channel_id"))
    several = told["entry"].is_duplicated()
    alone = told.filter(~several).with_columns(
        profile=pl.lit(0, pl.UInt32), rank=pl.lit(0, pl.UInt32)
    )
    ranked = pl.concat([alone, _ranked(told.filter(several))])
    return ranked.sort("entry", maintain_order=True).drop("place", "entry", "score")


def _ranked(told: pl.DataFrame) -> pl.DataFrame:
    scores = told.select("entry", "score").unique()
    scores = scores.sort("entry", "score", descending=[False, True])
    scores = scores.with_columns(profile=counted(scores["entry"]))
    ranked = told.join(scores, on=["entry", "score"]).sort("entry", *_keys())
    return ranked.with_columns(rank=counted(ranked["entry"]))


def counted(values: pl.Series) -> pl.Series:
    """Count from 0 within each run of equal values."""
    lengths = values.rle().struct.field("len")
    return pl.int_ranges(0, lengths, dtype=pl.UInt32, eager=True).explode()


def _keys() -> list[pl.Expr]:
    """Return `VECTOR` as what is sorted by, the least first."""
    most = pl.lit(2**32 - 1, pl.Int64)
    slots = pl.col("free_slots").cast(pl.Int64).fill_null(most)
    return [
        ~pl.col("healthy"),
        ~pl.col("allowed"),
        -pl.col("confidence").cast(pl.Int16).clip(upper_bound=CERTAIN),
        pl.col("profile"),
        pl.col("priority"),
        -slots,
        -_averaged("reliability"),
        -_averaged("bitrate"),
        pl.col("member"),
    ]


def _averaged(column: str) -> pl.Expr:
    measured = pl.col(column).cast(pl.Float64)
    return measured.fill_null(measured.mean().over("entry")).fill_null(0.0)


def _with_measured(members: pl.DataFrame, measured: pl.DataFrame | None) -> pl.DataFrame:
    given = (
        pl.DataFrame({"member": []}, schema={"member": pl.String}) if measured is None else measured
    )
    kinds = {"reliability": pl.Float64, "bitrate": pl.UInt32}
    known = given.select("member", *(name for name in kinds if name in given.columns))
    joined = members.join(known, on="member", how="left", maintain_order="left")
    return joined.with_columns(
        (pl.col(name) if name in joined.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in kinds.items()
    )


# --- the quality profile -----------------------------------------------------------------------


def _judged(members: pl.DataFrame, profile: Quality) -> pl.DataFrame:
    """Return `allowed` and `score`, which is the higher the better; each set of facts once."""
    said = members.select(_FACTS)
    known = said.unique()
    unwanted = [has(word) for word in profile.unwanted]
    judged = known.with_columns(
        allowed=~pl.any_horizontal(pl.lit(value=False), *unwanted),
        score=_score(profile.prefer),
    )
    return said.join(judged, on=_FACTS, how="left", nulls_equal=True, maintain_order="left").select(
        "allowed", "score"
    )


def _score(prefer: Sequence[str]) -> pl.Expr:
    """Return preferred words, resolution, frame rate and what comes last as one number."""
    score = pl.lit(0, pl.Int64)
    for word in prefer:
        score = score * 2 + has(word).cast(pl.Int64)
    last = pl.col("quality_tier").str.contains(_LAST_OF_ALL).fill_null(value=False)
    score = score * 2**15 + _lines().clip(upper_bound=2**15 - 1)
    return (score * 2**10 + _rate().clip(upper_bound=2**10 - 1)) * 2 + (~last).cast(pl.Int64)


def has(word: str) -> pl.Expr:
    """Return whether a stream is said to be what `word` (of `tvarr.spec.quality.WORDS`) means."""
    fact = WORDS[word]
    said = pl.col(f"quality_{fact}")
    lines = _number_of_lines()
    if word == "HD":
        found = (said == "HD") | lines.is_between(*_HD_LINES)
    elif word == "SD":
        found = (said == "SD") | (lines < _FEWER_THAN_HD)
    elif word == "HDR":
        found = said.is_not_null()
    elif fact == "fps":
        found = said == word.removesuffix("fps")
    elif fact in ("tier", "note"):
        one = _NOTES.get(word, word)
        found = (", " + said + ",").str.contains(f", {one}[ ,]")
    else:
        found = said == word
    return found.fill_null(value=False)


def _number_of_lines() -> pl.Expr:
    return pl.col("quality_resolution").str.extract(r"^(\d+)[pi]$").cast(pl.Int64)


def _lines() -> pl.Expr:
    """Return twice the lines, and one more where they come at once and not in two halves."""
    said = pl.col("quality_resolution").replace(_LINES).fill_null(_UNTOLD)
    lines = said.str.extract(r"^(\d+)").cast(pl.Int64).fill_null(int(_UNTOLD[:-1]))
    return lines * 2 + (~said.str.ends_with("i")).cast(pl.Int64)


def _rate() -> pl.Expr:
    return pl.col("quality_fps").cast(pl.Int64, strict=False).fill_null(_UNTOLD_RATE)


# --- in words ----------------------------------------------------------------------------------


def why(
    candidate: Mapping[str, Any], better: Mapping[str, Any], profile: Quality | None = None
) -> str:
    """Return in words why `candidate` stands behind `better`, two rows of `schema.CANDIDATES`.

    With the proxy's `profile` it names the word that decides.
    """
    if candidate["healthy"] != better["healthy"]:
        return f"the provider of {candidate['source']} refuses the account now"
    if candidate["allowed"] != better["allowed"]:
        return _why_unwanted(candidate, profile or Quality())
    sure, surer = (min(row["confidence"], CERTAIN) for row in (candidate, better))
    if sure != surer:
        return f"it is this channel with {sure}% certainty, the other with {surer}%"
    if candidate["profile"] != better["profile"]:
        return _why_less(candidate, better, profile or Quality())
    return _why_by_source(candidate, better)


def _why_unwanted(candidate: Mapping[str, Any], profile: Quality) -> str:
    words = [word for word in profile.unwanted if _says(candidate, word)]
    return f"{words[0]} is unwanted" if words else "its quality is unwanted"


def _says(row: Mapping[str, Any], word: str) -> bool:
    return bool(_facts(row).select(has(word)).item())


def _why_less(candidate: Mapping[str, Any], better: Mapping[str, Any], profile: Quality) -> str:
    for word in profile.prefer:
        if _says(better, word) and not _says(candidate, word):
            said = _said(candidate, WORDS[word])
            return f"{said}, and {word} is preferred"
    for fact, measure in (("resolution", _lines()), ("fps", _rate())):
        if _measured(candidate, measure) != _measured(better, measure):
            return f"{_said(candidate, fact)}, and {_said(better, fact)} is better"
    return f"{_said(candidate, 'tier')}, which is for when others fail"


def _said(row: Mapping[str, Any], fact: str) -> str:
    text = row[f"quality_{fact}"]
    if not text:
        return f"no {_NAMED[fact]} known"
    return f"{text}fps" if fact == "fps" else str(text)


def _measured(row: Mapping[str, Any], measure: pl.Expr) -> int:
    return int(_facts(row).select(measure).item())


def _facts(row: Mapping[str, Any]) -> pl.DataFrame:
    facts = {name: [row[name]] for name in _FACTS}
    return pl.DataFrame(facts, schema=dict.fromkeys(facts, pl.String))


def _why_by_source(candidate: Mapping[str, Any], better: Mapping[str, Any]) -> str:
    if candidate["priority"] != better["priority"]:
        return f"{candidate['source']} comes after {better['source']} among the sources"
    if candidate["free_slots"] != better["free_slots"]:
        return f"its account allows fewer streams at once: {candidate['free_slots']}"
    for column, words in (("reliability", "was less reliable"), ("bitrate", "has a lower bitrate")):
        here, there = candidate[column], better[column]
        if here == there:
            continue
        if here is not None and there is not None:
            return f"it {words}"
        whose = "its" if here is None else "the other's"
        return f"{whose} {column} was not measured and counts as the average of the channel's"
    return "nothing tells them apart, so the ids decide"
