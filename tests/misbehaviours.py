"""The table of what providers do wrong, and what tvarr makes of each.

A case names one misbehaviour of the test provider, the reason and the sentence it has to come to,
and how long is waited after each failure. `tests.test_misbehaviour` plays all of them.
"""

from __future__ import annotations

import contextlib
import errno
import gzip
import io
import os
import socket
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from tests.provider import (
    Provider,
    cut,
    document,
    endless,
    raw,
    redirect,
    silent,
    status,
    stuck,
)
from tests.provider.panel import live
from tvarr.errors import Reason

if TYPE_CHECKING:
    import pytest

    from tests.provider import Behaviour, Panel

Misbehave = Callable[["Place"], None]

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
AT_ITS_TIME: Final = timedelta(hours=24)
"""The declared interval of everything here."""
UNTIL_AN_EDIT: Final = None
LADDER: Final = (timedelta(), MINUTE)
"""Its first two steps; the second one is a tenth longer or shorter."""
TWO_TRIES: Final = (5 * MINUTE, UNTIL_AN_EDIT)

PLAYLIST: Final = b"#EXTM3U\n" + b"".join(
    b'#EXTINF:-1 tvg-id="channel%d.example",Good %d\nhttp://127.0.0.1/%d.ts\n' % (n, n, n)
    for n in range(1, 11)
)
RECOVERED: Final = PLAYLIST.replace(b"Good 1\n", b"Back again\n")
SMALL: Final = 8 * 2**20
"""The declared `max_size`."""


@dataclass
class Place:
    """What a misbehaviour has at hand."""

    provider: Provider
    panel: Panel
    patch: pytest.MonkeyPatch
    closing: contextlib.ExitStack
    """For sockets that are needed until the test ends."""

    def playlist(self, behaviour: Behaviour) -> None:
        self.provider.table["/tv.m3u"] = behaviour

    def guide(self, behaviour: Behaviour) -> None:
        self.provider.table["/guide.xml"] = behaviour


@dataclass(frozen=True)
class Case:
    """One misbehaviour."""

    name: str
    misbehave: Misbehave
    reason: Reason
    waits: tuple[timedelta | None, ...] = LADDER
    """After the first failure, and after the second one."""
    stalled: bool = False
    """Whether it waits for an edit from the first failure on."""
    of: str = "source/tv"


def playlist(behaviour: Behaviour) -> Misbehave:
    return lambda place: place.playlist(behaviour)


def guide(behaviour: Behaviour) -> Misbehave:
    return lambda place: place.guide(behaviour)


def action(name: str, behaviour: Behaviour) -> Misbehave:
    """Have the panel do something else for an action; the login is `""`."""
    return lambda place: place.panel.says.update({name: behaviour})


def account(**facts: Any) -> Misbehave:
    def change(place: Place) -> None:
        for name, value in facts.items():
            setattr(place.panel, name, value)

    return change


def refused_while_in_use(place: Place) -> None:
    place.panel.active = place.panel.connections = 2
    place.panel.says["get_live_streams"] = status(403)


LEFT_ALONE: Final = (
    "; the provider is not asked again until this declaration or its secret changes, or you say "
)

