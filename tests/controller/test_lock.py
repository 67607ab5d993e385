"""One tvarr a data folder."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tvarr.controller.lock import locked
from tvarr.errors import CannotStartError

if TYPE_CHECKING:
    from pathlib import Path

_HOLD = """
import sys, time
from pathlib import Path
from tvarr.controller.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_second_one_is_told_in_a_sentence(tmp_path: Path) -> None:
    sentence = "another tvarr is at work"
    with locked(tmp_path), pytest.raises(CannotStartError, match=sentence), locked(tmp_path):
        pytest.fail("it was let in")


def test_afterwards_the_folder_is_free(tmp_path: Path) -> None:
    with locked(tmp_path):
        pass
    with locked(tmp_path):
        pass


def test_another_process_is_kept_out_and_a_kill_sets_the_folder_free(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path)], stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(CannotStartError), locked(tmp_path):
            pytest.fail("it was let in")
        holder.kill()
    with locked(tmp_path):
        pass


def test_it_loads_nothing_heavy() -> None:
    code = (
        "import sys, tvarr.controller.lock, tvarr.controller.fingerprint\n"
        "heavy = {'polars', 'aiohttp', 'pydantic', 'rich', 'orjson', 'asyncio', 'typer'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
