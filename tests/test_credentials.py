"""User, password and tokens of a provider, and every place where somebody else might read them.

The credentials stand in the URL (user info, query, path), in a header, in the fields of an account
at a panel and behind `!secret`; the providers answer well, and in all the ways that echo what they
were asked with. The playlist and the frames it is written from hold stream addresses as they came,
and nothing else may hold a credential.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from tests.hostile_documents import GOOD_GUIDE, sent
from tests.processes import Folder, until
from tests.provider import Panel, Provider, cut, in_thread, raw, redirect, status
from tests.provider.panel import film, live, series

if TYPE_CHECKING:
    from pathlib import Path

    from tests.processes import Served
    from tests.provider import Behaviour

pytestmark = pytest.mark.timeout(900)  # a busy machine takes its time

USER = "ursula-q7"
PASSWORD = "s3cr3t-Pä/ss"
TOKEN = "tok-9f8e7d6c"
KEY = "key-5a4b3c2d"
ENCODED = quote(PASSWORD, safe="")
ESCAPED = json.dumps(PASSWORD)[1:-1].replace("/", r"\/")
"""As PHP writes it into JSON."""
CREDENTIALS = (USER, PASSWORD, ENCODED, ESCAPED, TOKEN, KEY)

HOLD_STREAMS = (
    "playlist.m3u",
    "playlist.m3u.gz",
    "channels.parquet",
    "vod.parquet",
    "lineup.parquet",
    "guides.json",
)
"""Files that players read, and those that a refresh needs to ask with the addresses that came."""

STREAM = f"http://127.0.0.1/live/{USER}/{quote(PASSWORD, safe='')}/1.ts"
QUERY = f"username={USER}&password={quote(PASSWORD, safe='')}&token={TOKEN}"
PLAYLIST = f"""#EXTM3U url-tvg="http://127.0.0.1/xmltv.php?{QUERY}" x-key="{KEY}"
#EXTINF:-1 tvg-id="one.example",One
{STREAM}
#EXTINF:-1 tvg-id="two.example",Two
http://127.0.0.1/two.ts?{QUERY}|X-Key={KEY}
#EXTINF:-1 tvg-logo="http://{USER}:{KEY}@127.0.0.1/logo.png",Without an address
#EXTINF:-1 broken="{TOKEN},Odd
"{STREAM}"
Your account {USER} with the password {PASSWORD} and {TOKEN} ends tomorrow
#EXTVLCOPT:http-user-agent={KEY}
{STREAM}?{QUERY}
""".encode()
GUIDE = GOOD_GUIDE.replace(
    b"</tv>",
    f'<programme start="odd" channel="one.example"><icon src="{STREAM}"/></programme>\n'
    f'<programme start="{KEY}" channel="one.example"><desc>{PASSWORD} {USER} {TOKEN}</desc>'
    "</programme>\n</tv>".encode(),
)

BROKEN = f"""
oops: http://{USER}:{KEY}@127.0.0.1/
sources:
  tv: {{kind: m3u, url: "http://{USER}:pa#{KEY}@127.0.0.1/", timeout: {TOKEN}, {TOKEN}: 1}}
