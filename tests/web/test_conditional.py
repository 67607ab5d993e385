from __future__ import annotations

from datetime import UTC, datetime

import pytest
from aiohttp.test_utils import make_mocked_request

from tvarr.web.conditional import precondition, wanted_bytes

MODIFIED = datetime(2026, 8, 22, 18, 30, tzinfo=UTC)
SAME = "Sat, 22 Aug 2026 18:30:00 GMT"
BEFORE = "Sat, 22 Aug 2026 18:29:59 GMT"
AFTER = "Sat, 22 Aug 2026 18:30:01 GMT"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, None),
        ({"If-None-Match": '"r1"'}, 304),
        ({"If-None-Match": 'W/"r1"'}, 304),
        ({"If-None-Match": '"r0", W/"r1" , "r2"'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"r0"'}, None),
        ({"If-None-Match": '"R1"'}, None),
        ({"If-None-Match": "r1"}, None),
        ({"If-Modified-Since": SAME}, 304),
        ({"If-Modified-Since": AFTER}, 304),
        ({"If-Modified-Since": BEFORE}, None),
        ({"If-Modified-Since": "yesterday"}, None),
        ({"If-Modified-Since": "Fri, 31 Dec 99999 23:59:59 GMT"}, None),
        ({"If-None-Match": '"r0"', "If-Modified-Since": SAME}, None),
        ({"If-None-Match": '"r1"', "If-Modified-Since": BEFORE}, 304),
        ({"If-Match": '"r1"'}, None),
        ({"If-Match": "*"}, None),
        ({"If-Match": 'W/"r1"'}, 412),
        ({"If-Match": '"r0"'}, 412),
        ({"If-Match": '"r1"', "If-None-Match": '"r1"'}, 304),
        ({"If-Unmodified-Since": BEFORE}, 412),
        ({"If-Unmodified-Since": SAME}, None),
        ({"If-Match": '"r1"', "If-Unmodified-Since": BEFORE}, None),
    ],
)
def test_conditions_are_weighed_in_the_order_of_the_rfc(
    headers: dict[str, str], status: int | None
) -> None:
    request = make_mocked_request("GET", "/", headers)
    assert precondition(request, "r1", MODIFIED) == status


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-", range(100)),
        ("bytes=0-0", range(1)),
        ("bytes=10-19", range(10, 20)),
        ("Bytes=10-19", range(10, 20)),
        ("bytes=90-1000", range(90, 100)),
        ("bytes=-10", range(90, 100)),
        ("bytes=-1000", range(100)),
        ("bytes=99-", range(99, 100)),
    ],
)
def test_one_range_of_bytes_is_granted(header: str, part: range) -> None:
    assert wanted_bytes(make_mocked_request("GET", "/", {"Range": header}), "r1", 100) == part


@pytest.mark.parametrize(
    "header", ["bytes=100-", "bytes=100-200", "bytes=-0", f"bytes={'9' * 18}-"]
)
def test_a_range_behind_the_end_cannot_be_satisfied(header: str) -> None:
    part = wanted_bytes(make_mocked_request("GET", "/", {"Range": header}), "r1", 100)
    assert part is not None
    assert not part


@pytest.mark.parametrize(
    "header",
    [
        "bytes=0-1,5-6",
        "bytes=20-10",
        "bytes=-",
        "bytes=a-b",
        "bytes=0-1x",
        "items=0-1",
        "bytes 0-1",
        "bytes=\u0660-\u0661",
        f"bytes={'9' * 5000}-",
        "",
    ],
)
def test_other_ranges_are_ignored(header: str) -> None:
    assert wanted_bytes(make_mocked_request("GET", "/", {"Range": header}), "r1", 100) is None


@pytest.mark.parametrize(
    ("if_range", "granted"),
    [('"r1"', True), (' "r1" ', True), ('W/"r1"', False), ('"r0"', False), (SAME, False)],
)
def test_if_range_wants_the_very_same_etag(if_range: str, granted: bool) -> None:
    headers = {"Range": "bytes=0-9", "If-Range": if_range}
    part = wanted_bytes(make_mocked_request("GET", "/", headers), "r1", 100)
    assert part == (range(10) if granted else None)


def test_only_get_has_ranges() -> None:
    assert wanted_bytes(make_mocked_request("HEAD", "/", {"Range": "bytes=0-9"}), "r1", 100) is None
