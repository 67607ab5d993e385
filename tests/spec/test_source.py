"""Playlists and guides: what they say without being told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from tvarr.spec.guide import XmltvGuide
from tvarr.spec.source import M3uSource
from tvarr.spec.values import Schedule


def playlist(**fields: Any) -> M3uSource:
    return M3uSource.model_validate({"kind": "m3u", "url": "a.m3u", **fields})


def guide(**fields: Any) -> XmltvGuide:
    return XmltvGuide.model_validate({"kind": "xmltv", "url": "a.xml", **fields})


def test_a_playlist_is_fetched_every_six_hours() -> None:
    source = playlist()

    assert source.refresh == Schedule(every=timedelta(hours=6))
    assert source.timeout == timedelta(seconds=30)
    assert source.max_size == 256 * 2**20


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
