"""The page about `tvarr explain` shows what the commands say."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests import explained

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("explained")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.upper().startswith("TVARR_")]:
            patch.delenv(name)
        patch.setenv("HOME", str(folder / "home"))
        patch.chdir(folder)
        explained.lay_out(folder)
        yield folder


@pytest.mark.parametrize(("command", "shown"), explained.blocks())
@pytest.mark.usefixtures("example")
def test_the_page_shows_what_the_command_says(command: str, shown: str) -> None:
    """To mend: `python -m tests.explained`."""
    assert explained.said(command) == shown


def test_the_page_has_examples() -> None:
    assert len(explained.blocks()) >= 5
