"""What channels say of their quality: resolution, HDR, codec, frame rate, tier, notes.

Read from the provider's names and groups; a name wins over its group, and what was measured wins
over both. Called by the build, for the fields of sentences, and by `tvarr.pipeline.explain`.
`clean_name` is for those who compare names. Which words count is told in `tvarr.pipeline.marks`.
"""

from __future__ import annotations

import polars as pl

from tvarr.pipeline import claims, marks

FACTS = ("resolution", "hdr", "codec", "fps", "tier", "note")
COLUMNS = tuple(f"quality_{fact}" for fact in FACTS)
"""The names of the facts in frames and in sentences; texts, null where nothing is said."""

CLASSES = ("4320p", "2160p", "1080p", "720p", "HD", "SD", "unknown")
"""How channels are counted by their resolution; `SD` is all below 720 lines."""

SCHEMA: dict[str, type[pl.DataType]] = dict.fromkeys(COLUMNS, pl.String)


def facts(channels: pl.DataFrame, measured: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return `channel_id`, `COLUMNS` and `quality_measured`, for each row of `schema.CHANNELS`.

    `measured` has `channel_id`, each once, and any of `COLUMNS`, written as claims are (`1080p`,
    `HEVC`, `50`); where one is not null it takes the place of what name and group claim.
    `quality_measured` lists the facts of a row that were measured.
    """
    said = channels.select("channel_id").hstack(_of_channels(channels))
    if measured is None:
        return said.with_columns(quality_measured=pl.lit([], dtype=pl.List(pl.String)))
    known = [name for name in COLUMNS if name in measured.columns]
    seen = said.select("channel_id").join(
        measured.select("channel_id", *known), on="channel_id", how="left", maintain_order="left"
    )
    told = [pl.when(pl.col(name).is_not_null()).then(pl.lit(name[8:])) for name in known]
    return said.with_columns(
        *(seen[name].fill_null(said[name]) for name in known),
        seen.select(
            quality_measured=pl.concat_list(told or [pl.lit(None, pl.String)]).list.drop_nulls()
        ).to_series(),
    )


def with_facts(channels: pl.DataFrame, measured: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return the channels with `marks.PARTED` and `COLUMNS` behind their own."""
    parted = marks.parted(channels["name"].fill_null("")).to_struct(marks.PARTED)
    channels = channels.with_columns(parted)
    return channels.hstack(facts(channels, measured).select(COLUMNS))


def claimed(names: pl.Series, *, groups: bool = False) -> pl.DataFrame:
    """Return `COLUMNS` for each name; a group's may be nothing but marks."""
    text = names.fill_null("")
    found = marks.part(text)["marks"]
    if groups:
        found = found + " " + marks.part("• " + text)["marks"]
    return _claims(found)


def _claims(told: pl.Series) -> pl.DataFrame:
    found = told.to_frame("marks")
    known = found.unique()
    said = known.with_columns(plain=claims.in_plain_digits(known["marks"])).with_columns(
        fact.cast(pl.String).alias(f"quality_{name}")
        for name, fact in claims.of(pl.col("plain")).items()
    )
    return found.join(said, on="marks", how="left", maintain_order="left").select(COLUMNS)


def counted(channels: pl.DataFrame) -> dict[str, int]:
    """Return how many channels are of which of `CLASSES`, the best first; none of none.

    Channels count by their lines, interlaced or not. `HD` is the word, which says no number.
    """
    said = pl.col("quality_resolution")
    lines = said.str.extract(r"^(\d{3,4})[pi]$").cast(pl.Int32)
    kind = pl.when(said.is_null()).then(pl.lit("unknown")).when(said == "HD").then(said)
    for least in (4320, 2160, 1080, 720):
        kind = kind.when(lines >= least).then(pl.lit(f"{least}p"))
    counts = channels.select(kind.otherwise(pl.lit("SD")).value_counts()).unnest("literal")
    found = dict(counts.iter_rows())
    return {name: found[name] for name in CLASSES if name in found}


def columns() -> list[pl.Expr]:
    """Return `COLUMNS` as expressions over `name` and `group_title`, worked out only where used."""
    read = pl.struct("name", "group_title").map_batches(_read, return_dtype=pl.Struct(SCHEMA))
    return [read.struct.field(name) for name in COLUMNS]


def clean_name(name: pl.Expr) -> pl.Expr:
    """Return the name without what was read as a mark of quality, for comparing names.

    A name that would be empty, or a country alone, stays whole. Null stays null.
    """
    return name.map_batches(marks.cleaned, return_dtype=pl.String)


def _of_channels(channels: pl.DataFrame) -> pl.DataFrame:
    before = channels.get_column(marks.PARTED, default=None)
    parted = marks.parted(channels["name"].fill_null(""), before)
    return _of(parted["marks"], channels["group_title"])


def _read(rows: pl.Series) -> pl.Series:
    return _of_channels(rows.struct.unnest()).to_struct(rows.name)


def _of(found: pl.Series, groups: pl.Series) -> pl.DataFrame:
    """Return the claims of marks in names, and where they say nothing of a fact, the group's."""
    own = _claims(found)
    known = groups.unique()
    of_group = claimed(known, groups=True).with_columns(group=known)
    given = pl.DataFrame({"group": groups}).join(
        of_group, on="group", how="left", nulls_equal=True, maintain_order="left"
    )
    return own.select(own[name].fill_null(given[name]) for name in COLUMNS)
