"""Addresses and headers: what is taken, and that a refusal gives nothing away."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from tvarr.spec.addresses import (
    STREAMS,
    BaseUrl,
    HeaderName,
    HeaderValue,
    HostUrl,
    Line,
    PanelUrl,
    PictureUrl,
    SecretLine,
    StreamUrl,
    Url,
)


def rule(kind: Any, value: object) -> str:
    """Return what is said when `value` is no `kind`."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    (details,) = caught.value.errors()
    return details["msg"].removeprefix("Value error, ")


def read(kind: Any, value: object) -> Any:
    return TypeAdapter(kind).validate_python(value)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/a.m3u",
        "HTTPS://user:secret@example.org:8443/get.php?password=x",
        "http://[::1]:8080/a.m3u",
        "http://example.org/with space.m3u",
        "file:///srv/a.m3u",
        "file:/srv/a.m3u",
        "file://localhost/srv/a.m3u",
        "a.m3u",
        "./uk:new.m3u",
        "/srv/tv/ä.m3u",
        "../a.m3u",
    ],
)
def test_an_address_is_a_url_or_a_path(url: str) -> None:
    secret = read(Url, f" {url} ")

    assert secret.get_secret_value() == url
    assert "example" not in repr(secret)


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "a\nb",
        "http://",
        "http:///a",
        "http://:80/a",
        "http://exa mple.org/",
        "http://example.org:x/",
        "http://example.org:99999/",
        "http://example.org:0/",
        "http://[::1/",
        "http:example.org/a",
        "file:",
        "file://folder/a.m3u",
        "ftp://example.org/a",
        "rtsp://example.org/a",
        "data:text/plain,x",
        "example.org:8080/a.m3u",
        "javascript:alert(1)",
        5,
        None,
        ["a"],
    ],
)
def test_any_other_address_is_refused_and_never_shown(url: object) -> None:
    said = rule(Url, url)

    assert "example.org" not in said
    assert any(word in said for word in ("http://", "file://", "is needed here"))


def test_a_refused_scheme_is_named_where_that_gives_nothing_away() -> None:
    assert rule(Url, "rtsp://me:secret@tv/1").startswith("nothing can be fetched from rtsp:")
    assert "me" not in rule(Url, "me:secret@tv/1").split()


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("http://192.168.1.10:8888", "http://192.168.1.10:8888"),
        ("https://tv.example.org/", "https://tv.example.org"),
        ("https://tv.example.org/tv//", "https://tv.example.org/tv"),
    ],
)
def test_the_public_address_has_no_slash_at_its_end(written: str, url: str) -> None:
    assert read(BaseUrl, written) == url


@pytest.mark.parametrize(
    "url",
    [
        "tv.example.org",
        "ftp://x",
        "http://",
        "http://me:pw@x",
        "http://x?a=b",
        "http://x#a",
        "http://x/\t1",
    ],
)
def test_a_public_address_has_a_host_a_port_and_a_path_only(url: str) -> None:
    assert "pw" not in rule(BaseUrl, url)


def test_a_header_has_a_name_and_one_line() -> None:
    assert read(HeaderName, "X-Api_Token") == "X-Api_Token"
    assert read(HeaderValue, "Bearer x").get_secret_value() == "Bearer x"
    assert read(HeaderValue, "").get_secret_value() == ""


@pytest.mark.parametrize("name", ["", "X Token", "X:", "X\r\nY", "Ä", "x" * 101])
def test_a_header_name_that_would_break_the_request_is_refused(name: str) -> None:
    assert rule(HeaderName, name).startswith("a header's name has")


@pytest.mark.parametrize("value", ["a\r\nb", "a\0", "x" * 8193])
def test_a_header_value_that_would_break_the_request_is_refused(value: str) -> None:
    assert rule(HeaderValue, value).startswith("a header's value is one line")


@pytest.mark.parametrize("text", ["", "a\nb", "x" * 1001])
def test_a_line_is_one_line(text: str) -> None:
    assert rule(Line, text).startswith("one line of text is needed")


@pytest.mark.parametrize("scheme", STREAMS)
def test_a_stream_has_a_scheme_that_opens_nothing_of_this_machine(scheme: str) -> None:
    url = read(StreamUrl, f" {scheme}://user:secret@host.invalid/1 ")

    assert url.get_secret_value() == f"{scheme}://user:secret@host.invalid/1"
    assert "secret" not in repr(url)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "pipe://ls", "plugin://x/pw", "1.ts", "", "http://x/\n#EXTINF", 7]
)
def test_what_is_no_address_of_a_stream_is_refused_unseen(url: object) -> None:
    said = rule(StreamUrl, url)

    assert "is needed here" in said or said.startswith(
        "the address of a stream begins with http://"
    )
    assert "pw" not in said


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("192.168.1.20", "http://192.168.1.20"),
        ("192.168.1.20/lineup.json", "http://192.168.1.20"),
        ("http://192.168.1.20:5004/discover.json", "http://192.168.1.20:5004"),
        ("http://nas.lan/tuner/lineup.m3u/", "http://nas.lan/tuner"),
        ("tuner.lan:8080", "http://tuner.lan:8080"),
        ("http://tuner.lan:8080/", "http://tuner.lan:8080"),
        ("https://tuner.lan/behind", "https://tuner.lan/behind"),
        ("[::1]:80", "http://[::1]:80"),
    ],
)
def test_a_device_may_be_written_without_the_scheme(written: str, address: str) -> None:
    assert read(HostUrl, written) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ftp://tuner",
        "http://",
        "me:pw@tuner",
        "http://me:pw@tuner",
        "tuner?a=pw",
        "tuner:x",
        "a b",
    ],
)
def test_the_address_of_a_device_has_no_more_than_a_place(address: str) -> None:
    assert "pw" not in rule(HostUrl, address)


@pytest.mark.parametrize(
    "url", ["logo.png", "ftp://x/logo.png", "data:image/png;base64,AA", "http://"]
)
def test_a_picture_is_at_an_address_that_players_reach(url: str) -> None:
    assert rule(PictureUrl, url)


def test_a_secret_is_one_line_that_is_never_shown() -> None:
    assert "hunter22" not in repr(read(SecretLine, "hunter22"))
    assert "one line" in rule(SecretLine, "a\nb")
    assert "put it in quotes" in rule(SecretLine, 42)


@pytest.mark.parametrize("address", ["panel.json", "file:///panel", "/srv/panel", "tv.example.org"])
def test_the_address_of_a_panel_is_on_the_web(address: str) -> None:
    assert rule(PanelUrl, address) == "a panel's address begins with http:// or https://"
