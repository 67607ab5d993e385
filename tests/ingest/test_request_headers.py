"""Headers are found wherever playlists put them, and cannot break out of their line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvarr.ingest.request_headers import as_options, of_options, split_suffix, tidy

URL = "http://stream.invalid/live.m3u8"


def test_kodi_puts_headers_behind_the_url() -> None:
    url, headers = split_suffix(f"{URL}|User-Agent=VLC/3.0&Referer=https://a.invalid/")
    assert url == URL
    assert headers == [("User-Agent", "VLC/3.0"), ("Referer", "https://a.invalid/")]


def test_values_behind_the_url_are_percent_decoded() -> None:
    assert split_suffix(f"{URL}|User-Agent=A%20B%2F1")[1] == [("User-Agent", "A B/1")]


def test_quotes_and_several_bars_are_read_too() -> None:
    url, headers = split_suffix(
        f'{URL}?|Referer="https://r.invalid/?a&b"|User-Agent="A (B; C)"|X-Y=1'
    )
    assert url == f"{URL}?"
    assert headers == [
        ("Referer", "https://r.invalid/?a&b"),
        ("User-Agent", "A (B; C)"),
        ("X-Y", "1"),
    ]


@pytest.mark.parametrize("url", [URL, f"{URL}?a=1|2", f"{URL}|", f"{URL}|=x", f"{URL}|a b=c"])
def test_a_bar_without_a_header_belongs_to_the_url(url: str) -> None:
    assert split_suffix(url) == (url, [])


@pytest.mark.parametrize(
    ("option", "headers"),
    [
        ("#EXTVLCOPT:http-user-agent=A b=c", [("User-Agent", "A b=c")]),
        ("#EXTVLCOPT: http-referrer=https://r.invalid/", [("Referer", "https://r.invalid/")]),
        ("#EXTVLCOPT:http-referer=x", [("Referer", "x")]),
        ("#EXTVLCOPT--http-user-agent=A", [("User-Agent", "A")]),
        ("#EXTVLCOPT:network-caching=1000", []),
        ('#EXTHTTP:{"Cookie": "a=b", "X-N": 5}', [("Cookie", "a=b"), ("X-N", "5")]),
        ('#EXTHTTP:{"bad name": "x", "list": [1]}', []),
        ("#EXTHTTP:{broken", []),
        ("#EXTHTTP:" + '{"a":' * 5000, []),
        (
            "#KODIPROP:inputstream.adaptive.stream_headers=User-Agent=A%2F1&Origin=o",
            [("User-Agent", "A/1"), ("Origin", "o")],
        ),
        ("#KODIPROP:inputstream.adaptive.license_key=https://x|User-Agent=y|", []),
        ("#EXTGRP:News", []),
    ],
)
def test_options_ask_for_headers(option: str, headers: list[tuple[str, str]]) -> None:
    assert list(of_options([option])) == headers


def test_nothing_in_a_value_can_begin_a_line_or_a_header() -> None:
    suffix = tidy(split_suffix(f"{URL}|User-Agent=a%0d%0aCookie:%20b")[1])
    json = tidy(of_options(['#EXTHTTP:{"User-Agent": "a\\r\\nCookie: b\\u001f\\u2028c"}']))
    assert suffix == [("User-Agent", "a  Cookie: b")]
    assert json == [("User-Agent", "a  Cookie: b  c")]


def test_headers_become_options_that_players_know() -> None:
    headers = [("Referer", "r"), ("Origin", "o"), ("user-agent", "A"), ("Cookie", 'c="1"')]
    assert as_options(headers) == [
        "#EXTVLCOPT:http-referrer=r",
        "#EXTVLCOPT:http-user-agent=A",
        r'#EXTHTTP:{"Origin":"o","Cookie":"c=\"1\""}',
    ]


def test_of_a_header_that_is_asked_for_twice_the_first_counts() -> None:
    headers = [("Referer", ""), ("User-Agent", "a"), ("user-agent", "b"), ("Referer", "c")]
    assert tidy(headers) == [("User-Agent", "a"), ("Referer", "c")]


@given(
    st.lists(
        st.tuples(
            st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,20}", fullmatch=True),
            st.text(st.characters(exclude_categories=["Cc", "Zl", "Zp", "Cs"])),
        )
    )
)
def test_headers_survive_being_options(headers: list[tuple[str, str]]) -> None:
    expected = tidy(headers)
    options = as_options(expected)
    found = {name.lower(): value for name, value in of_options(options)}
    assert found == {name.lower(): value for name, value in expected}
    assert not any("\n" in option for option in options)


@pytest.mark.parametrize("unit", ["|", "a=", "|a=", '|a="', "&", '="'])
def test_a_long_suffix_takes_time_in_proportion_to_its_length(unit: str) -> None:
    split_suffix(f"{URL}|User-Agent=" + unit * (1_000_000 // len(unit)))
