"""The request headers that a stream needs, wherever a playlist says them.

    #EXTVLCOPT:http-user-agent=VLC/3.0          (VLC, Kodi)
    #EXTHTTP:{"Origin": "https://a.example"}    (OTT Navigator, TiviMate)
    #KODIPROP:inputstream.adaptive.stream_headers=Referer=https%3A%2F%2Fa.example%2F
    http://host/stream.m3u8|User-Agent=VLC&Referer=https://a.example/    (Kodi)
    http://host/stream.m3u8|Referer="https://a.example/"|User-Agent="VLC"

Called by `tvarr.ingest.m3u` and `tvarr.ingest.rows`. Values come out decoded; what is stored goes
through `tidy`, so that nothing in it can end a header or a line of a playlist.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Header = tuple[str, str]

_NAME = r"[A-Za-z][A-Za-z0-9-]{0,63}"
_SUFFIX = re.compile(rf"\|(?={_NAME}=)")
_PART = re.compile(rf"""({_NAME})=(?:"([^"]*+)"|([^&|]*+))(?:[&|]|$)""")
_OPTION = re.compile(
    r"#EXTVLCOPT(?::|--)\s{0,8}(http-user-agent|http-referr?er)\s{0,8}=(.*)"
    r"|#KODIPROP:\s{0,8}(inputstream\.adaptive\.stream_headers)\s{0,8}=(.*)"
    r"|#EXTHTTP:\s{0,8}()(\{.*)",
    re.IGNORECASE,
)
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

ATTRIBUTES = {
    "user-agent": "User-Agent",
    "http-user-agent": "User-Agent",
    "http-referrer": "Referer",
    "http-referer": "Referer",
}
"""Attributes of #EXTINF, and options of VLC, that are a header; in lower case."""

_VLC_OPTION = {"user-agent": "http-user-agent", "referer": "http-referrer"}


def split_suffix(url: str) -> tuple[str, list[Header]]:
    """Return the URL without its header suffix, and the headers; values are percent-decoded.

    A bar that no `Name=` follows belongs to the URL. The form is that of Kodi's
    `CURL::SetProtocolOptions`; the form with quotes and several bars is that of iptv-org's lists.
    """
    suffix = _SUFFIX.search(url)
    if suffix is None:
        return url, []
    return url[: suffix.start()].rstrip(), list(_parts(url[suffix.end() :]))


def of_options(options: Iterable[str]) -> Iterator[Header]:
    """Yield the headers that option lines ask for."""
    for option in options:
        match = _OPTION.match(option)
        if match is None:
            continue
        vlc, vlc_value, kodi, kodi_value, _, json = match.groups()
        if vlc:
            yield ATTRIBUTES[vlc.lower()], vlc_value
        elif kodi:
            yield from _parts(kodi_value)
        else:
            yield from _members(json)


def as_options(headers: Iterable[Header]) -> list[str]:
    """Return option lines that ask for these headers; `of_options` reads them back."""
    options = []
    others = {}
    for name, value in headers:
        vlc = _VLC_OPTION.get(name.lower())
        if vlc:
            options.append(f"#EXTVLCOPT:{vlc}={value}")
        else:
            others[name] = value
    if others:
        options.append(f"#EXTHTTP:{orjson.dumps(others).decode()}")
    return options


def tidy(headers: Iterable[Header]) -> list[Header]:
    """Return the headers as they may be sent: each value on one line, of each name the first.

    Empty ones are left out.
    """
    first: dict[str, Header] = {}
    for name, text in headers:
        value = _BREAKS.sub(" ", text).strip()
        if value:
            first.setdefault(name.lower(), (name, value))
    return list(first.values())


def _parts(text: str) -> Iterator[Header]:
    for name, quoted, bare in _PART.findall(text):
        yield name, quoted or unquote(bare)


def _members(json: str) -> Iterator[Header]:
    try:
        members = orjson.loads(json)
    except orjson.JSONDecodeError:
        return
    for name, value in members.items():
        if re.fullmatch(_NAME, name) and isinstance(value, str | int | float):
            yield name, str(value)
