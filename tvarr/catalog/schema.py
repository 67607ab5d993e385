"""The catalog's columns and the stable identity of a channel.

Every reader (`tvarr.ingest`) ends in these frames and every step of the pipeline starts from
them. Null means that the provider did not say; empty text means that it said nothing, and comes
out again as it came in.
"""

from __future__ import annotations

from hashlib import blake2b

import polars as pl

PAIRS = pl.List(pl.Struct({"name": pl.String, "value": pl.String}))
"""Attributes in the provider's order."""

INSTANT = pl.Datetime("us", "UTC")

CHANNELS: dict[str, pl.DataType | type[pl.DataType]] = {
    "channel_id": pl.String,  # stable, see `channel_id`
    "source": pl.String,  # the name in the YAML
    "name": pl.String,
    "tvg_id": pl.String,
    "tvg_name": pl.String,
    "tvg_logo": pl.String,  # absolute
    "group_title": pl.String,
    "stream_url": pl.String,  # absolute, without header suffix
    "channel_number": pl.String,  # the provider's own, as text: 5, 5.1, 007
    "tvg_shift": pl.String,
    "tvg_language": pl.String,
    "tvg_country": pl.String,
    "radio": pl.Boolean,
    "is_adult": pl.Boolean,
    "catchup": pl.String,
    "catchup_days": pl.String,
    "catchup_source": pl.String,
    "stream_type": pl.String,  # live | movie | series
    "provider_id": pl.String,  # the provider's own key, where it has one
    "headers": PAIRS,  # request headers the stream needs (User-Agent, Referer …)
    "options": pl.List(pl.String),  # whole lines between #EXTINF and the URL, as they came
    "attributes": PAIRS,  # every other #EXTINF attribute, kept
    "duration": pl.String,  # what stood behind #EXTINF: (usually -1)
    "line": pl.UInt32,  # where the entry stands in the document, 1-based
    "backup_urls": pl.List(pl.String),  # the same stream elsewhere, best first; often null
}
"""One row per channel, in the source's order."""

VOD: dict[str, pl.DataType | type[pl.DataType]] = {
    "vod_id": pl.String,  # stable, see `channel_id`
    "source": pl.String,  # the name in the YAML
    "name": pl.String,
    "stream_type": pl.String,  # movie | series
    "provider_id": pl.String,  # the provider's own key
    "category": pl.String,
    "tmdb": pl.String,  # digits
    "imdb": pl.String,  # tt and digits
    "year": pl.Int32,
    "rating": pl.Float32,  # above 0, up to 10
    "container": pl.String,  # of a film, in lower case: mkv
    "poster": pl.String,  # absolute
    "added": INSTANT,  # of a series: when it last changed
    "is_adult": pl.Boolean,
    "released": pl.String,  # as the provider writes it, mostly 2019-05-31
    "genre": pl.String,
    "plot": pl.String,
    "cast": pl.String,
    "director": pl.String,
    "stream_url": pl.String,  # of a film; the episodes of a series have their own
    "line": pl.UInt32,  # where it stands in the provider's list, 1-based
}
"""One row per film or series, films first, each in the provider's order."""

EPISODES: dict[str, pl.DataType | type[pl.DataType]] = {
    "vod_id": pl.String,  # of the series
    "season": pl.Int32,  # 0 has the specials; of a daily show its year
    "episode": pl.Int32,  # of a daily show month and day, 531
    "last": pl.Int32,  # the last one, where one file has several
    "name": pl.String,
    "provider_id": pl.String,
    "container": pl.String,  # in lower case: mkv
    "added": INSTANT,
    "stream_url": pl.String,
}
"""One row per episode of a source that knows them without being asked, series by series."""

ADULT_ATTRIBUTES = frozenset({"is-adult", "is_adult", "adult", "censored"})
"""Attributes in lower case that playlists say `is_adult` by; they stay among `attributes`."""

GUIDE_CHANNELS: dict[str, pl.DataType | type[pl.DataType]] = {
    "guide": pl.String,  # the name in the YAML
    "guide_channel": pl.String,  # the id attribute of <channel>
    "names": pl.List(pl.String),  # display-names, in order
    "icon": pl.String,
    "inner": pl.String,  # the element's content as XML text, as it came
}
"""One row per <channel> of a guide, in the document's order; the first of equal ids counts."""

