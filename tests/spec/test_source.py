"""Playlists and guides: what they say without being told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from tvarr.spec.fetched import OnShrink
from tvarr.spec.guide import GuideOfSource, XmltvGuide
from tvarr.spec.source import (
    MOST_CHANNELS,
    HdhomerunSource,
    M3uSource,
    ManualSource,
    Source,
    XtreamSource,
    declared_connections,
    guide_of,
)
from tvarr.spec.values import Schedule


def playlist(**fields: Any) -> M3uSource:
    return M3uSource.model_validate({"kind": "m3u", "url": "a.m3u", **fields})


def source(kind: str, **fields: Any) -> Any:
    """Return the source that the YAML declares with these fields."""
    return TypeAdapter(Source).validate_python({"kind": kind, **fields})


def refusal(kind: str, **fields: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        source(kind, **fields)
    [error] = caught.value.errors()
    return f"{'.'.join(map(str, error['loc']))}: {error['msg'].removeprefix('Value error, ')}"


def guide(**fields: Any) -> XmltvGuide:
    return XmltvGuide.model_validate({"kind": "xmltv", "url": "a.xml", **fields})


def test_a_playlist_is_fetched_every_six_hours() -> None:
    source = playlist()

    assert source.refresh == Schedule(every=timedelta(hours=6))
    assert source.timeout == timedelta(seconds=30)
    assert source.max_size == 256 * 2**20


def test_streams_at_once_are_told_of_accounts_that_declare_them() -> None:
    account = {"url": "http://p.invalid", "username": "u", "password": "p"}
    sources = {
        "tv": source("xtream", **account, connections=2),
        "other": source("xtream", **account),
        "list": playlist(),
    }
    assert declared_connections(sources) == {"tv": 2}


def test_a_guide_is_fetched_twice_a_day_and_may_be_large() -> None:
    source = guide()

    assert source.refresh == Schedule(every=timedelta(hours=12))
    assert source.timeout == timedelta(seconds=60)
    assert source.max_size == 4 * 2**30
    assert source.timezone == "UTC"


def test_certificates_are_checked_unless_said_otherwise() -> None:
    assert playlist().verify_tls
    assert not playlist(verify_tls=False).verify_tls
    assert not playlist(verify_tls="no").verify_tls


@pytest.mark.parametrize("fields", [{"timeout": "1s"}, {"timeout": "10m"}, {"max_size": "64GiB"}])
def test_the_bounds_are_possible(fields: dict[str, Any]) -> None:
    assert playlist(**fields)


@pytest.mark.parametrize(
    "fields", [{"timeout": "0s"}, {"timeout": "11m"}, {"max_size": 1023}, {"max_size": "65GiB"}]
)
def test_a_wait_or_a_body_without_a_limit_is_not_possible(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="is possible here"):
        playlist(**fields)


def test_a_playlist_has_no_time_zone() -> None:
    with pytest.raises(ValidationError, match="unknown field"):
        playlist(timezone="UTC")


# --- addresses ----------------------------------------------------------------------------------


def test_several_addresses_stand_in_the_place_of_one() -> None:
    assert [a.get_secret_value() for a in playlist().addresses] == ["a.m3u"]
    several = source("m3u", urls=["a.m3u", "b.m3u"])

    assert [a.get_secret_value() for a in several.addresses] == ["a.m3u", "b.m3u"]
    assert several.combine == "join"


def test_one_address_or_several_are_needed_and_not_both() -> None:
    assert refusal("m3u").startswith('url: "url" is missing')
    assert refusal("m3u", url="a", urls=["b"]).startswith("urls: write one of both")
    assert refusal("m3u", urls=["a", "a"]).startswith("urls.1: ")


# --- kinds --------------------------------------------------------------------------------------


def test_an_unknown_kind_is_told_with_those_there_are() -> None:
    assert refusal("xtraem") == (
        'kind: cannot use "xtraem": only m3u, xtream, manual, hdhomerun or files is possible here,'
        ' did you mean "xtream"?'
    )
    with pytest.raises(
        ValidationError, match=r'"kind" is missing; write for example `kind: manual`'
    ):
        TypeAdapter(Source).validate_python({"channels": []})


def test_an_account_keeps_its_secrets() -> None:
    account = source("xtream", url="http://tv.invalid", username="annabel", password="hunter22")

    assert isinstance(account, XtreamSource)
    assert "annabel" not in repr(account)
    assert "hunter22" not in repr(account)
    assert account.content == ("live", "vod", "series")


def test_a_manual_source_has_channels_of_its_own() -> None:
    house = source("manual", channels=[{"name": "A", "url": "http://s.invalid", "number": 5.1}])

    assert isinstance(house, ManualSource)
    assert house.channels[0].number == "5.1"
    assert refusal("manual", channels=[]).startswith("channels: ")
    many = [{"name": "A", "url": "http://s.invalid"}] * (MOST_CHANNELS + 1)
    assert refusal("manual", channels=many).startswith("channels: ")


def test_a_channel_s_own_addresses_are_never_shown() -> None:
    url = "http://ann:hunter22@s.invalid/1"
    house = source("manual", channels=[{"name": "A", "url": url, "backup_urls": [url + "2"]}])

    assert "hunter22" not in repr(house)
    wrong = refusal("manual", channels=[{"name": "A", "url": "hunter22"}])
    assert wrong.startswith("channels.0.url: the address of a stream begins with")
    assert "hunter22" not in wrong


def test_a_tuner_is_known_by_its_address() -> None:
    antenna = source("hdhomerun", address="192.168.1.20")

    assert isinstance(antenna, HdhomerunSource)
    assert antenna.address == "http://192.168.1.20"
    assert antenna.refresh == Schedule(every=timedelta(days=1))


# --- what is less than before -------------------------------------------------------------------


def test_half_of_a_list_may_be_missing() -> None:
    assert playlist().on_shrink == OnShrink(threshold=50, action="hold")
    assert playlist(on_shrink={"threshold": "30 %"}).on_shrink.threshold == 30


@pytest.mark.parametrize("threshold", ["0%", "101%", "half", True, 1.5, "-1%"])
def test_a_share_is_from_one_to_a_hundred_percent(threshold: object) -> None:
    with pytest.raises(ValidationError, match="a share is written like 50%"):
        playlist(on_shrink={"threshold": threshold})


# --- guides that come with a source -------------------------------------------------------------


def test_a_guide_may_come_with_a_source() -> None:
    assert playlist().guide is None
    assert playlist(guide="none").guide is None
    assert playlist(guide="auto").guide == GuideOfSource()
    early = playlist(guide={"shift": "-1h30m"}).guide
    assert early == GuideOfSource(shift=-timedelta(hours=1, minutes=30))
    with pytest.raises(ValidationError, match="only auto or none, or a map, is possible here"):
        playlist(guide="yes")


@pytest.mark.parametrize("shift", ["1", "25h", "--1h", "later"])
def test_a_shift_is_a_day_at_most(shift: str) -> None:
    with pytest.raises(ValidationError, match="shift"):
        playlist(guide={"shift": shift})


def test_the_guide_of_a_source_is_fetched_like_it() -> None:
    declared = playlist(
        guide={"refresh": "3h", "timezone": "Europe/London"}, user_agent="VLC", enabled=False
    )
    linked = guide_of("uk", declared)

    assert linked is not None
    assert (linked.source, linked.user_agent, linked.enabled) == ("uk", "VLC", False)
    assert (linked.refresh, linked.timezone) == (
        Schedule(every=timedelta(hours=3)),
        "Europe/London",
    )
    assert guide_of("uk", playlist()) is None
    assert guide_of("uk", source("hdhomerun", address="tuner")) is None
