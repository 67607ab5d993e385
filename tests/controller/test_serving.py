"""Where a running tvarr is reached, as other commands of its user learn it."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from tvarr.controller import serving
from tvarr.controller.serving import Served

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("listens", "asked"),
    [
        ("0.0.0.0", "127.0.0.1"),
        ("", "127.0.0.1"),
        ("::", "::1"),
        ("192.168.1.5", "192.168.1.5"),
    ],
)
def test_what_listens_everywhere_is_asked_on_loopback(
    tmp_path: Path, listens: str, asked: str
) -> None:
    serving.remember(tmp_path, listens, 8888)
    assert serving.recall(tmp_path) == Served(asked, 8888)


def test_it_is_for_its_user_s_eyes_only(tmp_path: Path) -> None:
    serving.remember(tmp_path, "0.0.0.0", 8888)
    assert stat.S_IMODE((tmp_path / serving.FILE).stat().st_mode) == 0o600


def test_a_port_that_moved_replaces_the_one_before(tmp_path: Path) -> None:
    serving.remember(tmp_path, "127.0.0.1", 8888)
    serving.remember(tmp_path, "127.0.0.1", 9999)
    assert serving.recall(tmp_path) == Served("127.0.0.1", 9999)
    assert [file.name for file in tmp_path.iterdir()] == [serving.FILE]


def test_what_is_forgotten_is_nowhere(tmp_path: Path) -> None:
    serving.remember(tmp_path, "127.0.0.1", 8888)
    serving.forget(tmp_path)
    serving.forget(tmp_path)
    assert serving.recall(tmp_path) is None


@pytest.mark.parametrize("content", ["", "[]", "{", '{"host": "a"}', '{"host": "a", "port": "x"}'])
def test_a_damaged_file_says_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / serving.FILE).write_text(content)
    assert serving.recall(tmp_path) is None


def test_a_folder_that_cannot_be_written_to_does_no_harm(tmp_path: Path) -> None:
    serving.remember(tmp_path / "missing", "127.0.0.1", 8888)
    assert serving.recall(tmp_path / "missing") is None
