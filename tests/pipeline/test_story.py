from __future__ import annotations

import pytest

from tvarr.pipeline.story import discreet


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("News", "News"),
        ("http://", "http://"),
        ("http://a.invalid", "http://a.invalid"),
        ("http://a.invalid/", "http://a.invalid/"),
        ("http://a.invalid:8080/live/u/p/1.ts", "http://a.invalid:8080/…"),
        ("HTTPS://u:p@a.invalid/x", "HTTPS://a.invalid/…"),
        ("http://u:p@a.invalid", "http://a.invalid"),
        ("http://a.invalid?token=p", "http://a.invalid/…"),
        ("http://a.invalid|User-Agent=p", "http://a.invalid/…"),
        (
            "see http://a.invalid/p and rtmp://b.invalid/p",
            "see http://a.invalid/… and rtmp://b.invalid/…",
        ),
        ('url equals "http://a.invalid/p"', 'url equals "http://a.invalid/…"'),
        ("?token=p&x=p", "?token=***&x=***"),
        ("News\x1fSport", "News, Sport"),
    ],
)
def test_of_an_address_only_scheme_and_host_are_told(text: str, shown: str) -> None:
    assert discreet(text) == shown


@pytest.mark.parametrize("field", ["tvg_logo", "programme_icon"])
def test_a_picture_keeps_its_path_but_no_query_and_no_password(field: str) -> None:
    shown = discreet("http://u:p@a.invalid/one.png?token=p", field)
    assert shown == "http://***@a.invalid/one.png?token=***"