PROGRAMMES: dict[str, pl.DataType | type[pl.DataType]] = {
    "guide": pl.String,
    "guide_channel": pl.String,  # the channel attribute of <programme>
    "start": INSTANT,
    "stop": INSTANT,  # null where missing or not after start
    "title": pl.String,  # the first of its kind in the element, entities resolved; so below
    "subtitle": pl.String,
    "description": pl.String,
    "categories": pl.List(pl.String),
    "episode": pl.String,  # xmltv_ns where there is one, else onscreen, else the first
    "season": pl.Int32,  # 1-based, read from xmltv_ns or SxxEyy
    "icon": pl.String,
    "rating": pl.String,
    "language": pl.String,  # the lang attribute of the first title, else <language>
    "extra": pl.String,  # further attributes of <programme> as XML text (' showview="1"'), or ''
    "inner": pl.String,  # the content as well-formed XML text in DTD order, nothing left out
}
"""One row per <programme>, sorted by guide_channel and start."""


LEDGER: dict[str, pl.DataType | type[pl.DataType]] = {
    "channel_id": pl.String,
    "source": pl.String,
    "name": pl.String,  # as the lineup had it
    "provider_id": pl.String,  # this and the next two: null unless no other channel
    "tvg_id": pl.String,  # of the source had the same, since they tell who a
    "path": pl.String,  # channel is after its id has changed
    "in_source": pl.Boolean,  # whether the source had it at the last build
    "number": pl.String,  # 7 or 5.1
    "how": pl.String,  # see `tvarr.pipeline.numbering.How`
    "wanted": pl.String,  # what it was given for: the pin, the provider's number, the group
    "plan": pl.String,  # the numbering that it was given under
    "absent_since": pl.Date,  # null: it was in the lineup at the last build
    "entry": pl.String,  # channel_id of the entry that it is a stream of; null: it is one itself
}
"""One row per channel that has a number, has one kept for it, or is a stream of another one,
which then has the number. Sorted by channel_id."""

CANDIDATES: dict[str, pl.DataType | type[pl.DataType]] = {
    "channel_id": pl.String,  # of the entry
    "rank": pl.UInt32,  # 0 plays first
    "member": pl.String,  # channel_id of the source's row
    "source": pl.String,
    "name": pl.String,
    "stream_url": pl.String,
    "headers": PAIRS,
    "options": pl.List(pl.String),
    "backup_urls": pl.List(pl.String),
    "catchup": pl.String,
    "catchup_days": pl.String,
    "catchup_source": pl.String,
    "provider_id": pl.String,
    "stream_type": pl.String,
    "duration": pl.String,
    "joined_by": pl.String,  # anchor | guide | name, see `tvarr.pipeline.duplicates.JoinedBy`
    "also": pl.List(pl.String),  # channel_ids of further rows with the very same stream
    "healthy": pl.Boolean,  # false: the provider refuses the account now
    "allowed": pl.Boolean,  # false: the quality profile does not want it
    "confidence": pl.UInt8,  # how certain it is that it is this channel, in percent
    "profile": pl.UInt32,  # place among the entry's by the quality profile, from 0
    "priority": pl.UInt32,  # place of the source in the proxy's list, from 0
    "free_slots": pl.UInt32,  # streams that the account allows at once; null: no limit is known
    "reliability": pl.Float64,  # from 0 to 1; null: not measured
    "bitrate": pl.UInt32,  # kbit/s; null: not measured
    "quality_resolution": pl.String,  # these six as `tvarr.pipeline.quality` has them
    "quality_hdr": pl.String,
    "quality_codec": pl.String,
    "quality_fps": pl.String,
    "quality_tier": pl.String,
    "quality_note": pl.String,
}
"""One row per stream of an entry: in the lineup's order, then by rank. Every row of the sources
that is in the lineup, or is merged into it, is `member` or `also` of exactly one."""


def channel_id(source: str, key: str, occurrence: int = 0) -> str:
    """Return the stable id of a channel: the source's name, a dot and 16 hex digits.

    `key` is the provider's own key or what stands for it (see `tvarr.ingest.m3u`), never a URL;
    `occurrence` counts from 0 where the same key repeats. The dot makes the id pass the XMLTV
    project's validator, which wants channel ids to look like DNS names.
    """
    digest = blake2b(f"{key}\0{occurrence}".encode(), digest_size=8)
    return f"{source}.{digest.hexdigest()}"