"""
"""Edits that are refused, with a credential in each."""

ECHOES: dict[str, Behaviour] = {
    "html": sent(f"<html><body>Wrong: {USER} {PASSWORD} {TOKEN} {KEY}</body></html>".encode()),
    "json": sent(
        f'{{"info": {{"username": "{USER}", "password": "{PASSWORD}", "k": "{KEY}"}}}}'.encode()
    ),
    "text": sent(f"{KEY}: no subscription for {USER}/{PASSWORD} ({TOKEN})".encode()),
    "rows": sent(f"#EXTM3U\n#EXTINF:-1,{USER}\n{PASSWORD} {TOKEN} {KEY}\n".encode()),
    "denied": status(403, body=f"{USER} {PASSWORD}".encode()),
    "unknown": status(401, {"WWW-Authenticate": f'Basic realm="{USER} {KEY}"'}),
    "moved": redirect(f"file:///{USER}/{TOKEN}?{QUERY}"),
    "elsewhere": redirect(f"http://{USER}:{TOKEN}@127.0.0.1:9/{KEY}?{QUERY}"),
    "loop": redirect(f"/loop/{KEY}/list.m3u?{QUERY}"),
    "cut": cut(PLAYLIST),
    "no-http": raw(f"HTTP/1.1 {USER} {TOKEN}\r\n{KEY}: {PASSWORD}\r\n\r\n".encode()),
    "odd-header": raw(f"HTTP/1.1 200 OK\r\nETag: {TOKEN}\0{KEY}\r\n\r\n".encode()),
}
"""What may come back from a source of that name."""


SPOKEN = f"Dear {USER}, {PASSWORD} and {ENCODED} (or {ESCAPED}, {TOKEN}, {KEY}) end tomorrow"
ROWS = [
    live(1, direct_source=STREAM),
    live(2, stream_id=None, name=SPOKEN, direct_source=STREAM),
    live(3, stream_id={"odd": KEY}, name=f"{KEY} {ENCODED}"),
]


def _account(**facts: Any) -> Panel:
    """Return an account whose panel repeats the credentials wherever it can."""
    panel = Panel(USER, PASSWORD, message=SPOKEN, guide=GUIDE, **facts)
    panel.lists["get_live_streams"] = ROWS
    panel.lists["get_vod_streams"] = [film(1, direct_source=STREAM), film(2, stream_id=SPOKEN)]
    panel.lists["get_series"] = [series(1, plot=""), series(2, series_id=SPOKEN)]
    return panel


def _panels() -> dict[str, Panel]:
    """Return accounts by the names of their sources; all but the first one are in trouble."""
    refusing = f'{{"user_info": {{"auth": 0, "username": "{USER}", "message": "{SPOKEN}"}}}}'
    page = f"<html>{SPOKEN} <a href='/live/{USER}/{ENCODED}/1.ts'>here</a></html>"
    cut_off = f'[{{"name": "{SPOKEN}", "direct_source": "{STREAM}"'
    said = {
        "panel-refuses": {"": sent(refusing.encode())},
        "panel-page": {"": sent(page.encode())},
        "panel-text": {"": sent(SPOKEN.encode())},
        "panel-cut": {"get_live_streams": sent(cut_off.encode())},
        "panel-list": {"get_live_streams": sent(page.encode())},
        "panel-error": {"get_live_streams": sent(f'{{"error": "{SPOKEN}"}}'.encode())},
        "panel-full": {"get_live_streams": status(458, body=SPOKEN.encode())},
        "panel-moved": {"": redirect(f"file:///{USER}/{ENCODED}?{QUERY}")},
    }
    panels = {"panel": _account(), "panel-ended": _account(status="Expired")}
    return panels | {name: _account(says=says) for name, says in said.items()}


def _manifest(provider: Provider) -> str:
    """Declare a good source and guide, and one source for each echo."""
    lines = ["sources:", *_fetched(provider, "good", "m3u")]
    for name in ECHOES:
        lines += _fetched(provider, name, "m3u")
    lines += ["  closed:", "    kind: m3u", f"    url: http://{USER}:{KEY}@127.0.0.1:9/{TOKEN}"]
    for name in _panels():
        lines += [*_fetched(provider, name, "xtream"), *_logged_in(name)]
    lines += ["epg:", *_fetched(provider, "guide", "xmltv")]
    lines += ["proxies:", "  family: {sources: [good], epg: [guide]}"]
    lines += ["  account: {sources: [panel], epg: [panel]}"]
    lines += [f"  {name}: {{sources: [{name}]}}" for name in (*ECHOES, "closed")]
    return "\n".join(lines) + "\n"


def _fetched(provider: Provider, name: str, kind: str) -> list[str]:
    return [
        f"  {name}:",
        f"    kind: {kind}",
        f"    url: !secret {name}",
        f"    headers: {{X-Key: !secret key, X-Plain: {TOKEN}}}",
    ]


def _logged_in(name: str) -> list[str]:
    guide = ["    guide: auto"] if name == "panel" else []
    return ["    username: !secret user", "    password: !secret password", *guide]


def _secrets(provider: Provider) -> str:
    userinfo = f"{USER}:{quote(PASSWORD, safe='')}"
    lines = [f"key: {KEY}", f"user: {USER}", f"password: {PASSWORD}"]
    lines += [f"{name}: {provider.url(f'/{name}')}" for name in _panels()]
    for name in (*ECHOES, "good", "guide"):
        lines += [f"{name}: {provider.url(f'/{name}/{KEY}/list.m3u?{QUERY}', userinfo)}"]
    return "\n".join(lines) + "\n"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def _declare(folder: Folder, provider: Provider) -> None:
    folder.yaml.write_text(_manifest(provider))
    (folder.path / "secrets.yaml").write_text(_secrets(provider))
    provider.table = {f"/{name}/{KEY}/list.m3u": echo for name, echo in ECHOES.items()}
    for name, panel in _panels().items():
        provider.table |= panel.table(f"/{name}")
    provider.table[f"/good/{KEY}/list.m3u"] = sent(PLAYLIST)
    provider.table[f"/guide/{KEY}/list.m3u"] = sent(GUIDE)


def _run(folder: Folder, *arguments: str) -> str:
    """Return all that a command says; it may fail."""
    done = subprocess.run(
        folder.command(*arguments), cwd=folder.path, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def _held(folder: Folder) -> dict[str, str]:
    """Return the text of every file below DATA that is not meant to hold stream addresses."""
    files = (path for path in folder.everything() if path.is_file())
    return {
        str(path): path.read_bytes().decode("utf-8", "replace")
        for path in files
        if path.name not in HOLD_STREAMS
    }


def _pages(served: Served) -> dict[str, str]:
    """Return everything that is served besides playlists."""
    paths = ["/", "/api/v1/status", "/health", "/ready", "/no-such-thing", "/family/guide.xml"]
    paths += ["/account/guide.xml", "/api/v1/proxies/account/channels", "/api/v1/progress"]
    paths += ["/api/v1/proxies/family/channels", "/closed/playlist.m3u"]
    return {path: served.get(path).decode() for path in paths} | {"events": _events(served)}


def _events(served: Served) -> str:
    """Return what the stream of events begins with; it has no end."""
    address = f"http://127.0.0.1:{served.port}/api/v1/progress/events"
    read = b""
    with urllib.request.urlopen(address, timeout=2) as stream, contextlib.suppress(TimeoutError):
        while line := stream.readline():
            read += line
    return read.decode()


def _credentials_in(texts: dict[str, str]) -> list[str]:
    """Return which credential stands where, and after what."""
    return [
        f"{where}: …{text[max(0, text.index(one) - 60) : text.index(one)]}{one}"
        for where, text in texts.items()
        for one in CREDENTIALS
        if one in text
    ]


def test_no_credential_is_found_anywhere_but_in_the_playlist(folder: Folder) -> None:
    with in_thread(Provider()) as provider:
        _declare(folder, provider)
        with folder.serving("--log-level", "debug") as served:
            until(lambda: _all_were_tried(served))
            texts = _pages(served)
            assert "source/panel-list" in texts["/api/v1/progress"]
            assert "source/panel-list" in texts["events"]
            assert STREAM.encode() in served.get("/family/playlist.m3u")
            assert f"/live/{USER}/{ENCODED}/1001".encode() in served.get("/account/playlist.m3u")
            folder.yaml.write_text(_manifest(provider) + BROKEN)
            until(lambda: b"tvarr.yaml" in served.get("/api/v1/status"))
            texts |= {f"broken {path}": text for path, text in _pages(served).items()}
        texts["validate"] = _run(folder, "validate")
        texts["broken build"] = _run(folder, "build", "--log-level", "debug")
        _declare(folder, provider)
        texts["build"] = _run(folder, "build", "--force", "--log-level", "debug")
    assert any(KEY in request.headers.get("x-key", "") for request in provider.seen)
    texts["status"] = _run(folder, "status")
    texts["status as JSON"] = _run(folder, "status", "--json")
    texts["log"] = served.log.read_text()
    texts["ps"] = "\n".join(served.memory.arguments)
    texts["names"] = "\n".join(map(str, folder.everything()))
    assert "DEBUG" in texts["log"]
    found = _credentials_in(texts | _held(folder))
    assert not found, "\n".join(found)


def _all_were_tried(served: Served) -> bool:
    resources = served.resources()
    built = all(resources[f"proxy/{name}"]["state"] == "ready" for name in ("family", "account"))
    accounts = [name for name in _panels() if name != "panel"]
    names = [f"source/{name}" for name in (*ECHOES, *accounts, "closed")]
    return (
        built
        and resources["epg/panel"]["state"] == "ready"
        and all(resources[name]["failures"] for name in names)
    )
