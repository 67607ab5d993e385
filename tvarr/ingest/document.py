"""What a document is, judged by its first bytes, before a reader spends time on it.

Both readers (`tvarr.ingest.m3u`, `tvarr.ingest.xmltv`) call `refuse` with the head of the
decompressed document. A provider's error page, a login form, a JSON answer or a stream's own HLS
playlist ends here with its reason; reading rows and judging them is left to the readers.
"""

from __future__ import annotations

import codecs
import re
from typing import Literal

from tvarr.errors import Reason, Stalled, Transient, TvarrError
from tvarr.logs import redact

Expected = Literal["m3u", "xmltv"]

HEAD = 1 << 16
"""How many bytes of the document `refuse` wants to see."""

_EXCERPT = 120
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PROLOG = re.compile(
    r"""(?:\s
        | <\?.*?\?>
        | <!--.*?-->
        | <!DOCTYPE (?:[^\[<>"'] | "[^"]*" | '[^']*')*+
            (?:\[ (?:[^\]"'<] | "[^"]*" | '[^']*' | <!--.*?--> | <\?.*?\?> | <(?!!--|\?))*+ \]
                \s*)? >
        )*+""",
    re.DOTALL | re.VERBOSE | re.IGNORECASE,
)
_ROOT = re.compile(r"<([A-Za-z_][\w.:-]*)")
_HTML = re.compile(
    r"(?:<!--.*?-->|<\?xml.*?\?>|\s)*+"
    r"<(?:!doctype\s+html|(?:html|head|body|title|script|meta|center|h1|br|p|div)\b)",
    re.DOTALL | re.IGNORECASE,
)
_JSON = re.compile(r'\s*(?:\{\s*(?:"|\}\s*$)|\[\s*(?:[{"\[]|\]\s*$)|(?:null|true|false)\s*$)')
_HLS_MEDIA = re.compile(r"^#EXT-X-(?:TARGETDURATION|MEDIA-SEQUENCE)\s*:", re.MULTILINE)
_HLS_MASTER = re.compile(r"^#EXT-X-STREAM-INF\s*:", re.MULTILINE)
_PLAYLIST_LINE = re.compile(
    r"^\s*(?:#EXTM3U|#EXTINF|[A-Za-z][A-Za-z0-9+.-]*://)", re.MULTILINE | re.IGNORECASE
)
_EXTINF = re.compile(r"^\s*#EXTINF", re.MULTILINE | re.IGNORECASE)


def refuse(head: bytes, expect: Expected) -> None:
    """Raise if the document that begins with `head`, up to `HEAD` bytes, is not what is expected.

    `Transient` for what a provider sends in a bad hour: nothing (`EmptyAnswer`), HTML
    (`HtmlAnswer`), JSON (`JsonAnswer`), XML of another kind (`NotXmltv`), text without a playlist
    line (`NotAPlaylist`). `Stalled` for what only an edit mends: an HLS stream's own playlist
    (`HlsPlaylist`, by the tags of RFC 8216), a guide where a playlist is declared, or the reverse.
    """
    text = head_text(head)
    if not text.strip(" \t\r\n\0"):
        raise Transient(Reason.EMPTY_ANSWER, "the answer is empty")
    if _HTML.match(text):
        raise _answered(Reason.HTML_ANSWER, "a web page (HTML)", expect, text)
    if _JSON.match(text):
        raise _answered(Reason.JSON_ANSWER, "JSON", expect, text)
    if expect == "m3u":
        _refuse_playlist(text)
    else:
        _refuse_guide(text)


def refuse_web_page(text: str) -> None:
    """Raise `Transient(HtmlAnswer)` if the text that ought to be JSON is a web page."""
    if _HTML.match(text):
        raise Transient(
            Reason.HTML_ANSWER, f"JSON is expected, but this is a web page (HTML): {excerpt(text)}"
        )


def head_text(head: bytes) -> str:
    """Return `head` as text for sniffing, without a byte order mark; never fails."""
    mark, encoding = byte_order_mark(head)
    if encoding is None and b"\0" in head[:4]:
        encoding = unmarked_utf16(head)
    return head[len(mark) :].decode(encoding or "utf-8", errors="replace")


def byte_order_mark(head: bytes) -> tuple[bytes, str | None]:
    """Return the byte order mark that `head` begins with and its encoding, or `(b"", None)`."""
    return next(((mark, name) for mark, name in _BOMS if head.startswith(mark)), (b"", None))


def unmarked_utf16(head: bytes) -> str | None:
    """Return the UTF-16 form of a markup document without a mark (XML 1.0, appendix F)."""
    return {b"<\0": "utf-16-le", b"\0<": "utf-16-be", b"#\0": "utf-16-le", b"\0#": "utf-16-be"}.get(
        head[:2]
    )


def _refuse_playlist(text: str) -> None:
    is_entry_list = _EXTINF.search(text)
    if _HLS_MEDIA.search(text) or (_HLS_MASTER.search(text) and not is_entry_list):
        raise Stalled(
            Reason.HLS_PLAYLIST,
            "this is one HLS stream's own playlist, not a list of channels; "
            "give the URL of a channel list",
        )
    if root_element(text) == "tv":
        raise Stalled(
            Reason.NOT_A_PLAYLIST, "this is an XMLTV guide, not a playlist; declare it under epg"
        )
    if not _PLAYLIST_LINE.search(text):
        raise _answered(Reason.NOT_A_PLAYLIST, "something else", "m3u", text)


def _refuse_guide(text: str) -> None:
    if text.lstrip().startswith("#EXTM3U"):
        raise Stalled(
            Reason.NOT_XMLTV, "this is a playlist, not an XMLTV guide; declare it under sources"
        )
    root = root_element(text)
    if root is None and not _is_long_prolog(text):
        raise _answered(Reason.NOT_XMLTV, "something that is not XML", "xmltv", text)
    if root not in (None, "tv"):
        raise Transient(
            Reason.NOT_XMLTV, f"this is XML, but its root is <{root[:40]}> and not <tv>"
        )


def _is_long_prolog(text: str) -> bool:
    """Whether a comment or DOCTYPE is so long that the root element lies behind the head."""
    return len(text) >= HEAD // 4 and text.lstrip().startswith(("<?", "<!"))


def root_element(text: str) -> str | None:
    """Return the name of the root element in lower case; None where `text` shows no element."""
    prolog = _PROLOG.match(text)
    root = _ROOT.match(text, prolog.end() if prolog else 0)
    return root[1].lower() if root else None


def _answered(reason: Reason, what: str, expect: Expected, text: str) -> TvarrError:
    wanted = "a playlist" if expect == "m3u" else "an XMLTV guide"
    return Transient(reason, f"{wanted} is expected, but this is {what}: {excerpt(text)}")


def told(value: object) -> str:
    """Return the beginning of a value out of JSON, for a sample; one may be nested very deeply."""
    try:
        return str(value)[:200]
    except RecursionError:
        return "lists in lists"


def excerpt(text: str) -> str:
    """Return at most 120 characters of `text` on one line, redacted, for a sentence or a sample."""
    line = redact(" ".join(text[: 32 * _EXCERPT].split()))[:_EXCERPT]
    return "".join(c if c.isprintable() else "?" for c in line)
