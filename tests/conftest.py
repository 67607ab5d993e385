"""Fixtures for every test."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of real playlists and guides (`TVARR_TEST_DATA`, or beside the checkout)."""
    folder = Path(os.environ.get("TVARR_TEST_DATA", _BESIDE))
    if not (folder / "MANIFEST.csv").is_file():
        pytest.skip("the pack of real playlists and guides is not on this machine")
    return folder
