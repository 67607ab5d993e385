"""Whatever a panel sends in the place of a fact, the entry is taken or left out, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.provider.panel import episodes as listed
from tests.provider.panel import film, live, series
from tvarr.catalog import schema
from tvarr.errors import TvarrError
from tvarr.ingest.tally import Tally
from tvarr.ingest.xtream import listings
from tvarr.ingest.xtream.answers import rows_in
from tvarr.ingest.xtream.episodes import _episodes, _rows
from tvarr.ingest.xtream.live import LiveStreams
from tvarr.ingest.xtream.login import read_login
from tvarr.ingest.xtream.panel import Panel
from tvarr.ingest.xtream.vod import Vod

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

PANEL = Panel("http://tv.invalid", "ann", "secret")

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.sampled_from(
        ["0", "1", "", "a\nb", "&amp;&#0;", "1e999", "9" * 30, "\uff12\uff10", "\u2028"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


def entries(make: Callable[..., dict[str, Any]]) -> st.SearchStrategy[list[Any]]:
    """Return lists of entries of which any fact may be anything."""
    keys = [*make(1), "title", "tmdb", "imdb_id", "year", "release_date", "plot", "is_adult"]
    facts = st.dictionaries(st.sampled_from(keys), anything, max_size=6)
    return st.lists(facts.map(lambda odd: make(1) | odd) | anything, max_size=6)


def sent(values: Any) -> Any:
    """Return values as they come out of JSON."""
    return orjson.loads(orjson.dumps(values))


def in_one_line(texts: list[str | None]) -> bool:
    return all(text is None or len(text.splitlines()) <= 1 for text in texts)


@settings(max_examples=40)
@given(entries(live))
def test_any_stream_is_a_channel_or_left_out(rows: list[Any]) -> None:
    tally = Tally()
    streams = LiveStreams("tv", PANEL, "ts", {"1": "News"}, tally)
    streams.add(sent(rows))
    frame = streams.finish()
    assert frame.schema == schema.CHANNELS
    assert frame.height + tally.rejected.total() == len(rows)
    for column in ("name", "tvg_id", "tvg_logo", "group_title", "channel_number", "stream_url"):
        assert in_one_line(frame[column].to_list()), column
    assert frame["name"].null_count() == frame["stream_url"].null_count() == 0


@settings(max_examples=40)
@given(entries(film))
def test_any_film_is_catalogued_or_left_out(rows: list[Any]) -> None:
    tally = Tally()
    films = Vod("tv", PANEL, "movie", {}, tally)
    films.add(sent(rows))
    frame = films.finish()
    assert frame.schema == schema.VOD
    assert frame.height + tally.rejected.total() == len(rows)
    assert in_one_line(frame["stream_url"].to_list())
    assert frame["year"].is_between(1800, 2099).all()
    assert frame["rating"].is_between(0, 10).all()


@settings(max_examples=40)
@given(entries(series))
def test_any_series_is_catalogued_or_left_out(rows: list[Any]) -> None:
    tally = Tally()
    found = Vod("tv", PANEL, "series", {}, tally)
    found.add(sent(rows))
    assert found.finish().height + tally.rejected.total() == len(rows)


@given(anything, anything, anything)
def test_any_login_is_taken_or_refused(user: Any, status: Any, end: Any) -> None:
    for answer in (user, {"user_info": user}, {"user_info": {"auth": 1, "exp_date": end}}):
        try:
            read_login(sent(answer))
        except TvarrError:
            continue
    facts = {"auth": 1, "status": status, "max_connections": user, "active_cons": end}
    try:
        read_login(sent({"user_info": facts, "server_info": {"timezone": status}}))
    except TvarrError as error:
        assert "auth" in error.sentence or "account" in error.sentence  # noqa: PT017


@given(anything)
def test_any_answer_has_rows_or_a_reason(answer: Any) -> None:
    try:
        assert isinstance(rows_in(sent(answer)), list)
    except TvarrError as error:
        assert error.sentence  # noqa: PT017


@given(anything, st.dictionaries(st.sampled_from([*listed(1)["episodes"]["1"][0]]), anything))
def test_any_episodes_are_read_or_left_out(found: Any, odd: dict[str, Any]) -> None:
    for value in (found, {"1": [{"id": 1} | odd, found]}):
        for episode in _episodes(list(_rows(sent(value), 0)), PANEL):
            assert len(episode.stream_url.splitlines()) == 1


@given(st.lists(st.dictionaries(st.sampled_from(["title", "description", "start", "stop", "end",
                                                  "start_timestamp", "stop_timestamp"]), anything)
                | anything, max_size=4))  # fmt: skip
def test_any_listing_is_a_programme_or_none(rows: list[Any]) -> None:
    from lxml import etree

    text = "".join(listings._elements(sent(rows), 'a"<b', _utc()))
    assert etree.fromstring(f"<tv>{text}</tv>").tag == "tv"


def _utc() -> ZoneInfo:
    from zoneinfo import ZoneInfo

    return ZoneInfo("UTC")


def test_an_entry_of_lists_in_lists_costs_itself_only() -> None:
    """As deep as orjson reads; Python cannot even say it in words."""
    deep: Any = []
    for _ in range(1000):
        deep = [deep]
    tally = Tally()
    streams = LiveStreams("tv", PANEL, "ts", {}, tally)
    streams.add([deep, live(1), {"name": deep}, live(2, name=deep, num=deep)])
    assert streams.finish().height == tally.rejected.total() == 2
    assert read_login({"user_info": {"auth": 1, "exp_date": deep, "max_connections": deep}})
    odd = {"id": 1, "episode_num": deep, "season": deep, "container_extension": deep}
    (episode,) = _episodes([odd | {"info": {"duration": deep}}], PANEL)
    assert episode.container == "mp4"
