"""Addresses and what is sent along: texts of the YAML that may hold credentials.

Used by `tvarr.spec.source`, `tvarr.spec.server` and `tvarr.spec.sentences`. No error raised here
holds its value: a mistyped address may have a password where nothing would find it.
"""

from __future__ import annotations

import re
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr, WithJsonSchema

from tvarr.spec.declared import refuse, sentence, shorten, unseen

_URL_RULE = "an address begins with http:// or https://; a file is file:///path or a plain path"
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")


def check_url(url: str) -> str:
    """Return the address of a playlist or guide: http, https, file: or a path, stripped.

    Raises:
        PydanticCustomError: it is none of these. The address itself is not in the message, since
            a mistyped one may hold a password where nothing would find it.
    """
    url = url.strip()
    scheme = _SCHEME.match(url)
    if not url or not url.isprintable():
        raise unseen(f"this is not an address; {_URL_RULE}")
    if scheme is None:
        return url
    match scheme[1].lower():
        case "http" | "https":
            _check_host(url)
        case "file":
            _check_file_url(url)
        case other if url[scheme.end() :].startswith("//"):
            text = f"nothing can be fetched from {shorten(other, 20)}: addresses; {_URL_RULE}"
            refuse([sentence((), text, _URL_RULE)])
        case _:
            raise unseen(f"this is not an address; {_URL_RULE}")
    return url


def _check_host(url: str) -> None:
    try:
        parts = urlsplit(url)
        complete = bool(parts.hostname) and parts.port != 0 and " " not in parts.netloc
    except ValueError:
        complete = False
    if not complete:
        raise unseen("this address has no proper host; write http://host/path or http://host:port/")


def _check_file_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost") or not parts.path:
        raise unseen("a file is written file:///the/whole/path, or as a plain path")


def check_panel_url(url: SecretStr) -> SecretStr:
    """Return the address of a panel; raises `PydanticCustomError` where it is no web address."""
    if not re.match(r"(?i)https?://", url.get_secret_value()):
        raise unseen("a panel's address begins with http:// or https://")
    return url


def check_base_url(url: str) -> str:
    """Return the address under which players reach the server, without a slash at its end.

    Raises:
        PydanticCustomError: it is not http or https, or has more than a host, a port and a path.
    """
    url = url.strip().rstrip("/")
    if not re.match(r"(?i)https?://", url):
        raise unseen("write it like http://192.168.1.10:8888 or https://tv.example.org")
    _check_host(url)
    parts = urlsplit(url)
    if parts.query or parts.fragment or parts.username or not url.isprintable():
        raise unseen(
            "only a host, a port and a path are possible here, like http://nas.lan:8888/tv"
        )
    return url


def check_picture_url(url: str) -> str:
    """Return the address of a picture, which players fetch: http or https, stripped.

    Raises:
        PydanticCustomError: it is none of these.
    """
    url = url.strip()
    if not re.match(r"(?i)https?://", url) or not url.isprintable():
        raise unseen("the address of a picture begins with http:// or https://")
    _check_host(url)
    return url


def _one_address(value: Any) -> Any:
    if isinstance(value, list | tuple):
        raise unseen("one address is needed here; several are written `urls: [ADDRESS, …]`")
    return _secret_text(value)


def check_logo(url: str) -> str:
    """Return the address of a picture that tvarr may have, http, https, file: or a path, stripped.

    Raises:
        PydanticCustomError: it is none of these.
    """
    return check_picture_url(url) if re.match(r"(?i) *https?:", url) else check_url(url)


def _secret_text(value: Any) -> Any:
    if isinstance(value, str | SecretStr):
        return value
    raise unseen("a text is needed here; put it in quotes")


def _check_header(value: SecretStr) -> SecretStr:
    if value.get_secret_value().isprintable() and len(value.get_secret_value()) <= 8192:
        return value
    raise unseen("a header's value is one line of at most 8192 characters")


def _check_filled(value: SecretStr) -> SecretStr:
    if value.get_secret_value():
        return value
    raise unseen("this is an empty text; the provider gave you one, which belongs here")


def _check_header_name(name: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", name):
        return name
    raise unseen("a header's name has letters, digits and - only, like X-Token")


def _check_line(text: str) -> str:
    if text.isprintable() and 0 < len(text) <= 1000:
        return text
    raise ValueError("one line of text is needed here, of at most 1000 characters")


_SECRET_SCHEMA = WithJsonSchema({"type": "string"})

Url = Annotated[
    SecretStr,
    BeforeValidator(_one_address),
    AfterValidator(lambda url: SecretStr(check_url(url.get_secret_value()))),
    _SECRET_SCHEMA,
]
"""The address of a playlist or guide, which may hold credentials."""

PanelUrl = Annotated[Url, AfterValidator(check_panel_url)]
"""The address of a panel, which may hold credentials."""

BaseUrl = Annotated[str, AfterValidator(check_base_url)]

HeaderName = Annotated[str, AfterValidator(_check_header_name)]
HeaderValue = Annotated[
    SecretStr, BeforeValidator(_secret_text), AfterValidator(_check_header), _SECRET_SCHEMA
]
Line = Annotated[str, AfterValidator(_check_line)]
"""A text of one line."""


def _check_stream(url: SecretStr) -> SecretStr:
    text = url.get_secret_value().strip()
    scheme = _SCHEME.match(text)
    if scheme is None or scheme[1].lower() not in STREAMS or not text.isprintable():
        raise unseen(f"the address of a stream begins with {'://, '.join(STREAMS)}://")
    return SecretStr(text)


def _check_host_url(address: str) -> str:
    """Return `http://host:port` for what may be written without the scheme.

    A page of a tuner that was pasted from a browser does no harm.
    """
    text = address.strip()
    text = text if "://" in text else f"http://{text}"
    if not re.match(r"(?i)https?://", text) or not text.isprintable():
        raise unseen("write a host like 192.168.1.20 or tuner.lan, with a port if it is not 80")
    _check_host(text)
    parts = urlsplit(text)
    if parts.query or parts.fragment or parts.username is not None:
        raise unseen("only a host, a port and a path are possible here, like 192.168.1.20:8080")
    return _TUNER_PAGES.sub("", text)


_TUNER_PAGES = re.compile(r"(?i)/*(?:/(?:discover\.json|lineup\.(?:json|xml|m3u|html)))?/*$")
"""The slash at the end, with the documents of a tuner that people paste behind the host."""

STREAMS = ("http", "https", "rtsp", "rtsps", "rtp", "udp", "srt", "rtmp", "rtmps", "mms")
"""Schemes of streams that can be declared; none of them opens anything of this machine."""

StreamUrl = Annotated[
    SecretStr, BeforeValidator(_secret_text), AfterValidator(_check_stream), _SECRET_SCHEMA
]
"""The address of a stream, which may hold credentials."""

SecretLine = Annotated[
    SecretStr,
    BeforeValidator(_secret_text),
    AfterValidator(_check_header),
    AfterValidator(_check_filled),
    _SECRET_SCHEMA,
]
"""A user, a password or another secret of one line."""

PictureUrl = Annotated[str, AfterValidator(check_picture_url)]
HostUrl = Annotated[str, AfterValidator(_check_host_url)]
"""The address of a device: read as `http://host:port`, written with or without the scheme."""