SENTENCES: Final = {
    "nobody listens": "HOST: no connection (refused)",
    "nobody accepts": "HOST: no connection in time, as if the host were off",
    "no network": "127.0.0.1:9: there is no way there, as if this machine had no network",
    "no route": "127.0.0.1:9: there is no way there, as if this machine had no network",
    "device is down": "127.0.0.1:9: there is no way there, as if this machine had no network",
    "no name server": "away.invalid: no name server answers, as if this machine had no network",
    "unknown host": "tv.invalid: there is no such host, or no DNS",
    "no TLS": "HOST: no TLS connection; perhaps the address is http, not https",
    "no answer": "HOST: no answer in time",
    "connection dropped": "HOST closed the connection without an answer",
    "no HTTP": "HOST answered with something that is not HTTP",
    "500": "HOST answered 500 Internal Server Error",
    "502": "HOST answered 502 Bad Gateway",
    "520": "HOST answered 520",
    "maintenance": "HOST answered 503 Service Unavailable",
    "rate limit": "HOST answered 429 Too Many Requests: it is asked too often",
    "rate limit without a time": "HOST answered 429 Too Many Requests: it is asked too often",
    "rate limit of a year": "HOST answered 429 Too Many Requests: it is asked too often",
    "400": "HOST answered 400 Bad Request",
    "404": (
        "HOST answered 404 Not Found: there is no such document, so the address may have changed"
    ),
    "410": "HOST answered 410 Gone: the document was removed for good",
    "408": "HOST answered 408 Request Timeout: it says that the request came too slowly",
    "redirect in a circle": "HOST redirects in a loop, over HOST",
    "redirect to a file": "HOST redirects to something that is no http or https address",
    "458": "HOST answered 458: all connections of the account are in use",
    "509": "HOST answered 509: all connections of the account are in use",
    "401": (
        "HOST answered 401 Unauthorized: it wants a user and a password, or does not know "
        "these" + LEFT_ALONE + "`tvarr refresh tv`"
    ),
    "402": (
        "HOST answered 402 Payment Required: it wants to be paid, so the account may have "
        "ended" + LEFT_ALONE + "`tvarr refresh tv`"
    ),
    "403": "HOST answered 403 Forbidden: it refuses this account, address or user agent",
    "451": (
        "HOST answered 451 Unavailable For Legal Reasons: it does not serve this country or network"
    ),
    "stops sending": "HOST stopped sending in the middle of the document",
    "drips": "the document comes too slowly: less than 1000B in 3 seconds",
    "cut": "HOST broke off in the middle of the document",
    "cut in a chunk": "HOST broke off in the middle of the document",
    "cut in its packing": "the gzip document is cut: it stops before its end",
    "too large by its head": (
        "the document is larger than max_size (8MiB): raise max_size if it should be that large"
    ),
    "without an end": (
        "the document is larger than max_size (8MiB): raise max_size if it should be that large"
    ),
    "bomb": (
        "the document is larger than max_size (8MiB): raise max_size if it should be that large"
    ),
    "unknown coding": "HOST sent the coding br, which was not asked for",
    "full disk": "the disk is full: make room in the data folder",
    "zip with a password": "the zip archive wants a password",
    "nothing": "the answer is empty",
    "blanks": "the answer is empty",
    "204": "HOST answered 204 No Content: the answer is empty",
    "web page": (
        "a playlist is expected, but this is a web page (HTML): <!DOCTYPE "
        "html><html><body>Please log in</body></html>"
    ),
    "JSON": 'a playlist is expected, but this is JSON: {"error": "busy"}',
    "prose": "a playlist is expected, but this is something else: Come back later.",
    "HLS stream": (
        "this is one HLS stream's own playlist, not a list of channels; give the URL of a "
        "channel list"
    ),
    "damaged packing": "the gzip document cannot be unpacked: Error -1 Invalid deflate block found",
    "a third of it": (
        "the answer has 3 channels where there were 10 before, so it is held back; if that is"
        " right, `tvarr refresh tv --accept` takes it"
    ),
    "cut guide": "the guide breaks off after 0 programmes and 1 channels",
    "other XML": "this is XML, but its root is <rss> and not <tv>",
    "web page for a guide": (
        "an XMLTV guide is expected, but this is a web page (HTML): <!DOCTYPE "
        "html><html><body>Please log in</body></html>"
    ),
    "empty guide": "the answer is empty",
    "guide without its programmes": (
        "the answer has 1 channel and no programmes to come where there were 10 and 40 before, so "
        "it is held back; if that is right, `tvarr refresh epg/guide --accept` takes it"
    ),
    "refused login": "the panel does not know this user and password"
    + LEFT_ALONE
    + "`tvarr refresh panel`",
    "401 login": (
        "HOST answered 401 Unauthorized: it wants a user and a password, or does not know "
        "these; panels say so to a wrong user or password, and to a user_agent that they do "
        "not know" + LEFT_ALONE + "`tvarr refresh panel`"
    ),
    "403 login": (
        "HOST answered 403 Forbidden: it refuses this account, address or user agent; panels "
        "say so to a wrong user or password, and to a user_agent that they do not know"
        + LEFT_ALONE
        + "`tvarr refresh panel`"
    ),
    "expired account": "the provider says that the account has expired"
    + LEFT_ALONE
    + "`tvarr refresh panel`",
    "banned account": "the provider says that the account is banned"
    + LEFT_ALONE
    + "`tvarr refresh panel`",
    "no free connection": "HOST answered 458: all connections of the account are in use",
    "refused while in use": (
        "HOST answered 403 Forbidden: it refuses this account, address or user agent; "
        "2 of 2 connections of the account are in use"
    ),
    "panel in trouble": "HOST answered 500 Internal Server Error",
    "web page for a login": (
        "the panel answers with a web page (HTML): <!DOCTYPE html><html><body>Please log "
        "in</body></html>"
    ),
    "nothing for a list": (
        "the answer has no channels where there were 10 before, so it is held back; if that "
        "is right, `tvarr refresh panel --accept` takes it"
    ),
    "cut list": "the panel's answer breaks off",
    "a tenth of the list": (
        "the answer has 1 channel where there were 10 before, so it is held back; if that is "
        "right, `tvarr refresh panel --accept` takes it"
    ),
}
"""What the status says after the second failure, before what is said of the last good snapshot."""


