from __future__ import annotations

import pytest

from tvarr.errors import Reason
from tvarr.fetch.sizes import readable_size, too_large


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0B"),
        (1000, "1000B"),
        (64 << 20, "64MiB"),
        (100_000_000, "95.37MiB"),
        (3 << 29, "1.5GiB"),
    ],
)
def test_sizes_are_written_as_in_the_yaml(size: int, text: str) -> None:
    assert readable_size(size) == text


def test_what_is_too_large_names_the_setting() -> None:
    error = too_large(64 << 20, "tv.m3u")
    assert error.reason is Reason.TOO_LARGE
    assert error.sentence.startswith("tv.m3u is larger than max_size (64MiB)")
