"""Credentials do not reach a log, whatever the URL looks like."""

from __future__ import annotations

import io
import logging

import pytest

from tvarr import logs


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("nothing to hide", "nothing to hide"),
        ("http://tv.example/list.m3u", "http://tv.example/list.m3u"),
        ("http://ann:s3cret@tv.example/list.m3u", "http://***@tv.example/list.m3u"),
        ("http://ann:s3:cr@et@tv.example/x", "http://***@tv.example/x"),
        ("rtsp://ann@cam.lan/1", "rtsp://***@cam.lan/1"),
        (
            "http://tv.example/get.php?username=ann&password=s3cret&type=m3u",
            "http://tv.example/get.php?username=***&password=***&type=***",
        ),
        ("http://tv.example/live/ann/s3cret/17.ts", "http://tv.example/live/***/***/17.ts"),
        ("http://tv.example:8080/ann/s3cret/17", "http://tv.example:8080/***/***/17"),
        ("https://tv.example/movie/ann/s3cret/9.mkv?t=1", "https://tv.example/movie/***/***/9.mkv?t=***"),
        (
            "https://tv.example/a?token=abc|User-Agent=x",
            "https://tv.example/a?token=***|User-Agent=x",
        ),
        (
            "two http://a:b@c/ and http://d/?e=f here",
            "two http://***@c/ and http://d/?e=*** here",
        ),
    ],
)  # fmt: skip
def test_credentials_of_every_url_in_a_text_are_hidden(text: str, shown: str) -> None:
    assert logs.redact(text) == shown


def test_redacting_twice_changes_nothing_more() -> None:
    once = logs.redact("http://ann:s3cret@tv.example/live/ann/s3cret/1.ts?token=abc")

    assert logs.redact(once) == once
    assert "s3cret" not in once


def test_a_log_record_is_redacted_even_when_its_author_forgot() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.RedactingFormatter())
    logger = logging.getLogger("tvarr.test.redaction")
    logger.propagate = False
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)

    logger.warning("fetching %s", "http://ann:s3cret@tv.example/?token=abc")

    assert stream.getvalue() == "fetching http://***@tv.example/?token=***\n"


def test_an_exceptions_text_in_a_log_is_redacted_too() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.RedactingFormatter())
    logger = logging.getLogger("tvarr.test.exceptions")
    logger.propagate = False
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)

    try:
        raise OSError("no route to http://ann:s3cret@tv.example/")
    except OSError:
        logger.exception("it broke")

    assert "s3cret" not in stream.getvalue()
    assert "OSError: no route to http://***@tv.example/" in stream.getvalue()
