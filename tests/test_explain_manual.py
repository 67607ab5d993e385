"""Pages that show `tvarr explain` show what the commands say."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests import explained

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module", params=explained.EXAMPLES, ids=lambda each: each.page.stem)
def example(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[explained.Example]:
    """Have the example of a page laid out in the folder that is worked in."""
    folder = tmp_path_factory.mktemp("explained")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.upper().startswith("TVARR_")]:
            patch.delenv(name)
        patch.setenv("HOME", str(folder / "home"))
        patch.chdir(folder)
        explained.lay_out(folder, request.param)
        yield request.param


def test_the_page_shows_what_the_commands_say(example: explained.Example) -> None:
    """To mend: `python -m tests.explained`."""
    for command, shown in explained.blocks(example):
        assert explained.said(command) == shown


def test_the_pages_have_examples() -> None:
    assert [len(explained.blocks(example)) for example in explained.EXAMPLES] == [5, 2]