# --- trouble on the way to the provider -------------------------------------------------------


def nobody_listens(place: Place) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    place.playlist(redirect(f"http://127.0.0.1:{port}/"))


def nobody_accepts(place: Place) -> None:
    """Fill the queue of a socket, so that the system drops what comes after."""
    listening = place.closing.enter_context(socket.socket())
    listening.bind(("127.0.0.1", 0))
    listening.listen(0)
    for _ in range(3):
        waiting = place.closing.enter_context(socket.socket())
        waiting.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            waiting.connect(listening.getsockname())
    place.playlist(redirect(f"http://127.0.0.1:{listening.getsockname()[1]}/"))


def system_says(number: int) -> Misbehave:
    """Have the system refuse connections to one port, as it does without a route."""

    def misbehave(place: Place) -> None:
        connect = socket.socket.connect

        def refuse(self: socket.socket, address: Any) -> None:
            if address[1] == 9:
                raise OSError(number, os.strerror(number))
            connect(self, address)

        place.patch.setattr(socket.socket, "connect", refuse)
        place.playlist(redirect("http://127.0.0.1:9/"))

    return misbehave


def name_servers_are_away(place: Place) -> None:
    look_up = socket.getaddrinfo

    def away(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host == "away.invalid":
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return look_up(host, *args, **kwargs)

    place.patch.setattr(socket, "getaddrinfo", away)
    place.playlist(redirect("http://away.invalid/"))


def speaks_no_tls(place: Place) -> None:
    place.playlist(redirect(f"https://{place.provider.place}/"))


def full_disk(place: Place) -> None:
    async def store(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    place.patch.setattr("tvarr.fetch.http.store", store)
    place.playlist(document(RECOVERED))


# --- documents that are not what they should be -----------------------------------------------


def zipped(*, encrypted: bool) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("tv.m3u", PLAYLIST)
    data = bytearray(packed.getvalue())
    if encrypted:  # the flag, in the local header and in the table of contents
        data[6] |= 1
        data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


HTML: Final = b"<!DOCTYPE html><html><body>Please log in</body></html>"
HLS: Final = b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n1.ts\n"
BOMB: Final = gzip.compress(PLAYLIST + b"#" * (2 * SMALL))
FEW: Final = PLAYLIST[: PLAYLIST.index(b'#EXTINF:-1 tvg-id="channel4')]


def cases() -> Iterator[Case]:
    """Yield every misbehaviour."""
    yield from _of_the_network()
    yield from _of_the_server()
    yield from _of_the_account()
    yield from _of_the_transfer()
    yield from _of_the_document()
    yield from _of_the_guide()
    yield from _of_the_panel()


def _of_the_network() -> Iterator[Case]:
    yield Case("nobody listens", nobody_listens, Reason.CONNECT_FAILED)
    yield Case("nobody accepts", nobody_accepts, Reason.CONNECT_TIMEOUT)
    down = (timedelta(seconds=30),) * 2
    for name, number in (
        ("no network", errno.ENETUNREACH),
        ("no route", errno.EHOSTUNREACH),
        ("device is down", errno.ENETDOWN),
    ):
        yield Case(name, system_says(number), Reason.NETWORK_DOWN, down)
    yield Case("no name server", name_servers_are_away, Reason.NETWORK_DOWN, down)
    yield Case("unknown host", playlist(redirect("http://tv.invalid/")), Reason.DNS_FAILED)
    yield Case("no TLS", speaks_no_tls, Reason.TLS_FAILED)
    yield Case("no answer", playlist(silent()), Reason.TIMEOUT)
    yield Case("connection dropped", playlist(raw(b"")), Reason.CONNECT_FAILED)
    yield Case("no HTTP", playlist(raw(b"SSH-2.0\r\n\r\n")), Reason.BAD_ANSWER)


def _of_the_server() -> Iterator[Case]:
    yield Case("500", playlist(status(500)), Reason.SERVER_ERROR)
    yield Case("502", playlist(status(502)), Reason.SERVER_ERROR)
    yield Case("520", playlist(status(520)), Reason.SERVER_ERROR)
    maintenance = playlist(status(503, {"Retry-After": "600"}))
    yield Case("maintenance", maintenance, Reason.SERVER_ERROR, (10 * MINUTE,) * 2)
    busy = playlist(status(429, {"Retry-After": "7200"}))
    yield Case("rate limit", busy, Reason.RATE_LIMITED, (2 * HOUR,) * 2)
    unsaid = playlist(status(429))
    yield Case("rate limit without a time", unsaid, Reason.RATE_LIMITED, (5 * MINUTE,) * 2)
    year = playlist(status(429, {"Retry-After": "31536000"}))
    yield Case("rate limit of a year", year, Reason.RATE_LIMITED, (DAY,) * 2)
    yield Case("400", playlist(status(400)), Reason.BAD_ANSWER)
    yield Case("404", playlist(status(404)), Reason.GONE)
    yield Case("410", playlist(status(410)), Reason.GONE)
    yield Case("408", playlist(status(408)), Reason.TIMEOUT)
    yield Case("redirect in a circle", playlist(redirect("/tv.m3u")), Reason.TOO_MANY_REDIRECTS)
    yield Case(
        "redirect to a file", playlist(redirect("file:///etc/passwd")), Reason.UNSAFE_REDIRECT
    )


def _of_the_account() -> Iterator[Case]:
    slot = (30 * MINUTE,) * 2
    yield Case("458", playlist(status(458)), Reason.SLOTS_FULL, slot)
    yield Case("509", playlist(status(509)), Reason.SLOTS_FULL, slot)
    yield Case("401", playlist(status(401)), Reason.AUTH_FAILED, TWO_TRIES)
    yield Case("402", playlist(status(402)), Reason.ACCOUNT_EXPIRED, TWO_TRIES)
    yield Case("403", playlist(status(403)), Reason.PERMISSION_DENIED, (DAY,) * 2)
    yield Case("451", playlist(status(451)), Reason.GEO_BLOCKED, (DAY,) * 2)


def _of_the_transfer() -> Iterator[Case]:
    yield Case("stops sending", playlist(stuck(PLAYLIST)), Reason.TIMEOUT)
    yield Case("drips", playlist(endless(b"#", 0.01, PLAYLIST)), Reason.TIMEOUT)
    yield Case("cut", playlist(cut(PLAYLIST, missing=100)), Reason.TRUNCATED)
    yield Case("cut in a chunk", playlist(cut(PLAYLIST, chunked=True)), Reason.TRUNCATED)
    half = gzip.compress(PLAYLIST)[:-20]
    yield Case("cut in its packing", playlist(document(half)), Reason.TRUNCATED)
    heavy = (6 * HOUR,) * 2
    announced = cut(PLAYLIST, missing=SMALL)
    yield Case("too large by its head", playlist(announced), Reason.TOO_LARGE, heavy)
    without_end = endless(b"#" * 65536, start=PLAYLIST)
    yield Case("without an end", playlist(without_end), Reason.TOO_LARGE, heavy)
    yield Case("bomb", playlist(document(BOMB)), Reason.TOO_LARGE, heavy)
    brotli = document(b"\x0b", headers={"Content-Encoding": "br"})
    yield Case("unknown coding", playlist(brotli), Reason.UNSUPPORTED, (DAY,) * 2)
    yield Case("full disk", full_disk, Reason.DISK_FULL)


def _of_the_document() -> Iterator[Case]:
    locked = document(zipped(encrypted=True))
    yield Case("zip with a password", playlist(locked), Reason.UNSUPPORTED, (DAY,) * 2)
    yield Case("nothing", playlist(document(b"")), Reason.EMPTY_ANSWER)
    yield Case("blanks", playlist(document(b" \r\n\r\n")), Reason.EMPTY_ANSWER)
    yield Case("204", playlist(status(204)), Reason.EMPTY_ANSWER)
    yield Case("web page", playlist(document(HTML)), Reason.HTML_ANSWER)
    yield Case("JSON", playlist(document(b'{"error": "busy"}')), Reason.JSON_ANSWER)
    yield Case("prose", playlist(document(b"Come back later.\n")), Reason.NOT_A_PLAYLIST)
    hls = playlist(document(HLS))
    yield Case("HLS stream", hls, Reason.HLS_PLAYLIST, (DAY, DAY), stalled=True)
    noise = b"\x1f\x8b\x08\x00" + bytes(range(256))
    yield Case("damaged packing", playlist(document(noise)), Reason.PARSE_ERROR)
    shrunk = playlist(document(FEW))
    yield Case("a third of it", shrunk, Reason.SHRUNK, (AT_ITS_TIME,) * 2)


def _of_the_guide() -> Iterator[Case]:
    xml = b'<?xml version="1.0"?>'
    begun = b'<tv><channel id="a"><display-name>A</display-name></channel>'
    for name, answer, reason, waits in (
        ("cut guide", xml + begun, Reason.TRUNCATED, LADDER),
        ("other XML", xml + b"<rss></rss>", Reason.NOT_XMLTV, LADDER),
        ("web page for a guide", HTML, Reason.HTML_ANSWER, LADDER),
        ("empty guide", b"", Reason.EMPTY_ANSWER, LADDER),
        (
            "guide without its programmes",
            xml + begun + b"</tv>",
            Reason.SHRUNK,
            (AT_ITS_TIME,) * 2,
        ),
    ):
        yield Case(name, guide(document(answer)), reason, waits, of="epg/guide")


def _of_the_panel() -> Iterator[Case]:
    live_streams = "get_live_streams"
    for name, misbehave, reason, waits in (
        ("refused login", account(password="new"), Reason.AUTH_FAILED, TWO_TRIES),
        ("401 login", account(password="new", refusal=401), Reason.AUTH_FAILED, TWO_TRIES),
        ("403 login", account(password="new", refusal=403), Reason.AUTH_FAILED, TWO_TRIES),
        ("expired account", account(status="Expired"), Reason.ACCOUNT_EXPIRED, TWO_TRIES),
        ("banned account", account(status="Banned"), Reason.ACCOUNT_EXPIRED, TWO_TRIES),
        (
            "no free connection",
            action(live_streams, status(458)),
            Reason.SLOTS_FULL,
            (30 * MINUTE,) * 2,
        ),
        ("refused while in use", refused_while_in_use, Reason.SLOTS_FULL, (30 * MINUTE,) * 2),
        ("panel in trouble", action("", status(500)), Reason.SERVER_ERROR, LADDER),
        ("web page for a login", action("", document(HTML)), Reason.HTML_ANSWER, LADDER),
        (
            "nothing for a list",
            action(live_streams, document(b"")),
            Reason.SHRUNK,
            (AT_ITS_TIME,) * 2,
        ),
        ("cut list", action(live_streams, document(b'[{"num":1,"na')), Reason.TRUNCATED, LADDER),
        (
            "a tenth of the list",
            lambda place: place.panel.lists.update({live_streams: [live(1)]}),
            Reason.SHRUNK,
            (AT_ITS_TIME,) * 2,
        ),
    ):
        yield Case(name, misbehave, reason, waits, of="source/panel")
