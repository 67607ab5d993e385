from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvarr.fetch.address import parse


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("http://tv.example/a%2Fb?x=%20|y", "http://tv.example/a%2Fb?x=%20|y"),
        ("http://tv.example/a/../b//c", "http://tv.example/a/../b//c"),
        ("http://tv.example/a b/é", "http://tv.example/a%20b/%C3%A9"),
        ("http://tv.example?a b", "http://tv.example?a%20b"),
        ("HTTP://TV.example:80/A", "http://tv.example/A"),
        ("https://tv.example:8443", "https://tv.example:8443"),
        ("http://[::1]:8080/", "http://[::1]:8080/"),
        ("http://fernsehen.ö.example/", "http://fernsehen.xn--nda.example/"),
        ("  http://tv.example/a#part\n", "http://tv.example/a"),
        ("http://user:secret@tv.example/", "http://tv.example/"),
    ],
)
def test_an_address_is_sent_as_it_is_written(written: str, sent: str) -> None:
    assert parse(written).url == sent


def test_user_and_password_are_decoded() -> None:
    assert parse("http://us%40er:p%3Aw%2F@tv.example/").userinfo == ("us@er", "p:w/")
    assert parse("http://user@tv.example/").userinfo == ("user", "")
    assert parse("http://tv.example/").userinfo is None


@pytest.mark.parametrize(
    "written",
    [
        "",
        "tv.m3u",
        "ftp://tv.example/",
        "file:///etc/passwd",
        "data:,x",
        "http:///path",
        "http://",
        "http://tv.example:99999/",
        "http://tv.example:0/",
        "http://tv.example:secret/",
        "http://[::1/",
        "http://tv exa.mple/",
        "http://tv.example\x00.org/",
        f"http://{'ö' * 70}.example/",
    ],
)
def test_anything_else_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"URL|only http"):
        parse(written)


@pytest.mark.parametrize(
    "written", ["http://user:se#cret@tv.example/", "http://user:1#x@tv.example"]
)
def test_a_bad_character_in_a_password_is_explained_without_showing_it(written: str) -> None:
    with pytest.raises(ValueError, match="%23") as caught:
        parse(written)
    assert "user:" not in str(caught.value)
    assert "tv.example" not in str(caught.value)


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("http://tv.example/", "tv.example"),
        ("http://tv.example:443/", "tv.example:443"),
        ("https://user:secret@[::1]:443/?password=x", "[::1]"),
    ],
)
def test_a_place_is_host_and_unusual_port(written: str, place: str) -> None:
    assert parse(written).place == place


def test_an_origin_is_scheme_host_and_port() -> None:
    origins = {
        parse(url).origin
        for url in (
            "http://tv.example/a",
            "http://TV.example:80/b",
            "https://tv.example/a",
            "http://tv.example:8080/a",
            "http://www.tv.example/a",
        )
    }
    assert len(origins) == 4


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/b c?x#y", "http://tv.example/b%20c?x"),
        ("next", "http://tv.example/folder/next"),
        ("?page=2", "http://tv.example/folder/tv?page=2"),
        ("//cdn.example/x", "http://cdn.example/x"),
        ("https://cdn.example/x", "https://cdn.example/x"),
    ],
)
def test_a_redirect_is_resolved_from_where_it_came(location: str, target: str) -> None:
    assert parse("http://user:secret@tv.example/folder/tv?a=b").join(location).url == target


@pytest.mark.parametrize("location", ["file:///etc/passwd", "http://[", "data:,x", "http://h:0/"])
def test_a_redirect_leads_to_http_only(location: str) -> None:
    with pytest.raises(ValueError, match=r"URL|only http"):
        parse("http://tv.example/").join(location)


def test_nothing_secret_is_in_the_repr() -> None:
    text = repr(parse("http://user:secret@tv.example/get?password=hidden"))
    assert text == "Address(scheme='http', host='tv.example', port=80)"


@given(st.text() | st.text().map("http://{}".format) | st.text().map("http://tv.example/{}".format))
def test_any_text_is_an_address_that_can_be_sent_or_is_refused(text: str) -> None:
    try:
        url = parse(text).url
    except ValueError:
        return
    assert url.isascii()
    assert url.isprintable()
    assert " " not in url
