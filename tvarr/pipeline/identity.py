"""Who a channel is after its id has changed.

A channel's id follows from what the provider calls it, so a new name is a new id. Where an id goes
and another comes in the same source at the same refresh, the two are one channel if they share the
provider's own id, a tvg-id that nobody else has on either side, or the stream's path without its
tokens. Called by `tvarr.pipeline.ledger`, which keeps the numbers of such channels.
"""

from __future__ import annotations

from hashlib import blake2b

import polars as pl

EVIDENCE = ("provider_id", "tvg_id", "path")
"""What makes two ids one channel, the strongest first."""

CARRIED: dict[str, pl.DataType | type[pl.DataType]] = {
    "before": pl.String,  # the channel id that went
    "channel_id": pl.String,  # the one that came
    "by": pl.String,  # one of `EVIDENCE`
}

_NO_NAME = r"[^/]*[=;&,][^/]*|[0-9A-Fa-f-]{16,}|[A-Za-z0-9_~+.-]{24,}"
"""A part of a path that names nothing: `token=…`, a long hexadecimal number, what may be base64."""
_ACCOUNT = (
    r"(?:^(?:live/|movie/|series/)?|/(?:live|movie|series)/)"
    r"[^/]+/[^/]+/([0-9]+)(?:\.(?:ts|m3u8|mp4|mkv))?$"
)
"""A stream at an Xtream panel, which may be below a folder: user, password, number."""


def identities(given: pl.DataFrame) -> pl.DataFrame:
    """Return `channel_id, source` and `EVIDENCE`, null where it does not tell two channels apart.

    `given` is `schema.CHANNELS` as the sources have it, before rules and filters.
    """
    told = given.select("channel_id", "source", "provider_id", "tvg_id")
    told = told.with_columns(path=_digests(paths(given["stream_url"])))
    return told.with_columns(_if_alone(column) for column in EVIDENCE)


def _digests(texts: pl.Series) -> pl.Series:
    """Return what stands for the texts, which may hold what is left of an account's credentials."""
    return pl.Series(
        texts.name,
        [text and blake2b(text.encode(), digest_size=8).hexdigest() for text in texts],
        dtype=pl.String,
    )


def paths(addresses: pl.Series) -> pl.Series:
    """Return the paths of addresses without what changes with an account or a session.

    Null where nothing is left.
    """
    behind_host = pl.col("url").str.splitn("/", 4).struct.field("field_3")
    path = behind_host.str.splitn("?", 2).struct.field("field_0").str.splitn("#", 2)
    rows = addresses.to_frame("url").select(path=path.struct.field("field_0"))
    rows = rows.with_columns(number=pl.col("path").str.extract(_ACCOUNT))
    named = _without_tokens(rows["path"])
    left = pl.coalesce(pl.concat_str(pl.lit("#"), "number"), pl.concat_str(pl.lit("/"), named))
    return rows.select(path=pl.when(left != "/").then(left)).to_series()


def _without_tokens(paths: pl.Series) -> pl.Series:
    """Take out the parts that name nothing; where there are none, which is usual, at no cost."""
    odd = paths.str.contains(f"(?:^|/)(?:{_NO_NAME})(?:/|$)").fill_null(value=False).arg_true()
    part = pl.element()
    names = part.filter(~part.str.contains(f"^(?:{_NO_NAME})$"))
    left = paths.gather(odd).str.split("/").list.eval(names).list.join("/")
    return paths.scatter(odd, left)


def _if_alone(column: str) -> pl.Expr:
    """Return what is neither blank nor the same for two channels of one source."""
    text = pl.col(column)
    alone = pl.len().over("source", column) == 1
    return pl.when(text.str.strip_chars().fill_null("") != "", alone).then(text).alias(column)


def carried(known: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """Return `CARRIED`: the ids that went, and those that came in their place.

    `known` is the ledger, of sources that have been read; `now` is what `identities` returns.
    """
    found = [pl.DataFrame(schema=CARRIED)]
    gone = known.filter("in_source").join(now, on="channel_id", how="anti")
    if gone.is_empty():
        return found[0]
    come = now.join(known, on="channel_id", how="anti")
    for evidence in EVIDENCE:
        if gone.is_empty() or come.is_empty():
            break
        pairs = _pairs(gone, come, evidence)
        gone = gone.join(pairs, left_on="channel_id", right_on="before", how="anti")
        come = come.join(pairs, on="channel_id", how="anti")
        found.append(pairs)
    return pl.concat(found)


def _pairs(gone: pl.DataFrame, come: pl.DataFrame, evidence: str) -> pl.DataFrame:
    keys = ["source", evidence]
    sides = (side.filter(pl.struct(keys).is_unique()) for side in (gone, come))
    before, after = (side.select("channel_id", *keys) for side in sides)
    return (
        before.rename({"channel_id": "before"})
        .join(after, on=keys, maintain_order="left")
        .select("before", "channel_id", by=pl.lit(evidence))
    )
