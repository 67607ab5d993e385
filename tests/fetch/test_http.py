from __future__ import annotations

import asyncio
import gzip
import logging
import ssl
import traceback
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import trustme

from tests.provider import (
    Provider,
    Seen,
    cut,
    delayed,
    document,
    endless,
    guarded,
    in_turn,
    raw,
    redirect,
    silent,
    status,
    stuck,
)
from tvarr import __version__
from tvarr.errors import Reason, Stalled, Transient, TvarrError
from tvarr.fetch.client import Fetched, Fetcher, Limits, NotModified, Request

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Asking = Callable[..., Request]

PLAYLIST = b"#EXTM3U\n#EXTINF:-1,One\nhttp://192.0.2.1/one.ts\n"
SHORT = timedelta(milliseconds=100)


async def trouble(fetcher: Fetcher, request: Request) -> TvarrError:
    """Fetch what fails; whatever the reason, nothing is left behind."""
    with pytest.raises(TvarrError) as caught:
        await fetcher.fetch(request)
    assert left_behind(request) == []
    return caught.value


def left_behind(request: Request) -> list[Path]:
    return sorted(request.into.parent.glob("*")) if request.into.parent.exists() else []


async def got(fetcher: Fetcher, request: Request) -> Fetched:
    found = await fetcher.fetch(request)
    assert isinstance(found, Fetched)
    return found


# --- a document comes -------------------------------------------------------------------------


