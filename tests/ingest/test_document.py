from __future__ import annotations

import codecs

import pytest

from tvarr.errors import Reason, Stalled, Transient
from tvarr.ingest.document import HEAD, byte_order_mark, excerpt, head_text, refuse, root_element

PLAYLIST = b'#EXTM3U\n#EXTINF:-1 tvg-id="a",A\nhttp://stream.invalid/a.ts\n'
GUIDE = b'<?xml version="1.0"?>\n<!DOCTYPE tv SYSTEM "xmltv.dtd">\n<tv><channel id="a"/></tv>'


@pytest.mark.parametrize(
    "head",
    [
        PLAYLIST,
        codecs.BOM_UTF8 + PLAYLIST,
        PLAYLIST.decode().encode("utf-16"),
        b"\r\n\r\n" + PLAYLIST,
        b"#EXTINF:-1,No header\nhttp://stream.invalid/a.ts\n",
        b"# just addresses\nrtsp://stream.invalid/a\n",
        b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n#EXTINF:-1,A\nhttp://stream.invalid/a.m3u8\n",
        b"#EXTM3U\n#EXTINF:-1,<b>A</b> {1}\nhttp://stream.invalid/a.ts\n",
    ],
)
def test_a_playlist_in_any_dress_is_accepted(head: bytes) -> None:
    refuse(head, "m3u")


@pytest.mark.parametrize(
    "head",
    [
        GUIDE,
        codecs.BOM_UTF8 + GUIDE,
        GUIDE.decode().encode("utf-16"),
        GUIDE.decode().encode("utf-16-le"),
        GUIDE.decode().encode("utf-16-be"),
        b"\n\n" + GUIDE,
        b"<tv>",
        b"<TV date='today'>",
        b"<!-- a > b --><!-- <html> --><tv/>",
        b'<!DOCTYPE tv [<!ENTITY x "<html>"> <!-- ]> -->]><tv/>',
        b"<!DOCTYPE tv SYSTEM 'http://dtd.invalid/a>b.dtd'><tv/>",
        b"<?xml version='1.0'?><?xml-stylesheet href='a'?><tv/>",
        b"<tv" + b" " * HEAD,
        b"<!--" + b"long" * HEAD,
    ],
)
def test_a_guide_in_any_dress_is_accepted(head: bytes) -> None:
    refuse(head[:HEAD], "xmltv")


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (b"", Reason.EMPTY_ANSWER),
        (b" \r\n\t\0\0", Reason.EMPTY_ANSWER),
        (codecs.BOM_UTF8, Reason.EMPTY_ANSWER),
        (codecs.BOM_UTF16_LE + b"\n\0", Reason.EMPTY_ANSWER),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", Reason.HTML_ANSWER),
        (b"\n <html lang=en>", Reason.HTML_ANSWER),
        (b'<?xml version="1.0"?><!-- x --><html xmlns="a">', Reason.HTML_ANSWER),
        (b"<br />\n<b>Warning</b>: mysql_connect()", Reason.HTML_ANSWER),
        (b'{"user_info": {"auth": 0}}', Reason.JSON_ANSWER),
        (b'[{"num": 1}]', Reason.JSON_ANSWER),
        (b"[]", Reason.JSON_ANSWER),
        (b"{}", Reason.JSON_ANSWER),
        (b"null\n", Reason.JSON_ANSWER),
    ],
)
@pytest.mark.parametrize("expect", ["m3u", "xmltv"])
def test_what_a_provider_sends_in_a_bad_hour_is_tried_again(
    head: bytes, reason: Reason, expect: str
) -> None:
    with pytest.raises(Transient) as refused:
        refuse(head, "m3u" if expect == "m3u" else "xmltv")
    assert refused.value.reason is reason


@pytest.mark.parametrize(
    "head",
    [
        b"Too many connections",
        b"<Error><Code>AccessDenied</Code></Error>",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"G@\x00\x10\x00" * 100,
    ],
)
def test_text_without_a_playlist_line_is_no_playlist(head: bytes) -> None:
    with pytest.raises(Transient) as refused:
        refuse(head, "m3u")
    assert refused.value.reason is Reason.NOT_A_PLAYLIST


@pytest.mark.parametrize(
    "head",
    [
        b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:9.9,\nseg1.ts\n",
        b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:7\n#EXTINF:9.9,\nhttp://stream.invalid/seg1.ts\n",
        b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://stream.invalid/low.m3u8\n",
    ],
)
def test_an_hls_streams_own_playlist_waits_for_another_url(head: bytes) -> None:
    with pytest.raises(Stalled) as refused:
        refuse(head, "m3u")
    assert refused.value.reason is Reason.HLS_PLAYLIST


def test_a_guide_where_a_playlist_is_declared_waits_for_an_edit() -> None:
    with pytest.raises(Stalled, match="under epg") as refused:
        refuse(GUIDE, "m3u")
    assert refused.value.reason is Reason.NOT_A_PLAYLIST


def test_a_playlist_where_a_guide_is_declared_waits_for_an_edit() -> None:
    with pytest.raises(Stalled, match="under sources") as refused:
        refuse(PLAYLIST, "xmltv")
    assert refused.value.reason is Reason.NOT_XMLTV


@pytest.mark.parametrize(
    ("head", "sentence"),
    [
        (b"<ProgramGuide><Channel/></ProgramGuide>", "<programguide> and not <tv>"),
        (b"<rss/>", "<rss>"),
        (b"just words", "not XML: just words"),
        (b'<?xml version="1.0"?>', "not XML"),
        (b"x" * HEAD, "not XML"),
    ],
)
def test_a_guide_must_have_a_tv_element(head: bytes, sentence: str) -> None:
    with pytest.raises(Transient, match=sentence) as refused:
        refuse(head, "xmltv")
    assert refused.value.reason is Reason.NOT_XMLTV


def test_the_sentence_shows_the_answers_beginning_without_credentials() -> None:
    with pytest.raises(Transient) as refused:
        refuse(b'<html>\n  <a href="http://me:secret@panel.invalid/x?token=secret">', "m3u")
    assert "secret" not in str(refused.value)
    assert "panel.invalid" in str(refused.value)


def test_an_excerpt_is_one_short_printable_line() -> None:
    assert excerpt("a\n\tb\x07c" + "d" * 500) == "a b?c" + "d" * 115


def test_a_long_secret_is_hidden_before_an_excerpt_is_cut() -> None:
    assert "s3cret" not in excerpt("x" * 90 + " http://user:" + "s3cret" * 30 + "@a.invalid/")


def test_a_byte_order_mark_tells_the_encoding() -> None:
    assert byte_order_mark(codecs.BOM_UTF32_LE + b"<\0\0\0")[1] == "utf-32-le"
    assert byte_order_mark(codecs.BOM_UTF16_LE + b"<\0")[1] == "utf-16-le"
    assert byte_order_mark(b"<tv>") == (b"", None)


def test_broken_bytes_do_not_stop_the_sniffing() -> None:
    assert head_text(b"<tv>\xff\xfe").startswith("<tv>")


def test_an_endless_prolog_is_searched_once() -> None:
    assert root_element("<!-- -->" * 8000 + "<" * 1000) is None
