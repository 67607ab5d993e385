"""A panel's films and series → `schema.VOD`.

Called by `source` with one piece of a list after the other. Episodes are no part of these lists;
they are asked for one series at a time (`episodes`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

import polars as pl

from tvarr.catalog import schema
from tvarr.ingest.xtream import texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tvarr.ingest.tally import Tally
    from tvarr.ingest.xtream.panel import Panel

USUAL_CONTAINER: Final = "mp4"
"""Of a film whose panel does not say."""

_YEAR: Final = r"((?:18|19|20)[0-9]{2})"
_YEAR_IN_NAME: Final = rf"[(\[]{_YEAR}[)\]]|[-|:] {_YEAR}$"
_TMDB: Final = r"^0*([1-9][0-9]{0,9})(?:\.0)?$"
_IMDB: Final = r"(tt[0-9]{5,10})"
_CONTAINER: Final = r"^\.?([A-Za-z0-9]{1,8})$"
_SECONDS: Final = r"^([0-9]{1,10})"


@dataclass
class Vod:
    """The films, or the series, of one account, in the panel's order."""

    source: str
    panel: Panel
    kind: Literal["movie", "series"]
    categories: Mapping[str, str]
    tally: Tally
    frames: list[pl.DataFrame] = field(default_factory=list)
    _seen: dict[str, int] = field(default_factory=dict)
    _line: int = 1

    def add(self, rows: Sequence[Any]) -> None:
        """Take a piece of the list."""
        key = "stream_id" if self.kind == "movie" else "series_id"
        kept, places = texts.usable(rows, key, self._line, self.tally)
        self._line += len(rows)
        if kept:
            self.frames.append(self._frame(key, kept, places))

    def finish(self) -> pl.DataFrame:
        """Return `schema.VOD`."""
        return pl.concat([pl.DataFrame(schema=schema.VOD), *self.frames])

    def _frame(self, key: str, rows: list[dict[str, Any]], places: list[int]) -> pl.DataFrame:
        id_, poster = texts.column(rows, key), texts.column(rows, "stream_icon", "cover")
        released = texts.clean(texts.column(rows, "releaseDate", "release_date", "releasedate"))
        columns = {
            "vod_id": texts.ids(self.source, self.kind, id_, self._seen),
            "provider_id": id_,
            "name": texts.clean(texts.column(rows, "name", "title")),
            "category": texts.category(rows, self.categories),
            "is_adult": texts.flag(texts.column(rows, "is_adult")),
            "tmdb": texts.column(rows, "tmdb_id", "tmdb"),
            "imdb": texts.column(rows, "imdb_id", "imdb"),
            "year": texts.column(rows, "year"),
            "released": released,
            "rating": texts.column(rows, "rating"),
            "of_five": texts.column(rows, "rating_5based"),
            "container": texts.column(rows, "container_extension"),
            "poster": texts.pictures(poster, self.panel.base),
            "added": texts.column(rows, "added", "last_modified"),
            "line": pl.Series(places, dtype=pl.UInt32),
        } | {
            name: texts.clean(texts.column(rows, name))
            for name in ("genre", "plot", "cast", "director")
        }
        return self._completed(pl.DataFrame(columns))

    def _completed(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Read the facts out of their texts."""
        is_film = self.kind == "movie"
        ending = pl.col("container").str.extract(_CONTAINER).str.to_lowercase()
        container = ending.fill_null(USUAL_CONTAINER) if is_film else pl.lit(None, pl.String)
        address = pl.lit(self.panel.stream("movie")) + pl.col("provider_id") + "." + container
        facts = {
            "source": pl.lit(self.source),
            "stream_type": pl.lit(self.kind),
            "name": pl.coalesce(
                "name", pl.lit(f"{self.kind.capitalize()} ") + pl.col("provider_id")
            ),
            "tmdb": pl.col("tmdb").str.extract(_TMDB),
            "imdb": pl.col("imdb").str.extract(_IMDB),
            "year": _year(),
            "rating": _rating(),
            "container": container,
            "added": _instant(pl.col("added")),
            "stream_url": address if is_film else pl.lit(None, pl.String),
        }
        given = rows.with_columns(**facts)
        return given.select(pl.col(name).cast(kind) for name, kind in schema.VOD.items())


def _year() -> pl.Expr:
    """Return the year that is said, else of the release, else in the name: `Film (2019)`."""
    name = pl.col("name")
    return pl.coalesce(
        pl.col("year").str.extract(rf"^{_YEAR}"),
        pl.col("released").str.extract(rf"\b{_YEAR}\b"),
        name.str.extract(_YEAR_IN_NAME, 1),
        name.str.extract(_YEAR_IN_NAME, 2),
    ).cast(pl.Int32)


def _rating() -> pl.Expr:
    """Return 0 to 10; a rating of nothing is none."""
    ten, five = (pl.col(c).cast(pl.Float32, strict=False) for c in ("rating", "of_five"))
    said = pl.when((ten > 0) & (ten <= 10)).then(ten)
    return pl.coalesce(said, pl.when((five > 0) & (five <= 5)).then(five * 2)).cast(pl.Float32)


def _instant(text: pl.Expr) -> pl.Expr:
    seconds = text.str.extract(_SECONDS).cast(pl.Int64)
    return pl.from_epoch(pl.when(seconds > 0).then(seconds), "s").cast(schema.INSTANT)