async def test_a_document_is_stored_whole_with_its_validators(
    provider: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    modified = datetime(2026, 8, 22, 18, 30, tzinfo=UTC)
    provider.table["/tv"] = document(PLAYLIST, etag='W/"one"', modified=modified)
    request = asking(provider.url("/tv"))
    assert await fetcher.fetch(request) == Fetched(
        path=request.into,
        bytes=len(PLAYLIST),
        etag='W/"one"',
        last_modified="Sat, 22 Aug 2026 18:30:00 GMT",
        final_host=provider.place,
    )
    assert request.into.read_bytes() == PLAYLIST
    assert left_behind(request) == [request.into]
    assert request.into.stat().st_mode & 0o777 == 0o600


async def test_a_large_document_comes_whole(
    provider: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    body = bytes(range(256)) * 20_000
    provider.table["/tv"] = document(body)
    request = asking(provider.url("/tv"), max_size=len(body))
    assert (await got(fetcher, request)).bytes == len(body)
    assert request.into.read_bytes() == body


async def test_an_empty_document_is_stored_for_others_to_judge(
    provider: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    provider.table["/tv"] = document(b"")
    request = asking(provider.url("/tv"))
    assert (await got(fetcher, request)).bytes == 0
    assert request.into.read_bytes() == b""


async def test_what_came_packed_is_stored_packed(
    provider: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    provider.table["/tv"] = document(PLAYLIST, packed=True)
    request = asking(provider.url("/tv"))
    await fetcher.fetch(request)
    assert gzip.decompress(request.into.read_bytes()) == PLAYLIST


async def test_a_new_document_takes_the_place_of_the_old_one(
    provider: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    provider.table["/tv"] = in_turn(document(b"old"), document(b"new"), cut(b"newest"))
    request = asking(provider.url("/tv"))
    await fetcher.fetch(request)
    await fetcher.fetch(request)
    assert request.into.read_bytes() == b"new"
    with pytest.raises(Transient):
        await fetcher.fetch(request)
    assert request.into.read_bytes() == b"new"
    assert left_behind(request) == [request.into]


async def test_several_documents_come_side_by_side(
    provider: Provider, fetcher: Fetcher, asking: Asking, tmp_path: Path
) -> None:
    bodies = {f"/{number}": b"%d" % number * 100_000 for number in range(8)}
    provider.table.update({path: document(body) for path, body in bodies.items()})
    requests = [asking(provider.url(path), into=tmp_path / path[1:]) for path in bodies]
    await asyncio.gather(*(fetcher.fetch(request) for request in requests))
    assert [request.into.read_bytes() for request in requests] == list(bodies.values())


async def test_a_host_gets_no_more_connections_than_allowed(
    provider: Provider, asking: Asking, tmp_path: Path
) -> None:
    now, most = 0, 0

    async def count(request: Any) -> Any:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.01)
        now -= 1
        return await document(b"x")(request)

    provider.table["/tv"] = count
    async with Fetcher(Limits(connections_per_host=2)) as fetcher:
        requests = [asking(provider.url("/tv"), into=tmp_path / f"{n}") for n in range(6)]
        await asyncio.gather(*(fetcher.fetch(request) for request in requests))
    assert most == 2


# --- what is asked ----------------------------------------------------------------------------


async def asked(
    provider: Provider, fetcher: Fetcher, asking: Asking, path: str = "/tv", **changes: Any
) -> Seen:
    """Return the request as the provider saw it."""
    provider.table[path.partition("?")[0]] = document(PLAYLIST)
    await fetcher.fetch(asking(provider.url(path), **changes))
    return provider.seen[-1]


async def test_a_plain_request_says_little(
    provider: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    seen = await asked(provider, fetcher, asking)
    assert seen.method == "GET"
    assert seen.headers == {
        "host": provider.place,
        "user-agent": f"tvarr/{__version__}",
        "accept": "*/*",
        "accept-encoding": "gzip",
    }


async def test_declared_headers_and_user_agent_are_sent(
    provider: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    headers = {"X-Token": " secret\n", "accept": "audio/x-mpegurl"}
    seen = await asked(provider, fetcher, asking, headers=headers, user_agent="VLC/3.0.20")
    assert seen.headers["x-token"] == "secret"
    assert seen.headers["accept"] == "audio/x-mpegurl"
    assert seen.headers["user-agent"] == "VLC/3.0.20"


@pytest.mark.parametrize("headers", [{"X": "a\r\nb: c"}, {"a b\n": "x"}, {"X": "a\0b"}])
async def test_headers_that_would_be_several_lines_wait_for_an_edit(
    headers: dict[str, str], provider: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    error = await trouble(fetcher, asking(provider.url("/tv"), headers=headers))
    assert isinstance(error, Stalled)
    assert error.reason is Reason.CONFIG_INVALID
    assert provider.seen == []


@pytest.mark.parametrize(
    "path", ["/a%2Fb/%c3%A9", "/a/../b", "/tv//x", "/get.php?u=%40&p=a+b|c&&x"]
)
async def test_path_and_query_are_sent_as_they_are_written(
    path: str, provider: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    with pytest.raises(Transient, match="404"):
        await fetcher.fetch(asking(provider.url(path)))
    assert provider.seen[-1].target == path


async def test_userinfo_is_sent_as_basic_authentication(
    provider: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    provider.table["/tv"] = guarded("usér", "p@s:s", document(PLAYLIST))
    await fetcher.fetch(asking(provider.url("/tv", userinfo="us%C3%A9r:p%40s:s")))
    token = b64encode("usér:p@s:s".encode()).decode()
    assert provider.seen[-1].headers["authorization"] == f"Basic {token}"


async def test_a_declared_authorization_is_stronger_than_userinfo(
    provider: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    provider.table["/tv"] = document(PLAYLIST)
    url = provider.url("/tv", userinfo="user:secret")
    await fetcher.fetch(asking(url, headers={"authorization": "Bearer token"}))
    assert provider.seen[-1].headers["authorization"] == "Bearer token"


async def test_no_cookie_is_kept(provider: Provider, fetcher: Fetcher, asking: Asking) -> None:
    provider.table["/tv"] = document(PLAYLIST, headers={"Set-Cookie": "id=1; Path=/"})
    url = provider.url("/tv").replace("127.0.0.1", "localhost")  # numbers have no cookies anyway
    await fetcher.fetch(asking(url))
    await fetcher.fetch(asking(url))
    assert "cookie" not in provider.seen[-1].headers


async def test_the_environment_names_no_proxy(
    provider: Provider, fetcher: Fetcher, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    await asked(provider, fetcher, asking)


@pytest.mark.parametrize("url", ["ftp://tv.example/", "udp://@239.0.0.1:1234", "http://h:x/"])
async def test_other_addresses_wait_for_an_edit(url: str, fetcher: Fetcher, asking: Asking) -> None:
    error = await trouble(fetcher, asking(url))
    assert isinstance(error, Stalled)
    assert error.reason is Reason.UNSUPPORTED_URL


# --- only if it changed -----------------------------------------------------------------------


async def test_an_unchanged_document_is_not_sent_again(
    provider: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    provider.table["/tv"] = document(PLAYLIST)
    request = asking(provider.url("/tv"))
    first = await got(fetcher, request)
    request.into.unlink()
    again = asking(request.url, etag=first.etag, last_modified=first.last_modified)
    assert await fetcher.fetch(again) == NotModified()
    assert left_behind(request) == []


async def test_a_document_may_be_known_by_its_time_alone(
    provider: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    modified = datetime(2026, 8, 22, tzinfo=UTC)
    provider.table["/tv"] = document(PLAYLIST, etag=None, modified=modified)
    first = await got(fetcher, asking(provider.url("/tv")))
    assert first.etag is None
    again = asking(provider.url("/tv"), last_modified=first.last_modified)
    assert await fetcher.fetch(again) == NotModified()


async def test_a_changed_document_comes_with_new_validators(
    provider: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    provider.table["/tv"] = document(PLAYLIST, etag='"two"')
    assert (await got(fetcher, asking(provider.url("/tv"), etag='"one"'))).etag == '"two"'


async def test_not_modified_without_having_asked_is_a_bad_answer(
    provider: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    provider.table["/tv"] = status(304)
    error = await trouble(fetcher, asking(provider.url("/tv")))
    assert (error.reason, "whole" in error.sentence) == (Reason.BAD_ANSWER, True)


async def test_a_validator_of_absurd_length_is_not_kept(
    provider: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    provider.table["/tv"] = document(PLAYLIST, etag=f'"{"x" * 600}"')
    assert (await got(fetcher, asking(provider.url("/tv")))).etag is None


# --- redirects --------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_redirects_are_followed(
    code: int, provider: Provider, other: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    provider.table["/tv"] = redirect("/next", code)
    provider.table["/next"] = redirect(other.url("/tv?x=%20"), code)
    other.table["/tv"] = document(PLAYLIST)
    found = await got(fetcher, asking(provider.url("/tv")))
    assert found.path.read_bytes() == PLAYLIST
    assert found.final_host == other.place
    assert other.seen[-1].target == "/tv?x=%20"


async def test_validators_go_along_with_a_redirect(
    provider: Provider, other: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    provider.table["/tv"] = redirect(other.url("/tv"))
    other.table["/tv"] = document(PLAYLIST, etag='"one"')
    assert await fetcher.fetch(asking(provider.url("/tv"), etag='"one"')) == NotModified()


async def test_credentials_stay_with_the_declared_origin(
    provider: Provider, other: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    provider.table["/tv"] = redirect("/here?x=1")
    provider.table["/here"] = redirect(other.url("/there"))
    other.table["/there"] = redirect(provider.url("/back"))
    provider.table["/back"] = document(PLAYLIST)
    url = provider.url("/tv", userinfo="user:secret")
    await fetcher.fetch(
        asking(url, headers={"X-Token": "token", "Cookie": "id=1"}, user_agent="me")
    )
    for seen in provider.seen:
        assert {"authorization", "x-token", "cookie"} <= set(seen.headers)
    assert set(other.seen[0].headers) == {"host", "user-agent", "accept", "accept-encoding"}
    assert other.seen[0].headers["user-agent"] == "me"
    assert all("referer" not in seen.headers for seen in provider.seen + other.seen)


async def test_credentials_that_a_redirect_itself_names_are_sent_there(
    provider: Provider, other: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    provider.table["/tv"] = redirect(other.url("/tv", userinfo="guest:welcome"))
    other.table["/tv"] = guarded("guest", "welcome", document(PLAYLIST))
    await fetcher.fetch(asking(provider.url("/tv", userinfo="user:secret")))
    assert left_behind(asking("")) == [asking("").into]


@pytest.mark.parametrize("code", [401, 403])
async def test_a_refusal_after_a_redirect_tells_that_credentials_were_withheld(
    code: int, provider: Provider, other: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    provider.table["/tv"] = redirect(other.url("/tv"))
    other.table["/tv"] = status(code)
    with_secret = await trouble(fetcher, asking(provider.url("/tv", userinfo="user:secret")))
    without = await trouble(fetcher, asking(provider.url("/tv")))
    assert f"{provider.place} redirects there" in with_secret.sentence
    assert "redirects" not in without.sentence


async def test_a_redirect_loop_is_named(
    provider: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    provider.table["/one"] = redirect("/two")
    provider.table["/two"] = redirect("/one")
    error = await trouble(fetcher, asking(provider.url("/one")))
    assert (error.reason, "loop" in error.sentence) == (Reason.TOO_MANY_REDIRECTS, True)
    assert len(provider.seen) == 2


async def test_five_redirects_are_followed_and_no_more(
    provider: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    provider.table.update({f"/{n}": redirect(f"/{n + 1}") for n in range(6)})
    provider.table["/6"] = document(PLAYLIST)
    error = await trouble(fetcher, asking(provider.url("/0")))
    assert (error.reason, "more than 5" in error.sentence) == (Reason.TOO_MANY_REDIRECTS, True)
    assert (await got(fetcher, asking(provider.url("/1")))).bytes == len(PLAYLIST)


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://127.0.0.1/", "data:,x", "http://["]
)
async def test_a_redirect_to_anything_but_http_is_not_followed(
    target: str, provider: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    provider.table["/tv"] = redirect(target)
    error = await trouble(fetcher, asking(provider.url("/tv")))
    assert error.reason is Reason.UNSAFE_REDIRECT
    assert target not in error.sentence


async def test_a_redirect_without_a_target_is_a_bad_answer(
    provider: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    provider.table["/tv"] = status(302)
    error = await trouble(fetcher, asking(provider.url("/tv")))
    assert error.reason is Reason.BAD_ANSWER


async def test_the_body_of_a_redirect_or_refusal_is_not_read(
    provider: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    block = b"x" * 65536
    provider.table["/tv"] = endless(block, code=302, headers={"Location": "/next"})
    provider.table["/next"] = endless(block, code=500)
    error = await trouble(fetcher, asking(provider.url("/tv")))
    assert error.reason is Reason.SERVER_ERROR


# --- refusals ---------------------------------------------------------------------------------


async def test_a_refusal_has_its_reason_and_the_wait_it_asks_for(
    provider: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    provider.table["/tv"] = status(429, {"Retry-After": "60"})
    error = await trouble(fetcher, asking(provider.url("/tv")))
    assert isinstance(error, Transient)
    assert (error.reason, error.retry_after) == (Reason.RATE_LIMITED, 60)


@pytest.mark.parametrize("coding", ["br", "Deflate"])
async def test_a_coding_that_was_not_asked_for_is_refused(
    coding: str, provider: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    provider.table["/tv"] = document(PLAYLIST, headers={"Content-Encoding": coding})
    error = await trouble(fetcher, asking(provider.url("/tv")))
    assert (error.reason, coding.lower() in error.sentence) == (Reason.UNSUPPORTED, True)


async def test_a_coding_that_means_nothing_is_let_pass(
    provider: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    provider.table["/tv"] = document(PLAYLIST, headers={"Content-Encoding": "utf-8"})
    assert (await got(fetcher, asking(provider.url("/tv")))).bytes == len(PLAYLIST)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", Reason.CONNECT_FAILED),
        (b"this is not HTTP\r\n\r\n", Reason.BAD_ANSWER),
        (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", Reason.BAD_ANSWER),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000, Reason.BAD_ANSWER),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1_000 + b"\r\n", Reason.BAD_ANSWER),
    ],
    ids=["nothing", "nonsense", "length", "long header", "many headers"],
)
async def test_what_is_not_http_is_told(
    answer: bytes, reason: Reason, provider: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    provider.table["/tv"] = raw(answer)
    error = await trouble(fetcher, asking(provider.url("/tv")))
    assert (error.reason, provider.place in error.sentence) == (reason, True)


# --- limits -----------------------------------------------------------------------------------


async def test_an_announced_size_is_refused_before_the_body(
    provider: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    provider.table["/tv"] = in_turn(document(PLAYLIST), cut(PLAYLIST, missing=1 << 40))
    request = asking(provider.url("/tv"), max_size=len(PLAYLIST))
    await fetcher.fetch(request)
    request.into.unlink()
    error = await trouble(fetcher, request)
    assert isinstance(error, Transient)
    assert error.reason is Reason.TOO_LARGE


async def test_an_endless_document_ends_at_the_largest_size(
    provider: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    provider.table["/tv"] = endless(b"x" * 65536, start=b"#EXTM3U\n")
    error = await trouble(fetcher, asking(provider.url("/tv"), max_size=3 << 20))
    assert (error.reason, "3MiB" in error.sentence) == (Reason.TOO_LARGE, True)


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_cut_document_is_told(
    chunked: bool, provider: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    provider.table["/tv"] = cut(PLAYLIST, chunked=chunked)
    error = await trouble(fetcher, asking(provider.url("/tv")))
    assert (error.reason, provider.place in error.sentence) == (Reason.TRUNCATED, True)


@pytest.mark.parametrize("behaviour", [silent(), stuck(PLAYLIST), delayed(30, document(PLAYLIST))])
async def test_each_wait_ends_in_time(
    behaviour: Any, provider: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    provider.table["/tv"] = behaviour
    error = await trouble(fetcher, asking(provider.url("/tv"), timeout=SHORT))
    assert (error.reason, provider.place in error.sentence) == (Reason.TIMEOUT, True)


async def test_a_slow_drip_ends_though_each_wait_is_short(
    provider: Provider, asking: Asking
) -> None:
    provider.table["/tv"] = endless(b"x", every=0.01)
    async with Fetcher(Limits(pace_bytes=1000, pace_window=0.1)) as fetcher:
        error = await trouble(fetcher, asking(provider.url("/tv")))
    assert (error.reason, "slowly" in error.sentence) == (Reason.TIMEOUT, True)


async def test_a_head_that_does_not_come_ends_though_each_wait_may_be_long(
    provider: Provider, asking: Asking
) -> None:
    provider.table["/tv"] = silent()
    async with Fetcher(Limits(head=0.1)) as fetcher:
        error = await trouble(fetcher, asking(provider.url("/tv"), timeout=timedelta(hours=1)))
    assert error.reason is Reason.TIMEOUT


async def test_no_document_takes_longer_than_the_whole_time(
    provider: Provider, asking: Asking
) -> None:
    provider.table["/tv"] = endless(b"x" * 100, every=0.01)
    async with Fetcher(Limits(pace_bytes=0, total=0.2)) as fetcher:
        error = await trouble(fetcher, asking(provider.url("/tv")))
    assert (error.reason, "minutes" in error.sentence) == (Reason.TIMEOUT, True)


async def test_a_cancelled_fetch_leaves_nothing_behind(
    provider: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    provider.table["/tv"] = stuck(PLAYLIST)
    request = asking(provider.url("/tv"))
    task = asyncio.create_task(fetcher.fetch(request))
    while not left_behind(request):  # noqa: ASYNC110 - a file system sends no event
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert left_behind(request) == []


# --- no connection ----------------------------------------------------------------------------


async def test_an_unknown_host_is_told(fetcher: Fetcher, asking: Asking) -> None:
    error = await trouble(fetcher, asking("http://tv.invalid/tv?x=1"))
    assert (error.reason, "tv.invalid" in error.sentence) == (Reason.DNS_FAILED, True)


async def test_a_refused_connection_is_told(fetcher: Fetcher, asking: Asking) -> None:
    async with Provider() as gone:
        url = gone.url("/tv")
    error = await trouble(fetcher, asking(url))
    assert (error.reason, "refused" in error.sentence) == (Reason.CONNECT_FAILED, True)


def tls(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    return context


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


async def test_a_certificate_of_its_own_making_is_refused_unless_declared(
    fetcher: Fetcher, asking: Asking, authority: trustme.CA
) -> None:
    context = tls(authority.issue_cert("127.0.0.1"))
    async with Provider({"/tv": document(PLAYLIST)}, tls=context) as provider:
        error = await trouble(fetcher, asking(provider.url("/tv")))
        assert error.reason is Reason.TLS_FAILED
        assert "verify_tls: false" in error.sentence
        assert provider.seen == []
        found = await got(fetcher, asking(provider.url("/tv"), verify_tls=False))
        assert found.bytes == len(PLAYLIST)


async def test_an_expired_certificate_is_called_so(
    fetcher: Fetcher,
    asking: Asking,
    authority: trustme.CA,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    past = datetime(2020, 1, 1, tzinfo=UTC)
    context = tls(authority.issue_cert("127.0.0.1", not_before=past, not_after=past))
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    monkeypatch.setattr(aiohttp.connector, "_SSL_CONTEXT_VERIFIED", trusting)
    async with Provider({"/tv": document(PLAYLIST)}, tls=context) as provider:
        error = await trouble(fetcher, asking(provider.url("/tv")))
    assert (error.reason, "expired" in error.sentence) == (Reason.TLS_FAILED, True)


async def test_a_certificate_of_a_trusted_authority_is_accepted(
    fetcher: Fetcher,
    asking: Asking,
    authority: trustme.CA,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    monkeypatch.setattr(aiohttp.connector, "_SSL_CONTEXT_VERIFIED", trusting)
    context = tls(authority.issue_cert("127.0.0.1"))
    async with Provider({"/tv": document(PLAYLIST)}, tls=context) as provider:
        assert (await got(fetcher, asking(provider.url("/tv")))).bytes == len(PLAYLIST)


async def test_a_lenient_request_does_not_make_the_next_one_lenient(
    fetcher: Fetcher, asking: Asking, authority: trustme.CA
) -> None:
    context = tls(authority.issue_cert("127.0.0.1"))
    async with Provider({"/tv": document(PLAYLIST)}, tls=context) as provider:
        request = asking(provider.url("/tv"), verify_tls=False)
        await fetcher.fetch(request)
        request.into.unlink()
        assert (await trouble(fetcher, asking(provider.url("/tv")))).reason is Reason.TLS_FAILED


async def test_https_to_a_place_that_speaks_http_is_told(
    provider: Provider, fetcher: Fetcher, asking: Asking
) -> None:
    error = await trouble(fetcher, asking(provider.url("/tv").replace("http:", "https:")))
    assert (error.reason, "http" in error.sentence) == (Reason.TLS_FAILED, True)


@pytest.mark.parametrize(
    ("userinfo", "query", "headers"),
    [("user:secret", "", {}), ("", "?password=secret", {}), ("", "", {"X-Token": "secret"})],
)
async def test_a_redirect_from_https_to_http_takes_no_credentials_along(
    userinfo: str,
    query: str,
    headers: dict[str, str],
    provider: Provider,
    fetcher: Fetcher,
    asking: Asking,
    authority: trustme.CA,
) -> None:
    provider.table["/tv"] = document(PLAYLIST)
    context = tls(authority.issue_cert("127.0.0.1"))
    table = {"/tv": redirect(provider.url("/tv"))}
    async with Provider(table, tls=context) as secure:
        url = secure.url("/tv", userinfo) + query
        error = await trouble(fetcher, asking(url, headers=headers, verify_tls=False))
        assert error.reason is Reason.UNSAFE_REDIRECT
        assert provider.seen == []
        assert await got(fetcher, asking(secure.url("/tv"), verify_tls=False))


# --- nothing secret comes out -----------------------------------------------------------------

SECRETS = ("us3r", "s3cret", "qu3ry", "t0ken", "p4th", b64encode(b"us3r:s3cret").decode())
FAILURES = {
    "refused": status(401),
    "gone": status(404),
    "loop": redirect("?password=qu3ry"),
    "file": redirect("file:///p4th?qu3ry"),
    "unreadable": redirect("http://us3r:s3cret@["),
    "nothing": raw(b""),
    "nonsense": raw(b"us3r s3cret qu3ry\r\n\r\n"),
    "bad header": raw(b"HTTP/1.1 200 OK\r\nqu3ry s3cret\r\n\r\n"),
    "bad length": raw(b"HTTP/1.1 200 OK\r\nContent-Length: qu3ry\r\n\r\n"),
    "cut": cut(PLAYLIST),
    "silent": silent(),
    "stuck": stuck(PLAYLIST),
    "coding": document(PLAYLIST, headers={"Content-Encoding": "br"}),
}


@pytest.mark.parametrize("behaviour", FAILURES.values(), ids=FAILURES)
async def test_no_failure_shows_a_secret(
    behaviour: Any,
    provider: Provider,
    fetcher: Fetcher,
    asking: Asking,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    provider.table["/p4th"] = behaviour
    url = provider.url("/p4th?password=qu3ry", userinfo="us3r:s3cret")
    request = asking(url, headers={"X-Token": "t0ken"}, timeout=SHORT)
    error = await trouble(fetcher, request)
    assert secrets_in(request, error, caplog) == []


@pytest.mark.parametrize(
    "url",
    [
        "http://us3r:s3cret@tv.invalid/p4th?password=qu3ry",
        "http://us3r:s3cret@127.0.0.1:1/p4th?password=qu3ry",
        "http://us3r:s3cret#@tv.example/p4th?password=qu3ry",
        "http://us3r:s3cret",
        "us3r:s3cret@tv.example/p4th",
        "ftp://us3r:s3cret@tv.example/p4th",
    ],
)
async def test_no_address_that_cannot_be_reached_shows_a_secret(
    url: str, fetcher: Fetcher, asking: Asking, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    request = asking(url, headers={"X-Token": "t0ken"})
    assert secrets_in(request, await trouble(fetcher, request), caplog) == []


async def test_headers_that_cannot_be_sent_show_no_secret(
    fetcher: Fetcher, asking: Asking, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    request = asking(provider.url("/"), headers={"X-Token": "t0ken\nx"})
    assert secrets_in(request, await trouble(fetcher, request), caplog) == []


async def test_a_success_shows_no_secret(
    provider: Provider, fetcher: Fetcher, asking: Asking, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    provider.table["/p4th"] = document(PLAYLIST, etag='"t0ken"')
    url = provider.url("/p4th?password=qu3ry", userinfo="us3r:s3cret")
    request = asking(url, headers={"X-Token": "t0ken"}, etag='"s3cret"')
    assert secrets_in(request, await got(fetcher, request), caplog) == []


def secrets_in(
    request: Request, outcome: TvarrError | Fetched, caplog: pytest.LogCaptureFixture
) -> list[str]:
    """Return the secrets that stand in what may be shown of a fetch, the server's own log aside."""
    shown = [repr(request), repr(outcome)]
    shown += [
        record.getMessage() + (record.exc_text or "")
        for record in caplog.records
        if not record.name.startswith("aiohttp.server") and not record.name.endswith("access")
    ]
    if isinstance(outcome, TvarrError):
        shown += traceback.format_exception(outcome)
    return [secret for secret in SECRETS if any(secret in text for text in shown)]


async def test_a_part_is_taken_by_those_who_asked_for_a_part(
    fetcher: Fetcher, asking: Asking
) -> None:
    async with Provider({"/part": status(206, body=b"#EXTM3U")}) as provider:
        request = asking(provider.url("/part"), headers={"range": "bytes=0-6"})
        assert (await got(fetcher, request)).bytes == 7
        assert provider.seen[-1].headers["range"] == "bytes=0-6"


async def test_a_part_that_nobody_asked_for_is_no_document(
    fetcher: Fetcher, asking: Asking
) -> None:
    async with Provider({"/part": status(206, body=b"#EXTM3U")}) as provider:
        error = await trouble(fetcher, asking(provider.url("/part")))
    assert error.reason is Reason.BAD_ANSWER
