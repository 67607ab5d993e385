"""One of each, for trying tvarr by hand: paths whose names say what they do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tests.provider.behaviours import (
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
from tests.provider.panel import PICTURE, Panel, guide

if TYPE_CHECKING:
    from tests.provider.server import Behaviour

PLAYLIST = b"#EXTM3U\n" + b"".join(
    b'#EXTINF:-1 tvg-id="channel%d.example",Channel %d\nhttp://127.0.0.1/%d.ts\n' % (n, n, n)
    for n in range(1, 11)
)
SHORT = PLAYLIST[: PLAYLIST.index(b'#EXTINF:-1 tvg-id="channel3')]


USER, PASSWORD = "viewer", "sesame"


def current_guide() -> bytes:
    """Return a guide that begins with this hour, so that a proxy's window has something of it."""
    return guide(10, datetime.now(UTC).replace(minute=0, second=0, microsecond=0))


def panels() -> dict[str, Panel]:
    """Return accounts, each of the same user and password, by where they are: below `/good`."""
    lately = datetime.now(UTC) - timedelta(days=1)
    full = {"get_live_streams": status(458)}
    end = lately + timedelta(days=300)
    return {
        "/good": Panel(USER, PASSWORD, connections=2, expires=end, guide=current_guide()),
        "/expiring": Panel(USER, PASSWORD, expires=lately + timedelta(days=3)),
        "/expired": Panel(USER, PASSWORD, status="Expired", expires=lately),
        "/banned": Panel(USER, PASSWORD, status="Banned"),
        "/other-password": Panel(USER, "another"),
        "/other-password-401": Panel(USER, "another", refusal=401),
        "/one-player-only": Panel(USER, PASSWORD, agent="SomePlayer/1.0", refusal=403),
        "/full": Panel(USER, PASSWORD, active=1, says=full),
        "/without-guide": Panel(USER, PASSWORD, guide=b""),
    }


def showcase() -> dict[str, Behaviour]:
    """Return everything that a provider may do, by path."""
    shown: dict[str, Behaviour] = {
        "/good.m3u": document(PLAYLIST),
        "/guide.xml": document(current_guide(), packed=True),
        "/logo.png": document(PICTURE, headers={"Content-Type": "image/png"}),
        "/packed.m3u": document(PLAYLIST, packed=True),
        "/guarded.m3u": guarded(USER, PASSWORD, document(PLAYLIST)),
        "/slow.m3u": delayed(5, document(PLAYLIST)),
        "/shrinking.m3u": in_turn(document(PLAYLIST), document(SHORT)),
        "/failing-once.m3u": in_turn(status(503), document(PLAYLIST)),
        "/moved.m3u": redirect("/good.m3u"),
        "/loop.m3u": redirect("/loop.m3u"),
        "/file.m3u": redirect("file:///etc/passwd"),
        "/busy.m3u": status(429, {"Retry-After": "60"}),
        "/full.m3u": status(458),
        "/full-509.m3u": status(509),
        "/unknown-user.m3u": status(401),
        "/unpaid.m3u": status(402),
        "/forbidden.m3u": status(403),
        "/gone.m3u": status(410),
        "/geo-blocked.m3u": status(451),
        "/broken.m3u": status(500),
        "/html.m3u": document(b"<!DOCTYPE html><html><body>Log in, please</body></html>"),
        "/json.m3u": document(b'{"error": "no subscription"}'),
        "/empty.m3u": document(b""),
        "/brotli.m3u": document(b"\x0b", headers={"Content-Encoding": "br"}),
        "/silent.m3u": silent(),
        "/stuck.m3u": stuck(PLAYLIST),
        "/endless.m3u": endless(b"x" * 65536, start=PLAYLIST),
        "/drip.m3u": endless(b"x", every=1, start=PLAYLIST),
        "/cut.m3u": cut(PLAYLIST, missing=100),
        "/nonsense.m3u": raw(b"this is not HTTP\r\n\r\n"),
    }
    for place, panel in panels().items():
        shown |= panel.table(place)
    return shown


SHOWCASE = showcase()
